"""Generalised linear mixed models for counts: exact likelihoods, random effects, rare events.

>>> from analysis.synthesis.glmm import glmm_proportion
>>> result = glmm_proportion([7, 12, 9, 14], [10, 20, 11, 40])
>>> round(result.estimate, 4), round(result.tau2, 4)
(0.37, 0.3979)
"""

from __future__ import annotations

from .fit import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from .models import IRR_MODELS, OR_MODELS
from .result import BackTransformed, GlmmPooled

__all__ = [
    "IRR_MODELS",
    "OR_MODELS",
    "BackTransformed",
    "GlmmPooled",
    "glmm_odds_ratio",
    "glmm_proportion",
    "glmm_rate",
    "glmm_rate_ratio",
]
