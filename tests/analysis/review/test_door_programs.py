"""Exports of programs for meta-analysis, and spreadsheets as people of several countries make them.

What is right is computed in `kinds` from the numbers of the trials; a file that is asked about or refused says why.
"""

from __future__ import annotations

import math

import pytest

from tests.analysis.reading import builders
from tests.analysis.review.kinds import (
    ARM_ROWS,
    COUNTS,
    DEPENDENT,
    DIFF,
    GEN_G,
    LOG_OR,
    MD,
    MEANS,
    NAMES,
    OR,
    REFUSED,
    SE_DIFF,
    SE_G,
    SE_OR,
    SMD,
    VAR_G,
    WITH_LIMITS,
    G,
    commas,
    is_right,
    kind_of,
    quoted,
    ratio_cells,
    ratios,
    said_of,
    sheet,
    with_error,
)


def local(content: bytes, codec: str = "utf-8") -> bytes:
    return content.decode().encode(codec)


KINDS = {
    # programs
    "CMA, two rows of header": (
        quoted(
            [
                ("Model", "Study name", "Statistics for each study", "", "", "", ""),
                ("", "", "Odds ratio", "Lower limit", "Upper limit", "Z-Value", "p-Value"),
            ],
            [
                *(("", *r, -1.9, 0.05) for r in ratios(LOG_OR, SE_OR)),
                ("Random", "", 0.5, 0.3, 0.7, -3, 0.001),
            ],
        ),
        OR,
        "total",
    ),
    "CMA, counts with what follows": (
        quoted(
            (
                "Study name",
                "Treated Events",
                "Treated Total N",
                "Control Events",
                "Control Total N",
                "Odds ratio",
                "Log odds ratio",
                "Std Err",
            ),
            [
                (*r, f"{math.exp(y):.4f}", f"{y:.5f}", f"{s:.5f}")
                for r, y, s in zip(COUNTS, LOG_OR, SE_OR, strict=True)
            ],
        ),
        OR,
        "",
    ),
    "CMA, g with all of it": (
        quoted(
            (
                "Study name",
                "Outcome",
                "Hedges's g",
                "Standard error",
                "Variance",
                "Lower limit",
                "Upper limit",
                "Z-Value",
                "p-Value",
            ),
            [
                (
                    n,
                    "Pain",
                    y,
                    s,
                    f"{v:.4f}",
                    f"{y - 1.96 * s:.3f}",
                    f"{y + 1.96 * s:.3f}",
                    f"{y / s:.2f}",
                    0.04,
                )
                for n, y, s, v in zip(NAMES, G, SE_G, VAR_G, strict=True)
            ],
        ),
        SMD,
        "",
    ),
    "metan of Stata with its limits": (
        sheet(
            "_LABELS,_USE,_ES,_seES,_LCI,_UCI,_WT",
            [
                *(
                    (n, 1, f"{y:.4f}", s, f"{y - 1.96 * s:.4f}", f"{y + 1.96 * s:.4f}", 25)
                    for n, y, s in zip(NAMES, G, SE_G, strict=True)
                ),
                ("Overall (I-squared = 12.0%)", 5, -0.3, 0.1, -0.5, -0.1, 100),
            ],
        ),
        GEN_G,
        "total",
    ),
    "meta of Stata, all": (
        sheet(
            "_meta_id,_meta_studylabel,_meta_es,_meta_se,_meta_cil,_meta_ciu,_meta_studysize",
            [
                (i, n, f"{y:.4f}", s, f"{y - 1.96 * s:.4f}", f"{y + 1.96 * s:.4f}", 80)
                for i, (n, y, s) in enumerate(zip(NAMES, G, SE_G, strict=True), 1)
            ],
        ),
        GEN_G,
        "",
    ),
    "MetaXL": (
        sheet(
            "Study name,N exposed,Cases exposed,N non-exposed,Cases non-exposed",
            [(n, i, a, j, c) for n, a, i, c, j in COUNTS],
        ),
        OR,
        "",
    ),
    "MetaXL, prevalence": (
        sheet("Study name,Cases,N", [(n, a, i) for n, a, i, *_ in COUNTS]),
        (
            "PLO",
            [math.log(a / (i - a)) for _, a, i, *_ in COUNTS],
            [1 / a + 1 / (i - a) for _, a, i, *_ in COUNTS],
        ),
        "",
    ),
    "OpenMeta[Analyst]": (
        sheet(
            "include,study,year,tx A #evts,tx A #total,tx B #evts,tx B #total",
            [("True", n.split()[0], n.split()[1], *r) for n, *r in COUNTS],
        ),
        OR,
        "",
    ),
    "OpenMeta[Analyst], means": (
        sheet(
            "study,tx A n,tx A mean,tx A SD,tx B n,tx B mean,tx B SD",
            [(n, i, a, b, j, c, d) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "",
    ),
    "MetaInsight, long": (
        sheet("Study,T,Mean,SD,N", [(n, g, a, b, i) for n, g, a, b, i in ARM_ROWS]),
        MD,
        "",
    ),
    "MetaInsight, wide": (
        sheet(
            "Study,T.1,R.1,N.1,T.2,R.2,N.2",
            [(n, "Drug", a, i, "Placebo", c, j) for n, a, i, c, j in COUNTS],
        ),
        OR,
        "",
    ),
    "MAJOR of jamovi": (
        sheet(
            "Study Label,Treatment Group Incidents,Treatment Group Sample Size,"
            "Control Group Incidents,Control Group Sample Size",
            COUNTS,
        ),
        OR,
        "",
    ),
    "MAJOR of jamovi, means": (
        sheet(
            "Study Label,Group One Sample Size,Group One Mean,Group One Standard Deviation,"
            "Group Two Sample Size,Group Two Mean,Group Two Standard Deviation",
            [(n, i, a, b, j, c, d) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
        "",
    ),
    "JASP, effect size and SE": (
        sheet("Study,Effect Size,Effect Size Standard Error", with_error(G, SE_G)),
        GEN_G,
        "",
    ),
    "GRADEpro": (
        quoted(
            (
                "Outcomes",
                "№ of participants (studies)",
                "Certainty of the evidence (GRADE)",
                "Relative effect (95% CI)",
                "Risk with placebo",
            ),
            [
                ("Death", "495 (4 RCTs)", "HIGH", "RR 0.62 (0.46 to 0.83)", "36 per 100"),
                ("Stroke", "495 (4 RCTs)", "LOW", "RR 0.82 (0.46 to 1.43)", "6 per 100"),
            ],
        ),
        REFUSED,
        "results of outcomes",
    ),
    "Covidence": (
        sheet(
            "Covidence #,Study ID,Title,Intervention Events,Intervention Total,Control Events,Control Total",
            [(100 + k, n, "A trial", *r) for k, (n, *r) in enumerate(COUNTS)],
        ),
        OR,
        "",
    ),
    "Covidence, means": (
        sheet(
            "Covidence #,Study ID,Reviewer Name,Pain - Drug - Mean,Pain - Drug - SD,Pain - Drug - N,"
            "Pain - Placebo - Mean,Pain - Placebo - SD,Pain - Placebo - N",
            [(100 + k, r[0], "Consensus", *r[1:]) for k, r in enumerate(MEANS)],
        ),
        MD,
        "",
    ),
    "RevMan's forest plot of means": (
        quoted(
            [
                ("", "Drug", "", "", "Placebo", "", "", "", "Mean Difference"),
                (
                    "Study or Subgroup",
                    "Mean",
                    "SD",
                    "Total",
                    "Mean",
                    "SD",
                    "Total",
                    "Weight",
                    "IV, Random, 95% CI",
                ),
            ],
            [
                *(
                    (*r, "25.0%", f"{y:.4f} [{y - 1.96 * s:.4f}, {y + 1.96 * s:.4f}]")
                    for r, y, s in zip(MEANS, DIFF, SE_DIFF, strict=True)
                ),
                ("Total (95% CI)", "", "", 248, "", "", 247, "100.0%", "-0.74 [-1.12, -0.36]"),
                ("Heterogeneity: Tau² = 0.05; Chi² = 4.19, df = 3 (P = 0.24); I² = 28%",),
            ],
        ),
        MD,
        "total",
    ),
    "RevMan's forest plot of log odds": (
        quoted(
            (
                "Study or Subgroup",
                "log[Odds Ratio]",
                "SE",
                "Weight",
                "Odds Ratio IV, Random, 95% CI",
            ),
            [
                (n, y, s, "25%", f"{r} [{a}, {b}]")
                for (n, y, s), (_, r, a, b) in zip(
                    with_error(LOG_OR, SE_OR), ratios(LOG_OR, SE_OR), strict=True
                )
            ],
        ),
        OR,
        "",
    ),
    # spreadsheets as people make them
    "three rows of header": (
        quoted(
            [
                ("Table 4. Pain", "", "", "", "", "", ""),
                ("", "Treatment", "", "", "Control", "", ""),
                ("Author", "Mean", "SD", "n", "Mean", "SD", "n"),
                ("", "(points)", "(points)", "", "(points)", "(points)", ""),
            ],
            [
                *MEANS,
                ("", "", "", "", "", "", ""),
                ("SD: standard deviation", "", "", "", "", "", ""),
            ],
        ),
        MD,
        "",
    ),
    "workbook with merged groups": (
        builders.xlsx(
            [
                ("Deaths in four trials",),
                (None, "Vaccine", None, "Placebo", None),
                ("Study", "n", "N", "n", "N"),
                *COUNTS,
                (None,),
                ("n: deaths; N: randomised",),
            ]
        ),
        OR,
        "",
    ),
    "workbook with units and subtotals": (
        builders.xlsx(
            [
                ("Study", "Events T", "N T", "Events C", "N C"),
                ("Early",),
                *COUNTS[:2],
                ("Subtotal (I² = 0%)", 20, 95, 35, 94),
                ("Late",),
                *COUNTS[2:],
                ("Subtotal (I² = 12%)", 35, 153, 54, 153),
                ("Total", 55, 248, 89, 247),
            ]
        ),
        OR,
        "total",
    ),
    "workbook with text in numbers": (
        builders.xlsx(
            [
                ("Study", "Mean T", "SD T", "N T", "Mean C", "SD C", "N C"),
                *((n, f"{a} mm", b, f"{i} pts", f"{c} mm", d, j) for n, a, b, i, c, d, j in MEANS),
            ]
        ),
        MD,
        "mm",
    ),
    "German with limits": (
        local(
            quoted(
                (
                    "Studie",
                    "Mittelwert Intervention",
                    "KI unten Intervention",
                    "KI oben Intervention",
                    "n Intervention",
                    "Mittelwert Kontrolle",
                    "KI unten Kontrolle",
                    "KI oben Kontrolle",
                    "n Kontrolle",
                ),
                [(r[0], *commas(*r[1:])) for r in WITH_LIMITS],
                ";",
            ),
            "cp1252",
        ),
        MD,
        "",
    ),
    "German counts": (
        local(
            quoted(
                (
                    "Studie",
                    "Ereignisse Verum",
                    "Anzahl Verum",
                    "Ereignisse Placebo",
                    "Anzahl Placebo",
                ),
                COUNTS,
                ";",
            ),
            "cp1252",
        ),
        OR,
        "",
    ),
    "French means": (
        local(
            quoted(
                (
                    "Étude",
                    "Moyenne traitement",
                    "ET traitement",
                    "N traitement",
                    "Moyenne témoin",
                    "ET témoin",
                    "N témoin",
                ),
                [(r[0], *commas(*r[1:])) for r in MEANS],
                ";",
            ),
            "cp1252",
        ),
        MD,
        "",
    ),
    "French Moy. (ET)": (
        local(
            quoted(
                (
                    "Étude",
                    "Moy. (ET) traitement",
                    "N traitement",
                    "Moy. (ET) contrôle",
                    "N contrôle",
                ),
                [(n, *commas(f"{a} ({b})", i, f"{c} ({d})", j)) for n, a, b, i, c, d, j in MEANS],
                ";",
            ),
            "cp1252",
        ),
        MD,
        "",
    ),
    "Spanish means": (
        local(
            quoted(
                (
                    "Estudio",
                    "Media tratamiento",
                    "DE tratamiento",
                    "n tratamiento",
                    "Media control",
                    "DE control",
                    "n control",
                ),
                [(r[0], *commas(*r[1:])) for r in MEANS],
                ";",
            )
        ),
        MD,
        "",
    ),
    "Spanish counts": (
        local(
            quoted(
                (
                    "Autor",
                    "Eventos intervención",
                    "Total intervención",
                    "Eventos control",
                    "Total control",
                ),
                COUNTS,
                ";",
            )
        ),
        OR,
        "",
    ),
    "Portuguese Média (DP)": (
        local(
            quoted(
                (
                    "Estudo",
                    "Média (DP) intervenção",
                    "N intervenção",
                    "Média (DP) controle",
                    "N controle",
                ),
                [(n, *commas(f"{a} ({b})", i, f"{c} ({d})", j)) for n, a, b, i, c, d, j in MEANS],
                ";",
            )
        ),
        MD,
        "",
    ),
    "Italian DS": (
        local(
            quoted(
                (
                    "Studio",
                    "Media trattamento",
                    "DS trattamento",
                    "N trattamento",
                    "Media controllo",
                    "DS controllo",
                    "N controllo",
                ),
                [(r[0], *commas(*r[1:])) for r in MEANS],
                ";",
            )
        ),
        MD,
        "",
    ),
    "Spanish OR (IC 95%)": (
        local(
            quoted(
                ("Estudio", "Razón de momios (IC 95%)"),
                [commas(*r) for r in ratio_cells("{} ({} a {})")],
                ";",
            )
        ),
        OR,
        "",
    ),
    "French limits": (
        local(
            quoted(
                ("Étude", "OR", "Borne inf.", "Borne sup."),
                [(n, *commas(*r)) for n, *r in ratios(LOG_OR, SE_OR)],
                ";",
            ),
            "cp1252",
        ),
        OR,
        "",
    ),
    "a dependent sheet with marks": (
        sheet(
            "study,outcome id,yi,vi",
            [("A", 1, "0.4a", 0.04), ("A", 2, 0.5, 0.05), ("B", 3, 0.1, 0.03)],
        ),
        DEPENDENT,
        "",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_or_a_spreadsheet_is_read_as_it_is_meant(kind):
    content, right, words = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), found
    assert words in said_of(content), said_of(content)
