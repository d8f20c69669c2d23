"""The sets of studies on which everything is measured; the same for all peers."""

from __future__ import annotations

import numpy as np

TAU2 = (0.0, 0.01, 0.05, 0.3)


def sets(count: int, k: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """`count` ordinary sets of k log odds ratios: SE 0.1 to 0.45, tau2 0 to 0.3; shape (count, k)."""
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.2, (count, k))
    tau2 = rng.choice(TAU2, (count, 1)) if count > 1 else np.full((1, 1), 0.05)
    return rng.normal(0.3, 1.0, (count, k)) * np.sqrt(vi + tau2), vi


def one(k: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """One set of k studies with tau2 0.05."""
    yi, vi = sets(1, k, seed)
    return yi[0], vi[0]
