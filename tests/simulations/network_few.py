"""Which interval to tell of a small network: coverage and length on the networks of the shipped evidence.

Run: python -m tests.simulations.network_few [SETS]. For each network and tau (in typical standard errors): share of
intervals of kyphoplasty against sham that hold the true value (0), and mean length against the common effect's.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.stats import t

from analysis.network import network_answer
from analysis.network.trials import rows_of
from analysis.question import Question
from analysis.synthesis.network import few_network, fit_network
from tests.evidence_builder import shipped

CASES = (("pain", "12m"), ("pain", "1m"), ("rmdq", "1m"), ("pain", "1w"))
PAIR = ("BKP", "SHAM")


def run(sets: int, seed: int = 7) -> None:
    rng = np.random.default_rng(seed)
    for outcome, time in CASES:
        question = Question(outcome=outcome, intervention=PAIR[0], comparator=PAIR[1], time=time)
        rows, _ = rows_of(network_answer(question, shipped()).trials)
        names, first, second, _, se = zip(*rows, strict=True)
        errors = np.array(se)
        for relative in (0.0, 0.5, 1.0, 2.0):
            tau = relative * np.median(errors)
            held: dict[str, list[bool]] = {}
            length: dict[str, list[float]] = {}
            for _ in range(sets):
                effects = rng.normal(0, np.sqrt(errors**2 + tau**2))
                for name, (low, high) in intervals(names, first, second, effects, errors).items():
                    held.setdefault(name, []).append(low <= 0 <= high)
                    length.setdefault(name, []).append(high - low)
            base = np.mean(length["common"])
            said = ", ".join(
                f"{name} {100 * np.mean(held[name]):.1f}% ({np.mean(length[name]) / base:.2f})"
                for name in held
            )
            print(f"{outcome} {time}, tau {relative:g}: {said}", flush=True)


def intervals(names, first, second, effects, errors) -> dict[str, tuple[float, float]]:
    fit = fit_network(names, first, second, effects, errors)
    i, j = map(fit.place, PAIR)
    half = t.ppf(0.975, fit.df) * fit.random.se[i, j]
    middle = fit.random.estimate[i, j]
    averaged = few_network(fit).pair(*PAIR)
    return {
        "common": (fit.common.ci_low[i, j], fit.common.ci_high[i, j]),
        "REML, normal": (fit.random.ci_low[i, j], fit.random.ci_high[i, j]),
        "REML, t": (middle - half, middle + half),
        "prior": (averaged.ci_low, averaged.ci_high),
    }


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
