"""Pool effect sizes: the one function that a caller needs.

It checks the input, asks each method for its part and puts the parts into one result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import chdtrc

from .checks import check_choice, check_level
from .estimators import ESTIMATORS, TAU2_ESTIMATORS, estimate_tau2
from .heterogeneity import Heterogeneity, relative_heterogeneity
from .inference import (
    Mean,
    critical_value,
    prediction_half_width,
    two_sided_p,
    weighted_mean,
)
from .intervals import CI_METHODS, INTERVALS
from .options import COMMON_EFFECT, GIVEN, model_of
from .qprofile import Tau2Interval, q_profile
from .result import Pooled
from .studies import Studies, prepare
from .weighted import WeightedSums, sums_on, tau2_grid

ONE_STUDY = "one study: shown, not pooled"
TWO_STUDIES = "two studies: heterogeneity cannot be estimated from two studies; no prediction interval"
NO_HETEROGENEITY_ASSUMED = (
    "common-effect model: one true effect is assumed, so tau2 is 0 by assumption and there is "
    "no prediction interval"
)
GIVEN_TAU2 = "tau2 was given, not estimated: it has no interval"
HKSJ_COMMON_EFFECT = "HKSJ was made for random effects; with a common effect it rescales by Q"
EMPTY_Q_PROFILE = (
    "the effects lie closer together than sampling error lets expect: no tau2 agrees with them, "
    "and its interval is given as 0 to 0"
)
OUTSIDE_Q_PROFILE = "the estimate of tau2 lies outside its Q-profile interval"
NO_SPREAD = "all effects are equal: the HKSJ interval has no width, and there is no test"


def pool(
    yi: Any, vi: Any, tau2: str | float = "REML", ci: str = "wald", level: float = 0.95
) -> Pooled:
    """Pool effect sizes in a random-effects or common-effect model by inverse variance.

    Source: :cite:t:`dersimonian1986`; :cite:t:`viechtbauer2005` (tau2, by REML);
    :cite:t:`viechtbauer2007` (its interval); :cite:t:`higgins2002` (I2); :cite:t:`hartung2001`;
    :cite:t:`sidik2002` (HKSJ).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes, on any scale, and their sampling variances, on that scale squared.
    tau2 : str or float
        Estimator of the heterogeneity variance: REML, DL, PM, ML, EB, SJ, HS, HE, or one of the
        variants HSk, DLIT, SJIT, PMM; "EE" for the common-effect model; or a number >= 0, which is then taken as known.
    ci : str
        "wald"; "t" (Wald's standard error, t distribution with k - 1 degrees of freedom); "hksj";
        or "hksj-adhoc", HKSJ that is never narrower than Wald.
    level : float
        Level of all intervals, between 0 and 1.

    Returns
    -------
    Pooled
        See there for definitions. The interval of tau2 is Q-profile whatever the estimator. The
        prediction interval uses the normal distribution with Wald and t with k - 1 degrees of
        freedom otherwise (`prediction.py` has others), and is given from three studies on. A single
        study is returned as it is, with its own Wald interval.

    Raises
    ------
    ValueError
        No study, lengths that differ, values that are not finite numbers, a variance that is not
        positive, an unknown method, a level outside (0, 1).

    Examples
    --------
    >>> yi, vi = [0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03]
    >>> result = pool(yi, vi, tau2="DL")
    >>> round(result.estimate, 4), round(result.tau2, 4)
    (0.3233, 0.035)
    """
    tau2_method, given_tau2 = model_of(tau2)
    check_choice(ci, "ci", CI_METHODS)
    check_level(level)
    studies = prepare(yi, vi)
    if studies.k == 1:
        return _single_study(studies, tau2_method, float(level), _given(yi, vi))

    estimating = tau2_method in TAU2_ESTIMATORS
    grid = sums_on(studies, tau2_grid(studies) if estimating else np.zeros(1))
    estimated, interval = _heterogeneity(studies, grid, tau2_method, given_tau2, level)
    mean = weighted_mean(studies, estimated.tau2, ci)
    estimate, unit = studies.centre + studies.unit * mean.estimate, studies.unit
    # Plain HKSJ on identical effects has a standard error of 0.
    statistic = estimate / (unit * mean.se) if mean.se > 0 else None
    predicts = studies.k >= 3 and tau2_method != COMMON_EFFECT
    ci_half = unit * critical_value(level, mean.df) * mean.se
    pi_half = unit * prediction_half_width(mean, estimated.tau2, level) if predicts else math.nan
    at_zero = grid.first()
    i2, h2 = relative_heterogeneity(
        at_zero, studies.k, estimated.tau2, common_effect=tau2_method == COMMON_EFFECT
    )
    q = at_zero.q
    return Pooled(
        k=studies.k,
        estimate=estimate,
        se=unit * mean.se,
        ci_low=estimate - ci_half,
        ci_high=estimate + ci_half,
        p_value=None if statistic is None else two_sided_p(statistic, mean.df),
        tau2=given_tau2 if given_tau2 is not None else estimated.tau2 * unit**2,
        tau2_ci_low=None if interval is None else interval.low * unit**2,
        tau2_ci_high=None if interval is None else interval.high * unit**2,
        i2=float(i2),
        h2=float(h2),
        q=q,
        q_p_value=float(chdtrc(studies.k - 1, q)),
        pi_low=estimate - pi_half if predicts else None,
        pi_high=estimate + pi_half if predicts else None,
        weights=_weights(studies, mean, estimated.tau2),
        level=float(level),
        tau2_method=tau2_method,
        ci_method=ci,
        statistic=statistic,
        test_df=mean.df,
        pi_df=mean.df if predicts else None,
        q_df=studies.k - 1,
        notes=_notes(studies, tau2_method, ci, mean, estimated, interval),
        **_given(yi, vi),
        **_further(studies, at_zero, estimated.tau2, interval, tau2_method),
    )


def _heterogeneity(
    studies: Studies,
    grid: WeightedSums,
    tau2_method: str,
    given_tau2: float | None,
    level: float,
) -> tuple[Heterogeneity, Tau2Interval | None]:
    """Estimate of tau2 and its interval; no interval where tau2 was not estimated."""
    if given_tau2 is not None:
        return Heterogeneity(given_tau2 / studies.unit**2), None
    if tau2_method == COMMON_EFFECT:
        return Heterogeneity(0.0), None
    return estimate_tau2(studies, grid, tau2_method), q_profile(studies, grid, level)


def _further(
    studies: Studies,
    at_zero: WeightedSums,
    tau2: float,
    interval: Tau2Interval | None,
    tau2_method: str,
) -> dict[str, float]:
    """Standard error of tau2, and intervals of I2 and H2, by the names of the result."""
    if interval is None:
        return {}
    low, high = (
        relative_heterogeneity(at_zero, studies.k, limit, common_effect=False)
        for limit in (interval.low, interval.high)
    )
    return {
        "tau2_se": ESTIMATORS[tau2_method].error(studies, tau2) * studies.unit**2,
        "i2_ci_low": low[0],
        "i2_ci_high": high[0],
        "h2_ci_low": low[1],
        "h2_ci_high": high[1],
    }


def _weights(studies: Studies, mean: Mean, tau2: float) -> np.ndarray:
    return _read_only(studies.in_listed_order(100 / (studies.variances + tau2) / mean.total))


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def _notes(
    studies: Studies,
    tau2_method: str,
    ci: str,
    mean: Mean,
    estimated: Heterogeneity,
    interval: Tau2Interval | None,
) -> tuple[str, ...]:
    notes = list(estimated.notes)
    if studies.k == 2:
        notes.append(TWO_STUDIES)
    if tau2_method == COMMON_EFFECT:
        notes.append(NO_HETEROGENEITY_ASSUMED)
        if INTERVALS[ci].rescales:
            notes.append(HKSJ_COMMON_EFFECT)
    if tau2_method == GIVEN:
        notes.append(GIVEN_TAU2)
    if interval is not None:
        if interval.empty:
            notes.append(EMPTY_Q_PROFILE)
        if not interval.low <= estimated.tau2 <= interval.high:
            notes.append(OUTSIDE_Q_PROFILE)
    told = (NO_SPREAD,) if mean.factor == 0 else INTERVALS[ci].notes(mean.plain_factor)
    return (*notes, *told)


def _given(yi: Any, vi: Any) -> dict[str, np.ndarray]:
    """What was pooled, by the names of the result."""
    return {"yi": _read_only(np.array(yi, float)), "vi": _read_only(np.array(vi, float))}


def _single_study(
    studies: Studies, tau2_method: str, level: float, given: dict[str, np.ndarray]
) -> Pooled:
    """One study with its own Wald interval; heterogeneity is not defined."""
    se = studies.unit * math.sqrt(studies.variances[0])
    half = critical_value(level, None) * se
    statistic = studies.centre / se
    return Pooled(
        k=1,
        estimate=studies.centre,
        se=se,
        ci_low=studies.centre - half,
        ci_high=studies.centre + half,
        p_value=two_sided_p(statistic, None),
        tau2=None,
        tau2_ci_low=None,
        tau2_ci_high=None,
        i2=None,
        h2=None,
        q=None,
        q_p_value=None,
        pi_low=None,
        pi_high=None,
        weights=_read_only(np.array([100.0])),
        level=level,
        tau2_method=tau2_method,
        ci_method="wald",
        statistic=statistic,
        test_df=None,
        pi_df=None,
        q_df=0,
        notes=(ONE_STUDY,),
        **given,
    )
