"""How long pages take to answer: `python -m tests.benchmarks.pages [--users 1,20] [--requests 300]`.

Starts the server as a process manager would (gunicorn, two workers) and asks it, from another process,
for whole pages: the callback that builds a page's controls, figures and tables from its address, which
is more work than any single control. The ratio to a request that computes nothing (`/healthz`), in the same
run, tells how much of a time is the machine's.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from dashboard.pages import PAGES
from dashboard.router import CONTENT, NAVIGATION

QUESTIONS = (
    "v=1", "v=1&time=12m", "v=1&intervention=BKP&comparator=NSM", "v=1&time=any",
    "v=1&outcome=new-fracture&intervention=AUG&comparator=NSM&time=any",
    "v=1&outcome=leakage&intervention=BKP&comparator=NONE&time=any&unit=vertebrae",
    "v=1&intervention=BKP&comparator=NONE&time=12m", "v=1&tau2=DL&ci=wald&time=12m",
)  # fmt: skip
_OUTPUTS = (f"{CONTENT}.children", f"{NAVIGATION}.children", "arrival.data")


def body(path: str, query: str) -> bytes:
    """The request that a browser sends when the address changes."""
    outputs = [dict(zip(("id", "property"), name.split("."), strict=True)) for name in _OUTPUTS]
    place = {"path": path, "query": query, "narrow": False}
    return json.dumps(
        {
            "output": f"..{'...'.join(_OUTPUTS)}..",
            "outputs": outputs,
            "inputs": [{"id": "place", "property": "data", "value": place}],
            "changedPropIds": ["place.data"],
        }
    ).encode()


def ask(port: int, path: str, query: str = "") -> float:
    """Milliseconds of one answer; raises where the server did not give one."""
    start = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    if path == "/healthz":
        connection.request("GET", path)
    else:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/_dash-update-component", body(path, query), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path}?{query}: the server answered {response.status}")
    return 1000 * (time.perf_counter() - start)


def measure(port: int, path: str, users: int, requests: int) -> list[float]:
    """Times of `requests` answers to `users` at once, each in its own order of questions."""
    chance = random.Random(users)
    queries = [chance.choice(QUESTIONS) if path == "/compare" else "" for _ in range(requests)]
    with ThreadPoolExecutor(users) as pool:
        return list(pool.map(lambda query: ask(port, path, query), queries))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", default="1,20")
    parser.add_argument("--requests", type=int, default=300)
    chosen = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}",
         "--log-level", "warning", "dashboard.wsgi:server"]
    )  # fmt: skip
    try:
        _wait(port)
        print(f"{'page':<14} {'users':>5} {'median ms':>10} {'p95 ms':>8} {'of /healthz':>12}")
        for users in map(int, chosen.users.split(",")):
            nothing = statistics.median(measure(port, "/healthz", users, chosen.requests))
            for page in PAGES:
                for _ in range(4):  # both workers have seen the page
                    measure(port, page.path, 2, len(QUESTIONS))
                times = sorted(measure(port, page.path, users, chosen.requests))
                median, late = statistics.median(times), times[int(0.95 * len(times))]
                print(
                    f"{page.path:<14} {users:>5} {median:>10.1f} {late:>8.1f} {median / nothing:>11.1f}x",
                    flush=True,
                )
    finally:
        server.terminate()
        server.wait()
    return 0


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            ask(port, "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start within 30 seconds")


if __name__ == "__main__":
    sys.exit(main())
