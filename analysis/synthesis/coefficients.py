"""Coefficients of a fitted model, and tests of several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc, fdtrc

from .inference import critical_value, two_sided_p
from .printing import Line, Printed, Printout


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient with its interval and two-sided test against 0.

    `df` are the degrees of freedom of t behind both; None for the normal distribution.
    `statistic` and `p_value` are None where the standard error is 0; `p_value`
    and limits where a robust test has no degrees of freedom.
    """

    name: str
    estimate: float
    se: float
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    statistic: float | None
    df: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names."""
        return asdict(self)


@dataclass(frozen=True, slots=True, repr=False)
class OmnibusTest(Printed):
    """Test that several linear combinations of coefficients are all 0.

    Without `df_residual`, `statistic` is a Wald chi-square with `df` degrees of freedom; with it,
    an F statistic with `df` and `df_residual`. Both numbers are None where the covariance of the
    combinations is singular, as after plain HKSJ on effects without spread.
    """

    statistic: float | None
    df: int
    df_residual: float | None
    p_value: float | None
    names: tuple[str, ...]

    def _page(self) -> Printout:
        of = ", ".join(self.names) or f"{self.df} combinations of coefficients"
        line = Line("all", None, statistic=self.statistic, df=self.df, p_value=self.p_value)
        chi_square = self.df_residual is None
        facts = () if chi_square else (("Residual df", f"{self.df_residual:.4g}"),)
        test = "chi-square" if chi_square else "F"
        return Printout(f"Test that all are 0: {of}", (line,), facts, None, test=test)


def coefficient_table(
    names: Sequence[str],
    estimates: np.ndarray,
    covariance: np.ndarray,
    df: float | Sequence[float | None] | None,
    level: float,
) -> tuple[Coefficient, ...]:
    """Coefficients with intervals and tests; `df` one for all, or one for each."""
    each = list(df) if isinstance(df, (list, tuple, np.ndarray)) else [df] * len(names)
    table = []
    for j, name in enumerate(names):
        estimate, se = float(estimates[j]), float(np.sqrt(max(0.0, covariance[j, j])))
        own_df = None if each[j] is None else float(each[j])
        half = critical_value(level, own_df) * se
        statistic = estimate / se if se > 0 else None
        p_value = None if statistic is None else two_sided_p(statistic, own_df)
        table.append(
            Coefficient(
                name, estimate, se, estimate - half, estimate + half, p_value, statistic, own_df
            )
        )
    return tuple(table)


def wald_test(
    estimates: np.ndarray,
    covariance: np.ndarray,
    contrasts: np.ndarray,
    df_residual: float | None,
    names: tuple[str, ...] = (),
) -> OmnibusTest:
    """Wald test of `contrasts @ coefficients = 0`.

    Parameters
    ----------
    estimates, covariance : ndarray, shapes (p,) and (p, p)
    contrasts : ndarray, shape (m, p)
        Rows must be linearly independent.
    df_residual : float or None
        Degrees of freedom of the F test; None for chi-square.

    Examples
    --------
    >>> wald_test(np.array([3.0]), np.eye(1), np.eye(1), None).statistic
    9.0
    """
    m = len(contrasts)
    values, spread = contrasts @ estimates, contrasts @ covariance @ contrasts.T
    scale = np.sqrt(np.diag(spread))
    if not np.all(scale > 0):
        return OmnibusTest(None, m, df_residual, None, names)
    # Scaled to unit diagonal, so that units of the moderators do not matter.
    standard = values / scale
    q = float(standard @ np.linalg.solve(spread / np.outer(scale, scale), standard))
    if df_residual is None:
        return OmnibusTest(q, m, None, float(chdtrc(m, q)), names)
    f = max(0.0, q) / m
    return OmnibusTest(f, m, float(df_residual), float(fdtrc(m, df_residual, f)), names)


def selection(positions: Sequence[int], p: int) -> np.ndarray:
    """Rows of the identity matrix: the contrasts that single out these coefficients."""
    return np.eye(p)[list(positions)]


def overall_positions(p: int, intercept: bool) -> tuple[int, ...]:
    """Which coefficients the test of the whole model takes: all but an intercept beside others."""
    return tuple(range(1, p)) if intercept and p > 1 else tuple(range(p))
