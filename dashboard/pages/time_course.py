"""Time course: the score of each arm over time, and below it the difference at each time window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

import dash_mantine_components as dmc
from dash import Dash, Output, html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.wording import kinds
from analysis.effects.scale import digits, printed
from analysis.effects.study_effect import FLAGS, number, plain
from analysis.evidence import Evidence
from analysis.evidence.select import REASONS
from analysis.figures.time_course import course_figure, difference_caption, difference_figure
from analysis.figures.words import interval_text
from analysis.prose import lower_first
from analysis.question import Question, members, overlap
from analysis.standard_questions import standard_questions
from analysis.survey.trajectory import (
    Course,
    Courses,
    courses,
    differences,
    patients,
    verdicts_in_words,
    when,
    why_none,
)
from dashboard import state
from dashboard.components.controls import choices, trials_offered
from dashboard.components.graph import figure_block
from dashboard.components.page_parts import empty, heading, notice, page_link, section
from dashboard.components.printed_rows import rows_by_id, source
from dashboard.components.question_panel import question_panel
from dashboard.page import Page, Visit
from dashboard.terms import marked

_PAGE = "time-course"
_VIEW = "time-course-view"
_FIGURE = "time-course"
_DIFFERENCES = "differences"


def layout(evidence: Evidence, visit: Visit) -> Component:
    question, said = _read(visit.query)
    return html.Article(
        [
            state.question_store(question),
            question_panel(
                _PAGE, question, evidence, offered=_offered, fixed={"time": "over time"}
            ),
            html.Div(_view(evidence, question, visit, said), id=_VIEW, className="answer"),
        ]
    )


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        output={"view": Output(_VIEW, "children"), "state": state.outputs(_PAGE)},
        inputs={"change": state.inputs(_PAGE)},
        prevent_initial_call=True,
    )
    def changed(change: dict) -> dict[str, object]:
        change = state.read(**change)
        theirs = change.evidence(evidence)
        view = _view(theirs, change.question, change.visit, change.notes)
        return {"view": marked(view), "state": state.write(change, partial(_offered, evidence=theirs))}


def _read(query: str) -> tuple[Question, list[str]]:
    """The Question of this page; what a reader chose elsewhere stays, for the other views of the question."""
    asked, said = Question.from_query(query)
    outcome, comparator, intervention = asked.outcome, asked.comparator, asked.intervention
    if outcome not in words.OVER_TIME:
        usual = words.OVER_TIME[0]
        said.append(
            f"outcome: found {outcome!r}, which is not followed over time here; "
            f"{words.OUTCOMES[usual].label} is shown"
        )
        outcome = usual
    if comparator == words.NONE:
        choices = (*words.USUAL, *words.GROUPS, *words.TREATMENTS)
        comparator = next(c for c in choices if not overlap(intervention, c))
        said.append(
            "comparator: this page shows differences, so it needs one; "
            f"{words.COMPARATORS[comparator]} is shown"
        )
    measure = asked.measure if (outcome, comparator) == (asked.outcome, asked.comparator) else ""
    question = asked.replace(
        measure="", outcome=outcome, intervention=intervention, comparator=comparator
    )
    return question.replace(measure=measure), said


def _offered(
    question: Question, field: str, evidence: Evidence
) -> list[dict[str, str]] | None:
    """What a control offers here: scores that are followed over time, two groups, the trials of every time."""
    if field == "without":
        return trials_offered(question, differences(question.replace(without=()), evidence))
    allowed = {"outcome": lambda v: v in words.OVER_TIME, "comparator": lambda v: v != words.NONE}
    entries = choices(question, field, evidence)
    if entries is None or field not in allowed:
        return entries
    return [entry for entry in entries if allowed[field](entry["value"])]


# --- the view ------------------------------------------------------------------------------------
def _view(
    evidence: Evidence, question: Question, visit: Visit, notes: Sequence[str] = ()
) -> list[Component]:
    found = courses(question, evidence)
    answers = differences(question, evidence)
    who = words.INTERVENTIONS[question.intervention]
    whom = words.INTERVENTIONS[question.comparator]
    return [
        heading(question.title("over time")),
        *notice(notes),
        html.Div(
            [html.P(html.Strong(verdicts_in_words(answers))), *_changes(question, answers)],
            className="statement",
            role="status",
        ),
        section(
            f"Difference at each time: {who} against {whom}",
            *_differences(answers, visit),
            id="by-time",
        ),
        section(
            f"Level of {lower_first(question.spec.label)} in each arm: {who}, {whom}",
            *_levels(found, question, evidence, visit),
            id="levels",
        ),
    ]


def _changes(question: Question, answers: Sequence[Answer]) -> list[Component]:
    """What the reader changed, each with the way back; a time without a study tells of no change."""
    changes = {c.text: c for a in answers for c in a.changes if c.undone is not None}
    if not changes:
        return []
    undo: list[Component | str] = ["Changed: "]
    for text, change in changes.items():
        back = change.undone.replace(time=question.time)
        undo.append(html.A(f"✕ undo: {text}", href=f"/time-course?{back.to_query()}"))
    return [html.P(undo, className="changes")]


def _levels(
    found: Courses, question: Question, evidence: Evidence, visit: Visit
) -> list[Component]:
    undrawn = _undrawn(found)
    if not found.drawn:
        happened = (
            f"No arm of these treatments reported {question.spec.label} at two times or more"
            f"{_of_designs(question)}."
        )
        return [empty(happened, _wider(question, evidence) or "Try another outcome."), *undrawn]
    trials = _by_trial(found.drawn)
    both = sum(_has_both(arms, question) for arms in trials.values())
    caption = (
        f"{_counted(len(found.drawn), 'arm')} of {_counted(len(trials), 'study')}; "
        f"{both or 'none'} of them with both sides of the comparison. Lines join "
        "the reported times of one arm. Arms of different studies are not a comparison: their patients differ."
    )
    return [
        figure_block(
            _FIGURE,
            course_figure(found.drawn, question, narrow=visit.narrow),
            caption=caption,
            columns=("Arm", "Kind of study", "When", "Level", "Patients", "Marks", "Source"),
            rows=_level_rows(found.drawn, question, evidence),
            file_name=f"time-course-{question.slug()}",
            title=f"{question.spec.label} over time, arm by arm",
        ),
        *_wider_line(question, evidence),
        html.H3("Study by study"),
        html.P(
            "Point at a study, or move to it with the keyboard, and its lines stand out in the figure; press it to "
            "keep them so.",
            className="quiet",
        ),
        html.Ul(
            [_pick(trial, arms, question) for trial, arms in trials.items()],
            className="course-list",
        ),
        *undrawn,
    ]


def _by_trial(drawn: Sequence[Course]) -> dict[str, list[Course]]:
    trials: dict[str, list[Course]] = defaultdict(list)
    for course in drawn:
        trials[course.trial].append(course)
    return trials


def _has_both(arms: Sequence[Course], question: Question) -> bool:
    codes = {arm.treatment for arm in arms}
    sides = (members(question.intervention), members(question.comparator))
    return all(codes & set(side) for side in sides)


def _counted(n: int, what: str) -> str:
    many = {"study": "studies"}.get(what, f"{what}s")
    return f"{n} {what if n == 1 else many}"


def _pick(trial: str, arms: Sequence[Course], question: Question) -> Component:
    said = "; ".join(
        f"{words.SHORT[arm.treatment]} {arm.text(digits(question) if question.outcome == 'eq5d' else 1)}"
        for arm in arms
    )
    return html.Li(
        [
            dmc.Button(
                arms[0].label,
                variant="default",
                size="compact-sm",
                **{"data-course": trial, "aria-pressed": "false"},
            ),
            html.Span(f" {words.DESIGNS[arms[0].design]}: {said}. "),
            html.A(
                "Open the study",
                href=f"/study?id={trial}",
                **{"aria-label": f"Open the study {arms[0].label}"},
            ),
        ]
    )


def _level_rows(
    drawn: Sequence[Course], question: Question, evidence: Evidence
) -> list[list[Component | str]]:
    read = [level.row_ids[-1] for course in drawn for level in course.levels]
    sources = {row["row_id"]: row for row in rows_by_id(evidence, read)}
    rows = []
    for course in drawn:
        for level in course.levels:
            marks = ["computed: before plus reported change"] if level.computed else []
            rows.append(
                [
                    f"{course.label}, {words.SHORT[course.treatment]}",
                    words.DESIGNS[course.design], when(level),
                    number(level.value, digits(question)),
                    "not reported" if level.n != level.n else plain(level.n),
                    "; ".join([*marks, *(FLAGS[flag] for flag in level.flags)]),
                    source(sources[level.row_ids[-1]]),
                ]
            )  # fmt: skip
    return rows


def _of_designs(question: Question) -> str:
    return f" in the kinds of study chosen ({', '.join(words.DESIGNS[d] for d in question.admits)})"


def _wider(question: Question, evidence: Evidence) -> list[Component | str] | None:
    """A link to the same view with every kind of study, where that shows more."""
    every = question.replace(designs=tuple(words.DESIGNS))
    more = len(courses(every, evidence).drawn) - len(courses(question, evidence).drawn)
    if more <= 0:
        return None
    return [
        html.A(
            f"Show {more} more {'arm' if more == 1 else 'arms'} of cohorts, uncontrolled series and other reports",
            href=f"/time-course?{every.to_query()}",
        ),
        ". They show how patients fared, not what a treatment did.",
    ]


def _wider_line(question: Question, evidence: Evidence) -> list[Component]:
    link = _wider(question, evidence)
    return [html.P(link)] if link else []


def _undrawn(found: Courses) -> list[Component]:
    """What was printed but cannot be drawn as a course, by reason."""
    parts = []
    if found.changes_only:
        parts.append(
            f"Reported as a change only, without the level before treatment: {'; '.join(found.changes_only)}."
        )
    if found.single:
        parts.append(f"A level at one time only: {'; '.join(found.single)}.")
    if found.left_out:
        counts = "; ".join(f"{REASONS[reason]} ({n})" for reason, n in found.left_out.most_common())
        parts.append(f"Reported results that are not drawn: {counts}.")
    if not parts:
        return []
    return [
        html.Details(
            [html.Summary("What is not drawn, and why"), html.Ul([html.Li(p) for p in parts])]
        )
    ]


def _differences(answers: Sequence[Answer], visit: Visit) -> list[Component]:
    question = answers[0].question
    if not any(a.studies for a in answers):
        happened = (
            "No study here gives this difference at any time"
            f"{_of_designs(question) if question.designs else ''}."
        )
        where = page_link("evidence gaps", "/gaps")
        return [
            empty(
                happened,
                ["Try another outcome, treatment or kind of study. What is missing: ", where, "."],
            )
        ]
    heading = f"Difference ({kinds([a.pooled for a in answers], question.level)})"
    return [
        html.P(
            "Each window is answered on its own, by the studies that reported a result near it; many trials report a "
            "difference without the levels. Where no study did, nothing is drawn."
        ),
        figure_block(
            _DIFFERENCES,
            difference_figure(answers, narrow=visit.narrow),
            caption=difference_caption(answers),
            columns=("Time", heading, "Studies", "Patients", "Prediction interval", "Reading"),
            rows=[_difference_row(a) for a in answers],
            file_name=f"differences-{question.slug()}",
            title=f"{question.spec.label}: difference at each time",
            caption_shown=False,
        ),
        *_mid_line(answers),
    ]  # fmt: skip


def _difference_row(answer: Answer) -> list[Component | str]:
    q, pooled = answer.question, answer.pooled
    link = html.A(q.window.label, href=f"/compare?{q.to_query()}")
    if pooled is None:
        return [link, why_none(answer), "0", "", "", ""]
    prediction = ""
    if pooled.pi_low is not None and pooled.pi_high is not None:
        prediction = f"{printed(q, pooled.pi_low)} to {printed(q, pooled.pi_high)}"
    return [
        link, interval_text(answer), str(pooled.k), patients(answer), prediction,
        answer.verdict.value if answer.verdict else "",
    ]  # fmt: skip


def _mid_line(answers: Sequence[Answer]) -> list[Component]:
    mid = answers[0].mid
    if mid is None:
        return [
            html.P("No minimal important difference was found for this scale.", className="quiet")
        ]
    text = f"Minimal important difference: {mid.value:g} {answers[0].question.spec.unit} ({mid.text}). "
    link = (
        [html.A("Source", href=mid.source_url, rel="noopener noreferrer", target="_blank")]
        if mid.source_url.startswith("http")
        else []
    )
    return [html.P([text, *link], className="quiet")]


def _published(evidence: Evidence) -> Iterator[str]:
    """Every pair of treatments with a difference at some time."""
    for question in standard_questions():
        followed = question.outcome in words.OVER_TIME and question.time == Question().time
        if (
            followed
            and not question.one_group
            and any(a.studies for a in differences(question, evidence))
        ):
            yield question.to_query()


def _canonical(query: str) -> str:
    """All times are on one page."""
    return _read(query)[0].replace(time=Question().time).to_query()


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    question, _ = _read(query)
    return question.title("over time"), verdicts_in_words(differences(question, evidence))


PAGE = Page(
    path="/time-course",
    name="Over time",
    title="Time course",
    description="Pain, disability and quality of life over time in each arm, and the difference between "
    "treatments at each time with its interval.",
    layout=layout,
    connect=connect,
    preview=_preview,
    published=_published,
    canonical=_canonical,
)
"""Levels and differences over time."""
