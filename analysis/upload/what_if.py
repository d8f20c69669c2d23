"""A trial that nobody has run: what would the answer be if it had found this?

The trial enters as a reader's own study does, as one row of `contrasts`, and carries its mark everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.convert import quantile
from analysis.errors import InputError
from analysis.evidence.own import HYPOTHETICAL, OwnRows
from analysis.question import Question, members
from analysis.upload.flat import codes_of

_SIZE = (2, 100_000)


class NoTrial(InputError):
    """The numbers make no trial; the message says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the trial is supposed to have found, on the printed scale (a ratio as a ratio, RD in percentage points).

    One of `low` and `high`, `se` (ratios: of the logarithm) or `patients` says how precisely.
    """

    estimate: float
    low: float | None = None
    high: float | None = None
    se: float | None = None
    patients: float | None = None


def precision_per_patient(answer: Answer) -> float | None:
    """Sampling variance times patients, the median over the studies of an answer; None without any size.

    A trial of n patients like those has a variance of this over n (Cochrane Handbook 6.3, 6.5: the
    variance of a difference falls with the number of patients).
    """
    known = [s.vi * s.patients for s in answer.studies if s.patients > 0]
    return median(known) if known else None


def hypothetical(question: Question, found: Found, answer: Answer, number: int) -> OwnRows:
    """The trial as rows, for a comparison.

    Parameters
    ----------
    answer : to the question, for how precise a trial of a given size is.
    number : of the trial among hypothetical ones, from 1.

    Raises
    ------
    NoTrial
        For one group, or numbers that make no trial.
    """
    if question.one_group:
        raise NoTrial("found a question about one group; allowed: a comparison")
    ratio = question.effect_measure in words.RATIOS
    unit = 100.0 if question.effect_measure == "RD" else 1.0
    low, high = _limits(found, question, answer, ratio, unit)
    for name, value in (("estimate", found.estimate), ("lower limit", low), ("upper limit", high)):
        if not math.isfinite(value):
            raise NoTrial(f"{name}: found {value}; allowed: a finite number")
    if not low < high or not low <= found.estimate <= high:
        raise NoTrial(
            f"found {found.estimate:g} with limits {low:g} and {high:g}; allowed: limits around the result"
        )
    study = f"{HYPOTHETICAL}{number}"
    codes = [members(question.intervention)[0], members(question.comparator)[0]]
    arms = [
        {"study_id": study, "arm_id": code, "treatment": code, **_half(found.patients), **_WHERE}
        for code in codes
    ]
    return OwnRows(
        studies=(_study(study, question, number, found.patients),),
        arms=tuple(arms),
        contrasts=({**_contrast(question, codes, found.estimate, low, high), "study_id": study},),
    )


_WHERE = {"source_location": "made up on this page", "source_kind": "other"}


def _limits(
    found: Found, question: Question, answer: Answer, ratio: bool, unit: float
) -> tuple[float, float]:
    """The limits at the question's level, on the printed scale."""
    if ratio and found.estimate <= 0:
        raise NoTrial(f"found {found.estimate:g}; allowed: a ratio above 0")
    if found.low is not None and found.high is not None:
        if ratio and found.low <= 0:
            raise NoTrial(f"lower limit: found {found.low:g}; allowed: a ratio above 0")
        return found.low, found.high
    if found.se is not None:
        if not 0 < found.se < math.inf:
            raise NoTrial(f"standard error: found {found.se:g}; allowed: a number above 0")
        se = found.se
    elif found.patients is not None:
        if not _SIZE[0] <= found.patients <= _SIZE[1]:
            raise NoTrial(
                f"patients: found {found.patients:g}; allowed: {_SIZE[0]} to {_SIZE[1]:,}"
            )
        each = precision_per_patient(answer)
        if each is None:
            raise NoTrial(
                "found a size, and no study here shows how precise a trial of a size is; allowed: a standard error, "
                "or both limits"
            )
        se = unit * math.sqrt(each / found.patients)
    else:
        raise NoTrial("found no precision; allowed: patients, a standard error, or both limits")
    half = float(quantile(question.level)) * se
    if not ratio:
        return found.estimate - half, found.estimate + half
    if half > 50:
        raise NoTrial(
            f"standard error: found {se:g}; allowed: smaller, for the logarithm of a ratio"
        )
    return found.estimate * math.exp(-half), found.estimate * math.exp(half)


def _study(study: str, question: Question, number: int, patients: float | None) -> dict[str, str]:
    limit = words.FRACTURE_AGES[question.fracture_age][1]
    return {
        "study_id": study,
        "label": f"What-if trial {number}",
        "title_as_printed": "no",
        "design": _design(question),
        "etiology": "" if question.etiology == "any" else question.etiology,
        "fracture_age_max_weeks": "" if limit is None else f"{limit:g}",
        "n_enrolled": "" if patients is None else f"{patients:.0f}",
    }


def _design(question: Question) -> str:
    """A masked trial against a placebo, else an open one, as far as the question admits them."""
    masked = question.comparator in words.PLACEBO
    likely = [d for d in words.RANDOMISED if (d in words.MASKED) == masked]
    return next(d for d in (*likely, *words.RANDOMISED, *question.admits) if d in question.admits)


def _half(patients: float | None) -> dict[str, str]:
    return {} if patients is None else {"n": f"{max(1, round(patients / 2))}"}


def _contrast(
    question: Question, codes: Sequence[str], estimate: float, low: float, high: float
) -> dict[str, str]:
    outcome, window = question.spec, question.window
    row = {
        "arm_t": codes[0], "arm_c": codes[1], "treatment_t": codes[0], "treatment_c": codes[1],
        "outcome": outcome.source, **codes_of(outcome.key, question.unit),
        "timepoint": "12 months" if window.target is None else window.label,
        "weeks": "52" if window.target is None else f"{window.target:g}",
        "measure": question.effect_measure, "estimate": repr(float(estimate)),
        "ci_low": repr(float(low)), "ci_high": repr(float(high)),
        "ci_level": f"{100 * question.level:g}", **_WHERE,
    }  # fmt: skip
    if outcome.scale is not None:
        row |= {"scale_min": f"{outcome.scale[0]:g}", "scale_max": f"{outcome.scale[1]:g}"}
    if question.effect_measure == "MD":
        row["positive_favours"] = "comparator" if outcome.lower_is_better else "intervention"
        row["sign_basis"] = "printed"
    return row
