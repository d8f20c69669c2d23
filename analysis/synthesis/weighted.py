"""The weighted sums on which every estimator here stands, for one set of studies or for many.

With weights w_i = 1 / (v_i + tau2), W their sum, m the weighted mean and r_i = x_i - m, these are

    q      = x'Px    = sum w_i r_i^2          (generalised Q; decreases in tau2)
    rss    = x'PPx   = sum w_i^2 r_i^2        (= -dq/dtau2; decreases in tau2)
    trace  = tr(P)   = W - sum w_i^2 / W      (DerSimonian and Laird's denominator at tau2 = 0)

and their slopes in tau2, which rest on x'PPPx and tr(PP). All are worked out in one pass from power
sums relative to the heaviest study, which is also the origin (x = 0): with p_i = w_i / w_heaviest,

    (sum p, sum px, sum px^2), (sum p^2, sum p^2 x, sum p^2 x^2), (sum p^3, ...) over the others.

One pass is safe because of that origin: the heaviest study holds at least 1/k of the weight, so no
difference below loses more than a factor k of its accuracy, wherever the others lie, and every
term of the traces is positive. The same formulas serve numbers and arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .studies import Studies

# Neighbouring points of the grid differ by this factor in (smallest variance + tau2). The likelihood's
# is made finer where `isolate` is in doubt, so this decides over speed only.
GRID_FACTOR = 3.0
# Rows of the grid are evaluated together as long as the table stays inside the processor's cache.
CELLS_AT_ONCE = 50_000

# A number for one set of studies at one tau2, an array for many.
Value = Any


class WeightedSums(NamedTuple):
    """The sums at each of `tau2`; all fields have the shape of `tau2`: () or (n,)."""

    tau2: Value
    total: Value
    mean: Value
    q: Value
    rss: Value
    trace: Value

    def first(self) -> WeightedSums:
        """The sums at the first of many tau2, as plain numbers."""
        return WeightedSums(*(float(column[0]) for column in self))


class Slopes(NamedTuple):
    """Slopes in log(smallest v + tau2), so that they have the size of what they belong to.

    In tau2 itself, d rss = -2 x'PPPx, d trace = -tr(PP), d total = -sum w^2.
    """

    rss: Value
    trace: Value
    total: Value


def combine(tau2: Value, base: Value, first: Value, second: Value) -> WeightedSums:
    """The sums from power sums of orders 1 and 2; `base` is the heaviest study's v + tau2.

    `first` = (sum p, sum px, sum px^2) over all studies but the heaviest, `second` the same with
    p^2; each an iterable of three values.
    """
    o = first[0]
    o2, o2x, o2xx = second
    total, mean, q = combine_means(base, first)
    rss = mean * (mean * (1.0 + o2) - 2.0 * o2x) + o2xx
    return WeightedSums(
        tau2=tau2,
        total=total,
        mean=mean,
        q=q,
        rss=rss / base / base,  # base^2 may exceed the range of a double
        trace=(o * (2.0 + o) - o2) / (1.0 + o) / base,
    )


def combine_means(base: Value, first: Value) -> tuple[Value, Value, Value]:
    """`total`, `mean` and `q` from the power sums of order 1."""
    o, ox, oxx = first
    total = 1.0 + o
    mean = ox / total
    return total / base, mean, (oxx - ox * mean) / base


def combine_slopes(base: Value, first: Value, second: Value, third: Value) -> Slopes:
    """The slopes from power sums of orders 1 to 3, in the form of `combine`."""
    o, ox, _ = first
    o2, o2x, _ = second
    o3, o3x, o3xx = third
    total = 1.0 + o
    mean = ox / total
    # Products of (1 + o), (1 + o2), (1 + o3) are multiplied out, so that the ones cancel exactly.
    apart = o + o3 * total - o2 * (2.0 + o2)
    cubic = (
        mean * mean * apart / total
        + o3xx
        - 2.0 * mean * o3x
        + o2x * (2.0 * mean * (1.0 + o2) - o2x) / total
    )
    squares = (o * o + o2 * (total * total + 2.0 + o2) - 2.0 * o3 * total) / (total * total)
    return Slopes(rss=-2.0 * cubic / base / base, trace=-squares / base, total=-(1.0 + o2) / base)


def sums_at(studies: Studies, tau2: float) -> WeightedSums:
    """The sums at one tau2 (in squared units of the studies)."""
    base = studies.smallest_variance + tau2
    relative = base / (studies.variances[1:] + tau2)
    first = (relative @ studies.powers).tolist()
    second = ((relative * relative) @ studies.powers).tolist()
    return combine(tau2, base, first, second)


def sums_and_slopes_at(studies: Studies, tau2: float) -> tuple[WeightedSums, Slopes]:
    """The sums at one tau2 together with their slopes."""
    base = studies.smallest_variance + tau2
    relative = base / (studies.variances[1:] + tau2)
    squared = relative * relative
    first = (relative @ studies.powers).tolist()
    second = (squared @ studies.powers).tolist()
    third = ((squared * relative) @ studies.powers).tolist()
    return combine(tau2, base, first, second), combine_slopes(base, first, second, third)


def sums_on(studies: Studies, tau2: np.ndarray) -> WeightedSums:
    """The same sums at many tau2, shape (n,), as tables of shape (n, k) cut into blocks of rows."""
    rows = max(1, CELLS_AT_ONCE // studies.k)
    blocks = [_table(studies, tau2[i : i + rows]) for i in range(0, len(tau2), rows)]
    base = studies.smallest_variance + tau2
    return combine(
        tau2, base, *(np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))
    )


def _table(studies: Studies, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power sums of orders 1 and 2, each of shape (3, n)."""
    column = tau2[:, None]
    relative = (studies.smallest_variance + column) / (studies.variances[1:] + column)
    return (relative @ studies.powers).T, ((relative * relative) @ studies.powers).T


def last_scanned(smallest_variance: Value, largest_variance: Value) -> Value:
    """Where the scan for local maxima may stop: beyond it the likelihood has at most one.

    The score is rss - trace (REML) or rss - W (ML), over 2. Consider trace / rss: its slope has
    the sign of 2 x'PPPx / x'PPx - tr(PP) / tr(P), which is 2 (a weighted mean of the eigenvalues
    of P other than 0) - (another one). These eigenvalues lie between the smallest and the largest
    weight, so the slope is positive as long as the largest weight is at most twice the smallest:
    largest v + tau2 <= 2 (smallest v + tau2). The same holds for W / rss, since sum w^2 / W is
    another such mean. A ratio that rises crosses 1 once.
    """
    return np.maximum(0.0, largest_variance - 2.0 * smallest_variance)


def tau2_grid(studies: Studies) -> np.ndarray:
    """Values of tau2 from 0 up to one above which no likelihood estimate can lie.

    They lie close up to `last_scanned`; from there to the last, one step is enough. On the last:
    with R the range of the effects, rss <= W R^2 / (4 tau2) (Popoviciu's inequality), while for
    tau2 >= max(v) no weight exceeds twice another, so trace >= W (k - 1) / (k + 1) >= W / 3.
    Hence both scores are negative from max(max(v), R^2) on.
    """
    smallest, largest = studies.smallest_variance, float(studies.variances[-1])
    scanned = float(last_scanned(smallest, largest))
    steps = int(np.ceil(np.log1p(scanned / smallest) / np.log(GRID_FACTOR)))
    close = smallest * (GRID_FACTOR ** np.arange(steps + 1) - 1.0)
    return np.append(close, max(2.0 * close[-1], largest, studies.squared_range))
