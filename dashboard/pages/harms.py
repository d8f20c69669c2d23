"""Harms: one matrix per 100, kinds of counting apart; each harm's figures and sources open in place.

What is behind a harm is built when a reader opens it: most never do, and eight of them are hundreds of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import MATCH, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.rules import Row
from analysis.figures.harm_comparisons import (
    TITLES,
    by_measure,
    comparisons_caption,
    comparisons_figure,
    pair_name,
)
from analysis.figures.rates import rates_caption, rates_figure
from analysis.figures.words import interval_text
from analysis.findings import in_short, matrix
from analysis.findings.words import of_100
from analysis.prose import capital
from analysis.survey.harms import (
    Comparison,
    Harm,
    PrintedCount,
    Rate,
    comparisons,
    entering,
    harms,
    printed_comparisons,
    printed_counts,
    rates,
)
from analysis.survey.rate_words import (
    counts_text,
    group_title,
    percent,
    plain_code,
    plain_count,
    rate_text,
)
from dashboard import own, state
from dashboard.components.graph import figure_block, table
from dashboard.components.long_table import connect as connect_tables
from dashboard.components.long_table import long_table
from dashboard.components.page_parts import heading, notice, section
from dashboard.components.printed_rows import printed_figure, source
from dashboard.page import Page, Visit
from dashboard.terms import marked


def layout(evidence: Evidence, visit: Visit) -> Component:
    said = ["This page has no settings: what the address asks for was left out."] if visit.query else []  # fmt: skip
    return html.Article(
        [
            dcc.Store(id=state.QUESTION, data={"query": "", "history": "replace"}),
            heading("Harms"),
            html.Ul([html.Li(text) for text in in_short(matrix(evidence))], className="lede"),
            *notice(said),
            html.P(
                "Rates without a comparison: comparisons are behind each harm. Kinds of counting are kept apart: per "
                "patient or per treated level, by image, with symptoms. Rare is not never: where no event was seen, "
                "the exact upper limit is given in brackets."
            ),
            _matrix(evidence),
            html.Div(
                [_closed(harm, _harm(harm, evidence, visit.narrow, True) if visit.whole else []) for harm in harms()],
                className="harm-details",
            ),
            section(
                "What these figures cannot show",
                html.P(
                    "Harms are reported less completely than benefits. Most papers were read as abstracts, where a "
                    "harm that is not named may not have been looked for, may not have occurred, or may be in the "
                    "full text only. Small series rarely see rare events."
                ),
            ),
        ]
    )


_OPENER, _DETAIL = "harm-opener", "harm-detail"


def connect(app: Dash, evidence: Evidence) -> None:
    connect_tables(app)

    @app.callback(
        Output({"type": _DETAIL, "harm": MATCH}, "children"),
        Input({"type": _OPENER, "harm": MATCH}, "n_clicks"),
        State({"type": _OPENER, "harm": MATCH}, "id"),
        State({"type": _DETAIL, "harm": MATCH}, "children"),
        State(state.PLACE, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def opened(
        clicks: int | None, id: dict, shown: object, place: dict, kept: dict | None
    ) -> object:
        harm = next((h for h in harms() if h.told.key == id["harm"]), None)
        if not clicks or shown or harm is None:
            return no_update
        return marked(_harm(harm, own.evidence_for(evidence, kept), Visit.from_browser(place).narrow))


@remembered(maxsize=4)
def _matrix(evidence: Evidence) -> Component:
    """The table; a harm without any usable count is said below it."""
    found = matrix(evidence)
    heads = ("Harm", "Counted", *(capital(words.SHORT[t]) for t in found.columns))
    rows = []
    last = ""
    for line in found.rows:
        title = line.harm.told.title
        first = title != last
        name = (
            html.A(title, href=f"#{line.harm.told.key}")
            if first
            else html.Span(title, className="for-readers")
        )
        last = title
        rows.append([name, line.kind, *(_cell(rate) for rate in line.cells)])
    shown = table(
        heads,
        rows,
        "Harms, of 100. In brackets 95% intervals, and below them events, denominator, studies",
    )
    shown.children.className = "harm-matrix"
    if not found.without:
        return shown
    names = "; ".join(harm.told.title for harm in found.without)
    return html.Div([shown, html.P(f"No usable count: {names}.")])


def _cell(rate: Rate | None) -> Component:
    if rate is None:
        return html.Span("no count", className="none")
    counts = counts_text(rate).replace("*", "")
    where = f"/compare?{rate.answer.question.to_query()}"
    said = f"{of_100(rate)}. {rate.answer.question.title()}"
    link = html.A(of_100(rate), href=where, **{"aria-label": said})
    return html.Span([link, html.Br(), html.Span(counts, className="quiet")])


def _closed(harm: Harm, behind: list[Component]) -> Component:
    """A harm before it is opened: its name, and room for what is behind it, which comes when it is opened."""
    key = harm.told.key
    return html.Details(
        [
            html.Summary(harm.told.title, id={"type": _OPENER, "harm": key}, n_clicks=0),
            html.Div(behind, id={"type": _DETAIL, "harm": key}),
        ],
        id=key,
        className="harm-detail",
    )


@remembered(maxsize=32)
def _harm(harm: Harm, evidence: Evidence, narrow: bool, kept: bool = False) -> list[Component]:
    """What is behind a harm: its figure, the comparisons between groups, every reported result.

    `kept`: for a page that is kept as a file, where no program draws its tables.
    """
    found = rates(harm, evidence)
    compared = comparisons(harm, evidence)
    used = entering(found, compared)
    parts: list[Component] = [html.P(harm.told.text)]
    if found:
        parts.append(
            figure_block(
                f"{harm.told.key}-rates",
                rates_figure(found, narrow=narrow),
                caption=rates_caption(found),
                columns=("Treatment", "Counted", "Rate (95% interval)", "Events of total, studies", "Interval"),
                rows=[_rate_row(rate) for rate in found],
                file_name=f"harms-{harm.told.key}",
                title=harm.told.title,
                caption_shown=False,
            )
        )  # fmt: skip
    else:
        parts.append(html.P("No reported count can be turned into a rate."))
    parts += _comparisons(harm, compared, narrow)
    if harm.told.apart:
        parts += _claims_data(harm, evidence)
    parts.append(_printed(harm, evidence, used, kept))
    return parts


_HOW = {
    "pooled": "random effects",
    "common": "mean of two studies",
    "one": "one study, exact",
    "none": "no event, exact",
}


def _rate_row(rate: Rate) -> list[Component | str]:
    name = words.INTERVENTIONS[rate.treatment]
    label: Component | str = name[0].upper() + name[1:]
    label = html.A(label, href=f"/compare?{rate.answer.question.to_query()}")
    return [label, group_title(rate), rate_text(rate), counts_text(rate), _HOW[rate.how]]


# --- between groups ------------------------------------------------------------------------------
_COMPARED = (
    "Compared", "Kind of study", "Odds ratio (95% interval)", "Risk difference (95% interval)",
    "Hazard ratio (95% interval)",
    "Studies",
)  # fmt: skip


def _comparisons(harm: Harm, compared: Sequence[Comparison], narrow: bool) -> list[Component]:
    title = html.H2("Between groups")
    if not any(c.answers for c in compared):
        pairs = ", ".join(
            pair_name(c.question)[0].lower() + pair_name(c.question)[1:] for c in compared
        )
        text = f"No study compares this between groups in a way that can be used ({pairs})."
        return [title, html.P(text)]
    figure = comparisons_figure(compared, narrow=narrow)
    rows = [_comparison_row(c) for c in compared]
    if figure is None:
        return [title, table(_COMPARED, rows, f"{harm.told.title} between groups")]
    return [
        title,
        figure_block(
            f"{harm.told.key}-between",
            figure,
            caption=comparisons_caption(compared),
            columns=_COMPARED,
            rows=rows,
            file_name=f"harms-{harm.told.key}-between-groups",
            title=f"{harm.told.title} between groups",
        ),
    ]


def _comparison_row(comparison: Comparison) -> list[Component | str]:
    kind = TITLES[comparison.designs].partition(":")[0]
    name = pair_name(comparison.question)
    if not comparison.answers:
        link = html.A(name, href=f"/compare?{comparison.question.to_query()}")
        return [link, kind, "no study", "no study", "no study", "0"]
    cells: list[Component | str] = []
    for measure in ("OR", "RD", "HR"):
        found = by_measure(comparison, measure)
        if found is None:
            cells.append("no study")
            continue
        cells.append(html.A(interval_text(found), href=f"/compare?{found.question.to_query()}"))
    trials = {s.trial: s.label for a in comparison.answers for s in a.studies}
    return [name, kind, *cells, f"{len(trials)}: {'; '.join(trials.values())}"]


def _claims_data(harm: Harm, evidence: Evidence) -> list[Component]:
    rows = printed_comparisons(harm, evidence)
    cells = [
        [
            html.A(name_of(row["study"]), href=f"/study?id={row['study_id']}"),
            f"{_treatment(row, 't')} against {_treatment(row, 'c')}",
            printed_figure(row),
            row["timepoint"] or "not reported",
            " ".join(filter(None, [row["note"], row["study"]["notes"]])),
            source(row),
        ]
        for row in rows
    ]
    return [
        html.H2("Claims data and registers"),
        html.P(harm.told.apart),
        table(
            ("Report", "Compared", "Reported", "When", "Notes", "Source"),
            cells,
            f"{harm.told.title} in cohorts, as reported; not pooled. A ratio below 1: fewer in the group named first",
        ),
    ]


def _treatment(row: Row, side: str) -> str:
    code = row[f"treatment_{side}"]
    return words.INTERVENTIONS.get(code, f"mixed or unnamed treatments ({row[f'arm_{side}']})")


# --- every printed row ---------------------------------------------------------------------------
_PRINTED = (
    "Report", "Treatment", "What was counted, in the report's words", "Read as", "Reported", "Exact 95% interval",
    "When", "Used above", "Source",
)  # fmt: skip


def _printed(harm: Harm, evidence: Evidence, used: frozenset[str], kept: bool) -> Component:
    found = printed_counts(harm, evidence)
    mixed = sum(p.row["treatment"] not in words.TREATMENTS for p in found)
    also = f"; {mixed} of several or unnamed treatments together" if mixed else ""
    rows = [_printed_row(p, p.row["row_id"] in used, harm.told.split == "image") for p in found]
    caption = f"{harm.told.title}: every reported number and how it is read"
    return html.Details(
        [
            html.Summary(f"Every reported number: {len(found)} rows{also}"),
            table(_PRINTED, rows, caption) if kept else long_table(harm.told.key, _PRINTED, rows, caption),
        ]
    )


def _printed_row(found: PrintedCount, used: bool, by_image: bool) -> list[Component | str]:
    row = found.row
    read = [f"unit: {plain_code(found.unit)}"]
    if by_image:
        read += [f"images: {plain_code(found.imaging)}", f"symptoms: {plain_code(found.symptoms)}"]
    exact = "no count"
    if found.interval is not None:
        low, high = found.interval
        exact = (
            f"{percent(low)} to {percent(high)}% ({plain_count(found.events)} of "
            f"{plain_count(found.total)})"
        )
    return [
        html.A(name_of(row["study"]), href=f"/study?id={row['study_id']}"),
        words.INTERVENTIONS.get(row["treatment"], "mixed or unnamed"),
        row["instrument"],
        "; ".join(read),
        _as_printed(row),
        exact,
        row["timepoint"],
        "yes" if used else "no",
        source(row),
    ]


def _as_printed(row: Row) -> str:
    text = printed_figure(row)
    return f"in words: {row['note']}" if text == "no figure" and row["note"] else text


def _preview(evidence: Evidence, query: str) -> tuple[str, str]:
    return PAGE.title, " ".join(in_short(matrix(evidence)))


PAGE = Page(
    path="/harms",
    name="Harms",
    title="Harms",
    description="Every harm that studies counted: how many of how many, with exact intervals, and what comparisons "
    "between groups say.",
    layout=layout,
    connect=connect,
    preview=_preview,
)
"""Harms with their denominators."""
