"""The network of any file: what ``python -m analysis network FILE`` does.

Results go to standard output, remarks and errors to standard error, one line each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.errors import InputError
from analysis.network_file.measures import LOGARITHMIC, WORDS, known
from analysis.network_file.read import NetworkFile, read_network
from analysis.network_file.report import report
from analysis.network_file.rows import UnusableFile
from analysis.synthesis.network import fit_network

TAU2_METHODS = ("REML", "DL", "ML")
CI_METHODS = ("wald", "t")
DONE, FAULTY_DATA, WRONG_USE = 0, 1, 2


def run(
    path: str | Path,
    measure: str | None = None,
    tau2: str = "REML",
    reference: str | None = None,
    small: str = "good",
    ci: str = "wald",
    level: float = 0.95,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    as_json: bool = False,
    analysis: Sequence[str] = (),
) -> int:
    """Read ``path``, fit the network, print the result.

    A network that falls into parts is not computed: one sentence names the parts.

    Returns
    -------
    0, or 1 where the file cannot be used, or 2 where an option is not allowed or one is needed.
    """
    if measure is not None:
        try:
            measure = known(measure)
        except ValueError as error:
            return _fail(str(error), WRONG_USE)
    try:
        found = read_network(path, measure, columns, sheet, analysis)
        if reference is not None:
            reference = _named(reference, found.studies.treatments)
        fit = fit_network(
            found.studies, tau2=tau2, reference=reference, small=small, ci=ci, level=level
        )
    except UnusableFile as error:
        for line in error.lines[:-1]:
            print(f"{path}: {line}", file=sys.stderr)
        return _fail(f"{path}: {error.lines[-1]}", WRONG_USE if error.choice else FAULTY_DATA)
    except ValueError as error:
        return _fail(f"{path}: {error}")
    _remark(found)
    if as_json:
        told = fit.to_dict() | {"measure": found.measure, "measure_label": label(found.measure)}
        told["warnings"] = [*(f"{r[0].upper()}{r[1:]}." for r in found.remarks), *fit.warnings]
        print(json.dumps(told, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        print(report(fit, found.measure, label(found.measure)))
    return DONE


def label(measure: str) -> str:
    """The measure in words, on the scale on which it is analysed.

    >>> label("OR"), label("MD")
    ('log odds ratio', 'mean difference')
    """
    return f"log {WORDS[measure]}" if measure in LOGARITHMIC else WORDS[measure]


def _named(reference: str, treatments: tuple[str, ...]) -> str:
    """The treatment, in any case; `ValueError` where there is none."""
    if reference in treatments:
        return reference
    same = [name for name in treatments if name.casefold() == reference.strip().casefold()]
    if len(same) != 1:
        raise InputError(f"found no treatment {reference!r}; allowed: {', '.join(treatments)}")
    return same[0]


def _fail(line: str, code: int = FAULTY_DATA) -> int:
    print(f"error: {line}", file=sys.stderr)
    return code


def _remark(found: NetworkFile) -> None:
    """What was decided without being asked."""
    for remark in found.remarks:
        print(f"note: {remark}", file=sys.stderr)
    if found.guessed and found.measure != "GEN":
        words = f"{found.measure} ({label(found.measure)})"
        print(
            f"note: no measure was named; the columns suggest {words}; --measure changes it",
            file=sys.stderr,
        )
