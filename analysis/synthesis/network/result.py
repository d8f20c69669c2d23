"""What `fit_network` returns: values, and nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import InputError

from ..checks import check_choice
from ..printing import Line, Printed, Printout, statistic_text, with_interval
from .rows import Rows
from .studies import NetworkStudies


@dataclass(frozen=True, slots=True, eq=False)
class League:
    """Every pair of treatments; arrays of shape (n, n), [i, j] is treatment i minus treatment j.

    NaN where there is no such estimate (no study compares the two directly).
    """

    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray

    def to_dict(self, treatments: tuple[str, ...]) -> dict[str, Any]:
        """{"estimate": {row: {column: value}}, ...}; None in place of NaN."""
        return {
            name: by_pair(getattr(self, name), treatments)
            for name in ("estimate", "se", "ci_low", "ci_high")
        }


@dataclass(frozen=True, slots=True)
class Design:
    """Studies that compare the same set of treatments.

    `q` is what is left of Q within the design, each design with effects of its own; `q_detached`,
    the Q between the designs when this one is taken out of the network's consistency (None where the
    others then stand in no loop). `df`, `p_value` belong to `q`.
    """

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    q: float
    df: int
    p_value: float | None
    q_detached: float
    df_detached: int
    p_detached: float | None

    @property
    def name(self) -> str:
        """The treatments, joined by colons."""
        return ":".join(self.treatments)


@dataclass(frozen=True, slots=True)
class Split:
    """Direct against indirect evidence of one pair of treatments (the first minus the second)."""

    pair: tuple[str, str]
    studies: int
    difference: float
    se: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Direct and indirect evidence of every pair, under one model.

    `direct_share` (n, n) is the share of the direct evidence in the network's estimate, 0 to 1;
    `splits` has the pairs for which there are both.
    """

    direct: League
    indirect: League
    direct_share: np.ndarray
    splits: tuple[Split, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network(Printed):
    """A network meta-analysis.

    All effects are on the scale of the contrasts that went in; [i, j] is treatment i minus treatment j.
    What cannot be estimated is None (NaN in arrays), and `warnings` says why.

    Attributes
    ----------
    treatments : names, in order.
    reference : the treatment against which tables are shown; no number depends on it.
    k, pairs : numbers of studies and of pairwise comparisons in them.
    tau2, tau2_ci_low, tau2_ci_high : heterogeneity variance with its Q-profile interval.
    i2 : share (percent) of Q beyond its degrees of freedom, with its test-based interval.
    q, df, p_value : Q of the whole network under a common effect.
    q_within, df_within, p_within : Q within designs (heterogeneity).
    q_between, df_between, p_between : Q between designs (inconsistency), common effect.
    q_interaction, p_interaction, tau2_within : Q between designs in the full design-by-treatment
        interaction model with heterogeneity `tau2_within`; on `df_between` degrees of freedom.
    common, random : all pairs in the common-effect and in the random-effects model.
    pi_low, pi_high : (n, n), prediction intervals of the true effect in a new study.
    p_score, p_score_common : (n,), mean extent of certainty that a treatment is better than another.
    designs : the designs, by name.
    evidence, evidence_common : direct and indirect, in the random- and the common-effect model.
    """

    treatments: tuple[str, ...]
    reference: str
    k: int
    pairs: int
    tau2: float | None
    tau2_ci_low: float | None
    tau2_ci_high: float | None
    i2: float | None
    i2_ci_low: float | None
    i2_ci_high: float | None
    q: float
    df: int
    p_value: float | None
    q_within: float
    df_within: int
    p_within: float | None
    q_between: float
    df_between: int
    p_between: float | None
    q_interaction: float | None
    p_interaction: float | None
    tau2_within: float | None
    common: League
    random: League
    pi_low: np.ndarray
    pi_high: np.ndarray
    p_score: np.ndarray
    p_score_common: np.ndarray
    designs: tuple[Design, ...]
    evidence: Evidence
    evidence_common: Evidence
    small: str
    level: float
    tau2_method: str
    ci_method: str
    warnings: tuple[str, ...]
    studies: NetworkStudies = field(repr=False)
    rows: Rows = field(repr=False)
    # Covariance of treatments minus the first one, shape (n, n), first row and column 0.
    covariance: np.ndarray = field(repr=False)
    covariance_common: np.ndarray = field(repr=False)

    def _page(self) -> Printout:
        r = self.place(self.reference)
        shown = self.random
        lines = tuple(
            Line(f"{name} v {self.reference}", *(float(part[i, r]) for part in
                 (shown.estimate, shown.se, shown.ci_low, shown.ci_high)))
            for i, name in enumerate(self.treatments) if i != r
        )  # fmt: skip
        best = sorted(
            zip(self.treatments, self.p_score.tolist(), strict=True), key=lambda pair: -pair[1]
        )
        facts = (
            ("tau²", with_interval(self.tau2, self.tau2_ci_low, self.tau2_ci_high, self.level)),
            (
                "I²",
                with_interval(
                    self.i2, self.i2_ci_low, self.i2_ci_high, self.level, unit="%", digits=1
                ),
            ),
            ("Q", statistic_text(self.q, self.df, self.p_value)),
            ("  within designs", statistic_text(self.q_within, self.df_within, self.p_within)),
            ("  between designs", statistic_text(self.q_between, self.df_between, self.p_between)),
            ("P-scores", ", ".join(f"{name} {score:.2f}" for name, score in best)),
        )
        title = (
            f"Network of {len(self.treatments)} treatments, {self.k} studies, {self.pairs} comparisons "
            f"(random effects, tau² by {self.tau2_method}; {self.ci_method} intervals)"
        )
        return Printout(title, lines, facts, self.level, self.warnings)

    @property
    def direct(self) -> League:
        """Direct evidence in the random-effects model."""
        return self.evidence.direct

    @property
    def indirect(self) -> League:
        """Indirect evidence in the random-effects model."""
        return self.evidence.indirect

    @property
    def direct_share(self) -> np.ndarray:
        """Share of direct evidence in the random-effects model, (n, n)."""
        return self.evidence.direct_share

    def place(self, treatment: str) -> int:
        """Place of a treatment in the arrays; `ValueError` if there is none of that name."""
        if treatment not in self.treatments:
            allowed = ", ".join(self.treatments)
            raise InputError(f"found the treatment {treatment!r}; allowed: {allowed}")
        return self.treatments.index(treatment)

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the same names, ready for `json.dumps`; no NaN."""
        plain = {
            name: getattr(self, name)
            for name in (
                "reference", "k", "pairs", "tau2", "tau2_ci_low", "tau2_ci_high", "i2", "i2_ci_low",
                "i2_ci_high", "q", "df", "p_value", "q_within", "df_within", "p_within", "q_between",
                "df_between", "p_between", "q_interaction", "p_interaction", "tau2_within", "small",
                "level", "tau2_method", "ci_method",
            )
        }  # fmt: skip
        names = self.treatments
        return {
            "treatments": list(names),
            **plain,
            "common": self.common.to_dict(names),
            "random": self.random.to_dict(names)
            | {"pi_low": by_pair(self.pi_low, names), "pi_high": by_pair(self.pi_high, names)},
            "p_score": dict(zip(names, self.p_score.tolist(), strict=True)),
            "p_score_common": dict(zip(names, self.p_score_common.tolist(), strict=True)),
            "direct": self.direct.to_dict(names),
            "indirect": self.indirect.to_dict(names),
            "direct_share": by_pair(self.direct_share, names),
            "split": _splits(self.evidence.splits),
            "direct_common": self.evidence_common.direct.to_dict(names),
            "indirect_common": self.evidence_common.indirect.to_dict(names),
            "direct_share_common": by_pair(self.evidence_common.direct_share, names),
            "split_common": _splits(self.evidence_common.splits),
            "designs": {
                design.name: {
                    "treatments": list(design.treatments),
                    "studies": list(design.studies),
                    "q": design.q,
                    "df": design.df,
                    "p_value": design.p_value,
                    "q_detached": design.q_detached,
                    "df_detached": design.df_detached,
                    "p_detached": design.p_detached,
                }
                for design in self.designs
            },
            "warnings": list(self.warnings),
        }


def check_model(model: str) -> None:
    """Of a network's two models, the one that is asked about."""
    check_choice(model, "model", ("random", "common"))


def by_pair(values: np.ndarray, treatments: tuple[str, ...]) -> dict[str, dict[str, float | None]]:
    """{row: {column: value}}, None in place of NaN or infinity."""
    return {
        row: {
            column: value if np.isfinite(value) else None
            for column, value in zip(treatments, cells, strict=True)
        }
        for row, cells in zip(treatments, values.tolist(), strict=True)
    }


def _splits(splits: tuple[Split, ...]) -> list[dict[str, Any]]:
    return [
        {
            "treat1": split.pair[0],
            "treat2": split.pair[1],
            "studies": split.studies,
            "difference": split.difference,
            "se": split.se,
            "statistic": split.statistic,
            "p_value": split.p_value,
        }
        for split in splits
    ]
