"""Whether the small trials of a network lean to one side."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.effects.study_effect import number
from analysis.network.answer import NetworkAnswer
from analysis.prose import counted
from analysis.synthesis.network import small_study

LEAST_COMPARISONS = 10
"""Fewer are not tested, as in a funnel of one comparison (Sterne and others 2011)."""


def small_trials_sentence(net: NetworkAnswer) -> str:
    """The P value of the comparison-adjusted test, or why there is none."""
    assert net.network is not None
    if net.network.pairs < LEAST_COMPARISONS:
        return (
            "Whether small trials show other results than large ones is not tested: "
            f"{counted(net.network.pairs, 'comparison')}, and at least {LEAST_COMPARISONS} are needed."
        )
    found = small_study(net.network, [t for t in words.ASKED_FIRST if t in net.treatments])
    return (
        "Do small trials show other results than large ones (each comparison less its mean; Egger's regression)? P "
        f"{number(found.p_value, 2)}."
    )
