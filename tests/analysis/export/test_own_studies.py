"""A reader's own study in a file that leaves the page: marked everywhere, never passed off as published."""

from __future__ import annotations

import io

import openpyxl
import pytest

from analysis import Question, answer
from analysis.evidence.own import NOWHERE, OwnRows, with_own
from analysis.export.artefacts import ARTEFACTS
from analysis.export.references import NO_TRIAL, OWN_STUDY
from tests.evidence_builder import shipped

SHAM = Question(time="12m")
LINK = "/compare?v=1&time=12m"


def evidence_with(study_id: str):
    source = {"source_location": "none", "source_kind": "other"}
    arms = [("VP", "30", "2.1"), ("SHAM", "30", "3.4")]
    own = OwnRows(
        studies=({"study_id": study_id, "label": "Mine 2026", "design": "sham_rct", "year": "2026",
                  "etiology": "osteoporotic", "participants_blinded": "yes"},),
        arms=tuple({"study_id": study_id, "arm_id": a, "treatment": a, "n": n} | source for a, n, _ in arms),
        arm_results=tuple(
            {"study_id": study_id, "arm_id": a, "outcome": "pain", "instrument": "VAS", "scale_min": "0",
             "scale_max": "10", "scale_basis": "printed", "timepoint": "12 months", "weeks": "52",
             "kind": "mean", "statistic": "mean", "n": n, "mean": mean, "sd": "2.5"} | source
            for a, n, mean in arms
        ),
    )  # fmt: skip
    evidence = with_own(shipped(), own)
    assert evidence.own == {study_id}, evidence.faults
    return evidence


@pytest.mark.parametrize(
    ("study_id", "mark", "said"),
    [
        ("own-mine", "Mine 2026 (your study)", OWN_STUDY),
        ("own-what-if-1", "Mine 2026 (hypothetical)", NO_TRIAL),
    ],
)
def test_every_text_file_marks_it_and_says_that_the_hash_does_not_cover_it(study_id, mark, said):
    evidence = evidence_with(study_id)
    assert any(s.trial == study_id for s in answer(SHAM, evidence).studies)
    for name in ("script.R", "script.py", "report.html", "references.txt"):
        text = ARTEFACTS[name].make(SHAM, evidence, LINK).decode().replace("&#39;", "'")
        assert mark in text, name
        assert "not part of the data that the hash covers" in text, name
        assert evidence.version in text, name
        assert NOWHERE not in text, name
    for name in ("references.txt", "references.bib", "references.ris"):
        assert said in ARTEFACTS[name].make(SHAM, evidence, LINK).decode(), name
    assert "added by the reader" in ARTEFACTS["methods.txt"].make(SHAM, evidence, LINK).decode()
    assert "1 of the reader's own studies" in ARTEFACTS["citation.txt"].make(SHAM, evidence, LINK).decode()  # fmt: skip


def test_the_workbook_marks_it():
    evidence = evidence_with("own-mine")
    made = ARTEFACTS["tables.xlsx"].make(SHAM, evidence, LINK)
    book = openpyxl.load_workbook(io.BytesIO(made))
    cells = {page.title: [str(c.value) for row in page.iter_rows() for c in row] for page in book}
    for name in ("effects", "printed", "reports"):
        assert "Mine 2026 (your study)" in cells[name], name
    assert not any(NOWHERE in text for page in cells.values() for text in page)
    assert any(text.startswith("1 added by the reader") for text in cells["about"])
