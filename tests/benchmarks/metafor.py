"""metafor's times, measured inside R so that starting R does not count. Only where Rscript has it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

PREAMBLE = """
suppressMessages(library(metafor))
yi <- as.matrix(read.csv("yi.csv", header=FALSE)); vi <- as.matrix(read.csv("vi.csv", header=FALSE))
median_ms <- function(work, runs) { work(); cat(1000 * median(sapply(seq_len(runs), function(i)
  { t <- proc.time()[["elapsed"]]; work(); proc.time()[["elapsed"]] - t }))) }
"""


@cache
def available(*more: str) -> bool:
    """Whether Rscript is found and has metafor, and these packages too."""
    if shutil.which("Rscript") is None:
        return False
    names = ", ".join(f"'{name}'" for name in ("metafor", *more))
    found = f"all(sapply(c({names}), requireNamespace, quietly = TRUE))"
    check = ["Rscript", "-e", f"quit(status = !{found})"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0


def median_ms(yi: np.ndarray, vi: np.ndarray, work: str, runs: int) -> float:
    """Median milliseconds of an R expression in which `yi` and `vi` are matrices, sets in rows."""
    with tempfile.TemporaryDirectory() as folder:
        for name, values in (("yi", yi), ("vi", vi)):
            np.savetxt(Path(folder) / f"{name}.csv", np.atleast_2d(values), "%.17g", ",")
        script = f"{PREAMBLE}\nmedian_ms(function() {{ {work} }}, {runs})"
        done = subprocess.run(
            ["Rscript", "-e", script], cwd=folder, capture_output=True, text=True, check=True
        )
    return float(done.stdout)
