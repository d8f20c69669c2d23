"""The views of robustness at the shell: every view, as text and as JSON; one that fails leaves the others."""

from __future__ import annotations

import json

import pytest

from analysis.__main__ import main
from analysis.robustness_views.registry import VIEWS, ViewSpec
from analysis.robustness_views.view import Panel, View

PANEL = Panel(
    "numbers", "All of them", None, "Two.", ("Name", "Value"), (("a", "1"), ("bcd", "22"))
)


@pytest.fixture
def views(monkeypatch):
    """Two views: one that answers, one that fails."""

    def good(question, evidence, *, narrow=False, progress=None):
        progress(1, 2, "half of it")
        return View(
            "good", f"Asked at {question.time}.", ("More.",), ("Few.",), (PANEL,), {"k": len(evidence.studies)}
        )  # fmt: skip

    def bad(question, evidence, *, narrow=False, progress=None):
        raise ZeroDivisionError("of a test")

    monkeypatch.setitem(VIEWS, "good", ViewSpec("Good", "?", good))
    monkeypatch.setitem(VIEWS, "bad", ViewSpec("Bad", "?", bad))
    for key in list(VIEWS):
        if key not in ("good", "bad"):
            monkeypatch.delitem(VIEWS, key)


def test_a_view_is_printed_with_finding_caution_sentence_table_and_time(views, capsys):
    assert main(["robustness", "--view", "good", "--time", "12m"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "/robustness?v=1&time=12m"
    assert lines[3:8] == ["Good", "----", "Asked at 12m.", "! Few.", "More."]
    assert lines[9:13] == ["All of them", "  Name  Value", "  a     1", "  bcd   22"]
    assert lines[-1].startswith("Time taken: 0.")


def test_json_is_one_object_with_the_facts(views, capsys):
    assert main(["robustness", "--view", "good", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["query"] == "v=1"
    assert printed["views"]["good"]["facts"]["k"] > 100
    assert printed["views"]["good"]["finding"] == "Asked at 1m."


def test_a_view_that_fails_is_named_and_leaves_the_others(views, capsys):
    assert main(["robustness"]) == 1
    printed = capsys.readouterr()
    assert "Asked at 1m." in printed.out
    assert "bad: could not be worked out (ZeroDivisionError: of a test)" in printed.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--view", "palmistry"], "view: found 'palmistry', allowed: all, "),
        (["--time", "noon"], "time: found 'noon', allowed: "),
    ],
)
def test_what_is_not_understood_is_said_and_nothing_is_worked_out(options, said, capsys):
    assert main(["robustness", *options]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
