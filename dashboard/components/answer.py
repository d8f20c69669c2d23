"""An answer on a page: the sentence, the forest plot, each study's trail, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.published import judgements
from analysis.effects.study_effect import FLAGS, StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.records import studies_by_id
from analysis.figures import forest
from analysis.figures.forest_table import (
    ASSUMED,
    COLUMNS,
    POOLED,
    SPOKEN,
    ForestRow,
    bias_cells,
    cells,
    forest_table,
)
from analysis.figures.words import caption
from analysis.network import hangs_on, indirect_sentence
from analysis.prose import capital, counted
from analysis.question import Question
from analysis.survey.missing import missing_line
from analysis.survey.neighbours import answered_nearby
from analysis.survey.studies import FUNDING
from analysis.topic import topic
from dashboard.components.certainty import certainty_parts
from dashboard.components.downloads import figure_address, figure_foot
from dashboard.components.graph import figure_block
from dashboard.components.left_out import left_out_section
from dashboard.components.page_parts import empty, section
from dashboard.components.printed_rows import (
    printed_table,
    rows_by_id,
    study_line,
)

FIGURE = "forest"
STUDY = "study"


def answer_parts(answer: Answer, evidence: Evidence, *, narrow: bool) -> list[Component]:
    """Everything below the heading; an answer without studies says why and what to do."""
    if answer.pooled is None:
        return [
            empty(answer.sentence, _what_to_do(answer, evidence)),
            *_through_others(answer.question, evidence),
            left_out_section(answer, evidence),
        ]
    said = missing_line(answer.question, evidence)
    rows = forest_table(answer).rows
    return [
        statement_block(answer, evidence),
        figure_block(
            FIGURE,
            _forest(answer.question, evidence, narrow),
            caption=caption(answer),
            columns=COLUMNS,
            rows=[list(cells(row)) for row in rows],
            spoken=SPOKEN,
            pooled=[i for i, row in enumerate(rows) if row.kind in (POOLED, ASSUMED)],
            file_name=answer.question.slug(),
            title=answer.sentence,
            sized=figure_address(answer.question),
            foot=figure_foot(answer),
            caption_shown=False,
        ),
        section("What is behind it", *_behind(answer, said, evidence), id="behind"),
        section("The studies", *_studies(answer, evidence), id="studies"),
        section("How certain this is", *certainty_parts(answer, evidence), id="certainty"),
    ]


def _through_others(question: Question, evidence: Evidence) -> list[Component]:
    """Where no trial compared the two, what those that link them say."""
    said = indirect_sentence(question, evidence) if "network" in topic().pages else None
    if said is None:
        return []
    link = html.A("See the network", href=f"/network?{question.to_query()}")
    return [
        html.Div(
            [html.P(html.Strong(said)), html.P([f"{hangs_on(question, evidence)} ", link, "."])],
            className="statement",
            id="through-others",
        )
    ]


@remembered(maxsize=64)
def _forest(question: Question, evidence: Evidence, narrow: bool) -> dict[str, Any]:
    """The forest plot, kept: building a figure takes longer than answering the question."""
    return forest(ask(question, evidence), narrow=narrow).to_dict()


def statement_block(answer: Answer, evidence: Evidence) -> html.Div:
    """The answer as it is told, under its headline: question, sentence, what must stand beside it, what was changed."""
    lines = [
        html.P(
            [answer.question.title(), *_certainty(answer, evidence), *_paid(answer)],
            className="question-line",
        ),
        html.P(html.Strong(answer.sentence)),
        *(html.P(text, className="caution") for text in answer.cautions),
        *([_changed(answer)] if answer.changes else []),
    ]
    return html.Div(lines, className="statement", role="status")


def _certainty(answer: Answer, evidence: Evidence) -> list[Component | str]:
    """A published certainty, of an answer that the reader did not change: one word, with whose it is."""
    rated = judgements(answer.question, answer.studies, evidence)
    if not rated or answer.changes:
        return []
    where = f"/compare?{answer.question.to_query()}#certainty"
    link = html.A(f"certainty: {rated[0].level}, by {rated[0].review}", href=where)
    return [" · ", link]


def _paid(answer: Answer) -> list[str]:
    """Who paid for the studies, most first; each study's own is in its row below."""
    counts = Counter(FUNDING[study.funding] for study in answer.studies)
    each = [f"{n} {who}" for who, n in counts.most_common()] if len(counts) > 1 else [*counts]
    return [f" · funding: {', '.join(each)}"] if each else []


def _changed(answer: Answer) -> Component:
    """What the reader changed, with the result before it, and a link that takes each change back."""
    undo = [
        html.A(f"✕ undo: {change.text}", href=f"/compare?{change.undone.to_query()}")
        for change in answer.changes
        if change.undone is not None
    ]
    return html.P([answer.change_line, *undo], className="changes")


def _behind(answer: Answer, said: str, evidence: Evidence) -> list[Component]:
    """The sentences behind the answer, the important difference, and what is missing."""
    lines = [html.P(" ".join(answer.details))]
    lines += _other_kinds(answer.question, evidence)
    if answer.mid is not None and not answer.question.one_group:
        lines.append(html.P(_about_mid(answer), className="quiet"))
    rows = counted(len(answer.left_out), "reported result")
    text = f"{said} Left out: {rows} on these treatments and this outcome."
    link = html.A("What is missing, and why", href=f"/missing?{answer.question.to_query()}")
    lines.append(html.P([text.strip() + " ", link, "."], id="missing", className="quiet"))
    return lines


def _other_kinds(question: Question, evidence: Evidence) -> list[Component]:
    """Other ways of counting that have studies, each with its result and a link."""
    links: list[Component | str] = []
    for kind in question.kinds():
        other = ask(question.replace(counted=kind), evidence)
        if other.question != question and other.studies:
            name = words.KINDS[other.question.kind]
            links += [
                ", " if links else " ",
                html.A(f"{name} ({other.in_short})", href=f"/compare?{other.question.to_query()}"),
            ]
    if not links:
        return []
    said = f"Counts of one kind only: {words.KINDS[question.kind]}. Kept apart:"
    return [html.P([said, *links, "."], id="other-kinds")]


def _about_mid(answer: Answer) -> list[Component | str]:
    mid = answer.mid
    assert mid is not None
    text = (
        f"Minimal important difference: {mid.value:g} {answer.question.spec.unit} ({mid.text}). It was measured "
        "within patients: a smaller average difference does not mean that no patient benefits. "
    )
    if not mid.source_url.startswith("http"):
        return [text]
    link = html.A("Source", href=mid.source_url, rel="noopener noreferrer", target="_blank",
                  title=mid.citation)  # fmt: skip
    return [text, link]


def _what_to_do(answer: Answer, evidence: Evidence) -> list[Component | str]:
    """The nearest questions that have studies, as links with counts."""
    found = answered_nearby(answer.question, evidence)
    if not found:
        return [
            "Try another outcome, comparison or kind of study; the results below say what there is."
        ]
    links = [
        html.A(capital(text), href=f"/compare?{q.to_query()}", className="nearby")
        for q, text in found
    ]
    return ["There is an answer: ", html.Span(links, className="nearby-links")]


# --- one study -----------------------------------------------------------------------------------
def _studies(answer: Answer, evidence: Evidence) -> list[Component]:
    """Each study with a switch, its result and its design; it opens in place with its steps and sources."""
    rows = [_study(row, answer, evidence) for row in forest_table(answer).studies]
    back = [
        html.Li(
            [f"{change.text} ", html.A("Put it back", href=f"/compare?{change.undone.to_query()}")]
        )
        for change in answer.changes
        if change.kind == "left out" and change.undone is not None
    ]
    return [
        html.P(
            "Open a study, here or by its mark in the figure, to see where its numbers come from."
        ),
        _study_box(rows),
        *([html.Ul(back)] if back else []),
    ]


_MANY_ROWS = 12


def _study_box(rows: Sequence[Component]) -> Component:
    """The rows; more than a screen of them scroll in a box of their own, which the keyboard reaches."""
    if len(rows) <= _MANY_ROWS:
        return html.Div(rows, className="study-rows", id=STUDY)
    return html.Div(
        rows, className="study-rows study-rows-many", id=STUDY, tabIndex="0", role="region",
        **{"aria-label": f"{len(rows)} studies"},
    )  # fmt: skip


def _study(row: ForestRow, answer: Answer, evidence: Evidence) -> Component:
    study, q = row.study, answer.question
    assert study is not None
    without = q.replace(without=(*q.without, study.trial))
    blinded, paid, judged = bias_cells(study)
    facts = (
        words.DESIGNS[study.design],
        study.timepoint,
        f"patients blinded: {blinded}",
        f"funded by: {paid}",
        judged,
    )
    return html.Div(
        [
            html.A(
                "✓",
                href=f"/compare?{without.to_query()}",
                className="study-switch",
                title=f"Leave {row.label} out",
                **{"aria-label": f"{row.label} is in. Leave it out"},
            ),
            html.Details(
                [
                    html.Summary(
                        [
                            html.Span(row.label, className="study-name"),
                            html.Span(row.effect, className="study-effect"),
                            html.Span(" · ".join(filter(None, facts)), className="quiet"),
                        ]
                    ),
                    *study_panel(study, evidence),
                ],
                className="study-row",
                **{"data-trial": study.trial},
            ),
        ],
        className="study-line",
    )  # fmt: skip


def study_panel(study: StudyEffect, evidence: Evidence) -> list[Component]:
    """Where one study's numbers come from: each step, the published rows, and their sources."""
    record = studies_by_id(evidence)[study.study_id]
    parts: list[Component] = [
        html.P(study_line(record)),
        html.Ol([html.Li(step.text) for step in study.steps]),
    ]
    if study.flags:
        marks = [html.Li(capital(FLAGS[flag])) for flag in study.flags]
        parts += [html.P("What to keep in mind"), html.Ul(marks)]
    rows = rows_by_id(evidence, study.row_ids)
    parts.append(printed_table(rows, f"The figures behind {study.label}, with their sources"))
    return parts
