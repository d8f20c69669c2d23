"""The network's table against one reference: rows as data, for the page, the slide, the report and the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.appraisal.mid import Mid
from analysis.figures.forest_table import side_of
from analysis.figures.interval_rows import Block, IntervalRow
from analysis.network import Contrast, NetworkAnswer, wording
from analysis.network.answer import Ends
from analysis.prose import capital

COLUMNS = (
    "Treatment", "Verdict", "Direct", "Indirect", "Together", "Side", "Share of direct evidence",
    "Trials that it rests on", "Direct against indirect, P",
)  # fmt: skip
SPOKEN = ("Treatment", "Verdict", "Direct", "Indirect", "Together", "Side")
"""What is read out of a row to one who walks the figure by keyboard."""


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One treatment against the reference; texts are empty where there is no such result."""

    contrast: Contrast
    treatment: str
    told: str
    direct: str
    indirect: str
    combined: str
    side: str
    share: str
    trials: str
    split: str


def network_table(net: NetworkAnswer) -> tuple[NetworkRow, ...]:
    """A row for every treatment but the reference."""
    return tuple(_row(one, net.mid) for one in net.against_reference)


def _row(one: Contrast, mid: Mid | None) -> NetworkRow:
    q = one.question

    def text(ends: Ends | None) -> str:
        return wording.estimate(q, ends) if ends is not None else ""

    behind = [f"{trial.label} {100 * share:.0f}%" for trial, share in one.trials if share >= 0.005]
    return NetworkRow(
        contrast=one,
        treatment=capital(words.SHORT[q.intervention]),
        told=wording.said_of(one),
        direct=text(one.told) if one.told_directly else "",
        indirect=text(one.indirect),
        combined=text(one.combined),
        side=side_of(q, one.told.low, one.told.high, mid),
        share=f"{100 * one.share:.0f}%",
        trials=", ".join(behind),
        split="" if one.split_p is None else f"{one.split_p:.2f}",
    )


def cells(row: NetworkRow) -> tuple[str, ...]:
    """The row's texts, in the order of `COLUMNS`."""
    none = "none"
    return (
        row.treatment, row.told, row.direct or none, row.indirect or none, row.combined, row.side, row.share,
        row.trials, row.split,
    )  # fmt: skip


def blocks(net: NetworkAnswer) -> tuple[Block, ...]:
    """The same as blocks of intervals: what is told stands out, the others stand beside it."""
    return tuple(
        Block(f"{row.treatment} against {words.SHORT[net.reference]}", tuple(_intervals(row)))
        for row in network_table(net)
    )


def _intervals(row: NetworkRow) -> Iterator[IntervalRow]:
    one = row.contrast
    if one.told_directly:
        told = one.told
        yield IntervalRow("direct (the answer)", told.estimate, told.low, told.high, row.direct, "whole")
    if one.indirect is not None and one.told_directly:
        other = one.indirect
        yield IntervalRow("indirect", other.estimate, other.low, other.high, row.indirect)
    both = one.combined
    name = "direct and indirect" if one.told_directly else "indirect (the answer)"
    yield IntervalRow(
        name,
        both.estimate,
        both.low,
        both.high,
        row.combined,
        "usual" if one.told_directly else "whole",
    )
