"""The two figures of the front page: pain by rigour of the evidence, and patients with relief."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.layers import Layer, Line, Mark, layers
from analysis.topic.vertebral.claims import (
    LayerOfEvidence,
    pain_layers,
    relief_layers,
    why_empty,
)


@remembered(maxsize=32)
def pain_figure(
    evidence: Evidence, time: str, *, narrow: bool = False, letters: int = 46
) -> go.Figure:
    """Series, open trials and sham trials on the pain scale; the band is the minimal important difference."""
    return layers(
        answered(pain_layers(time)[::-1], evidence),  # what is most rigorous stands first
        axis_title="Points on the pain scale of 0 to 10",
        left="◀ less pain",
        right="more pain ▶",
        narrow=narrow,
        letters=letters,
    )


@remembered(maxsize=8)
def relief_figure(evidence: Evidence, *, narrow: bool = False) -> go.Figure:
    """The pooled proportion with relief in series, beside relief under sham and under conservative care."""
    return layers(
        answered(relief_layers(), evidence),
        axis_title="Percent of patients with relief, as each study defined it",
        mark=Mark(float(words.CLAIMED_PERCENT), f"claimed: over {words.CLAIMED_PERCENT}%"),
        narrow=narrow,
    )


def answered(parts: Sequence[LayerOfEvidence], evidence: Evidence) -> list[Layer]:
    """The layers with their answers, ready to draw."""
    return [
        Layer(
            part.title,
            tuple(
                Line(row.label, answer(row.question, evidence), why_empty(row.question, evidence))
                for row in part.rows
            ),
        )
        for part in parts
    ]
