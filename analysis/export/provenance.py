"""Where an artefact comes from: link, data version, hash of the data, date, program. Stands in every file."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.evidence import Evidence
from analysis.evidence.own import NOWHERE
from analysis.survey.provenance import newest, release

BY_THE_READER = "brought by the reader"
"""Stands for the source of a row that a reader added without naming one."""

NOT_ADVICE = "Averages of groups, from published figures; not medical advice."


@dataclass(frozen=True, slots=True)
class Origin:
    """What makes a file traceable; plain text, the same for the same data, release and link.

    Attributes
    ----------
    link : address at which the view reopens.
    data_version, sha256 : fingerprint of the data folder's files, short and whole.
    newest_report : year of the newest report in the data; no day is stored with them.
    own_studies : how many studies a reader added, which the hash does not cover.
    program : name and version of the program.
    released : day of its release.
    """

    link: str
    data_version: str
    sha256: str
    newest_report: str
    own_studies: int
    program: str
    released: str

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each, as tables and comments print them.

        >>> from analysis.answer import shipped_evidence
        >>> dict(origin_of(shipped_evidence(), "/compare?v=1").facts())["Link"]
        '/compare?v=1'
        """
        own = f"{self.own_studies} added by the reader: not part of the data that the hash covers, nor checked here"
        return (
            ("Link", self.link),
            ("Data version", self.data_version),
            ("SHA-256 of the data", self.sha256),
            ("Newest report in the data", self.newest_report or "no year reported"),
            *([("Studies of the reader's own", own)] if self.own_studies else []),
            ("Program", f"{self.program}, released {self.released}"),
            ("Note", NOT_ADVICE),
        )


def where_read(address: str) -> str:
    """The page a row was read on, or that the reader brought it.

    >>> where_read("https://example.org/a"), where_read(NOWHERE)
    ('https://example.org/a', 'brought by the reader')
    """
    return BY_THE_READER if address == NOWHERE else address


def origin_of(evidence: Evidence, link: str) -> Origin:
    """The origin of a file made now from this evidence."""
    program = release()
    return Origin(
        link=link,
        data_version=evidence.version,
        sha256=evidence.sha256,
        newest_report=newest(evidence)[0],
        own_studies=len(evidence.own),
        program=f"{program.title} {program.version}",
        released=program.date,
    )
