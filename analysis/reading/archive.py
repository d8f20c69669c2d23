"""ZIP archives and XML from strangers: bounded before anything is unpacked or expanded; nothing is written to disk."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from types import TracebackType

from lxml import etree

from analysis.reading.limits import Limits
from analysis.reading.opened import Unreadable

ZIP_START = b"PK\x03\x04"
_SMALL = 1_000_000
_IGNORED = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|~\$|\._)")
_DAMAGED = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, RuntimeError,
    EOFError, OSError, ValueError, OverflowError,
)  # fmt: skip


class Archive:
    """The members of an archive, read within the limits.

    Raises
    ------
    Unreadable
        Damaged, locked with a password, or beyond a limit; when made, or by `read`.
    """

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._limits, self._left = limits, limits.unpacked
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            members = self._zip.infolist()
        except _DAMAGED as error:
            raise Unreadable(_damaged(error)) from None
        if len(members) > limits.members:
            raise Unreadable(
                f"an archive of {len(members):,} files; at most {limits.members:,} are looked at: "
                "unpack it and choose the one with the studies"
            )
        files = [m for m in members if m.filename and not m.filename.endswith("/")]
        self._members = {m.filename: m for m in files if not _IGNORED.search(m.filename)}
        self.names = tuple(self._members)
        if any(m.flag_bits & 1 for m in self._members.values()):
            raise Unreadable(
                "an archive that is locked with a password; unpack it and choose the file inside"
            )
        total = sum(m.file_size for m in members)
        if total > limits.unpacked:
            raise Unreadable(_too_large(limits))

    def read(self, name: str) -> bytes:
        """The content of one member; counts against what all may unpack to, whatever the archive says."""
        member = self._members[name]
        most = self._left
        if member.compress_size * self._limits.ratio > _SMALL:
            most = min(most, member.compress_size * self._limits.ratio)
        else:
            most = min(most, _SMALL)
        try:
            with self._zip.open(member) as part:
                content = part.read(most + 1)
        except _DAMAGED as error:
            raise Unreadable(_damaged(error)) from None
        if len(content) > most:
            raise Unreadable(_too_large(self._limits))
        self._left -= len(content)
        return content

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()


def _damaged(error: Exception) -> str:
    return f"a damaged archive ({type(error).__name__}); save or download the file again"


def _too_large(limits: Limits) -> str:
    return (
        f"an archive that unpacks to more than {limits.unpacked / 1e6:,.0f} MB, or to far more than its size; "
        "keep only the sheet with the studies, and save it as CSV"
    )


def xml_of(content: bytes, what: str) -> etree._Element:
    """The root of an XML document; no document type, no entities, nothing fetched.

    Raises
    ------
    Unreadable
        Not well formed, or with a document type.
    """
    refuse_doctype(content, what)
    try:
        return etree.fromstring(content, safe_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, etree.XMLSyntaxError) else ""
        raise Unreadable(
            f"a damaged {what} (no well-formed XML{line}); save or download it again"
        ) from None


def safe_parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding=encoding,
    )  # fmt: skip


def refuse_doctype(content: bytes, what: str) -> None:
    """No document type, and with it no entities: none of the formats read here has one."""
    bare = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare or b"<!doctype" in bare:
        raise Unreadable(
            f"a {what} with a document type, which no program writes there; save it again from the program "
            "that made it"
        )
