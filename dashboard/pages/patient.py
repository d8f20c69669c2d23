"""For this patient: five fields, and for everything that matters the evidence nearest to them.

The address is the patient (`analysis.topic.vertebral.patient.Patient`): Back undoes a change, reload restores it.
"""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.topic.vertebral.patient import (
    AGES,
    ALTERNATIVES,
    CAUSES,
    MATTERS,
    PROCEDURES,
    Patient,
)
from analysis.topic.vertebral.patient.profile import InvalidPatient
from dashboard import own, state
from dashboard.components.page_parts import heading, notice
from dashboard.components.patient import patient_parts
from dashboard.page import Page, Visit

_VIEW = "patient-view"
_LABELS = {
    "cause": "Cause of the fracture",
    "age": "Age of the fracture",
    "procedure": "Procedure considered",
    "alternative": "Alternative",
    "matters": "What matters",
}
_CHOICES: dict[str, dict[str, str]] = {
    "cause": CAUSES,
    "age": {key: age.label for key, age in AGES.items()},
    "procedure": PROCEDURES,
    "alternative": ALTERNATIVES,
}


def layout(evidence: Evidence, visit: Visit) -> Component:
    patient, said = Patient.from_query(visit.query)
    return html.Article(
        [
            dcc.Store(id=state.QUESTION, data={"query": patient.to_query(), "history": "replace"}),
            html.Div(
                [
                    html.Form(
                        [
                            html.H2("The patient", className="panel-title"),
                            *(_select(name, patient) for name in _CHOICES),
                            _matters(patient),
                        ],
                        className="panel panel-first",
                        **{"aria-label": "The patient"},
                    ),
                    html.Div(
                        view(patient, evidence, visit, said), id=_VIEW, className="answer"
                    ),
                ],
                className="with-panel",
            ),
        ]
    )  # fmt: skip


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        Output(_VIEW, "children"),
        Output(_id("procedure"), "value"),
        Output(_id("alternative"), "value"),
        Output(_id("matters"), "value"),
        Output(state.QUESTION, "data", allow_duplicate=True),
        [Input(_id(name), "value") for name in _LABELS],
        State(state.QUESTION, "data"),
        State(state.PLACE, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def changed(*values: object) -> tuple:
        *wished, question, place, kept = values
        before, _ = Patient.from_query(question["query"])
        patient, notes = asked(before, dict(zip(_LABELS, wished, strict=True)), _touched())
        if patient == before and not notes:
            return (no_update,) * 5
        visit = Visit.from_browser(place)
        moved = [
            no_update if getattr(patient, name) == value else getattr(patient, name)
            for name, value in zip(("procedure", "alternative"), wished[2:4], strict=True)
        ]
        shown = list(patient.matters)
        return (
            view(patient, own.evidence_for(evidence, kept), visit, notes),
            *moved,
            no_update if sorted(shown) == sorted(map(str, _listed(wished[4]))) else shown,
            {"query": patient.to_query(), "history": "push"},
        )


def _listed(value: object) -> list[object]:
    """What a control of several choices holds."""
    return value if isinstance(value, list) else []


def _touched() -> str:
    """The control that the reader changed."""
    found = ctx.triggered_id
    return found["patient"] if isinstance(found, dict) else ""


def asked(
    before: Patient, wished: dict[str, object], touched: str
) -> tuple[Patient, tuple[str, ...]]:
    """The patient after a control was changed; what cannot be gives way, and is said.

    >>> after, notes = asked(Patient(), {**VALUES, "procedure": "VP", "alternative": "VP"}, "procedure")
    >>> after.alternative, len(notes)
    ('NSM', 1)
    """
    notes = []
    values = {name: str(wished[name]) for name in _CHOICES}
    matters = tuple(map(str, _listed(wished["matters"])))
    if not matters:
        matters = before.matters
        notes.append("Something has to matter: the last choice stays.")
    if values["procedure"] == values["alternative"]:
        if touched == "alternative":
            values["procedure"] = "BKP" if values["alternative"] != "BKP" else "VP"
            changed, label = "procedure", PROCEDURES[values["procedure"]]
        else:
            values["alternative"] = "NSM"
            changed, label = "alternative", ALTERNATIVES["NSM"]
        notes.append(
            f"A treatment is not compared with itself: the {changed} is now {label.lower()}."
        )
    try:
        return Patient(**values, matters=matters), tuple(notes)
    except InvalidPatient as error:
        return before, (f"Nothing was changed. {error}",)


VALUES: dict[str, object] = {
    **{name: getattr(Patient(), name) for name in _CHOICES},
    "matters": list(MATTERS),
}
"""The form's first state, as its controls show it."""


# --- the form ------------------------------------------------------------------------------------
def _id(field: str) -> dict[str, str]:
    return {"patient": field}


def _select(name: str, patient: Patient) -> Component:
    return dmc.Select(
        id=_id(name),
        label=_LABELS[name],
        value=getattr(patient, name),
        data=[{"value": value, "label": label} for value, label in _CHOICES[name].items()],
        allowDeselect=False,
        checkIconPosition="right",
    )


def _matters(patient: Patient) -> Component:
    return dmc.CheckboxGroup(
        [dmc.Checkbox(value=value, label=label, mt=8) for value, label in MATTERS.items()],
        id=_id("matters"),
        label=_LABELS["matters"],
        value=list(patient.matters),
    )


# --- what depends on the patient -----------------------------------------------------------------
def view(
    patient: Patient, evidence: Evidence, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Everything from the heading down."""
    return [
        heading(patient.in_words()),
        *notice(notes),
        html.P(
            "The nearest published evidence, and how far it is from this patient. Averages of groups: they do not say "
            "what will happen to one person, and they do not replace the judgement of whoever treats them.",
            className="lede",
        ),
        *patient_parts(patient, evidence, visit.narrow),
    ]


PAGE = Page(
    path="/patient",
    name="For a patient",
    title="For this patient",
    description="Cause and age of a fracture, the procedure considered and its alternative: the nearest published "
    "evidence in absolute numbers, and how far it is from the patient.",
    layout=layout,
    connect=connect,
)
