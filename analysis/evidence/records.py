"""The rows of a table as mappings, converted once: going through a frame again for every answer is slow."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.rules import Row


@remembered(maxsize=32)
def records(evidence: Evidence, table: str) -> tuple[Row, ...]:
    """All rows of one table (a name of `Evidence.tables`), in file order; not to be changed."""
    return tuple(evidence.tables[table].to_dict("records"))


@remembered(maxsize=8)
def studies_by_id(evidence: Evidence) -> Mapping[str, Row]:
    """The rows of `studies.csv` by `study_id`."""
    return {row["study_id"]: row for row in records(evidence, "studies")}


@remembered(maxsize=8)
def results_by_id(evidence: Evidence) -> Mapping[str, Row]:
    """The rows of `contrasts.csv` and `arm_results.csv` by `row_id`."""
    rows = (*records(evidence, "contrasts"), *records(evidence, "arm_results"))
    return {row["row_id"]: row for row in rows}
