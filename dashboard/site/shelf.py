"""Which pages the published site holds, and in which file each stands.

Every page says itself under which queries it is held (`Page.published`). To these come the questions with a study that
the pages before them link to: whoever follows a link of the finding or of a study finds the answer.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export.artefacts import QUESTION_PAGES
from analysis.question import Question
from dashboard.page import Page
from dashboard.pages import page_at, pages

_ANSWERS = "/compare"
_LETTERS = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """One page of the site: which page, the query that it is built from, the spelling it is known by, its file."""

    page: Page
    query: str
    key: str
    file: str

    @property
    def address(self) -> str:
        """Where it lives on a server."""
        return f"{self.page.path}?{self.query}" if self.query else self.page.path


class Shelf:
    """The pages of a site, in the order in which they are written; it grows while they are.

    Parameters
    ----------
    evidence : what they are about.
    only : paths of the pages to hold; all by default.
    """

    def __init__(self, evidence: Evidence, only: Iterable[str] | None = None) -> None:
        wanted = None if only is None else set(only)
        self._evidence = evidence
        self._spots: dict[tuple[str, str], Spot] = {}
        self._files: set[str] = set()
        self._waiting: deque[Spot] = deque()
        held = [p for p in pages() if wanted is None or p.path in wanted]
        self._paths = {p.path for p in held}
        # pages about one question last: they link to each other, and by then it is known which there are
        for page in sorted(held, key=lambda p: p.path in QUESTION_PAGES):
            for query in page.published(evidence):
                self._put(page, query)

    def __len__(self) -> int:
        return len(self._spots)

    def __iter__(self) -> Iterator[Spot]:
        """Every page once, those included that come while the others are written."""
        while self._waiting:
            yield self._waiting.popleft()

    def before_questions(self) -> Iterator[Spot]:
        """The pages that are not about one question: they may add such, and come first."""
        while self._waiting and self._waiting[0].page.path not in QUESTION_PAGES:
            yield self._waiting.popleft()

    def spots(self) -> list[Spot]:
        """All pages known so far."""
        return list(self._spots.values())

    def find(self, href: str, *, may_add: bool = False) -> Spot | None:
        """The page behind an address of the dashboard; `may_add`: a question with a study is held from now on."""
        parts = urlsplit(href)
        page = page_at(parts.path)
        if page is None or page.path not in self._paths:
            return None
        there = self._spots.get((page.path, page.canonical(parts.query)))
        if there is None and may_add and page.path == _ANSWERS:
            question, said = Question.from_query(parts.query)
            if not said and answer(question, self._evidence).studies:
                return self._put(page, question.to_query())
        return there

    def _put(self, page: Page, query: str) -> Spot:
        key = page.canonical(query)
        if (page.path, key) not in self._spots:
            spot = Spot(page, query, key, self._file(page, key))
            self._spots[page.path, key] = spot
            self._waiting.append(spot)
        return self._spots[page.path, key]

    def _file(self, page: Page, key: str) -> str:
        """Folder by page, so that an address without a query opens it on any file server."""
        folder = page.path.strip("/")
        name = "index" if key == page.canonical("") else _name(page, key)
        file = f"{folder}/{name}.html".lstrip("/")
        if file in self._files:
            mark = hashlib.sha256(key.encode()).hexdigest()[:6]
            file = f"{folder}/{name}-{mark}.html".lstrip("/")
        self._files.add(file)
        return file


def _name(page: Page, key: str) -> str:
    """A name for people: the slug of a question, or the values of the address."""
    values = [part.partition("=") for part in key.split("&")]
    if page.path in QUESTION_PAGES:
        name = [Question.from_query(key)[0].slug(), *(v for k, _, v in values if k == "view")]
    else:
        name = [v for _, _, v in values]
    return _LETTERS.sub("-", "-".join(name).lower()).strip("-") or "page"
