"""Columns that explain differences: numbers, words, numbers as groups; what cannot be fitted says why."""

from __future__ import annotations

import json

import pytest

from analysis import __main__ as command_line
from analysis.reading import open_file
from analysis.reading.mapping import Choices, WrongChoice
from analysis.review.fitted import CannotFit, Options
from analysis.review.models import fit
from analysis.review.opening import studies_of
from tests.reference.review_cases import BCG, EFFECTS, SEVERAL


def read(text: str, *mods: str, measure: str = ""):
    return studies_of(open_file("t.csv", text.encode()), Choices(measure=measure, mods=mods)).studies


def with_column(values: str) -> str:
    rows = EFFECTS.strip().split("\n")
    return "\n".join(f"{row};{v}" for row, v in zip(rows, ["more", *values.split()], strict=True)) + "\n"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("1 2 3 4 5 6 7 8 9", 9),
        ("1,5 2,5 NR 4 5 - 7 8 9", 7),  # a missing number leaves its study out
        ("45% 50% 61% 70% 30% 20% 55% 44% 48%", 9),
        ("none x none x NR none x none x", 8),  # "none" and "x" are groups
    ],
)
def test_which_studies_have_a_value(values, expected) -> None:
    studies = read(with_column(values), "more")
    assert fit(studies, Options()).first.fields["k"] == expected


def test_one_odd_cell_makes_words_of_a_column_and_says_so() -> None:
    studies = read(with_column("1 2 ca.3 1 2 1 2 1 2"), "more")
    assert "more is taken as words, for “ca.3” is no number" in studies.warnings
    assert [g.name for g in fit(studies, Options()).groups[0].found.groups] == ["1", "2", "ca.3"]


def test_numbers_are_groups_where_the_reader_says_so_and_each_column_of_words_has_its_groups() -> None:
    text = with_column("1 1 1 2 2 2 3 3 3")
    assert fit(read(text, "more"), Options()).groups == ()
    (groups,) = fit(read(text, "factor(more)"), Options()).groups
    assert [(g.name, g.k) for g in groups.found.groups] == [("1", 3), ("2", 3), ("3", 3)]
    both = fit(read(EFFECTS, "kind", "risk of bias"), Options())
    assert [g.column for g in both.groups] == ["kind", "risk of bias"]
    assert both.groups[1].r[0].startswith('rma(yi, vi, subset=(`risk of bias` == "high"), data=dat')


@pytest.mark.parametrize(
    ("text", "mods", "model", "said"),
    [
        (with_column("3 3 3 3 3 3 3 3 3"), ("more",), "iv", "more is 3 in every one of the 9 studies"),
        (with_column("x x x x x x x x x"), ("more",), "iv", "more is x in every one of the 9 studies"),
        (with_column("a b c d e f g h i"), ("more",), "iv", "make 9 coefficients: 9 studies"),
        (with_column("NR NR NR NR NR NR NR NR NR"), ("more",), "iv", "no study has a value in more"),
        (with_column("40 44 80 30 60 25 62 41 50"), ("more", "arm size"), "iv",
         "say the same twice; leave out, or change, arm"),
        (SEVERAL.replace(",x", ",1").replace(",y", ",1"), ("type",), "iv", "type is 1 in every"),
        (EFFECTS, ("dose",), "selection", "the selection model takes no moderators: inverse variance and"),
        (EFFECTS, ("dose",), "bayes", "the Bayesian model takes no moderators"),
        (BCG, ("alloc",), "mh", "Mantel-Haenszel takes no moderators"),
        (EFFECTS[: EFFECTS.index("B;")], ("dose",), "iv", "in the only study"),
    ],
)  # fmt: skip
def test_what_cannot_explain_is_refused_in_words(text, mods, model, said) -> None:
    with pytest.raises(CannotFit, match=said.replace("(", r"\(")):
        fit(read(text, *mods), Options(model=model))


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(WrongChoice, match=r"mods factor\(zz\): no such column; the file has study, yi"):
        read(EFFECTS, "factor(zz)")


def test_p_values_by_rearranging_stand_in_for_those_of_the_regression() -> None:
    studies = read(EFFECTS, "dose")
    usual, rearranged = fit(studies, Options()).first, fit(studies, Options(model="permutation")).first
    at = usual.fields["coefficients"][1], rearranged.fields["coefficients"][1]
    assert at[0]["estimate"] == at[1]["estimate"]
    assert 0 < abs(at[0]["p_value"] - at[1]["p_value"]) < 0.1
    assert rearranged.r.startswith("permutest(rma(yi, vi, mods = ~ dose")


def test_the_command_prints_the_test_the_groups_and_their_difference(tmp_path, capsys) -> None:
    file = tmp_path / "bcg.csv"
    file.write_text(BCG, encoding="utf-8")
    assert command_line.main(["pool", str(file), "--measure", "RR", "--mods", "alloc"]) == 0
    text = capsys.readouterr().out
    assert "Test of moderators    F 0.88 on 2 and 10 df, P 0.4432" in text
    assert "Groups by alloc, each pooled apart:\n  alternate: 0.5823 [0.0163, 20.8488], k = 2" in text
    assert "Test of difference: Q 1.85 on 2 df, P 0.3968" in text
    assert command_line.main(["pool", str(file), "--measure", "RR", "--mods", "alloc", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [g["k"] for g in found["groups"][0]["groups"]] == [2, 7, 4]
    assert found["groups"][0]["difference"]["df"] == 2
