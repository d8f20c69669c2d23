"""What a model of a review gives: its numbers, its words, its line of R."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import NotEstimable
from analysis.review.studies import Studies
from analysis.synthesis.intervals import INTERVALS
from analysis.synthesis.subgroups import SubgroupAnalysis

NAMES = {
    "mh": "Mantel-Haenszel",
    "peto": "Peto's method",
    "glmm": "the mixed model of counts",
    "selection": "the selection model",
    "bayes": "the Bayesian model",
}
"""Models as messages call them."""


class CannotFit(NotEstimable):
    """A model that this table does not allow; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to pool: None where the reader chose nothing. `model` is one of MODELS."""

    tau2: str | None = None
    ci: str | None = None
    level: float = 0.95
    model: str = "iv"


@dataclass(frozen=True, slots=True)
class Fitted:
    """One model's result.

    Attributes
    ----------
    name : such as random, common, single, three-level, cluster-robust, independent, mh, peto, glmm, regression.
    words : the model in words.
    estimate, ci_low, ci_high, p_value : on the scale of yi; None where the data give none.
    fields : the result's own fields, ready for JSON.
    r : metafor's line on `Fit.data`.
    notes : what must be known about these numbers.
    weights : percent per study, or None.
    predicts : whether its prediction interval is told.
    """

    name: str
    words: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    fields: Mapping[str, Any]
    r: str
    notes: tuple[str, ...] = ()
    weights: np.ndarray | None = None
    predicts: bool = True


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups that a column makes, each pooled apart, with metafor's line for each."""

    column: str
    found: SubgroupAnalysis
    r: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """What is told first, the models beside it, the groups of each column of words, R's data, warnings."""

    first: Fitted
    others: tuple[Fitted, ...]
    data: str
    groups: tuple[Grouped, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def r_lines(self) -> tuple[str, ...]:
        """Every line of R, in the order in which results are shown."""
        of_groups = (line for group in self.groups for line in group.r)
        return (self.first.r, *(other.r for other in self.others), *of_groups)


def interval_in_words(method: str) -> str:
    """
    >>> interval_in_words("hksj-adhoc"), interval_in_words("wald")
    ('interval HKSJ, never narrower than Wald', 'interval Wald')
    """
    known = INTERVALS.get(method)
    return f"interval {known.label if known and known.label else method}"


def cluster_codes(studies: Studies) -> list[int]:
    """A number per row for what belongs together, in any case of letters."""
    seen: dict[str, int] = {}
    return [seen.setdefault(c.casefold(), len(seen)) for c in studies.clusters or ()]


def taken_as_independent(studies: Studies) -> tuple[str, ...]:
    """What a model without a place for dependence says of a table that has it."""
    if studies.clusters is None:
        return ()
    return (
        f"{len(studies.yi)} rows of {len(set(cluster_codes(studies)))} studies: this model takes rows as independent.",
    )


def fields_of(result: Any) -> dict[str, Any]:
    """A result's fields by their names."""
    if hasattr(result, "to_dict"):
        return result.to_dict()
    return {name: getattr(result, name) for name in result.__dataclass_fields__}


def plain(value: Any) -> Any:
    """Values that JSON holds: no array, no dataclass, no NaN."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {
            n: plain(getattr(value, n))
            for n in value.__dataclass_fields__
            if not n.startswith("_")
        }
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool | type(None)) else str(value)
