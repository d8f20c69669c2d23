"""Cite this view, this program and its data; and reference files with that citation in them."""

from __future__ import annotations

import re

from analysis.answer import answer
from analysis.evidence import Evidence
from analysis.export import references
from analysis.export.artefacts import NothingToTake, Subject
from analysis.export.provenance import Origin, origin_of
from analysis.export.select_claims import chosen_claims
from analysis.question import Question
from analysis.room import claim_answers
from analysis.survey.provenance import release
from analysis.topic import topic

CITE_STUDIES = "Please cite the studies too; they are what the numbers come from."


# --- artefacts -----------------------------------------------------------------------------------
def citation_txt(question: Question, evidence: Evidence, link: str) -> bytes:
    """How to cite this view, as text and as BibTeX."""
    origin = origin_of(evidence, link)
    text = (
        f"{cite_view(question.title(), origin)}\n\n{CITE_STUDIES}\n\n"
        f"{software_bibtex(question.title(), origin)}"
    )
    return text.encode()


def references_bib(subject: Subject, evidence: Evidence, link: str) -> bytes:
    """The studies behind a Question or claims and the program, as BibTeX."""
    title, origin = subject_title(subject, evidence), origin_of(evidence, link)
    found = _references(subject, evidence)
    entries = references.bibtex(found, _head(title, origin))
    return f"{entries}\n{software_bibtex(title, origin)}".encode()


def references_ris(subject: Subject, evidence: Evidence, link: str) -> bytes:
    """The studies behind a Question or claims and the program, as RIS."""
    title, origin = subject_title(subject, evidence), origin_of(evidence, link)
    found = _references(subject, evidence)
    data = f"data version {origin.data_version}; SHA-256 of the data {origin.sha256}"
    note = f"{title}; {data}; {origin.link}"
    return (references.ris(found, [note]) + software_ris(title, origin)).encode()


def references_txt(subject: Subject, evidence: Evidence, link: str) -> bytes:
    """The studies behind a Question or claims as a numbered list in Vancouver style, and how to cite the view."""
    title, origin = subject_title(subject, evidence), origin_of(evidence, link)
    listed = references.vancouver_list(_references(subject, evidence))
    head = "\n".join(_head(title, origin))
    return f"{head}\n\n{listed}\n{cite_view(title, origin)}\n".encode()


def _references(subject: Subject, evidence: Evidence) -> tuple[references.Reference, ...]:
    if isinstance(subject, Question):
        answers = [answer(subject, evidence)]
        why = answers[0].sentence
    else:
        asked = (q for claim in chosen_claims(subject, evidence) for q in claim.entry.questions)
        answers = [answer(q, evidence) for q in dict.fromkeys(asked)]
        why = "No study bears on it: these data cannot test it."
    if not any(found.studies for found in answers):
        raise NothingToTake(why)
    return references.references_of(answers, evidence)


def _head(title: str, origin: Origin) -> list[str]:
    return [
        f"The studies behind: {title}",
        *(f"{name}: {value}" for name, value in origin.facts()),
        "The data hold first authors only. What is missing here was not found; nothing was filled in.",
    ]


# --- citing the view -----------------------------------------------------------------------------
def cite_view(title: str, origin: Origin) -> str:
    """A view in Vancouver style, with data version, newest report and link.

    >>> from analysis.answer import shipped_evidence
    >>> cite_view("Pain", origin_of(shipped_evidence(), "/compare?v=1"))[-28:]
    'Available from: /compare?v=1'
    """
    program = release()
    newest = f", with reports up to {origin.newest_report}" if origin.newest_report else ""
    own = f", and {origin.own_studies} of the reader's own studies" if origin.own_studies else ""
    return (
        f"{program.authors}. {title}. In: {program.title} [software]. Version {program.version}. "
        f"{program.year}. Data version {origin.data_version}{newest}{own} (SHA-256 {origin.sha256}). "
        f"Available from: {origin.link}"
    )


def software_bibtex(title: str, origin: Origin) -> str:
    """The view as a BibTeX entry; `@misc`, because classic BibTeX knows no `@software`."""
    program, tex = release(), references.latex
    return (
        f"@misc{{{_key()},\n"
        f"  author = {{{{{tex(program.authors)}}}}},\n"
        f"  title = {{{{{tex(program.title)}: {tex(title)}}}}},\n"
        f"  year = {{{program.year}}},\n"
        f"  howpublished = {{Software, version {tex(program.version)}}},\n"
        f"  url = {{{references.verbatim(origin.link)}}},\n"
        f"  note = {{Data version {tex(origin.data_version)}, SHA-256 {origin.sha256}}},\n"
        "}\n"
    )


def _key() -> str:
    """The name of the view in a list of references."""
    return f"{re.sub(r'[^a-z0-9]+', '-', topic().name.lower())}-evidence"


def software_ris(title: str, origin: Origin) -> str:
    """The view as a RIS record of type COMP."""
    program = release()
    tags = (
        ("TY", "COMP"), ("ID", _key()), ("AU", program.authors),
        ("TI", f"{program.title}: {title}"), ("PY", program.year), ("ET", program.version),
        ("UR", origin.link),
        ("N1", f"Data version {origin.data_version}, SHA-256 {origin.sha256}"),
    )  # fmt: skip
    lines = [f"{tag}  - {references.one_line(text)}" for tag, text in tags]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def subject_title(subject: Subject, evidence: Evidence) -> str:
    """A Question's title, or that of the claims a file is about."""
    if isinstance(subject, Question):
        return subject.title()
    if len(subject) == 1:
        claim = next(c for c in claim_answers(evidence) if c.claim_id == subject[0])
        return str(claim.claim["statement"])
    return f"What is claimed about {topic().name.lower()}, and what the data say"
