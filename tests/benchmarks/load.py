"""Readers at work: `python -m tests.benchmarks.load --users 20 --seconds 60 --server gunicorn`.

Each reader opens a page, looks at it, changes controls by the requests that a browser sends, looks at
robustness, takes a file away, and thinks in between. Reported are requests per second, times by kind of
request, errors, and the memory of the server's processes from start to end.

Servers: ``waitress`` (``python -m dashboard``, one process), ``gunicorn`` (two workers), ``celery``
(the same, with a Redis of its own and a Celery worker).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

from analysis.robustness_views.registry import VIEWS as SPECS
from tests.benchmarks.pages import QUESTIONS
from tests.benchmarks.servers import HERE, PACKED, SERVERS, memory, served, unpacked
from tests.callback_requests import ADDRESS, LIST, Callbacks

PAGES = ("/", "/compare", "/claims", "/patient", "/studies", "/time-course", "/harms", "/gaps")
CHANGES = {
    "time": ("1m", "12m", "any", "3m"),
    "comparator": ("SHAM", "NSM"),
    "tau2": ("REML", "DL", "PM"),
    "ci": ("hksj-adhoc", "hksj", "wald"),
}
FILES = ("effects.csv", "script.R", "methods.txt", "references.ris")
VIEWS = tuple(SPECS)
_SLOW = 30.0


@dataclass(slots=True)
class Record:
    """What happened, from all readers; appended by their threads."""

    times: list[tuple[float, str, float]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)


class Reader:
    """One reader with a connection that stays open, as a browser's does."""

    def __init__(self, port: int, seed: int, think: float, record: Record, end: float) -> None:
        self._port, self._think, self._record, self._end = port, think, record, end
        self._chance = random.Random(seed)
        self._connection: HTTPConnection | None = None
        self._callbacks: Callbacks | None = None
        self._end_id = ""

    def run(self) -> None:
        """Journeys one after the other until the end."""
        self._pause(self._think * self._chance.random())
        while time.monotonic() < self._end:
            self._journey()
        self._close()

    def _journey(self) -> None:
        question = self._chance.choice(QUESTIONS)
        document = self._get("document", f"/compare?{question}")
        listed = self._get("frame", LIST)
        self._get("frame", "/_dash-layout")
        if not listed or not document:
            self._pause(self._think)
            return
        self._callbacks = Callbacks(json.loads(listed))
        self._end_id = re.search(rb'"end_id":\s*"([^"]+)"', document)[1].decode()
        self._open(self._chance.choice(PAGES), "")
        self._pause(self._think)
        self._open("/compare", question)
        for _ in range(3):
            self._pause(self._think)
            question = self._change(question)
        self._pause(self._think)
        self._robustness(question)
        self._pause(self._think)
        self._get("file", f"/take/{self._chance.choice(FILES)}?{question}", refused=(404,))
        self._pause(self._think)

    def _open(self, path: str, query: str) -> dict | None:
        place = {"path": path, "query": query, "narrow": self._chance.random() < 0.2}
        return self._post("page", "content.children", {"place.data": place})

    def _robustness(self, question: str) -> None:
        """Open a view of robustness; where it becomes a job, wait for it as a browser does."""
        page = self._open("/robustness", f"{question}&view={self._chance.choice(VIEWS)}")
        asked = next((s for s in _stores(page) if s["id"] == "robustness-asked"), None)
        if asked is None:
            return
        values = {"robustness-asked.data": asked["data"]}
        shown = self._post("robustness", "robustness-view.children", values)
        wish = (shown or {}).get("response", {}).get("robustness-job", {}).get("data")
        if not wish:
            return
        values["robustness-job.data"] = wish
        start = time.monotonic()
        body = self._callbacks.body("robustness-done.data", values)
        address = f"{ADDRESS}?endId={quote(self._end_id)}"
        told = self._job_step(address, body)
        handles = "".join(
            f"&{key}={quote(told[key])}" for key in ("cacheKey", "job") if told.get(key)
        )
        while "response" not in told and time.monotonic() < self._end:
            time.sleep(0.3)
            told = self._job_step(address + handles, body)
        if "response" in told:
            done = told["response"].get("robustness-done", {}).get("data") or {}
            if done.get("trouble"):
                self._record.errors.append(("job", done["trouble"]))
            self._record.times.append((start, "job", 1000 * (time.monotonic() - start)))
            values["robustness-done.data"] = done
            self._post("robustness", "robustness-view.children@robustness-done", values)

    def _job_step(self, address: str, body: dict) -> dict:
        answer = self._ask("job step", "POST", address, json.dumps(body))
        return (
            json.loads(answer)
            if answer
            else {"response": {}}
            if time.monotonic() > self._end
            else {}
        )

    def _change(self, question: str) -> str:
        name = self._chance.choice([*CHANGES])
        pattern = '{"control":["ALL"],"page":"compare"}'
        values = {
            "question.data": {"query": question, "history": "push"},
            "place.data": {"path": "/compare", "query": question, "narrow": False},
        }
        controls = {pattern: {name: self._chance.choice(CHANGES[name])}}
        found = self._post("control", "compare-view.children", values, controls)
        return found["response"]["question"]["data"]["query"] if found else question

    def _post(
        self, kind: str, name: str, values: dict, controls: dict | None = None
    ) -> dict | None:
        body = json.dumps(self._callbacks.body(name, values, controls))
        answer = self._ask(kind, "POST", ADDRESS, body)
        if answer and b"could not be worked out" in answer:
            self._record.errors.append((kind, "a callback failed"))
            return None
        return json.loads(answer) if answer else None

    def _get(self, kind: str, path: str, refused: tuple[int, ...] = ()) -> bytes | None:
        return self._ask(kind, "GET", path, refused=refused)

    def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        body: str | None = None,
        refused: tuple[int, ...] = (),
    ) -> bytes | None:
        if time.monotonic() > self._end:
            return None
        start = time.monotonic()
        try:
            status, content = self._once(method, path, body)
        except (OSError, HTTPException):
            self._close()
            try:  # a server may close an idle connection; browsers then ask once more, too
                status, content = self._once(method, path, body)
            except (OSError, HTTPException) as error:
                self._close()
                self._record.errors.append((kind, type(error).__name__))
                return None
        self._record.times.append((start, kind, 1000 * (time.monotonic() - start)))
        if status != 200:
            if status not in refused:
                self._record.errors.append((kind, str(status)))
            return None
        return content

    def _once(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = HTTPConnection(HERE, self._port, timeout=_SLOW)
        headers = {"Content-Type": "application/json"} | PACKED
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, unpacked(answer)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _pause(self, seconds: float) -> None:
        seconds *= 0.5 + self._chance.random()
        time.sleep(max(0.0, min(seconds, self._end - time.monotonic())))


def _stores(part: object) -> Iterator[dict]:
    """The properties of every store in a layout."""
    if isinstance(part, dict):
        if part.get("type") == "Store":
            yield part["props"]
        for value in part.values():
            yield from _stores(value)
    elif isinstance(part, list):
        for value in part:
            yield from _stores(value)


def work(
    port: int, users: int, seconds: float, think: float, processes: list[subprocess.Popen]
) -> tuple[Record, list[tuple[float, float]]]:
    """Let readers work for some time; gives what happened, and memory over time."""
    record, kept = Record(), []
    begin = time.monotonic()
    readers = [Reader(port, seed, think, record, begin + seconds) for seed in range(users)]
    threads = [threading.Thread(target=reader.run, daemon=True) for reader in readers]
    for thread in threads:
        thread.start()
    every = max(seconds / 60, 1.0)
    while (gone := time.monotonic() - begin) < seconds:
        kept.append((gone, memory(processes)))
        time.sleep(min(every, max(0.0, seconds - gone)))
    for thread in threads:
        thread.join(timeout=2 * _SLOW)
    kept.append((time.monotonic() - begin, memory(processes)))
    return record, kept


def report(record: Record, kept: list[tuple[float, float]], seconds: float) -> None:
    """Print the table."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for _, kind, took in record.times:
        by_kind[kind].append(took)
        if kind != "job":  # a job is several requests and the time between them
            by_kind["all"].append(took)
    print(
        f"{'':<12} {'requests':>9} {'per s':>7} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'most':>8}"
    )
    for kind in (
        "document",
        "frame",
        "page",
        "control",
        "robustness",
        "job step",
        "job",
        "file",
        "all",
    ):
        times = sorted(by_kind.get(kind, []))
        if times:
            print(
                f"{kind:<12} {len(times):>9} {len(times) / seconds:>7.1f} {statistics.median(times):>8.1f} "
                f"{_quantile(times, 0.95):>8.1f} {_quantile(times, 0.99):>8.1f} {times[-1]:>8.0f}"
            )
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for error in record.errors:
        counts[error] += 1
    said = ", ".join(f"{kind}: {what} ({n})" for (kind, what), n in sorted(counts.items()))
    print(f"errors: {len(record.errors)}{f' ({said})' if said else ''}")
    fifth = max(1, len(kept) // 5)
    early = statistics.mean(m for _, m in kept[fifth : 2 * fifth] or kept)
    late = statistics.mean(m for _, m in kept[-fifth:])
    marks = [kept[round(q * (len(kept) - 1))] for q in (0, 0.1, 0.25, 0.5, 0.75, 1)]
    course = ", ".join(f"{m:.0f} at {t:.0f} s" for t, m in marks)
    print(
        f"memory of all processes, MiB: {course}; second fifth {early:.1f}, last fifth {late:.1f}"
    )
    print(
        f"load of the machine at the end: {', '.join(f'{x:.1f}' for x in os.getloadavg())}",
        flush=True,
    )


def _quantile(ordered: list[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.load", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--users", default="20", help="how many readers, or several: 1,20,100,200")
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="how long, for each number of them"
    )
    parser.add_argument(
        "--think", type=float, default=3.0, help="seconds between actions, on average"
    )
    parser.add_argument("--server", choices=SERVERS, default="gunicorn")
    chosen = parser.parse_args()
    with served(chosen.server) as (port, processes):
        for users in map(int, chosen.users.split(",")):
            print(
                f"\n{chosen.server}, {users} readers, {chosen.seconds:.0f} s, think {chosen.think:g} s"
            )
            report(*work(port, users, chosen.seconds, chosen.think, processes), chosen.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
