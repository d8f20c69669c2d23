"""What an interval lets one say, and how results are written, in every view alike.

A comparison is read by `appraisal.verdict` (against no effect and the important difference). One group has
neither: a proportion with relief is read against the share that the claim names, other figures not at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.verdict import verdict
from analysis.appraisal.wording import favours
from analysis.effects.scale import level_text, printed
from analysis.effects.study_effect import StudyEffect
from analysis.effects.telling import by_effects, tell
from analysis.figures.words import range_text
from analysis.question import Question
from analysis.robustness.refit import Tell
from analysis.robustness_views.view import View
from analysis.synthesis import Pooled
from analysis.synthesis.events import COUNTED
from analysis.topic import topic


def claimed(question: Question) -> float | None:
    """The claimed share of patients with relief, on the pooled scale; None for other questions."""
    claim = topic().claimed
    if claim is None or question.outcome != claim.outcome:
        return None
    if not question.one_group or question.unit != "patients":
        return None
    if question.intervention not in (*words.ACTIVE, *words.GROUPS):
        return None
    share = claim.percent / 100
    return {
        "PLO": math.log(share / (1 - share)),
        "PAS": math.asin(math.sqrt(share)),
        "PR": share,
    }[question.effect_measure]


def marks(question: Question) -> tuple[tuple[float, str], ...]:
    """The claimed share as a line of a figure, with its name; none for other questions."""
    value = claimed(question)
    return () if value is None else ((value, f"claimed: over {words.CLAIMED_PERCENT}%"),)


def reading(answer: Answer, low: float, high: float) -> str:
    """An interval of the answer's pooled scale, read; empty where there is nothing to hold it against."""
    q = answer.question
    share = claimed(q)
    if share is not None:
        name = f"the claimed {words.CLAIMED_PERCENT}%"
        return f"below {name}" if high < share else f"above {name}" if low > share else f"includes {name}"  # fmt: skip
    if q.one_group:
        return ""
    sign = -1.0 if q.spec.lower_is_better else 1.0
    ends = sorted((sign * low, sign * high))
    return verdict(ends[0], ends[1], answer.mid.value if answer.mid else None).value


def side(question: Question, value: float) -> str:
    """Whom an estimate favours; empty for one group."""
    if question.one_group:
        return ""
    return {"intervention": question.intervention, "comparator": question.comparator}.get(
        favours(question, value), "neither"
    )


def result_text(question: Question, estimate: float, low: float, high: float) -> str:
    """An estimate with its interval, short.

    >>> result_text(Question(), -0.722, -1.564, 0.12)
    '−0.72 (−1.56 to 0.12)'
    """
    return f"{printed(question, estimate)} ({range_text(question, low, high)})"


def size_text(question: Question, difference: float) -> str:
    """How far an estimate moved: in points, as a factor for ratios, in log odds for proportions.

    >>> size_text(Question(), -0.264)
    '0.26 points'
    """
    if question.effect_measure in words.RATIOS:
        return f"a factor of {math.exp(abs(difference)):.2f}"
    if question.effect_measure == "RD":
        return f"{100 * abs(difference):.1f} percentage points"
    return f"{abs(difference):.2f} {question.spec.unit}"


def moved_text(question: Question, before: float, after: float) -> str:
    """From one estimate to another, in the units that are printed.

    >>> moved_text(Question(), -0.722, -0.986)
    'from −0.72 to −0.99'
    """
    return f"from {printed(question, before, False)} to {printed(question, after)}"


def interval_name(question: Question) -> str:
    """``95% interval``: in a heading over pools of any number of studies, credible and confidence intervals."""
    return f"{level_text(question.level)} interval"


def counted(n: int, one: str, many: str = "") -> str:
    """A number and its noun.

    >>> counted(1, "study", "studies"), counted(3, "study", "studies"), counted(2, "trial")
    ('one study', '3 studies', '2 trials')
    """
    return f"one {one}" if n == 1 else f"{n} {many or one + 's'}"


def listed(items: list[str]) -> str:
    """Words in a row: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def share_text(share: float) -> str:
    """A share in percent, never rounded to all or none.

    >>> [share_text(share) for share in (1.0, 0.0, 0.003, 0.321, 0.999)]
    ['all', 'none', 'fewer than 1%', '32%', 'more than 99%']
    """
    if share in (0.0, 1.0):
        return "all" if share else "none"
    if share < 0.01 or share > 0.99:
        return "fewer than 1%" if share < 0.01 else "more than 99%"
    return f"{100 * share:.0f}%"


def plain_figure(figure: go.Figure) -> dict[str, Any]:
    """A figure as JSON values, so that a view can be stored and compared."""
    return json.loads(figure.to_json())


def nothing(key: str, answer: Answer) -> View:
    """The view of a question that no study answers."""
    return View(key, answer.sentence, facts={"k": 0})


def studies_in(question: Question, k: int) -> str:
    """How many studies, or groups of patients, an answer rests on."""
    if question.one_group:
        return counted(k, "group of patients", "groups of patients")
    return counted(k, "study", "studies")


def effects_of(found: Answer) -> tuple[list[float], list[float]]:
    """Effects and sampling variances of an answer's studies, in their order."""
    return [s.yi for s in found.studies], [s.vi for s in found.studies]


def teller(question: Question, studies: Sequence[StudyEffect]) -> Tell:
    """What tells of some of a question's studies where not their effects alone do: counts, or printed limits."""

    def of_some(positions: tuple[int, ...]) -> Pooled | None:
        some = [studies[at] for at in positions]
        return None if by_effects(question, some) else tell(question, some).result

    return of_some


_COUNTED = {"exact": "exact interval", "binomial-normal": "binomial-normal, averaged over tau"}


def by_inverse_variance(found: Answer) -> str:
    """What to say where a view pools the effects and the answer is told from counts; empty where it is not."""
    if found.told is None or found.told.model not in COUNTED:
        return ""
    name = _COUNTED.get(found.told.model) or words.MODELS[found.told.model]
    return (
        f"The main answer is computed from the counts ({name}); here effects are pooled by inverse variance, so that "
        "all studies together may give another result."
    )


def plain_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """NumPy numbers as Python's, NaN as None: values that JSON knows."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): plain(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value

    return plain(dict(values))
