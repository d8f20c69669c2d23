"""Network: what all randomised trials of a question say together, and what of it no trial has compared.

The address is the Question: its comparator is the reference, and trials are left out by `without`, so the graph, the
switch and the tables are links to the same page with another Question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dash import ClientsideFunction, Dash, Input, Output, html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.records import studies_by_id
from analysis.figures.network import (
    against,
    compared,
    network_forest,
    network_graph,
    steps_figure,
)
from analysis.figures.network_table import COLUMNS, SPOKEN, cells, network_table
from analysis.network import (
    Link,
    NetworkAnswer,
    network_answer,
    transitivity,
    wording,
)
from analysis.network.next_trial import CAPTION, HELD, next_trial_rows, next_trial_sentence
from analysis.network.next_trial import COLUMNS as NEXT_COLUMNS
from analysis.network.transitivity import doubts
from analysis.prose import capital, counted
from analysis.question import Question
from analysis.topic import topic
from dashboard.components.graph import figure_block, table
from dashboard.components.network_withstands import withstands
from dashboard.components.page_parts import empty, heading, notice, section
from dashboard.components.question_page import follow, question_article
from dashboard.page import Page, Visit

PATH = "/network"
_PAGE = "network"
_GRAPH = "network-graph"
_TITLE = "network-clicked"
SWITCH = "Blinded and head-to-head trials only"


def layout(evidence: Evidence, visit: Visit) -> Component:
    return question_article(_PAGE, network_view, evidence, visit, html.Div(id=_TITLE, hidden=True))


def network_view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    """Everything that depends on the Question, from the heading down."""
    net = network_answer(question, evidence)
    head = [heading(net.headline), *notice(notes)]
    if net.network is None:
        return [*head, empty(net.sentence, _times(question, evidence)), *_left_out(net, evidence)]
    return [
        *head,
        _statement(net),
        _switch(net),
        *_shown(question, evidence, visit.narrow),
    ]


@remembered(maxsize=16)
def _shown(question: Question, evidence: Evidence, narrow: bool) -> tuple[Component, ...]:
    """The figures and tables, kept: building them takes longer than the network."""
    net = network_answer(question, evidence)
    return (
        _graph(net, narrow),
        *_against(net, evidence, narrow),
        *_steps(net, evidence, narrow),
        _differences(net, evidence),
        *_next(net),
        *withstands(net),
        _trials(net, evidence),
    )


def _statement(net: NetworkAnswer) -> Component:
    lines = [
        html.P(net.question.title(), className="question-line"),
        html.P(html.Strong(net.sentence)),
        *(html.P(text, className="caution") for text in net.cautions),
    ]
    behind = html.Ul([html.Li(text) for text in net.details], className="network-details")
    return html.Div([*lines, behind], className="statement", role="status")


def _switch(net: NetworkAnswer) -> Component:
    """The way to the network of trials in which nobody knew to have had no treatment, and back."""
    q = net.question
    weak = tuple(one for t in net.trials if not t.rigorous for one in t.ids)
    parts: list[Component | str] = []
    if weak:
        only = q.replace(without=(*q.without, *weak))
        parts = [
            html.A(SWITCH, href=_here(only)),
            f" (leaves out {counted(len(weak), 'open trial')} against a control)",
        ]
    elif q.without:
        parts = [html.Strong(f"{SWITCH}.")]
    if q.without:
        back = html.A("put all trials back", href=_here(q.replace(without=())))
        parts += [" " if parts else "", f"{counted(len(q.without), 'trial')} left out: ", back, "."]
    return html.P(parts, className="network-switch")


def _here(question: Question) -> str:
    return f"{PATH}?{question.to_query()}"


def _leave_out(question: Question, trials: Sequence[str], name: str) -> Component:
    """The way to the same network without a trial, or without all trials of a comparison."""
    without = tuple(dict.fromkeys((*question.without, *trials)))
    return html.A(
        "leave out",
        href=_here(question.replace(without=without)),
        **{"aria-label": f"Leave out {name}"},
    )


def _compare(net: NetworkAnswer, link: Link) -> Component:
    return html.A(
        capital(wording.versus(link.pair)), href=f"/compare?{compared(net, link).to_query()}"
    )


def _graph(net: NetworkAnswer, narrow: bool) -> Component:
    rows = [
        [
            _compare(net, link),
            str(len(link.trials)),
            f"{link.patients:,.0f}",
            {"blinded": "yes", "mixed": "in some", "open": "no"}[link.kind],
            ", ".join(t.label for t in link.trials),
            _leave_out(
                net.question,
                [t.effects[link.pair].trial for t in link.trials],
                wording.versus(link.pair),
            ),
        ]
        for link in net.links
    ]
    references = [
        part
        for side in net.treatments
        if side != net.reference
        for part in (html.A(words.SHORT[side], href=_here(against(net, side))), " · ")
    ][:-1]
    caption = (
        f"Which randomised trials compared what: {counted(len(net.treatments), 'treatment')}, "
        f"{counted(len(net.links), 'comparison')}, {counted(len(net.trials), 'trial')}. Circles grow with patients, "
        "lines with trials. A number opens its comparison, a circle makes its treatment the reference."
    )
    return html.Div(
        [
            figure_block(
                _GRAPH,
                network_graph(net, narrow=narrow),
                caption=caption,
                columns=(
                    "Comparison",
                    "Trials",
                    "Patients",
                    "Patients blinded",
                    "Which",
                    "Without it",
                ),
                rows=rows,
                file_name=f"{net.question.slug()}-network",
                title=net.sentence,
            ),
            html.P(
                [f"Reference: {words.SHORT[net.reference]}. Compare with another: ", *references]
            ),
        ]
    )


def _against(net: NetworkAnswer, evidence: Evidence, narrow: bool) -> list[Component]:
    rows = [
        [html.A(first, href=f"/compare?{row.contrast.question.to_query()}"), *rest]
        for row in network_table(net)
        for first, *rest in [cells(row)]
    ]
    reference = words.SPOKEN[net.reference]
    told = []
    for name, found in wording.groups(net.against_reference).items():
        if found:
            each = "; ".join(
                f"{wording.short(one.pair[0])} ({wording.said_of(one)})" for one in found
            )
            told.append(html.Li([html.Strong(f"{capital(name)}: "), each]))
    return [
        section(
            f"Against {reference}",
            html.Ul(told, className="network-groups"),
            figure_block(
                "network-forest",
                network_forest(net, evidence, narrow=narrow),
                caption=f"{net.question.spec.label} {wording.at(net.question)}, every treatment against {reference}: "
                "where trials compared the two, their result is shown; otherwise the network's. The band shows "
                "differences too small to matter.",
                columns=COLUMNS,
                rows=rows,
                spoken=SPOKEN,
                file_name=f"{net.question.slug()}-network-forest",
                title=net.sentence,
            ),
        )
    ]  # fmt: skip


def _steps(net: NetworkAnswer, evidence: Evidence, narrow: bool) -> list[Component]:
    if not net.steps:
        return []
    rows = [
        [
            step.label,
            step.meaning,
            wording.versus(step.contrast.pair),
            wording.estimate(net.question, step.contrast.combined),
            "trials compared them" if step.contrast.told_directly else "indirect",
        ]
        for step in net.steps
    ]
    return [
        section(
            "What each step adds",
            html.P([f"{step.label}: {step.meaning}. " for step in net.steps]),
            figure_block(
                "network-steps",
                steps_figure(net, evidence, narrow=narrow),
                caption="The same network, taken apart step by step; no further model. Each bar starts where the one "
                "above ends; the thin line is the interval of its own step.",
                columns=("Step", "What it is", "Difference", "Estimate and interval", "From"),
                rows=rows,
                file_name=f"{net.question.slug()}-steps",
                title=net.sentence,
            ),
        )
    ]


def _differences(net: NetworkAnswer, evidence: Evidence) -> Component:
    columns = (
        "Comparison", "Patients blinded", words.AGE_NAME, words.CAUSE_NAME,
        f"{net.question.spec.label.partition(' (')[0]} before treatment", "Year", "Trials",
    )  # fmt: skip
    rows = [
        [_compare(net, r.link), r.blinding, r.age, r.cause, r.baseline, r.years, r.trials]
        for r in transitivity(net, evidence)
    ]
    found = doubts(net, evidence)
    return section(
        "What differs between the comparisons",
        *(html.P(text) for text in found),
        table(columns, rows, "What could explain a difference that is not the treatment's"),
        id="differs",
    )


def _next(net: NetworkAnswer) -> list[Component]:
    said = next_trial_sentence(net)
    if not said:
        return []
    return [
        section(
            "What would it take",
            html.P(said),
            table(NEXT_COLUMNS, next_trial_rows(net), CAPTION),
            html.P(HELD, className="quiet"),
            id="what-would-it-take",
        )
    ]


def _trials(net: NetworkAnswer, evidence: Evidence) -> Component:
    q = net.question
    shares = {t.trial: s for t, s in net.asked.trials} if net.asked is not None else {}
    rows = [
        [
            trial.label,
            words.DESIGNS[trial.first.design],
            "; ".join(wording.versus(pair) for pair in trial.effects),
            f"{100 * shares[trial.trial]:.0f}%" if shares.get(trial.trial, 0) >= 0.005 else "",
            _leave_out(q, trial.ids, trial.label),
        ]
        for trial in net.trials
    ]
    columns = ("Trial", "Kind", "Compares", "Share in the answer", "Without it")
    return section(
        "The trials",
        html.Details(
            [
                html.Summary(counted(len(rows), "trial")),
                table(columns, rows, "The trials of this network"),
            ]
        ),
        *_left_out(net, evidence),
        id="trials",
    )


def _left_out(net: NetworkAnswer, evidence: Evidence) -> list[Component]:
    q, names = net.question, studies_by_id(evidence)
    if not q.without:
        return []
    items = [
        html.Li(
            [
                f"{name_of(names[trial]) if trial in names else trial}: ",
                html.A(
                    "put back",
                    href=_here(q.replace(without=tuple(t for t in q.without if t != trial))),
                ),
            ]
        )
        for trial in q.without
    ]
    return [html.P("Left out by you:"), html.Ul(items)]


def _times(question: Question, evidence: Evidence) -> list[Component | str]:
    """The times at which there is a network that links the two treatments."""
    links: list[Component | str] = []
    for window in words.TIMED:
        asked = question.replace(time=window.key)
        net = network_answer(asked, evidence)
        if net.asked is not None:
            text = f"{window.label} ({counted(len(net.trials), 'trial')})"
            links += [", " if links else "", html.A(text, href=_here(asked))]
    if not links:
        return ["No network links these treatments at any time. Try another outcome or comparison."]
    return ["These treatments are linked at: ", *links, "."]


def connect(app: Dash, evidence: Evidence) -> None:
    follow(app, _PAGE, network_view, evidence)
    app.clientside_callback(
        ClientsideFunction("gapMap", "open"),
        Output(_TITLE, "title"),
        Input(f"{_GRAPH}-graph", "clickData", allow_optional=True),
        prevent_initial_call=True,
    )


def _published(evidence: Evidence) -> Iterator[str]:
    """The networks of the question that is asked first and of the lead questions, with every reference."""
    for query in ("", *(lead.query for lead in topic().lead)):
        question, _ = Question.from_query(query)
        net = network_answer(question, evidence)
        if net.network is not None:
            yield question.to_query()
            yield from (
                against(net, side).to_query() for side in net.treatments if side != net.reference
            )


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    net = network_answer(Question.from_query(query)[0], evidence)
    return net.headline, " ".join((net.sentence, *net.cautions))


PAGE = Page(
    path=PATH,
    name="Network",
    title="Network",
    description="What all randomised trials of an outcome say together, and of treatments that no trial has compared.",
    layout=layout,
    connect=connect,
    preview=_preview,
    published=_published,
    canonical=lambda query: Question.from_query(query)[0].to_query(),
)
