"""Counts pooled as counts: Mantel-Haenszel, Peto, mixed models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.review import r_lines
from analysis.review.fitted import (
    NAMES,
    CannotFit,
    Fit,
    Fitted,
    Options,
    fields_of,
    plain,
    taken_as_independent,
)
from analysis.review.studies import Studies
from analysis.synthesis.counts import (
    mh_odds_ratio,
    mh_rate_difference,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from analysis.synthesis.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio

_MH = {
    "OR": mh_odds_ratio,
    "RR": mh_risk_ratio,
    "RD": mh_risk_difference,
    "IRR": mh_rate_ratio,
    "IRD": mh_rate_difference,
}
_GLMM = {
    "OR": (glmm_odds_ratio, ("ai", "n1i", "ci", "n2i")),
    "IRR": (glmm_rate_ratio, ("x1i", "t1i", "x2i", "t2i")),
    "PLO": (glmm_proportion, ("xi", "ni")),
    "IRLN": (glmm_rate, ("xi", "ti")),
}


def counted(studies: Studies, o: Options) -> Fit:
    """Mantel-Haenszel or Peto."""
    measure = studies.measure.name if studies.measure else ""
    if o.model == "peto":
        arguments = _needed(studies, "peto", ("ai", "n1i", "ci", "n2i"))
        result = peto(*arguments.values(), level=o.level)
        line = r_lines.counts("rma.peto", list(arguments), "", o.level)
    else:
        if measure not in _MH:
            raise CannotFit(f"{NAMES['mh']} pools {', '.join(_MH)}; the measure is {measure}")
        columns = (
            ("x1i", "t1i", "x2i", "t2i")
            if measure in ("IRR", "IRD")
            else ("ai", "n1i", "ci", "n2i")
        )
        arguments = _needed(studies, "mh", columns)
        result = _MH[measure](*arguments.values(), level=o.level)
        line = r_lines.counts("rma.mh", list(arguments), measure, o.level)
    first = Fitted(
        o.model,
        f"common effect, {result.method}",
        result.estimate,
        result.ci_low,
        result.ci_high,
        result.p_value,
        result.to_dict(),
        line,
        result.notes,
    )
    return Fit(first, (), r_lines.data_of(studies), warnings=taken_as_independent(studies))


def mixed(studies: Studies, o: Options) -> Fit:
    """A generalised linear mixed model of the counts."""
    measure = {
        "PR": "PLO",
        "PLN": "PLO",
        "PAS": "PLO",
        "PFT": "PLO",
        "IR": "IRLN",
        "IRS": "IRLN",
        "IRFT": "IRLN",
    }.get(
        studies.measure.name if studies.measure else "",
        studies.measure.name if studies.measure else "",
    )
    if measure not in _GLMM:
        raise CannotFit(f"{NAMES['glmm']} pools {', '.join(_GLMM)}; the measure is {measure}")
    function, columns = _GLMM[measure]
    arguments = _needed(studies, "glmm", columns)
    result = function(*arguments.values(), level=o.level)
    more = ', model="UM.FS"' if measure in ("OR", "IRR") else ""
    words = f"generalised linear mixed model ({result.model}), maximum likelihood"
    first = Fitted(
        "glmm",
        words,
        result.estimate,
        result.ci_low,
        result.ci_high,
        result.p_value,
        plain(fields_of(result)),
        r_lines.counts("rma.glmm", columns, measure, o.level, more),
        result.notes,
    )
    return Fit(first, (), r_lines.data_of(studies), warnings=taken_as_independent(studies))


def _needed(studies: Studies, model: str, columns: Sequence[str]) -> dict[str, np.ndarray]:
    if not set(columns) <= studies.counts.keys():
        raise CannotFit(f"{NAMES[model]} needs {', '.join(columns)} in every row")
    return {c: studies.counts[c] for c in columns}
