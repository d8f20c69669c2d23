"""The result of pooling counts without effect sizes, and how it is put together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.special import chdtrc

from ..inference import critical_value, two_sided_p
from ..printing import Line, Printed, Printout, counted, heterogeneity, statistic_text

UNINFORMATIVE = (
    "{} of {} studies had no event, or no non-event, in either group; they cannot move a ratio"
)
NO_ESTIMATE = "not estimable: {}"
NO_ERROR = "the standard error is 0: the interval has no width, and there is no test"


@dataclass(frozen=True, slots=True, repr=False)
class CountPooled(Printed):
    """What `mh_odds_ratio`, `mh_risk_ratio`, ... and `peto` return: a common effect.

    Ratios are on the log scale. A number that the data cannot give is None, and `notes` says why.

    Attributes
    ----------
    measure : str
        OR, RR, RD, IRR or IRD.
    method : str
        "Mantel-Haenszel" or "Peto".
    k : int
        Number of studies given.
    estimate, se, ci_low, ci_high, p_value, statistic : float or None
        Common effect, standard error, Wald interval at `level`, test against 0 by `statistic` =
        estimate / se.
    q, q_df, q_p_value : float, int, float or None
        Cochran's Q of the studies' own effects (1/2 added where a cell is 0) around `estimate`,
        with the number of studies in it less 1.
    i2, h2 : float or None
        100 max(0, (Q - df) / Q), and Q / df.
    cmh, cmh_p_value : float or None
        Cochran-Mantel-Haenszel test of no association, 1 df, with continuity correction unless
        it was switched off. OR and IRR only. For OR, `cochran` is its form for large studies (N
        in place of N - 1 in the variance).
    cochran, cochran_p_value : float or None
    breslow_day, breslow_day_p_value, tarone, tarone_p_value : float or None
        Breslow-Day test of one common odds ratio, and with Tarone's correction. OR only.
    homogeneity_df : int or None
        Degrees of freedom of both.
    level : float
    notes : tuple of str
    """

    measure: str
    method: str
    k: int
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    statistic: float | None
    q: float | None
    q_df: int
    q_p_value: float | None
    i2: float | None
    h2: float | None
    cmh: float | None = None
    cmh_p_value: float | None = None
    cochran: float | None = None
    cochran_p_value: float | None = None
    breslow_day: float | None = None
    breslow_day_p_value: float | None = None
    tarone: float | None = None
    tarone_p_value: float | None = None
    homogeneity_df: int | None = None
    level: float = 0.95
    notes: tuple[str, ...] = ()

    def _page(self) -> Printout:
        line = Line("common effect", self.estimate, self.se, self.ci_low, self.ci_high, self.statistic,
                    None, self.p_value, "mean")  # fmt: skip
        tests = (
            ("Q", self.q, self.q_df, self.q_p_value),
            ("Cochran-Mantel-Haenszel", self.cmh, 1, self.cmh_p_value),
            ("Breslow-Day", self.breslow_day, self.homogeneity_df, self.breslow_day_p_value),
            ("Tarone", self.tarone, self.homogeneity_df, self.tarone_p_value),
        )
        facts = tuple((name, statistic_text(*test)) for name, *test in tests if test[0] is not None)
        title = f"{self.method}, {self.measure}, {counted(self.k, 'study', 'studies')}"
        return Printout(
            title, (line,), (*heterogeneity(self, self.level), *facts), self.level, self.notes
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values under the same names, ready for `json.dumps`."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"notes": list(self.notes)}


def assemble(
    measure: str,
    method: str,
    k: int,
    estimate: float,
    se: float,
    study_effects: tuple[np.ndarray, np.ndarray],
    level: float,
    notes: tuple[str, ...] = (),
    **tests: Any,
) -> CountPooled:
    """Result from a finite estimate, its standard error, and the studies' (yi, vi) for Q."""
    effects, variances = study_effects
    half = critical_value(level, None) * se
    statistic = estimate / se if se > 0 else None
    df = len(effects) - 1
    q = float(((effects - estimate) ** 2 / variances).sum()) if df >= 1 else None
    return CountPooled(
        measure=measure,
        method=method,
        k=k,
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p_value=None if statistic is None else two_sided_p(statistic, None),
        statistic=statistic,
        q=q,
        q_df=max(0, df),
        q_p_value=None if q is None else float(chdtrc(df, q)),
        i2=None if q is None else (100 * (q - df) / q if q > df else 0.0),
        h2=None if q is None else q / df,
        level=float(level),
        notes=notes if se > 0 else (*notes, NO_ERROR),
        **tests,
    )


def not_estimable(
    measure: str,
    method: str,
    k: int,
    reason: str,
    level: float,
    notes: tuple[str, ...] = (),
    **tests: Any,
) -> CountPooled:
    """Result that says why there is no estimate."""
    missing = dict.fromkeys(
        (
            "estimate", "se", "ci_low", "ci_high", "p_value", "statistic",
            "q", "q_p_value", "i2", "h2",
        )
    )  # fmt: skip
    return CountPooled(
        measure=measure,
        method=method,
        k=k,
        q_df=0,
        level=float(level),
        notes=(NO_ESTIMATE.format(reason), *notes),
        **missing,
        **tests,
    )


def uninformative_note(informative: np.ndarray) -> tuple[str, ...]:
    """A note on studies that a ratio cannot learn from; empty if there is none."""
    without = int(np.count_nonzero(~informative))
    return (UNINFORMATIVE.format(without, len(informative)),) if without else ()
