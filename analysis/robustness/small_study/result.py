"""What the regression-shaped tests for small-study effects return: values, nothing that computes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.synthesis.coefficients import Coefficient
from analysis.synthesis.printing import Printed, Printout, coefficient_lines, counted


@dataclass(frozen=True, slots=True, repr=False)
class FunnelRegression(Printed):
    """A line through the funnel plot: effect = limit + slope * predictor.

    Attributes
    ----------
    test : str
        Name of the test.
    predictor : str
        What the effects are regressed on: sei, vi, ni, ninv, sqrtni, sqrtninv or 1/sqrt(V).
    model : str
        "multiplicative": weighted least squares with an estimated dispersion. "mixed-effects":
        meta-regression with an additive tau2.
    k : int
        Number of studies that took part.
    slope : Coefficient or None
        Its test is the test of asymmetry. None where it cannot be estimated.
    limit : Coefficient or None
        Predicted effect where the predictor is 0. (A study that is infinitely large, except for
        the predictors ni and sqrtni.)
    df : int or None
        Degrees of freedom of the t distribution behind intervals and P; None for the normal.
    tau2 : float or None
        Residual heterogeneity variance (mixed-effects model).
    dispersion : float or None
        Residual variance per unit weight (multiplicative model).
    level : float
        Level of the intervals.
    enough_studies : bool
        Whether there are the ten studies from which on such a test is recommended.
    notes : tuple of str
        What the reader must know about these numbers.
    """

    test: str
    predictor: str
    model: str
    k: int
    slope: Coefficient | None
    limit: Coefficient | None
    df: int | None
    tau2: float | None
    dispersion: float | None
    level: float
    enough_studies: bool
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines = [
            replace(line, name=name)
            for name, found in (("slope", self.slope), ("limit", self.limit))
            if found is not None
            for line in coefficient_lines([found])
        ]
        facts = [("Predictor", self.predictor), ("Model", self.model)]
        facts += [("tau²", f"{self.tau2:.4f}")] if self.tau2 is not None else []
        facts += [("Dispersion", f"{self.dispersion:.4f}")] if self.dispersion is not None else []
        title = f"{self.test}, {counted(self.k, 'study', 'studies')}"
        return Printout(title, tuple(lines), tuple(facts), self.level, self.notes)

    @property
    def statistic(self) -> float | None:
        """Statistic of the test of asymmetry."""
        return None if self.slope is None else self.slope.statistic

    @property
    def p_value(self) -> float | None:
        """Two-sided P of the test of asymmetry."""
        return None if self.slope is None else self.slope.p_value

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        plain = asdict(self) | {"statistic": self.statistic, "p_value": self.p_value}
        return plain | {"notes": list(self.notes)}
