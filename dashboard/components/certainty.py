"""Certainty on a page: what reviews judged, in their words, and beside it the signals, each on its own line."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.certainty import Remark, Signal, signals
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import Judgement, judgements
from analysis.evidence import Evidence
from analysis.figures.words import interval_text
from analysis.question import Question
from dashboard.components.graph import table


def certainty_parts(answer: Answer, evidence: Evidence) -> list[Component]:
    """The block under a heading of the page's own: sentence, published judgements, signals."""
    found = judgements(answer.question, answer.studies, evidence)
    first = found[0] if found else None
    sentence = plain_sentence(answer, first)
    parts: list[Component] = []
    if sentence is not None and first is not None:
        parts += [
            html.P(html.Strong(sentence), className="plain-sentence"),
            html.P(
                f"{first.review} rated the certainty as {first.level}, for its own set of studies. The size, "
                f"{interval_text(answer)}, is from the studies shown here.",
                className="quiet",
            ),
        ]
    else:
        parts.append(html.P(neutral_reason(answer, first)))
    if found:
        parts.append(_published(found, question_in_words(answer.question)))
    if said := signals(answer, evidence):
        parts.append(_signals(said))
    return parts


def question_in_words(question: Question) -> str:
    """A Question's title with its patients, where it asks for some only."""
    patients = [
        words.ETIOLOGIES[question.etiology] if question.etiology != "any" else "",
        words.FRACTURE_AGES[question.fracture_age][0] if question.fracture_age != "any" else "",
    ]
    return ", ".join([question.title(), *filter(None, patients)])


def _published(found: tuple[Judgement, ...], title: str) -> Component:
    rows = [
        [j.review, j.printed, _about(j), _source(j.source_url, j.source_location)] for j in found
    ]
    return table(
        ("Review", "Certainty as reported", "What was judged", "Source"),
        rows,
        f"Published judgements of certainty. {title}",
    )


def _about(judgement: Judgement) -> str:
    differs = f" ({judgement.differs})" if judgement.differs else ""
    return f"{judgement.comparison}: {judgement.outcome}; {judgement.population}{differs}"


def _signals(said: tuple[Signal, ...]) -> Component:
    """Each signal on a line of its own: title, reading, finding; remarks of others fold out below."""
    remarks = [remark for s in said for remark in s.remarks]
    parts: list[Component] = [
        html.P("Signals computed from the studies here: facts, not a rating.", className="quiet"),
        html.Ul([html.Li([html.Strong(f"{s.title}: {s.reading}. "), s.finding]) for s in said]),
    ]
    if remarks:
        count = "1 remark" if len(remarks) == 1 else f"{len(remarks)} remarks"
        parts.append(
            html.Details(
                [
                    html.Summary(f"{count} of a guideline body on these trials"),
                    html.Ul([html.Li(_remark(remark)) for remark in remarks]),
                ]
            )
        )
    return html.Div(parts, className="signals")


def _remark(remark: Remark) -> list[Component | str]:
    return [f"{remark.text}. ", _source(remark.source_url, remark.source_location)]


def _source(url: str, place: str) -> Component:
    if not url.startswith(("http://", "https://")):
        return html.Span(f"{place} ({url})")
    return html.A(place or "source", href=url, rel="noopener noreferrer", target="_blank")
