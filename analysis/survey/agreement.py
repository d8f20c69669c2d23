"""Published reviews beside this house's own answers: the same question twice, and why the figures differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.answer import Answer, answer
from analysis.effects.scale import printed
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.review_codes import MEASURES
from analysis.evidence.rules import Row
from analysis.survey.reviews import APART, SAME, Reading, readings


@dataclass(frozen=True, slots=True)
class Pair:
    """A review's figure or statement, our Answer to the same Question, and what sets them apart."""

    reading: Reading
    answer: Answer
    differences: tuple[str, ...]

    @property
    def drawn(self) -> bool:
        return self.reading.status == SAME


@remembered(maxsize=8)
def pairs(evidence: Evidence) -> tuple[Pair, ...]:
    """Every reading that has a Question, with our Answer."""
    found = []
    for reading in readings(evidence):
        if reading.status != APART and reading.question is not None:
            ours = answer(reading.question, evidence)
            found.append(Pair(reading, ours, _differences(reading, ours)))
    return tuple(found)


def review_figure(reading: Reading) -> str:
    """The review's figure as it is drawn, on the printed scale; as it was printed where it is not drawn."""
    row, q = reading.row, reading.question
    if reading.status == SAME and q is not None and reading.value is not None:
        text = printed(q, reading.value)
        if reading.low is not None and reading.high is not None:
            text += f" ({printed(q, reading.low, unit=False)} to {printed(q, reading.high)})"
        return text
    if math.isnan(row["estimate"]):
        limits = [row["ci_low"], row["ci_high"]]
        ranged = not any(math.isnan(x) for x in limits)
        return f"{_plain(limits[0])} to {_plain(limits[1])}" if ranged else "no figure"
    text = f"{MEASURES.get(row['q_measure'], '')} {_plain(row['estimate'])}".strip()
    if not (math.isnan(row["ci_low"]) or math.isnan(row["ci_high"])):
        text += f" ({_plain(row['ci_low'])} to {_plain(row['ci_high'])})"
    return text


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−")


# --- why they differ -----------------------------------------------------------------------------
def _differences(reading: Reading, ours: Answer) -> tuple[str, ...]:
    said = [_overlap(reading, ours), _studies(reading.row, ours), _dates(reading.row, ours)]
    silent = {r.trial for r in ours.left_out if r.reason == "no figure"}
    silent -= {s.trial for s in ours.studies}
    if silent:
        which = "study" if len(silent) == 1 else "studies"
        said.append(f"{len(silent)} more {which} measured it but gave no number")
    said += reading.caveats
    return tuple(filter(None, said))


def _overlap(reading: Reading, ours: Answer) -> str:
    """Where the two intervals lie to each other; nothing where either has none."""
    if ours.pooled is None:
        return "no study here answers this question with numbers"
    result = ours.pooled
    if reading.value is None:
        return ""
    if reading.low is None or reading.high is None:
        inside = result.ci_low <= reading.value <= result.ci_high
        return (
            f"the review gives no interval; its result lies {'in' if inside else 'out'}side ours"
        )
    apart = reading.high < result.ci_low or reading.low > result.ci_high
    return "the intervals do not overlap" if apart else "the intervals overlap"


def _studies(row: Row, ours: Answer) -> str:
    mine = f"ours {len(ours.studies)}" if ours.studies else "ours none"
    if math.isnan(row["k"]):
        return f"the number of studies behind the review's figure is not known, {mine}"
    whole = " (in the whole review)" if row["k_scope"] == "review" else ""
    n = int(row["k"])
    return f"the review has {n} {'study' if n == 1 else 'studies'}{whole}, {mine}"


def _dates(row: Row, ours: Answer) -> str:
    """Which of our studies the review cannot have had."""
    if math.isnan(row["year"]):
        return ""
    later = [s.label for s in ours.studies if s.year > row["year"]]
    if not later:
        return ""
    names = ", ".join(later[:3]) + (f" and {len(later) - 3} more" if len(later) > 3 else "")
    return (
        f"{len(later)} of ours {'is' if len(later) == 1 else 'are'} later than the review ({names})"
    )
