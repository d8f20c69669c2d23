"""Sampling covariances of effect sizes that share patients."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.errors import InputError

from .checks import numbers, one_for_each
from .design import as_labels, as_vector
from .studies import prepare


def correlated(
    vi: Any,
    clusters: Any,
    rho: float = 1.0,
    *,
    times: Any = None,
    phi: float | None = None,
) -> np.ndarray:
    """Covariance matrix under a working correlation within clusters, 0 between them.

    Parameters
    ----------
    vi : array_like, shape (k,)
        Sampling variances.
    clusters : labels, shape (k,)
        Effects of one cluster (study, sample) share patients.
    rho : float
        Correlation of any two effects of a cluster, from -1 to 1.
    times, phi : array_like (k,) and float, or None
        With both, rho is multiplied by phi^|time difference|: correlations that fade with time
        (rho 1: those of repeated measurements of one outcome). phi from 0 to 1.

    Raises
    ------
    ValueError
        Values outside their range, lengths that differ, one of times and phi without the other.

    Source: :cite:t:`pustejovsky2022`, section 2 (constant); :cite:t:`trikalinos2012` (over time).

    Examples
    --------
    >>> correlated([1.0, 4.0, 1.0], ["a", "a", "b"], 0.5).tolist()
    [[1.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 1.0]]
    """
    variances, same = _variances(vi), _same(clusters)
    k = len(variances)
    one_for_each(same, "clusters", k)
    if not -1 <= rho <= 1:
        raise InputError(f"rho must lie between -1 and 1; found {rho}")
    if (times is None) != (phi is None):
        raise InputError("times and phi go together: give both or neither")
    correlation = np.where(same, rho, 0.0)
    if phi is not None:
        if not 0 <= phi <= 1:
            raise InputError(f"phi must lie between 0 and 1; found {phi}")
        points = numbers(times, "times")
        one_for_each(points, "times", k)
        correlation = correlation * phi ** np.abs(np.subtract.outer(points, points))
    np.fill_diagonal(correlation, 1.0)
    return _scaled(variances, correlation)


def shared_arms(
    vi: Any, clusters: Any, first: Any, second: Any, n_first: Any, n_second: Any
) -> np.ndarray:
    """Covariance matrix of comparisons `first` minus `second` that share an arm.

    Parameters
    ----------
    vi : array_like, shape (k,)
    clusters : labels, shape (k,)
        Studies.
    first, second : labels, shape (k,)
        The two arms of each comparison: within a study, equal labels are the same patients.
    n_first, n_second : array_like, shape (k,)
        Their sizes, to which the arms' precision is taken to be proportional (or any other
        measure of precision, such as n / sd^2).

    An arm of size n contributes 1 / n to the variance of each comparison that it is part of, so two
    comparisons that share it on the same side have the correlation (1 / n) / sqrt((1 / n + 1 / n1)
    (1 / n + 1 / n2)), on opposite sides minus that. Source: :cite:t:`gleser2009`.

    Raises
    ------
    ValueError
        Lengths that differ, sizes that are not positive, an arm compared with itself.

    Examples
    --------
    >>> shared_arms([1.0, 1.0], ["a", "a"], ["drug", "device"], ["none", "none"], [50, 50], [50, 50])
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    variances, same = _variances(vi), _same(clusters)
    k = len(variances)
    arms = [np.array(as_labels(as_vector(side, "arms"), "arms")) for side in (first, second)]
    sizes = [numbers(n, "arm sizes") for n in (n_first, n_second)]
    lengths = {k, len(same), *(len(side) for side in arms), *(len(n) for n in sizes)}
    if len(lengths) > 1:
        raise InputError(f"all inputs must have the same length; found {sorted(lengths)}")
    if any((n <= 0).any() for n in sizes):
        raise InputError("arm sizes must be positive")
    if (arms[0] == arms[1]).any():
        raise InputError("an arm is compared with itself")
    total = 1 / sizes[0] + 1 / sizes[1]
    shared = np.zeros((k, k))
    for i, sign_i in enumerate((1, -1)):
        for j, sign_j in enumerate((1, -1)):
            equal = arms[i][:, None] == arms[j][None, :]
            # Each comparison may state the size of the shared arm differently: take the mean.
            mean = (1 / sizes[i][:, None] + 1 / sizes[j][None, :]) / 2
            shared += sign_i * sign_j * equal * mean
    correlation = np.where(same, shared, 0.0) / np.sqrt(np.outer(total, total))
    np.fill_diagonal(correlation, 1.0)
    return _scaled(variances, correlation)


def _variances(vi: Any) -> np.ndarray:
    variances = numbers(vi, "vi")
    prepare(np.zeros(len(variances)), variances)  # raises what is wrong
    return variances


def _same(clusters: Any) -> np.ndarray:
    labels = np.array(as_labels(as_vector(clusters, "clusters"), "clusters"))
    return labels[:, None] == labels[None, :]


def _scaled(variances: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    errors = np.sqrt(variances)
    covariance = correlation * np.outer(errors, errors)
    np.fill_diagonal(covariance, variances)  # exactly, not but for rounding
    return covariance
