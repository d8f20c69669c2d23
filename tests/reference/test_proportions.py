"""Single proportions in two steps, from counts to the pooled result, by the project's own functions.

(`test_pool.py` pools metafor's effect sizes; `test_effect_sizes.py` transforms back.) Tolerance 1e-9,
as REML was fitted with tightened control.
"""

from __future__ import annotations

import pytest

from analysis.effects.measures import MEASURES
from analysis.synthesis import pool
from tests.reference.cases import EXACT, Case, cases, dataset

TWO_STEP = cases("single proportions, two-step")
FIELDS = {"beta": "estimate", "se": "se", "ci.lb": "ci_low", "ci.ub": "ci_high", "tau2": "tau2"}


@pytest.mark.parametrize("reference", TWO_STEP, ids=lambda item: item.id)
def test_two_step_pooling_of_proportions_agrees_with_metafor(reference: Case) -> None:
    data = dataset(reference.dataset)
    effects = MEASURES[reference.option("measure")].function(data["xi"], data["ni"])
    result = pool(effects.yi, effects.vi)
    for theirs, ours in FIELDS.items():
        assert getattr(result, ours) == pytest.approx(reference.expected[theirs], rel=EXACT), ours


def test_all_five_transformations_are_covered() -> None:
    assert {item.option("measure") for item in TWO_STEP} == {"PR", "PLN", "PLO", "PAS", "PFT"}
