"""Rows that a reader brought, as effect sizes: each from what it holds, under one measure.

A row's own effect comes with its variance, standard error or limits; counts, means (with SD, standard error,
or median and quartiles: :cite:t:`luo2018` and :cite:t:`wan2014`, flagged), rates and single groups through
the register of measures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.effects.convert import quantile
from analysis.effects.measures import Measure
from analysis.effects.quantiles import mean_sd, skewness_test
from analysis.effects.recover import sd_from_ci
from analysis.errors import NotEstimable

ADJUSTED = {"vi": "sei", "n1i": "bi", "n2i": "di"}
"""What stands in for a number that a measure needs."""
COARSE = 0.05
"""Relative rounding of vi from which the square of sei is taken in its place."""
_SUMS = (("ai", "bi", "n1i"), ("ci", "di", "n2i"))
_QUARTILES = ("q1_", "q3_")


class Row(Protocol):
    """A row as `analysis.reading.records.Record`: numbers by role."""

    row: int
    label: str
    v: dict[str, float]
    digits: dict[str, int]


class NoEffect(NotEstimable):
    """Why a row has no effect: `role` and `found` where one number is at fault, else only the reason."""

    def __init__(self, reason: str, role: str = "", found: str = "") -> None:
        super().__init__(reason)
        self.reason, self.role, self.found = reason, role, found


@dataclass(frozen=True, slots=True)
class OneEffect:
    """`yi`, `vi`; `source` is "given", "computed" or "medians"; `note` says what was done ("" nothing)."""

    yi: float
    vi: float
    source: str
    note: str = ""


def given(row: Row, form: str, level: float) -> OneEffect | None:
    """The effect that a row states itself, on the scale of analysis; None where it states none.

    Parameters
    ----------
    form : yi, ratio or log10.
    level : of its limits.

    Raises
    ------
    NoEffect
        A ratio of 0 or less, limits the wrong way round, a variance of 0 ...
    """
    v = row.v
    if form not in v:
        return None
    yi = _analysed(form, v[form], form)
    limits = "ci_low" in v and "ci_high" in v
    # beside a ratio an error may be that of the ratio or of its logarithm; its limits leave no doubt
    if ("vi" in v or "sei" in v) and not (form == "ratio" and limits):
        vi, note = _variance(row)
        return OneEffect(yi, vi, "given", note)
    if "se_log10" in v:
        _above_zero("se_log10", v["se_log10"])
        return OneEffect(yi, (v["se_log10"] * math.log(10)) ** 2, "given")
    if "se_ratio" in v:
        _above_zero("se_ratio", v["se_ratio"])
        return OneEffect(yi, (v["se_ratio"] / v[form]) ** 2, "given")
    if limits:
        if v["ci_low"] >= v["ci_high"]:
            raise NoEffect(
                f"a lower limit below the upper one, {v['ci_high']:g}", "ci_low", f"{v['ci_low']:g}"
            )
        _within(row, form)
        low, high = (_analysed(form, v[name], name) for name in ("ci_low", "ci_high"))
        own = v.get("level", level)
        return OneEffect(yi, ((high - low) / (2 * float(quantile(own)))) ** 2, "given")
    return _from_p_value(yi, v["p_value"], row.digits.get("p_value", 3)) if "p_value" in v else None


def _within(row: Row, form: str) -> None:
    """An effect lies between its limits, within the rounding of all three."""
    low, value, high = (row.v[role] for role in ("ci_low", form, "ci_high"))
    slack = sum(0.5 * 10.0 ** -row.digits.get(role, 6) for role in (form, "ci_low"))
    if not low - slack <= value <= high + slack:
        raise NoEffect(f"an effect between its limits, {low:g} and {high:g}", form, f"{value:g}")


def _from_p_value(yi: float, p: float, digits: int) -> OneEffect | None:
    """The error that a two-sided P value of the normal test implies (:cite:t:`higgins2019`, section 6.3)."""
    if not 0 < p < 1 or yi == 0:
        return None
    error = abs(yi) / float(quantile(1 - p))
    rounded = "" if digits > 2 else ", reported to two digits at most: the error is uncertain"
    return OneEffect(
        yi, error**2, "given", f"standard error from the two-sided P value (normal){rounded}"
    )


def _analysed(form: str, value: float, role: str) -> float:
    if form == "ratio":
        if not value > 0:
            raise NoEffect("a ratio above 0", role, f"{value:g}")
        return math.log(value)
    return value * math.log(10) if form == "log10" else value


def _above_zero(role: str, value: float) -> None:
    if not value > 0:
        raise NoEffect("a number above 0", role, f"{value:g}")


def _variance(row: Row) -> tuple[float, str]:
    """vi, or the square of sei; of two that agree within their rounding, vi unless it is coarse."""
    v = row.v
    for role in ("vi", "sei"):
        if role in v:
            _above_zero(role, v[role])
    if "vi" not in v or "sei" not in v:
        return v.get("vi", v.get("sei", math.nan) ** 2), ""
    vi, sei = v["vi"], v["sei"]
    if math.isclose(vi, sei**2, rel_tol=1e-3):
        return vi, ""
    half_v, half_s = (0.5 * 10.0 ** -row.digits.get(r, 6) for r in ("vi", "sei"))
    low, high = max(0.0, sei - half_s) ** 2, (sei + half_s) ** 2
    if low <= vi + half_v and vi - half_v <= high:
        exact = vi if half_v / vi <= COARSE else sei**2
        return exact, "vi is the square of sei only within rounding"
    raise NoEffect(f"the square of sei, {sei**2:.6g}", "vi", f"{vi:.15g}")


SD_FROM = ("the standard error of the mean", "the variance", "the limits of the mean (t quantile)")
"""What an SD may follow from, as `completed` and those who print it say it."""


def completed(
    row: Row, named: Mapping[str, str], level: float = 0.95
) -> tuple[dict[str, float], str]:
    """A row's numbers with sizes from cells, SDs from what is stated in their place, means from medians.

    Returns them with what was done. `level` is that of the limits of means.

    Raises
    ------
    NoEffect
        Cells that do not add up to the size; quartiles out of order; a mean outside its limits.
    """
    v, done = dict(row.v), []
    for events, rest, size in _SUMS:
        if events in v and rest in v:
            total = v[events] + v[rest]
            if size in v and abs(v[size] - total) > 1e-9 * max(total, 1):
                raise NoEffect(
                    f"{named.get(size, size)} less {named.get(events, events)} = {v[size] - v[events]:.15g}",
                    rest,
                    f"{v[rest]:.15g}",
                )
            v[size] = total
        elif rest in v and size in v:
            v[events] = v[size] - v[rest]
    for side in ("1i", "2i", "i"):
        if f"sd{side}" not in v:
            done += _sd(row, v, side, level)
        if f"m{side}" not in v and f"med{side}" in v and f"n{side}" in v:
            done += _from_median(v, side)
    return v, "; ".join(dict.fromkeys(done))


def _sd(row: Row, v: dict[str, float], side: str, level: float) -> list[str]:
    """Put the SD of a group there (:cite:t:`higgins2019`, section 6.5.2.2); from what it follows, [] from nothing."""
    size, (error, variance, limits) = v.get(f"n{side}", 0), SD_FROM
    if v.get(f"se{side}", 0) > 0 and size > 0:
        v[f"sd{side}"] = v[f"se{side}"] * math.sqrt(size)
        return [error]
    if v.get(f"var{side}", -1) >= 0:
        v[f"sd{side}"] = math.sqrt(v[f"var{side}"])
        return [variance]
    names = low, mean, high = f"low{side}", f"m{side}", f"high{side}"
    if size < 2 or not all(name in v for name in names):
        return []
    slack = sum(0.5 * 10.0 ** -row.digits.get(name, 6) for name in (mean, low))
    if not (v[low] < v[high] and v[low] - slack <= v[mean] <= v[high] + slack):
        raise NoEffect(
            f"a mean between its limits, {v[low]:g} and {v[high]:g}", mean, f"{v[mean]:g}"
        )
    v[f"sd{side}"] = float(sd_from_ci(v[low], v[high], size, level=v.get("level", level)))
    return [limits]


def _from_median(v: dict[str, float], side: str) -> list[str]:
    names = {"median": "med", "minimum": "min", "q1": "q1_", "q3": "q3_", "maximum": "max"}
    five = {name: v.get(f"{stem}{side}", math.nan) for name, stem in names.items()}
    try:
        found = mean_sd(n=v[f"n{side}"], **five)
        skew = skewness_test(n=v[f"n{side}"], **five)
    except ValueError as error:
        raise NoEffect(
            f"a median between its quartiles ({error})", f"med{side}", f"{five['median']:g}"
        ) from None
    if math.isnan(float(found.mean)):
        return []
    v[f"m{side}"], v[f"sd{side}"] = float(found.mean), float(found.sd)
    return ["medians", *(["skewed"] if bool(skew.skewed) else [])]


def computed(
    rows: Sequence[Row], values: Sequence[Mapping[str, float]], measure: Measure
) -> list[OneEffect | NoEffect]:
    """The measure from each row's completed numbers; a `NoEffect` where it cannot be."""
    if measure.function is None or not rows:
        return [NoEffect("no effect with its variance, standard error or limits") for _ in rows]
    found: list[OneEffect | NoEffect] = []
    for v in values:
        missing = [c for c in measure.columns if c not in v]
        if missing:
            found.append(NoEffect(f"no value in {', '.join(missing)}"))
            continue
        try:
            effect = measure.function(**{c: np.array([v[c]]) for c in measure.columns})
        except ValueError as error:
            found.append(NoEffect(str(error)))
            continue
        yi, vi = float(effect.yi[0]), float(effect.vi[0])
        if math.isnan(yi):
            found.append(NoEffect(f"no {measure.name} exists: {measure.undefined}"))
        elif not vi > 0:
            found.append(
                NoEffect("a spread above 0 in at least one group", _spread(measure, v), "0")
            )
        else:
            found.append(OneEffect(yi, vi, "computed"))
    return found


def _spread(measure: Measure, v: Mapping[str, float]) -> str:
    """The number to which a variance of 0 is due."""
    for role in ("sd1i", "sd2i", "sdi"):
        if role in measure.columns and v.get(role) == 0:
            return role
    return measure.columns[0]
