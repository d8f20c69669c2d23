"""``check [DIR]``."""

from __future__ import annotations

import argparse

from analysis.commands.arguments import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "check",
        help="validate a data folder; one line per fault",
        description="Validate a folder of evidence files: one line per fault, exit 1 if any.",
    )
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: reading evidence needs pandera, which the other commands can do without."""
    from analysis.evidence import check

    return check.run(chosen.folder)
