"""Networks beside netmeta (DL, closed form: 1e-10) and metafor's rma.mv (iterated: 1e-6).

Tolerances are absolute on effects, standard errors, tau2 and Q, all of the order of 1 to 100.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.network_file.read import read_network
from analysis.synthesis.network import (
    bayes_network,
    best_thresholds,
    comparison_shares,
    fit_network,
    from_arms,
    mantel_haenszel_network,
    small_study,
)
from tests.reference.network_cases import (
    EXACT,
    FOLDER,
    ITERATED,
    NAMES,
    expected,
    fit,
    matrix,
    number,
    pair_of,
    studies,
)

METAFOR = {item["name"]: item for item in expected("metafor_rma_mv")}


def close(found: object, wanted: object, tolerance: float = EXACT) -> None:
    np.testing.assert_allclose(
        np.asarray(found, dtype=float), np.asarray(wanted, dtype=float), rtol=0, atol=tolerance
    )


@pytest.mark.parametrize("name", NAMES)
def test_heterogeneity_and_q(name):
    found, wanted = fit(name), expected(name)["DL"]
    close(found.tau2, wanted["tau2"])
    close(
        [found.q, found.q_within, found.q_between],
        [wanted["Q"], wanted["Q.within"], wanted["Q.between"]],
    )
    assert (found.df, found.df_within, found.df_between) == (
        wanted["df.Q"], wanted["df.within"], wanted["df.between"],
    )  # fmt: skip
    pairs = (("p_value", "p.Q"), ("p_within", "p.within"), ("p_between", "p.between"))
    for ours, theirs in pairs:
        close(number(getattr(found, ours)), number(wanted[theirs]))
    close(found.i2 / 100, wanted["I2"])
    if wanted["I2.lower"] is not None and found.df > 1:
        close(
            [found.i2_ci_low / 100, found.i2_ci_high / 100],
            [wanted["I2.lower"], wanted["I2.upper"]],
        )


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize("name", NAMES)
def test_league(name, model):
    found, wanted = fit(name), expected(name)["DL"][model]
    pairs = getattr(found, model)
    for ours, theirs in (
        ("estimate", "TE"),
        ("se", "seTE"),
        ("ci_low", "lower"),
        ("ci_high", "upper"),
    ):
        close(getattr(pairs, ours), matrix(wanted[theirs], found.treatments))


@pytest.mark.parametrize("name", NAMES)
def test_prediction_intervals(name):
    found, wanted = fit(name), expected(name)["DL"]["random"]
    close(found.pi_low, matrix(wanted["pi.lower"], found.treatments))
    close(found.pi_high, matrix(wanted["pi.upper"], found.treatments))


@pytest.mark.parametrize("name", NAMES)
def test_p_scores(name):
    wanted = expected(name)["DL"]["Pscore"]
    found = fit(name, small="good" if wanted["small.values"] == "desirable" else "bad")
    close(found.p_score, [wanted["random"][t] for t in found.treatments])


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize("name", NAMES)
def test_direct_and_indirect(name, model):
    network, wanted = fit(name), expected(name)["netsplit"][model]
    found = network.evidence if model == "random" else network.evidence_common
    split = {frozenset(item.pair): item for item in found.splits}
    for i, comparison in enumerate(wanted["comparison"]):
        at = pair_of(comparison, network.treatments)
        values = (
            found.direct.estimate[at], found.direct.se[at], found.indirect.estimate[at],
            found.indirect.se[at], found.direct_share[at],
        )  # fmt: skip
        keys = ("direct", "direct.se", "indirect", "indirect.se", "prop")
        close(values, [number(wanted[key][i]) for key in keys])
        own = split.get(frozenset(network.treatments[j] for j in at))
        assert (own is None) == (wanted["diff"][i] is None)
        if own is not None:
            sign = 1 if own.pair[0] == network.treatments[at[0]] else -1
            assert own.studies == wanted["k"][i]
            close(
                [sign * own.difference, own.se, sign * own.statistic, own.p_value],
                [wanted[key][i] for key in ("diff", "diff.se", "z", "p")],
            )


@pytest.mark.parametrize("name", NAMES)
def test_designs(name):
    network, wanted = fit(name), expected(name)["decomp"]
    own = {frozenset(design.treatments): design for design in network.designs}
    assert len(own) == expected(name)["d"]
    het = wanted["Q.het.design"]
    for design, q, df in zip(het["design"], het["Q"], het["df"], strict=True):
        found = own[frozenset(design.split(":"))]
        close(found.q, number(q))
        assert found.df == df
    detached = wanted.get("Q.inc.detach") or {"design": [], "Q": [], "df": []}
    for design, q, df in zip(detached["design"], detached["Q"], detached["df"], strict=True):
        found = own[frozenset(design.split(":"))]
        close(found.q_detached, q)
        assert found.df_detached == df


@pytest.mark.parametrize("name", [n for n in NAMES if expected(n)["DL"]["df.between"]])
def test_the_full_design_by_treatment_model(name):
    wanted = expected(name)["decomp"]["Q.inc.random"]
    close(fit(name).q_interaction, wanted["Q"][0])
    close(fit(name).p_interaction, wanted["pval"][0])
    close(fit(name).tau2_within, wanted["tau.within"][0] ** 2)


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("name", [n for n in NAMES if n in METAFOR])
def test_likelihood_estimates_of_tau2(name, method):
    close(fit(name, method).tau2, METAFOR[name][f"{method}.tau2"], ITERATED)


@pytest.mark.parametrize("name", [n for n in NAMES if n in METAFOR])
def test_reml_estimates(name):
    found, wanted = fit(name, "REML"), METAFOR[name]
    reference = found.place(wanted["reference"])
    others = [found.place(t) for t in wanted["treat"]]
    close(found.random.estimate[others, reference], wanted["beta"], ITERATED)
    close(found.random.se[others, reference], wanted["se"], ITERATED)
    close(found.q, wanted["QE"])


@pytest.mark.parametrize("name", ["senn2013", "smokingcessation"])
def test_t_intervals(name):
    found, wanted = fit(name, ci="t"), expected("extras")["tdist"][name]
    assert found.df == wanted["df"]
    close(found.random.ci_low, matrix(wanted["lower"], found.treatments))
    close(found.random.ci_high, matrix(wanted["upper"], found.treatments))


@pytest.mark.parametrize("name", ["pagliaro1992", "dong2013"])
def test_from_arms_with_zero_cells(name):
    wanted = expected(name)
    arms = pd.read_csv(FOLDER / f"{name}_arms.csv", dtype={"study": str})
    given = from_arms(arms.study, arms.treatment, "OR", events=arms.events, n=arms.n)
    found = fit_network(given, tau2="REML")
    assert (found.k, len(found.treatments)) == (wanted["studies"], wanted["treatments"])
    assert (found.df, found.df_within) == (wanted["q_total_df"], wanted["q_within_df"])
    close([found.q, found.q_within], [wanted["q_total"], wanted["q_within_designs"]])
    models = (
        (found.common, found.p_score_common, wanted["common_effect"], EXACT),
        (found.random, found.p_score, wanted["random_effects_REML"], ITERATED),
    )
    close(found.tau2, wanted["random_effects_REML"]["tau2"], ITERATED)
    for pairs, p_score, block, tolerance in models:
        order = [found.place(t) for t in block["treatments"]]
        at = np.ix_(order, order)
        close(pairs.estimate[at], block["league_estimate"], tolerance)
        close(pairs.se[at].ravel(), np.ravel(block["league_se"]), tolerance)
        close(p_score[order], block["p_score"], tolerance)


@pytest.mark.parametrize("name", [n for n in NAMES if (FOLDER / "data" / f"{n}_arms.csv").exists()])
def test_a_file_of_arms_gives_what_netmeta_computes(name):
    """Each in the columns of its package: rows of arms or of studies, counts, rates, means."""
    read = read_network(FOLDER / "data" / f"{name}_arms.csv")
    found = fit_network(read.studies, tau2="DL")
    assert (found.k, read.measure) == (studies(name).k, expected(name)["sm"])
    wanted = expected(name)["DL"]["random"]
    close(found.random.estimate, matrix(wanted["TE"], found.treatments))
    close(found.random.se, matrix(wanted["seTE"], found.treatments))


@pytest.mark.parametrize("model", ["common", "random"])
@pytest.mark.parametrize("name", NAMES)
def test_contributions_of_comparisons(name, model):
    """The random walk is an exact sum there and here."""
    network, wanted = fit(name), expected(name)["contribution"]["randomwalk"][model]
    shares = comparison_shares(network, model)
    direct = [pair_of(column, network.treatments) for column in wanted["cols"]]
    for row, values in zip(wanted["rows"], wanted["values"], strict=True):
        a, b = pair_of(row, network.treatments)
        close([shares[a, b, i, j] for i, j in direct], [number(value) for value in values])


def test_bias_thresholds():
    """Thresholds of nmathresh from the posterior means and covariance that its vignette prints."""
    wanted = expected("threshold_thrombolytics")
    table = pd.read_csv(FOLDER / "data" / "threshold_thrombolytics_arms.txt", sep="\t")
    arms = [
        (row.studyID, int(row[f"t.{i}"]), row[f"r.{i}"], row[f"n.{i}"])
        for _, row in table.iterrows()
        for i in (1, 2, 3)
        if not np.isnan(row[f"t.{i}"])
    ]
    study, treatment, events, n = zip(*arms, strict=True)
    network = fit_network(from_arms(study, treatment, "OR", events=events, n=n), tau2=0.0)
    effects, covariance = np.zeros(6), np.zeros((6, 6))
    effects[1:], covariance[1:, 1:] = wanted["means"], wanted["cov"]
    league = replace(network.random, estimate=effects[:, None] - effects)
    network = replace(network, random=league, covariance=covariance)
    assert network.treatments[int(effects.argmin())] == str(wanted["optimal"])
    for found, item in zip(best_thresholds(network), wanted["thresholds"], strict=True):
        assert (found.study, f"{found.treat1} vs {found.treat2}") == (
            str(item["study"]),
            item["contrast"],
        )
        close([found.estimate, found.se], [item["lor"], item["se"]])
        np.testing.assert_allclose([found.low, found.high], [item["lo"], item["hi"]], rtol=1e-10)
        assert (found.best_low, found.best_high) == (item["lo.newkstar"], item["hi.newkstar"])


def test_bayes_gives_what_nice_tsd2_prints_for_parkinson():
    """TSD2, example 5, random effects, tau uniform on 0 to 5; by MCMC, printed to two digits."""
    found = bayes_network(fit("parkinson"), ("uniform", 5.0))
    for treatment, mean, sd in (
        ("2", -1.85, 0.54),
        ("3", -0.50, 0.66),
        ("4", -0.53, 0.65),
        ("5", -0.83, 0.80),
    ):
        posterior = found.pair(treatment, "1")
        close([posterior.mean, posterior.sd], [mean, sd], 0.006)


def test_the_comparison_adjusted_egger_test():
    wanted = expected("extras")["metabias_senn2013"]
    found = small_study(fit("senn2013"), wanted["order"])
    close([found.bias, found.bias_se], wanted["estimate"])
    close(
        [found.statistic, found.p_value, found.df], [wanted["statistic"], wanted["p"], wanted["df"]]
    )


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("dogliotti2014", ["study", "treatment", "stroke", "total"]),
        ("dong2013", ["id", "treatment", "death", "randomized"]),
    ],
)
def test_mantel_haenszel(name, columns):
    table = pd.read_csv(FOLDER / "data" / f"{name}_arms.csv")
    found = mantel_haenszel_network(*(table[column] for column in columns))
    wanted = expected("extras")[name]["MH"]
    close(found.common.estimate, matrix(wanted["TE"], found.treatments))
    close(found.common.se, matrix(wanted["seTE"], found.treatments))
    close([found.q, found.df], [wanted["Q.inc"], wanted["df.inc"]])
