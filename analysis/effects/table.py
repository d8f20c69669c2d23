"""From a Question to one effect per trial, each with its trail, and every row that stayed out with its reason."""

from __future__ import annotations

import math
from collections import defaultdict
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
from analysis.evidence.load import Evidence
from analysis.evidence.names import name_of
from analysis.evidence.offers import Offer
from analysis.evidence.rows import controls_shared, outcome_rows
from analysis.evidence.rules import Row, imaging, known, read_in_abstract
from analysis.evidence.select import LeftOut, select
from analysis.question import Question, members

Lender = Callable[[str], Borrowed | None]
Derive = Callable[..., StudyEffect]
"""Of an offer (and, optionally, among how many studies each of its groups is divided) the effect."""


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


def effects_of(question: Question, evidence: Evidence) -> Effects:
    """Select rows, derive one effect per trial from its best derivable offer, and account for the rest."""
    selection = select(question, evidence)
    derive = deriver(question, evidence)
    left_out, used = list(selection.left_out), set()
    found: list[tuple[StudyEffect, Offer]] = []
    failed: dict[str, str] = {}
    for offers in selection.offers.values():
        first = first_derivable(offers, derive, failed)
        if first is not None:
            found.append(first)
            used.update(first[0].row_ids)
    for trial, offers in selection.offers.items():
        for row in {row["row_id"]: row for offer in offers for row in offer.rows}.values():
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


_FAR = "beyond what chance and the spread of the other studies explain"


def deriver(question: Question, evidence: Evidence) -> Derive:
    """What turns an offer into an effect for this Question: the rows of its trial and the lender at hand."""
    table = outcome_rows(evidence, question.spec.source)
    lending = [r for r in table if question.abstract or not read_in_abstract(r)]
    designs = words.DESIGNS if question.one_group else words.COMPARATIVE
    lender = cache(lambda kind: borrow_from(lending, question.spec, kind, designs))
    of_trial: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        of_trial[row["trial"]].append(row)

    def derive(offer: Offer, shares: tuple[int, int] = (1, 1)) -> StudyEffect:
        return _derive(offer, question, of_trial[offer.trial], lender, shares)

    return derive


def first_derivable(
    offers: Sequence[Offer], derive: Derive, failed: dict[str, str]
) -> tuple[StudyEffect, Offer] | None:
    """The effect of the first offer from which one follows; why others fail is noted in `failed`, by row."""
    for offer in offers:
        try:
            return derive(offer), offer
        except NotDerivable as error:
            failed |= {row["row_id"]: str(error) for row in offer.rows}
    return None


def settled(
    found: Collection[tuple[StudyEffect, Offer]],
    derive: Derive,
    question: Question,
    evidence: Evidence,
) -> list[StudyEffect]:
    """The trials' effects by year, then label; controls that reports are declared to share are divided."""
    offers = {study.trial: offer for study, offer in found}
    studies = sorted(
        (study for study, _ in found),
        key=lambda s: (s.year if known(s.year) else math.inf, s.label, s.trial),
    )
    sharing = controls_shared(evidence)
    for at, study in enumerate(studies):
        share = 1 + sum(other in sharing.get(study.trial, ()) for other in offers)
        if share > 1:
            shares = tuple(
                share if set(members(side)) <= set(words.CONTROLS) and members(side) else 1
                for side in (question.intervention, question.comparator)
            )
            studies[at] = derive(offers[study.trial], shares)
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
    offer: Offer,
    question: Question,
    same_trial: list[Row],
    lender: Lender,
    shares: tuple[int, int] = (1, 1),
) -> StudyEffect:
    """The effect of one offer; `shares` says among how many studies each of its groups is divided."""
    base = _identity(offer, question)
    if offer.contrast is not None:
        yi, vi, flags, steps, printed = from_contrast(offer, question, same_trial)
        if max(shares) > 1:
            flags.append("shared_whole")
        sizes = (offer.contrast["n_t"], offer.contrast["n_c"])
        n_t, n_c = reversed(sizes) if offer.flipped else sizes
        effect = replace(base, yi=yi, vi=vi, n_t=n_t, n_c=n_c, printed=printed)
    elif question.spec.kind == "score":
        effect, flags, steps = _scores(base, offer, question, same_trial, lender, shares)
    elif question.one_group:
        yi, vi, flags, steps, (x, n) = from_arms.proportion(offer, question, shares[0])
        effect = replace(
            base, yi=yi, vi=vi, n_t=n, text_t=f"{plain(x)}/{plain(n)}",
            inputs=(("xi", x), ("ni", n)),
        )  # fmt: skip
    else:
        yi, vi, flags, steps, (x1, n1, x2, n2) = from_arms.ratio_or_difference(
            offer, question, shares
        )
        effect = replace(
            base, yi=yi, vi=vi, n_t=n1, n_c=n2,
            text_t=f"{plain(x1)}/{plain(n1)}", text_c=f"{plain(x2)}/{plain(n2)}",
            inputs=(("ai", x1), ("n1i", n1), ("ci", x2), ("n2i", n2)),
        )  # fmt: skip
    if offer.contrast is None and not question.one_group:
        effect, more_flags, more_steps = held_against_p(effect, offer, question, same_trial)
        flags, steps = [*flags, *more_flags], [*steps, *more_steps]
    if not (abs(effect.yi) <= _LARGEST and 1 / _LARGEST <= effect.vi <= _LARGEST):
        raise NotDerivable("the reported figures leave no finite variance")
    return replace(effect, flags=_flags(flags, offer), steps=(*steps, _result(effect)))


def _scores(
    base: StudyEffect,
    offer: Offer,
    question: Question,
    same_trial: list[Row],
    lender: Lender,
    shares: tuple[int, int],
) -> tuple[StudyEffect, list[str], list[Step]]:
    if question.one_group:
        yi, vi, group = from_arms.change_in_one_group(
            offer, question, same_trial, lender("change"), shares[0]
        )
        effect = replace(
            base, yi=yi, vi=vi, n_t=group.n, text_t=_mean_sd(group),
            inputs=(("mi", group.mean), ("sdi", group.sd), ("ni", group.n)),
        )  # fmt: skip
        return effect, list(group.flags), list(group.steps)
    kind = "change" if offer.form == "change" else "mean"
    yi, vi, t, c = from_arms.mean_difference(offer, question, same_trial, lender(kind), shares)
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


def _identity(offer: Offer, question: Question) -> StudyEffect:
    """Everything about a study that does not depend on its numbers; the trial's main report names it."""
    row = offer.rows[0]
    main = row["main"]
    return StudyEffect(
        trial=offer.trial, study_id=offer.study_id, label=_label(row, main),
        year=main["year"], design=main["design"], etiology=main["etiology"],
        blinded=main["participants_blinded"] == "yes",
        blinding=main["participants_blinded"], funding=main["funding"],
        imaging=imaging(row) if "imaging" in row else "", judged=row["judged"],
        measure=question.effect_measure, form=offer.form, timepoint=row["timepoint"],
        weeks=offer.weeks, yi=math.nan, vi=math.nan, n_t=math.nan, n_c=math.nan,
        row_ids=tuple(dict.fromkeys(r["row_id"] for r in offer.rows)),
    )  # fmt: skip


def _label(row: Row, main: Row) -> str:
    """The trial's name; where a reader brought the figures of a published one, it says so."""
    theirs = own.is_own(row["study_id"]) and not own.is_own(main["study_id"])
    return f"{name_of(main)} {own.YOUR_FIGURES}" if theirs else name_of(main)


def _flags(flags: list[str], offer: Offer) -> tuple[str, ...]:
    first = offer.rows[0]
    if own.is_own(first["study_id"]):
        flags.insert(0, "hypothetical" if own.is_hypothetical(first["study_id"]) else "own")
    if first["trial"] != first["study_id"]:
        flags.append("companion")
    if any(row["source_kind"] == "secondary_review" for row in offer.rows if "source_kind" in row):
        flags.append("secondary")
    return tuple(dict.fromkeys(flags))


def _result(effect: StudyEffect) -> Step:
    log = " (log scale)" if effect.measure in ("RR", "OR", "HR") else ""
    return Step(f"Effect {number(effect.yi, 3)}{log}, standard error {number(effect.se, 3)}.")
