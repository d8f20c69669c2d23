"""The tables of few studies that differ widely (docs/verification.md) are what the simulation finds.

And what it simulates is what is told.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analysis.synthesis import pool, told
from analysis.synthesis.few import pool_few
from tests.simulations import few_spread as spread

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/verification.md"
SECTION = "### Where two to four studies differ widely"
# A run small enough for every day; the table's own errors are a third of its.
SETS = 1000
# Standard errors by which a cell may be off: of some 300 cells chance puts none so far.
FAR = 4.5


def rows(first: str) -> list[list[str]]:
    """The cells of the table in the section whose heading begins so."""
    text = DOCUMENT.read_text(encoding="utf-8").split(SECTION)[1].split("\n### ")[0]
    lines = text.split(f"| {first}")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines]


@cache
def found() -> dict[tuple[str, str, int], list[spread.Found]]:
    """A small run, by studies, rule and k."""
    results = spread.simulate(SETS)
    results += spread.simulate(SETS, spread.IN_IMPORTANT, spread.SCORES, important=True)
    by: dict[tuple[str, str, int], list[spread.Found]] = {}
    for r in results:
        by.setdefault((r.sizes, r.rule, r.k), []).append(r)
    return by


def near(printed: str, value: float, error: float, rounding: float) -> bool:
    """Whether a printed cell is the value but for chance in both runs and rounding."""
    return abs(float(printed) - value) <= FAR * math.hypot(error, error / 3) + rounding


def off(share: float, printed: str, sets: float) -> bool:
    """Whether a printed percentage is not the share, found in so many sets."""
    p = min(max(share, 0.01), 0.99)
    return not near(printed, 100 * share, 100 * math.sqrt(p * (1 - p) / sets), 0.5)


@pytest.mark.parametrize("sizes", ["all", *spread.SCORES])
def test_coverage_and_length_are_as_printed(sizes: str) -> None:
    named = {"comparisons, scores": "comparisons", "one group, scores": "single groups"}
    table = (
        rows("Interval | k | coverage")
        if sizes == "all"
        else [row[1:] for row in rows("Studies") if row[0] == named[sizes]]
    )
    assert len(table) == (12 if sizes == "all" else 6)
    for rule, k, coverage, length in table:
        run = found()[sizes, rule, int(k)]
        for r, share, median in zip(run, coverage.split(), length.split(), strict=True):
            assert not off(r.coverage, share, SETS), (sizes, rule, k, r.tau)
            assert near(median, r.length, r.length_error, 0.05), (sizes, rule, k, r.tau)


def test_cautions_are_as_printed() -> None:
    table = rows("Interval | k | caution")
    assert len(table) == 6
    for rule, k, *columns in table:
        cells = zip(found()["all", rule, int(k)], *(c.split() for c in columns), strict=True)
        for r, share, with_it, without in cells:
            assert not off(r.cautioned, share, SETS), (rule, k, r.tau)
            for printed, value, sets in (
                (with_it, r.with_caution, SETS * r.cautioned),
                (without, r.without_caution, SETS * (1 - r.cautioned)),
            ):
                if printed != "–" and not math.isnan(value):
                    assert not off(value, printed, sets), (rule, k, r.tau)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_what_is_simulated_is_what_is_told_and_as_long_as_wald(k: int) -> None:
    rng = np.random.default_rng(k)
    vi = rng.uniform(0.05, 0.5, (6, k))
    yi = rng.normal(0.0, 4.0, (6, k))
    limits, longer = spread.rules(yi, vi)
    for i in range(len(yi)):
        one, bare, wald = told(yi[i], vi[i]), pool_few(yi[i], vi[i]), pool(yi[i], vi[i])
        for name, alone in (("told", one.result), ("without the floor", bare), ("Wald", wald)):
            ends = [limits[name][j][i] for j in (0, 1)]
            assert ends == pytest.approx([alone.ci_low, alone.ci_high], abs=1e-5)
        assert longer[i] == pytest.approx(one.lengthened, rel=1e-5)
    assert longer.max() > 1.5


def test_where_studies_agree_the_floor_costs_no_length() -> None:
    for k in (2, 3, 4):
        before, after = (found()["all", rule, k][0].length for rule in ("without the floor", "told"))
        assert after == pytest.approx(before, rel=0.01)
