"""Whoever calls the package can catch one thing, or the kind that can be mended."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from functools import cache

import numpy as np
import pytest

import analysis
from analysis import Question, answer, errors
from analysis.errors import AnalysisError, FileError, InputError, NoConvergence, NotEstimable
from analysis.network_file.rows import UnusableFile
from analysis.question import InvalidQuestion
from analysis.reading import Unreadable, open_file
from analysis.robustness.small_study import harbord
from analysis.synthesis import (
    MixedFit,
    component_intervals,
    meta_regression,
    pool,
    prediction_interval,
    robust,
    three_level,
)
from analysis.synthesis.counts import (
    mh_odds_ratio,
    mh_rate_difference,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from analysis.synthesis.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from analysis.synthesis.network import (
    DisconnectedNetwork,
    bayes_network,
    best_thresholds,
    comparison_shares,
    contributions,
    few_network,
    fit_components,
    fit_network,
    limit_thresholds,
    mantel_haenszel_network,
    narrowed,
    rank_probabilities,
)
from tests.analysis.test_sources import METHODS
from tests.modules import MODULES, parsed

FAMILY = {name for name, item in vars(errors).items() if inspect.isclass(item)}
BARE = {"ValueError", "Exception", "RuntimeError", "ArithmeticError"}


def trees():
    for name, path in MODULES.items():
        if name.startswith("analysis"):
            yield name, parsed(path)


def test_nothing_is_raised_outside_the_family():
    raised = {
        (name, node.exc.func.id)
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
    }
    assert {pair for pair in raised if pair[1] in BARE} == set()
    assert len(raised) > 100


def test_every_exception_of_ours_belongs_to_the_family():
    strangers = {
        f"{name}.{node.name}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and {base.id for base in node.bases if isinstance(base, ast.Name)} & BARE
    }
    assert strangers == {"analysis.errors." + name for name in ("AnalysisError", "InputError", "NotEstimable",
                                                                "MissingProgram")}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: pool([0.1], [0.1, 0.2]), InputError),
        (lambda: pool([0.1, np.nan], [0.1, 0.2]), InputError),
        (lambda: pool([0.1, 0.2], [0.1, 0.2], level=95), InputError),
        (lambda: pool([0.1, 0.2], [0.1, 0.2], tau2="no"), InputError),
        (lambda: meta_regression([0.1, 0.2], [0.1, 0.2], {"x": [1, 2]}), NotEstimable),
        (lambda: prediction_interval(pool([0.1, 0.2], [0.1, 0.2])), NotEstimable),
        (lambda: fit_network("ab", "AC", "BD", [1, 1], [1, 1]), DisconnectedNetwork),
        (lambda: Question(outcome="no"), InvalidQuestion),
        (lambda: answer(Question(intervention="BKP", comparator="SHAM")).plot(), NotEstimable),
    ],
)
def test_the_kind_of_an_error_says_what_can_be_mended(call, kind):
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, analysis.AnalysisError)
    assert isinstance(caught.value, ValueError)  # as it was before there was a family


def test_a_file_is_an_input():
    with pytest.raises(Unreadable) as caught:
        open_file("empty.csv", b"")
    assert isinstance(caught.value, FileError)
    assert issubclass(UnusableFile, InputError)
    assert issubclass(NoConvergence, NotEstimable)


GARBAGE = {
    "no numbers": (["a", "b"], [0.1, 0.2]),
    "no list": (None, [0.1]),
    "nested": ([[0.1], [0.2]], [0.1, 0.2]),
    "lengths": ([0.1, 0.2, 0.3], [0.1, 0.2]),
    "nothing": ([], []),
    "missing": ([0.1, float("nan"), 0.3], [0.1, 0.2, 0.1]),
    "no variance": ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1]),
    "negative": ([0.1, 0.2, 0.3], [0.1, -0.2, 0.1]),
    "infinite": ([0.1, 0.2, 0.3], [0.1, float("inf"), 0.1]),
}


def of_effects():
    """Documented functions of yi and vi, and what else they need."""
    more = {"groups": list("aab"), "clusters": [1, 1, 2], "outer": [1, 1, 2], "inner": list("aba"),
            "weights": [1, 1, 1], "tau_prior": ("half-normal", 1.0), "study": [1, 1, 2],
            "scale": {"x": [1, 2, 4]}, "outcomes": list("aba"), "studies": [1, 1, 2],
            "levels": {"study": [1, 1, 2]}}  # fmt: skip
    for name in METHODS:
        package = importlib.import_module(name)
        for function in map(vars(package).get, package.__all__):
            if inspect.isfunction(function):
                parameters = list(inspect.signature(function).parameters.values())
                if [p.name for p in parameters[:2]] == ["yi", "vi"]:
                    needed = [p.name for p in parameters[2:] if p.default is p.empty]
                    yield pytest.param(function, {n: more[n] for n in needed}, id=function.__name__)


@pytest.mark.parametrize(("function", "more"), list(of_effects()))
def test_whatever_goes_in_an_error_of_the_family_comes_out(function, more):
    for garbage, given in GARBAGE.items():
        with pytest.raises(AnalysisError) as caught:
            function(*given, **more)
        assert len(str(caught.value)) > 15, garbage


@pytest.mark.parametrize(
    "garbage", [g for g in GARBAGE if g not in ("no list", "nested", "lengths")]
)
def test_one_fault_has_one_sentence(garbage):
    """Where it is; the two that take many sets count places differently and may be told to mask."""
    said = set()
    for function, more in (p.values for p in of_effects()):
        if function.__name__ not in ("pool_many", "told_many"):
            with pytest.raises(AnalysisError) as caught:
                function(*GARBAGE[garbage], **more)
            said.add(re.sub(r", \d of \d in all", "", str(caught.value)))
    assert len(said) == 1


NETWORK = fit_network(list("abc"), list("XYX"), list("YZZ"), [1.0, 2.0, 2.5], [0.5, 0.5, 0.4])


@cache
def levels() -> MixedFit:
    return three_level([0.1, 0.3, 0.6, 0.8], [0.02] * 4, [1, 1, 2, 2])


TABLES = ([2, 0, 5], [40, 30, 60], [6, 2, 9], [41, 28, 58])
LEVELS = {
    "components": lambda level: component_intervals(levels(), level=level),
    "robust": lambda level: robust(levels(), [1, 1, 2, 2], level=level),
    "prediction": lambda level: prediction_interval(pool([0.1, 0.3, 0.6], [0.02] * 3), level=level),
    "network": lambda level: fit_network("ab", "XY", "YZ", [1, 2], [1, 1], level=level),
    "components of a network": lambda level: fit_components(
        NETWORK, {"X": [], "Y": ["y"], "Z": ["z"]}, level=level
    ),
    "Bayesian network": lambda level: bayes_network(NETWORK, ("half-normal", 1.0), level=level),
    "few": lambda level: few_network(NETWORK, level),
    "Mantel-Haenszel network": lambda level: mantel_haenszel_network(
        list("aabb"), list("XYXY"), [2, 3, 4, 5], [20] * 4, level=level
    ),
    **{
        f.__name__: lambda level, f=f: f(*TABLES, level=level)
        for f in (mh_odds_ratio, mh_risk_ratio, mh_risk_difference, mh_rate_ratio, mh_rate_difference,
                  peto, glmm_odds_ratio, glmm_rate_ratio, harbord)
    },
    "proportion": lambda level: glmm_proportion(*TABLES[:2], level=level),
    "rate": lambda level: glmm_rate(*TABLES[:2], level=level),
}  # fmt: skip


def leveled():
    for parameter in of_effects():
        function, more = parameter.values
        if "level" in inspect.signature(function).parameters:
            yield pytest.param(
                lambda level, f=function, more=more: f(
                    [0.1, 0.3, 0.2], [0.02, 0.01, 0.03], **more, level=level
                ),
                id=function.__name__,
            )
    for name, call in LEVELS.items():
        yield pytest.param(call, id=name)


@pytest.mark.parametrize("call", list(leveled()))
def test_a_level_is_asked_for_in_one_sentence(call):
    said = "level must lie between 0 and 1, both excluded; found "
    of_the_fit = call in (LEVELS["components"], LEVELS["robust"], LEVELS["prediction"])
    for level in (95, 0, 1.0, -0.5, float("nan"), "0.95", True, *(() if of_the_fit else (None,))):
        with pytest.raises(InputError) as caught:
            call(level)
        assert str(caught.value).startswith(said), level


@pytest.mark.parametrize(
    "call",
    [best_thresholds, comparison_shares, rank_probabilities,
     lambda n, model: contributions(n, "X", "Y", model),
     lambda n, model: limit_thresholds(n, "X", "Y", 0.0, model=model),
     lambda n, model: narrowed(n, "X", "Y", 0.5, model)],
)  # fmt: skip
def test_a_network_has_two_models(call):
    with pytest.raises(InputError, match=r"^model must be one of random, common; found 'fixed'"):
        call(NETWORK, model="fixed")


def test_the_family_is_documented():
    page = MODULES["analysis.errors"].parents[1] / "docs" / "reference" / "api.md"
    assert "automodule:: analysis.errors" in page.read_text(encoding="utf-8")
    assert all(getattr(errors, name).__doc__ for name in FAMILY)
