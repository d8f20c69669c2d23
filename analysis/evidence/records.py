"""The rows of a table as mappings, converted once: going through a frame again for every answer is slow."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import group_names, spelled_rows
from analysis.evidence.rules import Row


@remembered(maxsize=32)
def records(evidence: Evidence, table: str) -> tuple[Row, ...]:
    """All rows of one table (a name of `Evidence.tables`), in file order; not to be changed.

    Where a note names a report by its identifier, its label stands here.
    """
    labels = dict(zip(evidence.studies["study_id"], evidence.studies["label"], strict=True))
    return spelled_rows(evidence.tables[table], labels)


@remembered(maxsize=8)
def groups_by_id(evidence: Evidence) -> Mapping[tuple[str, str], str]:
    """What each group of patients is called, by report and arm."""
    return group_names(records(evidence, "arms"))


@remembered(maxsize=8)
def studies_by_id(evidence: Evidence) -> Mapping[str, Row]:
    """The rows of `studies.csv` by `study_id`."""
    return {row["study_id"]: row for row in records(evidence, "studies")}


@remembered(maxsize=8)
def results_by_id(evidence: Evidence) -> Mapping[str, Row]:
    """The rows of `contrasts.csv` and `arm_results.csv` by `row_id`, with the name of each group.

    `group` names that of a result, `group_t` and `group_c` those of a difference.
    """
    names = groups_by_id(evidence)
    rows: dict[str, Row] = {}
    for row in records(evidence, "contrasts"):
        groups = {
            f"group_{s}": names.get((row["study_id"], row[f"arm_{s}"]), row[f"arm_{s}"])
            for s in "tc"
        }
        rows[row["row_id"]] = row | groups
    for row in records(evidence, "arm_results"):
        rows[row["row_id"]] = row | {"group": names[row["study_id"], row["arm_id"]]}
    return rows
