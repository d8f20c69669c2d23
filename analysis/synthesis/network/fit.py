"""Network meta-analysis: the one function that a caller needs.

Frequentist, contrast-based: generalised least squares on the contrasts of all studies, with the full
covariance of studies with several arms, and one heterogeneity variance :cite:p:`lu2011`. tau2 by
restricted or full maximum likelihood, or by the method of moments (generalised DerSimonian and Laird;
:cite:t:`jackson2012`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.errors import InputError

from ..checks import check_choice, check_level
from ..estimators import ESTIMATORS, TAU2_ESTIMATORS, residual_tau2
from ..heterogeneity import Heterogeneity
from ..inference import critical_value
from ..options import COMMON_EFFECT, model_of
from ..pool import EMPTY_Q_PROFILE
from ..regression_data import RegressionData, regression_grid
from ..regression_tau2 import q_profile
from .contrasts import from_contrasts
from .designs import decompose, fields_of
from .league import SMALL, league, p_scores
from .residual_space import residual_space
from .result import Network
from .rows import fitted, rotated
from .split import split
from .studies import NetworkStudies

CI_METHODS = ("wald", "t")
NO_REPLICATION = (
    "No comparison is made twice, directly or through a loop, so heterogeneity cannot be estimated: the "
    "random-effects results equal the common-effect ones."
)
NO_LOOP = (
    "No two designs bear on the same comparison, so whether direct and indirect evidence agree cannot "
    "be checked."
)


def fit_network(
    study: Sequence[Any] | NetworkStudies,
    treat1: Sequence[Any] | None = None,
    treat2: Sequence[Any] | None = None,
    te: Sequence[float] | np.ndarray | None = None,
    se: Sequence[float] | np.ndarray | None = None,
    tau2: str | float = "REML",
    reference: str | None = None,
    small: str = "good",
    ci: str = "wald",
    level: float = 0.95,
) -> Network:
    """Compare all treatments of a connected network of studies.

    Source: :cite:t:`lu2011` (the model); :cite:t:`jackson2012` (tau2 by moments);
    :cite:t:`krahn2013` (inconsistency).

    Parameters
    ----------
    study : names of the studies, shape (m,), one entry per contrast; or the studies themselves, as
        `from_contrasts` or `from_arms` gives them (then `treat1` to `se` are left out).
    treat1, treat2, te, se : see `from_contrasts`; `te` is `treat1` minus `treat2`.
    tau2 : "REML", "DL", "ML", another estimator of `pool`, "EE" (common effect only), or a number.
    reference : the treatment for tables; by default the one in most studies.
    small : whether small values are "good" or "bad", for P-scores.
    ci : "wald" (normal distribution) or "t" (with the degrees of freedom of Q).
    level : of all intervals.

    Raises
    ------
    DisconnectedNetwork
        With the parts into which the network falls.
    ValueError
        Data that cannot be (the study is named), or an option that is not allowed.

    Examples
    --------
    >>> found = fit_network(["a", "b", "c"], "XXY", "YZZ", [1.0, 2.5, 1.1], [0.5, 0.5, 0.5])
    >>> round(float(found.random.estimate[0, 2]), 3), found.df  # X minus Z
    (2.367, 1)
    """
    studies = _studies_of(study, treat1, treat2, te, se)
    method, given = model_of(tau2)
    check_choice(small, "small", SMALL)
    check_choice(ci, "ci", CI_METHODS)
    check_level(level)
    shown = _reference(studies, reference)
    rows = rotated(studies)
    data = rows.regression()
    estimated, interval = _heterogeneity(data, method, given, level)
    used = estimated.tau2
    at_zero, at_tau2 = fitted(data, 0.0), fitted(data, used)
    df = data.df if ci == "t" and data.df else None
    common = league(at_zero.effects, at_zero.covariance, level, df)
    random = league(at_tau2.effects, at_tau2.covariance, level, df)
    known = given is not None or method == COMMON_EFFECT
    pi_low, pi_high = _prediction(random.estimate, random.se, used, data.df, level)
    designs = decompose(studies, rows, at_zero.q, data.df)
    i2, i2_low, i2_high = _i2(at_zero.q, data.df, level)
    return Network(
        treatments=studies.treatments,
        reference=shown,
        k=studies.k,
        pairs=sum(block.arms.shape[0] * _pairs(block.arms.shape[1]) for block in studies.blocks),
        tau2=used if data.df or known else None,
        tau2_ci_low=None if interval is None else interval[0],
        tau2_ci_high=None if interval is None else interval[1],
        i2=i2,
        i2_ci_low=i2_low,
        i2_ci_high=i2_high,
        q=at_zero.q,
        df=data.df,
        p_value=float(chdtrc(data.df, at_zero.q)) if data.df else None,
        **fields_of(designs),
        common=common,
        random=random,
        pi_low=pi_low,
        pi_high=pi_high,
        p_score=p_scores(random, small),
        p_score_common=p_scores(common, small),
        evidence=split(studies, random, used, level, df),
        evidence_common=split(studies, common, 0.0, level, df),
        small=small,
        level=float(level),
        tau2_method=method,
        ci_method=ci if df is not None else "wald",
        warnings=(*studies.notes, *_warnings(data, estimated, designs.df_between, known, ci)),
        studies=studies,
        rows=rows,
        covariance=at_tau2.covariance,
        covariance_common=at_zero.covariance,
    )


def _studies_of(
    study: Sequence[Any] | NetworkStudies,
    treat1: Sequence[Any] | None,
    treat2: Sequence[Any] | None,
    te: Sequence[float] | np.ndarray | None,
    se: Sequence[float] | np.ndarray | None,
) -> NetworkStudies:
    if isinstance(study, NetworkStudies):
        return study
    if treat1 is None or treat2 is None or te is None or se is None:
        raise InputError("contrasts need study, treat1, treat2, te and se")
    return from_contrasts(study, treat1, treat2, te, se)


def _reference(studies: NetworkStudies, wanted: str | None) -> str:
    if wanted is not None:
        check_choice(wanted, "reference", studies.treatments)
        return wanted
    counts = np.zeros(studies.n, dtype=int)
    for block in studies.blocks:
        np.add.at(counts, block.arms, 1)
    return studies.treatments[int(counts.argmax())]


def _heterogeneity(
    data: RegressionData, method: str, given: float | None, level: float
) -> tuple[Heterogeneity, tuple[float, float] | None]:
    """tau2 and its Q-profile interval, where it is estimated, on the squared scale of the effects."""
    if data.df == 0 or method not in TAU2_ESTIMATORS:
        return Heterogeneity(0.0 if given is None else given), None
    left = residual_space(data)
    grid = left.on(regression_grid(left))
    profile, unit2 = q_profile(left, grid, level), left.studies.unit**2
    interval = profile.low * unit2, profile.high * unit2
    if not ESTIMATORS[method].on_residuals:
        left, grid = data, data.on(regression_grid(data))
        unit2 = data.studies.unit**2
    found = residual_tau2(left, grid, method)
    notes = (*found.notes, EMPTY_Q_PROFILE) if profile.empty else found.notes
    return Heterogeneity(found.tau2 * unit2, notes), interval


def _pairs(p: int) -> int:
    return p * (p - 1) // 2


def _prediction(
    estimate: np.ndarray, se: np.ndarray, tau2: float, df: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of the true difference in a new study: t with the degrees of freedom of Q.

    None from one degree of freedom: one replication says nothing of how studies spread.
    """
    if df < 2:
        nothing = np.full_like(estimate, np.nan)
        return nothing, nothing
    half = critical_value(level, df) * np.sqrt(se**2 + tau2)
    np.fill_diagonal(half, 0.0)
    return estimate - half, estimate + half


def _i2(q: float, df: int, level: float) -> tuple[float | None, float | None, float | None]:
    """I2 = (Q - df) / Q in percent, and its test-based interval.

    :cite:t:`higgins2002`, section 3.2.
    """
    if df == 0:
        return None, None, None
    i2 = 100 * max(0.0, 1 - df / q) if q > 0 else 0.0
    if df < 2 or not q > 0:
        return i2, None, None
    if q > df + 1:
        error = 0.5 * (np.log(q) - np.log(df)) / (np.sqrt(2 * q) - np.sqrt(2 * df - 1))
    else:
        error = np.sqrt(1 / (2 * (df - 1)) * (1 - 1 / (3 * (df - 1) ** 2)))
    log_h = max(0.0, 0.5 * np.log(q / df))
    half = critical_value(level, None) * error
    low, high = (100 * max(0.0, 1 - np.exp(-2 * limit)) for limit in (log_h - half, log_h + half))
    return i2, float(low), float(high)


def _warnings(
    data: RegressionData, estimated: Heterogeneity, df_between: int, known: bool, ci: str
) -> list[str]:
    found = [f"{note[0].upper()}{note[1:]}." for note in estimated.notes]
    if data.df == 0 and not known:
        found.append(NO_REPLICATION)
    if data.df == 0 and ci == "t":
        found.append("Without degrees of freedom there is no t interval: the normal one is given.")
    if df_between == 0:
        found.append(NO_LOOP)
    return found
