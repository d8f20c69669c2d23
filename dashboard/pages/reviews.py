"""Published reviews beside our own answers: the same question twice, and why the figures differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.figures.beside import Group, beside, beside_caption, groups
from analysis.figures.forest_table import side_of
from analysis.figures.words import counted_text
from analysis.network import wording
from analysis.prose import capital, counted, listed
from analysis.survey.agreement import Pair, pairs, review_figure
from analysis.survey.networks import PublishedNetwork, only_ranked, published_networks
from analysis.survey.reviews import APART, BESIDE, SAME, Reading, readings
from analysis.topic import topic
from dashboard.components.graph import figure_block, table
from dashboard.components.page_parts import empty, heading, section
from dashboard.components.printed_rows import source
from dashboard.page import Page, Visit


def layout(evidence: Evidence, visit: Visit) -> Component:
    narrow = visit.narrow
    found, together = readings(evidence), pairs(evidence)
    if not found:
        return html.Article(
            [
                heading("Published reviews"),
                empty(
                    "The data folder in use has no published review.",
                    "Add rows to published_syntheses.csv, or start with the data of the project.",
                ),
            ]
        )
    return html.Article(
        [
            heading("Published reviews, beside our answers"),
            html.P(_lede(found), className="lede"),
            html.P(
                "Which studies each review pooled is not known, so a difference cannot be traced study by "
                "study. What can be seen from here is named in the table of each figure: how many "
                "studies, of what date, at what time, and what was measured but not in numbers."
            ),
            _figures(
                "Comparisons between groups",
                "A review's figure (hollow circle) and ours (filled diamond) on the same question, each with "
                "its interval.",
                groups(together, one_group=False),
                "compared",
                narrow,
            ),
            _figures(
                "One group, before and after: not an effect of treatment",
                "Changes and proportions in treated or untreated groups, as the reviews report them. Healing, "
                "regression to the mean, expectation and selection are part of them; they are never mixed "
                "with the comparisons above.",
                groups(together, one_group=True),
                "one-group",
                narrow,
            ),
            _networks(evidence),
            _beside(together),
            _apart(found),
        ]
    )


def _lede(found: Sequence[Reading]) -> str:
    count = {status: sum(r.status == status for r in found) for status in (SAME, BESIDE, APART)}
    reviews = len({name_of(r.row) for r in found})
    return (
        f"{reviews} published reviews, compared with our answers. {count[SAME]} of their {len(found)} results can be "
        f"drawn next to ours. {count[BESIDE]} answer the same questions with another kind of number, and "
        f"{count[APART]} answer other questions; both are listed below. None is pooled with the studies."
    )


# --- drawn ---------------------------------------------------------------------------------------
_COLUMNS = ("Review", "Question", "Review's figure", "Ours", "Side of ours", "What sets them apart", "Certainty, in "
            "the review's words", "Source")  # fmt: skip
_SPOKEN = ("Review", "Question", "Review's figure", "Ours", "Side of ours")


def _figures(
    title: str, meaning: str, found: Sequence[Group], prefix: str, narrow: bool
) -> Component:
    if not found:
        return section(title, html.P("No published figure of this kind can be laid beside ours."))
    parts: list[Component] = [html.P(meaning)]
    for i, group in enumerate(found):
        parts += [
            html.H3(group.title),
            figure_block(
                f"{prefix}-{i}",
                beside(group, narrow=narrow),
                caption=beside_caption(group),
                columns=_COLUMNS,
                rows=[_row(pair) for pair in group.pairs],
                spoken=_SPOKEN,
                file_name=f"published-reviews-{prefix}-{i + 1}",
                caption_shown=False,
            ),
        ]
    return section(title, *parts, id=prefix)


def _row(pair: Pair) -> list[Component | str]:
    row = pair.reading.row
    return [
        html.Span(name_of(row), title=row["citation"]),
        _question(pair),
        review_figure(pair.reading),
        _ours(pair),
        _side(pair),
        "; ".join(pair.differences),
        row["certainty"] or "not reported",
        source(row),
    ]


def _question(pair: Pair) -> Component:
    q = pair.answer.question
    extra = [words.ETIOLOGIES[q.etiology]] if q.etiology != "any" else []
    extra += [words.FRACTURE_AGES[q.fracture_age][0]] if q.fracture_age != "any" else []
    tail = f" ({', '.join(extra)})" if extra else ""
    return html.A(f"{q.title()}{tail}", href=f"/compare?{q.to_query()}")


def _ours(pair: Pair) -> str:
    answer = pair.answer
    if answer.pooled is None:
        return "no study with a result"
    return counted_text(answer)


def _side(pair: Pair) -> str:
    answer = pair.answer
    if answer.told is None:
        return ""
    result = answer.told.result
    return side_of(answer.question, result.ci_low, result.ci_high, answer.mid)


# --- networks ------------------------------------------------------------------------------------
_NETWORKS = (
    "Review", "Compares", "When", "Review's figure", "Our network", "What sets them apart", "Source",
)  # fmt: skip


def _networks(evidence: Evidence) -> Component:
    """Published networks beside ours, which is here where the topic has a network at all."""
    found = published_networks(evidence) if "network" in topic().pages else ()
    if not found:
        return html.Div()
    ranked = only_ranked(evidence)
    names = listed(list(dict.fromkeys(name_of(row) for row in ranked)))
    rest = (
        f" {counted(len(ranked), 'more row')} only {'rank' if len(ranked) > 1 else 'ranks'} the treatments or "
        f"{'give' if len(ranked) > 1 else 'gives'} a direction ({names}): an order of ranks says nothing of how large "
        "a difference is, so they are listed below."
        if ranked
        else ""
    )
    return section(
        "Published networks, beside ours",
        html.P(
            "Reviews that joined trials of several treatments in one network, and what ours says of the same two "
            "treatments at each time at which trials link them. Differences are of the treatment named first minus the "
            f"other.{rest}"
        ),
        html.Details(
            [
                html.Summary(f"{counted(len(found), 'comparison')} of published networks"),
                html.Div(
                    table(
                        _NETWORKS,
                        [_network_row(one) for one in found],
                        "Published networks and ours",
                    ),
                    className="wide-last",
                ),
            ]
        ),
        id="networks",
    )


def _network_row(one: PublishedNetwork) -> list[Component | str]:
    row, q = one.reading.row, one.question
    ours = [
        html.Div(
            [
                html.A(words.WINDOWS[time].label, href=f"/network?{contrast.question.to_query()}"),
                f": {wording.estimate(contrast.question, contrast.combined)}"
                f"{'' if contrast.told_directly else ', indirect'}",
            ],
            className="network-time",
        )
        for time, contrast in one.ours
    ]
    return [
        html.Span(name_of(row), title=row["citation"]),
        f"{q.spec.label}: {wording.versus((q.intervention, q.comparator))}",
        row["timepoint"] or "not stated",
        review_figure(one.reading),
        html.Div(ours) if ours else "none",
        f"{capital('; '.join(one.differences))}.",
        source(row),
    ]


# --- not drawn -----------------------------------------------------------------------------------
def _beside(together: Sequence[Pair]) -> Component:
    rows = [
        [
            html.Span(name_of(p.reading.row), title=p.reading.row["citation"]),
            _question(p),
            review_figure(p.reading),
            _ours(p),
            f"{p.reading.why[0].upper()}{p.reading.why[1:]}. {'; '.join(p.differences)}",
            p.reading.row["certainty"] or "not reported",
            source(p.reading.row),
        ]
        for p in together
        if not p.drawn
    ]
    if not rows:
        return html.Div()
    return section(
        "The same question, but not the same kind of number",
        html.P(
            "Standardised differences, signs that the review does not explain, ranges, and statements whose "
            "figure was not in the copy that was read. They are listed as they are."
        ),
        html.Details(
            [
                html.Summary(f"{len(rows)} figures and statements"),
                html.Div(
                    table(_COLUMNS, rows, "Published figures on our questions that are not drawn"),
                    className="wide-last",
                ),
            ]
        ),
        id="beside",
    )


_APART = ("Review", "Outcome", "What it compares", "In whom", "Figure", "Source")


def _apart(found: Sequence[Reading]) -> Component:
    by_reason: dict[str, list[Reading]] = defaultdict(list)
    for reading in found:
        if reading.status == APART:
            by_reason[reading.why.partition(":")[0]].append(reading)
    if not by_reason:
        return html.Div()
    ordered = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    return section(
        "Not matched with a question, and why",
        html.P(
            "Other techniques, risk factors, several comparisons in one sentence, times across our windows."
        ),
        html.Details(
            [
                html.Summary(f"{counted(sum(map(len, by_reason.values())), 'result')}, by reason"),
                *(_apart_block(reason, members) for reason, members in ordered),
            ]
        ),
        id="apart",
    )


def _apart_block(reason: str, members: Sequence[Reading]) -> Component:
    title = f"{reason[0].upper()}{reason[1:]}"
    rows = [
        [
            html.Span(name_of(r.row), title=r.row["citation"]),
            r.row["outcome"].replace("_", " "),
            r.row["comparison"],
            r.row["population"],
            review_figure(r),
            source(r.row),
        ]
        for r in members
    ]
    return html.Details([html.Summary(f"{title}: {len(members)}"), table(_APART, rows, title)])


def _preview(evidence: Evidence, query: str) -> tuple[str, str] | None:
    found = readings(evidence)
    return (PAGE.title, _lede(found)) if found else None


PAGE = Page(
    path="/reviews",
    name="Reviews",
    title="Published reviews",
    description="Pooled figures of published reviews beside ours on the same question, with what sets them "
    "apart, and the figures that could not be matched.",
    layout=layout,
    preview=_preview,
)
"""Our figures beside those of others."""
