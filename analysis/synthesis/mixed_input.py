"""Input of a mixed model: sampling covariances checked, labels of random effects coded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.errors import InputError

from .blocks import blocks_of
from .checks import numbers, one_for_each
from .design import as_labels, as_vector
from .mixed import Term
from .mixed_result import RandomEffect
from .structures import intercepts, structure
from .studies import prepare


def checked_sampling(yi: Any, sampling: Any) -> tuple[np.ndarray, np.ndarray]:
    effects = numbers(yi, "yi")
    given = np.asarray(sampling)
    if given.ndim < 2:
        prepare(effects, given)  # raises what is wrong
        return effects, given.astype(float)
    k = len(effects)
    if given.shape != (k, k):
        raise InputError(f"the sampling covariance must be {k} x {k}; found shape {given.shape}")
    matrix = numbers(given.ravel(), "the sampling covariance").reshape(k, k)
    prepare(effects, np.diag(matrix))
    scale = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(scale, scale)
    if np.abs(correlation - correlation.T).max() > 1e-8:
        raise InputError("the sampling covariance is not symmetric")
    smallest = min(
        float(np.linalg.eigvalsh(stack.square(correlation) + stack.padding)[:, 0].min())
        for stack in blocks_of(k, correlation, [])
    )
    if smallest < 1e-10:
        raise InputError(
            "the sampling covariance is not positive definite (smallest eigenvalue of the "
            f"correlations {smallest:.3g}): correlations of 1, or ones that contradict each other"
        )
    return effects, (matrix + matrix.T) / 2


def coded_terms(random: Sequence[RandomEffect], k: int) -> tuple[list[Term], list[tuple[str, ...]]]:
    """Coded random effects, and the names of the parameters of each."""
    if not random:
        raise InputError("at least one random effect is needed")
    terms, names, partitions = [], [], set()
    for effect in random:
        groups = _codes(effect.outer, effect.name, k)[0]
        if effect.inner is None:
            levels, inner, shape = np.zeros(1), np.zeros(k, dtype=np.intp), intercepts()
        else:
            inner, levels = _codes(effect.inner, f"{effect.name} (inner)", k)
            shape = structure(effect.structure, levels)
        if groups.max() == 0:
            raise InputError(f"{effect.name} has one group only: no variance between groups")
        partition = (tuple(groups.tolist()), tuple(inner.tolist()), shape.name == "ID")
        if partition in partitions:
            raise InputError(f"{effect.name} divides the effects as another random effect does")
        partitions.add(partition)
        terms.append(Term(groups, inner, shape))
        names.append(_parameter_names(effect, shape.n_sd, shape.n_correlation, levels))
    return terms, names


def _codes(values: Any, name: str, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels as numbers in sorted order, and the sorted labels themselves."""
    given = as_vector(values, name)
    one_for_each(given, name, k)
    if given.dtype.kind in "iuf":
        given = numbers(given, name)
    else:
        given = np.array(as_labels(given, name))
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
