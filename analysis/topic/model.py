"""A topic as a value: its treatments, outcomes, time windows, populations and designs, and what pages ask about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NONE = "NONE"
"""The comparator of a question about one group."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time window: `target` and bounds in weeks; rows nearest to the target win (None: the longest wins)."""

    key: str
    label: str
    target: float | None
    low: float
    high: float

    def holds(self, weeks: float) -> bool:
        return self.low <= weeks <= self.high


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is measured, on which scale, and which way is better.

    `source` is the value of the `outcome` column; `include` and `exclude` are patterns on the printed
    instrument; `scale` is the common range that other printed ranges are rescaled to (None: points of
    the instrument, never rescaled); `unit` names a point of it, or an event in words. `subset` says why a row
    that matches `exclude` stays out. `mid` is the pattern on the instruments of the table of minimal important
    differences ("": none is taken). `told` marks what patients report themselves: what they expect can change
    the answer. `needs` names the treatments without which the event cannot happen (cement leaks only after cement).
    `digits` are the decimals with which a score is printed, `instrument` the words for it in a file of a reader;
    `over_time` marks scores that the page on time draws. `measure` is the usual effect measure of an event.
    """

    key: str
    label: str
    source: str
    kind: str  # "score" or "event"
    lower_is_better: bool
    unit: str = ""
    scale: tuple[float, float] | None = None
    include: str = ""
    exclude: str = ""
    subset: str = ""
    mid: str = ""
    digits: int = 2
    told: bool = False
    needs: tuple[str, ...] = ()
    instrument: str = ""
    over_time: bool = False
    measure: str = ""

    def matches(self, instrument: str) -> bool:
        return not self.include or re.search(self.include, instrument, re.IGNORECASE) is not None

    def excludes(self, instrument: str) -> bool:
        return bool(self.exclude) and re.search(self.exclude, instrument, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment, or a group of treatments (`members`) that may be asked about together.

    `role` is "treatment", "placebo" (a procedure or drug without its active part) or "usual" (care without it).
    `spoken` is how it stands inside a sentence, `short` beside an axis; `heading` how a control names it.
    """

    key: str
    label: str
    short: str
    spoken: str
    heading: str
    role: str
    colour: str
    outlined: bool
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """What events are counted in: in a list, after "per", and whether the map of what is missing has lines for it."""

    key: str
    label: str
    per: str
    mapped: bool


@dataclass(frozen=True, slots=True)
class Design:
    """A kind of study. The order in the file is the ladder, from the most rigorous down.

    `admitted`: enters a comparison unless the reader says otherwise; the randomised ones do if the file is silent.
    """

    key: str
    label: str
    plural: str
    randomised: bool
    comparative: bool
    masked: bool
    admitted: bool
    symbol: str
    dash: str


@dataclass(frozen=True, slots=True)
class Harm:
    """A section of the page on harms.

    `split` says how its counts are kept apart: "image" (on which images it was found, and whether it was felt),
    "design" (kinds of study) or "" (not). `apart` is the warning above comparisons that were printed but are not
    pooled; "" where the page lists none.
    """

    key: str
    title: str
    outcome: str
    text: str
    units: tuple[str, ...]
    split: str
    pairs: tuple[tuple[str, str], ...]
    apart: str


@dataclass(frozen=True, slots=True)
class Story:
    """Questions whose answers are followed together through the years: label and query (as in an address) of each."""

    key: str
    title: str
    meaning: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """A question that the front page puts to a reader, and its query as in an address."""

    key: str
    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A share of treated patients, in percent, that is widely claimed to have an event."""

    outcome: str
    percent: float


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """What a data folder is about; compared by identity.

    Attributes
    ----------
    name, site : its name, and the name of the site in the window's title.
    patients : the patients in a sentence, such as "patients with vertebral fractures".
    room : the package in `analysis.topic` with the sentences that belong to this topic alone; "" for none.
    pages : those that it wants, of `topic.read.PAGES`; without "finding" its front page is a plain one.
    first_year : no report can be older.
    treatments, groups : single treatments, and those taken together; keys as in `arms.csv`.
    recorded_treatments, recorded_outcomes : codes in the data that enter no question.
    units : what events are counted in, patients first; they are never mixed in one pool.
    causes, ages : populations; ages with their upper limit in weeks (None: no limit).
    cause_name, age_name : what the two are called, such as "Cause of fracture".
    default : fields of the Question that is asked where a reader asks for nothing.
    instrument_ranges : ranges that belong to an instrument by its definition (pattern, range).
    without_tables : tables that the folder does not have, because no page of the topic needs them.
    pairs : treatments that are held against each other, the one asked about first.
    maps : for each treatment with a map of what is missing, the pairs of its columns.
    harms, stories, landmarks, lead : what the pages on harms and on the years, and the front page, show.
    claimed : the share of patients that is claimed to benefit; None where nobody claims one.
    higher_is_better : a pattern: a scale printed the other way round says so in its name.
    source : the bytes of its file.
    views : what `analysis.vocabulary` made of it.
    """

    name: str
    site: str
    patients: str
    room: str
    pages: tuple[str, ...]
    first_year: int
    treatments: Mapping[str, Treatment]
    groups: Mapping[str, Treatment]
    recorded_treatments: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    recorded_outcomes: tuple[str, ...]
    windows: Mapping[str, Window]
    designs: Mapping[str, Design]
    units: Mapping[str, Unit]
    causes: Mapping[str, str]
    cause_name: str
    ages: Mapping[str, tuple[str, float | None]]
    age_name: str
    default: Mapping[str, str]
    instrument_ranges: tuple[tuple[str, tuple[float, float]], ...]
    higher_is_better: str
    without_tables: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    maps: Mapping[str, tuple[tuple[str, str], ...]]
    harms: Mapping[str, Harm]
    stories: Mapping[str, Story]
    landmarks: tuple[int, ...]
    lead: tuple[Lead, ...]
    claimed: Claimed | None
    source: bytes = field(repr=False)
    views: dict = field(init=False, repr=False, default_factory=dict)

    @property
    def queries(self) -> tuple[tuple[str, str], ...]:
        """Every question that the file asks: table and query."""
        stories = [
            (f"[stories.{s.key}]", query) for s in self.stories.values() for _, query in s.lines
        ]
        return (*stories, *((f"[lead.{one.key}]", one.query) for one in self.lead))
