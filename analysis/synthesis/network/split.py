"""Direct and indirect evidence, by back-calculation.

Direct: the pairwise meta-analysis of all studies with both treatments, with the network's tau2. The
network's estimate is the weighted mean of direct and indirect evidence, so with p = var(network) /
var(direct), indirect = (network - p direct) / (1 - p), with variance var(network) / (1 - p).
:cite:t:`dias2010`; :cite:t:`koenig2013`.
"""

from __future__ import annotations

import numpy as np

from ..inference import critical_value, two_sided_p
from .league import intervals
from .result import Evidence, League, Split
from .studies import NetworkStudies

# A share of direct evidence so close to 1 leaves nothing indirect; the rest is rounding.
ALL_DIRECT = 1e-8


def split(
    studies: NetworkStudies, network: League, tau2: float, level: float, df: int | None
) -> Evidence:
    """Direct and indirect evidence of every pair, at one tau2."""
    weight, total, count = _sums(studies, tau2)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = np.where(count > 0, total / weight, np.nan)
        se = np.where(count > 0, 1 / np.sqrt(weight), np.nan)
        share = np.where(count > 0, np.minimum(1.0, network.se**2 * weight), 0.0)
    np.fill_diagonal(share, np.nan)
    both = 1.0 - share > ALL_DIRECT
    share = np.where(both, share, 1.0)
    np.fill_diagonal(share, np.nan)
    left = np.where(both, 1.0 - share, np.nan)
    indirect = (network.estimate - share * np.where(count > 0, estimate, 0.0)) / left
    indirect_se = network.se / np.sqrt(left)
    splits = []
    for i, j in np.argwhere(np.triu(both & (count > 0), 1)):
        difference = float(estimate[i, j] - indirect[i, j])
        error = float(np.hypot(se[i, j], indirect_se[i, j]))
        statistic = difference / error
        splits.append(
            Split(
                (studies.treatments[i], studies.treatments[j]),
                int(count[i, j]),
                difference,
                error,
                statistic,
                two_sided_p(statistic, None),
            )
        )
    half = critical_value(level, df)
    return Evidence(
        League(estimate, se, estimate - half * se, estimate + half * se),
        intervals(indirect, indirect_se, level, df),
        share,
        tuple(splits),
    )


def _sums(studies: NetworkStudies, tau2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum of weights, of weighted effects, and number of studies per pair; shapes (n, n)."""
    weight, total = np.zeros((studies.n, studies.n)), np.zeros((studies.n, studies.n))
    count = np.zeros((studies.n, studies.n), dtype=int)
    for block in studies.blocks:
        s, p = block.arms.shape
        values = np.concatenate([np.zeros((s, 1)), block.effects], axis=1)
        bordered = np.zeros((s, p, p))
        bordered[:, 1:, 1:] = block.covariance
        own = np.einsum("spp->sp", bordered)
        one, other = np.triu_indices(p, 1)
        at = block.arms[:, one], block.arms[:, other]
        w = 1.0 / (own[:, one] + own[:, other] - 2 * bordered[:, one, other] + tau2)
        np.add.at(weight, at, w)
        np.add.at(total, at, w * (values[:, one] - values[:, other]))
        np.add.at(count, at, 1)
    return weight + weight.T, total - total.T, count + count.T
