"""Two reviews of four trials that the tests of the door write in many ways, and what is right for them.

What is right is computed here from the numbers of the trials by the textbook's formulas, never by the code that
is tested.
"""

from __future__ import annotations

import csv
import io
import math

import numpy as np
from scipy import stats

from analysis.reading import Unreadable, open_file
from analysis.reading.mapping import NO_CHOICES
from analysis.review.opening import studies_of

COUNTS = (
    ("Adams 2001", 12, 40, 20, 41), ("Baker 2005", 8, 55, 15, 53),
    ("Chen 2010", 30, 120, 45, 118), ("Diaz 2015", 5, 33, 9, 35),
)  # fmt: skip
MEANS = (
    ("Adams 2001", 3.1, 2.0, 40, 4.2, 2.2, 41), ("Baker 2005", 2.8, 1.7, 55, 3.9, 2.4, 53),
    ("Chen 2010", 4.0, 2.5, 120, 4.6, 2.3, 118), ("Diaz 2015", 3.6, 1.9, 33, 3.5, 2.1, 35),
)  # fmt: skip
NAMES = [row[0] for row in COUNTS]
LOG_OR = [math.log(a * (m - c) / ((n - a) * c)) for _, a, n, c, m in COUNTS]
VAR_OR = [1 / a + 1 / (n - a) + 1 / c + 1 / (m - c) for _, a, n, c, m in COUNTS]
LOG_RR = [math.log(a / n / (c / m)) for _, a, n, c, m in COUNTS]
VAR_RR = [1 / a - 1 / n + 1 / c - 1 / m for _, a, n, c, m in COUNTS]
DIFF = [a - c for _, a, _, _, c, _, _ in MEANS]
VAR_DIFF = [b**2 / n + d**2 / m for _, _, b, n, _, d, m in MEANS]
G, SE_G = [-0.42, -0.31, -0.55, 0.1], [0.2, 0.18, 0.25, 0.22]
VAR_G = [s**2 for s in SE_G]
R, SIZES = [0.3, 0.21, 0.4, 0.11], [50, 80, 120, 33]
SE_OR, SE_RR, SE_DIFF = (
    [math.sqrt(v) for v in variances] for variances in (VAR_OR, VAR_RR, VAR_DIFF)
)
OR, RR, MD, SMD = (
    ("OR", LOG_OR, VAR_OR),
    ("RR", LOG_RR, VAR_RR),
    ("MD", DIFF, VAR_DIFF),
    ("SMD", G, VAR_G),
)
GEN_OR, GEN_G = ("GEN", LOG_OR, VAR_OR), ("GEN", G, VAR_G)
ASKED, REFUSED, DEPENDENT, MEDIANS = "asked", "refused", "dependent", "medians"


def sheet(head: str, rows, sep: str = ",", end: str = "\n") -> bytes:
    lines = [head, *(sep.join(map(str, row)) for row in rows)]
    return end.join([*lines, ""]).encode()


def ratios(y, s, z=1.959964, form=".4f"):
    """(name, ratio, lower, upper) as printed."""
    rows = zip(NAMES, y, s, strict=True)
    return [(n, *(format(math.exp(a + k * z * b), form) for k in (0, -1, 1))) for n, a, b in rows]


def with_error(y, s):
    return [(n, f"{a:.5f}", f"{b:.5f}") for n, a, b in zip(NAMES, y, s, strict=True)]


def p_value(y, s):
    return f"{math.erfc(abs(y) / s / math.sqrt(2)):.6f}"


def quoted(head, rows, sep: str = ",") -> bytes:
    """As `sheet`, with quotation marks where a cell needs them; `head` may be several rows."""
    text = io.StringIO(newline="")
    heads = head if isinstance(head[0], list | tuple) else [head]
    csv.writer(text, delimiter=sep, lineterminator="\n").writerows([*heads, *rows])
    return text.getvalue().encode()


def commas(*cells):
    return [str(x).replace(".", ",") for x in cells]


def limits(m, sd, n, level=0.95):
    """Limits of a group's mean, by Student's t."""
    half = stats.t.ppf(0.5 + level / 2, n - 1) * sd / math.sqrt(n)
    return f"{m - half:.6f}", f"{m + half:.6f}"


def ratio_cells(form: str, y=LOG_OR, s=SE_OR, z=1.959964):
    return [(n, form.format(*rest)) for n, *rest in ratios(y, s, z)]


HR = ("HR", LOG_OR, VAR_OR)
WITH_LIMITS = [(n, a, *limits(a, b, i), i, c, *limits(c, d, j), j) for n, a, b, i, c, d, j in MEANS]
ARM_ROWS = [
    row for n, a, b, i, c, d, j in MEANS for row in ((n, "Drug", a, b, i), (n, "Placebo", c, d, j))
]


def kind_of(content: bytes):
    """What becomes of a file: asked, refused, or its studies."""
    try:
        studies = studies_of(open_file("brought.csv", content), NO_CHOICES).studies
    except Unreadable:
        return REFUSED
    if studies.questions:
        return ASKED
    return studies if not studies.faults and len(studies.yi) else REFUSED


def is_right(found, right) -> bool:
    if isinstance(right, list):
        return any(is_right(found, one) for one in right)
    if isinstance(found, str) or isinstance(right, str):
        return found == right or right in (
            DEPENDENT if getattr(found, "clusters", None) else "",
            MEDIANS if "medians" in getattr(found, "sources", ()) else "",
        )
    measure, yi, vi = right
    return (
        found.measure.name == measure
        and len(found.yi) == len(yi)
        and np.allclose(found.yi, yi, atol=5e-4)
        and np.allclose(found.vi, vi, rtol=4e-3)
    )


def said_of(content: bytes) -> str:
    """Everything that is said of a file: remarks, questions, faults, rows left out."""
    try:
        studies = studies_of(open_file("brought.csv", content), NO_CHOICES).studies
    except Unreadable as error:
        return str(error)
    parts = (studies.warnings, studies.questions, studies.faults, studies.left_out)
    return " | ".join(str(one) for many in parts for one in many)
