"""Effects of a RevMan review whose measure nobody named: decided by the file's numbers, or asked."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from analysis.reading import open_file
from analysis.reading.mapping import Choices
from analysis.review.opening import studies_of
from tests.analysis.reading import builders as b

LOGS = [y for _, y, _ in b.HAZARDS]
ERRORS = [s for _, _, s in b.HAZARDS]


def review(*left_out: str, logs: bool = False) -> bytes:
    """A review of generic inverse variance without a measure; `logs`: it holds logarithms and their limits."""
    text = (
        b.rm5(log_data="")
        .decode()
        .replace('EFFECT_MEASURE="Hazard Ratio"', 'EFFECT_MEASURE="Other"')
    )
    if logs:
        for _, y, s in b.HAZARDS:
            for value in (y - 1.959964 * s, y + 1.959964 * s, y):
                text = text.replace(f'"{math.exp(value)}"', f'"{value}"')
    for name in left_out:
        text = re.sub(rf'(<IV_DATA[^>]*?) {name}="[^"]*"', r"\1", text)
    return text.encode()


def read(content: bytes, *roles):
    return studies_of(open_file("x.rm5", content), Choices(roles=roles, analysis="2.1")).studies


@pytest.mark.parametrize("left_out", [(), ("LOG_EFFECT_SIZE",), ("CI_START", "CI_END")])
def test_limits_or_logarithms_beside_them_show_ratios(left_out):
    found = read(review(*left_out))
    assert found.measure.name == "RATIO"
    assert found.yi == pytest.approx(LOGS)
    assert np.sqrt(found.vi) == pytest.approx(ERRORS)


def test_limits_show_effects_as_analysed():
    found = read(review("LOG_EFFECT_SIZE", logs=True))
    assert (found.measure.name, found.questions) == ("GEN", ())
    assert found.yi == pytest.approx(LOGS)


def test_effects_with_errors_alone_are_asked_about():
    bare = review("LOG_EFFECT_SIZE", "CI_START", "CI_END")
    (question,) = read(bare).questions
    ratios, as_analysed = ([value for _, value in choice.options] for choice in question.choices)
    found = read(bare, *(tuple(pair.split("=")) for pair in ratios))
    assert (found.measure.name, found.questions) == ("RATIO", ())
    assert found.yi == pytest.approx(LOGS)
    assert np.sqrt(found.vi) == pytest.approx(ERRORS)
    found = read(bare, *(tuple(pair.split("=")) for pair in as_analysed))
    assert (found.measure.name, found.questions) == ("GEN", ())
    assert found.yi == pytest.approx(np.exp(LOGS))
