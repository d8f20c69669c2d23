"""What a source printed, row by row, with its place: the end of every trail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.effects.study_effect import plain
from analysis.evidence import Evidence
from analysis.evidence.own import NOWHERE
from analysis.evidence.records import results_by_id
from analysis.survey.printed import printed_figure, printed_what
from dashboard.components.graph import table

Row = Mapping[str, Any]
COLUMNS = ("What", "As reported", "When", "Note", "Source")


def rows_by_id(evidence: Evidence, row_ids: Iterable[str]) -> list[Row]:
    """The rows of `arm_results` and `contrasts` with these ids, in the order asked."""
    found = results_by_id(evidence)
    return [found[row_id] for row_id in row_ids if row_id in found]


def printed_table(rows: Iterable[Row], caption: str) -> Component:
    """The rows as a table with a link to each source."""
    return table(COLUMNS, [_cells(row) for row in rows], caption)


def _cells(row: Row) -> list[Component | str]:
    return [
        printed_what(row),
        printed_figure(row),
        row["timepoint"] or "not reported",
        row["note"],
        source(row),
    ]


def source(row: Row) -> Component:
    """Where the row was read: a link where there is an address, and the place in the page."""
    place = row["source_location"]
    url = row["source_url"]
    if url == NOWHERE:
        return html.Span(place)
    if not url.startswith(("http://", "https://")):
        return html.Span(f"{place} ({url})")
    return html.A(place or "source", href=url, rel="noopener noreferrer", target="_blank")


def study_line(study: Row) -> list[Component | str]:
    """A study in one paragraph: what it is, how many, who paid, and its identifiers."""
    design = words.DESIGNS[study["design"]]
    facts = [design[0].upper() + design[1:]]
    if study["etiology"]:
        facts.append(words.ETIOLOGIES[study["etiology"]])
    if study["fracture_age_text"]:
        facts.append(f"{words.AGE_NAME.lower()}: {study['fracture_age_text']}")
    if not math.isnan(study["n_enrolled"]):
        facts.append(f"{plain(study['n_enrolled'])} patients enrolled")
    if study["countries"]:
        facts.append(study["countries"])
    funding = study["funding"] or "not reported"
    facts.append(f"funding: {funding.replace('_', ' ')}")
    blinded = {"yes": "participants blinded", "no": "participants not blinded"}
    if study["participants_blinded"] in blinded:
        facts.append(blinded[study["participants_blinded"]])
    line: list[Component | str] = ["; ".join(facts) + ". "]
    if study["doi"]:
        line.append(html.A(f"doi {study['doi']}", href=f"https://doi.org/{study['doi']}",
                           rel="noopener noreferrer", target="_blank"))  # fmt: skip
    elif study["source_url"].startswith("http") and study["source_url"] != NOWHERE:
        line.append(html.A("Source", href=study["source_url"], rel="noopener noreferrer",
                           target="_blank"))  # fmt: skip
    return line
