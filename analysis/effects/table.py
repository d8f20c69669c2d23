"""From a Question to one effect per trial, each with its trail, and every row that stayed out with its reason."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache

from analysis import vocabulary as words
from analysis.effects import from_arms
from analysis.effects.from_contrast import from_contrast
from analysis.effects.outliers import outlying
from analysis.effects.printed_p import held_against_p
from analysis.effects.spread import ArmScore, Borrowed, borrow_from
from analysis.effects.study_effect import NotDerivable, Step, StudyEffect, number, plain
from analysis.evidence import own
from analysis.evidence.candidates import Candidate
from analysis.evidence.load import Evidence
from analysis.evidence.memory import remembered
from analysis.evidence.names import name_of
from analysis.evidence.reach import may_have_studies
from analysis.evidence.rows import controls_shared, outcome_rows
from analysis.evidence.rules import Row, imaging, known, read_in_abstract
from analysis.evidence.select import LeftOut, by_trial, select
from analysis.question import Question, members

Lender = Callable[[str], Borrowed | None]
Derive = Callable[..., StudyEffect]
"""Of a candidate (and, optionally, among how many studies each of its groups is divided) the effect."""


@dataclass(frozen=True, slots=True)
class Effects:
    """One `StudyEffect` per trial (by year, then label), and the rows left out."""

    studies: tuple[StudyEffect, ...]
    left_out: tuple[LeftOut, ...]
    considered: int

    @property
    def yi(self) -> list[float]:
        return [s.yi for s in self.studies]

    @property
    def vi(self) -> list[float]:
        return [s.vi for s in self.studies]


@remembered(maxsize=64)
def effects_of(question: Question, evidence: Evidence) -> Effects:
    """Select rows, derive one effect per trial from its best derivable candidate, and account for the rest."""
    selection = select(question, evidence)
    derive = deriver(question, evidence)
    left_out, used = list(selection.left_out), set()
    found: list[tuple[StudyEffect, Candidate]] = []
    failed: dict[str, str] = {}
    for candidates in selection.candidates.values():
        first = first_derivable(candidates, derive, failed)
        if first is not None:
            found.append(first)
            used.update(first[0].row_ids)
    for trial, candidates in selection.candidates.items():
        for row in {row["row_id"]: row for candidate in candidates for row in candidate.rows}.values():
            if row["row_id"] not in used:
                left_out.append(_not_used(row, trial, failed.get(row["row_id"])))
    studies = settled(found, derive, question, evidence)
    if not question.outliers:
        studies, outliers = without_outliers(studies)
        left_out += [
            LeftOut(row_id, study.study_id, study.trial, "outlier", _FAR)
            for study in outliers
            for row_id in study.row_ids
        ]
    order = {row_id: i for i, row_id in enumerate(selection.rows)}
    left_out.sort(key=lambda row: order[row.row_id])
    return Effects(tuple(studies), tuple(left_out), selection.considered)


def has_studies(question: Question, evidence: Evidence) -> bool:
    """Whether a study answers; most questions that can be asked have none, which costs little to see."""
    return may_have_studies(question, evidence) and bool(effects_of(question, evidence).studies)


_FAR = "beyond what chance and the spread of the other studies explain"


def deriver(question: Question, evidence: Evidence) -> Derive:
    """What turns a candidate into an effect for this Question: the rows of its trial and the lender at hand."""
    table = outcome_rows(evidence, question.spec.source)
    lending = table if question.abstract else [r for r in table if not read_in_abstract(r)]
    designs = words.DESIGNS if question.one_group else words.COMPARATIVE
    lender = cache(lambda kind: borrow_from(lending, question.spec, kind, designs))
    of_trial = _by_trial(question.spec.source, evidence)

    def derive(candidate: Candidate, shares: tuple[int, int] = (1, 1)) -> StudyEffect:
        return _derive(candidate, question, of_trial[candidate.trial], lender, shares)

    return derive


@remembered(maxsize=64)
def _by_trial(source: str, evidence: Evidence) -> dict[str, list[Row]]:
    return by_trial(outcome_rows(evidence, source))


def first_derivable(
    candidates: Sequence[Candidate], derive: Derive, failed: dict[str, str]
) -> tuple[StudyEffect, Candidate] | None:
    """The effect of the first candidate from which one follows; why others fail is noted in `failed`, by row."""
    for candidate in candidates:
        try:
            return derive(candidate), candidate
        except NotDerivable as error:
            failed |= {row["row_id"]: str(error) for row in candidate.rows}
    return None


def settled(
    found: Collection[tuple[StudyEffect, Candidate]],
    derive: Derive,
    question: Question,
    evidence: Evidence,
) -> list[StudyEffect]:
    """The trials' effects by year, then label; controls that reports are declared to share are divided."""
    candidates = {study.trial: candidate for study, candidate in found}
    studies = sorted(
        (study for study, _ in found),
        key=lambda s: (s.year if known(s.year) else math.inf, s.label, s.trial),
    )
    sharing = controls_shared(evidence)
    for at, study in enumerate(studies):
        share = 1 + sum(other in sharing.get(study.trial, ()) for other in candidates)
        if share > 1:
            shares = tuple(
                share if set(members(side)) <= set(words.CONTROLS) and members(side) else 1
                for side in (question.intervention, question.comparator)
            )
            studies[at] = derive(candidates[study.trial], shares)
    return studies


def without_outliers(
    studies: Sequence[StudyEffect],
) -> tuple[list[StudyEffect], list[StudyEffect]]:
    """The studies, and those that `outlying` leaves out; a group shared with one of these stays divided."""
    far = outlying([s.yi for s in studies], [s.vi for s in studies])
    kept = [s for s, out in zip(studies, far, strict=True) if not out]
    return kept, [s for s, out in zip(studies, far, strict=True) if out]


_LARGEST = 1e12
"""No effect is larger, no variance above it or below its inverse: beyond stand slips of the pen, not results."""


def _not_used(row: Row, trial: str, failure: str | None) -> LeftOut:
    if failure:
        return LeftOut(row["row_id"], row["study_id"], trial, "incomplete", failure)
    detail = "nearer in time, better documented, or reported first"
    return LeftOut(row["row_id"], row["study_id"], trial, "other row", detail)


def _derive(
    candidate: Candidate,
    question: Question,
    same_trial: list[Row],
    lender: Lender,
    shares: tuple[int, int] = (1, 1),
) -> StudyEffect:
    """The effect of one candidate; `shares` says among how many studies each of its groups is divided."""
    base = _identity(candidate, question)
    if candidate.contrast is not None:
        yi, vi, flags, steps, printed = from_contrast(candidate, question, same_trial)
        if max(shares) > 1:
            flags.append("shared_whole")
        sizes = (candidate.contrast["n_t"], candidate.contrast["n_c"])
        n_t, n_c = reversed(sizes) if candidate.flipped else sizes
        effect = replace(base, yi=yi, vi=vi, n_t=n_t, n_c=n_c, printed=printed)
    elif question.spec.kind == "score":
        effect, flags, steps = _scores(base, candidate, question, same_trial, lender, shares)
    elif question.one_group:
        yi, vi, flags, steps, (x, n) = from_arms.proportion(candidate, question, shares[0])
        effect = replace(
            base, yi=yi, vi=vi, n_t=n, text_t=f"{plain(x)}/{plain(n)}",
            inputs=(("xi", x), ("ni", n)),
        )  # fmt: skip
    else:
        yi, vi, flags, steps, (x1, n1, x2, n2) = from_arms.ratio_or_difference(
            candidate, question, shares
        )
        effect = replace(
            base, yi=yi, vi=vi, n_t=n1, n_c=n2,
            text_t=f"{plain(x1)}/{plain(n1)}", text_c=f"{plain(x2)}/{plain(n2)}",
            inputs=(("ai", x1), ("n1i", n1), ("ci", x2), ("n2i", n2)),
        )  # fmt: skip
    if candidate.contrast is None and not question.one_group:
        effect, more_flags, more_steps = held_against_p(effect, candidate, question, same_trial)
        flags, steps = [*flags, *more_flags], [*steps, *more_steps]
    if not (abs(effect.yi) <= _LARGEST and 1 / _LARGEST <= effect.vi <= _LARGEST):
        raise NotDerivable("the reported figures leave no finite variance")
    return replace(effect, flags=_flags(flags, candidate), steps=(*steps, _result(effect)))


def _scores(
    base: StudyEffect,
    candidate: Candidate,
    question: Question,
    same_trial: list[Row],
    lender: Lender,
    shares: tuple[int, int],
) -> tuple[StudyEffect, list[str], list[Step]]:
    if question.one_group:
        yi, vi, group = from_arms.change_in_one_group(
            candidate, question, same_trial, lender("change"), shares[0]
        )
        effect = replace(
            base, yi=yi, vi=vi, n_t=group.n, text_t=_mean_sd(group),
            inputs=(("mi", group.mean), ("sdi", group.sd), ("ni", group.n)),
        )  # fmt: skip
        return effect, list(group.flags), list(group.steps)
    kind = "change" if candidate.form == "change" else "mean"
    yi, vi, t, c = from_arms.mean_difference(candidate, question, same_trial, lender(kind), shares)
    effect = replace(
        base, yi=yi, vi=vi, n_t=t.n, n_c=c.n, text_t=_mean_sd(t), text_c=_mean_sd(c),
        inputs=(
            ("m1i", t.mean), ("sd1i", t.sd), ("n1i", t.n),
            ("m2i", c.mean), ("sd2i", c.sd), ("n2i", c.n),
        ),
    )  # fmt: skip
    return effect, list(dict.fromkeys(t.flags + c.flags)), [*t.steps, *c.steps]


def _mean_sd(arm: ArmScore) -> str:
    return f"{number(arm.mean, 1)} ({number(arm.sd, 1)})"


def _identity(candidate: Candidate, question: Question) -> StudyEffect:
    """Everything about a study that does not depend on its numbers; the trial's main report names it."""
    row = candidate.rows[0]
    main = row["main"]
    return StudyEffect(
        trial=candidate.trial, study_id=candidate.study_id, label=_label(row, main),
        year=main["year"], design=main["design"], etiology=main["etiology"],
        blinded=main["participants_blinded"] == "yes",
        blinding=main["participants_blinded"], funding=main["funding"],
        imaging=imaging(row) if "imaging" in row else "", judged=row["judged"],
        measure=question.effect_measure, form=candidate.form, timepoint=row["timepoint"],
        weeks=candidate.weeks, yi=math.nan, vi=math.nan, n_t=math.nan, n_c=math.nan,
        row_ids=tuple(dict.fromkeys(r["row_id"] for r in candidate.rows)),
    )  # fmt: skip


def _label(row: Row, main: Row) -> str:
    """The trial's name; where a reader brought the figures of a published one, it says so."""
    theirs = own.is_own(row["study_id"]) and not own.is_own(main["study_id"])
    return f"{name_of(main)} {own.YOUR_FIGURES}" if theirs else name_of(main)


def _flags(flags: list[str], candidate: Candidate) -> tuple[str, ...]:
    first = candidate.rows[0]
    if own.is_own(first["study_id"]):
        flags.insert(0, "hypothetical" if own.is_hypothetical(first["study_id"]) else "own")
    if first["trial"] != first["study_id"]:
        flags.append("companion")
    if any(row["source_kind"] == "secondary_review" for row in candidate.rows if "source_kind" in row):
        flags.append("secondary")
    return tuple(dict.fromkeys(flags))


def _result(effect: StudyEffect) -> Step:
    log = " (log scale)" if effect.measure in ("RR", "OR", "HR") else ""
    return Step(f"Effect {number(effect.yi, 3)}{log}, standard error {number(effect.se, 3)}.")
