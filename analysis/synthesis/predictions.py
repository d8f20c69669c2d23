"""What a fitted regression says: effects at new moderator values, tests of some coefficients.

The tests take any fit that has `design`, `coefficients`, `estimates`, `covariance` and `level`:
`MetaRegression` and `MixedFit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from analysis.errors import InputError

from .coefficients import Coefficient, OmnibusTest, selection, wald_test
from .design import Design
from .inference import critical_value
from .mixed_result import MixedFit
from .printing import Grid, Line, Printed, Printout, Series, counted
from .regression import MetaRegression


class Fit(Protocol):
    """What the functions of this file need."""

    design: Design
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray
    level: float

    @property
    def estimates(self) -> np.ndarray: ...


@dataclass(frozen=True, slots=True, repr=False)
class Prediction(Printed):
    """Mean effect at some moderator values, and the interval for a new study's true effect.

    The prediction interval is None where the model has no single heterogeneity variance. `name` says
    where: the moderators and their values.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    pi_low: float | None
    pi_high: float | None
    name: str
    level: float

    def _page(self) -> Printout:
        return Printout(f"Effect at {self.name}", self._lines(), (), self.level)

    def _lines(self) -> tuple[Line, ...]:
        mean = Line(self.name, self.estimate, self.se, self.ci_low, self.ci_high, kind="mean")
        if self.pi_low is None:
            return (mean,)
        new = Line("in a new study", self.estimate, None, self.pi_low, self.pi_high,
                   kind="prediction")  # fmt: skip
        return mean, new


def predict(fit: MetaRegression, moderators: Any = None) -> Series:
    """Effects at new moderator values, with confidence and prediction intervals.

    Source: :cite:t:`riley2011` (prediction intervals).

    Parameters
    ----------
    fit : MetaRegression
    moderators : mapping of str to array_like (n,), DataFrame, or ndarray (n, q)
        A value of every moderator of the fit for each of n predictions; None for a model with an
        intercept alone.

    Returns
    -------
    Series (a tuple) of n Prediction
        Interval for a new study: critical value times sqrt(tau2 + se^2), normal with Wald, t with
        k - p degrees of freedom with HKSJ. None in a common-effect model.

    Raises
    ------
    ValueError
        Moderators missing or unknown, lengths that differ, levels that were not in the fit.

    Examples
    --------
    >>> from analysis.synthesis.regression import meta_regression
    >>> fit = meta_regression([0.9, 0.7, 0.6, 0.1], [0.02, 0.03, 0.01, 0.02],
    ...                       {"weeks": [1, 4, 12, 52]})
    >>> [round(point.estimate, 4) for point in predict(fit, {"weeks": [2, 26]})]
    [0.7838, 0.4456]
    """
    spread = None if fit.tau2_method == "EE" else fit.tau2
    return predict_rows(fit, fit.design.rows(moderators), spread)


def predict_mixed(fit: MixedFit, moderators: Any = None, inner: Any = None) -> Series:
    """Effects at new moderator values under a multilevel or multivariate model.

    Parameters
    ----------
    fit : MixedFit
    moderators
        As in `predict`.
    inner : label or None
        With structured random effects of several variances (UN, HCS, HAR, DIAG): the inner level
        (outcome, time point) whose variance the prediction intervals take; without it they are
        None.

    Returns
    -------
    Series (a tuple) of n Prediction
        The interval for the true effect of a new group adds the variances of all random effects.

    Raises
    ------
    ValueError
        As `predict`; an inner level that is not in the fit.
    """
    spread: float | None = 0.0
    for effect in fit.random:
        owned = [
            item
            for item in fit.components
            if item.kind == "variance"
            and (item.name == effect.name or item.name.startswith(f"{effect.name}["))
        ]
        if len(owned) > 1:
            if inner is None:
                spread = None
                break
            owned = [item for item in owned if item.name == f"{effect.name}[{inner}]"]
            if not owned:
                raise InputError(f"{effect.name} has no level {inner!r}")
        spread += owned[0].estimate
    return predict_rows(fit, fit.design.rows(moderators), spread)


def predict_rows(fit: Fit, rows: np.ndarray, spread: float | None) -> Series:
    """Predictions at design rows (n, p); `spread` is the variance of true effects, if any."""
    found = []
    for row in rows:
        critical = critical_value(fit.level, smallest_df(fit, row != 0))
        estimate = float(row @ fit.estimates)
        variance = max(0.0, float(row @ fit.covariance @ row))
        half = critical * variance**0.5
        wide = None if spread is None else critical * (spread + variance) ** 0.5
        found.append(
            Prediction(
                estimate,
                variance**0.5,
                estimate - half,
                estimate + half,
                None if wide is None else estimate - wide,
                None if wide is None else estimate + wide,
                _place(fit.design, row),
                fit.level,
            )
        )
    shown = ("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high")
    columns = {name: [getattr(point, name) for point in found] for name in shown}
    drawn = tuple(line for point in found for line in point._lines())
    title = f"Effects at {counted(len(found), 'point', 'points')}"
    grid = Grid([point.name for point in found], columns)
    return Series(found, Printout(title, (), (), fit.level, studies=drawn, grid=grid))


def _place(design: Design, row: np.ndarray) -> str:
    """Where a prediction stands: the moderators that are not 0 there, with their values."""
    values = list(zip(design.names, row.tolist(), strict=True))[int(design.intercept) :]
    return ", ".join(f"{name} = {value:.4g}" for name, value in values) or "the mean"


def smallest_df(fit: Fit, chosen: Any) -> float | None:
    """The fewest degrees of freedom among these coefficients (positions or mask); None: normal."""
    held = [fit.coefficients[j].df for j in np.arange(len(fit.coefficients))[np.asarray(chosen)]]
    known = [df for df in held if df is not None]
    return min(known) if known else None


def omnibus_test(fit: Fit, names: str | Sequence[str]) -> OmnibusTest:
    """Test that several coefficients are all 0: those of a factor, say.

    Source: :cite:t:`knapp2003` (with HKSJ), else Wald's test.

    Parameters
    ----------
    names : str or sequence of str
        Coefficients, or moderators (all coefficients of a factor).

    Examples
    --------
    >>> from analysis.synthesis.regression import meta_regression
    >>> fit = meta_regression([0.1, 0.2, 0.6, 0.7, 0.3, 0.2], [0.02] * 6,
    ...                       {"blind": ["yes", "yes", "no", "no", "part", "part"]})
    >>> result = omnibus_test(fit, "blind")
    >>> result.df, round(result.statistic, 3)
    (2, 14.0)
    """
    wanted = (names,) if isinstance(names, str) else tuple(names)
    if not wanted:
        raise InputError("name at least one coefficient or moderator")
    positions = fit.design.positions(*wanted)
    return wald_test(
        fit.estimates,
        fit.covariance,
        selection(positions, len(fit.design.names)),
        smallest_df(fit, positions),
        tuple(fit.design.names[j] for j in positions),
    )


def contrast_test(fit: Fit, contrasts: Any) -> OmnibusTest:
    """Test that linear combinations of the coefficients, rows of `contrasts` (m, p), are all 0.

    Source: :cite:t:`knapp2003` (with HKSJ), else Wald's test.

    Raises
    ------
    ValueError
        A wrong number of columns, or rows that depend on one another.
    """
    rows = np.atleast_2d(np.asarray(contrasts, dtype=float))
    p = len(fit.design.names)
    if rows.ndim != 2 or rows.shape[1] != p:
        raise InputError(f"contrasts must have {p} columns ({', '.join(fit.design.names)})")
    if np.linalg.matrix_rank(rows) < len(rows):
        raise InputError("the rows of contrasts depend on one another")
    return wald_test(fit.estimates, fit.covariance, rows, smallest_df(fit, (rows != 0).any(axis=0)))
