"""The documentation: its examples run, and it is served where it was built."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from flask import Flask

from analysis.topic import topic, use
from dashboard import docs

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
