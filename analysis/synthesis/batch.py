"""Pool many sets of effect sizes in one call: what bootstrap, leave-one-out and multiverse stand on.

The formulas are those of `pool`; only the loops differ: they run over arrays of sets. A test holds the
two against each other. Where all sets draw on the same studies (give `yi` and `vi` once, and a mask per
set), sums over studies become matrix products, about twice as fast; all subsets of one set of
studies are enumerated in `subsets.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy.special import gammainccinv, gammaincinv

from .checks import check_choice, check_level
from .estimators import TAU2_ESTIMATORS, estimate_many
from .heterogeneity import relative_heterogeneity
from .intervals import CI_METHODS, INTERVALS
from .many_result import PooledMany, for_each_count
from .many_studies import Part, prepare_many, singles
from .many_tau2 import Estimates, tau2_where_q_is_many
from .options import COMMON_EFFECT, model_of
from .weighted import WeightedSums

# More threads than this gain little: the work is bound by memory and by the interpreter's lock.
MOST_THREADS = 4
# From so many parts on (60 ms of work), threads are worth starting: between their short calls of NumPy they wait for
# each other, and four parts on two processors took longer by the clock in two threads than one after the other.
PARTS_FOR_THREADS = 16


def pool_many(
    yi: Any,
    vi: Any,
    mask: Any = None,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    tau2_ci: bool = False,
) -> PooledMany:
    """Pool B sets of effect sizes, each as `pool` would.

    Source: as `pool`; :cite:t:`dersimonian1986`; :cite:t:`viechtbauer2005`.

    Parameters
    ----------
    yi, vi : array_like, shape (B, k) or (k,)
        Effect sizes and sampling variances of each set; or of one set of studies, of which `mask`
        names B subsets.
    mask : array_like of bool, shape (B, k), optional
        True where a study is present. What stands elsewhere, NaN included, is not looked at.
    tau2, ci, level
        As in `pool`.
    tau2_ci : bool
        Whether to work out the Q-profile interval of tau2 as well.

    Returns
    -------
    PooledMany
        Arrays of shape (B,). Sets of one study and of none are not an error: see there for what
        they hold.

    Raises
    ------
    ValueError
        Shapes that do not fit, values that are present and not finite numbers, variances that are
        not positive, an unknown method, a level outside (0, 1).

    Examples
    --------
    >>> yi, vi = [0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03]
    >>> without_each = ~np.eye(4, dtype=bool)
    >>> pool_many(yi, vi, without_each, tau2="DL").estimate.round(4)
    array([0.424 , 0.3459, 0.3248, 0.1945])
    """
    tau2_method, given = model_of(tau2)
    check_choice(ci, "ci", CI_METHODS)
    check_level(level)
    many = prepare_many(yi, vi, mask)
    sets = len(many.k)
    fields = {name: np.full(sets, np.nan) for name in ("estimate", "se", "tau2", "i2", "h2", "q")}
    fields["maxima"] = np.zeros(sets, dtype=np.intp)
    estimating = tau2_method in TAU2_ESTIMATORS
    intervals = tau2_ci and estimating
    if intervals:
        fields |= {name: np.full(sets, np.nan) for name in ("tau2_ci_low", "tau2_ci_high")}

    def run(make: Callable[[], Part]) -> None:
        # What is divided by 0 here is replaced where it matters; threads need a state of their own.
        with np.errstate(all="ignore"):
            part = make()
            found = fit(part, tau2_method, given, ci)
            if intervals:
                found |= _q_profile(part, level)
        for name, values in found.items():
            fields[name][part.sets] = values

    in_threads(run, many.parts(similar=tau2_method in ("REML", "ML")))
    alone, effects, variances = singles(many)
    fields["estimate"][alone], fields["se"][alone] = effects, np.sqrt(variances)
    for values in fields.values():
        values.flags.writeable = False
    return PooledMany(
        k=many.k, level=float(level), tau2_method=tau2_method, ci_method=ci,
        tau2_ci_low=fields.pop("tau2_ci_low", None), tau2_ci_high=fields.pop("tau2_ci_high", None),
        **fields,
    )  # fmt: skip


def fit(part: Part, tau2_method: str, given: float | None, ci: str) -> dict[str, np.ndarray]:
    """Estimates of all sets of a part, on the scale of the effects, by the names of PooledMany."""
    table, k = part.table, part.table.k
    at_zero = table.sums_at_zero()
    estimates = _estimates(part, at_zero, tau2_method, given)
    total, mean, q = table.means(estimates.tau2, with_q=INTERVALS[ci].rescales)
    factor = INTERVALS[ci].factor(q / (k - 1))
    i2, h2 = relative_heterogeneity(
        at_zero, k, estimates.tau2, common_effect=tau2_method == COMMON_EFFECT
    )
    return {
        "estimate": part.centre + part.unit * mean,
        "se": part.unit * np.sqrt(factor / total),
        "tau2": np.full(len(k), given) if given is not None else estimates.tau2 * part.unit**2,
        "i2": i2,
        "h2": h2,
        "q": at_zero.q,
        "maxima": estimates.maxima,
    }


def _estimates(
    part: Part, at_zero: WeightedSums, tau2_method: str, given: float | None
) -> Estimates:
    if tau2_method in TAU2_ESTIMATORS:
        return estimate_many(part.table, at_zero, tau2_method)
    value = 0.0 if given is None else given / part.unit**2
    return Estimates(np.broadcast_to(value, part.unit.shape), np.ones(len(part.unit), np.intp))


def _q_profile(part: Part, level: float) -> dict[str, np.ndarray]:
    """Limits of `qprofile.q_profile`, on the scale of the effects squared."""
    tail, table = (1 - level) / 2, part.table
    at_zero = table.sums_at_zero()
    limits = {}
    for name, quantile in (("tau2_ci_low", gammainccinv), ("tau2_ci_high", gammaincinv)):
        values = for_each_count(table.k, lambda k, of=quantile: 2 * of((k - 1) / 2, tail))
        limits[name] = tau2_where_q_is_many(table, at_zero, values) * part.unit**2
    return limits


def in_threads(run: Callable[[Any], None], parts: Sequence[Any]) -> None:
    """Run each part, on several processors where there are many: NumPy works outside the lock."""
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    if threads == 1 or len(parts) < PARTS_FOR_THREADS:
        for part in parts:
            run(part)
        return
    with ThreadPoolExecutor(threads) as executor:
        for _ in executor.map(run, parts):
            pass
