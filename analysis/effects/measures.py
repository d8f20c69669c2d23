"""The register of effect measures: metafor's name of each, what it needs, what computes it, how it
is read.

The sheet reader, the command line and the tables ask here; no measure is known anywhere else by its
name alone. ``GEN`` is a measure whose ``yi`` and ``vi`` came ready made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.effects import (
    binary,
    change,
    continuous,
    convert,
    correlation,
    rates,
    single_group,
    variability,
)
from analysis.effects.arrays import Effect, FloatArray
from analysis.errors import InputError

Scale = Literal[
    "raw", "log", "logit", "arcsine", "double arcsine", "square root", "double root", "Fisher's z"
]
Kind = Literal["two groups", "one group", "change in one group", "association", "given"]

TWO_MEANS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
TWO_COUNTS = ("ai", "n1i", "ci", "n2i")
TWO_RATES = ("x1i", "t1i", "x2i", "t2i")
ONE_MEAN = ("mi", "sdi", "ni")
ONE_COUNT = ("xi", "ni")
ONE_RATE = ("xi", "ti")
TWO_OCCASIONS = ("m1i", "sd1i", "m2i", "sd2i", "ni", "ri")


@dataclass(frozen=True, slots=True)
class Measure:
    """One effect measure.

    Attributes
    ----------
    name : metafor's name.
    label : plain words for the effect as it is analysed.
    printed_label : plain words for it after ``back_transform``.
    kind : what is compared; one-group kinds are no effect of treatment.
    columns : arguments that ``function`` needs, metafor's names.
    function : columns -> ``Effect``; None for GEN.
    scale : scale of ``yi``.
    null : value of ``yi`` that means "no difference"; None where there is no such value.
    undefined : when ``function`` gives NaN although all numbers are there, in words.
    default_add : what ``function`` adds to zero cells unless told otherwise (metafor's default); None
        where it takes no ``add``.
    """

    name: str
    label: str
    printed_label: str
    kind: Kind
    columns: tuple[str, ...]
    function: Callable[..., Effect] | None
    scale: Scale
    null: float | None
    undefined: str
    default_add: float | None = None

    @property
    def transforms(self) -> bool:
        """Whether the effect is printed on another scale than it is pooled on."""
        return self.scale != "raw"

    @property
    def size_column(self) -> str | None:
        """The column of sizes that ``back_transform`` needs, if any."""
        return {"double arcsine": "ni", "double root": "ti"}.get(self.scale)

    def back_transform(self, values: ArrayLike, size: ArrayLike | None = None) -> FloatArray:
        """``values`` of yi (an estimate, the limits of an interval) on the scale a reader knows.

        ``size`` is for the Freeman-Tukey measures only: a study's own size (person-time), or for a
        pooled value the harmonic mean of the studies'. ``ValueError`` where it is missing.

        >>> MEASURES["RR"].back_transform([0.0]).tolist()
        [1.0]
        """
        y = np.asarray(values, dtype=float)
        if self.size_column is not None and size is None:
            raise InputError(
                f"{self.name} is back-transformed with {self.size_column} (pooled: its harmonic "
                "mean); found none"
            )
        match self.scale:
            case "log":
                with np.errstate(over="ignore"):
                    return np.exp(y)
            case "logit":
                return single_group.inverse_logit(y)
            case "arcsine":
                return single_group.inverse_pas(y)
            case "double arcsine":
                return single_group.inverse_pft(y, size)
            case "square root":
                return np.maximum(y, 0) ** 2
            case "double root":
                return rates.inverse_irft(y, size)
            case "Fisher's z":
                return correlation.inverse_zcor(y)
            case _:
                return y


_NO_SPREAD = "both SDs are 0, or the groups are too small"
_ZERO_CELL = "a cell is 0 and was not corrected, or the study has no events and was dropped"
_ZERO_RATE = "a count is 0 and was not corrected, or the study has no events and was dropped"
_SIGNS = "the means have opposite signs or one is 0, so their ratio has no logarithm"
_SPREAD_LOG = "an SD is 0, a mean is not above 0, or a group has one patient"
_CHANGE = "the change has no spread, or there are too few patients"


def _entry(
    name: str,
    label: str,
    function: Callable[..., Effect],
    scale: Scale = "raw",
    *,
    kind: Kind,
    columns: tuple[str, ...],
    undefined: str,
    printed_label: str = "",
    null: float | None = 0.0,
    default_add: float | None = None,
) -> Measure:
    """A measure, printed under its own label unless another is given."""
    return Measure(
        name=name,
        label=label,
        printed_label=printed_label or label,
        kind=kind,
        columns=columns,
        function=function,
        scale=scale,
        null=null,
        undefined=undefined,
        default_add=default_add,
    )


def _given(name: str, label: str, printed_label: str) -> Measure:
    """A ratio that comes ready made only."""
    return Measure(
        name=name,
        label=label,
        printed_label=printed_label,
        kind="given",
        columns=("yi", "vi"),
        function=None,
        scale="log",
        null=0.0,
        undefined="",
    )


_two_means = partial(_entry, kind="two groups", columns=TWO_MEANS, undefined=_NO_SPREAD)
_two_counts = partial(
    _entry, kind="two groups", columns=TWO_COUNTS, undefined=_ZERO_CELL, default_add=0.5
)
_two_rates = partial(
    _entry, kind="two groups", columns=TWO_RATES, undefined=_ZERO_RATE, default_add=0.5
)
_proportion = partial(
    _entry,
    kind="one group",
    columns=ONE_COUNT,
    undefined="there are 0 or only events and no correction was asked for",
    printed_label="proportion",
    null=None,
    default_add=0.5,
)
_rate = partial(
    _entry,
    kind="one group",
    columns=ONE_RATE,
    undefined="there are no events and no correction was asked for",
    printed_label="incidence rate",
    null=None,
    default_add=0.5,
)
_one_mean = partial(_entry, kind="one group", columns=ONE_MEAN, undefined=_SPREAD_LOG, null=None)
_change = partial(_entry, kind="change in one group", columns=TWO_OCCASIONS, undefined=_CHANGE)
_correlation = partial(
    _entry,
    kind="association",
    columns=("ri", "ni"),
    undefined="the sample is too small, or the correlation is exactly 1 or -1",
    printed_label="correlation",
)

_ALL = (
    Measure(
        name="GEN",
        label="effect (yi, vi as given)",
        printed_label="effect (yi, vi as given)",
        kind="given",
        columns=("yi", "vi"),
        function=None,
        scale="raw",
        null=0.0,
        undefined="",
    ),
    _given("HR", "log hazard ratio", "hazard ratio"),
    _given("RATIO", "log ratio (which one is not stated)", "ratio"),
    _two_means("MD", "mean difference", continuous.md),
    _two_means("SMD", "standardised mean difference (Hedges' g)", continuous.smd),
    _two_means("SMDH", "standardised mean difference, unequal variances", continuous.smdh),
    _two_means(
        "ROM",
        "log ratio of means",
        continuous.rom,
        printed_label="ratio of means",
        scale="log",
        undefined=_SIGNS,
    ),
    _two_means(
        "VR",
        "log variability ratio",
        variability.vr,
        printed_label="ratio of SDs",
        scale="log",
        undefined=_SPREAD_LOG,
        columns=("sd1i", "n1i", "sd2i", "n2i"),
    ),
    _two_means(
        "CVR",
        "log coefficient-of-variation ratio",
        variability.cvr,
        printed_label="ratio of coefficients of variation",
        scale="log",
        undefined=_SPREAD_LOG,
    ),
    _two_means("RPB", "point-biserial correlation", correlation.rpb),
    _two_means(
        "D2OR",
        "log odds ratio from means",
        convert.d_to_or,
        printed_label="odds ratio",
        scale="log",
    ),
    _two_counts("RR", "log risk ratio", binary.risk_ratio, printed_label="risk ratio", scale="log"),
    _two_counts("OR", "log odds ratio", binary.odds_ratio, printed_label="odds ratio", scale="log"),
    _two_counts("RD", "risk difference", binary.risk_difference),
    _two_counts("AS", "arcsine difference", binary.arcsine_difference, default_add=0.0),
    _two_counts(
        "PETO", "log odds ratio (Peto)", binary.peto, printed_label="odds ratio", scale="log"
    ),
    _two_counts("PHI", "phi coefficient", binary.phi, default_add=0.0),
    _two_counts("YUQ", "Yule's Q", binary.yule_q),
    _two_counts("OR2DL", "standardised mean difference from the odds ratio", convert.or2dl),
    _two_counts(
        "OR2DN", "standardised mean difference from the odds ratio (normal)", convert.or2dn
    ),
    _two_rates(
        "IRR",
        "log incidence rate ratio",
        rates.incidence_rate_ratio,
        printed_label="incidence rate ratio",
        scale="log",
    ),
    _two_rates("IRD", "incidence rate difference", rates.incidence_rate_difference),
    _two_rates(
        "IRSD", "difference of square-root rates", rates.incidence_root_difference, default_add=0.0
    ),
    _proportion("PR", "proportion", single_group.pr, "raw"),
    _proportion("PLN", "log proportion", single_group.pln, "log"),
    _proportion("PLO", "logit proportion", single_group.plo, "logit"),
    _proportion("PAS", "arcsine proportion", single_group.pas, "arcsine", default_add=0.0),
    _proportion(
        "PFT", "double arcsine proportion", single_group.pft, "double arcsine", default_add=0.0
    ),
    _rate("IR", "incidence rate", rates.ir, "raw"),
    _rate("IRLN", "log incidence rate", rates.irln, "log"),
    _rate("IRS", "square-root incidence rate", rates.irs, "square root", default_add=0.0),
    _rate("IRFT", "Freeman-Tukey incidence rate", rates.irft, "double root", default_add=0.0),
    _one_mean("MN", "mean", single_group.mn, undefined="the SD is 0"),
    _one_mean("MNLN", "log mean", single_group.mnln, printed_label="mean", scale="log"),
    _one_mean(
        "SDLN",
        "log SD",
        variability.sdln,
        printed_label="SD",
        scale="log",
        columns=("sdi", "ni"),
    ),
    _one_mean(
        "CVLN",
        "log coefficient of variation",
        variability.cvln,
        printed_label="coefficient of variation",
        scale="log",
    ),
    _change("MC", "mean change", change.mc),
    _change("SMCC", "change standardised by the SD of change", change.smcc),
    _change(
        "SMCR",
        "change standardised by the SD given (sd1i)",
        change.smcr,
        columns=("m1i", "m2i", "sd1i", "ni", "ri"),
    ),
    _change("SMCRH", "change standardised by the SD given, unequal variances", change.smcrh),
    _change(
        "ROMC",
        "log ratio of means, one group",
        change.romc,
        printed_label="ratio of means, one group",
        scale="log",
        undefined=_SIGNS,
    ),
    _change(
        "VRC",
        "log variability ratio, one group",
        variability.vrc,
        printed_label="ratio of SDs, one group",
        scale="log",
        undefined=_SPREAD_LOG,
        columns=("sd1i", "sd2i", "ni", "ri"),
    ),
    _change(
        "CVRC",
        "log coefficient-of-variation ratio, one group",
        variability.cvrc,
        printed_label="ratio of coefficients of variation, one group",
        scale="log",
        undefined=_SPREAD_LOG,
    ),
    _correlation("COR", "correlation", correlation.cor, "raw"),
    _correlation("UCOR", "correlation, unbiased", correlation.ucor, "raw"),
    _correlation("ZCOR", "correlation (Fisher's z)", correlation.zcor, "Fisher's z"),
)

MEASURES: MappingProxyType[str, Measure] = MappingProxyType({m.name: m for m in _ALL})


def measure_named(name: str) -> Measure:
    """The measure of that name, whatever its case; ``ValueError`` listing the names otherwise.

    >>> measure_named("rr").label
    'log risk ratio'
    """
    try:
        return MEASURES[name.strip().upper()]
    except KeyError:
        raise InputError(f"measure {name!r}; allowed: {', '.join(MEASURES)}") from None
