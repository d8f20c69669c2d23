"""A topic as a value: its treatments, outcomes, time windows, populations and designs, and what pages ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NONE = "NONE"
"""The comparator of a question about one group."""

IMAGES: dict[str, str] = {
    "ct": "found on CT",
    "radiograph": "found on radiographs",
    "fluoroscopy": "seen on fluoroscopy",
    "not_stated": "images not stated",
}
"""How a complication that only images show was looked for: rates of different images are kept apart."""


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

    `source` is the value of the `outcome` column; `instruments` are the codes of the column `instrument_code` that
    measure it (empty: any); `scale` is the common range that other printed ranges are rescaled to (None: points
    of the instrument, never rescaled); `unit` names a point of it, or an event in words. `set_aside` are the
    instruments, `events` the codes of the column `events_counted` that count as it (empty: any); `subset` says why
    the others are left out. `told` marks what patients report themselves: what they expect can change the answer.
    `mid` is whether a published minimal important difference of one of its instruments is taken.
    `needs` names the treatments without which the event cannot happen. `digits`
    are the decimals with which a score is printed; `over_time` marks scores that the page on time draws.
    `measure` is the usual effect measure of an event.
    """

    key: str
    label: str
    source: str
    kind: str  # "score" or "event"
    lower_is_better: bool
    unit: str = ""
    scale: tuple[float, float] | None = None
    instruments: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    subset: str = ""
    mid: bool = True
    digits: int = 2
    told: bool = False
    needs: tuple[str, ...] = ()
    over_time: bool = False
    measure: str = ""

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the evidence is about this outcome, by the code of its instrument."""
        return not self.instruments or row["instrument_code"] in self.instruments

    def excludes(self, row: Mapping[str, Any]) -> bool:
        """Whether a row that `matches` counts or measures only part of it, by its codes."""
        part = row["instrument_code"] in self.set_aside or row["patients_counted"] == "subgroup"
        counted = row["events_counted"]
        return part or bool(
            self.kind == "event" and self.events and counted and counted not in self.events
        )

    @property
    def measured_by(self) -> tuple[str, ...]:
        """The instruments whose results may enter; the first is that of a reader who names none."""
        return tuple(code for code in self.instruments if code not in self.set_aside)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A scale: its name, other names it goes by, and the range that belongs to it by its definition (None: none)."""

    key: str
    label: str
    names: tuple[str, ...]
    range: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment, or a group of treatments (`members`) that may be asked about together.

    `role` is "treatment", "placebo" (a procedure or drug without its active part) or "usual" (care without it).
    `spoken` is how it stands inside a sentence, `short` beside an axis; `heading` how a control names it; `also` are
    other names by which readers' files may call it.
    """

    key: str
    label: str
    short: str
    spoken: str
    heading: str
    role: str
    colour: str
    outlined: bool
    also: tuple[str, ...]
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
    "design" (kinds of study) or "" (not). `usual`: of the kinds of counting by image, the one that is told where
    nobody asks for another. `apart` is the warning above comparisons that were printed but are not
    pooled; "" where the page lists none.
    """

    key: str
    title: str
    outcome: str
    text: str
    units: tuple[str, ...]
    split: str
    usual: str
    pairs: tuple[tuple[str, str], ...]
    apart: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the summary of findings: what matters to a patient, as a benefit or as a harm.

    `outcomes` and `times` are those wished for, the first most; `measure` the effect measure of an event ("" the
    usual one); `felt` counts only events with symptoms.
    """

    key: str
    label: str
    side: str  # "benefit" or "harm"
    outcomes: tuple[str, ...]
    times: tuple[str, ...]
    measure: str = ""
    felt: bool = False


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
class Step:
    """One step on the way from usual care to a treatment: what the first of a pair adds to the second."""

    key: str
    label: str
    meaning: str
    pair: tuple[str, str]


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
    recorded_treatments, recorded_outcomes, recorded_units : codes in the data that enter no question.
    claim_themes : what claims may be about.
    units : what events are counted in, patients first; they are never mixed in one pool.
    causes, ages : populations; ages with their upper limit in weeks (None: no limit).
    cause_name, age_name : what the two are called, such as "Cause of fracture".
    default : fields of the Question that is asked where a reader asks for nothing.
    without_tables : tables that the folder does not have, because no page of the topic needs them.
    pairs : treatments that are held against each other, the one asked about first.
    maps : for each treatment with a map of what is missing, the pairs of its columns.
    harms, stories, landmarks, lead : what the pages on harms and on the years, and the front page, show.
    findings : the rows of the summary of findings.
    claimed : the share of patients that is claimed to benefit; None where nobody claims one.
    steps : what the page on the network takes a treatment's effect apart into, from usual care upwards.
    instruments : the scales, by the code of the column `instrument_code`.
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
    recorded_units: tuple[str, ...]
    claim_themes: tuple[str, ...]
    windows: Mapping[str, Window]
    designs: Mapping[str, Design]
    units: Mapping[str, Unit]
    causes: Mapping[str, str]
    cause_name: str
    ages: Mapping[str, tuple[str, float | None]]
    age_name: str
    default: Mapping[str, str]
    without_tables: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    maps: Mapping[str, tuple[tuple[str, str], ...]]
    harms: Mapping[str, Harm]
    findings: Mapping[str, Finding]
    stories: Mapping[str, Story]
    landmarks: tuple[int, ...]
    lead: tuple[Lead, ...]
    claimed: Claimed | None
    steps: tuple[Step, ...]
    instruments: Mapping[str, Instrument]
    source: bytes = field(repr=False)
    views: dict = field(init=False, repr=False, default_factory=dict)

    @property
    def queries(self) -> tuple[tuple[str, str], ...]:
        """Every question that the file asks: table and query."""
        stories = [
            (f"[stories.{s.key}]", query) for s in self.stories.values() for _, query in s.lines
        ]
        return (*stories, *((f"[lead.{one.key}]", one.query) for one in self.lead))

    def instrument_named(self, name: str) -> str:
        """The code of the instrument that goes by exactly this name, capitals apart; "" where none does."""
        wanted = name.strip().casefold()
        for code, one in self.instruments.items():
            if wanted in (code, one.label.casefold(), *(n.casefold() for n in one.names)):
                return code
        return ""
