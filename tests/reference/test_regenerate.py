"""The reference files are what R returns: the script that makes them is run anew, and the numbers compared.

A sample of every kind of result; all 259 (half a minute) with ``REFERENCE=all`` in the environment, where the cases
whose R package (lme4, numDeriv, clubSandwich, robumeta) is missing are left out. Nothing runs without R and metafor.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reference.cases import FOLDER

pytestmark = pytest.mark.usefixtures("r_with_metafor")
MAIN, VIEWS = (FOLDER / f"metafor_reference{name}.json" for name in ("", "_robustness_views"))
SAMPLE = (
    "es_bcg_OR", "bcg_rr_GENQ_1overvi", "normand_smd_DL", "bcg_pi_exp", "bcg_QP", "bcg_hc", "bcg_weights_re",
    "bcg_blup", "bcg_reg_ablat", "bcg_anova_alloc", "bcg_MH_OR", "bcg_peto", "bcg_egger_lm", "bcg_begg", "bcg_tf_L0",
    "bcg_fsn_Rosenthal", "bcg_PET", "hack_tes", "bcg_l1o", "bcg_cumul_year", "bcg_baujat", "konst_3level",
    "konst_robust_CR1", "berkey_mv", "senn_nma_fe",
)  # fmt: skip
PACKAGES = ("lme4", "numDeriv", "clubSandwich", "robumeta")


def made_anew(file: Path, out: Path, *ids: str) -> tuple[list[dict[str, Any]], str]:
    """The cases as R returns them now, and what it says of those that it could not make."""
    command = ["Rscript", str(FOLDER / "regenerate.R"), str(file), str(out), *ids]
    root = FOLDER.parents[1]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text(encoding="utf-8"))["cases"], done.stderr


def differences(held: Any, found: Any, where: str = "") -> Iterator[str]:
    """Numbers agree to 1e-6 of their size: what two builds of R's optimisers leave open."""
    if isinstance(held, dict) and isinstance(found, dict):
        for name in held.keys() | found.keys():
            yield from differences(held.get(name, "-"), found.get(name, "-"), f"{where} {name}")
    elif isinstance(held, list) and isinstance(found, list) and len(held) == len(found):
        for place, pair in enumerate(zip(held, found, strict=True)):
            yield from differences(*pair, f"{where}[{place}]")
    elif isinstance(held, int | float) and isinstance(found, int | float):
        if not math.isclose(held, found, rel_tol=1e-6, abs_tol=1e-9):
            yield f"{where}: {held} in the file, {found} from R"
    elif held != found:
        yield f"{where}: {held!r} in the file, {found!r} from R"


def compare(file: Path, found: list[dict[str, Any]]) -> int:
    held = {case["call"]: case for case in json.loads(file.read_text(encoding="utf-8"))["cases"]}
    wrong = [
        line
        for case in found
        for line in differences(
            held[case["call"]]["expected"], case["expected"], case.get("id", "")
        )
    ]
    assert not wrong, "\n".join(wrong[:10])
    return len(found)


def test_a_number_that_is_not_rs_is_found():
    assert list(differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.00001]})) == [
        " a[1]: 2.0 in the file, 2.00001 from R"
    ]
    assert list(differences({"a": None}, {})) == [" a: None in the file, '-' from R"]


def test_the_cases_of_the_engine(tmp_path):
    ids = () if os.environ.get("REFERENCE") == "all" else SAMPLE
    found, missing = made_anew(MAIN, tmp_path / "out.json", *ids)
    left_out = missing.splitlines()[1:]
    assert all(any(package in line for package in PACKAGES) for line in left_out), missing
    assert compare(MAIN, found) == (len(ids) or 259) - len(left_out)


def test_the_cases_of_the_views_of_robustness(tmp_path):
    found, missing = made_anew(VIEWS, tmp_path / "out.json")
    assert not missing.strip()
    assert compare(VIEWS, found) == 7
