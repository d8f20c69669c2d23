"""One study's effect and the trail that leads to it: what was printed, what was done with it, what to doubt."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from scipy.special import logit, ndtri

from analysis.effects.exact import exact_interval
from analysis.errors import NotEstimable
from analysis.evidence.bias import Judged

FLAGS: dict[str, str] = {
    "hypothetical": "hypothetical: no such trial exists",
    "own": "your own study: not part of the evidence that was checked here",
    "borrowed_sd": "standard deviation borrowed from comparable arms",
    "p_bound": "standard error from a bound on P: an upper limit of it",
    "from_p": "standard error recovered from the P value",
    "from_se": "standard deviation recovered from a standard error",
    "from_ci": "standard deviation recovered from a confidence interval",
    "level_assumed": "level of the reported interval not stated: taken as 95%",
    "asymmetric": "reported interval is not symmetric about the estimate",
    "rescaled": "reported on another range and rescaled linearly",
    "scale_inferred": "range of the scale inferred from the values",
    "scale_defined": "range of the scale taken from the definition of the instrument",
    "scale_same_trial": "range of the scale taken from another row of the same trial",
    "sign_inferred": "direction of the difference inferred",
    "n_randomised": "size of the arm used: number analysed not reported",
    "base_arm": "size of the arm used as denominator: none reported",
    "base_implied": "denominator implied by the reported count and percentage",
    "base_note": "denominator named beside the reported percentage",
    "count_from_percent": "count computed from the reported percentage",
    "unit_inferred": "counting unit inferred from the denominator",
    "merged_arms": "several arms of the same treatment combined",
    "shared_group": "group of another study too: divided between them",
    "shared_whole": "controls of another study too, and a reported difference cannot be divided",
    "credible": "reported limits are of a Bayesian credible interval, used as a confidence interval",
    "p_conflict": "computed interval contradicts the reported P value: the reported P is used",
    "pre_post_r": "rests on an assumed correlation of scores before and after",
    "zero_cell": "0.5 added to each cell because one is zero",
    "companion": "from a companion report of the trial",
    "secondary": "read in a secondary source, not in the paper itself",
}
"""Marks an effect can carry; the forest plot shows them, the study's panel explains them."""


_FAR = 40.0
"""Log odds that stand for 0% and 100%, as in `synthesis.events`."""


class NotDerivable(NotEstimable):
    """A candidate cannot become an effect; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step from printed numbers to the effect, in words, with the rows it reads."""

    text: str
    row_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """A result as its report printed it, on the scale and in the direction of `yi`.

    `level` in percent (NaN: not printed); `kind` is "confidence", "credible" or "not_stated". Limits are NaN
    where none were printed.
    """

    estimate: float
    low: float
    high: float
    level: float
    kind: str

    @property
    def name(self) -> str:
        """What the limits are: such as "95% CI" or "credible interval, level not printed"."""
        return interval_name(self.level, self.kind)


def interval_name(level: float, kind: str) -> str:
    """The name of a printed interval, as far as it was printed.

    >>> interval_name(90.0, "confidence"), interval_name(math.nan, "credible"), interval_name(math.nan, "")
    ('90% CI', 'credible interval, level not reported', 'interval, level not reported')
    """
    short = {"confidence": "CI", "credible": "credible interval"}.get(kind, "CI")
    if not math.isnan(level):
        return f"{plain(level)}% {short}"
    return f"{'credible interval' if kind == 'credible' else 'interval'}, level not reported"


@dataclass(frozen=True, slots=True)
class StudyEffect:
    """One trial's contribution: intervention minus comparator (ratios: on the log scale).

    `yi`, `vi` as the synthesis takes them; `inputs` what they are a plain function of, by metafor's
    names (counts, or means with SDs and sizes; empty where the effect itself was printed); `n_t`, `n_c`
    patients or units behind it (NaN: not printed); `blinded` whether the main report says that patients
    were, `blinding` and `funding` its codes; `imaging` on which images an event was looked for, a code;
    `judged` what others wrote on its risk of bias; `text_t`, `text_c` what the forest plot prints for each arm;
    `printed` the effect as the report printed it (None: it was computed from the arms).
    """

    trial: str
    study_id: str
    label: str
    year: float
    design: str
    etiology: str
    measure: str
    form: str
    timepoint: str
    weeks: float
    yi: float
    vi: float
    n_t: float
    n_c: float
    blinded: bool = False
    blinding: str = ""
    funding: str = ""
    imaging: str = ""
    judged: tuple[Judged, ...] = ()
    text_t: str = ""
    text_c: str = ""
    flags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=(), repr=False)
    row_ids: tuple[str, ...] = ()
    inputs: tuple[tuple[str, float], ...] = field(default=(), repr=False)
    printed: Printed | None = None

    @property
    def se(self) -> float:
        return math.sqrt(self.vi)

    @property
    def estimate(self) -> float:
        """What is told of the study alone, on the scale of `yi`: of a proportion its own, however `yi` is corrected."""
        counts = self._proportion
        return self.yi if counts is None else _logit(counts[0] / counts[1])

    @property
    def _proportion(self) -> tuple[float, float] | None:
        """Events and patients of one group whose log odds are pooled; None of anything else."""
        counts = dict(self.inputs)
        if self.measure != "PLO" or counts.keys() != {"xi", "ni"}:
            return None
        return counts["xi"], counts["ni"]

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The study's own interval on the scale of `yi`: the printed one where it has this level, else of a
        proportion the exact one of its counts, else Wald's.

        Printed limits of a level that was not printed count as those of a 95% interval, as in `vi`.
        """
        p = self.printed
        if p is not None and not math.isnan(p.low):
            own = 0.95 if math.isnan(p.level) else p.level / 100
            if math.isclose(own, level, abs_tol=1e-9):
                return p.low, p.high
        if (counts := self._proportion) is not None:
            low, high = exact_interval(*counts, level)
            return _logit(low), _logit(high)
        return self.computed_interval(level)

    def computed_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Wald interval about `yi` from `vi`: what the weights rest on."""
        half = float(ndtri((1 + level) / 2)) * self.se
        return self.yi - half, self.yi + half

    @property
    def patients(self) -> float:
        """Patients (or units) behind the effect, counting what is known; NaN when nothing is."""
        known = [n for n in (self.n_t, self.n_c) if not math.isnan(n)]
        return sum(known) if known else math.nan


def _logit(share: float) -> float:
    """The log odds; of none and of all as far as they are told anywhere."""
    return min(max(float(logit(share)), -_FAR), _FAR)


def number(value: float, digits: int = 2) -> str:
    """A number as the pages print it: fixed decimals, a true minus sign.

    >>> number(-1.234), number(2.0, 0)
    ('−1.23', '2')
    """
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def plain(value: float) -> str:
    """A printed number without trailing zeros: 7.40 as 7.4, 140.0 as 140; a whole number with all its digits.

    >>> plain(7.40), plain(-140.0), plain(1038956.0)
    ('7.4', '−140', '1038956')
    """
    text = f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"
    return text.replace("-", "−")
