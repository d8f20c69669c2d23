"""The words of published reviews, read one column at a time; each rule says what it does not understand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis import vocabulary as words
from analysis.question import Question, overlap


class Unmatched(ValueError):
    """A review's words have no counterpart here; the message says which and why."""


# --- what is compared ----------------------------------------------------------------------------
_TREATMENTS: tuple[tuple[str, str], ...] = (
    ("BKP", r"BKP|P?KP|(balloon )?kyphoplasty"),
    ("VP", r"P?VP|vertebroplasty"),
    ("VAI", r"VAI|VBS|vertebral body stenting"),
    ("AUG", r"P?VA|VA \(VP and/or BKP\)|VP (and/)?or BKP|VP and BKP|augmentation"
            r"|(percutaneous )?cement augmentation|vertebroplasty and kyphoplasty pooled"),
    ("SHAM", r"sham|placebo( procedure| \(sham\))?"),
    ("NSM", r"NSM|CT|(usual|conservative) (care|treatment)|conservative|non-?operative"),
)  # fmt: skip
_ONE_GROUP = (
    r"(?P<who>.+?),? (arms?|\(single arms pooled\)|\(arm change[^)]*\)|pre-post( change)?"
    r"|single-group incidence|reduction in degrees|before vs after, uncontrolled)"
)


def pair(text: str) -> tuple[str, str]:
    """Intervention and comparator; the comparator is NONE where one group is described.

    >>> pair("BKP v conservative"), pair("VP arms"), pair("VP vs placebo")
    (('BKP', 'NSM'), ('VP', 'NONE'), ('VP', 'SHAM'))
    """
    if ";" in text:
        raise Unmatched("several comparisons in one statement")
    alone = re.fullmatch(_ONE_GROUP, text, re.IGNORECASE)
    if alone:
        return _treatment(alone["who"]), words.NONE
    sides = re.split(r"\s+vs?\.?\s+", text)
    if len(sides) != 2:
        raise Unmatched(f"not a comparison of two treatments: {text}")
    if "controls unknown" in sides[1]:
        raise Unmatched("whether sham controls are among its comparisons is not known")
    if re.search(r"sham.* or .*(usual care|non-?operative)|non-?operative or sham", sides[1]):
        raise Unmatched("sham and non-surgical controls taken together")
    first, second = _treatment(sides[0]), _treatment(sides[1])
    if overlap(first, second):
        raise Unmatched(f"both sides are the same treatment: {text}")
    return first, second


def _treatment(text: str) -> str:
    for code, pattern in _TREATMENTS:
        if re.fullmatch(pattern, text.strip(), re.IGNORECASE):
            return code
    raise Unmatched(f"compares or describes what no question here asks about: {text}")


# --- what is measured ----------------------------------------------------------------------------
def outcome(code: str, note: str) -> str:
    """The key of the outcome; the instrument may be named in the code or in the note.

    >>> outcome("disability (modified 23-item RMDQ)", ""), outcome("pain", "")
    ('rmdq', 'pain')
    """
    if code.startswith("risk of bias"):
        raise Unmatched("a judgement on trials, not an outcome")
    if "," in code or " and " in code:
        raise Unmatched(f"several outcomes in one statement: {code}")
    base = code.partition(" (")[0]
    candidates = [o for o in words.OUTCOMES.values() if o.source == base]
    if not candidates:
        raise Unmatched(f"an outcome that no question here asks about: {base.replace('_', ' ')}")
    if base == "kyphotic_angle":
        if "recovery rate" in note:
            raise Unmatched("a recovery rate, not an angle")
        return candidates[0].key
    if len(candidates) == 1:
        return candidates[0].key
    named = [o for o in candidates if o.include and o.matches(f"{code} {note}")]
    if len(named) != 1:
        raise Unmatched(f"the instrument or unit is not named: {base.replace('_', ' ')}")
    return named[0].key


# --- when ----------------------------------------------------------------------------------------
_WEEKS = {"day": 1 / 7, "week": 1.0, "month": 52 / 12, "year": 52.0}
_UNSTATED = r"|not stated.*|end ?point.*|baseline to end point|overall|long term.*|last follow-up.*"


def window(text: str) -> tuple[str, str]:
    """The time window, and what had to be assumed.

    >>> window("1 month"), window("3 to 5 weeks"), window("")[0]
    (('1m', ''), ('1m', ''), 'any')
    """
    if re.fullmatch(_UNSTATED, text):
        stated = f"the review says {text!r}" if text else "the review states no time"
        return "any", f"{stated}; ours is the longest follow-up of each study"
    spoken = re.fullmatch(r"(\d+)(?: to (\d+))? (day|week|month|year)s?", text)
    if not spoken:
        raise Unmatched(f"a time that covers several of our windows: {text}")
    first, last, unit = spoken.groups()
    ends = {_window_of(float(n) * _WEEKS[unit]) for n in (first, last or first)}
    if len(ends) > 1:
        raise Unmatched(f"a time that covers several of our windows: {text}")
    (key,) = ends
    if not key:
        raise Unmatched(f"a time beyond our windows: {text}")
    return key, ""


def _window_of(weeks: float) -> str:
    holding = (k for k, w in words.WINDOWS.items() if w.target is not None and w.holds(weeks))
    return next(holding, "")


# --- in whom -------------------------------------------------------------------------------------
_NOT_IN = r"[^;,(]*(excluded|non-?traumatic|non-cancer)[^;,)]*"


def patients(text: str) -> tuple[str, str]:
    """Cause of fracture and fracture age.

    >>> patients("OVCF, RCTs to April 2018"), patients("pain of recent onset (<=6 weeks)")
    (('osteoporotic', 'any'), ('any', '6w'))
    """
    if re.search(r"severe (baseline )?pain", text):
        raise Unmatched("patients chosen by severe pain at baseline, which the data do not hold")
    kept = re.sub(_NOT_IN, "", text, flags=re.IGNORECASE)
    osteoporotic = re.search(r"osteopor|OVCF", kept, re.IGNORECASE)
    malignant = re.search(r"metasta|cancer|malignan|myeloma", kept, re.IGNORECASE)
    cause = "any"
    if bool(osteoporotic) != bool(malignant):
        cause = "osteoporotic" if osteoporotic else "malignant"
    return cause, "6w" if re.search(r"6 weeks", kept) else "any"


def designs(text: str) -> tuple[tuple[str, ...], str]:
    """The kinds of study that a comparison admits, and what had to be assumed."""
    if re.search(r"observational|claims", text, re.IGNORECASE):
        return ("comparative_cohort",), ""
    randomised = re.search(r"\bRCTs?\b|randomised", text)
    others = re.search(r"cohort|non-randomised|prospective (non-randomised|comparative)", text)
    if others:
        return words.COMPARATIVE, ""
    if randomised:
        return (), ""
    assumed = "the review does not say which kinds of study; ours are comparative studies"
    return words.COMPARATIVE, assumed


# --- what kind of number -------------------------------------------------------------------------
def no_figure(measure: str) -> str:
    """Why a row without an estimate has none."""
    kind = measure.upper()
    if "RANGE" in kind:
        return "a range over studies, not a pooled figure"
    if "COUNT" in kind:
        return "a count only: no pooled figure in the copy that was read"
    if "DIRECTION" in kind:
        return "a direction only: no pooled figure in the copy that was read"
    return "no pooled figure in the copy that was read"


def measure(text: str, *, one_group: bool) -> str:
    """The measure as this house names it.

    >>> measure("proportion pct", one_group=True), measure("RR", one_group=False)
    ('PLO', 'RR')
    """
    kind = text.upper().strip()
    if "RANGE" in kind or "RANK" in kind or "COUNT" in kind:
        raise Unmatched(no_figure(text))
    if kind.startswith("SMD"):
        raise Unmatched("standardised: in standard deviations, ours in the scale's own points")
    if kind == "MEAN":
        raise Unmatched("a mean of one group at one time: neither a change nor a difference")
    if "PROPORTION" in kind:
        return "PLO"
    if kind in ("RR", "OR", "HR", "RD", "LOG_OR"):
        return kind
    if kind == "MD" and not one_group:
        return "MD"
    if one_group and (kind == "MD" or "CHANGE" in kind or "DECREASE" in kind):
        return "MC"
    raise Unmatched(f"a kind of number that has no counterpart here: {text or 'not named'}")


_UNITS: tuple[tuple[str, str], ...] = (
    ("", r"unit[^;]*not stated"),
    ("patients", r"(proportion|pct|%) of (patients|subjects)|pct=\d+ of subjects|\(patients\)"),
    ("vertebrae", r"(proportion|pct|%) of (treated )?(vertebrae|levels|fractures)"
                  r"|unit: (treated )?(vertebrae|levels|fractures)|number of fractured vertebrae"),
)  # fmt: skip


def unit(question: Question, kind: str, note: str) -> tuple[str, str]:
    """What an event figure counts, and what had to be assumed.

    A ratio that names no unit compares groups of patients, as for printed ratios of trials; a proportion that
    names none could be of patients or of vertebrae, which differ too much to guess.
    """
    for name, pattern in _UNITS:
        if re.search(pattern, note):
            if name:
                return name, ""
            break
    if question.outcome in ("mortality", "responder"):
        return "patients", ""
    if kind in (*words.RATIOS, "LOG_OR"):
        return "patients", "the review does not say what it counts; taken as patients"
    raise Unmatched("does not say whether patients or vertebrae are counted")


def part(note: str) -> str:
    """A restriction of what was counted that our question does not make."""
    if re.search(r"symptomatic", note):
        raise Unmatched("counts only part of the outcome (by symptoms)")
    if "severity not defined" in note:
        raise Unmatched("complications whose severity is not defined")
    found = re.search(r"what: (clinical|radiological)", note)
    if not found:
        return ""
    return f"the review counts {found[1]} fractures apart; ours takes what each study printed"


_INTERVENTION_BETTER = r"points better with|(?<!\()positive favours \w+(?! is not)"
_AS_SUBTRACTED = r"negative favours|smaller angle with"
_A_DECREASE = r"decrease|reduction"


def sign(row: Mapping[str, Any], question: Question) -> float:
    """The factor from the printed figure to follow-up minus baseline, or intervention minus comparator."""
    better = -1.0 if question.spec.lower_is_better else 1.0
    if question.one_group:
        text = f"{row['measure']} {row['comparison']} {row['note']}"
        return -1.0 if row["estimate"] > 0 and re.search(_A_DECREASE, text) else 1.0
    if re.search(_INTERVENTION_BETTER, row["note"]):
        return better
    if re.search(_AS_SUBTRACTED, row["note"]):
        return -better
    raise Unmatched("does not say whom a positive difference favours")
