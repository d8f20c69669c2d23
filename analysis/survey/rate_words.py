"""How a rate of harm reads: in percent with its interval, its counts, and what was counted."""

from __future__ import annotations

from analysis import vocabulary as words
from analysis.effects.study_effect import number, plain
from analysis.prose import counted as counted_noun
from analysis.survey.harms import Rate


def group_title(rate: Rate) -> str:
    """What a group of rows counts: "Per patient, found on CT"."""
    unit = words.PER[rate.unit].capitalize()
    return f"{unit}, {rate.reading.label}" if rate.reading.label else unit


def rate_text(rate: Rate) -> str:
    """A rate with its interval; without an event, its upper limit."""
    if rate.events == 0:
        return f"0% (at most {percent(rate.high)}%)"
    return f"{percent(rate.value)}% ({percent(rate.low)} to {percent(rate.high)}%)"


def counts_text(rate: Rate) -> str:
    """The counts behind a rate: events, denominator, studies."""
    star = "*" if rate.how == "common" else ""
    zero = f", {rate.without_event} without an event" if rate.without_event and rate.k > 1 else ""
    events, total = plain_count(rate.events), plain_count(rate.total)
    return f"{events} of {total}, {counted_noun(rate.k, 'study')}{star}{zero}"


def plain_code(code: str) -> str:
    """A code of the columns that say how an event was counted, as a reader says it.

    >>> plain_code("ct"), plain_code("not_stated"), plain_code("vertebrae (inferred)")
    ('CT', 'not stated', 'vertebrae (inferred)')
    """
    return code.upper() if code in ("ct", "mri") else code.replace("_", " ")


def plain_count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else plain(value)


def percent(value: float) -> str:
    """A proportion in percent with as many decimals as a small one needs; never 0 unless it is.

    >>> percent(0.1468), percent(0.0126), percent(0.0006), percent(0.0), percent(1.0)
    ('15', '1.3', '0.06', '0', '100')
    """
    scaled = 100 * value
    if scaled < _NEVER or scaled == 100.0:
        return number(round(scaled), 0)
    room = min(scaled, 100 - scaled)
    digits = 0 if room >= 9.95 else 1 if room >= 0.095 else 2
    text = number(scaled, digits)
    return text if float(text) not in (0.0, 100.0) else f"{scaled:.1g}"


_NEVER = 1e-9
"""Percent: no event at all, which on the logit scale is a number, too."""
