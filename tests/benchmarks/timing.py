"""Medians of repeated runs, and the processor's part of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Median and fastest wall-clock time and median processor time of one run, in milliseconds."""

    median: float
    fastest: float
    processor: float
    runs: int


def measure(work: Callable[[], object], runs: int, at_least: float = 0.02) -> Timing:
    """Time `work` `runs` times, each time repeating it until `at_least` seconds have passed.

    One run goes before and does not count: it fills caches and imports what is imported late.
    """
    work()
    started = time.perf_counter()
    work()
    once = time.perf_counter() - started
    repeats = max(1, int(at_least / max(once, 1e-9)))
    walls, processors = [], []
    for _ in range(runs):
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            work()
        walls.append((time.perf_counter() - wall) / repeats * 1e3)
        processors.append((time.process_time() - processor) / repeats * 1e3)
    return Timing(statistics.median(walls), min(walls), statistics.median(processors), runs)
