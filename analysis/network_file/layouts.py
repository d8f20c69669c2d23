"""Rows of each layout -> studies for `fit_network`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from analysis.effects.convert import quantile
from analysis.network_file.columns import ARM_NUMBERS
from analysis.network_file.measures import ARM_MEASURES
from analysis.network_file.rows import Rows
from analysis.synthesis.network import NetworkStudies, from_arms, from_baseline, from_contrasts

LEVEL_OF_LIMITS = 0.95


def _contrasts(rows: Rows, measure: str) -> NetworkStudies:
    names, study = rows.studies(), []
    treat1, treat2, te, se = [], [], [], []
    for row in range(len(rows)):
        first, second = _treatment(rows, row, 1), _treatment(rows, row, 2)
        effect, error = _effect(rows, row)
        study.append(names[row])
        treat1.append(first)
        treat2.append(second)
        te.append(effect)
        se.append(error)
    rows.require_no_faults()
    return from_contrasts(study, treat1, treat2, te, se)


def _effect(rows: Rows, row: int) -> tuple[float, float]:
    """Effect and standard error of a row, on the scale of the analysis."""
    ratio = not rows.columns.has("te")
    effect = rows.value(row, "ratio" if ratio else "te")
    error = rows.value(row, "se")
    if math.isnan(error):
        error = math.sqrt(rows.value(row, "var"))
    if math.isnan(error) and rows.columns.has("ci_low") and rows.columns.has("ci_high"):
        low, high = rows.value(row, "ci_low"), rows.value(row, "ci_high")
        if ratio and low <= 0:
            rows.fault(row, "ci_low", 0, f"{low:g}", "a limit above 0, for a ratio")
            return math.nan, math.nan
        if low >= high:
            rows.fault(row, "ci_low", 0, f"{low:g}", f"a limit below the upper one, {high:g}")
            return math.nan, math.nan
        if ratio:
            low, high = math.log(low), math.log(high)
        error = (high - low) / (2 * quantile(LEVEL_OF_LIMITS))
    return (math.log(effect) if ratio and effect > 0 else effect), error


def _baseline(rows: Rows, measure: str) -> NetworkStudies:
    """One row per arm with its difference from the arm that has none (gemtc, multinma)."""
    names = rows.studies()
    treatments = [_treatment(rows, row, 0) for row in range(len(rows))]
    effects = [_effect(rows, row) for row in range(len(rows))]
    rows.require_no_faults()
    return from_baseline(names, treatments, [e for e, _ in effects], [s for _, s in effects])


def _arms(rows: Rows, measure: str) -> NetworkStudies:
    names = rows.studies()
    table = _ArmTable(measure)
    for row in range(len(rows)):
        table.add(names[row], _treatment(rows, row, 0), _arm(rows, row, 0))
    rows.require_no_faults()
    return table.studies()


def _wide(rows: Rows, measure: str) -> NetworkStudies:
    """One row per study, or per comparison of two of its arms.

    Rows with one name are one study as long as their common arms have the same numbers.
    """
    names = rows.studies()
    table = _ArmTable(measure)
    known: dict[str, dict[str, str]] = {}
    for row in range(len(rows)):
        arms = []
        for arm in rows.columns.arms():
            values = _arm(rows, row, arm)
            if rows.text(row, "treatment", arm) or not all(map(math.isnan, values.values())):
                arms.append((_treatment(rows, row, arm), values))
        name = names[row]
        seen = known.setdefault(name, {})
        if any(seen.get(treatment, str(values)) != str(values) for treatment, values in arms):
            number = rows.table.row_numbers[row]
            rows.remarks.append(
                f"row {number} has other numbers of {name}: taken for another study"
            )
            name = f"{name} (row {number})"
            seen = {}
        for treatment, values in arms:
            if treatment not in seen:
                table.add(name, treatment, values)
        seen.update((treatment, str(values)) for treatment, values in arms)
    rows.require_no_faults()
    return table.studies()


def _treatment(rows: Rows, row: int, arm: int) -> str:
    """The name of a treatment; a fault is noted where there is none."""
    name = rows.text(row, "treatment", arm)
    if not name:
        rows.fault(row, "treatment", arm, "an empty cell", "the name of a treatment")
    return rows.one_spelling(name)


def _arm(rows: Rows, row: int, arm: int) -> dict[str, float]:
    """The numbers of one arm by role."""
    values = {
        role: rows.value(row, role, arm) for role in ARM_NUMBERS if rows.columns.has(role, arm)
    }
    events, n = values.get("events", math.nan), values.get("n", math.nan)
    if math.isnan(n) and "nonevents" in values:
        values["n"] = n = events + values["nonevents"]
    if events > n:
        rows.fault(
            row, "events", arm, f"{events:.15g}", f"at most the number of patients, {n:.15g}"
        )
    if math.isnan(values.get("sd", math.nan)) and "se" in values:
        # Standard error of the mean: with no size, one patient with that spread is the same arm.
        values.setdefault("n", 1.0)
        values["sd"] = values["se"] * math.sqrt(values["n"])
    return values


@dataclass(slots=True)
class _ArmTable:
    """Arms, gathered in the order of the file."""

    measure: str
    study: list[str] = field(default_factory=list)
    treatment: list[str] = field(default_factory=list)
    values: list[dict[str, float]] = field(default_factory=list)

    def add(self, study: str, treatment: str, values: dict[str, float]) -> None:
        """Add an arm."""
        self.study.append(study)
        self.treatment.append(treatment)
        self.values.append(values)

    def studies(self) -> NetworkStudies:
        """What `from_arms` makes of them."""
        needed = ARM_MEASURES[self.measure]
        columns = {role: [values.get(role, math.nan) for values in self.values] for role in needed}
        return from_arms(self.study, self.treatment, self.measure, **columns)


READERS = {"contrasts": _contrasts, "baseline": _baseline, "arms": _arms, "wide": _wide}
