"""The answer without one study, or without one group of studies: what remains, and what that changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.evidence.records import studies_by_id
from analysis.evidence.rules import Row
from analysis.robustness.leave_out import leave_sets_out
from analysis.robustness.refit import Refit
from analysis.robustness_views.reading import effects_of, reading, side, teller

_FUNDING = {
    "industry": "funded by industry",
    "non_industry": "not funded by industry",
    "mixed": "funded in part by industry",
    "not_reported": "funding not reported",
    "": "funding not stated",
}
_BLINDING = {
    "yes": "patients blinded",
    "no": "patients not blinded",
    "not_applicable": "one group, nobody blinded",
    "": "blinding not stated",
}
_SAME_COUNTRY = {"USA": "United States", "UK": "United Kingdom"}
_COUNTRY = re.compile(r"[A-Z][A-Za-z. ]+")


@dataclass(frozen=True, slots=True)
class Deletion:
    """The answer without one study or group: what was left out, what remains, and what that changes.

    `changes` says which parts of the conclusion are no longer the same; empty where all are.
    """

    family: str
    label: str
    fit: Refit
    changes: tuple[str, ...]


def group_families(found: Answer, evidence: Evidence) -> dict[str, dict[str, list[int]]]:
    """For each way to group (funding, country, design, blinding): its groups and the positions of their studies.

    Groups come from the main report of each trial. A trial of several countries is in the group of each.
    """
    reports = studies_by_id(evidence)
    families: dict[str, dict[str, list[int]]] = {
        "funding": {}, "country": {}, "design": {}, "blinding": {},
    }  # fmt: skip
    for position, study in enumerate(found.studies):
        main = reports.get(study.trial, reports[study.study_id])
        named = {
            "funding": [_FUNDING[main["funding"]]],
            "country": countries(main),
            "design": [words.DESIGNS[study.design]],
            "blinding": [_BLINDING[main["participants_blinded"]]],
        }
        for family, labels in named.items():
            for label in labels:
                families[family].setdefault(label, []).append(position)
    return families


def countries(report: Row) -> list[str]:
    """The countries of a report, by the names that it prints; a number of sites is no country.

    >>> countries({"countries": "United States; United Kingdom"}), countries({"countries": ""})
    (['United States', 'United Kingdom'], ['country not reported'])
    >>> countries({"countries": "Germany (3 centres), USA (1 centre)"})
    ['Germany', 'United States']
    >>> countries({"countries": "21 sites in 8 countries"})
    ['several countries, not named']
    """
    text = report["countries"]
    if not text:
        return ["country not reported"]
    if re.search(r"\d+ sites in", text):
        return ["several countries, not named"]
    parts = [part.strip() for part in re.split(r"[;,]", re.sub(r"\(.*?\)", "", text))]
    names = [part for part in parts if _COUNTRY.fullmatch(part)]
    return [_SAME_COUNTRY.get(name, name) for name in names] or [text]


def without_groups(found: Answer, families: dict[str, dict[str, list[int]]]) -> Iterator[Deletion]:
    """Every group of two studies or more that is not all; a group of one is a study already left out."""
    q, k = found.question, len(found.studies)
    for family, groups in families.items():
        sets = {label: at for label, at in groups.items() if 1 < len(at) < k}
        if not sets:
            continue
        for fit in leave_sets_out(
            *effects_of(found), sets, q.tau2, q.ci, q.level, tell=teller(q, found.studies)
        ):
            yield deletion_of(found, family, fit.label, fit)


def deletion_of(found: Answer, family: str, label: str, fit: Refit) -> Deletion:
    """What remains without a study or group, held against the whole."""
    q, pooled = found.question, found.pooled
    assert pooled is not None
    changes = []
    if side(q, fit.estimate) != side(q, pooled.estimate):
        changes.append("the estimate changes side")
    before, after = (reading(found, result.ci_low, result.ci_high) for result in (pooled, fit))
    if before != after:
        changes.append(f"the conclusion changes from “{before}” to “{after}”")
    return Deletion(family, label, fit, tuple(changes))
