"""For this patient: five fields, and for everything that matters the evidence nearest to them.

The address is the patient (`analysis.patient.Patient`): Back undoes a change, reload restores it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.appraisal.plain import plain_sentence
from analysis.appraisal.published import judgements
from analysis.claims import LayerOfEvidence, Row
from analysis.claims.wording import effect
from analysis.evidence import Evidence
from analysis.figures.icons import Group, icon_arrays
from analysis.figures.layers import Layer, Line, layers
from analysis.figures.words import interval_text
from analysis.patient import (
    AGES,
    ALTERNATIVES,
    CAUSES,
    MATTERS,
    PROCEDURES,
    Found,
    Missing,
    Part,
    Patient,
)
from analysis.patient import parts as parts_of
from dashboard import state
from dashboard.components.graph import figure_block, table
from dashboard.components.layer_rows import LAYER_COLUMNS, layer_rows
from dashboard.components.page_parts import empty, heading, notice
from dashboard.page import Page, Visit

_VIEW = "patient-view"
_FORM = "patient-form"
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
                        id=_FORM,
                        className="panel",
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
        prevent_initial_call=True,
    )
    def changed(*values: object) -> tuple:
        *wished, question, place = values
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
            view(patient, evidence, visit, notes),
            *moved,
            no_update if set(shown) == set(wished[4] or ()) else shown,
            {"query": patient.to_query(), "history": "push"},
        )


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
    matters = tuple(str(m) for m in wished["matters"] or ())  # type: ignore[union-attr]
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
    return Patient(**values, matters=matters), tuple(notes)


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
        html.P(html.A("Change the patient", href=f"#{_FORM}"), className="to-controls"),
        *notice(notes),
        html.P(
            "The nearest published evidence, and how far it is from this patient. Averages of groups: they do not say "
            "what will happen to one person, and they do not replace the judgement of whoever treats them.",
            className="lede",
        ),
        *_body(patient, evidence, visit.narrow),
    ]


@lru_cache(maxsize=128)
def _body(patient: Patient, evidence: Evidence, narrow: bool) -> tuple[Component, ...]:
    """The parts that take time to draw, kept for the next reader."""
    found = parts_of(patient, evidence)
    return (_at_a_glance(found), *(_part(part, evidence, narrow) for part in found))


def _at_a_glance(found: Sequence[Part]) -> Component:
    """Everything that matters in one table: the short result against each alternative."""
    rows = [
        [html.A(part.title, href=f"#{part.matter}"), _against_short(item), _short(item)]
        for part in found
        for item in part.items
    ]
    return table(("What matters", "Against", "Nearest evidence"), rows, "At a glance")


def _against_short(item: Found | Missing) -> str:
    return words.SPOKEN[item.against]


def _short(item: Found | Missing) -> str:
    if not isinstance(item, Found):
        return "not known"
    q = item.nearest.answer.question
    who = words.SHORT[q.intervention]
    if item.absolute is not None:
        a = item.absolute
        whom = words.SHORT[q.comparator]
        return f"{q.spec.unit}: {a.with_:.0f} of 100 with {who}, {a.without:.0f} with {whom}"
    label = q.spec.label[0].lower() + q.spec.label[1:]
    return f"{label}: {effect(item.nearest.answer)} with {who}"


def _part(part: Part, evidence: Evidence, narrow: bool) -> Component:
    blocks: list[Component] = [html.H2(part.title, id=f"{part.matter}-heading")]
    scores = [
        i
        for i in part.items
        if isinstance(i, Found) and i.nearest.answer.question.spec.kind == "score"
    ]
    if scores:
        blocks += _score_figures(part.matter, scores, evidence, narrow)
    for i, item in enumerate(part.items):
        if not isinstance(item, Found):
            blocks.append(empty(item.sentence, "Nothing is shown rather than a guess."))
            continue
        repeated = i > 0 and part.items[i - 1].against == item.against
        blocks.append(_found(f"{part.matter}-{i + 1}", item, evidence, narrow, titled=not repeated))
    return html.Section(
        blocks, id=part.matter, className="matter", **{"aria-labelledby": f"{part.matter}-heading"}
    )


def _found(id: str, item: Found, evidence: Evidence, narrow: bool, *, titled: bool) -> html.Div:
    parts: list[Component] = [html.H3(_against(item))] if titled else []
    parts.append(html.P(item.sentence, className="patient-sentence"))
    if item.definition:
        parts.append(html.P(f"Relief, as printed: {item.definition}.", className="quiet"))
    if item.absolute is not None:
        parts.append(_icons(id, item, narrow))
    parts += _distance(item)
    parts += _certainty(item, evidence)
    question = item.nearest.answer.question
    parts.append(
        html.P(
            html.A(
                "Studies and sources behind this",
                href=f"/compare?{question.to_query()}",
                **{"aria-label": f"Studies and sources behind this: {question.title()}"},
            )
        )
    )
    return html.Div(parts, className="found")


def _against(item: Found) -> str:
    text = f"Against {words.SPOKEN[item.against]}"
    return f"{text}: what is left when both groups expect the same" if item.against == "SHAM" else text  # fmt: skip


def _distance(item: Found) -> list[Component]:
    said = (*item.nearest.departures, *item.nearest.remarks)
    if not said:
        return [
            html.P(
                "How far from this patient: procedure, alternative, cause and fracture age are those asked about.",
                className="quiet",
            )
        ]
    return [
        html.P("How far from this patient:", className="distance-title"),
        html.Ul([html.Li(text) for text in said], className="distance"),
    ]


def _certainty(item: Found, evidence: Evidence) -> list[Component]:
    """The plain sentence where a review judged the certainty; else that none did."""
    found = item.nearest.answer
    judged = judgements(found.question, found.studies, evidence)
    if not judged:
        return [
            html.P("Certainty: no published judgement on this is in hand.", className="quiet")
        ]  # fmt: skip
    sentence = plain_sentence(found, judged[0])
    said = f"Certainty: {judged[0].level}, by {judged[0].review}."
    if judged[0].differs:
        said = f"{said[:-1]} ({judged[0].differs})."
    return [html.P(f"{sentence} {said}" if sentence else said, className="quiet")]


# --- figures -------------------------------------------------------------------------------------
def _score_figures(
    matter: str, items: Sequence[Found], evidence: Evidence, narrow: bool
) -> list[Component]:
    """Mean differences on one axis per instrument: against the alternative, and against a sham."""
    blocks = []
    for outcome in dict.fromkeys(i.nearest.answer.question.outcome for i in items):
        rows = [
            (_row_label(item), item.against, item.nearest.answer)
            for item in items
            if item.nearest.answer.question.outcome == outcome
        ]
        spec = words.OUTCOMES[outcome]
        scale = f" of {spec.scale[0]:g} to {spec.scale[1]:g}" if spec.scale else ""
        layered = [
            LayerOfEvidence(f"Against {words.SPOKEN[whom]}", "", (Row(label, found.question),))
            for label, whom, found in rows
        ]
        blocks.append(
            figure_block(
                f"{matter}-{outcome}",
                layers(
                    [
                        Layer(f"Against {words.SPOKEN[whom]}", (Line(label, found),))
                        for label, whom, found in rows
                    ],
                    axis_title=f"Difference in {spec.unit}, scale{scale}",
                    left="◀ better" if spec.lower_is_better else "◀ worse",
                    right="worse ▶" if spec.lower_is_better else "better ▶",
                    narrow=narrow,
                ),
                caption=" ".join(item.sentence for item in items),
                columns=LAYER_COLUMNS,
                rows=layer_rows(layered, evidence),
                file_name=f"patient-{matter}-{outcome}",
                caption_shown=False,
            )
        )
    return blocks


def _row_label(item: Found) -> str:
    q = item.nearest.answer.question
    return f"{words.SHORT[q.intervention].capitalize()}, {q.window.label}"


def _icons(id: str, item: Found, narrow: bool) -> Component:
    numbers, q = item.absolute, item.nearest.answer.question
    assert numbers is not None
    who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
    interval = f"{numbers.low:.0f} to {numbers.high:.0f}"
    drawn = icon_arrays(
        Group(f"with {whom}", numbers.without, f"had {q.spec.unit}", q.comparator),
        Group(f"with {who}", numbers.with_, f"95% interval {interval}", q.intervention),
        narrow=narrow,
    )
    return figure_block(
        id,
        drawn,
        caption=f"{item.sentence} Risk without the procedure: {numbers.basis}.",
        columns=("Of 100 people", f"had {q.spec.unit}", "Interval", "Where from"),
        rows=[
            [f"with {whom}", f"{numbers.without:.0f}", "", numbers.basis],
            [
                f"with {who}",
                f"{numbers.with_:.0f}",
                interval,
                f"that risk, changed by {interval_text(item.nearest.answer)}",
            ],
        ],
        file_name=f"patient-{q.slug()}",
        caption_shown=False,
    )


PAGE = Page(
    path="/patient",
    name="For this patient",
    title="For this patient",
    description="A fracture's cause and age, the procedure considered and its alternative: the nearest published "
    "evidence in absolute numbers, and how far it is from the patient.",
    layout=layout,
    connect=connect,
)
