"""The columns of exported tables: name, meaning, unit. The codebook sheet is made of these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `digits` is how many decimals a spreadsheet shows (the cell holds all of them)."""

    name: str
    meaning: str
    unit: str = ""
    digits: int | None = None


_SCALE = "scale of pooling (ratios: natural logarithm; PLO: logit; PAS: arcsine of the root)"
_PRINT = "as reported: points, a ratio, or a proportion from 0 to 1"

_STUDY = (
    Column("trial", "the trial: study_id of its main report; it counts once"),
    Column("study", "name of the study"),
)

EFFECTS = (
    *_STUDY,
    Column("report", "study_id of the report that the effect comes from"),
    Column("year", "year of publication of the main report", "calendar year", 0),
    Column("design", "kind of study"),
    Column("cause", "cause of the condition treated"),
    Column("blinded", "whether the main report says that patients were blinded"),
    Column("blinding", "the same in words, with what was not reported"),
    Column("funding", "who paid, by the main report"),
    Column(
        "risk_of_bias", "judgements of others, and who judged; not judged is a state of its own"
    ),
    Column("timepoint", "time in the report's words"),
    Column("weeks", "the same as a number", "weeks since treatment"),
    Column("n_intervention", "size of the intervention group", "patients, or what is counted"),
    Column("n_comparator", "size of the comparator group", "patients, or what is counted"),
    Column("intervention", "the intervention group: mean (SD), or events/size"),
    Column("comparator", "the comparator group: mean (SD), or events/size"),
    Column("measure", "effect measure, in metafor's code"),
    Column("effect", "effect: intervention minus comparator, or their ratio", _PRINT, 3),
    Column("ci_low", "lower limit of the study's own interval", _PRINT, 3),
    Column("ci_high", "upper limit of the study's own interval", _PRINT, 3),
    Column("yi", "effect as it is pooled", _SCALE, 4),
    Column("vi", "sampling variance of yi", "square of the scale of yi", 4),
    Column("sei", "standard error of yi", "scale of yi", 4),
    Column("weight", "weight in the chosen model", "percent", 1),
    Column("derived_from", "form of the reported figures that the effect was derived from"),
    Column("flags", "what to keep in mind about this effect"),
    Column("steps", "how the effect was derived, step by step, from the reported figures"),
    Column("rows", "row_id of the reported rows used (sheet printed)"),
)

_POINTS = "points on the outcome's common scale"
_COUNTED = "patients, or what is counted"

INPUTS = {
    column.name: column
    for column in (
        Column("m1i", "mean of the intervention group, rescaled", _POINTS, 2),
        Column("sd1i", "standard deviation of the intervention group", _POINTS, 2),
        Column("ai", "events in the intervention group", _COUNTED),
        Column("n1i", "size of the intervention group behind yi", _COUNTED),
        Column("m2i", "mean of the comparator group, rescaled", _POINTS, 2),
        Column("sd2i", "standard deviation of the comparator group", _POINTS, 2),
        Column("ci", "events in the comparator group", _COUNTED),
        Column("n2i", "size of the comparator group behind yi", _COUNTED),
        Column("mi", "mean change of the group", _POINTS, 2),
        Column("sdi", "standard deviation of the change", _POINTS, 2),
        Column("xi", "events in the group", _COUNTED),
        Column("ni", "size of the group behind yi", _COUNTED),
    )
}
"""What `yi` and `vi` are a plain function of, by metafor's names; empty where the effect was printed."""

ORIGIN = (
    Column("data_version", "version of the data: first digits of their SHA-256"),
    Column("data_sha256", "SHA-256 of the data files"),
    Column("link", "address at which this view reopens"),
)

RESULTS = (
    Column("model", "the answer: the result of this view; another model: for comparison, on the same studies"),
    Column("measure", "effect measure, in metafor's code"),
    Column("k", "number of studies", "studies"),
    Column("patients", "patients (or what is counted) behind the studies, where reported", _COUNTED),
    Column("shown_estimate", "pooled effect", _PRINT, 3),
    Column("shown_ci_low", "lower limit of its interval", _PRINT, 3),
    Column("shown_ci_high", "upper limit of its interval", _PRINT, 3),
    Column("shown_pi_low", "lower limit of the prediction interval", _PRINT, 3),
    Column("shown_pi_high", "upper limit of the prediction interval", _PRINT, 3),
    Column("estimate", "pooled effect", _SCALE, 4),
    Column("se", "standard error of the pooled effect", _SCALE, 4),
    Column("ci_low", "lower limit of its interval", _SCALE, 4),
    Column("ci_high", "upper limit of its interval", _SCALE, 4),
    Column("p_value", "two-sided P of no effect (one group: of the value 0, which asks nothing)", "", 4),
    Column("tau2", "heterogeneity variance", "square of the scale of pooling", 4),
    Column("tau2_ci_low", "lower limit of its Q-profile interval", "square of the scale of pooling", 4),
    Column("tau2_ci_high", "upper limit of its Q-profile interval", "square of the scale of pooling", 4),
    Column("i2", "I²: share of the total variance that is due to heterogeneity", "percent", 1),
    Column("h2", "H²: total over sampling variance", "", 2),
    Column("q", "Cochran's Q", "", 2),
    Column("q_df", "degrees of freedom of Q"),
    Column("q_p_value", "P of Q", "", 4),
    Column("pi_low", "lower limit of the prediction interval", _SCALE, 4),
    Column("pi_high", "upper limit of the prediction interval", _SCALE, 4),
    Column("tau2_method", "estimator of tau2; EE: common effect"),
    Column("ci_method", "method of the interval of the pooled effect"),
    Column("level", "level of all intervals", "from 0 to 1"),
    Column("notes", "what must be known about these numbers"),
)  # fmt: skip

_PRINTED = (
    Column("row_id", "table and row of the data, as a spreadsheet counts"),
    *_STUDY,
    Column("study_id", "the report that the row comes from"),
    Column("arm_id", "the group, in the report's words"),
    Column("arm_t", "the first group of a reported difference"),
    Column("arm_c", "the group it is compared with"),
    Column("treatment_t", "treatment of the first group"),
    Column("treatment_c", "treatment of the group it is compared with"),
    Column("outcome", "what was measured"),
    Column("instrument", "the scale, or the definition of the event"),
    Column("scale_min", "lower end of the scale", "points of the instrument"),
    Column("scale_max", "upper end of the scale", "points of the instrument"),
    Column("scale_basis", "whether the range was reported or inferred"),
    Column("timepoint", "time in the report's words"),
    Column("weeks", "the same as a number", "weeks since treatment"),
    Column("kind", "level (mean), change or event"),
    Column("statistic", "mean or median"),
    Column("n", "patients with this result", "patients"),
    Column("mean", "the level or change as reported", "points of the instrument"),
    Column("sd", "standard deviation as reported", "points of the instrument"),
    Column("se", "standard error as reported", "points of the instrument"),
    Column("measure", "effect measure as reported"),
    Column("estimate", "difference or ratio as reported", "points, ratio or percentage points"),
    Column("ci_low", "lower limit as reported", "as the figure it belongs to"),
    Column("ci_high", "upper limit as reported", "as the figure it belongs to"),
    Column("ci_level", "level of the reported interval", "percent"),
    Column("p_value", "P value as reported"),
    Column("adjusted", "how the estimate was adjusted"),
    Column("change_printed_as", "improvement (positive is better) or difference (after minus before)"),
    Column("events", "count as reported", "what the instrument counts"),
    Column("total", "what the count is out of", "what the instrument counts"),
    Column("percent", "percentage as reported", "percent"),
    Column("positive_favours", "whom a positive value favours"),
    Column("sign_basis", "whether that was reported or inferred"),
)  # fmt: skip

_SOURCE = (
    Column("note", "remarks on the reading"),
    Column("source_url", "page that was read"),
    Column("source_location", "place on it"),
    Column("source_kind", "how close that page is to the study"),
)

PRINTED = (*_PRINTED, *_SOURCE)

LEFT_OUT = (
    Column("reason", "why the row is left out: category"),
    Column("detail", "why the row is left out: in particular"),
    *_PRINTED,
    *_SOURCE,
)

REPORTS = (
    Column("study_id", "name of the report in the data"),
    Column("label", "name of the study"),
    Column("role", "main report of its trial, or companion"),
    Column("parent_study_id", "the trial's main report, for a companion"),
    Column("reference", "reference in Vancouver style, from what is known"),
    Column("first_author", "first author as reported"),
    Column("year", "year of publication", "calendar year", 0),
    Column("title", "title"),
    Column("title_as_printed", "yes: the title as reported; no: a description in its place"),
    Column("journal", "journal"),
    Column("volume", "volume"),
    Column("pages", "pages"),
    Column("doi", "digital object identifier"),
    Column("pmid", "PubMed number"),
    Column("registration", "registry number"),
    Column("design", "kind of study"),
    Column("etiology", "cause of the condition treated"),
    Column("n_enrolled", "patients enrolled", "patients"),
    Column("countries", "where"),
    Column("funding", "who paid"),
    Column("source_url", "page that was read"),
)

CODEBOOK = (
    Column("sheet", "sheet (or file) that holds the column"),
    Column("column", "name of the column"),
    Column("meaning", "what it holds"),
    Column("unit", "its unit"),
)

ABOUT = (Column("item", "what is stated"), Column("value", "what it is"))
