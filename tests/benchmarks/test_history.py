"""Runs of the benchmarks are kept as they were found, and read again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.history import (
    MARK,
    Peer,
    Record,
    Row,
    append,
    read,
    records,
    summary,
)

FITS, LOOP = "10,000 fits of k = 20, REML", "network, 28 trials, 8 treatments, DL"


def test_what_is_kept_is_read_again_and_later_runs_stand_below(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    assert read(file) == []
    rows = [
        Row(FITS, 25.5, 24.5, [Peer(MARK, 2.9, 3.1), Peer("metafor*", 1200.0, remark="30 s")]),
        Row(LOOP, 4.9, 4.8, remarks=["no peer"]),
    ]
    first = records(rows)
    append(first, file)
    append(records(rows[1:]), file)
    kept = read(file)
    assert kept == [first[0], first[1], first[1]]
    # Of processor times where both are known, else by the clock.
    assert kept[0].peers == {MARK: 3.1, "metafor*": 1200.0}
    assert kept[1].peers == {}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept[0].date)
    assert kept[0].commit
    assert kept[0].processor
    assert file.read_text(encoding="utf-8").count("date,commit") == 1


def test_the_table_tells_clock_and_processor() -> None:
    row = Row(FITS, 25.5, 24.5, [Peer(MARK, 2.9, 3.1), Peer("rma.mv", 11.0, remark="50 ms")], ["x"])
    assert row.text().endswith("plain NumPy 2.9x (processor 3.1x), rma.mv 11x (50 ms), x")


def test_first_best_and_latest_are_told_of_work_beside_plain_numpy() -> None:
    one = Record("2026-01-01", "a1", "P", 0.5, FITS, 1.0, 1.0, {MARK: 2.0})
    runs = [
        one,
        replace(one, date="2026-02-01", commit="b2", peers={MARK: 4.0, "PyMARE": 9.0}),
        replace(one, date="2026-03-01", commit="c3", peers={MARK: 3.0}),
        replace(one, work=LOOP, peers={"pimeta": 1.2}),
    ]
    *_, line = summary(runs).splitlines()
    assert line.split() == [*FITS.split(), "2x", "(2026-01-01,", "a1)", "4x", "(2026-02-01,", "b2)",
                            "3x", "(2026-03-01,", "c3)"]  # fmt: skip
    assert LOOP not in summary(runs)
    assert "No run" in summary([])


def test_the_history_that_is_kept_can_be_read() -> None:
    kept = read()
    assert any(MARK in r.peers for r in kept)
    assert all(r.processor_ms > 0 for r in kept)
