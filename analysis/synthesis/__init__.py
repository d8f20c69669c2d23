"""Meta-analysis of effect sizes: arrays in, a small result out.

Knows nothing of studies, files or pages, and imports nothing from the rest of the project.

>>> from analysis.synthesis import pool
>>> pool([0.2, 0.4, 0.9], [0.04, 0.05, 0.04], ci="hksj-adhoc").k
3
"""

from __future__ import annotations

from .batch import pool_many
from .bayes import BayesPooled, pool_bayes
from .genq import pool_weighted
from .henmi_copas import HenmiCopas, henmi_copas
from .many_result import PooledMany
from .pool import pool
from .prediction import PredictionInterval, prediction_interval
from .predictive import Predictive, predictive
from .profile_likelihood import Tau2Profile, profile_likelihood
from .result import Pooled
from .subsets import Subsets, all_subsets
from .told import Told, told

__all__ = [
    "BayesPooled",
    "HenmiCopas",
    "Pooled",
    "PooledMany",
    "PredictionInterval",
    "Predictive",
    "Subsets",
    "Tau2Profile",
    "Told",
    "all_subsets",
    "henmi_copas",
    "pool",
    "pool_bayes",
    "pool_many",
    "pool_weighted",
    "prediction_interval",
    "predictive",
    "profile_likelihood",
    "told",
]
