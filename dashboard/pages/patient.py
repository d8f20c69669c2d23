"""For a patient: benefits and harms of a decision in one table, from the evidence nearest to the patient.

The address is the patient (`analysis.topic.vertebral.patient.Patient`): Back undoes a change, reload restores it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import parse_qsl, urlencode

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.findings.table import findings
from analysis.topic.vertebral.patient import (
    AGES,
    ALTERNATIVES,
    CAUSES,
    EARLIER,
    PROCEDURES,
    SEXES,
    YEARS,
    Patient,
)
from analysis.topic.vertebral.patient.profile import LABELS, InvalidPatient
from dashboard import own, state
from dashboard.components.findings import VIEWS, summary
from dashboard.components.page_parts import heading, notice
from dashboard.page import Page, Visit
from dashboard.terms import marked

_VIEW, _SHOW = "patient-view", "show"
_CHOICES: dict[str, dict[str, str]] = {
    "procedure": PROCEDURES,
    "alternative": ALTERNATIVES,
    "cause": CAUSES,
    "age": {key: age.label for key, age in AGES.items()},
    "years": {key: band.label for key, band in YEARS.items()},
    "sex": SEXES,
    "earlier": EARLIER,
}


def layout(evidence: Evidence, visit: Visit) -> Component:
    patient, show, said = read(visit.query)
    return html.Article(
        [
            dcc.Store(id=state.QUESTION, data={"query": address(patient, show), "history": "replace"}),
            html.Details(
                [
                    html.Summary("Change the patient"),
                    html.Form(
                        [*(_select(name, patient) for name in _CHOICES), _switch(show)],
                        className="patient-form",
                        **{"aria-label": "The patient"},
                    ),
                ],
                className="patient-fold",
            ),
            html.Div(view(patient, show, evidence, said), id=_VIEW, className="answer"),
        ]
    )  # fmt: skip


def read(query: str) -> tuple[Patient, str, list[str]]:
    """The patient of an address, how the table is shown, and what was not understood."""
    asked_for = dict(parse_qsl(query)).get(_SHOW, "numbers")
    rest = urlencode([(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k != _SHOW])
    patient, said = Patient.from_query(rest)
    if asked_for not in VIEWS:
        said.append(
            f"{_SHOW}: found {asked_for[:40]!r}, allowed: {', '.join(VIEWS)}; numbers are shown"
        )
        asked_for = "numbers"
    return patient, asked_for, said


def address(patient: Patient, show: str) -> str:
    """The address of a patient's table; numbers, the usual way, are not named.

    >>> address(Patient(), "words"), address(Patient(cause="malignant"), "numbers")
    ('show=words', 'cause=malignant')
    """
    return "&".join(
        filter(None, (patient.to_query(), f"{_SHOW}={show}" if show != "numbers" else ""))
    )


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        Output(_VIEW, "children"),
        Output(_id("procedure"), "value"),
        Output(_id("alternative"), "value"),
        Output(state.QUESTION, "data", allow_duplicate=True),
        [Input(_id(name), "value") for name in (*_CHOICES, _SHOW)],
        State(state.QUESTION, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def changed(*values: object) -> tuple:
        *wished, show, question, kept = values
        before, shown, _ = read(question["query"])
        patient, notes = asked(before, dict(zip(_CHOICES, wished, strict=True)), _touched())
        show = str(show) if show in VIEWS else shown
        if (patient, show) == (before, shown) and not notes:
            return (no_update,) * 4
        moved = [
            no_update if getattr(patient, name) == value else getattr(patient, name)
            for name, value in zip(("procedure", "alternative"), wished[:2], strict=True)
        ]
        return (
            marked(view(patient, show, own.evidence_for(evidence, kept), notes)),
            *moved,
            {"query": address(patient, show), "history": "push"},
        )


def _touched() -> str:
    """The control that the reader changed."""
    found = ctx.triggered_id
    return found["patient"] if isinstance(found, dict) else ""


def asked(
    before: Patient, wished: dict[str, object], touched: str
) -> tuple[Patient, tuple[str, ...]]:
    """The patient after a control was changed; what cannot be gives way, and is said.

    >>> wished = {**VALUES, "procedure": "VP", "alternative": "VP"}
    >>> after, notes = asked(Patient(), wished, "procedure")
    >>> after.alternative, len(notes)
    ('NSM', 1)
    """
    notes = []
    values, changed = Patient.apart({name: str(wished[name]) for name in _CHOICES}, touched)
    if changed:
        label = _CHOICES[changed][values[changed]]
        notes.append(
            f"A treatment is not compared with itself: the {changed} is now {label.lower()}."
        )
    try:
        return Patient(**values), tuple(notes)
    except InvalidPatient as error:
        return before, (f"Nothing was changed. {error}",)


VALUES: dict[str, object] = {name: getattr(Patient(), name) for name in _CHOICES}
"""The form's first state, as its controls show it."""


# --- the form ------------------------------------------------------------------------------------
def _id(field: str) -> dict[str, str]:
    return {"patient": field}


def _select(name: str, patient: Patient) -> Component:
    return dmc.Select(
        id=_id(name),
        label=LABELS[name],
        value=getattr(patient, name),
        data=[{"value": value, "label": label} for value, label in _CHOICES[name].items()],
        allowDeselect=False,
        checkIconPosition="right",
    )


def _switch(show: str) -> Component:
    """Words, numbers or pictures."""
    return html.Div(
        [
            html.Span("Show the table in", id="show-label", className="mantine-InputWrapper-label"),
            dmc.SegmentedControl(
                id=_id(_SHOW),
                value=show,
                data=[{"value": key, "label": label} for key, label in VIEWS.items()],
                size="sm",
                fullWidth=True,
                **{"aria-labelledby": "show-label"},
            ),
        ]
    )


# --- what depends on the patient -----------------------------------------------------------------
def view(
    patient: Patient, show: str, evidence: Evidence, notes: Sequence[str] = ()
) -> list[Component]:
    """Everything from the heading down."""
    return [
        heading(patient.in_words()),
        *notice(notes),
        *summary(patient, evidence, show),
        html.P(
            "Averages of groups do not say what will happen to one person, and do not replace the judgement of whoever "
            "treats them.",
            className="quiet",
        ),
    ]


def _published(evidence: Evidence) -> Iterator[str]:
    """Every cause with every age of fracture and patient; every pair of treatments; the first in all three views."""
    yield from (address(Patient(), show) for show in VIEWS)
    for cause, age, years in product(CAUSES, AGES, YEARS):
        yield address(Patient(cause=cause, age=age, years=years), "numbers")
    for one, other in product(PROCEDURES, ALTERNATIVES):
        if one != other:
            yield address(Patient(procedure=one, alternative=other), "numbers")


def _canonical(query: str) -> str:
    patient, show, _ = read(query)
    return address(patient, show)


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    patient = read(query)[0]
    found = findings(patient, evidence)
    return patient.in_words(), " ".join((*found.benefits_said[:1], *found.harms_said[:1]))


PAGE = Page(
    path="/patient",
    name="For a patient",
    title="For this patient",
    description="Benefits and harms of a procedure and its alternative in one table, in absolute numbers, with "
    "certainty and distance from the patient.",
    layout=layout,
    connect=connect,
    preview=_preview,
    published=_published,
    canonical=_canonical,
)
