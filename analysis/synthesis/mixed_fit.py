"""Fit a mixed model to dependent effect sizes: checks, scaling, tests, and the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import chdtrc

from analysis.errors import InputError, NotEstimable

from .checks import check_choice, check_level
from .coefficients import (
    coefficient_table,
    overall_positions,
    selection,
    wald_test,
)
from .design import design
from .maximum import maximise_likelihood
from .mixed import Evaluation, MixedModel, Term, evaluate, mixed_model
from .mixed_input import checked_sampling, coded_terms
from .mixed_result import Component, MixedFit, RandomEffect
from .regression_data import constant_coefficients, orthonormal, require_full_rank
from .studies import prepare

TESTS = ("z", "t", "t-contain")
ON_BOUNDARY = "{} is estimated as {}, the edge of its range"
NOT_SETTLED = "the likelihood is flat: variance components are known to few digits only"
NEVER_TOGETHER = "no group holds two levels at once, so that their correlation has no data: {}"
MANY = "{} variance parameters from {} effect sizes: few data for so many"


def fit_mixed(
    yi: Any,
    sampling: Any,
    random: Sequence[RandomEffect],
    moderators: Any = None,
    *,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> MixedFit:
    """Fit y = X b + random effects + sampling error by REML or ML.

    Parameters
    ----------
    yi : array_like, shape (k,)
    sampling : array_like, shape (k,) or (k, k)
        Sampling variances, or their covariance matrix (see `covariance.py`).
    random : sequence of RandomEffect
        At least one.
    moderators, level, intercept, reference
        As in `meta_regression`.
    method : str
        REML or ML.
    test : str
        z, t or t-contain.

    Raises
    ------
    ValueError
        Faulty input as in `meta_regression`; a covariance that is not symmetric and positive
        definite; labels missing; random effects with one group or that coincide.
    """
    check_choice(method, "method", ("REML", "ML"))
    check_choice(test, "test", TESTS)
    check_level(level)
    effects, covariance = checked_sampling(yi, sampling)
    k = len(effects)
    plan = design(moderators, k, intercept=intercept, reference=reference)
    p = len(plan.names)
    if k <= p:
        raise NotEstimable(f"{p} coefficients ({', '.join(plan.names)}) need more than {k} effects")
    require_full_rank(plan.matrix, plan.names)
    terms, names = coded_terms(random, k)
    variances = covariance if covariance.ndim == 1 else np.diag(covariance)
    studies = prepare(effects, variances)
    basis, to_coefficients = orthonormal(plan.matrix)
    unit = float(2.0 ** np.round(np.log2(np.median(variances)) / 2))
    origin = constant_coefficients(plan.matrix, basis, to_coefficients)
    centre = 0.0 if origin is None else studies.centre
    model = mixed_model((effects - centre) / unit, basis, covariance / unit**2, terms)

    restricted = method == "REML"
    best = maximise_likelihood(model, restricted)
    at_best = evaluate(model, best.parameters, restricted)
    at_zero = _without_random_effects(model)
    inverse_root = np.linalg.inv(at_best.information_root)
    to = to_coefficients @ inverse_root
    estimates = unit * (to_coefficients @ at_best.coefficients)
    if origin is not None:
        estimates = estimates + centre * origin
    spread = unit**2 * (to @ to.T)
    df = _degrees_of_freedom(test, plan.matrix, terms, k)
    overall = overall_positions(p, plan.intercept)
    overall_df = None if df is None else min(df[j] for j in overall)
    n, parameters = (k - p if restricted else k), p + model.n_parameters
    log_likelihood = best.log_likelihood - n * float(np.log(unit))
    q = at_zero.q
    components, i2 = _components(model, best.parameters, names, unit, at_zero)
    return MixedFit(
        k=k,
        coefficients=coefficient_table(plan.names, estimates, spread, df, level),
        covariance=spread,
        components=components,
        i2=i2,
        q=q,
        q_df=k - p,
        q_p_value=float(chdtrc(k - p, q)),
        omnibus=wald_test(
            estimates,
            spread,
            selection(overall, p),
            overall_df,
            tuple(plan.names[j] for j in overall),
        ),
        log_likelihood=log_likelihood,
        aic=2 * parameters - 2 * log_likelihood,
        bic=parameters * float(np.log(n)) - 2 * log_likelihood,
        level=float(level),
        method=method,
        test=test,
        notes=_notes(model, best.parameters, components, best.gradient_norm, names),
        design=plan,
        yi=effects,
        sampling=covariance,
        random=tuple(random),
        model=model,
        parameters=best.parameters,
        unit=unit,
    )


def _without_random_effects(model: MixedModel) -> Evaluation:
    alone = mixed_model(model.y, model.basis, model.sampling, ())
    return evaluate(alone, np.zeros(0), restricted=True)


def _degrees_of_freedom(
    test: str, matrix: np.ndarray, terms: Sequence[Term], k: int
) -> list[float] | None:
    if test == "z":
        return None
    p = matrix.shape[1]
    df = [float(k - p)] * p
    if test == "t-contain":
        for term in terms:
            first = np.unique(term.groups, return_index=True)[1][term.groups]
            constant = np.all(matrix == matrix[first], axis=0)
            groups = int(term.groups.max()) + 1
            df = [min(d, float(groups - p)) if c else d for d, c in zip(df, constant, strict=True)]
        if min(df) <= 0:
            raise InputError("t-contain: no degrees of freedom are left (more coefficients than "
                             "groups); use z or t")  # fmt: skip
    return df


def _components(
    model: MixedModel,
    parameters: np.ndarray,
    names: Sequence[tuple[str, ...]],
    unit: float,
    at_zero: Evaluation,
) -> tuple[tuple[Component, ...], float | None]:
    plain = all(term.structure.name == "ID" for term in model.terms)
    trace = sum(
        float(np.einsum("bii->", inverse) - (~stack.real).sum())
        for inverse, stack in zip(at_zero.inverse, _diagonal_stacks(model), strict=True)
    ) - float((at_zero.weighted_basis**2).sum())
    k, p = model.basis.shape
    typical = (k - p) / trace if trace > 0 else None
    total = float((parameters**2).sum())
    found = []
    for term, own, labels in zip(model.terms, model.split(parameters), names, strict=True):
        groups = int(term.groups.max()) + 1
        for name, value in zip(labels, own[: term.structure.n_sd], strict=False):
            share = None
            if plain and typical is not None:
                share = 100 * float(value) ** 2 / (total + typical)
            found.append(Component(name, "variance", (unit * float(value)) ** 2, groups, share))
        for name, value in zip(labels[term.structure.n_sd :], correlations(term, own), strict=True):
            found.append(Component(name, "correlation", value, groups, None))
    i2 = 100 * total / (total + typical) if plain and typical is not None else None
    return tuple(found), i2


def _diagonal_stacks(model: MixedModel) -> tuple[Any, ...]:
    return mixed_model(model.y, model.basis, model.sampling, ()).stacks


def _notes(
    model: MixedModel,
    parameters: np.ndarray,
    components: Sequence[Component],
    gradient_norm: float,
    names: Sequence[tuple[str, ...]],
) -> tuple[str, ...]:
    edges = {1.0, -1.0} | {
        term.structure.low for term in model.terms if term.structure.n_correlation
    }
    notes = [
        ON_BOUNDARY.format(item.name, f"{item.estimate:.4g}")
        for item in components
        if (item.kind == "variance" and item.estimate == 0)
        or (item.kind == "correlation" and min(abs(item.estimate - e) for e in edges) < 1e-9)
    ]
    if gradient_norm > 1e-3:
        notes.append(NOT_SETTLED)
    if model.n_parameters >= len(model.y) - model.basis.shape[1]:
        notes.append(MANY.format(model.n_parameters, len(model.y)))
    for term, labels in zip(model.terms, names, strict=True):
        if term.structure.n_correlation and not _together(term):
            notes.append(NEVER_TOGETHER.format(", ".join(labels[term.structure.n_sd :])))
    return tuple(notes)


def _together(term: Term) -> bool:
    """Whether any group holds two different inner levels."""
    pairs = {(g, i) for g, i in zip(term.groups.tolist(), term.inner.tolist(), strict=True)}
    return len(pairs) > len({group for group, _ in pairs})


def correlations(term: Term, own: np.ndarray) -> list[float]:
    """Correlations of a term at its own parameters; pairwise, row by row, for UN."""
    if term.structure.name != "UN":
        return [float(value) for value in own[term.structure.n_sd :]]
    ones = own.copy()
    ones[: term.structure.n_sd] = 1.0
    matrix = term.structure.covariance(ones)
    return [float(matrix[i, j]) for i in range(term.structure.m) for j in range(i)]
