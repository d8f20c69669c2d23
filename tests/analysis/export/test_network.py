"""Files of a network: the scripts find its numbers again, the tables and slides hold them, and say what is missing."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pptx import Presentation

from analysis.effects.scale import shown as on_print
from analysis.export.artefacts import ARTEFACTS, NothingToTake, for_page
from analysis.export.report.network_part import network_section
from analysis.network import network_answer
from analysis.question import Question
from analysis.synthesis.network import fit_network
from tests.analysis.export.test_scripts import rscript, run_r  # noqa: F401
from tests.analysis.network.test_answer import ASKED, chain, loop, trial
from tests.evidence_builder import shipped

ROOT = Path(__file__).resolve().parents[3]
TWELVE = Question(intervention="BKP", comparator="SHAM", time="12m")
LINK = "/network?v=1"


def many_arms():
    tiny = loop()
    trial(tiny, "three", {"VP": 3.0, "BKP": 3.4, "SHAM": 3.9})
    trial(tiny, "far", {"VP": 1.0, "SHAM": 3.9})
    return tiny.evidence()


def cases():
    tree = chain().evidence()
    return {
        "random": (TWELVE, shipped()),
        "prior": (TWELVE.replace(time="1m"), shipped()),
        "ratio": (TWELVE.replace(outcome="new-fracture"), shipped()),
        "single": (ASKED, tree),
        "arms": (ASKED.replace(level=0.9), many_arms()),
    }


def test_the_cases_cover_every_model():
    models = {name: network_answer(*case).model for name, case in cases().items()}
    assert models["random"] == models["arms"] == "random"
    assert (models["prior"], models["single"]) == ("prior", "single")
    assert network_answer(*cases()["arms"]).network.tau2 > 0


def test_r_finds_the_numbers_and_notices_a_wrong_one(rscript, tmp_path):  # noqa: F811
    scripts = {name: ARTEFACTS["network.R"].make(*case, LINK) for name, case in cases().items()}
    wrong = scripts["single"].decode()
    line = next(text for text in wrong.splitlines() if text.startswith("  yi = c("))
    scripts["wrong"] = wrong.replace(line, line.replace("c(", "c(1 + ", 1)).encode()
    said = run_r(rscript, scripts, tmp_path)
    assert "expected" in said.pop("wrong")
    assert said == dict.fromkeys(cases(), "agrees")


def test_the_text_for_netmeta_holds_every_pair_of_a_trial_of_several_arms():
    """Read back from the comments and fitted here: netmeta itself may not be installed."""
    question, evidence = cases()["arms"]
    text = ARTEFACTS["network.R"].make(question, evidence, LINK).decode()
    block = text[text.index("pairs <- data.frame(") : text.index("#   net <- netmeta(")]
    columns = {
        name: re.findall(r"\"([^\"]*)\"|(-?[\d.]+(?:e-?\d+)?)", found)
        for name, found in re.findall(r"(\w+) = c\(([^)]*)\)", block.replace("#", ""))
    }
    study, treat1, treat2, te, se = ([a or b for a, b in cells] for cells in columns.values())
    found = fit_network(study, treat1, treat2, [*map(float, te)], [*map(float, se)], tau2="REML")
    wanted = network_answer(question, evidence).network
    assert max(map(study.count, study)) == 3
    assert found.random.estimate == pytest.approx(wanted.random.estimate, abs=1e-8)


@pytest.mark.parametrize("name", ["random", "prior", "single", "arms"])
def test_the_python_script_finds_the_numbers(name, capsys):
    exec(compile(ARTEFACTS["network.py"].make(*cases()[name], LINK), name, "exec"), {})
    assert capsys.readouterr().out.endswith("The numbers agree with the view.\n")


def test_the_python_script_runs_by_itself(tmp_path):
    file = tmp_path / "script.py"
    file.write_bytes(ARTEFACTS["network.py"].make(*cases()["random"], LINK))
    done = subprocess.run(
        [sys.executable, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "The numbers agree with the view.", done.stderr


def test_the_workbook_holds_what_is_told_with_all_its_digits():
    net = network_answer(TWELVE, shipped())
    book = load_workbook(io.BytesIO(ARTEFACTS["network.xlsx"].make(TWELVE, shipped(), LINK)))
    assert {
        "about",
        "pairs",
        "trials",
        "what differs",
        "next trial",
        "what it withstands",
        "codebook",
    } == set(book.sheetnames)
    head, *rows = book["pairs"].iter_rows(values_only=True)
    asked = next(
        dict(zip(head, row, strict=True))
        for row in rows
        if "kyphoplasty" in row[0] and "sham" in row[1]
    )
    assert asked["direct"] is None
    assert asked["together"] == pytest.approx(
        float(on_print("MD", net.asked.combined.estimate)), abs=1e-12
    )


def test_the_slide_has_the_verdict_as_title_a_native_chart_and_what_it_does_not_show():
    deck = Presentation(io.BytesIO(ARTEFACTS["network.pptx"].make(TWELVE, shipped(), LINK)))
    net = network_answer(TWELVE, shipped())
    first = deck.slides[0]
    assert first.shapes.title.text == net.headline
    assert any(shape.has_chart for shape in first.shapes)
    assert any(shape.has_table for shape in first.shapes)
    texts = " ".join(shape.text_frame.text for shape in first.shapes if shape.has_text_frame)
    assert net.cautions[0] in texts


@pytest.mark.parametrize("name", [a.name for a in for_page("/network") if a.path == "/network"])
def test_where_there_is_no_network_the_file_says_why(name):
    with pytest.raises(NothingToTake, match="choose one time"):
        ARTEFACTS[name].make(TWELVE.replace(time="any"), shipped(), LINK)
    with pytest.raises(NothingToTake, match="One trial is no network"):
        ARTEFACTS[name].make(TWELVE.replace(time="6m"), shipped(), LINK)


def test_the_report_has_a_part_on_the_network_where_there_is_one():
    (section,) = network_section(TWELVE, shipped())
    assert section.lead == (network_answer(TWELVE, shipped()).sentence,)
    assert network_section(TWELVE.replace(time="any"), shipped()) == []
    assert network_section(TWELVE.replace(time="3m"), shipped()) == []
