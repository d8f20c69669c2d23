"""Methods name their sources: by keys of `docs/references.bib`, which the documentation prints in full."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import bibtexparser
import pytest

ROOT = Path(__file__).resolve().parents[2]
BIB = ROOT / "docs" / "references.bib"
ROOMS = ("synthesis", "effects", "robustness")

METHODS = (
    "analysis.synthesis",
    "analysis.synthesis.counts",
    "analysis.synthesis.glmm",
    "analysis.synthesis.network",
    "analysis.robustness.small_study",
)
"""Packages of the documented interface whose functions are methods somebody published."""

NO_METHOD = {
    "predict_mixed",  # a linear combination of the coefficients
    "from_arms",
    "from_baseline",
    "from_contrasts",
    "leave_one_out",
    "bootstrap_counts",
    "refit_many",
    "narrowed",
}
"""Functions of these packages that only bring data into shape or repeat a method that is cited where it stands."""

def entries():
    return bibtexparser.parse_string(BIB.read_text(encoding="utf-8"))


def docstrings():
    """(file, docstring) of every module, class and function of the rooms."""
    for room in ROOMS:
        for path in sorted((ROOT / "analysis" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                    text = ast.get_docstring(node)
                    if text:
                        yield str(path.relative_to(ROOT)), re.sub(r"\s+", " ", text)


def cited(text: str) -> list[str]:
    found = re.findall(r":cite:[tp]:`([^`]+)`|\{cite:[tp]\}`([^`]+)`", text)
    return [key.strip() for pair in found for key in "".join(pair).split(",")]


def methods():
    for name in METHODS:
        package = importlib.import_module(name)
        for function in package.__all__:
            if inspect.isfunction(getattr(package, function)):
                yield getattr(package, function)


def test_the_list_of_references_is_sound():
    library = entries()
    assert not library.failed_blocks
    for entry in library.entries:
        fields = entry.fields_dict
        assert "title" in fields, entry.key
        assert "author" in fields or "editor" in fields, entry.key
        assert fields["year"].value in entry.key, entry.key
        if entry.entry_type == "article":
            assert {"journal", "volume", "pages"} <= fields.keys(), entry.key
    assert [e.key for e in library.entries] == sorted(e.key for e in library.entries)


def test_every_key_that_is_cited_exists_and_every_reference_is_cited():
    pages = [p for p in (ROOT / "docs").rglob("*.md") if "_build" not in p.parts]
    keys = {key for _, text in docstrings() for key in cited(text)}
    keys |= {key for page in pages for key in cited(page.read_text(encoding="utf-8"))}
    assert keys == {entry.key for entry in entries().entries}


@pytest.mark.parametrize("function", list(methods()), ids=lambda f: f.__name__)
def test_a_method_cites_its_source(function):
    assert bool(cited(inspect.getdoc(function))) != (function.__name__ in NO_METHOD)


def test_no_source_is_named_by_author_and_year_alone():
    name = r"[A-ZÀ-Ý][\w’-]+"
    more = rf"(?:(?:,|,? and|,? &) {name})*(?: et al\.)?"
    found = {
        f"{first} {year}"
        for _, text in docstrings()
        for first, year in re.findall(rf"\b({name}){more},? \(?((?:19|20)\d\d)\b", text)
    }
    assert found == set()
