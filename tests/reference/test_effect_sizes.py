"""Effect sizes and their back-transformation against every metafor case that has one.

Where metafor 3.8 and 5.1 differ (ROM, ROMC, CVR, CVRC: bias correction; SMDH, SMCRH: variance) the expected
values are those of 5.1, as in the code. Tolerance 1e-10 relative, for both sides are closed formulas; back-
transformed pools 1e-9, for they stand on a REML fit that metafor stops at 1e-13.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.effects.convert import smd_from_p, smd_from_t
from analysis.effects.measures import MEASURES
from analysis.effects.single_group import harmonic_mean
from analysis.synthesis import pool
from tests.reference.cases import Case, case, cases, dataset

CLOSED_FORM = 1e-10
AFTER_REML = 1e-9
NEWER = {
    item["id"]: item["expected_metafor_5_1_12"]
    for item in json.loads(
        (Path(__file__).parent / "metafor_reference.json").read_text(encoding="utf-8")
    )["cases"]
    if "expected_metafor_5_1_12" in item
}
# metafor's words for what our functions take as they are.
OPTIONS = {"vtype", "to"}


def arguments_of(call: str) -> dict[str, str]:
    """Named arguments of one ``escalc`` call, as R text."""
    inside = re.search(r"escalc\((.*)\)", call.split(")[,")[0] + ")").group(1)
    return dict(re.findall(r'(\w+)\s*=\s*("[^"]*"|c\([^)]*\)|[\w./]+)', inside))


def values_of(text: str, data: pd.DataFrame | None) -> Any:
    """An R argument as numbers: a vector, a fraction, a number, or a column of the data."""
    if text.startswith("c("):
        return [float(item) for item in text[2:-1].split(",")]
    if data is not None and text in data.columns:
        return data[text].to_numpy(dtype=float)
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def computed(reference: Case) -> Any:
    """Our effect sizes for the case's call."""
    given = arguments_of(reference.call)
    data = dataset(reference.dataset) if "data" in given else None
    measure = MEASURES[given.pop("measure").strip('"')]
    given.pop("data", None)
    options = {k: given.pop(k).strip('"') for k in OPTIONS & given.keys()}
    if "drop00" in given:
        options["drop00"] = given.pop("drop00") == "TRUE"
    if "add" in given:
        options["add"] = values_of(given.pop("add"), None)
    columns = {name: values_of(text, data) for name, text in given.items()}
    for events, rest, size in (("ai", "bi", "n1i"), ("ci", "di", "n2i")):
        if rest in columns:
            columns[size] = columns[events] + columns.pop(rest)
    return measure.function(**{name: columns[name] for name in measure.columns}, **options)


def numbers(values: list[float | None]) -> np.ndarray:
    """Expected values with R's NA as NaN."""
    return np.array([np.nan if v is None else v for v in values], dtype=float)


EFFECT_SIZES = cases("effect size", "zero cells")


@pytest.mark.parametrize("reference", EFFECT_SIZES, ids=lambda c: c.id)
def test_effect_sizes_and_variances_equal_metafor(reference: Case) -> None:
    expected = NEWER.get(reference.id, reference.expected)
    effect = computed(reference)
    np.testing.assert_allclose(effect.yi, numbers(expected["yi"]), rtol=CLOSED_FORM, atol=1e-13)
    np.testing.assert_allclose(effect.vi, numbers(expected["vi"]), rtol=CLOSED_FORM)


def test_every_effect_size_case_of_the_reference_is_run() -> None:
    assert len(EFFECT_SIZES) == 47


def test_the_measures_that_changed_in_metafor_5_are_the_ones_the_code_names() -> None:
    changed = {c.option("measure") for c in EFFECT_SIZES if c.id in NEWER}
    assert changed == {"ROM", "ROMC", "CVR", "CVRC", "SMDH", "SMCRH"}


@pytest.mark.parametrize("identifier", ["es_normand_ROM", "es_prepost_ROMC"])
def test_ratio_of_means_without_correction_equals_metafor_3(identifier: str) -> None:
    reference = case(identifier)
    given = arguments_of(reference.call)
    data = dataset(reference.dataset)
    measure = MEASURES[given["measure"].strip('"')]
    columns = {name: values_of(given[name], data) for name in measure.columns}
    effect = measure.function(**columns, correct=False)
    np.testing.assert_allclose(effect.yi, numbers(reference.expected["yi"]), rtol=CLOSED_FORM)


def test_smd_from_t_and_from_signed_p_equal_metafor() -> None:
    for identifier, effect in (
        ("smd_from_t", smd_from_t(2.4, 30, 28)),
        ("smd_from_p", smd_from_p(-0.02, 30, 28)),
    ):
        expected = case(identifier).expected
        np.testing.assert_allclose(effect.yi, expected["yi"], rtol=CLOSED_FORM)
        np.testing.assert_allclose(effect.vi, expected["vi"], rtol=CLOSED_FORM)


@pytest.mark.parametrize("name", ["PLN", "PLO", "PAS", "PFT"])
def test_back_transformed_pools_of_proportions_equal_metafor(name: str) -> None:
    data = dataset("pritz1997")
    measure = MEASURES[name]
    effect = measure.function(data["xi"], data["ni"])
    result = pool(effect.yi, effect.vi)
    expected = case(f"pritz_{name}_backtransf").expected
    ours = {
        "pred": result.estimate,
        "ci.lb": result.ci_low,
        "ci.ub": result.ci_high,
        "pi.lb": result.pi_low,
        "pi.ub": result.pi_high,
    }
    for field, value in ours.items():
        size = harmonic_mean(data["ni"]) if name == "PFT" else None
        back = float(measure.back_transform(value, size))
        reference = np.ravel(expected[field])[0]
        assert back == pytest.approx(reference, rel=AFTER_REML), field


def test_double_arcsine_comes_back_as_in_metafor_for_each_size() -> None:
    expected = case("pft_hm").expected
    measure = MEASURES["PFT"]
    sizes = {
        "p": harmonic_mean([10, 20, 50, 1000]),
        "p_n10": 10,
        "p_n1000": 1000,
    }
    for field, size in sizes.items():
        assert float(measure.back_transform(1.2, size)) == pytest.approx(
            expected[field], rel=CLOSED_FORM
        )
