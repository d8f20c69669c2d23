"""A cell as a number: decimal signs, thousands marks, words for "missing", bounds, percentages, two numbers in one.

`Signs` are decided once for a whole table, from every cell that is read as a number; what no cell decides
is a fault of that cell, never a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from analysis.errors import InputError

MISSING = frozenset(
    {
        "",
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        ".",
        "..",
        "-",
        "--",
        "\N{EN DASH}",
        "\N{EM DASH}",
        "nr",
        "n.r.",
        "ns",
        "n.s.",
        "nd",
        "n.d.",
        "nk",
        "n.k.",
        "k.a.",
        "k. a.",
        "not reported",
        "not stated",
        "not available",
        "not applicable",
        "not given",
        "not known",
        "not clear",
        "missing",
        "unknown",
        "unclear",
        "?",
        "n.a.",
        "no data",
        "#n/a",
        "#na",
        "#div/0!",
        "#value!",
        "#ref!",
        "#name?",
        "#num!",
        "#null!",
        "x",
        "tbd",
        "pending",
        "nicht berichtet",
        "non rapporté",
        "no reportado",
    }
)
PLAIN = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-", "\N{EN DASH}", "\N{EM DASH}"})
"""Words for an empty cell that need no remark."""

_ATOM = r"[-+]?(?:\d[\d.,'\u2019 ]*\d|\d|[.,]\d+)(?:[eE][-+]?\d+)?[.,]?"
_NUMBER = re.compile(_ATOM)
_BOUND = re.compile(rf"(?:[<>\u2264\u2265~\u2248]|p\s*[<>=])\s*=?\s*({_ATOM})", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:([.,'\u2019 ])\d{3})(?:\1\d{3})*")
_MIXED = re.compile(r"[-+]?\d{1,3}(?:([.,'\u2019 ])\d{3})+([.,])\d+")
_EXPONENT = re.compile(r"[eE]")
_TWO = {
    "plus_minus": re.compile(rf"({_ATOM})\s*(?:\u00b1|\+\s*/?\s*-|\+-|&plusmn;)\s*({_ATOM})"),
    "brackets": re.compile(rf"({_ATOM})\s*[(\[]\s*({_ATOM})\s*[)\]]"),
    "share": re.compile(rf"({_ATOM})\s*[(\[]\s*({_ATOM})\s*%\s*[)\]]"),
    "share_first": re.compile(rf"({_ATOM})\s*%\s*[(\[]\s*({_ATOM})\s*[)\]]"),
    "of": re.compile(
        rf"({_ATOM})\s*\(?\s*(?:/|of|out of|von|de|sur)\s*({_ATOM})\s*\)?(?:\s*[(\[].*)?",
        re.IGNORECASE,
    ),
    "share_of": re.compile(
        rf"{_ATOM}\s*%\s*[(\[]\s*({_ATOM})\s*(?:/|of)\s*({_ATOM})\s*[)\]]", re.IGNORECASE
    ),
}
_THREE = re.compile(rf"({_ATOM})\s*[(\[,;]\s*(.+?)\s*[)\]]?")
_LABEL = re.compile(r"^(?:iqr|q1-q3|range|(?:9\d\s*%\s*)?(?:ci|ki|ic))[\s:,=]*", re.IGNORECASE)
_ONE = r"[-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][-+]?\d+)?"
_BETWEEN = (
    r"\s*\b(?:to|bis|und|and|a|à|til|tot)\b\s*",
    r"\s*;\s*",
    r"\s*:\s*",
    r",\s+",
    r"\s*\.\.+\s*",
    r"\s+-\s+",
    r"\s*[\u2013\u2014]\s*",
    r"-",
    r",",
    r"\s+",
)
_LIMITS = tuple(re.compile(rf"({_ONE}){between}({_ONE})", re.IGNORECASE) for between in _BETWEEN)


class NotANumber(InputError):
    """A cell that is no number; the message says what is allowed, with what to type."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What commas and points mean where a cell alone does not tell ("1,234", "1.234").

    Each is "decimal", "thousands" or "" (no cell of the table decides).
    """

    comma: str = ""
    point: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as printed: its value, the digits behind its decimal sign, and whether it is a percentage."""

    value: float
    digits: int
    percent: bool = False


def plain(text: str, *, marks: bool = False) -> str:
    """A cell without the typographic variants of minus, of spaces and of signs, and without `marks` of footnotes."""
    for dash in "\N{MINUS SIGN}\N{SMALL HYPHEN-MINUS}\N{FULLWIDTH HYPHEN-MINUS}\N{NON-BREAKING HYPHEN}\N{HYPHEN}":
        text = text.replace(dash, "-")
    text = (
        re.sub("[\u00a0\u202f\u2009\u2007\u200a]", " ", text)
        .replace("\u00b7", ".")
        .replace("\u066b", ".")
    )
    text = re.sub(r"^[\N{EN DASH}\N{EM DASH}](?=[\d.,])", "-", text.strip())
    return text.strip() if marks else text.strip().rstrip("*\u2020\u2021\u00a7").strip()


def is_missing(text: str) -> bool:
    """Whether a cell is empty or says so ("NR", "n/a", "#DIV/0!")."""
    return plain(text).lower() in MISSING


def bound(text: str) -> bool:
    """Whether a cell holds a bound, not a value ("<0.01").

    >>> bound("<0.01"), bound("0.01")
    (True, False)
    """
    return bool(_BOUND.fullmatch(plain(text)))


def signs_of(texts: Iterable[str]) -> Signs:
    """What commas and points mean in a table.

    >>> signs_of(["0,5", "1,234"]), signs_of(["4.1", "1,234"])
    (Signs(comma='decimal', point=''), Signs(comma='thousands', point='decimal'))
    """
    commas, points = set(), set()
    for text in texts:
        for atom in _NUMBER.findall(plain(text)):
            bare = _EXPONENT.split(atom)[0].strip(" +-").rstrip(".,")
            if mixed := _MIXED.fullmatch(bare):
                (commas if mixed[2] == "," else points).add("decimal")
                if mixed[1] in ",.":
                    (commas if mixed[1] == "," else points).add("thousands")
            elif _GROUPED.fullmatch(bare):
                for sign, found in ((",", commas), (".", points)):
                    if bare.count(sign) > 1:
                        found.add("thousands")
            elif bare.count(",") == 1 and "." not in bare:
                commas.add("decimal")
            elif bare.count(".") == 1 and "," not in bare:
                points.add("decimal")
    comma = "decimal" if "decimal" in commas and "thousands" not in commas else ""
    point = "decimal" if "decimal" in points and "thousands" not in points else ""
    if ("thousands" in commas and "decimal" not in commas) or (point and not comma):
        comma = "thousands"
    if ("thousands" in points and "decimal" not in points) or (comma == "decimal" and not point):
        point = point or ("thousands" if "thousands" in points else "")
    return Signs(comma, point)


def number(text: str, signs: Signs, *, whole: bool = False) -> Cell:
    """The number in a cell; NaN where it is missing or a bound. `whole`: for sizes, where a lone mark is of thousands.

    Raises
    ------
    NotANumber
        Anything else.

    >>> number("\\u22120,25", Signs(comma="decimal")).value, number("1.234", Signs(), whole=True).value
    (-0.25, 1234.0)
    >>> number("45%", Signs())
    Cell(value=45.0, digits=0, percent=True)
    """
    bare = plain(text)
    if bare.lower() in MISSING or _BOUND.fullmatch(bare):
        return Cell(math.nan, 0)
    percent = bare.endswith("%")
    atom = bare.removesuffix("%").strip()
    if not _NUMBER.fullmatch(atom):
        raise NotANumber("a number, or an empty cell")
    return _cell(atom, signs, whole, percent)


def _cell(atom: str, signs: Signs, whole: bool, percent: bool = False) -> Cell:
    """An atom of `_ATOM` as a number."""
    mantissa, *exponent = _EXPONENT.split(atom.strip())
    sign = "-" if mantissa.startswith("-") else ""
    bare = mantissa.strip(" +-").rstrip(".,")
    if mixed := _MIXED.fullmatch(bare):
        bare = bare.replace(mixed[1], "").replace(",", ".")
    elif grouped := _GROUPED.fullmatch(bare):
        bare = _grouped(bare, grouped[1], signs, whole)
    elif re.fullmatch(r"\d*[.,]?\d+", bare):
        bare = bare.replace(",", ".")
    else:
        raise NotANumber(
            "a number with one decimal sign, and thousands marked in threes or not at all"
        )
    try:
        value = float(f"{sign}{bare}" + (f"e{exponent[0]}" if exponent else ""))
    except ValueError:
        raise NotANumber("a number, or an empty cell") from None
    if math.isinf(value):
        raise NotANumber("a finite number")
    digits = len(bare.partition(".")[2]) - (int(exponent[0]) if exponent else 0)
    return Cell(value, digits, percent)


def _grouped(bare: str, mark: str, signs: Signs, whole: bool) -> str:
    """ "1,234" or "1.234": thousands, or one and a bit."""
    if mark not in ",." or bare.count(mark) > 1 or whole:
        return bare.replace(mark, "")
    meaning = signs.comma if mark == "," else signs.point
    if mark == "." and not meaning:
        meaning = "decimal"
    if not meaning:
        joined = bare.replace(mark, "")
        raise NotANumber(
            f"{joined} without a mark, or {bare.replace(mark, '.')} with a decimal point: type which it is"
        )
    return bare.replace(mark, "" if meaning == "thousands" else ".")


def two(text: str, signs: Signs) -> tuple[str, Cell, Cell] | None:
    """Two numbers in one cell, and how they stand: plus_minus, brackets, share, share_first, of, share_of.

    >>> two("3.1 (2.0)", Signs())[0], two("12/40", Signs())[0], two("12 (30%)", Signs())[0]
    ('brackets', 'of', 'share')
    """
    bare = plain(text)
    for kind in ("share_of", "share", "share_first", "plus_minus", "of", "brackets"):
        if found := _TWO[kind].fullmatch(bare):
            try:
                return (
                    kind,
                    _cell(found[1], signs, False),
                    _cell(found[2], signs, kind in ("of", "share_of")),
                )
            except NotANumber:
                return None
    return None


def three(text: str, signs: Signs) -> tuple[Cell, Cell, Cell] | None:
    """A number with two more in brackets: "4 (2-6)", "0.62 [0.40, 0.96]"."""
    found = _THREE.fullmatch(plain(text))
    if not found:
        return None
    pair = limits(found[2], signs)
    try:
        return None if pair is None else (_cell(found[1], signs, False), *pair)
    except NotANumber:
        return None


def limits(text: str, signs: Signs) -> tuple[Cell, Cell] | None:
    """Two limits in one cell.

    >>> [c.value for text in ("-2.1 to 0.4", "[-0,9; -0,1]") for c in limits(text, Signs())]
    [-2.1, 0.4, -0.9, -0.1]
    """
    texts = limits_texts(text)
    if texts is None:
        return None
    try:
        return _cell(texts[0], signs, False), _cell(texts[1], signs, False)
    except NotANumber:
        return None


def limits_texts(text: str) -> tuple[str, str] | None:
    """Two limits in one cell, as they are written."""
    bare = _LABEL.sub("", plain(text)).strip("[]() ")
    if re.fullmatch(r"[-+]?\d*[.,]\d+", bare):  # "2,456" is one number
        return None
    return next(((f[1], f[2]) for pattern in _LIMITS if (f := pattern.fullmatch(bare))), None)
