"""Columns whose cells hold two or three numbers, as columns of one number each.

The heading says what stands beside the first number: "logOR (SE)", "Mean ± SD", "HR; 95% CI", "n/N". Where it
does not and the first number is an effect, the further column has no meaning, and `mapping` asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from analysis.reading import cells
from analysis.reading import effect_words as effects
from analysis.reading import quantity_words as quantities
from analysis.reading.asking import listed
from analysis.reading.naming import Named, interval_of, named, tokens
from analysis.reading.opened import Cell, Table
from analysis.reading.roles import EFFECTS
from analysis.reading.roles import LIMITS as _LIMITS

SECOND, LOWER, UPPER = "second number", "lower number", "upper number"
UNTOLD = "?"
"""The meaning of a second number that the heading does not name."""

_WORDS = {
    "sd": quantities.QUANTITIES["sd"] | quantities.phrases("de, et, standardabw"),
    "se": effects.SE | quantities.phrases("erreur standard, ee"),
    "variance": effects.VARIANCE | quantities.QUANTITIES["variance"],
    "interval": effects.INTERVAL
    | quantities.phrases(
        "conf interval, confidence interval ci, cl, conf limits, hdi, hpd, ll ul, lcl ucl, lci uci, "
        "lower upper, lower limit upper limit, low high, lb ub, li ls, ci lower ci upper"
    ),
    "quartiles": quantities.QUANTITIES["iqr"]
    | quantities.phrases("ri, ric, iq range, q1 q 3, q 1 q 3, p25 p75, p 25 p 75, 25 75, ia, iqa"),
    "range": quantities.phrases("range, min max, minimum maximum, spannweite, etendue, rango"),
    "size": quantities.QUANTITIES["size"],
    "share": quantities.QUANTITIES["share"],
    "p": quantities.phrases("p, p value, p val, pvalue"),
}
_ENDS = {"interval": ("ci lower", "ci upper"), "quartiles": ("q1", "q3"), "range": ("min", "max")}
_ONE = {"sd": "sd", "se": "se", "variance": "variance", "size": "n"}
_SAID = {
    "sd": "the SD",
    "se": "the standard error",
    "variance": "the variance",
    "size": "the size",
    "interval": "limits",
    "quartiles": "quartiles",
    "range": "the smallest and largest value",
    "p": "the P value",
}
_BRACKET = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_BESIDE = re.compile(r"\s*(?:±|\+\s*/?\s*-|;|,)\s*|\s+/\s+")
_OF = re.compile(r"^(.*?)\b([\w#.]+)\s*/\s*([\w#.]+)(.*)$")

_ATOM = r"[-+]?(?:\d[\d.,'\u2019]*\d|\d|[.,]\d+)(?:[eE][-+]?\d+)?"
_MARKS = "*\u2020\u2021\u00a7"
_LAST_MARK = re.compile(rf"([)\]])\s*([{_MARKS}]+)$")
"""The mark of a footnote behind a bracket: it goes with the last number, where `notes` says it."""
_LEAD = re.compile(rf"(?:([A-Za-z]{{1,5}})\s*[=:]?\s*)?({_ATOM}[{_MARKS}]*)\s*(.*)", re.DOTALL)
_P = re.compile(r"[\s,;(]*\bp\s*[-=<>\u2264:]+\s*[\d.,]+\s*\)?$", re.IGNORECASE)
_ALONE = re.compile(rf"(?:[A-Za-z]{{1,3}}\s*[=:]?\s*)?({_ATOM})\s*%?")
_OPEN = re.compile(r"^(?:[(\[;,:/±]|\+\s*/?\s*-|(?=\S*\d))\s*")
_MOST = 0.5
_BESIDE_A_NUMBER = frozenset("([;:/±, ")
"""One of them parts two numbers in a cell."""


def cut(table: Table) -> Table:
    """The table with such columns cut; as it is where there are none."""
    columns: list[str] = []
    meanings: list[str] = []
    sources: list[list[Cell]] = []
    said: dict[str, list[str]] = {}
    means = any(named(name).quantity == "mean" for name in table.columns)
    for i, name in enumerate(table.columns):
        column = [row[i] for row in table.rows]
        found = _limits_of_means(name, column) if means else None
        found = found or _cut_column(name, column)
        if found is None:
            columns.append(name)
            meanings.append(name)
            sources.append(column)
            continue
        names, heads, parts, stand = found
        columns += names
        meanings += heads
        sources += parts
        if stand:
            said.setdefault(stand, []).append(name)
    if len(columns) == len(table.columns) or len(set(columns)) < len(columns):
        return table
    return replace(
        table,
        columns=tuple(columns),
        meanings=tuple(meanings),
        rows=tuple(zip(*sources, strict=True)),
        remarks=(
            *table.remarks,
            *(
                f"in the cells of {listed(of)}, what stands beside the first number is read as {stand}"
                for stand, of in said.items()
            ),
        ),
    )


_Cut = tuple[list[str], list[str], list[list[Cell]], str]


def _limits_of_means(name: str, column: Sequence[Cell]) -> _Cut | None:
    """As `_cut_column`, for the limits of a group's mean in a column of their own: "95% CI, treatment"."""
    words = tokens(name)
    level = next((w for w in words if re.fullmatch(r"(?:8|9)\d", w)), "")
    bare = tuple(w for w in words if w not in (level, "%"))
    at = next((i for i, w in enumerate(bare) if (w,) in effects.INTERVAL), None)
    if at is None or named(name).measure or any("ower" in w or "pper" in w for w in bare):
        return None
    group = " ".join((*bare[:at], *bare[at + 1 :]))
    pairs = [cells.limits_texts(c) if isinstance(c, str) else None for c in column]
    filled = sum(c is not None for c in column)
    if not filled or sum(p is not None for p in pairs) <= _MOST * filled:
        return None
    heads = [" ".join(f"ci {end} {group} {level}".split()) for end in ("lower", "upper")]
    if any(
        named(head).role not in _LIMITS and named(head).quantity not in ("low", "high")
        for head in heads
    ):
        return None
    rows = [p or (c, None) for p, c in zip(pairs, column, strict=True)]
    return [name, f"{name}, {UPPER}"], heads, [list(part) for part in zip(*rows, strict=True)], ""


def _cut_column(name: str, column: Sequence[Cell]) -> _Cut | None:
    """Names, meanings and cells of the columns that one is cut into, and what the others than the first are.

    None where it stays whole; "" for what they are where that is not known.
    """
    texts = [c for c in column if isinstance(c, str) and not _BESIDE_A_NUMBER.isdisjoint(c)]
    if not texts:
        return None
    filled = [c for c in column if isinstance(c, str) and not cells.is_missing(c)]
    many = [c for c in texts if re.search(r"\d[^\d.,eE]*[-+(\[;:/±,\s]+[^\d]*[\d.]", c)]
    if not many or len(many) <= _MOST * len(filled):
        return None
    first, kinds = heading(name)
    if not kinds or kinds == ("share",):
        first, kinds = _untold(name, many)
        if not kinds:
            return None
    first = _measured(first, many)
    if not first:
        return None
    got = [_numbers(c, kinds) if isinstance(c, str) else None for c in column]
    if sum(g is not None for g in got) <= _MOST * len(filled):
        return None
    heads = _meanings(first, kinds)
    if heads is None:
        return None
    extra = len(heads) - 1
    words = {1: (SECOND,), 2: (LOWER, UPPER)}.get(extra) or tuple(
        f"number {n}" for n in range(2, extra + 2)
    )
    names = [name, *(f"{name}, {word}" for word in words)]
    rows = [g if g is not None else (c, *[None] * extra) for c, g in zip(column, got, strict=True)]
    told = [_SAID[kind.split(" ")[0]] for kind in kinds if kind not in ("share", UNTOLD)]
    stand = "" if UNTOLD in heads else " and ".join(told)
    return names, heads, [list(part) for part in zip(*rows, strict=True)], stand


# --- headings ------------------------------------------------------------------------------------
def heading(name: str) -> tuple[str, tuple[str, ...]]:
    """What the first number of a column is called, and what kinds of numbers stand beside it; none where it names one.

    >>> heading("logOR (SE)"), heading("Drug, mean (SD; n)"), heading("Mean ± SEM (treatment)")
    (('logOR', ('se',)), ('Drug, mean', ('sd', 'size')), ('Mean (treatment)', ('se',)))
    >>> heading("HR; 95% CI"), heading("SE(logOR)"), heading("Treated n/N (%)")
    (('HR', ('interval 95',)), ('SE(logOR)', ()), ('events Treated', ('size',)))
    """
    text = " ".join(name.split())
    share, found, rest = "", (), text
    for bracket in _BRACKET.finditer(text):
        kinds = _kinds(bracket[1])
        without = " ".join(rest.replace(bracket[0].strip(), " ").split())
        if kinds == ("share",) and not share:
            share = without
        elif kinds and without:
            found, rest = (*found, *kinds), without
    if found:
        return rest, found
    if of := _OF.match(share or text):
        before, events, size, after = (part.strip() for part in of.groups())
        if _is(events, "events") and _is(size, "size"):
            return " ".join(f"events {before} {after}".split()), ("size",)
    parts = _BESIDE.split(text, maxsplit=1)
    if len(parts) == 2 and parts[0]:
        kinds, rest = _leading(parts[1])
        if kinds and kinds[0] not in ("size", "share"):  # "Drug, n"
            return f"{parts[0]} {rest}".strip(), kinds
    return text, ()


def _is(word: str, quantity: str) -> bool:
    return word.lower() == "n" or tokens(word) in quantities.QUANTITIES[quantity]


def _kinds(text: str) -> tuple[str, ...]:
    """The kinds that all of a text names, () where a part of it is anything else."""
    if found := _kind(tokens(text)):
        return (found,)
    parts = [_kind(tokens(part)) for part in re.split(r"[;,/]|\band\b", text)]
    return tuple(parts) if len(parts) > 1 and all(parts) else ()


def _leading(text: str) -> tuple[tuple[str, ...], str]:
    """The kind that a text begins with, and what follows it."""
    words = text.split(" ")
    for length in range(len(words), 0, -1):
        if kinds := _kinds(" ".join(words[:length])):
            return kinds, " ".join(words[length:])
    return (), text


def _kind(found: tuple[str, ...]) -> str:
    """The kind that words name, with the level of an interval ("interval 95"); "" none."""
    if "of" in found[1:] and found[0] != "no":  # "SE of logOR"
        found = found[: found.index("of")]
    level = next((w for w in found if re.fullmatch(r"(?:8|9)\d(?:\.\d)?", w)), "")
    bare = tuple(w for w in found if w != level and not (level and w == "%")) if level else found
    if bare in _WORDS["interval"]:
        return f"interval {level}".strip()
    return next((kind for kind, phrases in _WORDS.items() if found in phrases), "")


def _measured(first: str, many: Sequence[str]) -> str:
    """The name with the measure that cells begin with ("RR 0.62"); "" where they differ, from it or each other."""
    found = {lead[1] or "" for cell in many if (lead := _LEAD.fullmatch(cells.plain(cell)))}
    words = {word.upper() for word in found}
    if words <= {""} or words <= {"M", "MEAN", ""}:
        return first
    one, told = named(first), named(words.pop()).measure if len(words) == 1 else ""
    if not told or one.measure not in ("", told):
        return ""
    return first if one.measure else found.pop()


def _untold(name: str, many: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """As `heading`, from the cells: an effect with limits beside it, or with a number that nothing names."""
    one = named(name)
    triples = sum(_numbers(c, ("interval",)) is not None for c in many)
    if triples > _MOST * len(many):
        if one.role in EFFECTS:
            return name, ("interval",)
        if one.role == "ci_text" and (found := interval_of(name)):
            effect, level = found
            return effect, (f"interval {100 * level:g}" if level else "interval",)
        return name, ()
    pairs = sum(_numbers(c, (UNTOLD,)) is not None for c in many)
    return (name, (UNTOLD,)) if one.role in EFFECTS and pairs > _MOST * len(many) else (name, ())


def _meanings(first: str, kinds: Sequence[str]) -> list[str] | None:
    """Names by which the columns are known, one kind after the other; None where the first number is unknown."""
    one = named(first)
    if one.quantity == "cell" or (not one.role and not one.quantity):
        lone = " ".join(one.group) if one.quantity == "cell" else first
        if any(kind in ("sd", "se", "variance") for kind in kinds):
            first = f"mean {lone}"
            one = named(first)
    heads = [first]
    for kind in kinds:
        word, _, level = kind.partition(" ")
        if word == UNTOLD or (word == "sd" and one.role in EFFECTS):
            heads.append(UNTOLD)
        elif word in _ENDS:
            heads += [_beside(one, first, f"{end} {level}".strip()) for end in _ENDS[word]]
        elif word in _ONE:
            heads.append(_beside(one, first, _ONE[word]))
        else:
            heads.append(word)
    return heads


def _beside(one: Named, first: str, word: str) -> str:
    """The name of a number beside one that is named `first`."""
    if word == "n" and one.role in (*EFFECTS, "ri"):
        return "n"
    if one.quantity:
        return " ".join([word, *one.group])
    return f"{word} {first}" if one.role in EFFECTS else word


# --- cells ---------------------------------------------------------------------------------------
def _numbers(text: str, kinds: Sequence[str]) -> tuple[str, ...] | None:
    """The texts of the numbers in a cell, as many as the kinds need; None where it is written otherwise.

    >>> _numbers("0.52 [0.31, 0.90]", ("interval",)), _numbers("3.1 (2.0; 40)", ("sd", "size"))
    (('0.52', '0.31', '0.90'), ('3.1', '2.0', '40'))
    >>> _numbers("RR 0.62 (95% CI 0.46 to 0.83), p=0.03", ("interval",)), _numbers("12/40 (30%)", ("size",))
    (('0.62', '0.46', '0.83'), ('12', '40'))
    """
    bare = cells.plain(" ".join(text.split()), marks=True)
    behind = _LAST_MARK.search(bare)
    bare = _LAST_MARK.sub(r"\1", bare)
    if "p" not in kinds:
        bare = _P.sub("", bare)
    found = _LEAD.fullmatch(bare)
    if not found or not (opened := _OPEN.match(found[3])):
        return None
    rest = found[3][opened.end() :].strip()
    if opened[0].strip() == "/":  # 12/40 (30%)
        rest = re.sub(r"\s*[(\[].*$", "", rest)
    elif opened[0].strip()[:1] in ("(", "["):
        rest = re.sub(r"[)\]]\s*$", "", rest)
    pieces = [rest] if len(kinds) == 1 else re.split(r"\s*(?:;|,\s|[)\]]\s*[(\[])\s*", rest)
    if len(pieces) != len(kinds):
        return None
    numbers = [found[2]]
    for kind, piece in zip(kinds, pieces, strict=True):
        if kind.split(" ")[0] in _ENDS:
            pair = cells.limits_texts(piece)
            if pair is None:
                return None
            numbers += pair
        elif one := _ALONE.fullmatch(piece.strip(" ()[]")):
            numbers.append(one[1])
        else:
            return None
    if behind:
        numbers[-1] += behind[2]
    return tuple(numbers)
