"""``robustness [--view NAME]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analysis.commands.arguments import Commands
from analysis.question import InvalidQuestion
from analysis.question_options import add_question_options, question_of


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "robustness",
        help="how the answer to a question would change with other choices",
        description="The views of robustness for one question: finding, cautions, tables.",
    )
    command.add_argument("--view", metavar="NAME", default="all", help="one view; all by default")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    # SUPPRESS: a --data before the command holds, too
    command.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="data folder")
    add_question_options(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the views need every library there is."""
    from analysis import robustness_report
    from analysis.robustness_views.registry import VIEWS

    allowed = (robustness_report.ALL, *VIEWS)
    if chosen.view not in allowed:
        print(f"view: found {chosen.view!r}, allowed: {', '.join(allowed)}", file=sys.stderr)
        return 2
    try:
        question = question_of(chosen)
        data = Path(chosen.data) if chosen.data else None
        return robustness_report.run(question, chosen.view, data, as_json=chosen.json)
    except InvalidQuestion as error:
        print(error, file=sys.stderr)
        return 2
