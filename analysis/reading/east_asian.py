"""Which East Asian encoding bytes were written in, where their letters tell it; none where they could be another's.

Each encoding has its everyday characters in one region. A text is taken for the one under which nearly all of its
characters are everyday ones, and never where the same bytes make Cyrillic words.
"""

from __future__ import annotations

_SAMPLE = 200_000
_NEARLY_ALL = 0.95
_MOST = 0.75
_FEWEST = 4


def east_asian(raw: bytes) -> tuple[str, str] | None:
    """The codec and what a person calls it.

    >>> [east_asian(("name,n\\n" + t).encode(c)) for t, c in (("王小明研究", "gb18030"), ("Müller", "cp1252"))]
    [('gb18030', 'GB18030 (Chinese)'), None]
    """
    sample = raw[:_SAMPLE]
    if len(sample) < len(raw):  # to the end of a line: no character is cut
        sample = sample[: sample.rfind(b"\n") + 1]
    high = [b for b in sample if b > 127]
    if len(high) < _FEWEST or _is_cyrillic(high):
        return None
    found = {codec: _everyday(sample, codec) for codec in _NAMES}
    if found["cp932"] >= _MOST:
        return "cp932", _NAMES["cp932"]
    best = max(found, key=lambda codec: (found[codec] >= _NEARLY_ALL, found[codec]))
    if found["cp949"] >= _NEARLY_ALL:
        best = "cp949"
    return (best, _NAMES[best]) if found[best] >= _MOST else None


_NAMES = {
    "cp932": "Shift-JIS (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese, traditional)",
}


def _is_cyrillic(high: list[int]) -> bool:
    """Whether nearly all bytes above 127 are letters of Windows-1251."""
    return sum(b >= 0xC0 or b in (0xA8, 0xB8) for b in high) >= _NEARLY_ALL * len(high)


def _everyday(sample: bytes, codec: str) -> float:
    """The share of characters beyond ASCII that are everyday ones; 0 where the bytes do not fit."""
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    beyond = [c for c in text if c > "\x7f"]
    if not beyond:
        return 0.0
    if codec == "cp932" and not any("\u3040" <= c <= "\u30ff" for c in beyond):
        return 0.0  # Japanese without a kana could as well be Chinese
    return sum(_is_everyday(c, codec) for c in beyond) / len(beyond)


def _is_everyday(c: str, codec: str) -> bool:
    written = c.encode(codec)
    if len(written) != 2:
        return False
    lead, trail = written
    if codec == "cp932":
        return "\u3040" <= c <= "\u30ff" or 0x88 <= lead <= 0x97 or lead == 0x81
    if codec == "cp949":
        return "\uac00" <= c <= "\ud7a3" and trail >= 0xA1
    if codec == "gb18030":
        return (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)) and trail >= 0xA1
    return 0xA1 <= lead <= 0xC6
