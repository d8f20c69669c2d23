"""A network too small to tell how much true effects differ: its results averaged over how much they may.

The rule of two to four studies (`..few`) with the degrees of freedom of Q in place of k - 1: tau has an exponential
prior whose mean is the typical standard error of the contrasts, those of a trial with more than two arms turned so that
they are independent under every tau (`rows.py`); with two treatments it is that rule exactly, but for its floor
(`..floor`), which was settled for two to four studies alone.
"""

from __future__ import annotations

from analysis.errors import NotEstimable

from ..few import typical_error
from .bayes import BayesNetwork, bayes_network
from .result import Network


def prior_error(network: Network) -> float:
    """Typical standard error of the contrasts, on the scale of the effects.

    Raises
    ------
    ValueError
        Without degrees of freedom: then nothing tells tau.
    """
    if network.df < 1:
        raise NotEstimable("a network without degrees of freedom cannot tell how much effects differ")
    return float(typical_error(network.rows.variances))


def few_network(network: Network, level: float = 0.95) -> BayesNetwork:
    """Posteriors of all pairs under that prior.

    Source: :cite:t:`dias2013` (the model); :cite:t:`friede2017`; :cite:t:`roever2021` (the
    prior).

    Raises
    ------
    ValueError
        Without degrees of freedom; a level outside 0 to 1.
    """
    return bayes_network(network, ("exponential", prior_error(network)), level)
