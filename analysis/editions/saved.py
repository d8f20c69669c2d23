"""An edition as far as a comparison needs it: the answers it gave and the fingerprints of its rows, in one file.

`data/editions/` keeps one such file for each earlier edition, written by the code of its time. A folder of data
is asked anew.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.answer import answer
from analysis.editions.record import Record, TrialFigure, record_of
from analysis.editions.rows import Prints, prints_of
from analysis.effects.table import has_studies
from analysis.errors import FileError
from analysis.evidence.edition import Edition
from analysis.evidence.load import DATA, Evidence
from analysis.evidence.memory import remembered
from analysis.question import Question
from analysis.room import lead_questions
from analysis.standard_questions import standard_questions

EARLIER = DATA / "editions"
"""The saved answers of earlier editions, one file each: `1.json` ..."""

_DIGITS = 10
_FORM = "a file as `python -m analysis save` writes it"


class NotSaved(FileError):
    """A file that holds no saved answers; the message says what was found and is allowed."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What one edition said.

    Attributes
    ----------
    edition : number, date and name; None of data that carry none.
    version : fingerprint of its files.
    asked : every question that was asked, lead questions first.
    records : answers that rest on at least one trial, by question.
    prints : fingerprints of the rows (`rows.prints_of`).
    labels : names of reports, by study_id.
    kept_out : reports that must not be pooled, with the reason.
    remarks : what a reader must know of how it was read.
    """

    edition: Edition | None
    version: str
    asked: tuple[Question, ...]
    records: Mapping[Question, Record]
    prints: Prints = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)
    kept_out: Mapping[str, str] = field(repr=False)
    remarks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.edition) if self.edition else f"data version {self.version}"


def asked_of_every_edition() -> tuple[Question, ...]:
    """The lead questions, then every standard question, each once."""
    return tuple(dict.fromkeys([*lead_questions(), *standard_questions()]))


@remembered(maxsize=4)
def ask(evidence: Evidence) -> Saved:
    """Answer every question from a folder's evidence."""
    asked = asked_of_every_edition()
    # That no study answers costs less to see than an answer in words.
    found = {q: record_of(answer(q, evidence)) for q in asked if has_studies(q, evidence)}
    studies = evidence.studies
    kept_out = studies[studies["never_pool_reason"] != ""]
    return Saved(
        edition=evidence.edition,
        version=evidence.version,
        asked=asked,
        records={q: record for q, record in found.items() if record is not None},
        prints=prints_of(evidence),
        labels=dict(zip(studies["study_id"], studies["label"], strict=True)),
        kept_out=dict(zip(kept_out["study_id"], kept_out["never_pool_reason"], strict=True)),
    )


def to_text(saved: Saved) -> str:
    """The file: JSON with one answer, and one report's rows, per line."""
    standard = set(standard_questions())
    head = {
        "edition": _edition_to(saved.edition),
        "version": saved.version,
        "also_asked": [q.to_query() for q in saved.asked if q not in standard],
        "labels": dict(saved.labels),
        "kept_out": dict(saved.kept_out),
    }
    parts = [f"{json.dumps(k)}: {_line(v)}" for k, v in head.items()]
    answers = ",\n".join(_line(_record_to(r)) for r in saved.records.values())
    tables = ",\n".join(
        f"{json.dumps(table)}: {{\n"
        + ",\n".join(f"{json.dumps(report)}: {_line(rows)}" for report, rows in reports.items())
        + "}"
        for table, reports in saved.prints.items()
    )
    return (
        "{" + ",\n".join([*parts, f'"answers": [\n{answers}]', f'"rows": {{\n{tables}}}']) + "}\n"
    )


def read_saved(path: Path) -> Saved:
    """Read such a file back.

    Raises
    ------
    NotSaved
        When it cannot be read, or is of another form.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotSaved(f"{path}: found {error.strerror}; allowed: {_FORM}") from None
    except ValueError as error:  # no UTF-8, no JSON
        raise NotSaved(f"{path}: found no JSON ({error}); allowed: {_FORM}") from None
    try:
        return _saved_from(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotSaved(f"{path}: found another form ({error!r}); allowed: {_FORM}") from None


def _saved_from(said: Mapping[str, Any]) -> Saved:
    remarks: list[str] = []
    also = [q for text in said["also_asked"] if (q := _question(text, remarks)) is not None]
    records = {}
    for one in said["answers"]:
        question = _question(one["query"], remarks)
        if question is not None:
            records[question] = _record_from(question, one)
    return Saved(
        edition=_edition_from(said["edition"]),
        version=said["version"],
        asked=tuple(dict.fromkeys([*also, *standard_questions()])),
        records=records,
        prints=said["rows"],
        labels=said["labels"],
        kept_out=said["kept_out"],
        remarks=tuple(remarks),
    )


def _question(query: str, remarks: list[str]) -> Question | None:
    """A question of that time; None where it cannot be asked any more, with a remark."""
    question, unclear = Question.from_query(query)
    if unclear:
        remarks.append(f"{query}: cannot be asked any more ({'; '.join(unclear)})")
        return None
    return question


def _record_to(record: Record) -> dict[str, object]:
    return {
        "query": record.question.to_query(), "k": record.k,
        "estimate": _short(record.estimate), "ci_low": _short(record.ci_low),
        "ci_high": _short(record.ci_high), "verdict": record.verdict, "mid": record.mid,
        "trials": [_figure_to(t) for t in record.trials],
    }  # fmt: skip


def _record_from(question: Question, one: Mapping[str, Any]) -> Record:
    trials = tuple(_figure_from(*trial) for trial in one["trials"])
    mid = None if one["mid"] is None else float(one["mid"])
    numbers = (float(one[name]) for name in ("estimate", "ci_low", "ci_high"))
    return Record(question, *numbers, str(one["verdict"]), mid, trials)


def _figure_to(trial: TrialFigure) -> list[object]:
    head = [trial.trial, trial.label, _short(trial.yi), _short(trial.vi)]
    return [*head, [_short(v) for v in trial.limits], dict(trial.inputs)]


def _figure_from(
    trial: str, label: str, yi: float, vi: float,
    limits: Sequence[float] = (math.nan, math.nan), inputs: Mapping[str, float] | None = None,
) -> TrialFigure:  # fmt: skip
    """The last two are missing in files of the first edition."""
    low, high = map(float, limits)
    counts = tuple((str(k), float(v)) for k, v in (inputs or {}).items())
    return TrialFigure(trial, str(label), float(yi), float(vi), (low, high), counts)


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _edition_to(edition: Edition | None) -> dict[str, object] | None:
    if edition is None:
        return None
    return {"number": edition.number, "date": edition.date.isoformat(), "name": edition.name}


def _edition_from(said: Mapping[str, Any] | None) -> Edition | None:
    if said is None:
        return None
    return Edition(int(said["number"]), dt.date.fromisoformat(said["date"]), str(said["name"]))


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def earlier(folder: Path = EARLIER) -> Iterable[Path]:
    """The files of earlier editions, the newest last."""
    return sorted(folder.glob("*.json"), key=lambda path: (len(path.stem), path.stem))
