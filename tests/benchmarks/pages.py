"""How long pages take to answer: `python -m tests.benchmarks.pages [--users 1,20] [--requests 300] [--new]`.

Starts the server as a process manager would (gunicorn, two workers) and asks it, from another process,
for whole pages: the callback that builds a page's controls, figures and tables from its address, which
is more work than any single control. The ratio to a request that computes nothing (`/healthz`), in the same
run, tells how much of a time is the machine's. With ``--new`` every request asks with a level that nobody asked
with before, so that none is answered from what is kept (`dashboard.response_cache`).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from urllib.request import urlopen

from dashboard.pages import pages
from tests.benchmarks.servers import HERE, PACKED, served
from tests.callback_requests import ADDRESS, LIST, Callbacks

QUESTIONS = (
    "v=1", "v=1&time=12m", "v=1&intervention=BKP&comparator=NSM", "v=1&time=any",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any",
    "v=1&outcome=leakage&intervention=BKP&comparator=NONE&time=any&unit=vertebrae",
    "v=1&intervention=BKP&comparator=NONE&time=12m", "v=1&tau2=DL&ci=wald&time=12m",
)  # fmt: skip


def body(callbacks: Callbacks, path: str, query: str) -> bytes:
    """The request that a browser sends when the address changes."""
    place = {"path": path, "query": query, "narrow": False}
    return json.dumps(callbacks.body("content.children", {"place.data": place})).encode()


def ask(port: int, callbacks: Callbacks, path: str, query: str = "") -> float:
    """Milliseconds of one answer; raises where the server did not give one."""
    start = time.perf_counter()
    connection = HTTPConnection(HERE, port, timeout=60)
    if path == "/healthz":
        connection.request("GET", path)
    else:
        headers = {"Content-Type": "application/json"} | PACKED
        connection.request("POST", ADDRESS, body(callbacks, path, query), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path}?{query}: the server answered {response.status}")
    return 1000 * (time.perf_counter() - start)


def measure(
    port: int,
    callbacks: Callbacks,
    path: str,
    users: int,
    requests: int,
    levels: Iterator[int] | None = None,
) -> list[float]:
    """Times of `requests` answers to `users` at once, each in its own order of questions; `levels` make them new."""
    chance = random.Random(users)
    queries = [chance.choice(QUESTIONS) if path == "/compare" else "" for _ in range(requests)]
    if levels is not None:
        queries = [f"{query or 'v=1'}&level=0.9{next(levels):05}" for query in queries]
    with ThreadPoolExecutor(users) as pool:
        return list(pool.map(lambda query: ask(port, callbacks, path, query), queries))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", default="1,20")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--new", action="store_true", help="no question is asked twice")
    chosen = parser.parse_args()
    with served("gunicorn") as (port, _):
        with urlopen(f"http://{HERE}:{port}{LIST}", timeout=60) as answer:
            callbacks = Callbacks(json.load(answer))
        levels = count(1) if chosen.new else None
        print(f"{'page':<14} {'users':>5} {'median ms':>10} {'p95 ms':>8} {'of /healthz':>12}")
        for users in map(int, chosen.users.split(",")):
            nothing = statistics.median(
                measure(port, callbacks, "/healthz", users, chosen.requests)
            )
            for page in pages():
                for _ in range(4):  # both workers have seen the page
                    measure(port, callbacks, page.path, 2, len(QUESTIONS))
                times = sorted(
                    measure(port, callbacks, page.path, users, chosen.requests, levels)
                )
                median, late = statistics.median(times), times[int(0.95 * len(times))]
                print(
                    f"{page.path:<14} {users:>5} {median:>10.1f} {late:>8.1f} {median / nothing:>11.1f}x",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
