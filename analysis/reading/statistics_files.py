"""JASP (.jasp) and jamovi (.omv): archives that hold one data set; results and analyses in them are not read.

Newer JASP keeps a small SQLite database, older JASP and jamovi keep `metadata.json`, `xdata.json` (labels)
and `data.bin` (column after column, 8-byte numbers or 4-byte codes, little-endian; jamovi puts free text into
`strings.bin`). The layouts are those of JASP 0.7 to 0.95 and jamovi 1 to 2, as their own importers read them.
"""

from __future__ import annotations

import json
import math
import sqlite3
import struct
from collections.abc import Sequence
from typing import Any

from analysis.reading.archive import Archive
from analysis.reading.layout import tables_of
from analysis.reading.limits import Limits
from analysis.reading.opened import Cell, Opened, Unreadable, trimmed

_MISSING_CODE = -(2**31)
_STEPS = 2_000_000
"""Instructions of SQLite between two looks at the clock of work done."""
_MOST_LOOKS = 100
_READ_ONLY = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION})


def is_statistics_file(names: Sequence[str]) -> bool:
    return "internal.sqlite" in names or {"metadata.json", "data.bin"} <= set(names)


def open_statistics_file(archive: Archive, name: str, limits: Limits) -> Opened:
    """The data set of a JASP or jamovi file.

    Raises
    ------
    Unreadable
        Damaged, beyond the limits, or without data.
    """
    manifest = b""
    for part in ("META-INF/MANIFEST.MF", "manifest.json"):
        if part in archive.names:
            manifest += archive.read(part)
    kind = "jamovi" if b"jamovi" in manifest and b"JASP" not in manifest else "JASP"
    if "internal.sqlite" in archive.names:
        columns, rows, hidden = _from_sqlite(archive.read("internal.sqlite"), limits)
    else:
        columns, rows, hidden = _from_binary(archive, kind, limits)
    if not any(cell is not None for row in rows for cell in row):
        raise Unreadable(
            f"a {kind} file without data; open the data in {kind} and export it as CSV"
        )
    remarks = (
        (f"rows that the filter of {kind} leaves out are not read: {hidden}",) if hidden else ()
    )
    records = [(1, tuple(columns)), *((n, cells) for n, cells in enumerate(rows, start=2))]
    return Opened(kind=kind, tables=tuple(tables_of(name, records, remarks)))


# --- JASP with SQLite -----------------------------------------------------------------------------
def _from_sqlite(content: bytes, limits: Limits) -> tuple[list[Cell], list[tuple[Cell, ...]], int]:
    """Names, rows, and how many rows the filter hides."""
    connection = sqlite3.connect(":memory:")
    looks = 0

    def too_long() -> int:
        nonlocal looks
        looks += 1
        return int(looks > _MOST_LOOKS)

    def allowed(action: int, *_: object) -> int:
        return sqlite3.SQLITE_OK if action in _READ_ONLY else sqlite3.SQLITE_DENY

    try:
        connection.deserialize(content)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.set_authorizer(allowed)
        connection.set_progress_handler(too_long, _STEPS)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        return _queried(connection, limits)
    except Unreadable:
        raise
    except (
        sqlite3.Error,
        sqlite3.Warning,
        MemoryError,
        OverflowError,
        ValueError,
        TypeError,
    ) as error:
        raise Unreadable(
            f"a JASP file whose data cannot be read ({error}); open it in JASP and export the data as CSV"
        ) from None
    finally:
        connection.close()


def _queried(
    db: sqlite3.Connection, limits: Limits
) -> tuple[list[Cell], list[tuple[Cell, ...]], int]:
    tables = {
        name
        for name, sql in db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if str(sql).lstrip().upper().startswith("CREATE TABLE")
    }
    sets = sorted(t for t in tables if t.startswith("DataSet_") and t[8:].isdigit())
    if "Columns" not in tables or not sets:
        raise Unreadable("a JASP file without data; nothing to pool in it")
    data = sets[0]
    (rows,) = db.execute(f'SELECT COUNT(*) FROM "{data}"').fetchone()
    stored = _fields(db, data)
    columns = db.execute(
        "SELECT id, name, columnType, colIdx FROM Columns WHERE dataSet = ? ORDER BY colIdx LIMIT ?",
        (int(data[8:]), limits.columns + 1),
    ).fetchall()
    limits.check_shape(rows, len(columns))
    labels = _labels(db) if "Labels" in tables else {}
    filters = [f for f in stored if f.startswith("Filter_")]
    kept = db.execute(
        f'SELECT {_quoted(filters[0]) if filters else "1"} FROM "{data}" ORDER BY rowNumber'
    ).fetchall()
    keep = [value != 0 for (value,) in kept]
    cells: list[list[Cell]] = []
    for key, _, kind, index in columns:
        cells.append(_column(db, data, stored, key, index, str(kind), labels.get(key, {})))
    table = [row for row, inside in zip(zip(*cells, strict=True), keep, strict=True) if inside]
    return [str(name) for _, name, _, _ in columns], table, keep.count(False)


def _fields(db: sqlite3.Connection, table: str) -> list[str]:
    return [d[0] for d in db.execute(f'SELECT * FROM "{table}" LIMIT 0').description]


def _column(
    db: sqlite3.Connection,
    data: str,
    stored: Sequence[str],
    key: int,
    index: int,
    kind: str,
    labels: dict[int, str],
) -> list[Cell]:
    """One column; numbers of scale columns, labels of the others, which may be numbers without a label."""
    # JASP names the columns after their id, which for files made in one go is the position as well
    base = next(
        (f"Column_{n}" for n in (key, (index or 0) + 1) if f"Column_{n}_DBL" in stored), None
    )
    if base is None:
        raise Unreadable(
            "a JASP file with a column that holds nothing; open it in JASP and save it again"
        )
    parts = [f"{base}_DBL", f"{base}_INT" if f"{base}_INT" in stored else f"{base}_DBL"]
    select = ", ".join(_quoted(part) for part in parts)
    cells: list[Cell] = []
    for dbl, code in db.execute(f'SELECT {select} FROM "{data}" ORDER BY rowNumber'):
        value = dbl if isinstance(dbl, int | float) and math.isfinite(dbl) else None
        if kind == "scale" or code is None:
            cells.append(None if value is None else float(value))
        elif code in labels:
            cells.append(trimmed(labels[code]))
        elif code in (_MISSING_CODE, -1):
            cells.append(None)
        else:
            cells.append(float(code) if value is None and isinstance(code, int) else value)
    return cells


def _labels(db: sqlite3.Connection) -> dict[int, dict[int, str]]:
    """Column -> code -> text; the original value where the label is empty."""
    fields = _fields(db, "Labels")
    original = "originalValueJson" if "originalValueJson" in fields else "''"
    found: dict[int, dict[int, str]] = {}
    for column, code, label, value in db.execute(
        f"SELECT columnId, value, label, {original} FROM Labels"
    ):
        text = str(label or "") or _json_text(value)
        found.setdefault(column, {})[code] = text
    return found


def _json_text(text: object) -> str:
    try:
        value = json.loads(str(text or '""'))
    except (ValueError, RecursionError):
        return str(text).strip()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# --- older JASP, jamovi ---------------------------------------------------------------------------
def _from_binary(
    archive: Archive, kind: str, limits: Limits
) -> tuple[list[Cell], list[tuple[Cell, ...]], int]:
    data_set = _json(archive, "metadata.json", kind).get("dataSet")
    data_set = data_set if isinstance(data_set, dict) else {}
    fields = [f for f in _list(data_set.get("fields")) if isinstance(f, dict)]
    rows = data_set.get("rowCount")
    rows = rows if isinstance(rows, int) and rows > 0 else 0
    limits.check_shape(rows, len(fields))
    known = _json(archive, "xdata.json", kind) if "xdata.json" in archive.names else {}
    data = archive.read("data.bin")
    strings = archive.read("strings.bin") if "strings.bin" in archive.names else b""
    at, names, columns = 0, [], []
    filters: list[list[Cell]] = []
    for field in fields:
        wide = _is_number(field)
        size = (8 if wide else 4) * rows
        if at + size > len(data):
            raise Unreadable(
                f"a damaged {kind} file (its data end too early); open it in {kind} and save it again"
            )
        values = struct.unpack_from(f"<{rows}{'d' if wide else 'i'}", data, at)
        at += size
        name = str(field.get("name") or "")
        if field.get("columnType") == "Filter":
            filters.append([float(v) for v in values])
            continue
        names.append(name)
        if wide:
            columns.append([float(v) if math.isfinite(v) else None for v in values])
        elif field.get("type") == "string":
            columns.append([_string(strings, v) for v in values])
        else:
            entry = known.get(name)
            labels = _label_texts(entry.get("labels") if isinstance(entry, dict) else None)
            columns.append([_code(v, labels) for v in values])
    keep = _kept(data_set.get("filterVector"), filters, rows)
    rows_of = zip(zip(*columns, strict=True), keep, strict=bool(columns))
    return names, [row for row, inside in rows_of if inside], keep.count(False)


def _is_number(field: dict[str, Any]) -> bool:
    if "dataType" in field:
        return field["dataType"] == "Decimal"
    return field.get("measureType") in ("Continuous", "Scale", "scale")


def _code(value: int, labels: dict[int, str]) -> Cell:
    if value == _MISSING_CODE:
        return None
    return trimmed(labels[value]) if value in labels else float(value)


def _label_texts(labels: object) -> dict[int, str]:
    found = {}
    for label in _list(labels):
        if isinstance(label, list) and len(label) > 1 and isinstance(label[0], int):
            found[label[0]] = str(label[1])
    return found


def _string(strings: bytes, start: int) -> Cell:
    if not 0 <= start < len(strings):
        return None
    end = strings.find(b"\0", start)
    return trimmed(strings[start : end if end >= 0 else None].decode("utf-8", "replace"))


def _kept(vector: object, filters: list[list[Cell]], rows: int) -> list[bool]:
    keep = [bool(v) for v in _list(vector)]
    if len(keep) != rows:
        keep = [True] * rows
    for column in filters:
        keep = [k and v == 1 for k, v in zip(keep, column, strict=True)]
    return keep


def _json(archive: Archive, name: str, kind: str) -> dict[str, Any]:
    try:
        found = json.loads(archive.read(name).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Unreadable(
            f"a damaged {kind} file ({name}); open it in {kind} and save it again"
        ) from None
    return found if isinstance(found, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
