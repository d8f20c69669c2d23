"""What planning a next trial takes from the studies here: spread between patients, priors, a prediction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.effects.scale import shown
from analysis.robustness.next_study import Yardstick, patient_variance
from analysis.robustness_views.reading import claimed
from analysis.synthesis.bayes import BayesPooled, pool_bayes

TAU_SHARE = 0.5
"""Scale of the half-normal prior of tau, in standard deviations between patients, or on the log (odds) scale: Roever,
Bender, Dias and others (2021), Research Synthesis Methods 12, 448-474 (weakly informative)."""
_WHOLE = 0.9998
"""How much of the predictive distribution is laid on a grid; the rest is too far out to matter."""
_NODES = 128


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance of one patient behind the trials here, and in how many of the trials it could be read.

    `variance` None: no trial prints its sizes, so nothing can be said about numbers of patients.
    """

    variance: float | None
    studies: int
    borrowed: int

    @property
    def sd(self) -> float | None:
        return None if self.variance is None else math.sqrt(self.variance)


def spread_of(found: Answer) -> Spread:
    """The pooled variance of one patient: implied by each study's sampling variance and its sizes."""
    one = found.question.one_group
    sizes_t = [s.n_t for s in found.studies]
    sizes_c = None if one else [s.n_c for s in found.studies]
    known = sum(not math.isnan(s.n_t) and (one or not math.isnan(s.n_c)) for s in found.studies)
    variance = patient_variance([s.vi for s in found.studies], sizes_t, sizes_c)
    borrowed = sum("borrowed_sd" in s.flags for s in found.studies)
    return Spread(variance, known, borrowed)


def sampling_variance(
    found: Answer, spread: Spread, effects: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """Sampling variance of a new study of so many patients in all (two equal groups, or one group).

    Proportions of one group have a variance of their own, which follows from the proportion.
    """
    q = found.question
    if q.one_group and q.effect_measure in ("PLO", "PAS", "PR"):
        share = np.clip(shown(q.effect_measure, effects), 1e-6, 1 - 1e-6)
        if q.effect_measure == "PLO":
            return 1.0 / (sizes * share * (1 - share))
        return share * (1 - share) / sizes if q.effect_measure == "PR" else 0.25 / sizes + 0 * share
    assert spread.variance is not None
    per_patient = spread.variance if q.one_group else 4 * spread.variance
    return per_patient / sizes + 0 * effects


def yardstick(found: Answer) -> Yardstick:
    """No effect and the important difference; for a proportion with relief, the claimed share."""
    q = found.question
    share = claimed(q)
    if share is not None:
        return Yardstick(share, 1.0)
    return Yardstick(
        0.0, -1.0 if q.spec.lower_is_better else 1.0, found.mid.value if found.mid else None
    )


@dataclass(frozen=True, slots=True)
class Prior:
    """A pair of priors: their names, and what `pool_bayes` takes."""

    tau_name: str
    mean_name: str
    tau: tuple[str, float]
    mean: tuple[float, float] | None


def tau_unit(found: Answer, spread: Spread) -> float | None:
    """The unit in which priors of tau are scaled: patients' SD for scores, 1 on log and logit scales."""
    q = found.question
    if q.spec.kind == "score":
        return spread.sd
    return 1.0 if q.effect_measure in (*words.RATIOS, "PLO") else None


def main_prior(found: Answer, unit: float) -> Prior:
    """The prior that the predictive distribution uses: weakly informative on tau, flat on the effect."""
    return Prior(_name(TAU_SHARE, found), "flat", ("half-normal", TAU_SHARE * unit), None)


def priors(found: Answer, unit: float) -> list[Prior]:
    """Priors to compare: four of tau with a flat effect; a sceptic's and an enthusiast's of the effect.

    Sceptical: centred on no effect, 5% above the important benefit; enthusiastic: centred on that benefit, 5% below no
    effect (Spiegelhalter, Freedman and Parmar 1994, JRSS A 157, 357-416).
    """
    main = main_prior(found, unit)
    made = [main]
    for part in (TAU_SHARE / 2, 2 * TAU_SHARE):
        made.append(Prior(_name(part, found), "flat", ("half-normal", part * unit), None))
    made.append(
        Prior(
            f"half-Cauchy, {_scale(TAU_SHARE, found)}",
            "flat",
            ("half-cauchy", TAU_SHARE * unit),
            None,
        )
    )
    if found.mid is not None and not found.question.one_group:
        mid = found.mid.value
        sd = mid / float(ndtri(0.95))
        benefit = -mid if found.question.spec.lower_is_better else mid
        made.append(Prior(main.tau_name, "sceptical", main.tau, (0.0, sd)))
        made.append(Prior(main.tau_name, "enthusiastic", main.tau, (benefit, sd)))
    return made


def _name(part: float, found: Answer) -> str:
    return f"half-normal, {_scale(part, found)}"


def _scale(part: float, found: Answer) -> str:
    return f"{part:g} SD" if found.question.spec.kind == "score" else f"{part:g}"


def fitted(found: Answer, prior: Prior, level: float | None = None) -> BayesPooled:
    """The Bayesian model of the answer's studies under a prior."""
    return pool_bayes(
        [s.yi for s in found.studies], [s.vi for s in found.studies], prior.tau, prior.mean,
        found.question.level if level is None else level,
    )  # fmt: skip


def predictive(found: Answer, prior: Prior) -> tuple[np.ndarray, np.ndarray]:
    """Predictive distribution of a new study's true effect: points, and weights summing to 1."""
    model = fitted(found, prior, _WHOLE).predicted
    edges = np.linspace(model.ci_low, model.ci_high, _NODES + 1)
    below = np.array([model.below(float(edge)) for edge in edges])
    weights = np.diff(below)
    return 0.5 * (edges[1:] + edges[:-1]), weights / weights.sum()


def probability_better(found: Answer, model: BayesPooled, by: float) -> float:
    """Posterior probability that the mean effect is better than the yardstick's null by more than `by`."""
    held = yardstick(found)
    threshold = held.null + held.better * by
    above = model.mean.probability_above(threshold)
    return above if held.better > 0 else 1.0 - above
