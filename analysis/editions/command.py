"""The commands `python -m analysis diff` and `python -m analysis save`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analysis.editions.carry import fault_lines, load_beside
from analysis.editions.changes import KINDS, AnswerChange, asked_text, told_text
from analysis.editions.diff import Diff, diff
from analysis.editions.record import Record
from analysis.editions.rows import WORDS
from analysis.editions.saved import NotSaved, Saved, ask, read_saved, to_text
from analysis.effects.scale import shown
from analysis.evidence.for_command import read_for_command
from analysis.evidence.load import DATA, Evidence, load_evidence


def run(old: Path, new: Path, as_json: bool = False) -> int:
    """Compare two editions, each a data folder or a file of saved answers.

    Returns
    -------
    int
        0 when they could be compared, whatever changed; 2 when one of them cannot be read.
    """
    try:
        found, remarks = _both(old, new)
    except NotSaved as error:
        print(error, file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps(_as_json(found, remarks), ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print("\n".join(_lines(found, remarks)))
    return 0


def save(out: Path, folder: Path | None = None) -> int:
    """Write the answers of a data folder to a file that `diff` can read later."""
    evidence = read_for_command(folder)
    if evidence is None:
        return 1
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(to_text(ask(evidence)), encoding="utf-8", newline="\n")
    except OSError as error:
        print(f"{error.filename or out}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"{out}: answers of data version {evidence.version}")
    return 1 if evidence.faults else 0


def _both(old: Path, new: Path) -> tuple[Diff, tuple[str, ...]]:
    remarks: list[str] = []
    after = _read(new, remarks)
    if old.is_file():
        before = read_saved(old)
    else:
        _must_be_there(old)
        evidence, carried = load_beside(old, new if new.is_dir() else DATA)
        _must_have_studies(old, evidence)
        remarks += [*carried, *_faults(old, evidence)]
        before = ask(evidence)
    found = diff(before, after)
    return found, (*remarks, *found.remarks)


def _read(path: Path, remarks: list[str]) -> Saved:
    if path.is_file():
        return read_saved(path)
    _must_be_there(path)
    evidence = load_evidence(path)
    _must_have_studies(path, evidence)
    remarks += _faults(path, evidence)
    return ask(evidence)


def _must_be_there(path: Path) -> None:
    if not path.is_dir():
        raise NotSaved(
            f"{path}: found no such file or folder; allowed: a data folder, or a file of saved answers"
        )


def _must_have_studies(path: Path, evidence: Evidence) -> None:
    if evidence.studies.empty:
        first = evidence.faults[0] if evidence.faults else "studies.csv: no row"
        raise NotSaved(f"{path}: no study can be read ({first}); allowed: a data folder")



def _faults(path: Path, evidence: Evidence) -> list[str]:
    return [f"{path}: {line}" for line in fault_lines(evidence.faults)]


# --- in words ------------------------------------------------------------------------------------
def _lines(found: Diff, remarks: tuple[str, ...]) -> list[str]:
    lines = [
        f"{found.before.name} -> {found.after.name}",
        f"{found.asked} questions asked of both: {len(found.before.records)} answered before, "
        f"{len(found.after.records)} now; {len(found.changes)} changed",
    ]
    lines += [
        f"  {found.counts[kind]:5} {words}" for kind, words in KINDS.items() if found.counts[kind]
    ]
    lines += [f"Note: {remark}" for remark in remarks]
    for title, lead in (("Lead questions", True), ("Other questions", False)):
        kind = ""
        for group in found.groups(lead):
            if not kind:
                lines += ["", title]
            if kind != group.first.kind:
                kind = group.first.kind
                lines.append(f"  {KINDS[kind]}:")
            lines.append(f"    {asked_text(group.first.question)}: {group.first.sentence}")
            if group.also:
                n = len(group.also)
                lines.append(
                    f"      and {n} more {'question' if n == 1 else 'questions'} with this answer"
                )
    return [*lines, *_row_lines(found)]


def _row_lines(found: Diff) -> list[str]:
    lines = []
    for table, words in WORDS.items():
        rows = [row for row in found.rows if row.table == table]
        counts = (
            sum(r.added for r in rows),
            sum(r.corrected for r in rows),
            sum(r.withdrawn for r in rows),
        )
        if any(counts):
            lines.append(
                f"  {words}: {counts[0]} added, {counts[1]} corrected, {counts[2]} withdrawn"
            )
        for row in rows:
            if row.corrected or row.withdrawn:
                what = "withdrawn" if row.withdrawn else "corrected"
                lines.append(f"    {what}: {row.label}{f': {row.reason}' if row.reason else ''}")
    return ["", "Rows", *lines] if lines else []


# --- as one JSON object --------------------------------------------------------------------------
def _as_json(found: Diff, remarks: tuple[str, ...]) -> dict[str, object]:
    return {
        "before": _edition(found.before),
        "after": _edition(found.after),
        "asked": found.asked,
        "counts": {kind: found.counts[kind] for kind in KINDS},
        "changes": [_change(c, c.question in found.lead) for c in found.changes],
        "rows": [
            {
                "table": r.table, "report": r.report, "label": r.label, "added": r.added,
                "corrected": r.corrected, "withdrawn": r.withdrawn, "reason": r.reason,
            }
            for r in found.rows
        ],
        "warnings": list(remarks),
    }  # fmt: skip


def _edition(saved: Saved) -> dict[str, object]:
    e = saved.edition
    return {
        "number": e.number if e else None, "date": e.date.isoformat() if e else None,
        "name": saved.name, "data_version": saved.version, "answered": len(saved.records),
    }  # fmt: skip


def _change(change: AnswerChange, lead: bool) -> dict[str, object]:
    return {
        "question": change.question.title(), "query": change.question.to_query(), "lead": lead,
        "kind": change.kind, "change": KINDS[change.kind],
        "before": _record(change.before), "after": _record(change.after),
        "retold": _record(change.retold),
        "new": [t.label for t in change.new], "gone": [t.label for t in change.gone],
        "other": [t.label for t in change.other], "sentence": change.sentence,
    }  # fmt: skip


def _record(record: Record | None) -> dict[str, object] | None:
    if record is None:
        return None
    numbers = (record.estimate, record.ci_low, record.ci_high)
    back = shown(record.question.effect_measure, numbers)
    return {
        "k": record.k, "estimate": numbers[0], "ci_low": numbers[1], "ci_high": numbers[2],
        "shown_estimate": float(back[0]), "shown_ci_low": float(back[1]), "shown_ci_high": float(back[2]),
        "verdict": record.verdict or None, "text": told_text(record),
    }  # fmt: skip
