"""Counts of events: the default, the models that may be chosen, and the binomial-normal posterior."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import binom, norm
from statsmodels.stats.proportion import proportion_confint

from analysis import vocabulary as words
from analysis.effects.scale import printed
from analysis.question import InvalidQuestion, Question
from analysis.survey.harms import harms, rates
from analysis.synthesis import told
from analysis.synthesis.binomial import _log_likelihood, pool_binomial
from analysis.synthesis.counts import mh_odds_ratio, mh_risk_ratio, peto
from analysis.synthesis.events import NEVER, models_for, told_events
from analysis.synthesis.few import pool_few
from analysis.synthesis.glmm import glmm_odds_ratio, glmm_proportion
from tests.evidence_builder import shipped, standard_answers


def proportions(x: list[float], n: list[float], **options):
    """What is told of proportions, from logits as this project makes them."""
    add = [0.5 if a in (0, b) else 0.0 for a, b in zip(x, n, strict=True)]
    yi = [math.log((a + c) / (b - a + c)) for a, b, c in zip(x, n, add, strict=True)]
    vi = [1 / (a + c) + 1 / (b - a + c) for a, b, c in zip(x, n, add, strict=True)]
    rows = [{"xi": a, "ni": b} for a, b in zip(x, n, strict=True)]
    return told_events(yi, vi, rows, measure="PLO", **options), (yi, vi)


def ratios(tables: list[tuple[float, ...]], **options):
    """The same of odds ratios."""
    yi, vi = [], []
    for a, n1, c, n2 in tables:
        add = 0.5 if 0 in (a, c, n1 - a, n2 - c) else 0.0
        cells = (a + add, n1 - a + add, c + add, n2 - c + add)
        yi.append(math.log(cells[0] * cells[3] / (cells[1] * cells[2])))
        vi.append(sum(1 / cell for cell in cells))
    rows = [dict(zip(("ai", "n1i", "ci", "n2i"), t, strict=True)) for t in tables]
    return told_events(yi, vi, rows, **({"measure": "OR"} | options)), (yi, vi)


COMMON = [(12, 40, 9, 41), (20, 60, 26, 58), (8, 30, 5, 33)]
RARE = [(1, 400, 3, 390), (0, 300, 2, 310), (2, 500, 1, 480)]


# --- the default -----------------------------------------------------------------------------
@pytest.mark.parametrize("events", [0, 3, 62])
def test_one_study_has_its_exact_interval(events: int) -> None:
    found, _ = proportions([events], [62])
    low, high = proportion_confint(events, 62, method="beta")
    assert found.model == "exact"
    assert expit(found.result.estimate) == pytest.approx(events / 62, abs=1e-12)
    assert expit([found.result.ci_low, found.result.ci_high]) == pytest.approx(
        [low, high], abs=1e-12
    )


def test_no_event_in_any_study_gives_the_exact_upper_limit_of_all_together() -> None:
    found, _ = proportions([0, 0, 0], [20, 30, 12], level=0.9)
    assert found.model == "exact"
    assert found.result.estimate == found.result.ci_low == NEVER
    assert expit(found.result.ci_high) == pytest.approx(1 - 0.05 ** (1 / 62))
    assert found.result.weights.tolist() == pytest.approx([100 * n / 62 for n in (20, 30, 12)])


def test_a_zero_cell_brings_in_the_counts_themselves() -> None:
    found, _ = proportions([0, 4, 7], [25, 40, 50])
    assert found.model == "binomial-normal"
    assert found.result.ci_low == pool_binomial([0, 4, 7], [25, 40, 50]).ci_low
    assert found.other.tau2_method == "REML"


def test_proportions_without_a_zero_cell_follow_the_rule_for_effects() -> None:
    found, (yi, vi) = proportions([5, 4, 7], [25, 40, 50])
    assert found == told(yi, vi)


def test_rare_ratios_are_pooled_by_mantel_and_haenszel_others_by_the_rule() -> None:
    rare, _ = ratios(RARE)
    fit = mh_odds_ratio(*np.array(RARE).T)
    assert (rare.model, rare.result.estimate, rare.result.ci_high) == (
        "mh",
        fit.estimate,
        fit.ci_high,
    )
    frequent, (yi, vi) = ratios(COMMON)
    assert frequent == told(yi, vi)
    # rare, but many: large trials without a zero cell tell how far effects differ
    many, (yi, vi) = ratios([(a + 9, 100 * n, c + 9, 100 * m) for a, n, c, m in RARE] * 4)
    assert many == told(yi, vi)


def test_a_ratio_without_any_event_says_what_it_is_made_of() -> None:
    found, (yi, vi) = ratios([(0, 20, 0, 20), (0, 30, 0, 31)])
    assert found.result == told(yi, vi).result
    assert found.reason.startswith("Nobody had the event in either group: the ratio comes from")


# --- what a reader chooses -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "fit"), [("mh", mh_odds_ratio), ("peto", peto), ("glmm", glmm_odds_ratio)]
)
def test_a_chosen_model_is_told(model: str, fit) -> None:
    found, _ = ratios(COMMON, model=model)
    expected = fit(*np.array(COMMON).T)
    assert (found.model, found.chosen) == (model, True)
    assert [found.result.estimate, found.result.ci_low, found.result.ci_high] == pytest.approx(
        [expected.estimate, expected.ci_low, expected.ci_high], rel=1e-12
    )
    assert found.result.weights.sum() == pytest.approx(100)
    assert found.prediction is None


def test_other_measures_and_inverse_variance() -> None:
    assert ratios(RARE, measure="RR", model="mh")[0].result.estimate == (
        mh_risk_ratio(*np.array(RARE).T).estimate
    )
    found, (yi, vi) = ratios(RARE, model="iv")
    assert found == told(yi, vi)
    glmm, _ = proportions([5, 4, 7], [25, 40, 50], model="glmm")
    assert glmm.result.estimate == glmm_proportion([5, 4, 7], [25, 40, 50]).estimate


def test_without_counts_or_an_estimate_the_reason_says_so() -> None:
    found = told_events([0.1, 0.4], [0.1, 0.2], [{}, {}], measure="OR", model="mh")
    assert found.reason.startswith("The model that was chosen needs counts")
    none, _ = ratios([(0, 20, 3, 20), (0, 30, 2, 31)], model="mh")
    assert "cannot be estimated from these counts" in none.reason


def test_a_reader_who_chose_an_estimator_gets_it() -> None:
    found, (yi, vi) = proportions([0, 4, 7], [25, 40, 50], tau2="DL")
    assert found == told(yi, vi, tau2="DL")


def test_models_are_those_of_the_address() -> None:
    for measure in words.MEASURES:
        assert words.MODELS_OF.get(measure, ("", "iv")) == models_for(measure)
    event = Question(outcome="new-fracture")
    for model in event.models():
        asked = event.replace(model=model)
        assert Question.from_query(asked.to_query()) == (asked, [])
    with pytest.raises(InvalidQuestion, match="model: found 'mh', allowed here: nothing, iv"):
        Question(model="mh")
    kept, said = Question.from_query("v=1&outcome=pain&model=peto")
    assert (kept.model, len(said)) == ("", 1)


# --- the posterior ---------------------------------------------------------------------------
def test_the_likelihood_is_the_binomial_normal_one() -> None:
    x, n, mu, tau = [0, 3, 7], [12, 40, 35], -1.7, 0.8

    def study(events: float, size: float) -> float:
        of = lambda t: binom.pmf(events, size, expit(t)) * norm.pdf(t, mu, tau)  # noqa: E731
        return quad(of, mu - 10, mu + 10, epsabs=0, epsrel=1e-10, limit=200)[0]

    def ours(at: float) -> float:
        return float(
            _log_likelihood(
                np.array(x, float), np.array(n, float), np.array([at]), np.array([tau])
            )[0, 0]
        )

    exact = sum(math.log(study(a, b)) for a, b in zip(x, n, strict=True))
    mu_then, mu = mu, -2.4
    elsewhere = sum(math.log(study(a, b)) for a, b in zip(x, n, strict=True))
    # Constants apart; nine nodes.
    assert ours(mu_then) - ours(mu) == pytest.approx(exact - elsewhere, abs=2e-4)


def test_large_counts_come_to_the_posterior_of_their_logits() -> None:
    x, n = np.array([4000.0, 5200.0, 3100.0]), np.array([20000.0, 21000.0, 19000.0])
    found, normal = pool_binomial(x, n), pool_few(logit(x / n), 1 / x + 1 / (n - x))
    assert [found.ci_low, found.ci_high] == pytest.approx([normal.ci_low, normal.ci_high], abs=6e-3)


def test_events_and_their_absence_mirror_each_other() -> None:
    x, n = np.array([0.0, 2.0, 5.0]), np.array([15.0, 30.0, 41.0])
    one, other = pool_binomial(x, n), pool_binomial(n - x, n)
    assert [one.ci_low, one.ci_high] == pytest.approx([-other.ci_high, -other.ci_low], abs=1e-6)


@pytest.mark.parametrize(
    ("x", "n", "message"),
    [
        ([1], [9], "at least two"),
        ([0, 0], [9, 9], "no event"),
        ([5, 1], [4, 9], "from 0 to the total"),
    ],
)
def test_what_it_refuses(x, n, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pool_binomial(x, n)


# --- one number everywhere -------------------------------------------------------------------
def test_harms_print_what_the_answer_tells() -> None:
    seen = 0
    for harm in harms():
        for rate in rates(harm, shipped()):
            result = rate.answer.told.result
            ends = expit([result.estimate, result.ci_low, result.ci_high])
            assert [rate.value, rate.low, rate.high] == pytest.approx(ends.tolist(), abs=1e-12)
            seen += 1
    assert seen > 20


@pytest.mark.slow
def test_no_standard_answer_adds_half_an_event() -> None:
    for found in standard_answers():
        question = found.question
        if question.effect_measure != "PLO":
            continue
        rows = [dict(s.inputs) for s in found.studies]
        if rows and all("xi" in r for r in rows) and any(r["xi"] in (0, r["ni"]) for r in rows):
            assert found.told.model in ("exact", "binomial-normal"), question.to_query()


def test_no_event_is_printed_as_none() -> None:
    question = Question(outcome="infection", comparator="NONE")
    assert printed(question, NEVER) == "0%"
    assert printed(question, -NEVER) == "100%"
    assert printed(question, -7.6) == "0.05%"
