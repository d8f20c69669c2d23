"""The figures of a claim: its plates, drawn as layers; rows without a study are named, not drawn."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.layers import Layer, Line, Mark, layers
from analysis.figures.words import interval_text
from analysis.topic.vertebral.claims.entry import Plate


@remembered(maxsize=128)
def plate_figure(plate: Plate, evidence: Evidence, *, narrow: bool = False) -> go.Figure | None:
    """Draw a plate; None when none of its rows has a study. Cached: not to be changed."""
    panels = []
    for layer in plate.layers:
        lines = tuple(
            Line(row.label, found)
            for row in layer.rows
            if (found := answer(row.question, evidence)).studies
        )
        if lines:
            panels.append(Layer(layer.title, lines))
    if not panels:
        return None
    mark = Mark(*plate.mark) if plate.mark else None
    return layers(
        panels,
        axis_title=plate.axis_title,
        left=plate.left,
        right=plate.right,
        mark=mark,
        narrow=narrow,
    )


def plate_caption(plate: Plate, evidence: Evidence) -> str:
    """What a plate shows, as text: every row with its figure, then the rows without one."""
    shown, empty = [], []
    for layer in plate.layers:
        for row in layer.rows:
            found = answer(row.question, evidence)
            if found.studies:
                k = len(found.studies)
                shown.append(f"{row.label} {interval_text(found)}, {k} {'study' if k == 1 else 'studies'}")  # fmt: skip
            else:
                empty.append(row.label)
    text = f"{plate.title}: {'; '.join(shown) if shown else 'no study with a usable figure'}."
    return f"{text} {missing_rows(plate, evidence)}".strip()


def missing_rows(plate: Plate, evidence: Evidence) -> str:
    """The rows of a plate that hold no study, in one sentence; empty where all do."""
    parts = []
    for layer in plate.layers:
        gone = [r.label for r in layer.rows if not answer(r.question, evidence).studies]
        if gone:
            parts.append(f"{', '.join(gone)} ({layer.title[0].lower()}{layer.title[1:]})")
    return f"Without a usable figure: {'; '.join(parts)}." if parts else ""
