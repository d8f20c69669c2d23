"""The reference networks: contrasts, arms, and what netmeta and metafor make of them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.synthesis.network import Network, NetworkStudies, fit_network, from_contrasts

FOLDER = Path(__file__).parent / "network"
NAMES = (
    "dietaryfat", "dogliotti2014", "linde2015_resp", "own_new_fracture_any", "own_pain_12m",
    "own_pain_1m", "own_rmdq_12m", "parkinson", "senn2013", "smokingcessation", "thrombolytic",
)  # fmt: skip
# netmeta works with Laplacians and pseudo-inverses: closed forms agree to rounding.
EXACT = 1e-10
# Where rma.mv's own iterations stop.
ITERATED = 1e-6


@functools.cache
def expected(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@functools.cache
def studies(name: str) -> NetworkStudies:
    table = pd.read_csv(FOLDER / "data" / f"{name}_contrasts.csv", dtype={0: str, 1: str, 2: str})
    return from_contrasts(table.studlab, table.treat1, table.treat2, table.TE, table.seTE)


@functools.cache
def fit(name: str, tau2: str = "DL", small: str = "good", ci: str = "wald") -> Network:
    return fit_network(studies(name), tau2=tau2, small=small, ci=ci)


def matrix(block: dict[str, Any], treatments: tuple[str, ...]) -> np.ndarray:
    """A matrix of netmeta in our order of treatments; NA is NaN."""
    rows, columns = ([str(name) for name in block[side]] for side in ("rows", "cols"))
    values = np.array(block["values"], dtype=float)
    at = [rows.index(t) for t in treatments], [columns.index(t) for t in treatments]
    return values[np.ix_(*at)]


def pair_of(comparison: str, treatments: tuple[str, ...]) -> tuple[int, int]:
    """Places of the two treatments of "A:B", whose names may hold colons."""
    for a in treatments:
        if comparison.startswith(f"{a}:") and comparison[len(a) + 1 :] in treatments:
            return treatments.index(a), treatments.index(comparison[len(a) + 1 :])
    raise LookupError(comparison)


def number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
