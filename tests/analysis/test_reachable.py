"""What no page, command or export reaches is part of the documented interface, or it goes."""

from __future__ import annotations

from tests import reachable


def test_a_module_that_nothing_reaches_is_documented():
    assert set(reachable.unreached()) <= reachable.documented()


def test_a_function_that_nothing_names_is_documented():
    there = reachable.shown()
    assert [
        f"{module}.{name}" for module, name, _ in reachable.unused() if (module, name) not in there
    ] == []


def test_the_search_finds_what_is_imported_by_two_functions_under_one_name_and_what_downloads_name():
    seen = reachable.reached()
    assert {
        "analysis.wanted.command",
        "analysis.editions.command",
        "analysis.export.findings_sheets",
    } <= seen
    assert "analysis.synthesis.blup" not in seen
