"""Contrasts as files give them (study, treatment 1, treatment 2, effect, standard error) -> studies.

A study of p arms has p (p - 1) / 2 pairs. From all of them the covariance of its basic contrasts
follows without any assumption: cov(a - b, c - b) = (s_ab^2 + s_cb^2 - s_ac^2) / 2. From fewer pairs:

* if the pairs hold a triangle, the variances of the arms follow (the arms are independent), and with
  them the missing pairs;
* if they are a tree (p - 1 contrasts, such as all against one control), nothing in them tells how they
  hang together: every two contrasts that share an arm are taken to have correlation 1/2, as with arms
  of equal variance, and a note says so;
* otherwise (two pairs that share no arm) the study is refused by name.

Effects of the pairs must add up around every loop of the study. Small departures come from printed
digits and are spread by least squares, with the weights that the pairs have in the network; larger
ones are refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.errors import InputError, NotEstimable

from ..studies import LARGEST_EFFECT, LARGEST_VARIANCE, SMALLEST_VARIANCE
from .studies import (
    NetworkStudies,
    StudyContrasts,
    assemble,
    connected_parts,
    contradicting_errors,
    in_order,
    label_text,
)

# A contrast may differ from what its study's contrasts give together by this share of the smallest
# standard error, or of the largest effect (digits that were cut in printing); from a smaller share on
# it is said.
LOOSE_IN_SE, LOOSE_IN_EFFECT, SAID_IN_SE = 0.05, 0.01, 0.001
# The variance of an arm may come out below 0 by this share of the smallest variance of a pair.
NEGATIVE = 0.05
# Two values of one pair are the same if they differ by less than this share of the standard error.
SAME = 1e-6


def from_contrasts(
    study: Sequence[Any],
    treat1: Sequence[Any],
    treat2: Sequence[Any],
    te: Sequence[float] | np.ndarray,
    se: Sequence[float] | np.ndarray,
) -> NetworkStudies:
    """Studies from pairwise contrasts; all arguments of length m, one entry per contrast.

    Parameters
    ----------
    study : names; contrasts with the same name belong to one study.
    treat1, treat2 : names of treatments.
    te : effect of `treat1` minus `treat2`, on a scale on which differences add up (log ratios).
    se : its standard error. A contrast without effect or standard error (NaN) is left out.

    Raises
    ------
    ValueError
        Lengths that differ; a standard error that is not positive; contrasts of one study that
        contradict each other, or that do not hang together. The study is named.
    DisconnectedNetwork
    """
    names = [label_text(value) for value in study]
    first, second = ([label_text(value) for value in side] for side in (treat1, treat2))
    effects, errors = np.asarray(te, dtype=float), np.asarray(se, dtype=float)
    if not len(names) == len(first) == len(second) == len(effects) == len(errors):
        raise InputError("study, treat1, treat2, te and se must have the same length")
    of_study: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    notes: list[str] = []
    left_out: list[str] = []
    for name, a, b, effect, error in zip(names, first, second, effects, errors, strict=True):
        if not (np.isfinite(effect) and np.isfinite(error)):
            left_out.append(f"{name} ({a} - {b})")
            continue
        if not error > 0:
            raise InputError(
                f"{name}, {a} - {b}: found the standard error {error:g}; allowed: a number above 0"
            )
        if not SMALLEST_VARIANCE**0.5 <= error <= LARGEST_VARIANCE**0.5 or abs(effect) > LARGEST_EFFECT:
            raise InputError(
                f"{name}, {a} - {b}: found the effect {effect:g} with the standard error {error:g}; allowed: "
                f"effects up to {LARGEST_EFFECT:g}, standard errors from {SMALLEST_VARIANCE**0.5:g} to "
                f"{LARGEST_VARIANCE**0.5:g}"
            )
        if a == b:
            notes.append(f"{name}: the contrast of {a} with itself says nothing and is left out.")
            continue
        pairs = of_study.setdefault(name, {})
        if a > b:
            a, b, effect = b, a, -effect
        if (a, b) in pairs:
            _require_same(name, a, b, pairs[a, b], (float(effect), float(error)))
            notes.append(f"{name}: the contrast {a} - {b} is given twice and is counted once.")
        pairs[a, b] = (float(effect), float(error))
    if left_out:
        notes.append(f"Left out, for no effect or no standard error: {', '.join(left_out)}.")
    found = [_study(name, pairs, notes) for name, pairs in of_study.items()]
    return assemble(found, notes, (*first, *second))


def from_baseline(
    study: Sequence[Any],
    treatment: Sequence[Any],
    difference: Sequence[float] | np.ndarray,
    se: Sequence[float] | np.ndarray,
) -> NetworkStudies:
    """Studies from differences with the first arm of each, one entry per arm, shape (m,).

    Parameters
    ----------
    study, treatment : names.
    difference : from the study's baseline arm, which has NaN itself.
    se : standard error of the difference; in the baseline arm's entry, of its own mean, which is the
        covariance's root. Without it every two differences are taken to have correlation 1/2.

    Raises
    ------
    ValueError
        A study without a baseline arm, or with two; a standard error that is not positive.
    DisconnectedNetwork
    """
    of_study: dict[str, list[tuple[str, float, float]]] = {}
    for name, arm, value, error in zip(study, treatment, difference, se, strict=True):
        entry = (label_text(arm), float(value), float(error))
        of_study.setdefault(label_text(name), []).append(entry)
    notes: list[str] = []
    found = []
    for name, arms in of_study.items():
        baseline = [arm for arm in arms if np.isnan(arm[1])]
        others = [arm for arm in arms if not np.isnan(arm[1])]
        if len(arms) < 2:
            notes.append(f"{name} is left out: it has only one treatment, so it compares nothing.")
            continue
        if len(baseline) != 1 or len({arm[0] for arm in arms}) < len(arms):
            raise InputError(
                f"{name}: found {len(baseline)} arms without a difference; allowed: one, with which the "
                "others are compared, and each treatment once"
            )
        errors = np.array([error for _, _, error in others])
        if not np.all(errors > 0):
            raise InputError(f"{name}: a difference has no standard error above 0")
        own = baseline[0][2]
        covariance = np.full((len(others), len(others)), own**2)
        if np.isnan(own) and len(others) > 1:
            notes.append(_assumed(name, len(arms), len(others)))
        if np.isnan(own):
            covariance = 0.5 * np.outer(errors, errors)
        np.fill_diagonal(covariance, errors**2)
        treatments = (baseline[0][0], *(arm[0] for arm in others))
        effects = np.array([value for _, value, _ in others])
        found.append(StudyContrasts(name, treatments, effects, covariance))
    return assemble(found, notes, map(label_text, treatment))


def _assumed(name: str, treatments: int, contrasts: int) -> str:
    return (
        f"{name}: {treatments} treatments with {contrasts} contrasts do not tell how the contrasts hang "
        "together; every two that share a treatment are taken to have correlation 1/2."
    )


def _require_same(
    name: str, a: str, b: str, old: tuple[float, float], new: tuple[float, float]
) -> None:
    if max(abs(old[0] - new[0]), abs(old[1] - new[1])) > SAME * old[1]:
        raise InputError(
            f"{name}: two different values of {a} - {b} ({old[0]:g} and {new[0]:g}); allowed: one per "
            "study, or a name of its own for each study"
        )


def _study(
    name: str, pairs: dict[tuple[str, str], tuple[float, float]], notes: list[str]
) -> StudyContrasts:
    treatments = in_order({treatment for pair in pairs for treatment in pair})
    place = {treatment: i for i, treatment in enumerate(treatments)}
    ends = np.array([(place[a], place[b]) for a, b in pairs])
    effects, errors = np.array(list(pairs.values())).T
    p = len(treatments)
    if p == 2:
        second_minus_first = effects if ends[0, 0] == 1 else -effects
        return StudyContrasts(name, treatments, second_minus_first, np.array([[errors[0] ** 2]]))
    parts = connected_parts(p, ends.tolist())
    if len(parts) > 1:
        sets = "; ".join(", ".join(treatments[i] for i in part) for part in parts)
        raise NotEstimable(
            f"{name}: its contrasts do not hang together ({sets}); allowed: contrasts that link all "
            "its treatments, or a name of its own for each study"
        )
    covariance = _covariance(name, p, ends, errors**2, notes)
    values = _arm_values(name, treatments, ends, effects, errors, covariance, notes)
    return StudyContrasts(name, treatments, values[1:] - values[0], covariance)


def _covariance(
    name: str, p: int, ends: np.ndarray, variances: np.ndarray, notes: list[str]
) -> np.ndarray:
    """Covariance of arms 2 ... p minus arm 1, shape (p - 1, p - 1)."""
    if len(ends) == p - 1:
        notes.append(_assumed(name, p, p - 1))
        return _tree_covariance(p, ends, variances)
    between = np.full((p, p), np.nan)
    np.fill_diagonal(between, 0.0)
    between[ends[:, 0], ends[:, 1]] = between[ends[:, 1], ends[:, 0]] = variances
    arms = _arm_variances(name, p, ends, variances)
    if len(ends) < p * (p - 1) // 2:
        notes.append(
            f"{name}: {p * (p - 1) // 2 - len(ends)} of its pairs are missing; their standard errors "
            "follow from the others."
        )
        missing = np.isnan(between)
        between[missing] = (arms[:, None] + arms)[missing]
    return 0.5 * (between[1:, :1] + between[:1, 1:] - between[1:, 1:])


def _tree_covariance(p: int, ends: np.ndarray, variances: np.ndarray) -> np.ndarray:
    incidence = np.zeros((p - 1, p))
    incidence[np.arange(p - 1), ends[:, 0]] = 1.0
    incidence[np.arange(p - 1), ends[:, 1]] = -1.0
    errors = np.sqrt(variances)
    # Edges of a tree: correlation +-1/2 where they share an end, 0 where they do not.
    of_edges = 0.5 * (incidence @ incidence.T) * np.outer(errors, errors)
    # Each arm minus arm 1 is a sum of edges: edges = incidence[:, 1:] @ (arms - arm 1).
    back = np.linalg.inv(incidence[:, 1:])
    return back @ of_edges @ back.T


def _arm_variances(name: str, p: int, ends: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Variances of independent arms from the pairs there are, shape (p,)."""
    sums = np.zeros((len(ends), p))
    sums[np.arange(len(ends))[:, None], ends] = 1.0
    arms, _, rank, _ = np.linalg.lstsq(sums, variances, rcond=None)
    if rank < p:
        raise NotEstimable(
            f"{name}: {len(ends)} of {p * (p - 1) // 2} pairs are not enough to tell how its "
            "contrasts hang together; allowed: all pairs, or all against one treatment"
        )
    if arms.min() < -NEGATIVE * variances.min():
        raise InputError(contradicting_errors(name))
    return np.maximum(arms, 0.0)


def _arm_values(
    name: str,
    treatments: tuple[str, ...],
    ends: np.ndarray,
    effects: np.ndarray,
    errors: np.ndarray,
    covariance: np.ndarray,
    notes: list[str],
) -> np.ndarray:
    """A value for each arm, the first 0, that reproduces the contrasts; shape (p,)."""
    p = len(treatments)
    spread = np.concatenate([-np.ones((p - 1, 1)), np.eye(p - 1)], axis=1)
    try:
        laplacian = spread.T @ np.linalg.solve(covariance, spread)
    except np.linalg.LinAlgError:
        laplacian = -np.ones((p, p))  # refused later, by name, for its standard errors
    weights = -laplacian[ends[:, 0], ends[:, 1]]
    # Rounded standard errors can leave a pair with no weight of its own.
    weights = np.maximum(weights, 1e-6 * errors**-2)
    incidence = np.zeros((len(ends), p))
    incidence[np.arange(len(ends)), ends[:, 0]] = 1.0
    incidence[np.arange(len(ends)), ends[:, 1]] = -1.0
    roots = np.sqrt(weights)
    values = np.zeros(p)
    values[1:] = np.linalg.lstsq(roots[:, None] * incidence[:, 1:], roots * effects, rcond=None)[0]
    off = np.abs(incidence @ values - effects)
    smallest = float(errors.min())
    if off.max() > max(LOOSE_IN_SE * smallest, LOOSE_IN_EFFECT * float(abs(effects).max())):
        worst = int(np.argmax(off))
        a, b = (treatments[i] for i in ends[worst])
        others = _by_the_others(ends, effects, worst, p)
        raise InputError(
            f"{name}: its contrasts contradict each other ({a} - {b} is {effects[worst]:g}, the others "
            f"give {others:g}); allowed: contrasts that add up around every loop of one study"
        )
    if off.max() > SAID_IN_SE * smallest:
        notes.append(
            f"{name}: its contrasts do not quite add up (by up to {off.max():.2g}, as rounding does); "
            "they were adjusted by least squares."
        )
    return values


def _by_the_others(ends: np.ndarray, effects: np.ndarray, left_out: int, p: int) -> float:
    """What the other contrasts of a study make of one of them."""
    kept = np.delete(np.arange(len(ends)), left_out)
    incidence = np.zeros((len(kept), p))
    incidence[np.arange(len(kept)), ends[kept, 0]] = 1.0
    incidence[np.arange(len(kept)), ends[kept, 1]] = -1.0
    values = np.linalg.lstsq(incidence, effects[kept], rcond=None)[0]
    return float(values[ends[left_out, 0]] - values[ends[left_out, 1]])
