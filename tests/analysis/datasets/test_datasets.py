"""The data sets that come with the package: each with a loader that names its source, and as R has them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import datasets
from analysis.synthesis.network import fit_network, from_arms
from tests.reference import network_cases

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "metafor_reference.json").read_text(encoding="utf-8")
)["datasets"]


@pytest.mark.parametrize("name", datasets.NAMES)
def test_each_has_a_loader_with_source_and_purpose(name):
    loader = getattr(datasets, f"load_{name}")
    assert loader().equals(datasets.load(name))
    assert "Source:" in loader.__doc__ or "made-up" in loader.__doc__
    assert "For:" in loader.__doc__


@pytest.mark.parametrize("name", REFERENCE)
def test_rows_and_columns_are_those_that_r_worked_on(name):
    found = datasets.load(name)
    assert len(found) == REFERENCE[name]["rows"]
    assert list(found.columns) == REFERENCE[name]["columns"]


def test_the_network_of_arms_is_that_of_netmeta():
    """netmeta's contrasts of the same trials, in `tests/reference/network`; closed forms, so to rounding."""
    wide = datasets.load_smokingcessation()
    rows = [
        (str(i), trial[f"treat{j}"], trial[f"event{j}"], trial[f"n{j}"])
        for i, trial in wide.iterrows()
        for j in (1, 2, 3)
        if isinstance(trial[f"treat{j}"], str)
    ]
    study, treatment, events, n = zip(*rows, strict=True)
    found = fit_network(from_arms(study, treatment, "OR", events=events, n=n), tau2="DL")
    expected = network_cases.fit("smokingcessation")
    assert found.treatments == expected.treatments
    assert found.tau2 == pytest.approx(expected.tau2, rel=1e-6)
    assert np.allclose(found.random.estimate, expected.random.estimate, rtol=1e-6)


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(ValueError, match="no data set 'bgc'; there are assink2016, "):
        datasets.load("bgc")
