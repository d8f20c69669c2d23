"""A review of another topic is laid beside its published answer: the BCG trials, spelt as reviews spell them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from analysis import Question, answer, load_evidence
from analysis.evidence import Evidence
from analysis.evidence.load import DATA
from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.opening import picked
from analysis.review.rows import decide
from analysis.topic import load_topic, use
from analysis.upload.flat import Settings, read_flat
from analysis.wanted.beside import (
    CONTESTED,
    NAME_AND_FIGURES,
    NAME_AND_YEAR,
    OTHER_NAME,
    lay_beside,
)
from dashboard.components.own_beside import beside_parts

BCG = Path(__file__).with_name("bcg")

SPELT = [
    # in the file, year there, the trial whose figures it has, what it is by itself, and by what
    ("Aronson", "1948", "aronson-1948", "aronson-1948", NAME_AND_FIGURES),
    ("Ferguson & Simes 1949", "", "ferguson-1949", "ferguson-1949", NAME_AND_FIGURES),
    ("Rosenthal et al. 1960", "", "rosenthal-1960", "rosenthal-1960", NAME_AND_FIGURES),
    ("Rosenthal 1961", "", "rosenthal-1961", "rosenthal-1961", NAME_AND_FIGURES),
    ("Hart", "1978", "hart-1977", "hart-1977", NAME_AND_FIGURES),  # a year late, the same figures
    ("Frimodt-Møller 1973", "", "frimodt-moller-1973", "frimodt-moller-1973", NAME_AND_FIGURES),
    ("Vandivière 1973", "", "vandiviere-1973", "vandiviere-1973", NAME_AND_FIGURES),
    ("Stein & Aronson 1953", "", "stein-1953", "stein-1953", NAME_AND_FIGURES),
    ("Tuberculosis Prevention Trial", "1980", "tpt-madras-1980", "", ""),  # another name: asked
    ("Comstock and Webster, 1969", "", "comstock-1969", "comstock-1969", NAME_AND_FIGURES),
]  # fmt: skip
AS_ONE = {
    # any figures but those printed: only name and year can tell
    ("Aronson", "1948"): "aronson-1948",
    ("Aronson", "1949"): "",
    ("Comstock et al", "1974"): "comstock-1974",
    ("Comstock 1974a", ""): "",
    ("Comstock", ""): "",
    ("Rosenthal", "1962"): "",
    ("Frimodt Moeller", "1973"): "",
    ("Coetzee-Berjak", "1968"): "",
}


@pytest.fixture(scope="module")
def bcg() -> Iterator[Evidence]:
    yield load_evidence(BCG)
    use(load_topic(DATA))


def counts(evidence: Evidence, trial: str) -> list[int]:
    frame = evidence.arm_results
    rows = frame[frame["study_id"] == trial].set_index("arm_id")
    return [int(rows.loc[a, c]) for a in ("BCG", "CONTROL") for c in ("events", "total")]


def as_csv(rows: Sequence[tuple[str, str, Sequence[int]]]) -> tuple[str, bytes]:
    lines = [",".join(map(str, (f'"{name}"', year, *n))) for name, year, n in rows]
    return "bcg.csv", "\n".join(["study,year,ai,n1i,ci,n2i", *lines]).encode()


def as_rm5(rows: Sequence[tuple[str, str, Sequence[int]]]) -> tuple[str, bytes]:
    """A review as RevMan 5 saves it, as short as can be."""
    studies = "".join(
        f'<STUDY ID="STD-{i}" NAME="{name.replace("&", "&amp;")}" YEAR="{year}"/>'
        for i, (name, year, _) in enumerate(rows)
    )
    data = "".join(
        f'<DICH_DATA STUDY_ID="STD-{i}" EVENTS_1="{a}" TOTAL_1="{n1}" EVENTS_2="{c}" TOTAL_2="{n2}" '
        'ESTIMABLE="YES"/>'
        for i, (_, _, (a, n1, c, n2)) in enumerate(rows)
    )
    return "bcg.rm5", (
        '<?xml version="1.0" encoding="UTF-8"?><COCHRANE_REVIEW REVMAN_VERSION="5"><STUDIES_AND_REFERENCES>'
        f"<STUDIES><INCLUDED_STUDIES>{studies}</INCLUDED_STUDIES></STUDIES></STUDIES_AND_REFERENCES>"
        '<ANALYSES_AND_DATA><COMPARISON ID="CMP-001" NO="1"><NAME>BCG against none</NAME><DICH_OUTCOME '
        'ID="CMP-001.01" NO="1" EFFECT_MEASURE="RR" METHOD="MH" RANDOM="YES" TOTALS="YES">'
        f"<NAME>Tuberculosis</NAME>{data}</DICH_OUTCOME></COMPARISON></ANALYSES_AND_DATA></COCHRANE_REVIEW>"
    ).encode()


def laid(file: tuple[str, bytes], evidence: Evidence, said=()):
    chosen = picked(open_file(*file), Choices())
    found = decide(chosen.table, chosen.choices, chosen.told, "", False)
    return lay_beside(read_flat(found, Settings(), file[0]), evidence, dict(said))


@pytest.mark.parametrize("written", [as_csv, as_rm5])
def test_a_review_of_ten_of_the_trials_stands_beside_the_answer(written, bcg) -> None:
    rows = [(name, year, counts(bcg, trial)) for name, year, trial, *_ in SPELT]
    found = laid(written(rows), bcg)
    assert found.question == Question()
    assert {(m.proposed, m.basis) for m in found.matches} == {tuple(case[3:]) for case in SPELT}
    assert len(found.theirs.studies) == len(SPELT)
    asked = [m for m in found.matches if not m.chosen]
    assert [(m.name.split()[0], m.doubts) for m in asked] == [
        ("Tuberculosis", {"tpt-madras-1980": OTHER_NAME})
    ]
    # all of them answer here already: nothing is counted twice, nothing is filled
    assert (found.filled, found.review.sound.studies) == ((), ())
    assert found.then.told == found.ours.told
    assert beside_parts(found, bcg)


@pytest.mark.parametrize("written", [as_csv, as_rm5])
def test_a_trial_without_a_figure_here_takes_the_reader_s(written, bcg) -> None:
    frame = bcg.arm_results
    without = dataclasses.replace(bcg, arm_results=frame[frame["study_id"] != "hart-1977"])
    assert len(answer(Question(), without).studies) == 12
    named = (("Hart & Sutherland 1977", "", "hart-1977"), ("Stein", "1953", "stein-1953"))
    rows = [(name, year, counts(bcg, trial)) for name, year, trial in named]
    found = laid(written(rows), without)
    assert found.filled == ("hart-1977",)
    (study,) = [s for s in found.then.studies if s.trial == "hart-1977"]
    whole = {s.trial: s for s in answer(Question(), bcg).studies}
    assert (study.yi, study.vi) == pytest.approx((whole["hart-1977"].yi, whole["hart-1977"].vi))
    assert found.then.told.result.estimate == pytest.approx(
        answer(Question(), bcg).told.result.estimate
    )


@pytest.mark.parametrize(("name", "year"), AS_ONE)
def test_nothing_that_leaves_a_doubt_is_taken_for_a_trial(name, year, bcg) -> None:
    (match,) = laid(as_csv([(name, year, (7, 70, 9, 71))]), bcg).matches
    expected = AS_ONE[name, year]
    assert (match.proposed, match.chosen, bool(match.trials)) == (expected, expected, True)
    assert match.basis == (NAME_AND_YEAR if expected else "")


def test_figures_of_one_trial_under_the_name_of_its_neighbour_are_asked_about(bcg) -> None:
    (match,) = laid(as_csv([("Rosenthal", "1961", counts(bcg, "rosenthal-1960"))]), bcg).matches
    assert (set(match.trials), match.chosen) == ({"rosenthal-1960", "rosenthal-1961"}, "")


def test_two_letters_of_one_year_are_never_one_trial_in_silence(bcg) -> None:
    rows = [("Comstock 1974a", "", (7, 70, 9, 71)), ("Comstock 1974b", "", (8, 80, 9, 81))]
    found = laid(as_csv(rows), bcg)
    assert [m.chosen for m in found.matches] == ["", ""]
    twice = [("Comstock 1974", "", (7, 70, 9, 71)), ("Comstock, 1974", "", (8, 80, 9, 81))]
    found = laid(as_csv(twice), bcg)
    assert [m.doubts["comstock-1974"] for m in found.matches] == [CONTESTED] * 2
    # with the trial's own figures the one is told from the other
    twice[0] = ("Comstock 1974", "", counts(bcg, "comstock-1974"))
    found = laid(as_csv(twice), bcg)
    assert [m.chosen for m in found.matches] == ["comstock-1974", ""]
