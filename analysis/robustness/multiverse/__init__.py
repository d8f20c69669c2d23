"""Multiverse: every defensible analysis of one Question, its summary, and which choice moves the answer."""

from analysis.robustness.multiverse.choices import Choice, choices_of, level_of
from analysis.robustness.multiverse.run import Crossed, Multiverse, multiverse
from analysis.robustness.multiverse.summary import Summary, summarise

__all__ = [
    "Choice",
    "Crossed",
    "Multiverse",
    "Summary",
    "choices_of",
    "level_of",
    "multiverse",
    "summarise",
]
