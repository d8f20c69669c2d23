"""The register: for every claim of `claims.csv` its Questions, its figures and its sentence.

A claim that is not here (a row added to `claims.csv`) is shown as not yet worked out, never left out.
"""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.question import Question
from analysis.topic.vertebral.claims import sentences as say
from analysis.topic.vertebral.claims.claim_figures import (
    ANGLE,
    ANY_NSM,
    HARM,
    HARMS,
    KYPHOPLASTY,
    NEW,
    RELIEF,
    SERIES,
    TIME_POINTS,
    angle_claim_figure,
    by_age_claim_figure,
    by_cause_claim_figure,
    contradiction_claim_figure,
    early_relief_claim_figure,
    harms_claim_figure,
    height_claim_figure,
    in_favour_claim_figure,
    new_fractures_claim_figure,
    without_surgery_claim_figure,
)
from analysis.topic.vertebral.claims.entry import ClaimFigure, Entry
from analysis.topic.vertebral.claims.layers import relief_layers
from analysis.topic.vertebral.claims.verdicts import RARE

_SHAM_OF_KYPHOPLASTY = (
    "A trial of kyphoplasty against a sham procedure: it would show what is left when both groups expect the "
    "same."
)
_FULL_TEXTS = (
    "Figures from full texts: most papers were read as abstracts, and some report no numbers there."
)
_REGISTER_OF_HARMS = (
    "Larger groups followed with a stated way of looking for harms, in patients counted once."
)

REGISTER: dict[str, Entry] = {
    "relief-85": Entry(
        kind="reported",
        claimed=float(words.CLAIMED_PERCENT) / 100,
        deciding=(RELIEF,),
        sentence=say.relief,
        claim_figures=(
            ClaimFigure(
                "Patients with relief",
                relief_layers(),
                "Percent of patients with relief, as each study defined it",
                mark=(float(words.CLAIMED_PERCENT), f"claimed: over {words.CLAIMED_PERCENT}%"),
            ),
        ),
        key=RELIEF,
        untried=Question(intervention="BKP", comparator="SHAM", time="12m"),
        would_change=(
            _SHAM_OF_KYPHOPLASTY,
            "One definition of relief, counted in treated and control patients of the same trials.",
        ),
    ),
    "contradiction": Entry(
        kind="disagreement",
        deciding=(
            *(Question(time=t, designs=("sham_rct",)) for t in TIME_POINTS),
            *(KYPHOPLASTY.replace(time=t, designs=("open_rct",)) for t in TIME_POINTS),
            *(Question(comparator="NSM", time=t, designs=("open_rct",)) for t in TIME_POINTS),
        ),
        sentence=say.contradiction,
        claim_figures=(contradiction_claim_figure(),),
        key=Question(time="12m"),
        would_change=(
            _SHAM_OF_KYPHOPLASTY,
            "Another sham-controlled trial of very recent fractures: the one that found more relief reports no pain "
            "score that could be pooled.",
            _FULL_TEXTS,
        ),
    ),
    "many-in-favour": Entry(
        kind="reported",
        deciding=(
            SERIES.replace(intervention="AUG"),
            ANY_NSM.replace(designs=("open_rct",)),
        ),
        sentence=say.in_favour,
        claim_figures=(in_favour_claim_figure(),),
        key=ANY_NSM,
        would_change=(
            "Nothing that adds to the count: more uncontrolled series cannot tell an effect from healing.",
            _SHAM_OF_KYPHOPLASTY,
        ),
    ),
    "height": Entry(
        kind="effect",
        deciding=(ANGLE, ANGLE.replace(outcome="height-mm")),
        sentence=say.height,
        claim_figures=(angle_claim_figure(), height_claim_figure()),
        key=ANGLE,
        would_change=(
            "Heights in millimetres, or in percent of the neighbouring vertebrae, reported for kyphoplasty and for "
            "non-surgical care in the same trial, early and after a year.",
            _FULL_TEXTS,
        ),
    ),
    "prevents-injury": Entry(
        kind="effect",
        deciding=(NEW, NEW.replace(intervention="AUG")),
        sentence=say.prevents_injury,
        claim_figures=(new_fractures_claim_figure(),),
        key=NEW.replace(intervention="AUG"),
        would_change=(
            "Randomised trials that count patients with a new fracture over years, with spines imaged in all.",
            _FULL_TEXTS,
        ),
    ),
    "rare-risks": Entry(
        kind="frequency",
        claimed=RARE,
        deciding=tuple(HARM.replace(outcome=o) for o in HARMS),
        sentence=say.rare_risks,
        claim_figures=(harms_claim_figure("patients", HARMS), harms_claim_figure("vertebrae", ("leakage",))),
        key=HARM,
        also_printed=("other", "residual_pain"),
        would_change=(
            _REGISTER_OF_HARMS,
            "Leakage split by the imaging used and by whether it caused symptoms, in every report.",
        ),
    ),
    "after-conservative": Entry(
        kind="indirect",
        sentence=say.after_conservative,
        claim_figures=(without_surgery_claim_figure(),),
        key=ANY_NSM.replace(time="12m"),
        would_change=(
            "A trial that compares the procedure at once with the procedure only after non-surgical care has failed.",
        ),
    ),
    "three-weeks": Entry(
        kind="indirect",
        sentence=say.three_weeks,
        claim_figures=(by_age_claim_figure(), early_relief_claim_figure()),
        key=Question(fracture_age="13w"),
        would_change=(
            "A trial that randomises patients to an early or a later procedure.",
            "Results by age of the fracture from every sham-controlled trial, reported with figures.",
        ),
    ),
    "cause-osteoporosis": Entry(
        kind="indirect",
        sentence=say.causes,
        claim_figures=(by_cause_claim_figure(),),
        key=ANY_NSM.replace(etiology="malignant"),
        would_change=(
            "Counts of fractures by cause from a population, which treatment studies cannot give.",
            "A second randomised trial in malignant fractures.",
        ),
    ),
    "heat": Entry(
        kind="untestable",
        sentence=say.untestable,
        would_change=(
            "A trial that injects a cement that does not heat, against one that does: none was found.",
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
            "A trial of rehabilitation after the procedure against none: none was found.",
        ),
    ),
}
"""In the order of the page: the 85% claim and the studies that contradict it lead."""
