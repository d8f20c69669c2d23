"""The report as a file: complete in itself, every text escaped, only its own scripts, the numbers of the answer."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from analysis import Question, answer
from analysis.effects.scale import printed
from analysis.evidence.select import REASONS
from analysis.export.artefacts import ARTEFACTS, NothingToTake
from analysis.export.report import page, plotly_bundle
from analysis.export.report.parts import QUICK
from analysis.robustness_views.registry import VIEWS
from analysis.topic.vertebral.claims import claim_answers
from tests.evidence_builder import changed_study, shipped

SHAM = Question(time="12m")
ONE_GROUP = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
NOTHING = Question(intervention="BKP", time="3m")  # nor does any chain of trials link the two
LINK = "https://example.org/compare?v=1&time=12m"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"' & {{ 7*7 }} \u2028"

ADDRESSES = {"src", "srcset", "poster", "action", "formaction", "background", "ping"}


class Reader(HTMLParser):
    """Elements, text and addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[str | None, str]] = []
        self.text = ""
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in = tag
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in == "script":
            kind, text = self.scripts[-1]
            self.scripts[-1] = (kind, text + data)
        elif self._in != "style":
            self.text += data

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.elements if attrs.get(name)]


def made(name: str, subject: object, evidence=None) -> str:
    evidence = evidence or shipped()
    return ARTEFACTS[name].make(subject, evidence, LINK).decode()


@pytest.fixture(scope="module")
def report() -> str:
    return made("report.html", SHAM)


@pytest.fixture(scope="module")
def read(report) -> Reader:
    return Reader(report)


def test_the_policy_names_exactly_the_scripts_of_the_file_and_allows_no_connection(read):
    (policy,) = [a["content"] for t, a in read.elements if t == "meta" and a.get("http-equiv")]
    run = [text for kind, text in read.scripts if kind is None]
    hashes = {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in run}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == hashes
    assert len(run) == 2
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-eval" not in policy
    assert "connect-src" not in policy
    assert "http" not in policy


def test_nothing_is_loaded_from_elsewhere(read):
    assert not ADDRESSES & {name for _, attrs in read.elements for name in attrs}
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {t for t, _ in read.elements}
    assert all(h.startswith(("#", "https://", "http://", "data:")) for h in read.attributes("href"))
    assert not [v for _, a in read.elements for n, v in a.items() if n.startswith("on")]


def test_places_are_unique_and_every_link_within_the_file_leads_somewhere(read):
    ids = read.attributes("id")
    assert len(ids) == len(set(ids))
    within = [h[1:] for h in read.attributes("href") if h.startswith("#")]
    assert within
    assert set(within) <= set(ids)


def test_it_states_the_answer_the_origin_the_studies_and_what_stayed_out(read):
    found, text = answer(SHAM, shipped()), re.sub(r"\s+", " ", read.text)
    for part in (found.headline, found.sentence, found.details[0], LINK, shipped().sha256):
        assert part in text
    for study in found.studies:
        assert study.label in text
        assert printed(SHAM, study.yi) in text
        assert all(step.text in text for step in study.steps)
    for reason in found.left_out_by_reason():
        assert REASONS[reason][1:] in text
    assert f"Considered: {found.considered} reported results" in text
    assert "not found by a systematic search" in text
    assert "Buchbinder R, et al." in text


def test_the_figures_of_the_file_are_those_of_the_answer(read):
    drawn = [json.loads(text) for kind, text in read.scripts if kind == "application/json"]
    assert len(drawn) == 2  # its studies, and the network that they are a part of
    for data in drawn:
        kinds = {trace["type"] for form in data.values() for trace in form["data"]}
        assert set(data) == {"wide", "narrow"}
        assert kinds <= {"scatter", "bar", "pie"}  # all that the small bundle draws
        assert all(form["layout"]["height"] > 100 for form in data.values())


def test_references_are_files_inside_the_file(read):
    saved = {a["download"]: a["href"] for t, a in read.elements if t == "a" and "download" in a}
    assert [name.rsplit(".", 1)[1] for name in saved] == ["bib", "ris"]
    for name, address in saved.items():
        content = base64.b64decode(address.partition("base64,")[2]).decode()
        assert "10.1056/NEJMoa0900429" in content, name
        assert shipped().sha256 in content


def test_the_views_of_robustness_speaks_with_its_cautions(read):
    assert set(QUICK) <= set(VIEWS)
    for key in QUICK:
        view = VIEWS[key].view(SHAM, shipped())
        assert view.finding in read.text
        assert all(caution in read.text for caution in view.cautions)


def test_no_text_of_the_data_becomes_markup():
    evidence = changed_study(shipped(), "carli-2023", label=HOSTILE, title=HOSTILE, journal=HOSTILE)
    clean, text = Reader(made("report.html", SHAM)), made("report.html", SHAM, evidence)
    hostile = Reader(text)
    assert len(hostile.scripts) == len(clean.scripts)
    assert "img" not in {t for t, _ in hostile.elements}
    assert "alert(1)" in hostile.text
    assert "{{ 7*7 }}" in hostile.text
    for kind, script in hostile.scripts:
        assert kind is None or json.loads(script)
    assert "\u2028" not in "".join(s for kind, s in hostile.scripts if kind)


def test_an_address_that_is_not_of_the_web_is_printed_and_not_linked():
    assert not page.Link("x", "javascript:alert(1)").safe
    assert not page.Link("x", "github a/b c").safe
    assert page.Link("x", "https://example.org").safe
    text = ARTEFACTS["report.html"].make(SHAM, shipped(), "/compare?v=1&time=12m").decode()
    assert "<dd>/compare?v=1&amp;time=12m</dd>" in text  # no site known: an address, not a link


def test_the_same_question_gives_the_same_bytes(report):
    assert made("report.html", SHAM) == report


def test_without_a_study_it_says_so_and_needs_no_script():
    text = made("report.html", NOTHING)
    read = Reader(text)
    assert read.scripts == []
    (policy,) = [a["content"] for t, a in read.elements if t == "meta" and a.get("http-equiv")]
    assert "script-src 'none'" in policy
    assert answer(NOTHING, shipped()).sentence in read.text
    assert len(text) < 200_000


def test_one_group_has_a_report_too():
    text = Reader(made("report.html", ONE_GROUP)).text
    assert "not an effect of treatment" in text
    assert "kyphoplasty" in text


def test_the_claims_report_holds_every_claim_its_verdict_and_what_would_change_it():
    read = Reader(made("claims.html", ()))
    ids = read.attributes("id")
    assert len(ids) == len(set(ids))
    for found in claim_answers(shipped()):
        assert found.claim_id in ids
        assert found.sentence in read.text
        assert found.verdict.value in read.text
        assert all(text in read.text for text in found.entry.would_change)
    one = Reader(made("claims.html", ("height",)))
    assert "relief-85" not in one.attributes("id")
    with pytest.raises(NothingToTake):
        made("claims.html", ("no-such-claim",))


def test_the_small_bundle_is_used_and_the_whole_one_where_it_is_missing(monkeypatch, tmp_path):
    assert "plotly.js (basic" in plotly_bundle.plotly_js()[:400]
    monkeypatch.setattr(plotly_bundle, "_BASIC", tmp_path / "nowhere.js")
    assert "plotly.js" in plotly_bundle.plotly_js.__wrapped__()[:400]
    (tmp_path / "nowhere.js").write_text("/* another version */")
    assert "another version" not in plotly_bundle.plotly_js.__wrapped__()[:400]


def test_a_script_that_would_end_its_element_is_refused():
    with pytest.raises(ValueError, match="end its own element"):
        page._safe_script("'</script>'")
