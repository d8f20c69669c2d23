"""Impossible input is refused by name, place, what was found and what is allowed."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.effects import (
    binary,
    change,
    continuous,
    convert,
    correlation,
    quantiles,
    rates,
    recover,
    single_group,
    variability,
)

REFUSED = {
    "md: size 0": (lambda: continuous.md(1, 1, [10, 0], 1, 1, 10), r"n1i\[1\] = 0; allowed"),
    "md: negative SD": (lambda: continuous.md(1, 1, 10, 1, -2, 10), r"sd2i = -2; allowed"),
    "md: infinity": (lambda: continuous.md(np.inf, 1, 10, 1, 1, 10), r"m1i = inf; allowed"),
    "md: text": (lambda: continuous.md("five", 1, 10, 1, 1, 10), "m1i must hold numbers"),
    "md: lengths": (lambda: continuous.md([1, 2], 1, [9, 9, 9], 1, 1, 9), "one length"),
    "smd: vtype": (lambda: continuous.smd(1, 1, 9, 1, 1, 9, vtype="XX"), "vtype = 'XX'; allowed"),
    "or: negative count": (lambda: binary.odds_ratio(-1, 10, 1, 10), "ai = -1; allowed"),
    "or: above size": (lambda: binary.odds_ratio(11, 10, 1, 10), "ai = 11; allowed: at most n1i"),
    "or: control above size": (lambda: binary.odds_ratio(1, 9, [1, 10], 9), r"ci\[1\] = 10"),
    "or: rule": (lambda: binary.odds_ratio(1, 9, 1, 9, to="some"), "to = 'some'; allowed"),
    "or: add": (lambda: binary.odds_ratio(1, 9, 1, 9, add=-1), "add = -1; allowed"),
    "irr: time": (lambda: rates.incidence_rate_ratio(1, 0, 1, 9), "t1i = 0; allowed"),
    "ir: count": (lambda: rates.ir(-3, 9), "xi = -3; allowed"),
    "irft: time back": (lambda: rates.inverse_irft(0.3, 0), "ti = 0; allowed"),
    "pr: above size": (lambda: single_group.pr([3, 12], 10), r"xi\[1\] = 12; allowed"),
    "pft: size back": (lambda: single_group.inverse_pft(1, 0), "ni = 0; allowed"),
    "harmonic: none": (lambda: single_group.harmonic_mean([]), "at least one number"),
    "mn: SD": (lambda: single_group.mn(1, -1, 9), "sdi = -1; allowed"),
    "mc: r": (lambda: change.mc(1, 1, 1, 1, 9, 1.2), "ri = 1.2; allowed"),
    "smcr: r": (lambda: change.smcr(1, 1, 1, 9, [-0.5, -1.5]), r"ri\[1\] = -1.5; allowed"),
    "vrc: size": (lambda: variability.vrc(1, 1, -9, 0.5), "ni = -9; allowed"),
    "zcor: r": (lambda: correlation.zcor(-1.01, 30), "ri = -1.01; allowed"),
    "interval: order": (lambda: convert.from_interval(1, 2, 0), "ci_high = 0; allowed"),
    "interval: outside": (lambda: convert.from_interval(5, 0, 2), "estimate = 5; allowed"),
    "interval: ratio": (
        lambda: convert.from_interval(1, -0.5, 2, scale="log"),
        "ci_low = -0.5; allowed: a ratio above 0",
    ),
    "interval: scale": (lambda: convert.from_interval(1, 0, 2, scale="ln"), "scale = 'ln'"),
    "interval: level": (lambda: convert.from_interval(1, 0, 2, level=95), "level = 95; allowed"),
    "p: zero": (lambda: convert.from_p(1, 0), "p = 0; allowed"),
    "p: above one": (lambda: convert.statistic_from_p(1.2), "p = 1.2; allowed"),
    "p: signed": (lambda: convert.smd_from_p(0, 10, 10), "p = 0; allowed"),
    "vi: negative": (lambda: convert.or_to_smd(1, -1), "vi = -1; allowed"),
    "se: negative": (lambda: convert.from_se(1, -1), "se = -1; allowed"),
    "sd: se": (lambda: recover.sd_from_se(-1, 9), "se = -1; allowed"),
    "sd: one patient": (lambda: recover.sd_from_ci(1, 2, 1), "n = 1; allowed: at least 2"),
    "sd: too few": (lambda: recover.sd_from_p(1, 0.1, 1, 1), "n1 [+] n2 above 2"),
    "r: impossible SD": (lambda: recover.correlation_from_sds(3, 4, 9), "sd_change = 9; allowed"),
    "merge: missing": (lambda: recover.merge_arms([9, 9], [1, np.nan], [1, 1]), "mean has a"),
    "merge: one": (lambda: recover.merge_arms([1], [1], [1]), "at least 2"),
    "five: order": (
        lambda: quantiles.mean_sd(n=40, q1=5, median=4, q3=9),
        "median = 4; allowed: not below",
    ),
    "five: order past a gap": (
        lambda: quantiles.mean_sd(n=40, minimum=5, q3=4),
        "q3 = 4; allowed: not below",
    ),
    "five: size": (lambda: quantiles.sd_from_iqr(1, 2, 1), "n = 1; allowed"),
    "five: method": (lambda: quantiles.mean_sd(n=9, method="guess"), "method = 'guess'"),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_impossible_input_is_refused(call, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
