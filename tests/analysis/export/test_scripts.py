"""Scripts to take away: they run, find the view's numbers, notice a wrong one, and no text of the data escapes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import Question, answer
from analysis import vocabulary as words
from analysis.export.artefacts import NothingToTake, link_to
from analysis.export.scripts.content import comments
from analysis.export.scripts.python_script import python_script
from analysis.export.scripts.r_script import r_number, r_script, r_string
from analysis.topic.vertebral.claims import claim_answers
from tests.evidence_builder import changed_study, shipped

ROOT = Path(__file__).resolve().parents[3]
SHAM = Question(time="12m")
LEAKAGE = Question(outcome="leakage", intervention="BKP", comparator="NONE", time="any")
FRACTURES = Question(outcome="new-fracture", intervention="AUG", comparator="NSM", time="any")
CHANGE = Question(comparator="NONE", time="1m")
HAZARD = Question(outcome="new-fracture", time="24m", measure="HR")

HOSTILE = 'A" , quit("no")) # \\ \u2028 $(id) `id` {x} "" \' %d é 😀'
"""Ends a string, a comment or a format where text is not escaped."""


def spread() -> list[Question]:
    """The claims' Questions with two studies or more and some with one; every measure, estimator and interval."""
    claims = dict.fromkeys(
        q for c in claim_answers(shipped()) for p in c.entry.claim_figures for q in p.questions
    )
    k = {q: len(answer(q, shipped()).studies) for q in claims}
    found = [q for q in claims if k[q] > 1] + [q for q in claims if k[q] == 1][:8]
    seen: set[object] = set()
    taus, cis = list(words.TAU2_METHODS), list(words.CI_METHODS)
    found += [SHAM.replace(tau2=tau2, ci=cis[i % 3], level=0.9) for i, tau2 in enumerate(taus)]
    for base in (LEAKAGE, FRACTURES):
        for i, measure in enumerate(base.measures()):
            for j in range(3):
                found.append(base.replace(measure=measure, tau2=taus[3 * j + i % 3], ci=cis[j]))
    found += [CHANGE, HAZARD]
    return [q for q in dict.fromkeys(found) if adds(q, seen)]


def adds(question: Question, seen: set[object]) -> bool:
    """Whether a Question with a study has something that no Question before it had."""
    result = answer(question, shipped())
    if not result.studies:
        return False
    few, measure = min(len(result.studies), 4), result.question.effect_measure
    told = result.told.model if result.told else ""
    kinds = {(measure, s.form) for s in result.studies} | {(measure, few), (told, few)}
    kinds |= {question.tau2, (question.ci, question.level), (measure, question.ci)}
    new = kinds - seen
    seen |= kinds
    return bool(new)


QUESTIONS = spread()

RUN_ALL = """library(metafor)
for (file in sort(list.files(commandArgs(TRUE)[1], "[.]R$", full.names = TRUE))) {
  said <- tryCatch({
    out <- suppressWarnings(capture.output(sys.source(file, new.env())))
    if (tail(out, 1) == "The numbers agree with the view.") "agrees" else "says nothing"
  }, error = function(e) conditionMessage(e))
  cat(basename(file), said, "\\n")
}
"""


@pytest.fixture(scope="module")
def rscript() -> str:
    """R with metafor. With CI=true their absence is a failure, so that a green run means that they ran."""
    program = shutil.which("Rscript")
    ask = 'quit(status = !nzchar(system.file(package = "metafor")))'
    if not program or subprocess.run([program, "--vanilla", "-e", ask]).returncode:
        why = "R with metafor was not found (Debian: apt-get install r-cran-metafor)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return program


def run_r(rscript: str, scripts: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Run scripts in one R, in the plain locale; what each said."""
    for name, script in scripts.items():
        (folder / f"{name}.R").write_bytes(script)
    driver = folder / "driver"
    driver.write_text(RUN_ALL)
    done = subprocess.run(
        [rscript, "--vanilla", str(driver), str(folder)],
        capture_output=True, text=True, encoding="utf-8", errors="replace", check=True, timeout=120,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    said = (line.strip().partition(".R ") for line in done.stdout.splitlines())
    return {name: text.strip() for name, _, text in said}


def test_the_spread_holds_every_measure_and_one_two_and_many_studies():
    answers = [answer(q, shipped()) for q in QUESTIONS]
    assert {a.question.effect_measure for a in answers} == set(words.MEASURES)
    assert {1, 2} <= {len(a.studies) for a in answers}
    assert any(len(a.studies) > 10 for a in answers)
    assert {s.form for a in answers for s in a.studies} >= {"counts", "level", "change"}


def test_metafor_finds_the_numbers_of_every_view(rscript, tmp_path):
    scripts = {f"{i:03}": r_script(q, shipped(), link_to(q)) for i, q in enumerate(QUESTIONS)}
    wrong = r_script(SHAM, shipped(), "").replace(b"yi = c(-0.3,", b"yi = c(-0.30001,")
    hostile = changed_study(shipped(), "buchbinder-2009", label=HOSTILE)
    scripts |= {"wrong": wrong, "hostile": r_script(SHAM, hostile, HOSTILE)}
    said = run_r(rscript, scripts, tmp_path)
    assert said.pop("wrong").startswith("yi: found")
    assert said == dict.fromkeys(said, "agrees")
    assert len(said) == len(scripts) - 1


def test_metafor_finds_the_numbers_by_every_estimator_or_takes_tau2_as_given(
    rscript, tmp_path, monkeypatch
):
    pair = Question(intervention="BKP", comparator="NSM", time="1w")
    wide = Question(outcome="odi", intervention="AUG", comparator="NONE", time="6m")
    scripts = {
        f"{name}-{tau2}": r_script(question.replace(tau2=tau2), shipped(), "")
        for name, question in (("pair", pair), ("leakage", LEAKAGE), ("wide", wide))
        for tau2 in words.TAU2_METHODS
    }
    assert not any(b"Given, not found here" in script for script in scripts.values())
    # As if one of them were not in metafor.
    monkeypatch.setattr("analysis.export.scripts.r_script.IN_METAFOR", {"EE", "REML"})
    lacking = r_script(LEAKAGE.replace(tau2="PM", ci="hksj"), shipped(), "")
    assert 'method = "PM"' not in lacking.decode()
    top = lacking.decode().split("\n#\n")[0]
    assert "Given, not found here: tau^2, by the estimator PM (Paule-Mandel)" in top
    said = run_r(rscript, scripts | {"lacking": lacking}, tmp_path)
    assert said == dict.fromkeys(said, "agrees")
    assert len(said) == 3 * len(words.TAU2_METHODS) + 1


def test_this_project_finds_the_numbers_of_every_view(capsys):
    for question in QUESTIONS:
        script = python_script(question, shipped(), link_to(question))
        exec(compile(script, question.slug(), "exec"), {})
        assert capsys.readouterr().out.endswith("The numbers agree with the view.\n")


def test_a_python_script_runs_by_itself_and_notices_a_wrong_number(tmp_path):
    hostile = changed_study(shipped(), "buchbinder-2009", label=HOSTILE + '"""')
    script, file = python_script(SHAM, hostile, HOSTILE), tmp_path / "script.py"
    file.write_bytes(script)
    done = subprocess.run([sys.executable, str(file)], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    wrong = script.replace(b"'yi': -0.45", b"'yi': -0.46")
    with pytest.raises(SystemExit, match="differs"):
        exec(compile(wrong, "wrong", "exec"), {})


@pytest.mark.parametrize("make", [r_script, python_script])
def test_a_script_names_its_origin_and_the_source_of_every_row(make):
    text = make(SHAM, shipped(), "https://example.org/compare?v=1&time=12m").decode()
    for part in ("https://example.org/compare?v=1&time=12m", shipped().sha256, "0.1.0"):
        assert part in text
    rows = {row for s in answer(SHAM, shipped()).studies for row in s.row_ids}
    assert all(f"({row})" in text for row in rows)


@pytest.mark.parametrize("make", [r_script, python_script])
def test_outside_comments_a_script_is_ascii(make):
    evidence = changed_study(shipped(), "buchbinder-2009", label=HOSTILE)
    lines = make(SHAM, evidence, HOSTILE).decode().split("\n")
    assert all(line.isascii() for line in lines if not line.startswith("#"))
    assert not any(re.search("[\r\x0b\x0c\u2028\u2029\u0085]", line) for line in lines)


@pytest.mark.parametrize("make", [r_script, python_script])
def test_without_a_study_there_is_no_script(make):
    with pytest.raises(NothingToTake, match="No randomised trial"):
        make(Question(intervention="BKP"), shipped(), "")


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028", "\x85", "\x0c", "\u202e"])
def test_no_text_ends_a_comment_early(end):
    (line,) = comments([f"harmless{end}stop('x')"])
    assert line == "# harmless stop('x')"


def test_values_in_r():
    assert [r_number(v) for v in (1e-20, 1e300, -3.0, float("nan"))] == ["1e-20", "1e+300", "-3", "NA"]  # fmt: skip
    assert r_string('"\\\n\x00é😀') == r'"\"\\\n\u00e9\U0001f600"'
