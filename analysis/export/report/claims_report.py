"""The report of the claims: each statement, its answer, its figures, and what would change it."""

from __future__ import annotations

import math
from dataclasses import replace

from analysis.answer import Answer, answer
from analysis.appraisal.plain import neutral_reason, plain_sentence
from analysis.appraisal.published import judgements
from analysis.effects.study_effect import plain
from analysis.evidence import Evidence
from analysis.export.citation import subject_title
from analysis.export.methods import methods
from analysis.export.provenance import Origin, origin_of
from analysis.export.references import references_of
from analysis.export.report import parts
from analysis.export.report.page import Figure, Link, Report, Section, Table, figure, html
from analysis.export.select_claims import chosen_claims
from analysis.figures.claim import claim_figure_caption, draw_claim_figure
from analysis.figures.words import interval_text, range_text
from analysis.question import Question
from analysis.topic.vertebral import claims
from analysis.topic.vertebral.claims.rule_words import RULE, caution_of


def claims_report(chosen: tuple[str, ...], evidence: Evidence, link: str) -> bytes:
    """One HTML file of the claims named by `chosen`; all of them where none is named.

    Raises
    ------
    NothingToTake
        When the data hold none of these claims.
    """
    found = chosen_claims(chosen, evidence)
    origin = origin_of(evidence, link)
    title = (
        subject_title((), evidence)
        if len(found) > 1
        else f"“{found[0].claim['statement'].rstrip('.')}”"
    )
    answers = [answer(q, evidence) for c in found for q in c.entry.questions]
    listed = references_of(answers, evidence)
    overview = (
        Section("overview", "Every claim and its verdict", tables=(_overview(found),)),
    ) if len(found) > 1 else ()  # fmt: skip
    sections = (
        *overview,
        *(
            replace(_claim(c, evidence, link.partition("/claims")[0]), in_contents=not overview)
            for c in found
        ),
        Section("rule", "How a verdict is reached", items=RULE),
        _methods(evidence, origin),
        *((parts.reference_section(listed, title, "claims", origin),) if listed else ()),
        parts.citing(title, origin),
    )
    return html(
        Report(
            title=title,
            finding=found[0].sentence if chosen else claims.finding(evidence).headline,
            said=() if len(found) == 1 else (_count(found),),
            facts=parts.origin_facts(origin),
            sections=sections,
        )
    )


def _count(found: list[claims.ClaimAnswer]) -> str:
    return f"{len(found)} statements are answered from the studies here, by one written rule."


def _overview(found: list[claims.ClaimAnswer]) -> Table:
    rows = tuple((Link(c.claim["statement"], f"#{c.claim_id}"), c.verdict.value) for c in found)
    return Table("Verdicts by one written rule", ("Claim", "What the data say"), rows)


# --- one claim -----------------------------------------------------------------------------------
def _claim(found: claims.ClaimAnswer, evidence: Evidence, site: str) -> Section:
    caution = caution_of(found.claim["caution"])
    figures, tables = [], []
    for i, claim_figure in enumerate(found.entry.claim_figures, start=1):
        drawn = _claim_figure(f"{found.claim_id}-{i}", claim_figure, evidence, site)
        (figures if isinstance(drawn, Figure) else tables).append(drawn)
    return Section(
        found.claim_id,
        f"“{found.claim['statement'].rstrip('.')}”",
        lead=(f"The data say: {found.verdict.value}",),
        paragraphs=tuple(
            text
            for text in (found.sentence, found.through, f"Keep in mind: {caution}" if caution else "")
            if text
        ),
        figures=tuple(figures),
        tables=tuple(tables),
        parts=(
            Section(f"{found.claim_id}-why", "Why this verdict", paragraphs=(found.why,)),
            *_certainty(found, evidence),
            Section(
                f"{found.claim_id}-change", "What would change the answer",
                items=found.entry.would_change,
            ),
        ),
    )  # fmt: skip


def _claim_figure(id: str, claim_figure: claims.ClaimFigure, evidence: Evidence, site: str) -> Figure | Table:
    table = Table(claim_figure.title, _COLUMNS, tuple(_rows(claim_figure, evidence, site)))
    wide = draw_claim_figure(claim_figure, evidence)
    if wide is None:
        return table
    narrow = draw_claim_figure(claim_figure, evidence, narrow=True)
    assert narrow is not None
    return figure(id, wide, narrow, claim_figure_caption(claim_figure, evidence), table, claim_figure.title, False)


_COLUMNS = (
    "What", "Kind of evidence", "Result (95% interval)", "Prediction interval", "Studies", "Patients",
)  # fmt: skip


def _rows(claim_figure: claims.ClaimFigure, evidence: Evidence, site: str) -> list[tuple[Link | str, ...]]:
    rows: list[tuple[Link | str, ...]] = []
    for layer in claim_figure.layers:
        for row in layer.rows:
            found = answer(row.question, evidence)
            name = Link(row.label, f"{site}/compare?{row.question.to_query()}") if site else row.label  # fmt: skip
            rows.append((name, layer.title, *_result(row.question, found, evidence)))
    return rows


def _result(question: Question, found: Answer, evidence: Evidence) -> tuple[str, str, str, str]:
    pooled = found.pooled
    if pooled is None:
        return claims.why_empty(question, evidence), "", "0", ""
    prediction = ""
    if pooled.pi_low is not None and pooled.pi_high is not None:
        prediction = range_text(question, pooled.pi_low, pooled.pi_high)
    size = plain(sum(s.patients for s in found.studies if not math.isnan(s.patients)))
    if question.spec.kind == "event" and question.unit != "patients":
        size += f" {question.unit}"
    return interval_text(found), prediction, str(pooled.k), size


def _certainty(found: claims.ClaimAnswer, evidence: Evidence) -> tuple[Section, ...]:
    if found.entry.key is None:
        return ()
    key = answer(found.entry.key, evidence)
    judged = judgements(key.question, key.studies, evidence)
    first = judged[0] if judged else None
    text = plain_sentence(key, first)
    by = f" Certainty: {first.level}, by {first.review}." if first and text else ""
    said = f"{key.question.title()}. {text or neutral_reason(key, first)}{by}"
    return (Section(f"{found.claim_id}-certain", "How certain", paragraphs=(said,)),)


def _methods(evidence: Evidence, origin: Origin) -> Section:
    """What holds for every answer; each Question's own methods stand in its own report."""
    every = dict(methods(answer(Question(), evidence), evidence, origin))
    return Section(
        "methods",
        "Methods, ready to paste",
        paragraphs=(
            "Sources. The data are published aggregate figures, copied with the address and place of each from pages "
            "that could be read. They were not found by a systematic search with two readers; no protocol was "
            "registered, and further reports may exist.",
            "Synthesis. Unless a figure says otherwise: from five studies on random effects by restricted maximum "
            "likelihood, with a 95% confidence interval by the Hartung-Knapp-Sidik-Jonkman method that is never "
            "narrower than Wald's; of two to four studies the mean averaged over an exponential prior of the "
            "heterogeneity, with its credible interval, never shorter than Wald's; one study is shown, not pooled. "
            "Comparisons between groups and figures of one group are never mixed.",
            f"Software. {every['Software']}",
        ),
    )
