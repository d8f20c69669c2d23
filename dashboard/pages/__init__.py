"""The pages, in the order of the navigation. A new page is one module and one entry in `_ORDER`.

A page module holds ``PAGE = Page(...)``: where it lives, what it is called, `layout`, which builds it
for a visit, and `connect`, which registers its callbacks. See `dashboard.pages.compare` for one that
has controls, and `dashboard.state` for how controls, Question and address stay in step.

The topic in force says which of them it wants (`pages` in its `topic.toml`); the others are not there, and
their modules are not even imported.
"""

from __future__ import annotations

from importlib import import_module

from analysis.topic import topic
from dashboard.page import Page, Visit

_ORDER = (
    "finding", "front", "claims", "patient", "compare", "robustness", "network", "time_course", "sources", "missing",
    "harms", "history", "studies", "gaps", "wanted", "reviews", "what_changed", "own", "study", "methods", "words",
)  # fmt: skip
_ALWAYS = ("compare", "sources", "missing", "own", "study", "methods", "words")

__all__ = ["Page", "Visit", "page_at", "pages"]


def pages() -> tuple[Page, ...]:
    """The pages of the topic in force; without a finding of its own the front page is a plain one."""
    t = topic()
    if "PAGES" not in t.views:
        wanted = {name.replace("-", "_") for name in t.pages} | {*_ALWAYS}
        wanted |= set() if "finding" in wanted else {"front"}
        modules = [import_module(f"dashboard.pages.{name}") for name in _ORDER if name in wanted]
        t.views["PAGES"] = tuple(module.PAGE for module in modules)
    return t.views["PAGES"]


def page_at(path: str) -> Page | None:
    """The page that lives at a path; a slash at the end does not matter."""
    wanted = path.rstrip("/") or "/"
    return next((page for page in pages() if page.path == wanted), None)
