"""The randomised trials of a question, whatever treatments they compare, as the studies of one network.

Every pair of single treatments is asked the same Question (`analysis.answer`), so a trial's effect here is the one
that the answer to that pair shows. A trial with several arms enters once: where its pairs add up, their variances
give the full covariance; where they do not (each pair may rest on other printed figures), its pairs with one arm
enter, and the note says so. Trials that are declared to have one control group enter as one: their effects are as
dependent as those of the arms of one trial.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.reach import may_have_studies
from analysis.evidence.rows import controls_shared
from analysis.prose import listed
from analysis.question import Question
from analysis.synthesis.network import NetworkStudies, from_contrasts

Pair = tuple[str, str]
Contrast = tuple[str, str, str, float, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial, or trials of one control group: the effect of each pair of treatments (the first minus the second)."""

    trial: str
    effects: Mapping[Pair, StudyEffect]

    @property
    def first(self) -> StudyEffect:
        return next(iter(self.effects.values()))

    @property
    def first_pair(self) -> Pair:
        return next(iter(self.effects))

    @property
    def ids(self) -> tuple[str, ...]:
        """The trial itself; of those with one control group, each."""
        return tuple(dict.fromkeys(effect.trial for effect in self.effects.values()))

    @property
    def label(self) -> str:
        names = {effect.trial: effect.label for effect in self.effects.values()}
        return listed(list(names.values()))

    @property
    def blinded(self) -> bool:
        """Whether patients did not know which of its treatments they had."""
        return all(e.blinded or e.design in words.MASKED for e in self.effects.values())

    @property
    def rigorous(self) -> bool:
        """Whether its patients were blinded, or each of them was treated: nobody knew to have had nothing."""
        controls = {side for pair in self.effects for side in pair} & set(words.CONTROLS)
        return self.blinded or not controls

    @property
    def sizes(self) -> dict[str, float]:
        """Patients by treatment; NaN where not printed."""
        found: dict[str, float] = {}
        for (t, c), effect in self.effects.items():
            for side, n in ((t, effect.n_t), (c, effect.n_c)):
                if side not in found or math.isnan(found[side]):
                    found[side] = n
        return found


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of treatments that trials compare directly."""

    pair: Pair
    trials: tuple[Trial, ...]

    @property
    def patients(self) -> float:
        """Patients behind it, counting what is known."""
        sizes = (t.sizes[side] for t in self.trials for side in self.pair)
        return sum(n for n in sizes if not math.isnan(n))

    @property
    def kind(self) -> str:
        """Whether patients were blinded: "blinded", "mixed" or "open"."""
        blinded = {t.blinded for t in self.trials}
        return "mixed" if len(blinded) == 2 else "blinded" if blinded == {True} else "open"


def base(question: Question) -> Question:
    """The question with nothing but randomised trials, as the network asks it; unchanged where it has none."""
    designs = tuple(d for d in question.admits if d in words.RANDOMISED)
    return question.replace(designs=designs) if designs else question


def asked(question: Question, pair: Pair, evidence: Evidence) -> Answer | None:
    """The answer to the question about a pair of treatments; None where no trial can have one."""
    if not _may_ask(question, pair, evidence):
        return None
    return answer(_about(question, pair), evidence)


def _about(question: Question, pair: Pair) -> Question:
    return question.replace(intervention=pair[0], comparator=pair[1])


def _may_ask(question: Question, pair: Pair, evidence: Evidence) -> bool:
    """False only where no trial has both groups, or none measured this in them at the time in such patients."""
    if frozenset(pair) not in compared(question.admits, evidence):
        return False
    return may_have_studies(_about(question, pair), evidence)


@remembered(maxsize=16)
def compared(designs: tuple[str, ...], evidence: Evidence) -> frozenset[frozenset[str]]:
    """The pairs of treatments that are groups of one trial of these designs, figures or not."""
    studies, arms = evidence.studies, evidence.arms
    parents = zip(studies["study_id"], studies["parent_study_id"], studies["design"], strict=True)
    trial = {study: parent or study for study, parent, design in parents if design in designs}
    sides: dict[str, set[str]] = defaultdict(set)
    for study, treatment in zip(arms["study_id"], arms["treatment"], strict=True):
        if study in trial:
            sides[trial[study]].add(treatment)
    return frozenset(frozenset(pair) for own in sides.values() for pair in combinations(own, 2))


def trials_of(question: Question, evidence: Evidence) -> list[Trial]:
    """Every randomised trial that measured the outcome at the time, by year, then label."""
    effects: dict[str, dict[Pair, StudyEffect]] = defaultdict(dict)
    for pair in combinations(words.ASKED_FIRST, 2):
        found = asked(question, pair, evidence)
        for study in found.studies if found is not None else ():
            effects[study.trial][pair] = study
    made = [Trial(trial, pairs) for trial, pairs in effects.items()]
    made = _of_one_control(made, controls_shared(evidence))
    return sorted(made, key=lambda t: (_year(t), t.label))


def _of_one_control(trials: Sequence[Trial], shared: Mapping[str, set[str]]) -> list[Trial]:
    """Trials with one control group taken together, where they compare different treatments with it.

    Where two compare the same pair, their answer has divided the group between them, and they stay apart.
    """
    made: list[Trial] = []
    for trial in trials:
        for i, other in enumerate(made):
            if _one_control(trial, other, shared):
                made[i] = Trial(other.trial, {**other.effects, **trial.effects})
                break
        else:
            made.append(trial)
    return made


def _one_control(trial: Trial, other: Trial, shared: Mapping[str, set[str]]) -> bool:
    linked = any({*other.ids} & shared.get(one, set()) for one in trial.ids)
    sides = [{side for pair in one.effects for side in pair} for one in (trial, other)]
    return linked and sides[0] & sides[1] <= {*words.CONTROLS} and bool(sides[0] & sides[1])


def _year(trial: Trial) -> float:
    year = trial.first.year
    return math.inf if math.isnan(year) else year


def parts_of(pairs: Iterable[Pair]) -> list[tuple[str, ...]]:
    """The sets of treatments that chains of compared pairs link, the largest first."""
    compared_pairs = list(pairs)
    group = {side: side for pair in compared_pairs for side in pair}

    def root(side: str) -> str:
        while group[side] != side:
            side = group[side]
        return side

    for t, c in compared_pairs:
        group[root(t)] = root(c)
    parts: dict[str, list[str]] = defaultdict(list)
    for side in words.ASKED_FIRST:
        if side in group:
            parts[root(side)].append(side)
    return sorted(map(tuple, parts.values()), key=lambda part: -len(part))


def may_be_linked(question: Question, evidence: Evidence) -> bool:
    """False only where no chain of trials can link the two treatments asked about; far cheaper than the network."""
    parts = parts_of(compared_at(question, evidence))
    return any({question.intervention, question.comparator} <= {*part} for part in parts)


def compared_at(question: Question, evidence: Evidence) -> tuple[Pair, ...]:
    """The pairs of treatments that trials may have compared on the outcome at the time; no other pair has a trial."""
    pairs = combinations(words.ASKED_FIRST, 2)
    return tuple(pair for pair in pairs if _may_ask(question, pair, evidence))


def links_of(trials: Sequence[Trial]) -> tuple[Link, ...]:
    """The pairs that are compared directly, in the topic's order."""
    found: dict[Pair, list[Trial]] = defaultdict(list)
    for trial in trials:
        for pair in trial.effects:
            found[pair].append(trial)
    ordered = [p for p in combinations(words.ASKED_FIRST, 2) if p in found]
    return tuple(Link(pair, tuple(found[pair])) for pair in ordered)


def studies_of(trials: Sequence[Trial]) -> NetworkStudies:
    """The trials as `fit_network` takes them; the notes name those of which not every pair could enter."""
    rows, notes = rows_of(trials)
    columns = list(zip(*rows, strict=True))
    made = from_contrasts(*columns)
    return NetworkStudies(
        made.labels, made.treatments, made.blocks, (*notes, *map(_named(trials), made.notes))
    )


def rows_of(trials: Sequence[Trial]) -> tuple[list[Contrast], list[str]]:
    """Every comparison that enters (trial, first and second treatment, effect, standard error), and notes."""
    rows: list[Contrast] = []
    notes: list[str] = []
    for trial in trials:
        kept = _rows(trial)
        if not _adds_up(kept):
            whole, centre = len(kept), _centre(trial)
            kept = [row for row in kept if centre in row[1:3]]
            notes.append(
                f"{trial.label}: {whole - len(kept)} of its {whole} comparisons is left out, because they rest on "
                f"figures that do not add up; those with {words.SHORT[centre]} are used."
            )
        rows += kept
    return rows, notes


def _rows(trial: Trial) -> list[Contrast]:
    return [(trial.trial, t, c, e.yi, e.se) for (t, c), e in trial.effects.items()]


def _adds_up(rows: Sequence[Contrast]) -> bool:
    """Whether the comparisons of one trial can be those of one set of arms."""
    if len(rows) == 1:
        return True
    try:
        from_contrasts(*zip(*rows, strict=True))
    except ValueError:
        return False
    return True


def _centre(trial: Trial) -> str:
    """The arm with which most others of the trial are compared; of several, a control."""
    sides = [side for pair in trial.effects for side in pair]
    order = (*words.CONTROLS, *words.ASKED_FIRST)
    return max(dict.fromkeys(sides), key=lambda side: (sides.count(side), -order.index(side)))


def _named(trials: Sequence[Trial]) -> Callable[[str], str]:
    """Turns an engine's note about a trial by its id into one by its name."""
    names = {t.trial: t.label for t in trials}

    def named(note: str) -> str:
        trial, colon, rest = note.partition(":")
        return f"{names.get(trial, trial)}{colon}{rest}"

    return named
