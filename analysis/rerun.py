"""Rerun everything into a folder: tables, `results.json`, the claims' files, and figures where Chrome is found.

The same data and code give the same bytes: nothing in the files depends on the clock, on chance or on order.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import plotly.graph_objects as go
from tqdm import tqdm

from analysis.answer import Answer, answer
from analysis.effects.table import has_studies
from analysis.evidence import Evidence
from analysis.evidence.for_command import read_for_command
from analysis.export import tables
from analysis.export.artefacts import link_to
from analysis.export.claim_files import claim_files, claim_pictures
from analysis.export.images import NoChrome, image_writer
from analysis.figures import forest
from analysis.figures.standalone import footer_of, provenance, standalone
from analysis.room import claim_answers, claims
from analysis.standard_questions import standard_questions

FORMATS = ("svg", "png")


def run(out: Path, data: Path | None = None, *, figures: bool = True, quiet: bool = False) -> int:
    """Answer every standard question; returns the exit code (1 when the data have faults).

    Parameters
    ----------
    out : folder for the results; made if it is missing.
    data : data folder; the shipped one by default.
    figures : also draw the figures.
    quiet : no progress bar.
    """
    try:
        evidence = read_for_command(data)
        if evidence is None:
            return 1
        out.mkdir(parents=True, exist_ok=True)
        answers = _answers(evidence, quiet)
        _write_tables(answers, evidence, out)
        print(f"{len(answers)} questions with at least one study; data version {evidence.version}")
        print(f"Tables and results.json: {out}")
        if "claims" in evidence.topic.pages:
            _write_claims(evidence, out / "claims", figures, quiet)
        if figures:
            _write_figures(answers, evidence, out / "figures", quiet)
    except OSError as error:
        print(f"{error.filename or out}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 1 if evidence.faults else 0


def _answers(evidence: Evidence, quiet: bool) -> list[Answer]:
    asked = list(standard_questions())
    bar = tqdm(asked, desc="Answers", unit="question", disable=quiet or None, file=sys.stderr)
    # Most questions have no trial: that costs less to see than an answer in words.
    return [answer(q, evidence) for q in bar if has_studies(q, evidence)]


def _write_tables(answers: list[Answer], evidence: Evidence, out: Path) -> None:
    for name, frame in (
        ("pooled", tables.pooled_table(answers)),
        ("effects", tables.effects_table(answers)),
        ("left_out", tables.left_out_table(answers)),
    ):
        frame.to_csv(out / f"{name}.csv", index=False, lineterminator="\n")
    content = {
        "data_version": evidence.version,
        "faults": [str(fault) for fault in evidence.faults],
        **({"finding": _finding(evidence)} if "finding" in evidence.topic.pages else {}),
        "answers": tables.as_json(answers),
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    (out / "results.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _finding(evidence: Evidence) -> dict[str, object]:
    """What the front page says, where the topic has a finding of its own."""
    found = claims().finding(evidence)
    return {
        "headline": found.headline,
        "sentences": list(found.sentences),
        "unknown": list(found.unknown),
    }


def _write_claims(evidence: Evidence, out: Path, figures: bool, quiet: bool) -> None:
    """What `claim_files` has, and the figures as PDF."""
    out.mkdir(parents=True, exist_ok=True)
    files = claim_files(evidence)
    for name, content in tqdm(
        files, desc="Claims", unit="file", disable=quiet or None, file=sys.stderr
    ):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(content)
    found = claim_answers(evidence)
    testable = sum(bool(claim.entry.questions) for claim in found)
    print(
        f"Slides and reports of {len(found)} claims; references, scripts and tables of the {testable} that data can "
        f"test: {out}"
    )
    if not figures:
        return
    with (
        suppress(NoChrome),
        image_writer() as writer,
    ):  # said once, where the other figures are drawn
        for name, figure in claim_pictures(evidence):
            writer.write(figure, out / f"{name}.pdf")


def _write_figures(answers: list[Answer], evidence: Evidence, out: Path, quiet: bool) -> None:
    drawn = dict(_figures(answers, evidence))
    try:
        out.mkdir(parents=True, exist_ok=True)
        with image_writer() as writer:
            bar = tqdm(
                drawn.items(), desc="Figures", unit="figure", disable=quiet or None, file=sys.stderr
            )
            for name, figure in bar:
                for kind in FORMATS:
                    writer.write(figure, out / f"{name}.{kind}")
    except NoChrome as missing:
        print(missing, file=sys.stderr)
    else:
        print(f"{len(drawn)} figures as {' and '.join(FORMATS)}: {out}")


def _figures(answers: list[Answer], evidence: Evidence) -> Iterator[tuple[str, go.Figure]]:
    """A forest plot of every comparison of two or more studies, after the figures of the front page."""
    if "finding" in evidence.topic.pages:
        yield from _figures_of_the_finding(evidence)
    for a in answers:
        if not a.question.one_group and len(a.studies) > 1:
            footer = footer_of(a, evidence, link_to(a.question))
            yield a.question.slug(), standalone(forest(a), a.sentence, footer)


def _figures_of_the_finding(evidence: Evidence) -> Iterator[tuple[str, go.Figure]]:
    from analysis.figures.overview import (  # of the topic that has a finding
        pain_figure,
        relief_figure,
    )

    for time in claims().TIMES:
        title = claims().finding(evidence, time).headline
        footer = provenance(evidence, f"/?time={time}")
        yield f"finding-pain-{time}", standalone(pain_figure(evidence, time), title, footer)
    relief = "Patients with relief: what series report, and what happens in the arms of controlled studies"
    yield (
        "finding-relief",
        standalone(relief_figure(evidence), relief, provenance(evidence, "/")),
    )
