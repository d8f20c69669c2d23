"""The server under the pages: health, headers, addresses that are wrong, and the files it ships."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from plotly.io.json import to_json_plotly
from plotly.offline import get_plotlyjs_version

from dashboard import web
from dashboard.app import create_app
from dashboard.components.graph import GRAPH_CONFIG
from dashboard.page import Visit
from dashboard.pages import page_at, pages
from tests.evidence_builder import shipped

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def app():
    return create_app()


@pytest.fixture
def client(app):
    return app.server.test_client()


def test_health_names_the_data_that_is_served(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["data_version"] == shipped().version
    assert answer.json["reports"] > 0
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_is_not_ok_without_a_study(tmp_path):
    answer = create_app(tmp_path).server.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json["status"] == "no data"


def test_another_data_folder_has_another_version(tmp_path):
    for file in (ROOT / "data").glob("*.csv"):
        shutil.copy(file, tmp_path)
    same = create_app(tmp_path).server.test_client().get("/healthz").json
    with (tmp_path / "claims.csv").open("a") as file:
        file.write("\n")
    changed = create_app(tmp_path).server.test_client().get("/healthz").json
    assert same["data_version"] == shipped().version
    assert changed["data_version"] != same["data_version"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_a_page_is_sent_with_its_own_title_and_description(client, page):
    answer = client.get(page.path)
    assert answer.status_code == 200
    assert '<html lang="en"' in answer.text
    assert f"<title>{page.title}" in answer.text
    assert f'<meta name="description" content="{page.description}">' in answer.text
    assert '<meta name="viewport"' in answer.text


@pytest.mark.parametrize("path", ["/", "/compare", "/healthz", "/no-such-page", "/assets/none.js"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_a_page_allows_only_scripts_of_this_server_and_those_that_stand_in_it(client):
    answer = client.get("/")
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    inline = [s for s in web._INLINE_SCRIPT.findall(answer.text) if s.strip()]
    allowed = policy["script-src"].split()
    assert allowed[0] == "'self'"
    assert len(allowed) == 1 + len(inline)
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(allowed)
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_a_page_names_no_other_host(client):
    for address in re.findall(r'(?:src|href)="([^"]+)"', client.get("/").text):
        assert address.startswith("/")
        assert not address.startswith("//")


@pytest.mark.parametrize("path", ["/no-such-page", "/compare/more", "/..%2f..%2fetc%2fpasswd"])
def test_an_address_without_a_page_is_not_found_and_still_shows_the_site(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_a_missing_file_is_answered_in_plain_words(client):
    answer = client.get("/assets/none.js")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "outcome=<script>alert(1)</script>",
        "level=nan&r=inf&mid=-1",
        "comparator=VP&intervention=VP&intervention=VP",
        "without=" + ",".join(["a"] * 500),
        "v=99&%ff%fe=%00",
        "designs=,,,",
    ],
)
def test_a_query_that_makes_no_sense_still_gives_a_page(app, query):
    assert app.server.test_client().get(f"/compare?{query}").status_code == 200
    layout = page_at("/compare").layout(shipped(), Visit("/compare", query))
    assert "Pain" in str(layout) or "pain" in str(layout)


def test_a_fault_of_ours_is_told_without_its_details(client, monkeypatch):
    monkeypatch.setattr(web, "_health", lambda health: 1 / 0)
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "ZeroDivisionError" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_large_files_are_compressed_as_the_browser_asks(client, encoding):
    address = "/assets/plotly-basic.min.js?m=1"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert len(packed.data) < 0.5 * len(plain.data)
    assert "max-age=31536000" in packed.headers["Cache-Control"]


def test_plotly_in_the_browser_has_the_version_that_plotly_in_python_expects():
    head = (ROOT / "dashboard/assets/plotly-basic.min.js").read_text(encoding="utf-8")[:400]
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}" in head
    assert "Licensed under the MIT license" in head


def test_no_graph_can_be_sent_to_a_service_outside():
    assert GRAPH_CONFIG["showSendToCloud"] is False
    assert GRAPH_CONFIG["displaylogo"] is False


def test_pages_have_one_address_each():
    assert len({page.path for page in pages()}) == len(pages())
    assert all(re.fullmatch(r"/[a-z-]*", page.path) for page in pages())


def _figures(part):
    """Every figure in a layout, however deep."""
    if isinstance(part, dict):
        if part.get("type") == "Graph":
            yield part["props"]["figure"]
        for value in part.values():
            yield from _figures(value)
    elif isinstance(part, list):
        for value in part:
            yield from _figures(value)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_the_shipped_plotly_can_draw_every_figure(page, narrow):
    """Another trace type would be an empty plot without any error: the bundle is plotly-basic."""
    query = "claim=all" if page.path == "/claims" else ""
    layout = page.layout(shipped(), Visit(page.path, query, narrow))
    drawn = list(_figures(json.loads(to_json_plotly(layout))))
    assert drawn or page.path not in {"/", "/compare", "/time-course", "/gaps", "/reviews"}
    for figure in drawn:
        assert {trace.get("type", "scatter") for trace in figure["data"]} <= {
            "scatter",
            "bar",
            "pie",
        }
