"""A rerun: what it writes, that it says what `answer` says, and what it does when something is in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis import Question, answer, load_evidence, rerun
from analysis.__main__ import main
from analysis.export.claim_files import OF_THE_KEY, SCRIPTS, claim_pictures
from analysis.export.images import NoChrome
from analysis.topic.vertebral import claims
from tests.evidence_builder import shipped
from tests.evidence_folder import copy_data, find_row, plant

ROOT = Path(__file__).resolve().parents[2]
FILES = {"pooled.csv", "effects.csv", "left_out.csv", "results.json"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rerun") / "not" / "there" / "yet"
    assert rerun.run(out, figures=False, quiet=True) == 0
    return out


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the questions about pain against a sham procedure and no claims, where which ones does not matter."""
    asked = [q for q in rerun.standard_questions() if (q.outcome, q.comparator) == ("pain", "SHAM")]
    monkeypatch.setattr(rerun, "standard_questions", lambda: iter(asked))
    monkeypatch.setattr(rerun, "_write_claims", lambda *_: None)


def content(folder: Path) -> dict[str, bytes]:
    """Files by their path below the folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def of_claims(evidence) -> set[str]:
    """Names of the files about claims: slides and report of all and of each, and what is behind them."""
    made = {f"claims/claims.{ending}" for ending in ("pptx", "html", "txt", "bib", "ris")}
    names = {"claims/questions.csv", *made}
    for c in claims.claim_answers(evidence):
        endings = ["pptx", "html"]
        behind = {q for q in c.entry.questions if answer(q, evidence).studies}
        if behind:
            endings += ["txt", "bib", "ris"]
        names |= {f"claims/{c.claim_id}-claims.{ending}" for ending in endings}
        names |= {f"claims/scripts/{q.slug()}-{s}" for q in behind for s in SCRIPTS}
        if c.entry.key in behind:
            names |= {f"claims/{c.claim_id}-{name}" for name in OF_THE_KEY}
        elif c.entry.key is not None:
            names |= {f"claims/{c.claim_id}-tables.xlsx"}
    return names


def test_a_claim_leaves_the_scripts_and_references_of_everything_it_rests_on(results):
    listed = pd.read_csv(results / "claims" / "questions.csv", keep_default_na=False)
    found = {c.claim_id: c for c in claims.claim_answers(shipped())}
    assert set(listed.claim_id) == {i for i, c in found.items() if c.entry.questions}
    for row in listed.itertuples():
        assert len(answer(Question.from_query(row.query)[0], shipped()).studies) == row.studies
        assert bool(row.studies) == bool(row.scripts)
        assert all((results / "claims" / script).is_file() for script in row.scripts.split())
    contradiction = found["contradiction"].entry.questions
    cited = (results / "claims" / "contradiction-claims.bib").read_text(encoding="utf-8")
    for q in contradiction:
        for study in answer(q, shipped()).studies:
            assert study.study_id in cited


def test_the_pictures_of_claims_are_their_figures_and_the_forest_behind_them():
    drawn = dict(claim_pictures(shipped()))
    for c in claims.claim_answers(shipped()):
        mine = {
            name for name in drawn if name == c.claim_id or name.startswith(f"{c.claim_id}-figure-")
        }
        assert bool(mine) == bool(c.entry.questions)
    for figure in drawn.values():
        assert shipped().version in " ".join(note.text for note in figure.layout.annotations)


def test_the_files_are_the_tables_the_results_and_those_of_the_claims(results):
    written = content(results)
    assert set(written) == FILES | of_claims(shipped())
    for name in FILES:
        text = written[name]
        assert b"\r" not in text, name
        assert text.endswith(b"\n"), name


def test_every_pooled_row_is_the_answer_to_its_query(results):
    table = pd.read_csv(results / "pooled.csv")
    assert len(table) > 100
    for row in table.sample(40, random_state=1).to_dict("records"):
        a = answer(Question.from_query(row["query"])[0], shipped())
        assert row["k"] == a.pooled.k
        # pandas writes the shortest text that reads back as the same number
        assert (row["estimate"], row["ci_low"], row["ci_high"]) == (
            a.pooled.estimate, a.pooled.ci_low, a.pooled.ci_high,
        )  # fmt: skip
        assert row["sentence"] == a.sentence


def test_tables_and_json_speak_of_the_same_questions(results):
    found = json.loads((results / "results.json").read_text(encoding="utf-8"))
    queries = [entry["query"] for entry in found["answers"]]
    assert queries == list(pd.read_csv(results / "pooled.csv")["query"])
    assert set(queries) == set(pd.read_csv(results / "effects.csv")["query"])
    assert len(set(queries)) == len(queries)
    assert found["data_version"] == shipped().version
    assert found["faults"] == []
    assert found["finding"]["headline"] == claims.finding(shipped()).headline


def test_no_control_is_asked_about_as_an_intervention_of_a_comparison():
    asked = list(rerun.standard_questions())
    assert len(set(asked)) == len(asked)
    assert not [q for q in asked if q.intervention in ("SHAM", "NSM") and not q.one_group]


def test_a_second_rerun_in_another_process_gives_the_same_bytes(results, tmp_path):
    # Another seed for the hashes of text: an order that depends on a set would show.
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    command = [sys.executable, "-m", "analysis", "--out", str(tmp_path), "--no-figures"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout
    assert content(tmp_path) == content(results)


def test_a_faulty_row_is_reported_and_the_rest_is_still_answered(few, tmp_path, capsys):
    folder = copy_data(tmp_path / "data")
    row = find_row(folder, "contrasts.csv", lambda r: r["study_id"] == "firanescu-2018")
    plant(folder, "contrasts.csv", row, "estimate", "about one")
    out = tmp_path / "out"
    assert rerun.run(out, folder, figures=False, quiet=True) == 1
    said = capsys.readouterr()
    assert [line for line in said.err.splitlines() if "contrasts.csv" in line]
    assert set(content(out)) == FILES
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert len(found["faults"]) == 1
    assert "about one" in found["faults"][0]
    evidence = load_evidence(folder)
    sound = {q.to_query(): answer(q, evidence) for q in rerun.standard_questions()}
    for entry in found["answers"]:
        assert entry["pooled"]["estimate"] == sound[entry["query"]].pooled.estimate
    assert len(found["answers"]) > 5
    assert found["data_version"] == evidence.version != shipped().version


def test_an_out_that_is_a_file_is_one_clear_line(tmp_path, capsys):
    taken = tmp_path / "results"
    taken.write_text("mine", encoding="utf-8")
    assert main(["--out", str(taken), "--no-figures"]) == 1
    said = capsys.readouterr()
    assert said.err.strip().count("\n") == 0
    assert str(taken) in said.err
    assert "Traceback" not in said.err
    assert taken.read_text(encoding="utf-8") == "mine"


def test_an_out_inside_a_file_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main(["--out", str(tmp_path / "file" / "deep"), "--no-figures"]) == 1
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_a_disk_that_is_full_is_one_clear_line(few, tmp_path, capsys, monkeypatch):
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    assert rerun.run(tmp_path, figures=False, quiet=True) == 1
    assert "No space left on device" in capsys.readouterr().err


def test_without_chrome_the_tables_are_there_and_one_line_says_what_to_do(
    few, tmp_path, capsys, monkeypatch
):
    def none_found() -> None:
        raise NoChrome("No figures were drawn: Chrome or Chromium was not found. Install one.")

    monkeypatch.setattr(rerun, "image_writer", none_found)
    monkeypatch.setattr(rerun, "_figures", lambda *_: iter(()))
    assert rerun.run(tmp_path, quiet=True) == 0
    assert "Chromium was not found" in capsys.readouterr().err
    assert set(content_names(tmp_path)) >= FILES


def content_names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def test_a_rerun_draws_the_front_page_and_every_comparison_of_several_studies():
    month, single, empty = (
        answer(q, shipped()) for q in (Question(), Question(time="6m"), Question(intervention="BKP"))
    )  # fmt: skip
    drawn = dict(rerun._figures([month, single, empty], shipped()))
    assert month.question.slug() in drawn
    assert single.question.slug() not in drawn
    assert {f"finding-pain-{time}" for time in claims.TIMES} < set(drawn)
    for name, figure in drawn.items():
        words = " ".join(note.text for note in figure.layout.annotations)
        assert shipped().version in words, name
