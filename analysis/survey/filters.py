"""Which reports a reader wants to see, and in which order: the state of the table, and its address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, urlencode

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.survey.studies import FUNDING, Report, cells, outcome_name, reports

SORTABLE = ("label", "year", "design", "cause", "n", "funding", "blinded", "follow_up")
_LONGEST = 80


def causes() -> tuple[str, ...]:
    """Causes that a report can be of."""
    return tuple(cause for cause in words.ETIOLOGIES if cause != "any")


def outcomes_in_hand(evidence: Evidence) -> dict[str, str]:
    """Values of the `outcome` column that some report has, with their names, by name."""
    codes = {code for r in reports(evidence) for code in (*r.in_hand, *r.no_figure)}
    return dict(sorted(((c, outcome_name(c)) for c in codes), key=lambda item: item[1]))


@dataclass(frozen=True, slots=True)
class Filter:
    """What the table shows; empty fields choose nothing out.

    Parameters
    ----------
    search : words that all must occur in a report's name, title, journal, country or identifiers.
    design, cause, funding : values of those columns.
    outcome : a value of the `outcome` column on which the report has a row.
    missing : "yes" for reports with a result that was reported without numbers (on `outcome`, if set).
    sort : a column of `SORTABLE`, with a minus in front for descending; empty: newest first.

    Examples
    --------
    >>> f, notes = Filter.from_query("design=sham_rct&sort=-n")
    >>> f.to_query(), notes
    ('design=sham_rct&sort=-n', [])
    """

    search: str = ""
    design: str = ""
    cause: str = ""
    funding: str = ""
    outcome: str = ""
    missing: str = ""
    sort: str = ""

    def to_query(self) -> str:
        given = ((f.name, getattr(self, f.name)) for f in fields(self))
        return urlencode([(name, value) for name, value in given if value])

    @classmethod
    def from_query(cls, query: str, evidence: Evidence | None = None) -> tuple[Filter, list[str]]:
        """Read an address; what is not understood is left out, with a line that says so."""
        known = {field.name for field in fields(cls)}
        kept: dict[str, str] = {}
        said = []
        for name, value in parse_qsl(query.lstrip("?"), max_num_fields=None):
            value = " ".join(value.split())
            if name not in known:
                said.append(f"{name[:40]}: not a filter of this table; left out")
            elif not _allowed(name, value, evidence):
                said.append(f"{name}: found {value[:40]!r}, which no report can have; left out")
            else:
                kept[name] = value[:_LONGEST]
        return cls(**kept), said

    def apply(self, evidence: Evidence) -> list[Report]:
        """The reports that pass, in the order asked."""
        passing = [r for r in reports(evidence) if all(test(self, r) for test in _TESTS)]
        return _ordered(passing, self.sort)


def _allowed(name: str, value: str, evidence: Evidence | None) -> bool:
    if name == "search":
        return True
    if name == "outcome":
        return evidence is None or value in outcomes_in_hand(evidence)
    allowed: dict[str, Sequence[str]] = {
        "design": tuple(words.DESIGNS),
        "cause": causes(),
        "funding": tuple(FUNDING),
        "missing": ("yes",),
        "sort": (*SORTABLE, *(f"-{name}" for name in SORTABLE)),
    }
    return value in allowed[name]


_TESTS: tuple[Callable[[Filter, Report], bool], ...] = (
    lambda f, r: all(word in r.searchable for word in f.search.casefold().split()),
    lambda f, r: f.design in ("", r.design),
    lambda f, r: f.cause in ("", r.etiology),
    lambda f, r: f.funding in ("", r.funding),
    lambda f, r: not f.outcome or f.outcome in r.in_hand or f.outcome in r.no_figure,
    lambda f, r: not f.missing or (f.outcome in r.no_figure if f.outcome else bool(r.no_figure)),
)


def _ordered(found: list[Report], sort: str) -> list[Report]:
    """By one column; what was not printed comes last either way."""
    if not sort:
        return found
    name = sort.removeprefix("-")
    printed = [r for r in found if cells(r)[name] is not None]
    missing = [r for r in found if cells(r)[name] is None]
    printed.sort(key=lambda r: _key(cells(r)[name]), reverse=sort.startswith("-"))
    return printed + missing


def _key(value: str | float | None) -> tuple[str, float]:
    return (value.casefold(), 0.0) if isinstance(value, str) else ("", value or 0.0)
