"""The R that gives a result again with metafor: the data as one line, each model as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.review.studies import Studies
from analysis.synthesis.estimators import IN_METAFOR
from analysis.synthesis.intervals import INTERVALS

MEASURES = {"GEN", "RATIO", "HR"}
"""Measures that metafor does not compute."""


def vector(values: Sequence[float] | Sequence[str] | np.ndarray) -> str:
    """Values as R writes them.

    >>> vector([1.0, 0.25]), vector(["a", 'b "c"'])
    ('c(1, 0.25)', 'c("a", "b \\\\"c\\\\"")')
    """
    parts = []
    for value in values:
        if isinstance(value, str):
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
            parts.append(f'"{escaped}"')
        else:
            number = float(value)
            parts.append("NA" if np.isnan(number) else repr(number).removesuffix(".0"))
    return f"c({', '.join(parts)})"


def data(columns: Mapping[str, Sequence[float] | Sequence[str] | np.ndarray]) -> str:
    """A data frame in one line."""
    named = ", ".join(f"{name_of(name)}={vector(values)}" for name, values in columns.items())
    return f"library(metafor); dat <- data.frame({named}, check.names=FALSE)"


def data_of(
    studies: Studies,
    keep: Sequence[int] | None = None,
    mods: Mapping[str, Sequence[Any]] | None = None,
) -> str:
    """The data frame that the models of a review's studies are fitted to."""
    at = list(range(len(studies.yi))) if keep is None else list(keep)
    columns: dict[str, Any] = {
        "study": [studies.labels[i] for i in at],
        "yi": studies.yi[at],
        "vi": studies.vi[at],
    }
    if studies.clusters is not None:
        columns |= {
            "cluster": [studies.clusters[i] for i in at],
            "effect": [float(i + 1) for i in range(len(at))],
        }
    columns |= {name: values[at] for name, values in studies.counts.items()}
    return data(columns | dict(mods or {}))


def name_of(text: str) -> str:
    """A column's name as R takes it.

    >>> name_of("year"), name_of("risk of bias")
    ('year', '`risk of bias`')
    """
    plain = text.replace("`", "'")
    return (
        plain
        if plain.isascii() and plain.replace(".", "a").isalnum() and plain[0].isalpha()
        else f"`{plain}`"
    )


def percent(level: float) -> str:
    """A level as metafor takes it; its default is left out."""
    return "" if level == 0.95 else f", level={100 * level:g}"


def univariate(
    tau2: str, ci: str, level: float, mods: str = "", found: float | None = None
) -> str:
    """`rma` of effects; tau2 as `found` where metafor lacks the estimator or may not find it.

    >>> univariate("REML", "hksj", 0.95, found=0.1), univariate("DLIT", "wald", 0.9, found=0.1)
    ('rma(yi, vi, data=dat, method="REML", test="knha")', 'rma(yi, vi, data=dat, tau2=0.1, level=90)')
    """
    test = INTERVALS[ci].metafor if ci in INTERVALS else "z"
    tested = "" if test == "z" else f', test="{test}"'
    given = found is not None and tau2 not in IN_METAFOR
    how = f"tau2={found!r}" if given else f'method="{tau2}"'
    return f"rma(yi, vi{mods}, data=dat, {how}{tested}{percent(level)})"


def moderated(names: Sequence[str]) -> str:
    """The moderators of a model."""
    return f", mods = ~ {' + '.join(map(name_of, names))}" if names else ""


def subset(column: str, group: str) -> str:
    """The studies of one group.

    >>> subset("risk of bias", "low")
    ', subset=(`risk of bias` == "low")'
    """
    return f", subset=({name_of(column)} == {vector([group])[2:-1]})"


def permuted(model: str, exact: bool) -> str:
    """`permutest`, of all rearrangements or of a sample."""
    return f"permutest({model}, exact={str(exact).upper()})"


def three_level(level: float, mods: str = "") -> str:
    """`rma.mv` with effects in studies."""
    return f"rma.mv(yi, vi{mods}, random = ~ 1 | cluster/effect, data=dat{percent(level)})"


def robust(model: str, kind: str) -> str:
    """Cluster-robust inference on a model."""
    extra = ", clubSandwich=TRUE" if kind == "CR2" else ""
    return f"robust({model}, cluster=dat$cluster{extra})"


def counts(
    function: str, columns: Sequence[str], measure: str, level: float, more: str = ""
) -> str:
    """`rma.mh`, `rma.peto`, `rma.glmm` of counts."""
    named = ", ".join(f"{c}={c}" for c in columns)
    of = f', measure="{measure}"' if measure else ""
    return f"{function}({named}, data=dat{of}{more}{percent(level)})"


def exact(level: float) -> str:
    """Clopper and Pearson's interval of all events together."""
    told = "" if level == 0.95 else f", conf.level={level:g}"
    return f"binom.test(sum(dat$xi), sum(dat$ni){told})"


def selection(side: str, level: float) -> str:
    """`selmodel` with one step at P = 0.025, on the side of the pooled effect."""
    fitted = univariate("ML", "wald", level)
    return f'selmodel({fitted}, type="stepfun", steps=0.025, alternative="{side}")'


def prior(error: float, level: float, lengthened: bool = False) -> str:
    """The package bayesmeta has what metafor lacks: an exponential prior of tau.

    `lengthened`: mean and limits, these stretched about the mean to the length of Wald's with REML.
    """
    interval = "" if level == 0.95 else f", interval.level={level:g}"
    rate = f"1 / {error:.10g}"
    given = f"y=dat$yi, sigma=sqrt(dat$vi), tau.prior=function(t) dexp(t, rate={rate})"
    fitted = f'bayesmeta::bayesmeta({given}, interval.type="central"{interval})'
    if not lengthened:
        return fitted
    wald = univariate("REML", "wald", level)
    return (
        f'local({{b <- {fitted}$summary[, "mu"]; w <- {wald}; m <- b[["mean"]]; ci <- b[5:6]; '
        "c(m, m + (ci - m) * (w$ci.ub - w$ci.lb) / diff(ci))})"
    )
