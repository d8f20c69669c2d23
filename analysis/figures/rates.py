"""How often harms were counted: one row per treatment and way of counting, with its interval and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.errors import NotEstimable
from analysis.figures import theme
from analysis.figures.columns import DRAWING, RESULTS, broken, small
from analysis.figures.words import wrap
from analysis.survey.harms import Rate
from analysis.survey.rate_words import counts_text, group_title, rate_text

ROW = 34


def rates_figure(found: Sequence[Rate], *, narrow: bool = False) -> go.Figure:
    """Draw the rates in groups by unit and reading, on one axis of percent that starts at zero.

    Raises
    ------
    ValueError
        When there is no rate: the page has a sentence for that.
    """
    if not found:
        raise NotEstimable("no rate to draw")
    upper = _upper(found)
    traces: list[dict[str, Any]] = []
    labels: list[tuple[float, str]] = []
    texts: list[tuple[float, str]] = []
    titles: list[tuple[float, str]] = []
    y, heading = 0.0, None
    step = 1.15 if narrow else 1.0
    for rate in found:
        title = group_title(rate)
        if title != heading:
            y -= 0.35 if heading is not None else 0.0
            titles.append((y, title))
            heading = title
            y -= 1.15 if narrow else 0.85
        traces += _row(rate, y, upper)
        name = (words.SHORT if narrow else words.INTERVENTIONS)[rate.treatment]
        name = name[0].upper() + name[1:]
        if narrow:
            counts = counts_text(rate).partition(", ")[0]
            labels.append((y + 0.47, f"<b>{name}</b>  {rate_text(rate)}; {counts}"))
        else:
            labels.append((y, "<br>".join(broken(name, 13, most=2))))
            counts = broken(counts_text(rate), 11, RESULTS, 2)
            texts.append((y, "<br>".join([rate_text(rate), *map(small, counts)])))
        y -= step
    notes = _notes(found, narrow)
    low = y + 0.35
    bottom = 50 + 17 * len(notes)
    traces.append(theme.text_column(0.0, labels, size=12 if narrow else 13))
    if texts:
        traces.append(theme.text_column(0.995, texts, "left", size=12))
    traces.append(theme.text_column(0.0, [(at, f"<b>{t}</b>") for at, t in titles], size=13))
    high = 0.6
    layout = {
        "height": int((high - low) * ROW) + bottom + 6,
        "margin": {"l": 8, "r": 8, "t": 6, "b": bottom},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": {
            "range": [-0.01 * upper, upper], "domain": [0.02, 0.97] if narrow else list(DRAWING),
            "anchor": "y", "fixedrange": True, "showgrid": False, "zeroline": False, "showline": True,
            "ticks": "outside", "ticksuffix": "%", "nticks": 6, "tickfont": {"size": 12},
        },
        "yaxis": theme.HIDDEN_AXIS | {"range": [low, high]},
        "annotations": [
            {
                "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top",
                "yshift": -36, "text": "<br>".join(notes), "showarrow": False, "align": "left",
                "font": {"size": 12},
            }
        ],
    }  # fmt: skip
    return theme.figure(traces, layout)


def _upper(found: Sequence[Rate]) -> float:
    """The end of the axis: intervals are cut where they would squeeze the rates themselves."""
    return 1.04 * max(100 * min(rate.high, max(4 * rate.value, 0.02)) for rate in found)


def _row(rate: Rate, y: float, upper: float) -> list[dict[str, Any]]:
    colour = theme.colour(rate.treatment)
    low, high = 100 * rate.low, 100 * rate.high
    value = 100 * rate.value
    pooled = rate.how == "pooled"
    thick = theme.line([low, min(high, upper)], [y, y], 6 if pooled else 3, colour)
    cut = theme.arrows([(upper, y, "right")] if high > upper else [], colour)
    shape = {"pooled": "diamond", "common": "diamond-open", "one": "circle", "none": "circle-open"}
    shares = [100 * x / n for x, n in _counts(rate)]
    studies = theme.marks(  # one beyond the end of the axis is an arrow at it, never half a dot
        [min(share, upper) for share in shares], [y - 0.2] * rate.k,
        {"size": [9 if share > upper else 5 for share in shares], "color": colour, "opacity": 0.7,
         "symbol": ["triangle-right" if share > upper else "circle" for share in shares]},
        text=[
            f"<b>{s.label}</b>, {s.timepoint}<br>{s.text_t}" for s in rate.answer.studies
        ],
        hovertemplate="%{text}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    mark = theme.marks(
        [value], [y],
        {
            "symbol": shape[rate.how], "size": 13 if pooled or rate.how == "common" else 10, "color": colour,
            "line": {"width": 2.2 if rate.how in ("common", "none") else 0, "color": colour},
        },
        text=[f"{rate_text(rate)}<br>{counts_text(rate)}"], hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip
    return [thick, cut, *([studies] if rate.k > 1 else []), mark]


def _counts(rate: Rate) -> list[tuple[float, float]]:
    pairs = (study.text_t.split("/") for study in rate.answer.studies)
    return [(float(x), float(n)) for x, n in pairs]


def _notes(found: Sequence[Rate], narrow: bool) -> list[str]:
    how = {rate.how for rate in found}
    said = {
        "pooled": "◆ pooled over studies, with its 95% interval",
        "common": "◇ * mean of two studies, with its 95% interval",
        "one": "● one study, with its exact 95% interval",
        "none": "○ no event: the line ends at the exact upper limit",
    }
    parts = [text for key, text in said.items() if key in how]
    if any(rate.k > 1 for rate in found):
        parts.append("small dots: single studies")
    end = _upper(found)
    beyond = any(100 * x / n > end for rate in found if rate.k > 1 for x, n in _counts(rate))
    if beyond or any(100 * rate.high > end for rate in found):
        parts.append("▶ an interval or a study beyond the end of the axis")
    text = "; ".join(parts)
    return wrap(f"{text}.", 52 if narrow else 140)


def rates_caption(found: Sequence[Rate]) -> str:
    """The rates as text, in the order of the figure."""
    parts, heading = [], None
    for rate in found:
        title = group_title(rate)
        start = f"{title}: " if title != heading else ""
        heading = title
        who = words.INTERVENTIONS[rate.treatment]
        parts.append(f"{start}{who} {rate_text(rate)}, {counts_text(rate).rstrip('*')}")
    return "; ".join(parts) + "."
