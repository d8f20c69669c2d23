"""The summary of findings, and the matrix of harms, as workbooks: numbers stay numbers, sentences beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.export import columns as named
from analysis.export.columns import Column
from analysis.export.provenance import Origin, origin_of
from analysis.export.sheets import Sheet, codebook, sheet
from analysis.export.spreadsheet import to_xlsx
from analysis.findings import Harms, matrix
from analysis.findings.model import Findings, Row
from analysis.findings.table import findings
from analysis.findings.words import cells, follow_up, reasons
from analysis.survey.harms import Rate
from analysis.survey.rate_words import rate_text
from analysis.topic.vertebral.patient import Patient

_OF = "of 100, or points on the outcome's scale"
FINDINGS = (
    Column("side", "benefit or harm"),
    Column("outcome", "what was measured or counted"),
    Column("against", "what the procedure is compared with"),
    Column("procedure_studied", "the procedure of the studies behind the row"),
    Column("in_words", "the row in a sentence"),
    Column("verdict", "what the interval lets one say, by the written rule"),
    Column("unit", "what the numbers are: of 100 people (or of another unit), or points"),
    Column("without", "without the procedure", _OF, 1),
    Column("with", "with the procedure", _OF, 1),
    Column("with_low", "lower limit of with", _OF, 1),
    Column("with_high", "upper limit of with", _OF, 1),
    Column("difference", "with minus without", _OF, 2),
    Column("difference_low", "lower limit of the difference", _OF, 2),
    Column("difference_high", "upper limit of the difference", _OF, 2),
    Column("without_from", "where the number without comes from"),
    Column("certainty", "published judgement of certainty (GRADE), or not rated"),
    Column("certainty_source", "who judged"),
    Column("concerns", "computed signals that are a concern; facts, no rating"),
    Column("distance", "how the studies differ from the patient, in short"),
    Column("distance_in_words", "the same in sentences"),
    Column("studies", "how many studies", "studies", 0),
    Column("patients", "patients, or what is counted, as text"),
    Column("follow_up", "when the studies measured"),
    Column("query", "the question on the page Compare"),
)
RISKS = (
    Column("outcome", "what was counted"),
    Column("against", "what the procedure is compared with"),
    Column("risk", "which risk without the procedure"),
    Column("without", "without the procedure", "of 100", 1),
    Column("with", "with the procedure, by the same effect", "of 100", 1),
    Column("with_low", "lower limit of with", "of 100", 1),
    Column("with_high", "upper limit of with", "of 100", 1),
)
HARMS = (
    Column("harm", "what was counted"),
    Column("kind", "per what, and how it was looked for"),
    Column("treatment", "what the patients received"),
    Column("of_100", "events of 100", "of 100", 3),
    Column("low", "lower limit of the interval", "of 100", 3),
    Column("high", "upper limit of the interval; without an event the exact one", "of 100", 3),
    Column("events", "events of all studies", "events", 0),
    Column("total", "denominator of all studies", "what is counted", 0),
    Column("studies", "how many studies", "studies", 0),
    Column(
        "interval", "how the interval was found: pooled, common (two studies), one or none (exact)"
    ),
    Column("query", "the question on the page Compare"),
)


def findings_xlsx(patient: Patient, evidence: Evidence, link: str) -> bytes:
    """The rows, the other risks, and where they come from."""
    found = findings(patient, evidence)
    content = [sheet("findings", FINDINGS, map(_row, found.rows))]
    risks = [_risk(row, one) for row in found.rows for one in row.baselines]
    if risks:
        content.append(sheet("other risks", RISKS, risks))
    title = patient.in_words()
    about = _about(title, found, origin_of(evidence, link))
    return to_xlsx((*content, codebook(content), about), title)


def harms_xlsx(subject: Harms, evidence: Evidence, link: str) -> bytes:
    """One line for each rate."""
    rows = [
        _rate(line.harm.told.title, line.kind, rate)
        for line in matrix(evidence).rows
        for rate in line.cells
        if rate is not None
    ]
    content = [sheet("harms", HARMS, rows)]
    facts = [
        ("Content", "Harms by treatment and way of counting"),
        *origin_of(evidence, link).facts(),
    ]
    return to_xlsx((*content, codebook(content), _facts(facts)), "Harms")


def _row(row: Row) -> Mapping[str, Any]:
    made, n, found = cells(row), row.numbers, row.answer
    out: dict[str, Any] = {
        "side": row.side, "outcome": row.label, "against": words.SPOKEN[row.against], "in_words": row.sentence,
        "certainty": row.certainty.level, "certainty_source": row.certainty.source,
        "concerns": "; ".join(reasons(row.certainty)), "distance": ", ".join(row.marks),
        "distance_in_words": " ".join(row.distance), "studies": len(found.studies) if found else 0,
    }  # fmt: skip
    if row.indirect is not None:
        q, told = row.indirect.question, row.indirect.combined
        out |= {
            "procedure_studied": words.SPOKEN[q.intervention], "verdict": row.indirect.capped,
            "studies": len(row.indirect.trials), "patients": made.evidence, "query": q.to_query(),
        }  # fmt: skip
        if q.spec.kind == "score":
            out |= {
                "unit": q.spec.unit, "difference": told.estimate, "difference_low": told.low,
                "difference_high": told.high,
            }  # fmt: skip
    if found is None:
        return out
    q = found.question
    out |= {
        "procedure_studied": words.SPOKEN[q.intervention], "verdict": found.verdict.value if found.verdict else "",
        "unit": q.spec.unit if q.spec.kind == "score" else f"of 100 {words.UNITS[q.unit]}",
        "patients": made.evidence, "follow_up": follow_up(found), "query": q.to_query(),
    }  # fmt: skip
    if n is not None:
        out |= {
            "without": n.without, "with": n.with_, "with_low": n.low, "with_high": n.high, "difference": n.difference,
            "difference_low": n.least, "difference_high": n.most, "without_from": n.basis,
        }  # fmt: skip
    return out


def _risk(row: Row, one: Any) -> Mapping[str, Any]:
    return {
        "outcome": row.label, "against": words.SPOKEN[row.against], "risk": one.name, "without": one.without,
        "with": one.with_, "with_low": one.low, "with_high": one.high,
    }  # fmt: skip


def _rate(harm: str, kind: str, rate: Rate) -> Mapping[str, Any]:
    return {
        "harm": harm, "kind": kind, "treatment": words.INTERVENTIONS[rate.treatment], "of_100": 100 * rate.value,
        "low": 100 * rate.low, "high": 100 * rate.high, "events": rate.events, "total": rate.total,
        "studies": rate.k, "interval": f"{rate.how}: {rate_text(rate)}", "query": rate.answer.question.to_query(),
    }  # fmt: skip


def _about(title: str, found: Findings, origin: Origin) -> Sheet:
    facts = [("Decision", title), ("Benefits", found.benefits), ("Harms", found.harms)]
    facts += [("What the data cannot say", text) for text in found.cannot_say]
    return _facts([*facts, *origin.facts()])


def _facts(facts: Sequence[tuple[str, str]]) -> Sheet:
    return sheet("about", named.ABOUT, [{"item": k, "value": v} for k, v in facts])
