"""The command `python -m analysis check`: one line per fault of a data folder."""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.evidence.load import load_evidence
from analysis.evidence.schema import TABLES


def run(folder: Path | str | None = None) -> int:
    """Print every fault of a data folder on a line of its own, then a count.

    Faults go to standard output and nothing else does, so that its lines can be counted; the count
    of a faulty folder goes to standard error.

    Returns
    -------
    int
        0 for sound data, 1 otherwise: the command's exit status.
    """
    evidence = load_evidence(folder)
    if not evidence.faults:
        print(f"{len(TABLES)} files, {evidence.rows} rows, no faults")
        return 0
    for fault in evidence.faults:
        print(fault, flush=True)
    count = len(evidence.faults)
    words = "1 fault" if count == 1 else f"{count} faults"
    print(f"{words}; {evidence.rows} rows are sound", file=sys.stderr)
    return 1
