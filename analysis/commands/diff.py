"""``diff OLD NEW``."""

from __future__ import annotations

import argparse
from pathlib import Path

from analysis.commands.arguments import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "diff",
        help="what changed from one edition of the data to another",
        description=(
            "Ask every standard question of two editions and list the answers that changed, with the trials that "
            "moved them, and the rows that came, changed or went. Each edition is a data folder or a file of "
            "saved answers (data/editions/1.json)."
        ),
    )
    command.add_argument("old", metavar="OLD")
    command.add_argument("new", metavar="NEW")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the other commands do without."""
    from analysis.editions import command

    return command.run(Path(chosen.old), Path(chosen.new), chosen.json)
