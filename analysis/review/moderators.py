"""Moderators: meta-regression on columns, and groups pooled apart where one column of words is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.review import r_lines
from analysis.review.dependent import INDEPENDENT
from analysis.review.fitted import CannotFit, Fit, Fitted, Options, cluster_codes, plain
from analysis.review.studies import Studies
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust
from analysis.synthesis.subgroups import subgroups
from analysis.synthesis.told import CI, TAU2


def moderated(studies: Studies, o: Options) -> Fit:
    """Meta-regression on columns; groups pooled apart where one column of words is asked for."""
    names = list(studies.moderators)
    keep = [
        i for i in range(len(studies.yi)) if all(_there(studies.moderators[n][i]) for n in names)
    ]
    gone = [studies.labels[i] for i in range(len(studies.yi)) if i not in keep]
    if not keep:
        raise CannotFit(f"no study has a value in {', '.join(names)}")
    yi, vi = studies.yi[keep], studies.vi[keep]
    mods = {n: [studies.moderators[n][i] for i in keep] for n in names}
    line = r_lines.moderated(names)
    frame = r_lines.data_of(studies, keep, mods)
    said = (f"without a value in {', '.join(names)}, left out: {', '.join(gone)}",) if gone else ()
    if studies.clusters is not None:
        codes = [cluster_codes(studies)[i] for i in keep]
        model = three_level(yi, vi, codes, mods, level=o.level)
        guarded = robust(model, codes, "CR1")
        text = f"three-level meta-regression, {len(set(codes))} studies, REML"
        first = _table(model, "regression", text, r_lines.three_level(o.level, line))
        other = _table(
            guarded,
            "cluster-robust",
            f"{text}; cluster-robust (CR1)",
            r_lines.robust(first.r, "CR1"),
        )
        return Fit(
            first,
            (other,),
            frame,
            warnings=(INDEPENDENT.format(k=len(yi), n=len(set(codes))), *said),
        )
    tau2, ci = o.tau2 or TAU2, o.ci or (CI if o.tau2 != "EE" else "wald")
    model = meta_regression(yi, vi, mods, tau2=tau2, ci=ci, level=o.level)
    first = _table(
        model,
        "regression",
        f"meta-regression, tau2 by {model.tau2_method}; interval {model.ci_method}",
        r_lines.univariate(tau2, ci, o.level, line),
    )
    words = [n for n in names if all(isinstance(v, str) for v in mods[n])]
    groups = (
        subgroups(yi, vi, mods[words[0]], tau2=tau2, ci=ci, level=o.level)
        if len(words) == 1
        else None
    )
    return Fit(first, (), frame, groups, said)


def _there(value: float | str) -> bool:
    return bool(value.strip()) if isinstance(value, str) else not np.isnan(value)


def _table(model: Any, name: str, words: str, line: str) -> Fitted:
    mean = model.coefficients[0]
    fields = plain(model.to_dict())
    fields |= {key: fields.get(key) for key in ("tau2", "i2", "q")} | {
        "estimate": mean.estimate,
        "se": mean.se,
        "ci_low": mean.ci_low,
        "ci_high": mean.ci_high,
        "p_value": mean.p_value,
    }
    return Fitted(
        name,
        words,
        mean.estimate,
        mean.ci_low,
        mean.ci_high,
        mean.p_value,
        fields,
        line,
        tuple(model.notes),
    )
