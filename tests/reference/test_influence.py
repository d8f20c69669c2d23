"""Leave-one-out, influence, residuals, cumulative and Baujat against every metafor case.

All calls are closed formulas or tightly controlled fits: 1e-9 relative (seen: about 1e-12), with
an absolute margin of 1e-12 near 0.
"""

from __future__ import annotations

import pytest

from analysis.robustness.baujat import baujat
from analysis.robustness.cumulative import cumulative
from analysis.robustness.influence import influence
from analysis.robustness.leave_out import leave_one_out
from tests.reference.cases import Case, cases, dataset

CI_METHODS = {None: "wald", "knha": "hksj", "adhoc": "hksj-adhoc"}
REFITS = {
    "estimate": "estimate", "se": "se", "zval": "statistic", "tval": "statistic",
    "pval": "p_value", "pvals": "p_value", "ci.lb": "ci_low", "ci.ub": "ci_high", "Q": "q",
    "Qp": "q_p_value", "tau2": "tau2", "I2": "i2", "H2": "h2",
}  # fmt: skip
# What metafor says of a single study's heterogeneity, where `pool` says None.
OF_ONE_STUDY = {"Q": 0, "Qp": 1, "tau2": 0, "I2": 0, "H2": 1}
DIAGNOSTICS = {
    "rstudent": "studentised", "dffits": "dffits", "cook.d": "cooks_distance",
    "cov.r": "covariance_ratio", "tau2.del": "tau2_deleted", "QE.del": "q_deleted", "hat": "hat",
    "weight": "weights", "dfbs_intrcpt": "dfbetas",
}  # fmt: skip
LEAVE_ONE_OUT = cases("leave-one-out")
CUMULATIVE = cases("cumulative")
INFLUENCE = cases("influence diagnostics")
RESIDUALS = [*cases("studentised deleted residuals"), *cases("standardised residuals")]
BAUJAT = cases("Baujat")


def settings(reference: Case) -> dict[str, str]:
    return {
        "tau2": reference.option("method") or "REML",
        "ci": CI_METHODS[reference.option("test")],
    }


def close(expected: object) -> object:
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_every_case_of_these_topics_is_read() -> None:
    topics = (LEAVE_ONE_OUT, CUMULATIVE, INFLUENCE, RESIDUALS, BAUJAT)
    assert [len(topic) for topic in topics] == [5, 2, 2, 4, 2]


@pytest.mark.parametrize("reference", LEAVE_ONE_OUT, ids=lambda item: item.id)
def test_leave_one_out_agrees_with_leave1out(reference: Case) -> None:
    rows = dataset(reference.dataset)
    found = leave_one_out(rows["yi"], rows["vi"], **settings(reference))
    assert [item.label for item in found] == list(range(len(rows)))
    for theirs, values in reference.expected.items():
        assert [getattr(item, REFITS[theirs]) for item in found] == close(values), theirs


@pytest.mark.parametrize("reference", CUMULATIVE, ids=lambda item: item.id)
def test_cumulative_agrees_with_cumul(reference: Case) -> None:
    rows = dataset(reference.dataset)
    found = cumulative(rows["yi"], rows["vi"], rows["year"], **settings(reference))
    assert [item.label for item in found] == sorted(rows["year"])
    for theirs, values in reference.expected.items():
        first, *later = [getattr(item, REFITS[theirs]) for item in found]
        assert later == close(values[1:]), theirs
        if theirs in OF_ONE_STUDY:
            assert (first, values[0]) == (None, OF_ONE_STUDY[theirs]), theirs
        else:
            assert first == close(values[0]), theirs


@pytest.mark.parametrize("reference", INFLUENCE, ids=lambda item: item.id)
def test_diagnostics_agree_with_influence(reference: Case) -> None:
    rows, expected = dataset(reference.dataset), reference.expected
    found = influence(rows["yi"], rows["vi"], **settings(reference))
    for theirs, ours in DIAGNOSTICS.items():
        assert getattr(found, ours).tolist() == close(expected[theirs]), theirs
    assert found.influential.tolist() == expected["is.infl"]
    assert [mark == "*" for mark in expected["inf"]] == found.influential.tolist()


@pytest.mark.parametrize("reference", RESIDUALS, ids=lambda item: item.id)
def test_residuals_agree_with_rstudent_and_rstandard(reference: Case) -> None:
    rows, expected = dataset(reference.dataset), reference.expected
    found = influence(rows["yi"], rows["vi"], **settings(reference))
    ours = (
        (found.deleted_residual, found.deleted_se, found.studentised)
        if "rstudent" in reference.call
        else (found.residual, found.residual_se, found.standardised)
    )
    for values, theirs in zip(ours, ("resid", "se", "z"), strict=True):
        assert values.tolist() == close(expected[theirs]), theirs


@pytest.mark.parametrize("reference", BAUJAT, ids=lambda item: item.id)
def test_coordinates_agree_with_baujat(reference: Case) -> None:
    rows = dataset(reference.dataset)
    found = baujat(rows["yi"], rows["vi"], **settings(reference))
    assert found.influence.tolist() == close(reference.expected["y"])
    assert found.heterogeneity.tolist() == close(reference.expected["x"])
