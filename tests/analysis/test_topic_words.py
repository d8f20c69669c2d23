"""What is about the topic stands in its room: elsewhere no code names its treatments, designs or disease.

Looked at are names and texts of the code. Docstrings are left out: their examples run on the shipped topic.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.modules import MODULES, ROOT, parsed

ROOM = "analysis/topic/vertebral/"
WORDS = re.compile(
    r"kyphopl|vertebr|\bBKP\b|\bNSM\b|\bVAI\b|\bSHAM\b|\bAUG\b|\bcement|\bsham\b|sham_rct|open_rct|"
    r"fracture(?!_age)|osteopor|augmentation",
    re.IGNORECASE,
)
ALLOWED = {
    ("analysis/reading/quantity_words.py", "sham"),
    ("analysis/topic/read.py", "vertebral"),
    ("analysis/root.py", ' is not installed; pip install "vertebral-augmentation-evidence['),
}
"""A word for a control group in other people's files, of any topic; the name of the room; that of the package."""

FILES = [
    path
    for path in MODULES.values()
    if not path.relative_to(ROOT).as_posix().startswith(ROOM)
]


def said(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every name and text of the code, docstrings apart (a text that stands alone is one)."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name | ast.Attribute):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name


def named(path: Path) -> list[str]:
    """Where a file names the topic."""
    name = path.relative_to(ROOT).as_posix()
    return [
        f"{name}:{line}: {text[:80]}"
        for line, text in said(parsed(path))
        if WORDS.search(text) and (name, text) not in ALLOWED
    ]


def test_no_code_outside_the_room_names_the_topic():
    assert [line for path in FILES for line in named(path)] == []


def test_the_search_finds_what_it_looks_for():
    assert len(FILES) > 300
    assert named(ROOT / "analysis" / "topic" / "vertebral" / "claims" / "layers.py")


SHOWN_BY = {
    "analysis/room.py",
    "analysis/figures/claim.py",
    "analysis/figures/overview.py",
    "analysis/export/select_claims.py",
    "analysis/export/findings_sheets.py",
    "analysis/export/report/claims_report.py",
    "analysis/export/report/findings_report.py",
    "analysis/export/slides/claims_deck.py",
    "analysis/export/slides/findings_deck.py",
    "dashboard/components/findings.py",
    "dashboard/components/layer_rows.py",
    "dashboard/pages/claims.py",
    "dashboard/pages/finding.py",
    "dashboard/pages/patient.py",
}
"""Besides the table of findings, what shows the claims, the front page and the form for a patient."""


def test_only_what_shows_the_room_imports_from_it():
    importing = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(
            (node.module or "").startswith("analysis.topic.vertebral")
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.ImportFrom)
        )
    }
    assert {name for name in importing if not name.startswith("analysis/findings/")} == SHOWN_BY
