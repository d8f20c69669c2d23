"""The bytes of an upload: what a browser sends, decoded within the limits of what is read."""

from __future__ import annotations

import base64
import binascii

from analysis.reading import Limits, Unreadable

LIMITS = Limits(bytes=5_000_000, rows=3_000, columns=200, cells=300_000)
"""Of what a page reads: many readers share one server."""
MOST_FILES = 8
_EMPTY = "no file came; choose it again"
_DAMAGED = "the file was damaged on its way; choose it again"


def decoded(contents: object) -> bytes:
    """The bytes of what `dcc.Upload` hands over (``data:...;base64,...``).

    Raises
    ------
    Unreadable
        Not of that form, or too large.
    """
    if not isinstance(contents, str) or "," not in contents[:200]:
        raise Unreadable(_EMPTY)
    text = contents.partition(",")[2]
    LIMITS.check_size(len(text) * 3 // 4 - 2)  # before anything is decoded
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(_DAMAGED) from None
