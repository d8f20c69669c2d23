"""Answers as tables for files: pooled results, effects of studies, rows left out."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.answer import Answer
from analysis.effects.scale import shown
from analysis.evidence.select import REASONS

POOLED_FIELDS = (
    "k", "estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "tau2_ci_low", "tau2_ci_high",
    "i2", "h2", "q", "q_p_value", "pi_low", "pi_high",
)  # fmt: skip
"""Fields of `Pooled` that a table of results holds, on the scale on which effects are pooled."""


def identity(answer: Answer) -> dict[str, object]:
    """The columns that say which Question a row belongs to; `query` reopens it."""
    q = answer.question
    return {
        "question": q.title(), "query": q.to_query(), "outcome": q.outcome,
        "intervention": q.intervention, "comparator": q.comparator, "time": q.time,
        "unit": q.unit, "measure": q.effect_measure,
    }  # fmt: skip


def pooled_table(answers: Iterable[Answer]) -> pd.DataFrame:
    """One row per answer with at least one study; `shown_*` are back-transformed (ratios, proportions)."""
    rows = []
    for answer in answers:
        if answer.pooled is None:
            continue
        result = {name: getattr(answer.pooled, name) for name in POOLED_FIELDS}
        low, middle, high = shown(
            answer.question.effect_measure,
            [answer.pooled.ci_low, answer.pooled.estimate, answer.pooled.ci_high],
        )
        rows.append(
            identity(answer)
            | result
            | {"shown_estimate": middle, "shown_ci_low": low, "shown_ci_high": high}
            | {
                "tau2_method": answer.pooled.tau2_method, "ci_method": answer.pooled.ci_method,
                "rows_used": answer.rows_used, "rows_left_out": len(answer.left_out),
                "model": answer.told.model if answer.told else "", "verdict": _verdict(answer),
                "headline": answer.headline, "sentence": answer.sentence,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _verdict(answer: Answer) -> str | None:
    return answer.verdict.value if answer.verdict else None


def _told(answer: Answer) -> dict[str, object] | None:
    told = answer.told
    if told is None:
        return None
    return told.result.to_dict() | {
        "model": told.model,
        "reason": told.reason,
        "together": told.together,
    }


def effects_table(answers: Iterable[Answer]) -> pd.DataFrame:
    """One row per study and answer, with the steps of its derivation in words."""
    frames = []
    for answer in answers:
        if not answer.studies:
            continue
        frame = answer.frame()
        frame.insert(0, "query", answer.question.to_query())
        frame["steps"] = [" | ".join(step.text for step in s.steps) for s in answer.studies]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def left_out_table(answers: Iterable[Answer]) -> pd.DataFrame:
    """One row per printed row left out of an answer, with the reason."""
    return pd.DataFrame(
        [
            {
                "query": answer.question.to_query(), "row": row.row_id, "study": row.study_id,
                "trial": row.trial, "reason": REASONS[row.reason], "detail": row.detail,
            }
            for answer in answers
            for row in answer.left_out
        ]
    )  # fmt: skip


def as_json(answers: Iterable[Answer]) -> list[dict[str, object]]:
    """Answers as plain values, for `results.json`."""
    return [
        identity(answer)
        | {
            "data_version": answer.data_version,
            "headline": answer.headline,
            "sentence": answer.sentence,
            "details": list(answer.details),
            "cautions": list(answer.cautions),
            "changes": [change.text for change in answer.changes],
            "verdict": _verdict(answer),
            "mid": answer.mid.value if answer.mid else None,
            "pooled": _told(answer),
            "not_told": answer.told.other.to_dict() if answer.told and answer.told.other else None,
            "studies": [
                {
                    "trial": s.trial, "report": s.study_id, "label": s.label, "yi": s.yi, "vi": s.vi,
                    "flags": list(s.flags), "rows": list(s.row_ids),
                    "steps": [step.text for step in s.steps],
                }
                for s in answer.studies
            ],
            "considered": answer.considered,
            "left_out": dict(sorted(answer.left_out_by_reason().items())),
        }
        for answer in answers
    ]  # fmt: skip
