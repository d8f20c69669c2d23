"""What the randomised trials of one question say together, through every treatment that they link.

A trial of A and B and a trial of B and C say something of A and C, if their patients, care and time are alike.
This room asks every pair of treatments the same Question (`trials`), fits the network (`analysis.synthesis.network`)
and tells, for each pair, what is direct, what is indirect and what both say together (`answer`, `wording`).

>>> from analysis.answer import shipped_evidence
>>> from analysis.question import Question
>>> asked = Question(intervention="BKP", comparator="SHAM", time="12m")
>>> network_answer(asked, shipped_evidence()).contrast("BKP", "SHAM").told_directly
False
"""

from __future__ import annotations

from analysis.network import wording
from analysis.network.answer import Contrast, NetworkAnswer, Step, network_answer
from analysis.network.next_trial import NextTrial, next_trials
from analysis.network.overview import every_network, overview
from analysis.network.sentence import (
    answers_behind,
    hangs_on,
    indirect_contrast,
    indirect_sentence,
)
from analysis.network.transitivity import LinkRow, transitivity
from analysis.network.trials import Link, Trial
from analysis.network.withstands import Tolerance, tolerances

__all__ = [
    "Contrast",
    "Link",
    "LinkRow",
    "NetworkAnswer",
    "NextTrial",
    "Step",
    "Tolerance",
    "Trial",
    "answers_behind",
    "every_network",
    "hangs_on",
    "indirect_contrast",
    "indirect_sentence",
    "network_answer",
    "next_trials",
    "overview",
    "tolerances",
    "transitivity",
    "wording",
]
