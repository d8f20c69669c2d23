"""What a patient's page shows: for everything that matters, the nearest evidence or the sentence that there is none."""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.topic.vertebral.claims.wording import effect
from analysis.topic.vertebral.patient.absolute import PEOPLE, Absolute, absolute
from analysis.topic.vertebral.patient.nearest import Nearest, Target, nearest
from analysis.topic.vertebral.patient.profile import MATTERS, Patient

_NOW, _YEAR = ("1m", "1w", "3m"), ("12m", "6m", "24m")

TARGETS: dict[str, tuple[Target, ...]] = {
    "pain-now": (Target(("pain",), _NOW), Target(("responder",), ("1w", "1m", "3m"), "RD")),
    "pain-year": (Target(("pain",), _YEAR), Target(("responder",), _YEAR, "RD")),
    "function": (Target(("rmdq", "odi"), ("1m", "12m", "6m", "3m")),),
    "fracture": (Target(("new-fracture",), ("12m", "24m", "any")),),
}
_OF_BELIEF = ("pain-now", "pain-year", "function")
"""What patients tell themselves: here a sham comparison says more than an open one."""


@dataclass(frozen=True, slots=True)
class Found:
    """One piece of evidence: against what, the nearest Answer, absolute numbers where counts allow them.

    `definition` is what counted as relief, in the words of the studies; empty for other outcomes.
    """

    against: str
    nearest: Nearest
    absolute: Absolute | None
    sentence: str
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing near is in hand: what was looked for, in a sentence."""

    against: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that matters, and what there is on it."""

    matter: str
    title: str
    items: tuple[Found | Missing, ...]


@remembered(maxsize=512)
def parts(patient: Patient, evidence: Evidence) -> tuple[Part, ...]:
    """The parts of a patient's page, in the order of the form.

    What patients tell themselves is shown against the chosen alternative and, beside it, against a sham
    procedure: patients who know what they received may report what they expect.
    """
    return tuple(
        Part(matter, MATTERS[matter], tuple(_items(matter, patient, evidence)))
        for matter in patient.matters
    )


def _items(matter: str, patient: Patient, evidence: Evidence) -> list[Found | Missing]:
    whom = [patient.alternative]
    if matter in _OF_BELIEF and patient.alternative != "SHAM":
        whom.append("SHAM")
    items: list[Found | Missing] = []
    for alternative in whom:
        asked = patient.replace(alternative=alternative)
        first = True
        for target in TARGETS[matter]:
            found = nearest(asked, target, evidence)
            if found is not None:
                numbers = absolute(found.answer, evidence)
                items.append(
                    Found(
                        alternative, found, numbers, _sentence(found.answer, numbers),
                        _definition(found.answer, evidence),
                    )
                )  # fmt: skip
            elif first:  # a second way of counting the same is not missed
                items.append(Missing(alternative, _nothing(asked, target)))
            first = False
    return items


def _sentence(found: Answer, numbers: Absolute | None) -> str:
    q = found.question
    who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
    when = _when(found)
    k = len(found.studies)
    of = f"{k} {'study' if k == 1 else 'studies'}"
    if q.spec.kind == "score":
        label = q.spec.label[0].lower() + q.spec.label[1:]
        text = (
            f"On average, {label} was {effect(found)} after {who} than with {whom}, {when} ({of})."
        )
        return f"{text} {_held_against_mid(found)}".strip()
    had = f"had {q.spec.unit}"
    if numbers is None:
        text = (
            f"{q.spec.unit[0].upper()}{q.spec.unit[1:]}, {who} against {whom}: {words.MEASURES[q.effect_measure]} "
            f"{effect(found)}, {when} ({of})."
        )
        return f"{text} No counts are printed from which numbers of 100 people could be given."
    return (
        f"Of {PEOPLE} people, about {numbers.with_:.0f} {had} with {who} (interval {numbers.low:.0f} to "
        f"{numbers.high:.0f}), and {numbers.without:.0f} with {whom}, {when} ({of}). {_difference(numbers)}"
    )


def _difference(numbers: Absolute) -> str:
    difference = round(numbers.with_) - round(numbers.without)
    low, high = numbers.low - numbers.without, numbers.high - numbers.without
    side = "more" if difference > 0 else "fewer"
    size = f"{abs(difference)} {side}" if difference else "No difference in number"
    both = low < 0 < high
    open_ = (
        "; the interval holds both fewer and more, so which is better is not known" if both else ""
    )
    return f"{size} of {PEOPLE}{open_}."


def _held_against_mid(found: Answer) -> str:
    if found.mid is None:
        return ""
    p, mid = found.told.result, found.mid.value
    least, most = sorted((abs(p.ci_low), abs(p.ci_high)))
    spans = p.ci_low <= 0 <= p.ci_high
    unit = found.question.spec.unit
    opening = f"The minimal important difference is {mid:g} {unit}"
    if most < mid:
        return f"{opening}: all of the interval is smaller."
    if not spans and least >= mid:
        return f"{opening}: all of the interval is larger."
    if spans:
        return f"{opening}: the interval holds both no difference and one that matters."
    return f"{opening}: the interval holds smaller and larger differences."


def _definition(found: Answer, evidence: Evidence) -> str:
    if found.question.outcome != "responder":
        return ""
    ids = {row_id for s in found.studies for row_id in s.row_ids}
    printed = [
        text
        for table in (evidence.contrasts, evidence.arm_results)
        for text in table[table["row_id"].isin(ids)]["instrument"]
    ]
    return "; ".join(dict.fromkeys(printed))


def _when(found: Answer) -> str:
    times = list(dict.fromkeys(s.timepoint for s in found.studies))
    return f"at {' and '.join(times)}" if times and all(times) else found.question.window.label


def _nothing(patient: Patient, target: Target) -> str:
    what = words.OUTCOMES[target.outcomes[0]].label.lower()
    whom = words.SPOKEN[patient.alternative]
    return (
        f"No study in hand prints a usable figure on {what} for any augmentation against {whom}, at any time near "
        "this one. Not known is the answer; choose another alternative, or see what was left out on Compare."
    )
