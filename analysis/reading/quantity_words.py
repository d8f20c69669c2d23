"""The words of which names of columns are made that speak of a quantity in a group: "Events placebo", "sd1i".

From metafor, meta, netmeta, RevMan, JASP, MetaInsight and common English, with the plain words of some other
languages. Names are compared as runs of small letters and digits ("Mean_Control" is mean, control).
"""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Words with blanks between them."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[tuple[str, ...]]:
    """Phrases with commas between them, as tuples of words."""
    return frozenset(tuple(part.split()) for part in text.split(","))


QUANTITIES: dict[str, frozenset[tuple[str, ...]]] = {
    "nonevents": phrases(
        "non events, non event, nonevents, nonevent, no event, no events, without event, without events, neg, "
        "negative, negatives, survivors, alive, non cases, noncases, non responders, failures, nodeath, nodeaths, "
        "no death, no deaths"
    ),
    "events": phrases(
        "n events, n event, number of events, number events, no of events, num events, events n, events, event, "
        "cases, case, ncases, n cases, nevents, nevent, deaths, death, dead, died, responders, responder, responses, "
        "success, successes, affected, ev, evt, evts, r, x, e, infected, pos, positive, "
        "positives, relapses, with event, "
        "number with event, n with event, outcome events, ereignisse, incidents, evenements, eventos, eventi, "
        "casos, cas"
    ),
    "size": phrases(
        "sample, total n, n total, ntotal, "
        " ntot, total, totals, sample size, samplesize, group size, size, ss, n, nb, num, "
        "number, no, no of patients, number of patients, n patients, patients, n participants, participants, "
        "n randomised, n randomized, randomised, randomized, subjects, nobs, obs, number analysed, "
        "number analyzed, n analysed, n analyzed, analysed, analyzed, evaluated, at risk, n at risk, "
        "anzahl, effectif, numero, muestra, totale, insgesamt, gesamt"
    ),
    "mean": phrases(
        "mean, means, avg, average, mittelwert, mittel, mw, moyenne, moy, media, media aritmetica, gemiddelde, "
        "m, y, ybar, xbar"
    ),
    "sd": phrases(
        "sd, sds, std dev, stddev, stdev, std deviation, standard deviation, standard dev, std, st dev, s d, s, "
        "standardabweichung, ecart type, desviacion estandar, desvio padrao, deviazione standard, dp, ds"
    ),
    "se": phrases(
        "se, sem, s e, s e m, standard error, std error, std err, stderr, st err, standarderror, "
        "standard error of the mean, standardfehler, erreur type, error estandar, errore standard"
    ),
    "variance": phrases("variance, variances, var, vars, varianz, varianza, sd squared, s 2, sd2"),
    "median": phrases("median, med, medians, mediane, mediana"),
    "q1": phrases(
        "q1, q 1, lower quartile, first quartile, quartile 1, p25, p 25, 25 percentile, lq, q25, "
        "q 25, 25 th percentile, "
        "25 th, iqr low, iqr lower, iqr l, lower iqr, iqr 25, 1 st quartile"
    ),
    "q3": phrases(
        "q3, q 3, upper quartile, third quartile, quartile 3, p75, p 75, 75 percentile, uq, q75, "
        "q 75, 75 th percentile, "
        "75 th, iqr high, iqr upper, iqr u, upper iqr, iqr 75, 3 rd quartile"
    ),
    "iqr": phrases("iqr, interquartile range, quartiles, q1 q3"),
    "min": phrases("min, minimum, smallest, range low, range lower, range min"),
    "max": phrases("max, maximum, largest, range high, range upper, range max"),
    "time": phrases(
        "person years, personyears, person time, persontime, patient years, patientyears, py, pyears, pyrs, "
        "exposure, time at risk, follow up time, time, t"
    ),
    "share": phrases(
        "%, pct, percent, percentage, proportion, prop, share, event %, events %, % events"
    ),
}

TREATED = words(
    """
    t rx trt treat treated treatment tx e exp experiment experimental intervention interventions
    int interv i active drug exposed verum tr trat tratamiento traitement behandlung
    intervencion intervento interventie study exper ie
    """
)
CONTROL = words(
    """
    c ctl ctrl ctr con cont contr control controls comparator comparison comp placebo plac plb
    pbo pl usual standard soc tau waitlist wl wlc wait untreated unexposed unvaccinated
    unvacc nonexposed kontrolle kontroll kontrollgruppe temoin controle ctrol cg kg none
    no-treatment reference ref scheinbehandlung simulacro
    """
) | {"sham"}
ORDERS = (("1", "2"), ("1", "0"), ("a", "b"), ("one", "two"), ("i", "ii"), ("i", "c"), ("x", "y"))
PASSED_OVER = words(
    """
    of the in group grp arm arms and for patients pts patient number no de du la le der die den
    des per by at gr
    """
)
BEFORE = words(
    """
    baseline pre base bl before pretest t0 vorher avant
    """
)
AFTER = words(
    """
    post final end endpoint followup after posttest fu outcome score value change
    """
)
