"""Every model behind the door gives what the line of R beside it gives, to 1e-6; the same at another level.

A permutation in R counts arrangements, so that its P is the same number; selection models are searched for by both,
and R's search stops earlier.
"""

from __future__ import annotations

import json

import pytest

from tests.reference.review_cases import CASES, VALUES, in_r, lines, ours

EXPECTED = json.loads(VALUES.read_text(encoding="utf-8"))


def agrees(name: str, found, expected) -> None:
    close = 3e-6 if "selection" in name else 1e-6
    assert len(found) == len(expected)
    for here, there in zip(found, expected, strict=True):
        assert len(here) == len(there)
        for one, other in zip(here, there, strict=True):
            for value, right in zip(one, other, strict=True):
                assert (value is None) == (right is None)
                if value is not None:
                    assert value == pytest.approx(right, rel=close, abs=close)


@pytest.mark.parametrize("name", CASES)
def test_a_model_gives_what_metafor_gives(name) -> None:
    agrees(name, ours(name), EXPECTED[name])


@pytest.mark.parametrize("name", CASES)
def test_every_result_has_its_line(name) -> None:
    assert len(lines(name)[1]) == len(EXPECTED[name])


@pytest.mark.slow
@pytest.mark.usefixtures("r_with_metafor")
def test_the_lines_are_run() -> None:
    found = in_r(list(CASES))
    for name, results in found.items():
        agrees(name, results, EXPECTED[name])
