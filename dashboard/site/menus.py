"""Which address each choice of a control leads to: the same steps that a page's callback takes on a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dash.development.base_component import Component

from analysis.question import Question
from dashboard import state


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a control: its words, the address that it leads to, whether it is the one on screen."""

    label: str
    address: str
    current: bool


def choices(control: Component, path: str, query: str) -> Iterator[Choice]:
    """What a control of the page at `path`, which shows `query`, offers; nothing for one that needs a server."""
    name = getattr(control, "id", None)
    if not isinstance(name, dict):
        return
    if "control" in name:
        yield from _of_question(control, name["control"], path, query)
    elif "patient" in name:
        yield from _of_patient(control, name["patient"], path, query)
    elif "year" in name:
        shown = dict(pair.split("=") for pair in query.split("&") if "=" in pair)
        rest = f"&time={shown['time']}" if "time" in shown else ""
        yield Choice(
            "", f"{path}?year={name['year']}{rest}", shown.get("year") == str(name["year"])
        )


def _entries(control: Component) -> Iterator[tuple[str, str]]:
    for entry in getattr(control, "data", None) or []:
        yield entry["value"], entry["label"]


def _of_question(control: Component, field: str, path: str, query: str) -> Iterator[Choice]:
    before, _ = Question.from_query(query)
    for value, label in _entries(control):
        after, _ = state.ask(before, {field: value})
        yield Choice(label, f"{path}?{after.to_query()}", value == control.value)


def _of_patient(control: Component, field: str, path: str, query: str) -> Iterator[Choice]:
    from dashboard.pages import patient as page  # a page of one topic: others do not have it

    before, show, _ = page.read(query)
    for value, label in _entries(control):
        if field == "show":
            after, shown = before, value
        else:
            wished = {name: getattr(before, name) for name in page.VALUES} | {field: value}
            after, shown = page.asked(before, wished, field)[0], show
        address = page.address(after, shown)
        yield Choice(label, f"{path}?{address}" if address else path, value == control.value)
