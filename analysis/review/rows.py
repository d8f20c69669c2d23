"""A table's rows with every decision that comes before effects: totals, outcomes, groups in rows, scale.

What was decided is said in one line each; what the table does not decide is a question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analysis.effects.measures import MEASURES
from analysis.reading.arms import by_comparison
from analysis.reading.asking import Choice, Fault, Question, listed
from analysis.reading.mapping import Choices, Mapped, WrongChoice, mapped
from analysis.reading.nameless import named_rows
from analysis.reading.opened import Table
from analysis.reading.patients import by_group
from analysis.reading.records import Record, read_records, texts_of
from analysis.reading.roles import ROLES
from analysis.reading.scale import scale_of
from analysis.reading.shares import shares_to_events
from analysis.reading.totals import of_several_studies, without_totals
from analysis.review import checks
from analysis.review.contrasts import one_contrast
from analysis.review.logrank import as_effects, which_ratio
from analysis.review.shared_controls import merged

_TYPES = {
    "LOGOR": "OR",
    "LNOR": "OR",
    "LOGRR": "RR",
    "LNRR": "RR",
    "LOGHR": "HR",
    "LNHR": "HR",
    "HEDGES G": "SMD",
    "G": "SMD",
    "D": "SMD",
    "COHENS D": "SMD",
    "COHEN'S D": "SMD",
}
_SHARES = {"ai": "p1i", "ci": "p2i", "xi": "pi"}
_CONSTANT_WORDS = ("intervention", "comparator")


@dataclass(frozen=True, slots=True)
class Told:
    """What a review's file says of an analysis: measure, level of limits, whether effects stand as analysed.

    `settled` is False where they may as well be ratios, None where the file states none.
    """

    measure: str = ""
    level: float | None = None
    settled: bool | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What `decide` returns.

    Attributes
    ----------
    records : one per comparison or group, in the order of the table.
    table : the rows that were read: those of the file, or groups of its patients.
    how : roles of the columns. named : the reader's column for each role.
    form : role under which rows state an effect (yi, ratio, log10), "" none do.
    measure : what the file tells of the measure, "" nothing. level : of the limits.
    warnings, faults, questions : while there is a question, what follows it is not decided.
    """

    how: Mapped
    table: Table
    records: tuple[Record, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    form: str = ""
    measure: str = ""
    level: float = 0.95
    level_told: bool = False
    warnings: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    questions: tuple[Question, ...] = ()


def decide(
    table: Table, choices: Choices, told: Told, asked: str = "", one_outcome: bool = True
) -> Decided:
    """Read a table's rows and decide what they are.

    Parameters
    ----------
    asked : measure that the reader asked for, "" none.
    one_outcome : whether one outcome is wanted, so that it is asked which where there are several.

    Raises
    ------
    WrongChoice
        A column or role that `choices` names and the table does not have.
    """
    how = mapped(table, choices)
    patients = by_group(table, how.roles)
    roles = how.roles
    if patients is not None and patients.remark:
        table, roles = patients.table, patients.roles
        how = replace(how, remarks=(*how.remarks, patients.remark), questions=())
    constants = {r: v for r, v in how.constants.items() if r not in _CONSTANT_WORDS}
    rows = read_records(table, roles, constants)
    said = [*table.remarks, *how.remarks, *rows.remarks]
    cut = [Fault(n, "the row", *_halves(sentence)) for n, sentence in table.faults]
    named = {**rows.named, **{role: role for role in constants if role not in rows.named}}
    level = how.level or told.level
    so_far = Decided(
        how,
        table,
        named=named,
        level=level or 0.95,
        level_told=level is not None or "level" in named,
        faults=(*cut, *rows.faults),
    )

    def asking(*questions: Question) -> Decided:
        return replace(so_far, questions=questions, warnings=tuple(said))

    if patients is not None and patients.fault:
        faults = (*so_far.faults, patients.fault)
        return replace(so_far, faults=faults, warnings=tuple(said))
    if patients is not None and patients.question:
        return asking(patients.question)
    if column := of_several_studies(table.columns, texts_of(table)):
        fault = Fault(
            table.row_numbers[0],
            column,
            "a result of several studies",
            "one row per study; the rows here are results of outcomes, each pooled already: bring the studies of one",
        )
        return replace(so_far, faults=(*so_far.faults, fault), warnings=tuple(said))
    if how.questions:
        return asking(*how.questions)
    if "study" not in named and len(rows.records) > 1:
        said.append(
            "no column names the studies: each row is read as a study of its own (--map study=COLUMN)"
        )
    records, remarks, more = named_rows(rows.records, table, named)
    said += remarks
    so_far = replace(so_far, faults=(*so_far.faults, *more))
    records, remarks = without_totals(records)
    said += remarks
    if one_outcome:
        records, question = _one_outcome(records, named, choices)
        if question:
            return asking(question)
    records, remarks, question = one_contrast(records, named, how.constants)
    said += remarks
    if question:
        return asking(question)
    records, remarks, questions, more = by_comparison(records, named, how.constants)
    said += remarks
    so_far = replace(so_far, faults=(*so_far.faults, *more))
    if questions:
        return asking(*questions)
    more, remarks = shares_to_events(records, named)
    said += remarks
    so_far = replace(so_far, faults=(*so_far.faults, *more))
    if question := _about_shares(records, named, how):
        return asking(question)
    if not choices.cluster:
        records, remarks = merged(records, named)
        said += remarks
    named, remarks = as_effects(records, named)
    said += remarks
    if question := which_ratio(named, asked or told.measure):
        return asking(question)
    so_far = replace(so_far, named=named)
    return _scaled(replace(so_far, records=tuple(records)), said, told, asked)


def _scaled(found: Decided, said: list[str], told: Told, asked: str) -> Decided:
    """Decide the measure that the file tells, and the scale of the effects that rows state."""
    records, named, how = list(found.records), found.named, found.how
    in_cells, several = _measure_in_cells(records)
    measure = how.measure or in_cells or told.measure
    _swapped(records, said, named)
    by_hand = bool(how.by_hand & {"yi", "ratio", "log10"}) or told.settled is True
    scale = scale_of(records, named, measure, asked, by_hand)
    form = scale.form
    if (
        form and form not in named
    ):  # cells stand under the role that their column was guessed to have
        named = _moved(records, named, form)
    if several and asked:
        records = [r for r in records if _type(r.words.get("measure", "")) == asked]
    questions: tuple[Question, ...] = ()
    if several and not asked:
        text = (
            f"The column {named['measure']} names several measures ({listed(several)}); they "
            "cannot be pooled together: which one?"
        )
        choices = tuple(Choice(m, (("measure", m),)) for m in several)
        questions = (Question("measure", text, choices),)
    elif told.settled is False and not by_hand and _may_be_ratios(records):
        questions = (_which_scale(named),)
    elif scale.question and not _raw_is_whole(records, asked):
        questions = (scale.question,)
    elif question := _error_of_ratio(records, named, form, how):
        questions = (question,)
    return replace(
        found,
        records=tuple(records),
        named=named,
        form=form,
        measure=measure or scale.measure,
        warnings=(*said, *scale.remarks),
        questions=questions,
    )


def _may_be_ratios(records: Sequence[Record]) -> bool:
    values = [r.v["yi"] for r in records if "yi" in r.v]
    return bool(values) and min(values) > 0


def _which_scale(named: Mapping[str, str]) -> Question:
    """Effects of a review above 0 with their errors alone: as analysed, or ratios beside errors of logarithms."""
    effect, error = named["yi"], named.get("sei", "sei")
    return Question(
        "scale",
        "The review names no measure, and its effects are all above 0: are they ratios, whose logarithms have the "
        "standard errors, or effects as analysed?",
        (
            Choice("ratios", (("map", f"ratio={effect}"), ("map", f"sei={error}"))),
            Choice("effects as analysed (differences, logarithms)", (("map", f"yi={effect}"),)),
        ),
    )


def _halves(sentence: str) -> tuple[str, str]:
    found, _, allowed = sentence.partition("; allowed: ")
    return found, allowed or "one cell per column"


def _about_shares(
    records: Sequence[Record], named: Mapping[str, str], how: Mapped
) -> Question | None:
    """Whether "events" from 0 to 1 are shares."""
    role = checks.shares_as_counts(records)
    if not role or _SHARES[role] in how.by_hand:
        return None
    pairs = tuple(("map", f"{s}={named[r]}") for r, s in _SHARES.items() if r in named)
    text = f"{named.get(role, role)} holds numbers from 0 to 1: are they shares of the patients?"
    return Question("shares", text, (Choice("shares of the group", pairs),))


def _one_outcome(
    records: Sequence[Record], named: Mapping[str, str], choices: Choices
) -> tuple[list[Record], Question | None]:
    """The rows of one outcome, where a column names several and studies appear under more than one."""
    if "outcome" not in named:
        return list(records), None
    found: dict[str, list[Record]] = {}
    for r in records:
        found.setdefault(r.words.get("outcome", "") or "(empty)", []).append(r)
    if choices.analysis:
        wanted = next(
            (n for n in found if n.casefold() == choices.analysis.strip().casefold()), None
        )
        if wanted is None:
            raise WrongChoice(
                f"analysis {choices.analysis!r}; the column {named['outcome']} has {listed(list(found), 20)}"
            )
        return found[wanted], None
    labels = [{r.label.casefold() for r in rows} for rows in found.values()]
    overlapping = sum(map(len, labels)) > len(set().union(*labels)) if labels else False
    if len(found) < 2 or choices.cluster or not overlapping:
        return list(records), None
    options = [
        Choice(f"{name} ({len(rows)} rows)", (("analysis", name),))
        for name, rows in list(found.items())[:12]
    ]
    together = named.get("cluster", named.get("study", ""))
    if together:
        options.append(Choice("all, as several effects of each study", (("cluster", together),)))
    return (
        list(records),
        Question(
            "analysis",
            f"The column {named['outcome']} names {len(found)} outcomes, and studies stand under "
            "more than one: which is to be pooled?",
            tuple(options),
        ),
    )


def _measure_in_cells(records: Sequence[Record]) -> tuple[str, list[str]]:
    """The measure that a column of measures names, or all of them where they differ."""
    names = list(
        dict.fromkeys(_type(r.words["measure"]) for r in records if r.words.get("measure"))
    )
    known = [n for n in names if n in MEASURES]
    return (
        (known[0], [])
        if len(known) == 1 and len(names) == 1
        else ("", known if len(known) > 1 else [])
    )


def _type(text_: str) -> str:
    bare = text_.strip().upper()
    return _TYPES.get(bare, bare)


def _swapped(records: Sequence[Record], said: list[str], named: Mapping[str, str]) -> None:
    """Limits that stand crossed in every row are turned; in some rows only, that is a fault of those."""
    rows = [r for r in records if r.has("ci_low", "ci_high")]
    if len(rows) > 1 and all(r.v["ci_low"] > r.v["ci_high"] for r in rows):
        for r in rows:
            r.v["ci_low"], r.v["ci_high"] = r.v["ci_high"], r.v["ci_low"]
        said.append(
            f"{named.get('ci_low', 'ci_low')} holds the upper limits and "
            f"{named.get('ci_high', 'ci_high')} the lower ones in every row: read so"
        )


def _moved(records: Sequence[Record], named: Mapping[str, str], form: str) -> dict[str, str]:
    """Put the effect under the role that it turned out to have."""
    was = next(r for r in ("yi", "ratio") if r in named)
    for r in records:
        if was in r.v:
            r.v[form], r.digits[form] = r.v.pop(was), r.digits.pop(was, 6)
    return {form if role == was else role: column for role, column in named.items()}


def _raw_is_whole(records: Sequence[Record], asked: str) -> bool:
    """Whether the measure asked for comes from counts or means in every row, so that the stated "
    "effect is not needed."""
    measure = MEASURES.get(asked)
    return bool(
        measure
        and measure.function
        and all(all(c in r.v for c in measure.columns) for r in records)
    )


def _error_of_ratio(
    records: Sequence[Record], named: Mapping[str, str], form: str, how: Mapped
) -> Question | None:
    """A ratio with a standard error or variance and no limits: of the logarithm, or of the ratio?"""
    if form not in ("ratio", "log10") or "ci_low" in named or any(r.has("ci_low") for r in records):
        return None
    role = next((r for r in ("sei", "vi") if r in named), "")
    if not role or role in how.by_hand:
        return None
    column = named[role]
    if form == "log10":
        ways = (("of the natural logarithm", role), ("of the logarithm to base 10", "se_log10"))
        text = f"{named[form]} is a logarithm to base 10: of which logarithm is {column} the error?"
        pairs = tuple(Choice(said, (("map", f"{r}={column}"),)) for said, r in ways)
        return Question("error", text, pairs if role == "sei" else pairs[:1])
    choices = [Choice("of the logarithm of the ratio", (("map", f"{role}={column}"),))]
    if role == "sei":
        choices.append(Choice("of the ratio itself", (("map", f"se_ratio={column}"),)))
    else:
        choices.append(
            Choice("the effect is the logarithm already", (("map", f"yi={named['ratio']}"),))
        )
    return Question(
        "error",
        f"{named['ratio']} is a ratio as reported, and {column} is {ROLES[role].split(' of ')[0]}: of which number?",
        tuple(choices),
    )
