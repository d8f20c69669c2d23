"""Which next trial would narrow what the network says of the pair that is asked about.

A trial of two treatments with so many patients in each group is given the standard error that such groups would
have: the usual spread of the trials in the network, their standard errors times the root of their size. The
interval is that of the same network with one more trial, heterogeneity and degrees of freedom held, so that rows
can be compared with each other and with the interval as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

import numpy as np

from analysis import vocabulary as words
from analysis.effects.scale import digits
from analysis.effects.study_effect import number
from analysis.network import wording
from analysis.network.answer import NetworkAnswer
from analysis.network.trials import Pair
from analysis.prose import capital
from analysis.synthesis.network import narrowed

SIZES = (50, 100, 200)
"""Patients in each of two groups."""


@dataclass(frozen=True, slots=True)
class NextTrial:
    """A trial that nobody has done: of `pair`, with each of `SIZES`; half the width of the interval after it."""

    pair: Pair
    halves: tuple[float, ...]
    direct: bool


COLUMNS = ("A trial of", *(f"{n} a group" for n in SIZES))
CAPTION = "Half the width of the interval after one more trial, by patients in each group"
HELD = "Heterogeneity is held as it is, and a trial of that size is given the precision that trials here had."


def next_trial_sentence(net: NetworkAnswer) -> str:
    """How wide the interval is, and which next trial would narrow it most; "" where none can be told."""
    found = next_trials(net)
    if not found or net.asked is None:
        return ""
    q, best = net.question, found[0]
    scale = " on the logarithmic scale" if q.effect_measure in words.RATIOS else f" {q.spec.unit}"
    now = f"{_half(net, half_width(net))}{scale}"
    return (
        f"The interval of {wording.versus(net.asked.pair)} reaches {now} to either side. "
        f"A trial of {wording.versus(best.pair)} would narrow it most: with {SIZES[1]} patients in each group to "
        f"{_half(net, best.halves[1])}."
    )


def next_trial_rows(net: NetworkAnswer, most: int = 6) -> tuple[tuple[str, ...], ...]:
    """The trials that would narrow it most, under `COLUMNS`."""
    return tuple(
        (capital(wording.versus(one.pair)), *(f"± {_half(net, half)}" for half in one.halves))
        for one in next_trials(net)[:most]
    )


def _half(net: NetworkAnswer, half: float) -> str:
    return number(half, max(digits(net.question), 2))


def half_width(net: NetworkAnswer) -> float:
    """Half the width of the network's interval as it is, on the pooled scale."""
    assert net.asked is not None
    return (net.asked.combined.high - net.asked.combined.low) / 2


def next_trials(net: NetworkAnswer) -> tuple[NextTrial, ...]:
    """Every trial of two treatments of the network, the one that would narrow most first; none without a pair."""
    spread = _spread(net)
    if net.asked is None or net.network is None or spread is None:
        return ()
    network, pair = net.network, net.asked.pair
    now = float(network.random.se[network.place(pair[0]), network.place(pair[1])])
    per_se = half_width(net) / now
    errors = [spread * math.sqrt(2 / n) for n in SIZES]
    tables = [
        narrowed(network, *pair, np.full((len(network.treatments),) * 2, se)) for se in errors
    ]
    found = []
    for a, t in enumerate(net.treatments):
        for c in net.treatments[a + 1 :]:
            i, j = network.place(t), network.place(c)
            halves = tuple(float(table[i, j]) * per_se for table in tables)
            found.append(NextTrial((t, c), halves, {t, c} == set(pair)))
    return tuple(sorted(found, key=lambda one: one.halves[-1]))


def _spread(net: NetworkAnswer) -> float | None:
    """The usual spread of one patient's result: of each trial, its standard error over the root of 1/n1 + 1/n2."""
    values = []
    for trial in net.trials:
        effect = trial.first
        if effect.n_t > 0 and effect.n_c > 0:
            values.append(effect.se / math.sqrt(1 / effect.n_t + 1 / effect.n_c))
    return median(values) if values else None
