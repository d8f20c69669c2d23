"""Bytes -> text, when nothing says in which encoding they were written.

A mark at the start decides; else UTF-8 if it fits, UTF-16 if every second byte is empty, an East Asian
encoding if its everyday characters come out (`east_asian`). Of the old one-byte encodings that one is taken
under which the bytes above 127 make sensible letters: "Müller" rather than "MŸller", a dash between numbers
rather than a letter.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from analysis.reading.east_asian import east_asian
from analysis.reading.opened import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
# In this order where nothing tells them apart. The names are what a person calls them.
_OLD = (
    ("cp1252", "Windows-1252 (Western Europe)"),
    ("mac_roman", "Mac Roman (an old Macintosh encoding)"),
    ("cp850", "code page 850 (“CSV (MS-DOS)” of Excel)"),
    ("cp1250", "Windows-1250 (Central Europe)"),
    ("cp1251", "Windows-1251 (Cyrillic)"),
    ("utf-8", "UTF-8, with bytes that are none"),
)
_SAMPLE = 4_000
_USUAL = frozenset(
    "äöüßéèêëàâáãåæçíìîïñóòôõøœúùûýšžčćđłąęśźżőűřěůňťğışÄÖÜÉÅØÆÇŠŽ±°µ–—’‘“”•≤≥²³×…®™€£§·†½"
)
_BETWEEN_NUMBERS = frozenset("±–—≤≥×·²³°†‡µ½")


def text_of(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a remark where the encoding was judged by the letters.

    Raises
    ------
    Unreadable
        Control characters that no text holds.

    >>> text_of("M\\u00fcller".encode("mac_roman"))[0], text_of("M\\u00fcller".encode("latin-1"))[0]
    ('Müller', 'Müller')
    """
    for mark, codec, _ in _MARKS:
        if raw.startswith(mark):
            return _clean(raw.decode(codec, "replace"), raw), ()
    for codec, zero in (("utf-16-le", raw[1:2000:2]), ("utf-16-be", raw[0:2000:2])):
        if zero and zero.count(0) > 0.7 * len(zero) and len(raw) > 3:
            return _clean(raw.decode(codec, "replace"), raw), ()
    raw = raw.rstrip(b"\0")
    try:
        return _clean(raw.decode("utf-8"), raw), ()
    except UnicodeDecodeError:
        pass
    codec, name = east_asian(raw) or _one_byte(raw)
    words = _words(raw.decode(codec, "replace"))
    shown = f"; check the letters: {', '.join(words)}" if words else ""
    return _clean(raw.decode(codec, "replace"), raw), (f"the text is read as {name}{shown}",)


def _one_byte(raw: bytes) -> tuple[str, str]:
    """The one-byte encoding under which the letters make most sense, and what a person calls it."""
    pieces = _pieces(raw)
    return max(_OLD, key=lambda old: _sense(pieces, old[0]))


def _clean(text: str, raw: bytes) -> str:
    if any(c < " " and c not in "\t\n\r\f\v\x1a\x1c\x1d\x1e\x1f" for c in text):
        raise Unreadable(
            f"binary data of an unknown kind ({len(raw):,} bytes); save the table as CSV or XLSX"
        )
    return text.replace("\x1a", "")  # the end of a file under DOS


def _pieces(raw: bytes) -> list[bytes]:
    """Stretches around the bytes that must be judged, a few thousand at most."""
    found = re.findall(rb"[^\t,;|\r\n\x22]{0,40}[\x80-\xff][^\t,;|\r\n\x22]{0,40}", raw[:2_000_000])
    return found[:_SAMPLE]


def _sense(pieces: list[bytes], codec: str) -> float:
    """How much sense the characters above 127 make: usual letters inside words, signs outside."""
    score = 0.0
    for piece in pieces:
        text = piece.decode(codec, "replace")
        for i, c in enumerate(text):
            if ord(c) < 128:
                continue
            before, after = text[i - 1 : i] if i else "", text[i + 1 : i + 2]
            score += _fits(c, before, after)
    return score


def _fits(c: str, before: str, after: str) -> float:
    category = unicodedata.category(c)
    beside = before.isalpha() or after.isalpha()
    if category in ("Cc", "Cn", "Co") or c == "\N{REPLACEMENT CHARACTER}":
        return -6.0
    if category[0] == "L":
        if before.isdigit() or (after.isdigit() and not before.isalpha()):
            return -2.0
        if not beside and not (before or after).strip():
            return -0.5
        if category == "Lu" and before.isalpha() and (before.islower() or after.islower()):
            return -3.0
        cyrillic = "\u0400" <= c <= "\u04ff"
        if cyrillic and any(n.isalpha() and n.isascii() for n in (before, after)):
            return -3.0
        if not cyrillic and any("\u00c0" <= n <= "\u00ff" for n in (before, after) if n):
            return 0.2  # several accents in a row: a word in another script
        return 2.0 if c in _USUAL else 1.0
    if before.isalpha() and after.isalpha():
        return 0.5 if c in "–’‘·" else -3.0
    if before.isalpha() and c not in "®™’”“†‡*·–—…°²³\u00a0":
        return -2.0
    return 1.5 if c in _BETWEEN_NUMBERS else 0.5 if c in _USUAL or c == "\u00a0" else -1.0


def _words(text: str) -> list[str]:
    """A few words with letters beyond ASCII, to be checked by eye."""
    found = re.findall(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]*", text)
    return list(dict.fromkeys(found))[:3]
