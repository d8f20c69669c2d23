"""A table as studies with effects: decisions in order, each said in one line, asked, or a fault in a cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.effects.from_records import NoEffect, OneEffect, completed, computed, given
from analysis.effects.measures import MEASURES, Measure
from analysis.reading.arms import by_comparison
from analysis.reading.asking import Choice, Fault, LeftOut, Question, listed
from analysis.reading.mapping import NO_CHOICES, Choices, Mapped, WrongChoice, column_named, mapped
from analysis.reading.opened import Table
from analysis.reading.records import Record, read_records, shares_to_events, text
from analysis.reading.roles import ROLES
from analysis.reading.scale import scale_of
from analysis.reading.totals import without_totals
from analysis.review import checks
from analysis.review.measure import measure_of

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
_ROW_STAYS_OUT = "no value in"
_STATED = ("vi", "sei", "se_ratio", "ci_low", "ci_high", "ci_text", "level")
_STANDS_IN = {
    "ai": ("bi", "p1i", "group1"),
    "ci": ("di", "p2i", "group2"),
    "n1i": ("bi",),
    "n2i": ("di",),
    "xi": ("pi",),
    "m1i": ("med1i", "q1_1i", "q3_1i", "min1i", "max1i", "group1"),
    "m2i": ("med2i", "q1_2i", "q3_2i", "min2i", "max2i", "group2"),
    "mi": ("medi", "q1_i", "q3_i", "mini", "maxi"),
    "sd1i": ("se1i",),
    "sd2i": ("se2i",),
}
"""What may be read in place of a number that a measure needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """What a table holds, ready to be pooled where there are no faults and no questions.

    Attributes
    ----------
    measure : the effect measure; None only beside a question or where nothing can be pooled.
    rows, labels : spreadsheet row and name, in the order of ``yi``.
    yi, vi : shape (k,), finite, ``vi`` above 0.
    sources : per study, given, computed or medians.
    clusters : per row, what belongs together; None where every row stands alone.
    counts : metafor's count columns, shape (k,), of tables that hold them in every row; else empty.
    moderators : per column asked for, its cells (numbers where all are).
    sizes : for the Freeman-Tukey back-transformation, or None.
    roles : role by column, as read. warnings : one sentence each.
    """

    measure: Measure | None
    rows: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    yi: np.ndarray = field(default_factory=lambda: np.array([]))
    vi: np.ndarray = field(default_factory=lambda: np.array([]))
    sources: tuple[str, ...] = ()
    clusters: tuple[str, ...] | None = None
    counts: Mapping[str, np.ndarray] = field(default_factory=dict)
    moderators: Mapping[str, list[float] | list[str]] = field(default_factory=dict)
    sizes: np.ndarray | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    guessed: bool = False
    corrected: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    warnings: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What an analysis of a review file says of itself (RevMan): measure, level of limits, "
    "whether effects are logarithms."""

    measure: str = ""
    level: float | None = None
    log_data: bool | None = None


def read_studies(table: Table, choices: Choices = NO_CHOICES, told: Told | None = None) -> Studies:
    """Read a table.

    Raises
    ------
    WrongChoice
        A column or role that `choices` names and the table does not have; a measure that does not exist.
    """
    how = mapped(table, choices)
    roles = dict(zip(table.columns, how.roles, strict=True))
    rows = read_records(
        table,
        how.roles,
        {r: v for r, v in how.constants.items() if r not in ("intervention", "comparator")},
    )
    said = [*table.remarks, *how.remarks, *rows.remarks]
    faults = [Fault(n, "the row", *_halves(sentence)) for n, sentence in table.faults] + list(
        rows.faults
    )
    nothing = Studies(None, roles=roles, warnings=tuple(said), faults=tuple(faults))
    if how.questions:
        return replace(nothing, questions=how.questions)
    records, remarks = without_totals(rows.records)
    said += remarks
    records, remarks, question = _one_outcome(records, rows.named, choices)
    said += remarks
    if question:
        return replace(nothing, questions=(question,), warnings=tuple(said))
    records, remarks, questions, more = by_comparison(records, rows.named, how.constants)
    said, faults = said + remarks, faults + more
    if questions:
        return replace(
            nothing, questions=tuple(questions), warnings=tuple(said), faults=tuple(faults)
        )
    more, remarks = shares_to_events(records, rows.named)
    faults, said = faults + more, said + remarks
    if (role := checks.shares_as_counts(records)) and role.replace("a", "p1").replace(
        "c", "p2"
    ) not in how.by_hand:
        column = rows.named.get(role, role)
        share = {"ai": "p1i", "ci": "p2i", "xi": "pi"}[role]
        text_ = f"{column} holds numbers from 0 to 1: are they shares of the patients?"
        choice = (
            Choice(
                "shares of the group",
                tuple(
                    ("map", f"{s}={rows.named[r]}")
                    for r, s in (("ai", "p1i"), ("ci", "p2i"), ("xi", "pi"))
                    if r in rows.named
                ),
            ),
        )
        return replace(
            nothing,
            questions=(Question(share, text_, choice),),
            warnings=tuple(said),
            faults=tuple(faults),
        )
    return _with_effects(
        table, choices, told or Told(), how, rows.named, records, said, faults, roles
    )


def _halves(sentence: str) -> tuple[str, str]:
    found, _, allowed = sentence.partition("; allowed: ")
    return found, allowed or "one cell per column"


def _asked_measure(choices: Choices) -> str:
    name = choices.measure.strip().upper()
    if name and name not in MEASURES:
        raise WrongChoice(f"measure {choices.measure!r}; allowed: {', '.join(MEASURES)}")
    return name


# --- several outcomes ----------------------------------------------------------------------------
def _one_outcome(
    records: Sequence[Record], named: Mapping[str, str], choices: Choices
) -> tuple[list[Record], list[str], Question | None]:
    """The rows of one outcome, where a column names several and studies stand under more than one."""
    if "outcome" not in named:
        return list(records), [], None
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
        return found[wanted], [], None
    labels = [{r.label.casefold() for r in rows} for rows in found.values()]
    overlapping = sum(map(len, labels)) > len(set().union(*labels)) if labels else False
    if len(found) < 2 or choices.cluster or not overlapping:
        return list(records), [], None
    options = [
        Choice(f"{name} ({len(rows)} rows)", (("analysis", name),))
        for name, rows in list(found.items())[:12]
    ]
    together = named.get("cluster", named.get("study", ""))
    if together:
        options.append(Choice("all, as several effects of each study", (("cluster", together),)))
    return (
        list(records),
        [],
        Question(
            "analysis",
            f"The column {named['outcome']} names {len(found)} outcomes, and studies stand under "
            "more than one: which is to be pooled?",
            tuple(options),
        ),
    )


# --- effects -------------------------------------------------------------------------------------
def _with_effects(
    table: Table,
    choices: Choices,
    told: Told,
    how: Mapped,
    named: Mapping[str, str],
    records: list[Record],
    said: list[str],
    faults: list[Fault],
    roles: Mapping[str, str],
) -> Studies:
    named = {**named, **{role: role for role in how.constants if role not in named}}
    asked = _asked_measure(choices)
    cell_measure, several = _measure_in_cells(records)
    from_name = how.measure or cell_measure or told.measure
    _swapped(records, said, named)
    by_hand = bool(how.by_hand & {"yi", "ratio", "log10"}) or told.log_data is True
    scale = scale_of(records, named, from_name, asked, by_hand)
    form = scale.form
    if (
        form and form not in named
    ):  # the cells stand under the role that their column was guessed to have
        named = _moved(records, named, form)
    said += scale.remarks
    base = Studies(
        None, roles=roles, warnings=tuple(said), faults=tuple(faults), records=tuple(records)
    )
    if several and not asked:
        text_ = (
            f"The column {named['measure']} names several measures ({listed(several)}); they "
            "cannot be pooled together: which one?"
        )
        return replace(
            base,
            questions=(
                Question("measure", text_, tuple(Choice(m, (("measure", m),)) for m in several)),
            ),
        )
    if several:
        records = [r for r in records if _type(r.words.get("measure", "")) == asked]
    if scale.question and not (form and _raw_is_whole(records, form, asked)):
        return replace(base, questions=(scale.question,))
    question = _error_of_ratio(records, named, form, how)
    if question:
        return replace(base, questions=(question,))
    values, notes = [], []
    for r in records:
        try:
            v, note = completed(r, named)
        except NoEffect as error:
            faults.append(
                Fault(r.row, named.get(error.role, error.role), error.found, error.reason)
            )
            v, note = dict(r.v), ""
        values.append(v)
        notes.append(note)
    stated = (
        form
        if any(form in r.v and r.v.keys() & {"vi", "sei", "ci_low", "se_ratio"} for r in records)
        else ""
    )
    chosen = measure_of(records, values, stated, from_name or scale.measure, asked)
    if chosen.question or chosen.measure is None:
        questions = (chosen.question,) if chosen.question else ()
        if not questions and not faults:
            faults = [*faults, Fault(1, "the header", listed(list(table.columns), 20), _needed())]
        return replace(base, questions=questions, faults=tuple(faults))
    return _assembled(
        table,
        choices,
        how,
        named,
        records,
        values,
        notes,
        form,
        chosen.measure,
        chosen.how,
        bool(asked),
        told,
        said,
        faults,
        roles,
    )


def _assembled(
    table: Table,
    choices: Choices,
    how: Mapped,
    named: Mapping[str, str],
    records: list[Record],
    values: list[dict[str, float]],
    notes: list[str],
    form: str,
    measure: Measure,
    why: str,
    asked: bool,
    told: Told,
    said: list[str],
    faults: list[Fault],
    roles: Mapping[str, str],
) -> Studies:
    """Effects of the rows that have one; the others are left out by name, or at fault."""
    level = how.level or told.level or 0.95
    needs = set(measure.columns)
    from_numbers = (
        computed(records, values, measure) if measure.function else [NoEffect("")] * len(records)
    )
    prefer_numbers = asked and measure.function is not None
    kept: list[int] = []
    effects: list[OneEffect] = []
    left_out: list[LeftOut] = []
    used = _roles_used(records, form, measure, prefer_numbers, level)
    for r in records:
        faults += checks.row_faults(r, named, used)
    faults = _of_used(faults, named, used, said)
    faulty = {f.row for f in faults}
    for i, r in enumerate(records):
        if r.row in faulty:
            continue
        try:
            stated = given(r, form, level) if form else None
        except NoEffect as error:
            faults.append(
                Fault(r.row, named.get(error.role, error.role), error.found, error.reason)
            )
            continue
        own = from_numbers[i]
        effect = (
            own if (prefer_numbers or stated is None) and not isinstance(own, NoEffect) else stated
        )
        if effect is None:
            _without(r, own, form, needs, named, faults, left_out)
        else:
            kept.append(i)
            effects.append(effect)
    if any(e.note for e in effects):
        said.append(
            f"{listed(sorted({e.note for e in effects if e.note}))}: "
            f"{listed([records[i].label for i, e in zip(kept, effects, strict=True) if e.note])}"
        )
    sources = _sources(kept, effects, notes, records, said)
    if why and not asked and measure.name != "RATIO":
        said.append(why)
    elif (
        asked
        and all(e.source == "given" for e in effects)
        and measure.function is not None
        and effects
    ):
        said.append(f"effects are taken as they stand, as {measure.name} ({measure.label})")
    limits_used = [
        e
        for i, e in zip(kept, effects, strict=True)
        if e.source == "given" and not records[i].v.keys() & {"vi", "sei", "se_ratio"}
    ]
    if limits_used and how.level is None and told.level is None and "level" not in named:
        said.append("limits are read as those of 95% intervals; --map level=90 reads them as 90%")
    said += checks.oddities(records, named)
    yi, vi = np.array([e.yi for e in effects]), np.array([e.vi for e in effects])
    labels = tuple(records[i].label for i in kept)
    said += checks.of_effects(yi, vi, labels, measure.name)
    complete = [values[i] for i in kept]
    clusters = _clusters(table, choices, [records[i] for i in kept])
    sizes = None
    if measure.size_column and all(measure.size_column in v for v in complete):
        sizes = np.array([v[measure.size_column] for v in complete])
    corrected = ()
    if measure.default_add:
        corrected = tuple(
            labels[j] for j, i in enumerate(kept) if sources[j] != "given" and _zero_cell(values[i])
        )
        if corrected:
            said.append(
                f"{measure.default_add:g} was added to each cell, for zero cells: {listed(list(corrected))}"
            )
    if measure.name in ("PFT", "IRFT") and sizes is not None and sizes.max() > 100 * sizes.min():
        said.append(
            "sizes spread widely, so that the double arcsine read back with their harmonic mean "
            "misleads (Schwarzer 2019); --measure PLO or --model glmm does not need it"
        )
    return Studies(
        measure=measure,
        rows=tuple(records[i].row for i in kept),
        labels=labels,
        yi=yi,
        vi=vi,
        sources=sources,
        clusters=clusters,
        counts=_counts(complete),
        moderators=_moderators(table, choices, [records[i].row for i in kept]),
        sizes=sizes,
        roles=roles,
        guessed=not asked,
        corrected=corrected,
        records=tuple(records[i] for i in kept),
        warnings=tuple(dict.fromkeys(said)),
        faults=tuple(sorted(faults, key=lambda f: f.row)),
        left_out=tuple(sorted(left_out, key=lambda f: f.row)),
    )


def _roles_used(
    records: Sequence[Record], form: str, measure: Measure, prefer_numbers: bool, level: float
) -> frozenset[str]:
    """The roles whose cells matter: those of the stated effects, and of the numbers behind the others."""
    used: set[str] = set()
    if form and not prefer_numbers:
        used |= {form, *_STATED}
        if all(_states(r, form) or not set(measure.columns) <= r.v.keys() for r in records):
            return frozenset(used)
    elif form:
        used |= {form, *_STATED}
    for column in measure.columns:
        used |= {column, *_STANDS_IN.get(column, ())}
    return frozenset(used)


def _states(r: Record, form: str) -> bool:
    return form in r.v and bool(r.v.keys() & {"vi", "sei", "ci_low", "se_ratio"})


def _of_used(
    faults: Sequence[Fault], named: Mapping[str, str], used: frozenset[str], said: list[str]
) -> list[Fault]:
    """Faults of the cells that matter; a column that is not needed is named once and not used."""
    roles = {column: role for role, column in named.items()}
    idle = [f for f in faults if f.column in roles and roles[f.column] not in used]
    for column in dict.fromkeys(f.column for f in idle):
        said.append(f"{column} is not needed here, and what it holds is not read")
    return [f for f in faults if f not in idle]


def _without(
    r: Record,
    own: OneEffect | NoEffect,
    form: str,
    needs: set[str],
    named: Mapping[str, str],
    faults: list[Fault],
    left_out: list[LeftOut],
) -> None:
    """A row without an effect: incomplete (left out) or impossible (a fault)."""
    reason = own.reason if isinstance(own, NoEffect) else ""
    role = own.role if isinstance(own, NoEffect) else ""
    if (form and form in r.v) or not reason or (form and reason.startswith(_ROW_STAYS_OUT)):
        lacking = (
            "no variance, standard error or limits"
            if form and form in r.v
            else f"no value in {named.get(form, form)}"
        )
        left_out.append(LeftOut(r.row, r.label, lacking if form else reason or "nothing to pool"))
    elif role:
        left_out.append(
            LeftOut(r.row, r.label, f"{named.get(role, role)} is {own.found}; needed: {reason}")
        )
    else:
        for name in needs:
            reason = reason if name not in named else reason.replace(f" {name}", f" {named[name]}")
        left_out.append(LeftOut(r.row, r.label, reason))


def _sources(
    kept: list[int],
    effects: list[OneEffect],
    notes: list[str],
    records: Sequence[Record],
    said: list[str],
) -> tuple[str, ...]:
    sources, medians, skewed, errors = [], [], [], []
    for i, effect in zip(kept, effects, strict=True):
        from_medians = effect.source == "computed" and "medians" in notes[i]
        sources.append("medians" if from_medians else effect.source)
        if from_medians:
            medians.append(records[i].label)
        if from_medians and "skewed" in notes[i]:
            skewed.append(records[i].label)
        if effect.source == "computed" and "standard error" in notes[i]:
            errors.append(records[i].label)
    if medians:
        said.append(
            f"converted from medians (mean by Luo 2018, SD by Wan 2014 or Shi 2020): {listed(medians)}"
        )
    if skewed:
        said.append(
            f"quartiles far from symmetric, so the conversion misleads (Shi 2023): {listed(skewed)}"
        )
    if errors:
        said.append(f"SD from the standard error of the mean: {listed(errors)}")
    return tuple(sources)


def _needed() -> str:
    return (
        "columns that make an effect: yi with vi, sei or limits; a ratio with limits; events and sizes of two groups "
        "(ai n1i ci n2i); means, SDs and sizes (m1i sd1i n1i m2i sd2i n2i); xi ni; mi sdi ni; ri ni. "
        "Other names are matched with --map role=column"
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


def _raw_is_whole(records: Sequence[Record], form: str, asked: str) -> bool:
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
    if form != "ratio" or "ci_low" in named or any(r.has("ci_low") for r in records):
        return None
    role = next((r for r in ("sei", "vi") if r in named), "")
    if not role or role in how.by_hand:
        return None
    column = named[role]
    choices = [Choice("of the logarithm of the ratio", (("map", f"{role}={column}"),))]
    if role == "sei":
        choices.append(Choice("of the ratio itself", (("map", f"se_ratio={column}"),)))
    else:
        choices.append(
            Choice("the effect is the logarithm already", (("map", f"yi={named['ratio']}"),))
        )
    return Question(
        "error",
        f"{named['ratio']} is a ratio as printed, and {column} is {ROLES[role].split(' of ')[0]}: of which number?",
        tuple(choices),
    )


def _clusters(table: Table, choices: Choices, records: Sequence[Record]) -> tuple[str, ...] | None:
    """What belongs together: by the column asked for, by study id, by name."""
    if choices.cluster:
        at = column_named(table, choices.cluster)
        if at is None:
            raise WrongChoice(
                f"cluster {choices.cluster}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        cells = dict(zip(table.row_numbers, (text(row[at]) for row in table.rows), strict=True))
        labels = [cells[r.row] or r.label for r in records]
    elif records and all(r.words.get("cluster") for r in records):
        labels = [r.words["cluster"] for r in records]
    else:
        labels = [r.label for r in records]
    keys = [" ".join(label.split()).casefold() for label in labels]
    return tuple(labels) if len(set(keys)) < len(keys) else None


def _moderators(
    table: Table, choices: Choices, rows: Sequence[int]
) -> dict[str, list[float] | list[str]]:
    found: dict[str, list[float] | list[str]] = {}
    for name in choices.mods:
        at = column_named(table, name)
        if at is None:
            raise WrongChoice(
                f"mods {name}: no such column; the file has {listed(list(table.columns), 40)}"
            )
        cells = dict(zip(table.row_numbers, (text(row[at]) for row in table.rows), strict=True))
        texts = [cells[row] for row in rows]
        try:
            found[table.columns[at]] = [
                float(t.replace(",", ".")) if t else math.nan for t in texts
            ]
        except ValueError:
            found[table.columns[at]] = texts
    return found


def _counts(values: Sequence[Mapping[str, float]]) -> dict[str, np.ndarray]:
    for needed in (
        ("ai", "n1i", "ci", "n2i"),
        ("x1i", "t1i", "x2i", "t2i"),
        ("xi", "ni"),
        ("xi", "ti"),
    ):
        if values and all(all(c in v for c in needed) for v in values):
            return {c: np.array([v[c] for v in values]) for c in needed}
    return {}


def _zero_cell(v: Mapping[str, float]) -> bool:
    cells = [v[c] for c in ("ai", "ci", "xi", "x1i", "x2i") if c in v]
    rest = [
        v[n] - v[e] for e, n in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")) if e in v and n in v
    ]
    return 0 in (*cells, *rest)
