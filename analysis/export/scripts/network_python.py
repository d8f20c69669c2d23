"""A Python script with a network's data inline: this project's functions find the numbers of the view again."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.evidence import Evidence
from analysis.export.networks import shown
from analysis.export.scripts.network_script import network_script
from analysis.export.scripts.python_script import TOLERANCE, py_text
from analysis.network import NetworkAnswer
from analysis.network.trials import rows_of
from analysis.question import Question

OPENING = (
    "Reproduces one network from the data below, and compares the numbers.",
    "Run it in the folder of the project: python THIS-FILE",
)


def network_python(question: Question, evidence: Evidence, link: str) -> bytes:
    """The script; see `network_script`."""
    return network_script(question, evidence, link, OPENING, _code)


def _code(net: NetworkAnswer) -> Iterator[str]:
    rows, _ = rows_of(net.trials)
    level = net.question.level
    yield "import math"
    yield "import os"
    yield "import sys"
    yield ""
    yield "sys.path.insert(0, os.getcwd())"
    yield ""
    yield "from analysis.synthesis.network import few_network, fit_network"
    yield ""
    yield "# trial, first treatment, second treatment, effect of the first minus the second, standard error"
    yield "CONTRASTS = ["
    for trial, t, c, yi, se in rows:
        yield f"    ({py_text(trial)}, {py_text(t)}, {py_text(c)}, {yi!r}, {se!r}),"
    yield "]"
    yield "network = fit_network("
    options = {
        "random": 'tau2="REML", ci="t"',
        "prior": 'tau2="REML", ci="t"',
        "single": 'tau2="EE"',
    }[net.model]
    yield f"    *zip(*CONTRASTS, strict=True), {options}, level={level!r}"
    yield ")"
    if net.model == "prior":
        yield f"posterior = few_network(network, {level!r})"
    yield ""
    yield ""
    yield "def result(first, second):"
    if net.model == "prior":
        yield "    found = posterior.pair(first, second)"
        yield "    return found.mean, found.ci_low, found.ci_high"
    else:
        yield "    i, j = network.place(first), network.place(second)"
        yield "    found = network.random"
        yield "    return found.estimate[i, j], found.ci_low[i, j], found.ci_high[i, j]"
    yield ""
    yield ""
    yield "EXPECTED = {"
    for one in shown(net):
        values = (one.combined.estimate, one.combined.low, one.combined.high)
        yield f"    ({py_text(one.pair[0])}, {py_text(one.pair[1])}): ({', '.join(map(repr, values))}),"
    yield "}"
    yield "for pair, expected in EXPECTED.items():"
    yield "    found = [float(value) for value in result(*pair)]"
    yield "    for a, b in zip(found, expected, strict=True):"
    yield f"        if not math.isclose(a, b, rel_tol={TOLERANCE!r}, abs_tol=1e-9):"
    yield '            raise SystemExit(f"{pair}: found {a}, expected {b}")'
    yield '    print(f"{pair[0]} - {pair[1]}: {found[0]:.4f} ({found[1]:.4f} to {found[2]:.4f})")'
    yield 'print("The numbers agree with the view.")'
