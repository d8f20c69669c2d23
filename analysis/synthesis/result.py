"""The result of pooling one set of effect sizes: a value, and nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from analysis.errors import NotEstimable

from .inference import critical_value
from .least_squares import fitted
from .printing import Line, Printed, Printout, heterogeneity, statistic_text

NO_MODEL = "a result with a {} interval is no single weighted regression"
STUDIES = ("yi", "vi")
COMMON_EFFECT = "EE"


@dataclass(frozen=True, slots=True, repr=False)
class Pooled(Printed):
    """What `pool` returns.

    All effects, standard errors and limits are on the scale of the `yi` that went in; every
    variance is on that scale squared. A number that cannot be estimated from the studies at hand
    is None, never NaN, and `notes` says why.

    Attributes
    ----------
    k : int
        Number of studies.
    estimate, se, ci_low, ci_high : float
        Pooled effect, its standard error, and its confidence interval at `level`.
    p_value : float or None
        Two-sided P of the hypothesis that the pooled effect is 0. None where the standard error
        is 0 (plain HKSJ on identical effects).
    tau2, tau2_ci_low, tau2_ci_high : float or None
        Heterogeneity variance and its Q-profile interval at `level`. In the common-effect model
        tau2 is 0 by assumption and has no interval; nor has a tau2 that was given.
    i2 : float or None
        Percentage of the total variance that is due to heterogeneity, 0 to 100. Random effects:
        100 tau2 / (tau2 + v), v the typical sampling variance of :cite:t:`higgins2002`; so it
        follows the estimator of tau2, as in metafor. Common effect: 100 max(0, (Q - df) / Q).
    h2 : float or None
        Total over sampling variance: tau2 / v + 1 (random effects), Q / df (common effect, where
        it can be below 1).
    q, q_p_value : float or None
        Cochran's Q and its P from chi-square with `q_df` = k - 1 degrees of freedom.
    pi_low, pi_high : float or None
        Prediction interval at `level` for the true effect in a new study; from three studies on,
        in random-effects models.
    weights : ndarray, shape (k,)
        Percent, summing to 100, in the order of `yi`, of the model that gave `estimate`.
        Read-only.
    level : float
        Level of all intervals, 0 to 1.
    tau2_method : str
        REML, DL, PM, ML, EB, SJ, HS, HE, HSk, DLIT, SJIT, PMM; EE (common effect); "given" (tau2 was passed in).
    ci_method : str
        wald, t, hksj or hksj-adhoc: the method that was used (a single study always has wald).
    statistic : float or None
        estimate / se.
    test_df : int or None
        Degrees of freedom of the t distribution behind the interval and P; None for the normal.
    pi_df : int or None
        The same for the prediction interval.
    q_df : int
        k - 1.
    notes : tuple of str
        What the reader must know about these numbers.
    tau2_se : float or None
        Standard error of tau2, where it was estimated (`estimators/`); not the base of its interval.
    i2_ci_low, i2_ci_high, h2_ci_low, h2_ci_high : float or None
        I2 and H2 at the limits of tau2, which they rise with; where tau2 has an interval.
    yi, vi : ndarray or None, shape (k,)
        What was pooled, in the order given; not part of `to_dict`. None with weights of one's own.
    """

    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float | None
    tau2: float | None
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2: float | None
    h2: float | None
    q: float | None
    q_p_value: float | None
    pi_low: float | None
    pi_high: float | None
    # An array has no single truth value, so it stays out of ==; it is implied by the rest.
    weights: np.ndarray = field(repr=False, compare=False)
    level: float
    tau2_method: str
    ci_method: str
    statistic: float | None
    test_df: int | None
    pi_df: int | None
    q_df: int
    notes: tuple[str, ...]
    tau2_se: float | None = None
    i2_ci_low: float | None = None
    i2_ci_high: float | None = None
    h2_ci_low: float | None = None
    h2_ci_high: float | None = None
    yi: np.ndarray | None = field(default=None, repr=False, compare=False)
    vi: np.ndarray | None = field(default=None, repr=False, compare=False)

    def _page(self) -> Printout:
        df, level = self.test_df, self.level
        lines = [Line("mean", self.estimate, self.se, self.ci_low, self.ci_high, self.statistic, df,
                      self.p_value, "mean")]  # fmt: skip
        if self.pi_low is not None:
            lines.append(
                Line(
                    "prediction", self.estimate, None, self.pi_low, self.pi_high, kind="prediction"
                )
            )
        q = () if self.q is None else (("Q", statistic_text(self.q, self.q_df, self.q_p_value)),)
        common = self.tau2_method == COMMON_EFFECT
        varies = tuple(f for f in heterogeneity(self, level) if not (common and f[0] == "tau²"))
        bayesian = self.ci_method == "posterior"
        how = f"{self.ci_method} interval"
        if bayesian:
            how = "averaged over a prior of tau"
        elif not common:
            how = f"tau² {'given' if self.tau2_method == 'given' else f'by {self.tau2_method}'}; {how}"
        kind = "Common effect" if common else "Random effects"
        title = f"{kind}, {self.k} studies ({how})"
        if self.k == 1:
            title, varies, q = f"One study ({self.ci_method} interval)", (), ()
        return Printout(title, tuple(lines), (*varies, *q), level, self.notes, self._studies(),
                        "CrI" if bayesian else "CI")  # fmt: skip

    def _studies(self) -> tuple[Line, ...]:
        """What was pooled, each with its own Wald interval."""
        if self.yi is None or self.vi is None:
            return ()
        z = critical_value(self.level, None)
        return tuple(
            Line(f"study {place}", y, se, y - z * se, y + z * se, kind="study")
            for place, (y, se) in enumerate(
                zip(self.yi.tolist(), np.sqrt(self.vi).tolist(), strict=True), start=1
            )
        )

    def model(self) -> Any:
        """The same fit as a statsmodels WLS result: `summary()`, `conf_int()`, `predict()` and all the rest.

        Raises
        ------
        ValueError
            Where the result is no single such fit: a posterior averages over tau2, and weights that
            were given do not follow it.
        """
        if self.yi is None or self.vi is None or self.ci_method == "posterior":
            raise NotEstimable(NO_MODEL.format(self.ci_method))
        constant = np.ones((self.k, 1))
        return fitted(self.yi, self.vi, constant, self.tau2 or 0.0, self.ci_method, ["mean"])

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`.

        Examples
        --------
        >>> from analysis.synthesis import pool
        >>> pool([0.2, 0.4], [0.01, 0.01]).to_dict()["weights"]
        [50.0, 50.0]
        """
        kept = [item.name for item in fields(self) if item.name not in STUDIES]
        values = {name: getattr(self, name) for name in kept}
        return values | {"weights": self.weights.tolist(), "notes": list(self.notes)}
