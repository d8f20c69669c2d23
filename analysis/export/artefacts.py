"""Everything that can be taken away, by name: the one list behind the download addresses and the command line.

An artefact is a function ``make(subject, evidence, link) -> bytes``. Pictures are not here: the browser
draws its own, and the command line needs a Chrome for them (`analysis.export.images`).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from analysis.errors import NotEstimable
from analysis.evidence import Evidence
from analysis.question import Question
from analysis.topic import topic


class Shown(Protocol):
    """What a page of its own shows: a patient's table, the matrix of harms."""

    def slug(self) -> str: ...
    def to_query(self) -> str: ...


Subject = Question | tuple[str, ...] | Shown
"""What an artefact is about: a Question, claims by their id (none named: all of them), a patient, all harms."""

QUESTION, CLAIMS, VIEW, PATIENT, HARMS = "question", "claims", "view", "patient", "harms"

NETWORK = "/network"
QUESTION_PAGES = ("/compare", "/time-course", "/robustness", NETWORK, "/sources", "/missing")
"""The views of one Question: each offers the files of its answer."""

PNG = "image/png"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


class NothingToTake(NotEstimable):
    """The subject has nothing that this artefact could hold; the message says why, to a reader."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One kind of file.

    Parameters
    ----------
    name : last part of its address and end of its file's name, such as ``slide.pptx``.
    about : `QUESTION`, `CLAIMS`, `PATIENT`, `HARMS`: what `make` takes as its subject; `VIEW`: a Question as the page
        at `path` shows it.
    label : what it is, in a few words, for a link.
    media_type : of the file.
    where : module and function that make it, as ``module:function``. Imported on use: the libraries
        that write files take longer to load than most answers to work out. The function takes the
        subject, the evidence, and the address at which the reader sees the subject
        (``https://.../compare?v=1`` or ``/claims``; relative where the site is not known), and
        raises `NothingToTake` where there is nothing to write.
    offered : a link on the page and a file at the shell; else only other parts of the program ask for it.
    path : the page that shows its subject.
    """

    name: str
    about: str
    label: str
    media_type: str
    where: str
    offered: bool = True
    path: str = "/compare"

    @property
    def ending(self) -> str:
        """The format, as the command line names it: ``pptx``."""
        return self.name.rsplit(".", 1)[1]

    def make(self, subject: Subject, evidence: Evidence, link: str) -> bytes:
        """The file's bytes; the same for the same subject, evidence and link.

        Raises
        ------
        NothingToTake
            When the subject holds nothing for such a file.
        """
        module, function = self.where.split(":")
        return getattr(import_module(module), function)(subject, evidence, link)

    def file_name(self, subject: Subject, mark: str = "") -> str:
        """What the file is called when it is saved; `mark` names studies that nobody has published.

        >>> ARTEFACTS["slide.pptx"].file_name(Question())
        'pain-vp-sham-1m-slide.pptx'
        >>> ARTEFACTS["claims.pptx"].file_name(("height",))
        'height-claims.pptx'
        """
        stem = "-".join(subject) if isinstance(subject, tuple) else subject.slug()
        if self.about == VIEW and self.path not in QUESTION_PAGES:
            stem = ""
        name, dot, ending = self.name.rpartition(".")
        return f"{f'{stem}-' if stem else ''}{name}{mark}{dot}{ending}"

    def address(self, subject: Subject) -> str:
        """Where a server of the pages offers it.

        >>> ARTEFACTS["slide.pptx"].address(Question(time="12m"))
        '/take/slide.pptx?v=1&time=12m'
        """
        query = self.link(subject).partition("?")[2]
        return f"/take/{self.name}" + (f"?{query}" if query else "")

    def link(self, subject: Subject, site: str = "") -> str:
        """The address of the page that shows a subject as this file does; `site` such as ``https://host``."""
        return link_to(subject, site, self.path)


_LIST = (
    *(
        Artefact(
            f"figure-{size}.json", QUESTION, "Figure for the browser to draw", "application/json",
            f"analysis.export.figure:{function}", offered=False,
        )
        for size, function in (
            ("slide", "slide_json"), ("half-slide", "half_slide_json"), ("column", "column_json")
        )
    ),
    Artefact(
        "card.png", QUESTION, "Picture of the link", PNG, "analysis.export.card:question_card",
        offered=False,
    ),
    Artefact(
        "slide.pptx", QUESTION, "Slide (PowerPoint)", _PPTX,
        "analysis.export.slides.question_deck:question_slide",
    ),
    Artefact(
        "deck.pptx", QUESTION, "Slide deck (PowerPoint)", _PPTX,
        "analysis.export.slides.question_deck:question_deck",
    ),
    Artefact(
        "report.html", QUESTION, "Report (HTML, works offline)", "text/html",
        "analysis.export.report.question_report:question_report",
    ),
    Artefact(
        "tables.xlsx", QUESTION, "Every table (Excel)", _XLSX,
        "analysis.export.spreadsheet:tables_xlsx",
    ),
    Artefact(
        "tables.zip", QUESTION, "Every table (CSV files)", "application/zip",
        "analysis.export.spreadsheet:tables_zip",
    ),
    Artefact(
        "effects.csv", QUESTION, "Effects of the studies (CSV)", "text/csv",
        "analysis.export.spreadsheet:effects_csv",
    ),
    Artefact(
        "script.R", QUESTION, "R script (metafor)", "text/x-r-source",
        "analysis.export.scripts.r_script:r_script",
    ),
    Artefact(
        "script.py", QUESTION, "Python script", "text/x-python",
        "analysis.export.scripts.python_script:python_script",
    ),
    Artefact(
        "references.txt", QUESTION, "References (Vancouver)", "text/plain",
        "analysis.export.citation:references_txt",
    ),
    Artefact(
        "references.bib", QUESTION, "References (BibTeX)", "application/x-bibtex",
        "analysis.export.citation:references_bib",
    ),
    Artefact(
        "references.ris", QUESTION, "References (RIS)", "application/x-research-info-systems",
        "analysis.export.citation:references_ris",
    ),
    Artefact(
        "methods.txt", QUESTION, "Methods in sentences", "text/plain",
        "analysis.export.methods:methods_txt",
    ),
    Artefact(
        "citation.txt", QUESTION, "Cite this view", "text/plain",
        "analysis.export.citation:citation_txt",
    ),
    *(
        Artefact(
            f"{path.strip('/') or 'finding'}.pptx", VIEW, "Slides of this page (PowerPoint)", _PPTX,
            f"analysis.export.slides.view_slides:{function}", path=path,
        )
        for path, function in (
            ("/", "finding_slides"), ("/time-course", "time_slides"), ("/robustness", "robust_slides"),
            ("/history", "history_slides"), ("/reviews", "review_slides"), ("/gaps", "gap_slides"),
        )
    ),
    Artefact(
        "network.pptx", VIEW, "Slides of the network (PowerPoint)", _PPTX,
        "analysis.export.slides.network_slides:network_slides", path=NETWORK,
    ),
    Artefact(
        "network.xlsx", VIEW, "Tables of the network (Excel)", _XLSX,
        "analysis.export.network_sheets:network_xlsx", path=NETWORK,
    ),
    Artefact(
        "network.R", VIEW, "R script of the network (metafor, netmeta)", "text/x-r-source",
        "analysis.export.scripts.network_r:network_r", path=NETWORK,
    ),
    Artefact(
        "network.py", VIEW, "Python script of the network", "text/x-python",
        "analysis.export.scripts.network_python:network_python", path=NETWORK,
    ),
    Artefact(
        "claims.pptx", CLAIMS, "Slide deck of the claims (PowerPoint)", _PPTX,
        "analysis.export.slides.claims_deck:claims_deck",
    ),
    Artefact(
        "claims.html", CLAIMS, "Report of the claims (HTML, works offline)", "text/html",
        "analysis.export.report.claims_report:claims_report",
    ),
    *(
        Artefact(
            f"claims.{ending}", CLAIMS, f"References of the claims ({style})", kind,
            f"analysis.export.citation:references_{ending}",
        )
        for ending, style, kind in (
            ("txt", "Vancouver", "text/plain"),
            ("bib", "BibTeX", "application/x-bibtex"),
            ("ris", "RIS", "application/x-research-info-systems"),
        )
    ),
    *(
        Artefact(
            f"{about}.{ending}", subject, label, kind, f"analysis.export.{module}:{about}_{ending}", path=f"/{subject}"
        )
        for about, subject, what in (
            ("findings", PATIENT, "Summary of findings"), ("harms", HARMS, "Harms"),
        )
        for ending, label, kind, module in (
            ("pptx", f"{what}: slides (PowerPoint)", _PPTX, "slides.findings_deck"),
            ("xlsx", f"{what}: table (Excel)", _XLSX, "findings_sheets"),
            ("html", f"{what}: report (HTML, works offline)", "text/html", "report.findings_report"),
        )
    ),
)  # fmt: skip

ARTEFACTS: dict[str, Artefact] = {artefact.name: artefact for artefact in _LIST}
"""By name, in the order in which they are offered."""


def of(about: str) -> tuple[Artefact, ...]:
    """The artefacts about one kind of subject that are offered."""
    return tuple(a for a in ARTEFACTS.values() if a.about == about and a.offered)


def for_page(path: str) -> tuple[Artefact, ...]:
    """What the page at a path offers: its own view first, then the files of its Question or of the claims.

    >>> [a.name for a in for_page("/claims")]
    ['claims.pptx', 'claims.html', 'claims.txt', 'claims.bib', 'claims.ris']
    """
    own = tuple(
        a for a in of(VIEW) if a.path == path and (path != "/" or "finding" in topic().pages)
    )
    if path in QUESTION_PAGES:
        return own + of(QUESTION)
    about = {"/claims": CLAIMS, "/patient": PATIENT, "/harms": HARMS}.get(path)
    return own + (of(about) if about else ())


def link_to(subject: Subject, site: str = "", path: str = "/compare") -> str:
    """The address of the page that shows a subject; `site` such as ``https://host``, without a slash.

    >>> link_to(Question(time="12m")), link_to(("height",), "https://host")
    ('/compare?v=1&time=12m', 'https://host/claims?claim=height')
    """
    if isinstance(subject, Question):
        return f"{site}{path}?{subject.to_query()}"
    if not isinstance(subject, tuple):
        query = subject.to_query()
        return f"{site}{path}" + (f"?{query}" if query else "")
    return f"{site}/claims?claim={subject[0]}" if len(subject) == 1 else f"{site}/claims"
