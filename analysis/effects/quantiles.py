"""Mean and SD from a five-number summary: median with quartiles, with the range, or with both.

Scenarios, after :cite:t:`wan2014`, each element chosen by what is not NaN:

* S1  minimum, median, maximum
* S2  lower quartile, median, upper quartile
* S3  all five

Methods for the mean: ``luo`` :cite:t:`luo2018` (optimal weights; the default); ``wan`` the simple
averages in :cite:t:`wan2014`; ``hozo`` :cite:t:`hozo2005` (S1 only, for completeness). Methods for
the SD: ``shi`` :cite:t:`shi2020`, in S3, where it improves on Wan; ``wan`` elsewhere; ``hozo``.

All assume a normal outcome. ``skewness_test`` is :cite:t:`shi2023`: where it rejects, a mean made
from quartiles misleads and the study is better left out or its data asked for.

Raises (all functions)
    ``ValueError`` for values out of order (min <= q1 <= median <= q3 <= max), a size below 2, an
    infinite entry.
NaN
    where no scenario is complete.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from analysis.effects.arrays import FloatArray, columns, require, require_choice

Method = Literal["default", "wan", "hozo"]


class MeanSd(NamedTuple):
    """Estimated mean and SD, arrays of one shape."""

    mean: FloatArray
    sd: FloatArray


class Skewness(NamedTuple):
    """Test statistic, its 5% critical value, whether it is exceeded (False where either is NaN)."""

    statistic: FloatArray
    critical: FloatArray
    skewed: NDArray[np.bool_]


def sd_from_range(minimum: ArrayLike, maximum: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD from the range: (max - min) / (2 z((n - 0.375)/(n + 0.25))). :cite:t:`wan2014`, S1.

    z is the standard normal quantile; the divisor is the expected range of n normal values (Blom).
    Not the rule "range / 4", which is right only near n = 25.

    >>> round(float(sd_from_range(2, 14, 20)), 6)
    3.211576
    """
    low, high, size = columns(minimum=minimum, maximum=maximum, n=n)
    _ordered(minimum=low, maximum=high)
    _sizes(size)
    return (high - low) / (2 * _range_quantile(size))


def sd_from_iqr(q1: ArrayLike, q3: ArrayLike, n: ArrayLike) -> FloatArray:
    """SD from the quartiles: (q3 - q1) / (2 z((0.75 n - 0.125)/(n + 0.25))). :cite:t:`wan2014`, S2.

    For large n the divisor tends to 1.349, the width of a normal's middle half.

    >>> round(float(sd_from_iqr(4, 9, 50)), 6)
    3.816523
    """
    low, high, size = columns(q1=q1, q3=q3, n=n)
    _ordered(q1=low, q3=high)
    _sizes(size)
    return (high - low) / (2 * _iqr_quantile(size))


def mean_sd(
    *,
    n: ArrayLike,
    median: ArrayLike = np.nan,
    minimum: ArrayLike = np.nan,
    q1: ArrayLike = np.nan,
    q3: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
    method: Method = "default",
) -> MeanSd:
    """Mean and SD from whichever of the five numbers are given, study by study.

    ``default`` is :cite:t:`luo2018` for the mean with :cite:t:`wan2014` (S1, S2) or
    :cite:t:`shi2020` (S3) for the SD; ``wan`` is :cite:t:`wan2014` throughout; ``hozo`` is
    :cite:t:`hozo2005`, NaN unless minimum, median and maximum are given.

    >>> summary = mean_sd(n=50, median=6, q1=4, q3=9)
    >>> round(float(summary.mean), 4), round(float(summary.sd), 6)
    (6.3539, 3.816523)
    """
    require_choice("method", method, ("default", "wan", "hozo"))
    low, low_q, mid, up_q, high, size = _five(minimum, q1, median, q3, maximum, n)
    if method == "hozo":
        return _hozo(low, mid, high, size)
    with np.errstate(invalid="ignore"):
        if method == "default":
            means = _luo(low, low_q, mid, up_q, high, size)
            both = _shi_sd(low, low_q, up_q, high, size)
        else:
            means = (
                (low + 2 * mid + high) / 4,
                (low_q + mid + up_q) / 3,
                (low + 2 * low_q + 2 * mid + 2 * up_q + high) / 8,
            )
            both = (high - low) / (4 * _range_quantile(size)) + (up_q - low_q) / (
                4 * _iqr_quantile(size)
            )
        sds = (
            (high - low) / (2 * _range_quantile(size)),
            (up_q - low_q) / (2 * _iqr_quantile(size)),
            both,
        )
    # Only a scenario with its median counts, so that mean and SD always come from the same numbers.
    s1, s2 = ~np.isnan(low + mid + high), ~np.isnan(low_q + mid + up_q)
    which = [s1 & s2, s2, s1]
    order = (2, 1, 0)
    return MeanSd(
        np.select(which, [means[i] for i in order], np.nan),
        np.select(which, [sds[i] for i in order], np.nan),
    )


def skewness_test(
    *,
    n: ArrayLike,
    median: ArrayLike = np.nan,
    minimum: ArrayLike = np.nan,
    q1: ArrayLike = np.nan,
    q3: ArrayLike = np.nan,
    maximum: ArrayLike = np.nan,
) -> Skewness:
    """Test at 5% that the data behind a five-number summary are symmetric. :cite:t:`shi2023`.

    T1 = abs(min + max - 2 median) / (max - min), critical 1/log(n + 9) + 2.5/(n + 1);
    T2 = abs(q1 + q3 - 2 median) / (q3 - q1), critical 2.65/sqrt(n) - 6/n^2;
    T3 = max(2.65 log(0.6 n)/sqrt(n) T1, T2), critical 2.97/sqrt(n) - 39.1/n^3.

    Small samples pass easily: not rejected is not symmetric. NaN where no scenario is complete or
    all values agree.

    >>> bool(skewness_test(n=40, q1=4, median=9, q3=10).skewed)
    True
    """
    low, low_q, mid, up_q, high, size = _five(minimum, q1, median, q3, maximum, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        t1 = np.abs(low + high - 2 * mid) / np.where(high > low, high - low, np.nan)
        t2 = np.abs(low_q + up_q - 2 * mid) / np.where(up_q > low_q, up_q - low_q, np.nan)
        t3 = np.maximum(2.65 * np.log(0.6 * size) / np.sqrt(size) * t1, t2)
        critical = (
            1 / np.log(size + 9) + 2.5 / (size + 1),
            2.65 / np.sqrt(size) - 6 / size**2,
            2.97 / np.sqrt(size) - 39.1 / size**3,
        )
    has1, has2 = ~np.isnan(t1), ~np.isnan(t2)
    which = [has1 & has2, has2, has1]
    statistic = np.select(which, [t3, t2, t1], np.nan)
    limit = np.select(which, [critical[2], critical[1], critical[0]], np.nan)
    with np.errstate(invalid="ignore"):
        return Skewness(statistic, limit, statistic > limit)


def _luo(
    low: FloatArray,
    low_q: FloatArray,
    mid: FloatArray,
    up_q: FloatArray,
    high: FloatArray,
    n: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """:cite:t:`luo2018`: optimally weighted means for S1, S2, S3."""
    w1 = 4 / (4 + n**0.75)
    w2 = 0.7 + 0.39 / n
    w3_range, w3_quartiles = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    return (
        w1 * (low + high) / 2 + (1 - w1) * mid,
        w2 * (low_q + up_q) / 2 + (1 - w2) * mid,
        w3_range * (low + high) / 2
        + w3_quartiles * (low_q + up_q) / 2
        + (1 - w3_range - w3_quartiles) * mid,
    )


def _shi_sd(
    low: FloatArray, low_q: FloatArray, up_q: FloatArray, high: FloatArray, n: FloatArray
) -> FloatArray:
    """:cite:t:`shi2020`, S3: range and quartile SDs weighted by 1/(1 + 0.07 n^0.6) and the rest."""
    weight = 1 / (1 + 0.07 * n**0.6)
    from_range, from_iqr = (
        (high - low) / (2 * _range_quantile(n)),
        (up_q - low_q) / (2 * _iqr_quantile(n)),
    )
    return weight * from_range + (1 - weight) * from_iqr


def _hozo(low: FloatArray, mid: FloatArray, high: FloatArray, n: FloatArray) -> MeanSd:
    """:cite:t:`hozo2005`: mean (a + 2m + b)/4 to n = 25, then the median; SD by three rules of
    size.
    """
    complete = ~np.isnan(low + mid + high)
    small = np.sqrt(((low - 2 * mid + high) ** 2 / 4 + (high - low) ** 2) / 12)
    sd = np.select([n <= 15, n <= 70], [small, (high - low) / 4], (high - low) / 6)
    mean = np.where(n <= 25, (low + 2 * mid + high) / 4, mid)
    return MeanSd(np.where(complete, mean, np.nan), np.where(complete, sd, np.nan))


def _five(
    minimum: ArrayLike,
    q1: ArrayLike,
    median: ArrayLike,
    q3: ArrayLike,
    maximum: ArrayLike,
    n: ArrayLike,
) -> tuple[FloatArray, ...]:
    """The five numbers and n, checked for order among those given."""
    five = columns(minimum=minimum, q1=q1, median=median, q3=q3, maximum=maximum, n=n)
    names = ("minimum", "q1", "median", "q3", "maximum")
    _ordered(**dict(zip(names, five[:5], strict=True)))
    _sizes(five[5])
    return five


def _ordered(**named: FloatArray) -> None:
    """Each value at least as large as every one named before it (missing ones are passed over)."""
    floor: FloatArray | None = None
    for name, values in named.items():
        if floor is not None:
            require(
                name, values, (values >= floor) | np.isnan(floor), "not below the value before it"
            )
        floor = values if floor is None else np.fmax(floor, values)


def _sizes(n: FloatArray) -> None:
    """Sizes of which a spread can be taken."""
    require("n", n, n >= 2, "at least 2 patients")


def _range_quantile(n: FloatArray) -> FloatArray:
    """Expected standardised maximum of n normal values (Blom's approximation)."""
    return ndtri((n - 0.375) / (n + 0.25))


def _iqr_quantile(n: FloatArray) -> FloatArray:
    """Expected standardised upper quartile of n normal values."""
    return ndtri((0.75 * n - 0.125) / (n + 0.25))
