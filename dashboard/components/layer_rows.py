"""The numbers of a figure of layers as a table: each row opens its Question on Compare."""

from __future__ import annotations

import math
from collections.abc import Iterable

from dash import html
from dash.development.base_component import Component

from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.effects.scale import printed
from analysis.effects.study_effect import plain
from analysis.evidence import Evidence
from analysis.figures.forest_table import side_of
from analysis.figures.words import interval_text
from analysis.topic.vertebral import claims

LAYER_COLUMNS = (
    "What",
    "Kind of evidence",
    "Result (95% interval)",
    "Side",
    "Prediction interval",
    "Studies",
    "Patients",
)
LAYER_SPOKEN = ("What", "Kind of evidence", "Result (95% interval)", "Side", "Studies")
"""What is read out of a row to one who walks the figure by keyboard."""


def layer_rows(
    layers: Iterable[claims.LayerOfEvidence], evidence: Evidence
) -> list[list[Component | str]]:
    """One table row per row of the layers, those without a study included."""
    return [
        _row(row, layer.title, ask(row.question, evidence), evidence)
        for layer in layers
        for row in layer.rows
    ]


def _row(row: claims.Row, title: str, answer: Answer, evidence: Evidence) -> list[Component | str]:
    link = html.A(row.label, href=f"/compare?{row.question.to_query()}")
    pooled = answer.pooled
    if pooled is None:
        return [link, title, claims.why_empty(row.question, evidence), "", "", "0", ""]
    prediction = ""
    if pooled.pi_low is not None and pooled.pi_high is not None:
        prediction = (
            f"{printed(row.question, pooled.pi_low)} to {printed(row.question, pooled.pi_high)}"
        )
    patients = sum(s.patients for s in answer.studies if not math.isnan(s.patients))
    counted = plain(patients)
    if row.question.spec.kind == "event" and row.question.unit != "patients":
        counted += f" {row.question.unit}"
    result = answer.told.result
    side = side_of(row.question, result.ci_low, result.ci_high, answer.mid)
    return [link, title, interval_text(answer), side, prediction, str(pooled.k), counted]
