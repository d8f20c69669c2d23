"""What is let in: how large a request may be, which hosts it may name, what a callback may be asked.

Dash takes the body of a callback as its own page sends it and fails with 500 on anything else. Here it
is held to what the application registered before Dash sees it: unknown outputs, foreign ids, missing
parts are answered 400 with a sentence, and so are values of a kind that no control has (`_KINDS`). What
the values mean is judged where they are used (`dashboard.page.Visit.from_browser`,
`analysis.question.Question.from_query`, `analysis.evidence.own`).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dash import Dash
from flask import Flask, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest, NotFound

MOST_BYTES = 8 * 2**20
"""Of a request's body: a file of 5 MB as a browser encodes it, and everything around it."""

CALLBACKS = "/_dash-update-component"
CLOSED = frozenset({"/_reload-hash"})
"""Addresses that Dash opens for its developers' tools; nothing here uses them."""


def guard(server: Flask, app: Dash) -> None:
    """Set the limits on the server, and look at every callback's request before Dash does.

    ``EVIDENCE_HOSTS`` (names separated by commas; a leading dot takes subdomains in) closes the server
    to requests that name another host; usual is any, because a proxy's or a notebook's name is not known.
    """
    server.json = _Strict(server)
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    server.config["TRUSTED_HOSTS"] = _hosts(os.environ.get("EVIDENCE_HOSTS", ""))
    # "//elsewhere.example/x" is an address that does not exist, not one to be redirected to
    server.url_map.merge_slashes = False

    @server.before_request
    def look() -> None:
        if request.path in CLOSED:
            raise NotFound
        if request.path == CALLBACKS and request.method == "POST":
            body = request.get_json()
            if not fits(body, app.callback_map):
                raise BadRequest
            g.callback = _name(body["output"])


def _hosts(text: str) -> list[str] | None:
    """
    >>> _hosts(" evidence.example, .hospital.example ")
    ['evidence.example', '.hospital.example']
    """
    return [name.strip() for name in text.split(",") if name.strip()] or None


class _Strict(DefaultJSONProvider):
    """JSON as its standard has it: Python would also take NaN and Infinity, and fail on what is too deep."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        try:
            return super().loads(s, parse_constant=_no_number, **options)
        except RecursionError:
            raise ValueError("found JSON nested too deeply") from None


def _no_number(name: str) -> None:
    raise ValueError(f"found {name}, allowed: a number")


def fits(body: object, callbacks: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a body is what one of the registered callbacks is asked with.

    Parameters
    ----------
    body : decoded JSON of any shape.
    callbacks : `Dash.callback_map`; only those that run on the server are answered.
    """
    if not isinstance(body, dict) or not isinstance(output := body.get("output"), str):
        return False
    callback = callbacks.get(output)
    if callback is None or "callback" not in callback:
        return False
    changed = body.get("changedPropIds", [])
    return (
        _all_fit(body.get("inputs", []), callback["inputs"])
        and _all_fit(body.get("state", []), callback["state"])
        and all(map(_is_of_kind, _each(body.get("inputs", []) + body.get("state", []))))
        and (
            bool(callback.get("no_output")) or _outputs_fit(body.get("outputs"), callback["output"])
        )
        and isinstance(changed, list)
        and all(isinstance(name, str) for name in changed)
    )


def _each(given: Sequence[Any]) -> list[Mapping[str, Any]]:
    """Arguments one by one, those of patterns, too."""
    return [one for entry in given for one in (entry if isinstance(entry, list) else [entry])]


def _outputs_fit(given: object, registered: Any) -> bool:
    """One output is sent as itself, several as a list."""
    if isinstance(registered, Sequence):
        specs = [{"id": o.component_id_str(), "property": o.component_property} for o in registered]
        return _all_fit(given, specs)
    spec = {"id": registered.component_id_str(), "property": registered.component_property}
    return _fits(given, spec)


def _all_fit(given: object, specs: Sequence[Mapping[str, str]]) -> bool:
    return isinstance(given, list) and len(given) == len(specs) and all(map(_fits, given, specs))


def _fits(given: object, spec: Mapping[str, str]) -> bool:
    """One argument; for a pattern with ALL the list of all components that match it."""
    pattern = _pattern(spec["id"])
    if pattern is None:
        return _is_one(given, spec) and _text(given["id"]) == spec["id"]
    found = given if isinstance(given, list) else [given]
    return all(_is_one(one, spec) and _matches(one["id"], pattern) for one in found)


def _is_one(given: Any, spec: Mapping[str, str]) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("property"), str)
        # an output that several callbacks fill is sent with a mark after "@"
        and given["property"].split("@")[0] == spec["property"]
        and isinstance(given.get("id"), str | dict)
    )


def _is_place(value: object) -> bool:
    """Where the reader is, as `assets/place.js` keeps it."""
    return value is None or (
        isinstance(value, dict)
        and all(isinstance(value.get(key, ""), str) for key in ("path", "query"))
        and isinstance(value.get("narrow", False), bool)
    )


def _is_question(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("query"), str)


def _is_choice(value: object) -> bool:
    """What a control can hold: a word, a number, yes or no, nothing, or a list of these."""
    return all(map(_is_single, value)) if isinstance(value, list) else _is_single(value)


def _is_single(value: object) -> bool:
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) < _LARGEST
    return value is None or isinstance(value, str)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and 0 <= value < _LARGEST)


_LARGEST = 1e15
_KINDS: dict[tuple[str, str] | str, Callable[[object], bool]] = {
    ("place", "data"): _is_place,
    ("question", "data"): _is_question,
    "value": _is_choice,
    "n_clicks": _is_count,
}
"""By id and property, or by property alone: what a value must be. Other values may be any JSON."""


def _is_of_kind(given: Mapping[str, Any]) -> bool:
    found = given["id"]
    kind = _KINDS.get((found, given["property"])) if isinstance(found, str) else None
    kind = kind or _KINDS.get(given["property"])
    return kind is None or kind(given.get("value"))


def _pattern(name: str) -> dict[str, object] | None:
    """The parts of an id that stands for several components; None for one that names a single one."""
    if not name.startswith("{"):
        return None
    parts = json.loads(name)
    return parts if any(isinstance(value, list) for value in parts.values()) else None


def _matches(found: object, pattern: Mapping[str, object]) -> bool:
    return (
        isinstance(found, dict)
        and found.keys() == pattern.keys()
        and all(
            isinstance(found[key], str | int | float)
            if isinstance(wanted, list)
            else found[key] == wanted
            for key, wanted in pattern.items()
        )
    )


def _text(found: object) -> object:
    """An id as Dash writes it into the names of callbacks."""
    if isinstance(found, dict):
        return json.dumps(found, sort_keys=True, separators=(",", ":"))
    return found


def _name(output: str) -> str:
    """What the log calls a callback: the first thing it fills.

    >>> _name('..compare-view.children...question.data..')
    'compare-view.children'
    """
    return output.strip(".").split("...")[0].split("@")[0]
