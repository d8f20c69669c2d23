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

from analysis.network.answer import NetworkAnswer
from analysis.network.trials import Pair
from analysis.synthesis.network import narrowed

SIZES = (50, 100, 200)
"""Patients in each of two groups."""


@dataclass(frozen=True, slots=True)
class NextTrial:
    """A trial that nobody has done: of `pair`, with each of `SIZES`; half the width of the interval after it."""

    pair: Pair
    halves: tuple[float, ...]
    direct: bool


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
