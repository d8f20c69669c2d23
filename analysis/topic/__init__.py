"""What the evidence is about: the one room that knows a disease, a treatment or an outcome by name.

A topic is written in `topic.toml` of a data folder (`analysis.topic.read` says how it is read) and is one value,
`Topic`. One topic at a time is in force in a process: the one of the evidence that was loaded last, and the one
that comes with the project until then. A `Question` is checked against it, and `Evidence` carries the one that it
was loaded with.

>>> topic().name
'Vertebral augmentation'
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from analysis.root import ROOT
from analysis.topic.model import Outcome, Topic, Window
from analysis.topic.part import Found, TopicError
from analysis.topic.read import FILE, topic_of

SHIPPED = ROOT / "data"
"""The evidence that comes with the project."""

__all__ = [
    "FILE",
    "SHIPPED",
    "Outcome",
    "Topic",
    "TopicError",
    "Window",
    "load_topic",
    "topic",
    "use",
]

_in_force: Topic | None = None


def topic() -> Topic:
    """The topic in force."""
    return _in_force if _in_force is not None else use(load_topic(SHIPPED))


def use(chosen: Topic) -> Topic:
    """Put a topic in force for this process; from here on Questions are read as questions of this topic."""
    global _in_force
    _in_force = chosen
    return chosen


def load_topic(folder: Path) -> Topic:
    """The topic of a data folder; a folder without a `topic.toml` is about the topic in force.

    The same text gives the same object, so that a folder loaded twice has one topic.

    Raises
    ------
    TopicError
        When the file cannot be read, or a piece is missing, unknown or not allowed: all of them are named.
    """
    file = folder / FILE
    if not file.is_file() and folder != SHIPPED:
        return topic()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TopicError(
            file, [Found("the file", error.strerror or str(error), "a file")]
        ) from None
    try:
        return _loaded(content)
    except TopicError as error:
        raise TopicError(file, error.faults) from None


@lru_cache(maxsize=8)
def _loaded(content: bytes) -> Topic:
    return topic_of(Path(FILE), content)
