"""The equations of the page on methods, typed anew as they stand there, against the network that is fitted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from analysis.datasets import load_senn2013_contrasts
from analysis.synthesis.network import fit_network, from_baseline

DATA = load_senn2013_contrasts()
NAMES = sorted({*DATA["treat"], *DATA["base"]})
Y = DATA["yi"].to_numpy()
SAME = DATA["study"].to_numpy()[:, None] == DATA["study"].to_numpy()
V = np.where(SAME, DATA["v0"].to_numpy()[:, None], 0.0) + np.diag(DATA["vt"])
S = np.where(SAME, 0.5, 0.0) + 0.5 * np.eye(len(Y))
X = np.array([[(name == t) - (name == b) for name in NAMES[1:]]
              for t, b in zip(DATA["treat"], DATA["base"], strict=True)], dtype=float)  # fmt: skip


def fit(method):
    firsts = DATA.drop_duplicates("study")
    nothing = np.full(len(firsts), np.nan)
    studies = from_baseline(
        [*firsts["study"], *DATA["study"]],
        [*firsts["base"], *DATA["treat"]],
        [*nothing, *Y],
        np.sqrt([*firsts["v0"], *(DATA["v0"] + DATA["vt"])]),
    )
    return fit_network(studies, tau2=method)


def fitted(sigma, x=X, y=Y):
    """Effects, their covariance and Q."""
    inverse = np.linalg.inv(sigma)
    covariance = np.linalg.inv(x.T @ inverse @ x)
    effects = covariance @ x.T @ inverse @ y
    left = y - x @ effects
    return effects, covariance, left @ inverse @ left


def against_all(effects, covariance):
    """Estimates and standard errors of all pairs, row minus column."""
    whole = np.append(0.0, effects)
    bordered = np.zeros((len(whole), len(whole)))
    bordered[1:, 1:] = covariance
    own = np.diag(bordered)
    return whole[:, None] - whole, np.sqrt(own[:, None] + own - 2 * bordered)


def restricted(tau2):
    sigma = V + tau2 * S
    _, covariance, q = fitted(sigma)
    return -0.5 * (np.linalg.slogdet(sigma)[1] - np.linalg.slogdet(covariance)[1] + q)


def test_effects_and_the_restricted_likelihood():
    found = fit("REML")
    best = minimize_scalar(lambda t: -restricted(t), bounds=(0, 5), method="bounded",
                           options={"xatol": 1e-12})  # fmt: skip
    assert found.tau2 == pytest.approx(best.x, rel=1e-5)
    estimate, se = against_all(*fitted(V + found.tau2 * S)[:2])
    assert found.treatments == tuple(NAMES)
    assert found.random.estimate == pytest.approx(estimate, abs=1e-9)
    assert found.random.se == pytest.approx(se, abs=1e-9)
    assert found.q == pytest.approx(fitted(V)[2], rel=1e-9)


def test_moments():
    found = fit("DL")
    w = np.linalg.inv(V)
    p = w - w @ X @ np.linalg.inv(X.T @ w @ X) @ X.T @ w
    df = len(Y) - len(NAMES) + 1
    assert found.df == df
    assert found.tau2 == pytest.approx(max(0.0, (Y @ p @ Y - df) / np.trace(p @ S)), rel=1e-9)


def test_q_within_and_between_designs():
    found = fit("DL")
    arms = {i: (b, *sorted(DATA["treat"][DATA["study"] == i]))
            for i, b in zip(DATA["study"], DATA["base"], strict=True)}  # fmt: skip
    designs = sorted({tuple(sorted(of)) for of in arms.values()})
    within = df = 0
    for design in designs:
        rows = np.array([tuple(sorted(arms[i])) == design for i in DATA["study"]])
        first = design[0]
        x = np.array([[(name == t) - (name == b) for name in design if name != first] for t, b in
                      zip(DATA["treat"][rows], DATA["base"][rows], strict=True)], dtype=float)  # fmt: skip
        within += fitted(V[np.ix_(rows, rows)], x, Y[rows])[2]
        df += len(x) - x.shape[1]
    assert found.q_within == pytest.approx(within, rel=1e-9)
    assert found.df_within == df
    assert found.q_between == pytest.approx(fitted(V)[2] - within, rel=1e-9)
    assert found.df_between == found.df - df


def test_the_share_of_direct_evidence_and_the_split():
    found = fit("REML")
    one, other = "placebo", "metformin"
    pairs = [
        (Y[r] if b == one else -Y[r], V[r, r] + found.tau2)
        for r, (t, b) in enumerate(zip(DATA["treat"], DATA["base"], strict=True))
        if {t, b} == {one, other}
    ]
    # the trial with three arms compares the two through its base
    for i in DATA["study"][DATA["study"].duplicated()]:
        r, s = np.flatnonzero(DATA["study"] == i)
        names = DATA["treat"].iloc[[r, s]].tolist()
        if set(names) == {one, other}:
            y = Y[s] - Y[r] if names[1] == other else Y[r] - Y[s]
            pairs.append((y, V[r, r] + V[s, s] - 2 * V[r, s] + found.tau2))
    weights = np.array([1 / v for _, v in pairs])
    direct, variance = weights @ [y for y, _ in pairs] / weights.sum(), 1 / weights.sum()
    i, j = found.place(other), found.place(one)
    h = found.random.se[i, j] ** 2 / variance
    indirect = (found.random.estimate[i, j] - h * direct) / (1 - h)
    assert found.direct.estimate[i, j] == pytest.approx(direct, rel=1e-9)
    assert found.direct_share[i, j] == pytest.approx(h, rel=1e-9)
    assert found.indirect.estimate[i, j] == pytest.approx(indirect, rel=1e-7)
    spread = np.sqrt(variance + found.random.se[i, j] ** 2 / (1 - h))
    (split,) = [s for s in found.evidence.splits if set(s.pair) == {one, other}]
    assert abs(split.statistic) == pytest.approx(abs(direct - indirect) / spread, rel=1e-7)


def test_p_scores():
    found = fit("REML")
    estimate, se = found.random.estimate, found.random.se
    n = len(NAMES)
    for i in range(n):
        certain = [
            norm.cdf((estimate[j, 0] - estimate[i, 0]) / se[i, j]) for j in range(n) if j != i
        ]
        assert found.p_score[i] == pytest.approx(np.mean(certain), rel=1e-9)
