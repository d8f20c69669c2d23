"""What goes with `pool`, against every metafor case: prediction intervals by method, profile likelihood,
Henmi-Copas, given weights, all subsets (GOSH), leave-one-out in one call.

Tolerance `Case.tolerance` (1e-9 relative, closed formulas and tight control), except Henmi-Copas: metafor
finds its critical value with R's default tolerance (1.2e-4) there; with tol=1e-13 the limits, noted
in the test, agree to 1e-9.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.synthesis import (
    all_subsets,
    henmi_copas,
    pool_many,
    pool_weighted,
    prediction_interval,
    profile_likelihood,
)
from tests.reference.cases import EXACT, Case, case, cases, dataset
from tests.reference.test_pool import CI_METHODS, pooled_as_called, studies_of

PREDICTION_METHODS = {"simple": "tau only", "riley": "t k-2", "t": "t k-1"}
PREDICTIONS = [item for item in cases("prediction interval") if "pi.type" in item.call]
LEAVE_ONE_OUT = cases("leave-one-out")
GENQ = cases("tau2: GENQ")
GOSH = cases("GOSH")
SHARES = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)


def close(expected: Any, rel: float = EXACT) -> Any:
    return pytest.approx(expected, rel=rel, abs=1e-12)


@pytest.mark.parametrize("reference", PREDICTIONS, ids=lambda item: item.id)
def test_prediction_interval_by_method(reference: Case) -> None:
    fit, kind = pooled_as_called(reference), reference.option("pi.type")
    if kind == "default":
        low, high = fit.pi_low, fit.pi_high
    else:
        found = prediction_interval(fit, PREDICTION_METHODS[kind])
        low, high = found.low, found.high
    assert low == close(reference.expected["pi.lb"])
    assert high == close(reference.expected["pi.ub"])


def test_profile_likelihood_interval() -> None:
    reference, studies = case("bcg_PL"), dataset("bcg")
    found = profile_likelihood(studies["yi"], studies["vi"])
    for theirs, ours in (("tau^2", "tau2"), ("I^2(%)", "i2"), ("H^2", "h2")):
        expected = reference.expected[theirs]
        assert getattr(found, ours) == close(expected["estimate"])
        assert getattr(found, f"{ours}_ci_low") == close(expected["ci.lb"])
        assert getattr(found, f"{ours}_ci_high") == close(expected["ci.ub"])


def test_henmi_copas_interval() -> None:
    expected, studies = case("bcg_hc").expected, dataset("bcg")
    found = henmi_copas(studies["yi"], studies["vi"])
    assert found.estimate == close(expected["beta"])
    assert found.se == close(expected["se"])
    assert found.tau2 == close(expected["tau2.rma"])
    assert found.ci_low == close(expected["ci.lb"], rel=1e-4)
    assert found.ci_high == close(expected["ci.ub"], rel=2e-4)
    # hc(rma(yi, vi, data=bcg, method="DL"), control=list(tol=1e-13)), metafor 3.8-1
    assert found.ci_low == close(-1.15554876193203)
    assert found.ci_high == close(0.29497843462385)


@pytest.mark.parametrize("reference", GENQ, ids=lambda item: item.id)
def test_given_weights(reference: Case) -> None:
    studies = dataset("bcg")
    sizes = studies[["tpos", "tneg", "cpos", "cneg"]].sum(axis=1)
    weights = sizes if "tpos" in reference.call else 1 / studies["vi"]
    found = pool_weighted(studies["yi"], studies["vi"], weights)
    for theirs, ours in {
        "beta": "estimate", "se": "se", "ci.lb": "ci_low", "ci.ub": "ci_high", "pval": "p_value",
        "tau2": "tau2", "se.tau2": "tau2_se", "I2": "i2", "H2": "h2", "QE": "q", "QEp": "q_p_value",
    }.items():  # fmt: skip
        assert getattr(found, ours) == pytest.approx(reference.expected[theirs], rel=EXACT), ours


@pytest.mark.parametrize("reference", LEAVE_ONE_OUT, ids=lambda item: item.id)
def test_leaving_out_each_study_in_one_call(reference: Case) -> None:
    studies = studies_of(reference)
    found = pool_many(
        studies["yi"],
        studies["vi"],
        ~np.eye(len(studies), dtype=bool),
        tau2=reference.option("method") or "REML",
        ci=CI_METHODS[reference.option("test")],
    )
    for theirs, ours in {
        "estimate": "estimate", "se": "se", "pval": "p_value", "ci.lb": "ci_low", "ci.ub": "ci_high",
        "Q": "q", "Qp": "q_p_value", "tau2": "tau2", "I2": "i2", "H2": "h2",
    }.items():  # fmt: skip
        assert getattr(found, ours).tolist() == close(reference.expected[theirs]), ours


@pytest.mark.parametrize("reference", GOSH, ids=lambda item: item.id)
def test_all_subsets(reference: Case) -> None:
    """Means and quantiles over all 8,191 subsets.

    metafor's H2 here is Q / df, below 1 where Q is, also after DL; ours is so with a common effect.
    """
    studies, method = dataset("bcg"), reference.option("method")
    found = all_subsets(studies["yi"], studies["vi"], tau2=method)
    assert len(found) == reference.expected["n_subsets"]
    names = {"k": "k", "QE": "q", "I2": "i2", "tau2": "tau2", "estimate": "estimate"}
    if method == "EE":
        names["H2"] = "h2"
    for theirs, ours in names.items():
        values = getattr(found, ours).astype(float)
        assert values.mean() == close(reference.expected[f"{theirs}_mean"]), ours
        quantiles = np.quantile(values, SHARES).tolist()
        assert quantiles == close(reference.expected[f"{theirs}_q"]), ours
