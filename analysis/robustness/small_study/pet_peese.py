"""PET and PEESE: what effect would a study without sampling error have found?

Sources: :cite:t:`stanley2008` (PET); :cite:t:`stanley2014` (PEESE and the conditional estimate).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from analysis.synthesis.checks import check_share
from analysis.synthesis.coefficients import Coefficient
from analysis.synthesis.printing import Printed, Printout, coefficient_lines, counted

from .funnel_regression import MULTIPLICATIVE, funnel_regression
from .result import FunnelRegression


@dataclass(frozen=True, slots=True, repr=False)
class PetPeese(Printed):
    """The conditional estimate: `chosen` says which line it was taken from.

    `estimate` is the limit of the chosen line; None where no line can be fitted.
    """

    chosen: str | None
    estimate: Coefficient | None
    pet: FunnelRegression
    peese: FunnelRegression
    alpha: float
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        lines = [
            replace(line, name=name)
            for name, fit in (("PET", self.pet), ("PEESE", self.peese)) if fit.limit is not None
            for line in coefficient_lines([fit.limit])
        ]  # fmt: skip
        title = f"PET-PEESE, {counted(self.pet.k, 'study', 'studies')}"
        facts = (("Taken from", self.chosen or "neither"),)
        return Printout(title, tuple(lines), facts, self.pet.level, self.notes)


def pet(yi: Any, vi: Any, level: float = 0.95) -> FunnelRegression:
    """Precision-effect test: weighted regression on the standard error.

    Source: :cite:t:`stanley2008`.

    `limit` is the effect without sampling error, and its P tests whether there is one; `slope` is
    the funnel asymmetry test (FAT). Errors as `funnel_regression`.

    Examples
    --------
    >>> round(pet([0.1, 0.3, 0.5, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16]).limit.estimate, 3)
    -0.124
    """
    return funnel_regression(yi, vi, None, "sei", MULTIPLICATIVE, level=level, test="PET")


def peese(yi: Any, vi: Any, level: float = 0.95) -> FunnelRegression:
    """Precision-effect estimate with standard error: weighted regression on the variance.

    Source: :cite:t:`stanley2014`.

    Examples
    --------
    >>> round(peese([0.1, 0.3, 0.5, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16]).limit.estimate, 3)
    0.112
    """
    return funnel_regression(yi, vi, None, "vi", MULTIPLICATIVE, level=level, test="PEESE")


def pet_peese(yi: Any, vi: Any, alpha: float = 0.05, level: float = 0.95) -> PetPeese:
    """PEESE's estimate where PET finds an effect, PET's own where it does not.

    Source: :cite:t:`stanley2014`.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and their sampling variances.
    alpha : float
        PET finds an effect where the two-sided P of its limit is below this.
    level : float
        Level of the confidence intervals.

    Raises
    ------
    ValueError
        Input that `pool` would refuse; alpha or level outside (0, 1).

    Examples
    --------
    >>> result = pet_peese([0.1, 0.3, 0.5, 0.5, 0.9], [0.01, 0.02, 0.04, 0.09, 0.16])
    >>> result.chosen, round(result.estimate.estimate, 3)
    ('PET', -0.124)
    """
    check_share(alpha, "alpha")
    on_error, on_variance = pet(yi, vi, level), peese(yi, vi, level)
    if on_error.limit is None or on_variance.limit is None:
        return PetPeese(None, None, on_error, on_variance, alpha, on_error.notes)
    # A line through every study has no test: its limit is then certain, and counts unless 0.
    p_value = on_error.limit.p_value
    finds_effect = on_error.limit.estimate != 0 if p_value is None else p_value < alpha
    chosen = on_variance if finds_effect else on_error
    return PetPeese(chosen.test, chosen.limit, on_error, on_variance, alpha, chosen.notes)
