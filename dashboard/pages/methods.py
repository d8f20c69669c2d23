"""Methods in plain words. Rules, categories and defaults are read from the code that applies them."""

from __future__ import annotations

import platform

from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.appraisal.mid import thresholds
from analysis.appraisal.verdict import verdict
from analysis.effects.outliers import CHANCE, FEWEST, bound
from analysis.effects.study_effect import FLAGS
from analysis.evidence import Evidence
from analysis.evidence.candidates import RANKED_BY
from analysis.evidence.select import REASONS
from analysis.prose import capital
from analysis.question import Question
from analysis.survey.provenance import SOURCE_KINDS, depth, newest, release, software
from dashboard.components.graph import table
from dashboard.components.page_parts import page, page_link, section
from dashboard.page import Page, Visit


def layout(evidence: Evidence, visit: Visit) -> Component:
    return page(
        "Methods",
        html.Nav(
            html.Ul([html.Li(html.A(title, href=f"#{id}")) for id, title in _PARTS.items()]),
            className="contents",
            **{"aria-label": "On this page"},
        ),
        _evidence(evidence),
        _selection(),
        _effects(),
        _pooling(),
        _meaning(evidence),
        _checks(),
        _limits(evidence),
        _versions(evidence),
        lede=[
            "How a reported figure becomes part of an answer, step by step. Every rule below is the one "
            "that the program "
            "applies. The terms are explained under ",
            html.A("Words used here", href="/words"),
            ".",
        ],
    )


_PARTS = {
    "evidence": "What was read",
    "selection": "Which reported results are used",
    "effects": "From rows to effects",
    "pooling": "Pooling",
    "meaning": "From an interval to a sentence",
    "checks": "How the calculations were checked",
    "limits": "Limits",
    "versions": "Versions and dates",
}


def _part(id: str, *content: Component) -> Component:
    return section(_PARTS[id], *content, id=id)


def _closed(title: str, *content: Component) -> Component:
    return html.Details([html.Summary(title), *content])


# --- what was read -------------------------------------------------------------------------------
def _evidence(evidence: Evidence) -> Component:
    rows = [[SOURCE_KINDS[d.kind], str(d.rows), f"{d.share:.0f}%"] for d in depth(evidence)]
    return _part(
        "evidence",
        html.P(
            f"{len(evidence.studies)} reports, {len(evidence.arms)} groups of patients, "
            f"{len(evidence.arm_results)} reported "
            f"results of one group and {len(evidence.contrasts)} reported differences between groups. Each "
            "row names the "
            "page where it was read and the place on it. Values are kept as reported; nothing was converted "
            "by hand. Where "
            "two sources disagree, both rows stay, and the rules below choose."
        ),
        table(("Read in", "Results", "Share"), rows, "Reported results by the kind of source"),
        html.P(["The reports, one by one: ", page_link("Studies", "/studies"), "."]),
    )


# --- selection -----------------------------------------------------------------------------------
def _selection() -> Component:
    usual = " and ".join(words.DESIGN_PLURALS[d] for d in Question().admits)
    windows = [
        [
            w.label,
            "the latest of each study" if w.target is None else f"{w.target:g}",
            f"above {w.low:g}" if w.target is None else f"{w.low:g} to {w.high:g}",
        ]
        for w in words.WINDOWS.values()
    ]
    return _part(
        "selection",
        html.P(
            "A question names an outcome, a treatment, a comparator, a time and a population. A trial "
            "counts once, "
            "however many reports it has, with one result. Unless the reader chooses otherwise, a "
            "comparison admits "
            f"{usual}; a question about one group admits every kind of study."
        ),
        html.H3("Time windows"),
        _closed(
            "The windows",
            table(
                ("Window", "Middle (weeks)", "From which weeks"), windows, "Time windows in weeks"
            ),
        ),
        html.H3("Why a result is left out"),
        html.P("Each result that is left out is listed under the answer with its reason."),
        _closed(
            "The reasons", html.Ul([html.Li(f"{capital(text)}.") for text in REASONS.values()])
        ),
        html.H3("Which of several results of a trial is used"),
        html.P("They are compared in a fixed order; the first difference decides."),
        _closed("The order", html.Ol([html.Li(f"{capital(text)}.") for text in RANKED_BY])),
        html.P(
            "No study is left out because its figures look like another's. Reports that are declared to be of "
            "the same patients count once; a control group that is declared to be shared is divided between the "
            "studies that share it."
        ),
    )


# --- effects -------------------------------------------------------------------------------------
def _effects() -> Component:
    return _part(
        "effects",
        html.P(
            "An effect is intervention minus comparator; for events it is a ratio or a difference of "
            "risks. Scores with a "
            "known range are rescaled in proportion to one range per outcome (pain: 0 to 10). A missing "
            "standard error "
            "is recovered from the interval or the P value; a missing standard deviation is recovered, "
            "or borrowed from "
            "comparable arms. Counts come before percentages; patients and other units are "
            "never mixed. Within one "
            f"group, a correlation of {Question().r:g} between scores before and after is assumed; the reader "
            "can change it."
        ),
        html.P("Whatever was done beyond reading is marked on the effect."),
        _closed("The marks", html.Ul([html.Li(f"{capital(text)}.") for text in FLAGS.values()])),
        html.P(
            "Borrowed spreads and inferred signs, ranges and units can be left out with one control "
            "each, on the page of an answer; so can results that were read in an abstract, companion "
            "reports and outliers. A study is an outlier when its distance from what the other studies "
            "predict for it, in standard errors (the studentised deleted residual of the random-effects "
            f"model), exceeds the two-sided {CHANCE:.0%} bound divided by the number of studies: "
            f"{bound(FEWEST):.2f} for {FEWEST} studies, {bound(20):.2f} for 20 (Viechtbauer and Cheung "
            f"2010). With fewer than {FEWEST} studies none is called an outlier."
        ),
    )


# --- pooling -------------------------------------------------------------------------------------
def _pooling() -> Component:
    measures = [
        [o.label, words.MEASURES[Question(outcome=key).effect_measure]]
        for key, o in words.OUTCOMES.items()
    ]
    return _part(
        "pooling",
        html.P(
            f"Random effects, heterogeneity variance by {words.TAU2_METHODS[Question().tau2]}, "
            f"{Question().level:.0%} confidence "
            f"interval by {words.CI_METHODS[Question().ci]} (Hartung, Knapp, Sidik, Jonkman). This follows "
            "the current advice "
            "of the Cochrane Handbook. Each choice can be changed, and is kept in the address of the page:"
        ),
        _closed(
            "The choices",
            html.Ul(
                [
                    html.Li(
                        "Heterogeneity variance: " + ", ".join(words.TAU2_METHODS.values()) + "."
                    ),
                    html.Li("Confidence interval: " + "; ".join(words.CI_METHODS.values()) + "."),
                    html.Li(
                        "Pooling of events: " + "; ".join(list(words.MODELS.values())[1:]) + "."
                    ),
                ]
            ),
        ),
        html.H3("How many studies"),
        html.Ul(
            [
                html.Li("No study: the answer says so, and lists the results that are close."),
                html.Li("One study is shown as it is, not pooled."),
                html.Li(
                    "Two to four studies cannot tell how far true effects differ: their mean is averaged over how "
                    "much they may (an exponential prior of tau, its mean the studies' average standard error), with "
                    "a 95% credible interval (CrI), at least as long as Wald's with random effects (REML). Two are "
                    "drawn one by one. No prediction is made."
                ),
                html.Li(
                    "Five or more: random effects (REML, HKSJ interval never narrower than Wald's), and a "
                    "prediction interval that says where the true effect of a new, similar study is expected. It "
                    "allows for the doubt about tau (Nagashima, Noma and Furukawa 2019), so it never repeats the "
                    "confidence interval."
                ),
            ]
        ),
        html.H3("Counts of events"),
        html.Ul(
            [
                html.Li(
                    "A proportion of one study, or without any event: the exact interval (Clopper-Pearson), of all "
                    "counts together."
                ),
                html.Li(
                    "A proportion where a study saw no event, or only events: the counts themselves in a "
                    "binomial-normal model, with nothing added to zeros, averaged over tau as above."
                ),
                html.Li("Other proportions: logits by inverse variance, by the rules above."),
                html.Li(
                    "Counts of different kinds are never pooled: per patient or per treated level, found on CT, on "
                    "radiographs or on images that are not stated, and with symptoms. The title names the kind."
                ),
                html.Li(
                    "Comparisons: inverse variance by the rules above; Mantel-Haenszel where fewer than 1% of all "
                    "patients had the event."
                ),
            ]
        ),
        html.P(
            "Scores before and after treatment in one group, and proportions in one group, are not an "
            "effect of "
            "treatment. They are pooled apart, and never mixed with comparisons between groups."
        ),
        html.Details(
            [
                html.Summary("The usual measure of each outcome, between groups"),
                table(("Outcome", "Measure"), measures, "Outcomes and their usual measure"),
            ]
        ),
    )


# --- meaning -------------------------------------------------------------------------------------
_EXAMPLES = (
    (1.2, 2.0), (0.2, 1.5), (0.2, 0.8), (-0.5, 0.5), (-0.5, 1.5), (-0.8, -0.2), (-1.5, -0.2), (-2.0, -1.2),
)  # fmt: skip


def _meaning(evidence: Evidence) -> Component:
    examples = [
        [f"{low:g} to {high:g}".replace("-", "−"), verdict(low, high, 1.0).value]
        for low, high in _EXAMPLES
    ]
    return _part(
        "meaning",
        html.P(
            "A sentence looks at where the whole interval lies: against no effect, and "
            "against the minimal "
            "important difference. It never asks whether a P value is below a threshold. Examples, with "
            "benefit counted "
            "positive and an important difference of 1:"
        ),
        table(("Interval", "What it lets one say"), examples, "Intervals and verdicts"),
        html.P(
            "Of the published thresholds the smallest is the default: it is the most lenient towards the "
            "treatment. The reader "
            "can set another. The published ones:"
        ),
        html.Details(
            [
                html.Summary("Thresholds and their sources"),
                table(
                    ("Outcome", "On our scale", "As published", "Source"),
                    _mids(evidence),
                    "Published minimal important differences",
                ),
            ]
        ),
        html.P(
            "No certainty rating is calculated. Where a guideline body has rated the evidence, its words "
            "are shown with their "
            "source, beside the signals that a rating would weigh."
        ),
    )


def _mids(evidence: Evidence) -> list[list[Component | str]]:
    rows: list[list[Component | str]] = []
    for key, outcome in words.OUTCOMES.items():
        if outcome.kind != "score":
            continue
        for mid in thresholds(Question(outcome=key), evidence):
            link: Component | str = mid.citation
            if mid.source_url.startswith("http"):
                link = html.A(
                    mid.citation, href=mid.source_url, rel="noopener noreferrer", target="_blank"
                )
            rows.append([outcome.label, f"{mid.value:g} {outcome.unit}", mid.text, link])
    return rows


# --- checks, limits, versions --------------------------------------------------------------------
def _checks() -> Component:
    return _part(
        "checks",
        html.P(
            "The pooling is compared, case by case, with R's metafor, the package that most published "
            "meta-analyses "
            "rely on: estimates, intervals, heterogeneity and prediction intervals on published data "
            "sets and on difficult ones "
            "(one study, two studies, equal results, zero cells). The expected values, the calls that "
            "made them and the "
            "tolerances are in the project's folder tests/reference. Rules on rows are tested one by "
            "one, and the pages are "
            "opened in a real browser and compared with what the program calculates."
        ),
    )


def _limits(evidence: Evidence) -> Component:
    read = {d.kind: d.share for d in depth(evidence)}
    abstracts = read.get("primary_abstract", 0.0)
    full = read.get("primary_fulltext", 0.0)
    return _part(
        "limits",
        html.Ul(
            [
                html.Li(
                    f"{abstracts:.0f}% of the reported results were read in abstracts, {full:.0f}% in the "
                    "reports' own text or "
                    "tables. Results that are only in full texts and supplements are missing."
                ),
                html.Li(
                    "Results reported without numbers cannot be pooled. That favours outcomes that "
                    "were reported in full; "
                    "they are counted under each answer and in the map of gaps."
                ),
                html.Li(
                    "Judgements of risk of bias by domain were not found; design and blinding are used."
                ),
                html.Li(
                    "Reports of the same patients under several names are declared where they were recognised."
                ),
                html.Li(
                    "The reports were not found by a systematic search with two readers; others may exist."
                ),
                html.Li(
                    "Not medical advice: these are averages of groups. A decision about one patient "
                    "needs a clinician who "
                    "knows the patient."
                ),
            ]
        ),
        html.P(
            [
                "More: ",
                page_link("evidence gaps", "/gaps"),
                ", ",
                page_link("published reviews beside our answers", "/reviews"),
                ".",
            ]
        ),
    )


def _versions(evidence: Evidence) -> Component:
    report, review = newest(evidence)
    program = release()
    facts = [
        ("Data version", f"{evidence.version} (a fingerprint: the same files, the same version)"),
        ("Newest report, newest review", f"{report or 'none'}, {review or 'none'}"),
        ("Rows left out as faulty", str(len(evidence.faults))),
        ("This dashboard", f"version {program.version}, {program.date}"),
        ("Python", platform.python_version()),
        *software(),
    ]
    return _part(
        "versions",
        html.Dl([x for k, v in facts[:4] for x in (html.Dt(k), html.Dd(v))], className="facts"),
        _closed(
            "The software",
            html.Dl([x for k, v in facts[4:] for x in (html.Dt(k), html.Dd(v))], className="facts"),
        ),
    )


PAGE = Page(
    path="/methods",
    name="Methods",
    title="Methods",
    description="How reported figures become answers: selection, effects, pooling, verdicts, checks, "
    "limits and versions, in plain words.",
    layout=layout,
)
"""How answers are made."""
