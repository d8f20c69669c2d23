"""What both scripts say: the study's data and trail, the expected numbers, and text made safe for comments."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import shown
from analysis.effects.study_effect import FLAGS
from analysis.evidence import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.records import results_by_id, studies_by_id
from analysis.export.artefacts import NothingToTake
from analysis.export.provenance import origin_of, where_read
from analysis.export.question_settings import question_settings
from analysis.question import Question
from analysis.synthesis import Pooled
from analysis.synthesis.inference import critical_value

_WIDTH = 100

MEASURES = {"MC": "MN"}
"""Measures that metafor calls by another name: a mean change is to it a mean like any other."""

COMPARED = (
    "estimate", "ci_low", "ci_high", "tau2", "tau2_ci_low", "tau2_ci_high", "i2", "q",
    "q_p_value",
)  # fmt: skip
SHOWN = ("estimate", "ci_low", "ci_high")


def answered(question: Question, evidence: Evidence) -> Answer:
    """The answer that a script reproduces.

    Raises
    ------
    NothingToTake
        When no study answers: there is no number to reproduce.
    """
    found = answer(question, evidence)
    if found.pooled is None:
        raise NothingToTake(found.sentence)
    return found


def expected(pooled: Pooled) -> dict[str, float]:
    """The numbers that a script must find, on the scale of pooling; those that do not exist are not in it."""
    values = {name: getattr(pooled, name) for name in COMPARED}
    return {name: float(value) for name, value in values.items() if value is not None}


def expected_shown(measure: str, pooled: Pooled) -> dict[str, float]:
    """The same, back-transformed, as pages print them."""
    found = expected(pooled)
    return {name: float(shown(measure, found[name])) for name in SHOWN if name in found}


def printed_limits(found: Answer) -> bool:
    """Whether one study is told with limits that it printed, which its yi and vi do not give."""
    if found.told is None or found.told.model != "single":
        return False
    (study,), result = found.studies, found.told.result
    half = critical_value(result.level, None) * study.se
    return not math.isclose(
        result.ci_high - result.ci_low, 2 * half, rel_tol=1e-9
    ) or not math.isclose(result.ci_high, study.yi + half, rel_tol=1e-9, abs_tol=1e-12)


def input_names(found: Answer) -> list[str]:
    """metafor's names of the counts or means that some study has, in order."""
    return list(dict.fromkeys(name for study in found.studies for name, _ in study.inputs))


def inputs(found: Answer) -> list[dict[str, float]]:
    """The counts or means of each study; empty where the effect itself was printed."""
    return [dict(study.inputs) for study in found.studies]


# --- comments ------------------------------------------------------------------------------------
def head(found: Answer, evidence: Evidence, link: str) -> Iterator[str]:
    """What the script is about, what it must find, and where it comes from; lines without a comment sign."""
    yield found.question.title()
    yield found.sentence
    yield ""
    for name, value in (*question_settings(found.question), *origin_of(evidence, link).facts()):
        yield f"{name}: {value}"


def trail(found: Answer, evidence: Evidence) -> Iterator[str]:
    """Each study, the steps from report to effect, and the sources of its rows."""
    rows, studies = results_by_id(evidence), studies_by_id(evidence)
    for number, study in enumerate(found.studies, start=1):
        design = words.DESIGNS[study.design]
        yield f"{number}. {study.label} ({design}; from {name_of(studies[study.study_id])}; {study.timepoint})"
        for step in study.steps:
            yield f"   {step.text}"
        for flag in study.flags:
            yield f"   Keep in mind: {FLAGS[flag]}."
        for row_id in study.row_ids:
            row = rows[row_id]
            yield f"   Source: {row['source_location']}, {where_read(row['source_url'])} ({row_id})"
        if doi := studies[study.study_id]["doi"]:
            yield f"   DOI: {doi}"


def comments(lines: Iterable[str]) -> Iterator[str]:
    """Lines as comments of R or Python: wrapped, and nothing in them can end a comment early."""
    for line in lines:
        plain = "".join(" " if _breaks(letter) else letter for letter in line)
        indent = re.match(r" *", plain)[0]  # type: ignore[index]
        wrapped = textwrap.wrap(
            plain.strip(), _WIDTH - 2 - len(indent), break_long_words=False, break_on_hyphens=False
        )
        yield from (f"# {indent}{part}".rstrip() for part in wrapped or [""])


def _breaks(letter: str) -> bool:
    """Whether a character ends a line, is invisible or turns the direction of what follows."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def listed(items: Sequence[str], indent: str) -> str:
    """Items separated by commas, in lines that fit; an item is never broken."""
    lines, line = [], ""
    for i, item in enumerate(items):
        part = item + ("," if i < len(items) - 1 else "")
        if line and len(indent) + len(line) + 1 + len(part) > _WIDTH:
            lines.append(line)
            line = part
        else:
            line = f"{line} {part}".strip()
    return f"\n{indent}".join([*lines, line])
