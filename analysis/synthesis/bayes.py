"""Bayesian normal-normal random-effects model by deterministic quadrature over tau. No sampler.

Given tau everything is normal, so each posterior is a mixture of normal distributions over the
posterior of tau, a one-dimensional integral: it is found with Gauss-Legendre panels placed where that
posterior lives, and two runs give the same digits.

Sources: :cite:t:`gelman2013`, section 5.4; :cite:t:`roever2020`, section 2. Priors of tau: :cite:t:`gelman2006`.
Few studies: :cite:t:`friede2017`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from .checks import check_level
from .mixture import Posterior, normal_mixture
from .printing import Line, Printed, Printout
from .studies import Studies, prepare
from .tau_posterior import check_tau_prior, finite_moments, integrate_tau, log_prior
from .weighted import CELLS_AT_ONCE, sums_on


@dataclass(frozen=True, slots=True, repr=False)
class BayesPooled(Printed):
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

    def _page(self) -> Printout:
        def line(name: str, of: Posterior, kind: str) -> Line:
            middle = of.median if of.mean is None else of.mean
            return Line(name, middle, of.sd, of.ci_low, of.ci_high, kind=kind)

        lines = (line("mean", self.mean, "mean"), line("prediction", self.predicted, "prediction"))
        tau = self.tau
        limits = f"{100 * self.level:g}% CrI {tau.ci_low:.4f} to {tau.ci_high:.4f}"
        facts = (("tau", f"median {tau.median:.4f} ({limits})"),)
        name, scale = self.tau_prior
        studies = tuple(line(f"study {i}", of, "study") for i, of in enumerate(self.effects, 1))
        title = (
            f"Bayesian random effects, {self.k} studies (prior of tau: {name}, scale {scale:.4g})"
        )
        return Printout(title, lines, facts, self.level, self.notes, studies, "CrI")


def pool_bayes(
    yi: Any,
    vi: Any,
    tau_prior: tuple[str, float],
    mean_prior: tuple[float, float] | None = None,
    level: float = 0.95,
) -> BayesPooled:
    """Posterior of the mean effect, of tau, of a new study's effect and of each study's effect.

    Source: :cite:t:`roever2020` (quadrature); :cite:t:`gelman2006`; :cite:t:`roever2021`
    (priors).

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
    kind, scale = check_tau_prior(tau_prior)
    _check_mean_prior(mean_prior)
    check_level(level)
    studies = prepare(yi, vi)
    least = 3 if mean_prior is None else 2
    if math.isinf(scale) and studies.k < least:
        raise NotEstimable(
            f"a flat prior of tau needs at least {least} studies here, or the posterior is not "
            f"proper; found {studies.k}"
        )
    model = _Model.of(studies, kind, scale, mean_prior)
    moments = finite_moments(studies.k - (mean_prior is None), kind, scale)
    tau, weights, posterior_of_tau = integrate_tau(model, float(level), moments)
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
        precision, mean = 0.0, 0.0
        if mean_prior is not None:
            precision = (unit / mean_prior[1]) ** 2
            mean = (mean_prior[0] - studies.centre) / unit
        uniform = kind == "uniform"
        return cls(
            studies, log_prior(kind, s), s if uniform else math.inf, 0.0 if uniform else s, precision,
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


def _check_mean_prior(mean_prior: Any) -> None:
    if mean_prior is None:
        return
    if not isinstance(mean_prior, tuple) or len(mean_prior) != 2:
        raise InputError(f"mean_prior must be a pair of mean and sd; found {mean_prior!r}")
    if not (math.isfinite(mean_prior[0]) and 0 < mean_prior[1] < math.inf):
        raise InputError(
            f"mean_prior must be a finite mean and a positive sd; found {mean_prior!r}"
        )


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
