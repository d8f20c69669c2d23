"""One file, whatever it is called: recognised by its content, opened by the reader of its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from analysis.reading.archive import ZIP_START, Archive
from analysis.reading.encoding import text_of
from analysis.reading.foreign import (
    refuse_archive,
    refuse_ending,
    refuse_foreign,
    refuse_ole,
    refuse_other_archive,
    refuse_text,
)
from analysis.reading.limits import LIMITS, Limits
from analysis.reading.ods import open_ods
from analysis.reading.opened import Opened, Table, Unreadable
from analysis.reading.revman5 import is_revman5, open_revman5
from analysis.reading.revman5_csv import is_revman5_csv, open_revman5_csv
from analysis.reading.revman_web import open_revman_web, role_of
from analysis.reading.stata import is_stata, open_stata
from analysis.reading.statistics_files import is_statistics_file, open_statistics_file
from analysis.reading.text import open_text
from analysis.reading.workbook import open_xlsx
from analysis.reading.xls import OLE_START, open_xls

_HEAD = 4_000
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLES = (".csv", ".tsv", ".txt", ".tab", ".dat")
_SINGLE = (*_TABLES, ".rm5", ".xlsx", ".xlsm", ".ods", ".xls", ".jasp", ".omv", ".dta")


def open_file(name: str, content: bytes, limits: Limits = LIMITS) -> Opened:
    """Read a file that somebody brings.

    Parameters
    ----------
    name : the file's name; shown, and used only where the content does not tell the format.
    content : its bytes.
    limits : how much is read.

    Raises
    ------
    Unreadable
        The message says what the file is and what to do; it does not repeat the file's name.
    """
    opened = _guarded(name, content, limits)
    found = _as_package([opened.tables[0]], opened.kind) if _is_part(opened) else opened
    return replace(found, file=name)


def open_files(files: Sequence[tuple[str, bytes]], limits: Limits = LIMITS) -> list[Opened]:
    """Read several files that come together: the parts of one RevMan Web review become one.

    Returns one `Opened` per file, or fewer where parts belong together.

    Raises
    ------
    Unreadable
        As `open_file`; the message begins with the name of the file.
    """
    found, parts, first = [], [], ""
    for name, content in files:
        try:
            opened = _guarded(name, content, limits)
        except Unreadable as error:
            raise Unreadable(f"{name}: {error}") from None
        if _is_part(opened):
            parts.append(opened.tables[0])
            first = first or name
        else:
            found.append(replace(opened, file=name))
    return [*found, replace(_as_package(parts, "CSV"), file=first)] if parts else found


def stem(name: str) -> str:
    """A file's name without folders and ending, for a table.

    >>> stem("C:\\\\data\\\\pain.v2.csv"), stem("")
    ('pain.v2', 'file')
    """
    return PurePosixPath(name.replace("\\", "/")).stem[:100] or "file"


def _guarded(name: str, content: bytes, limits: Limits) -> Opened:
    """As `open_strictly`; a fault of a reader that no test has met yet is a refusal in words as well."""
    try:
        return open_strictly(name, content, limits)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(
            f"a damaged file, or one of a kind not met before ({type(error).__name__}); open it in the program that "
            "made it, and save the table as CSV"
        ) from error


def open_strictly(name: str, content: bytes, limits: Limits) -> Opened:
    """The file as its reader gives it; any fault other than `Unreadable` is one of ours to mend."""
    return _opened(name, content, limits, nested=False)


def _opened(name: str, content: bytes, limits: Limits, nested: bool) -> Opened:
    limits.check_size(len(content))
    if not content.strip():
        raise Unreadable("an empty file; needed: a row of column names, and one row per study")
    if content.startswith(ZIP_START):
        with Archive(content, limits) as archive:
            return _from_archive(archive, name, content, limits, nested)
    if content.startswith(b"PK\x05\x06"):
        raise Unreadable("an empty archive; choose the file with the studies")
    if content.startswith(OLE_START):
        refuse_ole(content)
        return open_xls(content, limits)
    if is_stata(content, name):
        return open_stata(stem(name), content, limits)
    refuse_foreign(content, name)
    if is_revman5(content[:_HEAD]) or is_revman5(content[: 2 * _HEAD].replace(b"\0", b"")):
        return open_revman5(content, limits)
    try:
        refuse_text(text_of(content[: 50 * _HEAD])[0])
        opened = open_text(stem(name), content, limits)
    except Unreadable:
        if b"\0" in content[:_HEAD]:
            refuse_ending(name)
        raise
    if len(opened.tables) == 1 and is_revman5_csv(opened.tables[0]):
        return open_revman5_csv(opened.tables[0])
    return opened


def _from_archive(
    archive: Archive, name: str, content: bytes, limits: Limits, nested: bool
) -> Opened:
    names = archive.names
    if "xl/workbook.xml" in names:
        return open_xlsx(archive, content, limits)
    if "content.xml" in names and "mimetype" in names and archive.read("mimetype").startswith(_ODS):
        return open_ods(archive, limits)
    if is_statistics_file(names):
        return open_statistics_file(archive, stem(name), limits)
    refuse_archive(archive)
    readable = [n for n in names if n.lower().endswith(_SINGLE)]
    if nested or not readable:
        refuse_other_archive(names)
    if len(readable) == 1:
        inner = _opened(readable[0], archive.read(readable[0]), limits, nested=True)
        return _as_package([inner.tables[0]], "zip") if _is_part(inner) else inner
    return _package(archive, [n for n in readable if n.lower().endswith(_TABLES)], limits)


def _package(archive: Archive, names: Sequence[str], limits: Limits) -> Opened:
    """Text tables of an archive: a data package of Cochrane, or tables to choose from."""
    if not names:
        refuse_other_archive(archive.names)
    tables: list[Table] = []
    remarks: list[str] = []
    for name in names:
        try:
            opened = _opened(name, archive.read(name), limits, nested=True)
        except Unreadable as error:
            remarks.append(f"{PurePosixPath(name).name} is not read: {error}")
            continue
        tables += opened.tables
    parts = [table for table in tables if role_of(table)]
    if any(role_of(part) == "rows" for part in parts):
        return _as_package(parts, "Cochrane data package")
    if not tables:
        raise Unreadable(
            f"an archive without a table; {remarks[0] if remarks else 'nothing to read in it'}"
        )
    return Opened(kind="zip", tables=tuple(tables[: limits.tables]), remarks=tuple(remarks))


def _is_part(opened: Opened) -> bool:
    return len(opened.tables) == 1 and role_of(opened.tables[0]) != ""


def _as_package(tables: Sequence[Table], kind: str) -> Opened:
    """The parts of one review, by their role; risk of bias or subgroups alone are no analysis."""
    parts: dict[str, Table] = {}
    for table in tables:
        if role_of(table) in parts:
            raise Unreadable(
                f"parts of more than one review of RevMan Web ({parts[role_of(table)].name} and {table.name}); "
                "bring one review at a time"
            )
        parts[role_of(table)] = table
    return open_revman_web(parts, kind if kind == "Cochrane data package" else "RevMan Web")
