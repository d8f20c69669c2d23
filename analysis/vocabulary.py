"""The words of this house: treatments, designs, outcomes, time windows, models and their labels.

Every list of allowed values is written here once; the command line, the page's controls, the URL and
the selection of evidence all read it. Nothing here is a finding: no number about a study stands in
this file. Ranges are those that define an instrument.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NONE = "NONE"
ANY_AUGMENTATION = "AUG"

TREATMENTS: dict[str, str] = {
    "BKP": "balloon kyphoplasty",
    "VP": "vertebroplasty",
    "VAI": "implant-based augmentation",
    "SHAM": "sham procedure",
    "NSM": "non-surgical management",
}
"""Treatments as coded in `arms.csv`; `OTHER` arms are evidence for the record but enter no pool."""

AUGMENTATIONS = ("BKP", "VP", "VAI")

INTERVENTIONS: dict[str, str] = {**TREATMENTS, ANY_AUGMENTATION: "any vertebral augmentation"}
SPOKEN: dict[str, str] = {**INTERVENTIONS, "SHAM": "a sham procedure"}
"""Treatments as they stand inside a sentence."""

SHORT: dict[str, str] = {
    "BKP": "kyphoplasty",
    "VP": "vertebroplasty",
    "VAI": "implant",
    "SHAM": "sham",
    "NSM": "non-surgical",
    ANY_AUGMENTATION: "augmentation",
}
"""Treatments where space is short: beside an axis, in a row of a figure."""

COMPARATORS: dict[str, str] = {
    **TREATMENTS,
    ANY_AUGMENTATION: "any vertebral augmentation",
    NONE: "no comparator (one group)",
}

DESIGNS: dict[str, str] = {
    "sham_rct": "sham-controlled trial",
    "open_rct": "open randomised trial",
    "comparative_cohort": "comparative cohort",
    "single_arm": "uncontrolled series",
    "other": "other report",
}
RANDOMISED = ("sham_rct", "open_rct")
COMPARATIVE = ("sham_rct", "open_rct", "comparative_cohort")

ETIOLOGIES: dict[str, str] = {
    "any": "any cause",
    "osteoporotic": "osteoporotic fractures",
    "malignant": "malignant fractures",
    "traumatic": "traumatic fractures",
    "mixed": "mixed causes",
}

FRACTURE_AGES: dict[str, tuple[str, float | None]] = {
    "any": ("any fracture age", None),
    "6w": ("at most 6 weeks old at entry", 6.0),
    "13w": ("at most 3 months old at entry", 13.0),
}
"""Upper limits of fracture age at entry, in weeks, as studies printed them."""

REPORTS: dict[str, str] = {
    "best": "the best documented",
    "main": "main reports only",
    "newest": "the newest",
}
"""Which report answers where a trial has several: the default ranks what they print (`offers.RANKED_BY`);
the main reports alone; or whatever the newest report prints before all others."""

UNITS: dict[str, str] = {
    "patients": "patients",
    "vertebrae": "vertebrae (treated levels)",
    "procedures": "procedures",
}
"""What a count counts. They are never mixed in one pool."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time window: `target` and bounds in weeks; rows nearest to the target win."""

    key: str
    label: str
    target: float | None
    low: float
    high: float

    def holds(self, weeks: float) -> bool:
        return self.low <= weeks <= self.high


WINDOWS: dict[str, Window] = {
    w.key: w
    for w in (
        Window("1d", "first days", 0.14, 0.01, 0.5),
        Window("1w", "1 week", 1, 0.51, 2.4),
        Window("1m", "1 month", 4, 2.41, 8.4),
        Window("3m", "3 months", 13, 8.41, 19.5),
        Window("6m", "6 months", 26, 19.51, 38.9),
        Window("12m", "12 months", 52, 39, 78),
        Window("24m", "24 months", 104, 78.1, 130),
        Window("any", "longest follow-up printed", None, 0.01, float("inf")),
    )
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured, on which scale, and which way is better.

    `source` is the value of the `outcome` column; `include` and `exclude` are patterns on the printed
    instrument; `scale` is the common range that other printed ranges are rescaled to (None: points of
    the instrument, never rescaled); `unit` names a point of it. `subset` says why a row that matches
    `exclude` stays out.
    """

    key: str
    label: str
    source: str
    kind: str  # "score" or "event"
    lower_is_better: bool
    unit: str = ""  # of a score: its points; of an event: the words for one
    scale: tuple[float, float] | None = None
    include: str = ""
    exclude: str = ""
    subset: str = ""

    def matches(self, instrument: str) -> bool:
        return not self.include or re.search(self.include, instrument, re.IGNORECASE) is not None

    def excludes(self, instrument: str) -> bool:
        return bool(self.exclude) and re.search(self.exclude, instrument, re.IGNORECASE) is not None


OUTCOMES: dict[str, Outcome] = {
    o.key: o
    for o in (
        Outcome(
            "pain",
            "Pain",
            "pain",
            "score",
            True,
            "points",
            (0, 10),
            exclude=r"SF-36 Bodily|subgroup",
            subset="a subgroup, or a health-survey domain rather than pain intensity",
        ),
        Outcome(
            "rmdq",
            "Disability (Roland-Morris)",
            "disability",
            "score",
            True,
            "points",
            (0, 24),
            include=r"RMDQ|RDQ|Roland",
        ),
        Outcome(
            "odi",
            "Disability (Oswestry)",
            "disability",
            "score",
            True,
            "points",
            (0, 100),
            include=r"\bODI\b|Oswestry",
            exclude=r"raw",
            subset="raw score: its range was not printed",
        ),
        Outcome(
            "pcs",
            "Quality of life (SF-36 physical component)",
            "quality_of_life",
            "score",
            False,
            "points",
            include=r"SF-36(v2)? PCS",
        ),
        Outcome(
            "eq5d",
            "Quality of life (EQ-5D index)",
            "quality_of_life",
            "score",
            False,
            "index points",
            include=r"EQ-?5D",
        ),
        Outcome(
            "qualeffo",
            "Quality of life (QUALEFFO)",
            "quality_of_life",
            "score",
            True,
            "points",
            (0, 100),
            include=r"QUALEFFO",
        ),
        Outcome(
            "kyphosis",
            "Kyphotic angle",
            "kyphotic_angle",
            "score",
            True,
            "degrees",
            include=r"degrees",
        ),
        Outcome(
            "height-mm",
            "Vertebral height",
            "vertebral_height",
            "score",
            False,
            "mm",
            include=r"\bmm\b",
        ),
        Outcome(
            "height-loss",
            "Vertebral height loss",
            "vertebral_height",
            "score",
            True,
            "percent of height",
            include=r"height loss|loss of vertebral body height",
            exclude=r"patients",
            subset="a count of patients, not a measurement",
        ),
        Outcome(
            "responder",
            "Pain relief (patients)",
            "pain_responder",
            "event",
            False,
            "pain relief",
            exclude=r"composite|NON-response",
            subset="a composite, or a count of patients without relief",
        ),
        Outcome(
            "new-fracture",
            "New vertebral fracture",
            "new_fracture",
            "event",
            True,
            "a new vertebral fracture",
            exclude=r"related \(or possibly\)|non-adjacent|two segments|re-treated",
            subset="only some of the new fractures were counted",
        ),
        Outcome(
            "adjacent-fracture",
            "Adjacent vertebral fracture",
            "adjacent_fracture",
            "event",
            True,
            "a fracture of an adjacent vertebra",
        ),
        Outcome(
            "leakage",
            "Cement leakage",
            "cement_leakage",
            "event",
            True,
            "cement leakage",
            exclude=(
                r"type-|-type|venous leak|discal|disc\b|disc space|soft tissue|epidural"
                r"|paravertebral vein|cerebrospinal|intervertebral|related adverse event"
                r"|adjacent fracture"
            ),
            subset="one site or type of leakage only",
        ),
        Outcome(
            "pulmonary-embolism",
            "Cement pulmonary embolism",
            "pulmonary_embolism",
            "event",
            True,
            "cement embolism of the lung",
        ),
        Outcome(
            "neurologic-injury",
            "Neurologic injury",
            "neurologic_injury",
            "event",
            True,
            "neurologic injury",
            exclude=r"among the infected",
            subset="only infected patients were counted",
        ),
        Outcome("infection", "Spinal infection", "infection", "event", True, "spinal infection"),
        Outcome(
            "serious-adverse-event",
            "Serious adverse event",
            "serious_adverse_event",
            "event",
            True,
            "a serious adverse event",
            exclude=r"related|intracardiac|open (surgery|decompression)",
            subset="only some of the serious adverse events were counted",
        ),
        Outcome(
            "mortality",
            "Death",
            "mortality",
            "event",
            True,
            "death",
            exclude=r"among the infected",
            subset="only infected patients were counted",
        ),
    )
}

TOLD_BY_PATIENTS = ("pain", "rmdq", "odi", "pcs", "eq5d", "qualeffo", "responder")
"""Outcomes that patients report themselves: what they expect can change the answer."""

CEMENT_EVENTS = ("leakage", "pulmonary-embolism")
"""Outcomes that nobody has without cement."""

DEFINED_RANGES: tuple[tuple[str, tuple[float, float]], ...] = (
    (r"modified (23-item )?(RMDQ|Roland)", (0, 23)),
    (r"RMDQ|RDQ|Roland", (0, 24)),
    (r"\bODI\b|Oswestry", (0, 100)),
    (r"QUALEFFO", (0, 100)),
)
"""Ranges that belong to an instrument by its definition, used (and flagged) where none was printed."""

HIGHER_IS_LESS = r"higher\s*(=|is|means)\s*(less pain|better)"
"""A pain or disability scale printed the other way round says so in its name."""

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

TAU2_METHODS: dict[str, str] = {
    "REML": "restricted maximum likelihood",
    "DL": "DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "ML": "maximum likelihood",
    "EB": "empirical Bayes",
    "SJ": "Sidik-Jonkman",
    "HS": "Hunter-Schmidt",
    "HE": "Hedges",
    "EE": "common effect (no heterogeneity)",
}
CI_METHODS: dict[str, str] = {
    "hksj-adhoc": "HKSJ, never narrower than Wald",
    "hksj": "HKSJ",
    "wald": "Wald",
}
