"""The words of which names of columns are made that speak of an effect: the measure, its error, its limits."""

from __future__ import annotations

from analysis.reading.quantity_words import QUANTITIES, phrases, words

MEASURES: dict[str, frozenset[tuple[str, ...]]] = {
    "PETO": phrases("peto, peto or, peto odds ratio, peto odds"),
    "IRR": phrases("irr, incidence rate ratio, rate ratio, incident rate ratio"),
    "OR": phrases(
        "or, odds ratio, oddsratio, odds, aor, a or, chancenverhaltnis, razon de momios, razon de odds, "
        "rapport de cotes, razao de chances"
    ),
    "RR": phrases(
        "rr, risk ratio, relative risk, riskratio, relativerisk, arr, rel risk, riesgo relativo"
    ),
    "HR": phrases("hr, hazard ratio, hazardratio, hazard, ahr, hazards ratio"),
    "RD": phrases(
        "rd, risk difference, riskdiff, risk diff, riskdifference, absolute risk difference, ard"
    ),
    "SMD": phrases(
        "smd, standardized mean difference, standardised mean difference, std mean difference, std diff in means, "
        "standardized difference, standardised difference, g, hedges g, hedgess g, hedgesg, hedge g, hedges, d, "
        "cohen d, cohens d, cohensd, glass delta, effect size d, effect size g, s md, hg"
    ),
    "MD": phrases(
        "md, mean difference, meandiff, mean diff, difference in means, wmd, raw mean difference, meandifference"
    ),
    "ROM": phrases("rom, ratio of means, response ratio, lrr"),
    "ZCOR": phrases("zcor, fisher z, fishers z, fisherz, fz, zr, z, z r, r to z, zi"),
    "COR": phrases("cor, corr, correlation, pearson r, pearsons r"),
}
EFFECT = phrases(
    "yi, y, te, es, diff, difference, effect, effects, effect size, effectsize, effect sizes, "
    "estimate, est, estimates, point estimate, "
    "b, beta, coef, coefficient, coeff, theta, thetahat, treatment effect, giv mean, computed "
    "effect size, observed effect, relative effect, "
    "effekt, effet, efecto, effektstarke, effektgrosse, taille deffet, taille d effet, tamano del efecto, "
    "tamano de efecto, tamanho do efeito, tamanho de efeito, "
    " tau hat, dv effect"
)
SE = QUANTITIES["se"] | phrases(
    "sei, giv se, computed standard error, computed se, sete, selogor, std err of effect"
)
VARIANCE = phrases(
    "vi, v, var, variance, variances, sampling variance, varianz, vd, computed sampling variance, samp var"
)
LOWER = phrases(
    "unten, untergrenze, ci unten, ki unten, limite inferieure, limite inferior, inferior, inferieure, "
    "lower, low, lo, lower limit, lower bound, lower ci, ci lower, ci low, ci lo, ci lb, lb, ll, "
    "lcl, lci, lcb, lower 95, "
    "lower cri, cri lower, cr i lower, lower cr i, cri low, lower credible limit, "
    "l, l 95, ll 95, cil, ci l, ci start, ci min, min ci, inf, borne inf, 2.5, li, ul untere, "
    "untere grenze, lower confidence limit, "
    "lower confidence interval, lower level, lower cl, ci inf, from, conf low, ci ll, llci, ic "
    "inf, cilow, cilb, lowerci, cilower, cill, lowerlimit, conf int low"
)
UPPER = phrases(
    "oben, obergrenze, ci oben, ki oben, limite superieure, limite superior, superior, superieure, "
    "upper, up, hi, high, upper limit, upper bound, upper ci, ci upper, ci high, ci hi, ci ub, ub, ul, ucl, uci, ucb, "
    "upper 95, upper cri, cri upper, cr i upper, upper cr i, cri high, upper credible limit, "
    "u, u 95, ul 95, ciu, ci u, ci end, ci max, max ci, sup, borne sup, 97.5, ls, "
    "obere grenze, upper confidence limit, "
    "upper confidence interval, upper level, upper cl, ci sup, to, conf high, ci ul, ulci, ic "
    "sup, cihigh, ciub, upperci, ciupper, ciul, upperlimit, conf int high"
)
INTERVAL = phrases(
    "ci, c i, cri, cr i, credible interval, "
    "confidence interval, conf int, interval, limits, confidence limits, ic, ki, konfidenzintervall"
)
OF_LIMITS = words(
    """
    lower upper limit bound ll ul ci cl lcl ucl lci uci lb ub ki ic cilow cihigh cilb ciub lowerci upperci
    cilower ciupper
    """
)
"""Words of a limit that are none of a group: "low" may be a dose."""
LOG = frozenset({"log", "ln", "natural"})
LOG10 = frozenset({"log10", "lg"})
QUALIFIERS = words(
    """
    adjusted adj unadjusted crude value observed computed estimate est effect size es ci the of
    multivariable pooled study overall my final raw
    """
)
