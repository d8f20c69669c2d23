"""Network meta-analysis: studies that compare several treatments, pair by pair, and what they say together.

>>> from analysis.synthesis.network import fit_network
>>> found = fit_network(["a", "b"], ["X", "Y"], ["Y", "Z"], [1.0, 2.0], [0.5, 0.5])
>>> float(found.common.estimate[0, 2])  # X minus Z, which no study compares
3.0
"""

from __future__ import annotations

from .arms import MEASURES, from_arms
from .contrasts import from_baseline, from_contrasts
from .fit import fit_network
from .result import Design, Evidence, League, Network, Split
from .studies import DisconnectedNetwork, NetworkStudies

__all__ = [
    "MEASURES",
    "Design",
    "DisconnectedNetwork",
    "Evidence",
    "League",
    "Network",
    "NetworkStudies",
    "Split",
    "fit_network",
    "from_arms",
    "from_baseline",
    "from_contrasts",
]
