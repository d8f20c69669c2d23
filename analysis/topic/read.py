"""Read `topic.toml` strictly: every piece that is missing, unknown or not allowed is named, all at once."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from analysis.topic.model import (
    IMAGES,
    NONE,
    Claimed,
    Design,
    Finding,
    Harm,
    Instrument,
    Lead,
    Outcome,
    Step,
    Story,
    Topic,
    Treatment,
    Unit,
    Window,
)
from analysis.topic.part import NEEDED, Found, Part, TopicError, colour, settings, years

FILE = "topic.toml"
PAGES = (
    "finding", "claims", "patient", "robustness", "network", "time-course", "harms", "history", "studies", "gaps",
    "wanted", "reviews", "what-changed",
)  # fmt: skip
"""Pages that a topic may want; those that any topic has (such as the comparison of two treatments) are not named."""
ROOMS = ("vertebral",)
"""Packages of `analysis.topic` with what one topic alone has."""
OF_A_ROOM = ("finding", "claims", "patient")
"""Pages whose sentences stand in a room of the topic's own."""
MEASURES = ("OR", "RR", "RD")
"""Usual effect measures of an event."""
ROLES = ("treatment", "placebo", "usual")
SYMBOLS = ("square", "diamond", "triangle-up", "circle", "x")
OPTIONAL_TABLES = (
    "contrasts",
    "published_syntheses", "minimal_important_differences", "risk_of_bias", "claim_origins", "claims",
)  # fmt: skip
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
def topic_of(file: Path, content: bytes) -> Topic:
    """The topic that a `topic.toml` describes.

    Raises
    ------
    TopicError
        With one line for each fault: table, key, what was found, what is allowed.
    """
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TopicError(file, [Found("the file", str(error), "TOML in UTF-8")]) from None
    faults: list[Found] = []
    top = Part("", values, faults)
    fields = _fields(top)
    top.done()
    if not faults:
        faults += _disagreements(fields)
    if faults:
        raise TopicError(file, faults)
    return Topic(**fields, source=content)


def _fields(top: Part) -> dict[str, object]:
    treatments = {k: _treatment(k, p) for k, p in top.parts("treatments").items()}
    groups = {k: _group(k, p, treatments) for k, p in top.parts("groups", needed=False).items()}
    both = (*treatments, *groups)
    outcomes = {k: _outcome(k, p, both) for k, p in top.parts("outcomes").items()}
    pairs = top.take("pairs", _pairs(both), _A_PAIR, ())
    return {
        "name": top.text("name"),
        "site": top.text("site"),
        "patients": top.text("patients"),
        "room": top.choice("room", ROOMS, ""),
        "pages": top.texts("pages", PAGES),
        "first_year": top.whole("first_year", 1600, 2100),
        "treatments": treatments,
        "groups": groups,
        "recorded_treatments": top.texts("recorded_treatments", usual=()),
        "outcomes": outcomes,
        "recorded_outcomes": top.texts("recorded_outcomes", usual=()),
        "recorded_units": top.texts("recorded_units", usual=()),
        "claim_themes": top.texts("claim_themes", usual=()),
        "windows": {k: _window(k, p) for k, p in top.parts("windows").items()},
        "designs": {k: _design(k, p) for k, p in top.parts("designs").items()},
        "units": {
            "patients": Unit("patients", "patients", "patient", mapped=True),
            **{k: _unit(k, p) for k, p in top.parts("units", needed=False).items()},
        },
        **_populations(top),
        "default": top.take("default", settings, "a table of texts", {}),
        "instruments": {
            k: _instrument(k, p) for k, p in top.parts("instruments", needed=False).items()
        },
        "without_tables": top.texts("without_tables", OPTIONAL_TABLES, ()),
        "pairs": pairs,
        "maps": _maps(top, treatments, groups),
        "harms": {
            k: _harm(k, p, outcomes, both, pairs)
            for k, p in top.parts("harms", needed=False).items()
        },
        "findings": {
            k: _finding(k, p, outcomes) for k, p in top.parts("findings", needed=False).items()
        },
        "stories": {k: _story(k, p) for k, p in top.parts("stories", needed=False).items()},
        "landmarks": top.take("landmarks", years, "a list of years", ()),
        "lead": tuple(_lead(k, p) for k, p in top.parts("lead", needed=False).items()),
        "claimed": _claimed(top, outcomes),
        "steps": _steps(top, treatments),
    }


def _instrument(key: str, part: Part) -> Instrument:
    made = Instrument(
        key, part.text("label"), part.texts("names", usual=()), part.range("range", None)
    )
    part.done()
    return made


def _treatment(key: str, part: Part) -> Treatment:
    return _named(key, part, part.choice("role", ROLES), (key,))


def _group(key: str, part: Part, treatments: Iterable[str]) -> Treatment:
    return _named(key, part, "treatment", part.texts("members", treatments))


def _named(key: str, part: Part, role: str, members: tuple[str, ...]) -> Treatment:
    label = part.text("label")
    made = Treatment(
        key=key,
        label=label,
        short=part.text("short"),
        spoken=part.text("spoken", label),
        heading=part.text("heading", label),
        role=role,
        colour=part.take("colour", colour, "a colour such as #0072B2"),
        outlined=part.flag("outlined", False),
        also=part.texts("also", usual=()),
        members=members,
    )
    part.done()
    return made


def _outcome(key: str, part: Part, treatments: Iterable[str]) -> Outcome:
    score = part.choice("kind", ("score", "event")) == "score"
    made = Outcome(
        key=key,
        label=part.text("label"),
        source=part.text("source"),
        kind="score" if score else "event",
        lower_is_better=part.choice("better", ("lower", "higher")) == "lower",
        unit=part.text("unit"),
        scale=part.range("scale", None) if score else None,
        instruments=part.texts("instruments", usual=()),
        set_aside=part.texts("set_aside", usual=()),
        events=() if score else part.texts("events", usual=()),
        subset=part.text("subset", "" if not {"set_aside", "events"} & {*part.values} else NEEDED),
        mid=part.flag("mid", True) if score else False,
        digits=part.whole("digits", 0, 6) if score else 2,
        told=part.flag("told_by_patients"),
        needs=part.texts("needs", treatments, ()),
        over_time=part.flag("over_time", False) if score else False,
        measure="MD" if score else part.choice("measure", MEASURES),
    )
    part.done()
    return made


_A_PAIR = "a list of pairs of treatments"


def _pairs(treatments: Iterable[str]) -> Callable[[object], tuple[tuple[str, str], ...] | None]:
    listed = {*treatments}

    def read(value: object) -> tuple[tuple[str, str], ...] | None:
        good = isinstance(value, list) and all(
            isinstance(pair, list) and len(pair) == 2 and set(pair) <= listed and pair[0] != pair[1]
            for pair in value
        )
        return tuple((t, c) for t, c in value) if good else None  # type: ignore[union-attr]

    return read


def _maps(
    top: Part, treatments: Mapping[str, Treatment], groups: Mapping[str, Treatment]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """The maps that are written out; any other treatment is held against each control, and looked at alone."""
    controls = [k for k, one in treatments.items() if one.role != "treatment"]
    usual = {
        key: (*((key, c) for c in controls), (key, NONE))
        for key in (*groups, *(k for k in treatments if k not in controls))
    }
    part = Part("[maps]", top.take("maps", lambda v: v, "a table", {}), top.faults)
    read = _pairs((*treatments, *groups, NONE))
    written = {key: part.take(key, read, _A_PAIR, ()) for key in usual}
    part.done()
    return {key: written[key] or pairs for key, pairs in usual.items()}


def _harm(
    key: str,
    part: Part,
    outcomes: Mapping[str, Outcome],
    treatments: Iterable[str],
    pairs: tuple[tuple[str, str], ...],
) -> Harm:
    events = [k for k, one in outcomes.items() if one.kind == "event"]
    made = Harm(
        key=key,
        title=part.text("title"),
        outcome=part.choice("outcome", events),
        text=part.text("text"),
        units=part.texts("units", usual=("patients",)),
        split=(split := part.choice("split", ("image", "design"), "")),
        usual=part.choice("usual", IMAGES) if split == "image" else "",
        pairs=part.take("pairs", _pairs(treatments), _A_PAIR, pairs),
        apart=part.text("apart", ""),
    )
    part.done()
    return made


def _finding(key: str, part: Part, outcomes: Iterable[str]) -> Finding:
    made = Finding(
        key=key,
        label=part.text("label"),
        side=part.choice("side", ("benefit", "harm")),
        outcomes=part.texts("outcomes", outcomes),
        times=part.texts("times", usual=("any",)),
        measure=part.choice("measure", MEASURES, ""),
        felt=part.flag("felt", False),
    )
    part.done()
    return made


def _story(key: str, part: Part) -> Story:
    def read(value: object) -> tuple[tuple[str, str], ...] | None:
        good = isinstance(value, list) and all(
            isinstance(line, list) and len(line) == 2 and all(isinstance(x, str) for x in line)
            for line in value
        )
        return tuple((label, query) for label, query in value) if good else None  # type: ignore[union-attr]

    lines = part.take("lines", read, 'a list of ["label", "query of an address"]')
    made = Story(key, part.text("title"), part.text("meaning"), lines)
    part.done()
    return made


def _lead(key: str, part: Part) -> Lead:
    made = Lead(
        key,
        part.text("label"),
        part.take("query", lambda v: v if isinstance(v, str) else None, "a text"),
    )
    part.done()
    return made


def _claimed(top: Part, outcomes: Iterable[str]) -> Claimed | None:
    values = top.take("claimed", lambda v: v, "a table", None)
    if values is None:
        return None
    part = Part("[claimed]", values, top.faults)
    made = Claimed(part.choice("outcome", outcomes), part.number("percent"))
    part.done()
    return made


def _steps(top: Part, treatments: Iterable[str]) -> tuple[Step, ...]:
    """Steps that follow each other: each starts from the treatment at which the one before ends."""
    read, made = _pairs(treatments), []
    for key, part in top.parts("steps", needed=False).items():
        start = made[-1].pair[:1] if made and made[-1].pair else ()

        def one(value: object, start: tuple[str, ...] = start) -> tuple[str, str] | None:
            pair = (read([value]) or (None,))[0]
            return pair if pair is not None and (not start or pair[1:] == start) else None

        allowed = "two treatments" + (
            f", the second {start[0]!r}, where the step before ends" if start else ""
        )
        made.append(
            Step(key, part.text("label"), part.text("meaning"), part.take("pair", one, allowed))
        )
        part.done()
    return tuple(made)


def _window(key: str, part: Part) -> Window:
    made = Window(
        key,
        part.text("label"),
        part.number("target", None),
        part.number("low"),
        part.number("high", math.inf),
    )
    part.done()
    return made


def _design(key: str, part: Part) -> Design:
    randomised = part.flag("randomised")
    made = Design(
        key=key,
        label=part.text("label"),
        plural=part.text("plural"),
        randomised=randomised,
        admitted=part.flag("admitted", randomised),
        comparative=part.flag("comparative"),
        masked=part.flag("masked"),
        symbol=part.choice("symbol", SYMBOLS),
        dash=part.choice("dash", DASHES),
    )
    part.done()
    return made


def _unit(key: str, part: Part) -> Unit:
    made = Unit(key, part.text("label"), part.text("per"), mapped=part.flag("mapped", True))
    part.done()
    return made


def _populations(top: Part) -> dict[str, object]:
    """Causes and ages of the disease; a topic that tells neither apart leaves both tables out."""
    causes = top.take("causes", settings, "a table of texts", {})
    ages = {}
    for key, part in top.parts("ages", needed=False).items():
        ages[key] = (part.text("label"), part.number("weeks"))
        part.done()
    return {
        "causes": {"any": top.text("any_cause", "any cause"), **(causes or {})},
        "cause_name": top.text("cause_name", "Cause" if not causes else NEEDED),
        "ages": {"any": (top.text("any_age", "any duration"), None), **ages},
        "age_name": top.text("age_name", "Duration" if not ages else NEEDED),
    }


def _disagreements(fields: Mapping[str, object]) -> list[Found]:
    """What no table can say alone."""
    found = []
    taken = [NONE, *fields["treatments"], *fields["groups"]]
    twice = sorted({key for key in taken if taken.count(key) > 1})
    found += [
        Found("[treatments] and [groups]", f"{key!r} twice", "one of a name") for key in twice
    ]
    allowed = {
        "outcome": fields["outcomes"],
        "intervention": (*fields["treatments"], *fields["groups"]),
        "comparator": (*fields["treatments"], *fields["groups"], NONE),
        "time": fields["windows"],
    }
    known = fields["instruments"]
    for name, outcome in fields["outcomes"].items():
        for key, codes, choices in (
            ("instruments", outcome.instruments, known),
            ("set_aside", outcome.set_aside, outcome.instruments),
        ):
            found += [
                Found(f"[outcomes.{name}], key {key}", repr(code), ", ".join(choices) or "nothing")
                for code in codes
                if code not in choices
            ]
    found += [
        Found(f"[findings.{name}], key times", repr(time), ", ".join(fields["windows"]))
        for name, finding in fields["findings"].items()
        for time in finding.times
        if time not in fields["windows"]
    ]
    default = fields["default"]
    if not fields["room"]:
        roomless = [page for page in OF_A_ROOM if page in fields["pages"]]
        found += [
            Found("key room", "nothing", f"a room, for the page {page!r}") for page in roomless
        ]
    for key, choices in allowed.items():
        if default.get(key) not in choices:
            given = repr(default[key]) if key in default else "nothing"
            found.append(Found(f"[default], key {key}", given, ", ".join(choices)))
    found += [
        Found(f"[default], key {key}", "a key that is not known", ", ".join(allowed))
        for key in default
        if key not in allowed
    ]
    return found
