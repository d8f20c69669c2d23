"""The reader's file beside the published answer: both results, trial by trial, and which published trial a study is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.effects.scale import printed
from analysis.effects.study_effect import StudyEffect
from analysis.evidence import Evidence
from analysis.evidence.records import studies_by_id
from analysis.figures.words import range_text
from analysis.question import Question
from analysis.wanted.beside import ITS_OWN, Beside, Match
from dashboard.components.graph import table

ANSWER = "trial"
"""The name under which the reader's word on a study is kept among the answers about a file."""
_MOST_ASKED = 40
_MOST_DOUBTS = 3


def match_id(study: str, was: str) -> dict[str, str]:
    """The id of the control that says which trial a study is, with what it holds when it is built."""
    return {"own-match": study, "was": was}


def said_by(given: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What the reader said of each study, the last word of each."""
    pairs = (value.partition("=") for name, value in given if name == ANSWER)
    return {study: trial for study, _, trial in pairs}


def heard(study: str, value: str) -> list[str]:
    """An answer as it is kept."""
    return [ANSWER, f"{study}={value}"]


def label_of(found: Beside) -> str:
    """The button that takes what was matched: what it does, in numbers."""
    own, filled = len(found.review.sound.studies) - len(found.filled), len(found.filled)
    parts = [f"fill {filled} published {'trial' if filled == 1 else 'trials'}"] if filled else []
    parts += [f"include {own} {'study' if own == 1 else 'studies'}"] if own or not filled else []
    text = " and ".join(parts)
    out = found.review.left_out
    rest = f"; leave {out} {'row' if out == 1 else 'rows'} out" if out else ""
    return text[:1].upper() + text[1:] + rest


def beside_parts(found: Beside, evidence: Evidence) -> list[Component]:
    """Nothing where no study of the file is known here and nothing here answers its question."""
    known = any(m.trials for m in found.matches)
    q = found.question
    if q is None or found.ours is None or not (known or found.ours.studies):
        return []
    link = html.A(q.title(), href=f"/compare?{q.to_query()}")
    results = [
        ["Your file", found.theirs.in_short],
        ["Here", found.ours.in_short],
        [_together(found), found.then.in_short],
    ]
    parts = [
        html.P(
            [
                "The same question, answered by the same rules: ",
                link,
                ". If your file is about another one, choose it below.",
            ]
        ),
        table(("From", "Result"), results, "Your file beside the published answer"),
        _trials(found, q),
    ]
    return parts + _matching(found.matches, evidence)


def _together(found: Beside) -> str:
    return "Here, with yours" if found.review.sound.studies else "Here, with nothing of yours"


def _trials(found: Beside, q: Question) -> Component:
    dash = "\N{EN DASH}"
    rows = [
        [line.name or dash, line.label or dash, _effect(q, line.theirs), _effect(q, line.ours), line.why]
        for line in found.lines
    ]  # fmt: skip
    caption = "Trial by trial: what explains the difference"
    return table(
        ("In your file", "Published trial", "Effect there", "Effect here", "Difference"),
        rows,
        caption,
    )


def _effect(q: Question, effect: StudyEffect | None) -> str:
    if effect is None:
        return "\N{EN DASH}"
    return f"{printed(q, effect.yi)} ({range_text(q, *effect.interval(0.95))})"


def _matching(matches: Sequence[Match], evidence: Evidence) -> list[Component]:
    """Which trial each study is, where any could be one: a proposal to confirm, or a question."""
    asked = [m for m in matches if m.trials]
    if not asked:
        return []
    asked.sort(key=lambda m: bool(m.chosen))
    labels = studies_by_id(evidence)
    open_ = sum(not m.chosen for m in asked)
    words = (
        "Matched by name and year; identical numbers settle a doubt. Check each before you include anything: "
        "figures of a trial that lacks them here join that trial, marked as yours; a trial that has them is not "
        "taken twice."
    )
    if open_:
        words += (
            f" For {open_} {'study' if open_ == 1 else 'studies'} a doubt is left: choose, or "
            f"{'it stays' if open_ == 1 else 'they stay'} out."
        )
    return [
        html.H4("Which published trial is it?"),
        html.P(words),
        html.Div([_control(m, labels) for m in asked[:_MOST_ASKED]], className="own-settings"),
    ]


def _basis(m: Match, labels: Mapping[str, Mapping[str, object]]) -> str | None:
    """What the proposal rests on, or what keeps it from being one."""
    if m.chosen:
        return f"proposed by {m.basis}" if m.chosen == m.proposed else None
    return "; ".join(f"{labels[t]['label']}: {m.doubts[t]}" for t in m.trials[:_MOST_DOUBTS])


def _control(m: Match, labels: Mapping[str, Mapping[str, object]]) -> Component:
    data = [{"value": trial, "label": str(labels[trial]["label"])} for trial in m.trials]
    data.append({"value": ITS_OWN, "label": "none of them: a study of its own"})
    return dmc.Select(
        id=match_id(m.study, m.chosen),
        label=m.name,
        description=_basis(m, labels),
        placeholder="Choose",
        data=data,
        value=m.chosen or None,
        allowDeselect=False,
        comboboxProps={"withinPortal": True},
    )
