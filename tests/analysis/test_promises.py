"""Every test that a promise or a threat is said to be held by is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)?(?:::(\w+))?`")


def named(document: str) -> list[tuple[str, str]]:
    """File and test of everything in code that names one; ``::test`` alone belongs to the file before."""
    found, file = [], ""
    for line in (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines():
        for path, test in NAMED.findall(line):
            file = path or file
            if path or test:
                found.append((file, test))
    return found


@pytest.mark.parametrize("document", ["promises.md", "threat_model.md"])
def test_every_test_that_is_named_exists(document):
    tests = named(document)
    assert len(tests) > 15
    for path, test in tests:
        file = ROOT / path
        assert file.is_file(), f"{document} names {path}"
        tree = ast.parse(file.read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in functions, f"{document} names {path}::{test}"


@pytest.mark.parametrize("document", ["promises.md", "threat_model.md"])
def test_no_promise_stands_without_a_test(document):
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert [row for row in rows if "`tests/" not in row and "`::" not in row] == []
