"""Covariance structures of random effects: how true effects within a group vary together.

Each structure maps parameters to the covariance matrix of one group's m true effects. Standard
deviations are bounded below by 0, correlations lie in their closed range (for UN as angles), so
that the boundary of the parameter space can be reached and the map stays smooth on it. Inside,
parameters are analytic, so that derivatives by complex step are exact to rounding (:cite:t:`squire1998`).

Source of the structures: :cite:t:`pinheiro2000`, section 5.3; UN by angles: :cite:t:`pinheiro1996`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.errors import InputError

STEP = 1e-30  # of the complex step: nothing cancels, so it can be as small as one likes


@dataclass(frozen=True, slots=True)
class Structure:
    """Covariance of m true effects as a function of its parameters.

    `n_sd` standard deviations come first, then `n_correlation` correlations (or angles) between
    `low` and `high`. `covariance` maps the parameters, shape (n,), to an (m, m) matrix.
    """

    name: str
    m: int
    n_sd: int
    n_correlation: int
    low: float
    high: float
    covariance: Callable[[np.ndarray], np.ndarray]

    @property
    def n(self) -> int:
        """Number of parameters."""
        return self.n_sd + self.n_correlation

    def jacobian(self, parameters: np.ndarray) -> np.ndarray:
        """Derivatives of the covariance, shape (n, m, m)."""
        steps = parameters + 1j * STEP * np.eye(self.n)
        return np.array([self.covariance(row).imag / STEP for row in steps])

    def from_correlation(self, correlation: float) -> float:
        """The correlation parameter at which correlations are about `correlation`."""
        value = np.arccos(correlation) if self.name == "UN" else correlation
        return float(min(max(value, self.low), self.high))


def intercepts() -> Structure:
    """One random effect for each group."""
    return Structure("ID", 1, 1, 0, 0.0, 0.0, lambda p: np.array([[p[0] ** 2]]))


def diagonal(m: int) -> Structure:
    """DIAG: m variances, no correlation."""
    return Structure("DIAG", m, m, 0, 0.0, 0.0, lambda p: np.diag(p**2))


def compound_symmetry(m: int, heterogeneous: bool = False) -> Structure:
    """CS (one variance) or HCS (m variances), all pairs equally correlated."""
    same = np.eye(m)

    def covariance(p: np.ndarray) -> np.ndarray:
        sd = p[:m] if heterogeneous else np.repeat(p[:1], m)
        return np.outer(sd, sd) * (same + p[-1] * (1 - same))

    low = -1.0 / (m - 1) if m > 1 else 0.0
    name, n_sd = ("HCS", m) if heterogeneous else ("CS", 1)
    return Structure(name, m, n_sd, 1, low, 1.0, covariance)


def autoregressive(m: int, heterogeneous: bool = False) -> Structure:
    """AR or HAR: correlation rho^|i - j| between the i-th and j-th level, taken as equally spaced."""
    gaps = np.abs(np.subtract.outer(np.arange(m), np.arange(m)))

    def covariance(p: np.ndarray) -> np.ndarray:
        sd = p[:m] if heterogeneous else np.repeat(p[:1], m)
        return np.outer(sd, sd) * p[-1] ** gaps

    name, n_sd = ("HAR", m) if heterogeneous else ("AR", 1)
    return Structure(name, m, n_sd, 1, -1.0, 1.0, covariance)


def continuous_autoregressive(times: np.ndarray) -> Structure:
    """CAR: correlation rho^|time difference| for any times; rho from 0 to 1."""
    m = len(times)
    gaps = np.abs(np.subtract.outer(times, times)).astype(float)

    def covariance(p: np.ndarray) -> np.ndarray:
        # exp and log keep the complex step exact; at rho = 0 only equal times are correlated.
        if p[-1].real <= 0:
            return p[0] ** 2 * (gaps == 0).astype(p.dtype)
        return p[0] ** 2 * np.exp(gaps * np.log(p[-1]))

    return Structure("CAR", m, 1, 1, 1e-12, 1.0, covariance)


def unstructured(m: int) -> Structure:
    """UN: m variances and m (m - 1) / 2 correlations.

    The Cholesky factor's row i has length sd_i and a direction given by i angles in [0, pi]; the
    cosine of a row's first angle is the correlation with the first effect.
    """
    n_angles = m * (m - 1) // 2

    def covariance(p: np.ndarray) -> np.ndarray:
        factor = np.zeros((m, m), dtype=p.dtype)
        at = m
        for i in range(m):
            left = p[i]
            for j in range(i):
                factor[i, j] = left * np.cos(p[at])
                left = left * np.sin(p[at])
                at += 1
            factor[i, i] = left
        return factor @ factor.T

    return Structure("UN", m, m, n_angles, 0.0, float(np.pi), covariance)


STRUCTURES = ("CS", "HCS", "UN", "AR", "HAR", "CAR", "DIAG")


def structure(name: str, levels: np.ndarray) -> Structure:
    """The structure of this name for m sorted inner levels (numbers for AR, HAR and CAR).

    AR and HAR go by the order of the levels, as if they were equally spaced (as in metafor); CAR
    goes by the times themselves. A single level has nothing to correlate with: one variance.

    Raises
    ------
    ValueError
        An unknown name; AR, HAR or CAR with levels that are not numbers.
    """
    m = len(levels)
    if name in ("AR", "HAR", "CAR") and levels.dtype.kind not in "iuf":
        raise InputError(f"{name} needs times as numbers; found {levels[:3].tolist()}")
    builders: dict[str, Callable[[], Structure]] = {
        "CS": lambda: compound_symmetry(m),
        "HCS": lambda: compound_symmetry(m, heterogeneous=True),
        "UN": lambda: unstructured(m),
        "AR": lambda: autoregressive(m),
        "HAR": lambda: autoregressive(m, heterogeneous=True),
        "CAR": lambda: continuous_autoregressive(levels),
        "DIAG": lambda: diagonal(m),
    }
    if name in builders and m == 1:
        return diagonal(1)
    if name not in builders:
        raise InputError(f"structure must be one of {', '.join(STRUCTURES)}; found {name!r}")
    return builders[name]()
