"""Which model tells of counts of events: one default, and the models a reader may choose.

The default, settled by comparing all on this project's data (docs/verification.md):

    a proportion of one study, or without any event    its exact interval (Clopper and Pearson)
    a proportion with a zero cell somewhere            binomial-normal, averaged over tau: nothing is added to zeros
    other proportions                                  inverse variance of logits, by the rule of `told`
    a ratio of rare events (under 1% in all) with a    Mantel-Haenszel, which needs no correction and adds
    zero cell somewhere                                nothing to zeros; many events, however rare, tell how
                                                       far effects differ, so they stay with the rule
    other comparisons                                  inverse variance, by the rule of `told`

Sources: :cite:t:`clopper1934`; :cite:t:`stijnen2010`; :cite:t:`bradburn2007`; :cite:t:`efthimiou2018`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import betaincinv, logit

from analysis.errors import InputError

from .binomial import pool_binomial
from .checks import check_choice
from .counts import mh_odds_ratio, mh_risk_difference, mh_risk_ratio, peto
from .glmm import glmm_odds_ratio, glmm_proportion
from .options import COMMON_EFFECT
from .pool import pool
from .result import Pooled
from .told import CHOSEN, CI, TAU2, Told, told

DEFAULT, IV, MH, PETO, GLMM = "", "iv", "mh", "peto", "glmm"
MODELS = (DEFAULT, IV, MH, PETO, GLMM)
# What `Told.model` may be besides `told.MODELS`: the counts themselves are pooled.
COUNTED = ("exact", "binomial-normal", MH, PETO, GLMM)
RARE = 0.01
# A proportion of 0 on the logit scale: finite, and 0 in any number of digits that is printed.
NEVER = -40.0
ONE_GROUP, TWO_GROUPS = ("xi", "ni"), ("ai", "n1i", "ci", "n2i")
_MH = {"OR": mh_odds_ratio, "RR": mh_risk_ratio, "RD": mh_risk_difference}

EXACT_ONE = "One study: its own proportion with its exact interval."
EXACT_NONE = "No event was seen in any study: the exact interval of all of them together."
EXACT_ALL = "Everybody had the event in every study: the exact interval of all of them together."
BINOMIAL = (
    "A study saw no event, or only events: the counts are pooled with nothing added to zeros, averaged "
    "over how much true proportions may differ."
)
RARE_EVENTS = (
    "Events are rare and a group had none: counts are pooled by Mantel-Haenszel, as if all studies measured one "
    "effect."
)
NO_EVENT = (
    "Nobody had the event in either group: the ratio comes from what was added to the zeros, and says nothing of the "
    "effect."
)
NO_COUNTS = "The model that was chosen needs counts, and a study printed its effect alone. "
NOT_ESTIMABLE = (
    "The model that was chosen cannot be estimated from these counts ({}): the default is used."
)


def models_for(measure: str) -> tuple[str, ...]:
    """The models that a measure allows, the default first.

    >>> models_for("OR"), models_for("MD"), models_for("PLO")
    (('', 'iv', 'mh', 'peto', 'glmm'), ('', 'iv'), ('', 'iv', 'glmm'))
    """
    counted = {"OR": (MH, PETO, GLMM), "RR": (MH,), "RD": (MH,), "PLO": (GLMM,)}
    return (DEFAULT, IV, *counted.get(measure, ()))


def told_events(
    yi: Any,
    vi: Any,
    counts: Sequence[Mapping[str, float]],
    *,
    measure: str,
    model: str = DEFAULT,
    tau2: str | float = TAU2,
    ci: str = CI,
    level: float = 0.95,
) -> Told:
    """`told`, from the counts where they are given and the rule above or the reader asks for them.

    Parameters
    ----------
    yi, vi, tau2, ci, level
        As in `told`.
    counts : sequence of mappings, length k
        Of each study xi, ni (one group) or ai, n1i, ci, n2i (two); others, or none, where a study
        printed its effect alone: then inverse variance is what is left.
    measure : str
        PLO, OR, RR, RD; of any other the counts are not used.
    model : str
        One of `models_for(measure)`.

    Raises
    ------
    ValueError
        As `told`; a model that the measure does not allow.

    Examples
    --------
    >>> from scipy.special import expit
    >>> none = told_events([-4.8], [2.0], [{"xi": 0, "ni": 62}], measure="PLO")
    >>> none.model, round(float(expit(none.result.ci_high)), 4)
    ('exact', 0.0578)
    """
    check_choice(model, "model", models_for(measure))
    by_rule = told(yi, vi, tau2=tau2, ci=ci, level=level)
    if model == IV:
        return by_rule
    columns = _columns(counts, measure)
    if columns is None:
        return by_rule if model == DEFAULT else replace(by_rule, reason=NO_COUNTS + by_rule.reason)
    if model == DEFAULT:
        return by_rule if by_rule.chosen else _by_default(by_rule, columns, measure)
    found = _chosen(columns, measure, model, level)
    if found.estimate is None:
        note = NOT_ESTIMABLE.format(found.notes[0].removeprefix("not estimable: "))
        return replace(_by_default(by_rule, columns, measure), reason=note)
    return _as_told(by_rule, _shaped(by_rule, found, model), model, CHOSEN, True)


def counted(
    counts: Sequence[Mapping[str, float]],
    *,
    measure: str,
    model: str = DEFAULT,
    tau2: str | float = TAU2,
    ci: str = CI,
) -> bool:
    """Whether `told_events` pools the counts; else the effects tell, by the rule of `told`.

    >>> rows = [{"xi": 0, "ni": 62}, {"xi": 3, "ni": 40}]
    >>> counted(rows, measure="PLO"), counted(rows[1:] * 2, measure="PLO"), counted(rows, measure="PLO", ci="wald")
    (True, False, False)
    """
    columns = None if model == IV else _columns(counts, measure)
    if columns is None:
        return False
    return model != DEFAULT or ((tau2, ci) == (TAU2, CI) and _usual(columns, measure) != IV)


def _columns(counts: Sequence[Mapping[str, float]], measure: str) -> list[np.ndarray] | None:
    """Counts by column; None where a study printed its effect alone."""
    names = ONE_GROUP if measure == "PLO" else TWO_GROUPS
    if not all(name in row for row in counts for name in names):
        return None
    return [np.array([row[name] for row in counts], float) for name in names]


def _usual(columns: list[np.ndarray], measure: str) -> str:
    """The model that the table above names for these counts."""
    if measure == "PLO":
        x, n = columns
        if len(x) == 1 or x.sum() in (0, n.sum()):
            return "exact"
        return "binomial-normal" if ((x == 0) | (x == n)).any() else IV
    if measure in ("OR", "RR") and len(columns[0]) > 1:
        events, total = columns[0].sum() + columns[2].sum(), columns[1].sum() + columns[3].sum()
        sparse = ((columns[0] == 0) | (columns[2] == 0)).any()
        return MH if sparse and events / total < RARE else IV
    return IV


def _by_default(by_rule: Told, columns: list[np.ndarray], measure: str) -> Told:
    usual = _usual(columns, measure)
    if usual == "exact":
        x, n = columns
        reason = EXACT_NONE if x.sum() == 0 else EXACT_ALL if x.sum() == n.sum() else EXACT_ONE
        return _as_told(by_rule, _exact(by_rule, x, n), "exact", reason, False)
    if usual == "binomial-normal":
        found = replace(
            pool_binomial(*columns, by_rule.result.level), q=by_rule.result.q,
            q_p_value=by_rule.result.q_p_value,
        )  # fmt: skip
        return _as_told(by_rule, found, "binomial-normal", BINOMIAL, False)
    if usual == MH:
        pooled = _MH[measure](*columns, level=by_rule.result.level)
        if pooled.estimate is not None:
            return _as_told(by_rule, _shaped(by_rule, pooled, MH), MH, RARE_EVENTS, False)
    if measure in ("OR", "RR") and columns[0].sum() + columns[2].sum() == 0:
        return replace(by_rule, reason=f"{NO_EVENT} {by_rule.reason}")
    return by_rule


def _chosen(columns: list[np.ndarray], measure: str, model: str, level: float) -> Any:
    if model == MH:
        return _MH[measure](*columns, level=level)
    if model == PETO:
        return peto(*columns, level=level)
    fit = glmm_proportion if measure == "PLO" else glmm_odds_ratio
    return fit(*columns, level=level)


def _as_told(by_rule: Told, result: Pooled, model: str, reason: str, chosen: bool) -> Told:
    """`by_rule` with another result; what it told is beside it, and nothing is predicted."""
    note = by_rule.prediction_note or (
        "No prediction is worked out from counts; that of the effects stands with inverse variance."
    )
    if by_rule.model == "prior":  # what stands beside a result is a model that any program fits
        other = by_rule.other
    else:
        other = None if result.k == 1 else by_rule.result
    return replace(
        by_rule, result=result, model=model, reason=reason, chosen=chosen, other=other,
        prediction_note=note, lengthened=1.0,
    )  # fmt: skip


def _exact(by_rule: Told, x: np.ndarray, n: np.ndarray) -> Pooled:
    """Clopper and Pearson's interval of all counts together, on the logit scale."""
    events, total, tail = float(x.sum()), float(n.sum()), (1 - by_rule.result.level) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, total - events + 1, tail))
    high = 1.0 if events == total else float(betaincinv(events + 1, total - events, 1 - tail))
    ends = (float(np.clip(logit(p), NEVER, -NEVER)) for p in (events / total, low, high))
    estimate, ci_low, ci_high = ends
    return replace(
        by_rule.result, estimate=estimate, ci_low=ci_low, ci_high=ci_high, p_value=None, statistic=None,
        test_df=None, tau2=None, tau2_ci_low=None, tau2_ci_high=None, tau2_se=None, i2=None, h2=None,
        i2_ci_low=None, i2_ci_high=None, h2_ci_low=None, h2_ci_high=None, pi_low=None, pi_high=None,
        pi_df=None, weights=_read_only(100 * n / total), tau2_method=COMMON_EFFECT, ci_method="exact",
        notes=(),
    )  # fmt: skip


def _shaped(by_rule: Told, found: Any, model: str) -> Pooled:
    """A result of counts in the shape of `Pooled`; weights are those of inverse variance at its tau2."""
    base = by_rule.result
    yi, vi = base.yi, base.vi
    if yi is None or vi is None:
        raise InputError("the effects behind a result are needed for its weights")
    tau2 = getattr(found, "tau2", None)
    like = pool(
        yi, vi, tau2=tau2 if model == GLMM and tau2 is not None else COMMON_EFFECT, level=base.level
    )
    return replace(
        like, estimate=found.estimate, se=found.se, ci_low=found.ci_low, ci_high=found.ci_high,
        p_value=found.p_value, statistic=found.statistic, test_df=None, i2=found.i2, h2=found.h2,
        pi_low=None, pi_high=None, pi_df=None, tau2_method="ML" if model == GLMM else COMMON_EFFECT,
        ci_method="wald", notes=tuple(found.notes), yi=None, vi=None,
    )  # fmt: skip


def _read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
