"""Trial by trial, what each has on each outcome: the matrix of `analysis.survey.missing` as a table."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.prose import capital, counted
from analysis.survey.gaps import comparison_name
from analysis.survey.missing import (
    AVAILABLE,
    STATES,
    UNCLEAR,
    UNMEASURED,
    UNUSABLE,
    Missing,
    State,
)
from dashboard.components.graph import table

_SIGNS = {AVAILABLE: "●", UNUSABLE: "◐", UNMEASURED: "○", UNCLEAR: "?"}


def signs() -> Component:
    """What each sign means."""
    return html.P(
        "; ".join(f"{_SIGNS[state]} {text}" for state, text in STATES.items()) + ".",
        className="quiet",
    )


def trials(found: Missing) -> Component:
    """A row for each trial: what it has on the one outcome of the matrix, and why, in words."""
    states = [(row.name, row.states[0]) for row in found.rows]
    rows = [[name, f"{_SIGNS[one.state]} {STATES[one.state]}", one.why] for name, one in states]
    what = f"{found.question.spec.label}, {found.question.window.label}"
    return table(("Trial", what, "Why"), rows, f"{_name(found)}: what each trial has")


def folded(found: Missing) -> Component:
    """The matrix of one comparison among several, under its name and its number of trials."""
    columns = ("Trial", *(words.OUTCOMES[key].label for key in found.outcomes))
    rows = [[row.name, *(_state(state) for state in row.states)] for row in found.rows]
    shown = table(columns, rows, f"{_name(found)}: what each trial has")
    return html.Details([html.Summary(f"{_name(found)}: {counted(len(rows), 'trial')}"), shown])


def _name(found: Missing) -> str:
    return capital(comparison_name((found.question.intervention, found.question.comparator)))


def _state(state: State) -> Component:
    """The sign for the eye, the words for a pointer and for a screen reader."""
    said = STATES[state.state] + (f": {state.why}" if state.why else "")
    return html.Span(_SIGNS[state.state], title=said, role="img", **{"aria-label": said})
