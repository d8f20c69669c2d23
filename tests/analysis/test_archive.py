"""Workbooks and slides carry no time: the same content is the same file, whenever it was made."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import load_workbook

from analysis.archive import EPOCH, undated
from analysis.upload.write import template_xlsx
from analysis.wanted.template import to_xlsx


def dated() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (2026, 1, 2, 3, 4, 6)), "text")
        core = '<x><dcterms:created xsi:type="w">2026-01-02</dcterms:created><title>t</title></x>'
        archive.writestr("docProps/core.xml", core)
    return packed.getvalue()


@pytest.mark.parametrize("make", [lambda: undated(dated()), template_xlsx, lambda: to_xlsx([])])
def test_an_archive_has_no_time(make):
    with zipfile.ZipFile(io.BytesIO(make())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {EPOCH}
        assert b"dcterms:" not in archive.read("docProps/core.xml")


def test_the_rest_stays():
    with zipfile.ZipFile(io.BytesIO(undated(dated()))) as archive:
        assert archive.read("a.txt") == b"text"
        assert archive.read("docProps/core.xml") == b"<x><title>t</title></x>"
    assert load_workbook(io.BytesIO(template_xlsx())).sheetnames[0] == "studies-flat"
