"""Mantel-Haenszel network meta-analysis of odds ratios: for rare events, without a continuity correction.

Two stages, common effect. Within each design (set of treatments) the tables of its studies give the
generalised Mantel-Haenszel odds ratios of :cite:t:`greenland1989` with their covariance;
the designs are then combined by generalised least squares. :cite:t:`efthimiou2019`.

With X events, Y others, M patients of an arm, N patients in all arms of a study, and R_ij = sum X_i Y_j / N
over studies, the log odds ratio of arms i and j is L_ij = log(R_ij / R_ji). Its variance is that of
:cite:t:`robins1986`. Two that share arm i have a covariance with three unbiased estimators, of which the
mean is taken:

    sum (X_i Y_j Y_h) / N^2 / (R_ij R_ih)  +  sum (Y_i X_j X_h) / N^2 / (R_ji R_hi),
    sum (M_i X_j Y_h) / N^2 / (R_ji R_ih),      sum (M_i Y_j X_h) / N^2 / (R_ij R_hi).

With three or more arms L_ij are made consistent by averaging, (L_i+ - L_j+) / p.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .arms import complete_arms
from .fit import fit_network
from .result import Network
from .studies import StudyContrasts, assemble


def mantel_haenszel_network(
    study: Sequence[Any],
    treatment: Sequence[Any],
    events: Sequence[float] | np.ndarray,
    n: Sequence[float] | np.ndarray,
    reference: str | None = None,
    small: str = "good",
    level: float = 0.95,
) -> Network:
    """Log odds ratios of all pairs, common effect; the "studies" of the result are the designs.

    Source: :cite:t:`efthimiou2019`.

    Parameters
    ----------
    study, treatment, events, n : one entry per arm, as for `from_arms`.
    reference, small, level : see `fit_network`.

    Returns
    -------
    Network
        `q` and `df` are those between designs; there is no heterogeneity within them to speak of. A
        design in which a whole arm has no event, or nothing else, says nothing of a ratio here and is left
        out, with a warning.

    Raises
    ------
    ValueError
        As `from_arms`.
    DisconnectedNetwork
    """
    tables, notes = complete_arms(study, treatment, "OR", {"events": events, "n": n})
    of_design: dict[tuple[str, ...], list[np.ndarray]] = {}
    for _, arms, table in tables:
        cells = np.array([table["events"], table["n"] - table["events"]])
        of_design.setdefault(arms, []).append(cells)
    found = []
    for arms, cells in of_design.items():
        name = ":".join(arms)
        made = _design(name, arms, np.array(cells))
        if made is None:
            notes.append(
                f"The design {name} is left out: an arm has no event, or nothing but events, in all its "
                "studies."
            )
        else:
            found.append(made)
    return fit_network(
        assemble(found, notes), tau2="EE", reference=reference, small=small, level=level
    )


def _design(name: str, arms: tuple[str, ...], cells: np.ndarray) -> StudyContrasts | None:
    """Contrasts of one design from its tables, shape (s, 2, p); None where a ratio is 0 or infinite."""
    x, y = cells[:, 0], cells[:, 1]
    p, size = x.shape[1], cells.sum(axis=(1, 2))
    products = np.einsum("si,sj,s->sij", x, y, 1 / size)
    r = products.sum(axis=0)
    if not np.all(r[~np.eye(p, dtype=bool)] > 0):
        return None
    pairs = [(i, j) for i in range(p) for j in range(i + 1, p)]
    logs = np.array([np.log(r[i, j] / r[j, i]) for i, j in pairs])
    covariance = np.zeros((len(pairs), len(pairs)))
    for a, (i, j) in enumerate(pairs):
        for b, (h, k) in enumerate(pairs):
            if a == b:
                covariance[a, b] = _variance(x, y, size, products, r, i, j)
            elif i == h:
                covariance[a, b] = _shared(x, y, size, r, i, j, k)
            elif j == k:
                covariance[a, b] = _shared(x, y, size, r, j, i, h)
            elif i == k:
                covariance[a, b] = -_shared(x, y, size, r, i, j, h)
            elif j == h:
                covariance[a, b] = -_shared(x, y, size, r, j, i, k)
    # L_ij = -L_ji: the sum over all partners of each arm, divided by p.
    incidence = np.zeros((p, len(pairs)))
    for a, (i, j) in enumerate(pairs):
        incidence[i, a], incidence[j, a] = 1.0, -1.0
    to_contrasts = (incidence[1:] - incidence[:1]) / p
    return StudyContrasts(
        name, arms, to_contrasts @ logs, to_contrasts @ covariance @ to_contrasts.T
    )


def _variance(
    x: np.ndarray,
    y: np.ndarray,
    size: np.ndarray,
    products: np.ndarray,
    r: np.ndarray,
    i: int,
    j: int,
) -> float:
    """Robins, Breslow and Greenland's variance of L_ij."""
    one, other = (x[:, i] + y[:, j]) / size, (x[:, j] + y[:, i]) / size
    forth, back = products[:, i, j], products[:, j, i]
    return float(
        (one @ forth) / (2 * r[i, j] ** 2)
        + (one @ back + other @ forth) / (2 * r[i, j] * r[j, i])
        + (other @ back) / (2 * r[j, i] ** 2)
    )


def _shared(
    x: np.ndarray, y: np.ndarray, size: np.ndarray, r: np.ndarray, i: int, j: int, h: int
) -> float:
    """Covariance of L_ij and L_ih, see the module."""
    weight = size**-2.0
    x_i, x_j, x_h = weight * x[:, i], x[:, j], x[:, h]
    y_i, y_j, y_h = weight * y[:, i], y[:, j], y[:, h]
    both = x_i + y_i
    return float(
        (x_i @ (y_j * y_h) / r[i, j] / r[i, h] + y_i @ (x_j * x_h) / r[j, i] / r[h, i]) / 3
        + (both @ (x_j * y_h) / r[j, i] / r[i, h] + both @ (y_j * x_h) / r[i, j] / r[h, i]) / 3
    )
