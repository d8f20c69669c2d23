"""The pages, in the order of the navigation. A new page is one module and one entry in `PAGES`.

A page module holds ``PAGE = Page(...)``: where it lives, what it is called, `layout`, which builds it
for a visit, and `connect`, which registers its callbacks. See `dashboard.pages.compare` for one that
has controls, and `dashboard.state` for how controls, Question and address stay in step.
"""

from __future__ import annotations

from dashboard.page import Page, Visit
from dashboard.pages import (
    claims,
    compare,
    finding,
    gaps,
    harms,
    history,
    methods,
    own,
    patient,
    reviews,
    robustness,
    studies,
    study,
    time_course,
    words,
)

PAGES: tuple[Page, ...] = (
    finding.PAGE,
    claims.PAGE,
    patient.PAGE,
    compare.PAGE,
    robustness.PAGE,
    time_course.PAGE,
    harms.PAGE,
    history.PAGE,
    studies.PAGE,
    gaps.PAGE,
    reviews.PAGE,
    own.PAGE,
    study.PAGE,
    methods.PAGE,
    words.PAGE,
)

__all__ = ["PAGES", "Page", "Visit", "page_at"]


def page_at(path: str) -> Page | None:
    """The page that lives at a path; a slash at the end does not matter."""
    wanted = path.rstrip("/") or "/"
    return next((page for page in PAGES if page.path == wanted), None)
