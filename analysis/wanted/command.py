"""The command `python -m analysis wanted`: what was measured but could not be read, the most valuable first."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analysis.evidence.for_command import read_for_command
from analysis.wanted import template
from analysis.wanted.find import ASSUMPTION, wanted
from analysis.wanted.words import as_json, effect, question, what


def run(folder: Path | None, *, as_object: bool = False, out: Path | None = None) -> int:
    """Print the list, and write the file to fill in where `out` names one (its ending says which kind).

    Returns
    -------
    int
        0; 1 where the data have faults; 2 where the file cannot be written.
    """
    evidence = read_for_command(folder)
    if evidence is None:
        return 1
    lines = wanted(evidence)
    if out is not None:
        make = template.to_xlsx if out.suffix.lower() == ".xlsx" else template.to_csv
        try:
            out.write_bytes(make(lines))
        except OSError as error:
            print(f"{out}: {error.strerror or error}", file=sys.stderr)
            return 2
    if as_object:
        content = {
            "data_version": evidence.version, "assumption": ASSUMPTION,
            "wanted": [as_json(one) for one in lines],
        }  # fmt: skip
        print(json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1))
        return 1 if evidence.faults else 0
    print(f"{len(lines)} results were measured but not reported in a usable form. {ASSUMPTION}")
    for rank, one in enumerate(lines, start=1):
        more = len(one.gains) - 1
        also = f" ({more} more {'question' if more == 1 else 'questions'})" if more else ""
        print(f"{rank:3} {one.label}. {what(one)}. Missing: {one.missing}.")
        print(f"    {question(one.best)}: {effect(one.best)}{also}")
    return 1 if evidence.faults else 0
