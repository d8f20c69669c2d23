"""A few studies of a reader's own, for the tests of uploads and of what becomes of them. Invented, every one."""

from __future__ import annotations

from analysis.evidence import Evidence
from analysis.evidence.own import OwnRows
from analysis.reading import open_file
from analysis.reading.mapping import NO_CHOICES
from analysis.review.rows import Told, decide
from analysis.upload.candidate import Candidate, Review, review
from analysis.upload.flat import Settings, read_flat

MEANS = (
    "Author,Year,m1i,sd1i,n1i,m2i,sd2i,n2i,weeks\n"
    "Ahlberg,2021,3.5,2.1,40,4.2,2.2,41,4\n"
    "Brandt,2022,3.1,2.0,60,4.0,2.2,55,1 month\n"
    "Castro,2023,2.5,2.0,30,3.0,2.0,30,12 months\n"
)
"""Three trials of vertebroplasty against sham: two at 1 month, one at 12."""


def candidate_of(
    content: str | bytes, settings: Settings | None = None, file: str = "mine.csv"
) -> Candidate:
    """The rows of a flat file, read as its names say."""
    raw = content.encode() if isinstance(content, str) else content
    found = decide(open_file(file, raw).tables[0], NO_CHOICES, Told(), one_outcome=False)
    assert found.questions == ()
    return read_flat(found, settings or Settings(), file)


def reviewed(
    content: str | bytes,
    settings: Settings | None = None,
    file: str = "mine.csv",
    evidence: Evidence | None = None,
) -> Review:
    """The review of a flat file against evidence, the shipped one by default."""
    from analysis.answer import shipped_evidence

    return review(candidate_of(content, settings, file), evidence or shipped_evidence())


def own_rows(text: str = MEANS, settings: Settings | None = None) -> OwnRows:
    """The sound rows of a flat sheet, as the page would keep them."""
    return reviewed(text, settings).sound
