"""Do small studies tell another story, and what was never printed?

Every method that the studies can carry is run, and all estimates stand side by side; the others are named with the
reason why not. None of them says what is true: they show how far the answer leans on what may be missing. Beside them
stand the results that were reported without a figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.evidence.rules import known
from analysis.figures.funnel import funnel
from analysis.figures.interval_rows import Block, IntervalRow, interval_rows
from analysis.figures.words import p_text
from analysis.laboratory.reading import (
    counted,
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
from analysis.laboratory.view import Panel, Progress, View, quiet
from analysis.question import Question
from analysis.robustness.small_study import (
    MINIMUM_STUDIES,
    SelectionModel,
    TrimAndFill,
    begg,
    egger,
    funnel_regression,
    limit_meta_analysis,
    pet_peese,
    selection_model,
    trim_and_fill,
)
from analysis.synthesis.coefficients import Coefficient

KEY = "small-study"
FEWEST = 3
"""A line through two studies fits them exactly: nothing is left to judge it by."""
STUDIES_PER_PARAMETER = 2
"""Selection models with fewer studies for each parameter are refused: their likelihood is all but flat."""
_STEEPEST = 50.0
"""A standard error so many times that of the plain result says that nothing was estimated."""

_NO_WORD = "no estimate printed"
"""The note of a row of which nothing else is known."""


@dataclass(frozen=True, slots=True)
class Method:
    """An adjusted estimate: by which method, with its interval and a word on what it did; or why there is none."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    note: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """A report that measured the outcome and printed no figure: which, when, and what it said."""

    trial: str
    label: str
    time: str
    said: str
    where: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A test of asymmetry: its statistic in words and P, or why it was not run."""

    name: str
    statistic: str
    p_value: float | None
    refused: str = ""


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Funnel plot, tests of asymmetry, adjusted estimates and unprinted results of one Question."""
    found = answer(question, evidence)
    silent = unprinted(found, evidence)
    if found.pooled is None:
        empty = nothing(KEY, found)
        return View(
            KEY, empty.finding, tuple(_unprinted_sentences(found, silent)), (),
            tuple(_unprinted_panel(found, silent)), {"k": 0, "unprinted": len(silent)},
        )  # fmt: skip
    k = found.pooled.k
    if k < FEWEST:
        return _too_few(found, silent, narrow)
    progress(0, 3, "testing the funnel for asymmetry")
    tests = list(_tests(found))
    progress(1, 3, "adjusting for small studies")
    filled = trim_and_fill(
        *_effects(found), tau2=question.tau2, ci=question.ci, level=question.level
    )
    methods = [*_methods(found, filled)]
    progress(2, 3, "fitting selection models")
    methods += _selection(found)
    panels = (
        _funnel(found, filled, narrow),
        _side_by_side(found, methods, narrow),
        _tests_panel(found, tests),
        *_unprinted_panel(found, silent),
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


def _effects(found: Answer) -> tuple[list[float], list[float]]:
    return [s.yi for s in found.studies], [s.vi for s in found.studies]


# --- methods -------------------------------------------------------------------------------------
def _methods(found: Answer, filled: TrimAndFill) -> Iterator[Method]:
    q = found.question
    yi, vi = _effects(found)
    if filled.adjusted is None:
        yield Method("Trim and fill", None, None, None, "", filled.notes[0])
    else:
        side = "left" if filled.side == "left" else "right"
        note = (
            f"fills in {counted(filled.missing or 0, 'study', 'studies')} on the {side}"
            if filled.missing
            else "finds no study to fill in"
        )
        a = filled.adjusted
        yield Method("Trim and fill", a.estimate, a.ci_low, a.ci_high, note)
    lines = pet_peese(yi, vi, level=q.level)
    for name, line, what in (
        ("PET", lines.pet.limit, "line on the standard error"),
        ("PEESE", lines.peese.limit, "line on the variance"),
    ):
        reads = lines.chosen == name and not q.one_group  # the rule tests against no effect
        chosen = "; the one to read by the PET-PEESE rule" if reads else ""
        yield _of_line(name, line, f"{what}{chosen}", lines.notes)
    limit = limit_meta_analysis(yi, vi, q.tau2, q.level)
    yield _of_line(
        "Limit meta-analysis", limit.adjusted, "a study without sampling error", limit.notes
    )


def _of_line(name: str, line: Coefficient | None, note: str, notes: tuple[str, ...]) -> Method:
    if line is None:
        return Method(name, None, None, None, "", notes[0])
    return Method(name, line.estimate, line.ci_low, line.ci_high, note)


def _selection(found: Answer) -> list[Method]:
    """The step function at one-sided .025 and the half-normal weight, where studies can carry them."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    yi, vi = _effects(found)
    names = {"step": "Selection model, one step", "half-normal": "Selection model, half-normal"}
    if q.one_group:
        why = "one group is compared with nothing, so no P decides what is printed"
        return [Method(name, None, None, None, "", why) for name in names.values()]
    parameters = 3
    if pooled.k < STUDIES_PER_PARAMETER * parameters:
        why = f"{pooled.k} studies cannot carry its {parameters} parameters"
        return [Method(name, None, None, None, "", why) for name in names.values()]
    side = "less" if q.spec.lower_is_better else "greater"
    made = []
    for weight, name in names.items():
        model = selection_model(yi, vi, weight, alternative=side, level=q.level)
        made.append(_of_selection(name, model, pooled.se))
    return made


def _of_selection(name: str, model: SelectionModel, plain_se: float) -> Method:
    if model.estimate is None:
        return Method(name, None, None, None, "", model.notes[0])
    if model.se is None or model.ci_low is None or model.ci_high is None:
        why = "its likelihood has no maximum that can be relied on"
        return Method(name, None, None, None, "", why)
    if model.se > _STEEPEST * plain_se or any("not to be relied on" in n for n in model.notes):
        why = "its likelihood is flat: the studies cannot tell its parameters apart"
        return Method(name, None, None, None, "", why)
    p = "" if model.lrt_p_value is None else f"; test of selection, P {p_text(model.lrt_p_value)}"
    return Method(
        name, model.estimate, model.ci_low, model.ci_high, f"if results without benefit are printed less often{p}"
    )  # fmt: skip


def _tests(found: Answer) -> Iterator[Trial]:
    q = found.question
    yi, vi = _effects(found)
    line = egger(yi, vi, tau2=q.tau2, ci=_line_ci(q), level=q.level)
    yield _trial("Egger, slope on the standard error", line.slope, line.notes)
    ranks = begg(yi, vi)
    if ranks.p_value is None:
        yield Trial("Begg, rank correlation", "–", None, ranks.notes[0])
    else:
        yield Trial("Begg, rank correlation", f"tau {number(ranks.tau)}", ranks.p_value)
    if q.effect_measure in (*words.RATIOS, "PLO", "PAS"):
        sizes = [s.patients for s in found.studies]
        if any(math.isnan(n) for n in sizes):
            why = "not every study prints its size"
            yield Trial("On sample size", "–", None, why)
        else:
            on_size = funnel_regression(
                yi, vi, sizes, "sqrtninv", tau2=q.tau2, ci=_line_ci(q), level=q.level
            )
            yield _trial("On sample size (1/√n)", on_size.slope, on_size.notes)


def _line_ci(question: Question) -> str:
    return question.ci if question.tau2 != "EE" else "wald"


def _trial(name: str, slope: Coefficient | None, notes: tuple[str, ...]) -> Trial:
    if slope is None or slope.p_value is None:
        return Trial(name, "–", None, notes[0])
    return Trial(name, f"slope {number(slope.estimate)}", slope.p_value)


# --- what was not printed ------------------------------------------------------------------------
def unprinted(found: Answer, evidence: Evidence) -> list[Silent]:
    """Results of other trials that were reported without a figure; the words that stand there, where any do."""
    entered = {study.trial for study in found.studies}
    rows, reports = results_by_id(evidence), studies_by_id(evidence)
    silent = []
    for row in found.left_out:
        if row.reason != "no figure" or row.trial in entered:
            continue
        printed_row = rows[row.row_id]
        report = reports[row.study_id]
        p = printed_row.get("p_value", "")
        said = [
            *([f"P {p}"] if p else []),
            *([f"favours the {printed_row['positive_favours']}"]
              if printed_row.get("positive_favours") in ("intervention", "comparator") else []),
            *([printed_row["note"]] if printed_row["note"] else []),
        ]  # fmt: skip
        silent.append(
            Silent(
                row.trial, report["label"] or row.study_id,
                printed_row["timepoint"] or "no time printed",
                "; ".join(said) or row.detail, printed_row["source_location"],
            )
        )  # fmt: skip
    return silent


def _unprinted_sentences(found: Answer, silent: list[Silent]) -> Iterator[str]:
    if not silent:
        yield "No other study in hand reports this outcome without a figure."
        return
    trials = dict.fromkeys(item.label for item in silent)
    verb = "measured" if len(trials) > 1 else "also measured"
    yield (
        f"{counted(len(trials), 'study', 'studies').capitalize()} ({listed(list(trials))}) {verb} this outcome and "
        "printed no figure that can be pooled: this is missing evidence that no method below can see."
    )
    told = next((item for item in silent if item.said != _NO_WORD), None)
    if told is None:
        yield "What they found is not told."
    else:
        yield f"What stands there instead ({told.label}, {told.time}): {told.said}."


def _unprinted_panel(found: Answer, silent: list[Silent]) -> Iterator[Panel]:
    if not silent:
        return
    trials = {item.trial for item in silent}
    yield Panel(
        id="unprinted",
        title=f"{counted(len(trials), 'study', 'studies').capitalize()} reported this without a figure",
        figure=None,
        caption=f"{found.question.title()}: results that were reported without a figure.",
        columns=("Study", "Time", "What was said", "Where"),
        rows=tuple((s.label, s.time, s.said, s.where) for s in silent),
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
    tests: list[Trial],
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
            yield f"The conclusion (“{now}”) becomes another by {listed(other)}."
        elif any(m.estimate is not None for m in methods):
            yield f"By every method that could be run the conclusion stays “{now}”."
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
    yield from _unprinted_sentences(found, silent)


def _cautions(found: Answer) -> Iterator[str]:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    if pooled.k < MINIMUM_STUDIES:
        yield (
            f"{pooled.k} studies: below {MINIMUM_STUDIES}, tests of asymmetry cannot tell chance from bias, and "
            "adjusted estimates rest on lines through a handful of points (Sterne and others, BMJ 2011)."
        )
    if q.effect_measure in (*words.RATIOS, "PLO"):
        yield (
            "For ratios and proportions an effect and its standard error are tied to each other, so the funnel is "
            "crooked even without bias; the test on sample size avoids this."
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
    every = [
        "Egger's and Begg's test",
        "trim and fill",
        "PET and PEESE",
        "limit meta-analysis",
        "selection models",
    ]
    many = studies_in(found.question, pooled.k)
    finding = f"Nothing can be said about small-study effects from {many}."
    why = (
        "a single study has no funnel"
        if pooled.k == 1
        else "a line through two studies always fits, so nothing is left to judge it by"
    )
    panels = () if pooled.k == 1 else (_funnel(found, None, narrow),)
    return View(
        KEY,
        finding,
        (f"Not run: {listed(every)} ({why}).", *_unprinted_sentences(found, silent)),
        (f"{many.capitalize()}: at least {FEWEST} are needed to run such a method, and "
         f"{MINIMUM_STUDIES} for it to say much.",),
        (*panels, *_unprinted_panel(found, silent)),
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
    q, pooled, common = found.question, found.pooled, found.common
    assert pooled is not None
    assert common is not None
    name = "As it stands" if pooled.tau2_method != "EE" else "As it stands (common effect)"
    whole = IntervalRow(
        name, pooled.estimate, pooled.ci_low, pooled.ci_high,
        result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high), "whole",
    )  # fmt: skip
    plain = [whole]
    if pooled.tau2_method != "EE":
        plain.append(
            IntervalRow(
                "Common effect", common.estimate, common.ci_low, common.ci_high,
                result_text(q, common.estimate, common.ci_low, common.ci_high),
            )
        )  # fmt: skip
    adjusted = []
    now = reading(found, pooled.ci_low, pooled.ci_high)
    for m in methods:
        if m.estimate is None or m.low is None or m.high is None:
            adjusted.append(IntervalRow(m.name, None, None, None, "not run"))
            continue
        kind = "usual" if reading(found, m.low, m.high) == now else "changed"
        adjusted.append(
            IntervalRow(m.name, m.estimate, m.low, m.high, result_text(q, m.estimate, m.low, m.high), kind)
        )  # fmt: skip
    note = f"Bars: {interval_name(q)}. Dotted line: the result as it stands."
    if any(row.kind == "changed" for row in adjusted):
        note += " Hollow marks: the conclusion would be another."
    if found.mid is not None and not q.one_group:
        note += f" Grey band: smaller than the minimal important difference of {found.mid.value:g}."
    blocks = [
        Block("Without adjustment", tuple(plain)),
        Block("Adjusted for small studies", tuple(adjusted)),
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
        caption=f"{q.title()}. " + "; ".join(f"{row.label} {row.text}" for row in (*plain, *adjusted)) + ".",
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


def _tests_panel(found: Answer, tests: list[Trial]) -> Panel:
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
    tests: list[Trial],
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
