"""Treatments as sums of components: ritual, drug, device.

An additive model gives each component an effect, and a treatment the sum of those of its parts. With as
many components as the network has contrasts it is the same fit in other words (a re-parametrisation);
with fewer it assumes more, and Q tells whether the data bear that.

:cite:t:`welton2009`; :cite:t:`ruecker2020`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from analysis.errors import InputError, NotEstimable

from ..checks import check_choice, check_level
from ..estimators import residual_tau2
from ..inference import critical_value, two_sided_p
from ..printing import Line, Printed, Printout, statistic_text
from ..regression_data import RegressionData, regression_grid
from .result import Network
from .rows import coefficients_at

METHODS = ("REML", "ML", "DL", "EE")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Components(Printed):
    """Effects of components, each what it adds to a treatment.

    Attributes
    ----------
    names : of the components; arrays (c,) are in this order.
    estimate, se, ci_low, ci_high, p_value : (c,), under `tau2`, normal intervals.
    covariance : (c, c).
    q, df : of the additive model, common effect.
    q_difference, df_difference, p_difference : what additivity costs against the network's own fit;
        df 0 (and no P) where the two are the same model.
    """

    names: tuple[str, ...]
    estimate: np.ndarray
    se: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p_value: np.ndarray
    covariance: np.ndarray
    tau2: float
    q: float
    df: int
    q_difference: float
    df_difference: int
    p_difference: float | None
    level: float

    def _page(self) -> Printout:
        columns = (self.estimate, self.se, self.ci_low, self.ci_high, self.estimate / self.se)
        lines = [
            Line(
                name,
                *(float(column[place]) for column in columns),
                None,
                float(self.p_value[place]),
            )
            for place, name in enumerate(self.names)
        ]
        facts = [("tau²", f"{self.tau2:.4f}")]
        if self.df_difference:
            cost = statistic_text(self.q_difference, self.df_difference, self.p_difference)
            facts.append(("Q of additivity", cost))
        return Printout("Components of treatments", tuple(lines), tuple(facts), self.level)


def fit_components(
    network: Network, parts: Mapping[str, Sequence[str]], tau2: str = "REML", level: float = 0.95
) -> Components:
    """Effects of the components of the treatments.

    Source: :cite:t:`welton2009`; :cite:t:`ruecker2020`.

    Parameters
    ----------
    parts : the components of each treatment; none (an empty sequence) for what all others add to.
    tau2 : "REML", "ML", "DL" or "EE".

    Raises
    ------
    ValueError
        A treatment without an entry; components that the comparisons cannot tell apart.

    Examples
    --------
    >>> from analysis.synthesis.network import fit_network
    >>> network = fit_network("ab", ["sham", "drug"], ["care", "sham"], [-1.0, -0.5], [0.3, 0.2])
    >>> found = fit_components(
    ...     network, {"care": (), "sham": ("ritual",), "drug": ("ritual", "drug")}, "EE"
    ... )
    >>> dict(zip(found.names, found.estimate.round(3).tolist()))
    {'ritual': -1.0, 'drug': -0.5}
    """
    check_choice(tau2, "tau2", METHODS)
    check_level(level)
    if missing := [name for name in network.treatments if name not in parts]:
        raise InputError(f"parts has no entry for {', '.join(missing)}")
    names = tuple(dict.fromkeys(part for name in network.treatments for part in parts[name]))
    holds = np.array([[float(part in parts[t]) for part in names] for t in network.treatments])
    columns = network.rows.matrix @ holds
    if not names or np.linalg.matrix_rank(columns) < len(names):
        raise NotEstimable(
            f"the comparisons cannot tell the components {', '.join(names) or '(none)'} apart; allowed: "
            "components of which no two always come together, and none that all treatments have"
        )
    data = network.rows.regression(columns)
    used = _tau2(data, tau2) * data.studies.unit**2
    estimate, covariance, _ = coefficients_at(data, used)
    _, _, q = coefficients_at(data, 0.0)
    se = np.sqrt(np.diag(covariance))
    half = critical_value(level, None) * se
    df_difference = data.df - network.df
    q_difference = max(0.0, q - network.q) if df_difference else 0.0
    return Components(
        names,
        estimate,
        se,
        estimate - half,
        estimate + half,
        np.array([two_sided_p(z, None) for z in estimate / se]),
        covariance,
        used,
        q,
        data.df,
        q_difference,
        df_difference,
        float(chdtrc(df_difference, q_difference)) if df_difference else None,
        level,
    )


def _tau2(data: RegressionData, method: str) -> float:
    """In squared units; 0 without degrees of freedom."""
    if method == "EE" or not data.df:
        return 0.0
    return residual_tau2(data, data.on(regression_grid(data)), method).tau2
