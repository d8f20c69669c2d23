"""Networks of every shape: each gives a result, or one sentence that names the parts."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from analysis.synthesis import pool
from analysis.synthesis.network import (
    DisconnectedNetwork,
    fit_network,
    from_arms,
    from_baseline,
    from_contrasts,
)

# Sums of a few numbers of the order of 1.
ROUNDING = 1e-12


def close(found: object, wanted: object, tolerance: float = ROUNDING) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)


def test_two_treatments_are_a_pairwise_meta_analysis():
    yi, vi = np.array([0.1, 0.6, 0.9, -0.2]), np.array([0.04, 0.02, 0.05, 0.03])
    for method in ("DL", "REML", "ML", "PM"):
        found = fit_network("abcd", "XXXX", "YYYY", yi, np.sqrt(vi), tau2=method)
        wanted = pool(yi, vi, tau2=method)
        close(found.tau2, wanted.tau2, 1e-10)
        close(found.random.estimate[0, 1], wanted.estimate, 1e-10)
        close(found.random.se[0, 1], wanted.se, 1e-10)
        close(found.q, wanted.q)
        close(
            [found.tau2_ci_low, found.tau2_ci_high], [wanted.tau2_ci_low, wanted.tau2_ci_high], 1e-9
        )


def test_one_study_is_shown_as_it_is():
    found = fit_network(["a"], ["X"], ["Y"], [0.5], [0.2])
    assert found.tau2 is None
    assert found.p_value is None
    close([found.random.estimate[0, 1], found.random.se[0, 1]], [0.5, 0.2])
    assert any("heterogeneity cannot be estimated" in warning for warning in found.warnings)


def test_a_star_adds_up_and_says_that_nothing_can_be_checked():
    found = fit_network("abc", "PPP", "ABC", [1.0, 2.0, 4.0], [0.3, 0.4, 0.5])
    a, b = found.place("A"), found.place("B")
    close(found.common.estimate[a, b], 2.0 - 1.0)
    close(found.common.se[a, b], 0.5)
    assert found.df_between == 0
    assert found.p_between is None
    assert math.isnan(found.direct.estimate[a, b])
    assert found.direct_share[a, b] == 0
    assert found.evidence.splits == ()
    assert any("cannot be checked" in warning for warning in found.warnings)


def test_one_loop_splits_into_direct_and_indirect():
    found = fit_network("abc", "XYX", "YZZ", [1.0, 1.0, 3.0], [0.5, 0.5, 0.5], tau2="DL")
    x, z = found.place("X"), found.place("Z")
    close([found.direct.estimate[x, z], found.indirect.estimate[x, z]], [3.0, 2.0])
    split = next(item for item in found.evidence.splits if item.pair == ("X", "Z"))
    # Every split of a single loop tests the same: its Q.
    close([item.statistic**2 for item in found.evidence.splits], [split.statistic**2] * 3)


def test_all_studies_may_have_several_arms():
    arms = from_arms(
        "aaabbb", "XYZXYZ", "MD", mean=[1, 2, 4, 0, 1, 2], sd=[2] * 6, n=[20] * 3 + [30] * 3
    )
    found = fit_network(arms, tau2="DL")
    close(found.common.estimate[1, 0], (20 * 1 + 30 * 1) / 50)
    close(found.common.estimate[2, 0], (20 * 3 + 30 * 2) / 50)
    assert (found.df, found.df_between, len(found.designs)) == (2, 0, 1)


def test_parts_of_a_disconnected_network_are_named():
    with pytest.raises(DisconnectedNetwork, match=r"2 parts.*\{A, B, C\}; \{D, E\}") as raised:
        fit_network("abc", "ABD", "BCE", [1, 1, 1], [1, 1, 1])
    assert raised.value.parts == (("A", "B", "C"), ("D", "E"))


def test_what_was_left_out_is_told_with_the_parts():
    with pytest.raises(DisconnectedNetwork) as raised:
        from_arms("aabbcc", "XYZWYZ", "OR", events=[1, 2, 3, 4, 0, 0], n=[20] * 6)
    assert any("c is left out" in note for note in raised.value.__notes__)


@pytest.mark.parametrize(
    ("effects", "errors", "message"),
    [
        ([0.5, 0.25, 0.9], [0.2, 0.3, 0.3], "s: its contrasts contradict each other"),
        ([0.5, 0.25, -0.25], [0.2, 0.2, 0.9], "standard errors of s contradict each other"),
        # A covariance matrix is possible, but not with independent arms.
        ([0.5, 0.25, -0.25], [0.1, 0.1, 0.19], "standard errors of s contradict each other"),
    ],
)
def test_contradicting_contrasts_of_one_study_are_refused_by_name(effects, errors, message):
    with pytest.raises(ValueError, match=message):
        fit_network(["s", "s", "s"], "AAB", "BCC", effects, errors)


def test_two_values_of_one_pair_are_refused_and_the_same_value_counts_once():
    with pytest.raises(ValueError, match="s: two different values of A - B"):
        from_contrasts("ss", "AA", "BB", [1, 2], [1, 1])
    found = from_contrasts("ss", "AB", "BA", [1, -1], [1, 1])
    assert found.k == 1
    assert "given twice" in found.notes[0]


def test_contrasts_that_do_not_hang_together_are_refused_by_name():
    with pytest.raises(ValueError, match="s: its contrasts do not hang together"):
        from_contrasts("ss", "AC", "BD", [1, 2], [1, 1])


def three_arms() -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Effects and standard errors of all pairs of four independent arms."""
    means, variances = [0.0, 1.0, 3.0, 2.0], [0.1, 0.2, 0.15, 0.3]
    pairs = list(itertools.combinations(range(4), 2))
    return (
        {p: means[p[0]] - means[p[1]] for p in pairs},
        {p: (variances[p[0]] + variances[p[1]]) ** 0.5 for p in pairs},
    )


def test_missing_pairs_follow_from_the_others():
    effects, errors = three_arms()

    def given(pairs: list[tuple[int, int]]):
        sides = ["ABCD"[a] for a, _ in pairs], ["ABCD"[b] for _, b in pairs]
        return fit_network(
            ["s"] * len(pairs), *sides, [effects[p] for p in pairs], [errors[p] for p in pairs]
        )

    whole = given(list(effects))
    part = given([(0, 1), (0, 2), (1, 2), (0, 3)])
    close(part.common.estimate, whole.common.estimate)
    close(part.common.se, whole.common.se)
    assert "2 of its pairs are missing" in part.warnings[0]
    star = given([(0, 1), (0, 2), (0, 3)])
    close(star.common.se[0], whole.common.se[0])
    # Correlation 1/2: var(B - C) = s_b^2 + s_c^2 - s_b s_c.
    b, c = errors[0, 1], errors[0, 2]
    close(star.common.se[1, 2] ** 2, b * b + c * c - b * c)
    assert "correlation 1/2" in star.warnings[0]
    with pytest.raises(ValueError, match="s: 4 of 6 pairs are not enough"):
        given([(0, 1), (1, 2), (2, 3), (0, 3)])


def test_differences_from_a_baseline_arm_carry_its_variance():
    effects, errors = three_arms()
    whole = fit_network(
        ["s"] * 6, ["ABCD"[a] for a, _ in effects], ["ABCD"[b] for _, b in effects],
        list(effects.values()), list(errors.values()),
    )  # fmt: skip
    se = [0.1**0.5, errors[0, 1], errors[0, 2], errors[0, 3]]
    found = fit_network(from_baseline("ssss", "ABCD", [math.nan, 1.0, 3.0, 2.0], se))
    close(found.common.estimate, whole.common.estimate)
    close(found.common.se, whole.common.se)


def test_rounded_contrasts_are_adjusted_and_said():
    found = from_contrasts("sss", "AAB", "BCC", [0.52, 1.03, 0.50], [0.2, 0.25, 0.22])
    assert "do not quite add up" in found.notes[0]


def test_zero_cells_and_studies_without_events():
    table = {"events": [0, 3, 0, 0, 5, 5, 4, 2], "n": [20, 22, 10, 12, 5, 5, 30, 31]}
    found = from_arms("aabbccdd", "XYXYXYXY", "OR", **table)
    assert found.labels == ("a", "d")
    assert sorted(note[0] for note in found.notes) == ["a", "b", "c"]
    # escalc(measure="OR", ai=3, n1i=22, ci=0, n2i=20): 0.5 in every cell.
    close(found.blocks[0].effects[0, 0], math.log(3.5 * 20.5 / (19.5 * 0.5)))
    close(found.blocks[0].covariance[0, 0, 0], 1 / 3.5 + 1 / 20.5 + 1 / 19.5 + 1 / 0.5)
    # A difference of risks has something to say without events, too.
    assert from_arms("aabb", "XYXY", "RD", events=[0, 3, 0, 0], n=[20, 22, 10, 12]).k == 2


@pytest.mark.parametrize(
    ("measure", "columns", "effect", "variance"),
    [
        # escalc of metafor 3.8-1 with these numbers for the second and the first group.
        ("RR", {"events": [4, 9], "n": [30, 33]}, 0.715620036, 0.297474747),
        ("RD", {"events": [4, 9], "n": [30, 33]}, 0.1393939394, 0.0098623703),
        ("AS", {"events": [4, 9], "n": [30, 33]}, 0.1756750699, 0.0159090909),
        ("IRR", {"events": [4, 9], "time": [100, 90]}, 0.916290732, 0.361111111),
        ("IRD", {"events": [4, 9], "time": [100, 90]}, 0.06, 0.0015111111),
        ("MD", {"mean": [5, 7], "sd": [2, 3], "n": [30, 33]}, 2, 0.406060606),
        ("ROM", {"mean": [5, 7], "sd": [2, 3], "n": [30, 33]}, 0.336472237, 0.010899196),
        ("SMD", {"mean": [5, 7], "sd": [2, 3], "n": [30, 33]}, 0.7675478539, 0.0683119962),
    ],
)
def test_measures_of_two_arms_are_those_of_metafor(measure, columns, effect, variance):
    block = from_arms("aa", "XY", measure, **columns).blocks[0]
    close(block.effects[0, 0], effect, 1e-9)
    close(block.covariance[0, 0, 0], variance, 1e-9)


def test_arms_with_the_same_treatment_are_merged():
    found = from_arms("aaa", "XXY", "MD", mean=[1, 3, 4], sd=[1, 2, 1], n=[10, 20, 30])
    values = np.concatenate([np.full(10, 1.0), np.full(20, 3.0)])
    squares = 9 * 1 + 19 * 4 + ((values - values.mean()) ** 2).sum()
    close(found.blocks[0].effects[0, 0], 4 - values.mean())
    close(found.blocks[0].covariance[0, 0, 0], squares / 29 / 30 + 1 / 30)
    assert "2 arms with X are taken together" in found.notes[0]


def test_impossible_numbers_name_study_and_arm():
    with pytest.raises(ValueError, match=r"a, Y: found events = 9; allowed: at most n = 5"):
        from_arms("aa", "XY", "OR", events=[1, 9], n=[5, 5])
    with pytest.raises(ValueError, match=r"a, X - Y: found the standard error 0"):
        from_contrasts("a", "X", "Y", [1], [0])


def test_the_default_reference_is_in_most_studies_and_changes_no_number():
    data = ("abc", "XXZ", "YZW", [1.0, 2.0, 0.5], [0.5, 0.5, 0.4])
    assert fit_network(*data).reference == "X"
    one, other = (fit_network(*data, reference=name) for name in "YW")
    assert np.array_equal(one.random.estimate, other.random.estimate)
    assert np.array_equal(one.p_score, other.p_score)
    with pytest.raises(ValueError, match="reference must be one of W, X, Y, Z; found 'V'"):
        fit_network(*data, reference="V")


def test_small_values_may_be_bad():
    data = ("ab", "XY", "YZ", [1.0, 2.0], [0.5, 0.5])
    good, bad = (fit_network(*data, small=small).p_score for small in ("good", "bad"))
    close(good + bad, 1.0)
    assert good.argmax() == 2


def test_json_has_the_names_that_scripts_rely_on_and_no_nan():
    found = fit_network("abcd", "XYXX", "YZZY", [1.0, 1.0, 3.0, 0.8], [0.5, 0.5, 0.5, 0.4])
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert {
        "treatments", "reference", "tau2", "q", "df", "q_within", "q_between", "common", "random",
        "p_score", "direct", "indirect", "direct_share", "designs", "warnings",
    } <= told.keys()  # fmt: skip
    for model in ("common", "random", "direct", "indirect"):
        for name in ("estimate", "se", "ci_low", "ci_high"):
            assert told[model][name].keys() == {"X", "Y", "Z"}
    close(told["random"]["estimate"]["X"]["Z"], found.random.estimate[0, 2])
    assert set(told["designs"]) == {"X:Y", "X:Z", "Y:Z"}


def test_effects_closer_together_than_chance_have_no_interval_of_tau2_and_it_is_said():
    found = fit_network("abc", "AAA", "BBB", [1, 1, 1], [0.3, 0.3, 0.3])
    assert (found.tau2, found.tau2_ci_low, found.tau2_ci_high) == (0, 0, 0)
    assert any(warning.startswith("The effects lie closer together") for warning in found.warnings)
