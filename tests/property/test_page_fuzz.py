"""Whatever an address says and whatever a control sends, a page answers: no 500, no hang, no NaN shown.

Briefly by default; ``FUZZ_EXAMPLES=2000 python -m pytest -n0 tests/property/test_page_fuzz.py
--hypothesis-show-statistics`` searches longer, with new cases each time, and tells how many were tried.
"""

from __future__ import annotations

import json
import os
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analysis import vocabulary as words
from analysis.question import Question
from dashboard import own, state
from dashboard.app import build
from dashboard.pages import pages
from tests.callback_requests import ADDRESS, LIST, Callbacks
from tests.evidence_builder import shipped

LONG = os.environ.get("FUZZ_EXAMPLES")
FUZZ = settings(
    max_examples=int(LONG or 40),
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
FEW = settings(FUZZ, max_examples=int(LONG or 25))
_MOST_SECONDS = 30  # a hang, on a machine that is busy with other tests
_TROUBLE = '"sideUpdate":{"trouble"'  # what `dashboard.app` shows when a callback failed
_NOT_A_NUMBER = re.compile(r"(?<![\w-])(nan|-?inf|NaN|-?Infinity)(?![\w-])")

FIELDS = [*Question.__dataclass_fields__]
WORDS = sorted(
    {
        *words.OUTCOMES, *words.INTERVENTIONS, *words.COMPARATORS, *words.WINDOWS, *words.DESIGNS,
        *words.UNITS, *words.MEASURES, *words.TAU2_METHODS, *words.CI_METHODS, "yes", "no", "0.9",
        "nan", "-1", "1e999", "0", "", "sham_rct,open_rct", ",", "carli-2023", "kroon-2014", "all",
        "<script>alert(1)</script>", "=1+1", "../../etc/passwd", "2009", "age:acute",
    }
)  # fmt: skip
_KEYS = [*FIELDS, "v", "claim", "study", "id", "sort", "year", "search", "design", "cause", "funding",
         "outcome", "missing", "age", "procedure", "alternative", "matters", "view", "x"]  # fmt: skip


def pairs() -> st.SearchStrategy[str]:
    """Queries made of words that the pages know, in places where they may not belong."""
    pair = st.tuples(st.sampled_from(_KEYS), st.sampled_from(WORDS) | st.text(max_size=8))
    return st.lists(pair, max_size=6).map(
        lambda found: "&".join(f"{quote(k)}={quote(v)}" for k, v in found)
    )


QUERIES = pairs() | st.text(max_size=60)
PATHS = st.sampled_from([page.path for page in pages()]) | st.text(max_size=20).map(
    lambda t: f"/{t.lstrip('/')}"
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)  # JSON of a browser knows no others
SCALARS = (
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=10)
    | st.sampled_from(WORDS)
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
NUMBERS = st.floats(-1e6, 1e6) | st.integers(-10, 3000)
CHOICES = st.none() | st.text(max_size=10) | st.sampled_from(WORDS) | NUMBERS | st.lists(
    st.sampled_from(WORDS) | st.text(max_size=5), max_size=4
)  # fmt: skip
PLACES = st.fixed_dictionaries({"path": PATHS, "query": QUERIES, "narrow": st.booleans()})
QUESTIONS = st.fixed_dictionaries({"query": QUERIES, "history": st.just("push")})
CELLS = st.dictionaries(
    st.sampled_from(
        ["study_id", "arm_id", "label", "outcome", "mean", "sd", "n", "events", "year"]
    ),
    st.sampled_from(WORDS) | st.text(max_size=8),
    max_size=6,
)
OWN = st.none() | ANYTHING | st.fixed_dictionaries(
    {
        name: st.lists(CELLS, max_size=3)
        for name in ("studies", "arms", "arm_results", "contrasts")
    }
    | {"active": st.booleans(), "only": st.booleans()}
)  # fmt: skip

POINTS = st.fixed_dictionaries({"points": st.lists(st.dictionaries(
    st.sampled_from(["customdata", "x", "curveNumber"]), CHOICES, max_size=3), max_size=2)}
)  # fmt: skip
COLUMNS = st.lists(st.fixed_dictionaries({
    "colId": st.sampled_from(["n", "year", "label", "x"]),
    "sort": st.sampled_from([None, "asc", "desc"]),
    "sortIndex": st.none() | st.integers(0, 3)}), max_size=4,
)  # fmt: skip
KINDS = {
    state.PLACE: PLACES, state.QUESTION: QUESTIONS, own.STORE: OWN, "value": CHOICES,
    "n_clicks": st.none() | st.integers(0, 9), "clickData": st.none() | POINTS,
    "columnState": st.none() | COLUMNS, "contents": st.none() | st.text(max_size=40),
    "filename": st.none() | st.text(max_size=12),
}  # fmt: skip


@pytest.fixture(scope="module")
def client():
    return build(shipped()).server.test_client()


@pytest.fixture(scope="module")
def callbacks(client) -> Callbacks:
    return Callbacks(client.get(LIST).json)


def send(client, body: object) -> tuple[int, str]:
    """The answer to a callback's request; fails where it took too long or is no JSON that browsers read."""
    start = time.monotonic()
    answer = client.post(ADDRESS, data=json.dumps(body), content_type="application/json")
    assert time.monotonic() - start < _MOST_SECONDS
    if answer.status_code == 200:
        json.loads(answer.text, parse_constant=pytest.fail)
    return answer.status_code, answer.text


def texts(part: object):
    """What a reader reads of an answer: children that are text, wherever they stand."""
    if isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key == "children" and isinstance(value, str):
                yield value
            elif key == "children" and isinstance(value, list):
                yield from (v for v in value if isinstance(v, str))
                yield from texts(value)
            elif key != "data":
                yield from texts(value)


@given(path=PATHS, query=QUERIES)
@FEW
def test_any_address_is_answered_with_a_document(client, path, query):
    answer = client.get(f"{quote(path)}?{query}")
    assert answer.status_code in (200, 404)
    assert answer.mimetype == "text/html"


@given(place=PLACES, kept=OWN)
@FUZZ
def test_any_place_becomes_a_page_that_shows_no_nan(client, callbacks, place, kept):
    event(place["path"] if place["path"] in {p.path for p in pages()} else "no page")
    values = {f"{state.PLACE}.data": place, f"{own.STORE}.data": kept}
    status, text = send(client, callbacks.body("content.children", values))
    assert status == 200
    assert _TROUBLE not in text
    typed = f"{place['query']} {place['path']} {json.dumps(kept)}"
    if not _NOT_A_NUMBER.search(typed):  # what a reader typed may be quoted back
        shown = [t for t in texts(json.loads(text)["response"]) if _NOT_A_NUMBER.search(t)]
        assert shown == []


def arguments(data: st.DataObject, callbacks: Callbacks, name: str, forged: bool) -> dict:
    """The body of a callback's request: values of the kind that a page sends, or of any kind."""
    values = {}
    for part, prop in callbacks.arguments(name):
        usual = KINDS.get(part, KINDS.get(prop, ANYTHING))
        values[f"{part}.{prop}"] = data.draw(st.floats() | ANYTHING if forged else usual)
    names = st.sampled_from([*FIELDS, *WORDS]) if forged else st.sampled_from(FIELDS)
    controls = {}
    for pattern, prop in callbacks.arguments(name):
        if '["ALL"]' in pattern and pattern not in controls:
            controls[pattern] = data.draw(
                st.dictionaries(names, KINDS.get(prop, CHOICES), max_size=4)
            )
    return callbacks.body(name, values, controls)


@given(data=st.data())
@FUZZ
def test_no_value_of_any_control_is_a_fault_of_ours(client, callbacks, data):
    name = data.draw(st.sampled_from(sorted(callbacks)))
    event(name)
    status, text = send(client, arguments(data, callbacks, name, forged=False))
    assert status in (200, 204)
    assert _TROUBLE not in text


@given(data=st.data())
@FUZZ
def test_values_of_any_kind_are_refused_or_answered_in_words(client, callbacks, data):
    name = data.draw(st.sampled_from(sorted(callbacks)))
    status, text = send(client, arguments(data, callbacks, name, forged=True))
    event(str(status))
    assert status in (200, 204, 400)
    assert "Traceback" not in text


def spoilt(draw: st.DrawFn, node: object) -> object:
    """A request with one part of it, at any depth, exchanged, doubled or lost."""
    if isinstance(node, dict | list) and node and draw(st.integers(0, 4)):
        copy = node.copy()
        key = draw(st.sampled_from(sorted(copy) if isinstance(copy, dict) else range(len(copy))))
        if draw(st.integers(0, 5)):
            copy[key] = spoilt(draw, copy[key])
        else:
            del copy[key]
        return copy
    return draw(ANYTHING)


@given(data=st.data())
@FUZZ
def test_a_request_that_no_page_sends_is_refused_in_words(client, callbacks, data):
    name = data.draw(st.sampled_from(sorted(callbacks)))
    body = spoilt(data.draw, callbacks.body(name, {}))
    status, text = send(client, body)
    event(str(status))
    assert status in (200, 204, 400)
    assert "Traceback" not in text


@given(noise=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@FEW
def test_any_bytes_at_all_are_refused_not_raised(client, noise):
    answer = client.post(ADDRESS, data=noise, content_type="application/json")
    assert answer.status_code == 400


@given(name=st.text(max_size=30), query=QUERIES)
@FEW
def test_no_name_of_a_file_leads_out_of_the_house(client, name, query):
    for prefix in ("/assets/", "/_dash-component-suites/dash/", "/take/", "/assets/../"):
        answer = client.get(f"{prefix}{quote(name, safe='/.')}?{query}")
        assert answer.status_code in (200, 304, 308, 400, 404)
        assert "root:" not in answer.text[:200]
