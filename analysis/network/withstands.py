"""How far a trial may be wrong before the network's verdict on the pair asked about changes.

Estimates are linear in the data: a bias in one trial's effect moves the pair's estimate by a known share of it
(Phillippo and others 2018; `analysis.synthesis.network.thresholds`). The interval keeps its width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.appraisal.verdict import Verdict, verdict
from analysis.appraisal.wording import benefit
from analysis.network.answer import Contrast, NetworkAnswer
from analysis.network.trials import Pair, Trial
from analysis.synthesis.network import limit_thresholds


@dataclass(frozen=True, slots=True)
class Tolerance:
    """One effect of one trial: how far it may be moved, down (`low` < 0) and up, on the pooled scale.

    Infinite where no bias changes the verdict; `says_low` and `says_high` are the verdicts beyond.
    """

    trial: Trial
    pair: Pair
    se: float
    low: float
    high: float
    says_low: Verdict | None
    says_high: Verdict | None

    @property
    def nearest(self) -> float:
        """The smaller of the two, in standard errors of the trial."""
        return min(-self.low, self.high) / self.se


def tolerances(net: NetworkAnswer) -> tuple[Tolerance, ...]:
    """Every effect in the answer asked for, the one that may be wrong by least first; none without a pair."""
    one = net.asked
    if one is None or net.network is None:
        return ()
    shifts = [turn for sign in (-1.0, 1.0) if (turn := _turn(one, sign, _mid(net))) is not None]
    at = net.network.place(one.pair[0]), net.network.place(one.pair[1])
    estimate = float(net.network.random.estimate[at])
    by_id = {trial.trial: trial for trial in net.trials}
    found: dict[tuple[str, Pair], list[tuple[float, Verdict]]] = {}
    errors: dict[tuple[str, Pair], float] = {}
    for shift, says in shifts:
        for point in limit_thresholds(net.network, *one.pair, estimate + shift):
            pair, sign = _as_asked(by_id[point.study], (point.treat1, point.treat2))
            errors[point.study, pair] = point.se
            biases = [(sign * b, says) for b in (point.low, point.high) if math.isfinite(b)]
            found.setdefault((point.study, pair), []).extend(biases)
    made = [
        _tolerance(by_id[study], pair, errors[study, pair], biases)
        for (study, pair), biases in found.items()
        if biases
    ]
    return tuple(sorted(made, key=lambda t: t.nearest))


def _as_asked(trial: Trial, pair: Pair) -> tuple[Pair, float]:
    """The pair the way round in which the trial's effect is shown, and the sign that turns a bias so."""
    return (pair, 1.0) if pair in trial.effects else ((pair[1], pair[0]), -1.0)


def _tolerance(
    trial: Trial, pair: Pair, se: float, biases: Sequence[tuple[float, Verdict]]
) -> Tolerance:
    low, says_low = max((b for b in biases if b[0] < 0), key=_size, default=(-math.inf, None))
    high, says_high = min((b for b in biases if b[0] > 0), key=_size, default=(math.inf, None))
    return Tolerance(trial, pair, se, low, high, says_low, says_high)


def _size(bias: tuple[float, Verdict]) -> float:
    return bias[0]


def _mid(net: NetworkAnswer) -> float | None:
    return net.mid.value if net.mid is not None else None


def _turn(one: Contrast, sign: float, mid: float | None) -> tuple[float, Verdict] | None:
    """The smallest shift of the estimate in one direction that changes the verdict, and the verdict beyond it."""
    limits = (0.0,) if mid is None else (-mid, 0.0, mid)
    ends = (one.combined.low, one.combined.high)
    shifts = sorted(
        (limit - end for limit in limits for end in ends if sign * (limit - end) > 0), key=abs
    )
    step = sign * 1e-9 * (ends[1] - ends[0])
    for shift in shifts:
        beyond = verdict(*benefit(one.question, *(end + shift + step for end in ends)), mid)
        if beyond is not one.verdict:
            return shift, beyond
    return None
