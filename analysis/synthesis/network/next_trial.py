"""Which next trial would narrow the estimate of one pair the most.

A trial of treatments i and j with standard error s adds one row x to the design, so the covariance C of
the effects becomes C - C x x' C / (s^2 + tau2 + x' C x) :cite:p:`sherman1950`; tau2 is held.
"""

from __future__ import annotations

import numpy as np

from analysis.errors import InputError

from .result import Network, check_model


def narrowed(
    network: Network, treat1: str, treat2: str, se: float | np.ndarray, model: str = "random"
) -> np.ndarray:
    """Standard error of `treat1` against `treat2` after one more trial of each pair, shape (n, n).

    Parameters
    ----------
    se : standard error of the new trial's own effect; one number, or (n, n) by the pair that it compares.
    model : "random" or "common".

    Returns
    -------
    [i, j] is for a trial of i and j; on the diagonal, the standard error as it is.

    Raises
    ------
    ValueError
        An unknown treatment; a standard error that is not positive.
    """
    check_model(model)
    if not np.all(np.asarray(se) > 0):
        raise InputError("se must be above 0")
    a, b = network.place(treat1), network.place(treat2)
    covariance = network.covariance if model == "random" else network.covariance_common
    pairs = network.random if model == "random" else network.common
    tau2 = (network.tau2 or 0.0) if model == "random" else 0.0
    row = covariance[a] - covariance[b]
    shared = row[:, None] - row  # covariance of the pair with each other pair
    gain = shared**2 / (np.square(se) + tau2 + pairs.se**2)
    return np.sqrt(np.maximum(pairs.se[a, b] ** 2 - gain, 0.0))
