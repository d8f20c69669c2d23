"""The Question on the command line: one option per field, or the address of a page, whole."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from urllib.parse import urlsplit

from analysis.question import InvalidQuestion, Question
from analysis.topic import TopicError, load_topic, use


def add_question_options(command: argparse.ArgumentParser) -> None:
    """Add ``--outcome``, ``--time`` ... and ``--question``; values are written as in the address.

    >>> parser = argparse.ArgumentParser()
    >>> add_question_options(parser)
    >>> question_of(parser.parse_args(["--intervention", "BKP", "--comparator", "NSM"])).to_query()
    'v=1&intervention=BKP&comparator=NSM'
    """
    group = command.add_argument_group(
        "the question", "written as in the address of a page; what is left out keeps its default"
    )
    group.add_argument(
        "--question",
        metavar="ADDRESS",
        default="",
        help="the address of a page, or what follows its question mark; options change it further",
    )
    for field in fields(Question):
        group.add_argument(
            f"--{field.name.replace('_', '-')}", metavar="VALUE", dest=f"question_{field.name}"
        )


def question_of(chosen: argparse.Namespace) -> Question:
    """The Question that the options ask: of the topic of the data folder, where one is named (``--data``).

    Raises
    ------
    InvalidQuestion
        For a folder whose topic has faults; for a value that is not allowed: on a page it would fall back to
        the default with a notice; a script must not go on with another question than it asked.
    """
    try:
        if getattr(chosen, "data", None):
            use(load_topic(Path(chosen.data)))
    except TopicError as error:
        raise InvalidQuestion(str(error)) from None
    given = chosen.question
    query = urlsplit(given).query if "?" in given else given
    options = {
        field.name: text
        for field in fields(Question)
        if (text := getattr(chosen, f"question_{field.name}")) is not None
    }
    base, said = Question.from_query(query)
    if not said and options:
        changed = dict(pair.split("=", 1) for pair in base.to_query().split("&"))
        base, said = Question.from_query({**changed, **options})
    if said:
        raise InvalidQuestion(said[0].removesuffix("; the default is used"))
    return base
