"""Imports go one way: a module imports only from the layers below its own."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.modules import MODULES, ROOT, parsed

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


def imports(name: str) -> set[str]:
    """Every module that a module imports, wherever in the file; `from a import b` may name a.b."""
    return _imports(name, MODULES[name])


@cache
def _imports(name: str, path: Path) -> set[str]:
    is_package = path.name == "__init__.py"
    found = set()
    for node in ast.walk(parsed(path)):
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


def test_every_module_of_the_analysis_belongs_to_a_listed_layer():
    assert [name for name in MODULES if layer(name) == "analysis"] == ["analysis"]


def test_a_module_imports_only_from_layers_below():
    upward = [
        (name, other)
        for name in MODULES
        for other in imports(name)
        if layer(other) not in (None, layer(name)) and LEVEL[layer(other)] >= LEVEL[layer(name)]
    ]
    assert upward == []


def test_synthesis_knows_nothing_else_of_ours():
    own = {None, "analysis.synthesis", "analysis.errors"}
    engine = [name for name in MODULES if layer(name) == "analysis.synthesis"]
    assert len(engine) > 50
    assert [(n, other) for n in engine for other in imports(n) if layer(other) not in own] == []


def test_the_analysis_does_not_know_the_pages():
    ours = [name for name in MODULES if name.startswith("analysis")]
    known = [(name, other) for name in ours for other in imports(name)]
    assert [pair for pair in known if pair[1].split(".")[0] in PAGES_ONLY] == []


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
