"""Do small studies tell another story, and what was never printed?

Every method that the studies can carry is run, and all estimates stand side by side; the others are named with the
reason why not. None of them says what is true: they show how far the answer leans on what may be missing. Beside them
stand the results that were reported without numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.evidence.rules import known
from analysis.figures.funnel import funnel
from analysis.figures.interval_rows import Block, IntervalRow, interval_rows
from analysis.figures.words import p_text
from analysis.question import Question
from analysis.robustness.small_study import MINIMUM_STUDIES, TrimAndFill, trim_and_fill
from analysis.robustness_views.missing_evidence import (
    Silent,
    unprinted,
    unprinted_panel,
    unprinted_sentences,
)
from analysis.robustness_views.reading import (
    counted,
    effects_of,
    interval_name,
    listed,
    marks,
    nothing,
    plain_facts,
    plain_figure,
    reading,
    result_text,
    studies_in,
)
from analysis.robustness_views.small_study_methods import (
    Asymmetry,
    Method,
    adjusted,
    asymmetry_tests,
    selected,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet

KEY = "small-study"
FEWEST = 3
"""A line through two studies fits them exactly: nothing is left to judge it by."""


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Funnel plot, tests of asymmetry, adjusted estimates and unprinted results of one Question."""
    found = answer(question, evidence)
    silent = unprinted(found, evidence)
    if found.pooled is None:
        empty = nothing(KEY, found)
        return View(
            KEY, empty.finding, tuple(unprinted_sentences(silent)), (),
            tuple(unprinted_panel(found, silent)), {"k": 0, "unprinted": len(silent)},
        )  # fmt: skip
    k = found.pooled.k
    if k < FEWEST:
        return _too_few(found, silent, narrow)
    progress(0, 3, "testing the funnel for asymmetry")
    tests = list(asymmetry_tests(found))
    progress(1, 3, "adjusting for small studies")
    filled = trim_and_fill(
        *effects_of(found), tau2=question.tau2, ci=question.ci, level=question.level
    )
    methods = [*adjusted(found, filled)]
    progress(2, 3, "fitting selection models")
    methods += selected(found)
    panels = (
        _funnel(found, filled, narrow),
        _side_by_side(found, methods, narrow),
        _tests_panel(found, tests),
        *unprinted_panel(found, silent),
    )
    progress(3, 3, "done")
    return View(
        KEY,
        _finding(found, methods),
        tuple(_sentences(found, methods, tests, filled, silent)),
        tuple(_cautions(found)),
        panels,
        _facts(found, methods, tests, filled, silent),
    )


# --- in words ------------------------------------------------------------------------------------
def _finding(found: Answer, methods: list[Method]) -> str:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    known_ = [m for m in methods if m.estimate is not None]
    plain = result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high)
    if not known_:
        return (
            f"No method for small-study effects can be run on these {pooled.k} studies ({plain})."
        )
    estimates = [m.estimate for m in known_ if m.estimate is not None]
    low, high = printed(q, min(estimates), False), printed(q, max(estimates))
    opening = (
        f"As it stands the estimate is {plain}; adjusted for small studies it lies between {low} and {high}, "
        f"depending on the method ({counted(len(known_), 'estimate')})"
    )
    if pooled.k < MINIMUM_STUDIES:
        return f"{opening}. With {pooled.k} studies this says little."
    return f"{opening}."


def _sentences(
    found: Answer,
    methods: list[Method],
    tests: list[Asymmetry],
    filled: TrimAndFill,
    silent: list[Silent],
) -> Iterator[str]:
    pooled = found.pooled
    assert pooled is not None
    run = [t for t in tests if t.p_value is not None]
    if run:
        said = listed([f"{t.name.split(',')[0]}: P {p_text(t.p_value or 0.0)}" for t in run])
        yield f"Tests of whether small studies find other effects than large ones: {said}."
    now = reading(found, pooled.ci_low, pooled.ci_high)
    if now:
        other = [
            m.name
            for m in methods
            if m.estimate is not None
            and m.low is not None
            and m.high is not None
            and reading(found, m.low, m.high) != now
        ]
        if other:
            yield f"With {listed(other)}, the conclusion is no longer “{now}”."
        elif any(m.estimate is not None for m in methods):
            yield f"With every method that could be run, the conclusion stays “{now}”."
    if filled.missing:
        yield (
            f"Trim and fill mirrors {counted(filled.missing, 'study', 'studies')} to the {filled.side}: an if-then "
            "calculation, not a discovery of missing studies."
        )
    refused: dict[str, list[str]] = {}
    for item in (*methods, *tests):
        if item.refused:
            refused.setdefault(item.refused, []).append(item.name)
    for why, names in refused.items():
        yield f"Not run: {listed(names)} ({why})."
    yield from unprinted_sentences(silent)


def _cautions(found: Answer) -> Iterator[str]:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    if pooled.k < MINIMUM_STUDIES:
        yield (
            f"{pooled.k} studies: below {MINIMUM_STUDIES}, tests of asymmetry cannot tell chance from bias, and "
            "adjusted estimates rest on lines through a handful of points (Sterne and others, BMJ 2011)."
        )
    if q.effect_measure in (*words.RATIOS, "PLO"):
        avoid = (
            "Harbord's and Peters' tests and the test on sample size avoid this"
            if q.effect_measure in words.RATIOS
            else "the test on sample size avoids this"
        )
        yield (
            "For ratios and proportions an effect and its standard error are tied to each other, so the funnel is "
            f"crooked even without bias; {avoid}."
        )
    if q.one_group:
        yield (
            "These are figures of treated groups, not effects: a crooked funnel may only show that small series were "
            "made of other patients."
        )
    yield "Small studies may differ for other reasons than bias: sicker patients, another procedure, closer follow-up."


def _too_few(found: Answer, silent: list[Silent], narrow: bool) -> View:
    pooled = found.pooled
    assert pooled is not None
    ratio = found.question.effect_measure in words.RATIOS
    every = [
        "Harbord's, Peters' and Begg's test" if ratio else "Egger's and Begg's test",
        "trim and fill",
        "PET and PEESE",
        "limit meta-analysis",
        "selection models",
    ]
    many = studies_in(found.question, pooled.k)
    finding = f"Nothing can be concluded about small-study effects from {many}."
    why = (
        "a single study has no funnel"
        if pooled.k == 1
        else "a line through two studies always fits, so nothing is left to judge it by"
    )
    panels = () if pooled.k == 1 else (_funnel(found, None, narrow),)
    return View(
        KEY,
        finding,
        (f"Not run: {listed(every)} ({why}).", *unprinted_sentences(silent)),
        (f"{many.capitalize()}: at least {FEWEST} are needed to run such a method, and "
         f"{MINIMUM_STUDIES} for it to say much.",),
        (*panels, *unprinted_panel(found, silent)),
        {"k": pooled.k, "refused": every, "unprinted": len({s.trial for s in silent})},
    )  # fmt: skip


# --- panels --------------------------------------------------------------------------------------
def _funnel(found: Answer, filled: TrimAndFill | None, narrow: bool) -> Panel:
    q = found.question
    added = (
        []
        if filled is None
        else [(float(y), math.sqrt(v)) for y, v in zip(filled.filled_yi, filled.filled_vi, strict=True)]
    )  # fmt: skip
    figure = funnel(found, filled=added, narrow=narrow)
    rows = tuple(
        (s.label, printed(q, s.yi), number(s.se), number(s.patients, 0) if known(s.patients) else "–")
        for s in sorted(found.studies, key=lambda s: s.se)
    )  # fmt: skip
    contours = (
        ""
        if q.one_group
        else " Shaded contours: two-sided P of .10, .05 and .01 for no difference."
    )
    many = studies_in(q, len(found.studies))
    return Panel(
        id="funnel",
        title=f"Funnel plot of {many}",
        figure=plain_figure(figure),
        caption=f"{q.title()}: effect by standard error, precise studies at the top.{contours}",
        columns=("Study", "Effect", "Standard error", "Patients"),
        rows=rows,
    )


def _side_by_side(found: Answer, methods: list[Method], narrow: bool) -> Panel:
    q, told = found.question, found.told
    assert told is not None
    pooled, name = told.result, "As it stands"
    whole = IntervalRow(
        name, pooled.estimate, pooled.ci_low, pooled.ci_high,
        result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high), "whole",
    )  # fmt: skip
    plain = [whole]
    if (other := told.other) is not None:
        label = "Common effect" if other.tau2_method == "EE" else "Random effects, HKSJ"
        plain.append(
            IntervalRow(
                label, other.estimate, other.ci_low, other.ci_high,
                result_text(q, other.estimate, other.ci_low, other.ci_high),
            )
        )  # fmt: skip
    rows_adjusted = []
    now = reading(found, pooled.ci_low, pooled.ci_high)
    for m in methods:
        if m.estimate is None or m.low is None or m.high is None:
            rows_adjusted.append(IntervalRow(m.name, None, None, None, "not run"))
            continue
        kind = "usual" if reading(found, m.low, m.high) == now else "changed"
        rows_adjusted.append(
            IntervalRow(m.name, m.estimate, m.low, m.high, result_text(q, m.estimate, m.low, m.high), kind)
        )  # fmt: skip
    note = f"Bars: {interval_name(q)}. Dotted line: the result as it stands."
    if any(row.kind == "changed" for row in rows_adjusted):
        note += " Hollow marks: the conclusion would be another."
    if found.mid is not None and not q.one_group:
        note += f" Grey band: smaller than the minimal important difference of {found.mid.value:g}."
    blocks = [
        Block("Without adjustment", tuple(plain)),
        Block("Adjusted for small studies", tuple(rows_adjusted)),
    ]
    figure = interval_rows(found, blocks, note=note, marks=marks(q), narrow=narrow)
    rows = [(row.label, row.text.split(" (")[0], _interval(row, q), "") for row in plain]
    rows += [
        (
            m.name, "–" if m.estimate is None else printed(q, m.estimate), _limits(m, q),
            f"not run: {m.refused}" if m.refused else m.note,
        )
        for m in methods
    ]  # fmt: skip
    return Panel(
        id="adjusted",
        title="Estimates with and without adjustment for small studies",
        figure=plain_figure(figure),
        caption=f"{q.title()}. " + "; ".join(f"{row.label} {row.text}" for row in (*plain, *rows_adjusted)) + ".",
        columns=("Method", "Estimate", interval_name(q), "What it did"),
        rows=tuple(rows),
    )  # fmt: skip


def _interval(row: IntervalRow, q: Question) -> str:
    assert row.low is not None
    assert row.high is not None
    return f"{printed(q, row.low, False)} to {printed(q, row.high)}"


def _limits(m: Method, q: Question) -> str:
    if m.low is None or m.high is None:
        return "–"
    return f"{printed(q, m.low, False)} to {printed(q, m.high)}"


def _tests_panel(found: Answer, tests: list[Asymmetry]) -> Panel:
    few = found.pooled is not None and found.pooled.k < MINIMUM_STUDIES
    rows = tuple(
        (t.name, t.statistic, "–" if t.p_value is None else p_text(t.p_value).removeprefix("= "),
         f"not run: {t.refused}" if t.refused else "too few studies to say much" if few else "")
        for t in tests
    )  # fmt: skip
    return Panel(
        id="asymmetry",
        title="Tests of whether the funnel is crooked",
        figure=None,
        caption="A slope or rank correlation of 0 means that small and large studies find the same.",
        columns=("Test", "Statistic", "P", "Remark"),
        rows=rows,
    )


def _facts(
    found: Answer,
    methods: list[Method],
    tests: list[Asymmetry],
    filled: TrimAndFill,
    silent: list[Silent],
) -> dict[str, object]:
    pooled = found.pooled
    assert pooled is not None
    return plain_facts(
        {
            "k": pooled.k,
            "estimate": pooled.estimate,
            "enough_studies": pooled.k >= MINIMUM_STUDIES,
            "methods": {
                m.name: {"estimate": m.estimate, "ci_low": m.low, "ci_high": m.high, "refused": m.refused}
                for m in methods
            },
            "tests": {t.name: {"p_value": t.p_value, "refused": t.refused} for t in tests},
            "filled": filled.missing,
            "filled_side": filled.side,
            "unprinted": len({s.trial for s in silent}),
        }
    )  # fmt: skip
