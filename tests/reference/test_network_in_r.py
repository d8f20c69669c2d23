"""Our networks in metafor's rma.mv, run here and now; left out where R has no metafor.

Tolerance 1e-6 on tau2, estimates and standard errors: rma.mv is told to iterate to 1e-10.
"""

from __future__ import annotations

import csv
import subprocess

import numpy as np
import pytest

from analysis.synthesis.network import fit_network
from tests.benchmarks.networks import simulated, write_for_rma_mv
from tests.reference.network_cases import NAMES, fit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("r_with_metafor")]
SCRIPT = """
suppressMessages(library(metafor))
for (folder in commandArgs(trailingOnly = TRUE)) {
  x <- read.csv(file.path(folder, "rows.csv"))
  V <- as.matrix(read.csv(file.path(folder, "v.csv"), header = FALSE))
  X <- as.matrix(read.csv(file.path(folder, "x.csv"), header = FALSE))
  fit <- rma.mv(x$y, V, mods = ~ X - 1, random = ~ arm | study, rho = 1/2, data = x, sparse = FALSE,
    control = list(optimizer = "nlminb", rel.tol = 1e-10))
  write.csv(cbind(tau2 = fit$tau2, qe = fit$QE, b = c(fit$b), se = fit$se), file.path(folder, "fit.csv"))
}
"""


def test_rma_mv_gives_the_same_reml_fits(tmp_path):
    fits = {name: fit(name, "REML") for name in NAMES if fit(name).df}
    for seed in range(4):
        fits[f"simulated {seed}"] = fit_network(*simulated(12 + 8 * seed, 6, seed), tau2="REML")
    folders = []
    for i, network in enumerate(fits.values()):
        folder = tmp_path / str(i)
        folder.mkdir()
        write_for_rma_mv(network, folder)
        folders.append(str(folder))
    program = tmp_path / "fit.R"
    program.write_text(SCRIPT, encoding="utf-8")
    command = ["Rscript", str(program), *folders]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    for i, (name, network) in enumerate(fits.items()):
        with (tmp_path / str(i) / "fit.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        found = {
            key: np.array([float(row[key]) for row in rows]) for key in ("tau2", "qe", "b", "se")
        }
        pairs = (
            (network.tau2, found["tau2"][0]),
            (network.q, found["qe"][0]),
            (network.random.estimate[1:, 0], found["b"]),
            (network.random.se[1:, 0], found["se"]),
        )
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6, err_msg=name)
