"""The columns of a table with their roles: guessed from names and cells, then as the reader says."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.errors import InputError
from analysis.reading import columns
from analysis.reading.asking import Choice, Question, listed
from analysis.reading.opened import Table
from analysis.reading.records import texts_of
from analysis.reading.roles import EFFECTS, NUMBERS, ROLES, SIDES, WORDS
from analysis.reading.several import UNTOLD

UNUSED = "unused"
_SAID = {"": 0, **{name: int(side or 0) for side, name in SIDES.items()}}


class WrongChoice(InputError):
    """A choice that this file does not have; the message lists what it has."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the reader chose; empty where nothing was.

    Attributes
    ----------
    measure : metafor's name of an effect measure.
    roles : (role, column) pairs in order, as ``--map role=column``; a number in place of a column holds
        for all rows, ``unused`` leaves a column out.
    sheet, analysis : of a file that holds several.
    cluster : column whose rows belong together.
    mods : columns of moderators.
    """

    measure: str = ""
    roles: tuple[tuple[str, str], ...] = ()
    sheet: str = ""
    analysis: str = ""
    cluster: str = ""
    mods: tuple[str, ...] = ()


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Mapped:
    """Roles by column, constants by role, which roles the reader gave, and what names told."""

    roles: tuple[str, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    by_hand: frozenset[str] = frozenset()
    measure: str = ""
    level: float | None = None
    remarks: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


def mapped(table: Table, choices: Choices) -> Mapped:
    """The roles of a table's columns.

    Raises
    ------
    WrongChoice
        A role or a column of `choices` that does not exist.
    """
    found = columns.guess(table.heads, texts_of(table), table.columns)
    roles, constants, by_hand = list(found.roles), {}, set()
    measure = found.measure
    for asked, column in choices.roles:
        role, told = role_named(asked)
        at = column_named(table, column)
        if at is None:
            if role in ("intervention", "comparator") or (role in NUMBERS and _is_number(column)):
                constants[role] = column
                continue
            raise WrongChoice(
                f"map {asked}={column}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        roles = ["" if r == role and role else r for r in roles]
        if role in ("yi", "ratio", "log10"):
            roles = ["" if r in ("yi", "ratio", "log10") else r for r in roles]
            if at is not None and found.roles[at] not in ("yi", "ratio", "log10"):
                measure = ""
        roles[at] = role
        by_hand.add(role or column)
        measure = told or measure
    if "study" not in roles:
        _name_studies(table, roles)
    questions = [
        Question(
            "column",
            f"{len(names)} columns could hold {ROLES[role]} ({listed(list(names))}): which one?",
            tuple(Choice(name, (("map", f"{role}={name}"),)) for name in names),
        )
        for role, names in found.rivals
        if role not in by_hand
        and all(found.roles[table.columns.index(n)] in ("", role) for n in names)
        and not any(column in names for _, column in choices.roles)
    ]
    mapped_by_hand = {column for _, column in choices.roles}
    questions += _untold(table, roles, mapped_by_hand)
    if found.several and not any(c in mapped_by_hand for pairs in found.several for _, c in pairs):
        questions = [
            Question(
                "columns",
                f"The columns hold {len(found.several)} outcomes or times beside each other: which one?",
                tuple(
                    Choice(
                        listed([column for _, column in pairs]),
                        tuple(("map", f"{role}={column}") for role, column in pairs),
                    )
                    for pairs in found.several
                ),
            )
        ]
    remarks = () if choices.roles else found.remarks
    return Mapped(
        tuple(roles), constants, frozenset(by_hand), measure, found.level, remarks, tuple(questions)
    )


def _untold(table: Table, roles: Sequence[str], by_hand: Collection[str]) -> list[Question]:
    """What stands beside an effect in its cells, where the heading does not say it."""
    if set(roles) & {"sei", "vi", "ci_low", "ci_text", "se_ratio", "se_log10"}:
        return []
    return [
        Question(
            "second",
            f"The cells of {table.columns[i - 1]} hold two numbers, and the second number is not named as the error of "
            "an effect: what is it?",
            tuple(
                Choice(ROLES[role].split(" of ")[0], (("map", f"{role}={table.columns[i]}"),))
                for role in ("sei", "vi", "p_value")
            ),
        )
        for i, meaning in enumerate(table.meanings)
        if meaning == UNTOLD and roles[i - 1] in EFFECTS and table.columns[i] not in by_hand
    ]


def _name_studies(table: Table, roles: list[str]) -> None:
    """Take the first unused column of words that all differ for the names of the studies."""
    columns_of = list(zip(*texts_of(table), strict=True)) if table.rows else []
    for i, column in enumerate(columns_of):
        wordy = all(any(ch.isalpha() for ch in text) for text in column)
        if not roles[i] and wordy and len(set(column)) == len(column):
            roles[i] = "study"
            return


def column_named(table: Table, name: str) -> int | None:
    """The place of a column by its name, in any case; None without one."""
    wanted = " ".join(name.split()).casefold()
    names = [" ".join(c.split()).casefold() for c in table.columns]
    return names.index(wanted) if wanted in names else None


def role_named(text: str) -> tuple[str, str]:
    """A role by its own name or by any name of a column that tells one, and the measure that it tells.

    >>> role_named("ai"), role_named("events_treatment"), role_named("or"), role_named("unused")
    (('ai', ''), ('ai', ''), ('ratio', 'OR'), ('', ''))

    Raises
    ------
    WrongChoice
        No such role.
    """
    name = text.strip()
    if name.lower() in ROLES or name.lower() == UNUSED:
        return name.lower().replace(UNUSED, ""), ""
    for other in (name, f"{name} treatment"):
        pair = (other, _other_side(other))
        found = columns.guess(pair)
        if found.roles[0] and other == name:
            return found.roles[0], found.measure if found.roles[0] in (
                "yi",
                "ratio",
                "log10",
            ) else ""
    allowed = ", ".join(r for r in (*WORDS, *NUMBERS) if r)
    raise WrongChoice(f"map {text}: no such role; allowed: {allowed}, {UNUSED}")


def _other_side(name: str) -> str:
    """A name like this one for the other group, so that a pair can be told."""
    other = re.sub(
        r"(treatment|intervention|experimental|treated)", "control", name, flags=re.IGNORECASE
    )
    if other == name:
        other = re.sub(r"(control|placebo|comparator)", "treatment", name, flags=re.IGNORECASE)
    if other == name:
        other = name.translate(str.maketrans("12", "21"))
    return other if other != name else ""


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,]+%?", text.strip()))


def suggested(table: Table) -> Sequence[str]:
    """The guessed roles alone, for a form."""
    return columns.guess(table.heads, texts_of(table), table.columns).roles
