"""The figures of a claim: its claim_figures, drawn as layers; rows without a study are named, not drawn."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.layers import Layer, Line, Mark, layers
from analysis.figures.words import interval_text
from analysis.topic.vertebral.claims.entry import ClaimFigure


@remembered(maxsize=128)
def draw_claim_figure(claim_figure: ClaimFigure, evidence: Evidence, *, narrow: bool = False) -> go.Figure | None:
    """Draw a claim_figure; None when none of its rows has a study. Cached: not to be changed."""
    panels = []
    for layer in claim_figure.layers:
        lines = tuple(
            Line(row.label, found)
            for row in layer.rows
            if (found := answer(row.question, evidence)).studies
        )
        if lines:
            panels.append(Layer(layer.title, lines))
    if not panels:
        return None
    mark = Mark(*claim_figure.mark) if claim_figure.mark else None
    return layers(
        panels,
        axis_title=claim_figure.axis_title,
        left=claim_figure.left,
        right=claim_figure.right,
        mark=mark,
        narrow=narrow,
    )


def claim_figure_caption(claim_figure: ClaimFigure, evidence: Evidence) -> str:
    """What a claim_figure shows, as text: every row with its figure, then the rows without one."""
    shown, empty = [], []
    for layer in claim_figure.layers:
        for row in layer.rows:
            found = answer(row.question, evidence)
            if found.studies:
                k = len(found.studies)
                shown.append(f"{row.label} {interval_text(found)}, {k} {'study' if k == 1 else 'studies'}")  # fmt: skip
            else:
                empty.append(row.label)
    text = f"{claim_figure.title}: {'; '.join(shown) if shown else 'no study with a usable result'}."
    return f"{text} {missing_rows(claim_figure, evidence)}".strip()


def missing_rows(claim_figure: ClaimFigure, evidence: Evidence) -> str:
    """The rows of a claim_figure that hold no study, in one sentence; empty where all do."""
    parts = []
    for layer in claim_figure.layers:
        gone = [r.label for r in layer.rows if not answer(r.question, evidence).studies]
        if gone:
            parts.append(f"{', '.join(gone)} ({layer.title[0].lower()}{layer.title[1:]})")
    return f"Without a usable result: {'; '.join(parts)}." if parts else ""
