"""Regression tests for funnel plot asymmetry: effects on a measure of precision.

Sources: :cite:t:`sterne2005` (the multiplicative and the mixed-effects form); :cite:t:`moreno2009` (the
predictors).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.errors import InputError
from analysis.synthesis.checks import check_choice, check_share, positive
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.studies import Studies, prepare

from .few_studies import enough_studies, few_studies_notes
from .line import Line, fit_line, why_no_line
from .result import FunnelRegression

PREDICTORS = ("sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv")
MULTIPLICATIVE, MIXED_EFFECTS = "multiplicative", "mixed-effects"
MODELS = (MIXED_EFFECTS, MULTIPLICATIVE)


def funnel_regression(
    yi: Any,
    vi: Any,
    ni: Any = None,
    predictor: str = "sei",
    model: str = MIXED_EFFECTS,
    tau2: str | float = "REML",
    ci: str = "wald",
    level: float = 0.95,
    test: str = "funnel regression",
) -> FunnelRegression:
    """Regress effects on a measure of their precision.

    Source: :cite:t:`sterne2005` (the forms); :cite:t:`moreno2009` (the predictors).

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    ni : array_like, shape (k,), optional
        Total sample sizes; needed by the predictors that are made of them.
    predictor : str
        "sei" (standard error), "vi", "ni", "ninv" (1/n), "sqrtni" or "sqrtninv" (1/sqrt(n)).
    model : str
        "mixed-effects": weights 1 / (vi + tau2), normal tests (t with HKSJ). "multiplicative":
        weights 1 / vi, dispersion estimated, t tests with k - 2 degrees of freedom.
    tau2, ci : str
        As in `pool`; used by the mixed-effects model.
    level : float
        Level of the confidence intervals.
    test : str
        Name that the result carries.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; an unknown predictor or model; a predictor of sample sizes
        without sample sizes.

    Examples
    --------
    >>> yi, vi = [0.1, 0.3, 0.5, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16]
    >>> found = funnel_regression(yi, vi, model="multiplicative")
    >>> round(found.slope.estimate, 3), round(found.limit.estimate, 3), found.df
    (2.601, -0.124, 3)
    """
    check_choice(predictor, "predictor", PREDICTORS)
    check_choice(model, "model", MODELS)
    check_share(level, "level")
    studies = prepare(yi, vi)
    measure = _predictor(studies, ni, predictor)
    # Powers of two: taking the unit out of `Studies` again is exact.
    effects = studies.effects * studies.unit
    variances = studies.variances * studies.unit**2
    notes = few_studies_notes(studies.k)
    why = why_no_line(1 / variances, measure)
    line: Line | None = None
    residual_tau2: float | None = None
    df: int | None = None
    if why is not None:
        notes = (why, *notes)
    elif model == MULTIPLICATIVE:
        df = studies.k - 2
        line = fit_line(effects, 1 / variances, measure, level, df, origin=studies.centre)
    else:
        fit = meta_regression(
            studies.centre + effects, variances, {predictor: measure}, tau2=tau2, ci=ci, level=level
        )
        line = Line(fit.coefficients[1], fit.coefficients[0], None, fit.notes)
        residual_tau2, df = fit.tau2, fit.test_df
    return FunnelRegression(
        test=test,
        predictor=predictor,
        model=model,
        k=studies.k,
        slope=None if line is None else line.slope,
        limit=None if line is None else line.limit,
        df=df,
        tau2=residual_tau2,
        dispersion=None if line is None else line.dispersion,
        level=level,
        enough_studies=enough_studies(studies.k),
        notes=notes if line is None else (*line.notes, *notes),
    )


def _predictor(studies: Studies, ni: Any, predictor: str) -> np.ndarray:
    """The predictor in the order in which `Studies` holds the studies."""
    variances = studies.variances * studies.unit**2
    if predictor in ("sei", "vi"):
        return np.sqrt(variances) if predictor == "sei" else variances
    if ni is None:
        raise InputError(f"the predictor {predictor} needs the sample sizes ni")
    sizes = positive(ni, "ni", studies.k)[studies.order]
    return {
        "ni": sizes,
        "ninv": 1 / sizes,
        "sqrtni": np.sqrt(sizes),
        "sqrtninv": 1 / np.sqrt(sizes),
    }[predictor]
