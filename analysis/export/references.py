"""The reports behind answers as references: Vancouver, BibTeX, RIS.

Only what stands in `studies.csv` is printed; what is missing stays missing. The data hold the first author
alone, so every reference says "et al."; a title that is a description stands in square brackets, as the
Vancouver style has it for titles that are not the report's own.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.evidence.own import NOWHERE, is_hypothetical, is_own
from analysis.evidence.records import results_by_id, studies_by_id

NO_TITLE = "title not stated"
NO_YEAR = "year not stated"
DESCRIBED = "The title is a description; the report's own title is not stated."
OWN_STUDY = "A study of the reader's own, not part of the published data."
NO_TRIAL = "Hypothetical: no such trial exists."


@dataclass(frozen=True, slots=True)
class Reference:
    """A report: its row of `studies.csv`, and its number in the list."""

    number: int
    row: Mapping[str, Any]

    @property
    def study_id(self) -> str:
        return str(self.row["study_id"])

    @property
    def year(self) -> str:
        return "" if math.isnan(self.row["year"]) else f"{self.row['year']:.0f}"

    @property
    def described(self) -> bool:
        """Whether the title is a description and not the report's own."""
        return self.row["title_as_printed"] != "yes"

    @property
    def url(self) -> str:
        """The DOI's address, else the page that was read; empty where that is no web address."""
        if self.row["doi"]:
            return f"https://doi.org/{self.row['doi']}"
        page = str(self.row["source_url"])
        web = page.startswith(("http://", "https://")) and page != NOWHERE
        return page if web else ""


def references_of(answers: Iterable[Answer], evidence: Evidence) -> tuple[Reference, ...]:
    """The reports whose printed rows feed the answers, and the main reports of their trials.

    Sorted by name, then year; numbered from 1. A main report is listed even where only a companion printed
    the figure, because it describes the trial.
    """
    rows, studies = results_by_id(evidence), studies_by_id(evidence)
    used = {rows[row_id]["study_id"] for a in answers for s in a.studies for row_id in s.row_ids}
    used |= {s.trial for a in answers for s in a.studies if s.trial in studies}
    found = sorted((studies[study_id] for study_id in used), key=_order)
    return tuple(Reference(i, row) for i, row in enumerate(found, start=1))


def _order(row: Mapping[str, Any]) -> tuple[str, float, str]:
    name = unicodedata.normalize("NFKD", row["first_author"] or row["label"]).casefold()
    return name, row["year"] if not math.isnan(row["year"]) else math.inf, row["study_id"]


# --- Vancouver -----------------------------------------------------------------------------------
def vancouver(reference: Reference) -> str:
    """One reference as text, without its number.

    >>> from analysis.answer import shipped_evidence
    >>> row = studies_by_id(shipped_evidence())["buchbinder-2009"]
    >>> vancouver(Reference(1, row))[:64]
    'Buchbinder R, et al. A Randomized Trial of Vertebroplasty for Pa'
    """
    row = reference.row
    parts = [f"{row['first_author']}, et al." if row["first_author"] else "", _title(reference)]
    parts.append(_published(reference))
    if row["doi"]:
        parts.append(f"doi:{row['doi']}.")
    if row["pmid"]:
        parts.append(f"PMID: {row['pmid']}.")
    if row["registration"]:
        parts.append(f"Registration: {row['registration']}.")
    if is_own(reference.study_id):
        parts.append(_whose(reference))
    elif not row["doi"] and not row["pmid"] and reference.url:
        parts.append(f"Read at: {reference.url}")
    return " ".join(part for part in parts if part)


def _title(reference: Reference) -> str:
    row = reference.row
    title = str(row["title"]).strip().rstrip(".")
    if not title:
        return f"[{row['label']}: {NO_TITLE}]."
    if reference.described:
        return f"[{title}]."
    return title if title.endswith(("?", "!")) else f"{title}."


def _published(reference: Reference) -> str:
    """Journal. Year;volume:pages. With what of it is known."""
    row = reference.row
    journal = f"{row['journal'].rstrip('.')}. " if row["journal"] else ""
    volume = f";{row['volume']}" if row["volume"] else ""
    pages = f":{row['pages']}" if row["pages"] else ""
    return f"{journal}{reference.year or f'[{NO_YEAR}]'}{volume}{pages}."


def vancouver_list(references: Sequence[Reference]) -> str:
    """The numbered list."""
    return "".join(f"{r.number}. {vancouver(r)}\n" for r in references)


# --- BibTeX --------------------------------------------------------------------------------------
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "≥": r"$\geq$", "≤": r"$\leq$", '"': "''",
}  # fmt: skip


def latex(text: str) -> str:
    r"""Text with LaTeX's special characters escaped; letters with accents stay as they are (UTF-8).

    >>> latex("50% of R&D_{x}"), latex("Müller")
    ('50\\% of R\\&D\\_\\{x\\}', 'Müller')
    """
    return "".join(_LATEX.get(letter, letter) for letter in one_line(text))


def one_line(text: str) -> str:
    """Without line breaks and control characters, which would end a field."""
    return re.sub(r"\s+", " ", "".join(" " if _control(c) else c for c in text)).strip()


def _control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def bibtex(references: Sequence[Reference], head: Sequence[str] = ()) -> str:
    """BibTeX entries in UTF-8, keyed by study_id; `head` lines stand above as comments.

    Reports with a journal are ``@article``, others ``@misc``.
    """
    entries = [_entry(r) for r in references]
    # outside entries BibTeX ignores text, except for the sign that starts one
    comments = [f"% {one_line(line).replace('@', ' at ')}" for line in head]
    return "\n".join([*comments, *([""] if comments else []), *entries])


def _entry(reference: Reference) -> str:
    row = reference.row
    kind = "article" if row["journal"] else "misc"
    title = latex(row["title"]) if row["title"] else latex(f"{row['label']}: {NO_TITLE}")
    fields = {
        "author": f"{_bibtex_name(row['first_author'])} and others" if row["first_author"] else "",
        "title": f"{{{f'[{title}]' if reference.described or not row['title'] else title}}}",
        "journal": latex(row["journal"]),
        "year": reference.year,
        "volume": latex(row["volume"]),
        "pages": re.sub(r"(?<=\d)-(?=[A-Za-z]?\d)", "--", latex(row["pages"])),
        "doi": verbatim(row["doi"]),
        "pmid": row["pmid"],
        "url": verbatim(reference.url),
        "note": latex(" ".join(_notes(reference))),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{reference.study_id},", *lines, "}", ""])


def _bibtex_name(author: str) -> str:
    """Write "Buchbinder R" as "Buchbinder, R."; a name without initials as a whole, in braces."""
    found = re.fullmatch(r"(.+?) ([A-Z]{1,3}(?:-[A-Z])?)", one_line(author))
    if not found:
        return f"{{{latex(author)}}}"
    initials = " ".join(f"{letter}." for letter in found[2].replace("-", ""))
    return f"{latex(found[1])}, {initials}"


def verbatim(text: str) -> str:
    """A DOI or address: BibTeX's url and doi fields take it as it is, but for braces."""
    return one_line(text).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _notes(reference: Reference) -> list[str]:
    row = reference.row
    notes = [DESCRIBED] if reference.described and row["title"] else []
    if row["registration"]:
        notes.append(f"Registration: {row['registration']}.")
    if is_own(reference.study_id):
        notes.append(_whose(reference))
    return notes


def _whose(reference: Reference) -> str:
    return NO_TRIAL if is_hypothetical(reference.study_id) else OWN_STUDY


# --- RIS -----------------------------------------------------------------------------------------
def ris(references: Sequence[Reference], head: Sequence[str] = ()) -> str:
    """RIS records (JOUR with a journal, GEN without); `head` lines go into a note of each.

    The line form is that of the specification: two characters, two spaces, hyphen, space; CRLF.
    """
    return "".join(_record(r, head) for r in references)


def _record(reference: Reference, head: Sequence[str]) -> str:
    row = reference.row
    first, _, last = one_line(row["pages"]).partition("-")
    title = row["title"] or f"{row['label']}: {NO_TITLE}"
    bracketed = reference.described or not row["title"]
    volume, issue = _volume_and_issue(row["volume"])
    tags = [
        ("TY", "JOUR" if row["journal"] else "GEN"),
        ("ID", reference.study_id),
        ("AU", _ris_name(row["first_author"])),
        ("TI", f"[{title}]" if bracketed else title),
        ("T2", row["journal"]),
        ("PY", reference.year),
        ("VL", volume),
        ("IS", issue),
        ("SP", first),
        ("EP", last),
        ("DO", row["doi"]),
        ("AN", row["pmid"]),
        ("UR", reference.url),
        *(("N1", note) for note in _notes(reference)),
        *(("N1", line) for line in head),
    ]
    lines = [f"{tag}  - {one_line(str(text))}" for tag, text in tags if text]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _ris_name(author: str) -> str:
    """Write "Buchbinder R" as "Buchbinder,R."; RIS separates name and initials by a comma."""
    found = re.fullmatch(r"(.+?) ([A-Z]{1,3}(?:-[A-Z])?)", one_line(author))
    if not found:
        return one_line(author)
    return f"{found[1]},{''.join(f'{letter}.' for letter in found[2].replace('-', ''))}"


def _volume_and_issue(volume: str) -> tuple[str, str]:
    """Read "29(6)" as volume and issue; anything else is a volume.

    >>> _volume_and_issue("29(6)"), _volume_and_issue("2018(07)(c)")
    (('29', '6'), ('2018(07)(c)', ''))
    """
    found = re.fullmatch(r"([^()]+)\(([^()]+)\)", volume)
    return (found[1], found[2]) if found else (volume, "")
