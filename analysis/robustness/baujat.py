"""Baujat plot: which studies cause heterogeneity, and which of them move the result?

Source: :cite:t:`baujat2002`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.synthesis import pool
from analysis.synthesis.studies import prepare

from .leave_out import NO_SPREAD, centred, leave_one_out


@dataclass(frozen=True, slots=True)
class Baujat:
    """Coordinates of the studies, shape (k,), in the order of the input; read-only.

    `heterogeneity` (x): squared standardised residual (y - mean)^2 / (v + tau2); in the
    common-effect model these add up to Cochran's Q. `influence` (y): squared change of the mean
    without the study, over the squared standard error of the mean without it (NaN, with a note, where that is 0).
    """

    heterogeneity: np.ndarray = field(compare=False)
    influence: np.ndarray = field(compare=False)
    notes: tuple[str, ...]


def baujat(yi: Any, vi: Any, tau2: str | float = "EE", ci: str = "wald") -> Baujat:
    """Contribution of each study to heterogeneity, and its influence on the mean.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances; at least two.
    tau2, ci : str
        Model, as in `pool`. The plot was proposed for the common-effect model.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; one study only.

    Examples
    --------
    >>> points = baujat([0.1, 0.2, 0.9], [0.04, 0.05, 0.04])
    >>> points.heterogeneity.round(2).tolist(), points.influence.round(2).tolist()
    ([2.47, 0.92, 5.9], [1.37, 0.37, 3.28])
    """
    studies = prepare(yi, vi)
    effects, variances = centred(studies)
    result = pool(effects, variances, tau2, ci)
    without = leave_one_out(effects, variances, tau2=tau2, ci=ci, chosen=True)
    residuals = effects - result.estimate
    heterogeneity = residuals**2 / (variances + (result.tau2 or 0.0))
    errors = np.array([item.se for item in without])
    change = result.estimate - np.array([item.estimate for item in without])
    notes: tuple[str, ...] = ()
    if (errors == 0).any():
        notes = (NO_SPREAD,)
        errors = np.where(errors == 0, np.nan, errors)
    influence = (change / errors) ** 2
    for values in (heterogeneity, influence):
        values.flags.writeable = False
    return Baujat(heterogeneity, influence, notes)
