"""The words of which column names are made, in one place: quantities, groups, effects, and what may be passed over.

From metafor, meta, netmeta, RevMan, JASP, MetaInsight and common English, with the plain words of some
other languages. Names are compared as runs of small letters and digits ("Mean_Control" is mean, control).
"""

from __future__ import annotations


def _many(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(part.split()) for part in text.split(","))


QUANTITIES: dict[str, frozenset[tuple[str, ...]]] = {
    "nonevents": _many(
        "non events, non event, nonevents, nonevent, no event, no events, without event, without events, neg, "
        "negative, negatives, survivors, alive, non cases, noncases, non responders, failures"
    ),
    "events": _many(
        "n events, n event, number of events, number events, no of events, num events, events n, events, event, "
        "cases, case, ncases, n cases, nevents, nevent, deaths, death, dead, died, responders, responder, responses, "
        "success, successes, affected, ev, evt, evts, r, x, e, infected, pos, positive, "
        "positives, relapses, with event, "
        "number with event, n with event, outcome events, ereignisse, evenements, eventos, eventi, casos, cas"
    ),
    "size": _many(
        "total n, n total, ntotal, ntot, total, totals, sample size, samplesize, group size, size, ss, n, nb, num, "
        "number, no, no of patients, number of patients, n patients, patients, n participants, participants, "
        "n randomised, n randomized, randomised, randomized, subjects, nobs, obs, number analysed, "
        "number analyzed, n analysed, n analyzed, analysed, analyzed, evaluated, at risk, n at risk, "
        "anzahl, effectif, numero, muestra, totale, insgesamt, gesamt"
    ),
    "mean": _many(
        "mean, means, avg, average, mittelwert, mittel, mw, moyenne, media, media aritmetica, m, y, ybar, xbar"
    ),
    "sd": _many(
        "sd, sds, std dev, stddev, stdev, std deviation, standard deviation, standard dev, std, st dev, s d, s, "
        "standardabweichung, ecart type, desviacion estandar, desvio padrao, deviazione standard, dp, ds"
    ),
    "se": _many(
        "se, sem, s e, s e m, standard error, std error, std err, stderr, st err, standarderror, "
        "standard error of the mean, standardfehler, erreur type, error estandar, errore standard"
    ),
    "median": _many("median, med, medians, mediane, mediana"),
    "q1": _many(
        "q1, q 1, lower quartile, first quartile, quartile 1, p25, p 25, 25 percentile, lq, q25, "
        "q 25, 25 th percentile, "
        "25 th, iqr low, iqr lower, iqr l, lower iqr, iqr 25, 1 st quartile"
    ),
    "q3": _many(
        "q3, q 3, upper quartile, third quartile, quartile 3, p75, p 75, 75 percentile, uq, q75, "
        "q 75, 75 th percentile, "
        "75 th, iqr high, iqr upper, iqr u, upper iqr, iqr 75, 3 rd quartile"
    ),
    "iqr": _many("iqr, interquartile range, quartiles, q1 q3"),
    "min": _many("min, minimum, smallest, range low, range lower, range min"),
    "max": _many("max, maximum, largest, range high, range upper, range max"),
    "time": _many(
        "person years, personyears, person time, persontime, patient years, patientyears, py, pyears, pyrs, "
        "exposure, time at risk, follow up time, time, t"
    ),
    "share": _many(
        "%, pct, percent, percentage, proportion, prop, share, event %, events %, % events"
    ),
}

TREATED = frozenset(
    [
        "t",
        "rx",
        "trt",
        "treat",
        "treated",
        "treatment",
        "tx",
        "e",
        "exp",
        "experiment",
        "experimental",
        "intervention",
        "interventions",
        "int",
        "interv",
        "i",
        "active",
        "drug",
        "exposed",
        "verum",
        "tr",
        "trat",
        "tratamiento",
        "traitement",
        "behandlung",
        "intervencion",
        "intervento",
        "study",
        "exper",
        "ie",
    ]
)
CONTROL = frozenset(
    [
        "c",
        "ctl",
        "ctrl",
        "ctr",
        "con",
        "cont",
        "contr",
        "control",
        "controls",
        "comparator",
        "comparison",
        "comp",
        "placebo",
        "plac",
        "plb",
        "pbo",
        "pl",
        "sham",
        "usual",
        "standard",
        "soc",
        "tau",
        "waitlist",
        "wl",
        "wlc",
        "wait",
        "untreated",
        "unexposed",
        "unvaccinated",
        "unvacc",
        "nonexposed",
        "kontrolle",
        "kontroll",
        "kontrollgruppe",
        "temoin",
        "controle",
        "ctrol",
        "cg",
        "kg",
        "none",
        "no-treatment",
        "reference",
        "ref",
        "scheinbehandlung",
        "simulacro",
    ]
)
ORDERS = (("1", "2"), ("1", "0"), ("a", "b"), ("i", "ii"), ("i", "c"), ("x", "y"))
PASSED_OVER = frozenset(
    [
        "of",
        "the",
        "in",
        "group",
        "grp",
        "arm",
        "arms",
        "and",
        "for",
        "patients",
        "pts",
        "patient",
        "number",
        "no",
        "de",
        "du",
        "la",
        "le",
        "der",
        "die",
        "den",
        "des",
        "per",
        "by",
        "at",
        "gr",
    ]
)
BEFORE = frozenset(["baseline", "pre", "base", "bl", "before", "pretest", "t0", "vorher", "avant"])
AFTER = frozenset(
    [
        "post",
        "final",
        "end",
        "endpoint",
        "followup",
        "after",
        "posttest",
        "fu",
        "outcome",
        "score",
        "value",
        "change",
    ]
)

MEASURES: dict[str, frozenset[tuple[str, ...]]] = {
    "PETO": _many("peto, peto or, peto odds ratio, peto odds"),
    "IRR": _many("irr, incidence rate ratio, rate ratio, incident rate ratio"),
    "OR": _many("or, odds ratio, oddsratio, odds, aor, a or, chancenverhaltnis"),
    "RR": _many(
        "rr, risk ratio, relative risk, riskratio, relativerisk, arr, rel risk, riesgo relativo"
    ),
    "HR": _many("hr, hazard ratio, hazardratio, hazard, ahr, hazards ratio"),
    "RD": _many(
        "rd, risk difference, riskdiff, risk diff, riskdifference, absolute risk difference, ard"
    ),
    "SMD": _many(
        "smd, standardized mean difference, standardised mean difference, std mean difference, std diff in means, "
        "standardized difference, standardised difference, g, hedges g, hedgesg, hedge g, hedges, d, cohen d, "
        "cohens d, cohensd, glass delta, effect size d, effect size g, s md, hg"
    ),
    "MD": _many(
        "md, mean difference, meandiff, mean diff, difference in means, wmd, raw mean difference, meandifference"
    ),
    "ROM": _many("rom, ratio of means, response ratio, lrr"),
    "ZCOR": _many("zcor, fisher z, fishers z, fisherz, fz, zr, z, z r, r to z, zi"),
    "COR": _many("cor, corr, correlation, pearson r, pearsons r"),
}
EFFECT = _many(
    "yi, y, te, es, diff, difference, effect, effects, effect size, effectsize, effect sizes, "
    "estimate, est, estimates, point estimate, "
    "b, beta, coef, coefficient, coeff, theta, thetahat, treatment effect, giv mean, computed "
    "effect size, observed effect, "
    "effekt, effet, efecto, tau hat, dv effect"
)
SE = QUANTITIES["se"] | _many(
    "sei, giv se, computed standard error, computed se, sete, selogor, std err of effect"
)
VARIANCE = _many(
    "vi, v, var, variance, variances, sampling variance, varianz, vd, computed sampling variance, samp var"
)
LOWER = _many(
    "unten, untergrenze, ci unten, ki unten, limite inferieure, limite inferior, inferior, inferieure, "
    "lower, low, lo, lower limit, lower bound, lower ci, ci lower, ci low, ci lo, ci lb, lb, ll, "
    "lcl, lci, lcb, lower 95, "
    "l, l 95, ll 95, cil, ci l, ci start, ci min, min ci, inf, borne inf, 2.5, li, ul untere, "
    "untere grenze, lower confidence limit, "
    "lower confidence interval, lower level, lower cl, ci inf, from, conf low, ci ll, llci, ic "
    "inf, cilow, cilb, lowerci, cilower, cill, lowerlimit, conf int low"
)
UPPER = _many(
    "oben, obergrenze, ci oben, ki oben, limite superieure, limite superior, superior, superieure, "
    "upper, up, hi, high, upper limit, upper bound, upper ci, ci upper, ci high, ci hi, ci ub, ub, ul, ucl, uci, ucb, "
    "upper 95, u, u 95, ul 95, ciu, ci u, ci end, ci max, max ci, sup, borne sup, 97.5, ls, "
    "obere grenze, upper confidence limit, "
    "upper confidence interval, upper level, upper cl, ci sup, to, conf high, ci ul, ulci, ic "
    "sup, cihigh, ciub, upperci, ciupper, ciul, upperlimit, conf int high"
)
INTERVAL = _many(
    "ci, c i, confidence interval, conf int, interval, limits, confidence limits, ic, ki, konfidenzintervall"
)
LOG = frozenset({"log", "ln", "natural"})
LOG10 = frozenset({"log10", "lg"})
QUALIFIERS = frozenset(
    [
        "adjusted",
        "adj",
        "unadjusted",
        "crude",
        "value",
        "observed",
        "computed",
        "estimate",
        "est",
        "effect",
        "size",
        "es",
        "ci",
        "the",
        "of",
        "multivariable",
        "pooled",
        "study",
        "overall",
        "my",
        "final",
        "raw",
    ]
)

WORD_ROLES: dict[str, tuple[str, ...]] = {
    "study": (
        "slab",
        "studlab",
        "study label",
        "study name",
        "studyname",
        "study",
        "author",
        "authors",
        "first author",
        "author year",
        "author and year",
        "authors year",
        "study author",
        "study reference",
        "label",
        "name",
        "trial",
        "trial name",
        "reference",
        "ref",
        "citation",
        "paper",
        "article",
        "publication",
        "source study",
        "studie",
        "etude",
        "estudio",
        "studio",
        "autor",
        "auteur",
        "autore",
        "studi",
        "studies",
        "study identifier",
        "study id",
        "studyid",
        "trial id",
        "study no",
        "study number",
        "id study",
        "id",
        "estudo",
        "badanie",
        "tutkimus",
    ),
    "year": (
        "year",
        "yr",
        "pub year",
        "publication year",
        "year of publication",
        "study year",
        "yearpub",
        "jahr",
        "annee",
        "ano",
        "anno",
        "pubyear",
    ),
    "outcome": (
        "outcome",
        "outcomes",
        "outcome name",
        "endpoint",
        "outcome measure",
        "outcome type",
        "zielgrosse",
    ),
    "treatment": (
        "treatment",
        "treat",
        "trt",
        "arm",
        "arms",
        "arm name",
        "treatment arm",
        "treatment group",
        "group",
        "intervention group",
        "drug",
        "condition",
        "tx",
        "study arm",
        "behandlung",
        "group name",
    ),
    "intervention": (
        "intervention",
        "experimental",
        "treatment t",
        "treat 1",
        "treatment 1",
        "arm t",
        "treat1",
        "treatment1",
        "intervention name",
        "experimental intervention",
        "t",
    ),
    "comparator": (
        "comparator",
        "control",
        "comparison",
        "compared with",
        "treatment c",
        "treat 2",
        "treatment 2",
        "arm c",
        "treat2",
        "treatment2",
        "control type",
        "control intervention",
        "control group",
        "control condition",
    ),
    "subgroup": ("subgroup", "sub group", "subgroups"),
    "measure": (
        "measure",
        "effect measure",
        "computed effect size type",
        "effect size type",
        "effect type",
        "sm",
        "es type",
    ),
    "weeks": (
        "weeks",
        "week",
        "time point",
        "timepoint",
        "time",
        "follow up",
        "followup",
        "fu",
        "follow up weeks",
        "time of follow up",
        "visit",
    ),
    "design": ("design", "study design", "kind of study", "study type"),
    "etiology": ("etiology", "aetiology", "cause"),
    "source_url": ("source url", "url", "link", "doi", "source", "web address"),
    "note": ("note", "notes", "comment", "comments", "remarks", "remark", "footnotes"),
}
ALSO_AN_ID = frozenset(
    {"study id", "studyid", "trial id", "study no", "study number", "id study", "study identifier"}
)

EXACT: dict[str, str] = {
    **{
        r: r
        for r in [
            "ai",
            "bi",
            "ci",
            "di",
            "n1i",
            "n2i",
            "m1i",
            "m2i",
            "sd1i",
            "sd2i",
            "x1i",
            "x2i",
            "t1i",
            "t2i",
            "xi",
            "ni",
            "ti",
            "mi",
            "sdi",
            "ri",
            "yi",
            "vi",
            "sei",
            "ci_low",
            "ci_high",
            "ratio",
            "se1i",
            "se2i",
            "p1i",
            "p2i",
            "level",
            "scale_min",
            "scale_max",
            "ci_text",
            "med1i",
            "med2i",
            "source_url",
            "log10",
            "se_ratio",
        ]
    },
    "tpos": "ai",
    "tneg": "bi",
    "cpos": "ci",
    "cneg": "di",
    "ev.exp": "ai",
    "ev.ctrl": "ci",
    "event.e": "ai",
    "event.c": "ci",
    "n.e": "n1i",
    "n.c": "n2i",
    "mean.e": "m1i",
    "mean.c": "m2i",
    "sd.e": "sd1i",
    "sd.c": "sd2i",
    "time.e": "t1i",
    "time.c": "t2i",
    "te": "yi",
    "sete": "sei",
    "cor": "ri",
    "r": "ri",
    "rho": "ri",
    "conf.low": "ci_low",
    "conf.high": "ci_high",
    "std.error": "sei",
    "zero": "",
    "vardiff": "",
    "weight": "",
    "weights": "",
    "pval": "",
    "zval": "",
    "p": "",
    "p value": "",
    "p.value": "",
    "experimental cases": "ai",
    "control cases": "ci",
    "giv mean": "yi",
    "giv se": "sei",
    "o-e": "",
    "o e": "",
    "events 1": "ai",
    "events 2": "ci",
    "total 1": "n1i",
    "total 2": "n2i",
    "pi": "pi",
    "confidence level": "level",
    "ci level": "level",
    "conf level": "level",
    "conf.level": "level",
}
"""Whole names that mean one thing whatever they are made of; "" for what is never read."""
