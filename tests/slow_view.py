"""A view that takes as long as a test wants: the Question's ``mid``, in seconds. For tests of jobs only."""

from __future__ import annotations

import os
import time

from analysis.evidence import Evidence
from analysis.question import Question
from analysis.robustness_views.registry import VIEWS, ViewSpec
from analysis.robustness_views.view import Panel, Progress, View, quiet

KEY = "slow"
_STEP = 0.05  # seconds


class Broken(RuntimeError):
    """Raised where the Question's level is 0.5."""


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """Count steps; the facts name the process that did."""
    if question.level == 0.5:
        raise Broken("as the test wanted")
    steps = max(1, round((question.mid or 0) / _STEP))
    for step in range(steps):
        progress(step, steps, f"Step {step} of {steps}")
        time.sleep(_STEP)
    row = (("Steps", str(steps)),)
    return View(
        KEY,
        f"Counted {steps} steps for {question.title()}.",
        cautions=("Only a test.",),
        panels=(Panel("table", "What was counted", None, "Steps.", ("What", "How many"), row),),
        facts={"process": os.getpid()},
    )


def add() -> None:
    """Register the view in this process."""
    VIEWS[KEY] = ViewSpec("Slow", "How long does it take?", view)
