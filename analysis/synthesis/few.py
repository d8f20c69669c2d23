"""Pool two to four studies: what they say of the mean effect, averaged over how much studies may differ.

So few studies cannot tell how much true effects differ. Taking tau as 0 then claims too much, and
Hartung and Knapp's t interval with one or two degrees of freedom claims next to nothing. Here tau has
an exponential prior whose mean is the typical standard error of the studies: before the effects are
seen, I2 is as likely above 32% as below it, and beyond 90% with a probability of 5%. The mean has a flat
prior. Two equally precise studies with equal results are then told with the interval of one of them.

Sources: Friede, Roever, Wandel and Neuenschwander (2017), Research Synthesis Methods 8, 79-91, and Bender
et al. (2018), ibid. 9, 382-392, on weakly informative priors for few studies; Roever et al. (2021),
ibid. 12, 448-474, on their shapes, the exponential among them; Higgins and Thompson (2002), Statistics
in Medicine 21, 1539-1558, equation 9, for the typical sampling variance, to which DuMouchel's and the
uniform-I2 prior are scaled as well. The choice rests on a simulation: docs/verification.md.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from .bayes import pool_bayes
from .heterogeneity import relative_heterogeneity
from .pool import pool
from .result import Pooled
from .studies import prepare
from .weighted import sums_at

TAU2_METHOD = "prior"
CI_METHOD = "posterior"
NOTE = (
    "too few studies to tell how much true effects differ: the interval is Bayesian, averaged over an "
    "exponential prior of tau with mean {:.3g}, the studies' typical standard error"
)


def typical_error(yi: Any, vi: Any) -> float:
    """Square root of Higgins and Thompson's typical sampling variance of at least two studies.

    >>> typical_error([0.2, 0.4, 0.9], [0.04, 0.04, 0.04])
    0.2
    """
    studies = prepare(yi, vi)
    return studies.unit * math.sqrt((studies.k - 1) / sums_at(studies, 0.0).trace)


def pool_few(yi: Any, vi: Any, level: float = 0.95) -> Pooled:
    """The posterior of the mean effect of at least two studies, in the shape that `pool` returns.

    Parameters
    ----------
    yi, vi, level
        As in `pool`.

    Returns
    -------
    Pooled
        `estimate`, `se`: mean and standard deviation of the posterior; `ci_low`, `ci_high`: its
        central interval. `tau2` and its limits: squares of tau's posterior median and limits; I2
        and H2 follow them. `weights`: share of each study in the estimate. No P value, no
        prediction interval (None). `tau2_method` is "prior", `ci_method` "posterior".

    Raises
    ------
    ValueError
        As `pool`; fewer than two studies.

    Examples
    --------
    >>> found = pool_few([-0.70, -0.41], [0.26, 0.14])
    >>> round(found.estimate, 2), round(found.ci_low, 2), round(found.ci_high, 2)
    (-0.52, -1.41, 0.34)
    """
    common = pool(yi, vi, tau2="EE", level=level)
    if common.k < 2:
        raise ValueError(f"at least two studies are needed; found {common.k}")
    scale = typical_error(yi, vi)
    found = pool_bayes(yi, vi, ("exponential", scale), level=level)
    tau2 = [limit * limit for limit in (found.tau.median, found.tau.ci_low, found.tau.ci_high)]
    studies = prepare(yi, vi)
    at_zero = sums_at(studies, 0.0)
    relative = [
        relative_heterogeneity(at_zero, studies.k, t / studies.unit**2, common_effect=False)
        for t in tau2
    ]
    i2, h2 = ([float(value) for value in values] for values in zip(*relative, strict=True))
    return replace(
        common,
        estimate=found.mean.mean,
        se=found.mean.sd,
        ci_low=found.mean.ci_low,
        ci_high=found.mean.ci_high,
        p_value=None,
        statistic=None,
        tau2=tau2[0],
        tau2_ci_low=tau2[1],
        tau2_ci_high=tau2[2],
        tau2_se=None,
        i2=i2[0],
        i2_ci_low=i2[1],
        i2_ci_high=i2[2],
        h2=h2[0],
        h2_ci_low=h2[1],
        h2_ci_high=h2[2],
        weights=found.weights,
        tau2_method=TAU2_METHOD,
        ci_method=CI_METHOD,
        notes=(NOTE.format(scale),),
    )
