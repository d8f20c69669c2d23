"""Bias thresholds: how wrong a study's contrast must be before the conclusion changes.

Estimates are linear in the data, so a bias u in one contrast moves the estimate of treatment i by u g_i,
g = C X' V^-1 (the others and tau2 held). Two conclusions are looked at: which treatment is the best, and
on which side of a limit a number of one pair lies.

:cite:t:`phillippo2018`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..printing import Grid, Line, Printout, Series
from .result import Network, check_model
from .studies import NetworkStudies

# Gains are shares, of the order of 1 at most: one below this is 0 but for rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Threshold:
    """How far one contrast of a study can be moved, down (`low` < 0) and up, without a change.

    `treat1` minus `treat2` is the contrast. Infinite where no bias changes the conclusion;
    `best_low` and `best_high` are the treatments that would then be the best (None for a limit).
    """

    study: str
    treat1: str
    treat2: str
    estimate: float
    se: float
    low: float
    high: float
    best_low: str | None = None
    best_high: str | None = None


def best_thresholds(network: Network, model: str = "random") -> Series:
    """How much bias makes another treatment the best.

    Source: :cite:t:`phillippo2018`.

    Parameters
    ----------
    model : "random" or "common".

    Returns
    -------
    Series (a tuple) of Threshold, one for each basic contrast of each study, studies in the order in which they came.
    """
    effects, covariance, tau2 = _model(network, model)
    values = effects if network.small == "good" else -effects
    best = int(values.argmin())
    found = []
    for point in data_points(network.studies, covariance, tau2):
        gain = point.gain if network.small == "good" else -point.gain
        ahead = gain[best] - gain
        moves = np.abs(ahead) > ROUNDING
        at = np.divide(values - values[best], ahead, out=np.full(len(gain), np.inf), where=moves)
        low, low_best = _nearest(-at)
        high, high_best = _nearest(at)
        names = network.treatments
        found.append(
            _threshold(
                network, point, -low, high,
                None if low_best is None else names[low_best],
                None if high_best is None else names[high_best],
            )
        )  # fmt: skip
    return _series(found, f"{network.treatments[best]} is no longer the best")


def limit_thresholds(
    network: Network,
    treat1: str,
    treat2: str,
    limit: float,
    number: str = "estimate",
    model: str = "random",
) -> Series:
    """How much bias takes a number of `treat1` minus `treat2` across `limit`.

    Source: :cite:t:`phillippo2018`.

    Parameters
    ----------
    number : "estimate", "ci_low" or "ci_high"; the width of the interval does not change.
    """
    _, covariance, tau2 = _model(network, model)
    i, j = network.place(treat1), network.place(treat2)
    pairs = network.random if model == "random" else network.common
    distance = limit - float(getattr(pairs, number)[i, j])
    found = []
    for point in data_points(network.studies, covariance, tau2):
        gain = float(point.gain[i] - point.gain[j])
        at = distance / gain if abs(gain) > ROUNDING else math.inf
        low, high = (at, math.inf) if at < 0 else (-math.inf, at)
        found.append(_threshold(network, point, low, high))
    return _series(found, f"{number} of {treat1} v {treat2} crosses {limit:g}")


@dataclass(frozen=True, slots=True, eq=False)
class DataPoint:
    """One basic contrast: place of its study, arms (the second is the study's first), value, standard
    error, and its gain: what a bias of 1 adds to the effect of each treatment, shape (n,).
    """

    study: int
    arm: int
    first: int
    estimate: float
    se: float
    gain: np.ndarray


def data_points(studies: NetworkStudies, covariance: np.ndarray, tau2: float) -> list[DataPoint]:
    """The basic contrasts of all studies, under effects with a covariance (n, n) and a tau2."""
    found = []
    for block in studies.blocks:
        p = block.arms.shape[1]
        inverse = np.linalg.inv(block.covariance + 0.5 * tau2 * (np.eye(p - 1) + 1.0))
        for s, (study, arms) in enumerate(zip(block.study.tolist(), block.arms, strict=True)):
            columns = covariance[:, arms[1:]] - covariance[:, arms[:1]]
            gains = columns @ inverse[s]
            for i in range(p - 1):
                found.append(
                    DataPoint(
                        study,
                        int(arms[i + 1]),
                        int(arms[0]),
                        float(block.effects[s, i]),
                        float(np.sqrt(block.covariance[s, i, i])),
                        gains[:, i],
                    )
                )
    return sorted(found, key=lambda point: (point.study, point.arm))


def _series(found: list[Threshold], change: str) -> Series:
    """Thresholds with their page; the figure shows how far each contrast can move without a change."""
    names = [f"{item.study}: {item.treat1} v {item.treat2}" for item in found]
    shown = ("estimate", "se", "low", "high", "best_low", "best_high")
    columns = {name: [getattr(item, name) for item in found] for name in shown}
    lines = tuple(
        Line(name, item.estimate, None, item.estimate + item.low, item.estimate + item.high)
        for name, item in zip(names, found, strict=True)
    )
    page = Printout(f"Bias with which {change}", (), (), None, studies=lines,
                    interval="the range without a change", grid=Grid(names, columns))  # fmt: skip
    return Series(found, page)


def _model(network: Network, model: str) -> tuple[np.ndarray, np.ndarray, float]:
    check_model(model)
    if model == "random":
        return network.random.estimate[:, 0], network.covariance, network.tau2 or 0.0
    return network.common.estimate[:, 0], network.covariance_common, 0.0


def _nearest(at: np.ndarray) -> tuple[float, int | None]:
    """The smallest positive value and where it is."""
    positive = np.where(at > 0, at, np.inf)
    place = int(positive.argmin())
    value = float(positive[place])
    return (value, place) if math.isfinite(value) else (math.inf, None)


def _threshold(
    network: Network,
    point: DataPoint,
    low: float,
    high: float,
    best_low: str | None = None,
    best_high: str | None = None,
) -> Threshold:
    return Threshold(
        network.studies.labels[point.study],
        network.treatments[point.arm],
        network.treatments[point.first],
        point.estimate,
        point.se,
        low,
        high,
        best_low,
        best_high,
    )
