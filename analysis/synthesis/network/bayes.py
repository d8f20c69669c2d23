"""Bayesian network meta-analysis by deterministic quadrature over tau. No sampler.

Given tau the effects are normal, so every posterior is a mixture of normal distributions over the
posterior of tau (`tau_posterior.py`), whose density is the restricted likelihood times the prior; the
effects of the treatments have a flat prior.

Sources: :cite:t:`dias2013`; :cite:t:`roever2020`, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from analysis.errors import InputError, NotEstimable

from ..checks import check_level
from ..mixture import Posterior, normal_mixture
from ..printing import Line, Printed, Printout
from ..regression_data import RegressionData
from ..studies import Studies
from ..tau_posterior import check_tau_prior, finite_moments, integrate_tau, log_prior
from .result import Network


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BayesNetwork(Printed):
    """Posteriors of a network.

    Attributes
    ----------
    treatments : names, in the order of the arrays.
    tau : of the between-study standard deviation.
    sucra : (n,), mean probability that a treatment is better than another.
    better : (n, n), probability that the row is better than the column.
    level : of all intervals, which are central.
    reference : that of the network, against which the page shows the others.
    """

    treatments: tuple[str, ...]
    tau: Posterior
    sucra: np.ndarray
    better: np.ndarray
    level: float
    tau_prior: tuple[str, float]
    reference: str
    # Nodes of tau: their weights (t,), effects (t, n), covariance (t, n, n); tau itself (t,).
    _weights: np.ndarray = field(repr=False)
    _effects: np.ndarray = field(repr=False)
    _covariance: np.ndarray = field(repr=False)
    _tau: np.ndarray = field(repr=False)
    _moments: float = field(repr=False)

    def _page(self) -> Printout:
        others = [name for name in self.treatments if name != self.reference]
        lines = []
        for name in others:
            of = self.pair(name, self.reference)
            middle = of.median if of.mean is None else of.mean
            lines.append(Line(f"{name} v {self.reference}", middle, of.sd, of.ci_low, of.ci_high))
        tau = self.tau
        limits = f"{100 * self.level:g}% CrI {tau.ci_low:.4f} to {tau.ci_high:.4f}"
        best = sorted(zip(self.treatments, self.sucra.tolist(), strict=True), key=lambda p: -p[1])
        facts = (
            ("tau", f"median {tau.median:.4f} ({limits})"),
            ("SUCRA", ", ".join(f"{name} {score:.2f}" for name, score in best)),
        )
        name, scale = self.tau_prior
        title = (
            f"Bayesian network of {len(self.treatments)} treatments "
            f"(prior of tau: {name}, scale {scale:.4g})"
        )
        return Printout(title, tuple(lines), facts, self.level, interval="CrI")

    def pair(self, treat1: str, treat2: str) -> Posterior:
        """Of the mean effect of `treat1` minus `treat2`."""
        return self._mixture(treat1, treat2, 0.0)

    def predicted(self, treat1: str, treat2: str) -> Posterior:
        """The same for the true effect in a new study."""
        return self._mixture(treat1, treat2, self._tau)

    def _mixture(self, treat1: str, treat2: str, spread: float | np.ndarray) -> Posterior:
        for name in (treat1, treat2):
            if name not in self.treatments:
                allowed = ", ".join(self.treatments)
                raise InputError(f"found the treatment {name!r}; allowed: {allowed}")
        if treat1 == treat2:
            raise InputError(f"found {treat1!r} twice; allowed: two treatments")
        i, j = self.treatments.index(treat1), self.treatments.index(treat2)
        means = self._effects[:, i] - self._effects[:, j]
        c = self._covariance
        variances = c[:, i, i] + c[:, j, j] - 2 * c[:, i, j]
        sds = np.sqrt(variances + np.square(spread))
        return normal_mixture(self._weights, means, sds, self.level, self._moments)


def bayes_network(
    network: Network, tau_prior: tuple[str, float], level: float = 0.95
) -> BayesNetwork:
    """Posteriors of tau and of all pairs.

    Source: :cite:t:`dias2013`; :cite:t:`roever2020`.

    Parameters
    ----------
    network : a fitted network; its studies and its `small` are used, not its tau2.
    tau_prior : see `pool_bayes`; flat on tau (infinite upper limit) needs two more rows than treatments
        less one.

    Raises
    ------
    ValueError
    """
    kind, scale = check_tau_prior(tau_prior)
    check_level(level)
    data = network.rows.regression()
    if math.isinf(scale) and data.df < 2:
        raise NotEstimable(
            "a flat prior of tau needs at least 2 degrees of freedom here, or the posterior is not "
            f"proper; found {data.df}"
        )
    model = _Model.of(data, kind, scale)
    moments = finite_moments(data.df, kind, scale)
    tau, weights, posterior = integrate_tau(model, float(level), moments)
    kept = weights > 1e-18 * weights.max()
    tau, weights = tau[kept], weights[kept] / weights[kept].sum()
    unit, n = data.studies.unit, data.p + 1
    sums = data.on(tau * tau)
    back = data.to_coefficients @ np.linalg.inv(sums.root)
    effects, covariance = np.zeros((len(tau), n)), np.zeros((len(tau), n, n))
    effects[:, 1:] = unit * (sums.coefficients @ data.to_coefficients.T) + data.origin
    covariance[:, 1:, 1:] = unit**2 * (back @ back.transpose(0, 2, 1))
    better = _better(weights, effects, covariance, network.small)
    return BayesNetwork(
        network.treatments,
        posterior,
        better.sum(axis=1) / (n - 1),
        better,
        float(level),
        (kind, scale),
        network.reference,
        weights,
        effects,
        covariance,
        unit * tau,
        moments,
    )


@dataclass(frozen=True, slots=True)
class _Model:
    """The posterior of tau, in units of the rows, but for a constant."""

    data: RegressionData
    log_prior: Callable[[np.ndarray], np.ndarray]
    upper: float
    scale: float

    @classmethod
    def of(cls, data: RegressionData, kind: str, scale: float) -> _Model:
        s = scale / data.studies.unit
        uniform = kind == "uniform"
        return cls(data, log_prior(kind, s), s if uniform else math.inf, 0.0 if uniform else s)

    @property
    def studies(self) -> Studies:
        return self.data.studies

    def log_density(self, tau: np.ndarray) -> np.ndarray:
        """The restricted log-likelihood, with the effects integrated out, and the prior."""
        sums = self.data.on(tau * tau)
        log_variances = np.log(self.studies.variances + (tau * tau)[:, None]).sum(axis=1)
        return self.log_prior(tau) - 0.5 * (log_variances + sums.log_det + sums.q)


def _better(
    weights: np.ndarray, effects: np.ndarray, covariance: np.ndarray, small: str
) -> np.ndarray:
    own = np.einsum("tii->ti", covariance)
    variance = own[:, :, None] + own[:, None, :] - 2 * covariance
    difference = effects[:, :, None] - effects[:, None, :]
    n = effects.shape[1]
    variance[:, np.arange(n), np.arange(n)] = 1.0
    z = difference / np.sqrt(variance)
    found = np.einsum("t,tij->ij", weights, ndtr(-z if small == "good" else z))
    np.fill_diagonal(found, 0.0)
    return found
