"""Files that are not read: what each is, and what to do instead. By content first, then by ending."""

from __future__ import annotations

import bz2
import json
import lzma
import re
import zlib
from pathlib import PurePosixPath

from analysis.reading.archive import Archive
from analysis.reading.opened import Unreadable, list_of

_TYPED = "type the numbers into the template, or bring the table as CSV or XLSX"
_PICTURE = f"; numbers are not read from pictures: {_TYPED}"

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", f"a PDF; tables are not read from it: {_TYPED}"),
    (b"\x89PNG", "a picture (PNG)" + _PICTURE),
    (b"\xff\xd8\xff", "a picture (JPEG)" + _PICTURE),
    (b"GIF8", "a picture (GIF)" + _PICTURE),
    (b"II*\0", "a picture (TIFF)" + _PICTURE),
    (b"MM\0*", "a picture (TIFF)" + _PICTURE),
    (b"\0\0\1\0", "an icon" + _PICTURE),
    (b"8BPS", "a picture (Photoshop)" + _PICTURE),
    (b"{\\rtf", f"a text document (RTF); {_TYPED}"),
    (b"$FL2", "an SPSS file (.sav); in SPSS: File, Save as, CSV; or open it in jamovi or JASP and export CSV"),
    (b"$FL3", "an SPSS file (.zsav); in SPSS: File, Save as, CSV; or open it in jamovi or JASP and export CSV"),
    (b"SQLite format 3\0", "a database (SQLite); export the table with the studies as CSV"),
    (b"PAR1", "a Parquet file; write the table as CSV"),
    (b"ARROW1", "a Feather file; write the table as CSV"),
    (b"\x89HDF", "an HDF5 file; write the table as CSV"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z); unpack it and choose the file inside"),
    (b"Rar!", "an archive (RAR); unpack it and choose the file inside"),
    (b"MZ", "a program; nothing to read in it"),
    (b"\x7fELF", "a program; nothing to read in it"),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut to a file; choose the file itself"),
    (b"[InternetShortcut]", "a shortcut to a web page; download the table as CSV or XLSX and choose that"),
    (b"RDX", "an R workspace (.RData); in R: write.csv(data, \"studies.csv\", row.names = FALSE)"),
    (b"X\n\0\0", "an R object (.rds); in R: write.csv(readRDS(file), \"studies.csv\", row.names = FALSE)"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a SAS data set; in SAS: proc export to CSV"),
    (b"ID;P", "a SYLK sheet; open it in a spreadsheet program and save it as XLSX"),
)  # fmt: skip

_PACKED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))

_OLE = (
    ("EncryptedPackage", "a workbook or document that is locked with a password; save it without one, or as CSV"),
    ("WordDocument", f"a Word document; {_TYPED}"),
    ("PowerPoint Document", f"a PowerPoint file; {_TYPED}"),
    ("__substg1.0", "an Outlook message; save its attachment and choose that"),
)  # fmt: skip

_INSIDE = (
    ("word/document.xml", f"a Word document; {_TYPED}"),
    ("ppt/presentation.xml", f"a PowerPoint file; {_TYPED}"),
    ("xl/workbook.bin", "a binary workbook (XLSB); save it as XLSX"),
    ("Index/Document.iwa", "a Numbers, Pages or Keynote document; export it as XLSX or CSV"),
    ("Index.zip", "a Numbers, Pages or Keynote document; export it as XLSX or CSV"),
    ("AndroidManifest.xml", "a program; nothing to read in it"),
)

_ENDINGS = {
    "sav": "an SPSS file that cannot be recognised; export it from SPSS as CSV",
    "dta": "a Stata file of a version that is not read; in Stata, export delimited, and bring the CSV",
    "rds": "an R object; in R: write.csv(readRDS(file), \"studies.csv\", row.names = FALSE)",
    "rda": "an R workspace; in R: write.csv(data, \"studies.csv\", row.names = FALSE)",
    "rdata": "an R workspace; in R: write.csv(data, \"studies.csv\", row.names = FALSE)",
    "mtv": "a MetaView file; open the review in RevMan and export it",
    "cma": "a file of Comprehensive Meta-Analysis; export its table to Excel",
    "sas7bdat": "a SAS data set; in SAS: proc export to CSV",
    "doc": f"a Word document; {_TYPED}",
    "heic": "a picture (HEIC)" + _PICTURE,
    "xlsb": "a binary workbook (XLSB); save it as XLSX",
    "mdb": "an Access database; export the table as CSV",
    "accdb": "an Access database; export the table as CSV",
    "numbers": "a Numbers document; export it as XLSX or CSV",
}  # fmt: skip

_SHORTCUTS = frozenset({"url", "doc_id", "resource_id", "resource_key"})
_REFERENCES = re.compile(
    r"\s*(TY  - |@(article|misc|book|inproceedings)\s*\{|PMID- )", re.IGNORECASE
)
_WEB_PAGE = re.compile(
    r"\s*(<!doctype html|<html|<head|<body|<table|<meta|<style|<div)", re.IGNORECASE
)


def refuse_foreign(content: bytes, name: str) -> None:
    """Raises `Unreadable` for a file that is recognised and not read."""
    for start, words in _STARTS:
        if content.startswith(start):
            raise Unreadable(words)
    if content[4:8] == b"ftyp":
        raise Unreadable("a picture or film" + _PICTURE)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        raise Unreadable("a picture (WebP)" + _PICTURE)
    if content.startswith(b"BM") and len(content) > 30 and content[6:10] == b"\0\0\0\0":
        raise Unreadable("a picture (BMP)" + _PICTURE)
    for start, packing in _PACKED:
        if content.startswith(start):
            refuse_foreign(_unpacked(content, packing), name.removesuffix(".gz"))
            raise Unreadable(f"a packed file ({packing}); unpack it and choose the file inside")


def refuse_ole(content: bytes) -> None:
    """Raises `Unreadable` for files in Microsoft's older container that are no workbook."""
    for stream, words in _OLE:
        if stream.encode("utf-16-le") in content:
            raise Unreadable(words)
    if not any(s.encode("utf-16-le") in content for s in ("Workbook", "Book")):
        raise Unreadable(f"a file of an older Office program, and no workbook; {_TYPED}")


def refuse_archive(archive: Archive) -> None:
    """Raises `Unreadable` for archives that are documents of another program."""
    for part, words in _INSIDE:
        if part in archive.names:
            raise Unreadable(words)
    if "mimetype" in archive.names:
        kind = archive.read("mimetype")[:100].decode("ascii", "replace")
        raise Unreadable(f"a document ({kind.rpartition('.')[2]}); {_TYPED}")


def refuse_text(text: str) -> None:
    """Raises `Unreadable` for text that is no table; `text` is its beginning."""
    if _WEB_PAGE.match(text):
        raise Unreadable(
            "a web page (some programs save one under the name .xls); open it in a spreadsheet program and "
            "save it as XLSX"
        )
    if text.lstrip().startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text:
            raise Unreadable(
                "a workbook as XML (Excel 2003); open it in a spreadsheet program and save it as XLSX"
            )
        if "<office:document" in text:
            raise Unreadable("a flat OpenDocument file; save it as ODS or XLSX")
        if "<svg" in text:
            raise Unreadable("a picture (SVG)" + _PICTURE)
        raise Unreadable(f"an XML file that is not from RevMan 5; {_TYPED}")
    if _REFERENCES.match(text):
        raise Unreadable(f"a list of references; it holds no results: {_TYPED}")
    if text.lstrip()[:1] in ("{", "["):
        _refuse_json(text)


def refuse_ending(name: str) -> None:
    """Raises `Unreadable` for what only the ending tells, where the content could not be read."""
    ending = PurePosixPath(name.lower()).suffix.lstrip(".")
    if ending in _ENDINGS:
        raise Unreadable(_ENDINGS[ending])


def refuse_other_archive(names: tuple[str, ...]) -> None:
    inside = list_of(names, 3) if names else "nothing"
    raise Unreadable(
        f"an archive that holds {inside}; unpack it and choose the file with the studies"
    )


def _refuse_json(text: str) -> None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and _SHORTCUTS & found.keys():
        raise Unreadable(
            "a shortcut to a Google sheet; in Google: File, Download, XLSX or CSV, and choose that"
        )
    if found is not None or re.match(r'\s*[\[{]\s*["{\[]', text):
        raise Unreadable("a JSON file; write the table as CSV")


def _unpacked(content: bytes, packing: str) -> bytes:
    """The first bytes of a packed file, b"" where it is damaged."""
    makers = {
        "gzip": lambda: zlib.decompressobj(31),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lzma.LZMADecompressor,
    }
    try:
        return makers[packing]().decompress(content[:20_000], 200)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return b""
