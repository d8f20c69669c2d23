"""The register: complete, consistent with its functions, and reading back what it transformed."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from analysis.effects.measures import MEASURES, Measure, measure_named

PROMISED = (
    "GEN MD SMD SMDH ROM RR OR RD AS PETO IRR IRD PR PLN PLO PAS PFT IR IRLN IRS IRFT MN MNLN "
    "MC SMCC SMCR ROMC COR ZCOR"
)
EXAMPLE = {
    "m1i": 6.0,
    "sd1i": 2.0,
    "n1i": 40.0,
    "m2i": 5.0,
    "sd2i": 2.5,
    "n2i": 44.0,
    "ai": 8.0,
    "ci": 12.0,
    "x1i": 8.0,
    "t1i": 120.0,
    "x2i": 12.0,
    "t2i": 130.0,
    "xi": 9.0,
    "ni": 40.0,
    "ti": 100.0,
    "mi": 5.0,
    "sdi": 2.0,
    "ri": 0.5,
}
COMPUTED = [m for m in MEASURES.values() if m.function is not None]


def test_every_promised_measure_is_there() -> None:
    assert set(MEASURES) >= set(PROMISED.split())


@pytest.mark.parametrize("measure", COMPUTED, ids=lambda m: m.name)
def test_columns_and_zero_rule_are_those_of_the_function(measure: Measure) -> None:
    parameters = inspect.signature(measure.function).parameters
    positional = [p for p, v in parameters.items() if v.kind is v.POSITIONAL_OR_KEYWORD]
    assert tuple(positional) == measure.columns
    add = parameters.get("add")
    assert measure.default_add == (None if add is None else add.default)


@pytest.mark.parametrize("measure", COMPUTED, ids=lambda m: m.name)
def test_an_ordinary_study_has_a_poolable_effect(measure: Measure) -> None:
    effect = measure.function(**{name: EXAMPLE[name] for name in measure.columns})
    assert effect.defined


@pytest.mark.parametrize("measure", COMPUTED, ids=lambda m: m.name)
def test_back_transformation_is_monotonous_over_a_wide_range(measure: Measure) -> None:
    back = measure.back_transform(np.linspace(-3, 3, 601), 25.0)
    assert np.all(np.diff(back) >= 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PR", 9 / 40),
        ("PLN", 9 / 40),
        ("PLO", 9 / 40),
        ("PAS", 9 / 40),
        ("PFT", 9 / 40),
        ("IR", 0.09),
        ("IRLN", 0.09),
        ("IRS", 0.09),
        ("IRFT", 0.09),
        ("MN", 5.0),
        ("MNLN", 5.0),
        ("ZCOR", 0.5),
        ("RR", (8 / 40) / (12 / 44)),
        ("OR", (8 / 32) / (12 / 32)),
        ("IRR", (8 / 120) / (12 / 130)),
    ],
)
def test_a_study_is_printed_as_what_was_counted(name: str, expected: float) -> None:
    measure = MEASURES[name]
    effect = measure.function(**{column: EXAMPLE[column] for column in measure.columns})
    size = None if measure.size_column is None else EXAMPLE[measure.size_column]
    assert float(measure.back_transform(effect.yi, size)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ["PFT", "IRFT"])
def test_freeman_tukey_measures_ask_for_a_size(name: str) -> None:
    with pytest.raises(ValueError, match="harmonic mean"):
        MEASURES[name].back_transform(0.5)


def test_measures_of_one_group_have_no_null_value() -> None:
    assert {m.kind for m in MEASURES.values() if m.null is None} == {"one group"}


def test_names_are_found_in_any_case_and_unknown_ones_are_listed() -> None:
    assert measure_named(" smd ").name == "SMD"
    with pytest.raises(ValueError, match="measure 'foo'; allowed: GEN, HR"):
        measure_named("foo")
