"""Multivariate models: several outcomes, or several time points, of each study at once.

Source: :cite:t:`berkey1998` (outcomes); :cite:t:`ishak2007` (time points).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .mixed_fit import fit_mixed
from .mixed_result import MixedFit, RandomEffect


def multivariate(
    yi: Any,
    sampling: Any,
    inner: Any,
    studies: Any,
    moderators: Any = None,
    *,
    structure: str = "UN",
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> MixedFit:
    """Fit true effects that vary together within a study.

    Source: :cite:t:`berkey1998` (outcomes); :cite:t:`ishak2007` (times).

    Parameters
    ----------
    yi : array_like, shape (k,)
    sampling : array_like, shape (k,) or (k, k)
        Sampling variances or, as a rule, their covariance matrix: effects of one study share
        patients (see `covariance.py`).
    inner : labels or times, shape (k,)
        What varies within a study: the outcome, the time point.
    studies : labels, shape (k,)
    moderators
        As in `meta_regression`. For one mean of each outcome pass {"outcome": labels} and
        intercept=False.
    structure : str
        UN (own variances and correlations), CS (one variance, one correlation), HCS (own
        variances, one correlation), AR and HAR (correlation falls with the number of levels
        between), CAR (with the time between), DIAG (no correlation).
    method, test, level, intercept, reference
        As in `fit_mixed`.

    Examples
    --------
    >>> fit = multivariate([0.3, 0.5, 0.1, 0.2, 0.6, 0.9], [0.01] * 6, list("ababab"),
    ...                    [1, 1, 2, 2, 3, 3], {"outcome": list("ababab")},
    ...                    structure="CS", intercept=False)
    >>> [(part.name, round(part.estimate, 3)) for part in fit.components]
    [('study', 0.086), ('study rho', 1.0)]
    """
    return fit_mixed(
        yi,
        sampling,
        [RandomEffect("study", studies, inner, structure)],
        moderators,
        method=method,
        test=test,
        level=level,
        intercept=intercept,
        reference=reference,
    )
