"""Figures that trials measured and nobody here could read, and what each would do to a lead question."""

from analysis.wanted.find import ASSUMPTION, Gain, Wanted, wanted

__all__ = ["ASSUMPTION", "Gain", "Wanted", "wanted"]
