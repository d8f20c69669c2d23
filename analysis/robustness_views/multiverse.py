"""How would the answer change if we had chosen otherwise? Every defensible analysis of the Question, at once."""

from __future__ import annotations

from typing import Any

from analysis import vocabulary as words
from analysis.answer import Answer, answer
from analysis.effects.scale import in_percent, printed
from analysis.effects.study_effect import number
from analysis.evidence import Evidence
from analysis.figures.choice_words import choice_name, group_words, level_words
from analysis.figures.spec_curve import MOST_MARKS, scale_question, spec_curve
from analysis.question import Question
from analysis.robustness.multiverse import Multiverse, Summary, multiverse, summarise
from analysis.robustness.multiverse.summary import Movement, Shares
from analysis.robustness_views.reading import (
    claimed,
    listed,
    marks,
    nothing,
    plain_facts,
    plain_figure,
    share_text,
    size_text,
)
from analysis.robustness_views.view import Panel, Progress, View, quiet

KEY = "multiverse"

FEW_STUDIES = 5
"""Up to so many studies at most, all analyses turn over the same handful of results."""

_NO_MOVE = 1e-9  # what rounding moves


def view(
    question: Question, evidence: Evidence, *, narrow: bool = False, progress: Progress = quiet
) -> View:
    """The multiverse of a Question: where its results fall, and which choice moves them."""
    progress(0, 3, "finding every analysis that could be defended")
    found = multiverse(question, evidence)
    asked = answer(question, evidence)
    if not found.k.any():
        return _empty(asked, found)
    progress(1, 3, "summing up")
    q = scale_question(question)
    said = summarise(found, mid=asked.mid.value if asked.mid else None, mark=claimed(q))
    progress(2, 3, "drawing")
    figure = spec_curve(asked, found, mark=next(iter(marks(q)), None), narrow=narrow)
    finding = _finding(asked, found, said)
    panels = (
        Panel(
            "specification-curve",
            finding,
            plain_figure(figure),
            _caption(asked, found, said, narrow),
            *_by_level(asked, found, said),
        ),
        Panel(
            "choices",
            "Which choice moves the answer",
            None,
            "Each row changes one choice and keeps the others fixed, for every combination of the others. The "
            "conclusion changes where the interval excludes no effect for some options and not for others.",
            *_by_choice(found, said),
        ),
    )
    progress(3, 3, "done")
    return View(
        KEY,
        finding,
        tuple(_sentences(asked, found, said)),
        tuple(_cautions(found, said)),
        panels,
        _facts(found, said),
    )


def _empty(asked: Answer, found: Multiverse) -> View:
    bare = nothing(KEY, asked)
    sentence = f"{found.run:,} analyses were tried; none of them has a study."
    facts = {"k": 0, "run": found.run, "rows": len(found), "distinct": 0, "none": len(found)}
    return View(KEY, bare.finding, (sentence,), facts=facts)


# --- sentences -----------------------------------------------------------------------------------
def _finding(asked: Answer, found: Multiverse, said: Summary) -> str:
    q = scale_question(found.question)
    results = "one result" if found.distinct == 1 else f"{found.distinct:,} different results"
    opening = f"{found.run:,} analyses give {results}{_span(q, said)}"
    if said.most_studies == 1:
        opening += ", each from one study alone"
    shares = said.shares
    if shares.better is not None:
        return f"{opening}. {_sides(found.question, shares)}{_reached(asked, shares)}"
    if shares.above_mark is None:
        return f"{opening}."
    return (
        f"{opening}. The estimate exceeds {_claim(q)} {_in(shares.above_mark)}; the whole interval lies "
        f"above it {_in(shares.wholly_above_mark)}, below it {_in(shares.wholly_below_mark)}."
    )


def _span(q: Question, said: Summary) -> str:
    """From the lowest estimate to the highest; with the median where no side says where most of them lie."""
    assert said.lowest is not None
    assert said.highest is not None
    assert said.median is not None
    low, high = _number(q, said.lowest), _number(q, said.highest, unit=True)
    what = f"{words.MEASURES[q.effect_measure]} " if q.effect_measure in words.RATIOS else ""
    if _number(q, said.highest) == low:
        return f", {what}{high}"
    middle = f" (median {_number(q, said.median)})" if q.one_group else ""
    return f", {what}{low} to {high}{middle}"


def _sides(q: Question, shares: Shares) -> str:
    """Which side the estimates take, the more frequent first; then whole intervals."""
    sides = sorted(
        (
            (shares.better or 0.0, shares.wholly_better, words.SPOKEN[q.intervention]),
            (shares.worse or 0.0, shares.wholly_worse, words.SPOKEN[q.comparator]),
        ),
        key=lambda side: side[0],
        reverse=True,
    )
    (first, wholly_first, name), (second, wholly_second, other) = sides
    text = f"The estimate favours {name} {_in(first)}"
    if second:
        text += f" and {other} {_in(second)}"
    if not wholly_first and not wholly_second:
        return f"{text}; no interval excludes no effect."
    text += f"; the whole interval favours {name} {_in(wholly_first)}"
    return f"{text}{f', {other} {_in(wholly_second)}' if second else ''}."


def _reached(asked: Answer, shares: Shares) -> str:
    if shares.important is None or asked.mid is None:
        return ""
    q = asked.question
    text = f"{number(asked.mid.value, 2).rstrip('0').rstrip('.')} {q.spec.unit}"
    harm = f"; harm reaches it {_in(shares.harmful)}" if shares.harmful else ""
    if not shares.important:
        return f" The benefit never reaches the important difference of {text}{harm}."
    return (
        f" The benefit reaches the important difference of {text} {_in(shares.important)}, with the whole "
        f"interval {_in(shares.wholly_important)}{harm}."
    )


def _sentences(asked: Answer, found: Multiverse, said: Summary) -> list[str]:
    with_study = said.rows - said.none
    sentences = ["The analysis as asked has no study."] if asked.pooled is None else []
    sentences.append(
        f"Choices that change nothing here were counted once: that leaves {said.rows:,} analyses, each of the "
        f"same weight. {_held(said)} Shares are of the {with_study:,} with a study."
    )
    sentences += [s for s in (_even(found.question, said), *_moving(found, said)) if s]
    if found.settled:
        names = [_lower(choice_name(choice.field)) for choice in found.settled]
        sentences.append(f"Without any consequence here: {listed(names)}.")
    if found.impossible:
        names = [
            f"{_lower(choice_name(field))} ({level_words(found.question, field, level)})"
            for field, level in found.impossible
        ]
        sentences.append(f"Set aside, because no study is left with it: {listed(names)}.")
    return sentences


def _held(said: Summary) -> str:
    """How many analyses hold no study, and one."""
    if not said.none and not said.single:
        return "All of them pool two studies or more."
    none = f"{said.none:,} of them have no study" if said.none else "Each has a study"
    return f"{none}, {said.single:,} a single one."


def _even(q: Question, said: Summary) -> str:
    """The shares when each different result counts once, however many choices lead to it."""
    shares = said.even
    if shares.better is not None:
        return f"If each different result counts once: {_lower(_sides(q, shares))}"
    if shares.above_mark is None:
        return ""
    return (
        f"If each different result counts once: the estimate exceeds the claimed share {_in(shares.above_mark)}, "
        f"the whole interval {_in(shares.wholly_above_mark)}."
    )


def _moving(found: Multiverse, said: Summary) -> list[str]:
    """Which choice moves the estimate most, and which turns the interval most often."""
    q = scale_question(found.question)
    sentences = []
    moving = [m for m in said.movements if m.typical is not None and m.typical > _NO_MOVE]
    if moving:
        how, most = _size(q, moving[0].typical), _size(q, moving[0].greatest)
        how += f" on average, {most} at most" if most != how else ""
        sentences.append(
            f"The choice that moves the estimate most is {_lower(choice_name(moving[0].field))}. Changed alone, it "
            f"moves the estimate by {how}."
        )
    turning = max(said.movements, key=lambda m: m.turning or 0.0, default=None)
    if turning is not None and turning.turning:
        against = "no effect" if not q.one_group else _claim(q)
        sentences.append(
            f"The choice that most often changes what the interval says about {against} is "
            f"{_lower(choice_name(turning.field))}: {_in(turning.turning)} of the combinations of the other choices."
        )
    return sentences


def _cautions(found: Multiverse, said: Summary) -> list[str]:
    cautions = [
        "The analyses share their studies: a share of analyses is not a probability, and agreement among them "
        "is no independent proof."
    ]
    if said.most_studies == 1:
        cautions.append("No analysis has more than one study: nothing was pooled.")
    elif said.most_studies <= FEW_STUDIES:
        cautions.append(
            f"At most {said.most_studies} studies can be used: all analyses rest on the same few results."
        )
    crossed = [choice.field for choice in (*found.choices, *found.settled)]
    if "time" in crossed:
        cautions.append("Neighbouring times ask a slightly different question.")
    return cautions


def _caption(asked: Answer, found: Multiverse, said: Summary, narrow: bool) -> str:
    q = scale_question(found.question)
    name = words.INTERVENTIONS[found.question.intervention]
    text = (
        f"{found.question.title()}. Each mark is an analysis, in the order of its estimate, with its interval; "
        "open marks rest on one study. "
    )
    if not q.one_group:
        text += "Coloured marks: the interval excludes no effect. "
        text += "Grey band: less than the important difference. " if asked.mid else ""
    if asked.pooled is not None:
        text += "The diamond is the analysis as asked. "
    text += (
        f"Below, the choices behind each; ▸ and the colour of {name} mark those of the question."
    )
    if said.rows - said.none > MOST_MARKS[narrow]:
        text += (
            " Not every analysis has a mark of its own: those drawn are equally spaced, with the extremes; "
            "the stronger the colour of a square, the more of the analyses there took that level."
        )
    return text


# --- tables --------------------------------------------------------------------------------------
def _by_level(
    asked: Answer, found: Multiverse, said: Summary
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """For each level of each choice: how many analyses, with a study, the median, and the shares."""
    q = scale_question(found.question)
    columns = ["Choice", "Analyses", "With a study", f"Median ({_unit(q)})"]
    if not q.one_group:
        columns.append(f"Favour {words.SHORT[q.intervention]}")
        columns += ["Reach the important difference"] if asked.mid else []
    elif claimed(q) is not None:
        columns.append("Above the claimed share")
    moved = {m.field: m for m in said.movements}
    rows = []
    for choice in found.choices:
        for at, group in enumerate(moved[choice.field].groups):
            cells = [
                f"{choice_name(choice.field)}: {group_words(found.question, choice, at)}",
                f"{group.rows:,}", f"{group.with_study:,}",
                "–" if group.median is None else _number(q, group.median),
            ]  # fmt: skip
            shares = [group.better, group.important] if not q.one_group else [group.above_mark]
            cells += [_percent(share) for share in shares[: len(columns) - 4]]
            rows.append(tuple(cells))
    for choice in found.settled:
        names = group_words(found.question, choice, 0)
        same = (f"{choice_name(choice.field)}: {names} (no difference)", f"{said.rows:,}")
        rows.append((*same, f"{said.rows - said.none:,}", *["–"] * (len(columns) - 3)))
    return tuple(columns), tuple(rows)


def _by_choice(
    found: Multiverse, said: Summary
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    q = scale_question(found.question)
    columns = (
        "Choice", "Moves the estimate by, on average", "At most", "Turns the interval in",
        "Leaves no study in", "Share of the variance",
    )  # fmt: skip

    def cells(m: Movement) -> tuple[str, ...]:
        return (
            choice_name(m.field),
            "–" if m.typical is None else _size(q, m.typical),
            "–" if m.greatest is None else _size(q, m.greatest),
            _percent(m.turning), _percent(m.emptying), _percent(m.variance_share),
        )  # fmt: skip

    settled = [
        (choice_name(c.field), "no difference", *["–"] * (len(columns) - 2)) for c in found.settled
    ]
    return columns, (*(cells(m) for m in said.movements), *settled)


def _facts(found: Multiverse, said: Summary) -> dict[str, Any]:
    q = found.question

    def level(field: str, value: Any) -> str:
        return level_words(q, field, value)

    def shares(of: Shares) -> dict[str, float | None]:
        return {name: getattr(of, name) for name in Shares.__dataclass_fields__}

    return plain_facts(
        {
            "run": found.run, "rows": said.rows, "distinct": found.distinct, "none": said.none,
            "single": said.single, "most_studies": said.most_studies,
            "lowest": said.lowest, "lower_quartile": said.lower_quartile, "median": said.median,
            "upper_quartile": said.upper_quartile, "highest": said.highest,
            "shares": shares(said.shares), "shares_of_distinct": shares(said.even),
            "choices": [
                {
                    "choice": m.field, "typical": m.typical, "greatest": m.greatest,
                    "turning": m.turning, "emptying": m.emptying,
                    "variance_share": m.variance_share,
                }
                for m in said.movements
            ],
            "without_consequence": [c.field for c in found.settled],
            "impossible": [[field, level(field, value)] for field, value in found.impossible],
        }
    )  # fmt: skip


# --- numbers in words ----------------------------------------------------------------------------
def _in(share: float | None) -> str:
    """A share as words: in all, in none, in 32%."""
    assert share is not None
    return f"in {share_text(share)}"


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    return {0.0: "0%", 1.0: "100%"}.get(share) or share_text(share)


def _number(q: Question, value: float, unit: bool = False) -> str:
    text = printed(q, value, unit)
    if unit and not in_percent(q) and q.spec.kind == "score":
        return f"{text} {q.spec.unit}"
    return text


def _unit(q: Question) -> str:
    if in_percent(q):
        return "%"
    return q.spec.unit if q.spec.kind == "score" else words.MEASURES[q.effect_measure]


def _size(q: Question, difference: float | None) -> str:
    assert difference is not None
    if in_percent(q):
        return f"{100 * difference:.1f} percentage points"
    return size_text(q, difference)


def _claim(q: Question) -> str:
    share = claimed(q)
    assert share is not None
    return f"the claimed {100 * share:.0f}%"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
