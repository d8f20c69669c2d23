"""What must hold for effect sizes of any study: symmetry, scaling, round trips, and no NaN by surprise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from analysis.effects import change, convert, correlation, quantiles, recover, single_group
from analysis.effects.measures import MEASURES

# Closed formulas on moderate numbers: a few dozen roundings.
RELATIVE = 1e-9
means = st.floats(-50, 50).map(lambda x: round(x, 3))
sds = st.floats(0.1, 20)
sizes = st.integers(4, 5000)
correlations = st.floats(-0.99, 0.99)
two_means = st.tuples(means, sds, sizes, means, sds, sizes)
two_counts = st.tuples(sizes, sizes).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)
two_rates = st.tuples(
    st.integers(0, 500), st.floats(1, 1e4), st.integers(0, 500), st.floats(1, 1e4)
)
proportions = sizes.flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def swapped(study: tuple) -> tuple:
    half = len(study) // 2
    return (*study[half:], *study[:half])


@pytest.mark.parametrize("name", ["MD", "SMD", "SMDH", "RPB"])
@given(study=two_means)
def test_exchanging_the_groups_turns_the_sign_and_keeps_the_variance(name, study) -> None:
    function = MEASURES[name].function
    one, other = function(*study), function(*swapped(study))
    assert float(one.yi) == pytest.approx(-float(other.yi), rel=RELATIVE, abs=1e-12)
    assert float(one.vi) == pytest.approx(float(other.vi), rel=RELATIVE)


@pytest.mark.parametrize("name", ["RR", "OR", "RD", "AS", "PETO", "YUQ"])
@given(study=two_counts)
def test_exchanging_the_arms_turns_the_sign_of_counts(name, study) -> None:
    function = MEASURES[name].function
    one, other = function(*study), function(*swapped(study))
    assert one.defined
    assert float(one.yi) == pytest.approx(-float(other.yi), rel=RELATIVE, abs=1e-12)
    assert float(one.vi) == pytest.approx(float(other.vi), rel=RELATIVE)


@pytest.mark.parametrize("name", ["IRR", "IRD", "IRSD"])
@given(study=two_rates)
def test_exchanging_the_groups_turns_the_sign_of_rates(name, study) -> None:
    function = MEASURES[name].function
    one, other = function(*study), function(*swapped(study))
    assert one.defined
    assert float(one.yi) == pytest.approx(-float(other.yi), rel=RELATIVE, abs=1e-12)


@given(study=two_counts)
def test_counting_nonevents_instead_turns_the_sign_of_the_odds_ratio(study) -> None:
    a, n1, c, n2 = study
    function = MEASURES["OR"].function
    one, other = function(a, n1, c, n2), function(n1 - a, n1, n2 - c, n2)
    assert float(one.yi) == pytest.approx(-float(other.yi), rel=RELATIVE, abs=1e-12)
    assert float(one.vi) == pytest.approx(float(other.vi), rel=RELATIVE)


@given(study=two_means, factor=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_units_scale_md_and_leave_smd_alone(study, factor, shift) -> None:
    m1, s1, n1, m2, s2, n2 = study
    other = (m1 * factor + shift, s1 * factor, n1, m2 * factor + shift, s2 * factor, n2)
    md, smd = MEASURES["MD"].function, MEASURES["SMD"].function
    # The shift cancels in the means, which costs digits relative to their size.
    slack = 1e-12 * (abs(shift) + 100 * factor)
    assert float(md(*other).yi) == pytest.approx(factor * (m1 - m2), rel=RELATIVE, abs=slack)
    assert float(md(*other).vi) == pytest.approx(factor**2 * float(md(*study).vi), rel=RELATIVE)
    assert float(smd(*other).yi) == pytest.approx(
        float(smd(*study).yi), rel=1e-7, abs=slack / (0.1 * factor)
    )


@given(study=two_means)
def test_hedges_g_is_smaller_than_cohens_d_and_has_its_sign(study) -> None:
    m1, s1, n1, m2, s2, n2 = study
    g = float(MEASURES["SMD"].function(*study).yi)
    pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2))
    d = (m1 - m2) / pooled
    assert abs(g) <= abs(d)
    assert g * d >= 0


@pytest.mark.parametrize("name", ["PR", "PLN", "PLO", "PAS", "PFT"])
@given(study=proportions)
def test_a_proportion_comes_back_from_its_transform(name, study) -> None:
    x, n = study
    measure = MEASURES[name]
    effect = measure.function(x, n)
    assert effect.defined
    back = float(measure.back_transform(effect.yi, float(n)))
    corrected = measure.default_add if x in (0, n) else 0
    expected = (x + corrected) / (n + 2 * corrected)
    assert back == pytest.approx(expected, rel=1e-8, abs=1e-8)


@given(value=st.floats(-5, 5), n=st.floats(1, 1e6))
def test_double_arcsine_always_comes_back_within_zero_and_one(value, n) -> None:
    assert 0 <= float(single_group.inverse_pft(value, n)) <= 1


@given(low=st.floats(0, 1.57), step=st.floats(0, 0.5), n=st.floats(1, 1e5))
def test_double_arcsine_back_transformation_never_turns_round(low, step, n) -> None:
    back = single_group.inverse_pft([low, low + step], n)
    assert back[0] <= back[1] + 1e-12


@given(s1=sds, s2=sds, r=correlations)
def test_sd_of_change_and_correlation_are_inverse(s1, s2, r) -> None:
    sd = change.sd_of_change(s1, s2, r)
    assert float(recover.correlation_from_sds(s1, s2, sd)) == pytest.approx(r, abs=1e-7)


@given(arms=st.lists(st.tuples(st.integers(1, 300), means, sds), min_size=2, max_size=5))
def test_merging_arms_does_not_depend_on_order_or_grouping(arms) -> None:
    def merge(groups):
        return recover.merge_arms(*zip(*groups, strict=True))

    whole = merge(arms)
    assert merge(arms[::-1]) == pytest.approx(whole, rel=RELATIVE, abs=1e-9)
    assume(arms[0][0] + arms[1][0] >= 2)
    in_steps = merge([merge(arms[:2]), *arms[2:]])
    assert in_steps == pytest.approx(whole, rel=RELATIVE, abs=1e-9)


@given(y=st.floats(-5, 5), se=st.floats(0.01, 3), level=st.floats(0.5, 0.999))
def test_an_interval_gives_back_the_standard_error_behind_it(y, se, level) -> None:
    q = float(convert.quantile(level))
    low, high = np.exp([y - q * se, y + q * se])
    effect = convert.from_interval(np.exp(y), low, high, scale="log", level=level)
    assert float(effect.yi) == pytest.approx(y, rel=RELATIVE, abs=1e-9)
    assert float(effect.vi) == pytest.approx(se**2, rel=1e-7)


@given(sd=sds, n1=sizes, n2=sizes, d=st.floats(0.01, 5))
def test_p_of_a_t_test_gives_back_the_sd_behind_it(sd, n1, n2, d) -> None:
    t = d / (sd * math.sqrt(1 / n1 + 1 / n2))
    p = 2 * stats.t.sf(t, n1 + n2 - 2)
    assume(1e-200 < p < 1)
    assert float(recover.sd_from_p(d, p, n1, n2)) == pytest.approx(sd, rel=1e-6)


@given(centre=means, width=st.floats(0.1, 10), n=sizes)
def test_a_symmetric_summary_has_its_median_as_mean_and_is_not_skewed(centre, width, n) -> None:
    five = {
        "minimum": centre - 2 * width,
        "q1": centre - width,
        "median": centre,
        "q3": centre + width,
        "maximum": centre + 2 * width,
        "n": n,
    }
    for method in ("default", "wan"):
        summary = quantiles.mean_sd(**five, method=method)
        assert float(summary.mean) == pytest.approx(centre, abs=1e-9)
        assert float(summary.sd) > 0
    # Shi's critical value for all five is below 0 for n under about 6: a test of so few says nothing.
    assert float(quantiles.skewness_test(**five).statistic) == pytest.approx(0, abs=1e-8)


@given(r=correlations, n=st.integers(5, 5000))
def test_fisher_z_is_inverted_by_tanh(r, n) -> None:
    effect = correlation.zcor(r, n)
    assert float(correlation.inverse_zcor(effect.yi)) == pytest.approx(r, abs=1e-12)


@given(study=two_means)
def test_vectors_give_what_single_studies_give(study) -> None:
    for name in ("MD", "SMD", "SMDH", "ROM", "CVR"):
        function = MEASURES[name].function
        one = function(*study)
        many = function(*(np.array([v, v]) for v in study))
        np.testing.assert_array_equal(many.yi, np.full(2, one.yi))
        np.testing.assert_array_equal(many.vi, np.full(2, one.vi))
