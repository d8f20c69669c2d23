"""Multilevel models: effect sizes nested in studies, studies nested in whatever else.

Source: :cite:t:`konstantopoulos2011`; :cite:t:`vandennoortgate2013`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.errors import InputError

from .design import as_labels, as_vector
from .mixed_fit import fit_mixed
from .mixed_result import MixedFit, RandomEffect


def multilevel(
    yi: Any,
    sampling: Any,
    levels: Mapping[str, Any],
    moderators: Any = None,
    *,
    nested: bool = True,
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
    intercept: bool = True,
    reference: Mapping[str, Any] | None = None,
) -> MixedFit:
    """Fit a random effect for every level.

    Source: :cite:t:`konstantopoulos2011`; :cite:t:`vandennoortgate2013`.

    Parameters
    ----------
    yi : array_like, shape (k,)
    sampling : array_like, shape (k,) or (k, k)
        Sampling variances or their covariance matrix.
    levels : mapping of str to labels (k,)
        From the outermost level to the innermost. Nested (the default), labels need to differ
        only within the level above; the component of the second of {"study", "effect"} is called
        "study/effect". With nested=False they are crossed.
    moderators, method, test, level, intercept, reference
        As in `fit_mixed`.

    Examples
    --------
    >>> fit = multilevel([0.1, 0.3, 0.6, 0.8, 0.2, 0.1], [0.02] * 6,
    ...                  {"study": [1, 1, 2, 2, 3, 3], "effect": [1, 2, 1, 2, 1, 2]})
    >>> [(part.name, round(part.estimate, 4)) for part in fit.components]
    [('study', 0.0825), ('study/effect', 0.0)]
    """
    if not levels:
        raise InputError("at least one level is needed")
    random, above, path = [], None, ""
    for name, values in levels.items():
        labels = as_labels(as_vector(values, name), name)
        if nested and above is not None:
            if len(labels) != len(above):
                raise InputError(f"{name} has {len(labels)} labels, the level above {len(above)}")
            pairs = list(zip(above, labels, strict=True))
            known: dict[Any, int] = {}
            labels = [str(known.setdefault(pair, len(known))) for pair in pairs]
        path = f"{path}/{name}" if nested and path else name
        random.append(RandomEffect(path, np.array(labels)))
        above = labels
    return fit_mixed(
        yi,
        sampling,
        random,
        moderators,
        method=method,
        test=test,
        level=level,
        intercept=intercept,
        reference=reference,
    )


def three_level(
    yi: Any,
    sampling: Any,
    studies: Any,
    moderators: Any = None,
    **options: Any,
) -> MixedFit:
    """Three levels: sampling error, effect sizes within studies, studies.

    `studies` are labels, shape (k,); every row is an effect size of its own. With a covariance
    matrix for correlated sampling errors (`covariance.correlated`), this is the model of
    correlated and hierarchical effects (CHE) of :cite:t:`pustejovsky2022`. `options` are those of
    `multilevel`.

    Examples
    --------
    >>> fit = three_level([0.1, 0.3, 0.6, 0.8, 0.2, 0.1], [0.02] * 6, [1, 1, 2, 2, 3, 3])
    >>> round(fit.coefficients[0].estimate, 4), round(fit.coefficients[0].se, 4)
    (0.35, 0.1756)
    """
    rows = np.arange(len(as_vector(studies, "studies")))
    return multilevel(yi, sampling, {"study": studies, "effect": rows}, moderators, **options)
