"""From a Question to its Answer: effects, the result that is told, what stayed out and why, and the words for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

import pandas as pd

from analysis.appraisal import details as behind
from analysis.appraisal.changes import Change, changes_of, line, usual
from analysis.appraisal.mid import Mid, mid_of
from analysis.appraisal.sentences import HEADLINE_WORDS, headline, no_study, sentence
from analysis.appraisal.verdict import Verdict, verdict
from analysis.appraisal.wording import benefit, estimate
from analysis.effects.scale import shown
from analysis.effects.study_effect import StudyEffect
from analysis.effects.table import effects_of
from analysis.effects.telling import tell
from analysis.errors import InputError
from analysis.evidence.load import Evidence
from analysis.evidence.load import shipped_evidence as shipped_evidence  # where callers look for it
from analysis.evidence.memory import remembered
from analysis.evidence.records import studies_by_id
from analysis.evidence.select import LeftOut, has_groups
from analysis.prose import counted, words_in
from analysis.question import Question
from analysis.synthesis import Pooled
from analysis.synthesis.told import Told
from analysis.topic import topic


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a page, a figure or a file needs to show one Question answered.

    Attributes
    ----------
    told : Told or None
        The result that is told (`told.result`), its model, why this one, and the model that is not told; None
        when no study enters. Every surface prints this one.
    verdict : Verdict or None
        What that result lets one say; None for one group and where no study enters.
    headline, sentence : str
        The answer in at most 12 and at most 25 words.
    details : tuple of str
        The sentences behind it.
    changes : tuple of Change
        What the reader changed from the defaults; `before` is the Answer without the changes (None without any).
    cautions : tuple of str
        What must stand beside the answer wherever it goes.
    """

    question: Question
    studies: tuple[StudyEffect, ...]
    told: Told | None
    verdict: Verdict | None
    headline: str
    sentence: str
    details: tuple[str, ...]
    cautions: tuple[str, ...]
    changes: tuple[Change, ...]
    before: Answer | None
    left_out: tuple[LeftOut, ...]
    considered: int
    mid: Mid | None
    data_version: str

    @property
    def rows_used(self) -> int:
        """Printed rows that feed the effects."""
        return len({row_id for s in self.studies for row_id in s.row_ids})

    @property
    def pooled(self) -> Pooled | None:
        """The result that is told (`told.result`), by every surface; None when no study enters."""
        return self.told.result if self.told is not None else None

    @property
    def apart(self) -> bool:
        """Whether the studies are to be shown one by one, not as one pooled bar."""
        return self.told is not None and behind.apart(self.told)

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be said wherever this answer goes: "1 hypothetical trial", "2 studies of your own".

        Empty for published evidence. The changes, the studies' labels and the data version say it, too.
        """
        return behind.marks_of(self.studies)

    @property
    def silent(self) -> frozenset[str]:
        """Trials that measured the outcome but reported no result that can be pooled."""
        return behind.silent(self.studies, self.left_out)

    @property
    def in_short(self) -> str:
        """Estimate, interval and number of studies: "−0.72 (−1.56 to 0.12), 4 studies"."""
        if self.told is None:
            return "no study"
        return f"{estimate(self.question, self.told.result)}, {counted(len(self.studies), 'study')}"

    @property
    def change_line(self) -> str:
        """What the reader changed, and the result before; empty without any change."""
        return line(self.changes, self.before.in_short) if self.before is not None else ""

    def __str__(self) -> str:
        parts = (self.headline, self.sentence, *self.details, *self.cautions, self.change_line)
        return "\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        """The same for a notebook, with the studies as a table."""
        first, *rest = str(self).split("\n")
        said = "".join(f"<p>{escape(part)}</p>" for part in rest)
        shown = ["label", "year", "effect", "ci_low", "ci_high", "weight"]
        frame = self.frame()
        table = (
            "" if frame.empty else frame[shown].to_html(index=False, float_format="{:.2f}".format)
        )
        return f"<div><h4>{escape(first)}</h4>{said}{table}</div>"

    def summary(self) -> pd.DataFrame:
        """What is told and the model beside it, a row each, as printed (back-transformed); empty without a study.

        Columns: model, k, effect, ci_low, ci_high, pi_low, pi_high, tau2, i2 (tau2 on the pooled scale, i2 in
        percent; NaN where there is none).
        """
        columns = ["model", "k", "effect", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "i2"]
        rows = []
        if self.told is not None:
            models = [(self.told.model, self.told.result), ("beside it", self.told.other)]
            measure = self.studies[0].measure
            for name, result in models:
                if result is not None:
                    ends = (
                        result.estimate,
                        result.ci_low,
                        result.ci_high,
                        result.pi_low,
                        result.pi_high,
                    )
                    values = [float("nan") if v is None else v for v in ends]
                    rows.append([name, result.k, *shown(measure, values), result.tau2, result.i2])
        numbers = dict.fromkeys(columns[2:], "float64")
        return pd.DataFrame(rows, columns=columns).astype(numbers)

    def plot(self) -> Any:
        """The forest plot of the page, a Plotly figure.

        Raises
        ------
        ValueError
            When no study entered.
        """
        # Figures are drawn from answers, so their room stands above this one and is not imported by it.
        return import_module("analysis.figures.forest").forest(self)

    def left_out_by_reason(self) -> Counter[str]:
        """Printed rows left out, counted by category (keys of `select.REASONS`)."""
        return Counter(row.reason for row in self.left_out)

    def frame(self) -> pd.DataFrame:
        """The studies as a table: effect and interval as printed (back-transformed), yi, vi, weight in percent."""
        level = self.question.level
        weights = self.told.result.weights if self.told is not None else ()
        rows = []
        for study, weight in zip(self.studies, weights, strict=True):
            low, high = study.interval(level)
            printed = shown(study.measure, [study.estimate, low, high])
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


def answer(question: Question, evidence: Evidence) -> Answer:
    """Answer a Question from the evidence; `analysis.answer` takes the shipped data by default, this does not.

    Raises nothing for a valid Question of the topic in force: where no study can enter, `told` is None and the
    sentence says so. Answers with a study are cached by the Question and the evidence.

    >>> a = answer(Question(intervention="BKP", comparator="SHAM"), shipped_evidence())
    >>> a.told is None, a.sentence
    (True, 'No randomised trial has compared kyphoplasty with a sham procedure.')
    """
    if evidence.topic is not topic():
        raise InputError(
            f"evidence: found {evidence.topic.name}, allowed: {topic().name}, the topic that was loaded last; "
            "load the evidence again to ask about it"
        )
    try:
        return _with_studies(question, evidence)
    except _NoStudy as found:
        return found.answer


class _NoStudy(LookupError):
    """An answer without a study: of all Questions most have none, and theirs would push out what takes long."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@remembered(maxsize=768)
def _with_studies(question: Question, evidence: Evidence) -> Answer:
    """A remembered function does not keep what it raises."""
    found = _answer(question, evidence)
    if not found.studies:
        raise _NoStudy(found)
    return found


def _answer(question: Question, evidence: Evidence) -> Answer:
    effects = effects_of(question, evidence)
    studies, mid = effects.studies, mid_of(question, evidence)
    found = reached = None
    if studies:
        found = tell(question, studies)
        reached = judge(question, found.result, mid)
        said = sentence(question, studies, found, reached)
        details = behind.details(question, studies, effects.left_out, found, reached, mid)
    else:
        compared = has_groups(question, evidence)
        said = no_study(question, compared=compared, left_out=len(effects.left_out))
        details = behind.nothing(effects.left_out)
    title = headline(question, studies, found, reached)
    if found is None and words_in(said) <= HEADLINE_WORDS:
        title = said.removesuffix(".")
    changes, before = _changes(question, studies, evidence)
    return Answer(
        question=question,
        studies=studies,
        told=found,
        verdict=reached,
        headline=title,
        sentence=said,
        details=details,
        cautions=behind.cautions(question, studies, found),
        changes=changes,
        before=before,
        left_out=effects.left_out,
        considered=effects.considered,
        mid=mid,
        data_version=evidence.version,
    )


def judge(question: Question, result: Pooled, mid: Mid | None) -> Verdict | None:
    """The verdict on a result of a comparison, on the side of benefit; None for one group."""
    if question.one_group:
        return None
    return verdict(*benefit(question, result.ci_low, result.ci_high), mid.value if mid else None)


def _changes(
    question: Question, studies: tuple[StudyEffect, ...], evidence: Evidence
) -> tuple[tuple[Change, ...], Answer | None]:
    """What the reader changed, and the answer before; a filter that changes nothing is no change."""
    names, here = {}, None
    if question.without:
        names = {key: str(row["label"]) for key, row in studies_by_id(evidence).items()}
        whole = effects_of(question.replace(without=()), evidence).studies
        here = {key for s in whole for key in (s.trial, s.study_id)}
    changes = changes_of(question, names, behind.marks_of(studies), here)
    if not changes:
        return (), None
    asked, base = usual(question), evidence.shipped or evidence
    if (asked, base) == (question, evidence):  # a data folder that holds rows marked as a reader's
        return changes, None
    before = answer(asked, base)
    same = [s.row_ids for s in before.studies] == [s.row_ids for s in studies]
    if same and all(change.kind == "filter" for change in changes):
        return (), None
    return changes, before
