"""One answer as sheets with a codebook: what `tables.xlsx`, `tables.zip` and `effects.csv` hold.

Numbers stay numbers and keep all their digits; a cell without a value is empty, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import shown
from analysis.effects.study_effect import FLAGS, StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.evidence.select import REASONS
from analysis.export import columns as named
from analysis.export.columns import Column
from analysis.export.provenance import Origin, origin_of, where_read
from analysis.export.question_settings import question_settings
from analysis.export.references import Reference, references_of, vancouver
from analysis.export.tables import POOLED_FIELDS
from analysis.figures.forest_table import bias_cells
from analysis.figures.words import heterogeneity_line, model_line
from analysis.question import Question
from analysis.synthesis import Pooled

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name, and for each column what it means."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def records(self) -> list[dict[str, Cell]]:
        """The rows as mappings from the columns' names."""
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def sheets(answer: Answer, evidence: Evidence, link: str) -> tuple[Sheet, ...]:
    """Every sheet of one answer, the codebook and the origin last."""
    origin = origin_of(evidence, link)
    content = (
        effects(answer, origin),
        results(answer),
        printed(answer, evidence),
        left_out(answer, evidence),
        reports(answer, evidence),
    )
    return (*content, codebook(content), about(answer, origin))


# --- what the answer holds -----------------------------------------------------------------------
def effects(answer: Answer, origin: Origin) -> Sheet:
    """One row per study: its effect, interval, weight, marks, and how the effect was derived.

    Each row also names the data and the link, so that a cut-out still does.
    """
    given = _inputs(answer.studies)
    columns = (*named.EFFECTS, *(named.INPUTS[name] for name in given), *named.ORIGIN)
    rows = []
    weights = answer.pooled.weights if answer.pooled is not None else ()
    for study, weight in zip(answer.studies, weights, strict=True):
        values = _effect_cells(answer.question, study, float(weight)) | dict(study.inputs)
        values |= {
            "data_version": origin.data_version, "data_sha256": origin.sha256, "link": origin.link,
        }  # fmt: skip
        rows.append(values)
    return sheet("effects", columns, rows)


def _inputs(studies: Iterable[StudyEffect]) -> list[str]:
    """metafor's names of the counts or means that some study has, in metafor's order."""
    present = {name for study in studies for name, _ in study.inputs}
    return [name for name in named.INPUTS if name in present]


def _effect_cells(question: Question, study: StudyEffect, weight: float) -> dict[str, Any]:
    low, high = study.interval(question.level)
    limits = [float(v) for v in shown(study.measure, [study.estimate, low, high])]
    return {
        "trial": study.trial, "report": study.study_id, "study": study.label, "year": study.year,
        "design": words.DESIGNS[study.design], "cause": study.etiology, "blinded": study.blinded,
        **dict(zip(("blinding", "funding", "risk_of_bias"), bias_cells(study), strict=True)),
        "timepoint": study.timepoint, "weeks": study.weeks,
        "n_intervention": study.n_t, "n_comparator": study.n_c,
        "intervention": study.text_t, "comparator": study.text_c,
        "measure": study.measure, "effect": limits[0], "ci_low": limits[1], "ci_high": limits[2],
        "yi": study.yi, "vi": study.vi, "sei": study.se, "weight": weight,
        "derived_from": study.form, "flags": "; ".join(FLAGS[flag] for flag in study.flags),
        "steps": " | ".join(step.text for step in study.steps), "rows": ", ".join(study.row_ids),
    }  # fmt: skip


def results(answer: Answer) -> Sheet:
    """The result that is told, and beside it the model that is not; one row each."""
    rows, told = [], answer.told
    if told is not None:
        rows = [{"model": "the answer"} | _result_cells(answer, told.result)]
        if told.other is not None:
            rows.append({"model": "another model"} | _result_cells(answer, told.other))
    return sheet("results", named.RESULTS, rows)


def _result_cells(answer: Answer, pooled: Pooled) -> dict[str, Any]:
    measure = answer.question.effect_measure
    sizes = [s.patients for s in answer.studies if not math.isnan(s.patients)]
    cells: dict[str, Any] = {name: getattr(pooled, name) for name in POOLED_FIELDS}
    for name in ("estimate", "ci_low", "ci_high", "pi_low", "pi_high"):
        value = cells[name]
        cells[f"shown_{name}"] = None if value is None else float(shown(measure, value))
    return cells | {
        "measure": measure, "patients": sum(sizes) if sizes else None,
        "tau2_method": pooled.tau2_method, "ci_method": pooled.ci_method, "level": pooled.level,
        "q_df": pooled.q_df, "notes": "; ".join(pooled.notes),
    }  # fmt: skip


def printed(answer: Answer, evidence: Evidence) -> Sheet:
    """The printed rows behind the effects, as they stand in the data, with their sources."""
    results_, labels = results_by_id(evidence), {s.trial: s.label for s in answer.studies}
    rows = []
    for study in answer.studies:
        for row_id in study.row_ids:
            row = results_[row_id]
            rows.append(dict(row) | {"trial": study.trial, "study": labels[study.trial]})
    return sheet("printed", _filled(named.PRINTED, rows), rows)


def left_out(answer: Answer, evidence: Evidence) -> Sheet:
    """Every printed row that was considered and is left out, with the reason."""
    results_, studies = results_by_id(evidence), studies_by_id(evidence)
    rows = []
    for left in answer.left_out:
        row, study = results_[left.row_id], studies.get(left.study_id, {})
        rows.append(
            dict(row)
            | {
                "trial": left.trial, "study": study.get("label", ""),
                "reason": REASONS[left.reason], "detail": left.detail,
            }
        )  # fmt: skip
    return sheet("left out", _filled(named.LEFT_OUT, rows), rows)


def reports(answer: Answer, evidence: Evidence) -> Sheet:
    """The reports behind the answer, with what is known of where they were published."""
    rows = [_report_cells(r) for r in references_of((answer,), evidence)]
    return sheet("reports", named.REPORTS, rows)


def _report_cells(reference: Reference) -> dict[str, Any]:
    row = reference.row
    return dict(row) | {
        "reference": vancouver(reference),
        "role": "companion report" if row["parent_study_id"] else "main report",
        "design": words.DESIGNS[row["design"]],
    }


# --- what explains them --------------------------------------------------------------------------
def codebook(content: Sequence[Sheet]) -> Sheet:
    """Every column of the other sheets: what it means, and its unit."""
    rows = [
        {"sheet": sheet.name, "column": c.name, "meaning": c.meaning, "unit": c.unit}
        for sheet in content
        for c in sheet.columns
    ]
    return sheet("codebook", named.CODEBOOK, rows)


def about(answer: Answer, origin: Origin) -> Sheet:
    """The question, its answer in words, and where the file comes from."""
    q = answer.question
    facts: list[tuple[str, Cell]] = [("Question", q.title()), ("Query", q.to_query())]
    facts += question_settings(q)
    facts += [("Verdict", answer.headline), ("Finding", answer.sentence)]
    facts += [("Caution", text) for text in answer.cautions]
    facts += [("Changed by the reader", answer.change_line)] if answer.changes else []
    facts += [("Behind it", text) for text in answer.details]
    if answer.pooled is not None and answer.pooled.k > 1:
        facts += [("Model", model_line(answer)), ("Heterogeneity", heterogeneity_line(answer))]
    facts += [
        ("Reported results considered", answer.considered),
        ("Reported results used", answer.rows_used),
        ("Reported results left out", len(answer.left_out)),
        *origin.facts(),
    ]
    return sheet("about", named.ABOUT, [{"item": k, "value": v} for k, v in facts])


# --- building ------------------------------------------------------------------------------------
def sheet(name: str, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Sheet:
    cells = tuple(tuple(_cell(row.get(c.name)) for c in columns) for row in rows)
    return Sheet(name, tuple(columns), cells)


def _cell(value: Any) -> Cell:
    """A plain value: None for a number that is not known, whole numbers without a fraction."""
    if value is None or isinstance(value, str):
        return where_read(value) if value else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    number = float(value)
    if math.isnan(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _filled(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns that some row fills; a printed row uses a third of them."""
    return [c for c in columns if any(_cell(row.get(c.name)) is not None for row in rows)]
