"""Another topic runs on the same code: BCG vaccine, thirteen trials, its own topic.toml, no code of its own.

The pooled risk ratio by inverse variance is metafor's: `rma(yi, vi, data=dat.bcg)` in
`tests/reference/metafor_reference.json`. (The default for events as rare as these pools the counts.)
"""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from pptx import Presentation

from analysis import Question, answer, load_evidence
from analysis.__main__ import main
from analysis.evidence import Evidence
from analysis.evidence.load import DATA
from analysis.export.artefacts import ARTEFACTS, QUESTION, link_to
from analysis.survey.provenance import release
from analysis.topic import load_topic, topic, use
from analysis.topic.read import PAGES
from dashboard.app import build
from dashboard.page import Visit
from dashboard.pages import pages
from tests.reference.cases import case

ROOT = Path(__file__).resolve().parents[2]
BCG = Path(__file__).with_name("bcg")
OF_THE_FIRST_TOPIC = re.compile(
    r"kyphopl|vertebr|\bBKP\b|\bNSM\b|\bVP\b|\bsham\b|cement|fracture|augmentation|85%",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def bcg() -> Iterator[Evidence]:
    yield load_evidence(BCG)
    use(load_topic(DATA))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip


def test_its_files_are_sound_and_its_topic_is_in_force(bcg):
    assert bcg.faults == ()
    assert bcg.topic is topic()
    assert len(bcg.studies) == 13
    assert Question().to_query() == "v=1"
    assert Question().title().startswith("Tuberculosis: BCG vaccine against no vaccine")


def test_its_risk_ratio_is_that_of_metafor(bcg):
    found = answer(Question(model="iv", tau2="REML", ci="wald"), bcg).pooled
    expected = case("bcg_rr_REML").expected
    assert found.k == 13
    for name, theirs in (
        ("estimate", "beta"),
        ("ci_low", "ci.lb"),
        ("ci_high", "ci.ub"),
        ("tau2", "tau2"),
    ):
        assert getattr(found, name) == pytest.approx(expected[theirs], rel=1e-6)
    assert round(math.exp(found.estimate), 3) == 0.489


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_every_page_that_it_wants_is_built_and_none_names_the_first_topic(bcg, narrow):
    assert {"/", "/compare", "/harms", "/robustness", "/studies", "/gaps"} < {
        p.path for p in pages()
    }
    for page in pages():
        told = json.dumps(
            page.layout(bcg, Visit(page.path, "", narrow)).to_plotly_json(), default=_plain
        )
        assert len(told) > 200
        if page.path not in ("/words", "/methods"):  # both explain terms with examples
            assert OF_THE_FIRST_TOPIC.findall(told) == [], page.path


def _plain(part: object) -> object:
    return part.to_plotly_json() if hasattr(part, "to_plotly_json") else str(part)


def test_pages_that_it_does_not_want_are_not_there(bcg):
    client = build(bcg).server.test_client()
    front = client.get("/")
    assert front.status_code == 200
    assert "BCG vaccine: the evidence" in front.text
    wanted = {page.path for page in pages()}
    for name in PAGES:
        if name == "finding":
            continue
        status = client.get(f"/{name}").status_code
        assert status == (200 if f"/{name}" in wanted else 404), name
    layout = json.dumps(client.get("/_dash-layout").json)
    assert '"/compare"' in layout
    for absent in ("/claims", "/patient", "/history", "/reviews"):
        assert f'"{absent}"' not in layout


def test_every_file_of_a_question_can_be_taken(bcg):
    question = Question(model="iv")
    made = {
        key: a.make(question, bcg, link_to(question))
        for key, a in ARTEFACTS.items()
        if a.about == QUESTION
    }
    slide = Presentation(io.BytesIO(made["slide.pptx"])).slides[0]
    text = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
    assert "tuberculosis" in text.lower()
    assert "0.49" in text
    assert not OF_THE_FIRST_TOPIC.findall(text)
    assert b"0.49" in made["report.html"]
    sheets = openpyxl.load_workbook(io.BytesIO(made["tables.xlsx"]))
    assert any("Aronson" in str(cell.value) for sheet in sheets for row in sheet for cell in row)
    for ending in ("methods.txt", "script.R", "script.py", "references.bib"):
        told = made[ending].decode()
        for own in (release().title, release().authors):  # the program's, whatever it is used for
            told = told.replace(own, "")
        assert not OF_THE_FIRST_TOPIC.findall(told), ending
    assert len(made) > 10


def test_the_python_script_of_its_answer_gives_its_figures(bcg, tmp_path):
    question = Question(model="iv")
    script = tmp_path / "script.py"
    script.write_bytes(ARTEFACTS["script.py"].make(question, bcg, link_to(question)))
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "estimate 0.4894" in done.stdout
    assert "The numbers agree with the view." in done.stdout


def test_check_finds_no_fault(bcg, capsys):
    use(load_topic(DATA))  # as a new process begins
    assert main(["check", str(BCG)]) == 0
    assert capsys.readouterr().out.rstrip().endswith("no faults")


def test_everything_is_rerun(tmp_path):
    done = run("--data", str(BCG), "--out", str(tmp_path), "--no-figures")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert "finding" not in results
    assert not (tmp_path / "claims").exists()
    assert "Tuberculosis" in (tmp_path / "pooled.csv").read_text()


def test_options_are_read_as_a_question_of_the_folder(bcg, capsys):
    done = run("robustness", "--data", str(BCG), "--view", "accumulation", "--designs", "random")
    assert done.returncode == 0, done.stderr
    assert "Aronson 1948" in done.stdout
    use(load_topic(DATA))  # as a new process begins
    wrong = ["robustness", "--data", str(BCG), "--view", "accumulation", "--outcome", "pain"]
    assert main(wrong) == 2
    assert capsys.readouterr().err.strip() == "outcome: found 'pain', allowed: tuberculosis"
