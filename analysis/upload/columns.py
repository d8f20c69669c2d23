"""What a column of a flat sheet may hold, and what its name suggests."""

from __future__ import annotations

import re
from collections.abc import Sequence

ROLES: dict[str, str] = {
    "": "not used",
    "study": "study: its name",
    "year": "year of publication",
    "outcome": "outcome",
    "intervention": "treatment",
    "comparator": "compared with",
    "weeks": "time: weeks since treatment, or such as 12 months",
    "design": "kind of study",
    "etiology": "cause of the condition treated",
    "scale_min": "scale: lower end",
    "scale_max": "scale: upper end",
    "source_url": "source: web address",
    "note": "note",
    "ai": "ai: events, treatment",
    "bi": "bi: no event, treatment",
    "n1i": "n1i: size, treatment",
    "ci": "ci: events, comparator",
    "di": "di: no event, comparator",
    "n2i": "n2i: size, comparator",
    "m1i": "m1i: mean, treatment",
    "sd1i": "sd1i: SD, treatment",
    "m2i": "m2i: mean, comparator",
    "sd2i": "sd2i: SD, comparator",
    "xi": "xi: events, one group",
    "ni": "ni: size, one group",
    "yi": "yi: effect (ratios: its logarithm)",
    "vi": "vi: sampling variance of yi",
    "sei": "sei: standard error of yi",
    "ci_low": "lower limit of yi",
    "ci_high": "upper limit of yi",
}
"""Role -> what it holds, in words; the short names are metafor's."""

NUMBERS = frozenset(list(ROLES)[list(ROLES).index("ai") :]) | {"year", "scale_min", "scale_max"}

_ALSO: dict[str, tuple[str, ...]] = {
    "study": ("slab", "author", "authors", "label", "name", "trial", "study name", "study id"),
    "year": ("yr", "publication year"),
    "intervention": ("treatment", "treatment t", "arm t", "t"),
    "comparator": ("control", "treatment c", "arm c", "compared with"),
    "weeks": ("time", "timepoint", "follow up", "followup", "week"),
    "design": ("study design", "kind of study"),
    "etiology": ("aetiology", "cause"),
    "source_url": ("source", "url", "link", "doi"),
    "note": ("notes", "comment", "remarks"),
    "ai": ("e1", "event t", "events t", "events treatment", "event e"),
    "ci": ("e2", "event c", "events c", "events control"),
    "n1i": ("n1", "n t", "n treatment", "n e"),
    "n2i": ("n2", "n c", "n control"),
    "m1i": ("m1", "mean t", "mean1", "mean treatment", "mean e"),
    "m2i": ("m2", "mean c", "mean2", "mean control"),
    "sd1i": ("sd1", "sd t", "sd treatment", "sd e"),
    "sd2i": ("sd2", "sd c", "sd control"),
    "xi": ("events", "event", "x"),
    "ni": ("n", "total", "size"),
    "yi": ("estimate", "effect", "te", "es", "md", "logor", "logrr", "loghr"),
    "vi": ("variance", "var"),
    "sei": ("se", "sete", "standard error"),
    "ci_low": ("lower", "low", "ci lower", "ci lb", "ll", "lcl"),
    "ci_high": ("upper", "high", "ci upper", "ci ub", "ul", "ucl"),
}
_BY_NAME = {name: role for role in ROLES if role for name in (role, *_ALSO.get(role, ()))}


def guess(header: Sequence[str]) -> tuple[str, ...]:
    """A role for each column, "" where its name says nothing; no role twice (the first has it).

    >>> guess(("Author", "Year", "ai", "n1i", "ci", "n2i", "remark"))
    ('study', 'year', 'ai', 'n1i', 'ci', 'n2i', '')
    """
    exact = {name.strip().lower() for name in header}
    taken: set[str] = set()
    roles = []
    for name in header:
        lower = name.strip().lower()
        role = lower if lower in ROLES else _BY_NAME.get(re.sub(r"[\s._-]+", " ", lower), "")
        if role in taken or (role != lower and role in exact):
            role = ""
        taken.add(role)
        roles.append(role)
    return tuple(roles)
