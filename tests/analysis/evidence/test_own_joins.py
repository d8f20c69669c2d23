"""A reader's figures of a published trial join that trial, say whose they are, and change nothing that is published."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.answer import answer
from analysis.evidence.own import OwnRows, counted, joined, with_own
from analysis.question import Question
from tests.evidence_builder import Tiny, shipped
from tests.own_studies import reviewed

HEADER = "study,outcome,intervention,comparator,weeks,design,m1i,sd1i,n1i,m2i,sd2i,n2i\n"
LINE = "Buchbinder R 2009 [joins buchbinder-2009],pain,VP,SHAM,26,open_rct,5.1,2.2,38,5.3,2.1,40\n"
HALF_YEAR = Question(time="6m")


def read(text: str, evidence=None):
    return reviewed(text, file="filled.csv", evidence=evidence or shipped())


def entering(evidence, question=HALF_YEAR):
    return {s.trial: s for s in answer(question, evidence).studies}


def test_figures_join_the_trial_that_their_template_names():
    before = entering(shipped())
    checked = read(HEADER + LINE)
    assert checked.faults == ()
    merged = with_own(shipped(), checked.sound)
    after = entering(merged)
    study = after["buchbinder-2009"]
    assert "own" in study.flags
    assert "companion" in study.flags
    assert study.label == "Buchbinder R 2009 (your figures)"
    assert study.yi == pytest.approx(-0.2)
    assert study.design == "sham_rct"  # that of the trial, whatever the file says
    assert set(after) == set(before) | {"buchbinder-2009"}
    assert not any(joined(trial) for trial in after)


def test_every_surface_hears_whose_figures_they_are():
    merged = with_own(shipped(), read(HEADER + LINE).sound)
    assert merged.personal
    assert merged.own == {"own-joins-buchbinder-2009"}
    assert answer(HALF_YEAR, merged).marks == ("1 published trial with your figures",)
    assert counted(merged.own) == "1 published trial with your figures"
    label = merged.studies.set_index("study_id").loc["own-joins-buchbinder-2009", "label"]
    assert label == "Buchbinder R 2009 (your figures)"


def test_published_rows_stay_as_they_are():
    merged = with_own(shipped(), read(HEADER + LINE).sound)
    for name, frame in shipped().tables.items():
        assert merged.tables[name].head(len(frame)).equals(frame)


def test_what_was_kept_by_the_browser_joins_again():
    own = read(HEADER + LINE).sound
    kept = OwnRows.from_store(own.to_store())
    assert kept == own
    assert entering(with_own(shipped(), kept)).keys() == entering(with_own(shipped(), own)).keys()
    off = dataclasses.replace(own, off=frozenset(own.studies[0]["study_id"].split()))
    assert with_own(shipped(), off) is shipped()


def test_figures_brought_later_are_added_to_those_brought_before():
    first = read(HEADER + LINE).sound
    second = read(HEADER + LINE.replace(",26,", ",13,")).sound
    corrected = read(HEADER + LINE.replace("5.1", "5.2")).sound
    both = first + second
    assert len(both.studies) == 1
    assert len(both.arm_results) == 4
    again = both + corrected
    assert len(again.arm_results) == 4
    assert entering(with_own(shipped(), again))["buchbinder-2009"].yi == pytest.approx(-0.1)


def test_a_companion_report_s_figures_join_its_trial():
    tiny = Tiny().study("main").study("later", parent_study_id="main")
    evidence = tiny.evidence()
    line = LINE.replace("Buchbinder R 2009 [joins buchbinder-2009]", "Later [joins later]")
    merged = with_own(evidence, read(HEADER + line, evidence).sound)
    assert [(s.trial, s.label) for s in answer(HALF_YEAR, merged).studies] == [
        ("main", "Main (your figures)")
    ]


def test_a_trial_that_must_not_be_pooled_is_not_pooled_by_bringing_it_again():
    tiny = Tiny().study("main", never_pool_reason="retracted")
    line = LINE.replace("Buchbinder R 2009 [joins buchbinder-2009]", "Main [joins main]")
    merged = with_own(tiny.evidence(), read(HEADER + line, tiny.evidence()).sound)
    found = answer(HALF_YEAR, merged)
    assert found.studies == ()
    assert {row.reason for row in found.left_out} == {"never pool"}


@pytest.mark.parametrize("name", ["nobody-2020", "own-ahlberg-2021"])
def test_a_trial_that_nobody_published_cannot_be_joined(name):
    line = LINE.replace("joins buchbinder-2009", f"joins {name}")
    checked = read(HEADER + line)
    assert checked.sound.studies == ()
    fault = checked.faults[0]
    assert (fault.file, fault.row, fault.column, fault.found) == ("filled.csv", 2, "study", name)
    assert fault.allowed == "[joins STUDY_ID] with the study_id of a published report"


def test_a_hypothetical_trial_stays_hypothetical_whatever_it_is_called():
    kept = read(HEADER + LINE.replace(" [joins buchbinder-2009]", "")).sound.to_store()
    for rows in (kept["studies"], kept["arms"], kept["arm_results"]):
        for row in rows:
            row["study_id"] = "own-what-if-1"
    kept["studies"][0]["label"] = "Trial [joins buchbinder-2009]"
    merged = with_own(shipped(), OwnRows.from_store(kept))
    assert merged.own == {"own-what-if-1"}
    assert merged.studies["label"].iloc[-1].endswith("(hypothetical)")
    assert merged.studies["parent_study_id"].iloc[-1] == ""


def test_alone_the_reader_s_figures_still_answer():
    own = dataclasses.replace(read(HEADER + LINE).sound, only=True)
    merged = with_own(shipped(), own)
    assert set(entering(merged)) == {"buchbinder-2009"}
