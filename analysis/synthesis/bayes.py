"""Bayesian normal-normal random-effects model by deterministic quadrature over tau. No sampler.

Given tau everything is normal, so each posterior is a mixture of normal distributions over the
posterior of tau, a one-dimensional integral: it is found with Gauss-Legendre panels placed where that
posterior lives, and two runs give the same digits.

Sources: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 5.4; Roever (2020), Journal
of Statistical Software 93(6), section 2. Priors of tau: Gelman (2006), Bayesian Analysis 1, 515-534.
Few studies: Friede, Roever, Wandel and Neuenschwander (2017), Research Synthesis Methods 8, 79-91.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .mixture import Posterior, normal_mixture, quantile
from .options import check_choice, check_level
from .studies import Studies, prepare
from .weighted import CELLS_AT_ONCE, sums_on

TAU_PRIORS = ("half-normal", "half-cauchy", "exponential", "uniform")
# What lies so far below the highest log-density is left out (e^-60 = 1e-26).
NEGLIGIBLE = 60.0
# A posterior narrower than this (relative), heaped against the upper limit of a prior that the data
# contradict, cannot be resolved in doubles: it is taken as a point.
NARROWEST = 1e-9
# Points of the search for where the posterior lives, and rounds in which it closes in.
POINTS, ROUNDS = 400, 8
# Panels over the posterior, and Gauss-Legendre nodes in each.
PANELS, NODES = 48, 12


@dataclass(frozen=True, slots=True)
class BayesPooled:
    """What `pool_bayes` returns; `level` is that of all intervals, which are central.

    Attributes
    ----------
    k : int
    mean, tau, predicted : Posterior
        Of the mean effect, of the between-study standard deviation, and of the true effect in a new
        study.
    effects : tuple of Posterior
        Of the true effect in each study, as listed: drawn towards the mean (shrunken).
    weights : ndarray, shape (k,)
        What each study contributes to the posterior mean of the mean effect, in percent, as listed.
        They sum to 100 with a flat prior of the mean, whose posterior mean is then their weighted mean.
    tau_prior : tuple of (str, float)
    mean_prior : tuple of (float, float) or None
    notes : tuple of str
    """

    k: int
    mean: Posterior
    tau: Posterior
    predicted: Posterior
    effects: tuple[Posterior, ...] = field(repr=False)
    # An array has no single truth value, so it stays out of ==; it is implied by the rest.
    weights: np.ndarray = field(repr=False, compare=False)
    level: float
    tau_prior: tuple[str, float]
    mean_prior: tuple[float, float] | None
    notes: tuple[str, ...]


def pool_bayes(
    yi: Any,
    vi: Any,
    tau_prior: tuple[str, float],
    mean_prior: tuple[float, float] | None = None,
    level: float = 0.95,
) -> BayesPooled:
    """Posterior of the mean effect, of tau, of a new study's effect and of each study's effect.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances (taken as known). One study is enough if the prior of
        tau is proper.
    tau_prior : (str, float)
        ("half-normal", scale), ("half-cauchy", scale), ("exponential", mean) or ("uniform", upper
        limit), on the scale of the effects. The upper limit may be infinite: flat on tau, which
        needs three studies (two with a prior of the mean).
    mean_prior : (float, float), optional
        Mean and standard deviation of a normal prior of the mean effect; flat if None.
    level : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        As `pool`; an unknown prior; a scale that is not positive; a flat prior of tau with too
        few studies for a proper posterior.

    Examples
    --------
    >>> found = pool_bayes([0.1, 0.3, 0.9], [0.04, 0.02, 0.05], ("half-normal", 0.5))
    >>> round(found.mean.mean, 3), round(found.mean.probability_above(0.0), 3)
    (0.414, 0.941)
    """
    _check_priors(tau_prior, mean_prior)
    check_level(level)
    studies = prepare(yi, vi)
    kind, scale = tau_prior[0], float(tau_prior[1])
    least = 3 if mean_prior is None else 2
    if math.isinf(scale) and studies.k < least:
        raise ValueError(
            f"a flat prior of tau needs at least {least} studies here, or the posterior is not "
            f"proper; found {studies.k}"
        )
    model = _Model.of(studies, kind, scale, mean_prior)
    moments = _finite_moments(studies.k, kind, scale, mean_prior)
    tau, weights, posterior_of_tau = _integrate(model, float(level), moments)
    total, mean = model.mean_given_tau(tau)
    unit, centre = studies.unit, studies.centre
    means, sds = centre + unit * mean, unit / np.sqrt(total)
    return BayesPooled(
        k=studies.k,
        mean=normal_mixture(
            weights, means, sds, level, moments if mean_prior is None else math.inf
        ),
        tau=posterior_of_tau,
        predicted=normal_mixture(weights, means, np.hypot(sds, unit * tau), level, moments),
        effects=_study_effects(studies, tau, weights, means, sds, level),
        weights=_contributions(studies, tau, weights, total),
        level=float(level),
        tau_prior=(kind, scale),
        mean_prior=mean_prior,
        notes=_notes(studies.k, mean_prior, moments),
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """The posterior of tau, in units of the studies, but for a constant."""

    studies: Studies
    log_prior: Callable[[np.ndarray], np.ndarray]
    upper: float
    scale: float
    prior_precision: float
    prior_mean: float

    @classmethod
    def of(
        cls, studies: Studies, kind: str, scale: float, mean_prior: tuple[float, float] | None
    ) -> _Model:
        """The model in units of the studies."""
        unit = studies.unit
        s = scale / unit
        log_priors: dict[str, Callable[[np.ndarray], np.ndarray]] = {
            "half-normal": lambda tau: -0.5 * (tau / s) ** 2,
            "half-cauchy": lambda tau: -np.log1p((tau / s) ** 2),
            "exponential": lambda tau: -tau / s,
            "uniform": np.zeros_like,
        }
        precision, mean = 0.0, 0.0
        if mean_prior is not None:
            precision = (unit / mean_prior[1]) ** 2
            mean = (mean_prior[0] - studies.centre) / unit
        uniform = kind == "uniform"
        return cls(
            studies, log_priors[kind], s if uniform else math.inf, 0.0 if uniform else s, precision,
            mean,
        )  # fmt: skip

    def mean_given_tau(self, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Precision and mean of the (normal) posterior of the mean effect given tau."""
        sums = sums_on(self.studies, tau * tau)
        total = sums.total + self.prior_precision
        away = self.prior_precision * self.prior_mean
        return total, (sums.total * sums.mean + away) / total

    def log_density(self, tau: np.ndarray) -> np.ndarray:
        """Log posterior density of tau: the mean effect is integrated out.

        Its prior acts as one more, exact, study: W + p in place of W, and p W / (W + p) times the
        squared distance of the two means added to Q.
        """
        tau2 = tau * tau
        sums = sums_on(self.studies, tau2)
        total = sums.total + self.prior_precision
        shift = (sums.mean - self.prior_mean) ** 2 * (sums.total * self.prior_precision / total)
        return (
            self.log_prior(tau)
            - 0.5 * _log_determinant(self.studies.variances, tau2)
            - 0.5 * (np.log(total) + sums.q + shift)
        )


def _log_determinant(variances: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Sum of log(v + tau2) at each tau2."""
    rows = max(1, CELLS_AT_ONCE // len(variances))
    blocks = [
        np.log(variances + tau2[i : i + rows, None]).sum(axis=1) for i in range(0, len(tau2), rows)
    ]
    return np.concatenate(blocks)


def _integrate(
    model: _Model, level: float, moments: float
) -> tuple[np.ndarray, np.ndarray, Posterior]:
    """Nodes of tau (in units), their weights, and the posterior of tau itself (on the scale of yi).

    All is done in x = asinh(tau / s), s the smallest standard error: linear near 0, where the
    density varies on the scale of s at most, and logarithmic in the tail.
    """
    s = math.sqrt(model.studies.smallest_variance)

    def log_density(x: np.ndarray) -> np.ndarray:
        return model.log_density(s * np.sinh(x)) + np.log(np.cosh(x))

    low, high = _support(model, log_density, s)
    if high - low < NARROWEST * high:
        return _point(s * math.sinh(high), model.studies.unit, level)
    nodes, heights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(low, high, PANELS + 1)
    half = 0.5 * (edges[1] - edges[0])
    x = (edges[:-1, None] + half * (nodes + 1.0)).ravel()
    logs = log_density(x)
    highest = float(logs.max())
    masses = (half * np.tile(heights, PANELS)) * np.exp(logs - highest)
    norm = float(masses.sum())
    weights = masses / norm
    cumulative = np.append(0.0, np.cumsum(weights.reshape(PANELS, NODES).sum(axis=1)))

    def below_x(value: float) -> float:
        panel = min(max(int(np.searchsorted(edges, value, side="right")) - 1, 0), PANELS - 1)
        part = 0.5 * (value - edges[panel])
        inside = np.exp(log_density(edges[panel] + part * (nodes + 1.0)) - highest) / norm
        return float(cumulative[panel] + part * (heights @ inside))

    def density_x(value: float) -> float:
        return float(np.exp(log_density(np.array([value]))[0] - highest)) / norm

    unit, middle = model.studies.unit, float(weights @ x)

    def below(value: float) -> float:
        reached = math.asinh(max(value, 0.0) / unit / s)
        return 0.0 if reached <= low else 1.0 if reached >= high else below_x(reached)

    def at(probability: float) -> float:
        return unit * s * math.sinh(quantile(below_x, density_x, probability, low, high, middle))

    tau, tail = s * np.sinh(x), (1.0 - level) / 2.0
    mean = float(weights @ tau)
    sd = math.sqrt(float(weights @ (tau - mean) ** 2))
    posterior = Posterior(
        mean * unit if moments >= 1 else None,
        sd * unit if moments >= 2 else None,
        at(0.5),
        at(tail),
        at(1 - tail),
        level,
        below,
    )
    return tau, weights, posterior


def _point(tau: float, unit: float, level: float) -> tuple[np.ndarray, np.ndarray, Posterior]:
    """All probability at one tau (in units)."""
    value = tau * unit
    posterior = Posterior(
        value, 0.0, value, value, value, level, lambda limit: float(limit >= value)
    )
    return np.array([tau]), np.ones(1), posterior


def _support(
    model: _Model, log_density: Callable[[np.ndarray], np.ndarray], s: float
) -> tuple[float, float]:
    """Where the density of x is not negligible: found on a grid that closes in on it."""
    studies = model.studies
    largest = max(
        math.sqrt(studies.squared_range), math.sqrt(float(studies.variances[-1])), model.scale, s
    )
    # The tail falls at least like e^-x: no density is left so far beyond every scale of the problem.
    low, high = 0.0, math.asinh(min(model.upper, largest) / s) + 2 * NEGLIGIBLE
    if math.isfinite(model.upper):
        high = min(high, math.asinh(model.upper / s))
    for _ in range(ROUNDS):
        x = np.linspace(low, high, POINTS)
        logs = log_density(x)
        kept = np.flatnonzero(logs > logs.max() - NEGLIGIBLE)
        first, last = max(int(kept[0]) - 1, 0), min(int(kept[-1]) + 1, POINTS - 1)
        low, high = float(x[first]), float(x[last])
        if last - first > POINTS // 2:
            break
    return low, high


def _study_effects(
    studies: Studies,
    tau: np.ndarray,
    weights: np.ndarray,
    means: np.ndarray,
    sds: np.ndarray,
    level: float,
) -> tuple[Posterior, ...]:
    """Posterior of each study's true effect, as listed.

    Given tau and the mean m, of standard deviation s: with b = tau^2 / (tau^2 + v), normal about
    b y + (1 - b) m, with variance b v + (1 - b)^2 s^2.
    """
    found: list[Posterior | None] = [None] * studies.k
    effects = studies.centre + studies.unit * studies.effects
    for place, listed in enumerate(studies.order):
        variance = studies.variances[place]
        pull = tau * tau / (tau * tau + variance)
        about = pull * effects[place] + (1 - pull) * means
        spread = np.sqrt(pull * variance * studies.unit**2 + ((1 - pull) * sds) ** 2)
        found[listed] = normal_mixture(weights, about, spread, level, math.inf)
    return tuple(item for item in found if item is not None)


def _contributions(
    studies: Studies, tau: np.ndarray, weights: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Percent of each study in the mean, its share w_i / W averaged over tau; as listed, read-only."""
    shares = (weights / total) @ (1.0 / (studies.variances + (tau * tau)[:, None]))
    listed = studies.in_listed_order(100.0 * shares)
    listed.flags.writeable = False
    return listed


def _check_priors(tau_prior: Any, mean_prior: Any) -> None:
    if not isinstance(tau_prior, tuple) or len(tau_prior) != 2:
        raise ValueError(f"tau_prior must be a pair of name and scale; found {tau_prior!r}")
    check_choice(tau_prior[0], "the name in tau_prior", TAU_PRIORS)
    scale = tau_prior[1]
    flat = tau_prior[0] == "uniform"
    if not scale > 0 or (math.isinf(scale) and not flat):
        finite = "" if flat else " and finite"
        raise ValueError(f"the scale in tau_prior must be positive{finite}; found {scale!r}")
    if mean_prior is None:
        return
    if not isinstance(mean_prior, tuple) or len(mean_prior) != 2:
        raise ValueError(f"mean_prior must be a pair of mean and sd; found {mean_prior!r}")
    if not (math.isfinite(mean_prior[0]) and 0 < mean_prior[1] < math.inf):
        raise ValueError(
            f"mean_prior must be a finite mean and a positive sd; found {mean_prior!r}"
        )


def _finite_moments(
    k: int, kind: str, scale: float, mean_prior: tuple[float, float] | None
) -> float:
    """How many moments of tau are finite: its density falls like tau^-a, E tau^m needs a > m + 1."""
    if kind in ("half-normal", "exponential") or (kind == "uniform" and math.isfinite(scale)):
        return math.inf
    a = k - (mean_prior is None) + (2 if kind == "half-cauchy" else 0)
    return a - 2


def _notes(k: int, mean_prior: tuple[float, float] | None, moments: float) -> tuple[str, ...]:
    notes = []
    if k == 1 and mean_prior is None:
        notes.append("one study: the posterior of tau is its prior")
    if moments < 2:
        what = "means and standard deviations" if moments < 1 else "standard deviations"
        notes.append(
            f"with {k} {'study' if k == 1 else 'studies'} and this prior of tau, {what} that involve "
            "tau are infinite and not given; medians and intervals are"
        )
    return tuple(notes)
