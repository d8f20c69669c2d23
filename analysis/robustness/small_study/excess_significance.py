"""Test of excess significance: are more studies significant than their power lets expect?

Sources: :cite:t:`ioannidis2007` (chi-square and binomial test, limit estimate);
:cite:t:`francis2013` (exact test).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtrc, ndtr, ndtri

from analysis.synthesis import pool
from analysis.synthesis.checks import check_choice, check_share
from analysis.synthesis.printing import Line, Printed, Printout, counted

from .few_studies import enough_studies, few_studies_notes

TESTS = ("exact", "chi2", "binom")
EXACT, CHI2, BINOMIAL = TESTS

NO_LIMIT = "even with no true effect the excess would not be significant: no limit estimate"


@dataclass(frozen=True, slots=True, repr=False)
class ExcessSignificance(Printed):
    """Result of the test.

    Attributes
    ----------
    k, observed : int
        Studies, and how many of them are significant at `alpha` (two-sided).
    expected : float
        Sum of the `power` of the studies, shape (k,), if `theta` is the mean true effect and
        `tau2` its variance between studies.
    ratio : float
        observed / expected.
    test : str
        exact, chi2 or binom.
    statistic : float or None
        Chi-square statistic.
    p_value : float
        One-sided P of an excess.
    limit : float or None
        The mean effect (between 0 and `theta`, or beyond) at which P would be `limit_alpha`; None
        where P is above it even for a mean effect of 0.
    """

    k: int
    observed: int
    expected: float
    ratio: float
    test: str
    statistic: float | None
    p_value: float
    power: np.ndarray = field(compare=False)
    significant: np.ndarray = field(compare=False)
    theta: float
    tau2: float
    alpha: float
    limit: float | None
    limit_alpha: float
    enough_studies: bool
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        line = Line("observed / expected", self.ratio, None, None, None, self.statistic,
                    None, self.p_value)  # fmt: skip
        facts = [
            ("Significant", f"{self.observed} observed, {self.expected:.2f} expected"),
            ("True effect", f"{self.theta:.4f}, tau² {self.tau2:.4f}"),
        ]
        if self.limit is not None:
            facts.append((f"Effect at which P is {self.limit_alpha:g}", f"{self.limit:.4f}"))
        title = f"Test of excess significance, {counted(self.k, 'study', 'studies')} ({self.test})"
        return Printout(title, (line,), tuple(facts), None, self.notes, test="chi-square")

    def plot(self) -> Any:
        """The power of each study; a star marks those that are significant."""
        from analysis.synthesis.plotting import bars

        names = [
            f"study {place}{' *' if hit else ''}" for place, hit in enumerate(self.significant, 1)
        ]
        return bars(self._page(), names, self.power.tolist(), "Power")


def excess_significance(
    yi: Any,
    vi: Any,
    test: str = EXACT,
    tau2: str | float = "REML",
    alpha: float = 0.05,
    limit_alpha: float = 0.10,
    theta: float | None = None,
) -> ExcessSignificance:
    """Compare the number of significant studies with what their power lets expect.

    Source: :cite:t:`ioannidis2007`; :cite:t:`francis2013`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    test : str
        "exact": the Poisson-binomial distribution of the number of significant studies. "chi2":
        Pearson's, one-sided by the signed root. "binom": binomial with the mean power. (metafor's
        default is chi2 where the exact test would need more than a million terms; here the
        distribution is built up study by study, in k^2 steps.)
    tau2 : str or float
        Model whose mean and tau2 the power is computed with, as in `pool`.
    alpha : float
        Two-sided significance level of the studies.
    limit_alpha : float
        Level of the test that defines the limit estimate.
    theta : float, optional
        Mean true effect, if not the pooled one.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; an unknown test; a level outside (0, 1).

    Examples
    --------
    >>> yi, vi = [0.5, 0.6, 0.7, 0.9], [0.06, 0.09, 0.12, 0.2]
    >>> result = excess_significance(yi, vi, tau2="EE")
    >>> result.observed, round(result.expected, 2), round(result.p_value, 3)
    (4, 1.96, 0.046)
    """
    check_choice(test, "test", TESTS)
    check_share(alpha, "alpha")
    check_share(limit_alpha, "limit_alpha")
    pooled = pool(yi, vi, tau2)
    effects, variances = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    between = pooled.tau2 or 0.0
    mean = pooled.estimate if theta is None else float(theta)
    critical = float(-ndtri(alpha / 2))
    significant = np.abs(effects) >= critical * np.sqrt(variances)
    observed = int(significant.sum())

    def p_at(value: float) -> float:
        return _test(test, observed, power(value, variances, between, critical))[0]

    powers = power(mean, variances, between, critical)
    p_value, statistic = _test(test, observed, powers)
    limit = _limit(p_at, mean, variances, between, critical, limit_alpha)
    notes = few_studies_notes(pooled.k)
    for values in (powers, significant):
        values.flags.writeable = False
    return ExcessSignificance(
        k=pooled.k,
        observed=observed,
        expected=float(powers.sum()),
        ratio=observed / float(powers.sum()),
        test=test,
        statistic=statistic,
        p_value=p_value,
        power=powers,
        significant=significant,
        theta=mean,
        tau2=between,
        alpha=alpha,
        limit=limit,
        limit_alpha=limit_alpha,
        enough_studies=enough_studies(pooled.k),
        notes=notes if limit is not None else (NO_LIMIT, *notes),
    )


def power(theta: float, variances: np.ndarray, tau2: float, critical: float) -> np.ndarray:
    """Probability that |y| exceeds critical * sqrt(v) if y has mean theta and variance v + tau2.

    Examples
    --------
    >>> power(0.0, np.array([0.04]), 0.0, 1.959964).round(4).tolist()
    [0.05]
    """
    spread, bound = np.sqrt(variances + tau2), critical * np.sqrt(variances)
    return ndtr((theta - bound) / spread) + ndtr((-theta - bound) / spread)


def number_significant(powers: np.ndarray) -> np.ndarray:
    """Distribution of the number of significant studies: probabilities of 0, 1, ..., k.

    Examples
    --------
    >>> number_significant(np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    distribution = np.ones(1)
    for p in powers:
        distribution = np.append(distribution * (1 - p), 0.0) + np.append(0.0, distribution * p)
    return distribution


def _test(test: str, observed: int, powers: np.ndarray) -> tuple[float, float | None]:
    """P of an excess, and the chi-square statistic where there is one."""
    k, expected = len(powers), float(powers.sum())
    if test == EXACT:
        return min(1.0, float(number_significant(powers)[observed:].sum())), None
    if test == BINOMIAL:
        mean_power = min(1.0, expected / k)
        return (1.0 if observed == 0 else float(bdtrc(observed - 1, k, mean_power))), None
    difference = observed - expected
    missed = float((1 - powers).sum())
    if expected <= 0 or missed <= 0:
        return 0.5, 0.0
    statistic = difference**2 / expected + difference**2 / missed
    return float(ndtr(-np.sign(difference) * np.sqrt(statistic))), statistic


def _limit(
    p_at: Any,
    mean: float,
    variances: np.ndarray,
    tau2: float,
    critical: float,
    alpha: float,
) -> float | None:
    """The mean effect, on the side of `mean`, at which P is alpha: power, hence P, rises with it."""
    if p_at(0.0) > alpha:
        return None
    # Here every study has a power of almost 1, and P is at least about a half.
    far = float((critical * np.sqrt(variances) + 9 * np.sqrt(variances + tau2)).max())
    sign = -1.0 if mean < 0 else 1.0
    if p_at(far) <= alpha:
        return None
    return sign * float(brentq(lambda size: p_at(size) - alpha, 0.0, far, rtol=1e-12))
