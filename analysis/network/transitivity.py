"""What differs between the comparisons of a network, and could explain a difference that is not the treatment's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.effects.study_effect import number
from analysis.evidence import Evidence, rules
from analysis.evidence.records import studies_by_id
from analysis.evidence.rows import outcome_rows
from analysis.network.answer import NetworkAnswer
from analysis.network.trials import Link, Trial
from analysis.prose import counted, listed

NOT_PRINTED = "not reported"


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One comparison: what its trials had in common, each as a text; `trials` names them."""

    link: Link
    trials: str
    blinding: str
    age: str
    cause: str
    baseline: str
    years: str


def transitivity(net: NetworkAnswer, evidence: Evidence) -> tuple[LinkRow, ...]:
    """A row for each comparison, in the order of the links."""
    return tuple(_row(link, net, evidence) for link in net.links)


def doubts(net: NetworkAnswer, evidence: Evidence) -> tuple[str, ...]:
    """What cannot be taken as alike across the comparisons, a sentence each."""
    rows = transitivity(net, evidence)
    found = []
    if len({row.link.kind for row in rows} | {"mixed"} & {row.link.kind for row in rows}) > 1:
        found.append(
            "Blinding differs between comparisons, so expectation does not act alike in all of them."
        )
    for name, values in (("cause", [r.cause for r in rows]), ("age", [r.age for r in rows])):
        if len(set(values)) > 1:
            label = words.CAUSE_NAME if name == "cause" else words.AGE_NAME
            found.append(f"{label} differs between comparisons, or was not reported everywhere.")
    return tuple(found)


def _row(link: Link, net: NetworkAnswer, evidence: Evidence) -> LinkRow:
    records = studies_by_id(evidence)
    studies = [records[t.effects[link.pair].trial] for t in link.trials]
    years = sorted(int(s["year"]) for s in studies if not math.isnan(s["year"]))
    causes = dict.fromkeys(
        words.ETIOLOGIES.get(str(s["etiology"]), "") or NOT_PRINTED for s in studies
    )
    return LinkRow(
        link=link,
        trials=", ".join(t.label for t in link.trials),
        blinding={
            "open": "open",
            "blinded": "patients blinded",
            "mixed": "some blinded, some open",
        }[link.kind],
        age=_ages([s["fracture_age_max_weeks"] for s in studies]),
        cause=listed(list(causes)),
        baseline=_baseline(link.trials, net, evidence),
        years=f"{years[0]} to {years[-1]}"
        if len(set(years)) > 1
        else str(years[0])
        if years
        else NOT_PRINTED,
    )


def _ages(weeks: Sequence[float]) -> str:
    """The longest duration that trials admitted."""
    known = sorted(w for w in weeks if not math.isnan(w))
    if not known:
        return NOT_PRINTED
    span = (
        f"up to {known[-1]:g}" if known[0] == known[-1] else f"up to {known[0]:g} to {known[-1]:g}"
    )
    missing = len(weeks) - len(known)
    return f"{span} weeks" + (f" ({missing} {NOT_PRINTED})" if missing else "")


def _baseline(trials: Sequence[Trial], net: NetworkAnswer, evidence: Evidence) -> str:
    """Means of the outcome before treatment, over the arms that print it, on the outcome's scale."""
    spec = net.question.spec
    if spec.kind != "score":
        return ""
    ids = {one for t in trials for one in t.ids}
    means: dict[str, list[float]] = {}
    for row in outcome_rows(evidence, spec.source):
        if row["trial"] not in ids or row["is_contrast"] or not rules.at_baseline(row):
            continue
        if not spec.matches(row) or spec.excludes(row) or not rules.known(row["mean"]):
            continue
        scale = rules.scale_of(row, spec)
        value = row["mean"]
        if spec.scale is not None:
            if scale is None:
                continue
            value = spec.scale[0] + (value - scale.low) / (scale.high - scale.low) * (
                spec.scale[1] - spec.scale[0]
            )
        means.setdefault(row["trial"], []).append(value)
    if not means:
        return NOT_PRINTED
    each = sorted(sum(v) / len(v) for v in means.values())
    span = (
        number(each[0], 1)
        if each[0] == each[-1]
        else f"{number(each[0], 1)} to {number(each[-1], 1)}"
    )
    missing = len(ids) - len(means)
    return span + (f" ({counted(missing, 'trial')} {NOT_PRINTED})" if missing else "")
