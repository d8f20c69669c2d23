"""The published site: the pages as files. Built small here, from the second topic; a browser looks at it elsewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dash_mantine_components as dmc
import pytest

import dashboard.site.build as site_build
from analysis.__main__ import main as analysis_command
from analysis.answer import answer
from analysis.commands import site as site_command
from analysis.evidence import load_evidence
from analysis.question import Question
from analysis.topic import topic, use
from dashboard.__main__ import main
from dashboard.page import Visit
from dashboard.pages import compare
from dashboard.site.build import MARK, NotOurs, build
from dashboard.site.render import to_html

DATA = Path(__file__).resolve().parents[1] / "acceptance" / "bcg"
PAGES = ("/", "/compare", "/harms", "/studies", "/study", "/words")
LINK = re.compile(r'<(a|link|script|img)\b[^>]*?\b(?:href|src)="([^"]*)"([^>]*)')


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    before = topic()
    out = tmp_path_factory.mktemp("sites") / "bcg"
    lines = []
    try:
        evidence = load_evidence(DATA)
        built = build(out, evidence, only=PAGES, tell=lines.append)
        yield out, evidence, built, lines
    finally:
        use(before)


def test_it_holds_every_page_that_was_asked_for_and_says_how_much(site):
    out, evidence, built, lines = site
    written = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    pages = {
        "index.html",
        *(f"{path}/index.html" for path in ("harms", "studies", "compare", "words")),
    }
    assert pages | {"files/studies.csv"} <= written
    assert sum(name.startswith("study/") for name in written) == len(evidence.studies)
    assert written == {*json.loads((out / MARK).read_text(encoding="utf-8"))["files"], MARK}
    assert built.files == len(written) - 1
    assert (
        built.pages == sum(n.endswith(".html") for n in written) - 2
    )  # search, and what needs a server
    assert lines


def test_an_answer_is_told_in_the_same_words_as_on_a_server(site):
    out, evidence, _, _ = site
    told = answer(Question(), evidence)
    written = unescape((out / "compare" / "index.html").read_text(encoding="utf-8"))
    assert told.headline in written
    assert told.sentence in written
    figure = next(
        c
        for c in compare.layout(evidence, Visit("/compare"))._traverse()
        if type(c).__name__ == "Graph"
    )
    held = [
        json.loads(s)
        for s in re.findall(r'<script type="application/json">(.*?)</script>', written, re.DOTALL)
    ]
    assert held[0]["wide"]["layout"]["height"] == figure.figure["layout"]["height"]
    assert len(held[0]["wide"]["data"]) == len(figure.figure["data"])


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_loaded_from_outside(site):
    out, _, _, _ = site
    for page in out.rglob("*.html"):
        for tag, address, more in LINK.findall(page.read_text(encoding="utf-8")):
            address = unescape(address)
            where = urlsplit(address)
            if where.scheme or where.netloc:
                assert tag == "a", f"{page.name} loads {address}"
                continue
            assert not address.startswith("/"), f"{page.name}: {address}{more}"
            target = (page.parent / unquote(where.path)).resolve() if where.path else page
            assert target.is_file(), f"{page.name}: {address}"


def test_a_second_build_takes_away_what_is_not_written_any_more_and_nothing_else(site, tmp_path):
    _, evidence, _, _ = site
    out = tmp_path / "site"
    build(out, evidence, only=("/words", "/studies"), tell=lambda line: None)
    (out / "CNAME").write_text("evidence.example", encoding="utf-8")
    build(out, evidence, only=("/words",), tell=lambda line: None)
    assert (out / "words" / "index.html").is_file()
    assert not (out / "studies").exists()
    assert (out / "CNAME").read_text(encoding="utf-8") == "evidence.example"


@pytest.mark.slow
def test_every_file_is_the_same_whoever_wrote_it(site, tmp_path, monkeypatch):
    """In one process here, in one with another order of its sets, and shared by two where the system can fork."""
    out, evidence, _, _ = site
    command = [sys.executable, "-m", "dashboard", "--data", str(DATA), "site", str(tmp_path / "one"),
               "--only", ",".join(PAGES), "--processes", "1"]  # fmt: skip
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "7"}, check=True, timeout=300)
    monkeypatch.setattr(site_build, "_WORTH_SHARING", 1)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of a fork beside threads, from Python 3.12
        build(tmp_path / "two", evidence, only=PAGES, processes=2, tell=lambda line: None)
    written = {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    assert len(written) > 60
    for other in ("one", "two"):
        here = tmp_path / other
        assert {
            p.relative_to(here): p.read_bytes() for p in here.rglob("*") if p.is_file()
        } == written


def test_a_folder_that_is_not_its_own_is_left_alone(site, tmp_path):
    _, evidence, _, _ = site
    (tmp_path / "thesis.docx").write_text("four years", encoding="utf-8")
    with pytest.raises(NotOurs, match=r"holds other files \(thesis\.docx"):
        build(tmp_path, evidence, tell=lambda line: None)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(NotOurs, match="is a file"):
        build(tmp_path / "thesis.docx", evidence, tell=lambda line: None)


def test_a_listed_file_outside_the_folder_is_never_taken_away(site, tmp_path):
    _, evidence, _, _ = site
    out, other = tmp_path / "site", tmp_path / "other.txt"
    other.write_text("mine", encoding="utf-8")
    out.mkdir()
    (out / MARK).write_text(json.dumps({"files": ["../other.txt"]}), encoding="utf-8")
    build(out, evidence, only=("/words",), tell=lambda line: None)
    assert other.is_file()


def test_a_component_without_a_form_is_named():
    with pytest.raises(TypeError, match=r"dash_mantine_components\.Badge"):
        to_html(dmc.Badge("new"), None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "/nowhere"], "--only: found /nowhere, allowed: /, /"),
        (["--live", "host"], "found 'host', allowed: an address such as https://host"),
        (["--processes", "0"], "found '0', allowed: a whole number from 1"),
    ],
)
def test_a_wrong_choice_is_answered_with_what_is_allowed(arguments, said, tmp_path, capsys):
    before = topic()
    with pytest.raises(SystemExit) as stop:
        sys.exit(main(["--data", str(DATA), "site", str(tmp_path / "out"), *arguments]))
    use(before)
    assert stop.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_links_to_what_is_not_held_lead_to_the_live_dashboard_that_is_named(site, tmp_path):
    _, evidence, _, _ = site
    build(
        tmp_path / "out",
        evidence,
        only=("/words",),
        live="https://evidence.example",
        tell=lambda line: None,
    )
    written = (tmp_path / "out" / "words" / "index.html").read_text(encoding="utf-8")
    assert 'href="https://evidence.example/compare"' in written


def test_a_file_that_cannot_be_made_is_named(site, tmp_path, monkeypatch):
    def broken(*about):
        raise RuntimeError("no file today")

    _, evidence, _, _ = site
    monkeypatch.setattr("analysis.export.findings_sheets.harms_xlsx", broken)
    built = build(tmp_path / "out", evidence, only=("/harms",), tell=lambda line: None)
    assert built.failed == ("/take/harms.xlsx",)
    assert not (tmp_path / "out" / "files" / "harms.xlsx").exists()


def test_the_command_of_the_analysis_hands_over_with_its_options(monkeypatch):
    called = []
    monkeypatch.setattr(
        site_command.subprocess, "call", lambda command: called.append(command) or 0
    )
    assert (
        analysis_command(["--data", "d", "site", "--live", "https://evidence.example", "out"]) == 0
    )
    assert called == [
        [
            sys.executable,
            "-m",
            "dashboard",
            "--data",
            "d",
            "site",
            "--live",
            "https://evidence.example",
            "out",
        ]
    ]
