"""Which likelihood belongs to which measure and model, and what heterogeneity is tested against.

Models of two groups, by metafor's names (:cite:t:`stijnen2010`; :cite:t:`jackson2018`):

UM.FS   unconditional, a fixed intercept for each study
UM.RS   unconditional, random intercepts, independent of the random effects
CM.AL   conditional on the events of both groups, approximate (binomial) likelihood; OR
CM.EL   the same with the exact likelihood: noncentral hypergeometric for OR, binomial for IRR
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, xlogy

from ..counts.tables import Rates, Tables, log_odds_ratio, log_rate_ratio
from .families import Binomial, Hypergeometric, Poisson, log_choose
from .quadrature import Likelihood

ONE_GROUP = "UM.FS"
OR_MODELS = ("UM.FS", "UM.RS", "CM.AL", "CM.EL")
IRR_MODELS = ("UM.FS", "UM.RS", "CM.EL")
_ONE = np.ones((1, 1))


@dataclass(frozen=True, slots=True)
class Model:
    """A likelihood with what else is needed to fit and to test it.

    Attributes
    ----------
    likelihood : Likelihood
    effect : int
        Which linear predictor of a study is its effect.
    own : int or None
        Which one is free in each study (UM.FS).
    crude : ndarray, shape (k, m)
        Rough values of the linear predictors, to start from.
    yi, vi : ndarray, shape (k,)
        Each study's effect and variance with zeros corrected, for the typical sampling variance.
    plain_yi, plain_vi : ndarray, shape (k,)
        The maximum-likelihood effect of each study alone, and its variance; infinite in zero
        cells. (Not for UM.RS, which has no likelihood of one study alone.)
    saturated : float
        Log-likelihood with an effect of its own for each study. (Not for UM.RS.)
    observations : int
        Number of counts that the likelihood is made of.
    finite : bool
        Whether a common effect has a finite estimate.
    repeats : bool
        Whether any count can exceed 1. Where all are 0 or 1, as with one patient per study, any
        heterogeneity gives them the same distribution as none.
    """

    likelihood: Likelihood
    effect: int
    own: int | None
    crude: np.ndarray
    yi: np.ndarray
    vi: np.ndarray
    plain_yi: np.ndarray
    plain_vi: np.ndarray
    saturated: float
    observations: int
    finite: bool
    repeats: bool


def proportion(x: np.ndarray, n: np.ndarray) -> Model:
    """Logit of one proportion: x events among n, shape (k,)."""
    added = np.where((x == 0) | (x == n), 0.5, 0.0)
    events, others = x + added, n - x + added
    yi = np.log(events) - np.log(others)
    constant = log_choose(n, x)
    return Model(
        Likelihood(Binomial(n[:, None]), x[:, None], np.zeros((len(x), 1)), _ONE, _ONE, constant),
        0, None, yi[:, None], yi, 1 / events + 1 / others, *_logit(x, n),
        float((_best_binomial(x, n) + constant).sum()), len(x), bool(0 < x.sum() < n.sum()),
        bool(n.max() > 1),
    )  # fmt: skip


def rate(x: np.ndarray, t: np.ndarray) -> Model:
    """Logarithm of one rate: x events in person-time t, shape (k,)."""
    events = np.where(x == 0, 0.5, x)
    yi = np.log(events) - np.log(t)
    constant = -gammaln(x + 1)
    with np.errstate(divide="ignore"):
        plain = np.log(x) - np.log(t), 1 / x
    return Model(
        Likelihood(Poisson(), x[:, None], np.log(t)[:, None], _ONE, _ONE, constant),
        0, None, yi[:, None], yi, 1 / events, *plain,
        float((xlogy(x, x) - x + constant).sum()), len(x), bool(x.sum() > 0), True,
    )  # fmt: skip


def odds_ratio(t: Tables, model: str, coding: float) -> Model:
    """Log odds ratio; informative tables only."""
    yi, vi = log_odds_ratio(t.corrected())
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = log_odds_ratio(t)
    finite = bool((t.a * t.d).sum() > 0 and (t.b * t.c).sum() > 0)
    if model == "CM.EL":
        return _exact(t, yi, vi, finite)
    if model == "CM.AL":
        offset = np.log(t.n1) - np.log(t.n2)
        return _conditional(t.a, t.c, offset, yi, vi)
    counts, sizes = np.stack([t.a, t.c], axis=1), np.stack([t.n1, t.n2], axis=1)
    constant = log_choose(sizes, counts).sum(axis=1)
    corrected = t.corrected()
    control = np.log(corrected.c) - np.log(corrected.d)
    finite = (
        finite if model == "UM.FS" else bool(np.all((counts > 0).any(0) & (counts < sizes).any(0)))
    )
    return Model(
        _two_arms(Binomial(sizes), counts, np.zeros_like(counts), model, coding, constant),
        1, 0 if model == "UM.FS" else None, _two_crude(control, yi, model), yi, vi, *plain,
        float((_best_binomial(counts, sizes).sum(axis=1) + constant).sum()), 2 * t.k, finite,
        bool(sizes.max() > 1),
    )  # fmt: skip


def rate_ratio(r: Rates, model: str, coding: float) -> Model:
    """Log rate ratio; informative studies only."""
    corrected = r.corrected()
    yi, vi = log_rate_ratio(corrected)
    if model == "CM.EL":
        return _conditional(r.x1, r.x2, np.log(r.t1) - np.log(r.t2), yi, vi)
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = log_rate_ratio(r)
    counts = np.stack([r.x1, r.x2], axis=1)
    offset = np.log(np.stack([r.t1, r.t2], axis=1))
    constant = -gammaln(counts + 1).sum(axis=1)
    control = np.log(corrected.x2) - np.log(r.t2)
    return Model(
        _two_arms(Poisson(), counts, offset, model, coding, constant),
        1, 0 if model == "UM.FS" else None, _two_crude(control, yi, model), yi, vi, *plain,
        float((xlogy(counts, counts) - counts).sum() + constant.sum()), 2 * r.k,
        bool(r.x1.sum() > 0 and r.x2.sum() > 0), True,
    )  # fmt: skip


def saturated_by_arm(model: Model) -> tuple[Likelihood, np.ndarray]:
    """UM.RS with an effect of its own for each study: its likelihood, and which effects are finite.

    The random intercept stays; the first arm's level is free. Where the first arm has no event, or
    events only, that level is infinite and fits the arm perfectly: the arm is taken out.
    """
    given = model.likelihood
    counts = given.counts.copy()
    constant = given.constant.copy()
    if isinstance(given.family, Binomial):
        size = given.family.size.copy()
        perfect = (counts[:, 0] == 0) | (counts[:, 0] == size[:, 0])
        constant[perfect] -= log_choose(size[perfect, 0], counts[perfect, 0])
        counts[perfect, 0] = 0
        size[perfect, 0] = 0
        family: Binomial | Poisson = Binomial(size)
        offset = given.offset
    else:
        perfect = counts[:, 0] == 0
        family = Poisson()
        # e^-200 events are expected of an arm that is taken out.
        offset = given.offset.copy()
        offset[perfect, 0] = -200.0
    effects = given.effects[:, :1]
    return Likelihood(family, counts, offset, given.arms, effects, constant), perfect


def _two_arms(
    family: Binomial | Poisson,
    counts: np.ndarray,
    offset: np.ndarray,
    model: str,
    coding: float,
    constant: np.ndarray,
) -> Likelihood:
    """First arm: intercept + effect; second: intercept. Random effects as `coding` says."""
    arms = np.array([[1.0, 1.0], [1.0, 0.0]])
    effects = np.array([[coding], [coding - 1.0]])
    if model == "UM.RS":
        effects = np.hstack([np.ones((2, 1)), effects])
    return Likelihood(family, counts, offset, arms, effects, constant)


def _two_crude(control: np.ndarray, yi: np.ndarray, model: str) -> np.ndarray:
    level = control if model == "UM.FS" else np.full_like(control, control.mean())
    return np.stack([level, yi], axis=1)


def _conditional(
    first: np.ndarray, second: np.ndarray, offset: np.ndarray, yi: np.ndarray, vi: np.ndarray
) -> Model:
    """Events of the first group given the events of both: binomial, its logit offset + effect."""
    both = first + second
    constant = log_choose(both, first)
    plain_yi, plain_vi = _logit(first, both)
    return Model(
        Likelihood(
            Binomial(both[:, None]), first[:, None], offset[:, None], _ONE, _ONE, constant
        ),
        0, None, yi[:, None], yi, vi, plain_yi - offset, plain_vi,
        float((_best_binomial(first, both) + constant).sum()), len(first),
        bool(first.sum() > 0 and second.sum() > 0), bool(both.max() > 1),
    )  # fmt: skip


def _exact(t: Tables, yi: np.ndarray, vi: np.ndarray, finite: bool) -> Model:
    """Events of the first group given all margins: noncentral hypergeometric."""
    family = Hypergeometric.of(t.a + t.c, t.n1, t.n2)
    constant = family.log_probability(t.a)
    inside = (t.a * t.d > 0) & (t.b * t.c > 0)
    own = yi.copy()
    for _ in range(200):
        cumulant, mean, variance, _ = (
            part[:, 0, 0] for part in family.cumulants(own[:, None, None])
        )
        move = np.where(inside, (t.a - mean) / variance, 0.0)
        own = own + move * np.log1p(np.abs(move)) / np.maximum(np.abs(move), 1e-300)
        if np.abs(move).max(initial=0.0) < 1e-10:
            break
    # At the end of the range the count is certain in the limit: probability 1.
    best = np.where(inside, t.a * own - cumulant + constant, 0.0)
    return Model(
        Likelihood(family, t.a[:, None], np.zeros((t.k, 1)), _ONE, _ONE, constant),
        0, None, yi[:, None], yi, vi, np.where(inside, own, np.inf),
        np.where(inside, 1 / variance, np.inf), float(best.sum()), t.k, finite,
        family.terms.shape[1] > 2,
    )  # fmt: skip


def _logit(x: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(divide="ignore"):
        return np.log(x) - np.log(n - x), 1 / x + 1 / (n - x)


def _best_binomial(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Log-likelihood at the observed proportion, but for the binomial coefficient."""
    return xlogy(x, x / n) + xlogy(n - x, (n - x) / n)
