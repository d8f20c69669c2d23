# ruff: noqa: E501 - lines of the formats as they are
"""Files made to hurt: bombs, entities, lies about sizes, databases that are none."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import pytest

from analysis.reading import Limits, Unreadable, open_file
from tests.analysis.reading import builders as b

ODS = "application/vnd.oasis.opendocument.spreadsheet"
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><COCHRANE_REVIEW>&b;</COCHRANE_REVIEW>"""
FETCHES = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><COCHRANE_REVIEW><TITLE>&a;</TITLE></COCHRANE_REVIEW>"""


def refused(name: str, content: bytes, words: str, limits: Limits | None = None) -> None:
    """Refused in words, within seconds and a bounded memory."""
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(Unreadable, match=words):
        open_file(name, content, *([limits] if limits else []))
    took, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 20
    assert peak < 400_000_000


def ods(body: str) -> bytes:
    names = "office table text style"
    spaces = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names.split()
    )
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    return b.as_zip({"mimetype": ODS, "content.xml": content})


@pytest.mark.parametrize("content", [LAUGHS, FETCHES, LAUGHS.decode().encode("utf-16")])
def test_a_review_that_defines_entities_is_refused(content):
    refused("a.rm5", content, "document type")


def test_a_workbook_or_spreadsheet_that_defines_entities_is_refused():
    parts = {
        name: zipfile.ZipFile(__import__("io").BytesIO(b.xlsx())).read(name)
        for name in ("xl/workbook.xml",)
    }
    sheet = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    refused("a.xlsx", b.as_zip(parts | {"xl/worksheets/sheet1.xml": sheet}), "document type")
    refused("a.ods", b.as_zip({"mimetype": ODS, "content.xml": LAUGHS}), "document type")


def test_a_bomb_is_refused_before_it_is_unpacked():
    zeros = b"0," * 20_000_000
    refused("a.zip", b.as_zip({"a.csv": zeros}), "unpacks to")
    refused("a.xlsx", b.as_zip({"xl/workbook.xml": zeros}), "unpacks to")


def test_an_archive_that_lies_about_sizes_is_cut_off():
    content = bytearray(b.as_zip({"a.csv": b"0," * 20_000_000}))
    at = content.find(b"PK\x01\x02") + 24  # the unpacked size in the directory
    content[at : at + 4] = (100).to_bytes(4, "little")
    refused("a.zip", bytes(content), "unpacks to|damaged archive")


def test_an_archive_of_very_many_files_is_refused():
    refused("a.zip", b.as_zip({f"{i}.csv": b"a" for i in range(1_001)}), "1,001 files")


def test_sheets_of_millions_of_cells_are_refused_quickly():
    refused("a.csv", b"study,yi\n" + b"A,1\n" * 30_000, "rows")
    refused("a.csv", b"study," + b"x," * 400 + b"\n" + b"1," * 400 + b"\n", "columns")
    refused(
        "a.csv",
        b",".join([b"a"] * 200) + b"\n" + (b",".join([b"1"] * 200) + b"\n") * 6_000,
        "cells",
    )
    wide = '<table:table table:name="s"><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/></table:table-row></table:table>'
    refused("a.ods", ods(wide), "columns|rows|cells")


def test_a_spreadsheet_that_repeats_its_empty_end_is_read():
    body = (
        '<table:table table:name="s">'
        + "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{c}</text:p></table:table-cell>'
                for c in row
            )
            + '<table:table-cell table:number-columns-repeated="16380"/></table:table-row>'
            for row in (("study", "yi"), ("A", "1"), ("B", "2"))
        )
        + '<table:table-row table:number-rows-repeated="1048573"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
    )
    assert len(open_file("a.ods", ods(body)).tables[0].rows) == 2


def test_a_worksheet_that_lies_about_its_place_is_refused():
    source = zipfile.ZipFile(io.BytesIO(b.xlsx()))
    parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    for far, words in ((b"1048576", "rows"), (b"999999999999", "rows|damaged")):
        moved = sheet.replace(b'r="4"', b'r="%b"' % far).replace(b'4"', b'%b"' % far)
        refused("a.xlsx", b.as_zip(parts | {"xl/worksheets/sheet1.xml": moved}), words)
    aside = sheet.replace(b'r="F4"', b'r="XFD4"')
    refused("a.xlsx", b.as_zip(parts | {"xl/worksheets/sheet1.xml": aside}), "columns")


def test_very_many_styles_are_refused_before_they_are_read():
    source = zipfile.ZipFile(io.BytesIO(b.xlsx()))
    parts = {name: source.read(name) for name in source.namelist()}
    many = b"".join(b'<xf numFmtId="%d"/>' % i for i in range(450_000))
    styles = parts["xl/styles.xml"].replace(b"</cellXfs>", many + b"</cellXfs>")
    refused("a.xlsx", b.as_zip(parts | {"xl/styles.xml": styles}), "more styles or texts")


def test_very_many_merged_cells_do_not_take_long():
    merged = "".join(f'<mergeCell ref="A2:A{1048576 - i}"/>' for i in range(9_000))
    source = zipfile.ZipFile(
        io.BytesIO(b.xlsx([["study", "yi"], *[[f"s{i}", i] for i in range(1_000)]]))
    )
    parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + merged.encode() + b"</mergeCells>"
    )
    content = b.as_zip(parts | {"xl/worksheets/sheet1.xml": sheet})
    start = time.perf_counter()
    open_file("a.xlsx", content)
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    "database",
    [
        b"",
        b"no database",
        b"SQLite format 3\0" + b"\0" * 4_000,
        b.sqlite()[:3_000],
        b.sqlite()[:-2_000],
    ],
)
def test_a_database_that_is_none_is_refused(database):
    refused("a.jasp", b.jasp(database), "JASP")


def test_a_database_cannot_make_us_run_anything():
    for statements in (
        ["DROP TABLE DataSet_1", "CREATE VIEW DataSet_1 AS SELECT 1 AS rowNumber"],
        [
            "DROP TABLE Columns",
            "CREATE VIEW Columns AS SELECT 1 AS id, load_extension('x') AS name",
        ],
    ):
        refused("a.jasp", b.jasp(b.sqlite(statements)), "JASP")


def test_a_column_that_is_computed_without_end_is_cut_off():
    endless = "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    statements = [
        endless,
        "DROP TABLE Labels",
        "CREATE VIEW Labels AS SELECT x AS columnId, x AS value, '' AS label FROM v",
    ]
    assert len(open_file("a.jasp", b.jasp(b.sqlite(statements))).tables[0].rows) == 3


def test_binary_data_that_end_too_early_are_refused():
    source = zipfile.ZipFile(io.BytesIO(b.old_jasp()))
    parts = {name: source.read(name) for name in source.namelist()}
    refused("a.jasp", b.as_zip(parts | {"data.bin": parts["data.bin"][:-1]}), "end too early")
    huge = parts["metadata.json"].replace(b'"rowCount": 3', b'"rowCount": 2000000000')
    refused("a.jasp", b.as_zip(parts | {"metadata.json": huge}), "rows")
    refused("a.jasp", b.as_zip(parts | {"metadata.json": b"[" * 100_000}), "damaged")


def test_deep_xml_is_refused():
    refused("a.rm5", b"<COCHRANE_REVIEW>" * 100_000, "damaged RevMan 5")


def test_a_file_over_the_limit_is_refused_by_its_size():
    refused("a.csv", b"a" * 11_000_000, "11.0 MB")


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.xls", "a.jasp", "a.rm5", "a.dta", "a.zip"])
def test_nothing_is_left_on_disk(name, tmp_path, monkeypatch):
    made = {
        "a.xlsx": b.xlsx, "a.ods": (b.FILES / "studies.ods").read_bytes, "a.jasp": b.jasp, "a.rm5": b.rm5,
        "a.xls": (b.FILES / "studies.xls").read_bytes, "a.dta": b.stata, "a.zip": b.data_package,
    }  # fmt: skip
    content = made[name]()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    open_file(name, content)
    assert list(tmp_path.iterdir()) == []


def test_a_member_without_a_name_is_passed_over():
    content = bytearray(b.as_zip({"x": b"", "a.csv": b.metafor_csv()}))
    listed = content.find(b"PK\x01\x02")
    content[listed + 28] = 0  # the length of the first name in the directory
    del content[listed + 46]
    end = content.rfind(b"PK\x05\x06") + 12
    content[end : end + 4] = (int.from_bytes(content[end : end + 4], "little") - 1).to_bytes(
        4, "little"
    )
    refused("a.zip", bytes(content).replace(b"a.csv", b"a.xyz"), "an archive that holds a.xyz")


def test_names_that_are_none_are_refused_in_words():
    """Inputs that fuzzing found: a brace in the name of a namespace, a column name that is no text."""
    source = zipfile.ZipFile(io.BytesIO(b.xlsx()))
    parts = {name: source.read(name) for name in source.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace(b"openxmlform", b"openxml}orm")
    refused("a.xlsx", b.as_zip(parts | {"xl/worksheets/sheet1.xml": sheet}), "damaged workbook")
    spread = zipfile.ZipFile(io.BytesIO((b.FILES / "studies.ods").read_bytes()))
    parts = {name: spread.read(name) for name in spread.namelist()}
    content = parts["content.xml"].replace(
        b"urn:oasis:names:tc:opendocument:xmlns:office", b"urn:oasis:na}es:office"
    )
    refused(
        "a.ods",
        b.as_zip(parts | {"content.xml": content}),
        "damaged spreadsheet|without any filled sheet",
    )
    refused(
        "a.jasp", b.jasp(b.sqlite().replace(b"originalValueJson", b"originalVal\xe1eJson")), "JASP"
    )


def test_a_fault_of_a_reader_is_a_refusal_in_words(monkeypatch):
    monkeypatch.setattr("analysis.reading.open.open_text", lambda *_: {}["nothing"])
    refused(
        "a.csv", b"study,yi\nA,1\n", r"a damaged file, .* \(KeyError\); .* save the table as CSV"
    )
