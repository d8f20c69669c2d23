"""What the shipped evidence says through its networks, against netmeta's results on the same trials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analysis.network import hangs_on, indirect_sentence, network_answer
from analysis.question import Question
from tests.evidence_builder import shipped

NETMETA = Path(__file__).resolve().parents[1] / "reference" / "network"
ASKED = Question(intervention="BKP", comparator="SHAM")


@pytest.mark.parametrize(("time", "file"), [("12m", "own_pain_12m"), ("1m", "own_pain_1m")])
def test_the_network_of_the_shipped_trials_is_that_of_netmeta(time, file):
    """The file was made from the rows of these trials; a new trial changes both, so it is to be made again then."""
    wanted = json.loads((NETMETA / f"{file}.json").read_text())
    network = network_answer(ASKED.replace(time=time), shipped()).network
    assert list(network.treatments) == wanted["treatments"]
    assert network.q == pytest.approx(wanted["DL"]["Q"], rel=1e-9)
    assert network.q_between == pytest.approx(wanted["DL"]["Q.between"], rel=1e-9)
    # both have tau2 = 0, so the random-effects estimates are closed form; so is REML's of metafor
    assert wanted["DL"]["tau2"] == 0
    assert network.common.estimate == pytest.approx(_matrix(wanted["DL"]["common"]["TE"]), abs=1e-9)
    assert network.common.se == pytest.approx(_matrix(wanted["DL"]["common"]["seTE"]), abs=1e-9)


def _matrix(values: object) -> object:
    import numpy as np

    return np.asarray(values["values"] if isinstance(values, dict) else values, dtype=float)


def test_at_twelve_months_kyphoplasty_differs_from_sham_by_less_than_matters():
    net = network_answer(ASKED.replace(time="12m"), shipped())
    asked = net.asked.combined
    assert net.model == "random"
    assert (round(asked.estimate, 2), round(asked.low, 2), round(asked.high, 2)) == (
        0.18,
        -1.05,
        1.41,
    )
    assert "perhaps no important difference" in indirect_sentence(
        ASKED.replace(time="12m"), shipped()
    )
    assert "CEEP (Evans 2016) alone" in hangs_on(ASKED.replace(time="12m"), shipped())


def test_the_steps_at_twelve_months():
    net = network_answer(ASKED.replace(time="12m"), shipped())
    assert [round(step.contrast.combined.estimate, 2) for step in net.steps] == [-1.15, -0.72, 0.90]
    assert [step.contrast.told_directly for step in net.steps] == [False, True, True]
