"""A reader's own studies beside the shipped ones: as rows of the same tables, under the same rules, marked.

`OwnRows` is what the reader's browser keeps: cells as text, by table. It is outside input on every use:
`OwnRows.from_store` bounds it, and `with_own` checks it like a data folder. Marks cannot be lost: every
study_id starts with ``own-``, every label ends with "(your study)", "(your figures)" or "(hypothetical)", and
the version of the evidence says that it is no longer the shipped one.

Rows can join a published trial whose figures a reader has and we have not: a study whose label ends with
"[joins STUDY_ID]" (the templates of `analysis.wanted` write it) is a further report of that trial. It takes design,
cause and all that describes the trial from there, adds results and changes none.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis.errors import InputError
from analysis.evidence.columns import NUMBER, parse_number
from analysis.evidence.faults import Fault, row_id
from analysis.evidence.load import Evidence, check_rows
from analysis.evidence.read import RawTable
from analysis.evidence.schema import TABLES, Table
from analysis.topic import topic

OWN = "own-"
HYPOTHETICAL = "own-what-if-"
JOINS = "own-joins-"
"""How the study_id of a reader's own study starts; of a trial that nobody has run; of own figures of a published
trial, whose study_id follows."""

YOUR_STUDY = "(your study)"
YOUR_FIGURES = "(your figures)"
HYPOTHETICAL_TRIAL = "(hypothetical)"
NOWHERE = "https://brought-by-the-reader.invalid/"
"""Stands where a row of the reader names no source; no such address can exist (RFC 2606)."""

OWN_TABLES = ("studies", "arms", "arm_results", "contrasts")
MOST_STUDIES = 300
MOST_ROWS = 3000
MOST_BYTES = 500_000
LONGEST_ID = 64
LARGEST = 1e9
_LONGEST_CELL = 2000
_MARKS = re.compile(r"\s*\((?:your study|your figures|hypothetical)\)\s*$", re.IGNORECASE)
_JOINS = re.compile(r"\s*\[joins ([a-z0-9]+(?:-[a-z0-9]+)*)\]\s*(?:\([a-z ]+\)\s*)?$")
_NAMES_A_STUDY = ("study_id", "parent_study_id")
_AS_PRINTED = ("p_value",)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RUNS = ("=", "+", "-", "@", "\t", "\r")

Cells = Mapping[str, str]


class TooMuch(InputError):
    """More than one reader may bring; the message says how much was found and is allowed."""


@dataclass(frozen=True, slots=True)
class OwnRows:
    """A reader's own rows as text, and what the reader switched.

    Attributes
    ----------
    studies, arms, arm_results, contrasts : tuple of mappings
        One mapping of column to text per row; empty cells may be missing.
    off : frozenset of str
        Studies that are kept but left out.
    active : bool
        Whether any of them enter.
    only : bool
        Whether the shipped studies are left out, so that the reader's answer alone.
    """

    studies: tuple[Cells, ...] = ()
    arms: tuple[Cells, ...] = ()
    arm_results: tuple[Cells, ...] = ()
    contrasts: tuple[Cells, ...] = ()
    off: frozenset[str] = frozenset()
    active: bool = True
    only: bool = False

    @classmethod
    def from_store(cls, kept: object) -> OwnRows:
        """Read what a browser kept. What is not of its form is dropped; anything else is left to the rules.

        Raises
        ------
        TooMuch
            More than 300 studies, 3000 rows or 500 KB.
        """
        if not isinstance(kept, Mapping):
            return cls()
        tables = {name: _rows(kept.get(name), name) for name in OWN_TABLES}
        off = kept.get("off")
        names = off if isinstance(off, list) else []
        own = cls(
            **tables,
            off=frozenset(_own_id(n) for n in names[:MOST_STUDIES] if isinstance(n, str) and n),
            active=kept.get("active") is not False,
            only=kept.get("only") is True,
        )._joining()
        own.within_limits()
        return own

    def to_store(self) -> dict[str, object]:
        """What the browser keeps; `from_store` reads it back."""
        tables = {name: [dict(row) for row in getattr(self, name)] for name in OWN_TABLES}
        return {**tables, "off": sorted(self.off), "active": self.active, "only": self.only}

    def within_limits(self) -> None:
        """Raise `TooMuch` when this is more than one reader may bring."""
        rows = sum(len(getattr(self, name)) for name in OWN_TABLES)
        size = len(json.dumps(self.to_store(), ensure_ascii=False).encode("utf-8", "replace"))
        for found, most, what in (
            (len(self.studies), MOST_STUDIES, "studies of your own"),
            (rows, MOST_ROWS, "rows of your own"),
            (size, MOST_BYTES, "bytes of your own rows"),
        ):
            if found > most:
                raise TooMuch(f"found {found:,} {what}; allowed: at most {most:,}")

    def __add__(self, other: OwnRows) -> OwnRows:
        """These rows and others; a study of the same study_id is replaced.

        Figures that join a published trial are added to earlier ones; the same figure is replaced.
        """
        theirs = {row["study_id"] for row in other.studies}
        kept = self.without({name for name in theirs if not joined(name)})
        tables = {}
        for n in OWN_TABLES:
            new = {_place(row) for row in getattr(other, n)}
            old = (row for row in getattr(kept, n) if _place(row) not in new)
            tables[n] = (*old, *getattr(other, n))
        return replace(kept, **tables, off=kept.off | other.off)

    def tidy(self) -> OwnRows:
        """The same rows with their marks and without empty cells, as a browser keeps them."""
        tidied = replace(self, **{n: _rows([*getattr(self, n)], n) for n in OWN_TABLES})
        return tidied._joining()

    def _joining(self) -> OwnRows:
        """The same rows, each study that says so in its label under the study_id that joins it to a trial."""
        ids = {
            row.get("study_id", ""): JOINS + trial
            for row in self.studies
            if (trial := joins(row.get("label", "")))
            and not is_hypothetical(row.get("study_id", ""))
        }
        if not ids:
            return self
        tables = {}
        for name in OWN_TABLES:
            rows = (
                {**row, "study_id": ids.get(row.get("study_id", ""), row.get("study_id", ""))}
                for row in getattr(self, name)
            )
            tables[name] = tuple(marked(row, name) for row in rows)
        return replace(self, **tables, off=frozenset(ids.get(name, name) for name in self.off))

    def without(self, names: Iterable[str]) -> OwnRows:
        """These rows less some studies."""
        gone = set(names)
        tables = {
            n: tuple(row for row in getattr(self, n) if row.get("study_id") not in gone)
            for n in OWN_TABLES
        }
        return replace(self, **tables, off=self.off - gone)

    @property
    def entering(self) -> OwnRows:
        """Those that are switched on."""
        return self.without(self.off) if self.active else OwnRows(only=self.only)

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits: the same rows, the same fingerprint."""
        rows = [[sorted(row.items()) for row in getattr(self, name)] for name in OWN_TABLES]
        text = json.dumps([rows, self.only], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


def is_own(study_id: str) -> bool:
    """Whether a study_id names a reader's own study, hypothetical ones included."""
    return study_id.startswith(OWN)


def is_hypothetical(study_id: str) -> bool:
    """Whether a study_id names a trial that nobody has run."""
    return study_id.startswith(HYPOTHETICAL)


def joined(study_id: str) -> str:
    """The published report whose trial a reader's figures belong to; empty for any other study.

    >>> joined("own-joins-buchbinder-2009"), joined("own-a")
    ('buchbinder-2009', '')
    """
    return study_id.removeprefix(JOINS) if study_id.startswith(JOINS) else ""


def joins(label: str) -> str:
    """The published report that a label says its figures belong to; empty where it says nothing.

    >>> joins(joining_label("Buchbinder 2009", "buchbinder-2009"))
    'buchbinder-2009'
    """
    found = _JOINS.search(label)
    return found[1] if found else ""


def joining_label(label: str, study_id: str) -> str:
    """A label that joins what stands under it to a published report."""
    return f"{label} [joins {study_id}]"


def counted(names: Iterable[str]) -> str:
    """How many studies of which kind, in words; a trial that own figures joined may go by its own name.

    >>> counted(["own-a", "own-b", "own-what-if-1"]), counted(["own-joins-buchbinder-2009"])
    ('1 hypothetical trial and 2 studies of your own', '1 published trial with your figures')
    """
    names = list(names)
    made_up = sum(map(is_hypothetical, names))
    theirs = sum(bool(joined(name)) or not is_own(name) for name in names)
    own = len(names) - made_up - theirs
    parts = []
    if made_up:
        parts.append(f"{made_up} hypothetical {'trial' if made_up == 1 else 'trials'}")
    if own:
        parts.append(f"{own} {'study' if own == 1 else 'studies'} of your own")
    if theirs:
        parts.append(f"{theirs} published {'trial' if theirs == 1 else 'trials'} with your figures")
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def file_mark(evidence: Evidence) -> str:
    """What the name of a file says of studies that nobody has published; empty without any.

    >>> from analysis.evidence.load import load_evidence
    >>> file_mark(load_evidence())
    ''
    """
    if not evidence.own:
        return ""
    return "-hypothetical" if any(map(is_hypothetical, evidence.own)) else "-with-own-studies"


def with_own(evidence: Evidence, own: OwnRows) -> Evidence:
    """The evidence with a reader's own studies behind the shipped ones.

    The rows pass the schema and the rules of `data/`; a row that fails them is left out and is a fault,
    as in a data folder (its row is its place among the reader's rows of that table, the header being
    row 1). Own rows belong to own studies: they cannot change, or pass as, a shipped one. Figures that join a
    trial are a further report of it.

    Returns
    -------
    Evidence
        `personal`, with a version of its own; the same object as given where no own study is sound
        and switched on.
    """
    frames, faults = checked(own.entering, evidence)
    names = frozenset(frames["studies"]["study_id"])
    if not names:
        return evidence
    tables = {}
    for name in OWN_TABLES:
        shipped = getattr(evidence, name)
        if own.only:
            shipped = shipped.iloc[:0]
        tables[name] = _behind(name, shipped, frames[name], getattr(evidence, name))
    if own.only:
        tables["risk_of_bias"] = evidence.risk_of_bias.iloc[:0]
    mark = f"own-{own.entering.fingerprint}"
    mark += "-hypothetical" if any(map(is_hypothetical, names)) else ""
    mark += "-only" if own.only else ""
    return evidence.derived(
        mark,
        **tables,
        faults=evidence.faults + faults,
        own=names,
        shipped=evidence.shipped or evidence,
    )


def checked(own: OwnRows, evidence: Evidence) -> tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]:
    """The sound rows as typed frames, and every fault; nothing of the shipped evidence is in them."""
    own = own._joining()
    published = evidence.studies[~evidence.studies["study_id"].isin(evidence.own)]
    taken, joinable = set(evidence.studies["study_id"]), set(published["study_id"])
    raws, clashes = {}, []
    for name in OWN_TABLES:
        rows, table = getattr(own, name), TABLES[name]
        columns: dict[str, list[str]] = {column: [] for column in table.columns}
        numbers = []
        for number, row in enumerate(rows, start=2):
            cells = marked(row, name)
            study = cells.get("study_id", "")
            if study in taken or len(study) > LONGEST_ID:
                allowed = (
                    f"a study_id that no shipped study has, of at most {LONGEST_ID} characters"
                )
                clashes.append(Fault(table.file, number, "study_id", study, allowed))
                continue
            if (trial := joined(study)) and trial not in joinable:
                allowed = "[joins STUDY_ID] with the study_id of a published report"
                clashes.append(Fault(table.file, number, "study_id", trial, allowed))
                continue
            if huge := next((c for c, text in cells.items() if _is_huge(table, c, text)), ""):
                allowed = f"a number from -{LARGEST:g} to {LARGEST:g}"
                clashes.append(Fault(table.file, number, huge, cells[huge], allowed))
                continue
            numbers.append(number)
            for column, values in columns.items():
                values.append(cells.get(column, ""))
        if numbers:
            raws[name] = RawTable(columns, numbers)
    frames, faults = check_rows(raws)
    frames["studies"] = _described(frames["studies"], published)
    return frames, tuple(replace(f, file=f"your {f.file}") for f in (*clashes, *faults))


_OF_THE_TRIAL = (
    "year", "design", "etiology", "fracture_age_text", "fracture_age_max_weeks", "funding",
    "participants_blinded", "never_pool_reason",
)  # fmt: skip
"""What a published trial is, whoever brings figures of it."""


def _described(own: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Own studies, those that join a published trial as a report of it with its description."""
    joins = own["study_id"].map(joined)
    if not joins.any():
        return own
    described, trials = own.copy(), published.set_index("study_id")
    for at, report in joins[joins != ""].items():
        trial = trials.loc[report, "parent_study_id"] or report
        described.loc[at, "parent_study_id"] = trial
        for column in _OF_THE_TRIAL:
            described.loc[at, column] = trials.loc[trial, column]
    return described


def _place(row: Cells) -> tuple[str, ...]:
    """What a row is about: the same twice is the same result."""
    columns = ("study_id", "arm_id", "arm_t", "arm_c", "outcome", "instrument", "weeks", "measure")
    return tuple(row.get(column, "") for column in columns)


def _is_huge(table: Table, column: str, text: str) -> bool:
    """Whether a number is beyond what any instrument or count reaches (its square might not be a number)."""
    value = parse_number(text) if column in table.columns and table.is_number(column) else None
    return value is not None and abs(value) > LARGEST


def marked(row: Cells, table: str) -> dict[str, str]:
    """A row with the marks that it cannot be without, and with no text that anything would run.

    Angle brackets become ‹ ›, so that no figure reads markup; a text that a spreadsheet would take for a
    formula gets an apostrophe, so that no export carries one. A character that stands for no sign becomes �:
    a workbook cannot hold it.
    """
    cells = {
        column: _UNPRINTED.sub("\N{REPLACEMENT CHARACTER}", text) for column, text in row.items()
    }
    cells = {
        column: text if column in _AS_PRINTED else _inert(text) for column, text in cells.items()
    }
    for column in _NAMES_A_STUDY:
        if cells.get(column):
            cells[column] = _own_id(cells[column])
    if "instrument_code" in TABLES[table].columns and not cells.get("instrument_code"):
        code = topic().instrument_named(cells.get("instrument", ""))
        cells |= {"instrument_code": code} if code else {}
    if joined(cells.get("study_id", "")):
        cells.pop("parent_study_id", None)  # the trial that it joins is its parent
    if table == "studies":
        cells["label"] = own_label(cells.get("label", ""), cells.get("study_id", ""))
        cells.setdefault("title_as_printed", "no")
    cells["source_url"] = cells.get("source_url") or NOWHERE
    return cells


def _inert(text: str) -> str:
    text = text.replace("<", "‹").replace(">", "›")
    return f"'{text}" if text.startswith(_RUNS) and not NUMBER.fullmatch(text) else text


def own_label(label: str, study_id: str) -> str:
    """A study's name with the mark of whose it is; an empty one stays empty, for the rules to report.

    >>> own_label("Smith 2025", "own-smith"), own_label("A (your study)", "own-what-if-1")
    ('Smith 2025 (your study)', 'A (hypothetical)')
    >>> own_label("Smith 2010 [joins smith-2010]", "own-joins-smith-2010")
    'Smith 2010 (your figures)'
    """
    if joined(study_id):
        label = _JOINS.sub("", label)
    while _MARKS.search(label):
        label = _MARKS.sub("", label)
    mark = YOUR_FIGURES if joined(study_id) else YOUR_STUDY
    mark = HYPOTHETICAL_TRIAL if is_hypothetical(study_id) else mark
    return f"{label.strip()} {mark}" if label.strip() else ""


def _own_id(study_id: str) -> str:
    return study_id if study_id.startswith(OWN) else OWN + study_id


def _rows(rows: object, table: str) -> tuple[dict[str, str], ...]:
    """Rows of one table as the store holds them: known columns, text cells of bounded length."""
    if not isinstance(rows, list):
        return ()
    if len(rows) > MOST_ROWS:
        raise TooMuch(f"found {len(rows):,} rows of {table}; allowed: at most {MOST_ROWS:,}")
    columns = TABLES[table].columns
    kept = []
    for row in rows:
        if not isinstance(row, Mapping):
            continue
        cells = {
            column: row[column][:_LONGEST_CELL]
            for column in columns
            if isinstance(row.get(column), str) and row[column]
        }
        kept.append(marked(cells, table))
    return tuple(kept)


def _behind(
    table: str, shipped: pd.DataFrame, own: pd.DataFrame, whole: pd.DataFrame
) -> pd.DataFrame:
    """Own rows behind the shipped ones, numbered on as if they stood at the end of the file."""
    if own.empty:
        return shipped
    last = int(whole["row"].max()) if len(whole) else 1
    rows = own["row"] + last - 1
    numbered = own.assign(row=rows, row_id=[row_id(table, int(row)) for row in rows])
    numbered = numbered.astype(shipped.dtypes.to_dict())
    return pd.concat([shipped, numbered], ignore_index=True)
