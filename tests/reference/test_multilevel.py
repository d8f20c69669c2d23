"""Three-level, multivariate and multi-timepoint models against metafor's `rma.mv`.

Both sides maximise numerically. Ours stops at a slope of 1e-11, metafor's optimiser (nlminb by
default) leaves up to 1e-5 in variances: so variances, correlations and standard errors are
compared at 2e-5, log-likelihoods, which are flat there, at 1e-9. P values are compared by their
logarithm, at 1e-5: those of 1e-180 magnify any error of the statistic.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.synthesis.aggregate import aggregate
from analysis.synthesis.component_intervals import component_intervals
from analysis.synthesis.covariance import correlated
from analysis.synthesis.mixed_result import MixedFit
from analysis.synthesis.multilevel import multilevel, three_level
from analysis.synthesis.multivariate import multivariate
from tests.reference.cases import Case, case, cases, dataset

REL = 2e-5
RHO_ASSINK, PHI_ISHAK = 0.6, 0.97


def _konstantopoulos(reference: Case) -> MixedFit:
    rows = dataset("konst")
    if reference.id == "konst_3level_mvpar":
        return multivariate(
            rows["yi"], rows["vi"], rows["school"], rows["district"], structure="CS"
        )
    moderators = None
    if "mods=" in reference.call:
        moderators = {"year": rows["year"] - rows["year"].mean()}
    test = "t-contain" if reference.option("dfs") else "z"
    levels = {"district": rows["district"], "school": rows["school"]}
    return multilevel(rows["yi"], rows["vi"], levels, moderators, test=test)


def _assink(reference: Case) -> MixedFit:
    rows = dataset("assink")
    sampling = rows["vi"]
    if ", V," in reference.call:
        sampling = correlated(rows["vi"], rows["study"], RHO_ASSINK)
    moderators = {"deltype": rows["deltype"]} if "mods=" in reference.call else None
    test = {(None, None): "z", ("t", None): "t", ("t", "contain"): "t-contain"}[
        reference.option("test"), reference.option("dfs")
    ]
    return three_level(rows["yi"], sampling, rows["study"], moderators, test=test)


def berkey_covariance(rows: pd.DataFrame) -> np.ndarray:
    """Block-diagonal covariance from the rows of each trial's block."""
    sampling = np.zeros((len(rows), len(rows)))
    for trial in rows["trial"].unique():
        own = np.flatnonzero(rows["trial"] == trial)
        sampling[np.ix_(own, own)] = rows.iloc[own][["v1i", "v2i"]]
    return sampling


def _berkey(reference: Case) -> MixedFit:
    rows = dataset("berkey")
    return multivariate(
        rows["yi"],
        berkey_covariance(rows),
        rows["outcome"],
        rows["trial"],
        {"outcome": rows["outcome"]},
        intercept=False,
        method=reference.option("method") or "REML",
    )


def _ishak(reference: Case) -> MixedFit:
    rows = dataset("ish")
    return multivariate(
        rows["yi"],
        correlated(rows["vi"], rows["study"], times=rows["time"], phi=PHI_ISHAK),
        rows["time"],
        rows["study"],
        {"time": rows["time"].astype(str)},
        intercept=False,
        structure=reference.option("struct") or "CS",
    )


FITTERS = {"konst": _konstantopoulos, "assink": _assink, "berkey": _berkey, "ishak": _ishak}
FITS = [
    item
    for item in cases("three-level", "correlated + hierarchical", "bivariate", "multi-timepoint")
    if item.call.startswith("rma.mv(")
]


def fitted(reference: Case) -> MixedFit:
    return _fitted(reference.id)


@cache
def _fitted(identifier: str) -> MixedFit:
    return FITTERS[identifier.split("_")[0]](case(identifier))


@pytest.mark.parametrize("reference", FITS, ids=lambda item: item.id)
def test_fit_agrees_with_metafor(reference: Case) -> None:
    fit, expected = fitted(reference), reference.expected
    for theirs, ours in {
        "beta": "estimate",
        "se": "se",
        "zval": "statistic",
        "ci.lb": "ci_low",
        "ci.ub": "ci_high",
    }.items():
        found = np.array([getattr(item, ours) for item in fit.coefficients])
        assert found == pytest.approx(np.atleast_1d(expected[theirs]), rel=REL), theirs
    variances = [item.estimate for item in fit.components if item.kind == "variance"]
    correlations = [item.estimate for item in fit.components if item.kind == "correlation"]
    theirs = expected["tau2"] if correlations else expected["sigma2"]
    assert variances == pytest.approx(np.atleast_1d(theirs).tolist(), rel=REL)
    if correlations:
        assert correlations == pytest.approx([expected["rho"]], rel=REL)
    assert fit.k == expected["k"]
    assert fit.q == pytest.approx(expected["QE"], rel=1e-11)
    assert fit.q_p_value == pytest.approx(expected["QEp"], rel=1e-9, abs=0)
    assert fit.omnibus.statistic == pytest.approx(expected["QM"], rel=REL)
    assert [fit.omnibus.df, fit.omnibus.df_residual] == expected["QMdf"]
    for found, theirs in zip(
        [*(item.p_value for item in fit.coefficients), fit.omnibus.p_value],
        [*np.atleast_1d(expected["pval"]), expected["QMp"]],
        strict=True,
    ):
        assert math.log(found) == pytest.approx(math.log(theirs), rel=1e-5)


@pytest.mark.parametrize(
    "reference", [item for item in FITS if "fitstats" in item.expected], ids=lambda item: item.id
)
def test_log_likelihood_and_criteria_agree_with_metafor(reference: Case) -> None:
    fit, expected = fitted(reference), reference.expected["fitstats"]
    assert fit.log_likelihood == pytest.approx(expected["logLik"], rel=1e-9)
    assert fit.aic == pytest.approx(expected["AIC"], rel=1e-9)
    assert fit.bic == pytest.approx(expected["BIC"], rel=1e-9)


def test_no_likelihood_is_below_that_of_metafor() -> None:
    for reference in FITS:
        theirs = reference.expected["fitstats"]["logLik"]
        assert fitted(reference).log_likelihood >= theirs - 1e-11 * abs(theirs), reference.id


def test_every_topic_has_its_cases() -> None:
    assert len(FITS) == 12


def test_profile_intervals_of_variances_agree_with_metafor() -> None:
    """metafor's root finder stops within 1.2e-4; it comes to within 1e-5 here."""
    reference = case("konst_profileCI")
    rows = dataset("konst")
    found = component_intervals(three_level(rows["yi"], rows["vi"], rows["district"]))
    for number, interval in enumerate(found, start=1):
        expected = reference.expected[f"component{number}"][f"sigma^2.{number}"]
        assert interval.estimate == pytest.approx(expected["estimate"], rel=REL)
        assert interval.ci_low == pytest.approx(expected["ci.lb"], abs=1e-5)
        assert interval.ci_high == pytest.approx(expected["ci.ub"], abs=1e-5)


def test_aggregated_effects_agree_with_metafor() -> None:
    rows, expected = dataset("assink"), case("assink_aggregate").expected
    found = aggregate(rows["yi"], rows["vi"], rows["study"], RHO_ASSINK)
    assert [int(name) for name in found.clusters] == expected["study"]
    assert found.yi == pytest.approx(np.array(expected["yi"]), rel=1e-11)
    assert found.vi == pytest.approx(np.array(expected["vi"]), rel=1e-11)
