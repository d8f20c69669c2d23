"""What runs of the benchmarks found, kept in history.csv: one line for each row of a run's table.

Times depend on the machine and on who else is at work; ratios to a peer measured in turn in the same run do much less,
those of processor times least. So a history is read by its ratios. They move too where other work takes the caches
(10,000 fits by DL: 1.4x on a quiet machine, 0.6x on a full one, with the same code): the load is kept with them.
"""

from __future__ import annotations

import csv
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HISTORY = Path(__file__).with_name("history.csv")
COLUMNS = ("date", "commit", "processor", "load", "work", "ours_ms", "processor_ms", "peers")
MARK = "plain NumPy"
"""The peer that every machine has."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How many times as long as ours a peer took: by the clock, and in processor time where that is known."""

    name: str
    by_clock: float
    processor: float | None = None
    remark: str = ""

    @property
    def ratio(self) -> float:
        """What is kept: of processor times where there is one."""
        return self.by_clock if self.processor is None else self.processor

    def __str__(self) -> str:
        more = self.remark if self.processor is None else f"processor {self.processor:.3g}x"
        return f"{self.name} {self.by_clock:.3g}x" + (f" ({more})" if more else "")


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of work: ours in milliseconds, what each peer took, and what else is told."""

    work: str
    ours: float
    processor: float
    peers: list[Peer] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def text(self) -> str:
        """One line of the table."""
        ours = f"{self.ours:.3g} ms (processor {self.processor:.3g})"
        return f"{self.work:<40} {ours:<32} {', '.join([*map(str, self.peers), *self.remarks])}"


@dataclass(frozen=True, slots=True)
class Record:
    """A row of one run, as kept; `load`: work waiting for each processor; `peers`: name and ratio."""

    date: str
    commit: str
    processor: str
    load: float
    work: str
    ours_ms: float
    processor_ms: float
    peers: dict[str, float]


def records(rows: Iterable[Row]) -> list[Record]:
    """The rows of this run, here and now."""
    date, commit, processor = f"{datetime.now(UTC):%Y-%m-%d}", commit_here(), processor_here()
    load = round(os.getloadavg()[1] / (os.cpu_count() or 1), 1)
    return [
        Record(
            date, commit, processor, load, row.work, row.ours, row.processor,
            {peer.name: peer.ratio for peer in row.peers},
        )
        for row in rows
    ]  # fmt: skip


def append(found: Sequence[Record], file: Path = HISTORY) -> None:
    """Add lines; the first writes the head."""
    new = not file.exists()
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        for r in found:
            peers = "; ".join(f"{name} {ratio:.3g}" for name, ratio in r.peers.items())
            times = f"{r.ours_ms:.4g}", f"{r.processor_ms:.4g}"
            writer.writerow((r.date, r.commit, r.processor, r.load, r.work, *times, peers))


def read(file: Path = HISTORY) -> list[Record]:
    """All lines, in order; none where there is no file."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Record(
                row["date"], row["commit"], row["processor"], float(row["load"]), row["work"],
                float(row["ours_ms"]), float(row["processor_ms"]), _peers(row["peers"]),
            )
            for row in csv.DictReader(lines)
        ]  # fmt: skip


def _peers(cell: str) -> dict[str, float]:
    pairs = (part.rpartition(" ") for part in cell.split("; ") if part)
    return {name: float(ratio) for name, _, ratio in pairs}


def summary(found: Sequence[Record], peer: str = MARK) -> str:
    """For each work that was measured beside the peer: the first, best and latest ratio, with date and commit."""
    lines = [f"Times as long as ours, {peer}:", f"{'work':<40} {'first':<30} {'best':<30} latest"]
    for work in dict.fromkeys(r.work for r in found if peer in r.peers):
        own = [r for r in found if r.work == work and peer in r.peers]
        best = max(own, key=lambda r: r.peers[peer])
        first, best_of, latest = (
            f"{r.peers[peer]:.3g}x ({r.date}, {r.commit})" for r in (own[0], best, own[-1])
        )
        lines.append(f"{work:<40} {first:<30} {best_of:<30} {latest}")
    return "\n".join(lines) if len(lines) > 2 else f"No run beside {peer} is kept."


def commit_here() -> str:
    """The commit that is measured, with "+" where files differ from it; "unknown" outside a repository."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=HISTORY.parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def processor_here() -> str:
    """What the processor calls itself."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
