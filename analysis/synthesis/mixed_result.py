"""The result of a mixed model: a value, and nothing that fits."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from analysis.errors import InputError

from .coefficients import Coefficient, OmnibusTest
from .design import Design
from .mixed import MixedModel
from .printing import (
    Printed,
    Printout,
    coefficient_lines,
    omnibus_text,
    statistic_text,
    with_interval,
)


@dataclass(frozen=True, slots=True)
class RandomEffect:
    """Random effects of `outer` groups; with `inner` levels, structured as `structure` says.

    `outer` and `inner` are labels, shape (k,). Without inner levels each group has one effect.
    """

    name: str
    outer: Any
    inner: Any = None
    structure: str = "ID"


@dataclass(frozen=True, slots=True)
class Component:
    """One variance or correlation of the random effects.

    `i2` is the percentage of the total variance that this variance makes up (for plain random
    effects in a model that has no others); `groups` is the number of outer groups.
    """

    name: str
    kind: str
    estimate: float
    groups: int
    i2: float | None


@dataclass(frozen=True, slots=True, repr=False)
class MixedFit(Printed):
    """What `multilevel`, `three_level` and `multivariate` return.

    Attributes
    ----------
    k : int
        Number of effect sizes.
    coefficients, covariance, level, notes, omnibus, q, q_df, q_p_value
        As in `MetaRegression`; q takes the sampling covariances into account.
    components : tuple of Component
        Variances, then correlations, of each random effect in turn.
    i2 : float or None
        Percentage of the variance that is heterogeneity of any level; None with structured
        random effects, whose variance is not one number.
    log_likelihood, aic, bic : float
        Restricted with REML.
    method : str
        REML or ML.
    test : str
        z; t (k - p degrees of freedom); t-contain (for a coefficient whose moderator is constant
        within groups, number of groups less p).
    design, yi, sampling
        What was fitted.
    model, parameters, unit
        The model in units, for what builds on the fit (profiles, robust variances).
    """

    k: int
    coefficients: tuple[Coefficient, ...]
    covariance: np.ndarray = field(repr=False, compare=False)
    components: tuple[Component, ...]
    i2: float | None
    q: float
    q_df: int
    q_p_value: float
    omnibus: OmnibusTest
    log_likelihood: float
    aic: float
    bic: float
    level: float
    method: str
    test: str
    notes: tuple[str, ...]
    design: Design = field(repr=False, compare=False)
    yi: np.ndarray = field(repr=False, compare=False)
    sampling: np.ndarray = field(repr=False, compare=False)
    random: tuple[RandomEffect, ...] = field(repr=False, compare=False)
    model: MixedModel = field(repr=False, compare=False)
    parameters: np.ndarray = field(repr=False, compare=False)
    unit: float = field(repr=False, compare=False)

    @property
    def estimates(self) -> np.ndarray:
        """The coefficients as an array, shape (p,)."""
        return np.array([item.estimate for item in self.coefficients])

    def _page(self) -> Printout:
        parts = tuple(
            (
                f"{part.name} ({part.kind})",
                f"{part.estimate:.4f}, {part.groups} groups"
                + ("" if part.i2 is None else f", {part.i2:.1f}% of the total variance"),
            )
            for part in self.components
        )
        i2 = (
            ()
            if self.i2 is None
            else (("I²", with_interval(self.i2, None, None, 0, unit="%", digits=1)),)
        )
        facts = (
            *parts,
            *i2,
            ("Residual Q", statistic_text(self.q, self.q_df, self.q_p_value)),
            (f"Test of {', '.join(self.omnibus.names)}", omnibus_text(self.omnibus)),
            (
                "Log-likelihood",
                f"{self.log_likelihood:.4f} (AIC {self.aic:.2f}, BIC {self.bic:.2f})",
            ),
        )
        title = f"Mixed model, {self.k} effect sizes ({self.method}; tests by {self.test})"
        return Printout(title, coefficient_lines(self.coefficients), facts, self.level, self.notes)

    def component(self, name: str) -> float:
        """Estimate of the component of this name."""
        for item in self.components:
            if item.name == name:
                return item.estimate
        known = ", ".join(item.name for item in self.components)
        raise InputError(f"no variance component {name!r}; there are {known}")

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        left_out = {"design", "yi", "sampling", "random", "model", "parameters", "unit"}
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}
        return values | {
            "coefficients": [item.to_dict() for item in self.coefficients],
            "covariance": self.covariance.tolist(),
            "components": [
                {f.name: getattr(item, f.name) for f in fields(item)} for item in self.components
            ],
            "omnibus": {f.name: getattr(self.omnibus, f.name) for f in fields(self.omnibus)},
            "notes": list(self.notes),
        }
