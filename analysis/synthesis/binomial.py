"""One proportion from the counts themselves: binomial within studies, normal on the logit between them.

Nothing is added to zero cells. The logit of a study is normal about a mean with standard deviation tau; the mean
has a flat prior and tau the exponential prior of `few.py`, with the studies' typical standard error as its mean:
with few studies, and with rare events most of all, the likelihood of tau is highest at 0 too often for its
maximum to be told :cite:p:`bender2018`. The model: :cite:t:`stijnen2010`. Integrated on a grid of mean and tau;
each study by Gauss-Hermite nodes about its mode :cite:p:`liu1994`, so that two runs give the same digits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.special import expit

from analysis.errors import InputError, NotEstimable

from .bayes import pool_bayes
from .checks import check_level
from .few import CI_METHOD, NOTE, TAU2_METHOD, typical_error
from .heterogeneity import relative_heterogeneity
from .result import Pooled
from .studies import prepare
from .weighted import sums_at

MEANS, TAUS, NODES, NEWTON = 121, 40, 9, 30
# How far the grid reaches: standard deviations of the normal model's posterior; means of the prior of tau.
REACH, LARGEST_TAU = 12.0, 30.0


def pool_binomial(xi: Any, ni: Any, level: float = 0.95) -> Pooled:
    """Posterior of the mean logit of at least two studies, in the shape that `pool` returns.

    `estimate` is its median: with rare events it is skew, and its mean lies below the proportions seen.

    Parameters
    ----------
    xi, ni : array_like, shape (k,)
        Events and totals.
    level : float

    Raises
    ------
    ValueError
        Fewer than two studies; no event, or only events, in all of them; counts that make no sense.

    Examples
    --------
    >>> found = pool_binomial([0, 2, 1], [62, 40, 38])
    >>> [round(100 * float(expit(v)), 1) for v in (found.estimate, found.ci_low, found.ci_high)]
    [1.7, 0.2, 7.4]
    """
    check_level(level)
    x, n = np.asarray(xi, float), np.asarray(ni, float)
    if len(x) < 2:
        raise NotEstimable(f"at least two studies are needed; found {len(x)}")
    if not ((x >= 0) & (x <= n) & (n > 0)).all():
        raise InputError("events must be from 0 to the total, and totals above 0")
    if x.sum() in (0, n.sum()):
        raise NotEstimable(
            "no event, or only events, in all studies: the logit has no finite estimate"
        )
    yi, vi = _corrected(x, n)
    scale = float(typical_error(vi))
    start = pool_bayes(yi, vi, ("exponential", scale), level=level)
    mu = start.mean.mean + max(start.mean.sd, 0.05) * np.linspace(-REACH, REACH, MEANS)
    u, heights = np.polynomial.legendre.leggauss(TAUS)
    u = 0.5 * math.asinh(LARGEST_TAU) * (u + 1.0)
    tau = scale * np.sinh(u)
    logs = _log_likelihood(x, n, mu, tau) - tau / scale
    mass = np.exp(logs - logs.max()) * (heights * np.cosh(u))
    density = mass.sum(axis=1)
    step = mu[1] - mu[0]
    below = np.concatenate([[0.0], np.cumsum(0.5 * step * (density[1:] + density[:-1]))])
    below /= below[-1]
    density = density / density.sum()
    rising = np.append(True, np.diff(below) > 1e-14)
    quantile = PchipInterpolator(below[rising], mu[rising])
    of_tau = np.cumsum(mass.sum(axis=0)) / mass.sum()
    median, low, high = (
        float(np.interp(p, of_tau, tau)) for p in (0.5, 0.5 - level / 2, 0.5 + level / 2)
    )
    studies = prepare(yi, vi)
    i2, h2 = relative_heterogeneity(
        sums_at(studies, 0.0), studies.k, (median / studies.unit) ** 2, common_effect=False
    )
    return Pooled(
        k=len(x), estimate=float(quantile(0.5)), se=math.sqrt(float(density @ (mu - density @ mu) ** 2)),
        ci_low=float(quantile(0.5 - level / 2)), ci_high=float(quantile(0.5 + level / 2)),
        p_value=None, tau2=median**2, tau2_ci_low=low**2, tau2_ci_high=high**2,
        i2=float(i2), h2=float(h2),
        q=None, q_p_value=None, pi_low=None, pi_high=None, weights=start.weights, level=float(level),
        tau2_method=TAU2_METHOD, ci_method=CI_METHOD, statistic=None, test_df=None, pi_df=None,
        q_df=len(x) - 1, notes=(NOTE.format(scale),),
    )  # fmt: skip


def _corrected(x: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits and variances with 1/2 added to zero cells: where to look, and what weights to show."""
    add = np.where((x == 0) | (x == n), 0.5, 0.0)
    return np.log((x + add) / (n - x + add)), 1 / (x + add) + 1 / (n - x + add)


def _log_likelihood(x: np.ndarray, n: np.ndarray, mu: np.ndarray, tau: np.ndarray) -> np.ndarray:
    """Log-likelihood but for a constant, shape (len(mu), len(tau))."""
    z, w = np.polynomial.hermite.hermgauss(NODES)
    total = np.zeros((len(mu), len(tau)))
    m, t2 = mu[:, None], (tau * tau)[None, :]
    for events, size in zip(x, n, strict=True):
        theta = np.broadcast_to(m, total.shape).copy()
        for _ in range(NEWTON):  # log-concave: Newton with steps of at most 1
            p = expit(theta)
            gradient = events - size * p - (theta - m) / t2
            curvature = size * p * (1 - p) + 1 / t2
            move = np.clip(gradient / curvature, -1.0, 1.0)
            theta += move
            if np.abs(move).max() < 1e-10:
                break
        p = expit(theta)
        spread = 1 / np.sqrt(size * p * (1 - p) + 1 / t2)
        nodes = theta[..., None] + math.sqrt(2) * spread[..., None] * z
        log = events * nodes - size * np.logaddexp(0.0, nodes)
        log -= 0.5 * (nodes - m[..., None]) ** 2 / t2[..., None]
        log += z * z + np.log(w)
        peak = log.max(axis=-1)
        total += peak + np.log(np.exp(log - peak[..., None]).sum(axis=-1)) + np.log(spread)
        total -= 0.5 * np.log(t2)
    return total
