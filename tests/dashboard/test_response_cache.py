"""Answers that are kept: the same bytes for the same question, none of a reader's own, none of a failure."""

from __future__ import annotations

import json
import os
from itertools import count

import pytest
from flask_compress.compat import compression

from dashboard import response_cache, warm
from dashboard.app import create_app
from dashboard.pages import compare, pages, robustness, words
from tests.callback_requests import ADDRESS, LIST, Callbacks
from tests.own_studies import own_rows


@pytest.fixture(scope="module")
def app():
    return create_app()


@pytest.fixture
def asked(app, monkeypatch):
    """Ask for a page; what it was built from is counted in ``asked.built``."""
    client = app.server.test_client()
    callbacks = Callbacks(client.get(LIST).get_json())
    built, names = [], count()
    parts = compare.answer_parts
    monkeypatch.setattr(
        compare, "answer_parts", lambda *args, **more: built.append(1) or parts(*args, **more)
    )

    def ask(query, *, kept=None, packing="", name="content.children", **values):
        values = {
            "place.data": {"path": "/compare", "query": query, "narrow": False},
            "own-rows.data": kept,
        } | values
        body = json.dumps(callbacks.body(name, values))
        headers = {"Content-Type": "application/json", "Accept-Encoding": packing}
        # as a browser writes it: each document has a name of its own
        return client.post(f"{ADDRESS}?endId={next(names)}~0f", data=body, headers=headers)

    ask.built = built
    return ask


def test_the_same_question_is_built_once_and_answered_alike(asked):
    first, second = (asked("v=1&level=0.91") for _ in range(2))
    assert len(asked.built) == 1
    assert first.get_data() == second.get_data()
    assert sorted(first.headers) == sorted(second.headers)
    assert second.headers["Cache-Control"] == "no-store"
    assert second.headers["X-Content-Type-Options"] == "nosniff"


def test_each_compression_has_its_own_bytes_and_browsers_that_ask_alike_share_them(asked):
    plain = asked("v=1&level=0.92")
    packed = asked("v=1&level=0.92", packing="gzip, deflate")
    again = asked("v=1&level=0.92", packing="deflate,gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "gzip"
    assert packed.get_data() == again.get_data() != plain.get_data()
    assert len(asked.built) == 2


def test_an_answer_with_own_studies_is_built_each_time(asked):
    kept = own_rows().to_store()
    with_own = [asked("v=1&level=0.93", kept=kept).get_data() for _ in range(2)]
    assert len(asked.built) == 2
    assert with_own[0] != asked("v=1&level=0.93").get_data()


def test_a_failure_is_not_kept(asked, monkeypatch):
    def fails(*args, **more):
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as broken:
        broken.setattr(compare, "answer_parts", fails)
        assert b"could not be worked out" in asked("v=1&level=0.94").get_data()
    assert b"could not be worked out" not in asked("v=1&level=0.94").get_data()


def test_a_view_that_failed_is_worked_out_again(asked, monkeypatch):
    view = {"query": "v=1&level=0.95&mid=1.7", "view": "influence", "narrow": False, "study": ""}
    wish = {"name": "robustness-view.children", "robustness-asked.data": view}
    with monkeypatch.context() as broken:
        broken.setattr(robustness, "_here", lambda ask, evidence: 1 / 0)
        failed = asked("", **wish).get_json()["response"]
    shown = asked("", **wish).get_json()["response"]
    assert failed["job-trouble"]["hidden"] is False
    assert shown["job-trouble"]["hidden"] is True


def test_a_file_of_the_program_is_packed_once(app):
    client = app.server.test_client()
    headers = {"Accept-Encoding": "gzip"}
    first, second = (client.get("/assets/place.js?m=7", headers=headers) for _ in range(2))
    assert first.get_data() == second.get_data()
    assert second.headers["Content-Encoding"] == "gzip"
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert "immutable" in second.headers["Cache-Control"]
    tagged = client.get("/assets/place.js?m=7", headers=headers | {"If-None-Match": second.headers["ETag"]})
    assert tagged.status_code == 304


def test_kept_bytes_stay_below_the_bound():
    few = response_cache.Responses(most=1000)
    for i in range(50):
        few[bytes([i])] = response_cache._Kept(bytes(90), (), None)
    found = [i for i in range(50) if few[bytes([i])] is not None]
    assert found == list(range(39, 50))
    few[b"large"] = response_cache._Kept(bytes(2000), (), None)
    assert few[b"large"] is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn, which needs it, runs elsewhere")
def test_pages_built_in_a_copy_are_kept_here_as_a_browser_asks_for_them(monkeypatch):
    server = create_app().server
    monkeypatch.setattr(warm, "pages", lambda: [p for p in pages() if p.path in ("/words", "/own")])
    warm.visit_pages_in_a_copy(server)
    monkeypatch.setattr(words, "page", None)  # it cannot be built again
    client = server.test_client()
    callbacks = Callbacks(client.get(LIST).get_json())
    place = {"path": "/words", "query": "", "narrow": False}
    body = callbacks.body("content.children", {"place.data": place}) | {"parsedChangedPropsIds": ["place.data"]}
    shown = client.post(f"{ADDRESS}?endId=a~0f", json=body, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert b"Words used here" in compression.zstd.decompress(shown.get_data())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn, which needs it, runs elsewhere")
def test_a_copy_that_fails_leaves_a_server_that_answers(monkeypatch):
    server = create_app().server
    monkeypatch.setattr(warm, "_visit_pages", lambda server: 1 / 0)
    warm.visit_pages_in_a_copy(server)
    assert server.test_client().get("/healthz").status_code == 200


def test_no_kept_answer_is_asked_with_anything_of_the_reader_but_the_store_that_forbids_it(app):
    kept = [
        callback
        for output, callback in app.callback_map.items()
        if "callback" in callback
        and {"content.children", "question.data", "robustness-view.children"}
        & {name.split("@")[0] for name in output.strip(".").split("...")}
    ]
    asked = [{str(one["id"]) for one in [*c["inputs"], *c["state"]]} for c in kept]
    assert len(kept) >= 10
    theirs = {id for ids in asked for id in ids if "own" in id or "what-if" in id}
    assert theirs == {"own-rows"}
