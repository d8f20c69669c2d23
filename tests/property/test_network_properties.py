"""What holds of every network: order, names, scale and reference change nothing but their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.synthesis.network import Network, fit_network

METHODS = st.sampled_from(["DL", "REML", "ML"])


@dataclass(frozen=True)
class Data:
    """Contrasts of a connected network with some three-arm studies."""

    study: tuple[str, ...]
    treat1: tuple[str, ...]
    treat2: tuple[str, ...]
    te: tuple[float, ...]
    se: tuple[float, ...]

    def fit(self, tau2: str, **options: str) -> Network:
        return fit_network(self.study, self.treat1, self.treat2, self.te, self.se, tau2, **options)

    def permuted(self, order: np.ndarray) -> Data:
        return Data(*(tuple(np.array(column)[order].tolist()) for column in self.columns))

    @property
    def columns(self) -> tuple[tuple, ...]:
        return self.study, self.treat1, self.treat2, self.te, self.se


@st.composite
def networks(draw: st.DrawFn) -> Data:
    n = draw(st.integers(2, 6))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    arms = [(int(rng.integers(i)), i) for i in range(1, n)]
    for _ in range(draw(st.integers(1, 8))):
        size = min(n, int(rng.integers(2, 4)))
        arms.append(tuple(rng.choice(n, size, replace=False).tolist()))
    rows = []
    for s, members in enumerate(arms):
        values, variances = rng.normal(0, 0.7, len(members)), rng.uniform(0.01, 0.3, len(members))
        for i in range(len(members)):
            for j in range(i):
                rows.append(
                    (
                        f"s{s}", f"t{members[i]}", f"t{members[j]}", float(values[i] - values[j]),
                        float(np.sqrt(variances[i] + variances[j])),
                    )
                )  # fmt: skip
    return Data(*zip(*rows, strict=True))


def alike(one: Network, other: Network, order: list[int] | None = None, scale: float = 1.0) -> None:
    """Same results, treatments of `other` in `order`, its effects times `scale`."""
    at = np.ix_(*[order or list(range(len(one.treatments)))] * 2)

    def close(found: object, wanted: object) -> None:
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)

    close(one.tau2 or 0.0, (other.tau2 or 0.0) * scale**2)
    close([one.q, one.q_within, one.q_between], [other.q, other.q_within, other.q_between])
    for pairs, others in ((one.common, other.common), (one.random, other.random)):
        close(pairs.estimate, others.estimate[at] * scale)
        close(pairs.se, others.se[at] * abs(scale))
    close(one.direct_share, other.direct_share[at])


@given(networks(), METHODS, st.randoms(use_true_random=False))
def test_the_order_of_contrasts_does_not_matter(data, tau2, random):
    order = list(range(len(data.study)))
    random.shuffle(order)
    alike(data.fit(tau2), data.permuted(np.array(order)).fit(tau2))


@given(networks(), METHODS)
def test_turning_contrasts_around_does_not_matter(data, tau2):
    turned = replace(data, treat1=data.treat2, treat2=data.treat1, te=tuple(-x for x in data.te))
    alike(data.fit(tau2), turned.fit(tau2))


@given(networks(), METHODS)
def test_other_names_do_not_matter(data, tau2):
    names = {name: f"{9 - int(name[1])}x" for name in {*data.treat1, *data.treat2}}
    renamed = replace(
        data,
        treat1=tuple(names[t] for t in data.treat1),
        treat2=tuple(names[t] for t in data.treat2),
    )
    one, other = data.fit(tau2), renamed.fit(tau2)
    alike(one, other, [other.place(names[t]) for t in one.treatments])


@given(networks(), METHODS, st.sampled_from([1e-4, -1.0, 3.0, 1e5]))
def test_scaling_scales(data, tau2, scale):
    scaled = replace(
        data, te=tuple(x * scale for x in data.te), se=tuple(x * abs(scale) for x in data.se)
    )
    alike(scaled.fit(tau2), data.fit(tau2), scale=scale) if abs(scale) >= 1 else alike(
        data.fit(tau2), scaled.fit(tau2), scale=1 / scale
    )


@given(networks())
def test_a_study_that_says_nothing_changes_nothing(data):
    """Under a fixed tau2; an estimate of tau2 would see one more study."""
    more = Data(
        (*data.study, "wide"), (*data.treat1, data.treat1[0]), (*data.treat2, data.treat2[0]),
        (*data.te, 3.0), (*data.se, 1e6),
    )  # fmt: skip
    one, other = data.fit(0.1), more.fit(0.1)
    np.testing.assert_allclose(one.random.estimate, other.random.estimate, rtol=0, atol=1e-6)
    np.testing.assert_allclose(one.random.se, other.random.se, rtol=1e-6)


@given(networks(), METHODS)
def test_the_league_adds_up(data, tau2):
    found = data.fit(tau2)
    for pairs in (found.common, found.random):
        estimate = pairs.estimate
        np.testing.assert_allclose(estimate, -estimate.T, rtol=0, atol=1e-12)
        by_first = estimate[:, :1] + estimate[:1, :]
        np.testing.assert_allclose(estimate, by_first, rtol=0, atol=1e-12)
        np.testing.assert_allclose(pairs.ci_low, -pairs.ci_high.T, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.p_score.mean(), 0.5, rtol=0, atol=1e-12)


@given(networks(), METHODS)
def test_direct_and_indirect_give_the_combined_estimate(data, tau2):
    found = data.fit(tau2)
    share = found.direct_share
    for split in found.evidence.splits:
        at = found.place(split.pair[0]), found.place(split.pair[1])
        mixed = (
            share[at] * found.direct.estimate[at] + (1 - share[at]) * found.indirect.estimate[at]
        )
        np.testing.assert_allclose(mixed, found.random.estimate[at], rtol=0, atol=1e-9)


@given(networks())
def test_reml_is_a_maximum(data):
    """No tau2 nearby has a higher restricted likelihood, written out from the contrasts' covariance."""
    found = data.fit("REML")
    if found.tau2 is None:
        return
    rows = found.rows

    def log_likelihood(tau2: float) -> float:
        weights = 1 / (rows.variances + tau2)
        x = rows.matrix[:, 1:]
        information = (x.T * weights) @ x
        beta = np.linalg.solve(information, (x.T * weights) @ rows.effects)
        q = weights @ (rows.effects - x @ beta) ** 2
        return float(0.5 * (np.log(weights).sum() - np.linalg.slogdet(information)[1] - q))

    best = log_likelihood(found.tau2)
    grid = np.concatenate(
        [found.tau2 * np.array([0.9, 0.99, 1.01, 1.1]), np.geomspace(1e-4, 10, 30)]
    )
    assert all(log_likelihood(t) <= best + 1e-9 for t in [0.0, *grid])
