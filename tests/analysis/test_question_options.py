"""The Question on the command line."""

from __future__ import annotations

import argparse

import pytest

from analysis.question import InvalidQuestion, Question
from analysis.question_options import add_question_options, question_of


def asked(*arguments: str) -> Question:
    parser = argparse.ArgumentParser()
    add_question_options(parser)
    return question_of(parser.parse_args(arguments))


def test_without_options_the_default_question_is_asked():
    assert asked() == Question()


def test_an_address_is_a_question_and_options_change_it():
    address = "http://localhost:8050/compare?v=1&time=12m&without=invest"
    assert asked("--question", address) == Question(time="12m", without=("invest",))
    assert asked("--question", address, "--tau2", "DL", "--fracture-age", "any") == Question(
        time="12m", without=("invest",), tau2="DL"
    )


def test_the_part_behind_the_question_mark_is_enough():
    assert asked("--question", "v=1&time=any") == Question(time="any")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--time", "never"), "time: found 'never'"),
        (("--question", "v=1&tau2=BEST"), "tau2: found 'BEST'"),
        (("--question", "v=1&colour=red"), "colour"),
        (("--intervention", "SHAM"), "comparator"),
        (("--level", "2"), "level"),
    ],
)
def test_what_is_not_allowed_is_refused_and_named(arguments, part):
    with pytest.raises(InvalidQuestion, match=part):
        asked(*arguments)
