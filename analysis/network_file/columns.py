"""Which column of a network file holds what: the names that netmeta, metafor, gemtc, multinma, MetaInsight
and BUGSnet give them, in any case and with any punctuation.

A column has a *role*, and where its name ends in a number (``treat2``, ``R.2``, ``n2i``) the number of the
arm in its row. Three layouts come out of it:

* ``contrasts``: one row per comparison (treat1, treat2, effect, standard error);
* ``arms``: one row per arm (study, treatment, numbers);
* ``wide``: one row per study, or per comparison of two arms (treat1, events1, n1, treat2, ...);
* ``baseline``: one row per arm with its difference from the study's first arm (gemtc's relative effects).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.errors import FileError

Layout = Literal["contrasts", "arms", "wide", "baseline"]
Key = tuple[str, int]
"""Role and number of the arm; 0 where the name has no number."""

STUDY = (
    "studlab", "study", "studyc", "studyid", "studyname", "studyn", "slab", "trial", "trialid", "trialname",
    "studynumber", "id", "studyno", "s", "author", "authors", "firstauthor", "label", "name",
)  # fmt: skip
"""Names of the column of studies, the best first."""

NAMES: dict[str, tuple[str, ...]] = {
    "treatment": (
        "treatment", "treat", "trt", "trtc", "treatmentlong", "t", "trtn", "tx", "arm", "group", "grp", "intervention",
        "drug", "treatmentname", "trtname", "treatmentarm", "treatmentgroup", "regimen",
    ),
    "comparator": ("comparator", "control", "versus", "vs"),
    "te": (
        "te", "yi", "diff", "effect", "effectsize", "es", "estimate", "contrast", "delta", "md",
        "meandifference", "smd", "logor", "lor", "lnor", "logrr", "lnrr", "loghr", "lhr", "lnhr", "logirr",
        "lnirr", "rd", "theta",
    ),
    "ratio": ("or", "rr", "hr", "irr", "oddsratio", "riskratio", "relativerisk", "hazardratio", "rateratio"),
    "se": ("sete", "se", "sei", "stderr", "standarderror", "stderror", "sediff", "selogor", "seloghr", "seyi"),
    "var": ("var", "vi", "v", "variance", "varte", "vari"),
    "ci_low": ("lower", "cilow", "cilb", "lowerci", "cilower", "lci", "ll", "low", "lowerlimit"),
    "ci_high": ("upper", "cihigh", "ciub", "upperci", "ciupper", "uci", "ul", "high", "upperlimit"),
    "events": (
        "events", "event", "r", "responders", "responder", "response", "resp", "xi", "x", "deaths", "death",
        "cases", "case", "dead", "nevents", "numevents", "eventcount", "successes",
    ),
    "nonevents": ("nonevents", "nonresponders", "noevents"),
    "n": (
        "n", "ni", "total", "samplesize", "size", "sample", "nn", "randomized", "randomised", "patients",
        "participants", "npatients", "ntotal", "totaln", "analysed", "analyzed",
    ),
    "mean": ("mean", "mi", "m", "average", "means"),
    "sd": ("sd", "sdi", "stddev", "stdev", "standarddeviation", "stddeviation"),
    "time": (
        "time", "ti", "exposure", "persontime", "personyears", "py", "years", "patientyears", "followuptime",
        "pt", "e",
    ),
    "measure": ("measure", "sm", "effectmeasure", "summarymeasure", "estype"),
    "y": ("y",),
    "d": ("d",),
}  # fmt: skip
ROLE_OF = {name: role for role, names in NAMES.items() for name in names}

# metafor's names for two groups in one row.
TWO_GROUPS: dict[str, Key] = {
    "ai": ("events", 1), "bi": ("nonevents", 1), "ci": ("events", 2), "di": ("nonevents", 2),
    "n1i": ("n", 1), "n2i": ("n", 2), "m1i": ("mean", 1), "m2i": ("mean", 2), "sd1i": ("sd", 1),
    "sd2i": ("sd", 2), "x1i": ("events", 1), "x2i": ("events", 2), "t1i": ("time", 1), "t2i": ("time", 2),
}  # fmt: skip
MEASURE_IN_NAME = {
    "OR": ("logor", "lor", "lnor", "or", "oddsratio"),
    "RR": ("logrr", "lnrr", "rr", "riskratio", "relativerisk"),
    "HR": ("loghr", "lhr", "lnhr", "hr", "hazardratio"),
    "IRR": ("logirr", "lnirr", "irr", "rateratio"),
    "MD": ("md", "meandifference"),
    "SMD": ("smd",),
    "RD": ("rd",),
}
_NUMBERED = re.compile(r"([a-z]+?)(\d{1,2})")
_OF_ARM = re.compile(r"(?:arm|group|grp|treatment|treat|trt)(\d{1,2})([a-z]+)")
_IN_ARM = re.compile(r"([a-z]+?)(?:arm|group|grp|treatment|treat|trt)(\d{1,2})")
_LETTERED = re.compile(r"(treatment|treat|trt|arm|group|intervention|drug)([ab])")
ARM_NUMBERS = ("events", "nonevents", "n", "mean", "sd", "se", "time")


class UnknownColumns(FileError):
    """No layout fits the columns; the message says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Columns:
    """`place` gives the column's index of each role; `measure` what a column's name tells of it."""

    layout: Layout
    place: dict[Key, int]
    measure: str | None

    def has(self, role: str, arm: int = 0) -> bool:
        """Whether there is such a column."""
        return (role, arm) in self.place

    def arms(self) -> list[int]:
        """Numbers of the arms in one row."""
        return sorted(arm for role, arm in self.place if role == "treatment" and arm)


def plain(name: str) -> str:
    """A column name without case, spaces and punctuation.

    >>> plain("Std. Err."), plain("T.1"), plain("r[,1]")
    ('stderr', 't1', 'r1')
    """
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def find_columns(names: Sequence[str], chosen: Mapping[str, str] | None = None) -> Columns:
    """The layout and the roles of the columns `names`.

    Parameters
    ----------
    names : as in the header.
    chosen : role -> column name, from the reader; goes before what is found.

    Raises
    ------
    UnknownColumns
    """
    keys = [plain(name) for name in names]
    place = roles_of(names, chosen)
    layout = _settle(place)
    if layout is None:
        raise UnknownColumns(_message(names))
    if layout in ("contrasts", "baseline"):
        effect = place.get(("te", 0), place.get(("ratio", 0)))
        measure = None if effect is None else _measure_in(keys[effect])
    else:
        measure = None
    return Columns(layout, place, measure)


def roles_of(names: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[Key, int]:
    """The index of the column of each role that the names tell."""
    keys = [plain(name) for name in names]
    place: dict[Key, int] = {}
    for role, name in (chosen or {}).items():
        place[_key_of(role)] = _index(name, names)
    taken = set(place.values())
    # The best name of each role first, then the leftmost column.
    for _, i, found in sorted(
        (_rank(key), i, _role(key)) for i, key in enumerate(keys) if _role(key)
    ):
        if i not in taken:
            place.setdefault(found, i)
    if ("study", 0) not in place:
        study = next((keys.index(name) for name in STUDY if name in keys), None)
        if study is not None and study not in place.values():
            place["study", 0] = study
    return place


def _key_of(role: str) -> Key:
    """A role as a reader writes it: "study", "treat1", "events2", "n"."""
    bare = plain(role)
    found = ("study", 0) if bare in STUDY else _role(bare)
    if found is None:
        roles = ", ".join(("study", *(name for name in NAMES if len(name) > 1)))
        raise UnknownColumns(
            f"found the role {role!r}; allowed: {roles}, with the number of the arm"
        )
    return found


def _index(name: str, names: Sequence[str]) -> int:
    for i, other in enumerate(names):
        if other.strip().casefold() == name.strip().casefold():
            return i
    raise UnknownColumns(f"found no column {name!r}; allowed: {', '.join(names)}")


def _role(key: str) -> Key | None:
    if key in TWO_GROUPS:
        return TWO_GROUPS[key]
    if key in ROLE_OF:
        return ROLE_OF[key], 0
    for start, role in (("se", "se"), ("var", "var")):
        if key.removeprefix(start) in (*NAMES["te"], *NAMES["ratio"]) and key.startswith(start):
            return role, 0  # "selnOR", "se_diff"
    if lettered := _LETTERED.fullmatch(key):
        return "treatment", 1 + "ab".index(lettered[2])
    # "events2", "events arm 2", "arm 2 events"
    for pattern, name, arm in ((_NUMBERED, 1, 2), (_IN_ARM, 1, 2), (_OF_ARM, 2, 1)):
        found = pattern.fullmatch(key)
        if found is not None and found[name] in ROLE_OF and int(found[arm]):
            role = ROLE_OF[found[name]]
            return {"y": "mean", "d": "events"}.get(role, role), int(found[arm])
    return None


def _rank(key: str) -> int:
    return NAMES[ROLE_OF[key]].index(key) if key in ROLE_OF else 0


def _settle(place: dict[Key, int]) -> Layout | None:
    """The layout; names that mean different things in different layouts are settled in `place`."""
    if ("treatment", 2) in place and ("treatment", 1) not in place:
        # The same names for every arm; the reader numbers them from the second on.
        for role in ("treatment", *ARM_NUMBERS):
            if (role, 2) in place and (role, 0) in place:
                place[role, 1] = place.pop((role, 0))
    effect = any((role, 0) in place for role in ("te", "ratio", "y"))
    two = any(role in ("events", "mean") and arm == 2 for role, arm in place)
    named = {("treatment", 0), ("comparator", 0)} <= place.keys()
    if named and ("treatment", 1) not in place and (effect or two):
        place["treatment", 1] = place.pop(("treatment", 0))
        place["treatment", 2] = place.pop(("comparator", 0))
    pairs = {("treatment", 1), ("treatment", 2)} <= place.keys()
    arms = any(role in ("n", "mean", "sd", "time", "events") and not arm for role, arm in place)
    for name, meaning in (
        ("y", "te" if pairs or not arms else "mean"),
        ("d", "te" if pairs else "events"),
    ):
        if (name, 0) in place:
            place.setdefault((meaning, 0), place.pop((name, 0)))
    spread = any((role, 0) in place for role in ("se", "var", "ci_low"))
    effect = ("te", 0) in place or ("ratio", 0) in place
    if pairs and effect and spread:
        return "contrasts"
    if pairs and any(role in ("events", "mean") and arm for role, arm in place):
        return "wide"
    if ("treatment", 0) in place and ("study", 0) in place:
        if ("events", 0) in place or ("mean", 0) in place:
            return "arms"
        if ("te", 0) in place and spread:
            return "baseline"
    return None


def _measure_in(key: str) -> str | None:
    return next((measure for measure, names in MEASURE_IN_NAME.items() if key in names), None)


def _message(names: Sequence[str]) -> str:
    return (
        f"no usable columns: found {', '.join(names)}; allowed: study, treat1, treat2, TE, seTE (one row per "
        "comparison); or study, treatment and events, n, or events, time, or mean, sd, n (one row per arm); or "
        "the same with the number of the arm (treat1, events1, n1, treat2, ...; one row per study)"
    )
