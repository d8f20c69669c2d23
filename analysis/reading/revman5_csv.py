"""The CSV that RevMan 5 exports: comparisons, outcomes and subgroups are rows among the studies."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analysis.reading.opened import Analysis, Cell, Opened, Printed, Table, Unreadable
from analysis.reading.review import (
    CONTINUOUS,
    DICHOTOMOUS,
    GENERAL,
    GENERIC,
    OBSERVED,
    RATIOS,
    Row,
    are_ratios,
    fields,
    level_of,
    measure_named,
    number,
    of_non_events,
    swap_events,
    table_of,
)

KIND = "RevMan 5 (CSV export)"
_TELLING = frozenset(
    {"comparison number", "outcome number", "subgroup number", "name", "data type"}
)
_OBSERVED = {"o-e": "o_minus_e", "v": "variance", "variance": "variance"}
"""Headings of this export alone; the others are those of the XML, with a blank for the underscore."""
_METHODS = {"MH": "MH", "M-H": "MH", "IV": "IV", "PETO": "PETO", "EXP": "PETO"}

Cells = Mapping[str, Cell]


def is_revman5_csv(table: Table) -> bool:
    return _TELLING.issubset(name.lower() for name in table.columns)


def open_revman5_csv(table: Table) -> Opened:
    """Sort the rows into analyses.

    Raises
    ------
    Unreadable
        No outcome with studies.
    """
    names = [name.lower() for name in table.columns]
    comparisons: dict[str, str] = {}
    subgroups: dict[tuple[str, ...], str] = {}
    heads: dict[tuple[str, str], Cells] = {}
    studies: dict[tuple[str, str], list[tuple[int, Cells]]] = {}
    for line, values in zip(table.row_numbers, table.rows, strict=True):
        cells = dict(zip(names, values, strict=True))
        comparison, outcome, subgroup = (
            str(cells.get(f"{word} number") or "0")
            for word in ("comparison", "outcome", "subgroup")
        )
        if outcome in ("0", "0.0"):
            comparisons[comparison] = str(cells.get("name") or "")
        elif cells.get("data type") is not None and (comparison, outcome) not in heads:
            heads[comparison, outcome] = cells
        elif cells.get("data type") is not None or cells.get("df") is not None:
            subgroups[comparison, outcome, subgroup] = str(cells.get("name") or "")
        else:
            studies.setdefault((comparison, outcome), []).append((line, cells))
    analyses = []
    for key, rows in studies.items():
        kind = _kind(str(heads.get(key, {}).get("data type") or ""))
        if key in heads and kind:
            analyses.append(_analysis(key, kind, heads[key], rows, comparisons, subgroups))
    if not analyses:
        raise Unreadable(
            "a CSV export of RevMan 5 without any outcome that holds studies; nothing to pool in it"
        )
    return Opened(kind=KIND, analyses=tuple(analyses), remarks=table.remarks)


def _kind(data_type: str) -> str:
    word = data_type.upper()
    if word.startswith(("P", "IPD", "O-E", "OE")):
        return OBSERVED
    return {"D": DICHOTOMOUS, "C": CONTINUOUS, "I": GENERIC, "G": GENERIC}.get(word[:1], "")


def _analysis(
    key: tuple[str, str],
    kind: str,
    head: Cells,
    lines: list[tuple[int, Cells]],
    comparisons: dict[str, str],
    subgroups: dict[tuple[str, ...], str],
) -> Analysis:
    effect = str(head.get("effect measure") or "")
    measure = measure_named(effect)
    headed = {theirs.lower().replace("_", " "): ours for theirs, ours in fields(kind).items()}
    headed |= _OBSERVED if kind == OBSERVED else {}
    rows = []
    for line, cells in lines:
        subgroup = str(cells.get("subgroup number") or "0")
        numbers = {
            ours: number(cells.get(theirs)) for theirs, ours in headed.items() if theirs in cells
        }
        rows.append(
            Row(
                study=str(cells.get("name") or "study"),
                year=number(cells.get("year of study")) or None,
                subgroup=subgroups.get((*key, subgroup), ""),
                numbers=numbers,
                weight=number(cells.get("weight")),
                number=line,
            )
        )
    log_data: bool | None = kind == OBSERVED or (kind == GENERIC and measure in RATIOS)
    if kind == GENERIC:
        shown = ("effect estimate", "ci start", "ci end", "se")
        effects = [tuple(number(cells.get(name)) for name in shown) for _, cells in lines]
        ratios = are_ratios(effects)
        log_data = ratios if measure == GENERAL else log_data
        logs = not log_data or ratios is False
        for row, (effect, *_, se) in zip(rows, effects, strict=True):
            usable = effect is not None and se and (logs or effect > 0)
            row.numbers["yi"] = None if not usable else effect if logs else math.log(effect)
            row.numbers["sei"] = se if usable else None
    swap = str(head.get("swap events") or head.get("swap event and non-event") or "").lower()
    swapped = kind == DICHOTOMOUS and (swap.startswith("y") or of_non_events(effect))
    remarks = (swap_events(rows),) if swapped else ()
    where, name = ".".join(key), str(head.get("name") or "")
    model = str(head.get("analysis model") or "").lower()
    method = str(head.get("statistical method") or "").upper()
    df = number(head.get("df"))
    return Analysis(
        number=where,
        name=name,
        comparison=comparisons.get(key[0], ""),
        measure="PETO" if kind == OBSERVED and measure == "GEN" else measure,
        model="random"
        if model.startswith("random")
        else "fixed"
        if model.startswith("fixed")
        else "",
        method=_METHODS.get(method, "PETO" if measure == "PETO" else ""),
        level=level_of(head.get("study ci")),
        level_total=level_of(head.get("total ci")),
        log_data=log_data,
        groups=(str(head.get("group label 1") or ""), str(head.get("group label 2") or "")),
        favours=(str(head.get("left graph label") or ""), str(head.get("right graph label") or "")),
        table=table_of(f"{where} {name}".strip(), kind, rows, {}),
        printed=Printed(
            estimate=number(head.get("effect estimate")),
            ci_low=number(head.get("ci start")),
            ci_high=number(head.get("ci end")),
            k=None if df is None else int(df) + 1,
            tau2=number(head.get("tau²")) if model.startswith("random") else None,
            q=number(head.get("q")),
            i2=number(head.get("i²(q)")),
        ),
        remarks=remarks,
    )
