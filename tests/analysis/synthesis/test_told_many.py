"""The rule of `told` for many sets at once, held against the scalar rule."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.synthesis import told
from analysis.synthesis.few import pool_few
from analysis.synthesis.few_many import pool_few_many
from analysis.synthesis.told_many import told_many

NAMES = ("estimate", "se", "ci_low", "ci_high", "tau2", "i2", "h2", "q")


# Limits of the scalar rule are good to 1e-10; of the batch the worst seen is 6e-8 of a standard error, with
# standard errors in one set that differ ten thousandfold.
@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("ratio", [1.0, 5.0, 100.0])
def test_few_studies_have_the_posterior_of_pool_few(k, spread, ratio):
    rng = np.random.default_rng(int(k + spread + ratio))
    vi = 0.1 * np.exp(2 * np.log(ratio) * rng.uniform(-1, 1, (4, k)))
    yi = 1e3 + np.sqrt(vi) * rng.normal(size=(4, k)) + spread * rng.normal(size=(4, k))
    for level in (0.8, 0.99):
        found = pool_few_many(yi, vi, level)
        for row in range(len(yi)):
            one = pool_few(yi[row], vi[row], level)
            for name in ("estimate", "se", "ci_low", "ci_high"):
                assert getattr(found, name)[row] == pytest.approx(
                    getattr(one, name), abs=1e-6 * one.se
                )
            # Nobody reads tau of so few studies to more than two digits.
            for name in ("tau2", "i2", "h2", "q"):
                assert getattr(found, name)[row] == pytest.approx(getattr(one, name), rel=2e-5)


def test_equal_effects_and_equal_variances():
    one, found = (
        pool_few([0.3, 0.3], [0.04, 0.04]),
        pool_few_many(np.full((1, 2), 0.3), np.full((1, 2), 0.04)),
    )
    assert found.ci_low[0] == pytest.approx(one.ci_low, abs=1e-7)
    assert found.tau2[0] == pytest.approx(one.tau2, rel=1e-6)


@pytest.mark.parametrize("shared", [True, False])
def test_every_set_is_told_as_alone(shared):
    rng = np.random.default_rng(7)
    vi = rng.uniform(0.02, 0.3, (60, 7))
    yi = rng.normal(size=(60, 7))
    mask = rng.random((60, 7)) < 0.5
    mask[0], mask[1], mask[2] = False, True, np.arange(7) == 3
    if shared:
        yi, vi = yi[0], vi[0]
    found = told_many(yi, vi, mask)
    counts = set(found.k.tolist())
    assert {0, 1, 2, 3, 4, 7} <= counts
    for row, present in enumerate(mask):
        if not present.any():
            assert np.isnan(found.estimate[row])
            assert found.k[row] == 0
            continue
        y, v = (values[present] if shared else values[row][present] for values in (yi, vi))
        one = told(y, v)
        assert found.few[row] == (one.model == "prior")
        for name in NAMES if one.result.k > 1 else NAMES[:4]:
            assert getattr(found, name)[row] == pytest.approx(
                getattr(one.result, name), rel=1e-6, abs=1e-6
            )
        assert np.isnan(found.p_value[row]) == (one.result.p_value is None)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_sets_that_differ_widely_have_the_floor_of_the_scalar_rule(shared, level):
    rng = np.random.default_rng(11)
    vi = np.exp(rng.normal(-2, 1, (40, 6)))
    yi = 4 * rng.normal(size=(40, 6))
    if shared:
        yi, vi = yi[0], vi[0]
    mask = np.array([np.isin(np.arange(6), rng.choice(6, 2 + row % 3, False)) for row in range(40)])
    found, longer = told_many(yi, vi, mask, level=level), 0
    for row, present in enumerate(mask):
        y, v = (values[present] if shared else values[row][present] for values in (yi, vi))
        one = told(y, v, level=level)
        longer += one.lengthened > 1
        for name in NAMES:
            assert getattr(found, name)[row] == pytest.approx(
                getattr(one.result, name), rel=1e-6, abs=1e-6
            )
    assert 20 < longer < 40


def test_a_chosen_model_is_told_whatever_the_number_of_studies():
    yi, vi = [0.2, 0.9, 0.4], [0.04, 0.05, 0.04]
    for options in ({"tau2": "DL"}, {"ci": "wald"}, {"tau2": "EE", "ci": "wald"}, {"chosen": True}):
        found, one = told_many([yi], [vi], **options), told(yi, vi, **options).result
        assert not found.few[0]
        assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((one.ci_low, one.ci_high))


def test_faulty_numbers_are_refused_as_by_pool_many():
    with pytest.raises(ValueError, match="variance"):
        told_many([[0.1, 0.2]], [[0.1, -0.2]])
