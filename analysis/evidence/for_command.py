"""The evidence as a command reads it: faults are told on the terminal, and without a study there is nothing to do."""

from __future__ import annotations

import sys
from pathlib import Path

from analysis.evidence.load import Evidence, loaded


def read_for_command(folder: str | Path | None) -> Evidence | None:
    """The evidence of a folder, with its faults on standard error; None, which is said, where it has no study."""
    evidence = loaded(folder)
    for fault in evidence.faults:
        print(fault, file=sys.stderr)
    if evidence.studies.empty:
        print(f"error: {evidence.folder}: no study can be read; nothing is done", file=sys.stderr)
        return None
    return evidence
