"""RevMan 5 (.rm5): one XML document -> the analyses of a review, with risk of bias.

Fields as RevMan 5 writes them. Traps: `LOG_EFFECT_SIZE` and `LOG_CI_*` are to base 10 while `SE` is that
of the natural logarithm, so neither is mixed with the other here; 0 stands for a field that is not
used; a row may hold a footnote; people named in the file are not read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree

from analysis.reading.archive import refuse_doctype, safe_parser
from analysis.reading.encoding import text_of
from analysis.reading.limits import Limits
from analysis.reading.opened import Analysis, Opened, Printed, Unreadable
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
    whole,
)

KIND = "RevMan 5"
_KINDS = {"DICH": DICHOTOMOUS, "CONT": CONTINUOUS, "IV": GENERIC, "IPD": OBSERVED}
_JUDGED = {"YES": "low", "NO": "high", "UNKNOWN": "unclear"}
_ESCAPED = re.compile(r"_x([0-9a-fA-F]{4})_")
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")


def is_revman5(head: bytes) -> bool:
    return b"<COCHRANE_REVIEW" in head


def open_revman5(content: bytes, limits: Limits) -> Opened:
    """Read a review.

    Raises
    ------
    Unreadable
        No well-formed XML, or no analysis with data.
    """
    root, remarks = _root(content)
    studies = {
        node.get("ID", ""): (
            _text_or(node.get("NAME"), node.get("ID", "")),
            number(node.get("YEAR")),
        )
        for node in root.iter("STUDY")
    }
    bias = _bias(root, studies)
    analyses, skipped, total = [], 0, 0
    for comparison in root.iter("COMPARISON"):
        for outcome in comparison:
            prefix, _, word = str(outcome.tag).rpartition("_")
            if word != "OUTCOME":
                continue
            if prefix not in _KINDS:
                skipped += 1
                continue
            analysis = _analysis(comparison, outcome, prefix, studies, bias)
            if analysis is not None:
                analyses.append(analysis)
                total += analysis.k
                limits.check_shape(total, 1, "the review")
    if skipped:
        remarks += (
            f"outcomes that are tables of text and hold no numbers to pool: {skipped}, not listed",
        )
    if not analyses:
        raise Unreadable(
            "a RevMan 5 review without any analysis that holds studies; nothing to pool in it"
        )
    return Opened(kind=KIND, analyses=tuple(analyses), remarks=remarks)


def _root(content: bytes) -> tuple[etree._Element, tuple[str, ...]]:
    """As declared; where bytes do not fit the declaration, by the letters they make."""
    refuse_doctype(content, "RevMan 5 file")
    try:
        return etree.fromstring(content, safe_parser()), ()
    except (etree.XMLSyntaxError, ValueError) as first:
        text, remarks = text_of(content)
        try:
            again = _DECLARED.sub("", text.lstrip("\ufeff")).encode("utf-8", "replace")
            root = etree.fromstring(again, safe_parser("utf-8"))
        except (etree.XMLSyntaxError, ValueError):
            line = f", line {first.lineno}" if isinstance(first, etree.XMLSyntaxError) else ""
            raise Unreadable(
                f"a damaged RevMan 5 file (no well-formed XML{line}); export it from RevMan again"
            ) from None
        return root, (*remarks, "the file's declared encoding does not fit its letters")


def _analysis(
    comparison: etree._Element,
    outcome: etree._Element,
    prefix: str,
    studies: dict[str, tuple[str, float | None]],
    bias: dict[str, dict[str, str]],
) -> Analysis | None:
    kind = _KINDS[prefix]
    named = outcome.get("EFFECT_MEASURE") or _child(outcome, "EFFECT_MEASURE")
    measure = "PETO" if kind == OBSERVED and not named else measure_named(named)
    nodes = list(_rows_of(outcome, prefix))
    if not nodes:
        return None
    remarks: list[str] = []
    log_data: bool | None = kind == OBSERVED
    if kind == GENERIC:
        log_data = _is_log(outcome, measure, [node for _, node in nodes])
    rows = [_row(node, subgroup, kind, studies) for subgroup, node in nodes]
    if kind == GENERIC:
        _generic(rows, [node for _, node in nodes], log_data)
    if kind == DICHOTOMOUS and (outcome.get("SWAP_EVENTS") == "YES" or of_non_events(named)):
        remarks.append(swap_events(rows))
    where = f"{comparison.get('NO', '?')}.{outcome.get('NO', '?')}"
    name = _child(outcome, "NAME")
    model = {"YES": "random", "NO": "fixed"}.get(outcome.get("RANDOM", ""), "")
    method = outcome.get("METHOD") or (
        "PETO" if measure == "PETO" else "IV" if kind == GENERIC else ""
    )
    return Analysis(
        number=where,
        name=name,
        comparison=_child(comparison, "NAME"),
        measure=measure,
        model=model or ("fixed" if kind == OBSERVED else ""),
        method=method,
        level=level_of(outcome.get("CI_STUDY")),
        level_total=level_of(outcome.get("CI_TOTAL")),
        log_data=log_data,
        groups=(_child(outcome, "GROUP_LABEL_1"), _child(outcome, "GROUP_LABEL_2")),
        favours=(_child(outcome, "GRAPH_LABEL_1"), _child(outcome, "GRAPH_LABEL_2")),
        table=table_of(f"{where} {name}".strip(), kind, rows, bias),
        printed=_printed(outcome),
        remarks=tuple(remarks),
    )


def _rows_of(outcome: etree._Element, prefix: str) -> Iterator[tuple[str, etree._Element]]:
    """(name of the subgroup or "", row) in the order of the file."""
    for node in outcome:
        if node.tag == f"{prefix}_DATA":
            yield "", node
        elif node.tag == f"{prefix}_SUBGROUP":
            name = _child(node, "NAME") or f"subgroup {node.get('NO', '')}".strip()
            for row in node.findall(f"{prefix}_DATA"):
                yield name, row


def _row(
    node: etree._Element, subgroup: str, kind: str, studies: dict[str, tuple[str, float | None]]
) -> Row:
    key = node.get("STUDY_ID", "")
    study, year = studies.get(key, (_unescaped(key), None))
    notes = [_child(node, "FOOTNOTE")]
    if node.get("ESTIMABLE") == "NO":
        notes.append("not estimable in the review")
    return Row(
        study=study,
        year=year,
        subgroup=subgroup,
        numbers={ours: number(node.get(theirs)) for theirs, ours in fields(kind).items()},
        weight=number(node.get("WEIGHT")),
        note="; ".join(note for note in notes if note),
    )


def _limits(nodes: list[etree._Element]) -> list[tuple[float | None, ...]]:
    names = ("EFFECT_SIZE", "CI_START", "CI_END", "SE")
    return [tuple(number(n.get(name)) for name in names) for n in nodes]


def _is_log(outcome: etree._Element, measure: str, nodes: list[etree._Element]) -> bool | None:
    """Whether the errors are those of logarithms: stated, or by the measure, or by the numbers; None untold."""
    stated = outcome.get("LOG_DATA")
    if stated is not None:
        return stated == "YES"
    if measure != GENERAL:
        return measure in RATIOS
    told = are_ratios(_limits(nodes))
    if told is not None:
        return told
    pairs = [(number(n.get("EFFECT_SIZE")), number(n.get("LOG_EFFECT_SIZE"))) for n in nodes]
    logs = [(e, log) for e, log in pairs if e is not None and e > 0 and log]
    if logs and all(math.isclose(math.log10(e), log, rel_tol=1e-3) for e, log in logs):
        return True
    return None


def _generic(rows: list[Row], nodes: list[etree._Element], log_data: bool | None) -> None:
    """The effect as entered; on the natural logarithm where the review says that it is one."""
    logs = not log_data or are_ratios(_limits(nodes)) is False
    for row, node in zip(rows, nodes, strict=True):
        shown, base10 = number(node.get("EFFECT_SIZE")), number(node.get("LOG_EFFECT_SIZE"))
        if logs:
            row.numbers["yi"] = shown
        elif shown is not None and shown > 0:
            row.numbers["yi"] = math.log(shown)
        else:
            row.numbers["yi"] = None if base10 is None else base10 * math.log(10)
        if not row.numbers["sei"]:  # 0 is how the file says that there is none
            row.numbers["yi"] = row.numbers["sei"] = None


def _printed(outcome: etree._Element) -> Printed:
    if outcome.get("ESTIMABLE") == "NO" or outcome.get("TOTALS") in ("NO", "SUB"):
        return Printed(k=whole(outcome.get("STUDIES")))
    return Printed(
        estimate=number(outcome.get("EFFECT_SIZE")),
        ci_low=number(outcome.get("CI_START")),
        ci_high=number(outcome.get("CI_END")),
        k=whole(outcome.get("STUDIES")),
        tau2=number(outcome.get("TAU2")) if outcome.get("RANDOM") == "YES" else None,
        q=number(outcome.get("CHI2")),
        i2=number(outcome.get("I2")),
    )


def _bias(
    root: etree._Element, studies: dict[str, tuple[str, float | None]]
) -> dict[str, dict[str, str]]:
    """Domain -> study -> low, high, unclear; several judgements of one study joined."""
    domains: dict[str, dict[str, str]] = {}
    for item in root.iter("QUALITY_ITEM"):
        judged: dict[str, list[str]] = {}
        for entry in item.iter("QUALITY_ITEM_DATA_ENTRY"):
            result = _JUDGED.get(entry.get("RESULT", ""))
            study = studies.get(entry.get("STUDY_ID", ""), ("", None))[0]
            if result and study and result not in judged.setdefault(study, []):
                judged[study].append(result)
        if judged:
            name = _child(item, "NAME") or f"item {item.get('NO', '')}".strip()
            domains[name] = {study: " and ".join(many) for study, many in judged.items()}
    return domains


def _child(node: etree._Element, tag: str) -> str:
    found = node.find(tag)
    return "" if found is None else " ".join("".join(found.itertext()).split())


def _text_or(text: str | None, key: str) -> str:
    return " ".join((text or "").split()) or _unescaped(key)


def _unescaped(key: str) -> str:
    """The name that an identifier was made of: STD-Alm_x002d_2001 -> Alm-2001."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), key.removeprefix("STD-")) or "study"
