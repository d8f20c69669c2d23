"""Q-profile confidence interval of tau2.

Source: :cite:t:`viechtbauer2007`. At the true tau2, Q(tau2) follows chi-square with k - 1 degrees
of freedom exactly, if the effects are normal; the interval holds every tau2 at which Q(tau2) lies
between the quantiles. It does not depend on how tau2 is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import gammainccinv, gammaincinv

from .generalised_q import tau2_where_q_is
from .studies import Studies
from .weighted import WeightedSums


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Limits of tau2 in squared units of the studies.

    `empty` means that no tau2 >= 0 agrees with the data: the effects lie closer together than
    sampling error lets expect. The interval is then given as 0 to 0, as metafor does.
    """

    low: float
    high: float
    empty: bool


def q_profile(studies: Studies, grid: WeightedSums, level: float) -> Tau2Interval:
    """The interval at `level` (0 to 1) from at least two studies."""
    half_df, tail = (studies.k - 1) / 2, (1 - level) / 2
    lower_quantile = 2 * float(gammaincinv(half_df, tail))
    upper_quantile = 2 * float(gammainccinv(half_df, tail))
    if grid.q[0] < lower_quantile:
        return Tau2Interval(0.0, 0.0, empty=True)
    return Tau2Interval(
        tau2_where_q_is(studies, grid, upper_quantile),
        tau2_where_q_is(studies, grid, lower_quantile),
        empty=False,
    )
