"""REML and ML: :cite:t:`viechtbauer2005`; :cite:t:`harville1977`."""

from __future__ import annotations

from .kinds import MostLikely

REML = MostLikely("REML", "restricted maximum likelihood")
ML = MostLikely("ML", "maximum likelihood", restricted=False)
