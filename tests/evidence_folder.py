"""Copies of the data folder with faults planted in them, for the tests of the loader."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from analysis.evidence.load import DATA

Record = dict[str, str]


def copy_data(target: Path) -> Path:
    """A copy of the nine CSV files and of the topic; returns the folder."""
    target.mkdir(parents=True, exist_ok=True)
    for file in (*DATA.glob("*.csv"), DATA / "topic.toml"):
        shutil.copy(file, target / file.name)
    return target


def read_rows(folder: Path, file: str) -> list[list[str]]:
    """All records of a file, the header first: record i stands in spreadsheet row i + 1."""
    with (folder / file).open(newline="", encoding="utf-8-sig") as handle:
        return list(csv.reader(handle))


def write_rows(folder: Path, file: str, rows: list[list[str]]) -> None:
    """Write records back as CSV."""
    with (folder / file).open("w", newline="", encoding="utf-8") as handle:
        # With "\n" alone a cell that holds "\r" would be written without quotes.
        csv.writer(handle, lineterminator="\r\n").writerows(rows)


def records(folder: Path, file: str) -> list[Record]:
    """The rows of a file by column name, without the header."""
    header, *rows = read_rows(folder, file)
    return [dict(zip(header, row, strict=True)) for row in rows]


def find_row(folder: Path, file: str, wanted: Callable[[Record], bool]) -> int:
    """Spreadsheet number of the first row that `wanted` accepts."""
    return next(i + 2 for i, record in enumerate(records(folder, file)) if wanted(record))


def plant(folder: Path, file: str, row: int, column: str, value: str) -> None:
    """Overwrite one cell; `row` as a spreadsheet numbers it."""
    rows = read_rows(folder, file)
    rows[row - 1][rows[0].index(column)] = value
    write_rows(folder, file, rows)
