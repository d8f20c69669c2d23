"""One written rule from Answers to a verdict on a claim.

First, each deciding Answer leans (`lean`), by its whole interval, never by a P value:

- a comparison, by the Answer's verdict:
  important benefit, or benefit that is perhaps important: for; a benefit too small to matter, no important
  difference, any harm: against; uncertain: open;
- a change within one group, against no change: all of the interval better: for; all worse: against; else open;
- a proportion in one group, against the claimed figure: all of the interval below it: against; else for;
- how rare a harm is, against `RARE`: all of the interval below it: for; all of it above: against; else open.

Then the claim's kind says how leans make a verdict (`decide`):

- *untestable*: the data cannot test it (`testable = no` in claims.csv);
- *indirect*: a recommendation or a frequency in the population that no row here can decide; the nearest
  evidence is shown (`testable = partly`);
- *reported*: it says what was observed in one group, or counts studies. Against: not supported. Else it
  is reported, but not an effect: without a comparison nothing says what the procedure did;
- *disagreement*: it says that studies contradict each other. Supported if the less rigorous of two designs
  leans for and the more rigorous does not;
- *effect*: the most rigorous design with a figure decides (sham-controlled, open randomised, cohort). All for:
  supported; all against: not supported; for and otherwise: in part; only open: not decided. Supported
  becomes in part where a deciding comparison has no study, where the outcome is told by patients who knew
  their treatment, or where studies disagree (prediction interval on both sides of no difference);
- *frequency*: all for: supported; none for and some against: not supported; for and against or open: in part;
  only open: not decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import benefit
from analysis.effects.scale import shown
from analysis.errors import InputError

RARE = 0.01
"""Fewer than 1 in 100: CIOMS's "uncommon" or rarer, more lenient than its "rare" (1 in 1000; CIOMS Working Group
III, 1995), because groups of the sizes here cannot show anything rarer."""


class ClaimVerdict(Enum):
    """What the data let one say about a claim: five grades in order, the fourth with its reason after a colon."""

    SUPPORTED = "Supported"
    PARTLY = "Supported in part"
    REPORTED = "Reported, not an effect"
    OPEN = "Not decided"
    INDIRECT = "Not decided: never tested directly"
    UNTESTABLE = "Not decided: these data cannot test it"
    NOT_SUPPORTED = "Not supported"

    @property
    def grade(self) -> str:
        """The verdict without its reason.

        >>> ClaimVerdict.INDIRECT.grade
        'Not decided'
        """
        return self.value.partition(":")[0]

    @property
    def mark(self) -> str:
        """A sign for the grade: from full to empty, and a cross."""
        return _GRADES[self.grade][0]

    @property
    def meaning(self) -> str:
        """What the grade says, in one sentence."""
        return _GRADES[self.grade][1]


_GRADES = {
    "Supported": ("●", "The most rigorous studies with a result agree with the claim."),
    "Supported in part": ("◐", "Some of what the claim says is supported, some is not or was not measured."),
    "Reported, not an effect": (
        "◌", "Patients were observed to do so; without a comparison nothing says what the procedure did."),
    "Not decided": ("○", "The studies are compatible with the claim and with its opposite, or none tests it."),
    "Not supported": ("✕", "The most rigorous studies with a result do not agree with the claim."),
}  # fmt: skip


class Lean(Enum):
    """Which way one Answer leans on a claim."""

    FOR = "for"
    AGAINST = "against"
    OPEN = "open"


_OF = {
    Verdict.IMPORTANT_BENEFIT: Lean.FOR,
    Verdict.BENEFIT: Lean.FOR,
    Verdict.BETTER: Lean.FOR,
    Verdict.UNCERTAIN: Lean.OPEN,
}
_RIGOUR = ("sham_rct", "open_rct", "comparative_cohort")


def lean(answer: Answer, claimed: float | None = None) -> Lean | None:
    """Which way an Answer leans; None where no study entered.

    `claimed` is a proportion (0 to 1): for an outcome that is better when higher, the figure that a claim names;
    for a harm, the proportion above which it is no longer rare.
    """
    result = answer.pooled
    if result is None:
        return None
    if answer.verdict is not None:
        return _OF.get(answer.verdict, Lean.AGAINST)
    if answer.question.spec.kind == "score":
        worst, best = benefit(answer.question, result.ci_low, result.ci_high)
        return Lean.FOR if worst > 0 else Lean.AGAINST if best < 0 else Lean.OPEN
    if claimed is None:
        raise InputError("claimed: found None; a figure of one group is held against a claimed one")
    low, high = (float(v) for v in shown(answer.question.effect_measure, [result.ci_low, result.ci_high]))  # fmt: skip
    if answer.question.spec.lower_is_better:
        return Lean.FOR if high < claimed else Lean.AGAINST if low > claimed else Lean.OPEN
    return Lean.AGAINST if high < claimed else Lean.FOR


def decide(
    kind: str, answers: Sequence[Answer], *, claimed: float | None = None, testable: str = "yes"
) -> ClaimVerdict:
    """The verdict on a claim of this kind from its deciding Answers, in any order.

    Raises
    ------
    ValueError
        When the kind is none of the five, or a figure of one group comes without the claimed one.
    """
    if kind == "untestable" or testable == "no":
        return ClaimVerdict.UNTESTABLE
    if kind == "indirect":
        return ClaimVerdict.INDIRECT
    if kind not in _KINDS:
        raise InputError(f"kind: found {kind!r}, allowed: untestable, indirect, {', '.join(_KINDS)}")  # fmt: skip
    leans = [(a, side) for a in answers if (side := lean(a, claimed)) is not None]
    if not leans:
        return ClaimVerdict.OPEN
    if kind == "reported":
        against = any(side is Lean.AGAINST for _, side in leans)
        return ClaimVerdict.NOT_SUPPORTED if against else ClaimVerdict.REPORTED
    if kind == "disagreement":
        return _disagreement(leans)
    sides = {side for _, side in (leans if kind == "frequency" else _most_rigorous(leans))}
    verdict = _of_sides(sides)
    if kind == "effect" and verdict is ClaimVerdict.SUPPORTED and _weakened(answers):
        return ClaimVerdict.PARTLY
    if testable == "partly" and verdict is ClaimVerdict.SUPPORTED:
        return ClaimVerdict.PARTLY
    return verdict


_KINDS = ("reported", "disagreement", "effect", "frequency")


def rigour(answer: Answer) -> int:
    """The least rigorous design among an Answer's studies: 0 sham-controlled, 1 open randomised, 2 the rest."""
    designs = {study.design for study in answer.studies}
    return max((_RIGOUR.index(d) if d in _RIGOUR else len(_RIGOUR) - 1) for d in designs)


def _most_rigorous(leans: list[tuple[Answer, Lean]]) -> list[tuple[Answer, Lean]]:
    best = min(rigour(a) for a, _ in leans)
    return [(a, side) for a, side in leans if rigour(a) == best]


def _disagreement(leans: list[tuple[Answer, Lean]]) -> ClaimVerdict:
    best = _most_rigorous(leans)
    others = [pair for pair in leans if pair not in best]
    contradicted = {side for _, side in best} != {Lean.FOR} and Lean.FOR in {s for _, s in others}
    return ClaimVerdict.SUPPORTED if contradicted else ClaimVerdict.NOT_SUPPORTED


def _of_sides(sides: set[Lean]) -> ClaimVerdict:
    if sides == {Lean.FOR}:
        return ClaimVerdict.SUPPORTED
    if Lean.FOR in sides:
        return ClaimVerdict.PARTLY
    return ClaimVerdict.NOT_SUPPORTED if Lean.AGAINST in sides else ClaimVerdict.OPEN


def _weakened(answers: Sequence[Answer]) -> bool:
    for answer in answers:
        p = answer.pooled
        if p is None:
            return True
        told = answer.question.spec.key in words.TOLD_BY_PATIENTS
        if told and not all(s.blinded or s.design == "sham_rct" for s in answer.studies):
            return True
        if p.pi_low is not None and p.pi_high is not None and p.pi_low < 0 < p.pi_high:
            return True
    return False
