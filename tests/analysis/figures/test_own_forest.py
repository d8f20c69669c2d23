"""The forest of a reader's own file: seen on both grounds, with room at its ends, ratios with ticks of ratios."""

from __future__ import annotations

import json
import math

import pytest

from analysis.figures.own_forest import MARK, own_forest
from dashboard.theme import DARK

VALUES = [(0.5, 0.2, 1.2), (2.0, 0.9, 4.4)]


def drawn(ratio: bool, values=VALUES, pooled=(1.0, 0.1, 10.0)):
    labels = [f"<b>{i}" for i in range(len(values))]
    return own_forest(labels, values, pooled, axis="risk ratio", ratio=ratio, null=1.0)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("ground", ["#ffffff", *DARK[7:]])
def test_marks_stand_out_on_light_and_dark(ground) -> None:
    high, low = sorted((luminance(MARK), luminance(ground)), reverse=True)
    assert (high + 0.05) / (low + 0.05) > 3
    colours = {part for part in json.dumps(drawn(True).to_plotly_json()["data"]).split('"') if part.startswith("#")}
    assert colours == {MARK}


def test_the_ends_have_room_and_ratios_their_ticks() -> None:
    axis = drawn(True).layout.xaxis
    assert axis.range[0] < math.log10(0.1)
    assert axis.range[1] > math.log10(10)
    assert list(axis.tickvals) == pytest.approx([float(t) for t in axis.ticktext])
    assert 1 in axis.tickvals
    plain = drawn(False).layout.xaxis
    assert (plain.range[0] < 0.1, plain.range[1] > 10, plain.tickvals) == (True, True, None)


def test_one_point_is_drawn() -> None:
    assert drawn(False, [(2.0, 2.0, 2.0)], None).layout.xaxis.range == (1.0, 3.0)
