"""Mean, standard deviation and size of one arm from what its row prints, on the outcome's common scale.

A standard deviation that was not printed is recovered from a standard error or an interval of the mean
(:cite:t:`higgins2019`, section 6.5.2.2-3); failing that, it may be borrowed from comparable arms: all arms with a
printed spread of the same outcome and kind (level or change) at follow-up (not those of treatments
that enter no pool), pooled by degrees of freedom
(:cite:t:`furukawa2006`); for comparisons between groups, of comparative studies
only, because selected series print narrower spreads. Borrowing is flagged and can be switched off.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from analysis.effects.recover import merge_arms, sd_from_ci, sd_from_se
from analysis.effects.study_effect import NotDerivable, Step, number, plain
from analysis.evidence import rules
from analysis.evidence.rules import Row, known
from analysis.vocabulary import TREATMENTS, Outcome


@dataclass(frozen=True, slots=True)
class ArmScore:
    """One arm's score (level or change, follow-up minus baseline): mean, sd (NaN: unknown), n."""

    mean: float
    sd: float
    n: float
    flags: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A pooled standard deviation, and the arms (and trials) it comes from."""

    sd: float
    arms: int
    trials: int


def read_arm(row: Row, outcome: Outcome, same_trial: Sequence[Row] = ()) -> ArmScore:
    """One row as an `ArmScore`; the sd stays NaN where none was printed or recoverable.

    Raises
    ------
    NotDerivable
        When the size of the arm is not printed.
    """
    n, flags, steps = _size(row)
    name = row["treatment"]
    printed = (
        f"{name} reported: {'change' if row['kind'] == 'change' else 'mean'} {plain(row['mean'])}"
    )
    sd, spread_flags, spread = _printed_sd(row, n)
    steps = [
        Step(f"{printed}{spread}, n = {plain(n)} ({row['timepoint']})", (row["row_id"],)),
        *steps,
    ]
    factor, shift, scale_flags, scale_step = _to_common_scale(row, outcome, same_trial)
    if scale_step:
        steps.append(Step(scale_step, (row["row_id"],)))
    sign = 1.0
    if row["kind"] == "change":
        sign, shift = rules.change_sign(row, outcome), 0.0
        if row["change_printed_as"] == "improvement":
            steps.append(Step("Reported as improvement; turned into follow-up minus baseline."))
    elif outcome.lower_is_better and rules.points_the_other_way(row):
        if outcome.scale is None:
            raise NotDerivable("scale points the other way and has no range to turn it by")
        sign, shift = -1.0, outcome.scale[0] + outcome.scale[1] - shift
        steps.append(Step("Reported so that higher is better; turned round within its range."))
    return ArmScore(
        mean=shift + sign * factor * row["mean"],
        sd=factor * sd,
        n=n,
        flags=tuple(dict.fromkeys((*flags, *spread_flags, *scale_flags))),
        steps=tuple(steps),
    )


def merge(arms: Sequence[ArmScore]) -> ArmScore:
    """Several arms of one treatment as one; each needs a standard deviation."""
    if len(arms) == 1:
        return arms[0]
    n, mean, sd = merge_arms([a.n for a in arms], [a.mean for a in arms], [a.sd for a in arms])
    flags = tuple(dict.fromkeys((*(flag for a in arms for flag in a.flags), "merged_arms")))
    combined = Step(f"Arms combined: mean {number(mean)} (SD {number(sd)}), n = {plain(n)}.")
    return ArmScore(mean, sd, n, flags, (*(step for a in arms for step in a.steps), combined))


def borrow_from(
    rows: Iterable[Row], outcome: Outcome, kind: str, designs: Container[str]
) -> Borrowed | None:
    """The pooled standard deviation of all comparable arms; None when there is no such arm."""
    weight, total, arms, trials = 0.0, 0.0, set(), set()
    for row in rows:
        if row["study"]["design"] not in designs or not _lends(row, outcome, kind):
            continue
        try:
            arm = read_arm(row, outcome)
        except NotDerivable:
            continue
        if math.isnan(arm.sd) or arm.n < 2:
            continue
        weight += arm.n - 1
        total += (arm.n - 1) * arm.sd**2
        arms.add((row["study_id"], row["arm_id"]))
        trials.add(row["trial"])
    return Borrowed(math.sqrt(total / weight), len(arms), len(trials)) if weight else None


def _lends(row: Row, outcome: Outcome, kind: str) -> bool:
    return (
        not row["is_contrast"]
        and row["kind"] == kind
        and row["statistic"] == "mean"
        and known(row["mean"])
        and not rules.at_baseline(row)
        and row["treatment"] in TREATMENTS
        and outcome.matches(row)
        and not outcome.excludes(row)
        and rules.may_pool(row)
        and rules.may_pool(row["study"], "never_pool_reason")
        and (outcome.scale is None or rules.scale_of(row, outcome) is not None)
    )


def _size(row: Row) -> tuple[float, list[str], list[Step]]:
    if known(row["n"]):
        return row["n"], [], []
    if known(row["arm_n"]):
        return row["arm_n"], ["n_randomised"], []
    raise NotDerivable(f"number of patients not reported ({row['treatment']})")


def _printed_sd(row: Row, n: float) -> tuple[float, list[str], str]:
    """The sd on the printed scale, its flags, and the words that go behind the mean."""
    if known(row["sd"]):
        return row["sd"], [], f" (SD {plain(row['sd'])})"
    if known(row["se"]):
        sd = float(sd_from_se(row["se"], n))
        return sd, ["from_se"], f" (SE {plain(row['se'])}, so SD = SE × √n = {number(sd)})"
    if known(row["ci_low"]) and known(row["ci_high"]):
        if n < 2:
            raise NotDerivable("an interval of one patient")
        low, high = row["ci_low"], row["ci_high"]
        level = row["ci_level"] if known(row["ci_level"]) else 95.0
        sd = float(sd_from_ci(low, high, n, level=level / 100))
        taken = "" if known(row["ci_level"]) else ", level not reported"
        words = (
            f" ({plain(level)}% CI{taken}, {plain(low)} to {plain(high)}, so SD = {number(sd)}, "
            f"t with {plain(n - 1)} df)"
        )
        return sd, ["from_ci", *(["level_assumed"] if taken else [])], words
    return math.nan, [], " (no spread reported)"


def _to_common_scale(
    row: Row, outcome: Outcome, same_trial: Sequence[Row]
) -> tuple[float, float, list[str], str]:
    """Factor and shift of the linear map to the common scale, flags, and the step in words."""
    if outcome.scale is None:
        return 1.0, 0.0, [], ""
    scale = rules.scale_of(row, outcome, same_trial)
    if scale is None:
        raise NotDerivable("range of the scale not reported")
    flags = scale_flags(scale)
    low, high = outcome.scale
    factor = (high - low) / (scale.high - scale.low)
    shift = low - factor * scale.low
    if factor == 1 and shift == 0:
        return 1.0, 0.0, flags, ""
    words = (
        f"Rescaled from {plain(scale.low)}–{plain(scale.high)} to {plain(low)}–{plain(high)} "
        f"(× {factor:.4g})."
    )
    return factor, shift, [*flags, "rescaled"], words


def scale_flags(scale: rules.Scale) -> list[str]:
    flag = {
        "inferred": "scale_inferred", "defined": "scale_defined", "same trial": "scale_same_trial"
    }  # fmt: skip
    return [flag[scale.basis]] if scale.basis in flag else []
