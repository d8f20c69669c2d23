"""The command `python -m analysis check`: one line per fault of a data folder."""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.evidence.likeness import questions
from analysis.evidence.load import load_evidence
from analysis.evidence.schema import TABLES


def run(folder: Path | str | None = None) -> int:
    """Print every fault of a data folder, and every question to its curator, on a line of its own; then a count.

    Faults go to standard output and nothing else does, so that its lines can be counted; the count
    of a faulty folder goes to standard error.

    Returns
    -------
    int
        0 for sound data, 1 otherwise: the command's exit status.
    """
    evidence = load_evidence(folder)
    asked = questions(evidence)
    if not evidence.faults and not asked:
        print(f"{len(TABLES)} files, {evidence.rows} rows, no faults")
        return 0
    for line in (*evidence.faults, *asked):
        print(line, flush=True)
    words = _counted(len(evidence.faults), "fault")
    if asked:
        words += f", {_counted(len(asked), 'question')} to the curator"
    print(f"{words}; {evidence.rows} rows are sound", file=sys.stderr)
    return 1


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
