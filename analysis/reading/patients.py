"""One row per patient: the rows of a study's group as one row, with mean, SD and size, or events and size.

Rows are of patients where several stand under one study and group and no column holds sizes or errors. What a
patient's outcome is must be the one column that can be it, or asked; nothing is adjusted for, and it is said so.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from analysis.reading import cells
from analysis.reading.asking import Choice, Fault, Question, listed
from analysis.reading.cells import NotANumber, Signs
from analysis.reading.naming import tokens
from analysis.reading.opened import Cell, Table
from analysis.reading.quantity_words import words
from analysis.reading.records import text
from analysis.reading.roles import NUMBERS, TEXTS

_MAY_BE = frozenset({"xi", "mi", "yi", "medi", "ri", "pi", "ti", "patient", "ratio"})
"""Roles that the name of a patient's outcome may have been given ("death", "mean", "y")."""
_FEW = 3
"""Rows per study and group, on average, from which they may be patients."""
_YES = words("yes y true t 1 dead died death event ja oui si s\u00ed sim")
_NO = words("no n false f 0 alive none nein non nao n\u00e3o")
_NUMBERED = words("id ids pid patient subject participant")
_IDS = _NUMBERED | words("patients subjects case no nr number record row pat")
_BESIDE = words(
    """
    age sex gender bmi weight height year date baseline pre centre center site country race ethnicity smoker smoking
    education stage visit week weeks month months day days male female alter geschlecht edad sexo sexe
    """
)
_TIMES = words("time survival followup follow os pfs dfs")


@dataclass(frozen=True, slots=True)
class Summarised:
    """The table of groups with its roles, and what is said; or a question, or a fault."""

    table: Table
    roles: tuple[str, ...]
    remark: str = ""
    question: Question | None = None
    fault: Fault | None = None


def by_group(table: Table, roles: Sequence[str]) -> Summarised | None:
    """The groups that rows of patients make up; None where rows are no patients.

    Parameters
    ----------
    roles : of the columns; "patient" where the reader says which one holds the outcome.
    """
    numbers = {role for role in roles if role in NUMBERS or role in TEXTS}
    asked = "patient" in roles
    if not asked and numbers - _MAY_BE:
        return None
    at = {role: i for i, role in enumerate(roles) if role}
    group_at = at.get("treatment", at.get("intervention"))
    study_at = None if _is_patient_id(table, at.get("study")) else at.get("study")
    keys = [
        tuple(text(row[i]) if i is not None else "" for i in (study_at, group_at))
        for row in table.rows
    ]
    fixed = _of_studies(table, study_at, ()) if study_at is not None else []
    offered = [i for i in _outcomes(table, roles) if i not in fixed]
    if not asked and (len(keys) < _FEW * max(len(set(keys)), 2) or not offered):
        return None
    numbered = any(set(tokens(name)) & _IDS for name in table.columns)
    if not asked and not numbered and group_at is None:
        return None
    whole = Summarised(table, tuple(roles))
    lead = (
        "The sheet holds one row per patient"
        if numbered
        else "The sheet seems to hold one row per patient"
    )
    if study_at is None:
        allowed = "a column with the name of each patient's study, and one with the group; --map study=COLUMN"
        return _refused(whole, "one row per patient, and no column that names the study", allowed)
    if group_at is None:
        return _which_group(whole, study_at, lead)
    if asked:
        offered = [at["patient"]]
    times = [name for name in table.columns if set(tokens(name)) & _TIMES]
    timed = bool(times) and not asked and _is_event(_column(table, offered[0]))
    if len(offered) > 1 or timed or not (asked or numbered):
        choices = tuple(
            Choice(
                f"{table.columns[i]}, as {'events' if _is_event(_column(table, i)) else 'mean and SD'}",
                (("map", f"patient={table.columns[i]}"),),
            )
            for i in offered[:12]
        )
        further = (
            f" Its events can be counted, without regard to {listed(times)}; a hazard ratio needs an analysis of "
            "each study."
            if timed
            else ""
        )
        asking = f"{lead}.{further} Which column holds the outcome?"
        return Summarised(table, tuple(roles), question=Question("patients", asking, choices))
    if repeated := _repeated(table, keys):
        allowed = (
            "one row per patient: keep one time or outcome, or bring one row per study and group"
        )
        return _refused(whole, repeated, allowed)
    return _summarised(table, offered[0], (study_at, group_at, at.get("year")), asked)


def _refused(whole: Summarised, found: str, allowed: str) -> Summarised:
    return Summarised(whole.table, whole.roles, fault=Fault(1, "the header", found, allowed))


def _which_group(whole: Summarised, study_at: int, lead: str) -> Summarised:
    table = whole.table
    offered = [
        name
        for i, name in enumerate(table.columns)
        if i != study_at and 1 < len(set(_column(table, i))) <= 6
    ]
    if not offered:
        allowed = "a column that says which group a patient was in, named group; or one row per study and group"
        return _refused(whole, "one row per patient, and no column that names the groups", allowed)
    choices = tuple(
        Choice(f"column {name} names the groups", (("map", f"treatment={name}"),))
        for name in offered[:12]
    )
    question = Question("arms", f"{lead}: which column says which group a patient was in?", choices)
    return Summarised(table, whole.roles, question=question)


def _outcomes(table: Table, roles: Sequence[str]) -> list[int]:
    """The columns that may hold a patient's outcome."""
    found = []
    for i, (name, role) in enumerate(zip(table.columns, roles, strict=True)):
        said = set(tokens(name))
        if (role and role not in _MAY_BE) or said & (_IDS | _BESIDE | _TIMES):
            continue
        column = _column(table, i)
        if len(set(column)) > 1 and (_is_event(column) or _is_measured(column)):
            found.append(i)
    return found


def _is_patient_id(table: Table, at: int | None) -> bool:
    """Whether the column taken for the studies numbers the rows: "id", another in each."""
    if at is None or not set(tokens(table.columns[at])) <= _IDS:
        return False
    column = _column(table, at)
    return len(set(column)) == len(column)


def _column(table: Table, i: int) -> list[str]:
    """What a column holds where anything is written."""
    return [t for row in table.rows if not cells.is_missing(t := text(row[i]).strip())]


def _is_event(column: Sequence[str]) -> bool:
    return {t.casefold() for t in column} <= _YES | _NO


def _is_measured(column: Sequence[str]) -> bool:
    signs = cells.signs_of(column)
    return sum(_value(t, signs) is not None for t in column) > 0.9 * len(column)


def _value(printed: str, signs: Signs) -> float | None:
    try:
        value = cells.number(printed, signs).value
    except NotANumber:
        return None
    return None if math.isnan(value) else value


def _repeated(table: Table, keys: Sequence[tuple[str, ...]]) -> str:
    """What tells that a patient has several rows; "" where nothing does."""
    for i, name in enumerate(table.columns):
        words = set(tokens(name))
        if not words & {"id", "pid", "patient", "subject", "participant"} or words & {
            "study",
            "trial",
        }:
            continue
        ids = [
            (*key, text(row[i])) for key, row in zip(keys, table.rows, strict=True) if text(row[i])
        ]
        if ids and len(set(ids)) < len(ids):
            twice = next(one for k, one in enumerate(ids) if one in ids[:k])
            return f"several rows of one patient ({name} {twice[-1]} of {twice[0]})"
    return ""


def _summarised(
    table: Table, outcome: int, places: tuple[int, int, int | None], asked: bool
) -> Summarised:
    study_at, group_at, year_at = places
    column = _column(table, outcome)
    event = _is_event(column)
    groups: dict[tuple[str, str], list[tuple[int, Sequence[Cell]]]] = {}
    for number, row in zip(table.row_numbers, table.rows, strict=True):
        key = (" ".join(text(row[study_at]).split()), " ".join(text(row[group_at]).split()))
        groups.setdefault(key, []).append((number, row))
    signs = cells.signs_of(column)
    read: Callable[[str], float | None] = _as_event if event else (lambda t: _value(t, signs))
    rows, numbers, firsts, without, odd = [], [], [], 0, []
    for (study, group), members in groups.items():
        printed = [(number, text(row[outcome]).strip()) for number, row in members]
        values = [(number, read(t)) for number, t in printed if not cells.is_missing(t)]
        without += len(printed) - len(values)
        odd += [(number, t) for number, t in printed if not cells.is_missing(t) and read(t) is None]
        known = [v for _, v in values if v is not None]
        if not study or not group or not known:
            continue
        year = members[0][1][year_at] if year_at is not None else None
        spread = (
            (float(sum(known)), None)
            if event
            else (statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else None)
        )
        rows.append((study, year, group, *spread, float(len(known))))
        numbers.append(members[0][0])
        firsts.append(members[0][1])
    name = table.columns[outcome]
    if odd:
        number, shown = odd[0]
        allowed = (
            "yes or no, 1 or 0, in all rows" if event else "a number in all rows, or an empty cell"
        )
        return Summarised(table, (), fault=Fault(number, name, f"“{shown[:60]}”", allowed))
    left = f"; {without} without a value are not counted" if without else ""
    remark = (
        f"one row per patient: {len(table.rows)} rows are summarised per study and group as "
        f"{'events' if event else 'mean, SD'} and size of {name}, unadjusted{left}"
        + (
            ""
            if asked
            else f" (--map patient=COLUMN takes another, of {listed(list(table.columns), 8)})"
        )
    )
    beside = _of_studies(table, study_at, {i for i in (*places, outcome) if i is not None})
    kind = ("xi", "", "ni") if event else ("mi", "sdi", "ni")
    summary = Table(
        name=table.name,
        columns=(
            table.columns[study_at],
            "year of the study",
            table.columns[group_at],
            name,
            f"SD of {name}",
            f"patients with {name}",
            *(table.columns[i] for i in beside),
        ),
        rows=tuple(
            (*row, *(first[i] for i in beside)) for row, first in zip(rows, firsts, strict=True)
        ),
        row_numbers=tuple(numbers),
        remarks=table.remarks,
    )
    roles = ("study", "year", "treatment", *kind, *("" for _ in beside))
    return Summarised(summary, roles, remark)


def _of_studies(table: Table, study_at: int, used: Collection[int]) -> list[int]:
    """The other columns that hold one value in all rows of a study: they may moderate."""
    studies: dict[str, Sequence[Cell]] = {}
    kept = [i for i in range(len(table.columns)) if i not in used]
    for row in table.rows:
        first = studies.setdefault(text(row[study_at]), row)
        kept = [i for i in kept if row[i] == first[i]]
    return kept


def _as_event(printed: str) -> float | None:
    word = printed.casefold()
    return 1.0 if word in _YES else 0.0 if word in _NO else None
