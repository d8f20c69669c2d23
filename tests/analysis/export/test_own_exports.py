"""No file leaves without the mark: every artefact of an answer with a hypothetical trial says that it holds one."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from analysis.answer import answer, shipped_evidence
from analysis.evidence.own import with_own
from analysis.export.artefacts import QUESTION, of
from analysis.figures.standalone import basis
from analysis.question import Question
from analysis.upload.what_if import Found, hypothetical
from tests.own_studies import own_rows

ASKED = Question(time="12m")
SHIPPED = shipped_evidence()
MERGED = with_own(
    SHIPPED,
    own_rows() + hypothetical(ASKED, Found(-1.0, se=0.4), answer(ASKED, SHIPPED), 1).tidy(),
)


def text_of(content: bytes) -> str:
    """Everything that a file says; of an archive, of all its parts."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(text_of(archive.read(n)).encode() for n in archive.namelist())
    return re.sub(r"<[^>]*>", "", content.decode("utf-8", "replace"))


@pytest.mark.parametrize("artefact", of(QUESTION), ids=lambda a: a.name)
def test_every_file_of_an_answer_with_a_hypothetical_trial_says_so(artefact):
    marked = text_of(artefact.make(ASKED, MERGED, "/compare?v=1&time=12m"))
    plain = text_of(artefact.make(ASKED, SHIPPED, "/compare?v=1&time=12m"))
    assert "hypothetical" in marked
    assert MERGED.version in marked
    assert "hypothetical trial" not in plain


def test_what_stands_below_a_picture_says_so():
    found = answer(ASKED, MERGED)
    assert "hypothetical" in found.change_line
    assert basis(found)
    assert found.data_version.endswith("-hypothetical")
