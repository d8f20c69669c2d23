"""Downloads: one stable address per artefact, in words where there is nothing, never a trace of the inside."""

from __future__ import annotations

import json
import re
import struct
from html import unescape
from importlib import import_module

import pytest

from analysis import Question
from analysis import answer as ask
from analysis.evidence.own import MOST_STUDIES
from analysis.export import artefacts
from analysis.export.artefacts import (
    ARTEFACTS,
    CLAIMS,
    HARMS,
    PATIENT,
    PNG,
    QUESTION,
    VIEW,
    Artefact,
    link_to,
    of,
)
from analysis.findings import Harms
from analysis.topic.vertebral.patient import Patient
from dashboard.app import create_app
from dashboard.pages import pages
from tests.evidence_builder import shipped

EMPTY = Question(intervention="BKP")


@pytest.fixture(scope="module")
def app():
    return create_app()


@pytest.fixture
def client(app):
    return app.server.test_client()


def subject_of(artefact):
    subjects = {CLAIMS: ("height",), PATIENT: Patient(cause="malignant"), HARMS: Harms()}
    return subjects.get(artefact.about, Question())


@pytest.mark.parametrize("artefact", ARTEFACTS.values(), ids=ARTEFACTS)
def test_every_artefact_has_an_address_that_gives_a_file_with_its_name_and_version(
    client, artefact
):
    subject = subject_of(artefact)
    answer = client.get(artefact.address(subject))
    assert answer.status_code == 200, answer.text[:300]
    assert answer.mimetype == artefact.media_type
    named = f'attachment; filename="{artefact.file_name(subject)}"'
    shown = artefact.media_type == PNG  # by whoever previews a link
    assert answer.headers["Content-Disposition"] == ("inline" if shown else named)
    assert answer.headers["X-Data-Version"] == shipped().version
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"]
    assert len(answer.data) > 200


@pytest.mark.parametrize("artefact", ARTEFACTS.values(), ids=ARTEFACTS)
def test_every_artefact_names_a_function_that_is_there(artefact):
    module, function = artefact.where.split(":")
    assert callable(getattr(import_module(module), function))
    assert artefact.about in (QUESTION, CLAIMS, VIEW, PATIENT, HARMS)
    assert re.fullmatch(r"[a-z][a-z-]*\.[a-zR]+", artefact.name)


@pytest.mark.parametrize("artefact", of(QUESTION), ids=lambda a: a.name)
def test_a_view_without_studies_gives_a_file_or_says_why_there_is_none(client, artefact):
    answer = client.get(artefact.address(EMPTY))
    if answer.status_code == 404:
        assert "No randomised trial has compared kyphoplasty" in answer.text
    else:
        assert answer.status_code == 200


def test_an_unknown_name_is_not_found_in_words(client):
    answer = client.get("/take/forest.exe?v=1")
    assert answer.status_code == 404
    assert "There is no download of this name" in answer.text
    assert "slide.pptx" in answer.text


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/take/slide.pptx?v=1&level=9", "level: found"),
        ("/take/slide.pptx?nonsense=1", "nonsense: not a field of a question"),
        ("/take/claims.pptx?claim=none-such", "there is none called"),
        ("/take/findings.xlsx?cause=moon", "cause: found"),
        ("/take/harms.pptx?unit=dogs", "unit: not understood here"),
        ("/take/claims.pptx?outcome=pain", "outcome: not understood here"),
        ("/take/slide.pptx?outcome=%3Cscript%3E", "&lt;script&gt;"),
    ],
)
def test_an_address_that_is_not_understood_gives_no_other_questions_file(client, address, said):
    answer = client.get(address)
    assert answer.status_code == 400
    assert said in answer.text
    assert "<script>" not in answer.text


def test_a_file_that_the_reader_has_already_is_not_sent_again(client):
    address = ARTEFACTS["slide.pptx"].address(Question())
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_the_link_in_a_file_is_the_servers_address_as_the_reader_sees_it(client):
    address = ARTEFACTS["citation.txt"].address(Question())
    text = client.get(address, headers={"Host": "evidence.example:8443"}).text
    assert "http://evidence.example:8443/compare?v=1" in text


@pytest.mark.parametrize("host", ['evil"><script>', "a b", "x/../y", "host:port", "user@host", ""])
def test_a_host_that_is_none_is_not_printed(client, host):
    answer = client.get(ARTEFACTS["citation.txt"].address(Question()), headers={"Host": host})
    if answer.status_code == 200:
        assert "Available from: /compare?v=1" in answer.text
        assert host == "" or host not in answer.text
    else:  # the server itself declines such a host
        assert answer.status_code == 400


def test_a_fault_of_ours_is_told_without_its_details(client, monkeypatch):
    address = ARTEFACTS["slide.pptx"].address(Question())
    monkeypatch.setattr(Artefact, "link", lambda *_: 1 / 0)
    answer = client.get(address)
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "Something went wrong here" in answer.text


def test_the_browsers_figure_has_the_size_asked_for_and_says_where_it_comes_from(client):
    question = Question(time="12m")
    for size, (width, height) in {"slide": (16, 9), "half-slide": (8, 9)}.items():
        layout = json.loads(client.get(ARTEFACTS[f"figure-{size}.json"].address(question)).text)[
            "layout"
        ]
        assert layout["width"] * height == layout["height"] * width
        text = " ".join(note["text"] for note in layout["annotations"]).replace("<br>", " ")
        assert shipped().version in text
        assert "4 studies, 469 patients" in text
        assert "localhost/compare?v=1&amp;time=12m" in text


def test_a_body_without_own_studies_changes_nothing_and_one_that_cannot_be_read_is_refused(client):
    address = ARTEFACTS["effects.csv"].address(Question())
    plain = client.get(address).text
    for body in ("[]", "null", '{"studies": 7}'):
        answer = client.post(address, data=body, content_type="application/json")
        assert answer.status_code == 200, body
        assert answer.text == plain
    assert client.post(address, data="{", content_type="application/json").status_code == 400


def test_more_own_studies_than_the_limits_allow_give_no_file_instead_of_one_without_them(client):
    many = {"active": True, "studies": [{"study_id": f"own-{i}"} for i in range(MOST_STUDIES + 1)]}
    answer = client.post(ARTEFACTS["effects.csv"].address(Question()), json=many)
    assert answer.status_code == 400
    assert "your own studies are over the limits" in answer.text


def test_links_are_relative_where_the_site_is_not_known():
    assert link_to(Question()) == "/compare?v=1"
    assert link_to((), "https://host") == "https://host/claims"
    assert artefacts.ARTEFACTS["claims.pptx"].address(()) == "/take/claims.pptx"


def told(html: str) -> dict[str, str]:
    """The facts of a link's card, as a chat reads them."""
    return dict(re.findall(r'<meta property="([a-z:_]+)" content="([^"]*)">', html))


@pytest.mark.parametrize("path", ["/compare", "/robustness", "/sources", "/missing"])
def test_a_link_shows_the_verdict_and_a_picture_from_a_named_host(app, client, monkeypatch, path):
    monkeypatch.setitem(app.server.config, "TRUSTED_HOSTS", ["localhost"])
    question = Question(time="12m", without=("carli-2023",))
    card = told(client.get(f"{path}?{question.to_query()}").text)
    found = ask(question, shipped())
    assert unescape(card["og:title"]).startswith(found.headline)
    assert found.sentence in unescape(card["og:description"])
    address = unescape(card["og:image"])
    assert address.startswith("http://localhost/take/card.png?")
    picture = client.get(address.removeprefix("http://localhost"))
    assert struct.unpack(">II", picture.data[16:24]) == (1200, 630)
    assert picture.cache_control.max_age == 3600
    assert picture.cache_control.public


@pytest.mark.parametrize(
    ("address", "title", "said"),
    [
        ("/claims?claim=height", "The balloon restores the height", "kyphotic angle"),
        ("/patient?cause=malignant", "Fracture from cancer", "Compared with non-surgical care"),
        ("/study?id=buchbinder-2009", "Buchbinder", "vertebroplasty"),
        ("/claims", "Claims", "answered from the published studies: Not decided"),
        ("/time-course?v=1&time=12m", "over time", "No important difference: first days to 6 months."),
        ("/network", "no important difference between vertebroplasty and sham", "transitivity"),
        ("/harms", "Harms", "of 100 patients"),
        ("/studies?design=sham_rct", "Studies", "sham-controlled trial: 13"),
        ("/reviews", "Published reviews", "compared with our answers"),
        ("/methods", "Methods", "."),
        ("/study?id=nobody", "Study", "One report"),
    ],
)
def test_a_link_tells_what_its_query_shows(client, address, title, said):
    card = told(client.get(address).text)
    assert title in unescape(card["og:title"])
    assert said.lower() in unescape(card["og:description"]).lower()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_every_page_has_a_picture_for_its_link_made_here(app, client, monkeypatch, page):
    monkeypatch.setitem(app.server.config, "TRUSTED_HOSTS", ["localhost"])
    card = told(client.get(page.path).text)
    address = unescape(card["og:image"])
    assert address.startswith("http://localhost/")
    picture = client.get(address.removeprefix("http://localhost"))
    assert picture.mimetype == "image/png"
    assert struct.unpack(">II", picture.data[16:24]) == (1200, 630)
    assert picture.cache_control.max_age == 3600


def test_a_picture_of_no_page_is_refused_in_words(client):
    answer = client.get("/card.png?page=/nowhere")
    assert answer.status_code == 404
    assert "no page of this name" in answer.text


def test_a_card_holds_no_tag_and_no_host_that_is_none(client):
    text = client.get(
        "/compare?outcome=%22%3E%3Cscript%3Ex()", headers={"Host": 'evil"><script>'}
    ).text
    assert "<script>x()" not in text
    assert "evil" not in text
    assert "og:image" not in told(client.get("/words").text)


@pytest.mark.parametrize("query", ["v=1&intervention=BKP", "v=1&comparator=NONE"])
def test_every_question_has_a_card_also_where_no_study_answers_it(client, query):
    assert client.get(f"/take/card.png?{query}").data.startswith(b"\x89PNG")
