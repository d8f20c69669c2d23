"""The one result that is told of k studies, which model gave it, and why: one rule for every k.

One study is shown as it is. Two are taken together in the common-effect model, "as if both measured
one effect": two studies cannot tell how much true effects differ. From three on, random effects with
REML and a Hartung-Knapp interval that is never narrower than Wald's, unless that interval adds nothing
to the studies' own (it holds the union of their intervals: Bender et al., 2018, Research Synthesis
Methods 9, 382-392); then as for two. A model that the reader chose is told as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .inference import critical_value
from .options import COMMON_EFFECT
from .pool import pool
from .prediction import PredictionInterval
from .result import Pooled

MODELS = ("single", "common", "random")
TAU2, CI = "REML", "hksj-adhoc"
# A prediction is told from so many studies on.
PREDICTS_FROM = 5

SINGLE = "One study: its own result."
TWO = (
    "Two studies cannot tell how much true effects differ: their result is given as if both "
    "measured one effect."
)
UNINFORMATIVE = (
    "The random-effects interval of these {k} studies is wider than all of their own intervals "
    "together: their result is given as if all measured one effect."
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


@dataclass(frozen=True, slots=True)
class Told:
    """What `told` returns.

    Attributes
    ----------
    result : Pooled
        The estimate, interval and level that are told; of one study, the study itself.
    model : str
        One of MODELS.
    reason : str
        Why this model: one sentence, free of any topic.
    together : bool
        Whether studies may be drawn as one pooled bar. False where they are to be shown one by
        one, and `result` only "as if all measured one effect".
    chosen : bool
        Whether the reader chose the model.
    other : Pooled or None
        The model that is not told: random effects beside the common effect and the reverse; None
        for one study.
    prediction : PredictionInterval or None
        Of the true effect in a new study, from PREDICTS_FROM studies on.
    prediction_note : str
        Why there is none: one sentence; empty where there is one.
    """

    result: Pooled
    model: str
    reason: str
    together: bool
    chosen: bool
    other: Pooled | None
    prediction: PredictionInterval | None
    prediction_note: str


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
    ('common', False, 'REML')
    >>> told([0.2, 0.9], [0.04, 0.05], tau2="DL").model
    'random'
    """
    if chosen is None:
        chosen = (tau2, ci) != (TAU2, CI)
    asked = pool(yi, vi, tau2=tau2, ci=ci, level=level)
    if asked.k == 1:
        return Told(asked, "single", SINGLE, False, chosen, None, None, ONE_TOO_FEW)
    if asked.tau2_method == COMMON_EFFECT:
        other = pool(yi, vi, tau2=TAU2, ci=CI, level=level)
        return _told(asked, "common", CHOSEN, chosen, other)
    common = pool(yi, vi, tau2=COMMON_EFFECT, ci="wald", level=level)
    if chosen:
        return _told(asked, "random", CHOSEN, True, common)
    if asked.k == 2:
        return _told(common, "common", TWO, False, asked)
    if uninformative(asked, yi, vi):
        return _told(common, "common", UNINFORMATIVE.format(k=asked.k), False, asked)
    return _told(asked, "random", RANDOM, False, common)


def uninformative(result: Pooled, yi: Any, vi: Any) -> bool:
    """Whether the interval holds the union of the studies' own intervals at its level.

    Examples
    --------
    >>> yi, vi = [0.2, 0.9], [0.04, 0.05]
    >>> uninformative(pool(yi, vi, ci="hksj-adhoc"), yi, vi)
    True
    """
    effects, half = np.asarray(yi, float), critical_value(result.level, None) * np.sqrt(vi)
    return bool(
        result.ci_low <= (effects - half).min() and result.ci_high >= (effects + half).max()
    )


def _told(result: Pooled, model: str, reason: str, chosen: bool, other: Pooled) -> Told:
    """The result with its prediction; drawn as one bar from three studies, unless by default as for two."""
    together = result.k >= 3 and (model == "random" or chosen)
    prediction, note = None, ""
    if result.k < PREDICTS_FROM:
        note = TOO_FEW.format(k="Two" if result.k == 2 else result.k, least=PREDICTS_FROM)
    elif model == "common":
        note = ASSUMES_ONE
    else:
        prediction = PredictionInterval(
            result.pi_low, result.pi_high, "t k-1" if result.pi_df else "z", result.pi_df, result.level
        )  # fmt: skip
    return Told(result, model, reason, together, chosen, other, prediction, note)
