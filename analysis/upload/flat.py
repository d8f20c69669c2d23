"""Rows that a reader brought, as rows of our tables: trials that stand beside the published ones.

What the rows are was decided before (`analysis.review.rows`). What they do not say (outcome, treatments,
time, scale) holds for the whole file and comes from `Settings`; what a cell says goes before it, where its
words are known here. One effect is read per row, from the first of these that is complete: events of two
groups, means of two groups, events of one group, an effect with its variance.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis import vocabulary as words
from analysis.effects.convert import quantile
from analysis.effects.from_records import NoEffect, completed, given
from analysis.evidence.faults import Fault
from analysis.evidence.own import OWN
from analysis.evidence.schema import NEXT_YEAR
from analysis.question import Question, members, overlap
from analysis.reading.records import Record
from analysis.reading.roles import NUMBERS
from analysis.review.checks import row_faults
from analysis.review.rows import Decided
from analysis.topic import topic
from analysis.upload.candidate import Candidate, Origin, Row
from analysis.upload.said import (
    WORDS,
    Wrong,
    address,
    key_of,
    known,
    plain,
    weeks_of,
)

_LONGEST_NAME = 40


def codes_of(outcome: str, unit: str) -> dict[str, str]:
    """What an own row measures or, for events, counts: in words and in the codes of `data/README.md`."""
    one = words.OUTCOMES[outcome]
    if one.kind == "event":
        return {
            "instrument": f"{one.label}; unit: {unit}", "counted_unit": unit, "unit_basis": "printed",
            "events_counted": one.events[0] if one.events else "any",
        }  # fmt: skip
    if not one.measured_by:
        return {"instrument": one.label}
    code = one.measured_by[0]
    return {"instrument": words.INSTRUMENTS[code].label, "instrument_code": code}


USUAL = "usual"
"""As usual for the outcome: a mean difference in points, or the logarithm of an odds ratio."""
_ALL = frozenset(NUMBERS)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every row that does not say otherwise.

    Parameters
    ----------
    outcome, intervention, comparator : as in `Question`; comparator ``NONE`` for one group.
    weeks : time since treatment.
    design : key of `vocabulary.DESIGNS`.
    scale_min, scale_max : range of the score, as text; empty for the outcome's usual one.
    measure : what effects are whose measure the file does not name: MD, OR, RR, RD or HR (ratios: natural
        logarithms, as metafor writes them), or USUAL; empty where the reader has not said.
    unit : what counts count, key of `vocabulary.UNITS`.
    change : means are changes from before treatment (follow-up minus before), not levels.
    """

    outcome: str = field(default_factory=lambda: Question().outcome)
    intervention: str = field(default_factory=lambda: members(Question().intervention)[0])
    comparator: str = field(default_factory=lambda: Question().comparator)
    weeks: float = field(default_factory=lambda: Question().window.target or 52.0)
    design: str = field(default_factory=lambda: next(iter(words.DESIGNS)))
    scale_min: str = ""
    scale_max: str = ""
    measure: str = ""
    unit: str = "patients"
    change: bool = False


def read_flat(found: Decided, settings: Settings, file: str) -> Candidate:
    """The records of a table as studies, arms and results.

    Parameters
    ----------
    found : of `decide`, with no question left.
    file : its name, for faults.
    """
    unknown, remarks = _unknown_words(found)
    reader = _Reader(settings, found, file, unknown)
    wrong = {f.row for f in found.faults}
    for f in found.faults:
        reader.faults.append(Fault(file, f.row, f.column, f.found.strip("“”"), f.allowed))
    for record in found.records:
        if record.row not in wrong:
            reader.take(record)
    return Candidate(tuple(reader.rows()), tuple(reader.faults), remarks)


def _unknown_words(found: Decided) -> tuple[frozenset[str], tuple[str, ...]]:
    """Guessed columns none of whose words are known here: they stay unused, and that is said."""
    unknown, said = set(), []
    for role in WORDS:
        column = found.named.get(role)
        if column is None and role == "intervention":
            column = found.named.get("treatment")
        cells = {_word(r, role) for r in found.records} - {""}
        if column and cells and not any(c.strip().lower() in known(role) for c in cells):
            unknown.add(role)
            shown = ", ".join(sorted(cells)[:3])
            said.append(f"{column} is not used: its words ({shown}) are none of those known here")
    times = [r.words.get("weeks", "") for r in found.records]
    wordy = any(any(ch.isalpha() for ch in t) for t in times)
    if wordy and not any(_is_time(t) for t in times if t):
        unknown.add("weeks")
        said.append(f"{found.named['weeks']} is not used: it holds no times")
    return frozenset(unknown), tuple(said)


def _word(record: Record, role: str) -> str:
    own = record.words.get(role, "")
    return own or (record.words.get("treatment", "") if role == "intervention" else "")


def _is_time(text: str) -> bool:
    try:
        weeks_of(text, 1.0)
    except Wrong:
        return False
    return True


class _Reader:
    """Goes through the records of one table and gathers studies, arms and results."""

    def __init__(
        self, settings: Settings, found: Decided, file: str, unknown: frozenset[str]
    ) -> None:
        self.settings, self.found, self.file, self.named = settings, found, file, found.named
        self.unknown = unknown
        self.faults: list[Fault] = []
        self._ids: dict[str, str] = {}
        self._studies: dict[str, Row] = {}
        self._arms: dict[tuple[str, str], Row] = {}
        self._results: list[Row] = []
        self._seen: dict[tuple, int] = {}

    def rows(self) -> list[Row]:
        return [*self._studies.values(), *self._arms.values(), *self._results]

    def take(self, record: Record) -> None:
        """Read one row; a fault keeps it out whole."""
        cells = {
            role: "" if role in self.unknown else _word(record, role)
            for role in (*record.words, "intervention")
        }
        try:
            for fault in row_faults(record, self.named, _ALL):
                self.faults.append(
                    Fault(self.file, fault.row, fault.column, fault.found, fault.allowed)
                )
                return
            self._read(record.row, cells, self._values(record))
        except Wrong as error:
            column = self.named.get(error.role, error.role)
            self.faults.append(Fault(self.file, record.row, column, error.found, error.allowed))

    def _values(self, record: Record) -> dict[str, float]:
        """Numbers by role, with the effect and its limits on the scale of analysis."""
        try:
            values, _ = completed(record, self.named, self.found.level)
            effect = given(record, self.found.form, self.found.level) if self.found.form else None
        except NoEffect as error:
            raise Wrong(error.role, error.found, error.reason) from None
        if effect is not None:
            values["yi"], values["vi"] = effect.yi, effect.vi
            if (
                self.found.form == "yi"
                and record.has("ci_low", "ci_high")
                and not record.v.keys() & {"vi", "sei"}
                and self.found.level == 0.95
            ):
                values["low"], values["high"] = record.v["ci_low"], record.v["ci_high"]
        elif self.found.form in record.v:
            role = self.found.form
            raise Wrong(role, f"{record.v[role]:g}", "vi, sei, or both limits beside it")
        return values

    def _read(self, row: int, cells: Mapping[str, str], values: dict[str, float]) -> None:
        s = self.settings
        outcome = key_of(cells.get("outcome", ""), s.outcome, "outcome")
        treatment = key_of(cells.get("intervention", ""), s.intervention, "intervention")
        against = key_of(cells.get("comparator", ""), s.comparator, "comparator")
        design = key_of(cells.get("design", ""), s.design, "design")
        if against != words.NONE and overlap(treatment, against):
            raise Wrong("comparator", against, f"another treatment than {treatment}")
        weeks, when = weeks_of(cells.get("weeks", ""), s.weeks)
        label = self._label(cells)
        place = (label, outcome, treatment, against, weeks)
        if place in self._seen:
            raise Wrong(
                "study", label,
                f"a name of its own, or another outcome, treatment or time than row {self._seen[place]}",
            )  # fmt: skip
        origin = Origin(self.file, row, self._columns(1))
        common = {
            "study_id": self._id(label),
            "source_url": address(cells.get("source_url", "")),
            "source_location": f"row {row} of {self.file}",
            "source_kind": "other",
        }
        codes = [members(treatment)[0], *members(against)[:1]]
        result = _Result(words.OUTCOMES[outcome], codes, values, s, self.found.measure)
        form, found = result.read()
        measured = common | {
            "outcome": words.OUTCOMES[outcome].source,
            **codes_of(outcome, s.unit),
            "timepoint": when,
            "weeks": plain(weeks),
            "note": cells.get("note", ""),
        }
        self._seen[place] = row
        study = common | {"label": label, "design": design, "title_as_printed": "no"}
        study |= {"etiology": key_of(cells.get("etiology", ""), "", "etiology")}
        study |= self._year(cells.get("year", ""))
        for column in ("source_location", "source_kind"):
            study.pop(column)
        self._studies.setdefault(common["study_id"], Row("studies", study, origin))
        sides = [Origin(self.file, row, self._columns(side)) for side in range(1, len(codes) + 1)]
        for code, n, side in zip(codes, result.sizes, sides, strict=True):
            self._arm(common, code, n, side)
        self._results += [
            Row(form, measured | r, side) for r, side in zip(found, sides, strict=False)
        ]

    def _arm(self, common: dict[str, str], code: str, n: float, origin: Origin) -> None:
        """One arm per study and treatment, as large as the largest number printed for it."""
        key = (common["study_id"], code)
        known = self._arms[key].cells["n"] if key in self._arms else ""
        size = "" if math.isnan(n) else plain(n)
        if key not in self._arms or (size and (not known or n > float(known))):
            cells = common | {"arm_id": code, "treatment": code, "n": size}
            first = self._arms[key].origin if key in self._arms and not size else origin
            self._arms[key] = Row("arms", cells, first)

    def _year(self, year: str) -> dict[str, str]:
        """The year, where our tables take it; an older study keeps it in its name."""
        if not year:
            return {}
        return {"year": year} if topic().first_year <= int(year) <= NEXT_YEAR else {}

    def _label(self, cells: Mapping[str, str]) -> str:
        label = " ".join(cells.get("study", "").split())
        if not label:
            raise Wrong(
                "study", "", "the name of the study (--map study=column, or choose its column)"
            )
        year = cells.get("year", "")
        return label if not year or year in label else f"{label} {year}"

    def _id(self, label: str) -> str:
        if label not in self._ids:
            ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode()
            slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_LONGEST_NAME]
            stem, taken, n = OWN + (slug.strip("-") or "study"), set(self._ids.values()), 1
            while (stem if n == 1 else f"{stem}-{n}") in taken:
                n += 1
            self._ids[label] = stem if n == 1 else f"{stem}-{n}"
        return self._ids[label]

    def _columns(self, side: int) -> dict[str, str]:
        """For each of our columns, the reader's column that it was read from, on one side."""
        numbers = (*_SIDES[side], *_ONE_SIDE)
        return {ours: self.named[role] for ours, role in numbers if role in self.named}


_BOTH = (
    ("label", "study"), ("study_id", "study"), ("estimate", "yi"), ("ci_low", "ci_low"),
    ("ci_high", "ci_high"), ("ci_low", "sei"), ("ci_high", "sei"), ("ci_low", "vi"), ("ci_high", "vi"),
    *((same, same) for same in ("outcome", "weeks", "year", "design", "etiology", "scale_min",
                                "scale_max", "source_url", "note")),
)  # fmt: skip
_SIDES = {
    1: (*_BOTH, ("events", "ai"), ("total", "n1i"), ("n", "n1i"), ("mean", "m1i"), ("sd", "sd1i")),
    2: (*_BOTH, ("events", "ci"), ("total", "n2i"), ("n", "n2i"), ("mean", "m2i"), ("sd", "sd2i")),
}
_ONE_SIDE = (("events", "xi"), ("total", "ni"), ("n", "ni"))
"""Our column and the role that it was read from."""


class _Result:
    """The numbers of one row: which form they have, and our rows for it."""

    def __init__(
        self,
        outcome: words.Outcome,
        codes: list[str],
        values: dict[str, float],
        s: Settings,
        measure: str,
    ) -> None:
        self.outcome, self.codes, self.v, self.s = outcome, codes, dict(values), s
        self.measure = measure
        sizes = ("ni",) if len(codes) == 1 else ("n1i", "n2i")
        self.sizes = [self.v.get(name, math.nan) for name in sizes]

    def read(self) -> tuple[str, list[dict[str, str]]]:
        """The table, and one row of it per arm or one for both."""
        one, score = len(self.codes) == 1, self.outcome.kind == "score"
        if one and self._has("xi", "ni") and not score:
            return "arm_results", [self._event(self.codes[0], "xi", "ni")]
        if not one and self._has("ai", "n1i", "ci", "n2i") and not score:
            pairs = zip(self.codes, (("ai", "n1i"), ("ci", "n2i")), strict=True)
            return "arm_results", [self._event(code, *roles) for code, roles in pairs]
        if not one and self._has("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i") and score:
            return "arm_results", [self._mean(code, i) for i, code in enumerate(self.codes, 1)]
        if not one and "yi" in self.v:
            return "contrasts", [self._effect()]
        raise Wrong(*self._missing(one, score))

    def _has(self, *roles: str) -> bool:
        return all(role in self.v for role in roles)

    def _missing(self, one: bool, score: bool) -> tuple[str, str, str]:
        found = ", ".join(sorted(r for r in self.v if r not in ("scale_min", "scale_max")))
        sets = {
            (True, False): "xi, ni",
            (True, True): "two groups (changes within one group are not read from a flat sheet)",
            (False, False): "ai, n1i, ci, n2i; or yi with vi, sei or its limits",
            (False, True): "m1i, sd1i, n1i, m2i, sd2i, n2i; or yi with vi, sei or its limits",
        }
        return "row", f"numbers in {found or 'no column'}", f"for this outcome: {sets[one, score]}"

    def _event(self, code: str, events: str, size: str) -> dict[str, str]:
        if self.v[events] > self.v[size]:
            raise Wrong(events, f"{self.v[events]:g}", f"at most {size} = {self.v[size]:g}")
        return {
            "arm_id": code, "kind": "event", "events": plain(self.v[events]),
            "total": plain(self.v[size]),
        }  # fmt: skip

    def _mean(self, code: str, i: int) -> dict[str, str]:
        row = {
            "arm_id": code, "kind": "mean", "statistic": "mean", "n": plain(self.v[f"n{i}i"]),
            "mean": plain(self.v[f"m{i}i"]), "sd": plain(self.v[f"sd{i}i"]),
        } | self._scale()  # fmt: skip
        if self.s.change:
            row |= {"kind": "change", "change_printed_as": "difference"}
        return row | ({"scale_basis": "printed"} if row["scale_min"] else {})

    def _scale(self) -> dict[str, str]:
        usual = self.outcome.scale or (math.nan, math.nan)
        ends = []
        for role, chosen, end in zip(
            ("scale_min", "scale_max"), (self.s.scale_min, self.s.scale_max), usual, strict=True
        ):
            value = self.v.get(role, math.nan)
            text = chosen if math.isnan(value) else plain(value)
            ends.append(text or ("" if math.isnan(end) else plain(end)))
        return {"scale_min": ends[0], "scale_max": ends[1]}

    def _effect(self) -> dict[str, str]:
        usual = Question(
            outcome=self.outcome.key, intervention=self.codes[0], comparator=self.codes[1]
        )
        measure = self.measure if self.measure not in ("", "RATIO") else self.s.measure
        if not measure:
            raise Wrong(
                "yi",
                "an effect whose measure no column names",
                'a choice under "Effect (yi) is": a difference in points, a logarithm of which ratio ...',
            )
        measure = usual.measures()[0] if measure == USUAL else measure
        if measure not in usual.measures():
            allowed = (
                f"for this outcome: {', '.join(usual.measures())}; effects of another measure are "
                "pooled above, as a review of their own"
            )
            raise Wrong("yi", f"an effect of measure {measure}", allowed)
        return effect_row(self.outcome, measure, self.codes, self.v["yi"], *self._limits()) | (
            self._scale() if self.outcome.kind == "score" else {}
        )

    def _limits(self) -> tuple[float, float]:
        """Limits of the 95% interval of yi: as printed, else from its variance."""
        yi, v = self.v["yi"], self.v
        if "low" in v and "high" in v:
            return v["low"], v["high"]
        if "vi" not in v:
            raise Wrong("yi", plain(yi), "vi, sei, or both limits beside it")
        half = float(quantile(0.95)) * math.sqrt(v["vi"])
        return yi - half, yi + half


def effect_row(
    outcome: words.Outcome, measure: str, codes: Sequence[str], yi: float, low: float, high: float
) -> dict[str, str]:
    """An effect and its 95% limits (ratios: logarithms) as a row of `contrasts`: treatment minus comparator."""
    shown: list[float] = []
    for value in (yi, low, high):
        if measure in words.RATIOS:
            if abs(value) > 50:
                raise Wrong("yi", f"{value:g}", "the logarithm of a ratio, from -50 to 50")
            shown.append(math.exp(value))
        else:
            shown.append(100 * value if measure == "RD" else value)
    row = {
        "arm_t": codes[0], "arm_c": codes[1], "treatment_t": codes[0], "treatment_c": codes[1],
        "measure": measure, "estimate": plain(shown[0]), "ci_low": plain(shown[1]),
        "ci_high": plain(shown[2]), "ci_level": "95",
    }  # fmt: skip
    if measure == "MD":
        positive = "comparator" if outcome.lower_is_better else "intervention"
        row |= {"positive_favours": positive, "sign_basis": "printed"}
    return row
