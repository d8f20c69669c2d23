"""A Question's forest plot for a slide, half a slide or a journal column; as plain data for a browser to draw."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import plotly.graph_objects as go

from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.evidence import Evidence
from analysis.export.artefacts import NothingToTake
from analysis.figures import forest
from analysis.figures.standalone import PAGE, SIZES, Size, footer_of, standalone
from analysis.question import Question

_COLUMNS_FROM = 800
"""Pixels of width from which the forest plot's columns fit beside each other."""


def question_figure(
    question: Question, evidence: Evidence, link: str, size: Size = PAGE
) -> go.Figure:
    """The forest plot with its title, its footer and a white ground.

    Raises
    ------
    NothingToTake
        When no study answers the Question.
    """
    answer = ask(question, evidence)
    if answer.pooled is None:
        raise NothingToTake(answer.sentence)
    figure = _framed(answer, evidence, link, size)
    if size.narrow and size.aspect and _too_high(figure, size.aspect):
        # so many studies that columns beside the drawing take less room than names above the rows
        figure = _framed(answer, evidence, link, replace(size, narrow=False, width=_COLUMNS_FROM))
    return figure


def _too_high(figure: go.Figure, aspect: tuple[int, int]) -> bool:
    across, down = aspect
    return figure.layout.height * across > figure.layout.width * down


def _framed(answer: Answer, evidence: Evidence, link: str, size: Size) -> go.Figure:
    footer = footer_of(answer, evidence, link, size)
    return standalone(forest(answer, narrow=size.narrow), answer.sentence, footer, size)


def _as_json(size: str, question: Question, evidence: Evidence, link: str) -> bytes:
    figure = question_figure(question, evidence, link, SIZES[size])
    figure.update_layout(meta={"pixels": SIZES[size].pixels})  # the width of a PNG
    return figure.to_json().encode()


slide_json = partial(_as_json, "slide")
half_slide_json = partial(_as_json, "half-slide")
column_json = partial(_as_json, "column")
