"""The one result that is told of k studies, which model gave it, and why: one rule for every k.

One study is shown as it is. Two to four are too few to tell how much true effects differ: their mean is
averaged over how much they may (`few.py`), and the interval is never shorter than Wald's (`floor.py`). From five
on, random effects with REML and a Hartung-Knapp interval that is never narrower than Wald's. A model that the
reader chose is told as it is.

The rule was settled by a simulation (docs/verification.md): with it an interval hardly ever gets wider
when a trial enters that agrees with the others, as it does where two studies are taken as one common
effect and three as random. It covers the mean as often as it says while true effects differ by about a standard error;
where few studies differ by several it covers too rarely, and less so by `floor.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .few import pool_few
from .floor import lengthened, lengthening, wald_error
from .options import COMMON_EFFECT
from .pool import pool
from .predictive import LEAST, Predictive, predictive
from .printing import Printed, Printout
from .result import Pooled

NUMBERS = {2: "Two", 3: "Three", 4: "Four", 5: "Five"}
MODELS = ("single", "prior", "common", "random")
TAU2, CI = "REML", "hksj-adhoc"
# Up to so many studies the prior decides; from so many on a prediction is told.
FEW = 4
PREDICTS_FROM = 5

SINGLE = "One study: its own result."
PRIOR = (
    "{k} studies are too few to tell how much true effects differ. Their mean is averaged over "
    "differences of up to several times their sampling error."
)
LENGTHENED = (
    "They differ by more than that: the interval is made as long as the ordinary one of random effects (Wald's)."
)
LENGTHENED_NOTE = (
    "the studies differ by more than that: standard error and interval are stretched {:.3g}-fold about the "
    "mean, until the interval is as long as Wald's with random effects (REML)"
)
RANDOM = "True effects may differ between studies: their mean is estimated with random effects."
CHOSEN = "The model was chosen by the reader."

TOO_FEW = (
    "{k} studies are too few to say where the true effect of a new study would lie "
    "(at least {least} are needed)."
)
ONE_TOO_FEW = "One study cannot say where the true effect of a new study would lie."
ASSUMES_ONE = (
    "The model assumes one true effect for all studies, so it predicts no other for a new one."
)


@dataclass(frozen=True, slots=True, repr=False)
class Told(Printed):
    """What `told` returns.

    Attributes
    ----------
    result : Pooled
        The estimate, interval and level that are told; of one study, the study itself. Its prediction
        interval is that of `prediction`, and None where none is told.
    model : str
        One of MODELS.
    reason : str
        Why this model: one sentence, free of any topic.
    together : bool
        Whether studies may be drawn as one pooled bar. False for one study and for two, which are to
        be shown one by one, with `result` only beside them.
    chosen : bool
        Whether the reader chose the model.
    other : Pooled or None
        The model that is not told: random effects (REML, HKSJ) beside the prior or a common effect,
        the common effect beside random effects; None for one study.
    prediction_note : str
        Why no prediction is told: one sentence; empty where there is one.
    lengthened : float
        How many times as long as the posterior's the interval of few studies is told (`floor.py`); 1 where
        that is as long as Wald's already, and for any other model.
    """

    result: Pooled
    model: str
    reason: str
    together: bool
    chosen: bool
    other: Pooled | None
    prediction_note: str
    lengthened: float
    _studies: tuple[tuple[float, ...], tuple[float, ...]] = field(repr=False, compare=False)
    # Kept in the result itself, not in the process: these may be a reader's own numbers.
    _kept: list[Predictive] = field(default_factory=list, repr=False, compare=False)

    def _page(self) -> Printout:
        page = self.result._page()
        beside = () if self.other is None else (
            replace(self.other._page().lines[0], name=f"beside it: {self.other.tau2_method}"),
        )  # fmt: skip
        said = tuple(note for note in (self.reason, self.prediction_note) if note)
        return replace(page, lines=(*page.lines, *beside), notes=(*said, *page.notes))

    @property
    def prediction(self) -> Predictive | None:
        """Of the true effect in a new study, where it is told: random effects, PREDICTS_FROM studies or more."""
        return None if self.prediction_note else self.predictive

    @property
    def predictive(self) -> Predictive | None:
        """The same for the details, from three studies on; None where the model assumes one effect."""
        if self.result.k < LEAST or self.model == "common":
            return None
        if not self._kept:
            self._kept.append(predictive(*self._studies, self.result.level))
        return self._kept[0]


def told(
    yi: Any,
    vi: Any,
    *,
    tau2: str | float = TAU2,
    ci: str = CI,
    level: float = 0.95,
    chosen: bool | None = None,
) -> Told:
    """Pool by the rule above.

    Source: :cite:t:`bender2018`; :cite:t:`friede2017`; :cite:t:`roever2021` (few studies);
    :cite:t:`nagashima2019` (prediction).

    Parameters
    ----------
    yi, vi, tau2, ci, level
        As in `pool`.
    chosen : bool, optional
        Whether the reader chose `tau2` and `ci`, so that they are told whatever k. If None: where
        they are not the defaults.

    Raises
    ------
    ValueError
        As `pool`.

    Examples
    --------
    >>> two = told([0.2, 0.9], [0.04, 0.05])
    >>> two.model, two.together, two.other.tau2_method
    ('prior', False, 'REML')
    >>> told([0.2, 0.9], [0.04, 0.05], tau2="DL").model
    'random'
    """
    if chosen is None:
        chosen = (tau2, ci) != (TAU2, CI)
    asked = pool(yi, vi, tau2=tau2, ci=ci, level=level)

    def tell(result: Pooled, model: str, reason: str, note: str, other: Pooled | None) -> Told:
        studies = tuple(tuple(np.asarray(values, float).tolist()) for values in (yi, vi))
        low, high, kept = None, None, []
        if not note:
            kept = [predictive(*studies, result.level)]
            low, high = kept[0].low, kept[0].high
        df = None if note else result.k - 1
        # Nobody who prints the result shall print another prediction, or one that cannot be told.
        result = replace(result, pi_low=low, pi_high=high, pi_df=df)
        return Told(result, model, reason, result.k >= 3, chosen, other, note, 1.0, studies, kept)

    if asked.k == 1:
        return tell(asked, "single", SINGLE, ONE_TOO_FEW, None)
    few = "" if asked.k >= PREDICTS_FROM else _too_few(asked.k)
    if asked.tau2_method == COMMON_EFFECT:
        other = pool(yi, vi, tau2=TAU2, ci=CI, level=level)
        return tell(asked, "common", CHOSEN, few or ASSUMES_ONE, other)
    if not chosen and asked.k <= FEW:
        spread = asked if asked.tau2_method == TAU2 else pool(yi, vi, tau2=TAU2, level=level)
        result, times = _at_least(pool_few(yi, vi, level=level), vi, spread.tau2 or 0.0)
        reason = PRIOR.format(k=NUMBERS[asked.k])
        if times > 1:
            reason = f"{reason} {LENGTHENED}"
        return replace(tell(result, "prior", reason, few, asked), lengthened=times)
    common = pool(yi, vi, tau2=COMMON_EFFECT, ci="wald", level=level)
    return tell(asked, "random", CHOSEN if chosen else RANDOM, few, common)


def _too_few(k: int) -> str:
    return TOO_FEW.format(k=NUMBERS[k], least=NUMBERS[PREDICTS_FROM].lower())


def _at_least(result: Pooled, vi: Any, tau2: float) -> tuple[Pooled, float]:
    """The result with its interval as long as Wald's at that tau2 at least, and how many times longer it got."""
    wald = wald_error(np.asarray(vi, float), tau2)
    times = float(lengthening(result.ci_low, result.ci_high, wald, result.level))
    if times == 1:
        return result, times
    low, high = (
        float(lengthened(limit, result.estimate, times))
        for limit in (result.ci_low, result.ci_high)
    )
    notes = (*result.notes, LENGTHENED_NOTE.format(times))
    return replace(result, se=times * result.se, ci_low=low, ci_high=high, notes=notes), times
