"""The result of pooling many sets of effect sizes: arrays by the names of `Pooled`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, ndtr, stdtr

from .inference import critical_value
from .intervals import INTERVALS
from .options import COMMON_EFFECT
from .printing import Grid, Printed, Printout, counted
from .tables import for_each_count

STATUS = np.array(["no study", "one study", "two studies", "pooled"])


class ManyResults(Printed):
    """Arrays with a value for each of many sets: how they print, and a figure of their estimates."""

    __slots__ = ()

    def _page_of(self, names: tuple[str, ...], title: str, level: float | None) -> Printout:
        columns = {name: getattr(self, name) for name in names}
        rows = range(1, len(columns["k"]) + 1)
        return Printout(title, (), (), level, grid=Grid(rows, columns))

    def plot(self) -> Any:
        """How often each estimate occurs."""
        from .plotting import spread

        return spread(self._page(), self.estimate, "Estimate")  # type: ignore[attr-defined]


SHOWN = ("k", "estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "i2", "h2", "q")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PooledMany(ManyResults):
    """What `pool_many` returns: B results; every array has the shape (B,).

    Definitions are those of `Pooled`. Where that has None, an array can only have NaN. It has so in
    these places and no others, and `status` tells which:

    - "no study": everything;
    - "one study": all but `estimate`, `se` (its own), the Wald interval and `p_value`;
    - "two studies": the prediction interval;
    - any: `statistic` and `p_value` where the standard error is 0 (plain HKSJ on equal effects);
      the prediction interval in the common-effect model.

    What follows from the stored numbers (intervals, P values) is worked out when asked for.

    Attributes
    ----------
    k : ndarray of int
        Number of studies.
    estimate, se, tau2, i2, h2, q : ndarray
        As in `Pooled`.
    maxima : ndarray of int
        Number of local maxima of the likelihood of tau2, of which the highest is taken (1 for
        other estimators, 0 where nothing is estimated).
    tau2_ci_low, tau2_ci_high : ndarray or None
        Q-profile interval, if it was asked for and tau2 was estimated.
    """

    k: np.ndarray
    estimate: np.ndarray
    se: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    h2: np.ndarray
    q: np.ndarray
    maxima: np.ndarray
    tau2_ci_low: np.ndarray | None
    tau2_ci_high: np.ndarray | None
    level: float
    tau2_method: str
    ci_method: str

    def _page(self) -> Printout:
        sets = counted(len(self), "set of studies", "sets of studies")
        title = f"{sets}, pooled (tau² by {self.tau2_method}; {self.ci_method} intervals)"
        return self._page_of(SHOWN, title, self.level)

    def __len__(self) -> int:
        return len(self.k)

    @property
    def status(self) -> np.ndarray:
        """ "no study", "one study", "two studies" or "pooled"."""
        return STATUS[np.minimum(self.k, 3)]

    @property
    def statistic(self) -> np.ndarray:
        """estimate / se."""
        return np.divide(self.estimate, self.se, out=np.full(len(self), np.nan), where=self.se > 0)

    @property
    def ci_low(self) -> np.ndarray:
        """Lower limit of the confidence interval."""
        return self.estimate - self._critical() * self.se

    @property
    def ci_high(self) -> np.ndarray:
        """Upper limit of the confidence interval."""
        return self.estimate + self._critical() * self.se

    @property
    def p_value(self) -> np.ndarray:
        """Two-sided P of the hypothesis that the pooled effect is 0."""
        distance = -np.abs(self.statistic)
        if not INTERVALS[self.ci_method].t:
            return 2 * ndtr(distance)
        return 2 * np.where(self.k > 1, stdtr(np.maximum(self.k - 1, 1), distance), ndtr(distance))

    @property
    def q_p_value(self) -> np.ndarray:
        """P of Cochran's Q from chi-square with k - 1 degrees of freedom."""
        return chdtrc(np.maximum(self.k - 1, 1), self.q)

    @property
    def pi_low(self) -> np.ndarray:
        """Lower limit of the prediction interval."""
        return self.estimate - self._prediction_half()

    @property
    def pi_high(self) -> np.ndarray:
        """Upper limit of the prediction interval."""
        return self.estimate + self._prediction_half()

    def _critical(self) -> np.ndarray:
        """Critical values: of t with k - 1 degrees of freedom, of the normal with Wald or k = 1."""
        normal = not INTERVALS[self.ci_method].t

        def values(counts: np.ndarray) -> np.ndarray:
            return np.array(
                [critical_value(self.level, None if normal or k < 2 else k - 1) for k in counts]
            )

        return for_each_count(self.k, values)(self.k)

    def _prediction_half(self) -> np.ndarray:
        half = self._critical() * np.sqrt(self.tau2 + self.se**2)
        none = (self.k < 3) | (self.tau2_method == COMMON_EFFECT)
        return np.where(none, np.nan, half)
