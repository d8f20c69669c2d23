"""Meta-analysis of effect sizes: arrays in, a small result out.

Knows nothing of studies, files or pages, and imports nothing from the rest of the project.

>>> from analysis.synthesis import pool
>>> pool([0.2, 0.4, 0.9], [0.04, 0.05, 0.04], ci="hksj-adhoc").k
3
"""

from __future__ import annotations

from .batch import pool_many
from .many_result import PooledMany
from .pool import pool
from .result import Pooled
from .subsets import Subsets, all_subsets

__all__ = ["Pooled", "PooledMany", "Subsets", "all_subsets", "pool", "pool_many"]
