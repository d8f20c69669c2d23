"""A review that a reader brought, laid beside the published answer to the same question.

Studies of the file are matched with published trials by name and year (`same_trial`); the same figures settle a
doubt about either, and by themselves raise one. A match is a proposal: the reader confirms it, and chooses wherever
a doubt is left; until then such a study stays out. Confirmed, a trial whose figure is missing here (or rests on a
borrowed spread) takes the reader's figure as a further report of it, marked as the reader's (`evidence.own`); one
that answers already is compared and not taken twice; any other study is one of the reader's own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from analysis.answer import Answer, answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.load import Evidence
from analysis.evidence.own import is_hypothetical, joined, joining_label, joins, with_own
from analysis.evidence.records import studies_by_id
from analysis.evidence.select import REASONS, LeftOut
from analysis.question import Question
from analysis.upload.candidate import Candidate, Review, review
from analysis.upload.preview import questions_of
from analysis.wanted.find import WEAK
from analysis.wanted.same_trial import likely, years_fit

ITS_OWN = "own"
"""The reader's word for a study that is none of the published trials."""
NAME_AND_YEAR, NAME_AND_FIGURES = "name and year", "name and figures"
OTHER_FIGURES = "the name and year, other figures"
SEVERAL = "another trial has this name and year, too"
CONTESTED = "another study of your file could be it, too"
OTHER_NAME = "the same figures under another name"
_SAME = "the same figures"


@dataclass(frozen=True, slots=True)
class Match:
    """One study of the file, and the published trials that could be it.

    `trials` are the candidates, the likeliest first; `proposed` is the one that name and year, or name and figures
    (`basis`), agree on, "" where the reader must say; `doubts` tells what speaks against each. `chosen` is what holds:
    a trial, ITS_OWN, or "" while nobody has said.
    """

    study: str
    name: str
    trials: tuple[str, ...] = ()
    proposed: str = ""
    basis: str = ""
    doubts: Mapping[str, str] = field(default_factory=dict)
    chosen: str = ITS_OWN

    @property
    def trial(self) -> str:
        return "" if self.chosen == ITS_OWN else self.chosen


@dataclass(frozen=True, slots=True)
class Line:
    """One trial: its name in the file, its label here, its effect in both, and what explains a difference."""

    name: str
    label: str
    theirs: StudyEffect | None
    ours: StudyEffect | None
    why: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What a file brings, and the two answers: `theirs` from the file alone, `ours` as published, `then` with both.

    The answers are None where the file speaks to no question that can be asked here.
    """

    review: Review
    matches: tuple[Match, ...]
    filled: tuple[str, ...] = ()
    question: Question | None = None
    theirs: Answer | None = None
    ours: Answer | None = None
    then: Answer | None = None
    lines: tuple[Line, ...] = field(default=())


def lay_beside(found: Candidate, evidence: Evidence, said: Mapping[str, str]) -> Beside:
    """Match a file's studies and compare its answer with the published one.

    Parameters
    ----------
    evidence : shipped evidence.
    said : by study of the file, the trial that the reader chose, or ITS_OWN.
    """
    alone = review(found, evidence)
    studies = [row.cells for row in found.rows if row.table == "studies"]
    own = with_own(evidence, replace(alone.sound, off=frozenset(), active=True, only=True))
    asked = questions_of(own) if own.personal else {}
    if not asked:
        return Beside(alone, _matches(studies, {}, {}, said, evidence))
    question = max(asked, key=lambda q: len(asked[q]))
    theirs, ours = answer(question, own), answer(question, evidence)
    matches = _matches(studies, _by_trial(theirs), _by_trial(ours), said, evidence)
    there = {study: [q for q, who in asked.items() if study in who] for study in own.own}
    filled = {
        m.study: m.trial
        for m in _first_of_each(matches)
        if m.trial and _missing(m.trial, there.get(m.study, []), evidence)
    }
    out = {m.study for m in matches if (m.trial or not m.chosen) and m.study not in filled}
    taken = review(_joining(found, filled, out, evidence), evidence)
    taken = replace(taken, faults=alone.faults, left_out=alone.left_out)
    then = answer(question, with_own(evidence, taken.sound))
    lines = tuple(_lines(matches, theirs, ours, evidence))
    return Beside(taken, matches, tuple(filled.values()), question, theirs, ours, then, lines)


# --- which trial a study is -----------------------------------------------------------------------
def _matches(
    studies: Iterable[Mapping[str, str]],
    theirs: Mapping[str, StudyEffect],
    ours: Mapping[str, StudyEffect],
    said: Mapping[str, str],
    evidence: Evidence,
) -> tuple[Match, ...]:
    """Every study of the file, and what it could be."""
    found = [_match(study, theirs, ours, evidence) for study in studies]
    taken = Counter(m.proposed for m in found if m.proposed)
    matches = []
    for m in found:
        doubts = {t: d for t, d in m.doubts.items() if d != OTHER_NAME or not taken[t]}
        m = replace(m, trials=tuple(doubts), doubts=doubts)
        if taken[m.proposed] > 1 and m.basis != NAME_AND_FIGURES:
            m = replace(m, proposed="", basis="", doubts={**m.doubts, m.proposed: CONTESTED})
        usual = m.proposed if m.trials else ITS_OWN
        chosen = said.get(m.study, usual)
        allowed = chosen == ITS_OWN or chosen in m.trials
        matches.append(replace(m, chosen=chosen if allowed else usual))
    return tuple(matches)


def _match(
    study: Mapping[str, str],
    theirs: Mapping[str, StudyEffect],
    ours: Mapping[str, StudyEffect],
    evidence: Evidence,
) -> Match:
    name, study_id = study.get("label", ""), study["study_id"]
    year = study.get("year", "")
    if joined(study_id) or joins(name) or is_hypothetical(study_id):
        return Match(study_id, name)
    named = {found.trial: found.doubt for found in likely(name, year, evidence)}
    effect = theirs.get(study_id)
    alike = [t for t, o in ours.items() if effect is not None and same_figures(effect, o)]
    sure = [trial for trial, doubt in named.items() if not doubt]
    both = [trial for trial in alike if trial in named]
    proposed, basis = (sure[0], NAME_AND_YEAR) if len(sure) == 1 else ("", "")
    doubts = dict(named)
    if len(both) == 1 and (not sure or both[0] in sure):
        proposed, basis = both[0], NAME_AND_FIGURES
    elif both and proposed not in both:
        doubts |= {t: f"{named[t]}, but {_SAME}" for t in both} | dict.fromkeys(sure, OTHER_FIGURES)
        proposed = basis = ""
    if not proposed:
        # the same patients under another name would count twice
        others = (t for t in alike if t not in named and years_fit(name, year, t, evidence))
        doubts |= dict.fromkeys(others, OTHER_NAME)
        if len(sure) > 1:
            doubts |= dict.fromkeys(sure, SEVERAL)
    return Match(study_id, name, tuple(doubts), proposed, basis, doubts)


def same_figures(one: StudyEffect, other: StudyEffect) -> bool:
    """Whether two effects are one, printed with a few decimals."""
    close = 0.005 * max(1.0, math.sqrt(other.vi))
    return abs(one.yi - other.yi) < close and abs(one.vi - other.vi) < 0.02 * other.vi


# --- what is filled ------------------------------------------------------------------------------
def _first_of_each(matches: Iterable[Match]) -> Iterable[Match]:
    """One study of the file per trial: a second one of the same trial would count its patients again."""
    return {m.trial: m for m in reversed(tuple(matches))}.values()


def _missing(trial: str, questions: Iterable[Question], evidence: Evidence) -> bool:
    """Whether a trial has no figure of its own for one of these questions."""
    for question in questions:
        study = next((s for s in answer(question, evidence).studies if s.trial == trial), None)
        if study is None or WEAK.keys() & set(study.flags):
            return True
    return False


def _joining(
    found: Candidate, filled: Mapping[str, str], out: set[str], evidence: Evidence
) -> Candidate:
    """The candidate with figures that join published trials, less the studies that are left out."""
    labels = {trial: studies_by_id(evidence)[trial]["label"] for trial in filled.values()}
    rows = []
    for row in found.rows:
        study = row.cells["study_id"]
        if study in out:
            continue
        if row.table == "studies" and study in filled:
            label = joining_label(labels[filled[study]], filled[study])
            row = replace(row, cells={**row.cells, "label": label})
        rows.append(row)
    return replace(found, rows=tuple(rows))


def _by_trial(found: Answer) -> dict[str, StudyEffect]:
    return {study.trial: study for study in found.studies}


# --- what explains the difference ----------------------------------------------------------------
def _lines(
    matches: tuple[Match, ...], theirs: Answer, ours: Answer, evidence: Evidence
) -> Iterable[Line]:
    here, there = _by_trial(ours), _by_trial(theirs)
    reasons: dict[str, list[LeftOut]] = defaultdict(list)
    for row in ours.left_out:
        reasons[row.trial].append(row)
    seen: dict[str, str] = {}
    for m in matches:
        if m.study not in there:
            continue
        study = here.get(m.trial)
        if m.trial in seen:
            why = f"the same trial as {seen[m.trial]}; only that one counts"
        elif m.trial:
            why = _explained(there[m.study], study, reasons[m.trial])
        else:
            why = "asked below" if m.trials and not m.chosen else "no trial of this name here"
        if m.trial:
            seen.setdefault(m.trial, m.name)
        label = studies_by_id(evidence)[m.trial]["label"] if m.trial else ""
        yield Line(m.name, label, there[m.study], study, why)
    for trial, study in here.items():
        if trial not in seen:
            yield Line("", study.label, None, study, "not in your file")


def _explained(theirs: StudyEffect, ours: StudyEffect | None, reasons: list[LeftOut]) -> str:
    if ours is not None:
        return (
            _SAME
            if same_figures(theirs, ours)
            else f"in both, other figures (here: {ours.form}, {ours.timepoint})"
        )
    if not reasons:
        return "no figure of this outcome here"
    first = min(reasons, key=lambda r: _LIKELIEST.get(r.reason, len(_LIKELIEST)))
    return (
        "no result at this time here" if first.reason == "time" else f"{REASONS[first.reason]} here"
    )


_LIKELIEST = {"no figure": 0, "incomplete": 1, "time": 2}
"""A trial has many rows; of those that are left out, these tell best why it does not answer."""
