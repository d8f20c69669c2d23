"""Which column holds what: a role for each, from its name, its cells and its neighbours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.reading import whole_names
from analysis.reading.content import by_content, compound
from analysis.reading.naming import Named, named, tokens
from analysis.reading.occasions import give_occasions
from analysis.reading.sides import give_sides


@dataclass(frozen=True, slots=True)
class Guessed:
    """A role for each column ("" unused), the measure that names tell, and what had to be decided.

    `level` is the level of the limits where a name tells it (0.9), else None. `rivals` are roles for
    which several columns offer themselves equally well, with those columns. `several` are the (role, column)
    pairs of each of several outcomes or times that stand beside each other.
    """

    roles: tuple[str, ...]
    measure: str
    level: float | None
    remarks: tuple[str, ...]
    rivals: tuple[tuple[str, tuple[str, ...]], ...] = ()
    several: tuple[tuple[tuple[str, str], ...], ...] = ()


def guess(
    header: Sequence[str], rows: Sequence[Sequence[str]] = (), shown: Sequence[str] = ()
) -> Guessed:
    """A role for every column.

    Parameters
    ----------
    header : the column names.
    rows : of cells as text; by them a "CI" of limits is told from a count, words from numbers.
    shown : what the reader calls the columns, where that is something else.

    >>> guess(("Author", "Intervention_Events", "Intervention_N", "vaccine", "Placebo_Events", "Placebo_N")).roles
    ('study', 'ai', 'n1i', '', 'ci', 'n2i')
    """
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(len(header))]
    shown = shown or header
    header = _small_and_large(header)
    guesses = [named(name) for name in header]
    for name, one, column in zip(header, guesses, columns, strict=True):
        by_content(name, one, column)
    for name, one, column in zip(header, guesses, columns, strict=True):
        filled = [text for text in column if text.strip()]
        if not one.role and not one.quantity and filled and compound(filled):
            one.quantity, one.group, one.rank = "cell", tokens(name), 6
    remarks, several = give_sides(shown, guesses)
    remarks = [*remarks, *give_occasions(header, guesses)]
    _rates(guesses)
    _effect_quantities(guesses, header)
    _one_group_se(guesses)
    _correlations(guesses)
    found = _once(shown, guesses, columns, remarks)
    roles = _with_cluster(header, found.roles)
    return replace(found, roles=roles, several=tuple(_named(r, shown) for r in several))


_LIMITS = frozenset(
    {"ci_low", "ci_high", "ci_text"}
    | {f"{end}{side}" for end in ("low", "high") for side in ("1i", "2i", "i")}
)


def _named(roles: dict[int, str], header: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((role, header[i]) for i, role in roles.items())


_SECOND_N = re.compile(r"(.*?)\b([nN]) \(2\)")


def _small_and_large(header: Sequence[str]) -> list[str]:
    """ "n" beside "N" in one table: those with the event, and all of them."""
    names = list(header)
    for i, name in enumerate(header):
        found = _SECOND_N.fullmatch(name)
        other = f"{found[1]}{found[2].swapcase()}" if found else ""
        if found and other in names:
            at = names.index(other)
            small, large = (at, i) if found[2] == "N" else (i, at)
            names[small], names[large] = f"{found[1]}events", f"{found[1]}N"
    return names


def _rates(guesses: list[Named]) -> None:
    """Events beside person-time, and no sizes, are those of rates."""
    roles = {one.role for one in guesses}
    if {"t1i", "t2i"} <= roles and not roles & {"n1i", "n2i"}:
        for one in guesses:
            one.role = {"ai": "x1i", "ci": "x2i"}.get(one.role, one.role)
    elif "ti" in roles and not roles & {"xi"}:
        for one in guesses:
            if one.role == "ti" and one.rank > 0:
                one.role = ""


_OF_ONE_MEAN = {"vi": "vari", "ci_low": "lowi", "ci_high": "highi"}
"""What a variance and limits are beside the mean and size of a group, where no effect is stated."""


def _one_group_se(guesses: list[Named]) -> None:
    """A mean or effect with a plain "se" beside it: the error of the effect unless sizes and a mean say otherwise."""
    roles = {one.role for one in guesses}
    if {"mi", "ni"} <= roles and not roles & {"yi", "ratio", "log10"}:
        for one in guesses:
            one.role = _OF_ONE_MEAN.get(one.role, one.role)
    if "sei" not in roles and "yi" in roles:
        for one in guesses:
            if one.quantity == "se" and not one.group:
                one.role = "sei"


def _correlations(guesses: list[Named]) -> None:
    """Correlations with sizes and no error are analysed by Fisher's z."""
    roles = {one.role for one in guesses}
    if "ni" in roles and not roles & {"vi", "sei", "ci_low", "ci_text", "ri"}:
        for one in guesses:
            if one.role == "yi" and one.measure == "COR":
                one.role, one.measure = "ri", "COR"


def _effect_quantities(guesses: list[Named], header: Sequence[str]) -> None:
    """ "y", "v", "m", "s", "n", "x" alone: an effect with its variance, or one group's numbers."""
    alone = {header[i].strip().lower(): one for i, one in enumerate(guesses) if not one.role}
    if "y" in alone and ("v" in alone or any(o.role in ("vi", "sei") for o in guesses)):
        alone["y"].role, alone["y"].rank = "yi", 3
    if "n" in alone:
        alone["n"].role, alone["n"].rank = "ni", 3
        for name, role in (("x", "xi"), ("m", "mi"), ("s", "sdi"), ("r", "ri")):
            if name in alone and role not in {o.role for o in guesses}:
                alone[name].role, alone[name].rank = role, 3


def _once(
    header: Sequence[str], guesses: list[Named], columns: list[list[str]], remarks: list[str]
) -> Guessed:
    """Every role at most once: the surest column has it; where two are as sure and differ, both are named."""
    roles = ["" for _ in guesses]
    rivals: list[tuple[str, tuple[str, ...]]] = []
    for role in dict.fromkeys(one.role for one in guesses if one.role):
        at = sorted(
            (i for i, one in enumerate(guesses) if one.role == role), key=lambda i: guesses[i].rank
        )
        if role == "study":
            at = _best_names(at, guesses, columns)
        best = at[0]
        roles[best] = role
        same = [
            i
            for i in at
            if guesses[i].rank == guesses[best].rank and role not in whole_names.WORD_ROLES
        ]
        if len(same) > 1 and len({tuple(columns[i]) for i in same}) > 1:
            rivals.append((role, tuple(header[i] for i in same)))
    effects = [i for i, r in enumerate(roles) if r in ("yi", "ratio", "log10")]
    if filled := [i for i in effects if any(columns[i])]:  # not the empty columns of a template
        roles = [r if i not in effects or i in filled else "" for i, r in enumerate(roles)]
        effects = filled
    if (
        len(effects) > 1
    ):  # a ratio and its logarithm: the one that was read as such, logarithm first
        order = ("yi", "log10", "ratio") if "ci_low" not in roles else ("yi", "ratio", "log10")
        kept = min(effects, key=lambda i: (guesses[i].rank, order.index(roles[i])))
        for i in effects:
            if i != kept:
                roles[i] = ""
        effects = [kept]
    measure = guesses[effects[0]].measure if effects else ""
    if "ri" in roles and not effects and "m1i" not in roles:
        measure = "ZCOR"
    levels = {
        g.level
        for g, r in zip(guesses, roles, strict=True)
        if g.level and r in _LIMITS
    }
    if not measure:
        told = {
            g.measure
            for g, r in zip(guesses, roles, strict=True)
            if g.measure and r in ("sei", "vi", "ci_low", "ci_high")
        }
        measure = told.pop() if len(told) == 1 else ""
    return Guessed(
        tuple(roles),
        measure,
        levels.pop() if len(levels) == 1 else None,
        tuple(remarks),
        tuple(rivals),
    )


def _best_names(at: list[int], guesses: list[Named], columns: list[list[str]]) -> list[int]:
    """Columns of names, those of words before those of numbers."""

    def wordy(i: int) -> bool:
        return any(any(ch.isalpha() for ch in text) for text in columns[i])

    return sorted(at, key=lambda i: (not wordy(i), guesses[i].rank))


def _with_cluster(header: Sequence[str], roles: Sequence[str]) -> tuple[str, ...]:
    """A study id beside the study's name tells which rows belong together."""
    found = list(roles)
    for i, name in enumerate(header):
        is_id = " ".join(tokens(name)) in whole_names.ALSO_AN_ID
        if is_id and not found[i] and "cluster" not in found:
            found[i] = "cluster"
    return tuple(found)
