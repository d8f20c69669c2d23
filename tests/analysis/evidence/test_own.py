"""A reader's own studies beside the shipped ones: merged under the same rules, marked, bounded, switched."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from analysis.answer import answer, shipped_evidence
from analysis.appraisal.changes import usual
from analysis.evidence import load_evidence
from analysis.evidence.own import (
    LONGEST_ID,
    MOST_BYTES,
    MOST_ROWS,
    MOST_STUDIES,
    OWN_TABLES,
    OwnRows,
    TooMuch,
    with_own,
)
from analysis.evidence.schema import TABLES
from analysis.figures import forest
from analysis.question import Question
from analysis.upload.what_if import Found, hypothetical
from analysis.upload.write import rows_xlsx
from tests.evidence_folder import copy_data, read_rows, write_rows
from tests.own_studies import own_rows

EVIDENCE = shipped_evidence()
QUESTIONS = (Question(), Question(time="12m"), Question(time="any", without=("own-ahlberg-2021",)))


def test_the_merge_is_what_a_data_folder_edited_by_hand_would_give(tmp_path):
    own = own_rows()
    folder = copy_data(tmp_path / "data")
    for name in OWN_TABLES:
        rows = read_rows(folder, f"{name}.csv")
        columns = TABLES[name].columns
        assert rows[0] == list(columns)
        rows += [[row.get(column, "") for column in columns] for row in getattr(own, name)]
        write_rows(folder, f"{name}.csv", rows)
    by_hand, merged = load_evidence(folder), with_own(EVIDENCE, own)
    assert by_hand.faults == merged.faults == ()
    for name, frame in by_hand.tables.items():
        pd.testing.assert_frame_equal(merged.tables[name], frame)
    for question in QUESTIONS:
        a, b = answer(question, by_hand), answer(question, merged)
        same = {"data_version": "", "changes": (), "before": None}
        assert dataclasses.replace(a, **same) == dataclasses.replace(b, **same)
        assert b.before is answer(
            usual(question), EVIDENCE
        )  # the answer before the reader's studies
        assert any(s.study_id.startswith("own-") for s in a.studies)


def test_every_mark_is_there_and_no_cell_takes_it_away():
    stored = own_rows().to_store()
    for row in stored["studies"]:
        row["label"] = row["label"].removesuffix(" (your study)")
        row["study_id"] = row["study_id"].removeprefix("own-")
    own = OwnRows.from_store(stored)
    assert all(r["study_id"].startswith("own-") for r in own.studies)
    merged = with_own(EVIDENCE, own)
    found = answer(Question(), merged)
    assert merged.personal
    assert merged.version.startswith(f"{EVIDENCE.version}+own-")
    assert merged.sha256 != EVIDENCE.sha256
    assert found.data_version == merged.version
    assert found.marks == ("2 studies of your own",)
    assert found.change_line.startswith("Changed from the default: 2 studies of your own. Before: ")
    mine = [s for s in found.studies if "own" in s.flags]
    assert [s.label for s in mine] == ["Ahlberg 2021 (your study)", "Brandt 2022 (your study)"]
    text = str(forest(found).to_dict())
    assert "Ahlberg 2021 (your study)" in text.replace("<br>", " ")


def test_shipped_answers_carry_no_mark():
    found = answer(Question(), EVIDENCE)
    assert found.marks == ()
    assert not EVIDENCE.personal
    assert "+" not in found.data_version


def test_a_hypothetical_trial_is_called_so_everywhere():
    trial = hypothetical(Question(), Found(-1.0, se=0.4), answer(Question(), EVIDENCE), 1)
    merged = with_own(EVIDENCE, own_rows() + trial.tidy())
    found = answer(Question(), merged)
    assert merged.version.endswith("-hypothetical")
    assert found.marks == ("1 hypothetical trial", "2 studies of your own")
    made_up = next(s for s in found.studies if "hypothetical" in s.flags)
    assert made_up.label == "What-if trial 1 (hypothetical)"
    drawn = forest(found).to_dict()
    assert any("open-dot" in str(t.get("marker", {}).get("symbol")) for t in drawn["data"])
    assert any(t.get("line", {}).get("dash") == "dash" for t in drawn["data"])
    assert "hypothetical" in str(drawn["layout"]["annotations"])


def test_a_study_that_is_switched_off_is_out_and_all_off_is_the_shipped_evidence():
    own = own_rows()
    one_off = dataclasses.replace(own, off=frozenset({"own-brandt-2022"}))
    labels = [s.label for s in answer(Question(), with_own(EVIDENCE, one_off)).studies]
    assert any("Ahlberg" in label for label in labels)
    assert not any("Brandt" in label for label in labels)
    assert with_own(EVIDENCE, dataclasses.replace(own, active=False)) is EVIDENCE
    assert with_own(EVIDENCE, OwnRows()) is EVIDENCE


def test_only_my_studies_leaves_the_published_out_and_says_so():
    merged = with_own(EVIDENCE, dataclasses.replace(own_rows(), only=True))
    assert set(merged.studies["study_id"]) == merged.own
    assert merged.version.endswith("-only")
    assert answer(Question(), merged).pooled.k == 2
    assert not merged.minimal_important_differences.empty


def test_own_rows_cannot_pass_as_or_hang_on_a_shipped_study():
    base = own_rows().to_store()
    base["studies"][0]["parent_study_id"] = "buchbinder-2009"
    merged = with_own(EVIDENCE, OwnRows.from_store(base))
    assert "own-ahlberg-2021" not in merged.own
    fault = merged.faults[0]
    assert (fault.file, fault.row, fault.column) == ("your studies.csv", 2, "parent_study_id")
    again = with_own(merged, own_rows())  # as if a data folder held studies of these names
    assert (again.studies["study_id"] == "own-brandt-2022").sum() == 1
    assert any("no shipped study has" in f.allowed for f in again.faults)


def test_a_row_that_breaks_a_rule_stays_out_and_is_named():
    base = own_rows().to_store()
    base["arm_results"][0]["mean"] = "12"
    base["arm_results"][2]["outcome"] = "happiness"
    merged = with_own(EVIDENCE, OwnRows.from_store(base))
    found = {(f.file, f.row, f.column): f for f in merged.faults}
    assert found[("your arm_results.csv", 2, "mean")].allowed == "within the scale, 0 to 10"
    assert ("your arm_results.csv", 4, "outcome") in found
    assert len(found) == 2


def test_a_number_beyond_any_instrument_is_a_fault():
    base = own_rows().to_store()
    base["arm_results"][0]["scale_max"] = "1e200"
    fault = with_own(EVIDENCE, OwnRows.from_store(base)).faults[0]
    assert (fault.row, fault.column, fault.allowed) == (
        2,
        "scale_max",
        "a number from -1e+09 to 1e+09",
    )


def test_a_name_that_is_too_long_for_an_address_is_a_fault():
    base = own_rows().to_store()
    base["studies"][0]["study_id"] = "own-" + "x" * LONGEST_ID
    faults = with_own(EVIDENCE, OwnRows.from_store(base)).faults
    assert f"at most {LONGEST_ID} characters" in faults[0].allowed


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-x", "<b>x</b>", "<a href=x>"]
)
def test_text_that_something_would_run_or_render_is_made_inert(text):
    base = own_rows().to_store()
    base["studies"][0]["label"] = text
    base["arm_results"][0]["timepoint"] = text
    own = OwnRows.from_store(base)
    for shown in (own.studies[0]["label"], own.arm_results[0]["timepoint"]):
        assert shown[0] not in "=+-@"
        assert "<" not in shown
        assert ">" not in shown
    assert OwnRows.from_store(own.to_store()) == own  # once is enough


@pytest.mark.parametrize("sign", ["\x00", "\x1f", "\x0b", "\ud800", "\uffff"])
def test_a_character_that_no_workbook_holds_is_replaced_where_it_can_be_seen(sign):
    base = own_rows().to_store()
    base["studies"][0] |= {"label": f"Smith{sign}", "study_id": f"own-a{sign}"}
    own = OwnRows.from_store(base)
    assert own.studies[0]["label"] == "Smith\N{REPLACEMENT CHARACTER} (your study)"
    assert own.studies[0]["study_id"] == "own-a\N{REPLACEMENT CHARACTER}"
    assert rows_xlsx(own).startswith(b"PK")


@pytest.mark.parametrize(
    ("store", "words"),
    [
        ({"studies": [{"study_id": f"s{i}"} for i in range(MOST_STUDIES + 1)]}, f"{MOST_STUDIES}"),
        ({"arms": [{"study_id": "a"}] * (MOST_ROWS + 1)}, f"{MOST_ROWS:,}"),
        ({"studies": [{"notes": "x" * 1990, "study_id": f"s{i}"} for i in range(290)]}, f"{MOST_BYTES:,}"),
    ],
    ids=["studies", "rows", "bytes"],
)  # fmt: skip
def test_more_than_the_limits_is_refused_with_what_was_found_and_is_allowed(store, words):
    with pytest.raises(TooMuch, match=rf"found .*; allowed: at most {words}"):
        OwnRows.from_store(store)


@pytest.mark.parametrize("kept", [None, 7, "x", [], {"studies": "x"}, {"studies": [1, None]},
                                  {"studies": [{"study_id": 5, "label": {}}]}, {"off": {"a": 1}}])  # fmt: skip
def test_a_store_of_another_form_is_nothing(kept):
    assert with_own(EVIDENCE, OwnRows.from_store(kept)) is EVIDENCE


def test_bringing_a_study_again_replaces_it():
    own = own_rows()
    assert own + own == own
    assert len((own + own_rows().without({"own-castro-2023"})).studies) == 3
