"""Every page asked for once before readers come, as a browser asks for it: see `dashboard.gunicorn_conf`.

The work is done in a copy of the process, which hands its answers over and ends: what it needed on the way, a hundred
mebibytes, goes with it, and workers begin with the pages as they are sent.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping

from flask import Flask

from dashboard import own, state
from dashboard.pages import pages
from dashboard.request_validation import CALLBACKS
from dashboard.response_cache import EXTENSION
from dashboard.router import CONTENT

PATIENCE = 60  # seconds
_SETUP = ("/_dash-layout", "/_dash-dependencies", "/healthz", "/")
_BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def set_up(server: Flask) -> None:
    """Finish Dash's set-up: threads that ask together during it can meet callbacks that are not yet there
    (plotly/dash issue 3971). What some views import late, workers share."""
    import scipy.stats  # noqa: F401

    client = server.test_client()
    for path in _SETUP:
        client.get(path)


def visit_pages_in_a_copy(server: Flask) -> None:
    """Keep the answers of every page as its bare address has it (`dashboard.response_cache`).

    A copy that fails or takes longer than `PATIENCE` leaves what it had; the first reader of the rest then waits.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            signal.alarm(PATIENCE)
            os.close(ours)
            _visit_pages(server)
            with open(theirs, "w", encoding="ascii") as out:
                out.writelines(server.extensions[EXTENSION].lines())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, encoding="ascii") as answers:
        server.extensions[EXTENSION].take(answers)
    with contextlib.suppress(ChildProcessError):  # the process manager may have seen its end first
        os.waitpid(pid, 0)


def _visit_pages(server: Flask) -> None:
    client = server.test_client()
    listed = client.get("/_dash-dependencies").get_json()
    output = next(c["output"] for c in listed if c["output"].startswith(f"..{CONTENT}.children."))
    for page in pages():
        for narrow in (False, True):
            arrival = _arrival(output, {"path": page.path, "query": "", "narrow": narrow})
            client.post(CALLBACKS, json=arrival, headers=_BROWSER)


def _arrival(output: str, place: Mapping[str, object]) -> Mapping[str, object]:
    filled = [name.rpartition(".") for name in output.strip(".").split("...")]
    return {
        "output": output,
        "outputs": [{"id": id, "property": name} for id, _, name in filled],
        "inputs": [{"id": state.PLACE, "property": "data", "value": place}],
        "state": [{"id": own.STORE, "property": "data", "value": None}],
        "changedPropIds": [f"{state.PLACE}.data"],
    }
