"""A review that a reader brought, laid beside the published answer to the same question.

Studies of the file are matched with published trials by name and year. A match is a proposal: the reader confirms
it, and chooses where several trials, or none for sure, could be meant. Confirmed, a trial whose figure is missing
here (or rests on a borrowed spread) takes the reader's figure as a further report of it, marked as the reader's
(`evidence.own`); one that answers already is compared and not taken twice; any other study is one of the reader's own.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from analysis.answer import Answer, answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.own import is_hypothetical, joined, joining_label, joins, with_own
from analysis.evidence.records import studies_by_id
from analysis.evidence.select import REASONS, LeftOut
from analysis.question import Question
from analysis.upload.candidate import Candidate, Review, review
from analysis.upload.preview import questions_of
from analysis.wanted.find import WEAK

ITS_OWN = "own"
"""The reader's word for a study that is none of the published trials."""
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NEAR = 1
"""Years between the print of one report and another source's date of it."""


@dataclass(frozen=True, slots=True)
class Match:
    """One study of the file, and the published trials that could be it.

    `trials` are those whose name fits, the likeliest first; `proposed` is the one that name and year agree on, or
    the only one of that name where no year can be compared (`dated` is False), "" where the reader must say; `chosen`
    is what holds: a trial, ITS_OWN, or "" while nobody has said.
    """

    study: str
    name: str
    trials: tuple[str, ...] = ()
    proposed: str = ""
    dated: bool = True
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
    matches = tuple(
        _match(row.cells, said, evidence) for row in found.rows if row.table == "studies"
    )
    own = with_own(evidence, replace(alone.sound, off=frozenset(), active=True, only=True))
    asked = questions_of(own) if own.personal else {}
    if not asked:
        return Beside(alone, matches)
    question = max(asked, key=lambda q: len(asked[q]))
    there = {study: [q for q, who in asked.items() if study in who] for study in own.own}
    filled = {
        m.study: m.trial
        for m in _first_of_each(matches)
        if m.trial and _missing(m.trial, there.get(m.study, []), evidence)
    }
    out = {m.study for m in matches if (m.trial or not m.chosen) and m.study not in filled}
    taken = review(_joining(found, filled, out, evidence), evidence)
    taken = replace(taken, faults=alone.faults, left_out=alone.left_out)
    theirs, ours = answer(question, own), answer(question, evidence)
    then = answer(question, with_own(evidence, taken.sound))
    lines = tuple(_lines(matches, theirs, ours, evidence))
    return Beside(taken, matches, tuple(filled.values()), question, theirs, ours, then, lines)


# --- names and years -----------------------------------------------------------------------------
def _match(study: Mapping[str, str], said: Mapping[str, str], evidence: Evidence) -> Match:
    name, study_id = study.get("label", ""), study["study_id"]
    if joined(study_id) or joins(name) or is_hypothetical(study_id):
        return Match(study_id, name)
    printed = _YEAR.findall(name) or _YEAR.findall(study.get("year", ""))
    years = {int(y) for y in printed}
    fits: dict[str, float] = {}
    for report in _reports(evidence):
        if not report.named(name):
            continue
        apart = min((abs(y - report.year) for y in years), default=math.nan)
        apart = (
            math.inf if math.isnan(apart) else apart
        )  # a year that nobody states decides nothing
        fits[report.trial] = min(apart, fits.get(report.trial, math.inf))
    trials = tuple(sorted(fits, key=lambda t: fits[t]))
    sure = [t for t in trials if fits[t] == 0] or [t for t in trials if fits[t] <= _NEAR]
    unknown = len(trials) == 1 and math.isinf(fits[trials[0]])
    proposed = sure[0] if len(sure) == 1 else trials[0] if unknown else ""
    chosen = said.get(study_id, proposed if trials else ITS_OWN)
    if chosen != ITS_OWN and chosen not in trials:
        chosen = proposed
    return Match(study_id, name, trials, proposed, not unknown, chosen)


@dataclass(frozen=True, slots=True)
class _Report:
    trial: str
    year: float
    author: str
    acronym: str

    def named(self, name: str) -> bool:
        """Whether a study's name holds the first author's surname, or the acronym in capitals."""
        by_author = self.author and f" {self.author} " in f" {_folded(name)} "
        return bool(
            by_author
            or (self.acronym
            and re.search(rf"(?<!\w){re.escape(self.acronym)}(?!\w)", name))
        )


@remembered(maxsize=4)
def _reports(evidence: Evidence) -> tuple[_Report, ...]:
    return tuple(
        _Report(
            row["parent_study_id"] or row["study_id"], row["year"], _surname(row["first_author"]),
            row["acronym"].split("(")[0].strip(),
        )
        for row in studies_by_id(evidence).values()
    )  # fmt: skip


def _surname(author: str) -> str:
    """The author without initials.

    >>> _surname("Van Meirhaeghe J"), _surname("Yılmaz A"), _surname("")
    ('van meirhaeghe', 'yilmaz', '')
    """
    words = author.split()
    return _folded(
        " ".join(w for w in words if not (w.isupper() and len(w) <= 3) or len(words) == 1)
    )


def _folded(text: str) -> str:
    """Lower-case words without accents.

    >>> _folded("Müller-Østby 2004")
    'muller ostby 2004'
    """
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z]+|\d+", plain.lower()))


_PLAIN = str.maketrans(
    {"ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ß": "ss", "æ": "ae"}
)


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


# --- what explains the difference ----------------------------------------------------------------
def _lines(
    matches: tuple[Match, ...], theirs: Answer, ours: Answer, evidence: Evidence
) -> Iterable[Line]:
    here = {s.trial: s for s in ours.studies}
    there = {s.trial: s for s in theirs.studies}
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
        close = 0.005 * max(1.0, math.sqrt(ours.vi))
        same = abs(theirs.yi - ours.yi) < close and abs(theirs.vi - ours.vi) < 0.02 * ours.vi
        return (
            "the same figures"
            if same
            else f"in both, other figures (here: {ours.form}, {ours.timepoint})"
        )
    if not reasons:
        return "no figure of this outcome here"
    first = min(reasons, key=lambda r: _LIKELIEST.get(r.reason, len(_LIKELIEST)))
    return (
        "no figure at this time here" if first.reason == "time" else f"{REASONS[first.reason]} here"
    )


_LIKELIEST = {"no figure": 0, "incomplete": 1, "time": 2}
"""A trial has many rows; of those that are left out, these tell best why it does not answer."""
