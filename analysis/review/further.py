"""Selection, Bayes, permutation: each beside the usual pool."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.review import r_lines
from analysis.review.fitted import (
    NAMES,
    CannotFit,
    Fit,
    Fitted,
    Options,
    fields_of,
    interval_in_words,
    plain,
    taken_as_independent,
)
from analysis.review.independent import independent
from analysis.review.studies import Studies
from analysis.robustness.small_study import selection_model
from analysis.synthesis.bayes import pool_bayes
from analysis.synthesis.permutation import permutation_test
from analysis.synthesis.told import TAU2

LEAST_SELECTED = 3
"""Studies of which a mean, tau2 and the weight of what is not significant can be estimated."""


def further(studies: Studies, o: Options) -> Fit:
    """Selection, Bayes, permutation: each beside the usual pool."""
    usual = independent(replace(studies, clusters=None), replace(o, model="iv"))
    yi, vi = studies.yi, studies.vi
    if o.model == "selection":
        if len(yi) < LEAST_SELECTED:
            raise CannotFit(
                f"{NAMES['selection']} estimates a mean, tau2 and a weight: {len(yi)} "
                f"{'study is' if len(yi) == 1 else 'studies are'} too few, {LEAST_SELECTED} the least"
            )
        side = "greater" if (usual.first.estimate or 0) >= 0 else "less"
        found = selection_model(yi, vi, alternative=side, level=o.level)
        line = r_lines.selection(side, o.level)
        first = Fitted(
            "selection",
            "step selection model at P = 0.025, maximum likelihood",
            found.estimate,
            found.ci_low,
            found.ci_high,
            found.p_value,
            plain(fields_of(found)),
            line,
            found.notes,
        )
    elif o.model == "bayes":
        scale = _prior_scale(studies)
        found = pool_bayes(yi, vi, ("half-normal", scale), level=o.level)
        mean = found.mean
        line = f"# bayesmeta(y=dat$yi, sigma=sqrt(dat$vi), tau.prior=function(t) dhalfnormal(t, scale={scale:g}))"
        fields = plain(fields_of(found)) | {
            "estimate": mean.median,
            "se": mean.sd,
            "ci_low": mean.ci_low,
            "ci_high": mean.ci_high,
        }
        first = Fitted(
            "bayes",
            f"Bayes: flat prior of the mean, half-normal prior of tau (scale {scale:g}); "
            "posterior median, central interval",
            mean.median,
            mean.ci_low,
            mean.ci_high,
            None,
            fields,
            line,
            found.notes,
        )
    else:
        if len(yi) < 2:
            raise CannotFit("the permutation test turns the signs of effects: one study is too few")
        tau2, ci = o.tau2 or TAU2, o.ci or "wald"
        found = permutation_test(yi, vi, tau2=tau2, ci=ci, level=o.level)
        line = r_lines.permuted(r_lines.univariate(tau2, ci, o.level), found.exact)
        mean = found.fit.coefficients[0]
        fields = plain(
            {
                "permutation_p_value": found.p_values[0],
                "permutations": found.permutations,
                "exact": found.exact,
            }
        )
        fields |= (
            usual.first.fields
            | fields
            | {
                "estimate": mean.estimate,
                "se": mean.se,
                "ci_low": mean.ci_low,
                "ci_high": mean.ci_high,
                "p_value": found.p_values[0],
            }
        )
        first = Fitted(
            "permutation",
            f"permutation test, {found.permutations} rearrangements{' (all)' if found.exact else ''}; "
            f"{interval_in_words(ci)}",
            mean.estimate,
            mean.ci_low,
            mean.ci_high,
            found.p_values[0],
            fields,
            line,
        )
    return Fit(first, (usual.first,), usual.data, warnings=taken_as_independent(studies))


def _prior_scale(studies: Studies) -> float:
    """Half-normal scale of tau: 0.5 for logarithms and standardised effects (Friede 2017), else
    half the SD of the effects."""
    measure = studies.measure
    if measure and (measure.scale != "raw" or measure.name in ("SMD", "SMDH")):
        return 0.5
    return float(f"{max(float(np.std(studies.yi)), float(np.sqrt(np.median(studies.vi)))):.2g}")
