"""A network too small to tell how much true effects differ: its results averaged over how much they may.

The rule of two to four studies (`..few`) with the degrees of freedom of Q in place of k - 1: tau has an exponential
prior whose mean is the typical standard error of the contrasts, (df / tr(P))^(1/2) with P the weights less their fit
(Higgins and Thompson 2002, equation 9, for a regression); with two treatments it is that rule exactly.
"""

from __future__ import annotations

import math

import numpy as np

from .bayes import BayesNetwork, bayes_network
from .result import Network


def typical_error(network: Network) -> float:
    """Square root of the typical sampling variance of the contrasts, on the scale of the effects.

    Raises
    ------
    ValueError
        Without degrees of freedom.
    """
    if network.df < 1:
        raise ValueError("a network without degrees of freedom has no typical sampling variance")
    design = network.rows.matrix[:, 1:]
    weights = 1.0 / network.rows.variances
    information = design.T @ (weights[:, None] * design)
    fit = np.linalg.solve(information, design.T @ (weights[:, None] ** 2 * design))
    return math.sqrt(network.df / float(weights.sum() - np.trace(fit)))


def few_network(network: Network, level: float = 0.95) -> BayesNetwork:
    """Posteriors of all pairs under that prior.

    Raises
    ------
    ValueError
        Without degrees of freedom; a level outside 0 to 1.
    """
    return bayes_network(network, ("exponential", typical_error(network)), level)
