"""What a selection model returns: values, and nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.synthesis import Pooled


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


@dataclass(frozen=True, slots=True)
class SelectionModel:
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
