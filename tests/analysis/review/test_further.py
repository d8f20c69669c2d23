"""Selection, Bayes and permutation at the door: against integration by hand, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, optimize

from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.fitted import CannotFit, Options
from analysis.review.models import MODELS, fit
from analysis.review.opening import studies_of
from tests.reference.review_cases import BCG, EFFECTS, SEVERAL


def read(text: str, measure: str = "", cluster: str = ""):
    return studies_of(open_file("t.csv", text.encode()), Choices(measure=measure, cluster=cluster)).studies


def cdf(mean: float, yi: np.ndarray, vi: np.ndarray, scale: float) -> float:
    """P(mu <= mean) under a flat prior of mu and a half-normal one of tau, integrated over tau by hand."""

    def terms(tau: float) -> tuple[float, float]:
        w = 1 / (vi + tau**2)
        centre = float(w @ yi / w.sum())
        log = 0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * float(w @ (yi - centre) ** 2)
        weight = float(np.exp(log - tau**2 / (2 * scale**2)))
        return weight, weight * 0.5 * math.erfc((centre - mean) * math.sqrt(w.sum() / 2))

    whole, below = (integrate.quad(lambda t, i=i: terms(t)[i], 0, 12 * scale, limit=400)[0] for i in (0, 1))
    return below / whole


@pytest.mark.parametrize(("text", "measure", "level"), [(BCG, "RR", 0.95), (BCG, "OR", 0.9)])
def test_bayes_gives_the_quantiles_that_integration_gives(text, measure, level) -> None:
    studies = read(text, measure)
    first = fit(studies, Options(model="bayes", level=level)).first
    for value, share in ((first.ci_low, (1 - level) / 2), (first.estimate, 0.5), (first.ci_high, (1 + level) / 2)):
        right = optimize.brentq(lambda m, p=share: cdf(m, studies.yi, studies.vi, 0.5) - p, -4, 4, xtol=1e-9)
        assert value == pytest.approx(right, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_says_what_it_is_or_why_not(model) -> None:
    for text, measure in ((BCG, "OR"), (EFFECTS, ""), (SEVERAL, "")):
        if model in ("mh", "peto", "glmm") and text is not BCG:
            with pytest.raises(CannotFit, match=r"^[A-Z]\w+|^the"):  # both doors print it: no option of a shell
                fit(read(text, measure), Options(model=model))
            continue
        found = fit(read(text, measure), Options(model=model))
        assert found.first.words
        assert found.first.ci_low <= found.first.estimate <= found.first.ci_high


@pytest.mark.parametrize(
    ("k", "model", "said"),
    [
        (1, "selection", "1 study is too few, 3 the least"),
        (2, "selection", "2 studies are too few, 3 the least"),
        (1, "permutation", "one study is too few"),
    ],
)
def test_too_few_studies_are_told(k, model, said) -> None:
    with pytest.raises(CannotFit, match=said):
        fit(read("\n".join(BCG.split("\n")[: k + 1]) + "\n", "OR"), Options(model=model))


@pytest.mark.parametrize(
    ("options", "cluster", "said"),
    [
        (Options(tau2="DL", model="mh"), "", ("--tau2 DL has no part in the model that is told",)),
        (Options(ci="hksj", model="bayes"), "", ("--ci hksj has no part in the model that is told",)),
        (Options(ci="hksj", model="permutation"), "", ()),
        (Options(tau2="DL", ci="wald"), "", ()),
    ],
)
def test_a_choice_that_has_no_part_is_told(options, cluster, said) -> None:
    assert fit(read(BCG, "OR", cluster), options).warnings == said


def test_a_choice_that_only_the_last_of_three_models_takes_is_told() -> None:
    told = fit(read(SEVERAL), Options(tau2="DL")).warnings
    assert told[-1] == "--tau2 DL has no part in the model that is told"


def test_a_common_effect_stands_beside_random_effects_not_beside_itself() -> None:
    others = fit(read(EFFECTS), Options(tau2="EE")).others
    assert [o.r for o in others] == [
        'rma(yi, vi, data=dat, method="REML", test="adhoc")',
        'rma(yi, vi, data=dat, method="REML")',
    ]


@pytest.mark.parametrize("apart", [0.1, 3.0])
def test_few_studies_say_whether_their_interval_is_as_long_as_walds(apart) -> None:
    studies = read(f"study,yi,vi\nA,0.1,0.01\nB,{0.1 + apart},0.02\nC,0.2,0.05\n")
    first, wald = fit(studies, Options()).first, fit(studies, Options("REML", "wald")).first
    length, least = first.ci_high - first.ci_low, wald.ci_high - wald.ci_low
    stretched = apart > 1
    assert length == pytest.approx(least) if stretched else length > least
    assert first.words.endswith(("interval", "as long as Wald's")[stretched])
    assert any("-fold about the mean" in note for note in first.notes) == stretched
    # the line of R, too
    assert (", tau.prior=" in first.r, 'method="REML"' in first.r) == (True, stretched)
