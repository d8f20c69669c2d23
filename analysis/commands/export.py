"""``export``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analysis.commands.arguments import Commands, listed
from analysis.question import InvalidQuestion
from analysis.question_options import add_question_options, question_of


def add(commands: Commands) -> None:
    command = commands.add_parser(
        "export",
        help="figures, slides, tables, scripts and a report of one question, of claims, of a patient or of harms",
        description="The files of one question, of claims, of a patient or of all harms, into a folder.",
    )
    command.add_argument(
        "--format",
        metavar="LIST",
        default="all",
        help="endings, separated by commas: svg,png,pdf,pptx,xlsx,csv,R,py,html,bib,ris ... (default all)",
    )
    command.add_argument(
        "--size",
        metavar="LIST",
        default="slide",
        help="of pictures: slide, half-slide, column; several separated by commas (default slide)",
    )
    command.add_argument(
        "--claim",
        metavar="LIST",
        help="instead of a question: ids of claims, or all of them with 'all'",
    )
    command.add_argument(
        "--patient",
        metavar="QUERY",
        help="instead of a question: the summary of findings of a patient, as in the address of the page, such as "
        "'cause=malignant&age=old'; '' for the first one",
    )
    command.add_argument(
        "--harms", action="store_true", help="instead of a question: the harms of all treatments"
    )
    command.add_argument(
        "--site",
        metavar="URL",
        default="",
        help="server of the links in the files, such as https://host",
    )
    # SUPPRESS: what stands before the command holds, too
    command.add_argument(
        "--out",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="folder for the files (default results)",
    )
    command.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="data folder")
    add_question_options(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Imported on use: the other commands do without."""
    from analysis import room
    from analysis.export.command import ALL, InvalidChoice, Wish, run
    from analysis.findings import Harms

    try:
        if chosen.harms:
            subject = Harms()
        elif chosen.patient is not None:
            subject, said = room.patient().Patient.from_query(chosen.patient)
            if said:
                raise InvalidChoice("\n".join(said))
        elif chosen.claim is not None:
            subject = () if chosen.claim == ALL else listed(chosen.claim)
        else:
            subject = question_of(chosen)
        wish = Wish(
            subject,
            listed(chosen.format),
            listed(chosen.size),
            Path(chosen.out),
            chosen.site.rstrip("/"),
        )
        return run(wish, Path(chosen.data) if chosen.data else None)
    except (InvalidQuestion, InvalidChoice) as error:
        print(error, file=sys.stderr)
        return 2
