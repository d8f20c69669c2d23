"""What changed between two editions: each kind of change planted in tiny evidence; nothing in an edition and itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math

import pytest

from analysis.answer import answer
from analysis.editions import NotSaved, ask, change_of, changes, diff, read_saved, record_of
from analysis.editions.carry import load_beside
from analysis.editions.changes import asked_text, grouped, told_text
from analysis.editions.command import run
from analysis.editions.saved import EARLIER, earlier, to_text
from analysis.evidence import load_evidence
from analysis.evidence.edition import Edition, read_edition
from analysis.evidence.load import DATA
from analysis.question import Question
from tests.evidence_builder import Tiny, shipped
from tests.evidence_folder import copy_data, find_row, plant, read_rows, write_rows

Q = Question()
RELIEF = Question(
    outcome="responder", intervention="BKP", comparator="NONE", time="any", designs=("single_arm",)
)


def trials(*differences: float, spread: float = 0.3, **more: float) -> Tiny:
    """Sham-controlled trials that print a difference in pain at 1 month, in favour of vertebroplasty."""
    tiny = Tiny()
    named = dict(zip("abcdef", differences, strict=False)) | more
    for name, value in named.items():
        tiny.study(name)
        half = 1.959964 * spread
        tiny.contrast(name, estimate=value, ci_low=value - half, ci_high=value + half)
    return tiny


def of_pain(tiny: Tiny):
    return answer(Q, tiny.evidence())


def kind(before: Tiny, after: Tiny) -> str:
    found = changes(of_pain(before), of_pain(after))
    return found.kind if found else ""


@pytest.fixture
def few_questions(monkeypatch):
    """What is asked of an edition, where a test is about its rows: answering all takes seconds."""
    asked = (Q, Q.replace(time="3m"), RELIEF)
    monkeypatch.setattr("analysis.editions.saved.asked_of_every_edition", lambda: asked)


BASE = (0.5, 0.6, 0.4, 0.55)


def test_the_same_twice_says_nothing_changed():
    assert changes(of_pain(trials(*BASE)), of_pain(trials(*BASE))) is None
    nothing = diff(ask(shipped()), ask(shipped()))
    assert nothing.changes == ()
    assert nothing.rows == ()
    assert nothing.asked > 5000


PLANTED = {
    "other figures that come to the same": (trials(0.5, 0.6), trials(0.6, 0.5), "unseen"),
    "a moved verdict": (trials(*BASE), trials(2.5, 2.6, 2.4, 2.55), "verdict"),
    "an estimate that crosses the important difference": (
        trials(1.4, 1.3, 1.45, 1.35), trials(1.6, 1.7, 1.55, 1.65), "crossed",
    ),
    "a new trial": (trials(*BASE), trials(*BASE, 0.45), "moved"),
    "a withdrawn study": (trials(*BASE, 0.45), trials(*BASE), "moved"),
    "a first trial": (Tiny().study("a"), trials(0.5), "first"),
    "the last trial withdrawn": (trials(0.5), Tiny().study("a"), "gone"),
    "a corrected value": (trials(*BASE), trials(0.5, 0.6, 0.4, 0.65), "correction"),
    "a correction that nobody sees": (trials(*BASE), trials(0.5, 0.6, 0.4, 0.550004), "unseen"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_each_kind_of_change_is_told_from_the_others(name):
    before, after, expected = PLANTED[name]
    assert kind(before, after) == expected


def test_a_change_names_the_trials_that_made_it():
    found = changes(of_pain(trials(0.5, 0.6)), of_pain(trials(0.7, c=0.3)))
    assert [[t.label for t in part] for part in (found.new, found.gone, found.other)] == [
        ["C"], ["B"], ["A"],
    ]  # fmt: skip
    assert found.sentence.endswith("new: C; no longer: B; other numbers: A")
    assert told_text(found.before) in found.sentence


def test_a_report_that_now_belongs_to_another_trial_is_no_new_trial():
    whole = trials(0.5, 0.6).study("main")
    joined = Tiny().study("main")
    for name, value in (("a", 0.5), ("b", 0.6)):
        joined.study(name, parent_study_id="main" if name == "b" else "")
        half = 1.959964 * 0.3
        joined.contrast(name, estimate=value, ci_low=value - half, ci_high=value + half)
    assert kind(whole, joined) == ""


def test_figures_told_by_another_rule_are_no_change_of_evidence():
    now = record_of(of_pain(trials(0.5, 0.6, 0.55, 0.45, 0.65)))
    then = dataclasses.replace(now, ci_low=-4.0, ci_high=3.0, verdict="uncertain")
    found = change_of(then, now)
    assert (found.kind, found.new, found.other) == ("rule", (), ())
    assert found.retold.verdict == now.verdict != found.before.verdict
    wider = record_of(of_pain(trials(0.5, 0.6, 0.55, 0.45, 0.65, 0.7)))
    assert change_of(then, wider).kind == "moved"  # and not a changed verdict, which the rule made


def test_one_group_has_no_verdict_to_change():
    tiny = Tiny().study("a", arms="VP", n=60, design="single_arm")
    tiny.count("a", "VP", events=12.0, total=60.0)
    other = Tiny().study("a", arms="VP", n=60, design="single_arm")
    other.count("a", "VP", events=30.0, total=60.0)
    question = Question(outcome="new-fracture", comparator="NONE")
    found = changes(answer(question, tiny.evidence()), answer(question, other.evidence()))
    assert found.kind == "correction"
    assert found.before.verdict == found.after.verdict == ""


def test_questions_with_the_same_answer_are_one_group_in_the_order_of_weight():
    before, after = trials(*BASE).evidence(), trials(*BASE, 0.45).evidence()
    found = [
        changes(answer(q, before), answer(q, after))
        for q in (Q, Q.replace(intervention="AUG"), Q.replace(designs=("sham_rct",)))
    ]
    gone = changes(answer(Q, before), answer(Q, Tiny().study("a").evidence()))
    first, last = grouped([gone, *found])
    assert (first.first.kind, len(first.also)) == ("moved", 2)
    assert last.first.kind == "gone"


def test_a_question_says_what_it_asks_beyond_the_usual():
    assert asked_text(Q) == Q.title()
    text = asked_text(Q.replace(comparator="NONE", designs=("single_arm",), fracture_age="6w"))
    assert text.endswith("at most 6 weeks old at entry (uncontrolled series)")


# --- saved answers -------------------------------------------------------------------------------
def test_saved_answers_stand_for_the_folder(tmp_path):
    saved = ask(shipped())
    file = tmp_path / "now.json"
    file.write_text(to_text(saved), encoding="utf-8")
    again = read_saved(file)
    assert again.remarks == ()
    assert diff(again, saved).changes == diff(saved, again).changes == ()
    assert diff(again, saved).rows == ()
    assert set(again.asked) == set(saved.asked)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[]", "another form"),
        (b'{"edition": null, "version": "x"}', "also_asked"),
        (b'{"edition": {"number": 1, "name": "x"}, "also_asked": [], "answers": []}', "date"),
    ],
)
def test_a_file_that_holds_no_answers_is_said_to_hold_none(tmp_path, content, said):
    file = tmp_path / "old.json"
    file.write_bytes(content)
    with pytest.raises(NotSaved, match=said):
        read_saved(file)


def test_a_question_that_cannot_be_asked_any_more_is_a_remark(tmp_path):
    saved = json.loads(to_text(ask(shipped())))
    saved["answers"][0]["query"] = "v=1&outcome=happiness"
    file = tmp_path / "old.json"
    file.write_text(json.dumps(saved), encoding="utf-8")
    (remark,) = read_saved(file).remarks
    assert "happiness" in remark


def test_the_first_edition_is_kept_as_it_was_told():
    first = read_saved(next(iter(earlier())))
    assert (first.edition.number, first.version) == (1, "a774da88efc9")
    assert first.remarks == ()
    sham = first.records[Q]
    # Edition 1 told two trials by the random-effects interval; its figures are kept, not retold.
    assert (sham.k, sham.verdict) == (2, "uncertain")
    assert told_text(first.records[RELIEF]).startswith("88% (78 to 94%), 4 groups")
    assert not (EARLIER / "studies.csv").exists()


# --- rows ----------------------------------------------------------------------------------------
def test_rows_that_came_changed_and_went_are_told_apart(tmp_path, few_questions):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    at = find_row(new, "arm_results.csv", lambda r: r["kind"] == "mean" and r["sd"] != "")
    rows = read_rows(new, "arm_results.csv")
    study = rows[at - 1][0]
    plant(new, "arm_results.csv", at, "sd", "1.23")
    plant(new, "arm_results.csv", at, "note", "another remark")
    words = find_row(new, "contrasts.csv", lambda r: r["note"] != "")
    plant(new, "contrasts.csv", words, "note", "said otherwise")
    rows = read_rows(new, "risk_of_bias.csv")
    write_rows(new, "risk_of_bias.csv", rows[:-1])
    found = diff(ask(load_evidence(old)), ask(load_evidence(new)))
    assert [(r.table, r.report, r.added, r.corrected, r.withdrawn) for r in found.rows] == [
        ("arm_results", study, 0, 1, 0),
        ("risk_of_bias", rows[-1][0], 0, 0, 1),
    ]


def test_a_report_that_may_no_longer_be_pooled_gives_its_reason(tmp_path, few_questions):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    at = find_row(new, "studies.csv", lambda r: r["study_id"] == "buchbinder-2009")
    plant(new, "studies.csv", at, "never_pool_reason", "retracted")
    plant(new, "studies.csv", at, "poolable", "no")
    found = diff(ask(load_evidence(old)), ask(load_evidence(new)))
    (row,) = found.rows
    assert (row.report, row.corrected, row.reason) == ("buchbinder-2009", 1, "retracted")
    assert "Buchbinder R 2009" in {t.label for c in found.changes for t in c.gone}


# --- an earlier folder under the rules of today --------------------------------------------------
def without_columns(folder, file, *columns):
    header, *rows = read_rows(folder, file)
    keep = [i for i, name in enumerate(header) if name not in columns]
    write_rows(folder, file, [[row[i] for i in keep] for row in (header, *rows)])


def test_a_folder_that_lacks_a_column_takes_its_cells_from_the_later_one(tmp_path, few_questions):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    without_columns(old, "arm_results.csv", "scale_basis", "not_poolable_reason")
    assert load_evidence(old).faults  # alone it cannot be used
    evidence, remarks = load_beside(old, new)
    assert evidence.faults == ()
    assert diff(ask(evidence), ask(load_evidence(new))).changes == ()
    (remark,) = remarks
    n = len(read_rows(old, "arm_results.csv")) - 1
    assert remark.endswith(
        f"taken from the later one for {n} of {n} rows that stand there, too, and left empty for the others"
    )


def test_a_row_that_the_later_folder_does_not_have_gets_no_codes(tmp_path):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    rows = read_rows(new, "arm_results.csv")
    write_rows(new, "arm_results.csv", rows[:-1])
    without_columns(old, "arm_results.csv", "scale_basis")
    evidence, (remark,) = load_beside(old, new)
    assert f"for {len(rows) - 2} of {len(rows) - 1} rows" in remark
    assert evidence.arm_results["scale_basis"].iloc[-1] == ""


def test_a_file_that_the_earlier_folder_lacks_is_taken_from_the_later_one(tmp_path):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    (old / "risk_of_bias.csv").unlink()
    evidence, (remark,) = load_beside(old, new)
    assert evidence.faults == ()
    assert len(evidence.risk_of_bias) == len(shipped().risk_of_bias)
    assert "no such file" in remark


def test_a_folder_that_lacks_nothing_is_read_as_it_is(tmp_path):
    evidence, remarks = load_beside(copy_data(tmp_path / "old"), DATA)
    assert remarks == ()
    assert evidence.version == shipped().version


# --- the command ---------------------------------------------------------------------------------
def test_the_command_says_what_changed(tmp_path, few_questions, capsys):
    assert run(EARLIER / "1.json", DATA) == 0
    said = capsys.readouterr().out
    assert said.startswith("First edition, 23 November 2026 -> ")
    assert "Lead questions" in said


def test_the_command_prints_one_json_object(few_questions, capsys):
    assert run(EARLIER / "1.json", DATA, as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["before"]["number"] == 1
    assert sum(said["counts"].values()) == len(said["changes"])
    for change in said["changes"]:
        for side in ("before", "after"):
            assert change[side] is None or math.isfinite(change[side]["estimate"])


@pytest.mark.parametrize("old", ["nowhere", "file.json"])
def test_the_command_says_what_it_cannot_read(tmp_path, few_questions, capsys, old):
    (tmp_path / "file.json").write_text("{}", encoding="utf-8")
    assert run(tmp_path / old, DATA) == 2
    assert "allowed:" in capsys.readouterr().err


# --- edition.toml --------------------------------------------------------------------------------
def test_the_shipped_data_say_which_edition_they_are():
    assert shipped().edition.number >= 1
    assert shipped().edition.date >= dt.date(2026, 11, 23)


GOOD = 'number = 2\ndate = 2026-11-28\nname = "Second edition"\n'


def edition(tmp_path, text):
    (tmp_path / "edition.toml").write_text(text, encoding="utf-8")
    return read_edition(tmp_path)


def test_an_edition_reads_as_name_and_date(tmp_path):
    found, faults = edition(tmp_path, GOOD + '[withdrawn]\na = "retracted"\n')
    assert faults == ()
    assert found == Edition(2, dt.date(2026, 11, 28), "Second edition", {"a": "retracted"})
    assert str(found) == "Second edition, 28 November 2026"
    assert read_edition(tmp_path / "nowhere") == (None, ())


@pytest.mark.parametrize(
    ("wrong", "column", "found"),
    [
        (GOOD.replace("date = 2026-11-28\n", ""), "date", "no such entry"),
        (GOOD.replace("2026-11-28", '"28 November"'), "date", "'28 November'"),
        (GOOD.replace("number = 2", "number = 0"), "number", "0"),
        (GOOD.replace("number = 2", "number = true"), "number", "True"),
        (GOOD.replace('"Second edition"', '" "'), "name", "' '"),
        (GOOD + "[withdrawn]\na = 1\n", "withdrawn", "{'a': 1}"),
        (GOOD + "other = 1\n", "other", "an entry of this name"),
        ("number = ", "", "no TOML"),
    ],
)
def test_what_is_wrong_with_an_edition_is_a_fault(tmp_path, wrong, column, found):
    _, faults = edition(tmp_path, wrong)
    assert [(f.file, f.column) for f in faults] == [("edition.toml", column)]
    assert faults[0].found.startswith(found)


def test_a_report_that_is_called_withdrawn_and_stands_there_is_a_fault(tmp_path):
    folder = copy_data(tmp_path / "data")
    (folder / "edition.toml").write_text(
        GOOD + '[withdrawn]\nbuchbinder-2009 = "no"\n', encoding="utf-8"
    )
    (fault,) = load_evidence(folder).faults
    assert (fault.column, fault.found) == ("withdrawn.buchbinder-2009", "buchbinder-2009")


def test_whether_a_row_may_be_pooled_is_what_its_own_edition_said(tmp_path):
    old, new = copy_data(tmp_path / "old"), copy_data(tmp_path / "new")
    at = find_row(new, "studies.csv", lambda r: r["study_id"] == "buchbinder-2009")
    plant(new, "studies.csv", at, "never_pool_reason", "retracted")
    plant(new, "studies.csv", at, "poolable", "no")
    without_columns(old, "studies.csv", "poolable")
    evidence, _ = load_beside(old, new)
    row = evidence.studies.set_index("study_id").loc["buchbinder-2009"]
    assert (row["poolable"], row["never_pool_reason"]) == ("yes", "")
