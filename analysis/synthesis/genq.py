"""Pooling with weights of one's own, and the generalised-Q estimator of tau2 that goes with them.

Source: :cite:t:`dersimonian2007` (general method of moments); :cite:t:`jackson2014`. With weights
1 / vi the estimator is DerSimonian and Laird's, with equal weights Hedges's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.errors import InputError, NotEstimable

from .checks import check_choice, check_level, numbers
from .heterogeneity import relative_heterogeneity
from .inference import critical_value, two_sided_p
from .result import Pooled
from .studies import prepare
from .tau2_se import form_error
from .weighted import sums_at

WEIGHTS_GIVEN = "weights were given: the interval allows for tau2, but the weights do not follow it"


def pool_weighted(yi: Any, vi: Any, weights: Any, ci: str = "wald", level: float = 0.95) -> Pooled:
    """Mean with given weights a, and tau2 from sum a (y - m)^2 (metafor's method GENQ).

    Source: :cite:t:`dersimonian2007`; :cite:t:`jackson2014`.

    Parameters
    ----------
    yi, vi, weights : array_like, shape (k,)
        Effect sizes, sampling variances, weights above 0; at least two studies.
    ci : str
        "wald" or "t" (k - 1 degrees of freedom).
    level : float
        Between 0 and 1.

    tau2 = (sum a (y - m)^2 - sum a v (1 - s)) / sum a (1 - s), truncated at 0, s = a / sum a; the
    variance of the mean is sum s^2 (v + tau2). There is no interval of tau2.

    Raises
    ------
    ValueError
        As `pool`; weights that are not positive finite numbers, one per study; one study.

    Examples
    --------
    >>> fit = pool_weighted([0.1, 0.3, 0.9], [0.01, 0.02, 0.04], weights=[50, 40, 10])
    >>> round(fit.estimate, 2), round(fit.tau2, 4)
    (0.26, 0.075)
    """
    check_choice(ci, "ci", ("wald", "t"))
    check_level(level)
    studies = prepare(yi, vi)
    listed = numbers(weights, "weights")
    if len(listed) != studies.k or not (listed > 0).all():
        raise InputError(
            f"weights must be {studies.k} numbers above 0, one per study; found {listed.tolist()}"
        )
    if studies.k < 2:
        raise NotEstimable("weights decide nothing with one study; at least two are needed")
    given = listed[studies.order]
    shares = given / given.sum()
    rest = 1.0 - shares
    most = int(shares.argmax())
    rest[most] = np.delete(shares, most).sum()  # 1 - share would lose all digits near 1
    mean = float(shares @ studies.effects)
    spread = float(shares @ (studies.effects - mean) ** 2)
    expected = float((shares * rest) @ studies.variances)
    trace = float(shares @ rest)
    tau2 = max(0.0, (spread - expected) / trace)
    se = math.sqrt(float((shares * shares) @ (studies.variances + tau2)))
    at_zero, unit, df = sums_at(studies, 0.0), studies.unit, studies.k - 1
    i2, h2 = relative_heterogeneity(at_zero, studies.k, tau2, common_effect=False)
    test_df = None if ci == "wald" else df
    estimate, critical = studies.centre + unit * mean, critical_value(level, test_df)
    pi_half = unit * critical * math.sqrt(tau2 + se**2)
    predicts = studies.k >= 3
    percent = 100 * listed / listed.sum()
    percent.flags.writeable = False
    return Pooled(
        k=studies.k,
        estimate=estimate,
        se=unit * se,
        ci_low=estimate - critical * unit * se,
        ci_high=estimate + critical * unit * se,
        p_value=two_sided_p(estimate / (unit * se), test_df),
        tau2=tau2 * unit**2,
        tau2_ci_low=None,
        tau2_ci_high=None,
        i2=float(i2),
        h2=float(h2),
        q=at_zero.q,
        q_p_value=float(chdtrc(df, at_zero.q)),
        pi_low=estimate - pi_half if predicts else None,
        pi_high=estimate + pi_half if predicts else None,
        weights=percent,
        level=float(level),
        tau2_method="GENQ",
        ci_method=ci,
        statistic=estimate / (unit * se),
        test_df=test_df,
        pi_df=test_df if predicts else None,
        q_df=df,
        notes=(WEIGHTS_GIVEN,),
        tau2_se=form_error(studies, tau2, shares) / trace * unit**2,
    )
