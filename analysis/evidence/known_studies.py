"""Whether the studies that a Question names are in the data."""

from __future__ import annotations

from difflib import get_close_matches

from analysis.evidence.load import Evidence
from analysis.evidence.records import studies_by_id
from analysis.question import InvalidQuestion, Question


def check_studies(question: Question, evidence: Evidence) -> None:
    """Nothing, where the data hold every study that the Question leaves out.

    Raises
    ------
    InvalidQuestion
        With the names that come closest: a page says beside its answer that there is no such study, but a file
        or a script must not go on as if one had been left out.
    """
    rows = studies_by_id(evidence)
    for name in question.without:
        if name not in rows:
            close = get_close_matches(name, rows, n=3, cutoff=0.5)
            near = [
                key
                for key, row in rows.items()
                if name in str(row["label"]).lower().replace(" ", "-")
            ]
            others = list(dict.fromkeys([*near, *close]))[:3]
            allowed = "a study_id of studies.csv" + (
                f", such as {', '.join(others)}" if others else ""
            )
            raise InvalidQuestion(f"without: found {name!r}, allowed: {allowed}")
