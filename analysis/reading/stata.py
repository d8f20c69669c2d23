"""Stata (.dta), through pandas: values and value labels, nothing else."""

from __future__ import annotations

import io
import math
import warnings

from analysis.reading.layout import tables_of
from analysis.reading.limits import Limits
from analysis.reading.opened import Cell, Opened, Unreadable
from analysis.reading.workbook import cell_of


def is_stata(content: bytes, name: str) -> bool:
    """Versions 117 and later begin with a tag; older ones with their number, so the ending decides."""
    return content.startswith(b"<stata_dta>") or (
        name.lower().endswith(".dta")
        and content[:1] in (b"\x69", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72", b"\x73")
    )


def open_stata(name: str, content: bytes, limits: Limits) -> Opened:
    """Read a data set.

    Raises
    ------
    Unreadable
        Damaged, beyond the limits, or without rows.
    """
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pd.read_stata(
                io.BytesIO(content), convert_categoricals=True, chunksize=limits.rows + 1
            ) as reader:
                frame = reader.read(limits.rows + 1)
    except Exception as error:  # pandas raises whatever a damaged file leads to
        raise Unreadable(
            f"a Stata file that cannot be read ({type(error).__name__}); in Stata, export delimited, and bring the CSV"
        ) from None
    limits.check_shape(*frame.shape)
    records = [(1, tuple(str(c) for c in frame.columns))]
    for number, row in enumerate(frame.itertuples(index=False, name=None), start=2):
        records.append((number, tuple(_cell(v) for v in row)))
    return Opened(kind="Stata", tables=tuple(tables_of(name, records)))


def _cell(value: object) -> Cell:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value != value:  # NaT and NaN are unequal to themselves
        return None
    return cell_of(value)
