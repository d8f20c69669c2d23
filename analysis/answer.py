"""From a Question to its Answer: effects, pooled result, what stayed out and why, and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from analysis.appraisal.mid import Mid, mid_of
from analysis.appraisal.statements import Statement, marks_of, state
from analysis.effects.scale import shown
from analysis.effects.study_effect import StudyEffect
from analysis.effects.table import effects_of
from analysis.evidence.load import Evidence, load_evidence
from analysis.evidence.memory import remembered
from analysis.evidence.select import LeftOut
from analysis.question import Question
from analysis.synthesis import Pooled, pool


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a page, a figure or a file needs to show one Question answered.

    `pooled` is the chosen model, `common` the common-effect model on the same studies; both None when
    no study enters. With one study both hold that study as it is (shown, not pooled).
    """

    question: Question
    studies: tuple[StudyEffect, ...]
    pooled: Pooled | None
    common: Pooled | None
    left_out: tuple[LeftOut, ...]
    considered: int
    mid: Mid | None
    statement: Statement
    data_version: str

    @property
    def rows_used(self) -> int:
        """Printed rows that feed the effects."""
        return len({row_id for s in self.studies for row_id in s.row_ids})

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be said wherever this answer goes: "1 hypothetical trial", "2 studies of your own".

        Empty for published evidence. The finding, the studies' labels and the data version say it, too.
        """
        return marks_of(self.studies)

    def left_out_by_reason(self) -> Counter[str]:
        """Printed rows left out, counted by category (keys of `select.REASONS`)."""
        return Counter(row.reason for row in self.left_out)

    def frame(self) -> pd.DataFrame:
        """The studies as a table: effect and interval as printed (back-transformed), yi, vi, weight in percent."""
        level = self.question.level
        weights = self.pooled.weights if self.pooled is not None else ()
        rows = []
        for study, weight in zip(self.studies, weights, strict=True):
            low, high = study.interval(level)
            printed = shown(study.measure, [study.yi, low, high])
            rows.append(
                {
                    "trial": study.trial, "report": study.study_id, "label": study.label,
                    "year": study.year, "design": study.design, "timepoint": study.timepoint,
                    "weeks": study.weeks, "n_t": study.n_t, "n_c": study.n_c,
                    "intervention": study.text_t, "comparator": study.text_c,
                    "measure": study.measure, "effect": printed[0], "ci_low": printed[1],
                    "ci_high": printed[2], "yi": study.yi, "vi": study.vi, "weight": weight,
                    "form": study.form, "flags": ", ".join(study.flags),
                    "rows": ", ".join(study.row_ids),
                }
            )  # fmt: skip
        return pd.DataFrame(rows)


def answer(question: Question, evidence: Evidence | None = None) -> Answer:
    """Answer a Question from the evidence (the shipped data by default).

    Raises nothing for a valid Question: where no study can enter, `pooled` is None and the statement
    says so. Answers are cached by the Question and the evidence.

    >>> from analysis.question import Question
    >>> a = answer(Question(intervention="BKP", comparator="SHAM"))
    >>> a.pooled is None, a.statement.finding.startswith("Not known")
    (True, True)
    """
    return _answer(question, evidence if evidence is not None else shipped_evidence())


@lru_cache(maxsize=1)
def shipped_evidence() -> Evidence:
    """The evidence of the repository's `data/`, loaded once."""
    return load_evidence()


@remembered(maxsize=2048)
def _answer(question: Question, evidence: Evidence) -> Answer:
    effects = effects_of(question, evidence)
    pooled = common = None
    if effects.studies:
        pooled = pool(
            effects.yi, effects.vi, tau2=question.tau2, ci=question.ci, level=question.level
        )
        common = pool(effects.yi, effects.vi, tau2="EE", ci="wald", level=question.level)
    mid = mid_of(question, evidence)
    return Answer(
        question=question,
        studies=effects.studies,
        pooled=pooled,
        common=common,
        left_out=effects.left_out,
        considered=effects.considered,
        mid=mid,
        statement=state(question, effects.studies, effects.left_out, pooled, common, mid),
        data_version=evidence.version,
    )
