"""What is remembered: shipped answers for everybody, a reader's own never beyond the request."""

from __future__ import annotations

import ast
import gc
import json
import weakref
from pathlib import Path

import pytest

from analysis.answer import answer, shipped_evidence
from analysis.evidence.memory import remembered
from analysis.evidence.own import with_own
from analysis.question import Question
from dashboard import own
from dashboard.app import build
from dashboard.pages import pages
from tests.own_studies import own_rows

ROOT = Path(__file__).resolve().parents[2]


def test_no_function_of_evidence_is_cached_in_another_way():
    found = []
    for folder in ("analysis", "dashboard"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.FunctionDef):
                    continue
                names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
                how = [ast.unparse(d) for d in node.decorator_list]
                if "evidence" in names and any("cache" in d for d in how):
                    found.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert found == []


def test_what_is_shipped_is_worked_out_once_and_what_is_own_once_per_evidence():
    calls = []

    @remembered(maxsize=8)
    def named(question: Question, evidence: object, *, narrow: bool = False) -> object:
        calls.append(narrow)
        return object()

    shipped, q = shipped_evidence(), Question()
    mine, same = (with_own(shipped, own_rows()) for _ in range(2))
    assert named(q, shipped) is named(q, evidence=shipped) or len(calls) == 2  # as lru_cache does
    calls.clear()
    assert named(q, mine) is named(q, mine)
    assert named(q, mine, narrow=True) is not named(q, mine)
    assert named(q, mine) is not named(q, same)
    assert named(question=q, evidence=mine) is named(question=q, evidence=mine)
    assert named.cache_info().currsize <= 2


def test_a_function_without_evidence_cannot_be_remembered():
    with pytest.raises(TypeError, match="one named evidence"):
        remembered(maxsize=1)(lambda question: question)


def test_a_personal_evidence_and_all_its_answers_go_together():
    mine = with_own(shipped_evidence(), own_rows())
    assert answer(Question(), mine) is answer(Question(), mine)
    held = weakref.ref(mine), weakref.ref(mine.arm_results)
    del mine
    gc.collect()
    assert [ref() for ref in held] == [None, None]


def test_after_a_request_nothing_on_the_server_holds_the_readers_rows(monkeypatch):
    merged = []  # the same for every page, so that what they share is worked out once

    def watched(evidence, rows):
        if not merged:
            merged.append(with_own(evidence, rows))
        return merged[0]

    monkeypatch.setattr(own, "with_own", watched)
    client = build(shipped_evidence()).server.test_client()
    arrive = next(
        d
        for d in client.get("/_dash-dependencies").get_json()
        if d["output"].startswith("..content.children")
    )
    ids = arrive["output"].strip(".").split("...")
    outputs = [dict(zip(("id", "property"), i.split("."), strict=True)) for i in ids]
    kept = own_rows().to_store()
    paths = [page.path for page in pages()]
    for path in paths:
        body = {
            "output": arrive["output"], "outputs": outputs, "changedPropIds": ["place.data"],
            "inputs": [{"id": "place", "property": "data", "value": {"path": path, "query": ""}}],
            "state": [{"id": own.STORE, "property": "data", "value": kept}],
        }  # fmt: skip
        answered = client.post("/_dash-update-component", json=body)
        assert answered.status_code == 200
        assert "3 studies of your own are included" in json.dumps(answered.get_json())
    del answered
    held = weakref.ref(merged.pop())
    gc.collect()
    assert held() is None
