"""RevMan Web and Cochrane's data packages: rows of studies, settings and totals, and risk of bias as CSV.

The rows alone do not say which measure was pooled; where every study's printed effect follows from its
numbers by one measure, it is that one, and a remark says so. Cells that are not used hold 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from analysis.reading.opened import Analysis, Cell, Opened, Printed, Table, Unreadable
from analysis.reading.review import (
    CONTINUOUS,
    DICHOTOMOUS,
    GENERAL,
    GENERIC,
    OBSERVED,
    RATIOS,
    Row,
    level_of,
    measure_named,
    number,
    of_non_events,
    swap_events,
    table_of,
)

KIND = "RevMan Web"
_ROWS = frozenset({"analysis group", "analysis number", "study", "experimental n", "control n"})
_SETTINGS = frozenset({"analysis group", "analysis number", "data type", "effect measure"})
_SUBGROUPS = frozenset({"analysis group", "analysis number", "subgroup number", "weight"})
_DOMAIN = re.compile(r"domain \(judg(?:e)?ment\)\W*(.+)", re.IGNORECASE)
_FIELDS = {
    "ai": "experimental cases", "n1i": "experimental n", "ci": "control cases", "n2i": "control n",
    "m1i": "experimental mean", "sd1i": "experimental sd", "m2i": "control mean", "sd2i": "control sd",
    "yi": "giv mean", "sei": "giv se", "o_minus_e": "o-e", "variance": "variance",
}  # fmt: skip
_KINDS = {
    "dichotomous": DICHOTOMOUS, "continuous": CONTINUOUS, "contrast level": GENERIC,
    "generic inverse variance": GENERIC, "giv": GENERIC, "o-e and variance": OBSERVED,
}  # fmt: skip
_METHODS = (("mantel", "MH"), ("inverse", "IV"), ("peto", "PETO"), ("exp", "PETO"))

Cells = Mapping[str, Cell]
Key = tuple[str, str]


def role_of(table: Table) -> str:
    """What a table is to a data package: "rows", "settings", "subgroups", "bias", or ""."""
    names = {name.lower() for name in table.columns}
    if _ROWS.issubset(names):
        return "rows"
    if _SETTINGS.issubset(names):
        return "settings"
    if _SUBGROUPS.issubset(names):
        return "subgroups"
    if "study" in names and any(_DOMAIN.match(name) for name in names):
        return "bias"
    return ""


def open_revman_web(parts: Mapping[str, Table], kind: str = KIND) -> Opened:
    """Join the tables of one review, by role; `rows` is needed.

    Raises
    ------
    Unreadable
        Without the rows of studies.
    """
    if "rows" not in parts:
        raise Unreadable(
            "settings and totals of RevMan Web without the studies; bring the file whose name ends in "
            "-data-rows.csv as well, or the whole data package (zip)"
        )
    settings = {_key(c): c for _, c in _cells(parts["settings"])} if "settings" in parts else {}
    bias = _bias(parts["bias"]) if "bias" in parts else {}
    rows: dict[Key, list[tuple[int, Cells]]] = {}
    for line, cells in _cells(parts["rows"]):
        if cells.get("study") is not None:
            rows.setdefault(_key(cells), []).append((line, cells))
    if not rows:
        raise Unreadable("rows of RevMan Web without any study; nothing to pool in them")
    analyses = tuple(_analysis(key, many, settings.get(key), bias) for key, many in rows.items())
    remarks = parts["rows"].remarks
    if not settings:
        remarks += (
            "without the file of settings: measures are taken from the reported effects of the studies",
        )
    return Opened(kind=kind, analyses=analyses, remarks=remarks)


def _cells(table: Table) -> list[tuple[int, Cells]]:
    names = [name.lower() for name in table.columns]
    return [
        (line, dict(zip(names, values, strict=True)))
        for line, values in zip(table.row_numbers, table.rows, strict=True)
    ]


def _key(cells: Cells) -> Key:
    return _plain(cells.get("analysis group")), _plain(cells.get("analysis number"))


def _analysis(
    key: Key, lines: list[tuple[int, Cells]], head: Cells | None, bias: dict[str, dict[str, str]]
) -> Analysis:
    lines, subgroup_only = _for_the_total(lines)
    stated = _KINDS.get(_word(head, "data type")) if head else None
    kind = stated or _kind([cells for _, cells in lines])
    rows = [
        Row(
            study=str(cells["study"]),
            year=number(cells.get("study year")) or None,
            subgroup=str(cells.get("subgroup") or ""),
            numbers={ours: number(cells.get(theirs)) for ours, theirs in _FIELDS.items()},
            weight=(number(cells.get("weight")) or None) if head else None,
            note=str(cells.get("footnotes") or ""),
            number=line,
        )
        for line, cells in lines
    ]
    if kind == GENERIC:
        for row in rows:
            if not row.numbers["sei"]:
                row.numbers["yi"] = row.numbers["sei"] = None
    measure, remarks = _measure(kind, head, rows, [cells for _, cells in lines])
    log_data = kind == OBSERVED or (
        kind == GENERIC and _is_log(head, measure, [c for _, c in lines])
    )
    if subgroup_only:
        remarks.append(
            f"rows that count in a subgroup but not in the total are left out: {subgroup_only}"
        )
    swap = _word(head, "swap event and non-event") if head else ""
    effect = _word(head, "effect measure") if head else ""
    if kind == DICHOTOMOUS and (swap.startswith(("y", "t")) or of_non_events(effect)):
        remarks.append(swap_events(rows))
    name = str((head or {}).get("analysis name") or lines[0][1].get("analysis name") or "")
    where = ".".join(key)
    model = _word(head, "analysis model") if head else ""
    method = _word(head, "statistical method") if head else ""
    return Analysis(
        number=where,
        name=name,
        comparison=str((head or {}).get("analysis group name") or ""),
        measure=measure,
        model="random" if "random" in model else "fixed" if "fixed" in model else "",
        method=next((ours for word, ours in _METHODS if word in method), ""),
        level=level_of((head or {}).get("study ci", (head or {}).get("ci/pi level"))),
        level_total=level_of((head or {}).get("estimate ci", (head or {}).get("ci/pi level"))),
        log_data=log_data,
        groups=_pair(head, "experimental group label", "control group label"),
        favours=_pair(head, "graph label (left)", "graph label (right)"),
        table=table_of(f"{where} {name}".strip(), kind, rows, bias),
        printed=_printed(head, "random" in model),
        remarks=tuple(remarks),
    )


def _for_the_total(
    lines: list[tuple[int, Cells]],
) -> tuple[list[tuple[int, Cells]], int]:
    """The rows that the total counts, and how many others there are: a study may stand in both kinds."""
    counted = [
        (n, cells)
        for n, cells in lines
        if "OVERALL" in (str(cells.get("applicability") or "OVERALL")).upper()
    ]
    return (counted, len(lines) - len(counted)) if counted else (lines, 0)


def _kind(lines: Sequence[Cells]) -> str:
    """From the columns that hold anything but 0."""

    def any_of(*names: str) -> bool:
        return any(number(cells.get(name)) for cells in lines for name in names)

    if any_of("giv se"):
        return GENERIC
    if any_of("experimental sd", "control sd"):
        return CONTINUOUS
    if any_of("variance"):
        return OBSERVED
    return DICHOTOMOUS


# --- the measure, where only the printed effects tell ---------------------------------------------
def _ratio(a: float, b: float) -> float:
    return a / b if b else math.nan


_EFFECTS: dict[str, dict[str, Callable[[Mapping[str, float]], float]]] = {
    DICHOTOMOUS: {
        "RR": lambda n: _ratio(n["ai"] * n["n2i"], n["ci"] * n["n1i"]),
        "OR": lambda n: _ratio(n["ai"] * (n["n2i"] - n["ci"]), n["ci"] * (n["n1i"] - n["ai"])),
        "RD": lambda n: _ratio(n["ai"], n["n1i"]) - _ratio(n["ci"], n["n2i"]),
    },
    CONTINUOUS: {"MD": lambda n: n["m1i"] - n["m2i"]},
}


def _measure(
    kind: str, head: Cells | None, rows: Sequence[Row], lines: Sequence[Cells]
) -> tuple[str, list[str]]:
    if head is not None and head.get("effect measure") is not None:
        return measure_named(str(head["effect measure"])), []
    if kind == OBSERVED:
        return "PETO", [
            "the measure is not stated: Peto's odds ratio is taken for O-E and its variance"
        ]
    for measure, effect in _EFFECTS.get(kind, {}).items():
        if _agrees(effect, rows, lines):
            return measure, [
                f"the measure is not stated; the studies' reported effects are those of {measure}"
            ]
    return GENERAL, [
        "the measure is not stated, and the studies' reported effects do not show which it is: choose it"
    ]


def _agrees(
    effect: Callable[[Mapping[str, float]], float], rows: Sequence[Row], lines: Sequence[Cells]
) -> bool:
    """Whether every printed effect is this one, within half of its last digit; rows with a zero do not tell."""
    told = 0
    for row, cells in zip(rows, lines, strict=True):
        printed, text = number(cells.get("mean")), str(cells.get("mean") or "")
        if printed is None or any(v is None for v in row.numbers.values()):
            continue
        n = row.numbers
        if n["sd1i"] == 0 and (
            0 in (n["ai"], n["ci"]) or n["ai"] == n["n1i"] or n["ci"] == n["n2i"]
        ):
            continue
        value = effect(n)
        digits = len(text.partition(".")[2]) if "." in text else 0
        if not math.isfinite(value) or abs(value - printed) > 0.51 * 10.0 ** -min(digits, 6):
            return False
        told += 1
    return told > 0


def _is_log(head: Cells | None, measure: str, lines: Sequence[Cells]) -> bool:
    stated = _word(head, "log-scale data") if head else ""
    if stated:
        return stated.startswith(("y", "t"))
    if measure in RATIOS:
        return True
    pairs = [(number(c.get("giv mean")), number(c.get("mean"))) for c in lines]
    told = [(log, shown) for log, shown in pairs if log is not None and shown and shown > 0]
    return bool(told) and all(abs(math.exp(min(log, 50)) / shown - 1) < 0.02 for log, shown in told)


# --- the rest -------------------------------------------------------------------------------------
def _printed(head: Cells | None, random: bool) -> Printed:
    if head is None or _word(head, "overall estimates").startswith(("n", "f")):
        return Printed()
    df = number(head.get("heterogeneity df"))
    i2 = number(str(head.get("heterogeneity i²") or "").replace("%", ""))
    return Printed(
        estimate=number(head.get("mean")),
        ci_low=number(head.get("ci start")),
        ci_high=number(head.get("ci end")),
        k=None if df is None else int(df) + 1,
        tau2=number(head.get("heterogeneity tau²")) if random else None,
        q=number(head.get("heterogeneity chi²")),
        i2=100 * i2 if i2 is not None and 0 < i2 <= 1 else i2,
    )


def _bias(table: Table) -> dict[str, dict[str, str]]:
    """Domain -> study -> low, some concerns, high, unclear."""
    domains: dict[str, dict[str, str]] = {}
    lowered = [name.lower() for name in table.columns]
    for name in table.columns:
        if not (found := _DOMAIN.match(name)):
            continue
        domain = re.sub(r":\s*all outcomes$", "", found[1].strip(), flags=re.IGNORECASE)
        column, study = table.columns.index(name), lowered.index("study")
        judged = domains.setdefault(domain, {})
        for row in table.rows:
            if row[study] is not None and row[column] is not None:
                word = str(row[column]).lower()
                judged[str(row[study])] = re.sub(r"\s*risk( of bias)?$", "", word)
    return domains


def _pair(head: Cells | None, first: str, second: str) -> tuple[str, str]:
    return str((head or {}).get(first) or ""), str((head or {}).get(second) or "")


def _word(head: Cells | None, name: str) -> str:
    return str((head or {}).get(name) or "").strip().lower()


def _plain(cell: Cell) -> str:
    value = number(cell)
    return f"{value:g}" if value is not None else str(cell or "")
