"""Whole names of columns: of words (study, year), and of one meaning whatever they are made of."""

from __future__ import annotations

WORD_ROLES: dict[str, tuple[str, ...]] = {
    role: tuple(" ".join(name.split()) for name in names.split(","))
    for role, names in {
        "study": """
            slab, studlab, study label, studylabel, study name, studyname, study, author,
            authors, first author, author year, author and year, authors year, study
            author, study reference, label, name, trial, trial name, reference, ref,
            citation, paper, article, publication, source study, studie, etude,
            estudio, studio, autor, auteur, autore, studi, studies, study
            identifier, study id, studyid, trial id, study no, study number, id
            study, id, estudo, badanie, tutkimus
        """,
        "year": """
            year, yr, pub year, publication year, year of publication, study year,
            yearpub, jahr, annee, ano, anno, pubyear
        """,
        "outcome": """
            outcome, outcomes, outcome name, endpoint, outcome measure, outcome
            type, zielgrosse
        """,
        "treatment": """
            treatment, treat, trt, arm, arms, arm name, treatment arm, treatment
            group, group, intervention group, drug, condition, tx, study arm,
            behandlung, group name, gruppe, groupe, grupo, gruppo, behandlungsgruppe
        """,
        "intervention": """
            intervention, experimental, treatment t, treat 1, treatment 1, arm t,
            treat1, treatment1, intervention name, experimental intervention, t
        """,
        "comparator": """
            comparator, control, comparison, compared with, treatment c, treat 2,
            treatment 2, arm c, treat2, treatment2, control type, control
            intervention, control group, control condition
        """,
        "subgroup": """
            subgroup, sub group, subgroups
        """,
        "measure": """
            measure, effect measure, computed effect size type, effect size type,
            effect type, sm, es type
        """,
        "weeks": """
            weeks, week, time point, timepoint, time, follow up, followup, fu,
            follow up weeks, time of follow up, visit
        """,
        "design": """
            design, study design, kind of study, study type
        """,
        "etiology": """
            etiology, aetiology, cause
        """,
        "source_url": """
            source url, url, link, doi, source, web address
        """,
        "note": """
            note, notes, comment, comments, remarks, remark, footnotes
        """,
    }.items()
}
"""Names by role, the surest first."""
ALSO_AN_ID = frozenset(
    {"study id", "studyid", "trial id", "study no", "study number", "id study", "study identifier"}
)
_AS_METAFOR = """
    ai bi ci di n1i n2i m1i m2i sd1i sd2i x1i x2i t1i t2i xi ni ti mi sdi ri yi vi sei
    ci_low ci_high ratio se1i se2i p1i p2i level scale_min scale_max ci_text med1i med2i
    source_url log10 se_ratio p_value o_minus_e oe_var
"""
_OTHERS = {
    "ai": "tpos, ev.exp, event.e, experimental cases, events 1",
    "bi": "tneg",
    "ci": "cpos, ev.ctrl, event.c, control cases, events 2",
    "di": "cneg",
    "n1i": "n.e, total 1",
    "n2i": "n.c, total 2",
    "m1i": "mean.e",
    "m2i": "mean.c",
    "sd1i": "sd.e",
    "sd2i": "sd.c",
    "t1i": "time.e",
    "t2i": "time.c",
    "yi": "te, giv mean",
    "sei": "sete, std.error, giv se",
    "ri": "cor, r, rho",
    "ci_low": "conf.low, min95",
    "ci_high": "conf.high, max95",
    "": (
        "zero, vardiff, weight, weights, zval, z val, z value, z score, z stat, z statistic, t value, "
        "t stat, t statistic, tval, exp(-coef)"
    ),
    "p_value": "p, pval, p val, pvalue, p value, p.value, two sided p, 2 sided p, p value two sided",
    "o_minus_e": "ome, o-e, o e, o minus e, observed minus expected, observed expected, logrank o e, log rank o e",
    "oe_var": "v o e, var o e, variance of o e, variance o e, logrank variance, log rank variance, logrank v",
    "ratio": "eform",
    "pi": "pi",
    "level": "confidence level, ci level, conf level, conf.level",
}
EXACT: dict[str, str] = {role: role for role in _AS_METAFOR.split()} | {
    name.strip(): role for role, names in _OTHERS.items() for name in names.split(",")
}
"""Whole names that mean one thing whatever they are made of; "" for what is never read."""
