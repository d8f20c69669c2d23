"""Profile-likelihood intervals of variances and correlations of a mixed model.

The interval holds every value at which the log-likelihood, all other parameters at their best, is
not more than half a chi-square quantile (1 df) below its maximum. Source: :cite:t:`hardy1996`;
:cite:t:`viechtbauer2007`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincinv

from .checks import check_level
from .maximum import Maximum, maximise_likelihood
from .mixed import MixedModel, mixed_model
from .mixed_result import MixedFit
from .printing import Line, Printout, Series

NO_UPPER = "no upper limit: the likelihood never falls far enough"
PRECISION = 1e-11


@dataclass(frozen=True, slots=True)
class ComponentInterval:
    """Estimate and limits of one component; `ci_high` is None where there is no upper limit."""

    name: str
    kind: str
    estimate: float
    ci_low: float
    ci_high: float | None
    notes: tuple[str, ...] = ()


def component_intervals(
    fit: MixedFit, names: Sequence[str] | None = None, level: float | None = None
) -> Series:
    """Intervals of the named components (default: all), at `level` (default: that of the fit).

    A tuple of `ComponentInterval`.

    Source: :cite:t:`hardy1996`; :cite:t:`viechtbauer2007`.

    Each limit takes some ten maximisations over the other parameters.

    Examples
    --------
    >>> from analysis.synthesis.multilevel import three_level
    >>> fit = three_level([0.1, 0.3, 0.6, 0.8, 0.2, 0.1], [0.02] * 6, [1, 1, 2, 2, 3, 3])
    >>> [(part.name, round(part.ci_low, 3)) for part in component_intervals(fit)]
    [('study', 0.011), ('study/effect', 0.0)]
    """
    for name in names or ():
        fit.component(name)  # raises on an unknown name
    restricted = fit.method == "REML"
    level = fit.level if level is None else level
    check_level(level)
    drop = float(gammaincinv(0.5, level))
    found, at = [], 0
    for number, term in enumerate(fit.model.terms):
        n_sd, m = term.structure.n_sd, term.structure.m
        found += [(at + j, None, None) for j in range(n_sd)]
        at += n_sd
        if term.structure.name == "UN":
            pairs = [(i, j) for i in range(m) for j in range(i)]
            found += [(None, number, pair) for pair in pairs]
            at += len(pairs)
        else:
            found += [(at + j, number, None) for j in range(term.structure.n_correlation)]
            at += term.structure.n_correlation
    results = []
    for component, (position, number, pair) in zip(fit.components, found, strict=True):
        if names is not None and component.name not in names:
            continue
        model, top = fit.model, Maximum(fit.parameters, fit_log_likelihood(fit), 0.0)
        if pair is not None:
            model, position = _with_pair_first(fit.model, number, pair)
            top = maximise_likelihood(model, restricted)
        low, high = _limits(model, top, position, restricted, drop)
        if component.kind == "variance":
            low, high = (fit.unit * low) ** 2, None if high is None else (fit.unit * high) ** 2
        elif pair is not None:  # the parameter is an angle: its cosine is the correlation
            low, high = float(np.cos(high)), float(np.cos(low))
        results.append(
            ComponentInterval(
                component.name,
                component.kind,
                component.estimate,
                low,
                high,
                (NO_UPPER,) if high is None else (),
            )
        )
    lines = tuple(
        Line(part.name, part.estimate, None, part.ci_low,
             math.inf if part.ci_high is None else part.ci_high)
        for part in results
    )  # fmt: skip
    notes = tuple(f"{part.name}: {note}" for part in results for note in part.notes)
    title = f"Profile likelihood of variances and correlations ({fit.method})"
    return Series(results, Printout(title, lines, (), float(level), notes))


def fit_log_likelihood(fit: MixedFit) -> float:
    """Log-likelihood of the fit in the units of its model."""
    n = fit.q_df if fit.method == "REML" else fit.k
    return fit.log_likelihood + n * float(np.log(fit.unit))


def _with_pair_first(
    model: MixedModel, number: int, pair: tuple[int, int]
) -> tuple[MixedModel, int]:
    """The model with a UN term's levels reordered so that one angle is that pair's correlation."""
    term = model.terms[number]
    m = term.structure.m
    order = [pair[1], pair[0], *(i for i in range(m) if i not in pair)]
    rank = np.empty(m, dtype=np.intp)
    rank[order] = np.arange(m)
    terms = list(model.terms)
    terms[number] = replace(term, inner=rank[term.inner])
    before = sum(other.structure.n for other in model.terms[:number])
    return mixed_model(model.y, model.basis, model.sampling, terms), before + m


def _limits(
    model: MixedModel, top: Maximum, position: int, restricted: bool, drop: float
) -> tuple[float, float | None]:
    """Limits of one parameter (a standard deviation, a correlation, an angle)."""
    best = float(top.parameters[position])
    low_bound, high_bound = model.bounds()[position]
    warm = [top.parameters]

    def above(value: float) -> float:
        starts = [warm[0], top.parameters]
        profiles = [
            maximise_likelihood(model, restricted, fixed={position: value}, start=start)
            for start in (starts if starts[0] is not starts[1] else starts[:1])
        ]
        chosen = max(profiles, key=lambda found: found.log_likelihood)
        warm[0] = chosen.parameters
        return chosen.log_likelihood - (top.log_likelihood - drop)

    low = low_bound
    if best > low_bound and above(low_bound) < 0:
        low = _cross(above, low_bound, best)
    warm[0] = top.parameters
    if np.isfinite(high_bound):
        if best >= high_bound or above(high_bound) >= 0:
            return low, float(high_bound)
        return low, _cross(above, best, high_bound)
    inner, step = best, max(best, 0.5)
    for _ in range(60):
        outer = inner + step
        if above(outer) < 0:
            return low, _cross(above, inner, outer)
        inner, step = outer, 2 * step
    return low, None


def _cross(above: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(above, low, high, xtol=PRECISION, rtol=PRECISION, maxiter=200))
