"""Sheets as reviewers lay them out: variances and limits of groups, several numbers in a cell, notes on numbers,
studies across the columns.

What is right is computed in `kinds` from the numbers of the trials; a file that is asked about or refused says why.
"""

from __future__ import annotations

import math

import pytest

from tests.analysis.review.kinds import (
    ARM_ROWS,
    ASKED,
    COUNTS,
    DIFF,
    GEN_G,
    HR,
    LOG_OR,
    LOG_RR,
    MD,
    MEANS,
    MEDIANS,
    NAMES,
    OR,
    REFUSED,
    RR,
    SE_DIFF,
    SE_G,
    SE_OR,
    SE_RR,
    SMD,
    VAR_G,
    WITH_LIMITS,
    G,
    commas,
    is_right,
    kind_of,
    limits,
    quoted,
    ratio_cells,
    said_of,
    sheet,
    with_error,
)


def turned(head: str, rows) -> bytes:
    """The table with its columns as rows."""
    return sheet(
        "\n".join(",".join(map(str, r)) for r in zip(head.split(","), *rows, strict=True)), []
    )


def around(form: str, y=G, s=SE_G, z=1.959964):
    """One cell per study with an effect and its limits, as `form` writes them."""
    return [
        (n, form.format(f"{a:.4f}", f"{a - z * b:.4f}", f"{a + z * b:.4f}"))
        for n, a, b in zip(NAMES, y, s, strict=True)
    ]  # fmt: skip


def in_one(form: str, y, s):
    return [(n, form.format(f"{a:.5f}", f"{b:.5f}")) for n, a, b in zip(NAMES, y, s, strict=True)]


def patients(study, first, second):
    """One row per patient of two groups, as (study, number, group, value)."""
    both = [("Drug", x) for x in first] + [("Placebo", x) for x in second]
    return [(study, i, group, x) for i, (group, x) in enumerate(both, 1)]


VARIANCES = [(n, a, f"{b * b:.4f}", i, c, f"{d * d:.4f}", j) for n, a, b, i, c, d, j in MEANS]


INTERVALS = [
    (n, f"{a} ({{}} to {{}})".format(*limits(a, b, i)), i, f"{c} ({{}} to {{}})".format(*limits(c, d, j)), j)
    for n, a, b, i, c, d, j in MEANS
]  # fmt: skip


KINDS = {
    # variances and limits of groups
    "var1, var2": (sheet("study,mean1,var1,n1,mean2,var2,n2", VARIANCES), MD, "variance"),
    "variance_t": (
        sheet("study,mean_t,variance_t,n_t,mean_c,variance_c,n_c", VARIANCES),
        MD,
        "SD from the variance",
    ),
    "Variance (treatment)": (
        sheet(
            "Study,Mean (treatment),Variance (treatment),N (treatment),Mean (control),Variance (control),N (control)",
            VARIANCES,
        ),
        MD,
        "",
    ),
    "variances of groups in rows": (
        sheet("study,group,mean,variance,n", [(n, g, a, b * b, i) for n, g, a, b, i in ARM_ROWS]),
        MD,
        "",
    ),
    "a negative variance": (
        sheet("study,mean1,var1,n1,mean2,var2,n2", [("A", 3, -1, 40, 4, 2, 41), *VARIANCES]),
        REFUSED,
        "0 or more",
    ),
    "limits of group means": (
        sheet("study,mean_t,ci_low_t,ci_high_t,n_t,mean_c,ci_low_c,ci_high_c,n_c", WITH_LIMITS),
        MD,
        "SD from the limits of the mean (t quantile)",
    ),
    "LCL and UCL of groups": (
        sheet("Study,Mean E,LCL E,UCL E,N E,Mean C,LCL C,UCL C,N C", WITH_LIMITS),
        MD,
        "limits of the mean",
    ),
    "90% limits of groups": (
        sheet(
            "Study,Mean T,90% CI lower T,90% CI upper T,N T,Mean C,90% CI lower C,90% CI upper C,N C",
            [
                (n, a, *limits(a, b, i, 0.9), i, c, *limits(c, d, j, 0.9), j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
        "",
    ),
    "limits of group means crossed": (
        sheet(
            "study,mean_t,ci_low_t,ci_high_t,n_t,mean_c,ci_low_c,ci_high_c,n_c",
            [("A", "3.00", 3.5, 3.7, 40, 4, 3.5, 4.5, 41), *WITH_LIMITS],
        ),
        REFUSED,
        "between its limits",
    ),
    "Mean (95% CI) of groups": (
        sheet("Study,Drug mean (95% CI),Drug n,Placebo mean (95% CI),Placebo n", INTERVALS),
        MD,
        "limits of the mean",
    ),
    "groups over Mean [95% CI] and N": (
        quoted(
            [
                ("", "Drug", "", "Placebo", ""),
                ("Study", "Mean [95% CI]", "N", "Mean [95% CI]", "N"),
            ],
            [tuple(str(x).replace("(", "[").replace(")", "]") for x in row) for row in INTERVALS],
        ),
        MD,
        "",
    ),
    "limits of groups in rows": (
        sheet(
            "study,arm,mean,lower,upper,n",
            [(n, g, a, *limits(a, b, i), i) for n, g, a, b, i in ARM_ROWS],
        ),
        MD,
        "",
    ),
    # studies across the columns
    "turned: counts": (turned("study,ai,n1i,ci,n2i", COUNTS), OR, "across the columns"),
    "turned: means": (
        turned("Study,Mean T,SD T,N T,Mean C,SD C,N C", MEANS),
        MD,
        "across the columns",
    ),
    "turned: first cell empty": (turned(",Events T,N T,Events C,N C", COUNTS), OR, ""),
    "turned: effects with years": (
        turned(
            "Author,Year,Log odds ratio,SE",
            [(n, 2000 + i, *r) for i, (n, *r) in enumerate(with_error(LOG_OR, SE_OR))],
        ),
        OR,
        "",
    ),
    "turned: under a title": (
        b"Table 3. Deaths,,,,\n"
        + turned("Trial,Deaths drug,Total drug,Deaths placebo,Total placebo", COUNTS),
        OR,
        "",
    ),
    "turned: two numbers in a cell": (
        turned(
            "Study,Drug mean (SD),Drug n,Placebo mean (SD),Placebo n",
            [(n, f"{a} ({b})", i, f"{c} ({d})", j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "",
    ),
    "turned: semicolons and commas": (
        turned(
            "Studie;MW Verum;SD Verum;n Verum;MW Placebo;SD Placebo;n Placebo".replace(";", ","),
            MEANS,
        )
        .replace(b",", b";")
        .replace(b".", b","),
        MD,
        "",
    ),
    "turned: unknown fields": (
        turned("study,alpha,beta,gamma", [r[:4] for r in COUNTS]),
        REFUSED,
        "",
    ),
    "turned: numbers for names": (
        turned("Study,Events T,N T,Events C,N C", [(i, *r) for i, (_, *r) in enumerate(COUNTS, 1)]),
        OR,
        "",
    ),
    # two or three numbers in a cell, as the heading says
    "logOR (SE)": (sheet("Study,logOR (SE)", in_one("{} ({})", LOG_OR, SE_OR)), OR, "logOR (SE)"),
    "log RR ± SE": (sheet("Study,log RR ± SE", in_one("{} ± {}", LOG_RR, SE_RR)), RR, ""),
    "lnHR (SE)": (sheet("Trial,lnHR (SE)", in_one("{}({})", LOG_OR, SE_OR)), HR, ""),
    "SMD (variance)": (sheet("Study,SMD (variance)", in_one("{} ({})", G, VAR_G)), SMD, ""),
    "Hedges' g [SE]": (sheet("Study,Hedges' g [SE]", in_one("{} [{}]", G, SE_G)), SMD, ""),
    "Estimate (Std. Error)": (
        sheet("study,Estimate (Std. Error)", in_one("{} ({})", G, SE_G)),
        GEN_G,
        "",
    ),
    "OR (SE)": (
        sheet(
            "Study,OR (SE)",
            [
                (n, f"{math.exp(y):.3f} ({s:.3f})")
                for n, y, s in zip(NAMES, LOG_OR, SE_OR, strict=True)
            ],
        ),
        ASKED,
        "of which number",
    ),
    "effect (?)": (sheet("Study,SMD", in_one("{} ({})", G, SE_G)), ASKED, "second number"),
    "MD (SD)": (
        sheet("Study,MD (SD),n", [(*r, 80) for r in in_one("{} ({})", DIFF, SE_DIFF)]),
        ASKED,
        "",
    ),
    "OR (95% CI) with to": (sheet("Study,OR (95% CI)", ratio_cells("{} ({} to {})")), OR, ""),
    "OR (95% CI) with comma": (
        quoted(("Study", "OR (95% CI)"), ratio_cells("{} ({}, {})")),
        OR,
        "",
    ),
    "MD [95% CI]": (sheet("Study,MD [95% CI]", around("{} [{}; {}]", DIFF, SE_DIFF)), MD, ""),
    "HR; 95% CI": (quoted(("Study", "HR; 95% CI"), ratio_cells("{}; {}–{}")), HR, ""),
    "HR, 95% CI": (quoted(("Study", "HR, 95% CI"), ratio_cells("{}, {} to {}")), HR, ""),
    "RR (90% CI)": (
        sheet("Study,RR (90% CI)", ratio_cells("{} ({}-{})", LOG_RR, SE_RR, 1.644854)),
        RR,
        "",
    ),
    "OR (IC 95 %), commas": (
        quoted(("Étude", "OR (IC 95 %)"), [commas(*r) for r in ratio_cells("{} ({} – {})")], ";"),
        OR,
        "",
    ),
    "OR (IC95%), commas and semicolons": (
        quoted(("Estudio", "OR (IC95%)"), [commas(*r) for r in ratio_cells("{} [{}; {}]")], ";"),
        OR,
        "",
    ),
    "cells with CI and P": (
        quoted(("Study", "Odds ratio (95% CI)"), ratio_cells("{} (95% CI {} to {}), p=0.03")),
        OR,
        "",
    ),
    "cells with line breaks": (
        quoted(("Study", "aOR (95% CI)"), ratio_cells("{}\n({}, {})")),
        OR,
        "",
    ),
    "measure in the cells": (
        quoted(
            ("Study", "Relative effect (95% CI)"), ratio_cells("RR {} ({} to {})", LOG_RR, SE_RR)
        ),
        RR,
        "",
    ),
    "Cohen's d (95% CI)": (quoted(("Study", "Cohen's d (95% CI)"), around("{} ({}, {})")), SMD, ""),
    "Mean (SD) of groups": (
        sheet(
            "Study,Mean (SD) T,N T,Mean (SD) C,N C",
            [(n, f"{a} ({b})", i, f"{c} ({d})", j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "SD",
    ),
    "Mean (SE) of groups": (
        sheet(
            "Study,Mean (SE) T,N T,Mean (SE) C,N C",
            [
                (n, f"{a} ({b / i**0.5:.6f})", i, f"{c} ({d / j**0.5:.6f})", j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
        "standard error",
    ),
    "Mean (variance) of groups": (
        sheet(
            "Study,Mean (variance) T,N T,Mean (variance) C,N C",
            [(n, f"{a} ({b:})", i, f"{c} ({d})", j) for n, a, b, i, c, d, j in VARIANCES],
        ),
        MD,
        "variance",
    ),
    "Mean (SD; n) of groups": (
        quoted(
            ("Study", "Drug, mean (SD; n)", "Placebo, mean (SD; n)"),
            [(n, f"{a} ({b}; {i})", f"{c} ({d}; {j})") for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "",
    ),
    "Mean (SD) of groups in rows": (
        sheet("study,arm,mean (SD),n", [(n, g, f"{a} ({b})", i) for n, g, a, b, i in ARM_ROWS]),
        MD,
        "",
    ),
    "mean ± SD of groups in rows": (
        sheet("study,arm,mean±SD,n", [(n, g, f"{a}±{b}", i) for n, g, a, b, i in ARM_ROWS]),
        MD,
        "",
    ),
    "median [range]": (
        sheet(
            "Study,Drug median [range],Drug n,Control median [range],Control n",
            [("A", "4 [1-9]", 40, "5 [1-10]", 41), ("B", "3 [0-8]", 55, "4 [1-9]", 53)],
        ),
        MEDIANS,
        "range",
    ),
    "mean (range)": (
        sheet(
            "Study,Drug mean (range),Drug n,Control mean (range),Control n",
            [("A", "4 (1-9)", 40, "5 (1-10)", 41), ("B", "3 (0-8)", 55, "4 (1-9)", 53)],
        ),
        REFUSED,
        "",
    ),
    "n/N (%)": (
        sheet(
            "Study,Treatment n/N (%),Control n/N (%)",
            [
                (n, f"{a}/{i} ({100 * a / i:.0f}%)", f"{c}/{j} ({100 * c / j:.0f}%)")
                for n, a, i, c, j in COUNTS
            ],
        ),
        OR,
        "",
    ),
    "events/total": (
        sheet(
            "Study,Treated events/total,Control events/total",
            [(n, f"{a}/{i}", f"{c}/{j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
        "",
    ),
    "Events (total)": (
        sheet(
            "Study,Drug events (total),Placebo events (total)",
            [(n, f"{a} ({i})", f"{c} ({j})") for n, a, i, c, j in COUNTS],
        ),
        OR,
        "",
    ),
    "r (n)": (
        sheet("Study,r (n)", [("A", "0.3 (50)"), ("B", "0.21 (80)"), ("C", "0.4 (120)")]),
        ("ZCOR", [math.atanh(r) for r in (0.3, 0.21, 0.4)], [1 / 47, 1 / 77, 1 / 117]),
        "",
    ),
    # notes, units and words on numbers
    "12a": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a}a", *r) for n, a, *r in COUNTS]),
        OR,
        "footnote",
    ),
    "12²": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a}²", *r) for n, a, *r in COUNTS]),
        OR,
        "footnote",
    ),
    "12 †": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a} †", *r) for n, a, *r in COUNTS]),
        OR,
        "footnote",
    ),
    "12 (a)": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a} (a)", *r) for n, a, *r in COUNTS]),
        OR,
        "footnote",
    ),
    "12 [1]": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a} [1]", *r) for n, a, *r in COUNTS]),
        REFUSED,
        "12 (1%)",
    ),
    "one cell with a note": (
        sheet("study,yi,sei", [("A", "0.4b", 0.2), ("B", "0.3", 0.1)]),
        ("GEN", [0.4, 0.3], [0.04, 0.01]),
        "“0.4b” in row 2",
    ),
    "3.1 mm": (
        sheet(
            "Study,Mean T,SD T,N T,Mean C,SD C,N C",
            [
                (n, f"{a} mm", f"{b} mm", f"n={i}", f"{c}mm", f"{d} mm", f"{j} pts")
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
        "mm",
    ),
    "mm and cm": (
        sheet(
            "Study,Mean T,SD T,N T,Mean C,SD C,N C",
            [
                (n, f"{a} {'cm' if k else 'mm'}", b, i, c, d, j)
                for k, (n, a, b, i, c, d, j) in enumerate(MEANS)
            ],
        ),
        REFUSED,
        "one unit",
    ),
    "means of per cent": (
        sheet(
            "Study,Mean T,SD T,N T,Mean C,SD C,N C",
            [(n, f"{a}%", b, i, f"{c}%", d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "%",
    ),
    "1,5 †": (
        quoted(
            ("study", "yi", "vi"),
            [
                (n, f"{a:.2f} †".replace(".", ","), f"{b:.4f}".replace(".", ","))
                for n, a, b in zip(NAMES, G, VAR_G, strict=True)
            ],
            ";",
        ),
        GEN_G,
        "footnote",
    ),
    "40 patients": (
        sheet(
            "study,ai,n1i,ci,n2i",
            [(n, a, f"{i} patients", c, f"N = {j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
        "",
    ),
    "40% of the group": (
        sheet(
            "study,events_e,n_e,events_c,n_c",
            [("A", "30%", 40, "50%", 42), ("B", "10%", 50, "20%", 50)],
        ),
        (
            "OR",
            [math.log(12 * 21 / (28 * 21)), math.log(5 * 40 / (45 * 10))],
            [1 / 12 + 1 / 28 + 2 / 21, 1 / 5 + 1 / 45 + 1 / 10 + 1 / 40],
        ),
        "percentages read as counts",
    ),
    "a size with a fraction": (
        sheet("study,ai,n1i,ci,n2i", [("A", 3, "3/40", 5, 41), *COUNTS]),
        REFUSED,
        "3/40",
    ),
    "12 of 40 beside another size": (
        sheet("study,events_e,n_e,events_c,n_c", [("A", "12 of 40", 44, 5, 41), *COUNTS]),
        REFUSED,
        "12 of 40",
    ),
    "3k": (sheet("study,ai,n1i,ci,n2i", [("A", 30, "3k", 50, "3k"), *COUNTS]), REFUSED, "3k"),
    "1O for 10": (sheet("study,ai,n1i,ci,n2i", [("A", "1O", 40, 5, 41), *COUNTS]), REFUSED, "1O"),
    "a formula": (
        sheet("study,ai,n1i,ci,n2i", [("A", "=1+1", 40, 5, 41), *COUNTS]),
        REFUSED,
        "formula",
    ),
    "vi < 0.001": (
        sheet(
            "study,yi,vi",
            [*((n, y, v) for n, y, v in zip(NAMES, G, VAR_G, strict=True)), ("E", 0.2, "<0.001")],
        ),
        GEN_G,
        "a bound is no value",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_is_read_as_it_is_laid_out_or_not_at_all(kind):
    content, right, words = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), found
    assert words in said_of(content), said_of(content)
