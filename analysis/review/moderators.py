"""Moderators: meta-regression on columns, and the groups that words make, each pooled apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.review import r_lines
from analysis.review.dependent import INDEPENDENT
from analysis.review.fitted import (
    NAMES,
    CannotFit,
    Fit,
    Fitted,
    Grouped,
    Options,
    cluster_codes,
    interval_in_words,
    plain,
    taken_as_independent,
)
from analysis.review.studies import Studies
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.permutation import permutation_test
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust
from analysis.synthesis.subgroups import subgroups
from analysis.synthesis.told import CI, TAU2

EXPLAINED = ("iv", "permutation")
"""Models that take moderators."""


def moderated(studies: Studies, o: Options) -> Fit:
    """Explain the differences between studies by columns.

    Raises
    ------
    CannotFit
        A model without moderators; a column without a value or without a difference; too few studies.
    """
    if o.model not in EXPLAINED:
        raise CannotFit(
            f"{NAMES[o.model]} takes no moderators: inverse variance and the permutation test do"
        )
    names = list(studies.moderators)
    keep = [
        i for i in range(len(studies.yi)) if all(_there(studies.moderators[n][i]) for n in names)
    ]
    gone = [studies.labels[i] for i in range(len(studies.yi)) if i not in keep]
    if not keep:
        raise CannotFit(f"no study has a value in {', '.join(names)}")
    mods = {n: [studies.moderators[n][i] for i in keep] for n in names}
    _check(mods)
    line = r_lines.moderated(names)
    frame = r_lines.data_of(studies, keep, mods)
    said = (f"without a value in {', '.join(names)}, left out: {', '.join(gone)}",) if gone else ()
    if studies.clusters is not None and o.model == "iv":
        return _clustered(studies, o, keep, mods, line, frame, said)
    yi, vi = studies.yi[keep], studies.vi[keep]
    tau2, ci = o.tau2 or TAU2, o.ci or (CI if o.tau2 != "EE" else "wald")
    try:
        model = meta_regression(yi, vi, mods, tau2=tau2, ci=ci, level=o.level)
    except ValueError as error:
        raise CannotFit(_entangled(str(error))) from None
    first = _table(
        model,
        "regression",
        f"meta-regression, tau2 by {model.tau2_method}; {interval_in_words(model.ci_method)}",
        r_lines.univariate(tau2, ci, o.level, line, model.tau2),
    )
    if o.model == "permutation":
        first = _rearranged(first, yi, vi, mods, tau2, ci, o.level)
        said = (*taken_as_independent(studies), *said)
    words = [n for n in names if all(isinstance(v, str) for v in mods[n])]
    groups = tuple(_grouped(n, yi, vi, mods[n], tau2, ci, o.level) for n in words)
    return Fit(first, (), frame, groups, said)


def _there(value: float | str) -> bool:
    return bool(value.strip()) if isinstance(value, str) else not np.isnan(value)


def _check(mods: dict[str, list[Any]]) -> None:
    """Words for what would stop the fit."""
    k, coefficients = len(next(iter(mods.values()))), 1
    for name, values in mods.items():
        levels = sorted(set(values))
        if len(levels) == 1:
            shown = levels[0] if isinstance(levels[0], str) else f"{levels[0]:g}"
            of = "the only study" if k == 1 else f"every one of the {k} studies"
            raise CannotFit(f"{name} is {shown} in {of}: there is no difference to explain by it")
        coefficients += len(levels) - 1 if isinstance(levels[0], str) else 1
    if k <= coefficients:
        raise CannotFit(
            f"{', '.join(mods)} and the intercept make {coefficients} coefficients: {k} studies with a value "
            f"are too few, {coefficients + 1} the least"
        )


def _entangled(message: str) -> str:
    """What is wrong with columns that say the same, in words of columns."""
    _, found, which = message.partition("(leave them out): ")
    return f"the columns of moderators say the same twice; leave out, or change, {which}" if found else message


def _clustered(
    studies: Studies,
    o: Options,
    keep: list[int],
    mods: dict[str, list[Any]],
    line: str,
    frame: str,
    said: tuple[str, ...],
) -> Fit:
    """Several effects of a study: the moderators in a three-level model, cluster-robust beside it."""
    codes = [cluster_codes(studies)[i] for i in keep]
    n = len(set(codes))
    try:
        model = three_level(studies.yi[keep], studies.vi[keep], codes, mods, level=o.level)
    except ValueError as error:
        raise CannotFit(_entangled(str(error))) from None
    text = f"three-level meta-regression, {n} studies, REML"
    first = _table(model, "regression", text, r_lines.three_level(o.level, line))
    others = []
    for kind in ("CR1", "CR2"):
        if kind == "CR1" and n <= len(model.coefficients):
            continue  # no degrees of freedom are left
        name = "cluster-robust" if kind == "CR1" else "cluster-robust CR2"
        words = f"{text}; cluster-robust ({kind})"
        others.append(_table(robust(model, codes, kind), name, words, r_lines.robust(first.r, kind)))
    told = INDEPENDENT.format(k=len(keep), n=n)
    return Fit(first, tuple(others), frame, warnings=(told, *said))


def _rearranged(
    first: Fitted,
    yi: np.ndarray,
    vi: np.ndarray,
    mods: dict[str, list[Any]],
    tau2: str,
    ci: str,
    level: float,
) -> Fitted:
    """The regression with P values from rearranging the moderators among the studies."""
    found = permutation_test(yi, vi, mods, tau2=tau2, ci=ci, level=level)
    coefficients = [
        {**c, "p_value": p}
        for c, p in zip(first.fields["coefficients"], found.p_values, strict=True)
    ]
    omnibus = {**first.fields["omnibus"], "p_value": found.omnibus_p_value}
    fields = first.fields | {
        "coefficients": coefficients,
        "omnibus": omnibus,
        "permutations": found.permutations,
        "exact": found.exact,
        "p_value": found.p_values[0],
    }
    every = " (all)" if found.exact else ""
    words = f"{first.words}; P by permutation, {found.permutations} rearrangements{every}"
    line = r_lines.permuted(first.r, found.exact)
    return replace(first, words=words, fields=fields, p_value=found.p_values[0], r=line)


def _grouped(
    name: str,
    yi: np.ndarray,
    vi: np.ndarray,
    labels: list[str],
    tau2: str,
    ci: str,
    level: float,
) -> Grouped:
    """Each group pooled apart, with its line of R; a lone study has neither tau2 nor an adjusted error."""
    found = subgroups(yi, vi, labels, tau2=tau2, ci=ci, level=level)
    lines = []
    for group in found.groups:
        how = (tau2, ci) if group.k > 1 else ("EE", "wald")
        line = r_lines.subset(name, group.name)
        lines.append(r_lines.univariate(*how, level, line, group.tau2))
    return Grouped(name, found, tuple(lines))


def _table(model: Any, name: str, words: str, line: str) -> Fitted:
    mean = model.coefficients[0]
    fields = plain(model.to_dict())
    fields |= {key: fields.get(key) for key in ("tau2", "i2", "q")} | {
        "estimate": mean.estimate,
        "se": mean.se,
        "ci_low": mean.ci_low,
        "ci_high": mean.ci_high,
        "p_value": mean.p_value,
    }
    return Fitted(
        name,
        words,
        mean.estimate,
        mean.ci_low,
        mean.ci_high,
        mean.p_value,
        fields,
        line,
        tuple(model.notes),
    )
