"""Sheets written when the reader was done, to see what it still failed: of 74, 60 were right at first.

What is right is computed in `kinds` from the numbers of the trials.
"""

from __future__ import annotations

import math

import pytest

from tests.analysis.reading import builders
from tests.analysis.review.kinds import (
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
    SIZES,
    SMD,
    WITH_LIMITS,
    G,
    R,
    commas,
    is_right,
    kind_of,
    limits,
    quoted,
    ratio_cells,
    ratios,
    said_of,
    sheet,
)

EFFECTS = list(zip(NAMES, G, SE_G, strict=True))
KINDS = {
    "s2": (
        sheet(
            "study,x1,s2_1,n1,x2,s2_2,n2",
            [(n, a, b * b, i, c, d * d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "Var Exp": (
        sheet(
            "Study,Mean Exp,Var Exp,N Exp,Mean Ctrl,Var Ctrl,N Ctrl",
            [(n, a, b * b, i, c, d * d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "two rows: Mean Variance n": (
        quoted(
            [
                ("", "Treatment", "", "", "Control", "", ""),
                ("Study", "Mean", "Variance", "n", "Mean", "Variance", "n"),
            ],
            [(n, a, round(b * b, 4), i, c, round(d * d, 4), j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "two rows: Mean Lower Upper n": (
        quoted(
            [
                ("", "Treatment", "", "", "", "Control", "", "", ""),
                (
                    "Study",
                    "Mean",
                    "95% CI lower",
                    "95% CI upper",
                    "n",
                    "Mean",
                    "95% CI lower",
                    "95% CI upper",
                    "n",
                ),
            ],
            WITH_LIMITS,
        ),
        MD,
    ),
    "mean.e lower.e upper.e": (
        sheet("studlab,mean.e,lower.e,upper.e,n.e,mean.c,lower.c,upper.c,n.c", WITH_LIMITS),
        MD,
    ),
    "Mean1 LL1 UL1": (sheet("Study,Mean1,LL1,UL1,N1,Mean2,LL2,UL2,N2", WITH_LIMITS), MD),
    "mean 95%CI text col": (
        quoted(
            ("Study", "Mean T", "95% CI T", "N T", "Mean C", "95% CI C", "N C"),
            [
                (
                    n,
                    a,
                    "{} to {}".format(*limits(a, b, i)),
                    i,
                    c,
                    "{} to {}".format(*limits(c, d, j)),
                    j,
                )
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
    ),
    "Intervention: mean (SE) / n": (
        quoted(
            (
                "Trial",
                "Intervention: mean (SE)",
                "Intervention: n",
                "Comparator: mean (SE)",
                "Comparator: n",
            ),
            [
                (n, f"{a} ({b / i**0.5:.6f})", i, f"{c} ({d / j**0.5:.6f})", j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
    ),
    "SD or SE: both columns": (
        sheet(
            "Study,Mean T,SD T,SE T,N T,Mean C,SD C,SE C,N C",
            [
                (n, a, b, round(b / i**0.5, 5), i, c, d, round(d / j**0.5, 5), j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
    ),
    "turned with notes column": (
        sheet(
            "Field," + ",".join(NAMES) + ",Comment",
            [
                (f, *(r[k] for r in COUNTS), "from table 2" if k == 1 else "")
                for k, f in enumerate(
                    ("Events treatment", "Total treatment", "Events control", "Total control"), 1
                )
            ],
        ),
        OR,
    ),
    "turned xlsx": (
        builders.xlsx(
            [
                ("Study", *NAMES),
                ("Year", 2001, 2005, 2010, 2015),
                ("Events (drug)", *(r[1] for r in COUNTS)),
                ("Total (drug)", *(r[2] for r in COUNTS)),
                ("Events (placebo)", *(r[3] for r in COUNTS)),
                ("Total (placebo)", *(r[4] for r in COUNTS)),
            ]
        ),
        OR,
    ),
    "turned: design row": (
        sheet(
            "Study," + ",".join(NAMES),
            [
                ("Design", "RCT", "RCT", "RCT", "RCT"),
                ("Country", "DE", "UK", "US", "FR"),
                ("OR", *(r[1] for r in ratios(LOG_OR, SE_OR))),
                ("Lower", *(r[2] for r in ratios(LOG_OR, SE_OR))),
                ("Upper", *(r[3] for r in ratios(LOG_OR, SE_OR))),
            ],
        ),
        OR,
    ),
    "turned: OR (95% CI)": (
        quoted(("Study", *NAMES), [("OR (95% CI)", *(c for _, c in ratio_cells("{} ({} to {})")))]),
        OR,
    ),
    "turned: two groups blocks": (
        sheet(
            "Study," + ",".join(NAMES),
            [
                ("Treatment,,,,",),
                ("Mean T", *(r[1] for r in MEANS)),
                ("SD T", *(r[2] for r in MEANS)),
                ("n T", *(r[3] for r in MEANS)),
                ("Mean C", *(r[4] for r in MEANS)),
                ("SD C", *(r[5] for r in MEANS)),
                ("n C", *(r[6] for r in MEANS)),
            ],
        ),
        MD,
    ),
    "OR [95%-CI]": (quoted(("Study", "OR [95%-CI]"), ratio_cells("{} [{}; {}]")), OR),
    "OR 95%-CI of meta forest": (
        quoted(
            ("Study", "OR", "95%-CI"),
            [(n, r, f"[{a}; {b}]") for n, r, a, b in ratios(LOG_OR, SE_OR)],
        ),
        OR,
    ),
    "HR (CI 95%)": (quoted(("Study", "HR (CI 95%)"), ratio_cells("{} ({} - {})")), HR),
    "ln(OR) ± SE": (
        sheet(
            "Study,ln(OR) ± SE",
            [(n, f"{a:.5f} ± {b:.5f}") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
        ),
        OR,
    ),
    "Log OR (95% CI)": (
        quoted(
            ("Study", "Log OR (95% CI)"),
            [
                (n, f"{a:.4f} ({a - 1.959964 * b:.4f}, {a + 1.959964 * b:.4f})")
                for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)
            ],
        ),
        OR,
    ),
    "Effect size (SE)": (
        quoted(("Study", "Effect size (SE)"), [(n, f"{a} ({b})") for n, a, b in EFFECTS]),
        GEN_G,
    ),
    "d (SE)": (quoted(("Study", "d (SE)"), [(n, f"{a} ({b})") for n, a, b in EFFECTS]), SMD),
    "Effect (95% CI)": (
        quoted(
            ("Study", "Effect (95% CI)"),
            [
                (n, f"{a:.3f} ({a - 1.959964 * b:.4f}, {a + 1.959964 * b:.4f})")
                for n, a, b in EFFECTS
            ],
        ),
        GEN_G,
    ),
    "adjusted HR (95% CI), p": (
        quoted(
            ("Study", "Adjusted HR (95% CI)", "p"),
            [(*r, "<0.01") for r in ratio_cells("{} ({}–{})")],
        ),
        HR,
    ),
    "HR (95% CI; p)": (quoted(("Study", "HR (95% CI; p)"), ratio_cells("{} ({}–{}; p=0.02)")), HR),
    "Events/N (%)": (
        quoted(
            ("Study", "Intervention (events/N)", "Control (events/N)"),
            [(n, f"{a}/{i}", f"{c}/{j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "No. (%)": (
        quoted(
            ("Study", "Drug, No. (%)", "Drug, N", "Placebo, No. (%)", "Placebo, N"),
            [
                (n, f"{a} ({100 * a / i:.0f})", i, f"{c} ({100 * c / j:.0f})", j)
                for n, a, i, c, j in COUNTS
            ],
        ),
        OR,
    ),
    "n=40 in header": (
        quoted(
            [("", "Drug", "", "Placebo", ""), ("Study", "Events", "n", "Events", "n")],
            [(n, a, f"n={i}", c, f"n={j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "40 (n)": (
        sheet(
            "study,ai,n1i,ci,n2i",
            [(n, a, f"{i} participants", f"{c} events", j) for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "superscript letters": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a}ᵃ", i, c, j) for n, a, i, c, j in COUNTS]),
        OR,
    ),
    "12#": (sheet("study,ai,n1i,ci,n2i", [(n, f"{a}#", i, c, j) for n, a, i, c, j in COUNTS]), OR),
    "3,1 mm dec commas": (
        quoted(
            ("Study", "Mean T", "SD T", "N T", "Mean C", "SD C", "N C"),
            [
                (n, *commas(f"{a} mm", f"{b} mm", i, f"{c} mm", f"{d} mm", j))
                for n, a, b, i, c, d, j in MEANS
            ],
            ";",
        ),
        MD,
    ),
    "0.52*** stars": (sheet("study,yi,sei", [(n, f"{a}***", b) for n, a, b in EFFECTS]), GEN_G),
    "40% as mean sd": (
        sheet(
            "study,mean_t,sd_t,n_t,mean_c,sd_c,n_c",
            [(n, f"{a} %", f"{b} %", i, f"{c} %", f"{d} %", j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "units in heads": (
        sheet("Study,Mean T (mm),SD T (mm),N T,Mean C (mm),SD C (mm),N C", MEANS),
        MD,
    ),
    "CMA comparative": (
        quoted(
            (
                "Study name",
                "Comparison",
                "Outcome",
                "Odds ratio",
                "Lower limit",
                "Upper limit",
                "Z-Value",
                "p-Value",
                "Relative weight",
            ),
            [
                (n, "Drug vs Placebo", "Death", r, a, b, -1.9, 0.05, 25)
                for n, r, a, b in ratios(LOG_OR, SE_OR)
            ],
        ),
        OR,
    ),
    "CMA event rate": (
        quoted(
            ("Study name", "Event rate", "Lower limit", "Upper limit", "Z-Value", "p-Value"),
            [(n, 0.3, 0.2, 0.42, -3, 0.01) for n in NAMES],
        ),
        [ASKED, REFUSED],
    ),
    "CMA correlation": (
        quoted(
            ("Study name", "Correlation", "Sample size"),
            [(n, r, k) for n, r, k in zip(NAMES, R, SIZES, strict=True)],
        ),
        ("ZCOR", [math.atanh(r) for r in R], [1 / (k - 3) for k in SIZES]),
    ),
    "Stata metan 4 counts": (
        sheet(
            "trialid,trialname,tdeath,tnodeath,cdeath,cnodeath",
            [(k, n, a, i - a, c, j - c) for k, (n, a, i, c, j) in enumerate(COUNTS, 1)],
        ),
        OR,
    ),
    "Stata metan cont": (
        sheet(
            "author,tsample,tmean,tsd,csample,cmean,csd",
            [(n, i, a, b, j, c, d) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "OpenMEE": (
        sheet(
            "study_name,control_mean,control_sd,control_n,experimental_mean,experimental_sd,experimental_n",
            [(n, c, d, j, a, b, i) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "MetaInsight binary long": (
        sheet(
            "ID,Study,T,R,N",
            [
                (k // 2 + 1, n, g, e, m)
                for k, (n, g, e, m) in enumerate(
                    [
                        x
                        for n, a, i, c, j in COUNTS
                        for x in ((n, "Drug", a, i), (n, "Placebo", c, j))
                    ]
                )
            ],
        ),
        OR,
    ),
    "MetaInsight wide cont": (
        sheet(
            "Study,T.1,Mean.1,SD.1,N.1,T.2,Mean.2,SD.2,N.2",
            [(n, "Drug", a, b, i, "Placebo", c, d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "jamovi dichot": (
        sheet("study,tpos,tneg,cpos,cneg", [(n, a, i - a, c, j - c) for n, a, i, c, j in COUNTS]),
        OR,
    ),
    "robumeta": (sheet("studyid,effectsize,var", [(n, a, b * b) for n, a, b in EFFECTS]), GEN_G),
    "RevMan5 other: log[RR], SE": (
        quoted(
            ("Study", "log[Risk Ratio]", "SE", "Experimental Total", "Control Total"),
            [
                (n, f"{a:.5f}", f"{b:.5f}", 40, 40)
                for n, a, b in zip(NAMES, LOG_RR, SE_RR, strict=True)
            ],
        ),
        RR,
    ),
    "title rows x3 + blank": (
        quoted(
            [
                ("Systematic review of X",),
                ("Table S3: outcome data",),
                ("",),
                ("Study", "Events T", "N T", "Events C", "N C"),
            ],
            [*COUNTS, ("",), ("Abbreviations: T, treatment; C, control",)],
        ),
        OR,
    ),
    "hdr 3 rows: outcome group quantity": (
        quoted(
            [
                ("", "Pain at 12 months", "", "", "", "", ""),
                ("", "Drug", "", "", "Placebo", "", ""),
                ("Study", "Mean", "SD", "N", "Mean", "SD", "N"),
            ],
            MEANS,
        ),
        MD,
    ),
    "group (n) header rows": (
        quoted(
            [
                ("Study", "Drug (n=248)", "", "Placebo (n=247)", ""),
                ("", "Events", "Total", "Events", "Total"),
            ],
            COUNTS,
        ),
        OR,
    ),
    "I2 lines": (
        quoted(
            ("Study", "Events T", "N T", "Events C", "N C"),
            [*COUNTS, ("Total", 55, 248, 89, 247), ("I² = 0%, p = 0.9", "", "", "", "")],
        ),
        OR,
    ),
    "German ES": (
        quoted(
            ("Studie", "Effektstärke", "Standardfehler"),
            [(n, *commas(a, b)) for n, a, b in EFFECTS],
            ";",
        ),
        GEN_G,
    ),
    "German d KI": (
        quoted(
            ("Studie", "SMD", "95%-KI untere Grenze", "95%-KI obere Grenze"),
            [
                (n, *commas(a, f"{a - 1.959964 * b:.4f}", f"{a + 1.959964 * b:.4f}"))
                for n, a, b in EFFECTS
            ],
            ";",
        ),
        SMD,
    ),
    "German M (SD)": (
        quoted(
            (
                "Studie",
                "M (SD) Interventionsgruppe",
                "n Interventionsgruppe",
                "M (SD) Kontrollgruppe",
                "n Kontrollgruppe",
            ),
            [(n, *commas(f"{a} ({b})", i, f"{c} ({d})", j)) for n, a, b, i, c, d, j in MEANS],
            ";",
        ),
        MD,
    ),
    "French RR IC": (
        quoted(
            ("Étude", "RR", "IC 95 % inf", "IC 95 % sup"),
            [(n, *commas(*r)) for n, *r in ratios(LOG_RR, SE_RR)],
            ";",
        ),
        RR,
    ),
    "French events": (
        quoted(
            (
                "Étude",
                "Nombre événements intervention",
                "Effectif intervention",
                "Nombre événements témoin",
                "Effectif témoin",
            ),
            COUNTS,
            ";",
        ),
        OR,
    ),
    "Spanish media DE 2 rows": (
        quoted(
            [
                ("", "Tratamiento", "", "", "Control", "", ""),
                ("Estudio", "Media", "DE", "n", "Media", "DE", "n"),
            ],
            [(r[0], *commas(*r[1:])) for r in MEANS],
            ";",
        ),
        MD,
    ),
    "Portuguese events": (
        quoted(
            (
                "Estudo",
                "Eventos intervenção",
                "Total intervenção",
                "Eventos controle",
                "Total controle",
            ),
            COUNTS,
            ";",
        ),
        OR,
    ),
    "Portuguese RR (IC 95%)": (
        quoted(
            ("Estudo", "RR (IC 95%)"),
            [commas(*r) for r in ratio_cells("{} ({}-{})", LOG_RR, SE_RR)],
            ";",
        ),
        RR,
    ),
    "Dutch": (
        quoted(
            (
                "Studie",
                "Gemiddelde interventie",
                "SD interventie",
                "N interventie",
                "Gemiddelde controle",
                "SD controle",
                "N controle",
            ),
            [(r[0], *commas(*r[1:])) for r in MEANS],
            ";",
        ),
        MD,
    ),
    "mean difference (95% CI) & n": (
        quoted(
            ("Study", "N", "Mean difference (95% CI)"),
            [
                (n, 80, f"{y:.3f} ({y - 1.959964 * s:.4f} to {y + 1.959964 * s:.4f})")
                for n, y, s in zip(NAMES, DIFF, SE_DIFF, strict=True)
            ],
        ),
        MD,
    ),
    "IPD numbers group": (
        sheet(
            "study,id,trt,y",
            [
                (n, k, g, x)
                for n, a, b, i, c, d, j in MEANS
                for k, (g, x) in enumerate(
                    [(1, a + (-1) ** m * b) for m in range(i)]
                    + [(0, c + (-1) ** m * d) for m in range(j)]
                )
            ],
        ),
        ASKED,
    ),
    "prev with %": (
        sheet("Study,n,N,%", [(n, a, i, f"{100 * a / i:.1f}") for n, a, i, _, _ in COUNTS]),
        (
            "PLO",
            [math.log(a / (i - a)) for _, a, i, *_ in COUNTS],
            [1 / a + 1 / (i - a) for _, a, i, *_ in COUNTS],
        ),
    ),
    "rate per 100": (
        sheet("Study,Rate T per 100,Rate C per 100", [(n, 3.2, 4.1) for n in NAMES]),
        [ASKED, REFUSED],
    ),
    "mixed RR OR cells": (
        quoted(
            ("Study", "Effect (95% CI)"),
            [
                (n, f"{('RR' if k else 'OR')} {r} ({a} to {b})")
                for k, (n, r, a, b) in enumerate(ratios(LOG_RR, SE_RR))
            ],
        ),
        [ASKED, REFUSED],
    ),
    "OR head HR cells": (
        quoted(("Study", "OR (95% CI)"), ratio_cells("HR {} ({} to {})")),
        [ASKED, REFUSED],
    ),
    "CI in wrong order": (
        quoted(
            ("Study", "OR (95% CI)"),
            [(n, f"{r} ({b} to {a})") for n, r, a, b in ratios(LOG_OR, SE_OR)],
        ),
        OR,
    ),
    "1 cell unsplit": (
        quoted(
            ("Study", "logOR (SE)"),
            [
                *[(n, f"{a:.5f} ({b:.5f})") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
                ("E", "0.5 SE 0.2"),
            ],
        ),
        [ASKED, REFUSED],
    ),
    "1 cell only number": (
        quoted(
            ("Study", "logOR (SE)"),
            [
                *[(n, f"{a:.5f} ({b:.5f})") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
                ("E", "0.5"),
            ],
        ),
        OR,
    ),
    "1 NR": (
        quoted(
            ("Study", "logOR (SE)"),
            [
                *[(n, f"{a:.5f} ({b:.5f})") for n, a, b in zip(NAMES, LOG_OR, SE_OR, strict=True)],
                ("E", "NR"),
            ],
        ),
        OR,
    ),
    "noted SDs": (
        sheet(
            "study,mean1,sd1,n1,mean2,sd2,n2",
            [(n, f"{a}b", f"{b} a", i, c, d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "RevMan median": (
        quoted(
            ("Study", "Drug median [IQR]", "Drug N", "Placebo median [IQR]", "Placebo N"),
            [("A", "4 [2, 6]", 40, "5 [3, 7]", 41), ("B", "3 [2, 5]", 55, "4 [3, 6]", 53)],
        ),
        MEDIANS,
    ),
    "median Q1 Q3 2 row": (
        quoted(
            [
                ("", "Drug", "", "", "", "Placebo", "", "", ""),
                ("Study", "Median", "Q1", "Q3", "N", "Median", "Q1", "Q3", "N"),
            ],
            [("A", 4, 2, 6, 40, 5, 3, 7, 41), ("B", 3, 2, 5, 55, 4, 3, 6, 53)],
        ),
        MEDIANS,
    ),
    "p<0.05 cells effect": (
        sheet("study,yi,p", [(n, a, "<0.05") for n, a, b in EFFECTS]),
        [ASKED, REFUSED],
    ),
    "RD %": (
        sheet("study,RD,lower,upper", [("A", "-5%", "-9%", "-1%"), ("B", "-3%", "-8%", "2%")]),
        ("RD", [-0.05, -0.03], [(0.08 / 3.919928) ** 2, (0.1 / 3.919928) ** 2]),
    ),
    "effect % mixed": (
        sheet("study,RD,SE", [("A", "-5%", "0.02"), ("B", "-3%", "0.03")]),
        [ASKED, REFUSED],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_further_sheet_is_read_as_it_is_meant_or_not_at_all(kind):
    content, right = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), (found, said_of(content))
