"""No answer rests on the wording of a cell: with every free text blanked, all standard questions answer alike."""

from __future__ import annotations

import csv

import pytest

from analysis import load_evidence
from analysis.appraisal.mid import mid_of
from analysis.effects.table import effects_of
from analysis.evidence.reach import may_have_studies
from analysis.evidence.schema import TABLES
from analysis.standard_questions import standard_questions
from tests.evidence_builder import shipped
from tests.evidence_folder import copy_data

PROSE = {
    "studies": (
        "acronym", "title", "journal", "fracture_age_text", "countries", "never_pool_reason", "notes",
    ),
    "arms": ("treatment_detail", "source_location"),
    "arm_results": (
        "instrument", "timepoint", "not_poolable_reason", "note", "coding_note", "source_location",
    ),
    "contrasts": (
        "instrument", "timepoint", "adjusted", "sign_basis", "not_poolable_reason", "note", "coding_note",
        "source_location",
    ),
    "minimal_important_differences": ("instrument", "unit", "population", "citation"),
    "links": ("reason",),
}  # fmt: skip


@pytest.fixture(scope="module")
def blanked(tmp_path_factory):
    """The shipped data without their prose: empty where a cell may be, one sign where it may not."""
    folder = copy_data(tmp_path_factory.mktemp("blanked") / "data")
    for name, columns in PROSE.items():
        file = folder / TABLES[name].file
        with file.open(encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        for row in rows:
            for column in columns:
                needed = TABLES[name].columns[column].metadata["essential"]
                row[column] = "x" if needed and row[column] and "reason" not in column else ""
                if column == "sign_basis":
                    row[column] = ""
        with file.open("w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            for number, row in enumerate(rows):
                if name == "links":
                    row["reason"] = "x"
                if name == "minimal_important_differences":  # no two rows may be alike
                    row["citation"] = f"x{number}"
                writer.writerow(row)
    return load_evidence(folder)


def asked():
    for question in standard_questions():
        yield question
        if question.spec.kind == "event":
            for measure in question.measures()[1:]:
                yield question.replace(measure=measure)


def told(evidence):
    """The effects and the threshold of every question: an answer is a function of these and of the question."""
    found = {}
    for question in asked():
        mid = mid_of(question, evidence)
        # what has rows at all rests on codes alone, and most of these questions have none
        can = may_have_studies(question, evidence)
        studies = effects_of(question, evidence).studies if can else ()
        found[question] = (
            mid.value if mid else None,
            tuple(
                (s.trial, s.yi, s.vi, s.n_t, s.n_c, s.row_ids, s.flags, s.inputs, s.interval())
                for s in studies
            ),
        )
    return found


def test_every_answer_is_the_same_without_the_prose(blanked):
    alike = {
        fault.allowed for fault in blanked.faults if "once" not in fault.allowed
    }  # rows that only their words told apart
    assert not alike
    before, after = told(shipped()), told(blanked)
    differing = [q.to_query() for q in before if repr(before[q]) != repr(after[q])]
    assert differing == []
