"""How robust? The views of robustness: what the answer to a Question hangs on, one view at a time.

A view is worked out in the request, once for all readers who ask for it at the same time, and remembered. Where there
is a queue (`dashboard.jobs`), what takes longer (`LONG_FROM`) becomes a job, unless its result is kept from before.
Then the stores of this page pass the word:

    robustness-asked   what the page shows: Question, view, screen     written by controls and `layout`
      -> `show`        a kept result, a short view, or a wish for a job
    robustness-job     that wish, with a name for the attempt          starts the background callback
    robustness-done    how the attempt ended
      -> `ended`       the kept result or what went wrong, if the reader still waits for that attempt

`assets/jobs.js` speaks up when the server itself does not answer any more.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.evidence.memory import joined, remembered
from analysis.question import Question
from analysis.robustness_views import subsets
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import View
from analysis.topic import topic
from dashboard import own, response_cache, state
from dashboard.components import robustness_view as parts
from dashboard.components.controls import choices
from dashboard.components.page_parts import heading, notice
from dashboard.components.question_panel import question_panel
from dashboard.jobs.ask import Ask
from dashboard.jobs.trouble import TROUBLES, JobTrouble
from dashboard.page import Page, Visit
from dashboard.terms import marked

if TYPE_CHECKING:
    from dashboard.jobs.queue import Queue

PATH = "/robustness"
LONG_FROM = {"multiverse": 8, "subsets": 14}
"""From so many studies on a view takes about a second, and becomes a job where there is a queue."""

_PAGE = "robustness"
_HEAD = "robustness-head"
VIEW = "robustness-view"
_ASKED = "robustness-asked"
_JOB = "robustness-job"
_DONE = "robustness-done"
_SHOWN = (
    Output(VIEW, "children"),
    Output(parts.WAITING, "hidden"),
    Output(parts.TROUBLE, "hidden"),
    Output(parts.SAID, "children"),
)
_PROGRESS = (
    Output(parts.BAR, "value"),
    Output(parts.DOING, "children"),
    Output(parts.SECONDS, "children"),
)
_START = (0, "Starting", "0 s")
_POLL = 300  # milliseconds between two looks at a job
_LOG = logging.getLogger("dashboard")


def read(query: str) -> tuple[Question, str, str, list[str]]:
    """Question, view and study of an address; what is not understood falls back and is said.

    >>> read("v=1&time=12m&view=influence")[1:]
    ('influence', '', [])
    >>> read("view=palmistry")[3][0][:40]
    "view: found 'palmistry', allowed: multiv"
    """
    pairs = parse_qsl(query, max_num_fields=None)
    ours = ("view", "study")
    question, said = Question.from_query(urlencode([(k, v) for k, v in pairs if k not in ours]))
    study = next((v[:200] for k, v in reversed(pairs) if k == "study"), "")
    usual = next(iter(VIEWS))
    view = next((v for k, v in reversed(pairs) if k == "view"), usual)
    if view not in VIEWS:
        said = [
            *said,
            f"view: found {view[:40]!r}, allowed: {', '.join(VIEWS)}; {VIEWS[usual].label} is shown",
        ]
        view = usual
    return question, view, study, list(dict.fromkeys(said))


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, view, study, notes = read(visit.query)
    if study and not _singles_out(view, study, question, evidence):
        notes.append(f"study: found {study[:40]!r}, which this view cannot single out; left out")
        study = ""
    ask = Ask(question, view, visit.narrow, study)
    return html.Article(
        [
            dcc.Store(
                id=state.QUESTION,
                data={"query": parts.address(question, view, study), "history": "replace"},
            ),
            dcc.Store(id=_ASKED, data=ask.to_store()),
            dcc.Store(id=_JOB),
            dcc.Store(id=_DONE),
            question_panel(_PAGE, question, evidence),
            html.Div(
                [
                    html.Div(_head(ask, evidence, notes), id=_HEAD),
                    *([] if visit.whole else [parts.waiting(VIEWS[view].label), parts.gone_wrong()]),
                    html.Div(parts.view_parts(_here(ask, evidence), question) if visit.whole else None, id=VIEW),
                ],
                className="answer",
            ),
        ]
    )


def _singles_out(view: str, study: str, question: Question, evidence: Evidence) -> bool:
    """Whether a view can be coloured by a study."""
    return view == subsets.KEY and any(s.trial == study for s in answer(question, evidence).studies)


def _head(ask: Ask, evidence: Evidence, notes: Sequence[str] = ()) -> list[Component]:
    """Everything above the view."""
    answered = answer(ask.question, evidence)
    choice = ask.view == subsets.KEY and len(answered.studies) > 1
    return [
        heading(f"How robust? {ask.question.title()}"),
        *notice(notes),
        html.P([html.Strong(answered.headline), ". What does this answer depend on?"]),
        parts.view_links(ask.question, ask.view, PATH),
        html.P(VIEWS[ask.view].asks, className="lede"),
        *([parts.study_choice(answered, ask.study)] if choice else []),
    ]


@joined
@remembered(maxsize=16)
def _here(ask: Ask, evidence: Evidence) -> View:
    """A view worked out in the request; of shipped evidence once for all who ask, and kept for the next reader."""
    return ask.view_of(evidence)


def connect(app: Dash, evidence: Evidence) -> None:
    queue: Queue | None = app.queue

    @app.callback(
        output={"head": Output(_HEAD, "children"), "asked": Output(_ASKED, "data"),
                "state": state.outputs(_PAGE)},
        inputs={"change": state.inputs(_PAGE), "asked": State(_ASKED, "data")},
        prevent_initial_call=True,
    )  # fmt: skip
    def changed(change: dict, asked: dict) -> dict[str, object]:
        change = state.read(**change)
        theirs = change.evidence(evidence)
        before = Ask.from_store(asked)
        ask = Ask(change.question, _known(before.view), change.visit.narrow, before.study)
        if not _singles_out(ask.view, ask.study, ask.question, theirs):
            ask = replace(ask, study="")
        written = state.write(change, partial(choices, evidence=theirs))
        written["question"] = _addressed(ask)
        head = _head(ask, theirs, change.notes)
        return {"head": head, "asked": ask.to_store(), "state": written}

    @app.callback(
        Output(_ASKED, "data", allow_duplicate=True),
        Output(state.QUESTION, "data", allow_duplicate=True),
        Input(parts.STUDY, "value", allow_optional=True),
        State(_ASKED, "data"),
        prevent_initial_call=True,
    )
    def coloured(study: object, asked: object) -> tuple:
        ask = Ask.from_store(asked)
        if not isinstance(study, str) or study == ask.study:
            return no_update, no_update  # the control has just appeared
        ask = replace(ask, study=study)
        return ask.to_store(), _addressed(ask)

    @app.callback(
        Output(parts.PICKED, "children"),
        Input(f"{parts.CURVE}-graph", "clickData", allow_optional=True),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def picked(point: dict | None, kept: object) -> list[Component] | object:
        marks = (point or {}).get("points") or [{}]
        query = marks[0].get("customdata")
        if not isinstance(query, str):
            return no_update
        question, _ = Question.from_query(query)
        return parts.picked_analysis(answer(question, own.evidence_for(evidence, kept)))

    @app.callback(
        *_SHOWN,
        Output(_JOB, "data"),
        *_PROGRESS,
        Input(_ASKED, "data"),
        Input(parts.CANCEL, "n_clicks"),
        Input(parts.AGAIN, "n_clicks"),
        State(_JOB, "data"),
        State(own.STORE, "data"),
    )
    def show(asked: object, cancels: int, agains: int, job: object, kept: object) -> tuple:
        if ctx.triggered_id == parts.CANCEL:
            if queue and isinstance(job, dict):
                queue.cancel_attempt(str(job.get("attempt")))
            return (*_trouble("cancelled"), None, *_START)
        shown = _shown(Ask.from_store(asked), own.evidence_for(evidence, kept), queue)
        return (*shown, *_START)

    if queue is None:
        return

    @app.callback(
        *(Output(o.component_id, o.component_property, allow_duplicate=True) for o in _SHOWN),
        Input(_DONE, "data"),
        State(_JOB, "data"),
        State(_ASKED, "data"),
        prevent_initial_call=True,
    )
    def ended(done: object, job: object, asked: object) -> tuple:
        """A callback of its own: Dash drops the second call of one that is its own consequence."""
        if not _concerns(done, job, asked):
            return (no_update,) * len(_SHOWN)
        if code := done.get("trouble"):
            return _trouble(code if code in TROUBLES else "failed")
        ask = Ask.from_store(asked)
        view = queue.kept(ask)
        return _trouble("unkept") if view is None else _ready(parts.view_parts(view, ask.question))

    @app.callback(
        Output(_DONE, "data"),
        Input(_JOB, "data"),
        background=True,
        manager=queue,
        interval=_POLL,
        progress=list(_PROGRESS),
        progress_default=list(_START),
        cancel=[Input(parts.CANCEL, "n_clicks")],
        on_error=_ended,
        prevent_initial_call=True,
    )
    def work(tell: object, job: dict) -> None:
        """Never called here: the queue has `dashboard.jobs.work.perform` do it elsewhere."""


def _concerns(done: object, job: object, asked: object) -> bool:
    """Whether a job that ended is the one that the reader waits for."""
    if not (isinstance(done, dict) and isinstance(job, dict) and isinstance(asked, dict)):
        return False
    same = all(job.get(name) == value for name, value in asked.items())
    return same and done.get("attempt") in (None, job.get("attempt"))


def _ended(error: Exception) -> dict[str, object]:
    """A job came to nothing: what the store is told. None for an attempt that cannot be known."""
    if not isinstance(error, JobTrouble):
        _LOG.error("a job could not be followed", exc_info=error)
        return {"attempt": None, "trouble": "failed"}
    return {"attempt": error.attempt, "trouble": error.code}


def _known(view: str) -> str:
    return view if view in VIEWS else next(iter(VIEWS))


def _addressed(ask: Ask) -> dict[str, str]:
    """For the store of the page's address."""
    return {"query": parts.address(ask.question, ask.view, ask.study), "history": "push"}


def _long(ask: Ask, evidence: Evidence) -> bool:
    """Whether a reader would wait for the view."""
    if ask.view not in LONG_FROM:
        return False
    return len(answer(ask.question, evidence).studies) >= LONG_FROM[ask.view]


def _shown(ask: Ask, evidence: Evidence, queue: Queue | None) -> tuple:
    """What `show` writes: the view, or the wish for a job. Own studies never leave the request."""
    if ask.view not in VIEWS:
        return (*_trouble("failed"), no_update)
    if queue and not evidence.personal and _long(ask, evidence):
        view = queue.kept(ask)
        if view is None:
            return [], False, True, [], {**ask.to_store(), "attempt": uuid.uuid4().hex}
        return (*_ready(parts.view_parts(view, ask.question)), no_update)
    try:
        view = _here(ask, evidence)
    except Exception:
        _LOG.exception("the view %s failed", ask.view)  # not the question: the log keeps no queries
        response_cache.do_not_keep()
        return (*_trouble("failed"), no_update)
    return (*_ready(parts.view_parts(view, ask.question)), no_update)


def _ready(shown: list[Component]) -> tuple:
    """For `_SHOWN`: the view, nothing waited for, nothing wrong."""
    return marked(shown), True, True, []


def _trouble(code: str) -> tuple:
    return [], True, False, parts.said(code)


def _published(evidence: Evidence) -> Iterator[str]:
    """Every view of the question that is asked first and of the lead questions."""
    for query in ("", *(lead.query for lead in topic().lead)):
        question, _ = Question.from_query(query)
        if answer(question, evidence).studies:
            yield from (parts.address(question, view, "") for view in VIEWS)


def _canonical(query: str) -> str:
    question, view, study, _ = read(query)
    return parts.address(question, view, study)


PAGE = Page(
    path=PATH,
    name="How robust",
    title="How robust is the answer?",
    description="How the answer would change with another model, other studies or the next trial: every "
    "defensible analysis of a question, what it depends on, and what is missing.",
    layout=layout,
    connect=connect,
    published=_published,
    canonical=_canonical,
)
