"""What is wanted: who is asked for what, what it would do, and the file that brings it back to its trial."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import math

import pytest

from analysis.answer import answer
from analysis.evidence.edition import Edition, NotReached, misnamed, read_edition
from analysis.evidence.own import with_own
from analysis.question import Question
from analysis.reading import open_file
from analysis.reading.records import texts_of
from analysis.synthesis.told import told
from analysis.wanted import template, wanted
from analysis.wanted.command import run
from analysis.wanted.words import as_json, effect, what
from tests.evidence_builder import Tiny, shipped
from tests.own_studies import reviewed

SHAM = Question(designs=("sham_rct",))
NONE = {"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan}
Z = 1.959963984540054


def trials(*differences: float, n: float = 50) -> Tiny:
    """Sham-controlled trials with a printed difference at 1 month, each with a standard error of 0.4."""
    tiny = Tiny()
    for name, value in zip("abcdef", differences, strict=False):
        tiny.study(name, n=n)
        tiny.contrast(name, estimate=value, ci_low=value - Z * 0.4, ci_high=value + Z * 0.4)
    return tiny


def silent(tiny: Tiny, name: str = "silent", n: float = 200, **cells: object) -> Tiny:
    tiny.study(name, n=n)
    tiny.contrast(name, **(NONE | {"p_value": ">0.05"} | cells))
    return tiny


def gain_of(one, question=SHAM):
    return next(g for g in one.gains if g.question == question)


def test_a_trial_that_printed_no_figure_is_wanted_for_what_it_would_do():
    evidence = silent(trials(0.5, 0.9, 0.7, 0.6, 1.0)).evidence()
    (one,) = wanted(evidence)
    assert (one.trial, one.outcome, one.treated, one.control) == ("silent", "pain", "VP", "SHAM")
    assert one.missing == "mean, SD and number of patients of each arm"
    gain = gain_of(one)
    # One patient against one has a standard error of 0.4 / sqrt(2 / 50); this trial has 200 in each arm.
    vi = 0.4**2 / (2 / 50) * (2 / 200)
    yi = [-0.5, -0.9, -0.7, -0.6, -1.0]
    now = told(yi, [0.16] * 5).result
    then = told([*yi, now.estimate], [0.16] * 5 + [vi]).result
    assert gain.now[:2] == pytest.approx((now.ci_low, now.ci_high), abs=1e-6)
    assert gain.then[:2] == pytest.approx((then.ci_low, then.ci_high), abs=1e-6)
    expected = 1 - (then.ci_high - then.ci_low) / (now.ci_high - now.ci_low)
    assert gain.share == pytest.approx(expected, abs=1e-6)
    assert effect(gain).endswith(f"then: {expected:.0%} narrower")


def test_a_second_trial_is_valued_as_if_both_measured_one_effect():
    (one,) = wanted(silent(trials(0.5), n=50).evidence())
    gain = gain_of(one)
    assert (gain.k, gain.k_then) == (1, 2)
    assert gain.share == pytest.approx(1 - math.sqrt(0.5), abs=1e-6)
    assert "taking both to measure the same effect" in effect(gain)


def test_a_first_answer_comes_before_a_narrower_one_and_the_larger_trial_first():
    tiny = silent(trials(0.5, 0.9, 0.7), n=60)
    silent(tiny, "small", 30, weeks=13.0)
    silent(tiny, "large", 90, weeks=13.0)
    found = wanted(tiny.evidence())
    assert [one.trial for one in found] == ["large", "small", "silent"]
    assert found[0].best.now is None
    assert found[0].best.share == 1.0
    assert effect(found[0].best).startswith("a first answer, known within ")


def test_a_trial_whose_size_is_not_printed_is_listed_last_without_a_promise():
    tiny = silent(trials(0.5, 0.9, 0.7), n=math.nan)
    silent(tiny, "sized", 40)
    found = wanted(tiny.evidence())
    assert [one.trial for one in found] == ["sized", "silent"]
    assert found[-1].best.then is None
    assert "cannot be estimated" in effect(found[-1].best)


def test_a_bound_on_p_is_wanted_as_an_interval_and_keeps_what_it_found():
    tiny = trials(0.5, 0.9, 0.7)
    tiny.study("bound", n=100)
    tiny.contrast("bound", estimate=2.0, ci_low=math.nan, ci_high=math.nan, p_value="<0.05")
    (one,) = wanted(tiny.evidence())
    assert "only a bound on P" in one.missing
    gain = gain_of(one)
    assert (gain.k, gain.k_then) == (4, 4)
    vi = 0.4**2 / (2 / 50) * (2 / 100)
    then = told([-0.5, -0.9, -0.7, -2.0], [0.16, 0.16, 0.16, vi]).result
    assert gain.then[:2] == pytest.approx((then.ci_low, then.ci_high), abs=1e-3)


def test_nothing_is_wanted_of_a_trial_that_answers_or_that_has_no_such_groups():
    tiny = trials(0.5, 0.9)
    tiny.contrast("a", **NONE, instrument="another scale")
    tiny.study("other", arms="VP NSM", design="open_rct")
    tiny.level("other", "VP", 3.0)  # its control was measured, but never printed
    found = wanted(tiny.evidence())
    assert {one.trial for one in found} == {"other"}
    assert {(one.treated, one.control) for one in found} == {("VP", "NSM")}


def test_a_longest_follow_up_wants_one_time_of_a_trial_the_latest_that_is_printed():
    tiny = trials(0.5, 0.9, 0.7)
    tiny.study("silent", n=60)
    for weeks in (13.0, 26.0, math.nan):
        tiny.contrast(
            "silent", **NONE, weeks=weeks, timepoint="" if math.isnan(weeks) else f"{weeks:g} weeks"
        )
    last = [
        one for one in wanted(tiny.evidence())
        if any(g.question.time == "any" for g in one.gains)
    ]  # fmt: skip
    assert [one.weeks for one in last] == [26.0]


# --- what an edition says was not reached --------------------------------------------------------
def edition(*sought: NotReached) -> Edition:
    return Edition(2, dt.date(2026, 11, 28), "Second edition", not_reached=sought)


def test_what_was_not_reached_is_wanted_at_its_times():
    tiny = trials(0.5, 0.9, 0.7).study("full", n=80)
    sought = NotReached("full", "pain", (4.0, 13.0), "mean and SD of each arm")
    evidence = dataclasses.replace(tiny.evidence(), edition=edition(sought))
    found = {one.weeks: one for one in wanted(evidence)}
    assert set(found) == {4.0, 13.0}
    assert found[4.0].missing == "mean and SD of each arm"
    assert found[4.0].timepoint == "1 month"
    assert found[4.0].best.lead
    assert len(evidence.contrasts) == 3  # nothing was added to the evidence itself


def test_what_bears_on_no_lead_question_comes_last():
    tiny = trials(0.5, 0.9, 0.7).study("two", arms="BKP VP", n=100, design="open_rct")
    sought = NotReached("two", "pain", (4.0,), "mean and SD of each arm")
    evidence = dataclasses.replace(silent(tiny, n=math.nan).evidence(), edition=edition(sought))
    found = wanted(evidence)
    assert [(one.trial, one.best.lead) for one in found] == [("silent", True), ("two", False)]


TOML = """number = 2
date = 2026-11-28
name = "Second edition"
[[not_reached]]
study_id = "a"
outcome = "pain"
weeks = [1, 4.5]
missing = "SDs"
"""


def test_an_edition_says_what_was_not_reached(tmp_path):
    (tmp_path / "edition.toml").write_text(TOML, encoding="utf-8")
    found, faults = read_edition(tmp_path)
    assert faults == ()
    assert found.not_reached == (NotReached("a", "pain", (1.0, 4.5), "SDs"),)
    (fault,) = misnamed(found, {"b"})
    assert (fault.column, fault.found) == ("not_reached", "a")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"pain"', '"happiness"'), ("[1, 4.5]", "[0]"), ("[1, 4.5]", '["1"]'), ("[1, 4.5]", "4"),
        ('missing = "SDs"', ""), ('"SDs"', '" "'), ('"SDs"', '"SDs"\nother = 1'),
        ("[[not_reached]]", "[not_reached]\n[not_reached.x]"),
    ],
)  # fmt: skip
def test_an_entry_that_is_not_of_its_form_is_a_fault(tmp_path, old, new):
    (tmp_path / "edition.toml").write_text(TOML.replace(old, new), encoding="utf-8")
    _, faults = read_edition(tmp_path)
    assert [f.column for f in faults] == ["not_reached"]


# --- the file to fill in -------------------------------------------------------------------------
def filled(lines, **numbers: str) -> bytes:
    rows = list(csv.DictReader(io.StringIO(template.to_csv(lines).decode("utf-8-sig"))))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(row | numbers for row in rows)
    return text.getvalue().encode()


def brought(content: bytes, evidence, name: str = "filled.csv"):
    return reviewed(content, file=name, evidence=evidence)


def test_a_filled_template_answers_what_it_was_made_for():
    evidence = silent(trials(0.5, 0.9, 0.7)).evidence()
    (one,) = wanted(evidence)
    numbers = {"m1i": "3.1", "sd1i": "2", "n1i": "198", "m2i": "3.6", "sd2i": "2.1", "n2i": "196"}
    checked = brought(filled([one], **numbers), evidence)
    assert checked.faults == ()
    merged = with_own(evidence, checked.sound)
    study = next(s for s in answer(SHAM, merged).studies if s.trial == "silent")
    assert (study.label, study.yi) == ("Silent (your figures)", pytest.approx(-0.5))
    assert all(w.trial != "silent" for w in wanted(merged))


def test_counts_are_brought_back_as_counts():
    tiny = Tiny()
    for name, events in (("a", 5.0), ("b", 9.0), ("silent", math.nan)):
        tiny.study(name, arms="BKP NSM", n=60, design="open_rct")
        if name == "silent":
            tiny.contrast(name, "BKP", "NSM", **NONE, outcome="new_fracture", measure="RR",
                          instrument="patients with new fracture", weeks=52.0)  # fmt: skip
        else:
            tiny.count(name, "BKP", events=events, total=60.0, weeks=52.0)
            tiny.count(name, "NSM", events=events + 3, total=60.0, weeks=52.0)
    evidence = tiny.evidence()
    one = next(w for w in wanted(evidence) if w.trial == "silent")
    assert set(template.numbers_of(one)) == {"ai", "n1i", "ci", "n2i"}
    checked = brought(filled([one], ai="6", n1i="58", ci="8", n2i="57"), evidence)
    assert checked.faults == ()
    question = Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any")
    found = answer(question, with_own(evidence, checked.sound)).studies
    assert "silent" in {s.trial for s in found}


def test_an_empty_template_brings_nothing_and_says_which_numbers_are_needed():
    evidence = silent(trials(0.5, 0.9, 0.7)).evidence()
    checked = brought(filled(wanted(evidence)), evidence)
    assert checked.sound.studies == ()
    assert "m1i" in checked.faults[0].allowed


def test_a_time_that_was_not_printed_must_be_filled_in():
    evidence = silent(trials(0.5, 0.9, 0.7), weeks=math.nan, timepoint="").evidence()
    (one,) = wanted(evidence)
    numbers = {"m1i": "3.1", "sd1i": "2", "n1i": "198", "m2i": "3.6", "sd2i": "2.1", "n2i": "196"}
    (fault,) = brought(filled([one], **numbers), evidence).faults
    assert (fault.column, fault.found) == ("weeks", "?")


def test_both_kinds_of_file_hold_every_line_of_the_shipped_list():
    lines = wanted(shipped())
    text = template.sheet(lines)
    assert len(text) == len(lines) + 1
    for content in (template.to_csv(lines), template.to_xlsx(lines)):
        (sheet,) = open_file("wanted", content).tables
        assert sheet.columns == tuple(text[0])
        assert [row[:6] for row in texts_of(sheet)] == [row[:6] for row in text[1:]]


# --- the shipped list ----------------------------------------------------------------------------
def test_the_shipped_list_is_ordered_names_each_line_once_and_is_the_same_every_time():
    lines = wanted(shipped())
    assert len(lines) > 20
    assert [one.best.order for one in lines] == sorted(one.best.order for one in lines)
    assert len({one.key for one in lines}) == len(lines)
    wanted.cache_clear()
    assert [as_json(one) for one in wanted(shipped())] == [as_json(one) for one in lines]
    known = set(shipped().studies["study_id"])
    for one in lines:
        assert one.trial in known
        assert one.source_url
        assert not any(
            one.trial == s.trial for s in answer(one.best.question, shipped()).studies
        ) or ("today" in one.missing)


def test_the_command_prints_the_list_and_writes_the_file(tmp_path, capsys):
    file = tmp_path / "wanted.xlsx"
    assert run(None, out=file) == 0
    said = capsys.readouterr().out
    first = wanted(shipped())[0]
    assert what(first) in said
    assert effect(first.best) in said
    assert file.read_bytes().startswith(b"PK")
    assert run(None, as_object=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["wanted"][0] == json.loads(json.dumps(as_json(first)))
    assert run(None, out=tmp_path / "nowhere" / "x.csv") == 2
