"""Subgroup analysis: one pooled effect for each group, and a test of whether they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError

from .checks import NO_STUDY, numbers, one_for_each, same_length
from .coefficients import OmnibusTest, wald_test
from .design import as_labels, as_vector
from .intervals import INTERVALS
from .pool import pool
from .predictions import contrast_test
from .printing import Line, Printed, Printout, omnibus_text
from .regression import meta_regression

CHI_SQUARE = (
    "the test of the difference is chi-square even with HKSJ: each group has its own degrees of "
    "freedom"
)
LONE = "one study only, so taken to have no heterogeneity: {}"


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Pooled effect of one group. `tau2` is None for a single study with its own tau2."""

    name: str
    k: int
    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float | None
    tau2: float | None
    i2: float | None
    q: float | None


@dataclass(frozen=True, slots=True, repr=False)
class SubgroupAnalysis(Printed):
    """Groups in sorted order, and the test that all their effects are equal.

    `difference` is None where there is but one group. `common_tau2` tells whether the groups were
    taken to share one heterogeneity variance; `i2` and `q` of each group are then None.
    """

    groups: tuple[Subgroup, ...]
    difference: OmnibusTest | None
    common_tau2: bool
    tau2_method: str
    ci_method: str
    level: float
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines = tuple(
            Line(
                f"{g.name} (k = {g.k})",
                g.estimate,
                g.se,
                g.ci_low,
                g.ci_high,
                None,
                None,
                g.p_value,
            )
            for g in self.groups
        )
        facts = (
            ()
            if self.difference is None
            else (("Test of difference", omnibus_text(self.difference)),)
        )
        shared = "one tau² for all" if self.common_tau2 else "each with its own tau²"
        title = (
            f"{len(self.groups)} groups, {shared} ({self.tau2_method}; {self.ci_method} intervals)"
        )
        return Printout(title, lines, facts, self.level, self.notes)


def subgroups(
    yi: Any,
    vi: Any,
    groups: Any,
    *,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    common_tau2: bool = False,
) -> SubgroupAnalysis:
    """Pool each group and test the difference.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
    groups : array_like of labels, shape (k,)
    tau2, ci, level
        As in `pool`.
    common_tau2 : bool
        False: each group is pooled on its own, and the difference is tested by
        Q between = sum (m_g - m)^2 / se_g^2, chi-square with g - 1 degrees of freedom. True: one
        meta-regression on the groups; the test is its omnibus test, F with HKSJ.

    Source: :cite:t:`borenstein2009`, chapter 19.

    Raises
    ------
    ValueError
        As `pool`; labels missing or of a different number than effects.

    Examples
    --------
    >>> result = subgroups([0.1, 0.2, 0.6, 0.7], [0.02] * 4, ["masked", "masked", "open", "open"])
    >>> [(group.name, round(group.estimate, 3)) for group in result.groups]
    [('masked', 0.15), ('open', 0.65)]
    >>> round(result.difference.statistic, 2)
    12.5
    """
    labels = np.array(as_labels(as_vector(groups, "groups"), "groups"), dtype=object)
    effects, variances = numbers(yi, "yi"), numbers(vi, "vi")
    same_length(yi=effects, vi=variances)
    if len(effects) == 0:
        raise InputError(NO_STUDY)
    one_for_each(labels, "groups", len(effects))
    names = sorted(set(labels))
    if common_tau2 and len(names) > 1:
        return _sharing(effects, variances, labels, names, tau2, ci, level)
    return _separate(effects, variances, labels, names, tau2, ci, level)


def _separate(
    effects: np.ndarray,
    variances: np.ndarray,
    labels: np.ndarray,
    names: list[str],
    tau2: str | float,
    ci: str,
    level: float,
) -> SubgroupAnalysis:
    fits = [
        pool(effects[labels == name], variances[labels == name], tau2, ci, level) for name in names
    ]
    notes = [f"{name}: {note}" for name, fit in zip(names, fits, strict=True) for note in fit.notes]
    difference = None
    if len(names) > 1:
        means = np.array([fit.estimate for fit in fits])
        errors = np.array([fit.se for fit in fits])
        contrasts = np.column_stack([-np.ones(len(names) - 1), np.eye(len(names) - 1)])
        difference = wald_test(means, np.diag(errors**2), contrasts, None, tuple(names))
        if INTERVALS[ci].t:
            notes.append(CHI_SQUARE)
        if tau2 != "EE":
            notes += [LONE.format(n) for n, f in zip(names, fits, strict=True) if f.k == 1]
    return SubgroupAnalysis(
        tuple(
            Subgroup(
                name,
                fit.k,
                fit.estimate,
                fit.se,
                fit.ci_low,
                fit.ci_high,
                fit.p_value,
                fit.tau2,
                fit.i2,
                fit.q,
            )
            for name, fit in zip(names, fits, strict=True)
        ),
        difference,
        common_tau2=False,
        tau2_method=tau2 if isinstance(tau2, str) else "given",
        ci_method=ci,
        level=level,
        notes=tuple(notes),
    )


def _sharing(
    effects: np.ndarray,
    variances: np.ndarray,
    labels: np.ndarray,
    names: list[str],
    tau2: str | float,
    ci: str,
    level: float,
) -> SubgroupAnalysis:
    fit = meta_regression(
        effects, variances, {"group": labels}, tau2=tau2, ci=ci, level=level, intercept=False
    )
    contrasts = np.column_stack([-np.ones(len(names) - 1), np.eye(len(names) - 1)])
    return SubgroupAnalysis(
        tuple(
            Subgroup(
                name,
                int((labels == name).sum()),
                c.estimate,
                c.se,
                c.ci_low,
                c.ci_high,
                c.p_value,
                fit.tau2,
                None,
                None,
            )
            for name, c in zip(names, fit.coefficients, strict=True)
        ),
        contrast_test(fit, contrasts),
        common_tau2=True,
        tau2_method=fit.tau2_method,
        ci_method=ci,
        level=level,
        notes=fit.notes,
    )
