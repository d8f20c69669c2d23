"""The Question: the one value that travels through the house.

It is the page's URL, the command line's arguments, the cache's key, the name of an exported file and
the footer of every figure. `to_query` and `from_query` are inverse to each other; a query that cannot
be understood falls back to the default, field by field, and says what it did.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from analysis import vocabulary as words
from analysis.errors import InputError
from analysis.topic import Topic, TopicError, topic
from analysis.topic.part import Found

VERSION = "1"
_LONGEST_SLUG = 120
_STUDY_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


class InvalidQuestion(InputError):
    """A field of a Question holds something that is not allowed; the message says what is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the evidence, and how it is to be pooled.

    Allowed values are those of the topic in force (`analysis.topic`), and so are the outcome, treatments and time
    that a Question has where none are given.

    Parameters
    ----------
    outcome : key of `vocabulary.OUTCOMES`.
    intervention, comparator : keys of `INTERVENTIONS` and `COMPARATORS`. Comparator ``NONE`` asks about
        one group: a change within it (score) or a proportion of it (event), which is not an effect.
    time : key of `WINDOWS`.
    etiology, fracture_age : the population, keys of `ETIOLOGIES` and `FRACTURE_AGES`.
    designs : designs that may enter, keys of `DESIGNS`; empty for the default (`admits`).
    unit : what counts count (events only), key of `UNITS`.
    counted : how an event that images show was counted in one group, key of `KINDS`; "" for the usual kind of the
        topic (`kind`). Counts of different kinds are never pooled together.
    measure : effect measure; empty for the outcome's default.
    model : how counts of events are pooled, key of `MODELS`; empty for the default.
    tau2, ci, level : estimator of the heterogeneity variance, interval method, confidence level.
    r : correlation assumed between scores before and after (within one group).
    mid : minimal important difference in the outcome's unit; None for the documented default.
    borrow : studies whose standard deviation must be borrowed may enter (flagged).
    inferred : rows whose sign, range or counting unit was inferred may enter (flagged).
    industry : studies funded by industry may enter.
    without : trials that the reader leaves out, by their study_id.
    abstract : results read only in an abstract may enter.
    report : which report of a trial answers, key of `REPORTS`.
    outliers : studies that lie far from all others may enter (the rule: `effects.outliers`).

    Raises
    ------
    InvalidQuestion
        When a field holds a value outside its vocabulary or range.

    Examples
    --------
    >>> q = Question(comparator="NSM", intervention="BKP")
    >>> q.to_query()
    'v=1&intervention=BKP&comparator=NSM'
    >>> Question.from_query(q.to_query())[0] == q
    True
    """

    outcome: str = field(default_factory=lambda: topic().default["outcome"])
    intervention: str = field(default_factory=lambda: topic().default["intervention"])
    comparator: str = field(default_factory=lambda: topic().default["comparator"])
    time: str = field(default_factory=lambda: topic().default["time"])
    etiology: str = "any"
    fracture_age: str = "any"
    designs: tuple[str, ...] = ()
    unit: str = "patients"
    counted: str = ""
    measure: str = ""
    tau2: str = "REML"
    ci: str = "hksj-adhoc"
    model: str = ""
    level: float = 0.95
    r: float = 0.5
    mid: float | None = None
    borrow: bool = True
    inferred: bool = True
    industry: bool = True
    without: tuple[str, ...] = ()
    abstract: bool = True
    report: str = "best"
    outliers: bool = True

    def __post_init__(self) -> None:
        for name, vocabulary in _CHOICES.items():
            value, allowed = getattr(self, name), getattr(words, vocabulary)
            if not isinstance(value, str) or value not in allowed:
                raise InvalidQuestion(f"{name}: found {value!r}, allowed: {', '.join(allowed)}")
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise InvalidQuestion(
                    f"{name}: found {getattr(self, name)!r}, allowed: True, False"
                )
        for name in _LISTS:
            values = getattr(self, name)
            listed = isinstance(values, tuple | list | set | frozenset)
            if not (listed and all(isinstance(v, str) for v in values)):
                raise InvalidQuestion(f"{name}: found {values!r}, allowed: a tuple of names")
        unknown = [d for d in self.designs if d not in words.DESIGNS]
        if unknown:
            raise InvalidQuestion(
                f"designs: found {unknown[0]!r}, allowed: {', '.join(words.DESIGNS)}"
            )
        designs = tuple(d for d in words.DESIGNS if d in self.designs) if self.designs else ()
        usual = not designs or designs == self._usual_designs()
        object.__setattr__(self, "designs", () if usual else designs)
        if self.measure != "" and self.measure not in self.measures():
            raise InvalidQuestion(
                f"measure: found {self.measure!r}, allowed here: {', '.join(self.measures())}"
            )
        if self.model != "" and self.model not in self.models():
            allowed = ", ".join(model or "nothing" for model in self.models())
            raise InvalidQuestion(f"model: found {self.model!r}, allowed here: {allowed}")
        if self.counted == self.usual_kind:
            object.__setattr__(self, "counted", "")
        if self.counted != "" and self.counted not in self.kinds():
            allowed = ", ".join(kind or "nothing" for kind in self.kinds())
            raise InvalidQuestion(f"counted: found {self.counted!r}, allowed here: {allowed}")
        if overlap(self.intervention, self.comparator):
            raise InvalidQuestion(
                f"comparator: found {self.comparator!r}, which is the intervention or part of it"
            )
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is None and name in _OPTIONAL:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and low <= value <= high):
                raise InvalidQuestion(f"{name}: found {value!r}, allowed: {low} to {high}")
            object.__setattr__(self, name, float(value))
        bad = [s for s in self.without if not _STUDY_ID.match(s)]
        if bad:
            raise InvalidQuestion(f"without: found {bad[0]!r}, allowed: a study_id")
        object.__setattr__(self, "without", tuple(sorted(set(self.without))) if self.without else ())

    # --- what follows from the fields -------------------------------------------------------------
    @property
    def spec(self) -> words.Outcome:
        return words.OUTCOMES[self.outcome]

    @property
    def window(self) -> words.Window:
        return words.WINDOWS[self.time]

    @property
    def one_group(self) -> bool:
        return self.comparator == words.NONE

    @property
    def admits(self) -> tuple[str, ...]:
        """Designs that may enter: those chosen, else those that the topic admits (one group: every design)."""
        return self.designs or self._usual_designs()

    def _usual_designs(self) -> tuple[str, ...]:
        return tuple(words.DESIGNS) if self.one_group else words.ADMITTED

    def measures(self) -> tuple[str, ...]:
        """The measures that this kind of question allows, the default first."""
        if self.spec.kind == "score":
            return ("MC",) if self.one_group else ("MD",)
        between = (
            self.spec.measure,
            *(m for m in ("OR", "RR", "RD", "HR") if m != self.spec.measure),
        )
        return ("PLO", "PAS", "PR") if self.one_group else between

    def models(self) -> tuple[str, ...]:
        """The models that this kind of question allows, the default first."""
        return words.MODELS_OF.get(self.effect_measure, ("", "iv"))

    def kinds(self) -> tuple[str, ...]:
        """The ways of counting that this kind of question keeps apart, the default first."""
        return ("", *(k for k in words.KINDS if k != self.usual_kind)) if self.usual_kind else ("",)

    @property
    def kind(self) -> str:
        """How the events are counted, key of `KINDS`; "" where the topic keeps no kinds apart."""
        return self.counted or self.usual_kind

    @property
    def usual_kind(self) -> str:
        """The way of counting that is told where nobody asks for another."""
        return words.USUAL_KIND.get(self.outcome, "") if self.one_group else ""

    @property
    def effect_measure(self) -> str:
        return self.measure or self.measures()[0]

    def replace(self, **changes: object) -> Question:
        """Another Question; of another outcome or comparator, it counts in the usual way unless told otherwise."""
        if self.counted and changes.keys() & {"outcome", "comparator"}:
            changes = {"counted": "", **changes}
        return replace(self, **changes)

    def title(self, when: str = "") -> str:
        """The question in one line, as a heading; `when` stands in place of its time where all times are shown.

        >>> Question().title()
        'Pain: vertebroplasty against sham procedure, 1 month'
        >>> Question().title("over time")
        'Pain: vertebroplasty against sham procedure, over time'
        """
        against = "" if self.one_group else f" against {words.COMPARATORS[self.comparator]}"
        parts = [f"{words.INTERVENTIONS[self.intervention]}{against}", when or self.window.label]
        if self.etiology != "any":
            parts.append(words.ETIOLOGIES[self.etiology])
        if self.fracture_age != "any":
            parts.append(words.FRACTURE_AGES[self.fracture_age][0])
        if self.unit != "patients":
            parts.append(f"per {words.UNITS[self.unit]}")
        if self.kind:
            parts.append(words.KINDS[self.kind])
        return f"{self.spec.label}: {', '.join(parts)}"

    def slug(self) -> str:
        """A file name for exports: readable, without spaces, the same for the same Question.

        A long one is cut and ends in a fingerprint of the whole, so that it fits any file system.
        """
        parts = [self.outcome, self.intervention, self.comparator, self.time]
        rest = [
            f"{key}-{value}"
            for key, value in self._changed().items()
            if key not in ("outcome", "intervention", "comparator", "time")
        ]
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", "_".join(parts + rest)).strip("-").lower()
        if len(slug) <= _LONGEST_SLUG:
            return slug
        return f"{slug[: _LONGEST_SLUG - 9]}-{zlib.crc32(self.to_query().encode()):08x}"

    # --- the URL ----------------------------------------------------------------------------------
    def _changed(self) -> dict[str, str]:
        default, changed = _default(), {}
        for name in (one.name for one in fields(self)):
            value = getattr(self, name)
            if value != getattr(default, name):
                changed[name] = _write(value)
        return changed

    def to_query(self) -> str:
        """The URL's query: version first, then only what differs from the default."""
        return "&".join(
            f"{key}={value}" for key, value in {"v": VERSION, **self._changed()}.items()
        )

    @classmethod
    def from_query(
        cls, query: str | Mapping[str, str | Sequence[str]]
    ) -> tuple[Question, list[str]]:
        """Read a query; returns the Question and a line for everything that was not understood.

        Never raises: an unknown key, a value outside the vocabulary, or a combination that makes no
        sense falls back to the default of that field.
        """
        given, said = _pairs(query)
        known = {one.name for one in fields(cls)}
        kept: dict[str, object] = {}
        for key, text in given.items():
            if key == "v":
                if text != VERSION:
                    said.append(
                        f"v: found {text[:40]!r}, this page writes {VERSION!r}; read as such"
                    )
                continue
            if key not in known:
                said.append(f"{key[:40]}: not a field of a question; left out")
                continue
            try:
                value = _read(key, text)
                cls(**_only(key, value, kept))
            except (InvalidQuestion, ValueError) as error:
                said.append(f"{_shortened(error)}; the default is used")
            else:
                kept[key] = value
        while kept:
            try:
                return cls(**kept), said
            except InvalidQuestion as error:
                key = str(error).split(":")[0]
                if key not in kept:  # the default comparator clashes with a chosen intervention
                    key = "intervention" if "intervention" in kept else next(reversed(kept))
                del kept[key]
                said.append(f"{_shortened(error)}; the default is used")
        return cls(), said


def check_queries(chosen: Topic, file: Path) -> None:
    """The questions that a topic asks of its own accord, read once; it is in force already.

    Raises
    ------
    TopicError
        With one fault for each that cannot be understood.
    """
    faults = [
        Found(where, f"{query!r} ({line.partition('; ')[0]})", "the query of an address")
        for where, query in chosen.queries
        for line in Question.from_query(query)[1]
    ]
    if faults:
        raise TopicError(file, faults)


def members(treatment: str) -> tuple[str, ...]:
    """The treatment codes of `arms.csv` that a choice stands for."""
    return words.MEMBERS.get(treatment, (treatment,))


def _shortened(error: ValueError) -> str:
    """What was found and is allowed; of a long list as many whole words as fit.

    >>> _shortened(InvalidQuestion("x: found 'y', allowed: " + ", ".join(["pain"] * 50)))[-15:]
    'pain, pain, ...'
    """
    text = str(error)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} ..."


_LONGEST = 200


def overlap(a: str, b: str) -> bool:
    return bool(set(members(a)) & set(members(b)))


_CHOICES: dict[str, str] = {
    "outcome": "OUTCOMES",
    "intervention": "INTERVENTIONS",
    "comparator": "COMPARATORS",
    "time": "WINDOWS",
    "etiology": "ETIOLOGIES",
    "fracture_age": "FRACTURE_AGES",
    "unit": "UNITS",
    "report": "REPORTS",
    "tau2": "TAU2_METHODS",
    "ci": "CI_METHODS",
    "model": "MODELS",
}
"""Fields that hold a key, and the list of `vocabulary` that has it."""
_RANGES = (("level", 0.5, 0.999), ("r", 0.0, 0.99), ("mid", 0.0, 1000.0))
_FLOATS = ("level", "r", "mid")
_OPTIONAL = ("mid",)
_FLAGS = ("borrow", "inferred", "industry", "abstract", "outliers")
_LISTS = ("designs", "without")


def _default() -> Question:
    """The Question that the topic in force asks where nothing is asked."""
    views = topic().views
    if "QUESTION" not in views:
        views["QUESTION"] = Question()
    return views["QUESTION"]


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):  # the shortest text that reads back as the same number
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def _read(key: str, text: str) -> object:
    if key in _FLOATS:
        try:
            return float(text)
        except ValueError:
            raise InvalidQuestion(f"{key}: found {text[:40]!r}, allowed: a number") from None
    if key in _FLAGS:
        if text not in ("yes", "no"):
            raise InvalidQuestion(f"{key}: found {text[:40]!r}, allowed: yes, no")
        return text == "yes"
    if key in _LISTS:
        return tuple(part for part in text.split(",") if part)
    return text


def _only(key: str, value: object, kept: Mapping[str, object]) -> dict[str, object]:
    """The fields needed to judge one value on its own: combinations are judged at the end."""
    alone = {key: value}
    if key == "comparator" and value in words.COMPARATORS:
        apart = (t for t in words.INTERVENTIONS if not overlap(t, str(value)))
        alone["intervention"] = next(apart, str(value))
    if key == "intervention":
        alone["comparator"] = words.NONE
    if key in ("measure", "model", "counted"):
        return {}  # allowed or not only together with outcome and comparator
    return alone


def _pairs(query: str | Mapping[str, str | Sequence[str]]) -> tuple[dict[str, str], list[str]]:
    """What each parameter is, the last where it is given several times; and a line for those that differ."""
    if isinstance(query, str):
        from urllib.parse import parse_qsl

        items = parse_qsl(query.lstrip("?"), keep_blank_values=False, max_num_fields=None)
    else:
        items = [(str(key), text) for key, value in query.items() for text in _texts(value)]
    given: dict[str, str] = {}
    twice: dict[str, None] = {}
    for key, text in items:
        if text and given.get(key, text) != text:
            twice[key] = None
        if text:
            given[key] = text
    return given, [f"{key[:40]}: given several times; the last is used" for key in twice]


def _texts(value: object) -> list[str]:
    """The texts of a parameter, which may be given several times."""
    values = value if isinstance(value, list | tuple) else [value]
    return ["" if one is None else str(one) for one in values]
