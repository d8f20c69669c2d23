"""Which edition of the data a folder holds: `edition.toml` with number, date, name, and why reports went.

A folder without the file is no edition (a reader's own, a test's). With it, number, date and name must be
there: an edition without a date cannot be cited.

    number = 2
    date = 2026-11-28
    name = "Second edition"

    [withdrawn]                      # study_id of the edition before = why it is no longer here
    chen-ji-pkp-leak = "the same report as kunshan-leak-311"

    [corrected]                      # study_id = what was corrected in a report that stays
    kruger-2010 = "declared to share patients with series-297"

    [[not_reached]]                  # figures that a report holds and that were looked for in vain
    study_id = "buchbinder-2009"
    outcome = "pain"
    weeks = [1, 4]                   # empty where no time is known
    missing = "mean and SD of each arm"
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import vocabulary as words
from analysis.evidence.faults import Fault

FILE = "edition.toml"
_LIKE = {
    "number": "a whole number from 1, such as 2",
    "date": "a date such as 2026-11-28, without quotes",
    "name": 'a text such as "Second edition"',
    "withdrawn": 'a study_id and the reason for each, such as smith-2010 = "retracted"',
    "corrected": 'a study_id and what was corrected for each, such as smith-2010 = "the year was read"',
    "not_reached": "entries with study_id, outcome, weeks (a list of numbers above 0) and missing",
}


@dataclass(frozen=True, slots=True)
class NotReached:
    """Results that a report holds but that could not be read: outcome (a key), times in weeks, what is missing."""

    study_id: str
    outcome: str
    weeks: tuple[float, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A dated issue of the data.

    `withdrawn` holds, by study_id, why a report is no longer in it; `corrected` what was corrected in one that
    stays; `not_reached` what was looked for in vain.
    """

    number: int
    date: dt.date
    name: str
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    not_reached: tuple[NotReached, ...] = ()
    corrected: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}, {self.date.day} {self.date:%B %Y}"


def read_edition(folder: Path) -> tuple[Edition | None, tuple[Fault, ...]]:
    """The edition of a data folder, and what is wrong with its file; None where there is none or it is faulty.

    >>> from analysis.evidence.load import DATA
    >>> read_edition(DATA)[0].number > 0
    True
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None, ()
    except (OSError, UnicodeDecodeError) as error:
        return None, (_fault("", f"a file that cannot be read ({error})", "a TOML file in UTF-8"),)
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, (_fault("", f"no TOML ({error})", f"number, date, name; {_LIKE['date']}"),)
    faults = [_fault(key, _words(said.get(key)), _LIKE[key]) for key in _LIKE if _wrong(key, said)]
    faults += [
        _fault(key, "an entry of this name", f"{', '.join(_LIKE)} (this one is not read)")
        for key in said
        if key not in _LIKE
    ]
    if any(_wrong(key, said) for key in _LIKE):
        return None, tuple(faults)
    sought = (
        NotReached(e["study_id"], e["outcome"], tuple(map(float, e["weeks"])), e["missing"].strip())
        for e in said.get("not_reached", ())
    )
    edition = Edition(
        number=said["number"], date=said["date"], name=said["name"].strip(),
        withdrawn=said.get("withdrawn", {}), corrected=said.get("corrected", {}),
        not_reached=tuple(sought),
    )  # fmt: skip
    return edition, tuple(faults)


def misnamed(edition: Edition | None, study_ids: Collection[str]) -> tuple[Fault, ...]:
    """A fault for every report that is called withdrawn and yet stands there, or that is sought and does not."""
    if edition is None or not study_ids:  # that no report can be read is told once, by its own file
        return ()
    withdrawn = [
        _fault(f"withdrawn.{name}", name, "the study_id of a report that is not in studies.csv")
        for name in edition.withdrawn
        if name in study_ids
    ]
    named = [("corrected", name) for name in edition.corrected]
    named += [("not_reached", e.study_id) for e in edition.not_reached]
    sought = [
        _fault(key, name, "the study_id of a report in studies.csv")
        for key, name in dict.fromkeys(named)
        if name not in study_ids
    ]
    return (*withdrawn, *sought)


def _wrong(key: str, said: Mapping[str, Any]) -> bool:
    value = said.get(key)
    if key == "number":
        return not (isinstance(value, int) and not isinstance(value, bool) and value >= 1)
    if key == "date":  # a date with a time of day is a date, too, to Python
        return not isinstance(value, dt.date) or isinstance(value, dt.datetime)
    if key == "name":
        return not (isinstance(value, str) and value.strip())
    if key == "not_reached":
        entries = value if isinstance(value, list) else [value]
        return value is not None and not all(map(_is_sought, entries))
    texts = value.values() if isinstance(value, dict) else [value]
    return value is not None and not all(isinstance(t, str) and t.strip() for t in texts)


def _is_sought(entry: object) -> bool:
    """Whether an entry of `not_reached` has all it needs, and nothing else."""
    if not isinstance(entry, dict) or set(entry) != {"study_id", "outcome", "weeks", "missing"}:
        return False
    weeks = entry["weeks"]
    timed = isinstance(weeks, list) and all(
        isinstance(w, int | float) and not isinstance(w, bool) and 0 < w < 10_000 for w in weeks
    )
    named = isinstance(entry["outcome"], str) and entry["outcome"] in words.OUTCOMES
    return (
        timed
        and named
        and all(isinstance(entry[k], str) and entry[k].strip() for k in ("study_id", "missing"))
    )


def _words(value: object) -> str:
    return "no such entry" if value is None else f"{value!r}"


def _fault(key: str, found: str, allowed: str) -> Fault:
    return Fault(FILE, None, key, found, allowed, quoted=False)
