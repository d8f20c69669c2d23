"""Load a data folder: ten typed tables, and every fault that kept a row out.

A faulty row never enters, never takes an unrelated row down, and never goes unreported: each row of
the files is either in a table, or the place of a fault, or named in a fault's `left_out`. In what
is loaded, every reference resolves.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis.evidence.edition import Edition, misnamed, read_edition
from analysis.evidence.faults import Fault
from analysis.evidence.read import Finding, RawTable, read_table
from analysis.evidence.references import Links
from analysis.evidence.schema import TABLES, Table
from analysis.evidence.validate import row_findings, typed_frame
from analysis.question import check_queries
from analysis.topic import FILE, SHIPPED, Topic, TopicError, load_topic, topic, use

DATA = SHIPPED
"""The evidence that comes with the project."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Evidence:
    """The tables of one data folder; compared by identity, so that answers can be cached by it.

    Each frame keeps the order of its file and starts with `row` (int64, the row number in a
    spreadsheet) and `row_id` (such as "arm_results:57"). Text columns are `str` with "" for an
    empty cell; number columns, counts included, are float64 with NaN.

    Attributes
    ----------
    studies, arms, arm_results, contrasts, published_syntheses, minimal_important_differences, \
risk_of_bias, claim_origins, claims, links : pandas.DataFrame
        One table per CSV file; columns as in `data/README.md`.
    faults : tuple of Fault
        What was wrong, in order of file, row and column; empty for sound data.
    version : str
        Fingerprint of the files' bytes, `topic.toml` included: the same files, the same version. The first
        twelve digits of `sha256`; where a reader's own studies are added, with a mark.
    sha256 : str
        The whole fingerprint of the files.
    folder : pathlib.Path
        Where they were read.
    topic : Topic
        What they are about, by the folder's `topic.toml`.
    own : frozenset of str
        The `study_id` of every study that a reader added for this session (`analysis.evidence.own`).
    shipped : Evidence or None
        What the reader's own studies were added to; None for evidence without any.
    memory : dict
        What `analysis.evidence.memory` keeps of work on personal evidence: it goes when this does. A
        copy made with `dataclasses.replace` starts with an empty one.
    """

    studies: pd.DataFrame
    arms: pd.DataFrame
    arm_results: pd.DataFrame
    contrasts: pd.DataFrame
    published_syntheses: pd.DataFrame
    minimal_important_differences: pd.DataFrame
    risk_of_bias: pd.DataFrame
    claim_origins: pd.DataFrame
    claims: pd.DataFrame
    links: pd.DataFrame
    faults: tuple[Fault, ...]
    version: str
    folder: Path
    topic: Topic
    sha256: str = ""
    own: frozenset[str] = frozenset()
    edition: Edition | None = None
    shipped: Evidence | None = field(default=None, repr=False)
    memory: dict = field(init=False, repr=False, default_factory=dict)

    def derived(self, mark: str, **changes: Any) -> Evidence:
        """Evidence made of this with other tables, under a version (and a fingerprint) of its own."""
        version = f"{self.version}+{mark}"
        sha256 = hashlib.sha256(f"{self.sha256} {version}".encode()).hexdigest()
        return replace(self, version=version, sha256=sha256, **changes)

    @property
    def personal(self) -> bool:
        """Whether a reader's own studies are among the rows."""
        return bool(self.own)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The ten frames by name."""
        return {name: getattr(self, name) for name in TABLES}

    @property
    def rows(self) -> int:
        """Number of rows loaded."""
        return sum(len(frame) for frame in self.tables.values())


def load_evidence(folder: Path | str | None = None) -> Evidence:
    """Read and check the `topic.toml` and the ten CSV files of a data folder.

    The folder's topic is in force from here on: Questions are read as questions of it (`analysis.topic`).

    Parameters
    ----------
    folder : path, optional
        The folder; the project's own `data/` by default.

    Returns
    -------
    Evidence
        What is sound, with a list of what is not. A file that cannot be used yields an empty table
        with the declared columns, and a fault. Bad data raise nothing; without a topic that can be read no
        table is.

    Examples
    --------
    >>> evidence = load_evidence()
    >>> evidence.faults
    ()
    >>> int(evidence.studies["study_id"].eq("buchbinder-2009").sum())
    1
    """
    folder = DATA if folder is None else Path(folder)
    return evidence_of(contents_of(folder), folder, folder)


@lru_cache(maxsize=1)
def shipped_evidence() -> Evidence:
    """The evidence of the repository's `data/`, loaded once."""
    return load_evidence()


def loaded(folder: Path | str | None = None) -> Evidence:
    """As `load_evidence`; the project's own is the one object that everybody shares, with what is remembered of it."""
    if folder is not None:
        return load_evidence(folder)
    evidence = shipped_evidence()
    use(evidence.topic)
    return evidence


_NO_FILE = "no such file"

Contents = dict[str, tuple[bytes | None, str]]
"""By table, the bytes of its file; None where there are none, with the reason."""


def contents_of(folder: Path) -> Contents:
    """What stands in the CSV files of a data folder."""
    return {name: _content(folder / table.file) for name, table in TABLES.items()}


def evidence_of(contents: Contents, folder: Path, of_topic: Path) -> Evidence:
    """Check the files' contents and put the evidence together.

    Parameters
    ----------
    folder : where the files belong.
    of_topic : the folder whose `topic.toml` says what they are about; mostly the same.
    """
    contents = contents | {
        name: (f"{','.join(TABLES[name].columns)}\n".encode(), "")
        for name, (content, reason) in contents.items()
        if TABLES[name].optional and content is None and reason == _NO_FILE
    }
    try:
        check_queries(use(load_topic(of_topic)), of_topic / FILE)
    except TopicError as error:
        frames, _ = _linked({n: _no_rows(n) for n in TABLES})
        faults = tuple(Fault(FILE, None, *fault, quoted=False) for fault in error.faults)
    else:
        needless = {n for n in topic().without_tables if contents[n][0] is None}
        frames, faults = _linked(
            {
                n: _no_rows(n) if n in needless else _of_file(n, *contents[n], topic())
                for n in TABLES
            }
        )
    edition, wrong = read_edition(folder)
    faults += wrong + misnamed(edition, set(frames["studies"]["study_id"]))
    sha256 = _sha256(
        {TABLES[name].file: content for name, (content, _) in contents.items()}
        | {FILE: topic().source}
    )
    return Evidence(
        **frames,
        faults=faults if folder.is_dir() else (_no_folder(folder),),
        version=sha256[:12],
        folder=folder,
        topic=topic(),
        sha256=sha256,
        edition=edition,
    )


class _Rows(NamedTuple):
    """What one table says by itself: all rows that could be cut into cells, and what is wrong in them."""

    frame: pd.DataFrame
    findings: list[Finding]
    whole: bool


def _rows(table: Table, raw: RawTable) -> _Rows:
    frame, unparsed = typed_frame(table, raw)
    found = row_findings(table, raw, frame, unparsed) if raw.rows else []
    return _Rows(frame, raw.findings + found, raw.whole)


@lru_cache
def _no_rows(name: str) -> _Rows:
    return _rows(TABLES[name], RawTable({column: [] for column in TABLES[name].columns}))


@lru_cache(maxsize=3 * len(TABLES))
def _of_file(name: str, content: bytes | None, problem: str, of_topic: Topic) -> _Rows:
    """The rows of one file. The same bytes under the same topic say the same, whatever stands in the other files."""
    return _rows(TABLES[name], read_table(TABLES[name], content, problem))


def check_rows(raws: dict[str, RawTable]) -> tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]:
    """Rows as text to typed frames of what is sound, and a fault for what is not.

    Parameters
    ----------
    raws : a `RawTable` for every name of `TABLES` that has rows.
    """
    return _linked({n: _rows(t, raws[n]) if n in raws else _no_rows(n) for n, t in TABLES.items()})


def _linked(tables: dict[str, _Rows]) -> tuple[dict[str, pd.DataFrame], tuple[Fault, ...]]:
    """What is sound between the tables, too, and every fault."""
    # What a finding leaves out depends on the other tables, so that each load has findings of its own.
    findings = {
        name: [replace(finding, left_out=[*finding.left_out]) for finding in rows.findings]
        for name, rows in tables.items()
    }
    unusable = {
        name: max(findings[name], key=lambda finding: len(finding.left_out))
        for name, rows in tables.items()
        if not rows.whole
    }
    frames = {name: rows.frame for name, rows in tables.items()}
    links = Links(frames, [*chain(*findings.values())], unusable)
    links.follow()
    return {name: links.live(name) for name in TABLES}, _freeze(links.findings)


def _content(path: Path) -> tuple[bytes | None, str]:
    """The bytes of a file, or None and why there are none."""
    try:
        return path.read_bytes(), ""
    except FileNotFoundError:
        return None, _NO_FILE
    except IsADirectoryError:
        return None, "a folder where the file should be"
    except OSError as error:
        return None, f"a file that cannot be read ({error.strerror})"


def _no_folder(folder: Path) -> Fault:
    """One fault instead of one for every file."""
    found = "a file" if folder.exists() else "no such folder"
    return Fault(str(folder), None, "", found, "a folder with the CSV files", quoted=False)


def _sha256(contents: dict[str, bytes | None]) -> str:
    """SHA-256 over every file's name, length and bytes, in the order given."""
    digest = hashlib.sha256()
    for file, content in contents.items():
        length = "missing" if content is None else len(content)
        digest.update(f"{file} {length}\n".encode())
        digest.update(content or b"")
    return digest.hexdigest()


def _freeze(findings: list[Finding]) -> tuple[Fault, ...]:
    order = {name: position for position, name in enumerate(TABLES)}

    def place(finding: Finding) -> tuple[int, int, int]:
        names = ["", *TABLES[finding.table].columns]
        column = names.index(finding.column) if finding.column in names else len(names)
        return order[finding.table], finding.row or 0, column

    return tuple(
        Fault(
            TABLES[f.table].file, f.row, f.column, f.found, f.allowed, tuple(f.left_out), f.quoted
        )
        for f in sorted(findings, key=place)
    )
