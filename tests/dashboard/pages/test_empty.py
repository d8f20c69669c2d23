"""The survey's pages on a data folder that holds nothing: sentences, and no fault."""

from __future__ import annotations

import pytest

from analysis.evidence import load_evidence
from dashboard.page import Visit
from dashboard.pages import page_at


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/studies", "None of the 0 reports fits"),
        ("/study", "names no study"),
        ("/gaps", "no study answers any of the"),
        ("/reviews", "has no published review"),
        ("/methods", "0 reports"),
    ],
)
def test_a_page_without_data_says_so(tmp_path, path, said, narrow):
    page = page_at(path).layout(load_evidence(tmp_path), Visit(path, "", narrow))
    assert said in str(page)
