"""Times of several pieces of work, taken in turn so that a busy machine hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall-clock and processor times of single runs, in milliseconds, round by round."""

    walls: tuple[float, ...]
    processors: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median wall-clock time."""
        return statistics.median(self.walls)

    @property
    def processor(self) -> float:
        """Median processor time, over all threads: hardly depends on who else is at work."""
        return statistics.median(self.processors)

    def times_as_long(self, other: Timing) -> float:
        """Median over the rounds of this wall-clock time over the other's."""
        return statistics.median(a / b for a, b in zip(self.walls, other.walls, strict=True))


def measure(
    works: Mapping[str, Callable[[], object]], rounds: int, at_least: float = 0.02
) -> dict[str, Timing]:
    """Time each work once per round, repeated within it until `at_least` seconds have passed.

    Each runs once before and that does not count: it fills caches and imports what comes late.
    """
    repeats = {}
    for name, work in works.items():
        work()
        started = time.perf_counter()
        work()
        repeats[name] = max(1, int(at_least / max(time.perf_counter() - started, 1e-9)))
    walls: dict[str, list[float]] = {name: [] for name in works}
    processors: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            wall, processor = time.perf_counter(), time.process_time()
            for _ in range(repeats[name]):
                work()
            walls[name].append((time.perf_counter() - wall) / repeats[name] * 1e3)
            processors[name].append((time.process_time() - processor) / repeats[name] * 1e3)
    return {name: Timing(tuple(walls[name]), tuple(processors[name])) for name in works}
