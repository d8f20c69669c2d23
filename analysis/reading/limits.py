"""How much of a file is read. A file beyond a limit is refused whole, never cut in silence."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.reading.opened import Unreadable


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of time and memory.

    Attributes
    ----------
    bytes : of the file.
    unpacked : bytes of everything that an archive unpacks to.
    ratio : unpacked over packed bytes of one member, above one megabyte.
    members : files in an archive.
    rows, columns, cells : of one table.
    tables : sheets of a workbook that are read.
    """

    bytes: int = 10_000_000
    unpacked: int = 150_000_000
    ratio: int = 200
    members: int = 1_000
    rows: int = 20_000
    columns: int = 300
    cells: int = 1_100_000
    tables: int = 30

    def check_size(self, size: int) -> None:
        """Raises `Unreadable` for a file that is too large."""
        if size > self.bytes:
            raise Unreadable(
                f"a file of {size / 1e6:,.1f} MB; at most {self.bytes / 1e6:,.0f} MB are read: keep only the "
                "sheet with the studies, and save it on its own"
            )

    def check_shape(self, rows: int, columns: int, where: str = "the table") -> None:
        """Raises `Unreadable` for a table that is too large; `columns` is the widest row."""
        for found, most, word in (
            (rows, self.rows, "rows"),
            (columns, self.columns, "columns"),
            (rows * columns, self.cells, "cells"),
        ):
            if found > most:
                raise Unreadable(
                    f"{where} has more than {most:,} {word}, the most that are read: "
                    "keep one row per study (or arm) and the columns needed"
                )


LIMITS = Limits()
