"""Prediction interval of the true effect in a new study: which formula, which degrees of freedom.

There are several in use; they differ most with few studies. All are centred on the estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.errors import NotEstimable

from .checks import check_choice, check_level
from .inference import critical_value
from .options import COMMON_EFFECT
from .printing import Line, Printed, Printout
from .result import Pooled

# What each method uses: degrees of freedom as k less this number (None: normal), with or without
# the uncertainty of the estimate itself.
METHODS: dict[str, tuple[int | None, bool]] = {
    "z": (None, True),
    "t k-1": (1, True),
    "t k-2": (2, True),
    "tau only": (None, False),
}


@dataclass(frozen=True, slots=True, repr=False)
class PredictionInterval(Printed):
    """Limits at `level`, the method, its degrees of freedom (None: normal distribution), and the estimate
    that they lie around.
    """

    low: float
    high: float
    method: str
    df: int | None
    level: float
    estimate: float

    def _page(self) -> Printout:
        line = Line("prediction", self.estimate, None, self.low, self.high, kind="prediction")
        how = "normal" if self.df is None else f"t with {self.df} df"
        title = f"The true effect in a new study (method {self.method}: {how})"
        return Printout(title, (line,), (), self.level, interval="PI")


def prediction_interval(
    fit: Pooled, method: str = "t k-2", level: float | None = None
) -> PredictionInterval:
    """Prediction interval of a random-effects fit of at least three studies.

    Parameters
    ----------
    fit : Pooled
        Its standard error (Wald or HKSJ) enters.
    method : str
        "z": normal, variance tau2 + se^2. "t k-1": the same, t with k - 1 degrees of freedom
        (:cite:t:`veroniki2019`; the default of `pool` with HKSJ).
        "t k-2": with k - 2 (:cite:t:`higgins2009`, equation 12; :cite:t:`riley2011`).
        "tau only": normal, variance tau2, as if the mean were known.
    level : float, optional
        That of the fit if None.

    Raises
    ------
    ValueError
        An unknown method; a level outside (0, 1); a common-effect fit; fewer than three studies.

    Examples
    --------
    >>> from analysis.synthesis import pool
    >>> fit = pool([0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03])
    >>> found = prediction_interval(fit, "t k-2")
    >>> round(found.low, 3), round(found.high, 3), found.df
    (-0.622, 1.267, 2)
    """
    check_choice(method, "method", tuple(METHODS))
    level = fit.level if level is None else level
    check_level(level)
    if fit.tau2_method == COMMON_EFFECT:
        raise NotEstimable("a common-effect model assumes one true effect: nothing to predict")
    if fit.k < 3 or fit.tau2 is None:
        raise NotEstimable(f"a prediction interval needs at least three studies; found {fit.k}")
    less, with_se = METHODS[method]
    df = None if less is None else fit.k - less
    half = critical_value(level, df) * math.sqrt(fit.tau2 + (fit.se**2 if with_se else 0.0))
    low, high = fit.estimate - half, fit.estimate + half
    return PredictionInterval(low, high, method, df, float(level), fit.estimate)
