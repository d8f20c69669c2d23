"""The cells of a summary of findings, and its sentences, in words: the same on the page and in every file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.appraisal.certainty import CONCERN
from analysis.appraisal.verdict import Verdict
from analysis.appraisal.wording import after, difference, ends, interval, patients
from analysis.effects.study_effect import number
from analysis.evidence.rules import known
from analysis.findings.model import NOT_RATED, Certainty, Numbers, Row
from analysis.network import Contrast, wording
from analysis.prose import capital, counted, listed, lower_first
from analysis.survey.harms import Rate
from analysis.survey.rate_words import counts_text, group_title, percent

NOT_KNOWN, NOT_COMPARED = "not known", "not compared"
LEVELS_UNKNOWN = "group means not reported"
_NEVER = 1e-9
"""Of 100: no event at all, which on the logit scale is a number, too."""
COLUMNS = ("Outcome", "Without", "With", "Difference", "Certainty", "Distance", "Evidence")


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as text, in the order of `COLUMNS`, then the sentence."""

    outcome: str
    without: str
    with_: str
    difference: str
    certainty: str
    distance: str
    evidence: str
    sentence: str

    def shown(self) -> tuple[str, ...]:
        """The cells under `COLUMNS`."""
        return (
            self.outcome, self.without, self.with_, self.difference, self.certainty, self.distance, self.evidence,
        )  # fmt: skip


def cells(row: Row) -> Cells:
    """A row as text."""
    outcome = f"{row.label}, {studied(row)}"
    if row.indirect is not None:
        rest = (
            NOT_COMPARED, NOT_COMPARED, _through_others(row.indirect), NOT_RATED, ", ".join(row.marks),
            _network(row.indirect),
        )  # fmt: skip
    elif row.answer is None:
        rest = (NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_RATED, "", "no usable study")
    else:
        rest = (
            _without(row), _with(row), _difference(row), certainty_text(row.certainty),
            ", ".join(row.marks) or "none", _evidence(row),
        )  # fmt: skip
    return Cells(outcome, *rest, row.sentence)


def studied(row: Row) -> str:
    """What the studies of a row looked at: "vertebroplasty against a sham procedure", "after vertebroplasty"."""
    if row.indirect is not None:
        return f"{words.SPOKEN[row.indirect.question.intervention]} against {words.SPOKEN[row.against]}"
    if row.answer is None:
        return f"against {words.SPOKEN[row.against]}"
    who = words.SPOKEN[row.answer.question.intervention]
    if row.rate is not None:
        return f"{after(who)}, {lower_first(group_title(row.rate))}"
    return f"{who} against {words.SPOKEN[row.against]}"


def certainty_text(found: Certainty) -> str:
    return found.level if found.level == NOT_RATED else f"{found.level}: {found.source}"


def reasons(found: Certainty) -> tuple[str, ...]:
    """The signals that are a concern, by name."""
    return tuple(lower_first(s.title) for s in found.signals if s.reading == CONCERN)


def _evidence(row: Row) -> str:
    assert row.answer is not None
    studies = row.answer.studies
    unit = row.answer.question.unit
    size = patients(studies, unit) if row.rate is None else f"{row.rate.total:,.0f} {unit}"
    count = counted(len(studies), "trial" if _trials(row.answer) else "study")
    return ", ".join(filter(None, (count, size, follow_up(row.answer))))


def _through_others(found: Contrast) -> str:
    """The size of a network's result, in points or as its measure."""
    q, told = found.question, found.combined
    if q.spec.kind == "score":
        return f"{difference(q, told.estimate)} ({ends(q, told.low, told.high)})"
    return f"{words.MEASURES[q.effect_measure]} {wording.estimate(q, told)}"


def _network(found: Contrast) -> str:
    through = [wording.short(t) for t in found.through]
    by = f", through {listed(through)}" if through else ""
    return f"network of {counted(len(found.trials), 'trial')}{by}, {found.question.window.label}"


def follow_up(found: Answer) -> str:
    """When the studies measured: the one time or the two, else the first and the last; "" where none says."""
    dated = sorted({(s.weeks, s.timepoint) for s in found.studies if known(s.weeks)})
    times = list(dict.fromkeys(text for _, text in dated))
    if len(times) < 3:
        return " and ".join(times)
    return f"{times[0]} to {times[-1]}"


def _trials(found: Answer) -> bool:
    return all(s.design in words.RANDOMISED for s in found.studies)


# --- numbers -------------------------------------------------------------------------------------
def hundred(value: float) -> str:
    """A number of 100, with decimals where it is small: 48, 4.9, 0.3."""
    return percent(value / 100)


def more(value: float) -> str:
    """A difference of 100: "4 more", "0.2 fewer", "0"."""
    size = number(abs(value), 0) if float(value).is_integer() else hundred(abs(value))
    return size if size == "0" else f"{size} {'more' if value > 0 else 'fewer'}"


def _without(row: Row) -> str:
    n = row.numbers
    if n is None or n.without is None:
        if row.kind == "counted":
            return NOT_COMPARED
        return LEVELS_UNKNOWN if n is not None else "no counts reported"
    if row.kind == "compared" and _score(row):
        return f"{number(n.without, 1)} {_unit(row)}"
    if row.kind == "counted":
        return "none: only after the procedure"
    return f"{hundred(n.without)} of 100"


def _with(row: Row) -> str:
    n = row.numbers
    if row.rate is not None:
        return of_100(row.rate)
    if n is None or n.with_ is None:
        return LEVELS_UNKNOWN if n is not None else "no counts reported"
    assert n.low is not None
    assert n.high is not None
    if _score(row):
        return f"{number(n.with_, 1)} {_unit(row)}"
    return f"{hundred(n.with_)} of 100 ({hundred(n.low)} to {hundred(n.high)})"


def of_100(rate: Rate) -> str:
    """A rate of 100; where no event was seen, what was counted and the exact upper limit."""
    unit = "" if rate.unit == "patients" else f" {words.UNITS[rate.unit].partition(' (')[0]}"
    if rate.events == 0:
        return f"0 of {rate.total:,.0f}{unit} (at most {percent(rate.high)} of 100)"
    return f"{percent(rate.value)} of 100{unit} ({percent(rate.low)} to {percent(rate.high)})"


def _difference(row: Row) -> str:
    n, found = row.numbers, row.answer
    assert found is not None
    if row.kind == "counted":
        if n is None or n.difference is None:
            return NOT_COMPARED
        return f"{more(n.difference)} of 100" if n.difference > _NEVER else "none seen"
    assert found.told is not None
    q, result = found.question, found.told.result
    if q.spec.kind == "score":
        return f"{difference(q, result.estimate)} ({ends(q, result.ci_low, result.ci_high)})"
    if n is None or n.difference is None:
        name = words.MEASURES[q.effect_measure]
        return f"{name} {found.in_short.rpartition(',')[0]}"
    return more_text(n)


def more_text(n: Numbers) -> str:
    """A difference of 100 with its limits: "4 more of 100 (7 fewer to 15 more)"."""
    assert n.without is not None
    ends = [v for v in (n.with_, n.low, n.high) if v is not None]
    whole = min(n.without, *ends) >= _WHOLE  # then of the whole numbers that stand beside it
    base = round(n.without) if whole else n.without
    point, low, high = (more(float(round(v) - base if whole else v - base)) for v in ends)
    return f"{point} of 100 ({low} to {high})"


_WHOLE = 9.95
"""Of 100: from here on numbers stand without decimals."""


def _score(row: Row) -> bool:
    return row.answer is not None and row.answer.question.spec.kind == "score"


def _unit(row: Row) -> str:
    assert row.answer is not None
    spec = row.answer.question.spec
    return f"{spec.unit} of {spec.scale[1]:g}" if spec.scale else spec.unit


# --- sentences -----------------------------------------------------------------------------------
def compared_sentence(found: Answer, numbers: Numbers | None) -> str:
    """The answer's own headline, and its size in absolute numbers."""
    assert found.told is not None
    q, result = found.question, found.told.result
    who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
    if q.spec.kind == "score":
        size = f"{difference(q, result.estimate)} {after(who)} than {after(whom)}"
        return f"{found.headline}. On average, {size} ({interval(q, result)})."
    if numbers is None or numbers.without is None or numbers.with_ is None:
        return f"{found.headline} ({words.MEASURES[q.effect_measure]} {found.in_short})."
    return (
        f"{found.headline}. Of 100 people, {hundred(numbers.with_)} {after(who)} and "
        f"{hundred(numbers.without)} {after(whom)}: {more_text(numbers)}."
    )


def counted_sentence(rate: Rate, against: str, only_after: bool) -> str:
    """How often an event was counted after a procedure, and what that leaves open."""
    who = words.SPOKEN[rate.treatment]
    tail = (
        f"It cannot happen {after(words.SPOKEN[against])}."
        if only_after
        else f"No usable comparison with {words.SPOKEN[against]}: how many would have had it anyway is not known."
    )
    kind = lower_first(group_title(rate))
    return f"After {who}, {of_100(rate)}, counted {kind} ({_counts(rate)}). {tail}"


def of_rate(rate: Rate) -> str:
    """Another way of counting, in a line."""
    return f"{group_title(rate)}: {of_100(rate)}; {_counts(rate)}"


def _counts(rate: Rate) -> str:
    return counts_text(rate).replace("*", "")


_VERDICTS = {
    Verdict.IMPORTANT_BENEFIT: "an important benefit for {}",
    Verdict.BENEFIT: "a benefit that may be important for {}",
    Verdict.SMALL_BENEFIT: "a benefit too small to notice for {}",
    Verdict.NO_IMPORTANT_DIFFERENCE: "no difference that patients would notice for {}",
    Verdict.UNCERTAIN: "not clear for {}",
    Verdict.SMALL_HARM: "a harm too small to notice for {}",
    Verdict.HARM: "a harm that may be important for {}",
    Verdict.IMPORTANT_HARM: "an important harm for {}",
    Verdict.BETTER: "better for {}",
    Verdict.WORSE: "worse for {}",
}


def benefits_sentences(rows: Sequence[Row]) -> tuple[str, ...]:
    """The rows of benefits, a sentence for each comparison: the outcomes by their verdict."""
    sentences = []
    for against in dict.fromkeys(row.against for row in rows):
        mine = [row for row in rows if row.against == against]
        said = _by_verdict(mine)
        nothing = [
            lower_first(row.label) for row in mine if row.answer is None and row.indirect is None
        ]
        if nothing:
            said.append(f"no usable study of {listed(nothing)}")
        others = sorted({
            row.answer.question.intervention
            for row in mine
            if row.answer is not None and "other procedure" in row.marks
        })  # fmt: skip
        studied = f" (studied with {listed([words.SHORT[t] for t in others])})" if others else ""
        if said:
            lead = f"Compared with {words.SPOKEN[against]}{studied}"
            sentences.append(_lines(lead, said))
        if by_network := _by_network(mine):
            sentences.append(by_network)
    return tuple(sentences)


def _by_network(rows: Iterable[Row]) -> str:
    """What networks say of the procedure itself, where no trial compared it; "" where they say nothing."""
    grouped: dict[str, list[str]] = {}
    for row in rows:
        if row.indirect is not None:
            asked = row.indirect.question
            lead = f"{words.SHORT[asked.intervention]} compared with {words.SPOKEN[asked.comparator]}, indirectly"
            grouped.setdefault(row.indirect.capped, []).append(lower_first(row.label))
    said = [f"{verdict} for {listed(labels)}" for verdict, labels in grouped.items()]
    return _lines(capital(lead), said) if said else ""


def _lines(lead: str, said: Sequence[str]) -> str:
    """A short sentence for each thing said, the first after a colon."""
    return " ".join((f"{lead}: {said[0]}.", *(f"{capital(text)}." for text in said[1:])))


def _by_verdict(rows: Iterable[Row]) -> list[str]:
    grouped: dict[str, list[str]] = {}
    for row in rows:
        if row.answer is None or row.answer.verdict is None:
            continue
        grouped.setdefault(_VERDICTS[row.answer.verdict], []).append(lower_first(row.label))
    return [text.format(listed(labels)) for text, labels in grouped.items()]


def harms_sentences(rows: Sequence[Row]) -> tuple[str, ...]:
    """Over the rows of harms: of 100 what was counted, what was compared, what nobody counted."""
    after_it = [
        f"{lower_first(row.label)} {of_100(row.rate).partition(' of 100')[0]}{_elsewhere(row)}"
        for row in rows
        if row.rate is not None and row.rate.events and row.rate.unit == "patients"
    ]
    never = [
        f"{lower_first(row.label)} in {of_100(row.rate)}{_elsewhere(row)}"
        for row in rows
        if row.rate is not None and not row.rate.events
    ]
    between = [
        f"{lower_first(row.label)} {hundred(row.numbers.with_)} with and {hundred(row.numbers.without)} without "
        f"({_VERDICTS[row.answer.verdict].partition(' for')[0]})"
        for row in rows
        if row.kind == "compared" and row.answer is not None and row.answer.verdict is not None
        and row.numbers is not None and row.numbers.with_ is not None and row.numbers.without is not None
    ]  # fmt: skip
    unknown = [
        lower_first(row.label) for row in rows if row.answer is None and row.indirect is None
    ]
    parts = []
    if after_it:
        parts.append(f"of 100 people treated (without a comparison group): {listed(after_it)}")
    if never:
        parts.append(listed(never))
    if between:
        parts.append(f"compared in studies, of 100 people: {listed(between)}")
    if unknown:
        parts.append(f"no usable count of {listed(unknown)}")
    return tuple(f"{capital(part)}." for part in parts)


def _elsewhere(row: Row) -> str:
    """After which procedure an event was counted, where it is not the one considered."""
    other = row.rate is not None and "other procedure" in row.marks
    return f" (after {words.SHORT[row.rate.treatment]})" if other and row.rate else ""
