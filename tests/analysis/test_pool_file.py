"""``python -m analysis pool``: results on standard output, one clear line per trouble on standard error."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analysis import __main__ as command_line
from analysis import pool_file
from analysis.effects import binary, single_group
from analysis.synthesis import Pooled, pool
from analysis.synthesis.result import STUDIES

ROOT = Path(__file__).parents[2]
COUNTS = "study,ai,n1i,ci,n2i\nAnna,5,20,8,22\nBert,4,30,9,28\nCara,7,41,6,40\nDora,2,19,5,21\n"


@pytest.fixture
def file(tmp_path: Path):
    """Write a CSV and give its path."""

    def writing(text: str) -> Path:
        path = tmp_path / "studies.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return writing


def test_json_has_every_field_of_pooled_and_equals_pool(file, capsys) -> None:
    path = file(COUNTS)
    code = pool_file.run(path, "RR", tau2="DL", ci="hksj", level=0.9, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    effect = binary.risk_ratio([5, 4, 7, 2], [20, 30, 41, 19], [8, 9, 6, 5], [22, 28, 40, 21])
    expected = pool(effect.yi, effect.vi, tau2="DL", ci="hksj", level=0.9)
    assert code == 0
    assert {field.name for field in dataclasses.fields(Pooled)} - set(STUDIES) <= printed.keys()
    assert {name: printed[name] for name in expected.to_dict()} == expected.to_dict()
    assert printed["measure"] == "RR"
    assert printed["back_transformed"]["label"] == "risk ratio"
    assert printed["back_transformed"]["estimate"] == pytest.approx(np.exp(expected.estimate))


def test_the_table_shows_studies_pool_heterogeneity_and_the_printed_scale(file, capsys) -> None:
    assert pool_file.run(file(COUNTS + "Emil,9,30,12,31\n"), "OR") == 0
    out = capsys.readouterr().out
    for text in ("OR: log odds ratio, k = 5", "Anna", "Weight", "Pooled", "tau2", "I2, H2", "Q "):
        assert text in out
    assert "Odds ratio [95% CI]" in out
    assert "Prediction interval" in out


def test_the_guessed_measure_is_said_on_standard_error(file, capsys) -> None:
    assert pool_file.run(file(COUNTS)) == 0
    assert "no measure was named; the columns suggest OR" in capsys.readouterr().err


def test_a_fault_stops_the_pool_and_names_row_and_column(file, capsys) -> None:
    code = pool_file.run(file(COUNTS + "Emil,30,20,1,20\nFred,1,20,y,20\n"), "RR")
    captured = capsys.readouterr()
    assert code == 1
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert lines[0].endswith("row 6, column ai: found 30; allowed: at most n1i = 20")
    assert "row 7, column ci: found “y”" in lines[1]
    assert lines[2].endswith("2 faults, nothing pooled")


def test_an_incomplete_row_is_named_and_the_rest_is_pooled(file, capsys) -> None:
    code = pool_file.run(file(COUNTS + "Emil,,20,1,20\n"), "RR", as_json=True)
    captured = capsys.readouterr()
    printed = json.loads(captured.out)
    assert code == 0
    assert (printed["k"], printed["k_excluded"]) == (4, 1)
    assert printed["excluded"][0] == {"row": 6, "study": "Emil", "reason": "no value in ai"}
    assert "row 6 (Emil) left out: no value in ai" in captured.err


def test_corrected_zero_cells_are_named(file, capsys) -> None:
    assert pool_file.run(file(COUNTS + "Emil,0,20,1,20\n"), "RR") == 0
    assert "0.5 was added to each cell, for zero cells: Emil" in capsys.readouterr().err


def test_nothing_left_is_an_error(file, capsys) -> None:
    assert pool_file.run(file("yi,vi\n1,\n")) == 1
    assert "nothing pooled" in capsys.readouterr().err


def test_one_study_is_shown_not_pooled(file, capsys) -> None:
    assert pool_file.run(file("study,yi,vi\nA,0.5,0.04\n"), "GEN") == 0
    out = capsys.readouterr().out
    assert "Not pooled" in out
    assert "tau2" not in out
    assert pool_file.run(file("study,yi,vi\nA,0.5,0.04\n"), "GEN", as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["tau2"] is None
    assert printed["pi_low"] is None


def test_proportions_come_back_as_proportions_and_are_not_tested_against_zero(file, capsys) -> None:
    path = file("study,xi,ni\nA,8,12\nB,30,41\nC,19,20\nD,5,9\n")
    for name in ("PR", "PLN", "PLO", "PAS", "PFT"):
        assert pool_file.run(path, name, as_json=True) == 0
        printed = json.loads(capsys.readouterr().out)
        back = printed["back_transformed"] or printed
        assert 0.5 < back["estimate"] < 0.95
        assert pool_file.run(path, name) == 0
        assert "P (no effect)" not in capsys.readouterr().out


def test_double_arcsine_uses_the_harmonic_mean_and_needs_sizes(file, capsys) -> None:
    path = file("xi,ni\n8,12\n30,41\n19,20\n")
    assert pool_file.run(path, "PFT", as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    size = single_group.harmonic_mean([12, 41, 20])
    expected = float(single_group.inverse_pft(printed["estimate"], size))
    assert printed["back_transformed"]["estimate"] == pytest.approx(expected)
    assert pool_file.run(file("yi,vi\n1.1,0.02\n1.2,0.01\n"), "PFT", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["back_transformed"] is None


def test_json_stays_valid_where_a_ratio_overflows(file, capsys) -> None:
    assert pool_file.run(file("yi,vi\n800,1\n801,1\n802,1\n"), "OR", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["back_transformed"]["estimate"] is None


def test_long_names_do_not_tear_the_table(file, capsys) -> None:
    assert pool_file.run(file(f"study,yi,vi\n{'x' * 300},1,1\nB,2,1\n")) == 0
    assert (
        max(len(line) for line in capsys.readouterr().out.partition("In R:")[0].splitlines()) < 200
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "FOO"}, "measure 'FOO'; allowed: GEN"),
        ({"tau2": "XX"}, "tau2 'XX'; allowed: REML"),
        ({"ci": "t"}, "ci 't'; allowed: hksj-adhoc"),
        ({"level": 95}, "level 95; allowed: above 0 and below 1"),
        ({"level": float("nan")}, "level nan; allowed"),
    ],
)
def test_options_out_of_the_list_are_wrong_use(file, capsys, options, message: str) -> None:
    assert pool_file.run(file(COUNTS), **options) == 2
    assert message in capsys.readouterr().err


def test_level_on_the_command_line_says_what_is_allowed(file, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["pool", str(file(COUNTS)), "--level", "95"])
    assert stopped.value.code == 2
    assert "found 95; allowed: above 0 and below 1" in capsys.readouterr().err


def test_command_line_runs_as_a_program(file) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "pool", str(file(COUNTS)), "--measure", "rr", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["k"] == 4


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_missing_file_is_one_line_and_never_a_trace(tmp_path: Path, name: str, capsys) -> None:
    assert command_line.main(["pool", str(tmp_path / name)]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "needed: a file" in said


@pytest.mark.parametrize(
    ("rows", "name", "estimate", "low", "high"),
    [
        # as the pages tell counts: Clopper and Pearson, 1 - 0.025 ** (1 / 50)
        ("study,xi,ni\nA,0,50\n", "exact", 0.0, 0.0, 1 - 0.025 ** (1 / 50)),
        # rma.mh(ai, n1i, ci, n2i, measure="OR"), metafor 3.8
        (
            "study,ai,n1i,ci,n2i\nA,0,500,2,501\nB,3,600,4,610\nC,1,400,2,404\n",
            "mh", 0.5050, 0.1518, 1.6807,
        ),
    ],
)  # fmt: skip
def test_counts_with_zeros_are_pooled_as_on_the_pages(
    tmp_path, capsys, rows, name, estimate, low, high
):
    path = tmp_path / "counts.csv"
    path.write_text(rows)
    assert pool_file.run(path, as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == name
    back = found["back_transformed"]
    assert [back["estimate"], back["ci_low"], back["ci_high"]] == pytest.approx(
        [estimate, low, high], abs=6e-5
    )
