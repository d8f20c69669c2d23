# ruff: noqa: E501 - one file per line
"""What is not read says what it is and what to do, whatever it is called."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys

import pytest
from pptx import Presentation

from analysis.reading import Unreadable, open_file
from tests.analysis.reading import builders as b

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + b"\0" * 512


def slides() -> bytes:
    content = io.BytesIO()
    Presentation().save(content)
    return content.getvalue()


def r_object(magic: bytes) -> bytes:
    return magic + b"\0\0\0\3" * 20


FILES = [
    ("scan.pdf", b"%PDF-1.7\n...", "PDF", "template"),
    ("plot.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture", "template"),
    ("plot.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 50, "picture", "template"),
    ("plot.gif", b"GIF89a" + b"\0" * 50, "picture", "template"),
    ("plot.tif", b"II*\0" + b"\0" * 50, "picture", "template"),
    ("plot.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "picture", "template"),
    ("plot.heic", b"\0\0\0\x18ftypheic" + b"\0" * 20, "picture", "template"),
    ("plot.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture", "template"),
    ("paper.docx", b.as_zip({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}), "Word", "template"),
    ("talk.pptx", slides(), "PowerPoint", "template"),
    ("paper.doc", ole("WordDocument"), "Word", "template"),
    ("mail.msg", ole("__substg1.0_0037001F"), "Outlook", "attachment"),
    ("odd.ole", ole("Something"), "older Office", "template"),
    ("locked.xlsx", ole("EncryptedPackage"), "locked with a password", "without one"),
    ("paper.odt", b.as_zip({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), "document", "template"),
    ("data.sav", b"$FL2@(#) SPSS DATA FILE" + b"\0" * 90, "SPSS", "CSV"),
    ("data.zsav", b"$FL3@(#) SPSS DATA FILE" + b"\0" * 90, "SPSS", "CSV"),
    ("data.sas7bdat", b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 90, "SAS", "CSV"),
    ("data.RData", gzip.compress(r_object(b"RDX3\nX\n")), "R workspace", "write.csv"),
    ("data.rda", bz2.compress(r_object(b"RDX2\nX\n")), "R workspace", "write.csv"),
    ("data.rds", gzip.compress(r_object(b"X\n")), "R object", "write.csv"),
    ("data.rds", lzma.compress(r_object(b"X\n")), "R object", "write.csv"),
    ("data.csv.gz", gzip.compress(b"study,yi\nA,1\n"), "packed", "unpack"),
    ("data.dta", b"\x6e\x02\x01\0" + b"\1" * 50, "Stata", "export delimited"),
    ("data.xlsb", b.as_zip({"xl/workbook.bin": b"\0"}), "XLSB", "XLSX"),
    ("data.numbers", b.as_zip({"Index/Document.iwa": b"\0"}), "Numbers", "export"),
    ("data.gsheet", json.dumps({"url": "https://x", "doc_id": "1"}).encode(), "Google", "Download"),
    ("data.json", b'[{"study": "A", "yi": 1}]', "JSON", "CSV"),
    ("data.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page", "XLSX"),
    ("data.xls", b'\xef\xbb\xbf<!DOCTYPE html>\n<html></html>', "web page", "XLSX"),
    ("data.xml", b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "workbook as XML", "XLSX"),
    ("data.xml", b'<?xml version="1.0"?><other/>', "XML", "template"),
    ("refs.ris", b"TY  - JOUR\nTI  - A\nER  -\n", "references", "template"),
    ("refs.bib", b"@article{a, title={b}}", "references", "template"),
    ("data.parquet", b"PAR1" + b"\0" * 20, "Parquet", "CSV"),
    ("data.db", b"SQLite format 3\0" + b"\0" * 90, "database", "CSV"),
    ("data.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 9, "7z", "unpack"),
    ("link.lnk", b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60, "shortcut", "choose the file"),
    ("link.url", b"[InternetShortcut]\nURL=https://x\n", "shortcut", "download"),
    ("many.zip", b.as_zip({"a.docx": b"PK", "b.png": b"x"}), "archive that holds a.docx", "unpack"),
    ("nested.zip", b.as_zip({"b.zip": b.as_zip({"a.csv": "x"})}), "archive that holds b.zip", "unpack"),
    ("empty.zip", b"PK\x05\x06" + b"\0" * 18, "empty archive", "choose"),
    ("broken.zip", b"PK\x03\x04" + b"\0" * 40, "damaged archive", "again"),
    ("empty.csv", b"", "empty file", "column names"),
    ("spaces.csv", b" \r\n \r\n", "empty file", "column names"),
    ("header.csv", b"study,yi,vi\n", "one row only", "one row per study"),
    ("noise.bin", bytes(range(256)) * 4, "binary data", "CSV or XLSX"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "what", "cure"), FILES, ids=[f[0] for f in FILES])
@pytest.mark.parametrize("kept", [True, False], ids=["own name", "no ending"])
def test_a_file_that_is_not_read_says_what_it_is_and_what_to_do(name, content, what, cure, kept):
    if name == "data.dta" and not kept:
        pytest.skip("only the ending tells an old Stata file from other binary data")
    with pytest.raises(Unreadable) as caught:
        open_file(name if kept else "file", content)
    assert what in str(caught.value)
    assert cure in str(caught.value)


def test_a_locked_archive_is_said_to_be_locked():
    content = bytearray(b.as_zip({"a.csv": b"study,yi\nA,1\n"}))
    for start in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[start] |= 1
    with pytest.raises(Unreadable, match="locked with a password"):
        open_file("a.zip", bytes(content))


def test_a_locked_ods_is_said_to_be_locked():
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    parts = {
        "mimetype": kind,
        "content.xml": b"\1\2",
        "META-INF/manifest.xml": "<m><encryption-data/></m>",
    }
    with pytest.raises(Unreadable, match="locked with a password"):
        open_file("a.ods", b.as_zip(parts))


def test_a_review_without_analyses_and_a_file_of_jasp_without_data_say_so():
    with pytest.raises(Unreadable, match="without any analysis"):
        open_file("a.rm5", b"<COCHRANE_REVIEW></COCHRANE_REVIEW>")
    with pytest.raises(Unreadable, match="without data"):
        open_file("a.jasp", b.jasp(b.sqlite(rows=())))


def test_reading_a_csv_loads_no_reader_of_workbooks():
    code = (
        "import sys; from analysis.reading import open_file; open_file('a.csv', b'study,yi\\nA,1\\n');"
        "print(sorted({'openpyxl', 'xlrd'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
