"""Letters that no font of this machine has: a picture drawn here would show boxes in their place.

A browser takes every letter from whatever font has it, so one font more on the machine is all that is needed.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from functools import lru_cache

_LATIN = 0x250
"""Below it lie the letters that every text font has."""


def without_font(text: str) -> str:
    """The letters of `text` that cannot be drawn here, each once, in order; "" where fontconfig cannot be asked.

    >>> without_font("Müller 2019, n = 40")
    ''
    """
    letters = (c for c in text if ord(c) >= _LATIN and unicodedata.category(c)[0] == "L")
    return "".join(c for c in dict.fromkeys(letters) if not _drawn(c))


@lru_cache(maxsize=4096)
def _drawn(letter: str) -> bool:
    asked = shutil.which("fc-list")
    if asked is None:
        return True
    command = [asked, f":charset={ord(letter):x}", "family"]
    try:
        found = subprocess.run(command, capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return True
    return bool(found.stdout.strip())


def advice(letters: str) -> str:
    """What to do about letters that no font here has."""
    shown = letters if len(letters) <= 12 else f"{letters[:12]} ..."
    return (
        f"Boxes stand in the pictures where no font of this machine has the letters {shown}. Install a font that has "
        "them (Debian: apt-get install fonts-noto-cjk for Chinese, Japanese and Korean, fonts-noto-core for most "
        "others) and draw again; slides, tables and reports carry the letters whole."
    )
