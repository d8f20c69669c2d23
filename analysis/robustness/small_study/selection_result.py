"""What a selection model returns: values, and how they print."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.synthesis import Pooled
from analysis.synthesis.printing import (
    Line,
    Printed,
    Printout,
    counted,
    statistic_text,
    with_interval,
)


@dataclass(frozen=True, slots=True)
class SelectionParameter:
    """A parameter of the weight function; `p_value` is of the value that means no selection.

    Standard error, interval and P are None where it is fixed or lies on its bound. The interval
    keeps to what is allowed.
    """

    estimate: float
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    fixed: bool


@dataclass(frozen=True, slots=True, repr=False)
class SelectionModel(Printed):
    """Result of a selection model; what cannot be estimated is None, and `notes` says why.

    Attributes
    ----------
    weight, alternative : str
        The weight function, and of which side P is.
    steps : tuple of float
        Upper ends of the intervals of P (step function).
    counts : tuple of int
        Number of studies in each of them.
    k, estimate, se, ci_low, ci_high, statistic, p_value
        Mean without selection, with normal interval at `level`, and test.
    tau2, tau2_se : float or None
        Heterogeneity variance without selection.
    delta : tuple of SelectionParameter
        Parameters of the weight function. Step function: weights of the intervals but the first,
        whose weight is 1. Statistic and P test the value that means no selection; intervals stay
        within what is allowed.
    log_likelihood : float or None
        With all constants, so comparable between models.
    lrt, lrt_df, lrt_p_value
        Likelihood ratio test of no selection.
    tau2_lrt, tau2_lrt_p_value
        The same of tau2 = 0 within the selection model, chi-square with 1 degree of freedom.
    unadjusted : Pooled
        The same model without selection (ML or common effect).
    unadjusted_log_likelihood : float
        Its log-likelihood.
    """

    weight: str
    alternative: str
    steps: tuple[float, ...]
    counts: tuple[int, ...]
    k: int
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    statistic: float | None
    p_value: float | None
    tau2: float | None
    tau2_se: float | None
    delta: tuple[SelectionParameter, ...]
    log_likelihood: float | None
    lrt: float | None
    lrt_df: int
    lrt_p_value: float | None
    tau2_lrt: float | None
    tau2_lrt_p_value: float | None
    unadjusted: Pooled
    unadjusted_log_likelihood: float
    level: float
    enough_studies: bool
    notes: tuple[str, ...]

    def _page(self) -> Printout:
        mean = Line("mean", self.estimate, self.se, self.ci_low, self.ci_high, self.statistic, None,
                    self.p_value, "mean")  # fmt: skip
        names = [
            f"weight {place}" if self.steps else f"delta {place}"
            for place in range(1, len(self.delta) + 1)
        ]
        weights = [
            Line(name, d.estimate, d.se, d.ci_low, d.ci_high, None, None, d.p_value)
            for name, d in zip(names, self.delta, strict=True)
        ]
        facts = (
            ("tau²", with_interval(self.tau2, None, None, self.level, se=self.tau2_se)),
            ("Selection (LRT)", statistic_text(self.lrt, self.lrt_df, self.lrt_p_value)),
            ("Mean without it", f"{self.unadjusted.estimate:.4f}"),
        )
        title = f"Selection model ({self.weight}), {counted(self.k, 'study', 'studies')}"
        return Printout(title, (mean, *weights), facts, self.level, self.notes)
