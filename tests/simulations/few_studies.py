"""Which interval to tell of two to six studies: `python -m tests.simulations.few_studies`.

Every candidate sees the same sets: true effects normal about a mean with standard deviation tau, standard
errors drawn from those of this project's comparisons (pain in points; log odds ratios), estimates normal.
Where the studies of a set agree (Cochran's Q has P > 0.20), one more trial comes that agrees with them:
its estimate differs from their common-effect mean with P > 0.20. Asked of each candidate:

    coverage       of the mean effect; and beside it the median length of the interval
    off            how often a limit lies off the scale: beyond +/-10 points, or an odds ratio of 100
    wider, much    how often the interval gets wider by 1%, and by 10%, when the agreeing trial enters
    withdrawn      how often a statement made before ("above 0", "below the important difference") is
                   not made any more after it, among those made

One study is told as it is by every candidate, so its row shows what the second, agreeing, trial does.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from analysis.synthesis import pool_many
from analysis.synthesis.few import typical_error
from analysis.synthesis.told_many import told_many

LEVEL = 0.95
SEED = 20260712
LARGEST_K = 6
FEW = 4
AGREES = 0.20
# A change of length below this share is none that a reader sees.
SEEN, MUCH = 0.01, 0.10
NODES = 120
# What lies beyond so many scales has a prior mass below 1e-13 (half-normal 0).
FARTHEST = 30.0


@dataclass(frozen=True, slots=True)
class Scale:
    """What is seen in this project on one scale: standard errors, spreads, thresholds.

    `taus`: from none to that of uncontrolled series, the largest; comparisons reach the last but one.
    `unit` is the scale of the half-normal prior called 1: patients' standard deviation over 4 for
    points, 0.5 for log odds ratios (Friede et al., 2017, Research Synthesis Methods 8, 79-91).
    """

    name: str
    errors: tuple[float, ...]
    taus: tuple[float, ...]
    unit: float
    important: float
    beyond: float


POINTS = Scale(
    "points, 0 to 10",
    (0.31, 0.38, 0.38, 0.40, 0.41, 0.51, 0.64, 0.67, 0.85, 0.90),
    (0.0, 0.3, 0.6, 1.2, 2.4),
    0.6,
    1.0,
    10.0,
)
LOG_ODDS = Scale(
    "log odds ratio",
    (0.21, 0.36, 0.38, 0.39, 0.42, 0.45, 0.51, 0.63, 0.80, 1.50),
    (0.0, 0.25, 0.5, 1.0, 2.0),
    0.5,
    math.log(1.5),
    math.log(100.0),
)
# Sizes further apart: studies of a handful of patients, and one large trial.
SMALL = replace(
    POINTS, name="points, small studies", errors=(0.31, 0.38, 0.40, 0.51, 0.67, 0.90, 1.5, 3.0, 6.0)
)
LARGE = replace(POINTS, name="points, a large trial", errors=(0.1, 0.31, 0.38, 0.51, 0.67, 0.90))
SCALES = (POINTS, LOG_ODDS, SMALL, LARGE)

# Sets of studies (yi, vi of shape (B, k)) and their scale in; lower and upper limits (B,) out.
Limits = tuple[np.ndarray, np.ndarray]
Rule = Callable[[np.ndarray, np.ndarray, Scale], Limits]


def fitted(tau2: str | float, ci: str) -> Rule:
    """A model of `pool_many`."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        found = pool_many(yi, vi, tau2=tau2, ci=ci, level=LEVEL)
        return found.ci_low, found.ci_high

    return rule


def engine(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
    """What is told: the exponential prior, and the floor of `analysis/synthesis/floor.py`."""
    found = told_many(yi, vi, level=LEVEL)
    return found.ci_low, found.ci_high


def half_normal(part: float) -> Rule:
    """Central posterior interval under tau ~ half-normal(part * unit), flat on the mean."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        prior = np.full(len(yi), part * scale.unit)
        return posterior_limits(yi, vi, prior, lambda t: -0.5 * t * t)

    return rule


def harmonic(vi: np.ndarray) -> np.ndarray:
    """Root of the harmonic mean of the variances."""
    return np.sqrt(vi.shape[1] / (1.0 / vi).sum(axis=1))


def higgins_thompson(vi: np.ndarray) -> np.ndarray:
    """Root of the typical variance of Higgins and Thompson (2002), equation 9."""
    w = 1.0 / vi
    return np.sqrt((vi.shape[1] - 1) / (w.sum(axis=1) - (w * w).sum(axis=1) / w.sum(axis=1)))


def exponential(part: float, typical: Callable[[np.ndarray], np.ndarray] = typical_error) -> Rule:
    """The same under tau ~ exponential with mean part * typical standard error (1: `pool_few`)."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        return posterior_limits(yi, vi, part * typical(vi), lambda t: -t)

    return rule


def posterior_limits(
    yi: np.ndarray, vi: np.ndarray, prior: np.ndarray, log_prior: Callable[[np.ndarray], np.ndarray]
) -> Limits:
    """What `pool_bayes` gives, for many sets at once, on one set of nodes in units of `prior` (B,)."""
    x, heights = np.polynomial.legendre.leggauss(NODES)
    u = 0.5 * np.arcsinh(FARTHEST) * (x + 1.0)
    tau, stretch = np.sinh(u), np.cosh(u)
    yi, vi = yi / prior[:, None], vi / prior[:, None] ** 2
    weights = 1.0 / (vi[:, None, :] + (tau * tau)[None, :, None])
    total = weights.sum(axis=2)
    mean = (weights * yi[:, None, :]).sum(axis=2) / total
    q = (weights * (yi[:, None, :] - mean[:, :, None]) ** 2).sum(axis=2)
    logs = log_prior(tau) + 0.5 * np.log(weights).sum(axis=2) - 0.5 * (np.log(total) + q)
    mass = heights * stretch * np.exp(logs - logs.max(axis=1, keepdims=True))
    mass /= mass.sum(axis=1, keepdims=True)
    sd = 1.0 / np.sqrt(total)

    def quantile(probability: float) -> np.ndarray:
        each = mean + sd * ndtri(probability)
        low, high = each.min(axis=1), each.max(axis=1)
        for _ in range(30):
            middle = 0.5 * (low + high)
            below = (mass * ndtr((middle[:, None] - mean) / sd)).sum(axis=1) < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return 0.5 * (low + high) * prior

    tail = 0.5 * (1.0 - LEVEL)
    return quantile(tail), quantile(1.0 - tail)


def alone(yi: np.ndarray, vi: np.ndarray) -> Limits:
    """One study as it is."""
    half = -ndtri(0.5 * (1.0 - LEVEL)) * np.sqrt(vi[:, 0])
    return yi[:, 0] - half, yi[:, 0] + half


def wider_of(first: Rule, second: Rule) -> Rule:
    """In each set the interval that is wider."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        a, b = first(yi, vi, scale), second(yi, vi, scale)
        take = (a[1] - a[0]) >= (b[1] - b[0])
        return np.where(take, a[0], b[0]), np.where(take, a[1], b[1])

    return rule


def unless_uninformative(first: Rule, otherwise: Rule) -> Rule:
    """`first`, but `otherwise` where it holds the union of the studies' own (Bender et al., 2018)."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        a, b = first(yi, vi, scale), otherwise(yi, vi, scale)
        half = -ndtri(0.5 * (1.0 - LEVEL)) * np.sqrt(vi)
        take = (a[0] > (yi - half).min(axis=1)) | (a[1] < (yi + half).max(axis=1))
        return np.where(take, a[0], b[0]), np.where(take, a[1], b[1])

    return rule


def up_to(k: int, first: Rule, then: Rule) -> Rule:
    """`first` up to k studies, `then` from k + 1 on."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        return (first if yi.shape[1] <= k else then)(yi, vi, scale)

    return rule


def at_least_tau(part: float) -> Rule:
    """Wald with REML's tau, but never less than part * unit."""

    def rule(yi: np.ndarray, vi: np.ndarray, scale: Scale) -> Limits:
        found = pool_many(yi, vi, tau2="REML")
        least = (part * scale.unit) ** 2
        floored = pool_many(yi, vi, tau2=least)
        take = found.tau2 > least
        return (
            np.where(take, found.ci_low, floored.ci_low),
            np.where(take, found.ci_high, floored.ci_high),
        )

    return rule


SCALED = {
    "Higgins and Thompson": higgins_thompson,
    "harmonic mean": harmonic,
}
COMMON = fitted("EE", "wald")
WALD, HKSJ, ADHOC = (fitted("REML", ci) for ci in ("wald", "hksj", "hksj-adhoc"))
BENDER = unless_uninformative(ADHOC, COMMON)
TODAY, BARE = "common for 2, then HKSJ ad hoc", "exponential 1 to 4, then HKSJ ad hoc"
TOLD = "exponential 1 to 4, never below Wald, then HKSJ ad hoc"
CANDIDATES: dict[str, Rule] = {
    "common effect": COMMON,
    "REML, Wald": WALD,
    "HKSJ": HKSJ,
    "HKSJ, or Wald if wider": wider_of(HKSJ, WALD),
    "HKSJ ad hoc": ADHOC,
    TODAY: up_to(2, COMMON, ADHOC),
    "common for 2, then HKSJ ad hoc with Bender's check": up_to(2, COMMON, BENDER),
    "tau at least half a unit, Wald": at_least_tau(0.5),
    **{
        f"half-normal {part:g} to 4, then HKSJ ad hoc": up_to(FEW, half_normal(part), ADHOC)
        for part in (0.5, 1.0, 2.0)
    },
    "half-normal 1": half_normal(1.0),
    "exponential 0.5 to 4, then HKSJ ad hoc": up_to(FEW, exponential(0.5), ADHOC),
    BARE: up_to(FEW, exponential(1.0), ADHOC),
    TOLD: engine,
    "exponential 1.5 to 4, then HKSJ ad hoc": up_to(FEW, exponential(1.5), ADHOC),
    **{
        f"exponential 1 ({name}) to 4, then HKSJ ad hoc": up_to(FEW, exponential(1.0, of), ADHOC)
        for name, of in SCALED.items()
    },
}


@dataclass(frozen=True, slots=True)
class Result:
    """Of one candidate, one k and one tau.

    Shares from 0 to 1; counts of sets that agree, among them those that get wider; of statements.
    """

    scale: str
    rule: str
    k: int
    tau: float
    coverage: float
    length: float
    off: float
    agreeing: int
    wider: int
    much: int
    made: int
    withdrawn: int


def simulate(
    sets: int,
    seed: int = SEED,
    scales: tuple[Scale, ...] = SCALES,
    rules: tuple[str, ...] = tuple(CANDIDATES),
) -> list[Result]:
    """Some of the candidates on the same `sets` sets for every scale, k and tau."""
    rng = np.random.default_rng(seed)
    results = []
    for scale in scales:
        for k in range(1, LARGEST_K + 1):
            for tau in scale.taus:
                yi, vi = draw(rng, scale, sets, k, tau)
                more = one_more(rng, scale, yi, vi)
                results += [
                    judged(name, CANDIDATES[name], scale, tau, yi, vi, more) for name in rules
                ]
    return results


def draw(
    rng: np.random.Generator, scale: Scale, sets: int, k: int, tau: float
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates about a mean of 0, and their variances: shape (sets, k)."""
    se = rng.choice(scale.errors, size=(sets, k))
    return rng.normal(0.0, np.hypot(tau, se)), se * se


def one_more(
    rng: np.random.Generator, scale: Scale, yi: np.ndarray, vi: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The sets with one trial more, which agrees: shape (sets, k + 1)."""
    before = pool_many(yi, vi, tau2="EE")
    se = rng.choice(scale.errors, size=len(yi))
    most = -ndtri(AGREES / 2)
    z = ndtri(rng.uniform(ndtr(-most), ndtr(most), size=len(yi)))
    new = before.estimate + z * np.hypot(se, before.se)
    return np.column_stack([yi, new]), np.column_stack([vi, se * se])


def judged(
    name: str,
    rule: Rule,
    scale: Scale,
    tau: float,
    yi: np.ndarray,
    vi: np.ndarray,
    more: tuple[np.ndarray, np.ndarray],
) -> Result:
    """One candidate on one lot of sets."""
    low, high = rule(yi, vi, scale) if yi.shape[1] > 1 else alone(yi, vi)
    agree = agreeing(yi, vi)
    before = low[agree], high[agree]
    after = rule(more[0][agree], more[1][agree], scale) if agree.any() else before
    growth = (after[1] - after[0]) / (before[1] - before[0]) - 1
    made = withdrawn = 0
    # The sets lie about 0; seen from a true effect of 0, half or all of an important difference.
    for effect in (0.0, scale.important / 2, scale.important):
        for threshold in (-scale.important, 0.0, scale.important):
            mark = threshold - effect
            said = (before[0] > mark) | (before[1] < mark)
            still = (after[0] > mark) | (after[1] < mark)
            made += int(said.sum())
            withdrawn += int((said & ~still).sum())
    return Result(
        scale.name,
        name,
        yi.shape[1],
        tau,
        coverage=float(((low <= 0) & (high >= 0)).mean()),
        length=float(np.median(high - low)),
        off=float(((low < -scale.beyond) | (high > scale.beyond)).mean()),
        agreeing=len(growth),
        wider=int((growth > SEEN).sum()),
        much=int((growth > MUCH).sum()),
        made=made,
        withdrawn=withdrawn,
    )


def agreeing(yi: np.ndarray, vi: np.ndarray) -> np.ndarray:
    """Whether the studies of each set differ no more than by chance; shape (sets,)."""
    df = yi.shape[1] - 1
    return chdtrc(df, pool_many(yi, vi, tau2="EE").q) > AGREES if df else np.ones(len(yi), bool)


def share(results: list[Result], part: str, whole: str) -> float:
    """Sum of one count over that of another."""
    return sum(getattr(r, part) for r in results) / max(1, sum(getattr(r, whole) for r in results))


def table(results: list[Result]) -> str:
    """A Markdown table for each scale: coverage and length by tau; the rest over all tau."""
    lines = []
    for scale in dict.fromkeys(r.scale for r in results):
        some = [r for r in results if r.scale == scale]
        taus = ", ".join(f"{t:g}" for t in sorted({r.tau for r in some}))
        lines += [
            f"Scale: {scale}; tau = {taus}", "",
            "| Rule | k | coverage, %, by tau | median length, by tau | off, % | wider, much, % | withdrawn, % |",
            "|---|---|---|---|---|---|---|",
        ]  # fmt: skip
        for rule in CANDIDATES:
            for k in sorted({r.k for r in some}):
                row = [r for r in some if r.rule == rule and r.k == k]
                lines.append(f"| {rule} | {k} | {cells(row)} |")
        lines.append("")
    return "\n".join(lines)


def cells(row: list[Result]) -> str:
    """One line of the table but for its first two cells: one rule, one k, every tau."""
    return " | ".join(
        (
            " ".join(f"{100 * r.coverage:.0f}" for r in row),
            " ".join(f"{r.length:.1f}" for r in row),
            f"{100 * np.mean([r.off for r in row]):.1f}",
            f"{100 * share(row, 'wider', 'agreeing'):.0f}, {100 * share(row, 'much', 'agreeing'):.0f}",
            f"{100 * share(row, 'withdrawn', 'made'):.1f}",
        )
    )


def main() -> None:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=1000, help="sets for each k and tau")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    print(table(simulate(chosen.sets, chosen.seed)))


if __name__ == "__main__":
    main()
