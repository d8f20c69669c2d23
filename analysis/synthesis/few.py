"""Pool two to four studies: what they say of the mean effect, averaged over how much studies may differ.

So few studies cannot tell how much true effects differ. Taking tau as 0 then claims too much, and
Hartung and Knapp's t interval with one or two degrees of freedom claims next to nothing. Here tau has
an exponential prior whose mean is the typical standard error of the studies: where they are equally
precise, and before the effects are seen, I2 is as likely above 32% as below it, and beyond 90% with a
probability of 5%. The mean has a flat prior. Two equally precise studies with equal results are then told
with the interval of one of them, and a study that says next to nothing changes next to nothing.

Sources: :cite:t:`friede2017`, and :cite:t:`bender2018`, on weakly informative priors for few studies;
:cite:t:`roever2021`, on their shapes, the exponential among them, and on priors scaled to the standard errors
(DuMouchel's, uniform shrinkage). The choice, of the scale as well, rests on a simulation: docs/verification.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.errors import NotEstimable

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
    "exponential prior of tau with mean {:.3g}, the studies' standard error averaged by inverse variance"
)


def typical_error(vi: np.ndarray) -> np.ndarray:
    """Standard errors of sets of studies, averaged by the weights that pool them.

    The typical sampling variance of :cite:t:`higgins2002`, with which I2 is told, is no scale for a prior: it grows
    without limit as one study outweighs the others.

    Parameters
    ----------
    vi : ndarray, shape (..., k)
        Sampling variances, positive.

    Returns
    -------
    ndarray, shape (...)
        sum(vi**-0.5) / sum(1 / vi), on the scale of the effects: from the smallest standard error to 0.5 + sqrt(k) / 2
        times it.

    >>> round(float(typical_error(np.array([0.04, 0.04, 0.04]))), 9)
    0.2
    >>> round(float(typical_error(np.array([0.04, 0.04, 4e6]))), 4)
    0.2
    """
    least = vi.min(axis=-1)
    relative = np.sqrt(least[..., None] / vi)
    return np.sqrt(least) * relative.sum(axis=-1) / (relative * relative).sum(axis=-1)


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
    (-0.52, -1.39, 0.32)
    """
    common = pool(yi, vi, tau2="EE", level=level)
    if common.k < 2:
        raise NotEstimable(f"at least two studies are needed; found {common.k}")
    studies = prepare(yi, vi)
    scale = studies.unit * float(typical_error(studies.variances))
    found = pool_bayes(yi, vi, ("exponential", scale), level=level)
    tau2 = [limit * limit for limit in (found.tau.median, found.tau.ci_low, found.tau.ci_high)]
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
