"""Does the answer depend on one study, or on one group of studies?

Each study is left out in turn, then all studies of one funder, country, design or kind of blinding; the model is
fitted again each time. Beside that stand the diagnostics of Viechtbauer and Cheung (2010) with metafor's thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.figures.baujat import baujat_figure
from analysis.figures.interval_rows import Block, IntervalRow, interval_rows
from analysis.question import Question
from analysis.robustness.baujat import baujat
from analysis.robustness.influence import Influence, influence
from analysis.robustness.leave_out import leave_one_out
from analysis.robustness.refit import Refit
from analysis.robustness_views.deletions import (
    Deletion,
    deletion_of,
    group_families,
    without_groups,
)
from analysis.robustness_views.reading import (
    effects_of,
    interval_name,
    listed,
    marks,
    moved_text,
    nothing,
    plain_facts,
    plain_figure,
    reading,
    result_text,
    studies_in,
    teller,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet

KEY = "influence"

TOO_FEW = 5
"""Below so many studies every study carries a large share, and the diagnostics have little to compare it with."""

MOST_SENTENCES = 4
"""From so many changes of the conclusion on, a count stands for a sentence each."""


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Leave-one-out, leave-one-group-out, Baujat plot and influence diagnostics of one Question."""
    found = answer(question, evidence)
    if found.pooled is None:
        return nothing(KEY, found)
    if found.pooled.k == 1:
        return _one_study(found)
    progress(0, 2, "leaving out each study")
    singles = [
        deletion_of(found, "study", found.studies[fit.label].label, fit)
        for fit in leave_one_out(
            *effects_of(found),
            tau2=question.tau2,
            ci=question.ci,
            level=question.level,
            tell=teller(question, found.studies),
        )
    ]
    progress(1, 2, "leaving out groups of studies")
    families = group_families(found, evidence)
    groups = list(without_groups(found, families))
    diagnostics = influence(*effects_of(found), tau2=question.tau2, ci=question.ci)
    panels = [
        _forest("leave-one-out", found, [("Without one study", singles)], narrow),
        *_group_panel(found, groups, narrow),
    ]
    if found.pooled.k >= 3:
        panels += [_baujat(found, narrow), _table(found, diagnostics)]
    progress(2, 2, "done")
    return View(
        KEY,
        _finding(found, singles),
        tuple(_sentences(found, singles, groups, families, diagnostics)),
        tuple(_cautions(found, singles)),
        tuple(panels),
        _facts(found, singles, groups, diagnostics),
    )


# --- in words ------------------------------------------------------------------------------------
def _finding(found: Answer, singles: Sequence[Deletion]) -> str:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    most = _most(found, singles)
    opening = (
        f"Leaving out {most.label} moves the result most, "
        f"{moved_text(q, pooled.estimate, most.fit.estimate)}"
    )
    turning = [d for d in singles if d.changes]
    now = reading(found, pooled.ci_low, pooled.ci_high)
    if not now:
        return f"{opening}."
    if not turning:
        return f"{opening}; without any single study the conclusion stays the same (“{now}”)."
    if len(turning) >= MOST_SENTENCES:
        return f"{opening}. The conclusion (“{now}”) changes when any of {len(turning)} studies is left out."
    return (
        f"{opening}. The conclusion (“{now}”) changes without {listed([d.label for d in turning])}."
    )


def _most(found: Answer, deletions: Sequence[Deletion]) -> Deletion:
    assert found.pooled is not None
    middle = found.pooled.estimate
    return max(deletions, key=lambda d: abs(d.fit.estimate - middle))


def _sentences(
    found: Answer,
    singles: Sequence[Deletion],
    groups: Sequence[Deletion],
    families: dict[str, dict[str, list[int]]],
    diagnostics: Influence,
) -> Iterator[str]:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    estimates = [d.fit.estimate for d in singles]
    yield (
        f"All {studies_in(q, pooled.k)} together: "
        f"{result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high)}. Without one of them "
        f"the estimate lies between {printed(q, min(estimates), False)} and "
        f"{printed(q, max(estimates))}."
    )
    yield from _turning(found, [d for d in singles if d.changes], len(singles))
    if groups:
        most = _most(found, groups)
        yield (
            f"Of the groups, leaving out the studies “{most.label}” ({most.family}) moves the "
            f"estimate most, {moved_text(q, pooled.estimate, most.fit.estimate)}."
        )
        turning = [d for d in groups if d.changes]
        yield from _turning(found, turning, len(groups))
        if not turning and reading(found, pooled.ci_low, pooled.ci_high):
            yield "Leaving out any such group does not change the conclusion."
    same = [
        f"{family} ({next(iter(labels))})"
        for family, labels in families.items()
        if len(labels) == 1
    ]
    if same:
        yield f"All studies are alike in {listed(same)}: no group can be left out there."
    if pooled.k >= 3:
        flagged = [
            study.label
            for study, flag in zip(found.studies, diagnostics.influential, strict=True)
            if flag
        ]
        if flagged:
            yield (
                f"The diagnostics flag {listed(flagged)}: a reason to look at "
                f"{'it' if len(flagged) == 1 else 'them'} closely, not to leave "
                f"{'it' if len(flagged) == 1 else 'them'} out."
            )
        else:
            yield "The diagnostics flag no study as unduly influential."


def _turning(found: Answer, turning: Sequence[Deletion], of: int) -> Iterator[str]:
    """What changes without each study or group; from `MOST_SENTENCES` on, how many change it."""
    if len(turning) >= MOST_SENTENCES:
        kind = "studies" if turning[0].family == "study" else "groups"
        yield f"Leaving out any one of {len(turning)} of the {of} {kind} changes the conclusion (see the table)."
        return
    for deletion in turning:
        who = (
            deletion.label
            if deletion.family == "study"
            else f"the studies “{deletion.label}” ({deletion.family})"
        )
        yield f"Without {who}: {_value(found, deletion.fit)}; {' and '.join(deletion.changes)}."


def _value(found: Answer, fit: Refit) -> str:
    text = result_text(found.question, fit.estimate, fit.ci_low, fit.ci_high)
    return f"{text} from {studies_in(found.question, fit.k)}"


def _cautions(found: Answer, singles: Sequence[Deletion]) -> Iterator[str]:
    pooled = found.pooled
    assert pooled is not None
    if found.apart:
        yield "Two studies: without one of them the other stands alone, with its own interval." + (
            " It can be narrower than that of both, because one study shows nothing of how studies differ."
            if any(d.fit.ci_high - d.fit.ci_low < pooled.ci_high - pooled.ci_low for d in singles)
            else ""
        )
    elif pooled.k < TOO_FEW:
        yield (
            f"{pooled.k} studies: each of them carries much of the result, so it must move when one goes. The "
            "diagnostics have little to compare a study with."
        )


def _one_study(found: Answer) -> View:
    study = found.studies[0]
    return View(
        KEY,
        f"The answer is one study, {study.label}: without it nothing is left.",
        (found.sentence,),
        ("One study: there is nothing to leave out.",),
        facts={"k": 1, "studies": [study.label]},
    )


# --- panels --------------------------------------------------------------------------------------
def _forest(
    id: str, found: Answer, blocks: Sequence[tuple[str, Sequence[Deletion]]], narrow: bool
) -> Panel:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    whole = IntervalRow(
        f"All {studies_in(q, pooled.k)}", pooled.estimate, pooled.ci_low, pooled.ci_high,
        result_text(q, pooled.estimate, pooled.ci_low, pooled.ci_high), "whole",
    )  # fmt: skip
    drawn = [
        Block(
            heading,
            tuple(
                IntervalRow(
                    d.label,
                    d.fit.estimate, d.fit.ci_low, d.fit.ci_high,
                    result_text(q, d.fit.estimate, d.fit.ci_low, d.fit.ci_high),
                    "changed" if d.changes else "usual",
                )
                for d in deletions
            ),
        )
        for heading, deletions in blocks
    ]  # fmt: skip
    note = f"Bars: {interval_name(q)}. Dotted line: the result of all studies."
    if any(d.changes for _, deletions in blocks for d in deletions):
        note += " Hollow marks: the conclusion changes."
    if found.mid is not None and not q.one_group:
        note += f" Grey band: smaller than the minimal important difference of {found.mid.value:g}."
    figure = interval_rows(
        found, [*drawn, Block("", (whole,))], note=note, marks=marks(q), narrow=narrow
    )
    every = [d for _, deletions in blocks for d in deletions]
    rows = [
        (
            d.label, str(d.fit.k), printed(q, d.fit.estimate),
            f"{printed(q, d.fit.ci_low, False)} to {printed(q, d.fit.ci_high)}",
            number(d.fit.i2, 0) + "%" if d.fit.i2 is not None else "–",
            "; ".join(d.changes) or "none",
        )
        for d in every
    ]  # fmt: skip
    group = id != "leave-one-out"
    most = _most(found, every)
    title = f"Without {most.label} the estimate goes {moved_text(q, pooled.estimate, most.fit.estimate)}"
    said = "; ".join(
        f"{d.label} {result_text(q, d.fit.estimate, d.fit.ci_low, d.fit.ci_high)}" for d in every
    )
    what = "each group of studies" if group else "each study"
    return Panel(
        id=id,
        title=title,
        figure=plain_figure(figure),
        caption=f"{q.title()}: the pooled result without {what}. {said}.",
        columns=(
            "Group left out" if group else "Study left out", "Studies left", "Estimate",
            interval_name(q), "I²", "What changes",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def _group_panel(found: Answer, groups: Sequence[Deletion], narrow: bool) -> Iterator[Panel]:
    families = dict.fromkeys(d.family for d in groups)
    blocks = [
        (f"Without a group, by {family}", [d for d in groups if d.family == family])
        for family in families
    ]
    if blocks:
        yield _forest("leave-one-group-out", found, blocks, narrow)


def _baujat(found: Answer, narrow: bool) -> Panel:
    points = baujat(*effects_of(found))
    order = sorted(
        range(len(found.studies)),
        key=lambda i: -(points.influence[i] if math.isfinite(points.influence[i]) else -1.0),
    )
    first = found.studies[order[0]]
    rows = tuple(
        (
            found.studies[i].label,
            number(points.heterogeneity[i]),
            number(points.influence[i]) if math.isfinite(points.influence[i]) else "–",
        )
        for i in order
    )
    return Panel(
        id="baujat",
        title=f"{first.label} has the most influence on the result",
        figure=plain_figure(baujat_figure(found, points, narrow=narrow)),
        caption=(
            f"{found.question.title()}: Baujat plot, in the common-effect model. To the right: studies that disagree "
            "with the others (their shares add up to Cochran's Q). Upwards: studies that move the result."
        ),
        columns=("Study", "Disagreement", "Influence"),
        rows=rows,
    )


def _table(found: Answer, d: Influence) -> Panel:
    k = len(found.studies)
    rows = []
    for i, study in enumerate(found.studies):
        values = (
            d.studentised[i], d.dffits[i], d.cooks_distance[i], d.covariance_ratio[i],
            d.tau2_deleted[i], d.q_deleted[i], d.hat[i], d.weights[i], d.dfbetas[i],
        )  # fmt: skip
        cells = [number(v, 1 if j == 7 else 2) if math.isfinite(v) else "–"
                 for j, v in enumerate(values)]  # fmt: skip
        rows.append((study.label, *cells, "yes" if d.influential[i] else "no"))
    rows.append(
        (
            "Flagged beyond", "–", f"±{3 * math.sqrt(1 / (k - 1)):.2f}", "0.45", "–", "–", "–",
            f"{3 / k:.2f}", "–", "±1", "any of these",
        )
    )  # fmt: skip
    flagged = [s.label for s, flag in zip(found.studies, d.influential, strict=True) if flag]
    model = (
        ""
        if found.told is None or found.told.model in ("random", "common")
        else f" All with {words.TAU2_METHODS[found.question.tau2]}, which is not the model of the main result."
    )
    return Panel(
        id="diagnostics",
        title=f"Flagged: {listed(flagged)}" if flagged else "No study is flagged as influential",
        figure=None,
        caption=(
            "Influence diagnostics of each study, fitted again without it (Viechtbauer and Cheung 2010; thresholds as "
            "in metafor). Studentised: how far the study lies from the others, in standard errors; beyond 2 it stands "
            "out. DFFITS, Cook's distance, DFBETAS: how far the result moves. Covariance ratio below 1: the result "
            "is more precise without it. Cook's threshold: half of chi-square with 1 degree of freedom."
            f"{model}"
        ),
        columns=(
            "Study", "Studentised", "DFFITS", "Cook's distance", "Covariance ratio", "τ² without",
            "Q without", "Hat", "Weight %", "DFBETAS", "Flagged",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def _facts(
    found: Answer,
    singles: Sequence[Deletion],
    groups: Sequence[Deletion],
    diagnostics: Influence,
) -> dict[str, object]:
    pooled = found.pooled
    assert pooled is not None

    def told(deletion: Deletion) -> dict[str, object]:
        fit = deletion.fit
        return {
            "left_out": deletion.label, "family": deletion.family, "k": fit.k,
            "estimate": fit.estimate, "ci_low": fit.ci_low, "ci_high": fit.ci_high,
            "tau2": fit.tau2, "changes": list(deletion.changes),
        }  # fmt: skip

    return plain_facts(
        {
            "k": pooled.k,
            "estimate": pooled.estimate,
            "ci_low": pooled.ci_low,
            "ci_high": pooled.ci_high,
            "reading": reading(found, pooled.ci_low, pooled.ci_high),
            "studies": [s.label for s in found.studies],
            "without_study": [told(d) for d in singles],
            "without_group": [told(d) for d in groups],
            "diagnostics": diagnostics.to_dict(),
        }
    )
