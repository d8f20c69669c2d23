"""Which columns belong to the treatment and which to the comparator."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.reading import quantity_words as quantities
from analysis.reading.asking import listed
from analysis.reading.naming import SIDED, Named


def give_sides(
    header: Sequence[str], guesses: list[Named]
) -> tuple[list[str], list[dict[int, str]]]:
    """Give columns with a quantity and a group their side; say so where the names alone do not tell which is which."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for i, one in enumerate(guesses):
        if one.quantity and one.group:
            groups.setdefault(one.group, []).append(i)
    remarks: list[str] = []
    pairs = _pair(list(groups), groups, guesses)
    several = _alike(pairs, groups, guesses)
    taken: set[str] = set()
    for first, second, sure in pairs:
        kinds = {guesses[i].quantity for i in groups[first]}
        if kinds & taken:
            continue  # another outcome or time; sizes that stand apart serve all of them
        taken |= kinds
        for i in groups[first]:
            _take_side(guesses[i], 0)
        for i in groups[second]:
            _take_side(guesses[i], 1)
        if further := [h for h, one in zip(header, guesses, strict=True) if _is_third(one, first)]:
            remarks.append(
                f"columns of a third group are not used: {listed(further)} (all groups at once: one "
                "row per group, python -m analysis network FILE)"
            )
        if not sure:
            named = [" ".join(g) for g in (first, second)]
            remarks.append(
                f"{named[0]} is taken for the treatment and {named[1]} for the comparator, by the order of the columns "
                "(--map role=column changes it)"
            )
    _repeated(header, guesses, remarks)
    return remarks, several


def _alike(
    pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...], bool]],
    groups: dict[tuple[str, ...], list[int]],
    guesses: Sequence[Named],
) -> list[dict[int, str]]:
    """The roles of the columns of each pair, where several pairs hold the same quantities: outcomes or times."""
    found = []
    for pair in pairs:
        roles = {
            i: SIDED[guesses[i].quantity][side]
            for side, group in enumerate(pair[:2])
            for i in groups[group]
            if guesses[i].quantity in SIDED
        }
        found.append(roles)
    same: dict[frozenset[str], list[dict[int, str]]] = {}
    for roles in found:
        same.setdefault(frozenset(roles.values()), []).append(roles)
    return next((alike for alike in same.values() if len(alike) > 1), [])


def _is_third(one: Named, first: tuple[str, ...]) -> bool:
    """Whether a column belongs to a group "3" or "c" beside "1" and "2", or "a" and "b"."""
    third = {"1": "3", "a": "c"}
    return bool(one.quantity) and any(
        w in third and one.group == tuple(third.get(x, x) if x == w else x for x in first)
        for w in first
    )


def _take_side(one: Named, side: int) -> None:
    one.role = f"group{side + 1}" if one.quantity == "cell" else SIDED[one.quantity][side]


def _pair(
    names: list[tuple[str, ...]], groups: dict[tuple[str, ...], list[int]], guesses: list[Named]
) -> list[tuple[tuple[str, ...], tuple[str, ...], bool]]:
    """The pairs of groups that stand for treatment and comparator; whether their names say which is which."""

    def kinds(name: tuple[str, ...]) -> frozenset[str]:
        return frozenset(guesses[i].quantity for i in groups[name])

    def side(name: tuple[str, ...]) -> str:
        if set(name) & quantities.CONTROL:
            return "2"
        return "1" if set(name) & quantities.TREATED else ""

    def rest(name: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
        return tuple(w for w in name if w not in known)

    ones = [n for n in names if side(n) == "1"]
    twos = [n for n in names if side(n) == "2"]
    found = []
    for one in ones:
        for two in twos:
            if rest(one, quantities.TREATED) == rest(two, quantities.CONTROL) and kinds(
                one
            ) & kinds(two):
                found.append((one, two, True))
    if found:
        return found
    for first, second in quantities.ORDERS:
        for one in names:
            if first in one:
                other = tuple(second if w == first else w for w in one)
                if other in names and kinds(one) & kinds(other):
                    found.append((one, other, True))
        if found:
            return found
    if len(twos) == 1:
        others = [n for n in names if n not in twos and kinds(n) & kinds(twos[0])]
        if len(others) == 1:
            return [(others[0], twos[0], True)]
    if len(ones) == 1:
        others = [n for n in names if n not in ones and kinds(n) & kinds(ones[0])]
        if len(others) == 1:
            return [(ones[0], others[0], True)]
    full = [n for n in names if len(kinds(n)) > 1]
    if len(full) == 2 and kinds(full[0]) == kinds(full[1]):
        return [(full[0], full[1], False)]
    return []


def _repeated(header: Sequence[str], guesses: list[Named], remarks: list[str]) -> None:
    """Names that stand twice ("mean, sd, n, mean (2), sd (2), n (2)"): the first set is the treatment's."""
    second = {one.quantity: one for one in guesses if one.group == ("2",)}
    if any(one.group == ("1",) for one in guesses):
        return
    first = {one.quantity: one for one in guesses if one.quantity in second and not one.group}
    if len(first) < 2 or len(first) < len(second):
        return
    for kind, one in first.items():
        _take_side(one, 0)
        _take_side(second[kind], 1)
    remarks.append(
        f"{', '.join(first)} appear twice: the first is taken for the treatment, the second for the comparator"
    )
