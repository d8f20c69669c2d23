"""Small-study effects against every metafor case of their topics.

Closed formulas and tightly controlled fits must agree to 1e-9 relative (seen: about 1e-12); the
cases that metafor fits with its default control (excess significance, trim and fill) to 1e-4.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from analysis.robustness import small_study
from tests.reference.cases import DEFAULT_CONTROL, EXACT, Case, case, cases, dataset

EGGER = [*cases("Egger"), *cases("funnel regression")]
RANK = cases("rank correlation test")
TRIM_AND_FILL = cases("trim and fill")
LINES = [*cases("PET"), *cases("PEESE"), *cases("Peters"), *cases("Harbord")]


def close(expected: object, rel: float = EXACT) -> object:
    return pytest.approx(expected, rel=rel, abs=1e-12)


def p_close(expected: float, rel: float = 1e-8) -> object:
    return pytest.approx(expected, rel=rel, abs=0)


def named_data(reference: Case) -> pd.DataFrame:
    """The data set that the R call names; `egg2` and `egg3` are `egg` with further columns."""
    return dataset(reference.dataset)


def test_every_case_of_these_topics_is_read() -> None:
    assert [len(item) for item in (EGGER, RANK, TRIM_AND_FILL, LINES)] == [
        10, 4, 12, 10,
    ]  # fmt: skip


@pytest.mark.parametrize("reference", EGGER, ids=lambda item: item.id)
def test_funnel_regression_agrees_with_regtest(reference: Case) -> None:
    rows, expected = named_data(reference), reference.expected
    sizes = rows["n1i"] + rows["n2i"] if "ni=" in reference.call else None
    found = small_study.funnel_regression(
        rows["yi"],
        rows["vi"],
        sizes,
        predictor=reference.option("predictor") or "sei",
        model="multiplicative" if reference.option("model") == "lm" else "mixed-effects",
    )
    assert [found.limit.estimate, found.slope.estimate] == close(expected["fit_coef"])
    assert [found.limit.se, found.slope.se] == close(expected["fit_se"])
    assert [found.limit.ci_low, found.limit.ci_high] == close(
        [expected["ci.lb"], expected["ci.ub"]]
    )
    assert found.statistic == close(expected["zval"])
    assert found.p_value == p_close(expected["pval"])
    assert found.df == expected["dfs"]


@pytest.mark.parametrize("reference", cases("Egger"), ids=lambda item: item.id)
def test_egger_is_the_regression_on_the_standard_error(reference: Case) -> None:
    rows = named_data(reference)
    model = "multiplicative" if reference.option("model") == "lm" else "mixed-effects"
    found = small_study.egger(rows["yi"], rows["vi"], model)
    assert found.statistic == close(reference.expected["zval"])
    assert found.enough_studies == (len(rows) >= 10)


@pytest.mark.parametrize("reference", RANK, ids=lambda item: item.id)
def test_rank_test_agrees_with_ranktest(reference: Case) -> None:
    rows = named_data(reference)
    found = small_study.begg(rows["yi"], rows["vi"])
    assert found.tau == close(reference.expected["tau"])
    assert found.p_value == p_close(reference.expected["pval"])


@pytest.mark.parametrize("reference", TRIM_AND_FILL, ids=lambda item: item.id)
def test_trim_and_fill_agrees_with_trimfill(reference: Case) -> None:
    rows, expected = named_data(reference), reference.expected
    found = small_study.trim_and_fill(
        rows["yi"],
        rows["vi"],
        estimator=reference.option("estimator") or "L0",
        tau2=reference.option("method") or "REML",
    )
    assert found.side == expected["side"]
    assert found.missing == expected["k0"]
    assert found.missing_se == close(expected["se.k0"])
    assert found.missing_p_value == expected["p.k0"]
    # Inside trimfill, metafor fits again with its default control, whatever the first fit had.
    rel = EXACT if reference.option("method") == "EE" else DEFAULT_CONTROL
    for theirs, ours in {
        "k": "k", "beta": "estimate", "se": "se", "zval": "statistic", "ci.lb": "ci_low",
        "ci.ub": "ci_high", "tau2": "tau2", "I2": "i2", "H2": "h2", "QE": "q",
    }.items():  # fmt: skip
        assert getattr(found.adjusted, ours) == close(expected[theirs], rel), ours
    assert found.adjusted.p_value == p_close(expected["pval"], 10 * rel)
    assert len(found.filled_yi) == len(found.filled_vi) == found.missing


@pytest.mark.parametrize("reference", LINES, ids=lambda item: item.id)
def test_weighted_lines_agree_with_lm(reference: Case) -> None:
    rows, expected = named_data(reference), reference.expected
    if "PET" in reference.id:
        found = small_study.pet(rows["yi"], rows["vi"])
    elif "PEESE" in reference.id:
        found = small_study.peese(rows["yi"], rows["vi"])
    elif "peters" in reference.id:
        table = [rows[name] for name in ("ai", "n1i", "ci", "n2i")]
        found = small_study.peters(rows["yi"], *table)
    else:
        found = small_study.harbord(*(rows[name] for name in ("ai", "n1i", "ci", "n2i")))
    both = (found.limit, found.slope)
    assert [item.estimate for item in both] == close(expected["coef"])
    assert [item.se for item in both] == close(expected["se"])
    assert [item.statistic for item in both] == close(expected["t"])
    assert [item.p_value for item in both] == p_close(expected["p"])
    assert found.df == expected["df"]
    assert np.sqrt(found.dispersion) == close(expected["sigma"])


@pytest.mark.parametrize("name", ["bcg", "egger2001", "hackshaw1998", "normand1999"])
def test_conditional_estimate_follows_the_rule_on_the_reference_lines(name: str) -> None:
    rows = dataset(name)
    found = small_study.pet_peese(rows["yi"], rows["vi"])
    on_error = case(f"{name}_PET").expected
    chosen = "PEESE" if on_error["p"][0] < 0.05 else "PET"
    assert found.chosen == chosen
    assert found.estimate.estimate == close(case(f"{name}_{chosen}").expected["coef"][0])


def test_excess_significance_agrees_with_tes() -> None:
    reference = case("hack_tes")
    rows, expected = dataset("hack"), reference.expected
    found = small_study.excess_significance(rows["yi"], rows["vi"], test="chi2")
    assert found.k == expected["k"]
    assert found.observed == expected["O"]
    assert found.significant.tolist() == expected["sig"]
    loose = {"rel": DEFAULT_CONTROL, "abs": 1e-12}
    assert found.expected == pytest.approx(expected["E"], **loose)
    assert found.ratio == pytest.approx(expected["OEratio"], **loose)
    assert found.power.tolist() == pytest.approx(expected["power"], **loose)
    assert found.theta == pytest.approx(expected["theta"], **loose)
    assert found.limit == pytest.approx(expected["theta.lim"], **loose)
    assert found.p_value == pytest.approx(expected["pval"], **loose)
    # (O - E)^2, with O - E the difference of two nearly equal numbers.
    assert found.statistic == pytest.approx(expected["X2"], rel=1e-2)


@pytest.mark.parametrize("name", ["bcg", "egger2001", "hackshaw1998", "normand1999"])
def test_rank_test_is_kendalls_tau_of_scipy_as_written_in_the_paper(name: str) -> None:
    rows = dataset(name)
    weights = 1 / rows["vi"]
    mean = (weights * rows["yi"]).sum() / weights.sum()
    standardised = (rows["yi"] - mean) / np.sqrt(rows["vi"] - 1 / weights.sum())
    plain = kendalltau(standardised, rows["vi"], method="exact")
    assert small_study.begg(rows["yi"], rows["vi"]).tau == pytest.approx(plain.statistic, rel=1e-12)
