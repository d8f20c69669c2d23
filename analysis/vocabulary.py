"""The words of this house: treatments, designs, outcomes, time windows, models and their labels.

What the topic in force says (`analysis.topic`) is seen through here under one name for each list; what holds for
every topic is written here. The command line, the page's controls, the URL and the selection of evidence all read it.

TREATMENTS, GROUPS, INTERVENTIONS, COMPARATORS : label by code of the single treatments; of those taken together; of
    what can be asked about; of what it can be held against, one group included.
SPOKEN, SHORT : the same inside a sentence, and where space is short.
ACTIVE, CONTROLS, PLACEBO, USUAL : codes of single treatments by their role.
MEMBERS : the codes of `arms.csv` that each choice stands for.
DESIGNS, DESIGN_PLURALS : label by kind of study, the most rigorous first.
UNITS, PER : what events are counted in: in a list, and as "per ...". They are never mixed in one pool.
ADMITTED : kinds that enter a comparison unless the reader says otherwise.
RANDOMISED, COMPARATIVE, MASKED : those that are. COHORTS : comparative without randomisation. SERIES : the first kind
    that compares nothing.
SYMBOLS, DASHES : mark and line of each kind of study. COLOURS, OUTLINED : of treatments; those too pale for white.
ETIOLOGIES, FRACTURE_AGES : populations: labels, and label with upper limit in weeks.
CAUSE_NAME, AGE_NAME : their headings.
CLAIMED_PERCENT : the share of treated patients that is claimed to benefit, as text; "" for none.
PATIENTS : whom the evidence is about, in a sentence.
WINDOWS, OUTCOMES : `Window` and `Outcome` by key. TIMED : the windows around a time.
OVER_TIME : outcomes drawn over time.
PAIRS, MAPS : see `topic.model.Topic`. ASKED_FIRST : single treatments, of two the one on the left being asked about.
TOLD_BY_PATIENTS : outcomes that patients report themselves. TREATMENT_ONLY : events that nobody has without treatment.
INSTRUMENTS : `Instrument` by key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.synthesis.estimators import ESTIMATORS
from analysis.synthesis.intervals import INTERVALS
from analysis.topic import topic
from analysis.topic.model import IMAGES, NONE, Outcome, Topic, Window

__all__ = ["IMAGES", "NONE", "Outcome", "Window"]

REPORTS: dict[str, str] = {
    "best": "the best documented",
    "main": "main reports only",
    "newest": "the newest",
}
"""Which report answers where a trial has several: the default ranks what they print (`candidates.RANKED_BY`);
the main reports alone; or whatever the newest report prints before all others."""

MEASURES: dict[str, str] = {
    "MD": "mean difference",
    "MC": "mean change within one group",
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "HR": "hazard ratio",
    "PLO": "proportion (logit)",
    "PAS": "proportion (arcsine)",
    "PR": "proportion (untransformed)",
}
RATIOS = ("RR", "OR", "HR")

SYMPTOMATIC = "symptomatic"
KINDS: dict[str, str] = {**IMAGES, SYMPTOMATIC: "with symptoms"}
"""How such an event was counted: by the images on which it was found, or only where it was felt."""

TAU2_METHODS: dict[str, str] = {
    **{name: estimator.label for name, estimator in ESTIMATORS.items()},
    "EE": "common effect (no heterogeneity)",
}
TAU2_VARIANTS = tuple(name for name, estimator in ESTIMATORS.items() if estimator.variant)
"""Estimators that differ little from the one they vary: offered, but no choice of their own in a multiverse."""

MODELS: dict[str, str] = {
    "": "chosen to fit the data (see Methods)",
    "iv": "inverse variance",
    "mh": "Mantel-Haenszel",
    "peto": "Peto's odds ratio",
    "glmm": "binomial-normal mixed model",
}
"""How counts of events are pooled; scores always by inverse variance."""

MODELS_OF: dict[str, tuple[str, ...]] = {
    "OR": ("", "iv", "mh", "peto", "glmm"),
    "RR": ("", "iv", "mh"),
    "RD": ("", "iv", "mh"),
    "PLO": ("", "iv", "glmm"),
}
"""The models that a measure allows; any other inverse variance alone."""

CI_METHODS: dict[str, str] = {
    name: interval.label for name, interval in INTERVALS.items() if interval.label
}


def _asked(t: Topic) -> dict[str, Any]:
    return {**t.treatments, **t.groups}


def _by_role(*roles: str) -> Callable[[Topic], tuple[str, ...]]:
    return lambda t: tuple(key for key, one in t.treatments.items() if one.role in roles)


def _designs(name: str) -> Callable[[Topic], tuple[str, ...]]:
    return lambda t: tuple(key for key, design in t.designs.items() if getattr(design, name))


def _asked_first(t: Topic) -> tuple[str, ...]:
    """Treatments, of two the one on the left being asked about: as in the pairs; else the newer, controls last."""
    order = [*reversed(_by_role("treatment")(t)), *_by_role("placebo", "usual")(t)]
    for first, second in t.pairs:
        if first in order and second in order and order.index(first) > order.index(second):
            order.remove(first)
            order.insert(order.index(second), first)
    return tuple(order)


_VIEWS: dict[str, Callable[[Topic], Any]] = {
    "TREATMENTS": lambda t: {k: v.label for k, v in t.treatments.items()},
    "GROUPS": lambda t: {k: v.label for k, v in t.groups.items()},
    "INTERVENTIONS": lambda t: {k: v.label for k, v in _asked(t).items()},
    "COMPARATORS": lambda t: {
        **{k: v.label for k, v in _asked(t).items()}, NONE: "no comparator (one group)",
    },
    "SPOKEN": lambda t: {k: v.spoken for k, v in _asked(t).items()},
    "SHORT": lambda t: {k: v.short for k, v in _asked(t).items()},
    "MEMBERS": lambda t: {**{k: v.members for k, v in _asked(t).items()}, NONE: ()},
    "ACTIVE": _by_role("treatment"),
    "CONTROLS": _by_role("placebo", "usual"),
    "PLACEBO": _by_role("placebo"),
    "USUAL": _by_role("usual"),
    "DESIGNS": lambda t: {k: v.label for k, v in t.designs.items()},
    "DESIGN_PLURALS": lambda t: {k: v.plural for k, v in t.designs.items()},
    "SYMBOLS": lambda t: {k: v.symbol for k, v in t.designs.items()},
    "DASHES": lambda t: {k: v.dash for k, v in t.designs.items()},
    "COLOURS": lambda t: {k: v.colour for k, v in _asked(t).items()},
    "OUTLINED": lambda t: tuple(k for k, v in _asked(t).items() if v.outlined),
    "SERIES": lambda t: tuple(k for k, v in t.designs.items() if not v.comparative)[:1],
    "COHORTS": lambda t: tuple(k for k, v in t.designs.items() if v.comparative and not v.randomised),
    "ADMITTED": _designs("admitted"),
    "UNITS": lambda t: {k: u.label for k, u in t.units.items()},
    "PER": lambda t: {k: f"per {u.per}" for k, u in t.units.items()},
    "RANDOMISED": _designs("randomised"),
    "COMPARATIVE": _designs("comparative"),
    "MASKED": _designs("masked"),
    "ETIOLOGIES": lambda t: t.causes,
    "CLAIMED_PERCENT": lambda t: f"{t.claimed.percent:g}" if t.claimed else "",
    "PATIENTS": lambda t: t.patients,
    "CAUSE_NAME": lambda t: t.cause_name,
    "AGE_NAME": lambda t: t.age_name,
    "FRACTURE_AGES": lambda t: t.ages,
    "WINDOWS": lambda t: t.windows,
    "TIMED": lambda t: tuple(w for w in t.windows.values() if w.target is not None),
    "OUTCOMES": lambda t: t.outcomes,
    "PAIRS": lambda t: t.pairs,
    "ASKED_FIRST": _asked_first,
    "MAPS": lambda t: t.maps,
    "OVER_TIME": lambda t: tuple(k for k, o in t.outcomes.items() if o.over_time),
    "TOLD_BY_PATIENTS": lambda t: tuple(k for k, o in t.outcomes.items() if o.told),
    "INSTRUMENTS": lambda t: t.instruments,
    "USUAL_KIND": lambda t: {h.outcome: h.usual for h in t.harms.values() if h.usual},
    "TREATMENT_ONLY": lambda t: tuple(k for k, o in t.outcomes.items() if o.needs),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """A list of the topic in force, made once for each topic."""
    t = topic()
    if name in t.views:
        return t.views[name]
    if name not in _VIEWS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return t.views.setdefault(name, _VIEWS[name](t))
