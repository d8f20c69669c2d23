"""The evidence nearest to a patient on a page: at a glance, then everything that matters with its figures."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import judgements
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.figures.icons import Group, icon_arrays
from analysis.figures.layers import Layer, Line, layers
from analysis.figures.words import interval_text
from analysis.topic.vertebral.claims import LayerOfEvidence, Row
from analysis.topic.vertebral.claims.wording import effect
from analysis.topic.vertebral.patient import (
    Found,
    Missing,
    Part,
    Patient,
)
from analysis.topic.vertebral.patient import parts as parts_of
from dashboard.components.graph import figure_block, table
from dashboard.components.layer_rows import LAYER_COLUMNS, layer_rows
from dashboard.components.page_parts import empty


@remembered(maxsize=128)
def patient_parts(patient: Patient, evidence: Evidence, narrow: bool) -> tuple[Component, ...]:
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
    if found.marks:
        return [html.P(neutral_reason(found, judged[0]), className="quiet")]
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
