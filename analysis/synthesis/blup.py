"""Best linear unbiased predictions: the true effect of each study, given all studies.

Each observed effect is drawn towards what the model expects of it, the more the less precise it is. Source:
:cite:t:`raudenbush1985`; :cite:t:`robinson1991`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inference import critical_value
from .printing import Grid, Line, Printout, Series
from .regression import MetaRegression


@dataclass(frozen=True, slots=True)
class TrueEffect:
    """The effect of one study as the model sees it.

    `shrinkage` is the share of the way from the observed effect to the model's expectation,
    vi / (vi + tau2).
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    shrinkage: float


def blups(fit: MetaRegression) -> Series:
    """Predictions of the true effects, a tuple of `TrueEffect` in the order of `yi`.

    Source: :cite:t:`raudenbush1985`; :cite:t:`robinson1991`.

    With b = tau2 / (tau2 + v): b y + (1 - b) x'beta, of variance b v + (1 - b)^2 x' Var(beta) x.
    The interval is normal with Wald, t with k - p degrees of freedom with HKSJ.

    Examples
    --------
    >>> from analysis.synthesis.regression import meta_regression
    >>> fit = meta_regression([0.1, 0.3, 0.8], [0.01, 0.01, 0.04], tau2=0.04)
    >>> [round(study.estimate, 3) for study in blups(fit)]
    [0.149, 0.309, 0.571]
    """
    rows, critical = fit.design.matrix, critical_value(fit.level, fit.test_df)
    kept = fit.tau2 / (fit.tau2 + fit.vi)
    expected = rows @ fit.estimates
    model_variance = np.einsum("ij,jl,il->i", rows, fit.covariance, rows)
    values = kept * fit.yi + (1 - kept) * expected
    errors = np.sqrt(kept * fit.vi + (1 - kept) ** 2 * np.maximum(model_variance, 0.0))
    found = [
        TrueEffect(
            float(value),
            float(se),
            float(value - critical * se),
            float(value + critical * se),
            float(1 - share),
        )
        for value, se, share in zip(values, errors, kept, strict=True)
    ]
    names = [f"study {place}" for place in range(1, fit.k + 1)]
    shown = ("estimate", "se", "ci_low", "ci_high", "shrinkage")
    columns = {name: [getattr(study, name) for study in found] for name in shown}
    lines = tuple(
        Line(name, study.estimate, study.se, study.ci_low, study.ci_high, kind="study")
        for name, study in zip(names, found, strict=True)
    )
    title = "True effects of the studies, drawn towards what the model expects"
    page = Printout(title, (), (), fit.level, studies=lines, grid=Grid(names, columns))
    return Series(found, page)
