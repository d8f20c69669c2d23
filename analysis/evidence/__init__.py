"""Published evidence: typed, checked tables, and the rules that choose from them."""

from __future__ import annotations

from analysis.evidence.faults import Fault
from analysis.evidence.load import Evidence, load_evidence

__all__ = ["Evidence", "Fault", "load_evidence"]
