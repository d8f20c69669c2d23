"""Slides as another program shows them: LibreOffice draws the deck, and every word of it lies on its page.

Skipped without LibreOffice and poppler; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html import unescape

import pytest

from analysis.export.artefacts import ARTEFACTS
from analysis.topic.vertebral import claims
from tests.evidence_builder import shipped

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Words of each page with their boxes, as LibreOffice drew them: one conversion for all tests."""
    missing = [name for name in ("soffice", "pdftotext") if shutil.which(name) is None]
    if missing:
        why = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("slides")
    (folder / "deck.pptx").write_bytes(
        ARTEFACTS["claims.pptx"].make((), shipped(), "https://host/claims")
    )
    profile = f"-env:UserInstallation=file://{folder}/profile"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        [*convert, str(folder / "deck.pptx")], check=True, capture_output=True, timeout=120
    )
    boxes = folder / "boxes.html"
    subprocess.run(["pdftotext", "-bbox", str(folder / "deck.pdf"), str(boxes)], check=True)
    found = []
    for page in re.findall(r"<page .*?</page>", boxes.read_text(encoding="utf-8"), re.DOTALL):
        width, height = map(
            float, re.match(r'<page width="([\d.]+)" height="([\d.]+)"', page).groups()
        )
        words = [
            (unescape(word), *map(float, box))
            for *box, word in re.findall(
                r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>',
                page,
            )
        ]
        found.append((width, height, words))
    return found


def test_every_word_lies_on_its_page(pages):
    for width, height, words in pages:
        assert abs(width * 9 - height * 16) < 1
        assert len(words) > 20
        for word, left, top, right, bottom in words:
            assert left >= 0, word
            assert right <= width, word
            assert top >= 0, word
            assert bottom <= height, word


def test_every_claim_and_its_verdict_can_be_read(pages):
    texts = [" ".join(word for word, *_ in words) for _, _, words in pages]
    for found in claims.claim_answers(shipped()):
        start = " ".join(found.claim["statement"].split()[:3])
        own = [text for text in texts[1:] if start in text]
        assert own, found.claim_id
        assert all(found.verdict.grade in text for text in own)


def test_rows_of_a_table_do_not_grow_over_the_axis_below(pages):
    """A table that grew would push its words down: the last row's number stands above the axis' numbers."""
    _, _, words = next(p for p in pages if any("claim=relief-85" in word for word, *_ in p[2]))
    axis = next(top for word, _, top, *_ in words if word == "100%")
    last = max(bottom for word, left, _, _, bottom in words if word == "65%" and left > 300)
    assert last < axis
