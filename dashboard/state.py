"""Controls, Question and address: how the three stay in step.

The address is the Question. Who does what:

- `assets/place.js` watches the address (first load, links, Back and Forward) and writes it into the
  store ``place``; `dashboard.router` then builds the page for it, controls and content at once.
- A changed control runs the page's callback on the server, with `inputs`. `read` makes the new
  Question, the page renders it, `write` hands back the controls and the store ``question``.
  A control's id names its page: else the callbacks of all pages would run on each.
- `assets/place.js` watches the store ``question``: a changed control adds an entry to the history
  (Back undoes it); a page that was just built only puts the address into its canonical form.

`Question.from_query` and `Question.to_query` are the only reader and writer of the address.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from dash import ALL, Input, Output, State, dcc, no_update

from analysis import vocabulary as words
from analysis.evidence import Evidence
from analysis.question import InvalidQuestion, Question, overlap
from dashboard import own
from dashboard.page import Visit

PLACE = "place"
QUESTION = "question"
_FIELDS = {field.name: field for field in dataclasses.fields(Question)}


def inputs(page: str) -> dict[str, Input | State]:
    """What a page's callback listens to: every control on the page, and the Question so far."""
    controls = {"page": page, "control": ALL}
    return {
        "values": Input(controls, "value"),
        "ids": State(controls, "id"),
        "question": State(QUESTION, "data"),
        "place": State(PLACE, "data"),
        "kept": State(own.STORE, "data"),
    }


def outputs(page: str) -> dict[str, Output]:
    """What a page's callback hands back besides its content; `write` fills it."""
    controls = {"page": page, "control": ALL}
    return {
        "values": Output(controls, "value"),
        "choices": Output(controls, "data"),
        "question": Output(QUESTION, "data"),
    }


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What a callback is told: the Question now asked, and what could not be done as wished."""

    question: Question
    notes: tuple[str, ...]
    visit: Visit
    fields: tuple[str, ...]
    values: tuple[object, ...]
    kept: object = None

    def evidence(self, shipped: Evidence) -> Evidence:
        """The evidence to answer from: with the reader's own studies, where there are any."""
        return own.evidence_for(shipped, self.kept)


def control_id(page: str, field: str) -> dict[str, str]:
    """The id of the control of a page that sets a field of the Question."""
    if field not in _FIELDS:
        raise ValueError(f"control: found {field!r}, allowed: {', '.join(_FIELDS)}")
    return {"page": page, "control": field}


def question_store(question: Question) -> dcc.Store:
    """The page's Question; a page that has controls holds exactly one."""
    return dcc.Store(id=QUESTION, data={"query": question.to_query(), "history": "replace"})


def read(
    values: Sequence[object],
    ids: Sequence[Mapping[str, str]],
    question: Mapping[str, str],
    place: Mapping[str, object] | None,
    kept: object = None,
) -> Change:
    """The Question after a control was changed; takes `inputs` by name."""
    before, _ = Question.from_query(question["query"])
    names = tuple(i["control"] for i in ids)
    wished = {
        name: value
        for name, value in zip(names, values, strict=True)
        if value != control_value(before, name)
    }
    after, notes = ask(before, wished)
    return Change(after, notes, Visit.from_browser(place), names, tuple(values), kept)


def write(change: Change, choices: Callable[[Question, str], list | None]) -> dict[str, object]:
    """Fill `outputs`: only controls that must move are touched, so that focus and lists stay.

    `choices` gives the entries that a control offers for a Question, or None where they never change.
    """
    shown = [control_value(change.question, name) for name in change.fields]
    offered = [choices(change.question, name) for name in change.fields]
    return {
        "values": [
            no_update if now == old else now for now, old in zip(shown, change.values, strict=True)
        ],
        "choices": [no_update if entries is None else entries for entries in offered],
        "question": {"query": change.question.to_query(), "history": "push"},
    }


DEFAULT = "default"
"""What a list of choices shows in place of the empty text, which the address has."""
_MAY_BE_EMPTY = ("model", "counted")


def control_value(question: Question, field: str) -> object:
    """A field of the Question as the control that sets it shows it."""
    if field == "designs":
        return list(question.admits)
    if field == "measure":
        return question.effect_measure
    if field in _MAY_BE_EMPTY:
        return getattr(question, field) or DEFAULT
    value = getattr(question, field)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return list(value)
    if field == "level":
        return str(value)
    return "" if value is None else value


def ask(before: Question, wished: Mapping[str, object]) -> tuple[Question, tuple[str, ...]]:
    """Change a Question as a reader wished; what cannot be is left as it was, and said.

    The effect measure, how events are pooled and how they were counted give way without a word, because which
    ones exist depends on the outcome.

    >>> after, notes = ask(Question(), {"intervention": "SHAM"})
    >>> after.comparator, notes
    ('VP', ('A treatment is not compared with itself: the comparator is now vertebroplasty.',))
    """
    changes = {name: _typed(name, value) for name, value in wished.items()}
    notes = _keep_apart(before, changes)
    if changes.get("designs") == ():
        notes.append("At least one kind of study is needed: the usual ones are used.")
    measure = changes.pop("measure", before.measure)
    model = changes.pop("model", before.model)
    counted = changes.pop("counted", before.counted)
    try:
        after = before.replace(measure="", model="", counted="", **changes)
    except InvalidQuestion as error:
        return before, (f"Nothing was changed. {error}",)
    after = after.replace(counted=counted) if counted in after.kinds() else after
    after = after.replace(measure=measure) if measure in after.measures() else after
    return after.replace(model=model) if model in after.models() else after, tuple(notes)


def _keep_apart(before: Question, changes: dict[str, object]) -> list[str]:
    """Exchange the side that the reader did not touch, if both now hold the same treatment."""
    intervention = str(changes.get("intervention", before.intervention))
    comparator = str(changes.get("comparator", before.comparator))
    if not overlap(intervention, comparator):
        return []
    if "intervention" in changes:
        side, fixed, labels = "comparator", intervention, words.COMPARATORS
        candidates = (before.intervention, *words.CONTROLS, *words.ACTIVE)
    else:
        side, fixed, labels = "intervention", comparator, words.INTERVENTIONS
        swapped = (before.comparator,) if before.comparator in words.ACTIVE else ()
        candidates = (*swapped, *words.ACTIVE, *words.CONTROLS)
    changes[side] = next(c for c in candidates if not overlap(c, fixed))
    return [f"A treatment is not compared with itself: the {side} is now {labels[changes[side]]}."]


def _typed(field: str, value: object) -> object:
    """A control's value as the type of the field; whether it is allowed is the Question's to judge."""
    default = _FIELDS[field].default
    if isinstance(default, bool):
        return value == "yes"
    if isinstance(default, tuple):
        chosen = value if isinstance(value, list | tuple) else [value]
        return tuple(one for one in chosen if one not in ("", None))
    if isinstance(default, float) or field == "mid":
        # an emptied field means the usual value
        return default if value in ("", None) else _number(value)
    return "" if field in _MAY_BE_EMPTY and value == DEFAULT else str(value or "")


def _number(value: object) -> object:
    """A number, or what stands in its place: the Question then names what is allowed."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return value
