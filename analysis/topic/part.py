"""One table of a `topic.toml`: values are taken by key and checked, and every fault is kept until all are known."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from analysis.errors import FileError

T = TypeVar("T")
NEEDED = object()
"""What a key must have that no usual value stands in for."""


class Found(NamedTuple):
    """One fault of the file: table and key, what stands there, what may."""

    where: str
    found: str
    allowed: str


class TopicError(FileError):
    """A `topic.toml` that cannot be used, with every fault that it has."""

    def __init__(self, file: Path, faults: Iterable[Found]) -> None:
        self.file, self.faults = file, tuple(faults)
        super().__init__(
            "\n".join(
                f"{file}, {f.where}: found {f.found}, allowed: {f.allowed}" for f in self.faults
            )
        )


class Part:
    """One table of the file: values are taken by key, faults are collected, what nobody took is one."""

    def __init__(self, name: str, values: object, faults: list[Found]) -> None:
        self.name, self.faults = name, faults
        self.values = dict(values) if isinstance(values, Mapping) else {}
        if not isinstance(values, Mapping):
            faults.append(Found(name, repr(values), "a table"))
        self.taken: list[str] = []

    def fault(self, key: str, found: str, allowed: str) -> None:
        where = f"{self.name}, key {key}" if self.name else f"key {key}"
        self.faults.append(Found(where, found, allowed))

    def take(
        self, key: str, read: Callable[[object], T | None], allowed: str, usual: object = NEEDED
    ) -> T:
        """The value of a key as `read` makes it (None: not allowed); `usual` where the key may be left out."""
        self.taken.append(key)
        if key not in self.values:
            if usual is NEEDED:
                self.fault(key, "nothing", allowed)
                return None  # type: ignore[return-value]  # the fault keeps the topic from being made
            return usual  # type: ignore[return-value]
        made = read(self.values[key])
        if made is None:
            self.fault(key, repr(self.values[key]), allowed)
        return made  # type: ignore[return-value]

    def text(self, key: str, usual: object = NEEDED) -> str:
        return self.take(key, _text, "a text that is not empty", usual)

    def flag(self, key: str, usual: object = NEEDED) -> bool:
        return self.take(key, lambda v: v if isinstance(v, bool) else None, "true or false", usual)

    def whole(self, key: str, low: int, high: int, usual: object = NEEDED) -> int:
        def read(v: object) -> int | None:
            return (
                v if isinstance(v, int) and not isinstance(v, bool) and low <= v <= high else None
            )

        return self.take(key, read, f"a whole number from {low} to {high}", usual)

    def number(self, key: str, usual: object = NEEDED) -> float:
        return self.take(key, _number, "a number", usual)

    def choice(self, key: str, allowed: Iterable[str], usual: object = NEEDED) -> str:
        listed = list(allowed)
        return self.take(key, lambda v: v if v in listed else None, ", ".join(listed), usual)

    def texts(
        self, key: str, allowed: Iterable[str] | None = None, usual: object = NEEDED
    ) -> tuple[str, ...]:
        listed = None if allowed is None else list(allowed)

        def read(v: object) -> tuple[str, ...] | None:
            good = isinstance(v, list) and all(isinstance(x, str) for x in v)
            return tuple(v) if good and (listed is None or set(v) <= set(listed)) else None

        words = "a list of texts" if listed is None else f"a list of {', '.join(map(repr, listed))}"
        return self.take(key, read, words, usual)

    def range(self, key: str, usual: object = NEEDED) -> tuple[float, float] | None:
        return self.take(key, _range, "two numbers, the lower first", usual)

    def parts(self, key: str, needed: bool = True) -> dict[str, Part]:
        """The tables below a key, by name."""
        found = self.take(
            key,
            lambda v: v if isinstance(v, Mapping) and (v or not needed) else None,
            f"one table [{key}.NAME] or more",
            NEEDED if needed else {},
        )
        return {name: Part(f"[{key}.{name}]", v, self.faults) for name, v in (found or {}).items()}

    def done(self) -> None:
        for key in self.values:
            if key not in self.taken:
                self.fault(key, "a key that is not known", ", ".join(self.taken))


# --- values ---------------------------------------------------------------------------------------
def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _number(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and not math.isnan(value) else None


def _range(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    low, high = map(_number, value)
    return (low, high) if low is not None and high is not None and low < high else None


def colour(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", value) else None


def years(value: object) -> tuple[int, ...] | None:
    good = isinstance(value, list) and all(isinstance(v, int) and 1600 <= v <= 2100 for v in value)
    return tuple(value) if good else None  # type: ignore[arg-type]


def settings(value: object) -> dict[str, str] | None:
    good = isinstance(value, Mapping) and all(_text(v) for v in value.values())
    return dict(value) if good else None  # type: ignore[arg-type]
