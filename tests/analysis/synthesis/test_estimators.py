"""Estimators of tau2 and intervals of the mean have one list each, and the page on adding one can be followed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2

from analysis import vocabulary as words
from analysis.synthesis import meta_regression, pool, pool_many
from analysis.synthesis.estimators import ESTIMATORS
from analysis.synthesis.intervals import INTERVALS
from analysis.synthesis.network import fit_network

ROOT = Path(__file__).resolve().parents[3]
HOWTO = ROOT / "docs" / "howto" / "estimator.md"
YI, VI = [0.10, 0.30, 0.35, 0.65, 0.20, 0.90], [0.01, 0.02, 0.04, 0.03, 0.01, 0.02]

TRIED = """
import json
from analysis import Question, vocabulary
from analysis.__main__ import main
from analysis.robustness.multiverse.choices import choices_of
from analysis.synthesis import meta_regression, permutation_test, pool, pool_many
from analysis.synthesis.network import fit_network
yi, vi, weeks = {yi}, {vi}, {{"weeks": [1, 2, 3, 4, 5, 8]}}
one = pool(yi, vi, tau2="LOW")
print(json.dumps({{
    "one": one.tau2, "se": one.tau2_se,
    "many": pool_many([yi], [vi], tau2="LOW").tau2[0],
    "regression": meta_regression(yi, vi, tau2="LOW").tau2,
    "moderated": meta_regression(yi, vi, weeks, tau2="LOW").tau2,
    "permuted": permutation_test(yi, vi, weeks, tau2="LOW", most=30).p_values[1],
    "network": fit_network(list("abcdef"), ["A"] * 6, ["B"] * 6, yi, [v**0.5 for v in vi], tau2="LOW").tau2,
    "label": vocabulary.TAU2_METHODS["LOW"],
    "address": Question.from_query(Question(tau2="LOW").to_query())[0].tau2,
    "multiverse": "LOW" in next(c for c in choices_of(Question()) if c.field == "tau2").levels,
}}))
main(["pool", "mine.csv", "--tau2", "LOW", "--ci", "wald", "--json"])
"""


def followed(where: Path) -> None:
    """Do in a copy what the page says."""
    page = HOWTO.read_text(encoding="utf-8")
    name = re.search(r"`(analysis/synthesis/estimators/\w+\.py)`:", page)[1]
    (where / name).write_text(re.search(r"```python\n(.*?)```", page, re.S)[1], encoding="utf-8")
    line = re.search(r"`(from \.lower import LOW)`", page)[1]
    listed = where / "analysis" / "synthesis" / "estimators" / "__init__.py"
    text = listed.read_text(encoding="utf-8")
    text = text.replace("from .kinds import", f"{line}\nfrom .kinds import")
    listed.write_text(
        text.replace("        PMM,\n", "        PMM,\n        LOW,\n"), encoding="utf-8"
    )


def test_an_estimator_is_one_file_and_one_entry(tmp_path):
    for folder in ("analysis", "data"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    followed(tmp_path)
    (tmp_path / "mine.csv").write_text(
        "study,yi,vi\n"
        + "".join(f"s{i},{y},{v}\n" for i, (y, v) in enumerate(zip(YI, VI, strict=True)))
    )
    command = [sys.executable, "-c", TRIED.format(yi=YI, vi=VI)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    first, _, told = done.stdout.partition("\n")
    found = json.loads(first)
    for name in ("many", "regression", "network"):
        assert found[name] == pytest.approx(found["one"], rel=1e-9), name
    # the value that the page promises, by a Q worked out here
    weights = 1 / (np.array(VI) + found["one"])
    mean = np.average(YI, weights=weights)
    assert weights @ (np.array(YI) - mean) ** 2 == pytest.approx(chi2.ppf(0.75, 5), rel=1e-9)
    assert 0 < found["moderated"] < found["one"]
    assert found["se"] > 0
    assert 0 < found["permuted"] <= 1
    assert (found["label"], found["address"], found["multiverse"]) == (
        "lower quartile",
        "LOW",
        True,
    )
    assert json.loads(told)["tau2"] == pytest.approx(found["one"], rel=1e-9)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimate_is_the_same_by_every_way(name):
    one = pool(YI, VI, tau2=name).tau2
    study = list("abcdef")
    network = fit_network(study, ["A"] * 6, ["B"] * 6, YI, np.sqrt(VI), tau2=name)
    assert pool_many([YI], [VI], tau2=name).tau2[0] == pytest.approx(one, rel=1e-9)
    assert meta_regression(YI, VI, tau2=name).tau2 == pytest.approx(one, rel=1e-9)
    assert network.tau2 == pytest.approx(one, rel=1e-8)


@pytest.mark.parametrize("name", INTERVALS)
def test_an_interval_is_the_same_by_every_way(name):
    one, many = pool(YI, VI, ci=name), pool_many([YI], [VI], ci=name)
    mean = meta_regression(YI, VI, ci=name).coefficients[0]
    model = one.model().conf_int().to_numpy()[0]
    for low, high in ((many.ci_low[0], many.ci_high[0]), (mean.ci_low, mean.ci_high), model):
        assert (low, high) == pytest.approx((one.ci_low, one.ci_high), rel=1e-9)


def test_readers_are_offered_what_has_words_for_them():
    assert list(words.TAU2_METHODS) == [*ESTIMATORS, "EE"]
    assert list(words.CI_METHODS) == [name for name, method in INTERVALS.items() if method.label]
    assert all(method.sentence for method in INTERVALS.values() if method.label)


def test_a_note_on_hksj_in_a_common_effect_model_is_for_intervals_that_rescale():
    noted = {
        name for name in INTERVALS if any("rescales" in n for n in pool(YI, VI, "EE", name).notes)
    }
    assert noted == {"hksj", "hksj-adhoc"}
