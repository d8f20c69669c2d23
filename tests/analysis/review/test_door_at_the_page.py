"""Every kind of file at the page as well: the same roles, columns to choose from, and rows of our tables or none."""

from __future__ import annotations

import base64

import pytest

from analysis.evidence.own import OWN_TABLES
from analysis.reading import Unreadable, open_file
from analysis.reading.mapping import mapped
from analysis.review.opening import studies_of
from analysis.upload.flat import Settings
from dashboard.components import own_file
from tests.analysis.review import (
    test_door_further,
    test_door_kinds,
    test_door_layouts,
    test_door_patients,
    test_door_programs,
    test_door_second_round,
)

KINDS = {
    f"{module.__name__.rpartition('_')[2]}: {kind}": content
    for module in (
        test_door_kinds,
        test_door_layouts,
        test_door_patients,
        test_door_programs,
        test_door_further,
        test_door_second_round,
    )
    for kind, (content, *_) in module.KINDS.items()
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_reads_what_the_command_reads(kind):
    url = "data:;base64," + base64.b64encode(KINDS[kind]).decode()
    try:
        brought = own_file.brought(url, "mine.csv")
    except Unreadable:
        with pytest.raises(Unreadable):
            open_file("mine.csv", KINDS[kind])
        return
    picked = own_file.picked_of(brought)
    studies = studies_of(brought.opened, picked.choices).studies
    if picked.table is None:
        assert studies.questions
        return
    roles = mapped(picked.table, picked.choices).roles
    assert dict(zip(picked.table.columns, roles, strict=True)) == studies.roles
    assert own_file.columns_panel(picked.table, picked.choices)
    rows = own_file.candidate(brought, picked.choices, Settings()).rows
    assert {row.table for row in rows} <= set(OWN_TABLES)
