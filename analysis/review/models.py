"""Which model of a review of one's own is fitted, by what the reader chose and what the table holds.

By default the few-studies rule of `synthesis.told`. Where studies have several effects, the three-level
model and cluster-robust intervals come first, and the pool that takes them as independent only after them.
"""

from __future__ import annotations

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
