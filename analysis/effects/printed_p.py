"""A computed effect held against the P value that its report prints for the same comparison.

The interval that follows from counts, or from a spread that had to be borrowed, may say the contrary of the test
that the report made on its own data. The printed test wins: the standard error is then that of the printed P
(|yi| / z(P); :cite:t:`higgins2019`, section 6.3.2), and the effect says so.
A bound (``P < 0.05``) is taken at its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from scipy.special import ndtr

from analysis.effects.convert import statistic_from_p
from analysis.effects.study_effect import Step, StudyEffect, number
from analysis.evidence.candidates import Candidate
from analysis.evidence.rules import Row
from analysis.question import Question, members

ALPHA = 0.05
"""Where a report and a 95% interval part company about whether a difference was found."""

Held = tuple[StudyEffect, list[str], list[Step]]


def held_against_p(
    effect: StudyEffect, candidate: Candidate, question: Question, same_trial: Iterable[Row]
) -> Held:
    """The effect, with the standard error of the printed P value where the computed one contradicts it."""
    row = _with_p(candidate, question, same_trial)
    if row is None or effect.yi == 0 or not effect.vi > 0:
        return effect, [], []
    computed = 2 * float(ndtr(-abs(effect.yi) / effect.se))
    sign, p = _read(row["p_value"])
    found = {"<": p <= ALPHA, ">": False, "": p < ALPHA}[sign]
    if (computed < ALPHA) == found or (sign == ">" and p < ALPHA):
        return effect, [], []
    se = abs(effect.yi) / float(statistic_from_p(p))
    step = Step(
        f"CONFLICT: the computed interval gives P = {number(computed, 3)}, the report gives P {row['p_value']} for "
        f"this comparison. The reported P is used: SE = |effect| / z(P) = {number(se, 3)}.",
        (row["row_id"],),
    )
    return replace(effect, vi=se**2, inputs=()), ["p_conflict"], [step]


def _with_p(candidate: Candidate, question: Question, same_trial: Iterable[Row]) -> Row | None:
    """The row that prints a usable P value for the comparison of this candidate: one of its own, or a contrast."""
    usable = [r for r in candidate.arms_t + candidate.arms_c if _read(r["p_value"])]
    if usable:
        return usable[0]
    first = candidate.arms_t[0]
    t, c = members(question.intervention), members(question.comparator)
    for row in same_trial:
        if not row["is_contrast"] or not _read(row["p_value"]):
            continue
        treated = (row["treatment_t"], row["treatment_c"])
        if (
            row["study_id"] == first["study_id"]
            and ((treated[0] in t and treated[1] in c) or (treated[0] in c and treated[1] in t))
            and row["weeks"] == first["weeks"]
            and row["instrument_code"] == first["instrument_code"]
            and row["patients_counted"] == first["patients_counted"]
            and row["counted_unit"] == first["counted_unit"]
            and row["events_counted"] == first["events_counted"]
        ):
            return row
    return None


def _read(text: str) -> tuple[str, float] | None:
    found = re.fullmatch(r"\s*([<>]?)=?\s*(0?\.\d+)\s*", text)
    if not found or not 0 < float(found.group(2)) < 1:
        return None
    return found.group(1), float(found.group(2))
