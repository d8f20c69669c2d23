"""The reports here: what each is, what it printed by outcome, and what it reported without numbers."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.records import records
from analysis.evidence.rows import outcome_rows
from analysis.evidence.rules import Row, has_figure

FUNDING = {
    "industry": "industry",
    "non_industry": "not industry",
    "mixed": "mixed",
    "not_reported": "not reported",
    "": "not stated",
}
BLINDING = {"yes": "yes", "no": "no", "not_applicable": "not applicable", "": "not stated"}


@dataclass(frozen=True, slots=True)
class Report:
    """One row of `studies.csv` with a count of its printed rows.

    `in_hand` and `no_figure` map values of the `outcome` column to numbers of rows; `year`, `n` and
    `weeks` are NaN where nothing was printed; `companions` are the other reports of the same trial.
    """

    study_id: str
    label: str
    year: float
    title: str
    design: str
    etiology: str
    n: float
    funding: str
    blinded: str
    weeks: float
    trial: str
    companions: tuple[str, ...]
    in_hand: dict[str, int]
    no_figure: dict[str, int]
    never_pool: str
    searchable: str

    @property
    def rows(self) -> int:
        return sum(self.in_hand.values()) + sum(self.no_figure.values())


@remembered(maxsize=8)
def reports(evidence: Evidence) -> tuple[Report, ...]:
    """Every report here, newest first, then by name."""
    printed: dict[str, Counter[str]] = {}
    silent: dict[str, Counter[str]] = {}
    for row in all_rows(evidence):
        kind = printed if has_figure(row) else silent
        kind.setdefault(row["study_id"], Counter())[row["outcome"]] += 1
    studies = records(evidence, "studies")
    trials: dict[str, list[str]] = {}
    for study in studies:
        trials.setdefault(study["parent_study_id"] or study["study_id"], []).append(
            study["study_id"]
        )
    found = [_report(study, trials, printed, silent) for study in studies]
    return tuple(sorted(found, key=lambda r: (-r.year if r.year == r.year else 0, r.label)))


def _report(
    study: Row,
    trials: dict[str, list[str]],
    printed: dict[str, Counter[str]],
    silent: dict[str, Counter[str]],
) -> Report:
    study_id = study["study_id"]
    trial = study["parent_study_id"] or study_id
    texts = ("study_id", "label", "acronym", "first_author", "title", "journal", "countries",
             "registration", "doi", "pmid")  # fmt: skip
    year = "" if math.isnan(study["year"]) else f"{study['year']:.0f}"
    return Report(
        study_id=study_id, label=name_of(study), year=study["year"], title=study["title"],
        design=study["design"], etiology=study["etiology"], n=study["n_enrolled"],
        funding=study["funding"], blinded=study["participants_blinded"],
        weeks=study["follow_up_weeks"], trial=trial,
        companions=tuple(other for other in trials[trial] if other != study_id),
        in_hand=dict(printed.get(study_id, {})), no_figure=dict(silent.get(study_id, {})),
        never_pool=study["never_pool_reason"],
        searchable=" ".join([*(study[t] for t in texts), year]).casefold(),
    )  # fmt: skip


def all_rows(evidence: Evidence) -> Iterable[Row]:
    """Every printed row of the evidence, joined to its study and arm."""
    codes = dict.fromkeys([*evidence.contrasts["outcome"], *evidence.arm_results["outcome"]])
    for code in codes:
        yield from outcome_rows(evidence, code)


def outcome_name(code: str) -> str:
    """A value of the `outcome` column in plain words.

    >>> outcome_name("pain_responder"), outcome_name("disability"), outcome_name("other")
    ('pain relief (patients)', 'disability', 'other')
    """
    labels = [o.label for o in words.OUTCOMES.values() if o.source == code]
    text = labels[0] if len(labels) == 1 else code.replace("_", " ")
    return text[0].lower() + text[1:]


def counted(rows: dict[str, int]) -> str:
    """Rows by outcome as text, most first.

    >>> counted({"pain": 12, "disability": 4})
    'pain 12, disability 4'
    """
    ordered = sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{outcome_name(code)} {n}" for code, n in ordered)


def weeks_text(weeks: float) -> str:
    """A length of time as a reader says it.

    >>> weeks_text(0.14), weeks_text(4), weeks_text(52), weeks_text(104), weeks_text(float("nan"))
    ('1 day', '4 weeks', '12 months', '24 months', 'not reported')
    """
    if math.isnan(weeks):
        return "not reported"
    if weeks < 1:
        number, unit = round(weeks * 7), "day"
    elif weeks < 12:
        number, unit = round(weeks), "week"
    else:
        number, unit = round(weeks * 12 / 52), "month"
    return f"{number} {unit}{'' if number == 1 else 's'}"


# --- as a file -----------------------------------------------------------------------------------
_COLUMNS: dict[str, str] = {
    "label": "Study",
    "year": "Year",
    "design": "Kind of study",
    "n": "Patients",
    "in_hand": "Reported results here, by outcome",
    "no_figure": "Reported without numbers",
    "cause": "",
    "funding": "Funding",
    "blinded": "Patients blinded",
    "follow_up": "Longest follow-up (weeks)",
    "title": "Title",
    "study_id": "Report",
}
"""The columns of the table and of the CSV file, in order; the topic names the cause."""


def columns() -> dict[str, str]:
    """Heading by column, in order."""
    return _COLUMNS | {"cause": words.CAUSE_NAME}


def cells(report: Report) -> dict[str, str | float | None]:
    """A report as one row of the table: words for codes, None for numbers that were not printed."""
    return {
        "label": report.label,
        "year": _number(report.year),
        "design": words.DESIGNS[report.design],
        "cause": report.etiology or "not stated",
        "n": _number(report.n),
        "funding": FUNDING[report.funding],
        "blinded": BLINDING[report.blinded],
        "follow_up": _number(report.weeks),
        "in_hand": counted(report.in_hand) or "none",
        "no_figure": counted(report.no_figure),
        "title": report.title,
        "study_id": report.study_id,
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def to_csv(chosen: Sequence[Report], version: str) -> str:
    """The reports as CSV; every line names the data version, so that a cut-out still does."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns().values(), "Data version"])
    for report in chosen:
        row = cells(report)
        writer.writerow([*(_cell(row[key]) for key in columns()), version])
    return out.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    # a spreadsheet would run a text that starts like a formula
    return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
