"""Pool every subset of one set of studies: the base of GOSH plots and of leave-some-out analyses.

2^k - 1 subsets are enumerated as numbers whose bits are studies. Ordered by precision, most precise
study at the highest bit, the subsets that share their most precise study are one run of numbers; they
are pooled in blocks whose lowest bits take all values and whose other bits are fixed. No table
of all subsets is ever held: only the results.

Source of GOSH: :cite:t:`olkin2012`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from .batch import fit, in_threads
from .many_result import ManyResults
from .many_studies import shared_part
from .options import model_of
from .printing import Printout
from .studies import Studies, prepare

# Results of more subsets than these would take more than a gigabyte.
MOST_STUDIES = 24
# So many of the least precise studies take all combinations within a block.
BITS_AT_ONCE = 12


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subsets(ManyResults):
    """What `all_subsets` returns: one value per subset; every array has the shape (2^k - 1,).

    Subset number s (counting from 1) stands at position s - 1 and holds study i (counting from 0, as
    listed) if bit i of s is set. The single studies are there with their own effect; tau2 and q of
    theirs are 0, i2 is 0 and h2 is 1, as metafor has them.

    Attributes
    ----------
    k : ndarray of int8
        Number of studies in the subset.
    estimate, tau2, i2, h2, q : ndarray
        As in `Pooled`.
    tau2_method : str
    studies : int
        Number of studies in all.
    """

    k: np.ndarray
    estimate: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    h2: np.ndarray
    q: np.ndarray
    tau2_method: str
    studies: int

    def _page(self) -> Printout:
        title = f"All {len(self)} subsets of {self.studies} studies (tau² by {self.tau2_method})"
        return self._page_of(("k", "estimate", "tau2", "i2", "h2", "q"), title, None)

    def plot(self) -> Any:
        """The GOSH plot: heterogeneity against estimate, of all subsets of two studies or more."""
        from .plotting import clouds

        several = self.k > 1
        if not several.any():
            raise NotEstimable("nothing to draw: one study has no subset of several")
        return clouds(self._page(), self.estimate[several], self.i2[several], "Estimate", "I² (%)")

    def __len__(self) -> int:
        return len(self.k)

    def holding(self, study: int) -> np.ndarray:
        """Whether each subset holds a study (counting from 0): bool, shape (2^k - 1,).

        Examples
        --------
        >>> all_subsets([0.1, 0.2], [0.01, 0.02]).holding(0).tolist()
        [True, False, True]
        """
        if not 0 <= study < self.studies:
            raise InputError(f"study must be from 0 to {self.studies - 1}; found {study}")
        return (np.arange(1, len(self) + 1) >> study) & 1 == 1


@dataclass(frozen=True, slots=True)
class _Block:
    """Subsets that share their most precise study, some others, and run through all of `free` bits."""

    origin: int
    fixed: tuple[int, ...]
    free: int


def all_subsets(yi: Any, vi: Any, tau2: str | float = "REML") -> Subsets:
    """Pool all 2^k - 1 subsets of k studies.

    Source: :cite:t:`olkin2012` (GOSH).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; k at most 24.
    tau2 : str or float
        As in `pool`.

    Raises
    ------
    ValueError
        As `pool`; more than 24 studies (draw subsets at random then, and give them to `pool_many`).

    Examples
    --------
    >>> found = all_subsets([0.1, 0.3, 0.8], [0.01, 0.02, 0.04], tau2="DL")
    >>> found.k.tolist()
    [1, 1, 2, 1, 2, 2, 3]
    """
    tau2_method, given = model_of(tau2)
    studies = prepare(yi, vi)
    if studies.k > MOST_STUDIES:
        raise InputError(
            f"{studies.k} studies have 2^{studies.k} - 1 subsets; all subsets are pooled for at "
            f"most {MOST_STUDIES} studies"
        )
    count = 2**studies.k - 1
    effects = np.asarray(yi, dtype=float)
    variances = np.asarray(vi, dtype=float)
    fields = {name: np.zeros(count) for name in ("estimate", "tau2", "i2", "h2", "q")}
    fields["k"] = np.ones(count, dtype=np.int8)
    single = 2 ** np.arange(studies.k) - 1
    fields["estimate"][single], fields["h2"][single] = effects, 1.0

    free_bits = min(BITS_AT_ONCE, studies.k - 1)
    patterns = np.arange(2**free_bits)
    bits = (patterns >> np.arange(free_bits)[:, None]) & 1 == 1
    # The last of the studies in order of precision has bit 0, as numbered inside a block.
    least_precise_first = studies.order[::-1]
    numbers = (bits * 2 ** least_precise_first[:free_bits, None]).sum(axis=0)

    def run(block: _Block) -> None:
        others = np.array([*block.fixed, *least_precise_first[: block.free]], dtype=np.intp)
        present = np.ones((len(others), 2**block.free), dtype=bool)
        present[len(block.fixed) :] = bits[: block.free, : 2**block.free]
        first = 0 if block.fixed else 1  # the most precise study alone is not pooled
        base = 2**block.origin + sum(2**study for study in block.fixed)
        positions = base + numbers[first : 2**block.free] - 1
        with np.errstate(all="ignore"):
            part = shared_part(
                effects, variances, block.origin, others, positions, present[:, first:]
            )
            found = fit(part, tau2_method, given, "wald")
        for name in ("estimate", "tau2", "i2", "h2", "q"):
            fields[name][positions] = found[name]
        fields["k"][positions] = part.table.k

    in_threads(run, list(_blocks(studies, free_bits)))
    for values in fields.values():
        values.flags.writeable = False
    return Subsets(tau2_method=tau2_method, studies=studies.k, **fields)


def _blocks(studies: Studies, free_bits: int) -> Iterator[_Block]:
    """Blocks that together hold every subset of two studies or more once."""
    order = [int(study) for study in studies.order]
    for place, origin in enumerate(order[:-1]):
        after = order[place + 1 :]
        free = min(free_bits, len(after))
        choices = after[: len(after) - free]
        for pattern in range(2 ** len(choices)):
            fixed = tuple(study for i, study in enumerate(choices) if pattern >> i & 1)
            yield _Block(origin, fixed, free)
