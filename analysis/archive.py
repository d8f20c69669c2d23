"""The same content, the same bytes: a ZIP archive would otherwise carry the time at which it was made."""

from __future__ import annotations

import io
import re
import zipfile

# The earliest time that a ZIP archive can hold.
EPOCH = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")


def undated(content: bytes) -> bytes:
    """An archive with every entry dated alike, and an Office file's dates left out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename, EPOCH)
            plain.compress_type = zipfile.ZIP_DEFLATED
            text = old.read(entry)
            new.writestr(
                plain, _DATES.sub(b"", text) if entry.filename == "docProps/core.xml" else text
            )
    return out.getvalue()
