"""One study: what it is, the answers that it enters, and every row that it printed."""

from __future__ import annotations

import math
from collections import defaultdict
from urllib.parse import parse_qsl

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.effects.scale import printed
from analysis.effects.study_effect import FLAGS, plain
from analysis.evidence import Evidence
from analysis.evidence.bias import NOT_JUDGED
from analysis.evidence.names import name_of
from analysis.evidence.own import NOWHERE
from analysis.evidence.records import records, studies_by_id
from analysis.prose import capital, counted
from analysis.survey.entries import Entry, Trail, trail
from analysis.survey.studies import (
    BLINDING,
    FUNDING,
    Report,
    all_rows,
    outcome_name,
    reports,
    weeks_text,
)
from dashboard.components.graph import table
from dashboard.components.page_parts import heading, notice, page, page_link, section
from dashboard.components.printed_rows import Row, printed_figure, printed_what, source
from dashboard.page import Page, Visit

_LONGEST = 64


def layout(evidence: Evidence, visit: Visit) -> Component:
    wanted, said = _asked(visit.query)
    report = next((r for r in reports(evidence) if r.study_id == wanted), None)
    if report is None:
        return _unknown(wanted, evidence)
    study = studies_by_id(evidence)[wanted]
    followed = trail(report.trial, evidence)
    return html.Article(
        [
            heading(report.label),
            *([html.P(study["title"], className="lede")] if study["title"] else []),
            *notice(said),
            *_warning(report),
            _facts(report, study),
            _companions(report, evidence),
            _entries(report, followed, evidence),
            _rows(report, evidence, followed),
            _bias(report, evidence),
            html.P(page_link("All studies", "/studies")),
        ]
    )


def _asked(query: str) -> tuple[str, list[str]]:
    wanted, said = "", []
    for name, value in parse_qsl(query, max_num_fields=None):
        if name == "id":
            wanted = value.strip()[:_LONGEST]
        else:
            said.append(f"{name[:40]}: not understood on this page; left out")
    return wanted, said


def _unknown(wanted: str, evidence: Evidence) -> Component:
    """A broken link: what happened, the names that are close, and the way back."""
    if not wanted:
        happened = "The link names no study."
    else:
        happened = f"There is no study called {wanted!r} in data version {evidence.version}."
    author = wanted.casefold().split("-")[0]
    near = [r for r in reports(evidence) if author and r.study_id.split("-")[0] == author][:8]
    return page(
        "Study not found",
        html.P([happened, " The link may be old or incomplete."]),
        *(
            [html.P("Perhaps one of these:"), html.Ul([html.Li(_link(r)) for r in near])]
            if near
            else []
        ),
        html.P(["All of them are under ", page_link("Studies", "/studies"), "."]),
    )


def _link(report: Report) -> Component:
    return html.A(report.label, href=f"/study?id={report.study_id}")


def _warning(report: Report) -> list[Component]:
    if not report.never_pool:
        return []
    return notice([f"No result of this report is pooled: {report.never_pool}."])


# --- what it is ----------------------------------------------------------------------------------
def _facts(report: Report, study: Row) -> Component:
    age = study["fracture_age_text"]
    if not age and not math.isnan(study["fracture_age_max_weeks"]):
        age = f"at most {weeks_text(study['fracture_age_max_weeks'])} at entry"
    journal = " ".join(filter(None, [study["journal"], study["volume"]]))
    journal += f": {study['pages']}" if study["pages"] else ""
    facts: list[tuple[str, Component | str | list]] = [
        ("Kind of study", words.DESIGNS[report.design]),
        ("Year", "not stated" if math.isnan(report.year) else plain(report.year)),
        (words.CAUSE_NAME, report.etiology or "not stated"),
        (words.AGE_NAME, age or "not stated"),
        ("Patients", "not stated" if math.isnan(report.n) else plain(report.n)),
        ("Countries", study["countries"] or "not stated"),
        ("Funding", FUNDING[report.funding]),
        ("Patients blinded", BLINDING[report.blinded]),
        ("Longest follow-up", weeks_text(report.weeks)),
        ("Published in", journal or "not stated"),
        ("Registration", study["registration"] or "not stated"),
        ("Read at", _places(study)),
    ]
    if study["title_as_printed"] == "no":
        facts.append(("Title", "a description: the title is not stated"))
    if study["notes"]:
        facts.append(("Notes", study["notes"]))
    return section(
        "What it is",
        html.Dl(
            [part for name, value in facts for part in (html.Dt(name), html.Dd(value))],
            className="facts",
        ),
    )


def _places(study: Row) -> list[Component | str]:
    addresses = []
    if study["source_url"].startswith("http") and study["source_url"] != NOWHERE:
        addresses.append(("the page that was read", study["source_url"]))
    if study["doi"]:
        addresses.append((f"doi {study['doi']}", f"https://doi.org/{study['doi']}"))
    if study["pmid"]:
        addresses.append(
            (f"PubMed {study['pmid']}", f"https://pubmed.ncbi.nlm.nih.gov/{study['pmid']}/")
        )
    if not addresses:
        return [study["source_url"]]
    parts: list[Component | str] = []
    for text, address in addresses:
        parts += [", "] if parts else []
        parts.append(html.A(text, href=address, rel="noopener noreferrer", target="_blank"))
    return parts


def _companions(report: Report, evidence: Evidence) -> Component:
    if not report.companions:
        return html.Div()
    by_id = {r.study_id: r for r in reports(evidence)}
    main = "This is the trial's main report." if report.trial == report.study_id else ""
    return section(
        "Other reports of the same trial",
        html.P(f"A trial counts once, whatever the number of its reports. {main}"),
        html.Ul(
            [
                html.Li([_link(by_id[other]), " (main report)" if other == report.trial else ""])
                for other in report.companions
            ]
        ),
    )


# --- the answers that it is used in ------------------------------------------------------------------
_ENTRY = ("Question", "Effect (95% CI)", "Studies", "From", "Marks", "How it was derived")


def _entries(report: Report, followed: Trail, evidence: Evidence) -> Component:
    studies = studies_by_id(evidence)
    whose = "this trial" if report.companions else "this study"
    if not followed.entries:
        return section(
            "Where it is used",
            html.P(
                f"No answer uses {whose} with the usual settings. The table below says why, row by row."
            ),
        )
    compared = [e for e in followed.entries if not e.question.one_group]
    alone = [e for e in followed.entries if e.question.one_group]
    parts: list[Component] = [
        html.P(
            f"{capital(whose)} is used in {len(followed.entries)} answers. Each links to the whole answer; "
            "the steps lead from the reported figures to the effect."
        )
    ]
    for entries, title in (
        (compared, "Comparisons between groups"),
        (alone, "Before and after, or a proportion, in one group: not an effect of treatment"),
    ):
        if not entries:
            continue
        rows = [_entry(e, name_of(studies[e.effect.study_id])) for e in entries]
        shown = html.Div(table(_ENTRY, rows, title), className="wide-first")
        if entries is alone and compared:  # what is no effect waits until it is asked for
            said = f"{title} ({counted(len(alone), 'answer')})"
            parts.append(html.Details([html.Summary(said), shown]))
        else:
            parts += [html.H3(title), shown]
    return section("Where it is used", *parts, id="entries")


def _entry(entry: Entry, name: str) -> list[Component | str]:
    q, effect = entry.question, entry.effect
    low, high = effect.interval(q.level)
    steps = html.Details(
        [
            html.Summary(f"{len(effect.steps)} steps"),
            html.Ol([html.Li(step.text) for step in effect.steps]),
        ]
    )
    unit = f", per {words.UNITS[q.unit]}" if q.unit != "patients" else ""
    measure = f", {words.MEASURES[q.effect_measure]}" if q.spec.kind == "event" else ""
    return [
        html.A(f"{q.title()}{measure}{unit}", href=f"/compare?{q.to_query()}"),
        f"{printed(q, effect.yi)} ({printed(q, low, unit=False)} to {printed(q, high)})",
        str(entry.k),
        name,
        "; ".join(FLAGS[flag] for flag in effect.flags) or "none",
        steps,
    ]


# --- its printed rows ----------------------------------------------------------------------------
_ROW = ("What", "As reported", "When", "Used in an answer", "Note", "Source")


def _rows(report: Report, evidence: Evidence, followed: Trail) -> Component:
    by_outcome: dict[str, list[Row]] = defaultdict(list)
    for row in all_rows(evidence):
        if row["study_id"] == report.study_id:
            by_outcome[row["outcome"]].append(row)
    if not by_outcome:
        return section(
            "What it reported",
            html.P("No result of this report was found: only its description was reached."),
        )
    parts: list[Component] = []
    for code, rows in by_outcome.items():
        name = outcome_name(code)
        title = name[0].upper() + name[1:]
        parts += [
            html.H3(title),
            table(_ROW, [_row(row, followed) for row in rows], f"{title}: every reported result"),
        ]
    return section("What it reported", *parts, id="rows")


def _row(row: Row, followed: Trail) -> list[Component | str]:
    return [
        printed_what(row),
        printed_figure(row),
        row["timepoint"] or "not reported",
        _fate(followed, row),
        row["note"],
        source(row),
    ]


def _fate(followed: Trail, row: Row) -> str:
    why = followed.fates.get(row["row_id"])
    if why is None:
        return "yes"
    return f"no: {why}".replace(f"see note: {row['note']}", "see the note")


# --- judgements of others ------------------------------------------------------------------------
_JUDGED = ("Domain", "Level", "In their words", "By", "Instrument", "Source")


def _bias(report: Report, evidence: Evidence) -> Component:
    rows = [row for row in records(evidence, "risk_of_bias") if row["study_id"] == report.study_id]
    if not rows:
        return section(
            "Risk of bias",
            html.P(
                "Not judged: no published judgement on this report was reached. What can be seen from here: its "
                "design, its blinding, its funding, and what it reported without numbers, above."
            ),
        )
    return section(
        "Risk of bias, as others saw it",
        html.P(
            "Where there is no level, a fact was described and not judged; who wrote it is named beside it."
        ),
        table(
            _JUDGED,
            [
                [
                    r["domain"],
                    r["level"] or NOT_JUDGED,
                    r["judgement"],
                    r["assessed_by"],
                    r["tool"],
                    source(r),
                ]
                for r in rows
            ],
            "Published judgements and descriptions in their own words",
        ),
    )


def _preview(evidence: Evidence, query: str) -> tuple[str, str] | None:
    wanted, _ = _asked(query)
    report = next((r for r in reports(evidence) if r.study_id == wanted), None)
    if report is None:
        return None
    title = studies_by_id(evidence)[wanted]["title"].rstrip(".")
    size = "" if math.isnan(report.n) else f", {report.n:,.0f} patients"
    return report.label, ". ".join(filter(None, (title, f"{capital(words.DESIGNS[report.design])}{size}.")))


PAGE = Page(
    path="/study",
    name="Study",
    title="Study",
    description="One report: what it is, the answers that it is used in with the steps from report to effect, "
    "and every reported result with its source.",
    layout=layout,
    preview=_preview,
    published=lambda evidence: tuple(f"id={report.study_id}" for report in reports(evidence)),
    canonical=lambda query: f"id={_asked(query)[0]}",
)
"""One report, by its identifier: `/study?id=buchbinder-2009`."""
