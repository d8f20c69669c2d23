"""Risk of bias beside the effect: blinding, funding, and what others judged, on every surface of a study."""

from __future__ import annotations

import dataclasses

import pytest

from analysis.answer import answer
from analysis.appraisal.certainty import signals
from analysis.appraisal.published import judgements
from analysis.evidence.bias import Judged, judged_trials
from analysis.export.provenance import origin_of
from analysis.export.sheets import effects
from analysis.figures import forest
from analysis.figures.forest_table import COLUMNS, cells, forest_table
from analysis.question import Question
from tests.evidence_builder import Tiny, shipped

PROSE = {
    "risk_of_bias": ("tool", "domain", "judgement", "assessed_by"),
    "published_syntheses": ("outcome", "comparison", "population", "timepoint", "measure", "model",
                            "certainty", "note", "coding_note", "citation"),
}  # fmt: skip


def two() -> Tiny:
    tiny = Tiny().study("judged", participants_blinded="yes", funding="industry")
    tiny.study("alone", participants_blinded="", funding="").study(
        "later", parent_study_id="judged"
    )
    tiny.contrast("judged")
    tiny.contrast("alone", estimate=0.6, ci_low=-0.5, ci_high=1.7)
    usual = {
        "tool": "t",
        "domain": "d",
        "judgement": "j",
        "assessed_by": "a",
        "judged_by": "review authors",
    }
    tiny.row(
        "risk_of_bias", study_id="later", domain_code="attrition", level="some concerns", **usual
    )
    tiny.row("risk_of_bias", study_id="judged", domain_code="blinding", level="", **usual)
    return tiny


def test_a_trial_carries_the_remarks_on_all_its_reports():
    assert judged_trials(two().evidence()) == {
        "judged": (
            Judged("attrition", "some concerns", "review authors"), Judged("blinding", "", "review authors"),
        )
    }  # fmt: skip


def test_table_figure_and_workbook_say_the_same_of_a_study():
    evidence = two().evidence()
    found = answer(Question(), evidence)
    rows = {
        row.label: dict(zip(COLUMNS, cells(row), strict=True))
        for row in forest_table(found).studies
    }
    said = [[rows[name][column] for column in COLUMNS[-4:-1]] for name in ("Judged", "Alone")]
    assert said == [
        ["yes", "industry", "attrition some concerns (review authors)"], ["not stated", "not stated", "not judged"],
    ]  # fmt: skip
    hovers = [
        text
        for trace in forest(found).data
        for text in (trace.text or ())
        if "risk of bias" in text
    ]
    assert any("risk of bias: attrition some concerns (review authors)" in text for text in hovers)
    assert any("risk of bias: not judged" in text for text in hovers)
    sheet = effects(found, origin_of(evidence, "https://example.org/compare"))
    assert sorted(row["risk_of_bias"] for row in sheet.records()) == [
        "attrition some concerns (review authors)", "not judged",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [Question(), Question(comparator="NSM"), Question(intervention="BKP", comparator="NSM", time="12m"),
     Question(outcome="new-fracture", comparator="NSM", time="any")],
)  # fmt: skip
def test_certainty_and_published_judgements_read_no_prose(question):
    """With the words of reviews and judges blanked, levels, signals and counts stay as they are."""
    evidence = shipped()
    blanked = {
        name: getattr(evidence, name).assign(**dict.fromkeys(columns, ""))
        for name, columns in PROSE.items()
    }
    bare = dataclasses.replace(evidence, **blanked)

    def known(of):
        found = answer(question, of)
        levels = [
            (j.level, j.review, j.differs, j.row_id)
            for j in judgements(question, found.studies, of)
        ]
        seen = [(s.title, s.reading, s.finding, len(s.remarks)) for s in signals(found, of)]
        return levels, seen, [s.judged for s in found.studies]

    assert known(bare) == known(evidence)
