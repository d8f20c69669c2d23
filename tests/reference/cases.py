"""Reference cases of metafor and the data sets they use, for the tests of any topic."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.datasets import load

FOLDER = Path(__file__).parent
# Closed formulas and tightly controlled iterations agree to about 1e-12; a factor in hand.
EXACT = 1e-9
# What metafor's own default stopping rules leave open.
DEFAULT_CONTROL = 1e-4
# Names that the R calls use for the data sets.
ALIASES = {
    "normand": "normand1999",
    "homog": "homog5",
    "hack": "hackshaw1998",
    "hine": "hine1989",
    "egg": "egger2001",
    "bask": "baskerville2012",
    "konst": "konstantopoulos2011",
    "assink": "assink2016",
    "berkey": "berkey1998",
    "ish": "ishak2007",
    "prepost": "prepost_demo",
}
CLOSED_FORM = {"EE", "FE", "DL", "HE", "HS", "HSk", "SJ", "GENQ"}


@dataclass(frozen=True, slots=True)
class Case:
    """One call of metafor with its result.

    Attributes
    ----------
    id, topic, dataset : str
        Unique name; what it is about; name of the data set, perhaps with "(rows 1:3)".
    setup, call : str
        R code: what runs before, and the call itself.
    expected : dict
        The result, by metafor's names; None for R's NA and NULL.
    expected_metafor5 : dict or None
        The same from metafor 5.1, where it differs.
    """

    id: str
    topic: str
    dataset: str
    setup: str
    call: str
    expected: dict[str, Any]
    expected_metafor5: dict[str, Any] | None = None

    @property
    def tolerance(self) -> float:
        """Relative tolerance that a call of `rma` and what is derived from it can honestly reach.

        Iterative fits are exact only when the call tightens their control. (`rma.mv`, GLMM and
        selection models rest on general optimisers: their tests state tolerances of their own.)
        """
        if re.search(r"(tol|threshold)=1e-1[0-9]", self.call):
            return EXACT
        fits = re.search(r"\brma\(", self.call) is not None
        iterates = self.option("method") not in CLOSED_FORM and self.option("tau2") is None
        return DEFAULT_CONTROL if fits and iterates else EXACT

    def option(self, name: str) -> str | None:
        """Value of a named argument of the call, without quotes; None where it is not given.

        Examples
        --------
        >>> case("bcg_rr_DL").option("method")
        'DL'
        """
        found = re.search(rf'\b{re.escape(name)}\s*=\s*(?:"([^"]*)"|([^,()"]+))', self.call)
        return None if found is None else found.group(1) or found.group(2).strip()


@functools.cache
def _read(file: str) -> tuple[Case, ...]:
    loaded = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    return tuple(
        Case(
            id=item["id"],
            topic=item.get("topic", ""),
            dataset=item.get("dataset", ""),
            setup=item.get("setup", ""),
            call=item["call"],
            expected=item["expected"],
            expected_metafor5=item.get("expected_metafor_5_1_12"),
        )
        for item in loaded["cases"]
    )


def cases(*topics: str) -> list[Case]:
    """Cases whose topic starts with any of `topics` (all cases if none is given).

    Examples
    --------
    >>> [reference.id for reference in cases("Henmi-Copas", "fixed tau2")]
    ['bcg_rr_tau2_fixed', 'bcg_hc']
    """
    found = _read("metafor_reference.json")
    selected = [item for item in found if not topics or item.topic.startswith(topics)]
    if not selected:
        raise ValueError(f"no reference case has a topic starting with {topics}")
    return selected


def case(identifier: str) -> Case:
    """The case with this id, from either file."""
    for item in (*_read("metafor_reference.json"), *conversion_cases()):
        if item.id == identifier:
            return item
    raise ValueError(f"no reference case has the id {identifier!r}")


def conversion_cases() -> list[Case]:
    """Cases that recover means, SDs and variances, merge arms, or predict."""
    return list(_read("metafor_reference_conversions.json"))


def dataset(name: str) -> pd.DataFrame:
    """A data set by its own name or by the one R calls use; "bcg (rows 1:3)" gives rows 1 to 3.

    Examples
    --------
    >>> len(dataset("bcg")), len(dataset("normand")), len(dataset("bcg (rows 1:3)"))
    (13, 9, 3)
    """
    found = re.fullmatch(r"(\w+)(?: \(rows (\d+):(\d+)\))?", name)
    if found is None:
        raise ValueError(f"not the name of a data set: {name!r}")
    stem, first, last = found.groups()
    rows = load(ALIASES.get(stem, stem))
    return rows if first is None else rows.iloc[int(first) - 1 : int(last)]
