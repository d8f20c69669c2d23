"""``python -m analysis robustness``: the views of robustness as text, or as one JSON object."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap

from tqdm import tqdm

from analysis.evidence import Evidence
from analysis.evidence.for_command import read_for_command
from analysis.evidence.known_studies import check_studies
from analysis.question import Question
from analysis.robustness_views.registry import VIEWS
from analysis.robustness_views.view import Panel, Progress, View

ALL = "all"
_WIDTH = 100


def run(question: Question, view: str, data: Path | None, *, as_json: bool = False) -> int:
    """Print one view, or all; returns the exit code (1 when the data have faults).

    A view that cannot be worked out does not keep the others from being printed; the code is then 1, too.

    Raises
    ------
    InvalidQuestion
        When the Question leaves out a study that the data do not hold.
    """
    evidence = read_for_command(data)
    if evidence is None:
        return 1
    check_studies(question, evidence)
    chosen = list(VIEWS) if view == ALL else [view]
    done: dict[str, dict[str, object]] = {}
    failed = False
    if not as_json:
        print(f"{question.title()}\n/robustness?{question.to_query()}")
    for key in chosen:
        began = time.perf_counter()
        try:
            made = _made(key, question, evidence)
        except Exception as error:
            print(
                f"{key}: could not be worked out ({type(error).__name__}: {error})", file=sys.stderr
            )
            failed = True
            continue
        seconds = time.perf_counter() - began
        if as_json:
            done[key] = {**_as_object(made), "seconds": round(seconds, 3)}
        else:
            print(f"\n{as_text(made, VIEWS[key].label)}\n\nTime taken: {seconds:.2f} s")
    if as_json:
        head = {"query": question.to_query(), "data_version": evidence.version, "views": done}
        print(json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1))
    return 1 if failed or evidence.faults else 0


def _made(key: str, question: Question, evidence: Evidence) -> View:
    with _bar(VIEWS[key].label) as progress:
        return VIEWS[key].view(question, evidence, progress=progress)


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A progress bar on stderr, gone when the work is done; none where stderr is no terminal."""
    with tqdm(desc=label, file=sys.stderr, leave=False, disable=None, delay=0.5) as bar:

        def progress(done: int, total: int, doing: str) -> None:
            bar.total = total
            bar.set_postfix_str(doing, refresh=False)
            bar.update(done - bar.n)

        yield progress


def _as_object(view: View) -> dict[str, object]:
    return {
        "finding": view.finding,
        "cautions": list(view.cautions),
        "sentences": list(view.sentences),
        "facts": view.facts,
    }


def as_text(view: View, label: str) -> str:
    """A view for a terminal: finding, why not to trust it too much, sentences, tables.

    >>> print(as_text(View("subsets", "Nothing can be said.", cautions=("One study.",)), "Subsets"))
    Subsets
    -------
    Nothing can be said.
    ! One study.
    """
    lines = [label, "-" * len(label), *_folded(view.finding)]
    for caution in view.cautions:
        lines += _folded(caution, "! ", "  ")
    for sentence in view.sentences:
        lines += _folded(sentence)
    for panel in view.panels:
        lines += ["", *_folded(panel.title), *_table(panel)]
    return "\n".join(lines)


def _folded(text: str, first: str = "", rest: str = "") -> list[str]:
    return wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest)


def _table(panel: Panel) -> list[str]:
    """The panel's rows in columns, as wide as their widest cell."""
    rows: list[Sequence[str]] = [panel.columns, *panel.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(panel.columns))]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
