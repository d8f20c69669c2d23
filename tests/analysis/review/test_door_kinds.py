"""Kinds of files that people bring: each is read as it was meant, asked about, or refused; none misread in silence.

Two reviews of four trials (`kinds`), written the way that many programs and people write them.
"""

from __future__ import annotations

import math

import pytest

from tests.analysis.review.kinds import (
    ASKED,
    COUNTS,
    DEPENDENT,
    DIFF,
    GEN_G,
    GEN_OR,
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
    VAR_G,
    VAR_OR,
    G,
    R,
    is_right,
    kind_of,
    p_value,
    ratios,
    sheet,
    with_error,
)

COMMAS = [tuple(str(x).replace(".", ",") for x in row) for row in MEANS]
BRACKETS = [(n, f"{a} ({b})", i, f"{c} ({d})", j) for n, a, b, i, c, d, j in MEANS]
ARMS = [row for n, a, i, c, j in COUNTS for row in ((n, "Drug", a, i), (n, "Placebo", c, j))]
FOREST = [
    (n, a, i, c, j, "25.0%", f'"{r} [{low}, {high}]"')
    for (n, a, i, c, j), (_, r, low, high) in zip(COUNTS, ratios(LOG_RR, SE_RR), strict=True)
]
CHANGES = [(n, 7.0, 1.0, 3.0, 1.5, m, 0.5) for n, m in zip(NAMES, SIZES, strict=True)]
CHANGE = ("MC", [-4.0] * 4, [(1.0 + 1.5**2 - 2 * 0.5 * 1.5) / m for m in SIZES])
KINDS = {
    # one group before and after
    "before, after and their correlation": (
        sheet("study,mean_pre,sd_pre,mean_post,sd_post,n,r", CHANGES), CHANGE,
    ),
    "the same, after first, in words": (
        sheet(
            "Study,Follow-up mean,Follow-up SD,Baseline mean,Baseline SD,N follow-up,Correlation",
            [(n, c, d, a, b, m, r) for n, a, b, c, d, m, r in CHANGES],
        ),
        CHANGE,
    ),
    "before and after without a correlation": (
        sheet("study,mean_pre,sd_pre,mean_post,sd_post,n", [row[:-1] for row in CHANGES]), ASKED,
    ),
    # ratios and their logarithms
    "OR with LCL, UCL": (sheet("Study,OR,LCL,UCL", ratios(LOG_OR, SE_OR)), OR),
    "interval in brackets": (
        sheet(
            "Trial,Hazard ratio [95% CI]",
            [(n, f'"{r} [{a}, {b}]"') for n, r, a, b in ratios(LOG_OR, SE_OR)],
        ),
        ("HR", LOG_OR, VAR_OR),
    ),
    "adjusted OR": (sheet("study,aOR,lower,upper", ratios(LOG_OR, SE_OR)), OR),
    "90% limits by name": (sheet("Study,OR,90% LCI,90% UCI", ratios(LOG_OR, SE_OR, 1.644854)), OR),
    "SElogOR": (sheet("study,logOR,SElogOR", with_error(LOG_OR, SE_OR)), OR),
    "log(HR), SE(log(HR))": (
        sheet("Study,log(HR),SE(log(HR))", with_error(LOG_OR, SE_OR)),
        ("HR", LOG_OR, VAR_OR),
    ),
    "exp(estimate)": (
        sheet("term,exp(estimate),exp(lower),exp(upper)", ratios(LOG_OR, SE_OR)),
        ("RATIO", LOG_OR, VAR_OR),
    ),
    "summary of coxph": (
        sheet(
            "trial,exp(coef),exp(-coef),lower .95,upper .95",
            [(n, r, 1 / float(r), a, b) for n, r, a, b in ratios(LOG_OR, SE_OR)],
        ),
        ("RATIO", LOG_OR, VAR_OR),
    ),
    "ratio with its P value": (
        sheet(
            "Study,RR,P value",
            [
                (n, r[1], p_value(y, s))
                for n, r, y, s in zip(NAMES, ratios(LOG_RR, SE_RR), LOG_RR, SE_RR, strict=True)
            ],
        ),
        RR,
    ),
    "German limits": (
        sheet(
            "Studie;Odds Ratio;Untere Grenze;Obere Grenze",
            [(n, *(x.replace(".", ",") for x in r)) for n, *r in ratios(LOG_OR, SE_OR)],
            ";",
        ),
        OR,
    ),
    "CMA with z and P": (
        sheet(
            "Study name,Odds ratio,Lower limit,Upper limit,Z-Value,p-Value",
            [(*r, -1.2, 0.2) for r in ratios(LOG_OR, SE_OR)],
        ),
        OR,
    ),
    "running number beside a size": (
        sheet(
            "No.,First author (year),Sample size,OR,95%CI",
            [(i, n, 80, r, f"{a}–{b}") for i, (n, r, a, b) in enumerate(ratios(LOG_OR, SE_OR), 1)],
        ),
        OR,
    ),
    "pooled row of metafor": (
        sheet(
            "Study,OR,lower,upper",
            [*ratios(LOG_OR, SE_OR), ("Random effects model", 0.5, 0.4, 0.8)],
        ),
        OR,
    ),
    "OR with a bare SE": (
        sheet("Study,OR,SE", [(n, r, 0.4) for n, r, *_ in ratios(LOG_OR, SE_OR)]),
        ASKED,
    ),
    "crude and adjusted": (
        sheet("study,crude OR,LCI,UCI,adjusted OR", [(*r, r[1]) for r in ratios(LOG_OR, SE_OR)]),
        [ASKED, OR],
    ),
    "effect outside its limits": (
        sheet("study,yi,lower,upper", [(n, -1.2, 0.2, 0.9) for n in NAMES]),
        REFUSED,
    ),
    # differences
    "g": (sheet("Study,Hedges' g,SE", with_error(G, SE_G)), SMD),
    "d with variance": (sheet("author,Cohen's d,Variance", with_error(G, VAR_G)), SMD),
    "CMA with totals": (
        sheet(
            "Model,Study name,Std diff in means,Standard error",
            [("", *r) for r in with_error(G, SE_G)]
            + [("Fixed", "", -0.3, 0.1), ("Random", "", -0.3, 0.1)],
        ),
        SMD,
    ),
    "metan of Stata": (sheet("author,_ES,_seES", with_error(G, SE_G)), GEN_G),
    "meta esize of Stata": (
        sheet("_meta_studylabel,_meta_es,_meta_se", with_error(G, SE_G)),
        GEN_G,
    ),
    "coef of R": (
        sheet(",estimate,se,zval,pval", [(*r, 1, "<0.001") for r in with_error(LOG_OR, SE_OR)]),
        GEN_OR,
    ),
    "typographic minus": (
        sheet("study,yi,vi", with_error(G, VAR_G)).replace(b"-0", "−0".encode()),
        GEN_G,
    ),
    "JASP's computed columns": (
        sheet(
            "study,computed effect size,computed standard error,computed effect size type",
            [(*r, "logOR") for r in with_error(LOG_OR, SE_OR)],
        ),
        OR,
    ),
    "difference with its P value": (
        sheet(
            "study,mean difference,p",
            [(n, y, p_value(y, s)) for n, y, s in zip(NAMES, DIFF, SE_DIFF, strict=True)],
        ),
        MD,
    ),
    "difference with an SD": (
        sheet(
            "study,mean difference,SD,n", [(n, y, 2, 80) for n, y in zip(NAMES, DIFF, strict=True)]
        ),
        REFUSED,
    ),
    "effect and weight": (
        sheet("Study,Effect,Weight (%)", [(n, y, 25) for n, y in zip(NAMES, G, strict=True)]),
        REFUSED,
    ),
    # counts
    "events_e, n_e": (sheet("Study,events_e,n_e,events_c,n_c", COUNTS), OR),
    "events and sizes with what was lost": (
        sheet(
            "Study,Events (E),N (E),Dropouts (E),Events (C),N (C),Dropouts (C)",
            [(n, a, i, 2, c, j, 3) for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "fractions": (
        sheet("Study,Drug,Placebo", [(n, f"{a}/{i}", f"{c}/{j}") for n, a, i, c, j in COUNTS]),
        OR,
    ),
    "n (%)": (
        sheet(
            "Study,Events treatment (%),N treatment,Events control (%),N control",
            [
                (n, f"{a} ({100 * a / i:.1f}%)", i, f"{c} ({100 * c / j:.1f}%)", j)
                for n, a, i, c, j in COUNTS
            ],
        ),
        OR,
    ),
    "shares": (
        sheet(
            "Study,prop_t,n_t,prop_c,n_c",
            [(n, f"{a / i:.3f}", i, f"{c / j:.3f}", j) for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "control first": (
        sheet(
            "Study,Events placebo,Total placebo,Events drug,Total drug",
            [(n, c, j, a, i) for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "alive and dead": (
        sheet(
            "study,alive_treatment,dead_treatment,alive_control,dead_control",
            [(n, i - a, a, j - c, c) for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "French": (
        sheet(
            "Étude;Événements traitement;Total traitement;Événements contrôle;Total contrôle",
            COUNTS,
            ";",
        )
        .decode()
        .encode("cp1252"),
        OR,
    ),
    "UTF-16 without a mark": (
        sheet("Study,events_e,n_e,events_c,n_c", COUNTS).decode().encode("utf-16-le"),
        OR,
    ),
    "Macintosh lines": (
        sheet("Étude,events_e,n_e,events_c,n_c", COUNTS, end="\r").decode().encode("mac-roman"),
        OR,
    ),
    "Markdown": (
        b"| Study | events_e | n_e | events_c | n_c |\n|---|--:|--:|--:|--:|\n"
        + b"".join(f"| {' | '.join(map(str, r))} |\n".encode() for r in COUNTS),
        OR,
    ),
    "title and two rows of header": (
        b"Table 2,,,,\n,Drug,,Control,\n" + sheet("Study,Events,Total,Events,Total", COUNTS),
        OR,
    ),
    "subgroups with subtotals": (
        sheet(
            "Study,ev1,n1,ev2,n2",
            [
                ("Early", "", "", "", ""),
                *COUNTS[:2],
                ("Subtotal", 20, 95, 35, 94),
                ("Late", "", "", "", ""),
                *COUNTS[2:],
                ("Subtotal", 35, 153, 54, 153),
                ("Overall", 55, 248, 89, 247),
            ],
        ),
        OR,
    ),
    "sums under another name": (
        sheet("Study,events_e,n_e,events_c,n_c", [*COUNTS, ("All RCTs", 55, 248, 89, 247)]),
        OR,
    ),
    "sums without a name": (
        sheet("Study,events_e,n_e,events_c,n_c", [*COUNTS, ("", 56, 248, 89, 247)]),
        REFUSED,
    ),
    "not reported": (
        sheet(
            "Study,events_e,n_e,events_c,n_c",
            [*COUNTS, ("Eve", "NR", 40, "ND", 41), ("Fox", "n.r.", 40, "<5", 41)],
        ),
        OR,
    ),
    "RevMan's forest plot": (
        sheet(
            ",Experimental,,Control,,,Risk Ratio",
            [
                (
                    "Study or Subgroup",
                    "Events",
                    "Total",
                    "Events",
                    "Total",
                    "Weight",
                    '"M-H, Random, 95% CI"',
                ),
                *FOREST,
                ("Total (95% CI)", "", 248, "", 247, "100.0%", '"0.62 [0.46, 0.83]"'),
                ("Total events", 55, "", 89, "", "", ""),
            ],
        ),
        RR,
    ),
    "groups in rows": (sheet("study,arm,events,n", ARMS), OR),
    "groups in rows, each study named once": (
        sheet("study,arm,events,n", [(n if arm == "Drug" else "", arm, *r) for n, arm, *r in ARMS]),
        OR,
    ),
    "three groups in rows": (
        sheet("study,arm,events,n", [*ARMS, ("Adams 2001", "Other drug", 3, 40)]),
        ASKED,
    ),
    "groups without names": (
        sheet("study,group,events,n", [(n, int(arm == "Drug"), *r) for n, arm, *r in ARMS]),
        ASKED,
    ),
    "outcomes in rows": (
        sheet(
            "study,outcome,events_e,n_e,events_c,n_c",
            [(r[0], o, *r[1:]) for o in ("death", "stroke") for r in COUNTS],
        ),
        ASKED,
    ),
    "times in rows": (
        sheet(
            "study,time,events_e,n_e,events_c,n_c",
            [(r[0], o, *r[1:]) for o in ("3 months", "1 year") for r in COUNTS],
        ),
        [ASKED, DEPENDENT],
    ),
    "sizes and events exchanged": (
        sheet("Study,events_e,n_e,events_c,n_c", [(n, i, a, j, c) for n, a, i, c, j in COUNTS]),
        REFUSED,
    ),
    "randomised and analysed": (
        sheet(
            "Study,N randomised T,N analysed T,Events T,N randomised C,N analysed C,Events C",
            [(n, i + 5, i, a, j + 4, j, c) for n, a, i, c, j in COUNTS],
        ),
        ASKED,
    ),
    "a diagnostic table": (
        sheet("study,TP,FP,FN,TN", [(n, a, i - a, c, j - c) for n, a, i, c, j in COUNTS]),
        REFUSED,
    ),
    "O - E and V": (
        sheet(
            "Study,O-E,V",
            [(n, y / v, 1 / v) for n, y, v in zip(NAMES, LOG_OR, VAR_OR, strict=True)],
        ),
        ASKED,
    ),
    # means
    "long names": (
        sheet(
            "Study,Mean treatment,SD treatment,N treatment,Mean control,SD control,N control", MEANS
        ),
        MD,
    ),
    "mean (SD)": (
        sheet("Study,Treatment mean (SD),Treatment n,Control mean (SD),Control n", BRACKETS),
        MD,
    ),
    "mean ± SD": (
        sheet(
            "Study,Drug,Drug n,Sham,Sham n",
            [
                (n, a.replace(" (", " ± ").strip(")"), i, c.replace(" (", "±").strip(")"), j)
                for n, a, i, c, j in BRACKETS
            ],
        ),
        MD,
    ),
    "mean ± SEM": (
        sheet(
            "Study,Mean ± SEM (treatment),n (treatment),Mean ± SEM (control),n (control)",
            [
                (n, f"{a} ± {b / i**0.5:.6f}", i, f"{c} ± {d / j**0.5:.6f}", j)
                for n, a, b, i, c, d, j in MEANS
            ],
        ),
        MD,
    ),
    "German": (
        sheet("Studie;MW Verum;SD Verum;n Verum;MW Placebo;SD Placebo;n Placebo", COMMAS, ";")
        .decode()
        .encode("cp1252"),
        MD,
    ),
    "Portuguese": (
        sheet(
            "Estudo,Média tratamento,DP tratamento,N tratamento,Média controle,DP controle,N controle",
            MEANS,
        ),
        MD,
    ),
    "baseline beside": (
        sheet(
            "Study,Baseline mean T,Mean T,SD T,N T,Baseline mean C,Mean C,SD C,N C",
            [(n, 7, a, b, i, 7, c, d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "median (quartiles)": (
        sheet(
            "Study,Drug median (IQR),Drug n,Control median (IQR),Control n",
            [("A", "4 (2-6)", 40, "5 (3-7)", 41), ("B", "3 (2-5)", 55, "4 (3-6)", 53)],
        ),
        MEDIANS,
    ),
    "final and change": (
        sheet(
            "Study,Final mean T,Change mean T,SD T,N T,Final mean C,Change mean C,SD C,N C",
            [(n, a, -3, b, i, c, -2, d, j) for n, a, b, i, c, d, j in MEANS],
        ),
        ASKED,
    ),
    "before and after in one group": (
        sheet(
            "Study,pre_mean,pre_sd,post_mean,post_sd,n",
            [(n, 7.9, 1.5, a, b, i) for n, a, b, i, *_ in MEANS],
        ),
        ASKED,
    ),
    "one size for both groups": (
        sheet(
            "Study,Mean T,SD T,Mean C,SD C,N",
            [(n, a, b, c, d, i + j) for n, a, b, i, c, d, j in MEANS],
        ),
        REFUSED,
    ),
    # several effects
    "effects of studies": (
        sheet(
            "study_id,es_id,yi,vi",
            [(1, 1, 0.4, 0.04), (1, 2, 0.5, 0.05), (2, 3, 0.1, 0.03), (3, 4, 0.9, 0.06)],
        ),
        DEPENDENT,
    ),
    "effects, each study named once": (
        sheet(
            "study,yi,vi", [("A", 0.4, 0.04), ("", 0.5, 0.05), ("B", 0.1, 0.03), ("C", 0.9, 0.06)]
        ),
        DEPENDENT,
    ),
    "outcomes beside each other": (
        sheet(
            "Study,Death events_e,Death n_e,Death events_c,Death n_c,MI events_e,MI n_e,MI events_c,MI n_c",
            [(*row, *row[1:]) for row in COUNTS],
        ),
        ASKED,
    ),
    "times beside each other, one size": (
        sheet(
            "Study,mean_3m_t,sd_3m_t,mean_3m_c,sd_3m_c,n_t,n_c,mean_12m_t,sd_12m_t,mean_12m_c,sd_12m_c",
            [(n, a, b, c, d, i, j, a, b, c, d) for n, a, b, i, c, d, j in MEANS],
        ),
        ASKED,
    ),
    "nobody in a group": (
        sheet("study,events_e,n_e,events_c,n_c", [("A", "0 (0%)", 0, "0 (0%)", 0)]),
        REFUSED,
    ),
    "counts and means": (
        sheet(
            "study,ai,n1i,ci,n2i,m1i,sd1i,m2i,sd2i",
            [(*r, *m[1:3], *m[4:6]) for r, m in zip(COUNTS, MEANS, strict=True)],
        ),
        ASKED,
    ),
    "tables beside each other": (
        sheet(
            "Study,events_e,n_e,events_c,n_c,,Study,events_e,n_e,events_c,n_c",
            [(*row, "", *row) for row in COUNTS],
        ),
        ASKED,
    ),
    "correlations and sizes": (
        sheet("StudyID,Correlation,SampleSize", zip(NAMES, R, SIZES, strict=True)),
        ("ZCOR", [math.atanh(r) for r in R], [1 / (n - 3) for n in SIZES]),
    ),
    "wide arms of a network": (
        sheet(
            "study,t1,y1,sd1,n1,t2,y2,sd2,n2",
            [
                (n, *sides, a, b, i, other, c, d, j)
                for (n, a, b, i, c, d, j), (*sides, other) in zip(
                    MEANS, (("x", "y"), ("x", "z"), ("y", "z"), ("x", "y")), strict=True
                )
            ],
        ),
        ASKED,
    ),
    "a network": (
        sheet(
            "studlab,treat1,treat2,TE,seTE",
            [("A", "x", "y", 0.2, 0.1), ("B", "x", "z", 0.3, 0.1), ("C", "y", "z", 0.1, 0.12)],
        ),
        ASKED,
    ),
}


def encoded(names, codec: str) -> bytes:
    rows = [(name, *row[1:]) for name, row in zip(names, COUNTS, strict=True)]
    return sheet("study,ai,n1i,ci,n2i", rows).decode().encode(codec)


FULL_WIDTH = {48 + i: 0xFF10 + i for i in range(10)}
KINDS |= {
    "Chinese, GB18030": (
        encoded(("王小明 2001", "李强 2005", "陈研究 2010", "张华 2015"), "gb18030"),
        OR,
    ),
    "Chinese, Big5": (
        encoded(("王小明 2001", "李強 2005", "陳研究 2010", "張華 2015"), "big5"),
        OR,
    ),
    "Japanese, Shift-JIS": (
        encoded(("さとう 2001", "すずき 2005", "タナカ 2010", "やまだ 2015"), "cp932"),
        OR,
    ),
    "Korean, EUC-KR": (
        encoded(("김철수 2001", "이영희 2005", "박민수 2010", "최지우 2015"), "cp949"),
        OR,
    ),
    "Cyrillic, Windows-1251": (encoded(("Иванов", "ПЕТРОВ", "Сидоров", "Кузнецов"), "cp1251"), OR),
    "middle dots and en dashes": (
        sheet(
            "Study,HR (95% CI)",
            [(n, f"{r} ({a}–{b})".replace(".", "·")) for n, r, a, b in ratios(LOG_OR, SE_OR)],
        ),
        ("HR", LOG_OR, VAR_OR),
    ),
    "12 of 40": (
        sheet(
            "Study,Treatment,Control",
            [(n, f"{a} of {i}", f"{c} of {j}") for n, a, i, c, j in COUNTS],
        ),
        OR,
    ),
    "12/40 (30%)": (
        sheet(
            "Study,Treatment,Control",
            [
                (n, f"{a}/{i} ({100 * a / i:.0f}%)", f"{c}/{j} ({100 * c / j:.0f}%)")
                for n, a, i, c, j in COUNTS
            ],
        ),
        OR,
    ),
    "credible limits": (sheet("Study,OR,95% CrI lower,95% CrI upper", ratios(LOG_OR, SE_OR)), OR),
    "a credible interval": (
        sheet("Study,OR,95% CrI", [(n, r, f"{a} to {b}") for n, r, a, b in ratios(LOG_OR, SE_OR)]),
        OR,
    ),
    "3.1 ± 2.0 (n=40)": (
        sheet(
            "Study,Intervention,Control",
            [(n, f"{a} ± {b} (n={i})", f"{c} ± {d} (n = {j})") for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "3.1 (2.0), n=40": (
        sheet(
            "Study,Mean E,Mean C",
            [(n, f'"{a} ({b}), n={i}"', f'"{c} ({d}), n={j}"') for n, a, b, i, c, d, j in MEANS],
        ),
        MD,
    ),
    "a row of units": (
        sheet(
            "Study,Mean E,SD E,N E,Mean C,SD C,N C", [("", "mm", "mm", "", "mm", "mm", ""), *MEANS]
        ),
        MD,
    ),
    "full-width digits": (
        sheet(
            "study,ai,n1i,ci,n2i",
            [(n, *(str(x).translate(FULL_WIDTH) for x in r)) for n, *r in COUNTS],
        ),
        OR,
    ),
    "footnote letters": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a}a", *r) for n, a, *r in COUNTS]),
        OR,
    ),
    "footnote stars": (sheet("study,ai,n1i,ci,n2i", [(n, f"{a}*", *r) for n, a, *r in COUNTS]), OR),
    "superscripts": (
        sheet("study,ai,n1i,ci,n2i", [(n, f"{a}²", *r) for n, a, *r in COUNTS]),
        OR,
    ),
    "a total in Chinese": (sheet("study,ai,n1i,ci,n2i", [*COUNTS, ("合计", 55, 248, 89, 247)]), OR),
    "a note below": (
        sheet(
            "study,ai,n1i,ci,n2i",
            [*COUNTS, ("", "", "", "", ""), ("Note: a = assumed", "", "", "", "")],
        ),
        OR,
    ),
    "headings of groups": (
        sheet(
            "study,ai,n1i,ci,n2i",
            [("Early", "", "", "", ""), *COUNTS[:2], ("Late", "", "", "", ""), *COUNTS[2:]],
        ),
        OR,
    ),
    "a study twice": (sheet("study,ai,n1i,ci,n2i", [*COUNTS, COUNTS[0]]), DEPENDENT),
    "a formula as text": (
        sheet("study,ai,n1i,ci,n2i", [("Adams", "=1+1", 40, 3, 41), *COUNTS[1:]]),
        REFUSED,
    ),
    "a ratio with its P alone": (
        sheet(
            "Study,OR,P",
            [
                (n, r, p_value(y, s))
                for (n, r, _, _), y, s in zip(ratios(LOG_OR, SE_OR), LOG_OR, SE_OR, strict=True)
            ],
        ),
        OR,
    ),
    "one row per patient": (
        sheet(
            "study,id,treatment,event",
            [("A", i, "xy"[i % 2], "yes" if i % 3 else "no") for i in range(30)],
        ),
        ASKED,
    ),
    "names of 3,000 letters": (
        sheet("study,ai,n1i,ci,n2i", [(n + "x" * 3000, *r) for n, *r in COUNTS]),
        OR,
    ),
    "studies as columns": (
        sheet(
            ",".join(["study", *NAMES]),
            [
                (name, *(r[at] for r in COUNTS))
                for at, name in enumerate(("ai", "n1i", "ci", "n2i"), 1)
            ],
        ),
        OR,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_file_is_read_as_it_is_meant_or_not_at_all(kind):
    content, right = KINDS[kind]
    found = kind_of(content)
    assert is_right(found, right), found


def test_sums_below_many_rows_are_found_in_one_pass():
    """Totals are known by running sums: reading takes time with the rows, not with their square."""
    rows = [(f"s{i}", 3 + i % 5, 40, 4 + i % 7, 41) for i in range(400)]
    sums = ("all of them", *(sum(row[j] for row in rows) for j in range(1, 5)))
    found = kind_of(sheet("Study,events_e,n_e,events_c,n_c", [*rows, sums]))
    assert len(found.yi) == 400
