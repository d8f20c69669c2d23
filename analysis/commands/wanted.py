"""``wanted [DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.commands.arguments import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "wanted",
        help="results that were measured but not reported in a usable form, the most valuable first",
        description="What is missing, what each would do to a lead question, and a file to fill in.",
    )
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument(
        "--template", metavar="FILE", help="also write the file to fill in: .csv or .xlsx"
    )
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the other commands do without."""
    from analysis.wanted import command

    folder = Path(chosen.folder) if chosen.folder else None
    out = Path(chosen.template) if chosen.template else None
    return command.run(folder, as_object=chosen.json, out=out)
