"""The page Wanted: the list as it is worked out, and a file to fill in behind every line."""

from __future__ import annotations

import json
import re

import pytest
from plotly.io.json import to_json_plotly

from analysis.evidence import load_evidence
from analysis.reading import open_file
from analysis.wanted import ASSUMPTION, template, wanted
from analysis.wanted.words import effect, what
from dashboard.app import create_app
from dashboard.page import Visit
from dashboard.pages import page_at
from tests.evidence_builder import shipped


@pytest.fixture(scope="module")
def shown() -> str:
    page = page_at("/wanted").layout(shipped(), Visit("/wanted"))
    return json.dumps(json.loads(to_json_plotly(page)), ensure_ascii=False)


@pytest.fixture(scope="module")
def client():
    return create_app().server.test_client()


def test_every_line_says_what_is_wanted_and_what_it_would_do(shown):
    for one in wanted(shipped()):
        assert what(one) in shown
        assert effect(one.best) in shown
    assert ASSUMPTION in shown


def test_every_line_has_its_files(shown, client):
    links = re.findall(r'"href": "(/wanted/[^"]+)"', shown)
    assert len(links) == 2 * (len(wanted(shipped())) + 1)
    for link in links[:6]:
        answer = client.get(link)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]


def test_a_file_holds_its_line_and_the_whole_list_all(client):
    one = wanted(shipped())[0]
    for kind in ("csv", "xlsx"):
        for key, lines in ((one.key, [one]), ("all", wanted(shipped()))):
            content = client.get(f"/wanted/{key}.{kind}").data
            rows = open_file(f"x.{kind}", content).tables[0].rows
            assert [cells[0] for cells in rows] == [row[0] for row in template.sheet(lines)[1:]]


@pytest.mark.parametrize("name", ["nothing.csv", "all.pdf", "..%2Fx.csv"])
def test_a_file_that_is_not_there_is_said(client, name):
    answer = client.get(f"/wanted/{name}")
    assert answer.status_code == 404


def test_a_folder_without_data_wants_nothing(tmp_path):
    page = page_at("/wanted").layout(load_evidence(tmp_path), Visit("/wanted"))
    assert "No result is known" in str(page)
