"""Many sets of studies as they come in: checked, and cut into tables ready for arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from analysis.errors import InputError

from .checks import POSITIVE_VARIANCE, require
from .studies import LARGEST_EFFECT, LARGEST_VARIANCE, SMALLEST_VARIANCE, unit_of
from .tables import MANY_SETS, OwnStudies, SharedStudies, Table

# Cells of a table: its arrays stay inside the processor's cache, the interpreter's part is small, and
# no matrix product is so large that the BLAS splits it over threads of its own.
CELLS_AT_ONCE = 60_000


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the sets: their numbers; where their most precise studies lie; their units; the rest.

    All of shape (n,), but for the table.
    """

    sets: np.ndarray
    centre: np.ndarray
    unit: np.ndarray
    table: Table


@dataclass(frozen=True, slots=True)
class ManyStudies:
    """B sets of at most m studies.

    Attributes
    ----------
    effects, variances : ndarray, shape (B, m), or (m,) where all sets draw on the same studies
    present : ndarray of bool, shape (B, m)
    k : ndarray of int, shape (B,)
        Number of studies of each set.
    """

    effects: np.ndarray
    variances: np.ndarray
    present: np.ndarray
    k: np.ndarray

    def parts(self, similar: bool) -> list[Callable[[], Part]]:
        """All sets of two studies or more, in parts that fit the cache, each made when called.

        `similar` puts sets with a similar ratio of variances into one part: the likelihood is
        scanned as far as the greatest ratio of a part demands.
        """
        if self.effects.ndim == 1 and self.present.size > CELLS_AT_ONCE:
            return _shared_parts(self)
        sets = np.flatnonzero(self.k >= 2)
        if similar and len(sets) * self.present.shape[1] > CELLS_AT_ONCE:
            sets = sets[np.argsort(self._ratio()[sets], kind="stable")]
        at_once = max(1, CELLS_AT_ONCE // self.present.shape[1])
        return [
            partial(_own_part, self, sets[i : i + at_once]) for i in range(0, len(sets), at_once)
        ]

    def _ratio(self) -> np.ndarray:
        """Largest over smallest variance of each set."""
        low = np.min(self.variances, axis=1, where=self.present, initial=np.inf)
        return np.max(self.variances, axis=1, where=self.present, initial=0.0) / low


def prepare_many(yi: Any, vi: Any, mask: Any = None) -> ManyStudies:
    """Check effects, variances and the mask of many sets of studies.

    Parameters
    ----------
    yi, vi : array_like, shape (B, k) or (k,)
        Effect sizes and sampling variances. With shape (k,) the sets are subsets of one set of
        studies, named by `mask`.
    mask : array_like of bool, shape (B, k), optional
        True where a study is present; what stands elsewhere is not looked at. All are present if
        None.

    Raises
    ------
    ValueError
        Shapes that do not fit; values that are present and not finite numbers; variances that are
        not positive; magnitudes beyond 1e60.
    """
    effects, variances = _floats(yi, "yi"), _floats(vi, "vi")
    if effects.shape != variances.shape:
        raise InputError(
            f"yi and vi must have the same shape; found {effects.shape} and {variances.shape}"
        )
    if mask is None:
        present = np.ones(np.atleast_2d(effects).shape, dtype=bool)
    else:
        present = np.asarray(mask)
        if present.dtype != bool:
            raise InputError(f"mask must hold True and False; found {present.dtype}")
    if (
        present.ndim != 2
        or present.shape[1] != effects.shape[-1]
        or (effects.ndim == 2 and present.shape != effects.shape)
    ):
        raise InputError(
            f"mask must have the shape (B, {effects.shape[-1]}) of yi; found {present.shape}"
        )
    sound = np.abs(effects) <= LARGEST_EFFECT
    sound &= (variances >= SMALLEST_VARIANCE) & (variances <= LARGEST_VARIANCE)
    if not sound.all():
        used = present.any(axis=0) if effects.ndim == 1 else present
        _refuse_faults(effects, variances, used)
    return ManyStudies(effects, variances, present, np.count_nonzero(present, axis=1))


def singles(many: ManyStudies) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the sets of one study, and the effect and variance of that study."""
    sets = np.flatnonzero(many.k == 1)
    study = many.present[sets].argmax(axis=1)
    if many.effects.ndim == 1:
        return sets, many.effects[study], many.variances[study]
    return sets, many.effects[sets, study], many.variances[sets, study]


def _own_part(many: ManyStudies, sets: np.ndarray) -> Part:
    """Sets whose studies have nothing in common."""
    run = sets[-1] - sets[0] == len(sets) - 1 and (sets[1:] > sets[:-1]).all()
    chosen = slice(sets[0], sets[-1] + 1) if run else sets  # a run of sets needs no copy
    shape = many.present.shape
    effects = np.broadcast_to(many.effects, shape)[chosen]
    variances = np.broadcast_to(many.variances, shape)[chosen]
    absent = None
    if (many.k[chosen] < shape[1]).any():
        absent = ~many.present[chosen]
        variances = np.where(absent, np.inf, variances)
    columns = np.arange(len(sets))
    origin = variances.argmin(axis=1)
    smallest, centre = variances[columns, origin], effects[columns, origin]
    unit = _units(smallest)
    scale = unit * unit
    layout = "C" if len(sets) > MANY_SETS else "F"
    effects, variances = np.array(effects.T, order=layout), np.array(variances.T, order=layout)
    effects -= centre
    effects *= 1.0 / unit  # exact: units are powers of two
    variances *= 1.0 / scale
    if absent is None:
        largest = variances.max(axis=0)
    else:
        absent = np.array(absent.T, order=layout)
        effects[absent] = 0.0
        largest = np.where(absent, 0.0, variances).max(axis=0)
    variances[origin, columns] = np.inf
    squared_range = (effects.max(axis=0) - effects.min(axis=0)) ** 2
    table = OwnStudies(
        variances, smallest / scale, largest, many.k[sets], squared_range, effects, effects**2
    )
    return Part(sets, centre, unit, table)


def _shared_parts(many: ManyStudies) -> list[Callable[[], Part]]:
    """Subsets of one set of studies, those with the same most precise study together."""
    used = many.present.any(axis=0)
    order = np.lexsort((many.effects, np.where(used, many.variances, np.inf)))
    origins = many.present[:, order].argmax(axis=1)
    parts: list[Callable[[], Part]] = []
    for origin in np.flatnonzero(np.bincount(origins[many.k >= 2])):
        sets = np.flatnonzero((origins == origin) & (many.k >= 2))
        others = order[origin + 1 : np.count_nonzero(used)]
        at_once = max(1, CELLS_AT_ONCE // len(others))
        parts += [
            partial(_shared_part, many, sets[i : i + at_once], order[origin], others)
            for i in range(0, len(sets), at_once)
        ]
    return parts


def _shared_part(many: ManyStudies, sets: np.ndarray, origin: int, others: np.ndarray) -> Part:
    present = many.present[np.ix_(sets, others)].T
    return shared_part(many.effects, many.variances, origin, others, sets, present)


def shared_part(
    effects: np.ndarray,
    variances: np.ndarray,
    origin: int,
    others: np.ndarray,
    sets: np.ndarray,
    present: np.ndarray,
) -> Part:
    """Sets that hold study `origin` and, where `present` of shape (m, n) is true, `others`.

    `origin` is the most precise of them. `effects` and `variances` are those of all studies.
    """
    unit = unit_of(float(variances[origin]))
    away = (effects[others] - effects[origin]) / unit
    scaled = variances[others] / unit**2
    n = len(sets)
    table = SharedStudies(
        variances=np.where(present, scaled[:, None], np.inf),
        smallest=np.full(n, variances[origin] / unit**2),
        largest=np.full(n, scaled.max()),
        k=1 + np.count_nonzero(present, axis=0),
        squared_range=np.full(n, float(np.ptp(np.append(away, 0.0))) ** 2),
        powers=np.array([np.ones_like(away), away, away**2]),
        shared_variances=scaled,
    )
    return Part(sets, np.full(n, effects[origin]), np.full(n, unit), table)


def _units(smallest_variances: np.ndarray) -> np.ndarray:
    """`studies.unit_of` for arrays."""
    return np.ldexp(1.0, np.frexp(np.sqrt(smallest_variances))[1])


def _floats(values: Any, name: str) -> np.ndarray:
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        raise InputError(f"{name} must hold numbers; found {given.ravel()[:3].tolist()}")
    if given.ndim not in (1, 2):
        raise InputError(f"{name} must have the shape (B, k) or (k,); found {given.shape}")
    if given.size == 0:
        raise InputError(f"{name} is empty; at least one study is needed")
    return given.astype(float, copy=False)


def _refuse_faults(effects: np.ndarray, variances: np.ndarray, used: np.ndarray) -> None:
    """Raise a ValueError that names the first value which is used and breaks a rule."""
    positive, magnitude = variances > 0, np.abs(effects) <= LARGEST_EFFECT
    range_ = (variances >= SMALLEST_VARIANCE) & (variances <= LARGEST_VARIANCE)
    for name, values, valid, rule in (
        ("yi", effects, np.isfinite(effects), "finite (or masked out)"),
        ("vi", variances, np.isfinite(variances), "finite (or masked out)"),
        ("vi", variances, positive, POSITIVE_VARIANCE),
        ("vi", variances, range_, f"between {SMALLEST_VARIANCE:g} and {LARGEST_VARIANCE:g}"),
        ("yi", effects, magnitude, f"within +/- {LARGEST_EFFECT:g} of 0"),
    ):
        require(valid, values, name, rule, used)
