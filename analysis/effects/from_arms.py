"""An effect from the printed results of one or two arms: scores (MD, MC) and counts (RR, OR, RD, proportions)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from analysis.effects import binary, change, continuous, single_group
from analysis.effects.spread import ArmScore, Borrowed, merge, read_arm
from analysis.effects.study_effect import NotDerivable, Step, number, plain
from analysis.evidence import rules
from analysis.evidence.candidates import Candidate
from analysis.evidence.rules import Row, known
from analysis.question import Question

_TWO_GROUPS = {"RR": binary.risk_ratio, "OR": binary.odds_ratio, "RD": binary.risk_difference}
_ONE_GROUP = {"PLO": single_group.plo, "PAS": single_group.pas, "PR": single_group.pr}


def arm_score(
    rows: Sequence[Row], question: Question, same_trial: list[Row], borrowed: Borrowed | None
) -> ArmScore:
    """The arms of one treatment as one; a missing spread is borrowed where the question allows it."""
    arms = [_with_spread(read_arm(r, question.spec, same_trial), question, borrowed) for r in rows]
    return merge(arms)


def _with_spread(arm: ArmScore, question: Question, borrowed: Borrowed | None) -> ArmScore:
    if not math.isnan(arm.sd):
        return arm
    if not question.borrow:
        raise NotDerivable("no standard deviation reported, and borrowing is switched off")
    if borrowed is None:
        raise NotDerivable(
            "no standard deviation reported, and no comparable arm to borrow one from"
        )
    step = Step(
        f"SD {number(borrowed.sd)} borrowed: pooled over {borrowed.arms} arms of {borrowed.trials} studies "
        "with a reported spread of the same outcome and kind."
    )
    return ArmScore(arm.mean, borrowed.sd, arm.n, (*arm.flags, "borrowed_sd"), (*arm.steps, step))


def mean_difference(
    candidate: Candidate,
    question: Question,
    same_trial: list[Row],
    borrowed: Borrowed | None,
    shares: tuple[int, int] = (1, 1),
) -> tuple[float, float, ArmScore, ArmScore]:
    """MD of two arms, levels or changes: ``(yi, vi, intervention, comparator)``."""
    t = _share_of(arm_score(candidate.arms_t, question, same_trial, borrowed), shares[0])
    c = _share_of(arm_score(candidate.arms_c, question, same_trial, borrowed), shares[1])
    effect = continuous.md(t.mean, t.sd, t.n, c.mean, c.sd, c.n)
    return float(effect.yi), float(effect.vi), t, c


def _share_of(arm: ArmScore, share: int) -> ArmScore:
    """A group that `share` studies have in common: each takes its part of the patients.

    Source: :cite:t:`higgins2019`, section 23.3.4.
    """
    if share == 1:
        return arm
    step = Step(f"{share} studies share this group: {plain(arm.n / share)} of its patients here.")
    return replace(
        arm, n=arm.n / share, flags=(*arm.flags, "shared_group"), steps=(*arm.steps, step)
    )


def change_in_one_group(
    candidate: Candidate,
    question: Question,
    same_trial: list[Row],
    borrowed: Borrowed | None,
    share: int = 1,
) -> tuple[float, float, ArmScore]:
    """MC of one group: a printed change, or the level after minus the level before.

    With levels the variance rests on the pre-post correlation ``question.r``
    (sd_change² = sd_pre² + sd_post² − 2 r sd_pre sd_post; :cite:t:`higgins2019`, section 6.5.2.8).
    """
    if candidate.form == "change":
        group = arm_score(candidate.arms_t, question, same_trial, borrowed)
    else:
        pairs = zip(candidate.arms_t, candidate.base_t, strict=True)
        group = merge([_change_of(a, b, question, same_trial, borrowed) for a, b in pairs])
    group = _share_of(group, share)
    if group.n <= 0:
        raise NotDerivable("number of patients not reported")
    return group.mean, group.sd**2 / group.n, group


def _change_of(
    after: Row, before: Row, question: Question, same_trial: list[Row], borrowed: Borrowed | None
) -> ArmScore:
    a = read_arm(after, question.spec, same_trial)
    b = read_arm(before, question.spec, same_trial)
    mean, steps = a.mean - b.mean, (*b.steps, *a.steps)
    flags = tuple(dict.fromkeys((*a.flags, *b.flags)))
    if math.isnan(a.sd) or math.isnan(b.sd):
        return _with_spread(ArmScore(mean, math.nan, a.n, flags, steps), question, borrowed)
    sd = float(change.sd_of_change(b.sd, a.sd, question.r))
    step = Step(
        f"Change {number(mean)}; SD of change {number(sd)} from the SDs before and after with an assumed "
        f"correlation of {plain(question.r)}."
    )
    return ArmScore(mean, sd, a.n, (*flags, "pre_post_r"), (*steps, step))


# --- counts --------------------------------------------------------------------------------------
def counts(rows: Sequence[Row]) -> tuple[float, float, list[str], list[Step]]:
    """Events and total over the arms of one treatment: ``(events, total, flags, steps)``."""
    events, total, flags, steps = 0.0, 0.0, [], []
    for row in rows:
        x, n, more = _count(row)
        events, total = events + x, total + n
        flags += [m for m in more if m not in flags]
        if rules.counted_unit(row)[1]:
            flags.append("unit_inferred")
        printed = f"{plain(row['events'])}" if known(row["events"]) else f"{plain(row['percent'])}%"
        of = f" of {plain(row['total'])}" if known(row["total"]) else ""
        steps.append(
            Step(
                f"{row['treatment']} reported: {printed}{of} ({row['instrument']}, {row['timepoint']}); "
                f"counted as {plain(x)} of {plain(n)}.",
                (row["row_id"],),
            )
        )
    if len(rows) > 1:
        flags.append("merged_arms")
        steps.append(Step(f"Arms combined: {plain(events)} of {plain(total)}."))
    return events, total, list(dict.fromkeys(flags)), steps


Counted = tuple[float, float, list[str], list[Step]]


def _divided(arm: Counted, share: int) -> Counted:
    events, total, flags, steps = arm
    if share == 1:
        return arm
    step = Step(
        f"{share} studies compare with this same group: divided among them, {plain(events / share)} of "
        f"{plain(total / share)} here."
    )
    return events / share, total / share, [*flags, "shared_group"], [*steps, step]


def _count(row: Row) -> tuple[float, float, list[str]]:
    """Events and their base, of a row that may have printed a percentage alone."""
    events, percent = row["events"], row["percent"]
    base, flags = _base(row)
    if not known(base):
        unit, _ = rules.counted_unit(row)
        if unit != "patients":
            raise NotDerivable(f"counts {unit} and reports no denominator")
        if row["percent_of"] == "not_printed" and known(row["arm_n"]):
            raise NotDerivable("the denominator is not the size of the arm, and it is not reported")
        raise NotDerivable("no denominator reported, nor the size of the arm")
    if not known(events):
        events = float(round(percent * base / 100))
        flags.append("count_from_percent")
    if events > base:
        raise NotDerivable(f"{plain(events)} events exceed the denominator {plain(base)}")
    return events, base, flags


def _base(row: Row) -> tuple[float, list[str]]:
    """What a count is out of, as the column `percent_of` says, with its flags; NaN where it was not printed.

    A row that is not coded: the printed total, (patients) the number analysed, the base that a printed count and
    percentage imply, (patients) the size of the arm.
    """
    implied = _implied_base(row["events"], row["percent"], row["arm_n"])
    bases = {
        "printed_total": (row["total"], []),
        "percent_base": (row["percent_base"], ["base_note"]),
        "row_n": (row["n"], []),
        "implied": (implied, ["base_implied"]),
        "arm_n": (row["arm_n"], ["base_arm"]),
        "not_printed": (math.nan, []),
    }
    if row["percent_of"]:
        return bases[row["percent_of"]]
    patients = rules.counted_unit(row)[0] == "patients"
    usual = (
        ("printed_total", "row_n", "implied", "arm_n") if patients else ("printed_total", "implied")
    )
    return next((bases[of] for of in usual if known(bases[of][0])), (math.nan, []))


def _implied_base(events: float, percent: float, arm_n: float) -> float:
    """The largest base, up to the arm's size, for which events/base rounds to the printed percentage."""
    if not (events > 0 and percent > 0):  # NaN: not printed
        return math.nan
    digits = len(f"{percent:.10g}".partition(".")[2])
    tolerance = 0.5 * 10.0**-digits + 1e-9
    limit = int(arm_n) if known(arm_n) else int(200 * events / percent)
    fits = [
        n for n in range(int(events), limit + 1) if abs(100 * events / n - percent) <= tolerance
    ]
    return float(fits[-1]) if fits else math.nan


def ratio_or_difference(
    candidate: Candidate, question: Question, shares: tuple[int, int] = (1, 1)
) -> tuple[float, float, list[str], list[Step], tuple[float, float, float, float]]:
    """RR, OR or RD of two arms; 0.5 is added to the cells of a table with a zero.

    An arm that `shares` studies compare with is divided evenly among them, events and size alike
    (:cite:t:`higgins2019`, section 23.3.4).
    """
    x1, n1, f1, s1 = _divided(counts(candidate.arms_t), shares[0])
    x2, n2, f2, s2 = _divided(counts(candidate.arms_c), shares[1])
    measure = question.effect_measure
    if measure != "RD" and x1 + x2 == 0:
        raise NotDerivable("no event in either arm: nothing is known about a ratio")
    if measure != "RD" and x1 == n1 and x2 == n2:
        raise NotDerivable("everybody had the event in both arms: nothing is known about a ratio")
    effect = _TWO_GROUPS[measure](x1, n1, x2, n2)
    flags = list(dict.fromkeys(f1 + f2))
    if 0 in (x1, x2, n1 - x1, n2 - x2):
        flags.append("zero_cell")
    yi, vi = float(effect.yi), float(effect.vi)
    if not vi > 0:
        raise NotDerivable("the counts leave no variance")
    return yi, vi, flags, s1 + s2, (x1, n1, x2, n2)


def proportion(
    candidate: Candidate, question: Question, share: int = 1
) -> tuple[float, float, list[str], list[Step], tuple[float, float]]:
    """A proportion of one group on the scale of the question's measure (logit by default)."""
    x, n, flags, steps = _divided(counts(candidate.arms_t), share)
    effect = _ONE_GROUP[question.effect_measure](x, n)
    if x in (0, n) and question.effect_measure != "PAS":
        flags.append("zero_cell")
    return float(effect.yi), float(effect.vi), flags, steps, (x, n)
