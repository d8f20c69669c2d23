"""Meta-regression: effect sizes explained by moderators.

Given tau2, the regression is least squares with weights 1 / (vi + tau2): as it stands for the Wald
covariance, times the estimated scale (t with k - p degrees of freedom) for HKSJ. Both agree with metafor
to 1e-15, and `MetaRegression.model()` is statsmodels' WLS. For tau2 see `estimators/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.errors import NotEstimable

from .checks import check_choice, check_level
from .coefficients import (
    Coefficient,
    OmnibusTest,
    coefficient_table,
    overall_positions,
    selection,
    wald_test,
)
from .design import Design, design
from .estimators import TAU2_ESTIMATORS, residual_tau2
from .heterogeneity import Heterogeneity
from .intervals import CI_METHODS, INTERVALS
from .least_squares import fitted, weighted
from .options import COMMON_EFFECT, GIVEN, model_of
from .pool import (
    EMPTY_Q_PROFILE,
    GIVEN_TAU2,
    HKSJ_COMMON_EFFECT,
    OUTSIDE_Q_PROFILE,
)
from .printing import (
    Printed,
    Printout,
    coefficient_lines,
    heterogeneity,
    omnibus_text,
    statistic_text,
    with_interval,
)
from .qprofile import Tau2Interval
from .regression_data import RegressionData, prepare_regression, regression_grid
from .regression_tau2 import log_likelihood, q_profile

NO_R2 = "R2 is not defined: {}"
SATURATED = "as many coefficients as effect sizes: nothing is left to judge the fit by"


@dataclass(frozen=True, slots=True, repr=False)
class MetaRegression(Printed):
    """What `meta_regression` returns; what cannot be estimated is None, and `notes` says why.

    Attributes
    ----------
    k : int
        Number of effect sizes.
    coefficients : tuple of Coefficient
        With intervals at `level` and tests (normal with Wald, t with `test_df` with HKSJ).
    covariance : ndarray, shape (p, p)
        Of the coefficients.
    tau2, tau2_ci_low, tau2_ci_high : float
        Residual heterogeneity variance and its Q-profile interval.
    i2, h2 : float
        Residual heterogeneity as percentage of the unexplained variance; total over sampling
        variance. As in `Pooled`, with tr P for the typical variance.
    r2 : float or None
        Percentage of heterogeneity explained: 100 max(0, 1 - tau2 / tau2 without moderators), by
        the same estimator :cite:p:`raudenbush2009`. In a common-effect model: adjusted R2 of the weighted
        regression. Rests on an intercept and at least one moderator.
    q, q_df, q_p_value : float, int, float
        Test of residual heterogeneity (QE), chi-square with k - p degrees of freedom.
    omnibus : OmnibusTest
        All coefficients but an intercept that stands beside others (QM, or F with HKSJ).
    log_likelihood, aic, bic : float or None
        For ML and REML; the restricted one with REML.
    hksj_factor : float
        What the Wald covariance was multiplied by; 1 with Wald.
    level, tau2_method, ci_method, test_df, notes
        As in `Pooled`; test_df is k - p with HKSJ.
    design, yi, vi
        What was fitted, in the order given.
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray = field(repr=False, compare=False)
    tau2: float
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2: float | None
    h2: float | None
    r2: float | None
    q: float
    q_df: int
    q_p_value: float | None
    omnibus: OmnibusTest
    log_likelihood: float | None
    aic: float | None
    bic: float | None
    hksj_factor: float
    level: float
    tau2_method: str
    ci_method: str
    test_df: int | None
    notes: tuple[str, ...]
    design: Design = field(repr=False, compare=False)
    yi: np.ndarray = field(repr=False, compare=False)
    vi: np.ndarray = field(repr=False, compare=False)

    @property
    def estimates(self) -> np.ndarray:
        """The coefficients as an array, shape (p,)."""
        return np.array([item.estimate for item in self.coefficients])

    def _page(self) -> Printout:
        common = self.tau2_method == COMMON_EFFECT
        varies = tuple(
            f for f in heterogeneity(self, self.level) if not (common and f[0] == "tau²")
        )
        r2 = (
            ()
            if self.r2 is None
            else (("R²", with_interval(self.r2, None, None, 0, unit="%", digits=1)),)
        )
        facts = (
            *varies,
            *r2,
            ("Residual Q", statistic_text(self.q, self.q_df, self.q_p_value)),
            (f"Test of {', '.join(self.omnibus.names)}", omnibus_text(self.omnibus)),
        )
        how = "common effect" if common else f"mixed effects, tau² by {self.tau2_method}"
        title = f"Meta-regression, {self.k} effect sizes ({how}; {self.ci_method} intervals)"
        return Printout(title, coefficient_lines(self.coefficients), facts, self.level, self.notes)

    def plot(self) -> Any:
        """Effect sizes against a single numeric moderator; of any other model, its coefficients."""
        from .plotting import bubbles, forest

        one = self.design.intercept and len(self.coefficients) == 2
        if one and len(np.unique(self.design.matrix[:, 1])) > 2:
            return bubbles(self)
        return forest(self._page())

    def model(self) -> Any:
        """The same fit as a statsmodels WLS result; see `least_squares.py`."""
        names = [item.name for item in self.coefficients]
        return fitted(self.yi, self.vi, self.design.matrix, self.tau2, self.ci_method, names)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        left_out = {"design", "yi", "vi"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return values | {
            "coefficients": [item.to_dict() for item in self.coefficients],
            "covariance": self.covariance.tolist(),
            "omnibus": {f.name: getattr(self.omnibus, f.name) for f in fields(self.omnibus)},
            "notes": list(self.notes),
        }


def meta_regression(
    yi: Any,
    vi: Any,
    moderators: Any = None,
    *,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> MetaRegression:
    """Regress effect sizes on moderators in a mixed-effects (or common-effect) model.

    Source: :cite:t:`raudenbush2009` (the model); :cite:t:`viechtbauer2015` (tau2);
    :cite:t:`knapp2003` (HKSJ).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances.
    moderators : mapping of str to array_like (k,), DataFrame, ndarray (k, q), or None
        Text and booleans are factors, coded against `reference` (default: first level in sorted
        order); without intercept the first factor has a coefficient for each level.
    tau2, ci, level
        As in `pool`.

    Raises
    ------
    ValueError
        As `pool` and `design.design`; collinear moderators; too few effect sizes.

    Examples
    --------
    >>> fit = meta_regression([0.9, 0.7, 0.6, 0.1], [0.02, 0.03, 0.01, 0.02],
    ...                       {"weeks": [1, 4, 12, 52]})
    >>> [(c.name, round(c.estimate, 4)) for c in fit.coefficients]
    [('intercept', 0.8119), ('weeks', -0.0141)]
    """
    tau2_method, given = model_of(tau2)
    check_choice(ci, "ci", CI_METHODS)
    check_level(level)
    effects, variances = np.asarray(yi), np.asarray(vi)
    plan = design(moderators, len(effects) if effects.ndim else 0, intercept=intercept,
                  reference=reference)  # fmt: skip
    data = prepare_regression(yi, vi, plan.matrix, plan.names)
    if data.df == 0 and (tau2_method in TAU2_ESTIMATORS or INTERVALS[ci].t):
        raise NotEstimable(
            f"{data.p} coefficients ({', '.join(plan.names)}) and the spread around them cannot "
            f"be estimated from {data.k} effect sizes; at least {data.p + 1} are needed"
        )
    unit, df = data.studies.unit, data.df
    estimated, interval, i2, h2 = _heterogeneity(data, tau2_method, given, level)
    at_zero, at_tau2 = data.at(0.0), data.at(estimated.tau2)
    estimates, covariance, adjusted_r2 = _weighted_regression(data, estimated.tau2)
    plain = float(at_tau2.q[0]) / df if df else 1.0
    factor = float(INTERVALS[ci].factor(plain))
    covariance = covariance * factor
    test_df = INTERVALS[ci].df(df)
    r2, r2_notes = _r2(data, plan, tau2_method, estimated.tau2, adjusted_r2)
    likelihood = _criteria(data, tau2_method, estimated.tau2)
    q = float(at_zero.q[0]) if df else 0.0
    overall = overall_positions(data.p, plan.intercept)
    return MetaRegression(
        k=data.k,
        coefficients=coefficient_table(plan.names, estimates, covariance, test_df, level),
        covariance=covariance,
        tau2=given if given is not None else estimated.tau2 * unit**2,
        tau2_ci_low=None if interval is None else interval.low * unit**2,
        tau2_ci_high=None if interval is None else interval.high * unit**2,
        i2=i2,
        h2=h2,
        r2=r2,
        q=q,
        q_df=df,
        q_p_value=float(chdtrc(df, q)) if df else None,
        omnibus=wald_test(
            estimates,
            covariance,
            selection(overall, data.p),
            test_df,
            tuple(plan.names[j] for j in overall),
        ),
        log_likelihood=likelihood[0],
        aic=likelihood[1],
        bic=likelihood[2],
        hksj_factor=factor,
        level=float(level),
        tau2_method=tau2_method,
        ci_method=ci,
        test_df=test_df,
        notes=_notes(tau2_method, ci, plain, estimated, interval, df) + r2_notes,
        design=plan,
        yi=effects.astype(float),
        vi=variances.astype(float),
    )


def _heterogeneity(
    data: RegressionData, tau2_method: str, given: float | None, level: float
) -> tuple[Heterogeneity, Tau2Interval | None, float | None, float | None]:
    """tau2 with its interval, I2 and H2, all in squared units."""
    interval = None
    if tau2_method in TAU2_ESTIMATORS:
        grid = data.on(regression_grid(data))
        estimated = residual_tau2(data, grid, tau2_method)
        interval = q_profile(data, grid, level)
    else:
        estimated = Heterogeneity(0.0 if given is None else given / data.studies.unit**2)
    if data.df == 0:
        return estimated, None, None, None
    at_zero = data.at(0.0)
    q, df = float(at_zero.q[0]), data.df
    if tau2_method == COMMON_EFFECT:
        return estimated, None, (100 * (q - df) / q if q > df else 0.0), q / df
    if not at_zero.trace[0] > 0:
        return estimated, interval, None, None
    typical = df / float(at_zero.trace[0])
    i2 = 100 * estimated.tau2 / (estimated.tau2 + typical)
    return estimated, interval, i2, estimated.tau2 / typical + 1


def _weighted_regression(
    data: RegressionData, tau2: float
) -> tuple[np.ndarray, np.ndarray, float | None]:
    """Coefficients, their Wald covariance (both on the scale of yi), and adjusted R2 in percent."""
    weights = 1.0 / (data.studies.variances + tau2)
    found, spread = weighted(data.effects, data.basis, weights)
    to, unit = data.to_coefficients, data.studies.unit
    estimates = unit * (to @ found) + data.origin
    covariance = unit**2 * (to @ spread @ to.T)
    mean = data.at(tau2)
    centred = data.effects - weights @ data.effects / weights.sum()
    total = float(weights @ centred**2)
    adjusted = None
    if data.df and total > 0:
        adjusted = 1 - (float(mean.q[0]) / data.df) / (total / (data.k - 1))
    return estimates, (covariance + covariance.T) / 2, adjusted


def _r2(
    data: RegressionData, plan: Design, tau2_method: str, tau2: float, adjusted: float | None
) -> tuple[float | None, tuple[str, ...]]:
    if not plan.columns:
        return None, ()
    if not plan.intercept:
        return None, (NO_R2.format("the model has no intercept to compare with"),)
    if tau2_method == GIVEN:
        return None, (NO_R2.format("tau2 was given"),)
    if data.df == 0:
        return None, (SATURATED,)
    if tau2_method == COMMON_EFFECT:
        if adjusted is None:
            return None, (NO_R2.format("the effects do not differ"),)
        return 100 * max(0.0, adjusted), ()
    k = data.k
    constant = RegressionData(
        data.studies, data.effects, np.full((k, 1), k**-0.5), np.ones((1, 1)), np.zeros(1)
    )
    without = residual_tau2(constant, constant.on(regression_grid(constant)), tau2_method).tau2
    if without == 0:
        return None, (NO_R2.format("without moderators tau2 is 0, so nothing is to be explained"),)
    return 100 * max(0.0, 1 - tau2 / without), ()


def _criteria(
    data: RegressionData, tau2_method: str, tau2: float
) -> tuple[float | None, float | None, float | None]:
    """Log-likelihood on the scale of yi, AIC and BIC, where a likelihood was maximised."""
    if tau2_method not in ("REML", "ML"):
        return None, None, None
    restricted = tau2_method == "REML"
    n, parameters = (data.df if restricted else data.k), data.p + 1
    value = log_likelihood(data, tau2, restricted) - n * float(np.log(data.studies.unit))
    return value, 2 * parameters - 2 * value, parameters * float(np.log(n)) - 2 * value


def _notes(
    tau2_method: str,
    ci: str,
    plain: float,
    estimated: Heterogeneity,
    interval: Tau2Interval | None,
    df: int,
) -> tuple[str, ...]:
    notes = list(estimated.notes)
    if tau2_method == COMMON_EFFECT and INTERVALS[ci].rescales:
        notes.append(HKSJ_COMMON_EFFECT)
    if tau2_method == GIVEN:
        notes.append(GIVEN_TAU2)
    if df == 0:
        notes.append(SATURATED)
    if interval is not None:
        if interval.empty:
            notes.append(EMPTY_Q_PROFILE)
        if not interval.low <= estimated.tau2 <= interval.high:
            notes.append(OUTSIDE_Q_PROFILE)
    return (*notes, *INTERVALS[ci].notes(plain))
