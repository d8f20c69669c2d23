"""How deep the evidence was read, how recent it is, and with which software it is pooled."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from analysis.evidence import Evidence
from analysis.evidence.own import counted
from analysis.root import ROOT

SOURCE_KINDS = {
    "primary_abstract": "the abstract of the report, or a copy or translation of it",
    "primary_fulltext": "the report's own text or tables",
    "secondary_review": "a review or guideline that tabulates the report",
    "registry": "the trial's registry record",
    "other": "anything else: congress news, press release, lay summary",
}
"""How near the page that was read stands to the study."""

_CITATION = ROOT / "CITATION.cff"

SOFTWARE = ("numpy", "scipy", "pandas", "statsmodels", "plotly", "dash")


@dataclass(frozen=True, slots=True)
class Depth:
    """Printed rows that were read in one kind of source; `share` in percent of all."""

    kind: str
    rows: int
    share: float


def depth(evidence: Evidence) -> tuple[Depth, ...]:
    """Rows of results and contrasts by the kind of source, most first; empty without rows."""
    kinds = Counter([*evidence.arm_results["source_kind"], *evidence.contrasts["source_kind"]])
    total = sum(kinds.values())
    return tuple(Depth(kind, n, 100 * n / total) for kind, n in kinds.most_common())


def newest(evidence: Evidence) -> tuple[str, str]:
    """The latest year of publication among reports and among reviews; empty where none is printed."""
    years = (evidence.studies["year"].max(), evidence.published_syntheses["year"].max())
    first, second = ("" if math.isnan(year) else f"{year:.0f}" for year in years)
    return first, second


def data_line(evidence: Evidence) -> str:
    """Which data: how recent they are, and their version, a hash of the files; stands in every export.

    No day is stored with the data: the newest publication says how recent they are.

    >>> from analysis.answer import shipped_evidence
    >>> data_line(shipped_evidence()).startswith("Data: reports up to 2")
    True
    """
    report, _ = newest(evidence)
    until = f"reports up to {report}, " if report else ""
    own = f"; not published: {counted(evidence.own)}" if evidence.own else ""
    return f"Data: {until}version {evidence.version}{own}"


def software() -> tuple[tuple[str, str], ...]:
    """Name and version of the libraries at work; a library that is not installed is left out.

    >>> dict(software())["numpy"] != ""
    True
    """
    found = []
    for name in SOFTWARE:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Release:
    """What `CITATION.cff` states about this program; a field that it does not state is empty."""

    title: str
    authors: str
    version: str
    date: str

    @property
    def year(self) -> str:
        return self.date[:4]


@cache
def release() -> Release:
    """The release at work, as its citation file has it."""
    text = _CITATION.read_text(encoding="utf-8")

    def stated(field: str) -> str:
        found = re.search(rf'^{field}: *"?([^"\n]+)', text, re.MULTILINE)
        return found[1].strip() if found else ""

    authors = re.findall(r'^ +- name: *"?([^"\n]+)', text, re.MULTILINE)
    return Release(stated("title"), "; ".join(authors), stated("version"), stated("date-released"))
