"""Several effects of a study: three levels and cluster-robust first, and only then as if independent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.review import r_lines
from analysis.review.fitted import Fit, Fitted, Options, cluster_codes, plain
from analysis.review.independent import pooled
from analysis.review.studies import Studies
from analysis.synthesis import pool
from analysis.synthesis.multilevel import three_level
from analysis.synthesis.robust import robust
from analysis.synthesis.told import CI, TAU2

INDEPENDENT = (
    "{k} effects of {n} studies: effects of one study are not independent. The three-level model and cluster-robust "
    "intervals allow for that; pooled as if independent they count for too much."
)
LONE = (
    "All {k} effects are of one study: they cannot be pooled as if from several; nothing "
    "allows for their dependence."
)


def dependent(studies: Studies, o: Options) -> Fit:
    """Several effects per study: three levels, robust, and only then as if independent."""
    k, n = len(studies.yi), len({c.casefold() for c in studies.clusters or ()})
    alone = pool(studies.yi, studies.vi, tau2=o.tau2 or TAU2, ci=o.ci or CI, level=o.level)
    independent = replace(
        pooled(alone, "independent"),
        words="as if all effects were independent: " + pooled(alone, "").words,
    )
    if n < 2:
        return Fit(independent, (), r_lines.data_of(studies), warnings=(LONE.format(k=k),))
    codes = cluster_codes(studies)
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
                plain(guarded.to_dict()) | _mean(mean, k, n),
                r_lines.robust(line, kind),
                guarded.notes,
            )
        )
    return Fit(
        first, (*others, independent), r_lines.data_of(studies), warnings=(INDEPENDENT.format(k=k, n=n),)
    )


def _mixed(model: Any, name: str, words: str, line: str, studies: Studies) -> Fitted:
    mean = model.coefficients[0]
    between, within = (c.estimate for c in model.components)
    fields = plain(model.to_dict()) | _mean(
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
