"""Maximum likelihood over coefficients, the studies' own intercepts, and heterogeneity.

Robust by construction. At a given heterogeneity the marginal likelihood of these models is
log-concave in all other parameters (:cite:t:`prekopa1973`), so Newton's method
with step halving finds its one maximum. Heterogeneity is first tabulated from 0 up to values that
no real data have; then all parameters are polished together from the best cell. A maximum at 0
is recognised by the curvature there, for the likelihood is an even function of each SD.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from .quadrature import Expansion, Likelihood, Rule, expand, log_likelihood

# An SD of 20 on the log scale: odds that differ between like studies by a factor of e^20 and more.
LARGEST_SD = 20.0
# A table of one SD ends where the log-likelihood has fallen this far below its best.
DEEP = 15.0
# Nodes along each dimension of the rule that judges others, with one random effect and with two.
MANY_NODES = (61, 21)
STEPS = 200
HALVINGS = 60
# Squared length of the last step in units of standard errors.
TOLERANCE = 1e-16
# Linear predictors that have moved this far from a crude start are on their way to infinity.
FAR = 25.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A likelihood whose linear predictors are `design @ coefficients`, plus `own`.

    Attributes
    ----------
    likelihood : Likelihood
    rule : Rule
    design : ndarray, shape (k, m, p)
        From p common coefficients to the m linear predictors of each study.
    own : int or None
        Which linear predictor has, besides, a free value in each study.
    held : ndarray of bool, shape (k,), or None
        Studies whose own value stays at 0, since their data do not speak of it.
    """

    likelihood: Likelihood
    rule: Rule
    design: np.ndarray
    own: int | None = None
    held: np.ndarray | None = None

    def predictors(self, at: Point) -> np.ndarray:
        """Linear predictors, shape (k, m)."""
        values = self.design @ at.coefficients
        if self.own is not None:
            values[:, self.own] += at.own
        return values


@dataclass(frozen=True, slots=True)
class Point:
    """Values of all parameters: (p,), (k,) and (d,)."""

    coefficients: np.ndarray
    own: np.ndarray
    sd: np.ndarray


@dataclass(frozen=True, slots=True)
class Maximum:
    """Where the likelihood is largest.

    `information` is the observed information (minus the second derivative of the log-likelihood)
    by the coefficients and those SDs that are above 0, the studies' own values profiled out; its
    inverse is the covariance. `converged` is false, and `reason` says why, where no finite
    maximum was found.
    """

    point: Point
    value: float
    information: np.ndarray
    expansion: Expansion
    converged: bool
    reason: str = ""


def maximise(problem: Problem, start: Point) -> Maximum:
    """Global maximum over all parameters; `start.sd` is not used."""
    d = problem.likelihood.effects.shape[1]
    smallest = 0.1 * problem.likelihood.smallest_error()
    # One SD: steps of a factor of 2 at most. Two: a coarse net, since the polishing climbs anyhow.
    steps = int(np.ceil(np.log(LARGEST_SD / smallest) / np.log(2))) if d == 1 else 3
    levels = np.concatenate([[0.0], np.geomspace(smallest, LARGEST_SD, steps + 1)])
    table: dict[tuple[int, ...], Maximum] = {}
    best = -np.inf
    for cell in itertools.product(range(len(levels)), repeat=d):
        before = [tuple(np.maximum(np.subtract(cell, unit), 0)) for unit in np.eye(d, dtype=int)]
        near = next((table[c].point for c in before if c != cell and c in table), start)
        found = _ascend(problem, replace(near, sd=levels[list(cell)]), free_sd=False)
        if not found.converged and not any(cell):
            return found
        if not found.converged:
            continue
        table[cell] = found
        best = max(best, found.value)
        if d == 1 and found.value < best - DEEP:
            break
    peaks = [cell for cell in table if _is_peak(cell, table)]
    polished = [_polish(problem, table[cell], cell, smallest) for cell in peaks]
    settled = [found for found in polished if found.converged] or polished
    top = max(settled, key=lambda maximum: maximum.value)
    if not _diverges(top):
        return top
    # Far out, few nodes integrate badly. A finer rule tells whether the far end is really higher.
    near = [found for found in settled if not _diverges(found)]
    if near:
        best_near = max(near, key=lambda maximum: maximum.value)
        if finer_value(problem, best_near) >= finer_value(problem, top):
            return best_near
    return replace(
        top, converged=False,
        reason="the likelihood rises with heterogeneity without end (as far as these quadrature "
        "nodes can tell): some studies have all events, or none, and the others cannot hold them "
        "together",
    )  # fmt: skip


def finer_value(problem: Problem, found: Maximum) -> float:
    """The log-likelihood at a maximum by a rule with many more nodes."""
    d = problem.likelihood.effects.shape[1]
    points = round(len(problem.rule.log_weights) ** (1 / d))
    finer = replace(problem, rule=Rule.of(max(MANY_NODES[d - 1], 2 * points), d))
    return _value(finer, found.point)


def _diverges(found: Maximum) -> bool:
    return bool(np.any(found.point.sd >= LARGEST_SD))


def at_zero(problem: Problem, start: Point) -> Maximum:
    """Maximum without any random effect."""
    d = problem.likelihood.effects.shape[1]
    return _ascend(problem, replace(start, sd=np.zeros(d)), free_sd=False)


def _is_peak(cell: tuple[int, ...], table: dict[tuple[int, ...], Maximum]) -> bool:
    near = (
        tuple(np.add(cell, sign * unit))
        for unit in np.eye(len(cell), dtype=int)
        for sign in (-1, 1)
    )
    return all(table[c].value <= table[cell].value for c in near if c in table)


def _polish(
    problem: Problem, cell_maximum: Maximum, cell: tuple[int, ...], smallest: float
) -> Maximum:
    """Maximum over all parameters near a cell of the table."""
    m = problem.design.shape[1]
    point = cell_maximum.point
    if np.any(point.sd >= LARGEST_SD):
        return cell_maximum
    curvature = np.einsum("kii->i", cell_maximum.expansion.hessian)[m:]
    # At 0 the slope is 0 for symmetry; positive curvature means that the maximum lies above.
    rises = (np.array(cell) == 0) & (curvature > 0)
    found = _ascend(problem, replace(point, sd=np.where(rises, smallest / 2, point.sd)), True)
    for _ in range(2 * len(cell)):
        sd = np.abs(found.point.sd)
        sd[sd < 1e-3 * smallest] = 0.0
        curvature = np.einsum("kii->i", found.expansion.hessian)[m:]
        rises = (sd == 0) & (curvature > 0)
        found = replace(found, point=replace(found.point, sd=sd))
        if not rises.any():
            break
        raised = np.where(rises, smallest / 2, sd)
        found = _ascend(problem, replace(found.point, sd=raised), True)
    return found


def _ascend(problem: Problem, start: Point, free_sd: bool) -> Maximum:
    """Newton's method with step halving; SDs stay as they are unless `free_sd`."""
    point = start
    crude = problem.predictors(start)
    expansion = _expand(problem, point)
    for _ in range(STEPS):
        step, gain, reduced = _step(problem, expansion, free_sd)
        if np.abs(problem.predictors(point) - crude).max(initial=0.0) > FAR:
            return _failed(problem, point, expansion, reduced, "a coefficient grows without bound")
        value = float(expansion.value.sum())
        slack = 1e-13 * (1 + abs(value))
        change = np.abs(problem.predictors(_moved(point, step, 1.0)) - problem.predictors(point))
        reach = change.max(initial=0.0)
        length = np.log1p(reach) / reach if reach > 0.5 else 1.0
        for _ in range(HALVINGS):
            trial = _moved(point, step, length)
            if _value(problem, trial) >= value + 1e-4 * length * gain - slack:
                break
            length /= 2
        else:
            return _failed(problem, point, expansion, reduced, "no step raises the likelihood")
        point, expansion = trial, _expand(problem, trial)
        if gain < TOLERANCE:
            _, _, reduced = _step(problem, expansion, free_sd)
            return Maximum(point, float(expansion.value.sum()), reduced, expansion, True)
    return _failed(problem, point, expansion, reduced, f"no convergence in {STEPS} steps")


def _failed(
    problem: Problem, point: Point, expansion: Expansion, reduced: np.ndarray, reason: str
) -> Maximum:
    return Maximum(point, float(expansion.value.sum()), reduced, expansion, False, reason)


def _expand(problem: Problem, point: Point) -> Expansion:
    return expand(problem.likelihood, problem.rule, problem.predictors(point), point.sd)


def _value(problem: Problem, point: Point) -> float:
    predictors = problem.predictors(point)
    with np.errstate(over="ignore", invalid="ignore"):
        values = log_likelihood(problem.likelihood, problem.rule, predictors, point.sd)
    total = float(values.sum())
    return total if np.isfinite(total) else -np.inf


def _moved(point: Point, step: Point, length: float) -> Point:
    return Point(
        point.coefficients + length * step.coefficients,
        point.own + length * step.own,
        point.sd + length * step.sd,
    )


def _step(problem: Problem, expansion: Expansion, free_sd: bool) -> tuple[Point, float, np.ndarray]:
    """Newton's step, the gain it promises (twice), and the information behind it.

    The studies' own values are eliminated one by one (a Schur complement), so the cost is linear
    in k. Where the information is not positive, its eigenvalues are taken by magnitude.
    """
    m, p = problem.design.shape[1:]
    sd_step = np.zeros(expansion.gradient.shape[1] - m)
    slope, bend = expansion.gradient, -expansion.hessian
    own_step = np.zeros(len(slope))
    if problem.own is not None:
        # Almost empty studies have next to no curvature; the floor only shortens their step.
        pivot = np.maximum(bend[:, problem.own, problem.own], 1e-300)
        free = np.ones(len(slope)) if problem.held is None else ~problem.held * 1.0
        across = bend[:, problem.own, :] * free[:, None]
        own_slope = slope[:, problem.own] * free
        slope = slope - across * (own_slope / pivot)[:, None]
        bend = bend - across[:, :, None] * (across / pivot[:, None])[:, None, :]
    gradient = np.concatenate(
        [np.einsum("kmp,km->p", problem.design, slope[:, :m]), slope[:, m:].sum(axis=0)]
    )
    cross = np.einsum("kmp,kmd->pd", problem.design, bend[:, :m, m:])
    reduced = np.block(
        [
            [np.einsum("kmp,kmn,knq->pq", problem.design, bend[:, :m, :m], problem.design), cross],
            [cross.T, bend[:, m:, m:].sum(axis=0)],
        ]
    )
    kept = np.arange(p + (len(sd_step) if free_sd else 0))
    reduced, gradient = reduced[np.ix_(kept, kept)], gradient[kept]
    move = _safe_solve(reduced, gradient)
    gain = float(gradient @ move)
    sd_step[: len(kept) - p] = move[p:]
    if problem.own is not None:
        shared = np.einsum("kmp,p->km", problem.design, move[:p])
        pulled = np.einsum("km,km->k", across[:, :m], shared) + across[:, m:] @ sd_step
        own_step = (own_slope - pulled) / pivot
        gain += float(own_slope @ (own_slope / pivot))
    return Point(move[:p], own_step, sd_step), gain, reduced


def _safe_solve(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Solve with the matrix's eigenvalues taken by magnitude, after scaling to unit diagonal."""
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(matrix)), 1e-300))
    values, vectors = np.linalg.eigh(matrix * np.outer(scale, scale))
    values = np.maximum(np.abs(values), 1e-12 * np.abs(values).max(initial=1e-300))
    return scale * (vectors @ ((vectors.T @ (scale * vector)) / values))
