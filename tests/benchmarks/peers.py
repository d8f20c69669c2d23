"""Other libraries, through their ordinary calls. Each is left out where it cannot be imported."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from statsmodels.stats.meta_analysis import combine_effects

HAS_PYMARE = find_spec("pymare") is not None


def statsmodels_loop(yi: np.ndarray, vi: np.ndarray, method: str) -> Callable[[], object]:
    """statsmodels' combine_effects on each row; method "dl" or "pm"."""

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for y, v in zip(yi, vi, strict=True):
                combine_effects(y, v, method_re=method)

    return work


def pymare_batch(yi: np.ndarray, vi: np.ndarray, method: str) -> Callable[[], object]:
    """PyMARE's estimator on all rows at once (its columns); method "DL" or "REML"."""
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator

    y, v = np.ascontiguousarray(yi.T), np.ascontiguousarray(vi.T)
    ones = np.ones((len(y), 1))

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if method == "DL":
                DerSimonianLaird().fit(y=y, v=v, X=ones)
            else:
                VarianceBasedLikelihoodEstimator(method="REML").fit(y=y, v=v, X=ones)

    return work


def pymare_subsets(yi: np.ndarray, vi: np.ndarray, members: np.ndarray) -> Callable[[], object]:
    """PyMARE by REML, one batch per size of subset, as it has no masks."""
    sizes = members.sum(axis=1)
    works = []
    for size in np.unique(sizes[sizes > 1]):
        chosen = np.array([np.flatnonzero(row) for row in members[sizes == size]])
        works.append(pymare_batch(yi[chosen], vi[chosen], "REML"))

    def work() -> None:
        for one in works:
            one()

    return work
