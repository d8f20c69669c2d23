"""What pages of the site offer to download: fetched while pages are written, named when all are.

A file's name is the one that a server sends it under, and several addresses may send one name. Which of them keeps it
must not hang on who was first when processes share the work: pages are written with a mark for each file, and the
names are given in the order of the pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from flask.testing import FlaskClient

FOLDER = "files"
_MARK = re.compile(r"held-[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An address, the name that it was sent under ("" if it is not held), and whether that was a fault of ours."""

    href: str
    called: str
    failed: bool = False


def mark_of(href: str) -> str:
    """What stands for a file until it has its name."""
    return f"held-{hashlib.sha256(href.encode()).hexdigest()[:24]}"


class Files:
    """The files of a folder; each address is fetched once in a process."""

    def __init__(self, out: Path, client: FlaskClient) -> None:
        self._out, self._client = out, client
        self._all: dict[str, Fetched] = {}
        self._of_page: dict[str, Fetched] = {}

    def mark(self, href: str) -> str | None:
        """The place of the file behind an address, marked; None where there is none."""
        if href not in self._all:
            self._all[href] = self._fetch(href)
        found = self._of_page[href] = self._all[href]
        return f"{FOLDER}/{mark_of(href)}" if found.called else None

    def of_page(self) -> tuple[Fetched, ...]:
        """What was asked for since this was called last, in that order."""
        found = tuple(self._of_page.values())
        self._of_page = {}
        return found

    def _fetch(self, href: str) -> Fetched:
        answer = self._client.get(href)
        if answer.status_code != 200:  # a fault of ours is in the log
            return Fetched(href, "", answer.status_code >= 500)
        called = re.search(r'filename="?([^";]+)"?', answer.headers.get("Content-Disposition", ""))
        path = self._out / FOLDER / mark_of(href)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.data)
        return Fetched(href, called[1] if called else href.rsplit("/", 1)[-1])


def named(fetched: Iterable[Fetched]) -> dict[str, str]:
    """Name by mark; of several addresses that send one name the first keeps it.

    >>> list(named([Fetched("/a?1", "a.pptx"), Fetched("/a?2", "a.pptx"), Fetched("/b", "")]).values())
    ['a.pptx', 'a-b7a1a7.pptx']
    """
    names: dict[str, str] = {}
    for one in fetched:
        if not one.called or mark_of(one.href) in names:
            continue
        name = one.called
        if name in names.values():
            stem, dot, ending = name.rpartition(".")
            name = f"{stem}-{hashlib.sha256(one.href.encode()).hexdigest()[:6]}{dot}{ending}"
        names[mark_of(one.href)] = name
    return names


def put(out: Path, names: Mapping[str, str], pages: Iterable[str]) -> set[str]:
    """Give files and links their names; what the files are then called, relative to `out`."""
    for mark, name in names.items():
        (out / FOLDER / mark).replace(out / FOLDER / name)
    for page in pages:
        path = out / page
        text = path.read_text(encoding="utf-8")
        path.write_text(
            _MARK.sub(lambda m: escape(names[m[0]]), text), encoding="utf-8", newline=""
        )
    return {f"{FOLDER}/{name}" for name in names.values()}
