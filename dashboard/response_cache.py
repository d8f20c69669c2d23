"""Answers as they were sent, kept for the next reader who asks for the same: already built, written as JSON and packed.

Kept are the program's own files, and what pages and views answer to a question that an address could carry: callbacks
that build a page (`dashboard.router`) or hand the Question back to the address (`dashboard.state`). Never kept is an
answer to a request that brought a reader's own studies, or one that failed. The key is a digest of the request; the
least recently used go first when there are more bytes than allowed.
"""

from __future__ import annotations

import base64
import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock

from flask import Flask, Response, current_app, g, request

from dashboard import own, state
from dashboard.request_validation import CALLBACKS

MOST_BYTES = 8 * 2**20
"""Of kept answers in one process; a page takes about 20 KiB as browsers ask for it."""
_LONGEST = 32 * 2**10
"""Of a request's body: a question is a kilobyte or two."""
_PARTS = ("output", "outputs", "inputs", "state", "changedPropIds")
_NO_MATTER = {"endId"}  # Dash's name of the page in the tab, by which jobs of a queue end
_FILES = ("/assets/", "/_dash-component-suites/")


@dataclass(frozen=True, slots=True)
class _Kept:
    body: bytes
    headers: tuple[tuple[str, str], ...]
    callback: str | None


class Responses:
    """Bodies with their headers by key, bounded by bytes; threads may share it.

    >>> few = Responses(most=10)
    >>> for key in (b"a", b"b", b"a", b"c"):
    ...     few[key] = few[key] or _Kept(b"1234", (), None)
    >>> [key for key in (b"a", b"b", b"c") if few[key]]
    [b'a', b'c']
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most, self._bytes = most, 0
        self._by_key: OrderedDict[bytes, _Kept] = OrderedDict()
        self._lock = Lock()

    def __getitem__(self, key: bytes) -> _Kept | None:
        with self._lock:
            if key in self._by_key:
                self._by_key.move_to_end(key)
            return self._by_key.get(key)

    def __setitem__(self, key: bytes, kept: _Kept) -> None:
        with self._lock:
            if (old := self._by_key.pop(key, None)) is not None:
                self._bytes -= len(old.body)
            self._by_key[key] = kept
            self._bytes += len(kept.body)
            while self._bytes > self._most:
                self._bytes -= len(self._by_key.popitem(last=False)[1].body)

    def lines(self) -> Iterator[str]:
        """Everything as text, a line each, for a process that was copied from the same application (`take`)."""
        for key, kept in self._by_key.items():
            body = base64.b64encode(kept.body).decode()
            yield json.dumps([key.hex(), body, kept.headers, kept.callback]) + "\n"

    def take(self, lines: Iterable[str]) -> None:
        """What another process kept."""
        for key, body, headers, callback in map(json.loads, lines):
            pairs = tuple((name, value) for name, value in headers)
            self[bytes.fromhex(key)] = _Kept(base64.b64decode(body), pairs, callback)


EXTENSION = "evidence-responses"


def keep(server: Flask, also: Collection[str] = ()) -> None:
    """Answer from what is kept, and keep what may be.

    Called before anything else that changes answers, so that what is kept is what was sent.

    Parameters
    ----------
    server : the application's.
    also : the first output of further callbacks whose answer depends on nothing but what they are asked with.
    """
    kept = server.extensions[EXTENSION] = Responses()
    first = frozenset({"content.children", *also})

    @server.before_request
    def look() -> Response | None:
        g.key = _key()
        found = kept[g.key] if g.key else None
        if found is None:
            return None
        g.key, g.callback = None, found.callback
        return Response(found.body, headers=list(found.headers))

    @server.after_request
    def keep_it(response: Response) -> Response:
        key = g.get("key")
        if key and response.status_code == 200 and not response.is_streamed and _may_be_kept(first):
            kept[key] = _Kept(response.get_data(), tuple(response.headers), g.get("callback"))
        return response


def do_not_keep() -> None:
    """The answer to this request is not kept: something went wrong while it was worked out."""
    g.key = None


def _key() -> bytes | None:
    """A digest of everything that an answer depends on; None where nothing is kept."""
    if request.method == "GET" and request.path.startswith(_FILES):
        if "If-None-Match" in request.headers or "Range" in request.headers:
            return None
        asked: object = request.full_path
    elif request.method == "POST" and request.path == CALLBACKS and set(request.args) <= _NO_MATTER:
        if (request.content_length or _LONGEST) >= _LONGEST:
            return None
        body = request.get_json()
        asked = [body.get(part) for part in _PARTS] if isinstance(body, dict) else None
    else:
        return None
    text = json.dumps([_packing(), asked], sort_keys=True)
    return blake2b(text.encode(), digest_size=32).digest()


def _packing() -> str:
    """Which compression will be chosen (`flask_compress`), in one word for all browsers that ask alike."""
    accepted = request.headers.get("Accept-Encoding", "").lower()
    if ";" in accepted or "*" in accepted:
        return accepted
    named = {part.strip() for part in accepted.split(",")}
    return next((a for a in current_app.config["COMPRESS_ALGORITHM"] if a in named), "")


def _may_be_kept(first: Collection[str]) -> bool:
    if request.method == "GET":
        return True
    body = request.get_json()
    filled = [name.split("@")[0] for name in body["output"].strip(".").split("...")]
    of_an_address = filled[0] in first or f"{state.QUESTION}.data" in filled
    return of_an_address and _brings_nothing(body.get("state", []))


def _brings_nothing(given: Sequence[object]) -> bool:
    """Whether the request could have brought a reader's own studies, and did not."""
    theirs = [one for one in given if isinstance(one, dict) and one.get("id") == own.STORE]
    return bool(theirs) and not any(one.get("value") for one in theirs)
