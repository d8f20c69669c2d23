"""Arms as files give them (study, treatment, and means, counts or counts per time) -> studies.

Each arm gives one number with its own variance, on a scale on which differences between arms are the
measure; arms are independent, so all contrasts of a study share the variance of their common arm.

    OR    log odds             1 / events + 1 / others
    RR    log risk             1 / events - 1 / n
    RD    risk                 p (1 - p) / n
    AS    arcsine of root p    1 / (4 n)
    IRR   log rate             1 / events
    IRD   rate                 events / time^2
    MD    mean                 sd^2 / n
    ROM   log mean             sd^2 / (n mean^2)
    SMD   J mean / s           1 / n, and g g' / (2 N) for s (N patients in all)

For SMD, s is pooled over all arms of the study and J is Hedges' correction with its N - p degrees of
freedom: so the contrasts of a study with several arms add up, and with two arms this is metafor's SMD
(covariance: :cite:t:`crippa2016`, equations 4 and 5).

Zero cells: as in metafor's escalc, 1/2 is added to every cell of a study in which an arm has no event
or nothing but events (not for AS). A study without any event, or with nothing but events, in all its
arms says nothing of a ratio and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln

from analysis.errors import InputError

from .studies import NetworkStudies, StudyContrasts, assemble, in_order, label_text

MEASURES = {
    "OR": ("events", "n"),
    "RR": ("events", "n"),
    "RD": ("events", "n"),
    "AS": ("events", "n"),
    "IRR": ("events", "time"),
    "IRD": ("events", "time"),
    "MD": ("mean", "sd", "n"),
    "SMD": ("mean", "sd", "n"),
    "ROM": ("mean", "sd", "n"),
}
RATIOS = ("OR", "RR", "IRR")
ADD = 0.5


@dataclass(frozen=True, slots=True)
class Arm:
    """The printed numbers of one arm by name."""

    treatment: str
    values: dict[str, float]


def from_arms(
    study: Sequence[Any],
    treatment: Sequence[Any],
    measure: str,
    **columns: Sequence[float] | np.ndarray,
) -> NetworkStudies:
    """Studies from arms; all arguments of length m, one entry per arm.

    Parameters
    ----------
    study, treatment : names. Arms of one study with the same treatment are merged.
    measure : one of `MEASURES`, which names the columns that it needs.
    columns : `events` and `n`; or `events` and `time`; or `mean`, `sd` and `n`. An arm with a number
        missing (NaN) is left out.

    Raises
    ------
    ValueError
        An unknown measure; columns missing or of different lengths; an impossible number (the study
        and the arm are named); no study with two arms.
    DisconnectedNetwork

    Examples
    --------
    >>> found = from_arms(["a", "a"], ["X", "Y"], "MD", mean=[1, 3], sd=[2, 2], n=[40, 40])
    >>> float(found.blocks[0].effects[0, 0]), float(found.blocks[0].covariance[0, 0, 0])
    (2.0, 0.2)
    """
    tables, notes = complete_arms(study, treatment, measure, columns)
    found = []
    for name, order, table in tables:
        made = _study(name, order, table, measure, notes)
        if made is not None:
            found.append(made)
    return assemble(found, notes, map(label_text, treatment))


Table = tuple[str, tuple[str, ...], dict[str, np.ndarray]]
"""Name of a study, its treatments, and their numbers by column, each of shape (p,)."""


def complete_arms(
    study: Sequence[Any], treatment: Sequence[Any], measure: str, columns: Mapping[str, Any]
) -> tuple[list[Table], list[str]]:
    """The studies that compare two treatments or more, arms merged, and what was done, a sentence each.

    Parameters and errors as of `from_arms`. For a ratio, studies without any event, or with nothing but
    events, are left out.
    """
    needed = _needed(measure, columns)
    names, treatments = ([label_text(value) for value in side] for side in (study, treatment))
    table = {name: np.asarray(columns[name], dtype=float) for name in needed}
    if any(len(names) != len(column) for column in (treatments, *table.values())):
        raise InputError(f"study, treatment, {', '.join(needed)} must have the same length")
    notes: list[str] = []
    of_study: dict[str, list[Arm]] = {}
    for i, (name, given) in enumerate(zip(names, treatments, strict=True)):
        values = {column: float(table[column][i]) for column in needed}
        of_study.setdefault(name, [])
        if any(math.isnan(value) for value in values.values()):
            empty = ", ".join(c for c, value in values.items() if math.isnan(value))
            notes.append(f"{name}: the arm {given} is left out, for it has no {empty}.")
            continue
        _check(f"{name}, {given}", values, measure)
        of_study[name].append(Arm(given, values))
    found = []
    for name, arms in of_study.items():
        made = _table(name, _merged(name, arms, notes), measure, notes)
        if made is not None:
            found.append(made)
    return found, notes


def _needed(measure: str, columns: Mapping[str, Any]) -> tuple[str, ...]:
    if measure not in MEASURES:
        raise InputError(f"measure must be one of {', '.join(MEASURES)}; found {measure!r}")
    needed = MEASURES[measure]
    if missing := [name for name in needed if columns.get(name) is None]:
        raise InputError(f"{measure} needs {', '.join(needed)}; missing: {', '.join(missing)}")
    return needed


def _check(where: str, values: dict[str, float], measure: str) -> None:
    """`ValueError` for a number that cannot be."""
    for name, value in values.items():
        if math.isinf(value):
            rule = "a finite number"
        elif name in ("n", "time") and not value > 0:
            rule = "a number above 0"
        elif name == "sd" and not value > 0:
            rule = "a standard deviation above 0"
        elif name == "events" and value < 0:
            rule = "0 or more"
        elif name == "mean" and measure == "ROM" and not value > 0:
            rule = "a mean above 0, for a ratio of means"
        elif name == "events" and value > values.get("n", math.inf):
            rule = f"at most n = {values['n']:g}"
        else:
            continue
        raise InputError(f"{where}: found {name} = {value:g}; allowed: {rule}")


def _merged(name: str, arms: list[Arm], notes: list[str]) -> list[Arm]:
    """One arm per treatment: counts added, means and standard deviations combined.

    Cochrane Handbook for Systematic Reviews of Interventions, 6.5.2.10.
    """
    of_treatment: dict[str, list[dict[str, float]]] = {}
    for arm in arms:
        of_treatment.setdefault(arm.treatment, []).append(arm.values)
    merged = []
    for treatment, parts in of_treatment.items():
        if len(parts) > 1:
            notes.append(f"{name}: {len(parts)} arms with {treatment} are taken together as one.")
        merged.append(Arm(treatment, _together(parts)))
    return merged


def _together(parts: list[dict[str, float]]) -> dict[str, float]:
    if len(parts) == 1:
        return parts[0]
    if "mean" not in parts[0]:
        return {name: sum(part[name] for part in parts) for name in parts[0]}
    sizes, means, sds = (np.array([part[c] for part in parts]) for c in ("n", "mean", "sd"))
    n = sizes.sum()
    mean = sizes @ means / n
    squares = (sizes - 1) @ sds**2 + sizes @ (means - mean) ** 2
    return {"mean": float(mean), "sd": float(np.sqrt(squares / (n - 1))), "n": float(n)}


def _table(name: str, arms: list[Arm], measure: str, notes: list[str]) -> Table | None:
    """The numbers of one study; None, with a note, where it compares nothing."""
    if len(arms) < 2:
        only = f"only one treatment ({arms[0].treatment})" if arms else "no complete arm"
        notes.append(f"{name} is left out: it has {only}, so it compares nothing.")
        return None
    order = in_order(arm.treatment for arm in arms)
    of_treatment = {arm.treatment: arm.values for arm in arms}
    table = {
        column: np.array([of_treatment[treatment][column] for treatment in order])
        for column in arms[0].values
    }
    if measure in RATIOS and (said := _says_nothing(table)):
        notes.append(f"{name} is left out: {said} says nothing of a ratio.")
        return None
    return name, order, table


def _study(
    name: str,
    order: tuple[str, ...],
    table: dict[str, np.ndarray],
    measure: str,
    notes: list[str],
) -> StudyContrasts | None:
    """Contrasts of one study; None, with a note, where the measure does not exist."""
    if "events" in table and measure != "AS" and _continuity(table):
        notes.append(f"{name}: 0.5 was added to each cell, for one of them is zero.")
    if measure == "SMD" and table["n"].sum() - len(order) < 2:
        notes.append(f"{name} is left out: it is too small for a standardised difference.")
        return None
    values, variances = _arm_numbers(table, measure)
    effects = values[1:] - values[0]
    covariance = np.diag(variances[1:]) + variances[0]
    if measure == "SMD":
        covariance = covariance + np.outer(effects, effects) / (2 * table["n"].sum())
    return StudyContrasts(name, order, effects, covariance)


def _says_nothing(table: dict[str, np.ndarray]) -> str:
    if not table["events"].any():
        return "no event in any arm"
    if "n" in table and np.all(table["events"] == table["n"]):
        return "nothing but events in all arms"
    return ""


def _continuity(table: dict[str, np.ndarray]) -> bool:
    """Add 1/2 to every cell of the study if one is 0; whether that was done."""
    others = table["n"] - table["events"] if "n" in table else np.ones(1)
    if np.all(table["events"] > 0) and np.all(others > 0):
        return False
    table["events"] = table["events"] + ADD
    if "n" in table:
        table["n"] = table["n"] + 2 * ADD
    return True


def _arm_numbers(table: dict[str, np.ndarray], measure: str) -> tuple[np.ndarray, np.ndarray]:
    """Value and variance of each arm, shape (p,); see the module."""
    if "mean" in table:
        mean, variance = table["mean"], table["sd"] ** 2 / table["n"]
        if measure == "MD":
            return mean, variance
        if measure == "ROM":
            return np.log(mean), variance / mean**2
        n, sd = table["n"], table["sd"]
        df = n.sum() - len(n)
        pooled = np.sqrt(((n - 1) @ sd**2) / df)
        hedges = np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
        return hedges * mean / pooled, 1 / n
    events = table["events"]
    if "time" in table:
        if measure == "IRR":
            return np.log(events / table["time"]), 1 / events
        return events / table["time"], events / table["time"] ** 2
    n = table["n"]
    risk = events / n
    if measure == "OR":
        return np.log(events / (n - events)), 1 / events + 1 / (n - events)
    if measure == "RR":
        return np.log(risk), 1 / events - 1 / n
    if measure == "AS":
        return np.arcsin(np.sqrt(risk)), 1 / (4 * n)
    return risk, risk * (1 - risk) / n
