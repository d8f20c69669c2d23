"""``save FILE [DIR]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.commands.arguments import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "save",
        help="keep the answers of an edition in a file, for a later diff",
        description="Answer every standard question and write what diff needs of it into one file.",
    )
    command.add_argument("out", metavar="FILE")
    command.add_argument("folder", metavar="DIR", nargs="?", help="default: the project's data/")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the other commands do without."""
    from analysis.editions import command

    return command.save(Path(chosen.out), Path(chosen.folder) if chosen.folder else None)
