"""A reader's file on its way in: what it holds, how it is read, what is asked, what would be included.

The same readers as at the command line: `analysis.reading` opens, `analysis.review` decides. What the file
says by itself, on any topic, is in `own_review`; here are the columns, and the way to the published studies.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.effects.scale import printed
from analysis.evidence import Evidence
from analysis.evidence.faults import Fault, one_line
from analysis.evidence.own import OwnRows
from analysis.figures.words import range_text
from analysis.reading import Opened, Table, Unreadable
from analysis.reading.mapping import NO_CHOICES, Choices, mapped
from analysis.reading.open import open_files
from analysis.reading.records import texts_of
from analysis.reading.roles import ROLES
from analysis.review.opening import Picked, picked
from analysis.review.rows import Told, decide
from analysis.upload import tables
from analysis.upload.candidate import Candidate, Review
from analysis.upload.files import LIMITS, MOST_FILES, decoded
from analysis.upload.flat import USUAL, Settings, read_flat
from analysis.upload.preview import MOST_QUESTIONS, preview
from dashboard.components.graph import table

_MOST_SHOWN = 200
_MOST_DOUBTFUL = 12
_SAMPLES = 3
_MEASURES = {
    "": "as a column names it",
    USUAL: "a difference in points, or the logarithm of an odds ratio",
    "MD": "mean difference, in points",
    "SMD": "standardised mean difference",
    "OR": "logarithm of an odds ratio",
    "RR": "logarithm of a risk ratio",
    "RD": "risk difference (0 to 1)",
    "HR": "logarithm of a hazard ratio",
}


def role_id(column: int, name: str) -> dict[str, object]:
    """The id of the control that says what a column of the file holds; the name tells files apart."""
    return {"own-column": column, "of": hashlib.sha256(name.encode()).hexdigest()[:8]}


def setting_id(name: str) -> dict[str, str]:
    """The id of the control of one of `Settings`."""
    return {"own-setting": name}


@dataclass(frozen=True, slots=True)
class Brought:
    """What the reader brought: sheets in the format of our tables, or one opened file of any other kind."""

    tables: tuple[tables.Sheet, ...]
    opened: Opened | None
    file: str = ""


def brought(contents: object, names: object) -> Brought:
    """Read what the browser sent.

    Raises
    ------
    Unreadable
        No file that can be used; the message says what it is and what to do.
    """
    files = contents if isinstance(contents, list) else [contents]
    called = names if isinstance(names, list) else [names]
    if len(files) > MOST_FILES:
        raise Unreadable(f"{len(files)} files; at most {MOST_FILES} are read together")
    pairs = []
    for i, file in enumerate(files):
        name = one_line(str(called[i])[:100]) if i < len(called) and called[i] else "file"
        try:
            pairs.append((name, decoded(file)))
        except Unreadable as error:
            raise Unreadable(f"{name}: {error}") from None
    found = open_files(pairs, LIMITS)
    sheets = [tables.Sheet(_place(o, t), t) for o in found for t in o.tables]
    ours = tuple(s for s in sheets if tables.table_of(s.table))
    if ours:
        return Brought(ours, None)
    if len(found) > 1:
        raise Unreadable(
            f"{len(found)} files that do not belong together; bring them one at a time"
        )
    return Brought((), found[0], found[0].file)


def _place(opened: Opened, sheet: Table) -> str:
    return opened.file if len(opened.tables) == 1 else f"{opened.file}, sheet {sheet.name}"


def picked_of(found: Brought, choices: Choices = NO_CHOICES) -> Picked:
    """The table of a file that is in no format of ours.

    Raises
    ------
    WrongChoice
        A sheet or analysis that the file does not have.
    """
    return picked(found.opened or Opened("nothing"), choices)


def choices_of(
    sheet: Table, roles: Sequence[object], columns: Sequence[object], base: Choices
) -> Choices:
    """The reader's roles beside other choices: what the controls say, where they are those of this table."""
    guessed = mapped(sheet, base).roles
    pairs = list(base.roles)
    chosen = {json.dumps(i, sort_keys=True): r for i, r in zip(columns, roles, strict=False)}
    for i, name in enumerate(sheet.columns):
        said = chosen.get(json.dumps(role_id(i, name), sort_keys=True))
        if said is None:
            continue  # the controls are still those of the file before
        role = "" if said == "-" else str(said)
        if role != guessed[i] and role in ROLES:
            pairs.append((role or "unused", name))
    return Choices(base.measure, tuple(pairs), base.sheet, base.analysis, base.cluster, base.mods)


def candidate(found: Brought, choices: Choices, settings: Settings) -> Candidate:
    """The rows that the file would bring to the published studies, read as the controls say.

    Raises
    ------
    WrongChoice
        A choice that the file does not have.
    """
    if found.opened is None:
        return tables.read_tables(found.tables)
    chosen = picked_of(found, choices)
    if chosen.table is None:
        return Candidate(())
    decided = decide(chosen.table, chosen.choices, chosen.told or Told(), choices.measure, False)
    return Candidate(()) if decided.questions else read_flat(decided, settings, found.file)


def settings_of(chosen: Mapping[str, object]) -> Settings:
    """The reader's choices; what is not allowed falls back to the usual."""
    usual = Settings()
    allowed = {
        "outcome": words.OUTCOMES, "intervention": words.TREATMENTS,
        "comparator": {**words.TREATMENTS, words.NONE: ""}, "design": words.DESIGNS,
        "measure": _MEASURES, "unit": words.UNITS,
    }  # fmt: skip
    kept: dict[str, object] = {
        name: chosen[name]
        for name, choices in allowed.items()
        if isinstance(chosen.get(name), str) and chosen[name] in choices
    }
    weeks = chosen.get("weeks")
    if isinstance(weeks, int | float) and not isinstance(weeks, bool) and 0 < weeks <= 5200:
        kept["weeks"] = float(weeks)
    for name in ("scale_min", "scale_max"):
        value = chosen.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e6:
            kept[name] = f"{value:g}"
    kept["change"] = chosen.get("change") == "change"
    return Settings(**{**{f: getattr(usual, f) for f in kept}, **kept})


# --- what the reader sees ------------------------------------------------------------------------
def columns_panel(sheet: Table, choices: Choices) -> list[Component]:
    """What each column holds: the doubtful ones with samples of their cells, the others folded away."""
    roles = mapped(sheet, choices).roles
    cells = texts_of(sheet)
    doubtful, sure = [], []
    for i, name in enumerate(sheet.columns):
        samples = list(dict.fromkeys(row[i] for row in cells if row[i]))[:_SAMPLES]
        control = _column(i, name, roles[i], samples)
        numeric = any(re.search(r"\d", text) for text in samples)
        is_doubtful = not roles[i] and numeric and len(doubtful) < _MOST_DOUBTFUL
        (doubtful if is_doubtful else sure).append(control)
    known = sum(bool(r) for r in roles)
    parts: list[Component] = [html.H3("What each column holds")]
    if doubtful:
        parts += [
            html.P("These are not read. Choose what they contain, if they matter.", className="quiet"),
            html.Div(doubtful, className="own-settings"),
        ]
    parts.append(
        html.Details(
            [
                html.Summary(f"{known} of {len(roles)} columns are known by their names"),
                html.Div(sure, className="own-settings"),
            ],
            open=known == 0,
        )
    )
    return parts


def _column(i: int, name: str, role: str, samples: Sequence[str]) -> Component:
    shown = ", ".join(one_line(text)[:24] for text in samples)
    label = one_line(name) or f"Column {i + 1}"
    undo = html.Button(
        "Undo",
        id={**role_id(i, name), "part": "undo"},
        type="button",
        className="link-button",
        hidden=True,
        **{"data-was": role or "-", "aria-label": f"Undo: {label}"},
    )
    select = dmc.Select(
        id=role_id(i, name),
        label=label,
        description=f"such as {shown}" if shown else "no cell is filled",
        data=[{"value": r or "-", "label": _label(r, words_)} for r, words_ in ROLES.items()],
        value=role or "-",
        allowDeselect=False,
        searchable=True,
    )
    return html.Div([select, undo])


def _label(role: str, what: str) -> str:
    return what if not role or what.startswith(role) else f"{what} ({role})"


def tables_panel(found: Brought) -> list[Component]:
    """What was read in the format of our own tables."""
    names = ", ".join(f"{s.file} ({len(s.table.rows)} rows)" for s in found.tables)
    return [html.P(f"Read as tables in the format of this project: {names}.")]


def settings_panel() -> list[Component]:
    """What holds for every row where no column says otherwise, for rows that join the published studies."""
    return [
        html.P(
            "What holds for every row. A column for the same thing goes before it, row by row.",
            className="quiet",
        ),
        html.Div(_settings(), className="own-settings"),
    ]


def _settings() -> list[Component]:
    def select(name: str, label: str, choices: Mapping[str, str], value: str) -> Component:
        data = [{"value": k or "-", "label": v[:1].upper() + v[1:]} for k, v in choices.items()]
        return dmc.Select(
            id=setting_id(name), label=label, data=data, value=value or "-", allowDeselect=False
        )

    usual = Settings()
    return [
        select("outcome", "Outcome", {k: o.label for k, o in words.OUTCOMES.items()}, usual.outcome),
        select("intervention", "Treatment", words.TREATMENTS, usual.intervention),
        select("comparator", "Compared with",
               {**words.TREATMENTS, words.NONE: words.COMPARATORS[words.NONE]}, usual.comparator),
        dmc.NumberInput(id=setting_id("weeks"), label="Weeks since treatment", value=usual.weeks,
                        min=0.1, max=5200, debounce=True),
        select("design", "Kind of study", words.DESIGNS, usual.design),
        dmc.NumberInput(id=setting_id("scale_min"), label="Scale: lower end", value="",
                        placeholder="as usual", debounce=True),
        dmc.NumberInput(id=setting_id("scale_max"), label="Scale: upper end", value="",
                        placeholder="as usual", debounce=True),
        select("change", "Means (m1i, m2i) are", {"level": "scores at that time",
               "change": "changes from before treatment"}, "level"),
        select("unit", "Events are counted in", words.UNITS, usual.unit),
        select("measure", "Effect (yi) is", _MEASURES, ""),
    ]  # fmt: skip


def preview_parts(checked: Review, evidence: Evidence, kept: OwnRows) -> list[Component]:
    """What would be included, and what is left out and why."""
    n = len(checked.sound.studies)
    out = f" {_rows(checked.left_out)} of the file would be left out." if checked.left_out else ""
    parts: list[Component] = [
        html.P(f"{_studies(n)} would be included.{out} Nothing has been added yet.", role="status")
    ]
    parts += [html.P(f"{remark}.", className="quiet") for remark in checked.remarks]
    there = {row["study_id"] for row in kept.studies} & {
        s["study_id"] for s in checked.sound.studies
    }
    if there:
        parts.append(
            html.P(
                f"{_studies(len(there))} of the same name that you brought before would be replaced."
            )
        )
    if n:
        parts.append(
            effects_table(checked.sound, evidence, "The studies of the file, each on its own")
        )
    if checked.faults:
        wrong = faults_table(checked.faults)
        why = html.Summary("Why these rows cannot join the published studies as they stand")
        parts += (
            [html.H4("What is wrong, cell by cell"), wrong] if n else [html.Details([why, wrong])]
        )
    return parts


def effects_table(own: OwnRows, evidence: Evidence, caption: str) -> Component:
    """Every own study on every question it answers, with a link to the answer beside others."""
    shown = preview(own, evidence)
    rows = []
    for item in shown[:_MOST_SHOWN]:
        q = item.question
        if item.effect is None:
            effect, interval = "none", item.reason
        else:
            effect = printed(q, item.effect.yi)
            interval = range_text(q, *item.effect.interval(0.95))
        link = html.A(q.title(), href=f"/compare?{q.to_query()}")
        rows.append([item.label, link, words.MEASURES[q.effect_measure], effect, interval])
    if not rows:
        return html.P("No effect follows from these rows for any question that can be asked here.")
    found = table(("Study", "Question", "Measure", "Effect", "95% interval"), rows, caption)
    questions = len({item.question for item in shown})
    if questions < MOST_QUESTIONS and len(shown) <= _MOST_SHOWN:
        return found
    return html.Div([found, html.P("There is more than this table shows; all of it would be included.")])


_CURES = {
    "within the scale": 'if the scale is another one, set "Scale: upper end" below',
    "the name of the study": 'choose the column with the names under "What each column holds"',
}


def faults_table(faults: Sequence[Fault]) -> Component:
    """Every fault by row and column, with what was found, what is allowed, and which control cures it."""
    rows = [
        [
            f"{one_line(f.file)}, row {f.row}" if f.row else one_line(f.file),
            one_line(f.column) or "the row",
            (f"“{one_line(f.found)}”" if f.found else "an empty cell") if f.quoted else f.found,
            f.allowed + _cure(f.allowed) + (f"; {f.consequence}" if f.left_out else ""),
        ]
        for f in faults[:_MOST_SHOWN]
    ]
    more = len(faults) - _MOST_SHOWN
    shown = table(("Where", "Column", "Found", "Allowed"), rows, "What is wrong in the file")
    return shown if more <= 0 else html.Div([shown, html.P(f"And {more} more faults.")])


def _cure(allowed: str) -> str:
    return next((f"; {cure}" for words_, cure in _CURES.items() if words_ in allowed), "")


def _studies(n: int) -> str:
    return f"{n} {'study' if n == 1 else 'studies'}"


def _rows(n: int) -> str:
    return f"{n} {'row' if n == 1 else 'rows'}"
