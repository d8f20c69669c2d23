"""A table as studies with effects: decisions in order, each said in one line, asked, or a fault in a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.effects.from_records import SD_FROM, NoEffect, OneEffect, completed, computed, given
from analysis.effects.measures import MEASURES, Measure
from analysis.reading.asking import Fault, LeftOut, Question, listed
from analysis.reading.mapping import NO_CHOICES, Choices, WrongChoice
from analysis.reading.opened import Table
from analysis.reading.records import Record
from analysis.reading.roles import WORDS
from analysis.review import checks
from analysis.review.columns_beside import clusters_of, moderators_of
from analysis.review.measure import Chosen, before_and_after, measure_of
from analysis.review.rows import Decided, Told, decide

_ROW_STAYS_OUT = "no value in"
_ERRORS = frozenset({"vi", "sei", "ci_low", "se_ratio", "se_log10", "p_value"})
"""What makes a stated effect one that can be pooled."""
_STATED = (*_ERRORS, "ci_high", "ci_text", "level")
_STANDS_IN = {
    "ai": ("bi", "p1i", "group1"),
    "ci": ("di", "p2i", "group2"),
    "n1i": ("bi",),
    "n2i": ("di",),
    "xi": ("pi",),
    "m1i": ("med1i", "iqr_1i", "q1_1i", "q3_1i", "min1i", "max1i", "group1"),
    "m2i": ("med2i", "iqr_2i", "q1_2i", "q3_2i", "min2i", "max2i", "group2"),
    "mi": ("medi", "q1_i", "q3_i", "mini", "maxi"),
    "sd1i": ("se1i", "var1i", "low1i", "high1i"),
    "sd2i": ("se2i", "var2i", "low2i", "high2i"),
    "sdi": ("vari", "lowi", "highi"),
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


def read_studies(table: Table, choices: Choices = NO_CHOICES, told: Told | None = None) -> Studies:
    """Read a table.

    Raises
    ------
    WrongChoice
        A column or role that `choices` names and the table does not have; a measure that does not exist.
    """
    asked = _asked_measure(choices)
    found = decide(table, choices, told or Told(), asked)
    roles = dict(zip(table.columns, found.how.roles, strict=True))
    base = Studies(
        None,
        roles=roles,
        records=found.records,
        warnings=found.warnings,
        faults=found.faults,
        questions=found.questions,
    )
    if found.questions:
        return base
    values, notes, faults = _completed(found)
    form = found.form
    states = any(form in r.v and r.v.keys() & _ERRORS for r in found.records)
    chosen = measure_of(found.records, values, form if states else "", found.measure, asked)
    if not asked and (question := before_and_after(table, chosen)):
        return replace(base, questions=(question,))
    if chosen.measure is None:
        questions = (chosen.question,) if chosen.question else ()
        if not questions and not faults:
            faults = [Fault(1, "the header", listed(list(table.columns), 20), _needed())]
        return replace(base, questions=questions, faults=tuple(faults))
    studies = _assembled(found, values, notes, chosen, bool(asked), faults)
    records = studies.records
    mods, said = moderators_of(found.table, choices, [r.row for r in records])
    return replace(
        studies,
        roles=roles,
        clusters=clusters_of(found.table, choices, records),
        moderators=mods,
        warnings=(*studies.warnings, *said),
    )


def _completed(found: Decided) -> tuple[list[dict[str, float]], list[str], list[Fault]]:
    """Each record's numbers with what follows from them, what was done, and the faults so far."""
    values, notes, faults = [], [], list(found.faults)
    for r in found.records:
        try:
            v, note = completed(r, found.named, found.level)
        except NoEffect as error:
            column = found.named.get(error.role, error.role)
            faults.append(Fault(r.row, column, error.found, error.reason))
            v, note = dict(r.v), ""
        values.append(v)
        notes.append(note)
    return values, notes, faults


def _asked_measure(choices: Choices) -> str:
    name = choices.measure.strip().upper()
    if name and name not in MEASURES:
        raise WrongChoice(f"measure {choices.measure!r}; allowed: {', '.join(MEASURES)}")
    return name


# --- effects -------------------------------------------------------------------------------------
def _assembled(
    found: Decided,
    values: list[dict[str, float]],
    notes: list[str],
    chosen: Chosen,
    asked: bool,
    faults: list[Fault],
) -> Studies:
    """Effects of the rows that have one; the others are left out by name, or at fault."""
    records, named, form, level = found.records, found.named, found.form, found.level
    measure, said = chosen.measure, list(found.warnings)
    assert measure is not None
    needs = set(measure.columns)
    from_numbers = (
        computed(records, values, measure) if measure.function else [NoEffect("")] * len(records)
    )
    prefer_numbers = asked and measure.function is not None
    kept: list[int] = []
    effects: list[OneEffect] = []
    left_out: list[LeftOut] = []
    used = _roles_used(records, form, measure, prefer_numbers)
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
    if chosen.how and not asked and measure.name != "RATIO":
        said.append(chosen.how)
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
        if e.source == "given"
        and records[i].has("ci_low", "ci_high")
        and not records[i].v.keys() & {"vi", "sei", "se_ratio", "se_log10"}
    ]
    means = any(SD_FROM[2] in notes[i] for i, e in zip(kept, effects, strict=True) if e.source == "computed")
    if (limits_used or means) and not found.level_told:
        said.append("limits are read as those of 95% intervals; --map level=90 reads them as 90%")
    said += checks.oddities(records, named)
    yi, vi = np.array([e.yi for e in effects]), np.array([e.vi for e in effects])
    labels = tuple(records[i].label for i in kept)
    said += checks.of_effects(yi, vi, labels, measure.name)
    complete = [values[i] for i in kept]
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
        counts=_counts(complete),
        sizes=sizes,
        guessed=not asked,
        corrected=corrected,
        records=tuple(records[i] for i in kept),
        warnings=tuple(dict.fromkeys(said)),
        faults=tuple(sorted(faults, key=lambda f: f.row)),
        left_out=tuple(sorted(left_out, key=lambda f: f.row)),
    )


def _roles_used(
    records: Sequence[Record], form: str, measure: Measure, prefer_numbers: bool
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
        used.add(column)
        # cells beside sizes matter where counts are pooled, not where the sizes are those of means
        if "ai" in measure.columns or not all(column in r.v for r in records):
            used |= set(_STANDS_IN.get(column, ()))
    return frozenset(used)


def _states(r: Record, form: str) -> bool:
    return form in r.v and bool(r.v.keys() & _ERRORS)


def _of_used(
    faults: Sequence[Fault], named: Mapping[str, str], used: frozenset[str], said: list[str]
) -> list[Fault]:
    """Faults of the cells that matter; a column that is not needed is named once and not used."""
    roles = {column: role for role, column in named.items()}
    idle = [f for f in faults if roles.get(f.column, "study") not in used | WORDS.keys()]
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
    sources, medians, skewed = [], [], []
    spreads: dict[str, list[str]] = {}
    for i, effect in zip(kept, effects, strict=True):
        from_medians = effect.source == "computed" and "medians" in notes[i]
        sources.append("medians" if from_medians else effect.source)
        if from_medians:
            medians.append(records[i].label)
        if from_medians and "skewed" in notes[i]:
            skewed.append(records[i].label)
        for origin in SD_FROM:
            if effect.source == "computed" and origin in notes[i]:
                spreads.setdefault(origin, []).append(records[i].label)
    if medians:
        said.append(
            f"converted from medians (mean by Luo 2018, SD by Wan 2014 or Shi 2020): {listed(medians)}"
        )
    if skewed:
        said.append(
            f"quartiles far from symmetric, so the conversion misleads (Shi 2023): {listed(skewed)}"
        )
    for origin, names in spreads.items():
        said.append(f"SD from {origin}: {listed(names)}")
    return tuple(sources)


def _needed() -> str:
    return (
        "columns that make an effect: yi with vi, sei or limits; a ratio with limits; events and sizes of two groups "
        "(ai n1i ci n2i); means, SDs and sizes (m1i sd1i n1i m2i sd2i n2i), or of one group "
        "after and before with their correlation (m1i sd1i m2i sd2i ni ri); xi ni; mi sdi ni; ri ni. "
        "Other names are matched with --map role=column"
    )


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
