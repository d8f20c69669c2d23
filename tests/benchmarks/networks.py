"""Networks to measure on, and how peers fit them: pimeta by its ordinary call, metafor's rma.mv inside R."""

from __future__ import annotations

import csv
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from analysis.synthesis.network import Network, fit_network

HAS_PIMETA = find_spec("pimeta") is not None
Columns = tuple[list[str], list[str], list[str], np.ndarray, np.ndarray]
THROMBOLYTIC = (
    Path(__file__).parents[1] / "reference" / "network" / "data" / "thrombolytic_contrasts.csv"
)

R_SCRIPT = """
suppressMessages(library(metafor))
x <- read.csv("rows.csv"); V <- as.matrix(read.csv("v.csv", header=FALSE))
X <- as.matrix(read.csv("x.csv", header=FALSE))
work <- function() rma.mv(x$y, V, mods = ~ X - 1, random = ~ arm | study, rho = 1/2, data = x)
invisible(work()); cat(1000 * median(sapply(seq_len({runs}), function(i)
  {{ t <- proc.time()[["elapsed"]]; work(); proc.time()[["elapsed"]] - t }})))
"""


def thrombolytic() -> Columns:
    """28 trials of 8 treatments (Lu and Ades 2006), all pairs of the trials with several arms."""
    with THROMBOLYTIC.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        [row["studlab"] for row in rows], [row["treat1"] for row in rows],
        [row["treat2"] for row in rows], np.array([float(row["TE"]) for row in rows]),
        np.array([float(row["seTE"]) for row in rows]),
    )  # fmt: skip


def simulated(k: int = 100, n: int = 22, seed: int = 1) -> Columns:
    """`k` studies of `n` treatments, every seventh with three arms."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, 0.5, n)
    study, first, second, te, se = [], [], [], [], []
    for i in range(k):
        size = 3 if i % 7 == 0 else 2
        arms = rng.choice(n, size, replace=False)
        if i < n - 1:  # a chain, so that the network hangs together
            arms[:2] = i, i + 1
            arms = np.unique(arms)
        variances = rng.uniform(0.02, 0.15, len(arms))
        values = rng.normal(truth[arms], np.sqrt(variances + 0.02))
        for a in range(len(arms)):
            for b in range(a):
                study.append(f"s{i}")
                first.append(f"t{arms[a]}")
                second.append(f"t{arms[b]}")
                te.append(values[a] - values[b])
                se.append(np.sqrt(variances[a] + variances[b]))
    return study, first, second, np.array(te), np.array(se)


def pimeta_fit(columns: Columns, method: str) -> Callable[[], object]:
    """pimeta's netmeta; method "DL" or "REML"."""
    from pimeta import netmeta

    study, first, second, te, se = columns

    def work() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return netmeta(te, se, first, second, study, method_tau=method)

    return work


def fitted(columns: Columns, method: str) -> Network:
    """Ours."""
    return fit_network(*columns, tau2=method)


def rma_mv_ms(network: Network, runs: int) -> float:
    """Median milliseconds of metafor's rma.mv on the basic contrasts with their full covariance."""
    with tempfile.TemporaryDirectory() as folder:
        write_for_rma_mv(network, Path(folder))
        script = R_SCRIPT.format(runs=runs)
        done = subprocess.run(
            ["Rscript", "-e", script], cwd=folder, capture_output=True, text=True, check=True
        )
    return float(done.stdout)


def write_for_rma_mv(network: Network, folder: Path) -> None:
    """rows.csv (y, study, arm), v.csv (covariance) and x.csv (treatments minus the first)."""
    lines, parts, design = ["y,study,arm"], [], []
    for block in network.studies.blocks:
        for study, arms, effects, covariance in zip(
            block.study, block.arms, block.effects, block.covariance, strict=True
        ):
            parts.append(covariance)
            for arm, effect in zip(arms[1:], effects, strict=True):
                lines.append(f"{float(effect)!r},s{study},a{arm}")
                row = np.zeros(len(network.treatments))
                row[arm], row[arms[0]] = 1.0, -1.0
                design.append(row[1:])
    whole = np.zeros((len(design),) * 2)
    at = 0
    for part in parts:
        whole[at : at + len(part), at : at + len(part)] = part
        at += len(part)
    (folder / "rows.csv").write_text("\n".join(lines), encoding="utf-8")
    np.savetxt(folder / "v.csv", whole, "%.17g", ",")
    np.savetxt(folder / "x.csv", np.array(design), "%.17g", ",")
