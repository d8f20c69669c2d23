"""Whoever calls the package can catch one thing, or the kind that can be mended."""

from __future__ import annotations

import ast
import importlib
import inspect

import numpy as np
import pytest

import analysis
from analysis import Question, answer, errors
from analysis.errors import AnalysisError, FileError, InputError, NoConvergence, NotEstimable
from analysis.network_file.rows import UnusableFile
from analysis.question import InvalidQuestion
from analysis.reading import Unreadable, open_file
from analysis.synthesis import meta_regression, pool, prediction_interval
from analysis.synthesis.network import DisconnectedNetwork, fit_network
from tests.analysis.test_layers import MODULES
from tests.analysis.test_sources import METHODS

FAMILY = {name for name, item in vars(errors).items() if inspect.isclass(item)}
BARE = {"ValueError", "Exception", "RuntimeError", "ArithmeticError"}


def trees():
    for name, path in MODULES.items():
        if name.startswith("analysis"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


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


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize(("function", "more"), list(of_effects()))
def test_whatever_goes_in_an_error_of_the_family_comes_out(function, more, garbage):
    with pytest.raises(AnalysisError) as caught:
        function(*GARBAGE[garbage], **more)
    assert len(str(caught.value)) > 15


def test_the_family_is_documented():
    page = MODULES["analysis.errors"].parents[1] / "docs" / "reference" / "api.md"
    assert "automodule:: analysis.errors" in page.read_text(encoding="utf-8")
    assert all(getattr(errors, name).__doc__ for name in FAMILY)
