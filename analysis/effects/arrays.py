"""What every effect-size function shares: the ``Effect`` it returns and the checks on what it is
given.

Two kinds of trouble are kept apart.

* *Impossible input* (a negative count, more events than patients, r = 1.3, infinity) raises
  ``ValueError`` naming the argument, the place in it, what was found and what is allowed.
* *Missing input* (NaN), and a study for which the measure does not exist (the ratio of means of
  opposite sign, say), give NaN in both ``yi`` and ``vi``. Each function's docstring says when that
  happens, and ``Effect.defined`` tells where. The readers above turn such a study into a named
  exclusion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import poch

from analysis.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """Effect sizes ``yi`` and sampling variances ``vi``, both of the inputs' broadcast shape."""

    yi: FloatArray
    vi: FloatArray

    @property
    def defined(self) -> NDArray[np.bool_]:
        """True where the study can enter an inverse-variance model: finite ``yi``, finite ``vi`` >
        0.
        """
        return np.isfinite(self.yi) & np.isfinite(self.vi) & (self.vi > 0)


def effect(yi: ArrayLike, vi: ArrayLike) -> Effect:
    """Pair ``yi`` with ``vi``; where either is not finite, both become NaN (never one without the
    other).
    """
    y, v = np.broadcast_arrays(np.asarray(yi, dtype=float), np.asarray(vi, dtype=float))
    usable = np.isfinite(y) & np.isfinite(v)
    return Effect(np.where(usable, y, np.nan), np.where(usable, v, np.nan))


def columns(**named: ArrayLike) -> tuple[FloatArray, ...]:
    """Turn named inputs into float arrays of one broadcast shape; NaN stays (missing), infinity is
    refused.

    Raises
    ------
    ValueError
        When an input is not numeric, is infinite, or the shapes do not broadcast.
    """
    arrays = []
    for name, values in named.items():
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise InputError(
                f"{name} must hold numbers (NaN for missing); found {values!r}"
            ) from None
        require(name, array, ~np.isinf(array), "a finite number, or NaN for missing")
        arrays.append(array)
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in zip(named, arrays, strict=True))
        raise InputError(
            f"the inputs must have one length (or be single numbers); found {shapes}"
        ) from None


def require(name: str, values: FloatArray, allowed: NDArray[np.bool_], rule: str) -> None:
    """Raise ``ValueError`` for the first entry of ``values`` that is not ``allowed`` (NaN passes:
    missing).
    """
    bad = ~np.asarray(allowed) & ~np.isnan(values)
    if not np.any(bad):
        return
    if np.ndim(values) == 0:
        raise InputError(f"{name} = {float(values):g}; allowed: {rule}")
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    where = ", ".join(str(i) for i in place)
    raise InputError(f"{name}[{where}] = {float(values[place]):g}; allowed: {rule}")


def require_sizes(**named: FloatArray) -> None:
    """Group sizes: above 0. Not required to be whole, since a shared control arm may be divided."""
    for name, values in named.items():
        require(name, values, values > 0, "a group size above 0")


def require_counts(**named: FloatArray) -> None:
    """Event counts: 0 or more."""
    for name, values in named.items():
        require(name, values, values >= 0, "a count of 0 or more")


def require_within(name: str, events: FloatArray, total_name: str, totals: FloatArray) -> None:
    """Events within their group's total."""
    ok = (events <= totals) | np.isnan(totals)
    require(name, events, ok, f"at most {total_name} (events cannot exceed the group's size)")


def require_sds(**named: FloatArray) -> None:
    """Standard deviations and standard errors: 0 or more."""
    for name, values in named.items():
        require(name, values, values >= 0, "0 or more")


def require_positive(**named: FloatArray) -> None:
    """Quantities that must exceed 0."""
    for name, values in named.items():
        require(name, values, values > 0, "a number above 0")


def require_correlations(**named: FloatArray) -> None:
    """Correlations: -1 to 1."""
    for name, values in named.items():
        require(name, values, np.abs(values) <= 1, "a correlation between -1 and 1")


def require_level(level: float) -> None:
    """A confidence level strictly between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"level = {level!r}; allowed: above 0 and below 1, such as 0.95")


def require_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """An option out of a closed list."""
    if value not in allowed:
        raise InputError(f"{name} = {value!r}; allowed: {', '.join(allowed)}")


def small_sample_correction(df: ArrayLike) -> FloatArray:
    """Exact factor J that removes the bias of a standardised mean: J = G(m/2) / (sqrt(m/2)
    G((m-1)/2)).

    :cite:t:`hedges1981`, with m the degrees of freedom and G the gamma function; the usual
    1 - 3/(4m - 1) approximates it. NaN for m <= 1, where the mean of the estimate does not exist.

    >>> round(float(small_sample_correction(18)), 6)
    0.957646
    """
    m = np.asarray(df, dtype=float)
    usable = np.where(m > 1, m, np.nan)
    return np.asarray(poch((usable - 1) / 2, 0.5) / np.sqrt(usable / 2))
