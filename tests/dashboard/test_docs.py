"""The documentation: its examples run, and it is served where it was built."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from flask import Flask

from analysis.topic import topic, use
from dashboard import docs
from tests.analysis.test_sources import METHODS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(page for page in ROOT.joinpath("docs").rglob("*.md") if "_build" not in page.parts)


@pytest.mark.parametrize(
    "page", [p for p in PAGES if ">>> " in p.read_text(encoding="utf-8")], ids=lambda p: p.name
)
def test_the_examples_of_a_page_run(page, monkeypatch):
    before = topic()
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(
        str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    use(before)  # an example may have loaded another topic
    assert found.attempted > 0
    assert found.failed == 0


GALLERY = re.findall(
    r"## (.+?)\n.*?```{drawn}\n(.+?)```",
    (ROOT / "docs" / "gallery.md").read_text("utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("title", "code"), GALLERY, ids=[title for title, _ in GALLERY])
def test_the_code_of_a_figure_in_the_gallery_draws_one(title, code):
    names = {}
    exec(code, names)
    assert len(names["figure"].data) > 0


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "BUILT", tmp_path / "built")
    (tmp_path / "secret").write_text("s")
    server = Flask("test")
    docs.serve(server)
    return server.test_client()


def test_where_it_is_not_built_one_sentence_says_how(client):
    found = client.get("/docs/")
    assert found.status_code == 404
    assert "python -m sphinx docs docs/_build" in found.text


def test_built_pages_are_served_and_nothing_else(client):
    docs.BUILT.mkdir()
    (docs.BUILT / "index.html").write_text("<h1>Docs</h1>")
    assert client.get("/docs/").text == "<h1>Docs</h1>"
    assert client.get("/docs/index.html").mimetype == "text/html"
    for other in ("nothing.html", "../secret", "%2e%2e/secret", ".doctrees"):
        assert client.get(f"/docs/{other}").status_code == 404


def test_every_name_of_the_engine_has_a_page_of_its_own():
    """`autosummary` makes one for each function and class that these packages list (docs/_templates)."""
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    listed = re.search(r":toctree: api\n\n(.*?)```", page, re.DOTALL)[1].split()
    assert listed == list(METHODS)


def test_every_equation_can_be_set():
    """As MathML, by the converter of the documentation, which knows a part of LaTeX."""
    to_mathml = pytest.importorskip("docutils.utils.math.latex2mathml").tex2mathml
    page = (ROOT / "docs" / "methods.md").read_text("utf-8")
    blocks = re.findall(r"\$\$(.*?)\$\$", page, re.DOTALL)
    assert len(blocks) > 10
    for block in blocks:
        assert "<math" in to_mathml(block.strip(), as_block=True)
