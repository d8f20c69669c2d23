"""What reports, reviews and groups of patients are called: no identifier is ever shown as a name.

A report and a review are called by their `label`. A group is called by its treatment; where a report has several
groups of one treatment, or a treatment of its own, by what `treatment_detail` says of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis import vocabulary as words

Row = Mapping[str, Any]
PROSE = (
    "notes", "note", "never_pool_reason", "not_poolable_reason", "treatment_detail", "source_location",
    "how_to_test", "caution", "coding_note",
)  # fmt: skip
"""Columns in which a curator may name a report by its identifier."""


def name_of(row: Row) -> str:
    """The name of a report or of a published review, for every page, figure and file."""
    return row["label"]


def speller(labels: Mapping[str, str]) -> Callable[[str], str]:
    """A function that puts the label where a text names a report by its identifier.

    Identifiers of one word stay: they could be ordinary words.

    >>> speller({"klazen-2010": "VERTOS II (Klazen 2010)"})("as in klazen-2010, not klazen-2010-course")
    'as in VERTOS II (Klazen 2010), not klazen-2010-course'
    """
    names = {key: name for key, name in labels.items() if "-" in key}
    if not names:
        return lambda text: text
    found = re.compile(r"(?<![\w/.-])[a-z0-9]+(?:-[a-z0-9]+)+(?![\w-])")

    def spelled(text: str) -> str:
        return found.sub(lambda m: names.get(m[0], m[0]), text) if "-" in text else text

    return spelled


def spelled_rows(frame: pd.DataFrame, labels: Mapping[str, str]) -> tuple[Row, ...]:
    """The rows of a table as mappings, with labels for identifiers in its `PROSE`."""
    spell, names = speller(labels), list(frame)
    # by columns: several times as quick as `to_dict`, and history asks for the rows of every year
    columns = (
        [*map(spell, frame[name].tolist())] if name in PROSE else frame[name].tolist() for name in names
    )
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


def group_names(arms: tuple[Row, ...]) -> dict[tuple[str, str], str]:
    """Report and arm -> name of the group."""
    alike = Counter((arm["study_id"], arm["treatment"]) for arm in arms)
    names = {}
    for arm in arms:
        own = arm["treatment"] not in words.SHORT or alike[arm["study_id"], arm["treatment"]] > 1
        plain = words.SHORT.get(arm["treatment"], "other treatment")
        names[arm["study_id"], arm["arm_id"]] = (own and arm["treatment_detail"]) or plain
    return names
