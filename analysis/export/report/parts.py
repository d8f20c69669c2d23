"""Parts that reports share: certainty, references, views of robustness, and where the report comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.answer import Answer
from analysis.appraisal.certainty import Signal, signals
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import judgements
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.evidence.select import REASONS
from analysis.export.citation import CITE_STUDIES, cite_view, software_bibtex, software_ris
from analysis.export.provenance import BY_THE_READER, Origin, where_read
from analysis.export.references import Reference, bibtex, ris, vancouver
from analysis.export.report.page import Cell, Download, Flow, Link, Section, Table
from analysis.figures.forest_table import COLUMNS, cells, forest_table
from analysis.figures.words import interval_text
from analysis.robustness_views.registry import VIEWS
from analysis.survey.printed import printed_figure, printed_what

QUICK = ("multiverse", "influence", "small-study", "next-trial", "accumulation")
"""Views of the views of robustness that are worked out in a second or two; the others are on the page for it."""

_DETAILED = 40
"""A multiverse of more studies than this takes too long for a download."""


# --- the studies ---------------------------------------------------------------------------------
_LONGEST_INTERVAL = 32
"""Characters of the longest interval; a longer text with "to" in it is prose."""


def study_table(answer: Answer, caption: str) -> Table:
    """The rows of a forest plot as a table."""
    rows = (cells(row) for row in forest_table(answer).rows)
    return _without_empty(
        Table(caption, COLUMNS, tuple(tuple(map(_interval_whole, row)) for row in rows))
    )


def _without_empty(table: Table) -> Table:
    """The table without the columns that no row fills."""
    filled = [i for i in range(len(table.columns)) if any(row[i] for row in table.rows)]
    return Table(
        table.caption,
        tuple(table.columns[i] for i in filled),
        tuple(tuple(row[i] for i in filled) for row in table.rows),
    )


def _interval_whole(text: str) -> str:
    """Without places for a line break, if the text is an interval: it is read as one."""
    return (
        text.replace(" ", "\N{NO-BREAK SPACE}")
        if " to " in text and len(text) < _LONGEST_INTERVAL
        else text
    )


def trails(answer: Answer, evidence: Evidence) -> tuple[Section, ...]:
    """For each study the steps from report to effect, and the printed rows with their sources."""
    rows = results_by_id(evidence)
    return tuple(
        Section(
            id=f"study-{i}",
            title=study.label,
            items=tuple(step.text for step in study.steps),
            tables=(_printed(study, rows),),
        )
        for i, study in enumerate(answer.studies, start=1)
    )


def _printed(study: StudyEffect, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    cells = tuple(
        (printed_what(row), printed_figure(row), row["timepoint"], row["note"], _source(row))
        for row in (rows[row_id] for row_id in study.row_ids)
    )
    columns = ("What", "As reported", "When", "Note", "Source")
    return _without_empty(Table(f"The reported figures behind {study.label}", columns, cells))


def _source(row: Mapping[str, Any]) -> Cell:
    address = where_read(row["source_url"])
    return (
        address if address == BY_THE_READER else Link(row["source_location"] or "source", address)
    )


# --- what entered and what did not ---------------------------------------------------------------
def flow(answer: Answer, evidence: Evidence) -> Section:
    """Counts of printed rows: considered, left out by reason, used; and every row left out."""
    k, counts = len(answer.studies), answer.left_out_by_reason()
    trials: dict[str, set[str]] = defaultdict(set)
    for row in answer.left_out:
        trials[row.reason].add(row.trial)
    reasons = tuple(
        f"{_capital(REASONS[r])}: {_rows(counts[r])} of {_studies(len(trials[r]))}"
        for r in REASONS
        if r in counts
    )
    considered = f"Considered: {_rows(answer.considered)} on this outcome and these treatments"
    entered = f"Used: {_rows(answer.rows_used)} of {_studies(k)}" if k else "Used: none"
    if k and answer.pooled is not None and answer.pooled.k > 1:
        entered += ", pooled"
    return Section(
        "flow",
        "What was used, and what was not",
        paragraphs=(
            "Counted here are reported results: one of one group, or one difference, in one source. How many reports "
            "exist beyond those found is not known. A study can have results in several boxes.",
        ),
        folded=((f"All {_rows(len(answer.left_out))}, one by one", _left_out(answer, evidence)),)
        if answer.left_out
        else (),
        flow=Flow(considered, f"Left out: {_rows(len(answer.left_out))}", reasons, entered),
    )


def _left_out(answer: Answer, evidence: Evidence) -> Table:
    """Every printed row that is left out, with its reason and source."""
    rows, studies = results_by_id(evidence), studies_by_id(evidence)
    cells = tuple(
        (
            name_of(studies[left.study_id]),
            printed_figure(rows[left.row_id]), REASONS[left.reason], left.detail,
            _source(rows[left.row_id]),
        )
        for left in answer.left_out
    )  # fmt: skip
    return Table(
        "Reported results that were left out", ("Study", "As reported", "Reason", "In particular", "Source"), cells
    )  # fmt: skip


def _rows(n: int) -> str:
    return "1 reported result" if n == 1 else f"{n} reported results"


def _studies(n: int) -> str:
    return "1 study" if n == 1 else f"{n} studies"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


# --- certainty -----------------------------------------------------------------------------------
def certainty(answer: Answer, evidence: Evidence) -> Section:
    """Published judgements in their words, and beside them the signals; nothing is rated here."""
    found = judgements(answer.question, answer.studies, evidence)
    first = found[0] if found else None
    sentence = plain_sentence(answer, first)
    lead, paragraphs = (), (neutral_reason(answer, first),)
    if sentence is not None and first is not None:
        lead = (sentence,)
        paragraphs = (
            f"Certainty: {first.level}, by {first.review}. Size: from the studies here, {interval_text(answer)}. The "
            "review rated its own evidence, which need not be the same studies.",
        )
    tables = ()
    if found:
        rows = tuple(
            (j.review, j.printed, _judged(j), Link(j.source_location or "source", j.source_url))
            for j in found
        )
        columns = ("Review", "Certainty as reported", "What was judged", "Source")
        tables = (Table("Published judgements of certainty", columns, rows),)
    said = signals(answer, evidence)
    parts = ()
    if said:
        parts = (
            Section(
                "signals",
                "Signals computed from the studies here: facts, not a rating",
                items=tuple(f"{s.title}: {s.reading}. {s.finding}" for s in said),
                tables=_remarks(said),
            ),
        )
    return Section(
        "certainty", "How certain this is", lead=lead, paragraphs=paragraphs, tables=tables, parts=parts
    )  # fmt: skip


def _remarks(said: Sequence[Signal]) -> tuple[Table, ...]:
    """What others wrote about these studies, with its place."""
    rows = tuple(
        (r.text, Link(r.source_location or "source", r.source_url)) for s in said for r in s.remarks
    )
    caption = "What a guideline body wrote about these trials"
    return (Table(caption, ("Remark", "Source"), rows),) if rows else ()


def _judged(judgement: Any) -> str:
    differs = f" ({judgement.differs})" if judgement.differs else ""
    return f"{judgement.comparison}: {judgement.outcome}; {judgement.population}{differs}"


# --- views of robustness -------------------------------------------------------------------------
def firmness(answer: Answer, evidence: Evidence) -> Section:
    """What the views of robustness found, as text: finding, then why not to trust it too much."""
    parts = []
    for key in QUICK:
        if key not in VIEWS or (key == "multiverse" and len(answer.studies) > _DETAILED):
            continue
        spec = VIEWS[key]
        view = spec.view(answer.question, evidence)
        parts.append(
            Section(
                f"look-{key}", spec.label, lead=(view.finding,),
                items=tuple(f"Caution: {text}" for text in view.cautions),
            )
        )  # fmt: skip
    return Section(
        "firmness",
        "How robust this is",
        paragraphs=("Each part asks the same data another way; the page of the link shows how.",),
        parts=tuple(parts),
    )


# --- references and origin -----------------------------------------------------------------------
def reference_section(
    references: Sequence[Reference], title: str, stem: str, origin: Origin
) -> Section:
    """The list in Vancouver style, and BibTeX and RIS as files inside the file."""
    notes = ["The data hold first authors only. What is missing was not found; nothing was filled in."]  # fmt: skip
    described = Counter(r.described for r in references)[True]
    if described:
        notes.append("A title in square brackets is a description: the report's own is not known.")
    head = [f"The studies behind: {title}", *(f"{k}: {v}" for k, v in origin.facts())]
    return Section(
        "references",
        "References",
        paragraphs=(" ".join(notes),),
        numbered=tuple(vancouver(r) for r in references),
        downloads=(
            Download(
                f"{stem}-references.bib", "Save as BibTeX", "application/x-bibtex",
                f"{bibtex(references, head)}\n{software_bibtex(title, origin)}",
            ),
            Download(
                f"{stem}-references.ris", "Save as RIS", "application/x-research-info-systems",
                ris(references) + software_ris(title, origin),
            ),
        ),
    )  # fmt: skip


def origin_facts(origin: Origin) -> tuple[tuple[str, Cell], ...]:
    """Link, data, hash and program, for the head of a report."""
    return tuple((k, Link(v, v) if k == "Link" else v) for k, v in origin.facts())


def citing(title: str, origin: Origin) -> Section:
    """How to cite the view; it holds the link."""
    return Section("cite", "Cite this view", paragraphs=(cite_view(title, origin), CITE_STUDIES))
