"""Cluster-robust variances against metafor with clubSandwich, RVE against robumeta.

After a plain regression the two sides agree to 1e-9; after `rma.mv`, whose optimiser stops
early, to 1e-6. statsmodels' cluster covariance equals CR0 where effects are independent in the
model: compared here too.
"""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.regression.linear_model import WLS

from analysis.synthesis.covariance import correlated
from analysis.synthesis.multilevel import multilevel, three_level
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import RobustFit, robust
from analysis.synthesis.rve import correlated_effects
from tests.reference.cases import Case, case, cases, dataset

ROBUST = cases("cluster-robust", "CHE + CR2", "all time points, study-level")


def fitted(reference: Case) -> RobustFit:
    kind = "CR2" if "clubSandwich=TRUE" in reference.call else "CR1"
    kind = "CR0" if "adjust=FALSE" in reference.call else kind
    if reference.id.startswith("konst"):
        rows = dataset("konst")
        plain = reference.call.startswith("robust(rma(")
        fit = (
            meta_regression(rows["yi"], rows["vi"])
            if plain
            else three_level(rows["yi"], rows["vi"], rows["district"])
        )
        return robust(fit, rows["district"], kind)
    if reference.id.startswith("assink"):
        rows = dataset("assink")
        sampling = correlated(rows["vi"], rows["study"], 0.6)
        return robust(three_level(rows["yi"], sampling, rows["study"]), rows["study"], kind)
    rows = dataset("ish")
    sampling = correlated(rows["vi"], rows["study"], times=rows["time"], phi=0.97)
    levels = {"study": rows["study"], "time": rows["time"]}
    return robust(multilevel(rows["yi"], sampling, levels), rows["study"], kind)


@pytest.mark.parametrize("reference", ROBUST, ids=lambda item: item.id)
def test_robust_mean_agrees_with_metafor(reference: Case) -> None:
    fit, expected = fitted(reference), reference.expected
    rel = 1e-9 if reference.call.startswith("robust(rma(") else 1e-6
    mean = fit.coefficients[0]
    assert mean.estimate == pytest.approx(expected["beta"], rel=rel)
    assert mean.se == pytest.approx(expected["se"], rel=rel)
    assert mean.statistic == pytest.approx(expected["zval"], rel=rel)
    assert mean.df == pytest.approx(expected["dfs"], rel=rel)
    assert mean.p_value == pytest.approx(expected["pval"], rel=rel)
    assert mean.ci_low == pytest.approx(expected["ci.lb"], rel=10 * rel)
    assert mean.ci_high == pytest.approx(expected["ci.ub"], rel=rel)
    assert fit.clusters == case(reference.id).expected.get("n", 11)
    assert fit.omnibus.statistic == pytest.approx(expected["QM"], rel=rel)
    assert fit.omnibus.p_value == pytest.approx(expected["QMp"], rel=rel)


def test_every_topic_has_its_cases() -> None:
    assert len(ROBUST) == 6


def test_robust_variance_estimation_agrees_with_robumeta() -> None:
    rows, expected = dataset("assink"), case("assink_robu").expected
    fit = correlated_effects(rows["yi"], rows["vi"], rows["study"], rho=0.8)
    mean = fit.robust.coefficients[0]
    found = [mean.estimate, mean.se, mean.statistic, mean.df, mean.p_value, fit.tau2, fit.i2]
    names = ("b", "se", "t", "dfs", "p", "tau2", "I2")
    assert found == pytest.approx([expected[name] for name in names], rel=1e-10)


def test_cr0_of_a_regression_equals_that_of_statsmodels() -> None:
    rows = dataset("konst")
    fit = meta_regression(rows["yi"], rows["vi"], {"year": rows["year"]})
    theirs = WLS(rows["yi"], fit.design.matrix, weights=1 / (rows["vi"] + fit.tau2)).fit(
        cov_type="cluster",
        cov_kwds={"groups": rows["district"].to_numpy(), "use_correction": False},
    )
    ours = robust(fit, rows["district"], "CR0")
    # An uncentred year costs statsmodels some digits.
    assert ours.covariance == pytest.approx(np.asarray(theirs.cov_params()), rel=1e-6)


def test_cr1_of_a_mean_equals_that_of_statsmodels_with_its_correction() -> None:
    rows = dataset("konst")
    fit = meta_regression(rows["yi"], rows["vi"])
    theirs = WLS(rows["yi"], np.ones(len(rows)), weights=1 / (rows["vi"] + fit.tau2)).fit(
        cov_type="cluster", cov_kwds={"groups": rows["district"].to_numpy()}, use_t=True
    )
    ours = robust(fit, rows["district"], "CR1").coefficients[0]
    assert ours.se == pytest.approx(theirs.bse.iloc[0], rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalues.iloc[0], rel=1e-10)
