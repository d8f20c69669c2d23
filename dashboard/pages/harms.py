"""Harms: how often each was counted, out of how many, and what comparisons between groups say."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
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
from analysis.figures.rates import (
    counts_text,
    group_title,
    percent,
    plain_count,
    rate_text,
    rates_caption,
    rates_figure,
)
from analysis.figures.words import interval_text
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
from dashboard import state
from dashboard.components.graph import figure_block, table
from dashboard.components.page_parts import heading, notice, section
from dashboard.components.printed_rows import printed_figure, source
from dashboard.page import Page, Visit


def layout(evidence: Evidence, visit: Visit) -> Component:
    said = ["This page has no settings: what the address asks for was left out."] if visit.query else []  # fmt: skip
    return html.Article(
        [
            dcc.Store(id=state.QUESTION, data={"query": "", "history": "replace"}),
            heading("Harms"),
            html.P(
                "What went wrong, in how many of how many. Rare is not never: where no event was seen, the upper "
                "limit says how often it may still occur.",
                className="lede",
            ),
            *notice(said),
            html.Nav(
                html.Ul(
                    [html.Li(html.A(harm.told.title, href=f"#{harm.told.key}")) for harm in harms()]
                ),
                className="contents",
                **{"aria-label": "Harms on this page"},
            ),
            *_harms(evidence, visit.narrow),
            section(
                "What these figures cannot show",
                html.P(
                    "Harms are reported less completely than benefits. Most papers were read as abstracts, where a "
                    "harm that is not named may not have been looked for, may not have occurred, or may stand in the "
                    "full text. Small series rarely see rare events."
                ),
            ),
        ]
    )


@remembered(maxsize=4)
def _harms(evidence: Evidence, narrow: bool) -> tuple[Component, ...]:
    """The sections; the same for every visit, so built once for each width."""
    return tuple(_harm(harm, evidence, narrow) for harm in harms())


def _harm(harm: Harm, evidence: Evidence, narrow: bool) -> Component:
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
        parts.append(html.P("No printed count in hand can be turned into a rate."))
    parts += _comparisons(harm, compared, narrow)
    if harm.told.apart:
        parts += _claims_data(harm, evidence)
    parts.append(_printed(harm, evidence, used))
    return section(harm.told.title, *parts, id=harm.told.key)


_HOW = {
    "pooled": "random effects",
    "common": "mean of two studies",
    "one": "one study, exact",
    "none": "no event, exact",
}


def _rate_row(rate: Rate) -> list[Component | str]:
    name = words.INTERVENTIONS[rate.treatment]
    label: Component | str = name[0].upper() + name[1:]
    if rate.reading.key == "any":
        label = html.A(label, href=f"/compare?{rate.answer.question.to_query()}")
    return [label, group_title(rate), rate_text(rate), counts_text(rate), _HOW[rate.how]]


# --- between groups ------------------------------------------------------------------------------
_COMPARED = (
    "Compared", "Kind of study", "Odds ratio (95% CI)", "Risk difference (95% CI)", "Hazard ratio (95% CI)",
    "Studies",
)  # fmt: skip


def _comparisons(harm: Harm, compared: Sequence[Comparison], narrow: bool) -> list[Component]:
    title = html.H3("Between groups")
    if not any(c.answers for c in compared):
        pairs = ", ".join(
            pair_name(c.question)[0].lower() + pair_name(c.question)[1:] for c in compared
        )
        text = f"No study in hand compares this between groups with a usable figure ({pairs})."
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
            row["timepoint"] or "not printed",
            " ".join(filter(None, [row["note"], row["study"]["notes"]])),
            source(row),
        ]
        for row in rows
    ]
    return [
        html.H3("Claims data and registers"),
        html.P(harm.told.apart),
        table(
            ("Report", "Compared", "Printed", "When", "Notes", "Source"),
            cells,
            f"{harm.told.title} in cohorts, as printed; not pooled. A ratio below 1: fewer in the group named first",
        ),
    ]


def _treatment(row: Row, side: str) -> str:
    code = row[f"treatment_{side}"]
    return words.INTERVENTIONS.get(code, f"mixed or unnamed treatments ({row[f'arm_{side}']})")


# --- every printed row ---------------------------------------------------------------------------
_PRINTED = (
    "Report", "Treatment", "What was counted, as printed", "Read as", "Printed", "Exact 95% interval", "When",
    "In a figure above", "Source",
)  # fmt: skip


def _printed(harm: Harm, evidence: Evidence, used: frozenset[str]) -> Component:
    found = printed_counts(harm, evidence)
    mixed = sum(p.row["treatment"] not in words.TREATMENTS for p in found)
    also = f"; {mixed} of several or unnamed treatments together" if mixed else ""
    return html.Details(
        [
            html.Summary(f"Every printed figure: {len(found)} rows{also}"),
            table(
                _PRINTED,
                [
                    _printed_row(p, p.row["row_id"] in used, harm.told.split == "image")
                    for p in found
                ],
                f"{harm.told.title}: every printed figure and how it is read",
            ),
        ]
    )


def _printed_row(found: PrintedCount, used: bool, by_image: bool) -> list[Component | str]:
    row = found.row
    read = [f"unit: {found.unit}"]
    if by_image:
        read += [f"images: {found.imaging}", f"symptoms: {found.symptoms}"]
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


PAGE = Page(
    path="/harms",
    name="Harms",
    title="Harms",
    description="Every harm that studies counted: how many of how many, with exact intervals, and what comparisons "
    "between groups say.",
    layout=layout,
)
"""Harms with their denominators."""
