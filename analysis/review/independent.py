"""Effects that are independent: the rule of few studies or what the reader chose, and the pools beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from analysis.review import r_lines
from analysis.review.fitted import Fit, Fitted, Options, interval_in_words
from analysis.review.own_limits import own_limits
from analysis.review.studies import Studies
from analysis.synthesis import pool
from analysis.synthesis.events import COUNTED, told_events
from analysis.synthesis.few import TAU2_METHOD as PRIOR_METHOD
from analysis.synthesis.few import typical_error
from analysis.synthesis.options import COMMON_EFFECT
from analysis.synthesis.told import CHOSEN, CI, RANDOM, TAU2

MANY = 1000
"""Studies beyond which the prediction is that of `pool` (t): the exact one would take more than seconds."""


def independent(studies: Studies, o: Options) -> Fit:
    """Pool effects of which none depends on another."""
    chosen = o.tau2 is not None or o.ci is not None
    ci = o.ci or (CI if o.tau2 != "EE" else "wald")
    # what the reader asked for is given whole, its prediction included
    asked = pool(studies.yi, studies.vi, tau2=o.tau2 or TAU2, ci=ci, level=o.level)
    if asked.k > MANY:
        model = "common" if asked.tau2_method == COMMON_EFFECT else "random"
        first, note = pooled(asked, model, CHOSEN if chosen else RANDOM), ""
        lengthened = False
    else:
        found = told_events(
            studies.yi,
            studies.vi,
            _as_counted(studies, chosen),
            measure=studies.measure.name if studies.measure else "",
            tau2=o.tau2 or TAU2,
            ci=ci,
            level=o.level,
        )
        model, note, lengthened = found.model, found.prediction_note, found.lengthened > 1
        reason = "" if model == "single" else found.reason
        first = pooled(asked if chosen else found.result, model, reason)
        if model in COUNTED:
            first = _of_counts(first, studies, o.level)
    if (stated := own_limits(studies, o.level)) is not None:
        first = _with_limits(first, *stated)
    others: list[Fitted] = []
    random = TAU2 if o.tau2 in (None, "EE") else o.tau2
    for tau2, method in ((random, CI), (random, "wald"), ("EE", "wald")):
        beside = pooled(pool(studies.yi, studies.vi, tau2=tau2, ci=method, level=o.level))
        already = {(f.ci_low, f.ci_high) for f in (first, *others)}
        if len(studies.yi) > 1 and (beside.ci_low, beside.ci_high) not in already:
            others.append(beside)
    if model == "prior":
        error = float(typical_error(np.asarray(studies.vi, float)))
        words = f"{first.words}, as long as Wald's" if lengthened else first.words
        first = replace(first, words=words, r=r_lines.prior(error, o.level, lengthened))
    notes = first.notes
    if note and model != "single":
        notes = (*(n for n in notes if "prediction" not in n), note)
    first = replace(first, notes=notes, predicts=not note)
    return Fit(first, tuple(others), r_lines.data_of(studies))


def _as_counted(studies: Studies, chosen: bool) -> list[dict[str, float]]:
    """Each study's counts, where all effects come from them and the reader chose no other model."""
    if chosen or "given" in studies.sources:
        return [{} for _ in studies.yi]
    return [
        {name: float(values[i]) for name, values in studies.counts.items()}
        for i in range(len(studies.yi))
    ]


def _of_counts(first: Fitted, studies: Studies, level: float) -> Fitted:
    """The default of `synthesis.events` where it pools the counts: words and R line."""
    measure = studies.measure.name if studies.measure else ""
    columns = list(studies.counts)
    ways = {
        "exact": ("exact interval (Clopper and Pearson)", r_lines.exact(level)),
        "binomial-normal": (
            "binomial-normal model of the counts, averaged over what tau2 may be",
            r_lines.counts("rma.glmm", columns, measure, level)
            + "  # the nearest: no prior of tau",
        ),
        "mh": ("common effect, Mantel-Haenszel", r_lines.counts("rma.mh", columns, measure, level)),
    }
    words, line = ways[first.name]
    return replace(first, words=words, r=line)


def _with_limits(first: Fitted, low: float, high: float) -> Fitted:
    """One study with the limits that its file states."""
    fields = dict(first.fields) | {"ci_low": low, "ci_high": high}
    words = "one study, with the limits that the file states"
    return replace(first, words=words, ci_low=low, ci_high=high, fields=fields)


def pooled(result: Any, name: str = "", reason: str = "") -> Fitted:
    """A result of `pool` in words."""
    common, prior = result.tau2_method == COMMON_EFFECT, result.tau2_method == PRIOR_METHOD
    kind = "common effect" if common else f"random effects, tau2 by {result.tau2_method}"
    test = "normal" if result.test_df is None else f"t, {result.test_df} df"
    words = f"{kind}; {interval_in_words(result.ci_method)} ({test})"
    if result.k == 1:
        words = "one study, with its own Wald interval"
    elif prior:
        words = "random effects, averaged over what tau2 may be (prior); posterior interval"
    return Fitted(
        name or ("common" if common else "random"),
        words,
        result.estimate,
        result.ci_low,
        result.ci_high,
        result.p_value,
        result.to_dict(),
        r_lines.univariate(
            result.tau2_method, result.ci_method, result.level, found=result.tau2
        ),
        tuple(dict.fromkeys((*((reason,) if reason else ()), *result.notes))),
        result.weights,
    )
