"""Confidence intervals of the mean at a given tau2: one entry each, and one list of them all.

A method says by what 1 / W, the variance of the weighted mean, is multiplied, and whether quantiles are those of t.
What stands in `INTERVALS` is offered by `pool` and all that pools; one with a label, on the pages and the command
line, too. How to add one: docs/howto/estimator.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .weighted import Value


@dataclass(frozen=True, slots=True)
class Interval:
    """One method.

    Attributes
    ----------
    name : of the option `ci`.
    factor : what 1 / W is multiplied by, from the HKSJ factor Q(tau2) / df; numbers or arrays.
    t : whether quantiles are those of t with the fit's degrees of freedom, not of the normal distribution.
    metafor : `test` of metafor's `rma` that gives the same.
    label, sentence : for readers, in a list and after "by"; "" where they are not offered it.
    note : what must be said where the HKSJ factor (filled in) is below 1.
    """

    name: str
    factor: Callable[[Value], Value]
    t: bool
    metafor: str
    label: str = ""
    sentence: str = ""
    note: str = ""

    @property
    def rescales(self) -> bool:
        """Whether the HKSJ factor counts at all."""
        return self.factor(np.float64(2.0)) != 1.0

    def notes(self, plain: float) -> tuple[str, ...]:
        """What must be said at this HKSJ factor."""
        return (self.note.format(plain),) if self.note and plain < 1 else ()

    def df(self, residual: int) -> int | None:
        """Degrees of freedom behind the interval; None for the normal distribution."""
        return residual if self.t else None


HKSJ_NARROWER = "the HKSJ interval's standard error is smaller than Wald's (variance factor {:.3g})"
HKSJ_FLOORED = "HKSJ variance factor {:.3g} raised to 1, so that it is not below Wald's"

# hksj-adhoc: :cite:t:`knapp2003`; hksj: :cite:t:`hartung2001`; t: :cite:t:`follmann1999`.
INTERVALS: dict[str, Interval] = {
    method.name: method
    for method in (
        Interval(
            "hksj-adhoc", lambda plain: np.maximum(1.0, plain), True, "adhoc",
            "HKSJ, never narrower than Wald",
            "the Hartung-Knapp-Sidik-Jonkman method, never narrower than Wald's", HKSJ_FLOORED,
        ),
        Interval(
            "hksj", lambda plain: plain, True, "knha", "HKSJ",
            "the Hartung-Knapp-Sidik-Jonkman method", HKSJ_NARROWER,
        ),
        Interval("wald", np.ones_like, False, "z", "Wald", "Wald's method"),
        Interval("t", np.ones_like, True, "t"),
    )
}  # fmt: skip
CI_METHODS = tuple(INTERVALS)
