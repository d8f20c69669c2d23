"""Network meta-analysis: studies that compare several treatments, pair by pair, and what they say together.

>>> from analysis.synthesis.network import fit_network
>>> found = fit_network(["a", "b"], ["X", "Y"], ["Y", "Z"], [1.0, 2.0], [0.5, 0.5])
>>> float(found.common.estimate[0, 2])  # X minus Z, which no study compares
3.0
"""

from __future__ import annotations

from .arms import MEASURES, from_arms
from .bayes import BayesNetwork, bayes_network
from .components import Components, fit_components
from .contrasts import from_baseline, from_contrasts
from .contributions import Contributions, comparison_shares, contributions
from .few import few_network
from .fit import fit_network
from .mantel_haenszel import mantel_haenszel_network
from .many import Refits, bootstrap_counts, leave_one_out, refit_many
from .next_trial import narrowed
from .ranks import Ranks, rank_probabilities
from .result import Design, Evidence, League, Network, Split
from .small_study import SmallStudy, small_study
from .studies import DisconnectedNetwork, NetworkStudies
from .thresholds import Threshold, best_thresholds, limit_thresholds

__all__ = [
    "MEASURES",
    "BayesNetwork",
    "Components",
    "Contributions",
    "Design",
    "DisconnectedNetwork",
    "Evidence",
    "League",
    "Network",
    "NetworkStudies",
    "Ranks",
    "Refits",
    "SmallStudy",
    "Split",
    "Threshold",
    "bayes_network",
    "best_thresholds",
    "bootstrap_counts",
    "comparison_shares",
    "contributions",
    "few_network",
    "fit_components",
    "fit_network",
    "from_arms",
    "from_baseline",
    "from_contrasts",
    "leave_one_out",
    "limit_thresholds",
    "mantel_haenszel_network",
    "narrowed",
    "rank_probabilities",
    "refit_many",
    "small_study",
]
