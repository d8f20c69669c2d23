"""An effect from a printed difference or ratio between two arms, with its interval or its P value."""

from __future__ import annotations

import math

from analysis import vocabulary as words
from analysis.effects import convert
from analysis.effects.spread import scale_flags
from analysis.effects.study_effect import (
    NotDerivable,
    Printed,
    Step,
    interval_name,
    number,
    plain,
)
from analysis.evidence import rules
from analysis.evidence.candidates import Candidate
from analysis.evidence.rules import Row, known
from analysis.question import Question

Derived = tuple[float, float, list[str], list[Step], Printed]


def from_contrast(candidate: Candidate, question: Question, same_trial: list[Row]) -> Derived:
    """``(yi, vi, flags, steps, printed)`` of a printed contrast, on the sign rule of the house.

    Differences: the interval's half width over 1.96 gives the standard error
    (:cite:t:`higgins2019`, section 6.3.1); a P value gives it through the normal quantile (6.3.2); of
    ``P < x`` the bound x is taken, which makes the standard error an upper limit. Ratios go to the log scale first.
    """
    row = candidate.contrast
    assert row is not None
    ratio = question.effect_measure in words.RATIOS
    value, low, high = row["estimate"], row["ci_low"], row["ci_high"]
    level = row["ci_level"] / 100 if known(row["ci_level"]) else 0.95
    flags: list[str] = []
    if known(low) and known(high):
        try:
            effect = convert.from_interval(
                value, low, high, level=level, scale="log" if ratio else "raw"
            )
        except ValueError as error:
            raise NotDerivable(f"reported interval cannot be used: {error}") from None
        kind = row["interval_kind"]
        if not known(row["ci_level"]):
            flags.append("level_assumed")
        if kind == "credible":
            flags.append("credible")
        how = f"{interval_name(row['ci_level'], kind)} {plain(low)} to {plain(high)}"
        centre = (math.log(low) + math.log(high)) / 2 if ratio else (low + high) / 2
        if abs(float(effect.yi) - centre) > 0.1 * math.sqrt(float(effect.vi)):
            flags.append("asymmetric")
        recovery = f"SE = width / (2 × {convert.quantile(level):.3f})"
    else:
        p = rules.printed_p(row["p_value"])
        if p is None or value == (1 if ratio else 0):
            raise NotDerivable("neither an interval nor a usable P value reported")
        try:
            effect = convert.from_p(value, p[0], scale="log" if ratio else "raw")
        except ValueError as error:
            raise NotDerivable(f"reported P value cannot be used: {error}") from None
        flags.append("p_bound" if p[1] else "from_p")
        how = f"P {row['p_value']}, no interval"
        recovery = "SE = |estimate| / z(P)" + (", P taken at its bound" if p[1] else "")
    yi, vi = float(effect.yi), float(effect.vi)
    favours = f", positive favours the {row['positive_favours']}" if row["positive_favours"] else ""
    steps = [
        Step(f"Reported: {row['measure']} {plain(value)}, {how}{favours}.", (row["row_id"],)),
        Step(f"{recovery} = {number(math.sqrt(vi), 3)}{' on the log scale' if ratio else ''}."),
    ]
    if question.spec.kind == "event" and rules.counted_unit(row)[1]:
        flags.append("unit_inferred")
    factor = 1.0
    if not ratio:
        factor, more_flags, more_steps = _orientation(row, question, same_trial)
        flags += more_flags
        steps += more_steps
    if candidate.flipped:
        factor = -factor
        steps.append(
            Step(
                "The report gives the arms the other way round; turned to intervention minus comparator."
            )
        )
    move = math.log if ratio else float
    ends = sorted(factor * move(v) for v in (low, high)) if known(low) and known(high) else None
    printed = Printed(
        factor * yi, *(ends or (math.nan, math.nan)), row["ci_level"], row["interval_kind"]
    )
    if ends:
        steps.append(_as_shown(printed, ratio))
    return factor * yi, factor**2 * vi, flags, steps, printed


def _as_shown(printed: Printed, ratio: bool) -> Step:
    centre = (printed.low + printed.high) / 2
    if abs(printed.estimate - centre) < 1e-9:
        return Step("Shown with its reported limits.")
    log = " on the log scale" if ratio else ""
    return Step(
        "Shown with its reported limits; the weights rest on a symmetric interval of the same width about the "
        f"estimate{log}."
    )


def _orientation(
    row: Row, question: Question, same_trial: list[Row]
) -> tuple[float, list[str], list[Step]]:
    """Factor that brings a printed difference to arm_t minus arm_c on the common scale."""
    outcome = question.spec
    sign = rules.signed(row, outcome)
    if sign is None:
        raise NotDerivable("direction not stated")
    flags = ["sign_inferred"] if rules.sign_inferred(row) else []
    steps = []
    if sign < 0:
        steps.append(Step("Sign reversed: intervention minus comparator, on the scale itself."))
    if outcome.kind == "event":
        return sign / 100, flags, [*steps, Step("Percentage points divided by 100.")]
    if outcome.scale is None:
        return sign, flags, steps
    scale = rules.scale_of(row, outcome, same_trial)
    if scale is None:
        raise NotDerivable("range of the scale not reported")
    flags += scale_flags(scale)
    low, high = outcome.scale
    factor = (high - low) / (scale.high - scale.low)
    if factor != 1:
        flags.append("rescaled")
        steps.append(
            Step(
                f"Rescaled from {plain(scale.low)}–{plain(scale.high)} to {plain(low)}–{plain(high)} "
                f"(× {factor:.4g})."
            )
        )
    return sign * factor, flags, steps
