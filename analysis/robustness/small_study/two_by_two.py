"""Two-by-two tables as the tests for odds ratios need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import InputError
from analysis.synthesis.checks import counts, numbers, positive

from .few_studies import enough_studies, few_studies_notes
from .line import fit_line, why_no_line
from .result import FunnelRegression

NO_INFORMATION = "{} studies without events, or with events only, carry no information: left out"


@dataclass(frozen=True, slots=True)
class Tables:
    """Counts of the studies, each of shape (k,); `effects` is None where none were given."""

    effects: np.ndarray | None
    events1: np.ndarray
    events2: np.ndarray
    n1: np.ndarray
    n2: np.ndarray

    @property
    def events(self) -> np.ndarray:
        """Events in both arms."""
        return self.events1 + self.events2

    @property
    def non_events(self) -> np.ndarray:
        """Patients without an event in both arms."""
        return self.n1 + self.n2 - self.events

    @property
    def informative(self) -> np.ndarray:
        """Whether a study has events and non-events: only then can it tell of an odds ratio."""
        return (self.events > 0) & (self.non_events > 0)


def tables(ai: Any, n1i: Any, ci: Any, n2i: Any, yi: Any = None) -> Tables:
    """Check the counts (and effects) of k studies.

    Raises
    ------
    ValueError
        No study, lengths that differ, values that are not finite numbers, negative counts, an
        arm without patients or with more events than patients.

    Examples
    --------
    >>> tables([1, 0], [9, 9], [2, 0], [9, 9]).informative.tolist()
    [True, False]
    """
    k = len(np.atleast_1d(np.asarray(ai)))
    if k == 0:
        raise InputError("ai is empty; at least one study is needed")
    checked = Tables(
        effects=None if yi is None else numbers(yi, "yi", k),
        events1=counts(ai, "ai", k),
        events2=counts(ci, "ci", k),
        n1=positive(n1i, "n1i", k),
        n2=positive(n2i, "n2i", k),
    )
    for name, events, n in (
        ("ai", checked.events1, checked.n1),
        ("ci", checked.events2, checked.n2),
    ):
        if (events > n).any():
            first = int(np.flatnonzero(events > n)[0])
            raise InputError(
                f"{name} must not exceed the patients of its arm; found {events[first]:g} of "
                f"{n[first]:g} at position {first}"
            )
    return checked


def regression(
    test: str,
    predictor: str,
    effects: np.ndarray,
    weights: np.ndarray,
    values: np.ndarray,
    left_out: int,
    level: float,
    origin: float = 0.0,
) -> FunnelRegression:
    """The line through effects measured from `origin`, over the `values` of a predictor, with what must be known."""
    k = len(effects)
    notes = ((NO_INFORMATION.format(left_out),) if left_out else ()) + few_studies_notes(k)
    why = why_no_line(weights, values)
    line = None if why else fit_line(effects, weights, values, level, k - 2, origin=origin)
    return FunnelRegression(
        test=test,
        predictor=predictor,
        model="multiplicative",
        k=k,
        slope=None if line is None else line.slope,
        limit=None if line is None else line.limit,
        df=None if line is None else k - 2,
        tau2=None,
        dispersion=None if line is None else line.dispersion,
        level=level,
        enough_studies=enough_studies(k),
        notes=(why, *notes) if line is None else (*line.notes, *notes),
    )
