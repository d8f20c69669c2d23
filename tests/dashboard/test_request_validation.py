"""What is let in and what is refused, at every address that the server has."""

from __future__ import annotations

import ast
import copy
import io
import json
import re

import pytest

from dashboard import request_validation
from dashboard.app import create_app
from tests.callback_requests import ADDRESS, LIST, Callbacks
from tests.modules import MODULES, parsed

WHY = {
    "/": "the first page",
    "/<path:path>": "all other pages; what is none is answered 404",
    "/healthz": "for whoever watches the server",
    "/docs/": "the documentation, where it was built",
    "/docs/<path:name>": "its files; kept to their folder",
    "/take/<name>": "downloads; names from a fixed list",
    "/card.png": "the picture of a page's link, drawn here from the query alone",
    "/wanted/<key>.<kind>": "a file to fill in, made from the data; keys from a fixed list",
    "/studies.csv": "the list of studies as a file; takes no parameters",
    "/assets/<path:filename>": "our style sheets and scripts; Flask keeps to the folder",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "scripts of the component "
    "libraries; only files that they registered",
    "/_dash-layout": "the frame of the pages, without any reader's state",
    "/_dash-dependencies": "which control fills what; the browser needs it",
    "/_dash-update-component": "callbacks; held to what is registered",
    "/_favicon.ico": "the icon of Dash; ours has another address",
    "/_reload-hash": "closed: answered 404",
}
"""Every address that the server has, and why. A library that opens another one fails the test."""


@pytest.fixture(scope="module")
def app():
    return create_app()


@pytest.fixture
def client(app):
    return app.server.test_client()


@pytest.fixture(scope="module")
def good(app) -> dict:
    """The request for the first page, as a browser sends it."""
    callbacks = Callbacks(app.server.test_client().get(LIST).json)
    place = {"path": "/", "query": "", "narrow": False}
    return callbacks.body("content.children", {"place.data": place})


def post(client, body, **options):
    return client.post(ADDRESS, data=json.dumps(body), content_type="application/json", **options)


def test_every_address_has_a_reason(app):
    assert {rule.rule for rule in app.server.url_map.iter_rules()} == set(WHY)


def test_only_callbacks_and_downloads_take_a_body(app):
    writing = {
        rule.rule
        for rule in app.server.url_map.iter_rules()
        if rule.methods - {"GET", "HEAD", "OPTIONS"}
    }
    # a download of what holds own studies is asked for with them in the request's body
    assert writing == {ADDRESS, "/take/<name>"}


def test_tools_of_developers_are_off(app, client):
    assert not app.server.debug
    assert not app._dev_tools.ui
    assert not app._dev_tools.hot_reload
    for address in ("/_reload-hash", "/_mcp", "/mcp", "/_dash-websocket", "/console", "/.env"):
        assert client.get(address).status_code == 404


def test_what_the_page_sends_is_answered(client, good):
    assert post(client, good).status_code == 200


def changed(good: dict, **parts) -> dict:
    return {**copy.deepcopy(good), **parts}


NO_CALLBACK = {
    "no object": lambda good: [],
    "a number": lambda good: 3,
    "nothing in it": lambda good: {},
    "an output that is not there": lambda good: changed(good, output="nope.children"),
    "an output that cannot be looked up": lambda good: changed(good, output={"a": 1}),
    "an output that the browser fills": lambda good: changed(good, output="place.data"),
    "no inputs": lambda good: {k: v for k, v in good.items() if k != "inputs"},
    "too many inputs": lambda good: changed(good, inputs=good["inputs"] * 2),
    "another input": lambda good: changed(good, inputs=[{**good["inputs"][0], "id": "other"}]),
    "an id that cannot be looked up": lambda good: changed(
        good, inputs=[{**good["inputs"][0], "id": ["place"]}]
    ),
    "no outputs": lambda good: changed(good, outputs=None),
    "changes without names": lambda good: changed(good, changedPropIds=[{}]),
    "a place that is none": lambda good: changed(
        good, inputs=[{**good["inputs"][0], "value": {"path": ["/"], "query": 3}}]
    ),
}


@pytest.mark.parametrize("spoil", NO_CALLBACK.values(), ids=NO_CALLBACK)
def test_what_no_page_sends_is_refused_in_words(client, good, spoil):
    answer = post(client, spoil(good))
    assert answer.status_code == 400
    assert "The request was not understood" in answer.text


@pytest.mark.parametrize(
    "text", ["{", "", "[" * 100_000, "NaN", '{"output": Infinity}', "1" * 9999]
)
def test_what_is_no_json_is_refused_in_words(client, text):
    answer = client.post(ADDRESS, data=text, content_type="application/json")
    assert answer.status_code == 400
    assert "The request was not understood" in answer.text


def test_a_form_from_another_site_is_not_taken(client, good):
    """Browsers send a foreign form as text; JSON they send only after asking, and nobody says yes."""
    assert client.post(ADDRESS, data=json.dumps(good), content_type="text/plain").status_code == 415
    answer = client.options(ADDRESS, headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("told", [True, False], ids=["its length told", "without its length"])
def test_more_than_the_limit_is_refused_before_it_is_read(client, told):
    noise = b'"' + b"a" * request_validation.MOST_BYTES + b'"'
    if told:
        answer = client.post(ADDRESS, data=noise, content_type="application/json")
    else:
        answer = client.post(
            ADDRESS,
            input_stream=io.BytesIO(noise),
            content_type="application/json",
            environ_overrides={"wsgi.input_terminated": True},
        )
    assert answer.status_code == 413
    assert "More was sent than is taken at once (8 MB)" in answer.text


ANY_ANSWER = [
    "/", "/compare", "/no-such-page", "/healthz", "/take/nothing", "/take/effects.csv?v=1", "/take/methods.txt?v=1",
    "/assets/none.js", "/assets/place.js", "/assets/icon.svg", "/_dash-layout", LIST, "/_reload-hash",
    "/_favicon.ico", "/_dash-component-suites/dash/none.js", "/_dash-component-suites/none/none.js",
]  # fmt: skip


@pytest.mark.parametrize("address", ANY_ANSWER)
def test_every_answer_carries_the_headers(client, address):
    check_headers(client.get(address))


def test_answers_of_callbacks_and_refusals_carry_the_headers(client, good):
    check_headers(post(client, good))
    check_headers(post(client, []))
    check_headers(client.put("/"))
    check_headers(client.post(ADDRESS, data=b"a" * (request_validation.MOST_BYTES + 1)))


def check_headers(answer) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert policy.startswith(("default-src 'none'", "default-src 'self'"))
    assert "unsafe-eval" not in policy
    assert "Set-Cookie" not in answer.headers
    assert b"Traceback" not in answer.data


def test_what_a_callback_answers_is_kept_by_nobody(client, good):
    assert post(client, good).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    [
        "/assets/../app.py", "/assets/%2e%2e/app.py", "/assets/..%2fapp.py", "/assets/..%5capp.py",
        "/assets//etc/passwd", "/_dash-component-suites/dash/../../../../etc/passwd",
        "/_dash-component-suites/dash/%2e%2e/dash.py", "/_dash-component-suites/os/path.py",
        "/take/..%2f..%2fdata%2fstudies.csv", "/take/%2fetc%2fpasswd", "/static/app.py",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folders(client, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "def " not in answer.text
    assert "root:" not in answer.text


def raw(app, path: str, **environment) -> tuple[str, dict[str, str]]:
    """Ask with a path as it stands on the wire; test clients take "//x" for a host."""
    told: list = []
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(), "HTTP_HOST": "localhost", **environment,
    }  # fmt: skip
    body = app.server.wsgi_app(environ, lambda status, headers: told.extend((status, headers)))
    list(body)
    body.close()
    return told[0], dict(told[1])


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "//elsewhere.example/compare", "/\\elsewhere.example"]
)
def test_no_address_sends_a_reader_elsewhere(app, path):
    status, headers = raw(app, path)
    assert status.startswith("404")
    assert "Location" not in headers


def test_any_host_is_answered_until_hosts_are_named(monkeypatch):
    monkeypatch.delenv("EVIDENCE_HOSTS", raising=False)
    open_to_all = create_app()
    assert raw(open_to_all, "/", HTTP_HOST="any.example")[0] == "200 OK"
    monkeypatch.setenv("EVIDENCE_HOSTS", "evidence.example, .hospital.example")
    named = create_app()
    assert raw(named, "/", HTTP_HOST="evidence.example")[0] == "200 OK"
    assert raw(named, "/", HTTP_HOST="www.hospital.example:8443")[0] == "200 OK"
    status, headers = raw(named, "/", HTTP_HOST="elsewhere.example")
    assert status.startswith("400")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_host_is_never_written_into_a_page(client):
    answer = client.get("/", headers={"Host": "elsewhere.example"})
    assert "elsewhere.example" not in answer.text


def test_nothing_from_outside_is_unpickled_or_run():
    """No module of ours imports what turns bytes into running code, or calls it."""
    forbidden = {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle"}
    called = {"eval", "exec", "compile", "__import__"}
    names = re.compile("|".join(forbidden | called))
    for file in MODULES.values():
        if not names.search(file.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Import):
                found = {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found = {(node.module or "").split(".")[0]}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found = {node.func.id} & called
                assert not found, f"{file.name}:{node.lineno} calls {found}"
                continue
            elif isinstance(node, ast.Attribute) and node.attr in ("read_pickle", "allow_pickle"):
                raise AssertionError(f"{file.name}:{node.lineno} uses {node.attr}")
            else:
                continue
            assert not found & forbidden, f"{file.name}:{node.lineno} imports {found & forbidden}"


def test_no_command_is_given_to_a_shell():
    for file in MODULES.values():
        assert not re.search(
            r"shell\s*=\s*True|os\.system|os\.popen", file.read_text(encoding="utf-8")
        ), file


@pytest.mark.parametrize("body", ["{", "[" * 100_000, "NaN", ""])
def test_a_download_with_own_studies_that_cannot_be_read_is_refused(client, body):
    """Never a file made without them, as if they had been in it."""
    answer = client.post("/take/data.csv", data=body, content_type="application/json")
    assert answer.status_code == 400
