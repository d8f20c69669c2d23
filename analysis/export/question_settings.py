"""What a Question asks for, setting by setting, in words: for the tables, the report and the methods."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.effects.scale import in_percent, level_text
from analysis.question import Question
from analysis.synthesis.told import FEW, NUMBERS
from analysis.synthesis.told_many import by_rule


def question_settings(question: Question) -> tuple[tuple[str, str], ...]:
    """Name and value of every setting that shapes the answer.

    >>> dict(question_settings(Question()))["Kinds of study"]
    'sham-controlled trial, open randomised trial'
    >>> dict(question_settings(Question(borrow=False)))["Left out by choice"]
    'studies whose standard deviation would have to be borrowed'
    """
    q = question
    patients = [words.ETIOLOGIES[q.etiology], words.FRACTURE_AGES[q.fracture_age][0]]
    facts = [
        ("Outcome", q.spec.label),
        ("Intervention", words.INTERVENTIONS[q.intervention]),
        ("Comparator", words.COMPARATORS[q.comparator]),
        ("Time", q.window.label),
        ("Patients", ", ".join(patients)),
        ("Kinds of study", ", ".join(words.DESIGNS[design] for design in q.admits)),
        ("Effect measure", f"{words.MEASURES[q.effect_measure]} ({q.effect_measure})"),
        ("Unit", _unit(q)),
        *_model(q),
    ]
    if q.model:
        facts.append(("Pooling of events", words.MODELS[q.model]))
    if q.spec.kind == "event":
        facts.append(("Counted", ", ".join(filter(None, (words.UNITS[q.unit], words.KINDS.get(q.kind))))))
    if q.one_group and q.spec.kind == "score":
        facts.append(("Correlation assumed before and after", f"{q.r:g}"))
    if q.report != "best":
        facts.append(("Of several reports of a trial", words.REPORTS[q.report]))
    if dropped := left_out_by_choice(q):
        facts.append(("Left out by choice", "; ".join(dropped)))
    return tuple(facts)


def _model(q: Question) -> list[tuple[str, str]]:
    level = level_text(q.level)
    if by_rule(q.tau2, q.ci):
        usual = (
            f"the usual one for the number of studies: two to {NUMBERS[FEW].lower()} averaged over how much they may "
            f"differ; more by {words.TAU2_METHODS[q.tau2]}, {words.CI_METHODS[q.ci]}"
        )
        return [("Model", usual), ("Level of the interval", level)]
    return [
        ("Heterogeneity variance", words.TAU2_METHODS[q.tau2]),
        ("Interval", f"{level} by {words.CI_METHODS[q.ci]}"),
    ]


def left_out_by_choice(question: Question) -> list[str]:
    """What the reader switched off, in words; empty with the usual settings."""
    q = question
    switched = (
        (q.borrow, "studies whose standard deviation would have to be borrowed"),
        (q.inferred, "results whose sign, range or counting unit was inferred"),
        (q.industry, "studies funded by industry"),
        (q.abstract, "results read only in an abstract"),
        (q.outliers, "studies that lie far from all others"),
    )
    chosen = [text for allowed, text in switched if not allowed]
    return [*chosen, *(f"the study {trial}" for trial in q.without)]


def _unit(question: Question) -> str:
    if in_percent(question):
        return "percentage points" if question.effect_measure == "RD" else "percent"
    if question.effect_measure in words.RATIOS:
        return "ratio; 1 means no difference"
    scale = question.spec.scale
    return f"{question.spec.unit}, scale {scale[0]:g} to {scale[1]:g}" if scale else question.spec.unit  # fmt: skip
