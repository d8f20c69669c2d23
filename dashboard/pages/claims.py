"""Claims: every statement, its answer in one sentence, the verdict and its reason; one opens at a time.

The address says which claim is open (`claim=height`, or `claim=all`); without it none is. A claim
that is open shows its figures, its certainty, its studies, and what would change the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl

from dash import html
from dash.development.base_component import Component

from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.figures.claim import claim_figure_caption, draw_claim_figure, missing_rows
from analysis.prose import counted
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.claims.answers import also_printed
from analysis.topic.vertebral.claims.rule_words import RULE, SUBJECT, caution_of
from dashboard.components.certainty import certainty_parts, question_in_words
from dashboard.components.graph import figure_block, table
from dashboard.components.layer_rows import LAYER_COLUMNS, LAYER_SPOKEN, layer_rows
from dashboard.components.page_parts import empty, heading, notice
from dashboard.components.printed_rows import printed_table, rows_by_id
from dashboard.page import Page, Visit
from dashboard.terms import explained

_ALL = "all"


def layout(evidence: Evidence, visit: Visit) -> Component:
    found = claims.claim_answers(evidence)
    opened, said = asked(visit.query, [c.claim_id for c in found])
    if not found:
        return html.Article(
            [
                heading("Claims"),
                empty(
                    "There is no claim to answer.",
                    "The file claims.csv of this data folder is empty or was left out; "
                    "run the check of the data to see why.",
                ),
            ]
        )
    return html.Article(
        [
            heading("What is claimed, and what the data say"),
            html.P(
                f"{len(found)} statements about {SUBJECT}, as patients and doctors meet them. Each is answered from "
                "the studies here, by one written rule.",
                className="lede",
            ),
            *notice(said),
            _overview(found),
            _rule(),
            html.Div(
                [_claim(c, evidence, visit, is_open=c.claim_id in opened) for c in found],
                className="claims",
            ),
            html.P(html.A("Open every claim", href=f"/claims?claim={_ALL}")),
        ]
    )


def asked(query: str, known: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The claims that the address opens, and a line for everything in it that was not understood.

    >>> asked("claim=height", ["relief-85", "height"])
    (('height',), [])
    """
    opened: tuple[str, ...] = ()
    said = []
    for name, value in parse_qsl(query, max_num_fields=None):
        if name != "claim":
            said.append(f"{name[:40]}: not understood on this page; left out")
        elif value == _ALL:
            opened = tuple(known)
        elif value in known:
            opened = (value,)
        else:
            said.append(f"claim: there is none called {value[:40]!r}; none is open")
    return opened, said


def _overview(found: Sequence[claims.ClaimAnswer]) -> Component:
    first = {c.verdict.grade: c for c in reversed(found)}
    rows = [
        [
            html.A(c.claim["statement"], href=f"#{c.claim_id}"),
            _verdict(c, stop=c is first[c.verdict.grade]),
        ]
        for c in found
    ]
    return table(("Claim", "What the data say"), rows, "Every claim and its verdict")


def _verdict(found: claims.ClaimAnswer, *, stop: bool = False) -> Component:
    """The mark of the grade and the verdict in words; what the grade means is told in the rule below, and here on hover
    and, where it is a stop of the Tab key, on focus."""
    verdict = found.verdict
    mark = html.Span(f"{verdict.mark} ", **{"aria-hidden": "true"})
    return explained([mark, html.Strong(verdict.value)], _meaning_id(verdict.grade), stop=stop)


def _meaning_id(grade: str) -> str:
    return f"grade-{grade.lower().replace(', ', '-').replace(' ', '-')}"


def _rule() -> Component:
    grades = {v.grade: v for v in claims.ClaimVerdict}
    return html.Details(
        [
            html.Summary("What the marks mean, and how a verdict is reached"),
            html.Dl(
                [
                    part
                    for grade, v in grades.items()
                    for part in (html.Dt(f"{v.mark} {grade}"), html.Dd(v.meaning, id=_meaning_id(grade)))
                ],
                className="facts",
            ),
            html.Ul([html.Li(text) for text in RULE]),
        ]
    )


# --- one claim -----------------------------------------------------------------------------------
def _claim(
    found: claims.ClaimAnswer, evidence: Evidence, visit: Visit, *, is_open: bool
) -> Component:
    named = found.claim_id
    head: list[Component] = [
        html.H2(f"“{found.claim['statement'].rstrip('.')}”", id=f"{named}-heading"),
        html.P(["The data say: ", _verdict(found)], className="verdict"),
        html.P(found.sentence, className="claim-answer"),
    ]
    if found.through and found.entry.untried is not None:
        link = html.A("See the network", href=f"/network?{found.entry.untried.to_query()}")
        head.append(html.P([f"{found.through} ", link, "."]))
    if caution := caution_of(found.claim["caution"]):
        head.append(html.P(f"Keep in mind: {caution}", className="quiet"))
    if found.entry.claim_figures and not is_open:
        head.append(
            html.P(
                html.A(
                    "Figure, certainty, studies, and what would change this",
                    href=f"/claims?claim={named}#{named}",
                    **{"aria-describedby": f"{named}-heading"},
                )
            )
        )
    body = _details(found, evidence, visit) if is_open else []
    if not found.entry.claim_figures:
        body = [
            html.P(
                f"What would change this: {' '.join(found.entry.would_change)}", className="quiet"
            )
        ]
    return html.Section(
        head + body,
        id=named,
        className="claim claim-open" if is_open else "claim",
        **{"aria-labelledby": f"{named}-heading"},
    )


def _details(found: claims.ClaimAnswer, evidence: Evidence, visit: Visit) -> list[Component]:
    parts: list[Component] = []
    for i, claim_figure in enumerate(found.entry.claim_figures):
        parts += _claim_figure(f"{found.claim_id}-{i + 1}", claim_figure, evidence, visit)
    if ids := also_printed(found, evidence):
        parts.append(
            html.Details(
                [
                    html.Summary(f"Also reported, not pooled: {counted(len(ids), 'result')}"),
                    printed_table(
                        rows_by_id(evidence, ids), "Reported results that bear on the claim"
                    ),
                ]
            )
        )
    parts += _reasons(found)
    if found.entry.key is not None:
        key = ask(found.entry.key, evidence)
        parts += [
            html.H3("How certain"),
            html.P(
                [
                    "For ",
                    html.A(
                        question_in_words(key.question), href=f"/compare?{key.question.to_query()}"
                    ),
                    ".",
                ],
                className="quiet",
            ),
            *certainty_parts(key, evidence),
        ]
    parts.append(_studies(found, evidence))
    return parts


def _reasons(found: claims.ClaimAnswer) -> list[Component]:
    return [
        html.H3("Why this verdict"),
        html.P(found.why),
        html.H3("What would change the answer"),
        html.Ul([html.Li(text) for text in found.entry.would_change]),
    ]


def _claim_figure(id: str, claim_figure: claims.ClaimFigure, evidence: Evidence, visit: Visit) -> list[Component]:
    figure = draw_claim_figure(claim_figure, evidence, narrow=visit.narrow)
    rows = layer_rows(claim_figure.layers, evidence)
    caption = claim_figure_caption(claim_figure, evidence)
    if figure is None:
        return [html.H3(claim_figure.title), html.P(caption), table(LAYER_COLUMNS, rows, claim_figure.title)]
    parts: list[Component] = [
        html.H3(claim_figure.title),
        figure_block(
            id,
            figure,
            caption=caption,
            columns=LAYER_COLUMNS,
            spoken=LAYER_SPOKEN,
            rows=rows,
            file_name=f"claim-{id}",
            caption_shown=False,
        ),
    ]
    if missing := missing_rows(claim_figure, evidence):
        parts.append(html.P(missing, className="quiet"))
    return parts


def _studies(found: claims.ClaimAnswer, evidence: Evidence) -> Component:
    """Every study behind the figures, as a link to its page."""
    questions = [q for claim_figure in found.entry.claim_figures for q in claim_figure.questions]
    studies = {s.trial: s for q in questions for s in ask(q, evidence).studies}
    ordered = sorted(studies.values(), key=lambda s: s.label)
    links: list[Component | str] = []
    for study in ordered:
        links += [", " if links else "", html.A(study.label, href=f"/study?id={study.trial}")]
    count = "1 study" if len(ordered) == 1 else f"{len(ordered)} studies"
    return html.Details([html.Summary(f"The {count} behind these figures"), html.P(links)])


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    found = {c.claim_id: c for c in claims.claim_answers(evidence)}
    opened, _ = asked(query, list(found))
    if len(opened) != 1:
        counts = Counter(c.verdict.value for c in found.values())
        said = "; ".join(f"{verdict} ({n})" for verdict, n in counts.most_common())
        return PAGE.title, f"{counted(len(found), 'claim')} answered from the published studies: {said}."
    claim = found[opened[0]]
    return f"{claim.verdict.value}: “{claim.claim['statement'].rstrip('.')}”", claim.sentence


PAGE = Page(
    path="/claims",
    name="Claims",
    title="Claims",
    description=f"What is claimed about {SUBJECT}, each claim answered in one sentence from the published "
    "studies, with its figure and its certainty.",
    layout=layout,
    preview=_preview,
    published=lambda evidence: (
        "",
        *(f"claim={c.claim_id}" for c in claims.claim_answers(evidence)),
        f"claim={_ALL}",
    ),
)
