"""One written rule from an interval to a verdict: against no effect, and against the important difference.

The rule looks at where the whole interval lies, never at whether P is below a threshold.
With a minimal important difference M (benefit counted positive, interval low to high):

    low > M          important benefit          high < -M        important harm
    0 < low <= M     benefit; important if high >= M, else too small to matter    (mirrored for harm)
    -M < low <= 0 <= high < M      no important difference
    otherwise        uncertain

Without M (events; scores for which no difference is published) only better, worse and uncertain remain.
"""

from __future__ import annotations

from enum import Enum

from analysis.errors import InputError


class Verdict(Enum):
    """What an interval lets one say."""

    IMPORTANT_BENEFIT = "important benefit"
    BENEFIT = "benefit, perhaps important"
    SMALL_BENEFIT = "benefit too small to matter"
    NO_IMPORTANT_DIFFERENCE = "no important difference"
    UNCERTAIN = "uncertain"
    SMALL_HARM = "harm too small to matter"
    HARM = "harm, perhaps important"
    IMPORTANT_HARM = "important harm"
    BETTER = "better"
    WORSE = "worse"


_MIRROR = {
    Verdict.IMPORTANT_BENEFIT: Verdict.IMPORTANT_HARM,
    Verdict.BENEFIT: Verdict.HARM,
    Verdict.SMALL_BENEFIT: Verdict.SMALL_HARM,
    Verdict.BETTER: Verdict.WORSE,
}


def verdict(low: float, high: float, mid: float | None) -> Verdict:
    """The verdict on an interval of the benefit (positive favours the intervention).

    >>> verdict(0.2, 1.1, 1.5).value, verdict(-0.4, 0.9, 1.5).value, verdict(-2, 3, 1.5).value
    ('benefit too small to matter', 'no important difference', 'uncertain')
    """
    if low > high:
        raise InputError(f"interval out of order: {low} to {high}")
    if high < 0:
        return _MIRROR[verdict(-high, -low, mid)]
    if low > 0:
        if mid is None:
            return Verdict.BETTER
        if low > mid:
            return Verdict.IMPORTANT_BENEFIT
        return Verdict.BENEFIT if high >= mid else Verdict.SMALL_BENEFIT
    if mid is not None and -mid < low and high < mid:
        return Verdict.NO_IMPORTANT_DIFFERENCE
    return Verdict.UNCERTAIN
