"""Meta-regression, subgroups, predictions, BLUPs and permutation against metafor.

Numbers must agree to `Case.tolerance`, which is 1e-9 relative for these (all fits are closed
formulas or tightly controlled), P values to 1e-8: they magnify the error of a large statistic.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from analysis.synthesis.blup import blups
from analysis.synthesis.coefficients import OmnibusTest
from analysis.synthesis.permutation import permutation_test
from analysis.synthesis.predictions import omnibus_test, predict
from analysis.synthesis.regression import MetaRegression, meta_regression
from analysis.synthesis.subgroups import subgroups
from tests.reference.cases import Case, case, cases, dataset

CI_METHODS = {None: "wald", "z": "wald", "knha": "hksj"}
TOPICS = (
    "meta-regression",
    "subgroup means",
    "subgroup fit",
    "subgroup, common effect",
    "R2 of a moderator",
    "one time point",
    "all time points pooled",
    "two-level",
)
FITS = [item for item in cases(*TOPICS) if item.call.startswith("rma(")]


def fitted(reference: Case, call: str | None = None) -> MetaRegression:
    """`meta_regression` with the settings of an R call of `rma`."""
    call = call or reference.call
    rows = dataset(reference.dataset)
    if subset := re.search(r'subset=(\w+)=="?(\w+)"?', call):
        rows = rows[rows[subset.group(1)].astype(str) == subset.group(2)]
    formula = re.search(r"mods=~(I\(.*?\)|[\w+-]+)", call)
    terms = formula.group(1) if formula else ""
    if terms.startswith("I("):
        assert terms == "I(year-1985)"
        moderators = {"year": rows["year"] - 1985}
    else:
        moderators = {name: rows[name] for name in re.findall(r"[a-z]+", terms)}
    method = reference.option("method") or "REML"
    return meta_regression(
        rows["yi"],
        rows["vi"],
        moderators or None,
        tau2="EE" if method == "FE" else method,
        ci=CI_METHODS[reference.option("test")],
        intercept=not terms.endswith("-1"),
    )


def assert_close(found: Any, expected: Any, reference: Case, what: str) -> None:
    assert np.atleast_1d(found) == pytest.approx(
        np.atleast_1d(expected), rel=reference.tolerance, abs=1e-11
    ), what


@pytest.mark.parametrize("reference", FITS, ids=lambda item: item.id)
def test_fit_agrees_with_metafor(reference: Case) -> None:
    fit, expected = fitted(reference), reference.expected
    per_coefficient = {
        "beta": "estimate",
        "se": "se",
        "zval": "statistic",
        "ci.lb": "ci_low",
        "ci.ub": "ci_high",
    }
    for theirs, ours in per_coefficient.items():
        found = [getattr(item, ours) for item in fit.coefficients]
        assert_close(found, expected[theirs], reference, theirs)
    for theirs, found in {
        "k": fit.k,
        "tau2": fit.tau2,
        "I2": fit.i2,
        "H2": fit.h2,
        "QE": fit.q,
        "s2w": fit.hksj_factor,
    }.items():
        assert_close(found, expected[theirs], reference, theirs)
    assert fit.test_df == expected["dfs"]
    p_values = [item.p_value for item in fit.coefficients]
    assert p_values == pytest.approx(np.atleast_1d(expected["pval"]).tolist(), rel=1e-8, abs=0)
    assert fit.q_p_value == pytest.approx(expected["QEp"], rel=1e-8, abs=0)
    assert_close(fit.omnibus.statistic, expected["QM"], reference, "QM")
    assert fit.omnibus.p_value == pytest.approx(expected["QMp"], rel=1e-8, abs=0)
    assert [fit.omnibus.df, fit.omnibus.df_residual] == expected["QMdf"]
    if expected.get("R2") is None:
        assert fit.r2 is None
    else:
        assert_close(fit.r2, expected["R2"], reference, "R2")


@pytest.mark.parametrize(
    "reference",
    [item for item in FITS if item.option("method") in (None, "REML", "ML")],
    ids=lambda item: item.id,
)
def test_log_likelihood_and_criteria_agree_with_metafor(reference: Case) -> None:
    fit, expected = fitted(reference), reference.expected["fitstats"]
    assert_close(fit.log_likelihood, expected["logLik"], reference, "logLik")
    assert_close(fit.aic, expected["AIC"], reference, "AIC")
    assert_close(fit.bic, expected["BIC"], reference, "BIC")


def test_every_topic_has_its_cases() -> None:
    assert len(FITS) == 19


def test_q_profile_interval_agrees_with_metafor() -> None:
    reference = case("bcg_reg_QP")
    fit, expected = fitted(reference), reference.expected["tau^2"]
    assert_close(fit.tau2, expected["estimate"], reference, "estimate")
    assert_close(fit.tau2_ci_low, expected["ci.lb"], reference, "low")
    assert_close(fit.tau2_ci_high, expected["ci.ub"], reference, "high")


def test_predictions_agree_with_metafor() -> None:
    reference = case("bcg_reg_pred")
    found = predict(fitted(reference), {"ablat": [0, 20, 40, 60]})
    for theirs, ours in {
        "pred": "estimate",
        "se": "se",
        "ci.lb": "ci_low",
        "ci.ub": "ci_high",
        "pi.lb": "pi_low",
        "pi.ub": "pi_high",
    }.items():
        assert_close([getattr(x, ours) for x in found], reference.expected[theirs], reference, ours)


def test_omnibus_test_of_a_factor_agrees_with_metafor() -> None:
    reference = case("bcg_anova_alloc")
    found = omnibus_test(fitted(reference), "alloc")
    expected = reference.expected
    assert_close(found.statistic, expected["QM"], reference, "QM")
    assert found.p_value == pytest.approx(expected["QMp"], rel=1e-9)
    assert found.df == expected["QMdf"][0]


def test_subgroups_with_separate_tau2_agree_with_metafor() -> None:
    rows, reference = dataset("bcg"), case("bcg_sub_between")
    analysis = subgroups(rows["yi"], rows["vi"], rows["alloc"])
    for group in analysis.groups:
        expected = case(f"bcg_sub_{group.name}").expected
        assert_close(group.estimate, expected["beta"], reference, group.name)
        assert_close(group.se, expected["se"], reference, group.name)
        assert_close(group.tau2, expected["tau2"], reference, group.name)
        assert_close(group.q, expected["QE"], reference, group.name)
    difference = analysis.difference
    assert isinstance(difference, OmnibusTest)
    assert_close(difference.statistic, reference.expected["QM"], reference, "QM")
    assert difference.p_value == pytest.approx(reference.expected["QMp"], rel=1e-9)


def test_subgroups_with_a_common_tau2_agree_with_metafor() -> None:
    rows = dataset("bcg")
    analysis = subgroups(rows["yi"], rows["vi"], rows["alloc"], common_tau2=True)
    means, contrasts = case("bcg_reg_alloc_noint"), case("bcg_reg_alloc")
    found = [group.estimate for group in analysis.groups]
    assert_close(found, means.expected["beta"], means, "means")
    assert_close([group.se for group in analysis.groups], means.expected["se"], means, "se")
    assert analysis.difference is not None
    assert_close(analysis.difference.statistic, contrasts.expected["QM"], contrasts, "QM")


def test_blups_agree_with_metafor() -> None:
    reference = case("bcg_blup")
    found = blups(fitted(reference))
    for theirs, ours in {
        "pred": "estimate",
        "se": "se",
        "pi.lb": "ci_low",
        "pi.ub": "ci_high",
    }.items():
        assert_close([getattr(x, ours) for x in found], reference.expected[theirs], reference, ours)


def test_exact_permutation_test_agrees_with_metafor() -> None:
    rows, expected = dataset("bcg"), case("bcg_permutest").expected
    found = permutation_test(rows["yi"], rows["vi"], tau2="DL")
    assert found.exact
    assert found.permutations == expected["exact.iter"]
    assert found.p_values[0] == expected["pval"]
    assert found.omnibus_p_value == expected["QMp"]
