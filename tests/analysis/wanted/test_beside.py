"""A review that a reader brought stands beside the published answer; its figures fill what is missing there."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.answer import answer
from analysis.evidence.own import with_own
from analysis.question import Question
from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.opening import picked
from analysis.review.rows import decide
from analysis.upload.flat import Settings, read_flat
from analysis.wanted.beside import CONTESTED, ITS_OWN, lay_beside
from tests.evidence_builder import Tiny, shipped
from tests.own_studies import candidate_of

REVIEW = Path(__file__).with_name("files") / "test_data_review.rm5"
HEADER = "study,year,m1i,sd1i,n1i,m2i,sd2i,n2i\n"
NUMBERS = "3.1,2.0,40,3.9,2.1,41\n"


def of_review(number: str, weeks: float):
    chosen = picked(open_file(REVIEW.name, REVIEW.read_bytes()), Choices(analysis=number))
    found = decide(chosen.table, chosen.choices, chosen.told, "", False)
    return read_flat(found, Settings(weeks=weeks), REVIEW.name)


def laid(rows: str, evidence, said=()):
    return lay_beside(candidate_of(HEADER + rows), evidence, dict(said))


def tiny():
    """One trial with a figure at 1 month, one without, two of one name and year."""
    tiny = Tiny()
    for study_id, author, acronym, year in (
        ("alpha", "Alpha AB", "", "2010"), ("beta", "van Beta C", "STAR II", "2012"),
        ("twin-a", "Twin A", "", "2015"), ("twin-b", "Twin B", "", "2015"),
    ):  # fmt: skip
        tiny.study(study_id, first_author=author, acronym=acronym, year=year)
    return tiny


def test_a_review_with_more_of_the_trials_stands_beside_the_answer_and_fills_it() -> None:
    found = lay_beside(of_review("1.1", 4.0), shipped(), {})
    assert found.question == Question(intervention="VP", comparator="SHAM", time="1m")
    assert found.ours == answer(found.question, shipped())
    assert (len(found.theirs.studies), len(found.then.studies)) == (5, 5)
    ours = {s.trial for s in found.ours.studies}
    assert set(found.filled) == {"buchbinder-2009", "clark-2016", "hansen-2016"} - ours
    by_trial = {s.trial: s for s in found.then.studies}
    for study in found.ours.studies:  # what is published stays as it is
        assert by_trial[study.trial].yi == study.yi
    assert by_trial["clark-2016"].yi == pytest.approx(4.2 - 5.3)
    assert by_trial["clark-2016"].label.endswith("(your figures)")
    why = {line.name: line.why for line in found.lines}
    assert why["Clark 2016"] == "reported without numbers here"
    assert why["Buchbinder 2009"] == "no result at this time here"
    assert why["Kallmes 2009"].startswith("in both")


def test_what_was_filled_travels_as_a_change_with_the_answer_before() -> None:
    found = lay_beside(of_review("1.1", 4.0), shipped(), {})
    assert [c.kind for c in found.then.changes] == ["added"]
    assert "3 published trials with your figures" in found.then.change_line
    assert found.ours.in_short in found.then.change_line


def test_a_name_that_two_trials_have_is_asked_about_and_stays_out_until_then() -> None:
    found = lay_beside(of_review("1.2", 52.0), shipped(), {})
    match = {m.name: m for m in found.matches}["Masala 2008"]
    assert set(match.trials) == {"masala-2008", "masala-2008-mm"}
    assert (match.proposed, match.chosen) == ("", "")
    assert "masala" not in str(found.review.sound.to_store())
    said = lay_beside(of_review("1.2", 52.0), shipped(), {match.study: ITS_OWN})
    assert "Masala 2008 (your study)" in str(said.review.sound.to_store())


@pytest.mark.parametrize(
    ("name", "year", "proposed"),
    [
        ("Alpha", "2010", "alpha"),
        ("ALPHA et al. 2010", "", "alpha"),
        ("Alpha", "2011", ""),  # printed a year later, or another paper: asked
        ("Alpha", "2019", ""),
        ("Alpha", "", ""),  # the only one of that name here need not be the one there
        ("Alpha 2010a", "", ""),  # there is a 2010b as well
        ("Alphabet", "2010", ""),
        ("Van Beta 2012", "", "beta"),
        ("Beta 2012", "", ""),
        ("STAR II", "2012", "beta"),
        ("STAR", "2012", ""),
        ("Twin", "2015", ""),
        ("Twin", "2014", ""),
    ],
)
def test_names_and_years_propose_one_trial_or_none(name, year, proposed) -> None:
    (match,) = laid(f"{name},{year},{NUMBERS}", tiny().evidence()).matches
    assert match.proposed == proposed
    assert match.chosen == (proposed or ("" if match.trials else ITS_OWN))


def test_the_reader_s_word_goes_before_the_proposal() -> None:
    evidence = tiny().evidence()
    rows = f"Alpha,2010,{NUMBERS}"
    assert laid(rows, evidence).filled == ("alpha",)
    own = laid(rows, evidence, [("own-alpha-2010", ITS_OWN)])
    assert own.filled == ()
    assert [s["label"] for s in own.review.sound.studies] == ["Alpha 2010 (your study)"]
    assert laid(rows, evidence, [("own-alpha-2010", "beta")]).filled == ("alpha",)  # no such choice


def test_a_trial_that_answers_already_is_compared_and_not_taken_twice() -> None:
    evidence = shipped()
    found = laid(f"Kallmes,2009,{NUMBERS}", evidence)
    assert found.review.sound.studies == ()
    assert [s.trial for s in found.then.studies] == [s.trial for s in found.ours.studies]
    assert {line.why for line in found.lines if not line.name} == {"not in your file"}


def test_two_studies_that_could_be_one_trial_are_asked_about_and_count_once() -> None:
    rows = f"Alpha,2010,{NUMBERS}Alpha second report 2010,,{NUMBERS}"
    found = laid(rows, tiny().evidence())
    assert found.filled == ()
    assert {m.doubts["alpha"] for m in found.matches} == {CONTESTED}
    both = [(m.study, "alpha") for m in found.matches]
    found = laid(rows, tiny().evidence(), both)
    assert found.filled == ("alpha",)
    assert len(found.then.studies) == 1
    assert found.lines[1].why == "the same trial as Alpha 2010; only that one counts"


def test_nothing_published_changes() -> None:
    evidence = shipped()
    found = lay_beside(of_review("1.1", 4.0), evidence, {})
    merged = with_own(evidence, found.review.sound)
    for name, frame in evidence.tables.items():
        assert merged.tables[name].head(len(frame)).equals(frame)
