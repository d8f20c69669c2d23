"""GOSH: the same synthesis on every subset of the studies. Do the results form one cloud, or two?

Source: :cite:t:`olkin2012`. Up to `MOST_STUDIES` studies all subsets are pooled. Beyond, `SAMPLE` of them are
drawn with a fixed seed, each study in or out by the toss of a coin: every subset is equally likely, so that most
hold about half of the studies.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable
from analysis.synthesis.studies import prepare
from analysis.synthesis.subsets import all_subsets
from analysis.synthesis.told import FEW
from analysis.synthesis.told_many import by_rule, few_of, told_many

MOST_STUDIES = 20
"""Up to so many studies every subset is pooled: 1,048,575 of them."""

SAMPLE = 100_000
"""Subsets drawn where there are more studies."""

SEED = 2012
"""Of the draw: the same question gives the same figure."""


@dataclass(frozen=True, slots=True, eq=False)
class Gosh:
    """Results of the subsets that hold two studies or more; arrays are read-only, of shape (n,).

    Attributes
    ----------
    estimate, i2 : as in `Pooled`; i2 in percent.
    k : studies in the subset.
    held : ndarray of bool, shape (studies, n)
        Which subsets hold each study.
    exhaustive : whether these are all subsets; else they were drawn.
    """

    estimate: np.ndarray = field(repr=False)
    i2: np.ndarray = field(repr=False)
    k: np.ndarray = field(repr=False)
    held: np.ndarray = field(repr=False)
    exhaustive: bool = True

    def __len__(self) -> int:
        return len(self.estimate)

    @property
    def studies(self) -> int:
        return len(self.held)

    def medians(self, study: int) -> tuple[float, float]:
        """Median estimate of the subsets with a study (counting from 0), and of those without it.

        Of two studies no subset of two is without one: then the second is NaN.
        """
        if not 0 <= study < self.studies:
            raise InputError(f"study must be from 0 to {self.studies - 1}; found {study}")
        having = self.held[study]
        without = self.estimate[~having]
        return (
            float(np.median(self.estimate[having])),
            float(np.median(without)) if len(without) else float("nan"),
        )


def gosh(yi: Any, vi: Any, tau2: str | float = "REML", ci: str = "wald") -> Gosh:
    """Pool the subsets of k studies.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; at least two.
    tau2, ci
        As in `told`: with the defaults of the rule there, subsets of few studies follow it, too.

    Raises
    ------
    ValueError
        As `pool`; one study only.

    Examples
    --------
    >>> found = gosh([0.1, 0.3, 0.8], [0.01, 0.02, 0.04], tau2="DL")
    >>> len(found), found.k.tolist()
    (4, [2, 2, 2, 3])
    >>> [round(value, 3) for value in found.medians(2)]
    [0.429, 0.175]
    """
    studies = prepare(yi, vi)
    if studies.k < 2:
        raise NotEstimable("there is only one study: it has no subsets to pool")
    if studies.k <= MOST_STUDIES:
        every = all_subsets(yi, vi, tau2)
        several = every.k >= 2
        held = np.stack([every.holding(study) for study in range(studies.k)])[:, several]
        values = {name: getattr(every, name)[several] for name in ("estimate", "i2", "k")}
        few = np.flatnonzero(values["k"] <= FEW) if by_rule(tau2, ci) else []
        if len(few):
            told = few_of(np.asarray(yi, float), np.asarray(vi, float), held[:, few].T)
            values["estimate"][few], values["i2"][few] = told.estimate, told.i2
        return _frozen(values, held, True)
    draw = np.random.default_rng(SEED).random((SAMPLE, studies.k)) < 0.5
    draw = draw[np.count_nonzero(draw, axis=1) >= 2]
    found = told_many(yi, vi, draw, tau2=tau2, ci=ci)
    values = {"estimate": found.estimate, "i2": found.i2, "k": found.k}
    return _frozen(values, np.ascontiguousarray(draw.T), False)


def _frozen(values: dict[str, np.ndarray], held: np.ndarray, exhaustive: bool) -> Gosh:
    for array in (*values.values(), held):
        array.flags.writeable = False
    return Gosh(**values, held=held, exhaustive=exhaustive)


def mover(found: Gosh) -> int:
    """The study whose presence moves the median estimate most (counting from 0).

    >>> mover(gosh([0.1, 0.3, 0.8], [0.01, 0.02, 0.04], tau2="DL"))
    2
    """
    shifts = [abs(a - b) for a, b in (found.medians(s) for s in range(found.studies))]
    return int(np.nanargmax(shifts)) if not np.isnan(shifts).all() else 0
