"""Sheets of a second round, written when those of `test_door_further` were right: of 35, 24 were right at first.

What is right is computed in `kinds` from the numbers of the trials.
"""

from __future__ import annotations

import math

import pytest

from tests.analysis.review.kinds import (
    ARM_ROWS,
    ASKED,
    COUNTS,
    DEPENDENT,
    HR,
    LOG_OR,
    MD,
    MEANS,
    NAMES,
    OR,
    REFUSED,
    SE_G,
    SE_OR,
    SMD,
    WITH_LIMITS,
    G,
    is_right,
    kind_of,
    limits,
    p_value,
    quoted,
    ratio_cells,
    said_of,
    sheet,
    with_error,
)

EFFECTS = list(zip(NAMES, G, SE_G, strict=True))
KINDS = {
    "one trial per sheet, 2-row header SE": (
        quoted(
            [
                ("", "Drug", "", "", "Control", "", ""),
                ("Study", "Mean", "SE", "N", "Mean", "SE", "N"),
            ],
            [
                (n, a, round(b / i**0.5, 6), i, c, round(d / j**0.5, 6), j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
    ),
    "mean (95% CI) arm rows": (
        quoted(
            ("study", "arm", "mean (95% CI)", "n"),
            [(n, g, "{} ({}, {})".format(a, *limits(a, b, i)), i) for n, g, a, b, i in ARM_ROWS],
        ),
        MD,
    ),
    "events (n) arm rows": (
        quoted(
            ("study", "arm", "events/n"),
            [
                (n, g, f"{a}/{i}")
                for n, a0, i0, c0, j0 in COUNTS
                for g, a, i in (("Drug", a0, i0), ("Placebo", c0, j0))
            ],
        ),
        OR,
    ),
    "units in 1 col only": (
        sheet(
            "Study,Mean T,SD T,N T,Mean C,SD C,N C",
            [(n, a, b, f"{i} ", c, d, f"{j} pts.") for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "n=40 (80%)": (
        sheet("study,ai,n1i,ci,n2i", [(n, a, f"{i} (95%)", c, j) for n, a, i, c, j in COUNTS]),
        REFUSED,
    ),
    "12 (of 40)": (
        sheet(
            "Study,Drug,Placebo",
            [(n, f"{a} (of {i})", f"{c} (of {j})") for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "12 out of 40": (
        sheet(
            "Study,Drug,Placebo",
            [(n, f"{a} out of {i}", f"{c} out of {j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "Mean±SD glued head": (
        sheet(
            "Study,MeanSD_T,n_T,MeanSD_C,n_C",
            [(n, f"{a}±{b}", i, f"{c}±{d}", j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "OR_CI glued head": (quoted(("Study", "OR_95CI"), ratio_cells("{} ({}-{})")), OR),
    "OR;LL;UL one cell": (quoted(("Study", "OR (LL, UL)"), ratio_cells("{} ({}, {})")), OR),
    "OR [LCL-UCL]": (quoted(("Study", "OR [LCL-UCL]"), ratio_cells("{} [{}-{}]")), OR),
    "effect (lower, upper)": (
        quoted(
            ("Study", "SMD (lower, upper)"),
            [
                (n, f"{a:.4f} ({a - 1.959964 * b:.4f}, {a + 1.959964 * b:.4f})")
                for n, a, b in EFFECTS
            ],
        ),
        SMD,
    ),
    "logHR / SE": (
        quoted(
            ("Study", "logHR / SE"),
            [(n, f"{a:.5f} / {b:.5f}") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
        ),
        HR,
    ),
    "logHR, SE": (
        quoted(
            ("Study", "logHR, SE"),
            [(n, f"{a:.5f}, {b:.5f}") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
        ),
        HR,
    ),
    "SE (logOR) col": (sheet("Study,logOR,SE (logOR)", with_error(LOG_OR, SE_OR)), OR),
    "OR (SE of logOR)": (
        quoted(
            ("Study", "OR (SE of logOR)"),
            [
                (n, f"{math.exp(a):.5f} ({b:.5f})")
                for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)
            ],
        ),
        [ASKED, OR],
    ),
    "d (p)": (
        quoted(("Study", "d (p)"), [(n, f"{a} ({p_value(a, b)})") for n, a, b in EFFECTS]),
        SMD,
    ),
    "d, se, n in one": (
        quoted(("Study", "g (SE; n)"), [(n, f"{a} ({b}; 80)") for n, a, b in EFFECTS]),
        SMD,
    ),
    "mean (sd) [n]": (
        quoted(
            ("Study", "Drug mean (SD) [n]", "Placebo mean (SD) [n]"),
            [(n, f"{a} ({b}) [{i}]", f"{c} ({d}) [{j}]") for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "n, mean (sd)": (
        quoted(
            ("Study", "Drug n, mean (SD)", "Placebo n, mean (SD)"),
            [(n, f"{i}, {a} ({b})", f"{j}, {c} ({d})") for n, a, b, i, c, d, j in MEANS],
        ),
        REFUSED,
    ),
    "ipd TRUE/FALSE": (
        sheet(
            "study,subject_id,treatment_group,responder",
            [
                (n, k, g, x)
                for n, a, i, c, j in COUNTS
                for k, (g, x) in enumerate(
                    [("Drug", "TRUE")] * a
                    + [("Drug", "FALSE")] * (i - a)
                    + [("Placebo", "TRUE")] * c
                    + [("Placebo", "FALSE")] * (j - c)
                )
            ],
        ),
        OR,
    ),
    "ipd sex M/F text outcome": (
        sheet(
            "study,id,arm,sex",
            [(n, k, "ab"[k % 2], "MF"[k % 3 > 0]) for n in NAMES for k in range(20)],
        ),
        REFUSED,
    ),
    "repeated effects 3 per study group": (
        sheet(
            "study,group,yi,vi",
            [
                (n, g, y, v)
                for n in NAMES
                for g in "ab"
                for y, v in ((0.1, 0.02), (0.2, 0.03), (0.3, 0.02))
            ],
        ),
        DEPENDENT,
    ),
    "dup arms rates": (
        sheet("study,group,rate", [(n, g, r) for n in NAMES for g in "ab" for r in (1, 2, 3, 4)]),
        ASKED,
    ),
    "turned arms rows": (
        quoted(
            [
                ("study", *[x for n in NAMES for x in (n, n)]),
                ("arm", *["Drug", "Placebo"] * 4),
                ("events", *[x for r in COUNTS for x in (r[1], r[3])]),
                ("n", *[x for r in COUNTS for x in (r[2], r[4])]),
            ],
            [],
        ),
        REFUSED,
    ),
    "turned with units col": (
        quoted(
            [
                ("Field", "Unit", *NAMES),
                ("Mean T", "mm", *(r[1] for r in MEANS)),
                ("SD T", "mm", *(r[2] for r in MEANS)),
                ("N T", "", *(r[3] for r in MEANS)),
                ("Mean C", "mm", *(r[4] for r in MEANS)),
                ("SD C", "mm", *(r[5] for r in MEANS)),
                ("N C", "", *(r[6] for r in MEANS)),
            ],
            [],
        ),
        MD,
    ),
    "10² cell": (sheet("study,ai,n1i,ci,n2i", [("A", "10²", 40, 5, 41), *COUNTS]), REFUSED),
    "kg/g": (
        sheet(
            "Study,Mean T,SD T,N T,Mean C,SD C,N C",
            [(n, f"{a} kg", f"{b} g", i, c, d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        REFUSED,
    ),
    "approx": (sheet("study,ai,n1i,ci,n2i", [("A", "ca. 12", 40, 5, 41), *COUNTS]), REFUSED),
    "12?": (sheet("study,ai,n1i,ci,n2i", [("A", "12?", 40, 5, 41), *COUNTS]), REFUSED),
    "12 (0)": (sheet("study,ai,n1i,ci,n2i", [("A", "12 (0)", 40, 5, 41), *COUNTS]), REFUSED),
    "3.1 (2.0)a": (
        sheet(
            "Study,Mean (SD) T,N T,Mean (SD) C,N C",
            [(n, f"{a} ({b})a", i, f"{c} ({d}) mm", j) for n, a, b, i, c, d, j in MEANS],
        ),
        [MD, REFUSED],
    ),
    "0.62* (0.4-0.9)": (quoted(("Study", "OR (95% CI)"), ratio_cells("{}* ({}-{})")), OR),
    "lower>upper mean ci": (
        sheet(
            "study,mean_t,ci_low_t,ci_high_t,n_t,mean_c,ci_low_c,ci_high_c,n_c",
            [
                (n, a, high, low, i, c, top, least, j)
                for n, a, low, high, i, c, least, top, j in WITH_LIMITS
            ],
        ),
        REFUSED,
    ),
    "percent events%": (
        sheet(
            "Study,Events T (%),N T,Events C (%),N C",
            [(n, f"{100 * a / i:.1f}", i, f"{100 * c / j:.1f}", j) for n, a, i, c, j in COUNTS],
        ),
        REFUSED,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_further_sheet_is_read_as_it_is_meant_or_not_at_all(kind):
    content, right = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), (found, said_of(content))
