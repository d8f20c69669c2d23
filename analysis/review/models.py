"""The models of a review of one's own: what is told first, what stands beside it, each with its R line.

By default the few-studies rule of `synthesis.told`. Where studies have several effects, the three-level
model and cluster-robust intervals come first, and the pool that takes them as independent only after them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from analysis.effects.measures import Measure
from analysis.review import r_lines
from analysis.review.own_limits import own_limits
from analysis.review.studies import Studies
from analysis.robustness.small_study import selection_model
from analysis.synthesis import pool
from analysis.synthesis.bayes import pool_bayes
from analysis.synthesis.counts import (
    mh_odds_ratio,
    mh_rate_difference,
    mh_rate_ratio,
    mh_risk_difference,
    mh_risk_ratio,
    peto,
)
from analysis.synthesis.events import COUNTED, told_events
from analysis.synthesis.few import TAU2_METHOD as PRIOR_METHOD
from analysis.synthesis.few import typical_error
from analysis.synthesis.glmm import glmm_odds_ratio, glmm_proportion, glmm_rate, glmm_rate_ratio
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.options import COMMON_EFFECT
from analysis.synthesis.permutation import permutation_test
from analysis.synthesis.regression import meta_regression
from analysis.synthesis.robust import robust
from analysis.synthesis.subgroups import SubgroupAnalysis, subgroups
from analysis.synthesis.told import CHOSEN, CI, RANDOM, TAU2

MODELS = ("iv", "mh", "peto", "glmm", "selection", "bayes", "permutation")
MANY = 1000
"""Studies beyond which the prediction is that of `pool` (t): the exact one would take more than seconds."""
NOTHING = 1e-15
"""A proportion of no event at all is that of a very low logit (`events.NEVER`): printed as 0."""
INDEPENDENT = (
    "{k} effects of {n} studies: effects of one study are not independent. The three-level model and cluster-robust "
    "intervals allow for that; pooled as if independent they count for too much."
)
LONE = (
    "All {k} effects are of one study: they cannot be pooled as if from several; nothing "
    "allows for their dependence."
)
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


class CannotFit(ValueError):
    """A model that this table does not allow; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to pool: None where the reader chose nothing. `model` is one of MODELS."""

    tau2: str | None = None
    ci: str | None = None
    level: float = 0.95
    model: str = "iv"


@dataclass(frozen=True, slots=True)
class Fitted:
    """One model's result.

    Attributes
    ----------
    name : such as random, common, single, three-level, cluster-robust, independent, mh, peto, glmm, regression.
    words : the model in words.
    estimate, ci_low, ci_high, p_value : on the scale of yi; None where the data give none.
    fields : the result's own fields, ready for JSON.
    r : metafor's line on `Fit.data`.
    notes : what must be known about these numbers.
    weights : percent per study, or None.
    predicts : whether its prediction interval is told.
    """

    name: str
    words: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    fields: Mapping[str, Any]
    r: str
    notes: tuple[str, ...] = ()
    weights: np.ndarray | None = None
    predicts: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """What is told first, the models beside it, the groups of a categorical moderator, R's data, warnings."""

    first: Fitted
    others: tuple[Fitted, ...]
    data: str
    groups: SubgroupAnalysis | None = None
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())


def fit(studies: Studies, options: Options) -> Fit:
    """Pool the studies.

    Raises
    ------
    CannotFit
        A model that needs what the table does not have.
    ValueError
        As `pool`.
    """
    if studies.moderators:
        return _regression(studies, options)
    if options.model in ("mh", "peto"):
        return _counts(studies, options)
    if options.model == "glmm":
        return _glmm(studies, options)
    if options.model != "iv":
        return _further(studies, options)
    if studies.clusters is not None:
        return _dependent(studies, options)
    return _independent(studies, options)


# --- effects -------------------------------------------------------------------------------------
def _independent(studies: Studies, o: Options) -> Fit:
    chosen = o.tau2 is not None or o.ci is not None
    ci = o.ci or (CI if o.tau2 != "EE" else "wald")
    # what the reader asked for is given whole, its prediction included
    asked = pool(studies.yi, studies.vi, tau2=o.tau2 or TAU2, ci=ci, level=o.level)
    if asked.k > MANY:
        model = "common" if asked.tau2_method == COMMON_EFFECT else "random"
        first, note = _pooled(asked, model, CHOSEN if chosen else RANDOM), ""
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
        model, note = found.model, found.prediction_note
        reason = "" if model == "single" else found.reason
        first = _pooled(asked if chosen else found.result, model, reason)
        if model in COUNTED:
            first = _of_counts(first, studies, o.level)
    if (stated := own_limits(studies, o.level)) is not None:
        first = _with_limits(first, *stated)
    others: list[Fitted] = []
    for tau2, method in ((o.tau2 or TAU2, CI), (o.tau2 or TAU2, "wald"), ("EE", "wald")):
        beside = _pooled(pool(studies.yi, studies.vi, tau2=tau2, ci=method, level=o.level))
        already = {(f.ci_low, f.ci_high) for f in (first, *others)}
        if len(studies.yi) > 1 and (beside.ci_low, beside.ci_high) not in already:
            others.append(beside)
    if model == "prior":
        first = replace(first, r=r_lines.prior(float(typical_error(np.asarray(studies.vi, float))), o.level))
    notes = first.notes
    if note and model != "single":
        notes = (*(n for n in notes if "prediction" not in n), note)
    return Fit(replace(first, notes=notes, predicts=not note), tuple(others), _data(studies))


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


def _pooled(result: Any, name: str = "", reason: str = "") -> Fitted:
    common, prior = result.tau2_method == COMMON_EFFECT, result.tau2_method == PRIOR_METHOD
    kind = "common effect" if common else f"random effects, tau2 by {result.tau2_method}"
    test = "normal" if result.test_df is None else f"t, {result.test_df} df"
    words = f"{kind}; interval {result.ci_method} ({test})"
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
        r_lines.univariate(result.tau2_method, result.ci_method, result.level),
        tuple(dict.fromkeys((*((reason,) if reason else ()), *result.notes))),
        result.weights,
    )


def _dependent(studies: Studies, o: Options) -> Fit:
    """Several effects per study: three levels, robust, and only then as if independent."""
    k, n = len(studies.yi), len({c.casefold() for c in studies.clusters or ()})
    alone = pool(studies.yi, studies.vi, tau2=o.tau2 or TAU2, ci=o.ci or CI, level=o.level)
    independent = replace(
        _pooled(alone, "independent"),
        words="as if all effects were independent: " + _pooled(alone, "").words,
    )
    if n < 2:
        return Fit(independent, (), _data(studies), warnings=(LONE.format(k=k),))
    codes = _codes(studies)
    model = three_level(studies.yi, studies.vi, codes, level=o.level)
    line = r_lines.three_level(o.level)
    first = _mixed(
        model,
        "three-level",
        f"three-level model (effects in {n} studies), REML; interval Wald (normal)",
        line,
        studies,
    )
    others = []
    for kind in ("CR1", "CR2"):
        guarded = robust(model, codes, kind)
        mean = guarded.coefficients[0]
        words = f"three-level model, cluster-robust ({kind}{', t' if mean.df is None else f', t, {mean.df:.3g} df'})"
        others.append(
            Fitted(
                "cluster-robust" if kind == "CR1" else "cluster-robust CR2",
                words,
                mean.estimate,
                mean.ci_low,
                mean.ci_high,
                mean.p_value,
                _plain(guarded.to_dict()) | _mean(mean, k, n),
                r_lines.robust(line, kind),
                guarded.notes,
            )
        )
    return Fit(
        first, (*others, independent), _data(studies), warnings=(INDEPENDENT.format(k=k, n=n),)
    )


def _mixed(model: Any, name: str, words: str, line: str, studies: Studies) -> Fitted:
    mean = model.coefficients[0]
    between, within = (c.estimate for c in model.components)
    fields = _plain(model.to_dict()) | _mean(
        mean, model.k, len({c.casefold() for c in studies.clusters or ()})
    )
    fields |= {
        "tau2": between + within,
        "tau2_between": between,
        "tau2_within": within,
        "i2": model.i2,
        "pi_low": None,
        "pi_high": None,
    }
    notes = tuple(model.notes)
    return Fitted(
        name, words, mean.estimate, mean.ci_low, mean.ci_high, mean.p_value, fields, line, notes
    )


def _mean(mean: Any, k: int, n: int) -> dict[str, Any]:
    return {
        "k": k,
        "k_clusters": n,
        "estimate": mean.estimate,
        "se": mean.se,
        "ci_low": mean.ci_low,
        "ci_high": mean.ci_high,
        "p_value": mean.p_value,
        "statistic": mean.statistic,
        "test_df": mean.df,
    }


def _codes(studies: Studies) -> list[int]:
    seen: dict[str, int] = {}
    return [seen.setdefault(c.casefold(), len(seen)) for c in studies.clusters or ()]


# --- moderators ----------------------------------------------------------------------------------
def _regression(studies: Studies, o: Options) -> Fit:
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
    frame = _data(studies, keep, mods)
    said = (f"without a value in {', '.join(names)}, left out: {', '.join(gone)}",) if gone else ()
    if studies.clusters is not None:
        codes = [_codes(studies)[i] for i in keep]
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
    fields = _plain(model.to_dict())
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


# --- counts --------------------------------------------------------------------------------------
def _counts(studies: Studies, o: Options) -> Fit:
    measure = studies.measure.name if studies.measure else ""
    if o.model == "peto":
        arguments = _needed(studies, "peto", ("ai", "n1i", "ci", "n2i"))
        result = peto(*arguments.values(), level=o.level)
        line = r_lines.counts("rma.peto", _cells(arguments), "", o.level)
    else:
        if measure not in _MH:
            raise CannotFit(f"--model mh pools {', '.join(_MH)}; the measure is {measure}")
        columns = (
            ("x1i", "t1i", "x2i", "t2i")
            if measure in ("IRR", "IRD")
            else ("ai", "n1i", "ci", "n2i")
        )
        arguments = _needed(studies, "mh", columns)
        result = _MH[measure](*arguments.values(), level=o.level)
        line = r_lines.counts("rma.mh", _cells(arguments), measure, o.level)
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
    return Fit(first, (), _data(studies), warnings=_ignores(studies))


def _cells(columns: Mapping[str, Any]) -> list[str]:
    return list(columns)


def _glmm(studies: Studies, o: Options) -> Fit:
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
        raise CannotFit(f"--model glmm pools {', '.join(_GLMM)}; the measure is {measure}")
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
        _plain(_fields(result)),
        r_lines.counts("rma.glmm", columns, measure, o.level, more),
        result.notes,
    )
    return Fit(first, (), _data(studies), warnings=_ignores(studies))


def _ignores(studies: Studies) -> tuple[str, ...]:
    if studies.clusters is None:
        return ()
    return (
        f"{len(studies.yi)} rows of {len(set(_codes(studies)))} studies: this model takes rows as independent.",
    )


def _needed(studies: Studies, model: str, columns: Sequence[str]) -> dict[str, np.ndarray]:
    if not set(columns) <= studies.counts.keys():
        raise CannotFit(f"--model {model} needs {', '.join(columns)} in every row")
    return {c: studies.counts[c] for c in columns}


# --- further models ------------------------------------------------------------------------------
def _further(studies: Studies, o: Options) -> Fit:
    """Selection, Bayes, permutation: each beside the usual pool."""
    usual = _independent(replace(studies, clusters=None), replace(o, model="iv"))
    yi, vi = studies.yi, studies.vi
    if o.model == "selection":
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
            _plain(_fields(found)),
            line,
            found.notes,
        )
    elif o.model == "bayes":
        scale = _prior_scale(studies)
        found = pool_bayes(yi, vi, ("half-normal", scale), level=o.level)
        mean = found.mean
        line = f"# bayesmeta(y=dat$yi, sigma=sqrt(dat$vi), tau.prior=function(t) dhalfnormal(t, scale={scale:g}))"
        fields = _plain(_fields(found)) | {
            "estimate": mean.median,
            "se": mean.sd,
            "ci_low": mean.low,
            "ci_high": mean.high,
        }
        first = Fitted(
            "bayes",
            f"Bayes: flat prior of the mean, half-normal prior of tau (scale {scale:g}); "
            "posterior median, central interval",
            mean.median,
            mean.low,
            mean.high,
            None,
            fields,
            line,
            found.notes,
        )
    else:
        found = permutation_test(yi, vi, tau2=o.tau2 or TAU2, level=o.level)
        line = r_lines.permutation(o.tau2 or TAU2, found.exact)
        mean = found.fit.coefficients[0]
        fields = _plain(
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
            f"permutation test, {found.permutations} rearrangements{' (all)' if found.exact else ''}; interval Wald",
            mean.estimate,
            mean.ci_low,
            mean.ci_high,
            found.p_values[0],
            fields,
            line,
        )
    return Fit(first, (usual.first,), usual.data, warnings=_ignores(studies))


def _prior_scale(studies: Studies) -> float:
    """Half-normal scale of tau: 0.5 for logarithms and standardised effects (Friede 2017), else "
    "half the SD of the effects."""
    measure = studies.measure
    if measure and (measure.scale != "raw" or measure.name in ("SMD", "SMDH")):
        return 0.5
    return float(f"{max(float(np.std(studies.yi)), float(np.sqrt(np.median(studies.vi)))):.2g}")


# --- R and JSON ----------------------------------------------------------------------------------
def _data(
    studies: Studies,
    keep: Sequence[int] | None = None,
    mods: Mapping[str, Sequence[Any]] | None = None,
) -> str:
    at = list(range(len(studies.yi))) if keep is None else list(keep)
    columns: dict[str, Any] = {
        "study": [studies.labels[i] for i in at],
        "yi": studies.yi[at],
        "vi": studies.vi[at],
    }
    if studies.clusters is not None:
        columns |= {
            "cluster": [studies.clusters[i] for i in at],
            "effect": [float(i + 1) for i in range(len(at))],
        }
    columns |= {name: values[at] for name, values in studies.counts.items()}
    return r_lines.data(columns | dict(mods or {}))


def _fields(result: Any) -> dict[str, Any]:
    if hasattr(result, "to_dict"):
        return result.to_dict()
    return {name: getattr(result, name) for name in result.__dataclass_fields__}


def _plain(value: Any) -> Any:
    """Values that JSON holds: no array, no dataclass, no NaN."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {
            n: _plain(getattr(value, n))
            for n in value.__dataclass_fields__
            if not n.startswith("_")
        }
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def printed(
    measure: Measure, values: Sequence[float | None], size: float | None
) -> list[float | None]:
    """Numbers on the scale that a reader knows; None stays, and what overflows becomes None."""
    found = []
    for value in values:
        back = None if value is None else float(measure.back_transform(value, size))
        back = 0.0 if back is not None and abs(back) < NOTHING else back
        found.append(back if back is None or np.isfinite(back) else None)
    return found
