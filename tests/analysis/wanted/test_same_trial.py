"""A name and a year are a trial for sure, a trial with a doubt, or none."""

from __future__ import annotations

import pytest

from analysis.wanted.same_trial import Likely, likely, years_fit
from tests.evidence_builder import Tiny

SPELT, YEARS, NO_YEAR = "the name is spelt otherwise", "the years differ by one", "no year to compare"
LETTER, LATER, INITIALS = "the year has a letter", "named as a later author", "other initials"
DOUBLE = "part of a double name"


@pytest.fixture(scope="module")
def evidence():
    tiny = Tiny()
    for study_id, author, acronym, year in (
        ("moller", "Frimodt-Møller J", "", "1973"), ("beta", "van Beta C", "", "2012"),
        ("muller", "Müller", "", "2001"), ("liu", "刘洪", "", "2015"), ("li", "Li Q", "", "2021"),
        ("first", "Rosenthal SR", "", "1960"), ("second", "Rosenthal", "", "1961"),
        ("stein", "Stein", "", "1953"), ("aronson", "Aronson", "", "1952"),
        ("two", "Klazen", "VERTOS II", "2010"), ("four", "Firanescu", "VERTOS IV", "2018"),
        ("madras", "TPT Madras", "", "1980"), ("nobody", "", "", "2001"),
    ):  # fmt: skip
        tiny.study(study_id, first_author=author, acronym=acronym, year=year)
    return tiny.evidence()


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("Frimodt-Moller et al.", "1973", {"moller": ""}),
        ("Frimodt Møller J, 1973", "", {"moller": ""}),
        ("J. FRIMODT-MÖLLER 1973", "", {"moller": ""}),
        ("Frimodt-Moeller 1973", "", {"moller": SPELT}),
        ("Frimodt-Moler", "1973", {"moller": SPELT}),
        ("Frimodt-Moller", "1974", {"moller": YEARS}),
        ("Frimodt-Moler", "1974", {"moller": f"{YEARS}, {SPELT}"}),
        ("Frimodt-Moler", "1978", {}),
        ("Frimodt-Moller", "1979", {"moller": "6 years apart"}),
        ("Beta", "2012", {"beta": SPELT}),
        ("Van Beta 2012", "", {"beta": ""}),
        ("Betancourt 2012", "", {}),
        ("Mueller 2001", "", {"muller": SPELT}),
        ("Muller 2001a", "", {"muller": LETTER}),
        ("Moller 2001", "", {"muller": SPELT}),
        ("刘洪", "2015", {"liu": ""}),
        ("Li 2021", "", {"li": ""}),
        ("Li J 2021", "", {"li": INITIALS}),
        ("Q. Li", "2021", {"li": ""}),
        ("LI 2021", "", {"li": ""}),
        ("Rosenthal 1960", "", {"first": "", "second": YEARS}),
        ("Rosenthal et al", "", {"first": NO_YEAR, "second": NO_YEAR}),
        ("Rosenthal 1962", "", {"second": YEARS, "first": "2 years apart"}),
        ("Stein & Aronson 1953", "", {"stein": "", "aronson": f"{YEARS}, {LATER}"}),
        ("Aronson-Stein 1953", "", {"stein": DOUBLE, "aronson": f"{YEARS}, {DOUBLE}"}),
        ("Frimodt 1973", "", {"moller": DOUBLE}),
        ("Frimodt‑Møller 1973", "", {"moller": ""}),  # a hyphen that does not break
        ("Smith and Stein 1953", "", {"stein": LATER}),
        ("VERTOS-IV", "", {"four": ""}),
        ("VERTOS II (Klazen)", "2011", {"two": ""}),
        ("VERTOS V", "2018", {}),
        ("Vertos IV", "2018", {}),
        ("TPT Madras 1980", "", {"madras": ""}),
        ("Madras 1980", "", {"madras": ""}),
        ("1980 Madras", "", {"madras": ""}),
        ("Tuberculosis Prevention Trial", "1980", {}),
        ("2001", "", {}),
        ("", "", {}),
    ],
)  # fmt: skip
def test_what_a_study_could_be_and_what_speaks_against_it(name, year, expected, evidence) -> None:
    assert likely(name, year, evidence) == tuple(Likely(t, d) for t, d in expected.items())


@pytest.mark.parametrize(
    ("name", "year", "fits"),
    [("A trial", "1980", True), ("A trial 1981", "", True), ("A trial", "", True), ("A trial", "1985", False)],
)  # fmt: skip
def test_a_year_may_speak_against_a_trial_of_another_name(name, year, fits, evidence) -> None:
    assert years_fit(name, year, "madras", evidence) is fits
