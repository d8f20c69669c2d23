"""The command line: parses, hands over to a command, and turns what went wrong into a message and an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from analysis.commands import check, diff, export, network, pool, robustness, save, site, wanted
from analysis.root import not_installed

COMMANDS = (pool, network, export, check, robustness, diff, save, wanted, site)
"""In the order in which they are listed."""


def parser() -> argparse.ArgumentParser:
    """All commands; each sets ``run``, a function of the parsed arguments that returns the exit
    code.
    """
    top = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Without a command: rerun every standard question into a folder of results.",
    )
    top.add_argument(
        "--out", metavar="DIR", default="results", help="folder for the results (default results)"
    )
    top.add_argument("--data", metavar="DIR", help="data folder (default: the project's data/)")
    top.add_argument("--no-figures", action="store_true", help="tables and results.json only")
    top.set_defaults(run=_rerun)
    commands = top.add_subparsers(metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return top


def _rerun(chosen: argparse.Namespace) -> int:
    """Imported on use: the commands do without."""
    from analysis import rerun

    data = Path(chosen.data) if chosen.data else None
    return rerun.run(Path(chosen.out), data, figures=not chosen.no_figures)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and run; the exit code (0 done, 1 faulty data, 2 wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        # A study's name may hold a letter that the terminal lacks: print "?" rather than fail. What stands in for
        # the terminal in a notebook has no such setting, and needs none.
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except ModuleNotFoundError as error:
        if not (message := not_installed(error)):
            raise
        print(message, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader (head, less) has left: Python must not complain again when it closes the
        # stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(main())
