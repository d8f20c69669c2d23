"""Two groups compared on a count of patients: RR, OR, RD, arcsine difference, Peto, phi, Yule's Q.

Arguments are metafor's: ``ai`` events among ``n1i`` patients of the intervention, ``ci`` among
``n2i`` of the comparator; the cells without events are bi = n1i - ai and di = n2i - ci. Array-likes
that broadcast; ``Effect(yi, vi)`` of the broadcast shape comes back. RR, OR and PETO are on the log
scale.

Zero cells: ``add`` is added to all four cells, as in metafor's escalc :cite:p:`sweeting2004`

* ``to="only0"``   where a table has a zero cell (the default; ``add`` is 1/2, but 0 for AS and phi)
* ``to="all"``     in every table
* ``to="if0all"``  in every table, if at least one table has a zero cell
* ``to="none"``    nowhere

and ``drop00=True`` makes a study without any event, or without any non-event, in both arms NaN: it
says nothing about a relative effect (:cite:t:`higgins2019`, section 10.4.4.2).

Raises (all functions)
    ``ValueError`` for a size of 0 or less, a negative count, events above the size, an infinite
    entry, an unknown ``to`` or a negative ``add``.
NaN in both ``yi`` and ``vi``
    where an input is missing, where ``drop00`` drops the study, or where the measure does not exist
    (with ``to="none"`` and a zero cell).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.effects.arrays import (
    Effect,
    FloatArray,
    columns,
    effect,
    require_choice,
    require_counts,
    require_sizes,
    require_within,
)
from analysis.errors import InputError

AddTo = Literal["only0", "all", "if0all", "none"]
ADD_TO: tuple[str, ...] = ("only0", "all", "if0all", "none")


def corrected_tables(
    ai: ArrayLike,
    n1i: ArrayLike,
    ci: ArrayLike,
    n2i: ArrayLike,
    *,
    add: float = 0.5,
    to: AddTo = "only0",
    drop00: bool = False,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Cells a, b, c, d after the continuity rule (see the module); NaN where a study is missing or
    dropped.

    >>> [float(cell) for cell in corrected_tables(0, 20, 3, 22)]
    [0.5, 20.5, 3.5, 19.5]
    """
    a, n1, c, n2 = columns(ai=ai, n1i=n1i, ci=ci, n2i=n2i)
    require_counts(ai=a, ci=c)
    require_sizes(n1i=n1, n2i=n2)
    require_within("ai", a, "n1i", n1)
    require_within("ci", c, "n2i", n2)
    complete = ~np.isnan(a + n1 + c + n2)
    cells = np.where(complete, np.stack(np.broadcast_arrays(a, n1 - a, c, n2 - c)), np.nan)
    a, b, c, d = cells
    if drop00:
        cells = np.where(((a == 0) & (c == 0)) | ((b == 0) & (d == 0)), np.nan, cells)
    added = continuity(np.any(cells == 0, axis=0), add, to)
    a, b, c, d = cells + added
    return a, b, c, d


def continuity(has_zero: NDArray[np.bool_], add: float, to: AddTo) -> FloatArray:
    """What the continuity rule adds to the cells of each table: ``add`` or 0, in the shape of
    ``has_zero``.
    """
    require_choice("to", to, ADD_TO)
    if not (np.isfinite(add) and add >= 0):
        raise InputError(f"add = {add!r}; allowed: a number of 0 or more")
    if to == "none":
        where = np.zeros_like(has_zero)
    elif to == "only0":
        where = has_zero
    else:
        where = np.full_like(has_zero, to == "all" or bool(np.any(has_zero)))
    return np.where(where, float(add), 0.0)


_Pair = tuple[FloatArray, FloatArray]


class Measure(Protocol):
    """What each measure is to its callers."""

    __name__: str

    def __call__(
        self, ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
        *, add: float = ..., to: AddTo = ..., drop00: bool = ...,
    ) -> Effect: ...  # fmt: skip


def _of_cells(add: float) -> Callable[[Callable[..., _Pair]], Measure]:
    """A formula of the corrected cells a, b, c, d as a function of the counts, with its usual ``add``."""
    usual = add

    def made(formula: Callable[..., _Pair]) -> Measure:
        def measure(
            ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike,
            *, add: float = usual, to: AddTo = "only0", drop00: bool = False,
        ) -> Effect:  # fmt: skip
            cells = corrected_tables(ai, n1i, ci, n2i, add=add, to=to, drop00=drop00)
            with np.errstate(divide="ignore", invalid="ignore"):
                return effect(*formula(*cells))

        measure.__doc__, measure.__name__ = formula.__doc__, formula.__name__
        measure.__qualname__ = formula.__qualname__
        return measure

    return made


@_of_cells(add=0.5)
def odds_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Log odds ratio: yi = log(ad / (bc)), vi = 1/a + 1/b + 1/c + 1/d.

    :cite:t:`woolf1955`.

    >>> e = odds_ratio(4, 123, 11, 139)
    >>> round(float(e.yi), 6), round(float(e.vi), 6)
    (-0.938694, 0.357125)
    """
    return np.log(a) - np.log(b) - np.log(c) + np.log(d), 1 / a + 1 / b + 1 / c + 1 / d


@_of_cells(add=0.5)
def risk_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Log risk ratio: yi = log((a/n1) / (c/n2)), vi = 1/a - 1/n1 + 1/c - 1/n2. :cite:t:`katz1978`.

    The sizes after correction are n1 = a + b and n2 = c + d.

    >>> round(float(risk_ratio(4, 123, 11, 139).yi), 6)
    -0.889311
    """
    yi = np.log(a) - np.log(a + b) - np.log(c) + np.log(c + d)
    # b / (a n1) is 1/a - 1/n1 without the cancellation.
    return yi, b / (a * (a + b)) + d / (c * (c + d))


@_of_cells(add=0.5)
def risk_difference(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Risk difference: yi = a/n1 - c/n2, vi = ab/n1^3 + cd/n2^3 (Wald).

    metafor corrects zero cells here too, so that no variance is 0; so does the default. With
    ``to="none"`` the difference stays as counted, and ``vi`` is 0 (``Effect.defined`` False) where
    both arms are all or none.
    """
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


@_of_cells(add=0.0)
def arcsine_difference(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Arcsine difference: yi = asin(sqrt(a/n1)) - asin(sqrt(c/n2)), vi = 1/(4 n1) + 1/(4 n2).

    :cite:t:`ruecker2009`. Defined in every table, hence ``add = 0``, as in metafor.
    """
    n1, n2 = a + b, c + d
    yi = np.arcsin(np.sqrt(a / n1)) - np.arcsin(np.sqrt(c / n2))
    return yi, 1 / (4 * n1) + 1 / (4 * n2)


@_of_cells(add=0.5)
def peto(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Peto's log odds ratio: yi = (O - E) / V, vi = 1/V, with O = a, E = n1 (a+c)/N.

    V = n1 n2 (a+c)(b+d) / (N^2 (N-1)): :cite:t:`yusuf1985`. The method itself needs no correction
    unless a table has no event (or no non-event) at all: use ``to="none"`` for the original; the
    default is metafor's. NaN where V = 0.
    """
    n1, n2 = a + b, c + d
    total = n1 + n2
    variance = (n1 / total) * (n2 / total) * (a + c) * (b + d) / (total - 1)
    return (a - n1 * ((a + c) / total)) / variance, 1 / variance


@_of_cells(add=0.0)
def phi(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Phi coefficient of a 2 x 2 table: yi = (ad - bc) / sqrt(n1 n2 (a+c)(b+d)).

    Large-sample variance under multinomial sampling: :cite:t:`yule1912`, p. 603. NaN where a
    margin is 0. ``add = 0`` by default, as in metafor.
    """
    total = a + b + c + d
    p1, p2 = (a + b) / total, (c + d) / total
    q1, q2 = (a + c) / total, (b + d) / total
    root = np.sqrt(p1 * p2 * q1 * q2)
    r = (a / total * (d / total) - b / total * (c / total)) / root
    rows, cols = (p1 - p2) ** 2 / (p1 * p2), (q1 - q2) ** 2 / (q1 * q2)
    vi = 1 - r**2 + r * (1 + r**2 / 2) * (p1 - p2) * (q1 - q2) / root
    return r, (vi - 0.75 * r**2 * (rows + cols)) / total


@_of_cells(add=0.5)
def yule_q(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> _Pair:
    """Yule's Q: yi = (ad - bc) / (ad + bc), vi = (1 - yi^2)^2 (1/a + 1/b + 1/c + 1/d) / 4.

    :cite:t:`yule1912`, p. 593.
    """
    q = (a * d - b * c) / (a * d + b * c)
    return q, (1 - q**2) ** 2 * (1 / a + 1 / b + 1 / c + 1 / d) / 4
