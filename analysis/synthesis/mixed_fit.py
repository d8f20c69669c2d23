"""Fit a mixed model to dependent effect sizes: checks, scaling, tests, and the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from scipy.special import chdtrc

from .coefficients import (
    Coefficient,
    OmnibusTest,
    coefficient_table,
    overall_positions,
    selection,
    wald_test,
)
from .design import Design, _labels, _values, design
from .maximum import maximise_likelihood
from .mixed import Evaluation, MixedModel, Term, evaluate, mixed_model
from .options import check_choice, check_level
from .regression_data import constant_coefficients, orthonormal, require_full_rank
from .structures import intercepts, structure
from .studies import _numbers, prepare

TESTS = ("z", "t", "t-contain")
ON_BOUNDARY = "{} is estimated as {}, the edge of its range"
NOT_SETTLED = "the likelihood is flat: variance components are known to few digits only"
NEVER_TOGETHER = "no group holds two levels at once, so that their correlation has no data: {}"
MANY = "{} variance parameters from {} effect sizes: few data for so many"


@dataclass(frozen=True, slots=True)
class RandomEffect:
    """Random effects of `outer` groups; with `inner` levels, structured as `structure` says.

    `outer` and `inner` are labels, shape (k,). Without inner levels each group has one effect.
    """

    name: str
    outer: Any
    inner: Any = None
    structure: str = "ID"


@dataclass(frozen=True, slots=True)
class Component:
    """One variance or correlation of the random effects.

    `i2` is the percentage of the total variance that this variance makes up (for plain random
    effects in a model that has no others); `groups` is the number of outer groups.
    """

    name: str
    kind: str
    estimate: float
    groups: int
    i2: float | None


@dataclass(frozen=True, slots=True)
class MixedFit:
    """What `multilevel`, `three_level` and `multivariate` return.

    Attributes
    ----------
    k : int
        Number of effect sizes.
    coefficients, covariance, level, notes, omnibus, q, q_df, q_p_value
        As in `MetaRegression`; q takes the sampling covariances into account.
    components : tuple of Component
        Variances, then correlations, of each random effect in turn.
    i2 : float or None
        Percentage of the variance that is heterogeneity of any level; None with structured
        random effects, whose variance is not one number.
    log_likelihood, aic, bic : float
        Restricted with REML.
    method : str
        REML or ML.
    test : str
        z; t (k - p degrees of freedom); t-contain (for a coefficient whose moderator is constant
        within groups, number of groups less p).
    design, yi, sampling
        What was fitted.
    model, parameters, unit
        The model in units, for what builds on the fit (profiles, robust variances).
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray = field(repr=False, compare=False)
    components: tuple[Component, ...]
    i2: float | None
    q: float
    q_df: int
    q_p_value: float
    omnibus: OmnibusTest
    log_likelihood: float
    aic: float
    bic: float
    level: float
    method: str
    test: str
    notes: tuple[str, ...]
    design: Design = field(repr=False, compare=False)
    yi: np.ndarray = field(repr=False, compare=False)
    sampling: np.ndarray = field(repr=False, compare=False)
    random: tuple[RandomEffect, ...] = field(repr=False, compare=False)
    model: MixedModel = field(repr=False, compare=False)
    parameters: np.ndarray = field(repr=False, compare=False)
    unit: float = field(repr=False, compare=False)

    @property
    def estimates(self) -> np.ndarray:
        """The coefficients as an array, shape (p,)."""
        return np.array([item.estimate for item in self.coefficients])

    def component(self, name: str) -> float:
        """Estimate of the component of this name."""
        for item in self.components:
            if item.name == name:
                return item.estimate
        known = ", ".join(item.name for item in self.components)
        raise ValueError(f"no variance component {name!r}; there are {known}")

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        left_out = {"design", "yi", "sampling", "random", "model", "parameters", "unit"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return values | {
            "coefficients": [item.to_dict() for item in self.coefficients],
            "covariance": self.covariance.tolist(),
            "components": [
                {f.name: getattr(item, f.name) for f in fields(item)} for item in self.components
            ],
            "omnibus": {f.name: getattr(self.omnibus, f.name) for f in fields(self.omnibus)},
            "notes": list(self.notes),
        }


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
    effects, covariance = _checked(yi, sampling)
    k = len(effects)
    plan = design(moderators, k, intercept=intercept, reference=reference)
    p = len(plan.names)
    if k <= p:
        raise ValueError(f"{p} coefficients ({', '.join(plan.names)}) need more than {k} effects")
    require_full_rank(plan.matrix, plan.names)
    terms, names = _terms(random, k)
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


def _checked(yi: Any, sampling: Any) -> tuple[np.ndarray, np.ndarray]:
    effects = _numbers(yi, "yi")
    given = np.asarray(sampling)
    if given.ndim < 2:
        prepare(effects, given)  # raises what is wrong
        return effects, given.astype(float)
    k = len(effects)
    if given.shape != (k, k):
        raise ValueError(f"the sampling covariance must be {k} x {k}; found shape {given.shape}")
    matrix = _numbers(given.ravel(), "the sampling covariance").reshape(k, k)
    prepare(effects, np.diag(matrix))
    scale = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(scale, scale)
    if np.abs(correlation - correlation.T).max() > 1e-8:
        raise ValueError("the sampling covariance is not symmetric")
    smallest = float(np.linalg.eigvalsh((correlation + correlation.T) / 2)[0])
    if smallest < 1e-10:
        raise ValueError(
            "the sampling covariance is not positive definite (smallest eigenvalue of the "
            f"correlations {smallest:.3g}): correlations of 1, or ones that contradict each other"
        )
    return effects, (matrix + matrix.T) / 2


def _terms(random: Sequence[RandomEffect], k: int) -> tuple[list[Term], list[tuple[str, ...]]]:
    """Coded random effects, and the names of the parameters of each."""
    if not random:
        raise ValueError("at least one random effect is needed")
    terms, names, partitions = [], [], set()
    for effect in random:
        groups = _codes(effect.outer, effect.name, k)[0]
        if effect.inner is None:
            levels, inner, shape = np.zeros(1), np.zeros(k, dtype=np.intp), intercepts()
        else:
            inner, levels = _codes(effect.inner, f"{effect.name} (inner)", k)
            shape = structure(effect.structure, levels)
        if groups.max() == 0:
            raise ValueError(f"{effect.name} has one group only: no variance between groups")
        partition = (tuple(groups.tolist()), tuple(inner.tolist()), shape.name == "ID")
        if partition in partitions:
            raise ValueError(f"{effect.name} divides the effects as another random effect does")
        partitions.add(partition)
        terms.append(Term(groups, inner, shape))
        names.append(_parameter_names(effect, shape.n_sd, shape.n_correlation, levels))
    return terms, names


def _codes(values: Any, name: str, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels as numbers in sorted order, and the sorted labels themselves."""
    given = _values(values, name)
    if len(given) != k:
        raise ValueError(f"{name} has {len(given)} labels for {k} effect sizes")
    if given.dtype.kind in "iuf":
        given = _numbers(given, name)
    else:
        given = np.array(_labels(given, name))
    levels, codes = np.unique(given, return_inverse=True)
    return codes, levels


def _parameter_names(
    effect: RandomEffect, n_sd: int, n_correlation: int, levels: np.ndarray
) -> tuple[str, ...]:
    if effect.inner is None:
        return (effect.name,)
    labels = [f"{value:g}" if levels.dtype.kind == "f" else str(value) for value in levels]
    names = [f"{effect.name}[{label}]" for label in labels] if n_sd > 1 else [effect.name]
    if n_correlation == 1:
        return (*names, f"{effect.name} rho")
    pairs = [
        f"{effect.name} rho[{labels[j]},{labels[i]}]" for i in range(len(labels)) for j in range(i)
    ]
    return (*names, *(pairs if n_correlation else ()))


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
            raise ValueError("t-contain: no degrees of freedom are left (more coefficients than "
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


def correlations(term: Term, own: np.ndarray) -> list[float]:
    """Correlations of a term at its own parameters; pairwise, row by row, for UN."""
    if term.structure.name != "UN":
        return [float(value) for value in own[term.structure.n_sd :]]
    ones = own.copy()
    ones[: term.structure.n_sd] = 1.0
    matrix = term.structure.covariance(ones)
    return [float(matrix[i, j]) for i in range(term.structure.m) for j in range(i)]


def _notes(
    model: MixedModel,
    parameters: np.ndarray,
    components: Sequence[Component],
    gradient_norm: float,
    names: Sequence[tuple[str, ...]],
) -> tuple[str, ...]:
    notes = [
        ON_BOUNDARY.format(item.name, f"{item.estimate:g}")
        for item in components
        if (item.kind == "variance" and item.estimate == 0)
        or (item.kind == "correlation" and abs(item.estimate) > 1 - 1e-9)
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
