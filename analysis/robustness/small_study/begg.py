"""Begg and Mazumdar's rank correlation test.

Source: :cite:t:`begg1994`: Kendall's tau between the effects, standardised about the
common-effect mean, and their sampling variances.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis.errors import NotEstimable
from analysis.synthesis.printing import Line, Printed, Printout, counted
from analysis.synthesis.studies import prepare
from analysis.synthesis.weighted import sums_at

from .few_studies import enough_studies, few_studies_notes

# The exact distribution takes time that grows with the square of k; above, the normal
# approximation is accurate to more digits than anybody reads.
LARGEST_EXACT = 1000

NO_RANKS = "all effects or all variances are equal: there is nothing to rank"
ONE_STUDY = "one study cannot be ranked"
TIES = "equal ranks: P is from the normal approximation, not exact"


@dataclass(frozen=True, slots=True, repr=False)
class RankTest(Printed):
    """`tau` is Kendall's tau-b, `p_value` two-sided; both None where nothing can be ranked.

    `standardised` (k,) are the effects about their common mean, each by its own standard error;
    `variances` (k,) their sampling variances; the most precise study first.
    """

    k: int
    tau: float | None
    p_value: float | None
    exact: bool
    enough_studies: bool
    notes: tuple[str, ...]
    standardised: np.ndarray = field(compare=False)
    variances: np.ndarray = field(compare=False)

    def _page(self) -> Printout:
        line = Line("Kendall's tau", self.tau, p_value=self.p_value)
        how = "exact" if self.exact else "normal approximation"
        title = f"Rank correlation test, {counted(self.k, 'study', 'studies')} ({how})"
        return Printout(title, (line,), (), None, self.notes)

    def plot(self) -> Any:
        """Standardised effects against sampling variances, whose ranks are compared."""
        from analysis.synthesis.plotting import points

        if self.tau is None:
            raise NotEstimable("; ".join(("nothing to draw", *self.notes)))
        return points(self._page(), self.variances.tolist(), self.standardised.tolist(),
                      "Sampling variance", "Standardised effect")  # fmt: skip


def begg(yi: Any, vi: Any) -> RankTest:
    """Rank correlation of standardised effects with sampling variances.

    Source: :cite:t:`begg1994`.

    The P is exact without ties (up to 1000 studies), otherwise from the normal approximation
    corrected for ties, without continuity correction. The test has little power; Egger's is
    preferred.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.

    Raises
    ------
    ValueError
        Input that `pool` would refuse.

    Examples
    --------
    >>> test = begg([0.1, 0.2, 0.5, 0.6], [0.01, 0.02, 0.04, 0.09])
    >>> round(test.tau, 3), round(test.p_value, 4)
    (0.667, 0.3333)
    """
    studies = prepare(yi, vi)
    notes = few_studies_notes(studies.k)
    if studies.k == 1:
        none = np.zeros(1)
        return RankTest(
            1,
            None,
            None,
            False,
            False,
            (ONE_STUDY, *notes),
            none,
            studies.unit**2 * studies.variances,
        )
    sums = sums_at(studies, 0.0)
    # v - 1 / W is v (W - w) / W, where W - w of the first, heaviest study is summed afresh.
    weights = 1 / studies.variances
    others = sums.total - weights
    others[0] = weights[1:].sum()
    variances = studies.variances * others / sums.total
    standardised = (studies.effects - sums.mean) / np.sqrt(variances)
    ranked = {
        "standardised": standardised,
        "variances": studies.unit**2 * studies.variances,
    }
    if np.ptp(standardised) == 0 or np.ptp(studies.variances) == 0:
        enough = enough_studies(studies.k)
        return RankTest(studies.k, None, None, False, enough, (NO_RANKS, *notes), **ranked)
    tied = any(len(np.unique(values)) < studies.k for values in (standardised, studies.variances))
    exact = not tied and studies.k <= LARGEST_EXACT
    from scipy.stats import kendalltau  # takes 30 MiB, which most work does without

    found = kendalltau(standardised, studies.variances, method="exact" if exact else "asymptotic")
    return RankTest(
        k=studies.k,
        tau=float(found.statistic),
        p_value=float(found.pvalue),
        exact=exact,
        enough_studies=enough_studies(studies.k),
        notes=(*((TIES,) if tied else ()), *notes),
        **ranked,
    )
