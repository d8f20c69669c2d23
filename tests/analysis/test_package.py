"""What `pip install .` gives: the engine alone stays light, and the ranges admit what is tested."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import analysis
import analysis.answer
from analysis.root import ROOT as FILES

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]


def pinned() -> dict[str, str]:
    """Name (lower case) to version, of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    return {line[1].lower(): line[2] for line in found if line}


def declared() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]
    return [r for r in map(Requirement, texts) if r.name != PROJECT["name"]]


def test_the_engine_brings_neither_pandas_nor_plotly():
    code = (
        "import sys; from analysis.synthesis import pool; import analysis.synthesis.network; "
        "pool([0.2, 0.4, 0.9], [0.04, 0.05, 0.04]); "
        "print(sorted({'pandas', 'plotly', 'dash', 'pandera'} & sys.modules.keys()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_what_is_pinned_and_what_is_declared_are_the_same_packages():
    assert {requirement.name.lower() for requirement in declared()} == pinned().keys()


@pytest.mark.parametrize("requirement", declared(), ids=lambda r: r.name)
def test_each_range_admits_the_version_that_is_tested(requirement):
    assert pinned()[requirement.name.lower()] in requirement.specifier


def test_the_version_is_that_of_the_citation():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'\nversion: "{PROJECT["version"]}"\n' in citation
    assert f"\nlicense: {PROJECT['license']}\n" in citation


def test_the_files_that_an_install_takes_along_are_those_that_the_code_asks_for():
    taken = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {Path(name).parts[:2] for name in taken.values()} == {("analysis", "shipped")}
    for source, target in taken.items():
        assert Path(target).name == source
        assert (FILES / source).exists()


def test_the_function_stays_where_a_module_has_its_name():
    assert callable(analysis.answer)
    assert analysis.answer.__doc__.startswith("Answer a Question from the evidence")


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="no attribute 'question_of'"):
        _ = analysis.question_of
