"""How often harms were counted: one row per treatment and way of counting, with its interval and its counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.effects.study_effect import number, plain
from analysis.figures import theme
from analysis.figures.words import wrap
from analysis.survey.harms import Rate

ROW = 34
_DOMAIN = (0.2, 0.62)


def rates_figure(found: Sequence[Rate], *, narrow: bool = False) -> go.Figure:
    """Draw the rates in groups by unit and reading, on one axis of percent that starts at zero.

    Raises
    ------
    ValueError
        When there is no rate: the page has a sentence for that.
    """
    if not found:
        raise ValueError("no rate to draw")
    upper = _upper(found)
    traces: list[dict[str, Any]] = []
    labels: list[tuple[float, str]] = []
    texts: list[tuple[float, str]] = []
    titles: list[tuple[float, str]] = []
    y, heading = 0.0, None
    step = 1.15 if narrow else 0.8
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
            labels.append((y, name))
            texts.append((y, f"{rate_text(rate)}; {counts_text(rate)}"))
        y -= step
    notes = _notes(found, narrow)
    low = y + 0.35
    bottom = 50 + 17 * len(notes)
    traces.append(theme.text_column(0.0, labels, size=12 if narrow else 13))
    if texts:
        traces.append(theme.text_column(0.64, texts, size=12))
    traces.append(theme.text_column(0.0, [(at, f"<b>{t}</b>") for at, t in titles], size=13))
    high = 0.6
    layout = {
        "height": int((high - low) * ROW) + bottom + 6,
        "margin": {"l": 8, "r": 8, "t": 6, "b": bottom},
        "xaxis": theme.HIDDEN_AXIS | {"domain": [0, 1], "range": [0, 1]},
        "xaxis2": {
            "range": [-0.01 * upper, upper], "domain": [0.02, 0.97] if narrow else list(_DOMAIN),
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


def group_title(rate: Rate) -> str:
    """What a group of rows counts: "Per patient, found on CT"."""
    unit = words.PER[rate.unit].capitalize()
    return f"{unit}, {rate.reading.label}" if rate.reading.label else unit


def rate_text(rate: Rate) -> str:
    """A rate with its interval; without an event, its upper limit."""
    if rate.events == 0:
        return f"0% (at most {percent(rate.high)}%)"
    return f"{percent(rate.value)}% ({percent(rate.low)} to {percent(rate.high)}%)"


def counts_text(rate: Rate) -> str:
    """The counts behind a rate: events, denominator, studies."""
    studies = f"{rate.k} {'study' if rate.k == 1 else 'studies'}"
    star = "*" if rate.how == "common" else ""
    zero = f", {rate.without_event} without an event" if rate.without_event and rate.k > 1 else ""
    return f"{plain_count(rate.events)} of {plain_count(rate.total)}, {studies}{star}{zero}"


def plain_count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else plain(value)


def percent(value: float) -> str:
    """A proportion in percent with as many decimals as a small one needs; never 0 unless it is.

    >>> percent(0.1468), percent(0.0126), percent(0.0006), percent(0.0), percent(1.0)
    ('15', '1.3', '0.06', '0', '100')
    """
    scaled = 100 * value
    if scaled in (0.0, 100.0):
        return number(scaled, 0)
    room = min(scaled, 100 - scaled)
    digits = 0 if room >= 9.95 else 1 if room >= 0.095 else 2
    text = number(scaled, digits)
    return text if float(text) not in (0.0, 100.0) else f"{scaled:.1g}"


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
    studies = theme.marks(
        [min(100 * x / n, upper) for x, n in _counts(rate)], [y - 0.2] * rate.k,
        {"size": 5, "color": colour, "opacity": 0.7},
        text=[
            f"<b>{s.label}</b>, {s.timepoint}<br>{s.text_t}" for s in rate.answer.studies
        ],
        hovertemplate="%{text}<extra></extra>",
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
        "pooled": "◆ pooled over studies (random effects), with its 95% CI",
        "common": "◇ * mean of two studies, with its 95% interval",
        "one": "● one study, with its exact 95% interval",
        "none": "○ no event: the line ends at the exact upper limit",
    }
    parts = [text for key, text in said.items() if key in how]
    if any(rate.k > 1 for rate in found):
        parts.append("small dots: single studies")
    if any(100 * rate.high > _upper(found) for rate in found):
        parts.append("▶ the interval goes on")
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
