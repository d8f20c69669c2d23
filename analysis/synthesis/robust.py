"""Cluster-robust standard errors and tests for a fitted regression or mixed model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from .checks import check_choice, check_level, one_for_each
from .coefficients import (
    Coefficient,
    OmnibusTest,
    coefficient_table,
    overall_positions,
    selection,
    wald_test,
)
from .design import Design, as_labels, as_vector
from .mixed_result import MixedFit
from .printing import Printed, Printout, coefficient_lines, omnibus_text
from .regression import MetaRegression
from .sandwich import KINDS, Sandwich, cluster_sandwich, hotelling_test, satterthwaite

# Tipton (2015), Psychological Methods 20, 375-393: below this the t approximation fails.
FEWEST_DF = 4.0
FEW_DF = "fewer than 4 degrees of freedom, so its test and interval cannot be trusted: {}"
NO_DF = "no degrees of freedom can be worked out, so there is no test: {}"
LONE_CLUSTER = (
    "rests on a single cluster, which the model fits exactly: its robust error leaves that "
    "cluster's own error out and is too small: {}"
)
NO_OMNIBUS = "too few clusters for a test of {} coefficients at once"


@dataclass(frozen=True, slots=True, repr=False)
class RobustFit(Printed):
    """What `robust` returns: the estimates of the fit, with robust errors and tests.

    Attributes
    ----------
    k, clusters : int
        Numbers of effect sizes and of clusters.
    coefficients : tuple of Coefficient
        t with n - p degrees of freedom (CR0, CR1) or Satterthwaite's (CR2).
    covariance : ndarray, shape (p, p)
    omnibus : OmnibusTest
        All coefficients but an intercept that stands beside others: F (CR0, CR1), approximate
        Hotelling HTZ (CR2).
    kind : str
        CR0, CR1 or CR2.
    level, notes, design
        As in the fit.
    """

    k: int
    clusters: int
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray = field(repr=False, compare=False)
    omnibus: OmnibusTest
    kind: str
    level: float
    notes: tuple[str, ...]
    design: Design = field(repr=False, compare=False)
    sandwich: Sandwich = field(repr=False, compare=False)

    @property
    def estimates(self) -> np.ndarray:
        """The coefficients as an array, shape (p,)."""
        return np.array([item.estimate for item in self.coefficients])

    def _page(self) -> Printout:
        title = f"Cluster-robust errors ({self.kind}), {self.k} effect sizes in {self.clusters} clusters"
        facts = ((f"Test of {', '.join(self.omnibus.names)}", omnibus_text(self.omnibus)),)
        return Printout(title, coefficient_lines(self.coefficients), facts, self.level, self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        left_out = {"design", "sandwich"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return values | {
            "coefficients": [item.to_dict() for item in self.coefficients],
            "covariance": self.covariance.tolist(),
            "omnibus": {f.name: getattr(self.omnibus, f.name) for f in fields(self.omnibus)},
            "notes": list(self.notes),
        }


def robust(
    fit: MetaRegression | MixedFit, clusters: Any, kind: str = "CR2", level: float | None = None
) -> RobustFit:
    """Guard a fit against dependence within clusters that its model does not describe.

    Source: :cite:t:`liang1986` (CR0); :cite:t:`bell2002`; :cite:t:`pustejovsky2018` (CR2).

    Parameters
    ----------
    fit : MetaRegression or MixedFit
        Of `meta_regression` (without moderators: a plain pooled mean), `multilevel`, ...
    clusters : labels, shape (k,)
        As a rule the studies; groups of the model's random effects must lie inside clusters.
    kind : str
        CR2 (the default: honest with few clusters), CR1 or CR0.
    level : float or None
        Level of intervals; None for that of the fit.

    Raises
    ------
    ValueError
        One cluster; with CR0 and CR1, not more clusters than coefficients; effects in different
        clusters that the model takes as correlated.

    Examples
    --------
    >>> from analysis.synthesis.regression import meta_regression
    >>> fit = meta_regression([0.1, 0.3, 0.6, 0.8, 0.2, 0.1], [0.02] * 6)
    >>> guarded = robust(fit, [1, 1, 2, 2, 3, 3])
    >>> mean = guarded.coefficients[0]
    >>> round(mean.estimate, 3), round(mean.se, 3), round(mean.df, 1)
    (0.35, 0.176, 2.0)
    """
    labels = as_labels(as_vector(clusters, "clusters"), "clusters")
    one_for_each(labels, "clusters", fit.k)
    if level is not None:
        check_level(level)
    codes = np.unique(np.array(labels), return_inverse=True)[1]
    working = _working_covariance(fit)
    if working.ndim == 2 and working[codes[:, None] != codes[None, :]].any():
        raise InputError("effects in different clusters are correlated in the model; clusters "
                         "must hold whole groups of its random effects")  # fmt: skip
    return robust_coefficients(
        fit.design,
        fit.yi,
        fit.estimates,
        working,
        codes,
        kind,
        fit.level if level is None else level,
    )


def robust_coefficients(
    plan: Design,
    effects: np.ndarray,
    estimates: np.ndarray,
    working: np.ndarray,
    clusters: np.ndarray,
    kind: str,
    level: float,
) -> RobustFit:
    """Robust errors of coefficients that were weighted by the inverse of `working`.

    statsmodels' `cov_type="cluster"` gives CR0 and CR1 where effects are independent in the
    working model (a test compares); it has neither working covariances nor CR2, so one formula of
    our own serves all.
    """
    check_choice(kind, "kind", KINDS)
    n, p = int(clusters.max()) + 1, len(plan.names)
    if n < 2:
        raise NotEstimable("robust variances need at least two clusters; found one")
    if kind != "CR2" and n <= p:
        raise NotEstimable(f"{kind} needs more clusters than coefficients; found {n} and {p}")
    # In units and around the fit's own scale, so that neither matters.
    unit = float(np.sqrt(np.median(working if working.ndim == 1 else np.diag(working))))
    scale = np.sqrt((plan.matrix**2).sum(axis=0))
    found = cluster_sandwich(
        plan.matrix / scale,
        (effects - plan.matrix @ estimates) / unit,
        working / unit**2,
        clusters,
        kind,
    )
    factor = unit / scale
    covariance = found.covariance * np.outer(factor, factor)
    df: list[float | None] = [float(n - p)] * p
    if kind == "CR2":
        df = [satterthwaite(found, row) for row in np.eye(p)]
    overall = overall_positions(p, plan.intercept)
    names = tuple(plan.names[j] for j in overall)
    rows = selection(overall, p)
    omnibus = (
        hotelling_test(found, estimates / factor, rows, names)
        if kind == "CR2"
        else wald_test(estimates, covariance, rows, float(n - p), names)
    )
    return RobustFit(
        k=len(effects),
        clusters=n,
        coefficients=_table(plan.names, estimates, covariance, df, level),
        covariance=covariance,
        omnibus=omnibus,
        kind=kind,
        level=float(level),
        notes=_notes(plan.names, df, omnibus, len(overall), _lone(plan, clusters)),
        design=plan,
        sandwich=found,
    )


def robust_omnibus(fit: RobustFit, names: str | Sequence[str]) -> OmnibusTest:
    """Robust test that several coefficients (or all of a moderator's) are 0.

    Source: :cite:t:`pustejovsky2018` (HTZ).
    """
    wanted = (names,) if isinstance(names, str) else tuple(names)
    if not wanted:
        raise InputError("name at least one coefficient or moderator")
    positions = fit.design.positions(*wanted)
    chosen = tuple(fit.design.names[j] for j in positions)
    rows = selection(positions, len(fit.design.names))
    if fit.kind == "CR2":
        factor = np.sqrt(np.diag(fit.covariance) / np.diag(fit.sandwich.covariance))
        return hotelling_test(fit.sandwich, fit.estimates / factor, rows, chosen)
    return wald_test(
        fit.estimates, fit.covariance, rows, float(fit.clusters - len(fit.design.names)), chosen
    )


def _working_covariance(fit: MetaRegression | MixedFit) -> np.ndarray:
    """Marginal variances (k,) or covariances (k, k) of the effects in the fitted model."""
    if isinstance(fit, MetaRegression):
        return fit.vi + fit.tau2
    dense = np.zeros((fit.k, fit.k))
    blocks = fit.model.covariance_blocks(fit.parameters)
    for stack, block in zip(fit.model.stacks, blocks, strict=True):
        which, i, j = np.nonzero(stack.pair)
        dense[stack.index[which, i], stack.index[which, j]] = block[which, i, j]
    return dense * fit.unit**2


def _table(
    names: Sequence[str],
    estimates: np.ndarray,
    covariance: np.ndarray,
    df: list[float | None],
    level: float,
) -> tuple[Coefficient, ...]:
    """Coefficients; one without degrees of freedom keeps its estimate and has no test."""
    known = [1.0 if value is None else value for value in df]
    table = coefficient_table(names, estimates, covariance, known, level)
    return tuple(
        item
        if value is not None
        else Coefficient(item.name, item.estimate, item.se, None, None, None, item.statistic, None)
        for item, value in zip(table, df, strict=True)
    )


def _lone(plan: Design, clusters: np.ndarray) -> list[str]:
    """Coefficients that could not be estimated if some one cluster were left out."""
    matrix = plan.matrix / np.sqrt((plan.matrix**2).sum(axis=0))
    found: set[int] = set()
    for cluster in range(int(clusters.max()) + 1):
        rest = matrix[clusters != cluster]
        values, rows = np.linalg.svd(rest.T @ rest)[1:]
        lost = rows[int((values > 1e-12 * values[0]).sum()) :]
        found |= set(np.flatnonzero(np.abs(lost).max(axis=0, initial=0.0) > 1e-8).tolist())
    return [plan.names[j] for j in sorted(found)]


def _notes(
    names: Sequence[str],
    df: list[float | None],
    omnibus: OmnibusTest,
    m: int,
    lone: Sequence[str],
) -> tuple[str, ...]:
    notes = [LONE_CLUSTER.format(", ".join(lone))] if lone else []
    few = [n for n, value in zip(names, df, strict=True) if value is not None and value < FEWEST_DF]
    if few:
        notes.append(FEW_DF.format(", ".join(few)))
    if none := [n for n, value in zip(names, df, strict=True) if value is None]:
        notes.append(NO_DF.format(", ".join(none)))
    if omnibus.statistic is None:
        notes.append(NO_OMNIBUS.format(m))
    return tuple(notes)
