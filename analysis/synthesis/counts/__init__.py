"""Pool counts themselves: Mantel-Haenszel and Peto, which need no effect size per study.

Common-effect methods for two groups. With rare events they neither add anything to zero cells
nor give weight to studies that have none; random effects are the matter of `synthesis.glmm`.

>>> from analysis.synthesis.counts import mh_odds_ratio
>>> result = mh_odds_ratio([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58])
>>> round(result.estimate, 4), result.k
(-1.0064, 3)
"""

from __future__ import annotations

from .mantel_haenszel import mh_odds_ratio, mh_risk_difference, mh_risk_ratio
from .mantel_haenszel_rates import mh_rate_difference, mh_rate_ratio
from .peto import peto
from .result import CountPooled

__all__ = [
    "CountPooled",
    "mh_odds_ratio",
    "mh_rate_difference",
    "mh_rate_ratio",
    "mh_risk_difference",
    "mh_risk_ratio",
    "peto",
]
