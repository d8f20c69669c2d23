"""What stands on a fitted network: contributions, thresholds, ranks, posteriors, refits."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.synthesis import pool_bayes
from analysis.synthesis.counts import mh_odds_ratio
from analysis.synthesis.network import (
    bayes_network,
    best_thresholds,
    bootstrap_counts,
    contributions,
    fit_components,
    fit_network,
    from_contrasts,
    leave_one_out,
    limit_thresholds,
    mantel_haenszel_network,
    narrowed,
    rank_probabilities,
    refit_many,
    small_study,
)
from tests.reference.network_cases import NAMES, fit

# One study in the network of four treatments has three arms.
STUDY = ["a", "b", "c", "d", "d", "d", "e", "f"]
SIDES = list("XYXXXYXY"), list("YZZYZZWZ")
TE = [1.0, 0.8, 2.3, 1.2, 1.5, 0.3, 0.4, 1.6]
SE = [0.3, 0.3, 0.4, 0.5**0.5, 0.7**0.5, 0.6**0.5, 0.5, 0.25]


def network(te=TE, **options):
    return fit_network(STUDY, *SIDES, te, SE, **options)


def close(found: object, wanted: object, tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("pair", [("X", "Z"), ("W", "Y"), ("Z", "W")])
def test_shares_of_studies_comparisons_and_paths_add_up(pair):
    found = contributions(network(), *pair)
    for shares in (found.comparisons, found.studies, found.paths):
        assert min(share for _, share in shares) >= 0
        close(sum(share for _, share in shares), 1.0)
    assert all((path[0], path[-1]) == pair for path, _ in found.paths)


def test_without_loops_a_path_is_shared_evenly_and_studies_by_weight():
    star = fit_network("abc", "PPP", "AAB", [1, 2, 3], [0.5, 1.0, 0.7], tau2=0.0)
    found = contributions(star, "A", "B")
    assert found.paths == ((("A", "P", "B"), 1.0),)
    close([dict(found.studies)[name] for name in "abc"], [0.4, 0.1, 0.5])


def test_a_bias_just_beyond_a_threshold_changes_the_best_treatment():
    fitted = network(tau2=0.2)
    names = fitted.treatments
    best = names[int(fitted.random.estimate[:, 0].argmin())]
    for threshold in best_thresholds(fitted):
        for u, following in (
            (threshold.low, threshold.best_low),
            (threshold.high, threshold.best_high),
        ):
            if following is None:
                assert np.isinf(u)
                continue
            for factor, wanted in ((0.999, best), (1.001, following)):
                moved = refitted(threshold, factor * u)
                assert names[int(moved.random.estimate[:, 0].argmin())] == wanted


def refitted(threshold, bias):
    """The network with one basic contrast moved, in a study of three arms the other one as it was."""
    te = list(TE)
    for i, study in enumerate(STUDY):
        if study != threshold.study:
            continue
        for side, sign in ((SIDES[0][i], 1), (SIDES[1][i], -1)):
            te[i] += sign * bias * (side == threshold.treat1)
    return network(te, tau2=0.2)


def test_a_bias_just_beyond_a_threshold_takes_the_limit():
    fitted = network(tau2=0.2)
    x, z = fitted.place("X"), fitted.place("Z")
    for threshold in limit_thresholds(fitted, "X", "Z", 2.5, "ci_low"):
        u = threshold.low if np.isfinite(threshold.low) else threshold.high
        if np.isfinite(u):
            close(refitted(threshold, u).random.ci_low[x, z], 2.5)


@pytest.mark.parametrize("name", ["own_pain_12m", "senn2013", "smokingcessation"])
def test_rank_probabilities_agree_with_the_p_scores_and_repeat(name):
    found, again = rank_probabilities(fit(name)), rank_probabilities(fit(name))
    n = len(found.median)
    assert np.array_equal(found.probability, again.probability)
    close(found.probability.sum(axis=0), 1.0)
    close(found.probability.sum(axis=1), 1.0)
    mean = found.probability @ np.arange(1, n + 1)
    close(mean, 1 + (n - 1) * (1 - fit(name).p_score), 4 * n * found.error)
    assert found.error < 0.002


def test_ranks_of_two_treatments_are_a_normal_tail():
    fitted = fit_network("ab", "XX", "YY", [0.4, 0.2], [0.3, 0.3])
    found = rank_probabilities(fitted)
    close(found.probability[:, 0], fitted.p_score, 1e-3)


@pytest.mark.parametrize("prior", [("half-normal", 0.5), ("uniform", 3.0), ("half-cauchy", 0.4)])
def test_bayes_with_two_treatments_is_the_pairwise_model(prior):
    yi, vi = np.array([0.1, 0.6, 0.9, -0.2]), np.array([0.04, 0.02, 0.05, 0.03])
    found = bayes_network(fit_network("abcd", "XXXX", "YYYY", yi, np.sqrt(vi)), prior)
    wanted = pool_bayes(yi, vi, prior)
    pairs = (
        (found.tau, wanted.tau),
        (found.pair("X", "Y"), wanted.mean),
        (found.predicted("X", "Y"), wanted.predicted),
    )
    for ours, theirs in pairs:
        close(
            [ours.median, ours.ci_low, ours.ci_high], [theirs.median, theirs.ci_low, theirs.ci_high]
        )
    close(found.better[0, 1], wanted.mean.below(0.0))
    close(found.sucra.sum(), 1.0)


def test_bayes_is_the_integral_over_a_plain_grid_of_tau():
    fitted = network()
    found = bayes_network(fitted, ("half-normal", 0.7))
    x, z = fitted.place("X"), fitted.place("Z")
    taus = (np.arange(500) + 0.5) / 100  # the middles of small steps up to seven times the prior's scale
    logs, means, variances = [], [], []
    for tau in taus:
        one = network(tau2=float(tau**2))
        v = one.rows.variances + tau**2
        c = one.covariance[1:, 1:]
        residuals = one.rows.effects - one.rows.matrix @ one.random.estimate[:, 0]
        q = (residuals**2 / v).sum()
        logs.append(0.5 * (np.linalg.slogdet(c)[1] - np.log(v).sum() - q) - 0.5 * (tau / 0.7) ** 2)
        means.append(one.random.estimate[x, z])
        variances.append(one.random.se[x, z] ** 2)
    weights = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    mean = weights @ np.array(means)
    sd = np.sqrt(weights @ (np.array(variances) + (np.array(means) - mean) ** 2))
    posterior = found.pair("X", "Z")
    close([posterior.mean, posterior.sd, found.tau.mean], [mean, sd, weights @ taus], 1e-3)


def test_a_flat_prior_needs_degrees_of_freedom():
    star = fit_network("ab", "PP", "AB", [1, 2], [1, 1])
    with pytest.raises(ValueError, match=r"at least 2 degrees of freedom here.*found 0"):
        bayes_network(star, ("uniform", np.inf))


@pytest.mark.parametrize("tau2", ["REML", "ML", "DL", "EE"])
@pytest.mark.parametrize("name", NAMES)
def test_refits_of_the_whole_set_are_the_fit(name, tau2):
    wanted = fit(name, tau2)
    found = refit_many(wanted, np.ones((2, wanted.k)), tau2)
    for i in range(len(wanted.treatments)):
        estimate, se = found.pair(i, 0)
        close(estimate, wanted.random.estimate[i, 0])
        close(se, wanted.random.se[i, 0])
    close(found.q, wanted.q)


@pytest.mark.parametrize("tau2", ["REML", "DL"])
def test_leaving_out_one_study_at_a_time_is_fitting_without_it(tau2):
    whole = network(tau2=tau2)
    found = refit_many(whole, leave_one_out(whole.k), tau2)
    x, w = whole.place("X"), whole.place("W")
    for place, label in enumerate(whole.studies.labels):
        kept = [i for i, name in enumerate(STUDY) if name != label]
        wanted = fit_network(
            [STUDY[i] for i in kept], [SIDES[0][i] for i in kept], [SIDES[1][i] for i in kept],
            [TE[i] for i in kept], [SE[i] for i in kept], tau2=tau2,
        )  # fmt: skip
        estimate, se = found.pair(x, whole.place("Z"))
        at = wanted.place("X"), wanted.place("Z")
        close([estimate[place], se[place]], [wanted.random.estimate[at], wanted.random.se[at]])
        close(found.tau2[place], wanted.tau2)
        # Without e, W hangs on nothing.
        assert np.isnan(found.pair(x, w)[0][place]) == (label == "e")


def test_a_study_that_counts_twice_is_two_studies():
    counts = np.array([[1, 2, 1, 1, 1, 0]])
    found = refit_many(network(), counts, "REML")
    twice = from_contrasts(
        [*STUDY[:7], "b2"],
        [*SIDES[0][:7], "Y"],
        [*SIDES[1][:7], "Z"],
        [*TE[:7], 0.8],
        [*SE[:7], 0.3],
    )
    wanted = fit_network(twice, tau2="REML")
    close(found.tau2, wanted.tau2)
    close(found.pair(1, 0)[1], wanted.random.se[1, 0])


def test_parts_that_no_study_of_a_set_links_have_no_common_estimate():
    line = fit_network("abc", "ABC", "BCD", [1, 2, 3], [1, 1, 1])
    found = refit_many(line, np.array([[1, 0, 1], [0, 0, 0]]), "EE")
    close(found.pair(0, 1)[0][0], 1.0)
    close(found.pair(2, 3)[0][0], 3.0)
    assert np.isnan(found.pair(0, 3)[0]).all()
    assert np.isnan(found.pair(0, 1)[0][1])


def test_a_bootstrap_repeats_with_its_seed():
    one, other = bootstrap_counts(6, 50, 3), bootstrap_counts(6, 50, 3)
    assert np.array_equal(one, other)
    assert np.all(one.sum(axis=1) == 6)


def test_wrong_tables_are_refused():
    with pytest.raises(ValueError, match=r"shape \(m, 6\)"):
        refit_many(network(), np.ones((2, 5)))
    with pytest.raises(ValueError, match="0 or more"):
        refit_many(network(), -np.ones((1, 6)))


OWN = {
    "NSM": (),
    "SHAM": ("ritual",),
    "VP": ("ritual", "cement"),
    "BKP": ("ritual", "cement", "balloon"),
    "VAI": ("ritual", "cement", "implant"),
}


@pytest.mark.parametrize("tau2", ["REML", "DL"])
def test_as_many_components_as_contrasts_are_the_same_fit_in_other_words(tau2):
    whole = fit("own_pain_12m", tau2)
    found = fit_components(whole, OWN, tau2)
    assert found.names == ("ritual", "cement", "balloon", "implant")
    pairs = {
        "ritual": ("SHAM", "NSM"), "cement": ("VP", "SHAM"), "balloon": ("BKP", "VP"), "implant": ("VAI", "VP"),
    }  # fmt: skip
    for i, name in enumerate(found.names):
        at = tuple(whole.place(treatment) for treatment in pairs[name])
        close([found.estimate[i], found.se[i]], [whole.random.estimate[at], whole.random.se[at]])
        close(
            [found.ci_low[i], found.ci_high[i]], [whole.random.ci_low[at], whole.random.ci_high[at]]
        )
    close([found.q, found.tau2], [whole.q, whole.tau2])
    assert (found.df_difference, found.p_difference) == (0, None)


def test_fewer_components_are_tested_by_q():
    """P, A, B and A+B: additivity is the one contrast (A+B) - A - B + P, against 0."""
    star = fit_network("abc", ["A", "B", "A+B"], ["P"] * 3, [1.0, 2.0, 4.0], [0.5, 0.5, 0.5])
    found = fit_components(star, {"P": (), "A": "A", "B": "B", "A+B": "AB"}, "EE")
    assert found.df_difference == 1
    close(found.q_difference, (4.0 - 1.0 - 2.0) ** 2 / (3 * 0.25))


def test_components_that_cannot_be_told_apart_are_named():
    with pytest.raises(ValueError, match="cannot tell the components a, b apart"):
        fit_components(fit_network("a", "X", "Y", [1], [1]), {"X": "ab", "Y": ""})
    with pytest.raises(ValueError, match="no entry for Y"):
        fit_components(fit_network("a", "X", "Y", [1], [1]), {"X": "ab"})


def test_the_small_study_test_needs_an_order_and_comparisons():
    with pytest.raises(ValueError, match="each treatment once"):
        small_study(network(), ["X", "Y"])
    with pytest.raises(ValueError, match="at least 3"):
        small_study(fit_network("ab", "XY", "YZ", [1, 2], [1, 2]), "XYZ")
    forth, back = small_study(network(), "XYZW"), small_study(network(), "WZYX")
    close(forth.bias, -back.bias)


def test_mantel_haenszel_with_two_treatments_is_the_pairwise_one():
    events, n = [2, 6, 0, 2, 5, 9], [40, 41, 30, 28, 60, 58]
    found = mantel_haenszel_network("aabbcc", "XYXYXY", events, n)
    wanted = mh_odds_ratio(events[::2], n[::2], events[1::2], n[1::2])
    close([found.common.estimate[0, 1], found.common.se[0, 1]], [wanted.estimate, wanted.se])


def test_mantel_haenszel_leaves_out_a_design_without_a_ratio():
    found = mantel_haenszel_network(
        "aabbcc", "XYYZXZ", [2, 6, 1, 2, 0, 9], [40, 41, 30, 28, 60, 58]
    )
    assert [design.name for design in found.designs] == ["X:Y", "Y:Z"]
    assert "The design X:Z is left out" in found.warnings[0]


@pytest.mark.parametrize("trial", [("X", "Z"), ("Y", "W"), ("W", "Z")])
def test_a_next_trial_narrows_as_adding_it_does(trial):
    before = network(tau2=0.2)
    found = narrowed(before, "X", "W", 0.35)
    more = fit_network(
        [*STUDY, "new"],
        [*SIDES[0], trial[0]],
        [*SIDES[1], trial[1]],
        [*TE, 0.0],
        [*SE, 0.35],
        tau2=0.2,
    )
    wanted = more.random.se[before.place("X"), before.place("W")]
    close(found[before.place(trial[0]), before.place(trial[1])], wanted)
    close(found[0, 0], before.random.se[before.place("X"), before.place("W")])
    with pytest.raises(ValueError, match="above 0"):
        narrowed(before, "X", "W", 0.0)
