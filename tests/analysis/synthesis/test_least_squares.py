"""Every result as the statsmodels regression that it is: the same numbers, for standard answers and at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.synthesis import pool, pool_bayes, pool_weighted
from analysis.synthesis.few import pool_few
from analysis.synthesis.regression import meta_regression
from tests.evidence_builder import standard_answers

CI = ("wald", "t", "hksj", "hksj-adhoc")
YI, VI = [0.10, 0.30, 0.35, 0.65, -0.2], [0.01, 0.02, 0.04, 0.03, 0.05]
# Both are exact given tau2; what is left is rounding.
TIGHT = 1e-10


def same(result, fit) -> None:
    """Estimate, standard error, interval, statistic and P of a pooled result and its regression."""
    low, high = np.asarray(fit.conf_int(alpha=1 - result.level))[0]
    found = [fit.params.iloc[0], fit.bse.iloc[0], low, high]
    expected = [result.estimate, result.se, result.ci_low, result.ci_high]
    scale = max(abs(v) for v in expected)
    assert found == pytest.approx(expected, rel=TIGHT, abs=TIGHT * scale)
    if result.p_value is not None:
        assert fit.pvalues.iloc[0] == pytest.approx(result.p_value, rel=1e-7, abs=1e-300)


@pytest.mark.slow
def test_every_standard_answer_is_a_weighted_regression() -> None:
    """All standard questions with a study: by REML with HKSJ and Wald, and by the common effect."""
    seen = 0
    for found in standard_answers():
        yi, vi = [s.yi for s in found.studies], [s.vi for s in found.studies]
        for tau2, ci in (("REML", "hksj-adhoc"), ("REML", "hksj"), ("EE", "wald")):
            result = pool(yi, vi, tau2=tau2, ci=ci, level=found.question.level)
            same(result, result.model())
            seen += 1
        told = found.told
        if told is not None and told.result.k > 1 and told.result.ci_method != "posterior":
            same(told.result, told.result.model())
    assert seen > 600


@pytest.mark.parametrize("ci", CI)
@pytest.mark.parametrize("tau2", ["REML", "DL", "EE", 0.3])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_intervals_of_every_method(tau2, ci: str, k: int) -> None:
    result = pool(YI[:k], VI[:k], tau2=tau2, ci=ci, level=0.9)
    same(result, result.model())


@pytest.mark.parametrize("ci", CI)
def test_meta_regression_is_one_too(ci: str) -> None:
    yi, vi = [*YI, 0.8, 0.1], [*VI, 0.02, 0.06]
    result = meta_regression(yi, vi, {"weeks": [1, 4, 12, 52, 4, 2, 12]}, ci=ci)
    fit = result.model()
    assert fit.params.index.tolist() == ["intercept", "weeks"]
    low_high = np.asarray(fit.conf_int(alpha=1 - result.level))
    for row, item in enumerate(result.coefficients):
        found = [fit.params.iloc[row], fit.bse.iloc[row], *low_high[row]]
        assert found == pytest.approx(
            [item.estimate, item.se, item.ci_low, item.ci_high], rel=TIGHT
        )


def test_summary_and_prediction_come_with_it() -> None:
    fit = pool(YI, VI, ci="hksj").model()
    assert "WLS" in str(fit.summary(slim=True))
    assert float(fit.predict([[1.0]])[0]) == pytest.approx(pool(YI, VI, ci="hksj").estimate)


@pytest.mark.parametrize(
    "result", [pool_few(YI[:3], VI[:3]), pool_weighted(YI, VI, [1, 2, 3, 4, 5])]
)
def test_what_is_no_single_regression_says_so(result) -> None:
    with pytest.raises(ValueError, match="no single weighted regression"):
        result.model()


def test_a_posterior_is_a_mixture_of_such_fits() -> None:
    """Given tau, its mean and standard deviation are WLS's; so are the weights of the mixture, by its likelihood."""
    yi, vi, scale = np.array(YI[:3]), np.array(VI[:3]), 0.2
    taus = np.linspace(0.0, 4.0, 4001)[1:]
    fits = [pool(yi, vi, tau2=float(t * t)).model() for t in taus[::20]]
    means, errors = (
        np.array([f.params.iloc[0] for f in fits]),
        np.array([f.bse.iloc[0] for f in fits]),
    )
    # WLS's log-likelihood takes the scale as estimated; with the variances known it is this.
    tau2 = taus[::20] ** 2
    w = 1 / (vi + tau2[:, None])
    logs = 0.5 * np.log(w).sum(axis=1) - 0.5 * (w * (yi - means[:, None]) ** 2).sum(axis=1)
    mass = np.exp(logs + np.log(errors) - taus[::20] / scale)
    found = pool_bayes(yi, vi, ("exponential", scale)).mean
    # Two hundred points of tau.
    assert (mass @ means) / mass.sum() == pytest.approx(found.mean, abs=2e-3)
