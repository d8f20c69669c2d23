"""Where evidence is missing: outcome by comparison by time, how many studies can answer, how many kept silent.

A cell is a Question. Its studies are those that `effects_of` can use; a study that reported a result without
a figure is missing evidence, counted apart, and only at the time that it names (else at the longest follow-up).
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.table import effects_of
from analysis.errors import InputError
from analysis.evidence import Evidence, rules
from analysis.evidence.memory import remembered
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import known
from analysis.question import Question, members
from analysis.topic import topic


@dataclass(frozen=True, slots=True)
class Cell:
    """One question: `k` studies can enter, `silent` more studies reported it without numbers."""

    question: Question
    k: int
    silent: int

    @property
    def asked(self) -> bool:
        """An event that needs a treatment cannot occur in a group without it: such a comparison is not a gap."""
        q, needs = self.question, self.question.spec.needs
        return not needs or q.one_group or bool({*needs} & {*members(q.comparator)})

    @property
    def text(self) -> str:
        """The cell in words."""
        if not self.asked:
            return "not a question: it cannot occur in one of the groups"
        parts = ["no study" if not self.k else f"{self.k} {'study' if self.k == 1 else 'studies'}"]
        if self.silent:
            parts.append(f"{self.silent} more without numbers" if self.k else
                         f"{self.silent} without numbers")  # fmt: skip
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Line:
    """An outcome (events: in one counting unit), with the cells of each comparison in order of time."""

    label: str
    cells: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The map; `comparisons` are the pairs of its columns.

    `procedures` holds, for each comparison, the treatments that its studies really are of.
    """

    comparisons: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    procedures: tuple[tuple[str, ...], ...]

    @property
    def cells(self) -> list[Cell]:
        """Every cell that is a question."""
        every = (cell for line in self.lines for group in line.cells for cell in group)
        return [cell for cell in every if cell.asked]


@remembered(maxsize=64)
def gaps(
    evidence: Evidence,
    intervention: str = "",
    designs: tuple[str, ...] = (),
    etiology: str = "any",
) -> Gaps:
    """Count, for every outcome, comparison and time, the studies that can enter and those without numbers.

    Parameters
    ----------
    intervention : key of `vocabulary.MAPS`; the first where none is given.
    designs : designs that may enter a comparison; empty for randomised trials. One group: every design.
    etiology : as in Question.

    Raises
    ------
    ValueError
        When `intervention` is not a key of `vocabulary.MAPS`.
    """
    intervention = intervention or next(iter(words.MAPS))
    if intervention not in words.MAPS:
        raise InputError(f"intervention: found {intervention!r}, allowed: {', '.join(words.MAPS)}")
    pairs = words.MAPS[intervention]
    lines = []
    seen: list[set[str]] = [set() for _ in pairs]
    for key, unit in _rows(evidence):
        groups = []
        for (t, c), treated in zip(pairs, seen, strict=True):
            base = Question(
                outcome=key, intervention=t, comparator=c, unit=unit, etiology=etiology,
                designs=() if c == words.NONE else designs,
            )  # fmt: skip
            groups.append(
                tuple(_cell(base.replace(time=time), evidence, treated) for time in words.WINDOWS)
            )
        lines.append(Line(_label(key, unit), tuple(groups)))
    procedures = tuple(tuple(t for t in words.ACTIVE if t in treated) for treated in seen)
    return Gaps(pairs, tuple(lines), procedures)


def _cell(question: Question, evidence: Evidence, treated: set[str]) -> Cell:
    """One question counted; the treatments of the rows that enter are added to `treated`."""
    effects = effects_of(question, evidence)
    entering = {study.trial for study in effects.studies}
    timed = _timed(evidence, question.spec.source)
    codes = _treatments(evidence, question.spec.source)
    treated.update(code for study in effects.studies for r in study.row_ids for code in codes[r])
    silent = {
        row.trial
        for row in effects.left_out
        if row.reason == "no figure" and (row.row_id in timed or question.time == "any")
    }
    return Cell(question, len(entering), len(silent - entering))


@remembered(maxsize=64)
def _timed(evidence: Evidence, source: str) -> frozenset[str]:
    """Rows whose time was printed."""
    return frozenset(r["row_id"] for r in outcome_rows(evidence, source) if known(r["weeks"]))


@remembered(maxsize=64)
def _treatments(evidence: Evidence, source: str) -> dict[str, tuple[str, ...]]:
    """The treatments that each row of an outcome speaks of."""
    columns = {True: ("treatment_t", "treatment_c"), False: ("treatment",)}
    return {
        row["row_id"]: tuple(row[column] for column in columns[row["is_contrast"]])
        for row in outcome_rows(evidence, source)
    }


@remembered(maxsize=8)
def _rows(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Outcomes with the units in which some report counts them; scores and uncounted outcomes once."""
    found = []
    for key, outcome in words.OUTCOMES.items():
        units = {"patients"}
        if outcome.kind == "event":
            units |= {
                rules.counted_unit(row)[0]
                for row in outcome_rows(evidence, outcome.source)
                if not row["is_contrast"] and not outcome.excludes(row)
            }
        found += [(key, unit) for unit, u in topic().units.items() if unit in units and u.mapped]
    return tuple(found)


def _label(key: str, unit: str) -> str:
    label = words.OUTCOMES[key].label
    return label if unit == "patients" else f"{label} ({words.PER[unit]})"


def comparison_name(pair: tuple[str, str]) -> str:
    """The heading of a group of columns.

    >>> comparison_name(("VAI", "SHAM")), comparison_name(("SHAM", "NONE"))
    ('implant against sham', 'sham, one group')
    """
    t, c = pair
    return (
        f"{words.SHORT[t]}, one group"
        if c == words.NONE
        else f"{words.SHORT[t]} against {words.SHORT[c]}"
    )


def summary(found: Gaps) -> list[str]:
    """What the map shows, in sentences: per comparison, how many of its cells hold what."""
    said = []
    for i, pair in enumerate(found.comparisons):
        cells = [cell for line in found.lines for cell in line.cells[i] if cell.asked]
        name = comparison_name(pair)
        none = sum(cell.k == 0 for cell in cells)
        one = sum(cell.k == 1 for cell in cells)
        silent = sum(bool(cell.silent) for cell in cells)
        if none == len(cells):
            text = f"no study answers any of the {len(cells)} questions"
        else:
            text = f"{none} of {len(cells)} questions have no usable study, and {one} have just one"
        text += f". For {silent}, a study measured the outcome but gives no usable number" if silent else ""
        only = found.procedures[i]
        if pair[0] in words.GROUPS and len(only) == 1:
            text += f". All of these studies are of {words.TREATMENTS[only[0]]}"
        said.append(f"{name[0].upper()}{name[1:]}: {text}.")
    return said
