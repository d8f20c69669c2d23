"""From a file to one table: which sheet, which analysis; what cannot be chosen for the reader is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.reading.asking import Choice, Question, listed
from analysis.reading.mapping import Choices, WrongChoice
from analysis.reading.opened import Analysis, Opened, Table
from analysis.reading.upright import laid_out
from analysis.review.rows import Told
from analysis.review.studies import Studies, read_studies

_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Picked:
    """The table that was chosen with what the file tells of it; or the question which."""

    table: Table | None
    choices: Choices
    told: Told
    analysis: Analysis | None = None
    question: Question | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """The studies of what was chosen, the table they come from, and the analysis where it is one of a review."""

    studies: Studies
    table: Table | None = None
    analysis: Analysis | None = None


def studies_of(opened: Opened, choices: Choices) -> Brought:
    """Choose the table and read it.

    Raises
    ------
    WrongChoice
        A sheet, analysis, column or role that the file does not have.
    """
    found = picked(opened, choices)
    if found.table is None:
        asked = (found.question,) if found.question else ()
        return Brought(Studies(None, warnings=found.warnings, questions=asked))
    studies = read_studies(found.table, found.choices, found.told)
    warnings = tuple(dict.fromkeys((*found.warnings, *studies.warnings)))
    return Brought(replace(studies, warnings=warnings), found.table, found.analysis)


def picked(opened: Opened, choices: Choices) -> Picked:
    """Choose the table.

    Raises
    ------
    WrongChoice
        A sheet or analysis that the file does not have.
    """
    if opened.analyses:
        return _analysis(opened, choices)
    table, question, said = _table(tuple(laid_out(t) for t in opened.tables), choices)
    return Picked(table, choices, Told(), None, question, (*opened.remarks, *said))


def _table(
    tables: Sequence[Table], choices: Choices
) -> tuple[Table | None, Question | None, list[str]]:
    names = [t.name for t in tables]
    if choices.sheet:
        wanted = choices.sheet.strip().casefold()
        for i, table in enumerate(tables, start=1):
            if wanted in (table.name.strip().casefold(), str(i)):
                return table, None, []
        raise WrongChoice(f"sheet {choices.sheet!r}; the file has {listed(names, 20)}")
    if len(tables) == 1:
        return tables[0], None, []
    usable = [t for t in tables if _usable(t, choices)]
    if len(usable) == 1:
        others = [n for n in names if n != usable[0].name]
        return (
            usable[0],
            None,
            [
                f"sheet {usable[0].name} is read; without columns of effects and not read: {listed(others)}"
            ],
        )
    options = [
        Choice(f"{t.name} ({len(t.rows)} rows: {listed(list(t.columns), 5)})", (("sheet", t.name),))
        for t in (usable or tables)[:_SHOWN]
    ]
    return (
        None,
        Question(
            "sheet",
            f"The file has {len(names)} tables: which one holds the studies?",
            tuple(options),
        ),
        [],
    )


def _usable(table: Table, choices: Choices) -> bool:
    try:
        studies = read_studies(table, replace(choices, mods=(), cluster=""))
    except WrongChoice:
        return False
    return bool(studies.measure is not None or studies.questions)


# --- reviews -------------------------------------------------------------------------------------
def _analysis(opened: Opened, choices: Choices) -> Picked:
    analyses = opened.analyses
    if choices.analysis:
        wanted = choices.analysis.strip().casefold()
        chosen = [a for a in analyses if wanted in (a.number.casefold(), a.name.strip().casefold())]
        if len(chosen) != 1:
            raise WrongChoice(
                f"analysis {choices.analysis!r}; the file has "
                f"{listed([f'{a.number} {a.name}' for a in analyses], _SHOWN)}"
            )
    else:
        chosen = list(analyses)
    if len(chosen) > 1:
        options = [
            Choice(
                f"{a.number} {a.name} ({a.measure}, {a.k} {'row' if a.k == 1 else 'rows'})",
                (("analysis", a.number),),
            )
            for a in analyses[:_SHOWN]
        ]
        more = f" The first {_SHOWN} are listed." if len(analyses) > _SHOWN else ""
        question = Question(
            "analysis",
            f"The file ({opened.kind}) holds {len(analyses)} analyses: which one?{more}",
            tuple(options),
        )
        return Picked(None, choices, Told(), None, question, opened.remarks)
    analysis = chosen[0]
    states = bool({"yi", "o_minus_e"} & set(analysis.table.columns))
    settled = (analysis.log_data is not None) if states else None
    told = Told(_measure(analysis), analysis.level, settled)
    asked = replace(choices, analysis="", measure=choices.measure or _measure(analysis))
    named = f"analysis {analysis.number} {analysis.name}: {analysis.measure}"
    return Picked(
        analysis.table, asked, told, analysis, None, (*opened.remarks, *analysis.remarks, named)
    )


def _measure(analysis: Analysis) -> str:
    """The measure; a ratio of an unknown kind where the review holds logarithms."""
    unnamed = "RATIO" if analysis.log_data else ""
    return unnamed if analysis.measure == "GEN" else analysis.measure


def total_beside(analysis: Analysis) -> str:
    """The file's own total in one line, "" where it states none."""
    p = analysis.printed
    if p.estimate is None or p.ci_low is None or p.ci_high is None:
        return ""
    how = " ".join(x for x in (analysis.method, analysis.model) if x)
    line = f"the file's own total ({how or 'model not stated'}): {p.estimate:g} ({p.ci_low:g} to {p.ci_high:g})"
    if analysis.method == "MH" and analysis.model == "random":
        line += (
            "; RevMan takes Q, and with it tau2, from Mantel-Haenszel weights, so that small "
            "differences are to be expected"
        )
    return line
