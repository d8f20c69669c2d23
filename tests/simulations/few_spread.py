"""How often what is told of two to four studies covers where they differ widely.

`python -m tests.simulations.few_spread` (seeded; forty seconds of one processor). Each set has the standard errors of
one of this project's standard answers (standard_errors.csv, each as likely as another) and true effects normal about
their mean with standard deviation tau. Tau is counted in the studies' typical standard error, by which the prior is
scaled; for scores once more in important differences. "prior": tau drawn for each set as the prior has it; "series":
as estimated (REML) where five or more series answer. What is told, the posterior's interval stretched about its mean to
Wald's length where that is longer (`analysis/synthesis/floor.py`), beside:

    without the floor  the posterior's interval as it is
    Wald               REML, tau taken as known
    HKSJ               REML with Hartung and Knapp's t interval; "ad hoc": never narrower than Wald's
    union              from the lower of the lower limits, the posterior's and Wald's, to the higher of the upper ones

Asked of each: coverage of the mean, median length; and coverage apart in sets with and without the caution that the
interval was made half as long again.
`--collect` writes standard_errors.csv and prints SERIES anew from the shipped data.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.appraisal.details import MUCH_LONGER
from analysis.synthesis import pool, pool_many
from analysis.synthesis.few import typical_error
from analysis.synthesis.few_many import pool_few_many
from analysis.synthesis.told import FEW
from analysis.synthesis.told_many import told_many

SEED = 20261129
SETS = 10_000
ERRORS = Path(__file__).with_name("standard_errors.csv")
Spread = float | str
IN_ERRORS: tuple[Spread, ...] = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, "prior", "series")
"""Tau in typical standard errors."""
SERIES = (
    0.9, 2.0, 2.0, 2.1, 2.3, 2.3, 2.5, 3.5, 3.7, 4.2, 4.6, 4.9, 5.3, 5.4, 5.7, 5.7, 5.7, 5.9, 6.0, 6.2,
    6.6, 6.6, 7.7, 7.7, 7.8, 8.0, 8.5, 8.7, 8.8, 9.3, 9.4, 9.6, 9.6, 10.3, 10.4, 10.4, 10.6, 10.8, 10.8,
    11.0, 11.6, 12.1, 12.7, 13.0, 16.3, 16.6, 17.8, 18.5, 28.7,
)  # fmt: skip
"""The same of the standard answers from five or more uncontrolled series."""
IN_IMPORTANT: tuple[Spread, ...] = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Tau in important differences."""
UNEQUAL = 2.0
"""From so many times the smallest standard error on, the largest makes a set one of unequal sizes."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The studies of one standard answer; `important` is NaN where no difference is published as important."""

    one_group: bool
    important: float
    errors: tuple[float, ...]

    @property
    def typical(self) -> float:
        return float(typical_error(np.square(self.errors)))

    @property
    def unequal(self) -> bool:
        return max(self.errors) >= UNEQUAL * min(self.errors)


ENOUGH = 100
"""Sets from which on a coverage with or without the caution is said."""

# Which of the standard answers a table is about.
ALL: dict[str, Callable[[Sizes], bool]] = {"all": lambda s: True}
BY_SIZE: dict[str, Callable[[Sizes], bool]] = {
    "errors alike": lambda s: not s.unequal,
    "errors unequal": lambda s: s.unequal,
}
SCORES: dict[str, Callable[[Sizes], bool]] = {
    "comparisons, scores": lambda s: not s.one_group and s.important > 0,
    "one group, scores": lambda s: s.one_group and s.important > 0,
}

Limits = tuple[np.ndarray, np.ndarray]


def read() -> list[Sizes]:
    """The standard errors that standard answers rest on."""
    with ERRORS.open(encoding="utf-8", newline="") as file:
        return [
            Sizes(
                row["one_group"] == "yes",
                float(row["important"] or "nan"),
                tuple(float(value) for value in row["errors"].split()),
            )
            for row in csv.DictReader(file)
        ]


def collect() -> None:
    """Write them anew, and print SERIES."""
    from tests.evidence_builder import standard_answers

    series = []
    with ERRORS.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("one_group", "important", "errors"))
        for found in standard_answers():
            one_group, k = found.question.one_group, len(found.studies)
            vi = np.array([study.vi for study in found.studies])
            if found.told is not None and found.told.model == "prior":
                important = f"{found.mid.value:g}" if found.mid else ""
                errors = " ".join(f"{error:.4g}" for error in np.sqrt(vi))
                out.writerow(("yes" if one_group else "no", important, errors))
            elif k > FEW and one_group:
                tau2 = pool([study.yi for study in found.studies], vi).tau2
                series.append(round(tau2**0.5 / float(typical_error(vi)), 1))
    print(sorted(series))


def rules(yi: np.ndarray, vi: np.ndarray) -> tuple[dict[str, Limits], np.ndarray]:
    """The intervals of every rule, and how many times as long as the posterior's the told one is: shape (B,)."""
    told, bare, wald = told_many(yi, vi), pool_few_many(yi, vi), pool_many(yi, vi, tau2="REML")
    limits = {
        "told": (told.ci_low, told.ci_high), "without the floor": (bare.ci_low, bare.ci_high),
        "Wald": (wald.ci_low, wald.ci_high),
    }  # fmt: skip
    for name, ci in (("HKSJ", "hksj"), ("HKSJ ad hoc", "hksj-adhoc")):
        found = pool_many(yi, vi, tau2="REML", ci=ci)
        limits[name] = found.ci_low, found.ci_high
    limits["union"] = np.minimum(bare.ci_low, wald.ci_low), np.maximum(bare.ci_high, wald.ci_high)
    return limits, (told.ci_high - told.ci_low) / (bare.ci_high - bare.ci_low)


@dataclass(frozen=True, slots=True)
class Found:
    """Of one rule, k and tau. Coverages are shares; lengths are in the unit in which tau is counted.

    `cautioned`: share of sets whose answer carries the caution; coverage with it and without it, NaN where hardly a
    set is so.
    """

    sizes: str
    rule: str
    k: int
    tau: Spread
    coverage: float
    length: float
    length_error: float
    cautioned: float
    with_caution: float
    without_caution: float
    sets: int

    @property
    def coverage_error(self) -> float:
        """Monte Carlo standard error of the coverage."""
        return float(np.sqrt(self.coverage * (1 - self.coverage) / self.sets))


def simulate(
    sets: int,
    taus: tuple[Spread, ...] = IN_ERRORS,
    which: dict[str, Callable[[Sizes], bool]] = ALL,
    important: bool = False,
    seed: int = SEED,
) -> list[Found]:
    """Every rule on the same `sets` sets for each lot of sizes, k and tau; tau in important differences on request."""
    rng, seen, results = np.random.default_rng(seed), read(), []
    for name, keeps in which.items():
        for k in range(2, FEW + 1):
            some = [s for s in seen if len(s.errors) == k and keeps(s)]
            # In the unit of tau: the prior, and so all that is asked, moves with the unit.
            se = np.array(
                [np.array(s.errors) / (s.important if important else s.typical) for s in some]
            )
            for tau in taus:
                drawn = se[rng.integers(len(se), size=sets)]
                yi = rng.normal(0.0, np.hypot(spreads(rng, tau, sets)[:, None], drawn))
                results += judged(name, tau, yi, drawn * drawn)
    return results


def spreads(rng: np.random.Generator, tau: Spread, sets: int) -> np.ndarray:
    """Tau of each set."""
    if tau == "prior":
        return rng.exponential(size=sets)
    return rng.choice(SERIES, size=sets) if tau == "series" else np.full(sets, tau)


def judged(name: str, tau: Spread, yi: np.ndarray, vi: np.ndarray) -> list[Found]:
    """Every rule on one lot of sets, whose true mean is 0."""
    limits, longer = rules(yi, vi)
    cautioned, sets = longer >= MUCH_LONGER, len(yi)
    out = []
    for rule, (low, high) in limits.items():
        covers, length = (low <= 0) & (high >= 0), np.sort(high - low)
        # The median's standard error, from the order statistics one standard error of a rank away.
        step = round(0.5 * sets**0.5)
        error = float(length[sets // 2 + step] - length[sets // 2 - step]) / 2
        out.append(
            Found(
                name, rule, yi.shape[1], tau, float(covers.mean()), float(np.median(length)), error,
                float(cautioned.mean()), mean(covers[cautioned]), mean(covers[~cautioned]), sets,
            )
        )  # fmt: skip
    return out


def mean(values: np.ndarray) -> float:
    """NaN of too few sets to say."""
    return float(values.mean()) if len(values) >= ENOUGH else float("nan")


def cells(row: list[Found]) -> str:
    """One rule and one k, every tau."""
    coverage = " ".join(f"{100 * r.coverage:.0f}" for r in row)
    return f"{coverage} | {' '.join(f'{r.length:.1f}' for r in row)}"


def cautions(row: list[Found]) -> str:
    """The same: how often the caution, coverage with it and without it."""
    return " | ".join(
        " ".join(
            "–" if np.isnan(value) else f"{100 * value:.0f}"
            for value in (getattr(r, name) for r in row)
        )
        for name in ("cautioned", "with_caution", "without_caution")
    )


def table(results: list[Found]) -> str:
    """Markdown: every rule; then with the caution and without."""
    lines = []
    taus = " ".join(t if isinstance(t, str) else f"{t:g}" for t in dict.fromkeys(r.tau for r in results))
    for sizes in dict.fromkeys(r.sizes for r in results):
        some = [r for r in results if r.sizes == sizes]
        names, counts = (dict.fromkeys(getattr(r, name) for r in some) for name in ("rule", "k"))
        rows = {
            key: [r for r in some if (r.rule, r.k) == key]
            for key in itertools.product(names, counts)
        }
        lines += [
            f"{sizes}; tau = {taus}", "",
            "| Rule | k | coverage, %, by tau | median length, by tau |", "|---|---|---|---|",
            *(f"| {rule} | {k} | {cells(row)} |" for (rule, k), row in rows.items()), "",
            "| Rule | k | caution, %, by tau | coverage with it, % | coverage without it, % |", "|---|---|---|---|---|",
            *(f"| {rule} | {k} | {cautions(row)} |" for (rule, k), row in rows.items()), "",
        ]  # fmt: skip
        error = max(r.coverage_error for r in some)
        relative = max(r.length_error / r.length for r in some)
        lines += [
            f"Monte Carlo standard errors: coverage {100 * error:.1f} points or less, "
            f"length {100 * relative:.1f}% or less", "",
        ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Run and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=SETS, help="sets for each k and tau")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--collect", action="store_true", help="write standard_errors.csv, print SERIES")
    chosen = parser.parse_args()
    if chosen.collect:
        collect()
        return
    print("Tau and lengths in typical standard errors\n")
    print(table(simulate(chosen.sets, which=ALL | BY_SIZE, seed=chosen.seed)))
    print("Tau and lengths in important differences\n")
    print(table(simulate(chosen.sets, IN_IMPORTANT, SCORES, important=True, seed=chosen.seed)))


if __name__ == "__main__":
    main()
