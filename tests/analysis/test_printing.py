"""Results print, tabulate and plot: the same numbers in each, and those of metafor's printout."""

from __future__ import annotations

import html
import importlib
import inspect
import pickle
import re
import typing
from dataclasses import is_dataclass
from functools import cache

import numpy as np
import pytest

from analysis import Question, answer
from analysis.robustness.small_study import (
    PetPeese,
    begg,
    egger,
    excess_significance,
    limit_meta_analysis,
    pet_peese,
    selection_model,
    trim_and_fill,
)
from analysis.synthesis import (
    aggregate,
    all_subsets,
    blups,
    component_intervals,
    omnibus_test,
    permutation_test,
    pool,
    pool_bayes,
    pool_many,
    predict,
    prediction_interval,
    predictive,
    profile_likelihood,
    told,
    told_many,
)
from analysis.synthesis.counts import mh_odds_ratio, peto
from analysis.synthesis.glmm import glmm_proportion
from analysis.synthesis.henmi_copas import henmi_copas
from analysis.synthesis.location_scale import location_scale
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.multivariate import multivariate
from analysis.synthesis.network import (
    bayes_network,
    best_thresholds,
    contributions,
    fit_components,
    fit_network,
    leave_one_out,
    rank_probabilities,
    refit_many,
    small_study,
)
from analysis.synthesis.printing import MOST_ROWS, Printed, as_text
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust
from analysis.synthesis.rve import correlated_effects
from analysis.synthesis.subgroups import subgroups
from tests.analysis.test_sources import METHODS
from tests.reference.cases import dataset

Y, V = [0.10, 0.30, 0.35, 0.65, 0.20, 0.90], [0.01, 0.02, 0.04, 0.03, 0.01, 0.02]
WEEKS = {"weeks": [1, 2, 3, 4, 5, 8]}
PAIRS = [1, 1, 2, 2, 3, 3]


def network():
    return fit_network(
        list("abcd"), list("XYXX"), list("YZZY"), [1.0, 2.0, 2.5, 0.8], [0.5, 0.5, 0.4, 0.5]
    )


RESULTS = {
    "one study": lambda: pool(Y[:1], V[:1]),
    "random": lambda: pool(Y, V, ci="hksj-adhoc", level=0.9),
    "common": lambda: pool(Y, V, tau2="EE"),
    "given tau2": lambda: pool(Y, V, tau2=0.1),
    "few": lambda: told(Y[:2], V[:2]),
    "told": lambda: told(Y, V),
    "bayes": lambda: pool_bayes(Y, V, ("half-normal", 0.5)),
    "regression": lambda: meta_regression(Y, V, WEEKS),
    "regression on groups": lambda: meta_regression(Y, V, {"group": list("aabbcc")}, tau2="EE"),
    "groups": lambda: subgroups(Y, V, list("aabbcc")),
    "three-level": lambda: three_level(Y, V, PAIRS),
    "multivariate": lambda: multivariate(Y, V, list("ababab"), PAIRS, structure="CS"),
    "robust": lambda: robust(meta_regression(Y, V, WEEKS), PAIRS),
    "location-scale": lambda: location_scale(Y, V, None, WEEKS),
    "GLMM": lambda: glmm_proportion([7, 12, 9, 14], [10, 20, 11, 40]),
    "Mantel-Haenszel": lambda: mh_odds_ratio([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58]),
    "Peto": lambda: peto([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58]),
    "correlated effects": lambda: correlated_effects(Y, V, PAIRS),
    "Henmi and Copas": lambda: henmi_copas(Y, V),
    "funnel regression": lambda: egger(Y, V),
    "selection model": lambda: selection_model(Y, V),
    "selection model, one curve": lambda: selection_model(Y, V, weight="half-normal"),
    "trim and fill": lambda: trim_and_fill(Y, V),
    "limit": lambda: limit_meta_analysis(Y, V),
    "PET-PEESE": lambda: pet_peese(Y, V),
    "components": lambda: fit_components(
        fit_network("ab", ["sham", "drug"], ["care", "sham"], [-1.0, -0.5], [0.3, 0.2]),
        {"care": [], "sham": ["sham"], "drug": ["sham", "drug"]},
    ),
    "network": network,
    "prediction": lambda: predict(meta_regression(Y, V, WEEKS), {"weeks": [2]})[0],
    "prediction interval": lambda: prediction_interval(pool(Y, V)),
    "predictive": lambda: predictive(Y, V),
    "posterior": lambda: pool_bayes(Y, V, ("half-normal", 0.5)).tau,
    "profile": lambda: profile_likelihood(Y, V),
    "components' intervals": lambda: component_intervals(three_level(Y, V, PAIRS)),
    "permutation": lambda: permutation_test(Y, V, WEEKS, tau2="DL", most=50),
    "Bayesian network": lambda: bayes_network(network(), ("half-normal", 1.0)),
}
"""Results whose table has a row for each estimate."""

OTHERS = {
    "predictions": lambda: predict(meta_regression(Y, V, WEEKS), {"weeks": [2, 4]}),
    "true effects": lambda: blups(meta_regression(Y, V, WEEKS)),
    "aggregated": lambda: aggregate(Y, V, PAIRS),
    "many": lambda: pool_many([Y, Y[::-1]], [V, V]),
    "many told": lambda: told_many([Y, Y[::-1]], [V, V]),
    "subsets": lambda: all_subsets(Y, V),
    "test of coefficients": lambda: omnibus_test(meta_regression(Y, V, WEEKS), "weeks"),
    "ranks": lambda: rank_probabilities(network()),
    "network funnel": lambda: small_study(network(), list("XYZ")),
    "contributions": lambda: contributions(network(), "X", "Y"),
    "thresholds": lambda: best_thresholds(network()),
    "refits": lambda: refit_many(network(), leave_one_out(4)),
    "rank test": lambda: begg(Y, V),
    "excess": lambda: excess_significance(Y, V, test="chi2"),
}
"""Results whose table or figure has other numbers than an estimate and its interval."""


@cache
def made(name: str) -> Printed:
    return (RESULTS | OTHERS)[name]()


@pytest.fixture(params=RESULTS)
def result(request) -> Printed:
    return made(request.param)


@pytest.fixture(params=[*RESULTS, *OTHERS])
def any_result(request) -> Printed:
    return made(request.param)


def returned():
    """(function, what it returns) for all documented functions that return a value of ours."""
    for name in METHODS:
        package = importlib.import_module(name)
        for function in map(vars(package).get, package.__all__):
            if inspect.isfunction(function):
                of = typing.get_type_hints(function).get("return")
                if inspect.isclass(of) and (is_dataclass(of) or issubclass(of, Printed)):
                    yield function.__name__, of


NO_RESULT = {"from_arms", "from_baseline", "from_contrasts"}
"""They make what goes into a network, not what comes out."""


def test_whatever_a_documented_function_finds_prints():
    plain = {name for name, of in returned() if not issubclass(of, Printed)}
    assert plain <= NO_RESULT
    assert len({of for _, of in returned() if issubclass(of, Printed)}) > 30


def test_the_printout_of_metafor():
    """`rma(yi, vi, data=dat.bcg)` and its `confint`, rounded as metafor prints them (cases bcg_* of the reference)."""
    bcg = dataset("bcg")
    text = re.sub(" +", " ", str(pool(bcg["yi"], bcg["vi"])))
    assert text.startswith("Random effects, 13 studies (tau² by REML; wald interval)")
    for line in (
        "mean -0.7145 0.1798 -3.974 <0.0001 -1.0669, -0.3622",
        "tau² 0.3132 (SE 0.1664; 95% CI 0.1197 to 1.1115)",
        "I² 92.2% (95% CI 81.9% to 97.7%)",
        "H² 12.86 (95% CI 5.53 to 43.07)",
        "Q 152.23 on 12 df, P < 0.0001",
    ):
        assert line in text


def test_a_result_prints_as_a_page_and_its_repr_in_one_line(any_result):
    text = str(any_result)
    assert text == as_text(any_result._page())
    assert text.count("\n") >= 2
    assert "nan" not in text.lower().split("note:")[0]
    assert "\n" not in repr(any_result)
    assert len(repr(any_result)) < 200
    assert repr(any_result).startswith(f"<{type(any_result).__name__}: ")


def test_a_notebook_shows_what_the_terminal_shows(any_result):
    shown = html.unescape(re.sub("<[^>]+>", " ", any_result._repr_html_()))
    for word in str(any_result).replace("Note:", "").split():
        assert word in shown


def test_the_summary_has_the_numbers_unrounded(result):
    table = result.summary()
    assert list(table.columns)[:4] == ["estimate", "se", "ci_low", "ci_high"]
    assert (table.dtypes == "float64").all()
    inside = table.dropna(subset=["ci_low"])
    assert len(inside) > 0
    assert (inside["ci_low"] <= inside["estimate"]).all()
    assert (inside["estimate"] <= inside["ci_high"]).all()
    if hasattr(result, "coefficients"):
        expected = [c.estimate for c in result.coefficients]
        assert table["estimate"].iloc[: len(expected)].tolist() in (
            expected,
            [getattr(result, "estimate", None)],
        )
    elif isinstance(result, PetPeese):  # two lines, of which one is chosen
        assert result.estimate.estimate in table["estimate"].tolist()
    elif hasattr(result, "estimate"):
        assert table["estimate"].iloc[0] == np.atleast_1d(result.estimate)[0]


def test_the_figure_has_the_estimates_of_the_table(result):
    figure = result.plot()
    drawn = {x for trace in figure.data for x in np.ravel(trace.x)}
    estimates = set(result.summary()["estimate"])
    if figure.layout.xaxis.title.text == "weeks":  # one number explains: effects against it
        assert drawn >= set(map(float, WEEKS["weeks"]))
        return
    if figure.layout.xaxis.title.text == "tau²":  # I² and H² are other scales
        estimates = {result.tau2}
    assert drawn >= estimates
    assert figure.layout.title.text == result._page().title


@pytest.mark.parametrize("name", OTHERS)
def test_the_table_of_other_numbers_has_them_unrounded(name):
    result = made(name)
    table, grid = result.summary(), result._page().grid
    if grid is None:
        assert len(table) == 1
        assert (
            table["statistic"].iloc[0] == getattr(result, "statistic", None) or name == "rank test"
        )
        assert table["p_value"].iloc[0] == result.p_value
        return
    assert len(table) == len(grid.names) > 0
    for column, values in grid.columns.items():
        for here, there in zip(table[column], values, strict=True):
            assert here == there or (there is None and (here is None or np.isnan(here)))


DRAWN = {
    "predictions": lambda r: [p.estimate for p in r],
    "true effects": lambda r: [t.estimate for t in r],
    "aggregated": lambda r: r.yi,
    "ranks": lambda r: r.probability.ravel(),
    "network funnel": lambda r: r.effect,
    "contributions": lambda r: [share for _, share in r.studies],
    "thresholds": lambda r: [t.estimate for t in r],
    "rank test": lambda r: r.variances,
    "excess": lambda r: r.power,
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_figure_of_other_numbers_has_them(name):
    result = made(name)
    drawn = {x for trace in result.plot().data for x in np.ravel(trace.x)}
    assert drawn >= set(np.asarray(DRAWN[name](result)).tolist())


@pytest.mark.parametrize(("name", "count"), [("many", 2), ("many told", 2), ("refits", 4)])
def test_a_histogram_counts_every_set(name, count):
    (bars,) = made(name).plot().data
    assert sum(bars.y) == count


def test_the_cloud_of_subsets_counts_all_but_the_single_studies():
    (cloud,) = all_subsets(Y, V).plot().data
    assert np.sum(cloud.customdata) == 2 ** len(Y) - 1 - len(Y)
    with pytest.raises(ValueError, match="no subset of several"):
        all_subsets(Y[:1], V[:1]).plot()


def test_a_test_without_a_picture_says_so():
    with pytest.raises(ValueError, match="nothing to draw"):
        omnibus_test(meta_regression(Y, V, WEEKS), "weeks").plot()
    with pytest.raises(ValueError, match="nothing to draw; one study cannot be ranked"):
        begg(Y[:1], V[:1]).plot()


def test_a_distribution_is_drawn_through_its_limits():
    found = predictive(Y, V)
    line, _ = found.plot().data
    assert np.interp([found.low, found.high], line.x, line.y) == pytest.approx(
        [0.025, 0.975], abs=1e-3
    )
    profile = profile_likelihood(Y, V)
    line, _ = profile.plot().data
    at_limits = np.interp([profile.tau2_ci_low, profile.tau2_ci_high], line.x, line.y)
    assert at_limits == pytest.approx([-1.9207, -1.9207], abs=0.02)  # half of 3.841


def test_a_bias_that_nothing_limits_is_drawn_to_the_edge():
    found = best_thresholds(network())
    assert any(np.isinf(item.low) for item in found)
    arms = [
        side
        for trace in found.plot().data
        for side in (*trace.error_x.array, *trace.error_x.arrayminus)
    ]
    assert np.isfinite(arms).all()
    assert min(arms) >= 0


def test_a_long_table_is_cut_in_print_and_whole_in_the_summary():
    found = all_subsets(Y, V)
    assert f"... {len(found) - MOST_ROWS} more" in str(found)
    assert len(found.summary()) == len(found)


def test_a_series_stays_a_tuple():
    found = predict(meta_regression(Y, V, WEEKS), {"weeks": [2, 4]})
    first, second = found
    assert isinstance(found, tuple)
    assert found == (first, second)
    copy = pickle.loads(pickle.dumps(found))
    assert str(copy) == str(found)
    assert copy == found


def test_the_line_among_the_bubbles_is_the_fitted_one():
    fit = meta_regression(Y, V, WEEKS)
    band, line, studies = fit.plot().data
    intercept, slope = fit.estimates
    assert line.y == pytest.approx(intercept + slope * np.asarray(line.x), rel=1e-12)
    assert list(studies.y) == Y
    # at the mean of x under the weights the line's interval is that of the mean: narrowest there
    width = np.asarray(band.y[:60]) - np.asarray(band.y[60:][::-1])
    weights = 1 / (np.array(V) + fit.tau2)
    centre = weights @ np.array(WEEKS["weeks"]) / weights.sum()
    assert abs(line.x[int(width.argmin())] - centre) <= (8 - 1) / 59


def test_what_cannot_be_estimated_says_so():
    none = peto([0, 0], [40, 30], [0, 0], [41, 28])
    assert "not estimable" in str(none)
    assert none.summary()["estimate"].isna().all()
    with pytest.raises(ValueError, match="nothing to draw; not estimable: no study has both"):
        none.plot()


def test_a_name_is_escaped_in_a_notebook():
    fit = meta_regression(Y, V, {"<script>": [1, 2, 3, 4, 5, 8]})
    assert "<script>" not in fit._repr_html_()
    assert "&lt;script&gt;" in fit._repr_html_()


def test_an_answer_prints_tabulates_and_plots():
    found = answer(Question(intervention="VP", comparator="NSM", time="12m"))
    assert found.headline in found._repr_html_()
    assert found.studies[0].label in html.unescape(found._repr_html_())
    table = found.summary()
    assert table["model"].iloc[0] == found.told.model
    assert table["effect"].iloc[0] == found.pooled.estimate
    assert table["k"].tolist() == [len(found.studies)] * len(table)
    assert len(found.plot().data) > len(found.studies)


def test_ratios_of_an_answer_are_tabulated_as_printed():
    found = answer(
        Question(outcome="new-fracture", intervention="VP", comparator="NSM", time="12m")
    )
    assert found.question.effect_measure in ("RR", "OR")
    assert found.summary()["effect"].iloc[0] == pytest.approx(np.exp(found.pooled.estimate))


def test_an_answer_without_a_study_has_an_empty_table_and_no_figure():
    found = answer(Question(intervention="BKP", comparator="SHAM"))
    assert found.summary().empty
    assert found.sentence in html.unescape(found._repr_html_())
    with pytest.raises(ValueError, match="stud"):
        found.plot()
