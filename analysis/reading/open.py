"""One file, whatever it is called: recognised by its content, opened by the reader of its format."""

from __future__ import annotations

from pathlib import PurePosixPath

from analysis.reading.archive import ZIP_START, Archive
from analysis.reading.limits import LIMITS, Limits
from analysis.reading.opened import Opened, Unreadable
from analysis.reading.text import open_text
from analysis.reading.workbook import open_xlsx


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
    limits.check_size(len(content))
    if content.startswith(ZIP_START):
        with Archive(content, limits) as archive:
            if "xl/workbook.xml" in archive.names:
                return open_xlsx(archive, content, limits)
        raise Unreadable(
            "an archive of another kind; unpack it and choose the file with the studies"
        )
    return open_text(stem(name), content, limits)


def stem(name: str) -> str:
    """A file's name without folders and ending, for a table.

    >>> stem("C:\\\\data\\\\pain.v2.csv"), stem("")
    ('pain.v2', 'file')
    """
    return PurePosixPath(name.replace("\\", "/")).stem[:100] or "file"
