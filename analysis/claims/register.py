"""The register: for every claim of `claims.csv` its Questions, its figures and its sentence.

A claim that is not here (a row added to `claims.csv`) is shown as not yet worked out, never left out.
"""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.claims import sentences as say
from analysis.claims.entry import Entry, Plate
from analysis.claims.layers import CLAIMED_PERCENT, LayerOfEvidence, Row, relief_layers
from analysis.claims.verdicts import RARE
from analysis.question import Question

_PAIN = "Points on the pain scale of 0 to 10"
_SERIES = Question(comparator=words.NONE, time="any", designs=("single_arm",))
_KYPHOPLASTY = Question(intervention="BKP", comparator="NSM")
_ANY_NSM = Question(intervention=words.ANY_AUGMENTATION, comparator="NSM", time="any")
_NEW = Question(outcome="new-fracture", intervention="BKP", comparator="NSM", time="any")
_HARM = Question(outcome="leakage", intervention="BKP", comparator=words.NONE, time="any")
_ANGLE = Question(outcome="kyphosis", intervention="BKP", comparator="NSM", time="any")
_RELIEF = Question(
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


_TIMES = ("1w", "1m", "3m", "6m", "12m", "24m")


def _contradiction() -> Plate:
    return Plate(
        "Difference in pain, by how rigorously it was studied",
        (
            LayerOfEvidence(
                _SHAM, "", _at(Question(designs=("sham_rct",)), "Vertebroplasty", _TIMES)
            ),
            LayerOfEvidence(
                _OPEN,
                "",
                _at(Question(comparator="NSM", designs=("open_rct",)), "Vertebroplasty", _TIMES)
                + _at(_KYPHOPLASTY.replace(designs=("open_rct",)), "Kyphoplasty", _TIMES),
            ),
        ),
        _PAIN,
        "◀ less pain after the procedure",
        "more pain ▶",
    )


def _in_favour() -> Plate:
    return Plate(
        "Pain by kind of study, at the longest follow-up printed",
        (
            LayerOfEvidence(
                _NOT_CAUSAL,
                "",
                (
                    Row("Kyphoplasty, series", _SERIES.replace(intervention="BKP")),
                    Row("Vertebroplasty, series", _SERIES),
                ),
            ),
            LayerOfEvidence(
                "Difference from non-surgical care or sham",
                "",
                (
                    Row("Cohorts, v non-surgical", _ANY_NSM.replace(designs=("comparative_cohort",))),
                    Row("Open trials, v non-surgical", _ANY_NSM.replace(designs=("open_rct",))),
                    Row("Sham trials, v sham", Question(time="any", designs=("sham_rct",))),
                ),
            ),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )  # fmt: skip


def _without_surgery() -> Plate:
    care = Question(intervention="NSM", comparator=words.NONE, designs=words.RANDOMISED)
    return Plate(
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
                    _ANY_NSM.replace(designs=("open_rct",)),
                    "Any augmentation",
                    ("1w", "1m", "12m", "24m"),
                ),
            ),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )


def _by_age() -> Plate:
    def rows(question: Question) -> tuple[Row, ...]:
        return tuple(
            Row(f"{label}, {words.WINDOWS[t].label}", question.replace(fracture_age=age, time=t))
            for age, label in (("6w", "To 6 weeks"), ("13w", "To 3 months"), ("any", "Any age"))
            for t in ("1m", "12m")
        )

    return Plate(
        "Difference in pain, by age of the fracture at entry",
        (
            LayerOfEvidence(_SHAM, "", rows(Question(designs=("sham_rct",)))),
            LayerOfEvidence(_OPEN, "", rows(_ANY_NSM.replace(designs=("open_rct",)))),
        ),
        _PAIN,
        "◀ less pain after the procedure",
        "more pain ▶",
    )


def _early_relief() -> Plate:
    one = Question(outcome="responder", measure="RD", designs=("sham_rct",))
    return Plate(
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


def _angle() -> Plate:
    both = _ANGLE.replace(designs=words.COMPARATIVE)
    series = _ANGLE.replace(comparator=words.NONE)
    return Plate(
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
                    Row("Kyphoplasty, open trial", _ANGLE),
                    Row("Kyphoplasty, cohort", both.replace(designs=("comparative_cohort",))),
                ),
            ),
        ),
        "Degrees of kyphotic angle",
        "◀ straighter",
        "more bent ▶",
    )


def _height() -> Plate:
    one = _ANGLE.replace(outcome="height-mm")
    series = one.replace(comparator=words.NONE)
    return Plate(
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


def _new_fractures() -> Plate:
    any_t, vp = (
        _NEW.replace(intervention=words.ANY_AUGMENTATION),
        _NEW.replace(intervention="VP"),
    )
    cohort = any_t.replace(designs=("comparative_cohort",))
    adjacent = cohort.replace(outcome="adjacent-fracture")
    return Plate(
        "New vertebral fractures: odds ratios, counting patients",
        (
            LayerOfEvidence(
                "Randomised trials",
                "",
                (
                    Row("Kyphoplasty v non-surgical", _NEW),
                    Row("Vertebroplasty v non-surgical", vp),
                    Row("Any procedure v non-surgical", any_t),
                    Row("Vertebroplasty v sham", vp.replace(comparator="SHAM")),
                    Row("Kyphoplasty v vertebroplasty", _NEW.replace(comparator="VP")),
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


_HARMS = (
    "leakage",
    "pulmonary-embolism",
    "neurologic-injury",
    "infection",
    "serious-adverse-event",
)


def _harms(unit: str, outcomes: tuple[str, ...]) -> Plate:
    def rows(treatment: str) -> tuple[Row, ...]:
        one = _HARM.replace(intervention=treatment, unit=unit)
        found = tuple(Row(words.OUTCOMES[o].label, one.replace(outcome=o)) for o in outcomes)
        if unit != "patients":
            return found
        return (*found, Row("Death, first month", one.replace(outcome="mortality", time="1m")))

    counted = words.UNITS[unit]
    return Plate(
        f"Harms, counting {counted}",
        (
            LayerOfEvidence(f"After kyphoplasty, percent of {counted}", "", rows("BKP")),
            LayerOfEvidence(f"After vertebroplasty, percent of {counted}", "", rows("VP")),
        ),
        f"Percent of {counted}, at the longest follow-up printed",
    )


def _by_cause() -> Plate:
    series = _SERIES.replace(intervention=words.ANY_AUGMENTATION, time="1m", designs=())

    def rows(question: Question) -> tuple[Row, ...]:
        return tuple(
            Row(words.ETIOLOGIES[c].capitalize(), question.replace(etiology=c))
            for c in ("osteoporotic", "malignant", "mixed")
        )

    return Plate(
        "Pain by cause of the fracture",
        (
            LayerOfEvidence(f"{_NOT_CAUSAL} (1 month)", "", rows(series)),
            LayerOfEvidence(f"{_OPEN} (longest follow-up)", "", rows(_ANY_NSM)),
        ),
        _PAIN,
        "◀ less pain",
        "more pain ▶",
    )


_SHAM_OF_KYPHOPLASTY = (
    "A trial of kyphoplasty against a sham procedure: none was found, so its effect beyond expectation is not "
    "known."
)
_FULL_TEXTS = (
    "Figures from full texts: most papers were read as abstracts, and some print no figure there."
)
_REGISTER_OF_HARMS = (
    "Larger groups followed with a stated way of looking for harms, in patients counted once."
)

REGISTER: dict[str, Entry] = {
    "relief-85": Entry(
        kind="reported",
        claimed=CLAIMED_PERCENT / 100,
        deciding=(_RELIEF,),
        sentence=say.relief,
        plates=(
            Plate(
                "Patients with relief",
                relief_layers(),
                "Percent of patients with relief, as each study defined it",
                mark=(CLAIMED_PERCENT, f"claimed: over {CLAIMED_PERCENT}%"),
            ),
        ),
        key=_RELIEF,
        would_change=(
            _SHAM_OF_KYPHOPLASTY,
            "One definition of relief, counted in treated and control patients of the same trials.",
        ),
    ),
    "contradiction": Entry(
        kind="disagreement",
        deciding=(
            *(Question(time=t, designs=("sham_rct",)) for t in _TIMES),
            *(_KYPHOPLASTY.replace(time=t, designs=("open_rct",)) for t in _TIMES),
            *(Question(comparator="NSM", time=t, designs=("open_rct",)) for t in _TIMES),
        ),
        sentence=say.contradiction,
        plates=(_contradiction(),),
        key=Question(time="12m"),
        would_change=(
            _SHAM_OF_KYPHOPLASTY,
            "Another sham-controlled trial of very recent fractures: the one that found more relief prints no pain "
            "score that could enter a pool.",
            _FULL_TEXTS,
        ),
    ),
    "many-in-favour": Entry(
        kind="reported",
        deciding=(
            _SERIES.replace(intervention=words.ANY_AUGMENTATION),
            _ANY_NSM.replace(designs=("open_rct",)),
        ),
        sentence=say.in_favour,
        plates=(_in_favour(),),
        key=_ANY_NSM,
        would_change=(
            "Nothing that adds to the count: more uncontrolled series cannot tell an effect from healing.",
            _SHAM_OF_KYPHOPLASTY,
        ),
    ),
    "height": Entry(
        kind="effect",
        deciding=(_ANGLE, _ANGLE.replace(outcome="height-mm")),
        sentence=say.height,
        plates=(_angle(), _height()),
        key=_ANGLE,
        would_change=(
            "Heights in millimetres, or in percent of the neighbouring vertebrae, printed for kyphoplasty and for "
            "non-surgical care in the same trial, early and after a year.",
            _FULL_TEXTS,
        ),
    ),
    "prevents-injury": Entry(
        kind="effect",
        deciding=(_NEW, _NEW.replace(intervention=words.ANY_AUGMENTATION)),
        sentence=say.prevents_injury,
        plates=(_new_fractures(),),
        key=_NEW.replace(intervention=words.ANY_AUGMENTATION),
        would_change=(
            "Randomised trials that count patients with a new fracture over years, with spines imaged in all.",
            _FULL_TEXTS,
        ),
    ),
    "rare-risks": Entry(
        kind="frequency",
        claimed=RARE,
        deciding=tuple(_HARM.replace(outcome=o) for o in _HARMS),
        sentence=say.rare_risks,
        plates=(_harms("patients", _HARMS), _harms("vertebrae", ("leakage",))),
        key=_HARM,
        also_printed=("other", r"residual|severe chronic back pain"),
        would_change=(
            _REGISTER_OF_HARMS,
            "Leakage split by the imaging used and by whether it caused symptoms, in every report.",
        ),
    ),
    "after-conservative": Entry(
        kind="indirect",
        sentence=say.after_conservative,
        plates=(_without_surgery(),),
        key=_ANY_NSM.replace(time="12m"),
        would_change=(
            "A trial that compares the procedure at once with the procedure only after conservative care has failed.",
        ),
    ),
    "three-weeks": Entry(
        kind="indirect",
        sentence=say.three_weeks,
        plates=(_by_age(), _early_relief()),
        key=Question(fracture_age="13w"),
        would_change=(
            "A trial that randomises patients to an early or a later procedure.",
            "Results by age of the fracture from every sham-controlled trial, printed with figures.",
        ),
    ),
    "cause-osteoporosis": Entry(
        kind="indirect",
        sentence=say.causes,
        plates=(_by_cause(),),
        key=_ANY_NSM.replace(etiology="malignant"),
        would_change=(
            "Counts of fractures by cause from a population, which treatment studies cannot give.",
            "A second randomised trial in malignant fractures.",
        ),
    ),
    "heat": Entry(
        kind="untestable",
        sentence=say.untestable,
        would_change=(
            "A trial that injects a cement that does not heat, against one that does: none is in hand.",
        ),
    ),
    "hardens-20min": Entry(
        kind="untestable",
        sentence=say.untestable,
        would_change=("Nothing in clinical trials: measurements of the cement answer it.",),
    ),
    "outpatient": Entry(
        kind="untestable",
        sentence=say.untestable,
        would_change=("Reports that state setting and anaesthesia of every patient, over years.",),
    ),
    "rehab-after": Entry(
        kind="untestable",
        sentence=say.untestable,
        would_change=(
            "A trial of rehabilitation after the procedure against none: none is in hand.",
        ),
    ),
}
"""In the order of the page: the 85% claim and the studies that contradict it lead."""
