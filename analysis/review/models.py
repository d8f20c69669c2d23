"""Which model of a review of one's own is fitted, by what the reader chose and what the table holds.

By default the few-studies rule of `synthesis.told`. Where studies have several effects, the three-level
model and cluster-robust intervals come first, and the pool that takes them as independent only after them.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.review.count_models import counted, mixed
from analysis.review.dependent import dependent
from analysis.review.fitted import Fit, Options
from analysis.review.further import further
from analysis.review.independent import independent
from analysis.review.moderators import moderated
from analysis.review.studies import Studies

MODELS = ("iv", "mh", "peto", "glmm", "selection", "bayes", "permutation")


def fit(studies: Studies, options: Options) -> Fit:
    """Pool the studies.

    Raises
    ------
    CannotFit
        A model that needs what the table does not have.
    ValueError
        As `pool`.
    """
    found = _fitted(studies, options)
    return replace(found, warnings=(*found.warnings, *_unused(studies, options)))


def _fitted(studies: Studies, options: Options) -> Fit:
    if studies.moderators:
        return moderated(studies, options)
    if options.model in ("mh", "peto"):
        return counted(studies, options)
    if options.model == "glmm":
        return mixed(studies, options)
    if options.model != "iv":
        return further(studies, options)
    if studies.clusters is not None:
        return dependent(studies, options)
    return independent(studies, options)


def _unused(studies: Studies, o: Options) -> tuple[str, ...]:
    """What was chosen and has no part in the model that is told."""
    takes = o.model == "permutation" or (o.model == "iv" and studies.clusters is None)
    chosen = {"--tau2": o.tau2, "--ci": o.ci}
    return tuple(
        f"{name} {value} has no part in the model that is told"
        for name, value in chosen.items()
        if value is not None and not takes
    )
