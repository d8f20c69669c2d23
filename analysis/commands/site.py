"""``site OUT``: handed over, for the pages are the dashboard's."""

from __future__ import annotations

import argparse
import subprocess
import sys

from analysis.commands.arguments import Commands


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "site",
        add_help=False,
        prefix_chars="\0",  # options are the other command's: here they are plain words
        help="the pages as files that need no server: python -m dashboard site OUT",
    )
    command.add_argument("rest", nargs="*")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Another process: no module here knows the pages."""
    data = ["--data", chosen.data] if chosen.data else []
    return subprocess.call([sys.executable, "-m", "dashboard", *data, "site", *chosen.rest])
