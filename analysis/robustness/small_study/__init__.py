"""Small-study effects: do imprecise studies tell another story than precise ones?

Asymmetry of a funnel plot is not proof of publication bias; with fewer than ten studies these
tests say little either way, and every result carries a flag (`enough_studies`) and a note.
"""

from __future__ import annotations

from .begg import RankTest, begg
from .egger import egger
from .excess_significance import ExcessSignificance, excess_significance
from .few_studies import MINIMUM_STUDIES, enough_studies
from .funnel_regression import funnel_regression
from .harbord import harbord
from .limit import LimitMetaAnalysis, limit_meta_analysis
from .pet_peese import PetPeese, peese, pet, pet_peese
from .peters import peters
from .result import FunnelRegression
from .selection import selection_model
from .selection_result import SelectionModel, SelectionParameter
from .trim_and_fill import TrimAndFill, trim_and_fill

__all__ = [
    "MINIMUM_STUDIES",
    "ExcessSignificance",
    "FunnelRegression",
    "LimitMetaAnalysis",
    "PetPeese",
    "RankTest",
    "SelectionModel",
    "SelectionParameter",
    "TrimAndFill",
    "begg",
    "egger",
    "enough_studies",
    "excess_significance",
    "funnel_regression",
    "harbord",
    "limit_meta_analysis",
    "peese",
    "pet",
    "pet_peese",
    "peters",
    "selection_model",
    "trim_and_fill",
]
