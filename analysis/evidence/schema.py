"""The ten tables of `data/`: columns, types, units, vocabularies, ranges, keys and references.

`data/README.md` explains the same columns in prose. The order of `TABLES` is the order in which
files are read, hashed and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandera.pandas as pa

from analysis.evidence import consistency
from analysis.evidence import review_codes as review
from analysis.evidence.columns import address, choice, codes, number, text, yes_no
from analysis.evidence.consistency import Rule
from analysis.topic import topic

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
SLUG_WORDS = "lower-case letters, digits and single hyphens"
DOI = r"10\.\d{4,9}/\S+"
P_VALUE = r"[<>=]?(?:0|0?\.\d+|1|1\.0+)"
P_WORDS = "a P value from 0 to 1 such as 0.04, .04 or <0.001"
NEXT_YEAR = date.today().year + 1  # papers appear ahead of print

CONTRAST_MEASURES = ("MD", "SMD", "RR", "OR", "HR", "RD")
SOURCE_KINDS = ("primary_abstract", "primary_fulltext", "secondary_review", "registry", "other")
FUNDING = ("industry", "non_industry", "mixed", "not_reported")
BLINDED = ("yes", "no", "not_applicable")
JUDGES = ("guideline body", "review authors", "trialists", "letter", "other")
SHORT_WORDS = r"[a-z][a-z /-]{0,39}"
"""Domains and levels of a risk of bias tool, as each tool names them; no fixed list."""
SIGN_BASIS = r"printed|not stated|inferred.*"
UNIT_BASIS = ("printed", "inferred", "defined")
EVENTS_COUNTED = (
    "any", "new", "adjacent", "remote", "retreated", "related", "one_site", "one_kind", "composite",
    "without_event",
)  # fmt: skip
PATIENTS_COUNTED = ("all", "subgroup")
IMAGING = ("ct", "radiograph", "fluoroscopy", "mri", "not_stated")
SYMPTOMS = ("symptomatic", "asymptomatic", "none_symptomatic", "not_stated")
PERCENT_OF = ("printed_total", "percent_base", "row_n", "arm_n", "implied", "not_printed")
OCCASIONS = ("perioperative", "after", "follow_up", "last", "averaged", "not_stated")
ONE_TRIAL = ("same_report", "patients", "figures")
SHARED = (*ONE_TRIAL, "controls", "different")


# --- what the topic in force allows ---------------------------------------------------------------
def _first_year() -> float:
    return topic().first_year


def _arm_treatments() -> tuple[str, ...]:
    return (*topic().treatments, *topic().recorded_treatments)


def _causes() -> tuple[str, ...]:
    return tuple(cause for cause in topic().causes if cause != "any")


def _ages() -> tuple[str, ...]:
    return tuple(age for age in topic().ages if age != "any")


def _instruments() -> tuple[str, ...]:
    return tuple(topic().instruments)


def _thresholds() -> tuple[str, ...]:
    return (*topic().instruments, "any")


def _designs() -> tuple[str, ...]:
    return tuple(topic().designs)


def counted_units() -> tuple[str, ...]:
    """What an event may be counted in: the units of questions, and those that enter none."""
    return (*topic().units, *topic().recorded_units, "events", "not_stated")


def _claim_themes() -> tuple[str, ...]:
    return topic().claim_themes


def _result_outcomes() -> tuple[str, ...]:
    sources = (outcome.source for outcome in topic().outcomes.values())
    return (*dict.fromkeys(sources), *topic().recorded_outcomes)


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file: its columns, the rules between them, and its key.

    Attributes
    ----------
    name : str
        Name of the table; the file is `name.csv`.
    schema : pandera.pandas.DataFrameSchema
        Columns in file order, behind `row` (int) and `row_id` (text).
    rules : tuple of Rule
        Conditions within a row, also registered as checks of the schema by their position.
    key : tuple of str
        Columns that name a row; empty where no two whole rows may be alike instead.
    optional : bool
        Whether a folder may lack the file without a fault.
    """

    name: str
    schema: pa.DataFrameSchema
    rules: tuple[Rule, ...]
    key: tuple[str, ...]
    optional: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def columns(self) -> dict[str, pa.Column]:
        """The columns of the file, in order."""
        own = ("row", "row_id")
        return {name: c for name, c in self.schema.columns.items() if name not in own}

    def is_number(self, column: str) -> bool:
        return str(self.schema.columns[column].dtype) == "float64"


def _table(
    name: str,
    columns: Mapping[str, pa.Column],
    rules: tuple[Rule, ...] = (),
    key: tuple[str, ...] = (),
    optional: bool = False,
) -> Table:
    checks = [
        pa.Check(rule.holds, name=f"rule {position}", error=f"rule {position}", ignore_na=False)
        for position, rule in enumerate(rules)
    ]
    schema = pa.DataFrameSchema(
        {"row": pa.Column(int, pa.Check.gt(1)), "row_id": pa.Column(str), **columns},
        checks=checks,
        strict=True,
        ordered=True,
        name=name,
    )
    return Table(name, schema, rules, key, optional)


def _id() -> pa.Column:
    return text(SLUG, SLUG_WORDS, required=True)


def _named(required: bool = True) -> pa.Column:
    return text(required=required)


def _code(values: Iterable[str] | Callable[[], Iterable[str]]) -> pa.Column:
    return choice(values, optional=True)


STUDIES = _table(
    "studies",
    {
        "study_id": _id(),
        "label": _named(),
        "acronym": text(),
        "first_author": text(),
        "year": number(_first_year, NEXT_YEAR, whole=True, unit="calendar year"),
        "title": text(),
        "title_as_printed": yes_no(),
        "journal": text(),
        "volume": text(),
        "pages": text(),
        "doi": text(DOI, "a DOI such as 10.1056/NEJMoa0900429"),
        "pmid": text(r"[1-9]\d{0,8}", "a PubMed number (digits)"),
        "registration": text(r"[A-Za-z0-9/-]+", "a registry number (letters, digits, hyphens)"),
        "design": choice(_designs, required=True),
        "etiology": choice(_causes),
        "fracture_age_text": text(),
        "fracture_age_max_weeks": number(above=0, unit="weeks"),
        "care_failed_first": _code(("yes", "no")),
        "n_enrolled": number(1, whole=True, unit="patients"),
        "countries": text(),
        "funding": choice(FUNDING),
        "participants_blinded": choice(BLINDED),
        "follow_up_weeks": number(above=0, unit="weeks"),
        "parent_study_id": text(SLUG, "the study_id of another report", essential=True),
        "poolable": _code(("yes", "no")),
        "never_pool_reason": text(essential=True),
        "notes": text(),
        "source_url": address(),
    },
    consistency.STUDIES,
    key=("study_id",),
)

ARMS = _table(
    "arms",
    {
        "study_id": _id(),
        "arm_id": _named(),
        "treatment": choice(_arm_treatments, required=True),
        "treatment_detail": text(),
        "active_control": _code(("yes", "no")),
        "n": number(1, whole=True, unit="patients"),
        "mean_age": number(18, 110, unit="years"),
        "female_pct": number(0, 100, unit="percent"),
        "source_url": address(),
        "source_location": _named(),
        "source_kind": choice(SOURCE_KINDS, required=True),
    },
    key=("study_id", "arm_id"),
)

ARM_RESULTS = _table(
    "arm_results",
    {
        "study_id": _id(),
        "arm_id": _named(),
        "outcome": choice(_result_outcomes, required=True),
        "instrument": text(),
        "scale_min": number(unit="points of the instrument"),
        "scale_max": number(unit="points of the instrument"),
        "scale_basis": choice(("printed", "inferred from the values")),
        "timepoint": _named(),
        "weeks": number(0, unit="weeks since treatment"),
        "kind": choice(("mean", "change", "event"), required=True),
        "statistic": choice(("mean", "median")),
        "n": number(1, whole=True, unit="patients"),
        "mean": number(unit="points of the instrument"),
        "sd": number(above=0, unit="points of the instrument"),
        "se": number(above=0, unit="points of the instrument"),
        "ci_low": number(unit="points, or percent for events"),
        "ci_high": number(unit="points, or percent for events"),
        "change_printed_as": choice(("improvement", "difference")),
        "events": number(0, whole=True, unit="what the instrument counts"),
        "total": number(1, whole=True, unit="what the instrument counts"),
        "percent": number(0, 100, unit="percent"),
        "not_poolable_reason": text(essential=True),
        "note": text(),
        "instrument_code": _code(_instruments),
        "series": text(r"[1-9]\d?", "a whole number from 1 to 99", optional=True),
        "scale_direction": _code(("higher_better", "higher_worse")),
        "occasion": _code(OCCASIONS),
        "is_baseline": _code(("yes", "no")),
        "counted_unit": _code(counted_units),
        "unit_basis": _code(UNIT_BASIS),
        "events_counted": _code(EVENTS_COUNTED),
        "patients_counted": _code(PATIENTS_COUNTED),
        "imaging": _code(IMAGING),
        "symptoms": _code(SYMPTOMS),
        "percent_of": _code(PERCENT_OF),
        "percent_base": number(1, whole=True, unit="what is counted", optional=True),
        "ci_level": number(50, 99.99, unit="percent", optional=True),
        "p_value": text(P_VALUE, P_WORDS, optional=True),
        "poolable": _code(("yes", "no")),
        "coding_note": text(optional=True),
        "source_url": address(),
        "source_location": _named(),
        "source_kind": choice(SOURCE_KINDS, required=True),
    },
    consistency.ARM_RESULTS,
)

CONTRASTS = _table(
    "contrasts",
    {
        "study_id": _id(),
        "arm_t": _named(),
        "arm_c": _named(),
        "treatment_t": choice(_arm_treatments),
        "treatment_c": choice(_arm_treatments),
        "outcome": choice(_result_outcomes, required=True),
        "instrument": text(),
        "scale_min": number(unit="points of the instrument"),
        "scale_max": number(unit="points of the instrument"),
        "timepoint": text(),
        "weeks": number(0, unit="weeks since treatment"),
        "measure": choice(CONTRAST_MEASURES, required=True),
        "estimate": number(unit="points, ratio or percentage points"),
        "ci_low": number(unit="as estimate"),
        "ci_high": number(unit="as estimate"),
        "ci_level": number(50, 99.99, unit="percent"),
        "p_value": text(P_VALUE, P_WORDS),
        "adjusted": text(),
        "positive_favours": choice(("intervention", "comparator", "unclear")),
        "sign_basis": text(
            SIGN_BASIS, "printed, not stated, or inferred (with how)", essential=True
        ),
        "not_poolable_reason": text(essential=True),
        "note": text(),
        "instrument_code": _code(_instruments),
        "scale_direction": _code(("higher_better", "higher_worse")),
        "occasion": _code(OCCASIONS),
        "counted_unit": _code(counted_units),
        "unit_basis": _code(UNIT_BASIS),
        "events_counted": _code(EVENTS_COUNTED),
        "patients_counted": _code(PATIENTS_COUNTED),
        "interval_kind": _code(("confidence", "credible", "not_stated")),
        "is_adjusted": _code(("yes", "no")),
        "sign_from": _code(("printed", "inferred", "not_stated")),
        "poolable": _code(("yes", "no")),
        "coding_note": text(optional=True),
        "source_url": address(),
        "source_location": _named(),
        "source_kind": choice(SOURCE_KINDS, required=True),
    },
    consistency.CONTRASTS,
)

PUBLISHED_SYNTHESES = _table(
    "published_syntheses",
    {
        "review_id": _id(),
        "label": _named(),
        "citation": _named(),
        "year": number(_first_year, NEXT_YEAR, whole=True, unit="calendar year"),
        "doi": text(DOI, "a DOI such as 10.1136/bmj.d3952"),
        "outcome": _named(),
        "comparison": _named(),
        "population": _named(),
        "timepoint": text(),
        "k": number(0, whole=True, unit="studies"),
        "n": number(1, whole=True, unit="patients"),
        "measure": text(),
        "estimate": number(unit="as measure says"),
        "ci_low": number(unit="as estimate"),
        "ci_high": number(unit="as estimate"),
        "i2_pct": number(0, 100, unit="percent"),
        "model": text(),
        "certainty": text(),
        "note": text(),
        "source_url": address(),
        "source_location": _named(),
        "figure": choice(review.FIGURES, required=True),
        "q_outcome": codes(review.outcomes),
        "q_intervention": codes(review.treatments, together=True),
        "q_comparator": codes(review.comparators, together=True),
        "q_time": choice(review.times, required=True),
        "q_weeks_max": number(above=0, unit="weeks"),
        "q_designs": choice(review.DESIGNS),
        "q_network": _code(("yes", "no")),
        "q_etiology": choice(_causes),
        "q_fracture_age": choice(_ages),
        "q_selected": choice(review.SELECTED),
        "q_measure": choice(review.MEASURES),
        "q_positive": choice(review.POSITIVE),
        "q_unit": choice(review.units),
        "q_events": choice(review.EVENTS),
        "q_scale_max": number(above=0, unit="points of the instrument"),
        "k_scope": choice(review.SCOPES),
        "interval_kind": choice(review.INTERVALS),
        "interval_level": number(50, 99.99, unit="percent"),
        "certainty_level": choice(review.LEVELS),
        "certainty_level_other_cause": choice(review.LEVELS),
        "same_figure": text(SLUG, SLUG_WORDS, essential=True),
        "coding_note": text(),
    },
    consistency.PUBLISHED_SYNTHESES,
)

MINIMAL_IMPORTANT_DIFFERENCES = _table(
    "minimal_important_differences",
    {
        "instrument": _named(),
        "instrument_code": _code(_thresholds),
        "scale_min": number(unit="points of the instrument"),
        "scale_max": number(unit="points of the instrument"),
        "mcid": number(above=0, required=True, unit="see the column unit"),
        "threshold_unit": _code(("points", "percent")),
        "unit": _named(),
        "population": _named(),
        "citation": _named(),
        "source_url": address(),
    },
    consistency.MINIMAL_IMPORTANT_DIFFERENCES,
)

RISK_OF_BIAS = _table(
    "risk_of_bias",
    {
        "study_id": _id(),
        "tool": _named(),
        "domain": _named(),
        "judgement": _named(),
        "assessed_by": _named(),
        "source_url": address(),
        "source_location": _named(),
        "domain_code": text(SHORT_WORDS, "a domain in lower-case words", required=True),
        "level": text(SHORT_WORDS, "a level in lower-case words", essential=True),
        "judged_by": choice(JUDGES, required=True),
    },
)

CLAIM_ORIGINS = _table(
    "claim_origins",
    {
        "claim_text_summary": _named(),
        "figure_pct": number(0, 100, required=True, unit="percent"),
        "population": _named(),
        "cited_source": _named(),
        "where_stated": _named(),
        "source_url": address(),
    },
)

LINKS = _table(
    "links",
    {
        "report_a": _id(),
        "report_b": _id(),
        "what": choice(SHARED, required=True),
        "reason": _named(),
    },
    consistency.LINKS,
    key=("report_a", "report_b"),
    optional=True,
)

CLAIMS = _table(
    "claims",
    {
        "claim_id": _id(),
        "theme": choice(_claim_themes, required=True),
        "statement": _named(),
        "testable": choice(("yes", "partly", "no"), required=True),
        "how_to_test": _named(),
        "caution": text(),
    },
    key=("claim_id",),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        STUDIES,
        ARMS,
        ARM_RESULTS,
        CONTRASTS,
        PUBLISHED_SYNTHESES,
        MINIMAL_IMPORTANT_DIFFERENCES,
        RISK_OF_BIAS,
        CLAIM_ORIGINS,
        CLAIMS,
        LINKS,
    )
}


@dataclass(frozen=True, slots=True)
class Reference:
    """`columns` of `table` name a row of `target`, except where the cell of `when` is empty."""

    table: str
    columns: tuple[str, ...]
    target: str
    when: str


REFERENCES = (
    Reference("studies", ("parent_study_id",), "studies", when="parent_study_id"),
    Reference("arms", ("study_id",), "studies", when="study_id"),
    Reference("arm_results", ("study_id",), "studies", when="study_id"),
    Reference("arm_results", ("study_id", "arm_id"), "arms", when="arm_id"),
    Reference("contrasts", ("study_id",), "studies", when="study_id"),
    # A contrast between subgroups of one treatment names groups that arms.csv does not list; it has
    # no treatment, and a rule of its own keeps it out of every pool.
    Reference("contrasts", ("study_id", "arm_t"), "arms", when="treatment_t"),
    Reference("contrasts", ("study_id", "arm_c"), "arms", when="treatment_c"),
    Reference("risk_of_bias", ("study_id",), "studies", when="study_id"),
    Reference("links", ("report_a",), "studies", when="report_a"),
    Reference("links", ("report_b",), "studies", when="report_b"),
)
"""In the order in which they are followed: a target stands before what names it."""
