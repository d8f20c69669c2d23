"""A fit as the statsmodels regression that it is: weighted least squares with weights 1 / (v + tau2).

Given tau2, the pooled mean, its standard error and its interval are those of a WLS fit on a constant;
coefficients of a meta-regression, those of a WLS fit on its design. What makes it a meta-analysis is the
scale: 1 with Wald (the variances are known), estimated with HKSJ (statsmodels' own), the larger of the two
with HKSJ ad hoc.

>>> from analysis.synthesis import pool
>>> fit = pool([0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03], ci="hksj").model()
>>> fit.params.round(4).tolist(), fit.conf_int().to_numpy().round(4).tolist()
([0.3227], [[-0.0451, 0.6905]])
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .intervals import INTERVALS


def weighted(
    values: np.ndarray, design: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, shape (p,), and the inverse of X'WX, shape (p, p); the columns of X are not collinear.

    What statsmodels' WLS gives, which is not asked: to import it takes half a second and 40 MiB.

    >>> found, inverse = weighted(np.array([1.0, 2.0, 3.0]), np.ones((3, 1)), np.array([1.0, 1.0, 2.0]))
    >>> float(found[0]), float(inverse[0, 0])
    (2.25, 0.25)
    """
    root = np.sqrt(weights)
    basis, triangle = np.linalg.qr(design * root[:, None])
    inverse = np.linalg.inv(triangle)
    return inverse @ (basis.T @ (root * values)), inverse @ inverse.T


def fitted(
    yi: np.ndarray, vi: np.ndarray, design: np.ndarray, tau2: float, ci: str, names: list[str]
) -> Any:
    """The fitted `statsmodels` result; `design` of shape (k, p), `ci` one of `intervals.CI_METHODS`.

    Its `params`, `bse`, `tvalues`, `pvalues` and `conf_int(1 - level)` are ours. The variance of a single
    observation (`mse_resid`) is on the scale of the weights.
    """
    import pandas as pd
    from statsmodels.regression.linear_model import WLS

    model = WLS(
        pd.Series(yi, name="effect"), pd.DataFrame(design, columns=names), weights=1.0 / (vi + tau2)
    )
    interval, fit = INTERVALS[ci], model.fit()
    scale = float(interval.factor(fit.scale)) if interval.rescales else 1.0
    if interval.t and scale == fit.scale:
        return fit
    return model.fit(cov_type="fixed scale", cov_kwds={"scale": scale}, use_t=interval.t)
