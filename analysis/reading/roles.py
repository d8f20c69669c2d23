"""What a column may hold: the roles, by metafor's names where it has one, in words."""

from __future__ import annotations

WORDS: dict[str, str] = {
    "study": "study: its name",
    "cluster": "study id: rows of one study share it",
    "year": "year",
    "outcome": "outcome, where rows hold several",
    "treatment": "treatment of this row's group (one row per group)",
    "intervention": "treatment",
    "comparator": "compared with",
    "subgroup": "subgroup",
    "measure": "name of the effect measure",
    "weeks": "time: weeks since treatment, or such as 12 months",
    "design": "kind of study",
    "etiology": "cause of the condition treated",
    "source_url": "source: web address",
    "note": "note",
}
SIDES = {"1": "treatment", "2": "comparator", "": "one group"}


def _sided(stem: str, words: str, *, one: bool = True) -> dict[str, str]:
    roles = {f"{stem}{side}i": f"{words}, {name}" for side, name in SIDES.items() if side}
    return roles | ({f"{stem}i": f"{words}, one group"} if one else {})


NUMBERS: dict[str, str] = {
    "ai": "events, treatment",
    "bi": "no event, treatment",
    "ci": "events, comparator",
    "di": "no event, comparator",
    "xi": "events, one group",
    **_sided("n", "size"),
    **_sided("p", "share with the event (0 to 1, or percent)"),
    **_sided("m", "mean"),
    **_sided("sd", "SD"),
    **_sided("se", "standard error of the mean", one=False),
    **_sided("var", "variance of the values (SD squared)"),
    **_sided("low", "lower limit of the mean"),
    **_sided("high", "upper limit of the mean"),
    **_sided("med", "median"),
    **_sided("q1_", "lower quartile"),
    **_sided("q3_", "upper quartile"),
    **_sided("min", "smallest value"),
    **_sided("max", "largest value"),
    **_sided("x", "events (rates)", one=False),
    **_sided("t", "person-time"),
    "patient": "one patient's outcome, a number or yes/no (one row per patient)",
    "ri": "correlation",
    "yi": "effect as analysed (ratios: natural logarithm)",
    "ratio": "ratio as reported (odds ratio 0.62)",
    "log10": "ratio's logarithm to base 10",
    "vi": "sampling variance of yi",
    "sei": "standard error of yi (ratios: of the logarithm)",
    "se_ratio": "standard error of the ratio itself",
    "se_log10": "standard error of the logarithm to base 10",
    "p_value": "P value of the effect, two-sided",
    "o_minus_e": "observed minus expected events (O - E)",
    "oe_var": "variance of O - E",
    "ci_low": "lower limit of the effect, as the effect is reported",
    "ci_high": "upper limit of the effect, as the effect is reported",
    "level": "level of the limits (95)",
    "scale_min": "scale: lower end",
    "scale_max": "scale: upper end",
}
TEXTS: dict[str, str] = {
    "ci_text": "limits in one cell (0.4 to 0.96)",
    "iqr_1i": "quartiles in one cell (2-6), treatment",
    "iqr_2i": "quartiles in one cell (2-6), comparator",
    "group1": "events/size, or mean (SD), treatment",
    "group2": "events/size, or mean (SD), comparator",
}
ROLES: dict[str, str] = {"": "not used", **WORDS, **NUMBERS, **TEXTS}

WHOLE = frozenset({"n1i", "n2i", "ni"})
COUNTS = frozenset({"ai", "bi", "ci", "di", "xi", "x1i", "x2i"})
ABOVE_ZERO = frozenset({"t1i", "t2i", "ti", "ratio"})
SPREADS = frozenset({"sd1i", "sd2i", "sdi", "se1i", "se2i", "var1i", "var2i", "vari"})
EFFECTS = ("yi", "ratio", "log10")
LIMITS = ("ci_low", "ci_high")
EVENTS = {
    "ai": ("n1i", "p1i"),
    "ci": ("n2i", "p2i"),
    "xi": ("ni", "pi"),
    "x1i": ("", ""),
    "x2i": ("", ""),
}
"""For each count of events, the size of its group and the share that stands for it; "" neither."""
