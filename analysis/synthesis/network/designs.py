"""Designs: heterogeneity within them, inconsistency between them.

:cite:t:`krahn2013`. A design is the set of treatments that a study compares. Q of the network is the sum
of Q within designs (each design has effects of its own) and Q between designs. The full
design-by-treatment interaction model of :cite:t:`higgins2012` is the same with heterogeneity estimated
within designs.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from .result import Design
from .rows import Rows
from .studies import NetworkStudies

# What the network's columns leave of a design's own counts as nothing below this share.
DEPENDENT = 1e-9


@dataclass(frozen=True, slots=True)
class Designs:
    """What is said of the designs; the fields have the names that `Network` gives them."""

    designs: tuple[Design, ...]
    q_within: float
    df_within: int
    p_within: float | None
    q_between: float
    df_between: int
    p_between: float | None
    q_interaction: float | None
    p_interaction: float | None
    tau2_within: float | None


def decompose(studies: NetworkStudies, rows: Rows, q: float, df: int) -> Designs:
    """Q within and between designs; `q` and `df` are those of the network, common effect."""
    members = _members(studies)
    place = {arms: i for i, arms in enumerate(members)}
    of_row = np.array([place[arms] for arms in studies.arms_of()])[rows.study]
    parts = [_Part.of(rows, np.flatnonzero(of_row == i), arms) for i, arms in enumerate(members)]
    at_zero = [part.fit(0.0) for part in parts]
    q_within, df_within = sum(fit.q for fit in at_zero), sum(part.df for part in parts)
    df_between = df - df_within
    tau2 = 0.0
    if df_within:
        tau2 = max(0.0, (q_within - df_within) / sum(fit.free for fit in at_zero))
    consistent = _Consistent.of(rows, 1.0 / rows.variances)
    q_interaction = None
    if df_between:
        if tau2 == 0:
            q_interaction = consistent.q - q_within
        else:
            apart = _Consistent.of(rows, 1.0 / (rows.variances + tau2))
            q_interaction = apart.q - sum(part.fit(tau2).q for part in parts)
    found = []
    detached = consistent.without(parts)
    for arms, part, fit, (q_detached, rank) in zip(members, parts, at_zero, detached, strict=True):
        df_detached = df_between - rank
        q_detached = max(0.0, q_detached - q_within) if df_detached else 0.0
        found.append(
            Design(
                treatments=tuple(studies.treatments[a] for a in arms),
                studies=tuple(studies.labels[s] for s in members[arms]),
                q=fit.q,
                df=part.df,
                p_value=_p(fit.q, part.df),
                q_detached=q_detached,
                df_detached=df_detached,
                p_detached=_p(q_detached, df_detached),
            )
        )
    q_between = max(0.0, q - q_within) if df_between else 0.0
    return Designs(
        tuple(found),
        q_within,
        df_within,
        _p(q_within, df_within),
        q_between,
        df_between,
        _p(q_between, df_between),
        q_interaction,
        None if q_interaction is None else _p(q_interaction, df_between),
        tau2 if df_within else None,
    )


def _members(studies: NetworkStudies) -> dict[tuple[int, ...], list[int]]:
    """Studies of each design, the designs by number of arms and then by treatments."""
    found: dict[tuple[int, ...], list[int]] = {}
    for study, arms in enumerate(studies.arms_of()):
        found.setdefault(arms, []).append(study)
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


@dataclass(frozen=True, slots=True)
class _Fit:
    """Q of one design, and the sum of weight times (1 - leverage) over its rows."""

    q: float
    free: float


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows of one design, shape (r,), with columns (r, p - 1) for its effects."""

    places: np.ndarray
    effects: np.ndarray
    variances: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, rows: Rows, places: np.ndarray, arms: tuple[int, ...]) -> _Part:
        columns = rows.matrix[np.ix_(places, arms[1:])]
        return cls(places, rows.effects[places], rows.variances[places], columns)

    @property
    def df(self) -> int:
        return self.columns.shape[0] - self.columns.shape[1]

    def fit(self, tau2: float) -> _Fit:
        if not self.df:
            return _Fit(0.0, 0.0)  # one study: its own effects fit it exactly
        weights = 1.0 / (self.variances + tau2)
        roots = np.sqrt(weights)
        basis = roots[:, None] * self.columns
        if basis.shape[1] == 1:
            basis /= np.sqrt((basis**2).sum())
        else:
            basis = np.linalg.qr(basis)[0]
        left = _less(roots * self.effects, basis)
        return _Fit(float(left @ left), float(weights @ (1.0 - (basis**2).sum(axis=1))))


@dataclass(frozen=True, slots=True, eq=False)
class _Consistent:
    """The network's own fit: an orthonormal basis of the weighted rows, and what it leaves over."""

    roots: np.ndarray
    basis: np.ndarray
    left: np.ndarray

    @classmethod
    def of(cls, rows: Rows, weights: np.ndarray) -> _Consistent:
        roots = np.sqrt(weights)
        basis = np.linalg.qr(roots[:, None] * rows.matrix[:, 1:])[0]
        return cls(roots, basis, _less(roots * rows.effects, basis))

    @property
    def q(self) -> float:
        return float(self.left @ self.left)

    def without(self, parts: list[_Part]) -> list[tuple[float, int]]:
        """For each design: Q when it is let go its own way, and how many parameters that takes."""
        starts = np.cumsum([0, *(part.columns.shape[1] for part in parts)])
        own = np.zeros((len(self.roots), starts[-1]))
        for part, start, end in zip(parts, starts[:-1], starts[1:], strict=True):
            own[part.places, start:end] = self.roots[part.places, None] * part.columns
        free = _less(own / np.sqrt((own**2).sum(axis=0)), self.basis)
        lengths = np.sqrt((free**2).sum(axis=0))
        along = (free.T @ self.left) / np.maximum(lengths, DEPENDENT)
        found = []
        for start, end in itertools.pairwise(starts.tolist()):
            if end == start + 1:
                rank = int(lengths[start] > DEPENDENT)
                found.append((self.q - rank * float(along[start]) ** 2, rank))
                continue
            vectors, values, _ = np.linalg.svd(free[:, start:end], full_matrices=False)
            left = _less(self.left, vectors[:, values > DEPENDENT])
            found.append((float(left @ left), int((values > DEPENDENT).sum())))
        return found


def _less(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """What orthonormal columns leave of `values`; twice, for what rounding left behind."""
    once = values - basis @ (basis.T @ values)
    return once - basis @ (basis.T @ once)


def _p(q: float, df: int) -> float | None:
    return float(chdtrc(df, q)) if df else None


def fields_of(found: Designs) -> dict[str, Any]:
    """The fields by name, for `Network`."""
    return {name: getattr(found, name) for name in Designs.__dataclass_fields__}
