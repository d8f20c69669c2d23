"""The figures of the claims: which Questions stand beside which, and on which axis."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.question import Question
from analysis.topic.vertebral.claims.entry import ClaimFigure
from analysis.topic.vertebral.claims.layers import LayerOfEvidence, Row

_PAIN = "Points on the pain scale of 0 to 10"
SERIES = Question(comparator=words.NONE, time="any", designs=("single_arm",))
KYPHOPLASTY = Question(intervention="BKP", comparator="NSM")
ANY_NSM = Question(intervention="AUG", comparator="NSM", time="any")
NEW = Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any")
HARM = Question(outcome="leakage", intervention="BKP", comparator=words.NONE, time="any")
ANGLE = Question(outcome="kyphosis", intervention="BKP", comparator="NSM", time="any")
RELIEF = Question(
    outcome="responder",
    intervention="BKP",
    comparator=words.NONE,
    time="any",
    designs=("single_arm",),
)

_NOT_CAUSAL = "Before and after in one group: not an effect of treatment"
_OPEN = "Open randomised trials: patients knew what they received"
_SHAM = "Sham-controlled trials: expectation acts on both groups alike"


def _at(question: Question, label: str, times: tuple[str, ...]) -> tuple[Row, ...]:
    """One row per time point."""
    return tuple(Row(f"{label}, {words.WINDOWS[t].label}", question.replace(time=t)) for t in times)


TIME_POINTS = ("1w", "1m", "3m", "6m", "12m", "24m")


def contradiction_claim_figure() -> ClaimFigure:
    return ClaimFigure(
        "Difference in pain, by how rigorously it was studied",
        (
            LayerOfEvidence(
                _SHAM, "", _at(Question(designs=("sham_rct",)), "Vertebroplasty", TIME_POINTS)
            ),
            LayerOfEvidence(
                _OPEN,
                "",
                _at(
                    Question(comparator="NSM", designs=("open_rct",)), "Vertebroplasty", TIME_POINTS
                )
                + _at(KYPHOPLASTY.replace(designs=("open_rct",)), "Kyphoplasty", TIME_POINTS),
            ),
        ),
        _PAIN,
        "◀ less pain after the procedure",
        "more pain ▶",
    )


def in_favour_claim_figure() -> ClaimFigure:
    return ClaimFigure(
        "Pain by kind of study, at the longest follow-up reported",
        (
            LayerOfEvidence(
                _NOT_CAUSAL,
                "",
                (
                    Row("Kyphoplasty, series", SERIES.replace(intervention="BKP")),
                    Row("Vertebroplasty, series", SERIES),
                ),
            ),
            LayerOfEvidence(
                "Difference from non-surgical care or sham",
                "",
                (
                    Row("Cohorts, v non-surgical", ANY_NSM.replace(designs=("comparative_cohort",))),
                    Row("Open trials, v non-surgical", ANY_NSM.replace(designs=("open_rct",))),
                    Row("Sham trials, v sham", Question(time="any", designs=("sham_rct",))),
                ),
            ),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )  # fmt: skip


def without_surgery_claim_figure() -> ClaimFigure:
    care = Question(intervention="NSM", comparator=words.NONE, designs=words.RANDOMISED)
    return ClaimFigure(
        "Pain under non-surgical care, and what the procedure adds to it in open trials",
        (
            LayerOfEvidence(
                "Under non-surgical care, before and after",
                "",
                _at(care, "Non-surgical care", ("1w", "1m", "6m", "12m")),
            ),
            LayerOfEvidence(
                _OPEN,
                "",
                _at(
                    ANY_NSM.replace(designs=("open_rct",)),
                    "Any augmentation",
                    ("1w", "1m", "12m", "24m"),
                ),
            ),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )


def by_age_claim_figure() -> ClaimFigure:
    def rows(question: Question) -> tuple[Row, ...]:
        return tuple(
            Row(f"{label}, {words.WINDOWS[t].label}", question.replace(fracture_age=age, time=t))
            for age, label in (("6w", "To 6 weeks"), ("13w", "To 3 months"), ("any", "Any age"))
            for t in ("1m", "12m")
        )

    return ClaimFigure(
        "Difference in pain, by age of the fracture at entry",
        (
            LayerOfEvidence(_SHAM, "", rows(Question(designs=("sham_rct",)))),
            LayerOfEvidence(_OPEN, "", rows(ANY_NSM.replace(designs=("open_rct",)))),
        ),
        _PAIN,
        "◀ less pain after the procedure",
        "more pain ▶",
    )


def early_relief_claim_figure() -> ClaimFigure:
    one = Question(outcome="responder", measure="RD", designs=("sham_rct",))
    return ClaimFigure(
        "Patients with relief, against a sham procedure",
        (
            LayerOfEvidence(
                _SHAM,
                "",
                (
                    Row("To 6 weeks old, 1 week", one.replace(time="1w", fracture_age="6w")),
                    Row("Any age, 1 month", one.replace(time="1m")),
                ),
            ),
        ),
        "Percentage points more (or fewer) patients with relief",
        "◀ favours sham",
        "favours vertebroplasty ▶",
    )


def angle_claim_figure() -> ClaimFigure:
    both = ANGLE.replace(designs=words.COMPARATIVE)
    series = ANGLE.replace(comparator=words.NONE)
    return ClaimFigure(
        "Kyphotic angle",
        (
            LayerOfEvidence(
                _NOT_CAUSAL,
                "",
                _at(series, "After kyphoplasty", ("1d", "3m", "6m", "12m", "24m")),
            ),
            LayerOfEvidence(
                "Difference from non-surgical care",
                "",
                (
                    Row("Kyphoplasty, open trial", ANGLE),
                    Row("Kyphoplasty, cohort", both.replace(designs=("comparative_cohort",))),
                ),
            ),
        ),
        "Degrees of kyphotic angle",
        "◀ straighter",
        "more bent ▶",
    )


def height_claim_figure() -> ClaimFigure:
    one = ANGLE.replace(outcome="height-mm")
    series = one.replace(comparator=words.NONE)
    return ClaimFigure(
        "Height of the vertebra in millimetres",
        (
            LayerOfEvidence(_NOT_CAUSAL, "", _at(series, "After kyphoplasty", ("1d", "6m", "any"))),
            LayerOfEvidence(
                "Difference between procedures",
                "",
                (
                    Row("Kyphoplasty v non-surgical", one),
                    Row("Implant v kyphoplasty", one.replace(intervention="VAI", comparator="BKP")),
                ),
            ),
        ),
        "Millimetres",
        "◀ lower",
        "higher ▶",
    )


def new_fractures_claim_figure() -> ClaimFigure:
    any_t, vp = (
        NEW.replace(intervention="AUG"),
        NEW.replace(intervention="VP"),
    )
    cohort = any_t.replace(designs=("comparative_cohort",))
    adjacent = cohort.replace(outcome="adjacent-fracture")
    return ClaimFigure(
        "New vertebral fractures: odds ratios, counting patients",
        (
            LayerOfEvidence(
                "Randomised trials",
                "",
                (
                    Row("Kyphoplasty v non-surgical", NEW),
                    Row("Vertebroplasty v non-surgical", vp),
                    Row("Any procedure v non-surgical", any_t),
                    Row("Vertebroplasty v sham", vp.replace(comparator="SHAM")),
                    Row("Kyphoplasty v vertebroplasty", NEW.replace(comparator="VP")),
                ),
            ),
            LayerOfEvidence(
                "Cohorts: groups may have differed before treatment",
                "",
                (
                    Row("Any procedure v non-surgical", cohort),
                    Row("Adjacent vertebrae only", adjacent),
                ),
            ),
        ),
        "Odds ratio of a new vertebral fracture",
        "◀ fewer after the first",
        "more after the first ▶",
    )


HARMS = (
    "leakage",
    "pulmonary-embolism",
    "neurologic-injury",
    "infection",
    "serious-adverse-event",
)


def _row(question: Question) -> Row:
    how = words.KINDS.get(question.kind)
    return Row(", ".join(filter(None, (question.spec.label, how))), question)


def harms_claim_figure(unit: str, outcomes: tuple[str, ...]) -> ClaimFigure:
    def rows(treatment: str) -> tuple[Row, ...]:
        one = HARM.replace(intervention=treatment, unit=unit)
        found = tuple(_row(one.replace(outcome=o)) for o in outcomes)
        on_ct = [_row(one.replace(outcome=o, counted="ct")) for o in outcomes if o in words.USUAL_KIND]
        found = (*on_ct, *found)
        if unit != "patients":
            return found
        return (*found, Row("Death, first month", one.replace(outcome="mortality", time="1m")))

    counted = words.UNITS[unit]
    return ClaimFigure(
        f"Harms, counting {counted}",
        (
            LayerOfEvidence(f"After kyphoplasty, percent of {counted}", "", rows("BKP")),
            LayerOfEvidence(f"After vertebroplasty, percent of {counted}", "", rows("VP")),
        ),
        f"Percent of {counted}, at the longest follow-up reported",
    )


def by_cause_claim_figure() -> ClaimFigure:
    series = SERIES.replace(intervention="AUG", time="1m", designs=())

    def rows(question: Question) -> tuple[Row, ...]:
        return tuple(
            Row(words.ETIOLOGIES[c].capitalize(), question.replace(etiology=c))
            for c in ("osteoporotic", "malignant", "mixed")
        )

    return ClaimFigure(
        "Pain by cause of the fracture",
        (
            LayerOfEvidence(f"{_NOT_CAUSAL} (1 month)", "", rows(series)),
            LayerOfEvidence(f"{_OPEN} (longest follow-up)", "", rows(ANY_NSM)),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )
