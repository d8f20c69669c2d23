"""Printed rows joined to their study and arm, ready for the rules: one mapping per row.

Added to the columns of `arm_results.csv` and `contrasts.csv`: `study` (the row of `studies.csv`),
`judged` (what others wrote on its risk of bias), `trial` (the report that `parent_study_id` or a link of
one trial names, else `study_id`),
`main` (the row of the trial's main report: `study` itself, unless this is a companion), `is_contrast`, the
names of the groups (`results_by_id`), and for results of one arm its `treatment` and `arm_n`. A contrast
carries `n_t` and `n_c`, the sizes of its two arms, from the report itself or from the arm of the same
treatment in the trial's main report (NaN: not printed).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from analysis.evidence.bias import Judged, judged_trials
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.records import records, results_by_id, studies_by_id
from analysis.evidence.rules import Row, known
from analysis.evidence.schema import ONE_TRIAL

_joined: WeakKeyDictionary[Evidence, dict[str, tuple[Row, ...]]] = WeakKeyDictionary()


def outcome_rows(evidence: Evidence, source: str) -> tuple[Row, ...]:
    """All rows of one value of the `outcome` column, contrasts first, in file order."""
    if evidence not in _joined:
        _joined[evidence] = _join(evidence)
    return _joined[evidence].get(source, ())


def _join(evidence: Evidence) -> dict[str, tuple[Row, ...]]:
    studies = studies_by_id(evidence)
    arms = {(a["study_id"], a["arm_id"]): a for a in records(evidence, "arms")}
    printed, judged = results_by_id(evidence), judged_trials(evidence)
    trials = trials_of(evidence)
    table: dict[str, list[Row]] = defaultdict(list)
    for row in map(printed.__getitem__, evidence.contrasts["row_id"]):
        study = _of(row["study_id"], studies, trials, judged)
        sizes = {f"n_{side}": _arm_size(arms, row, side, study["trial"]) for side in ("t", "c")}
        table[row["outcome"]].append(row | {"is_contrast": True} | sizes | study)
    for row in map(printed.__getitem__, evidence.arm_results["row_id"]):
        arm = arms[(row["study_id"], row["arm_id"])]
        table[row["outcome"]].append(
            row
            | {"is_contrast": False, "treatment": arm["treatment"], "arm_n": arm["n"]}
            | _of(row["study_id"], studies, trials, judged)
        )
    return {outcome: tuple(rows) for outcome, rows in table.items()}


def _arm_size(arms: dict[tuple[str, str], Row], row: Row, side: str, trial: str) -> float:
    own = arms.get((row["study_id"], row[f"arm_{side}"]))
    if own and known(own["n"]):
        return own["n"]
    of_trial = [
        arm["n"]
        for (study_id, _), arm in arms.items()
        if study_id == trial and arm["treatment"] == row[f"treatment_{side}"]
    ]
    return sum(of_trial) if of_trial else math.nan


def _of(
    study_id: str,
    studies: Mapping[str, Row],
    trials: Mapping[str, str],
    judged: Mapping[str, tuple[Judged, ...]],
) -> dict[str, object]:
    study, trial = studies[study_id], trials[study_id]
    main = studies.get(trial, study)
    return {"study": study, "trial": trial, "main": main, "judged": judged.get(trial, ())}


def trials_of(evidence: Evidence) -> dict[str, str]:
    """The trial of each report: where `parent_study_id` or a link of one trial leads, else itself."""
    frame, links = evidence.studies, evidence.links
    one = links[links["what"].isin(ONE_TRIAL)]
    onward = dict(zip(one["report_b"], one["report_a"], strict=True))
    onward |= {
        study: parent
        for study, parent in zip(frame["study_id"], frame["parent_study_id"], strict=True)
        if parent
    }
    trials = {}
    for study in frame["study_id"]:
        trial, seen = study, {study}
        while (further := onward.get(trial, trial)) not in seen:
            trial = further
            seen.add(trial)
        trials[study] = trial
    return trials


@remembered(maxsize=8)
def controls_shared(evidence: Evidence) -> dict[str, set[str]]:
    """For each trial, the trials that are declared to have the same group of controls."""
    links, trials = evidence.links, trials_of(evidence)
    shared: dict[str, set[str]] = defaultdict(set)
    for a, b in links.loc[links["what"].eq("controls"), ["report_a", "report_b"]].itertuples(
        index=False
    ):
        if a in trials and b in trials:
            shared[trials[a]].add(trials[b])
            shared[trials[b]].add(trials[a])
    return shared
