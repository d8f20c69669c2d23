"""Imports go one way: a module imports only from the layers below its own."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Lowest first. Names in one tuple are on one level and do not know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("analysis.errors",),
    ("analysis.root", "analysis.archive", "analysis.datasets", "analysis.synthesis"),
    ("analysis.topic", "analysis.reading", "analysis.prose"),
    ("analysis.vocabulary",),
    ("analysis.question",),
    ("analysis.question_options", "analysis.standard_questions"),
    ("analysis.evidence",),
    ("analysis.effects",),
    ("analysis.robustness", "analysis.appraisal"),
    ("analysis.answer", "analysis.review"),
    ("analysis.network",),
    ("analysis.topic.vertebral.claims", "analysis.survey", "analysis.upload"),
    ("analysis.room", "analysis.topic.vertebral"),
    ("analysis.topic.vertebral.patient", "analysis.editions"),
    ("analysis.wanted", "analysis.findings"),
    ("analysis.figures",),
    ("analysis.robustness_views",),
    ("analysis.export",),
    ("analysis.pool_file", "analysis.network_file", "analysis.rerun", "analysis.robustness_report"),
    ("analysis",),
    ("analysis.commands",),
    ("analysis.__main__",),
    ("dashboard",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
PAGES_ONLY = {"dash", "dash_mantine_components", "dash_ag_grid", "flask", "waitress", "gunicorn"}


def modules() -> dict[str, Path]:
    found = {}
    for package in ("analysis", "dashboard"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """Every module that a module imports, wherever in the file; `from a import b` may name a.b."""
    return _imports(name, MODULES[name])


@cache
def _imports(name: str, path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    is_package = path.name == "__init__.py"
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".")
                parents = parents[: len(parents) - node.level + is_package]
                base = ".".join([*parents, *([base] if base else [])])
            named = {f"{base}.{alias.name}" for alias in node.names}
            found |= (named & MODULES.keys()) or {base}
    return found


def layer(name: str) -> str | None:
    """The layer that a module of ours belongs to: its longest listed prefix."""
    parts = name.split(".")
    prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in LEVEL), None)


def test_there_are_modules_to_look_at():
    assert {"analysis.question", "analysis.synthesis.pool", "dashboard.app"} <= MODULES.keys()


@pytest.mark.parametrize("name", MODULES)
def test_every_module_of_the_analysis_belongs_to_a_listed_layer(name):
    assert name in ("analysis", "analysis.__main__") or layer(name) != "analysis"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_only_from_layers_below(name):
    own = layer(name)
    others = {other for other in imports(name) if layer(other) not in (None, own)}
    assert {other for other in others if LEVEL[layer(other)] >= LEVEL[own]} == set()


@pytest.mark.parametrize("name", [n for n in MODULES if layer(n) == "analysis.synthesis"])
def test_synthesis_knows_nothing_else_of_ours(name):
    own = {None, "analysis.synthesis", "analysis.errors"}
    assert {other for other in imports(name) if layer(other) not in own} == set()


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith("analysis")])
def test_the_analysis_does_not_know_the_pages(name):
    assert {other.split(".")[0] for other in imports(name)} & PAGES_ONLY == set()


def test_an_import_that_goes_up_would_be_seen(tmp_path, monkeypatch):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def late():\n    from analysis import answer\n    from .. import figures\n")
    monkeypatch.setitem(MODULES, "analysis.effects.wrong", wrong)
    monkeypatch.setitem(MODULES, "analysis.answer", wrong)
    monkeypatch.setitem(MODULES, "analysis.figures", wrong)
    assert imports("analysis.effects.wrong") == {"analysis.answer", "analysis.figures"}


def test_the_tests_stand_where_the_code_stands():
    """A folder of tests names a folder or module of the code, so a reader finds one from the other."""
    for top in ("analysis", "dashboard"):
        rooms = {
            p.parent.relative_to(ROOT / "tests") for p in (ROOT / "tests" / top).rglob("test_*.py")
        }
        assert rooms, top
        missing = [room for room in rooms if not (ROOT / room).exists()]
        assert not missing, missing
