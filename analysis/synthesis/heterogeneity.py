"""What an estimate of the heterogeneity variance tau2 is, and what follows from it; estimators: `estimators/`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .weighted import Value, WeightedSums


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """An estimate of tau2 (in squared units of the studies) and what must be said about it."""

    tau2: float
    notes: tuple[str, ...] = ()

    @classmethod
    def of_maxima(cls, tau2: float, maxima: int) -> Heterogeneity:
        """The highest of several maxima of a likelihood."""
        if maxima == 1:
            return cls(tau2)
        note = f"the likelihood of tau2 has {maxima} local maxima: the highest is taken"
        return cls(tau2, (note,))


def relative_heterogeneity(
    at_zero: WeightedSums, k: Value, tau2: Value, common_effect: bool
) -> tuple[Value, Value]:
    """I2 in percent, and H2, of one set of studies or (arrays) of many.

    Random effects: from tau2 and the typical sampling variance of :cite:t:`higgins2002`,
    equation 9. Common effect: from Cochran's Q.
    """
    df = k - 1
    if common_effect:
        return 100 * np.maximum(0.0, at_zero.q - df) / np.maximum(at_zero.q, df), at_zero.q / df
    typical_variance = df / at_zero.trace
    return 100 * tau2 / (tau2 + typical_variance), tau2 / typical_variance + 1
