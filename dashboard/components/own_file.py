"""A reader's file on its way in: what it holds, how its columns are read, what is wrong, what would enter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from analysis.upload import columns, tables
from analysis.upload.candidate import Candidate, Review, review
from analysis.upload.files import MOST_FILES, Upload, UploadError, decoded, read_uploads
from analysis.upload.flat import Settings, read_flat
from analysis.upload.preview import MOST_QUESTIONS, preview
from dashboard.components.graph import table

_MOST_SHOWN = 200
_MEASURES = {
    "": "as the outcome: mean difference, or odds ratio (its logarithm)",
    "RR": "logarithm of a risk ratio",
    "RD": "risk difference (0 to 1)",
    "HR": "logarithm of a hazard ratio",
}


def role_id(column: int) -> dict[str, object]:
    """The id of the control that says what a column of the file holds."""
    return {"own-column": column}


def setting_id(name: str) -> dict[str, str]:
    """The id of the control of one of `Settings`."""
    return {"own-setting": name}


@dataclass(frozen=True, slots=True)
class Brought:
    """The sheets of the reader's files: those in the format of our tables, or the one flat sheet."""

    tables: tuple[Upload, ...]
    flat: Upload | None

    @property
    def roles(self) -> tuple[str, ...]:
        return columns.guess(self.flat.grid.header) if self.flat is not None else ()


def brought(contents: object, names: object) -> Brought:
    """Read what the browser sent.

    Raises
    ------
    UploadError
        No file that can be used; the message says which and why.
    """
    files = contents if isinstance(contents, list) else [contents]
    called = names if isinstance(names, list) else [names]
    if len(files) > MOST_FILES:
        raise UploadError(f"found {len(files)} files; allowed: at most {MOST_FILES}")
    sent: list[tuple[str, bytes]] = []
    for i, file in enumerate(files):
        name = one_line(str(called[i])[:100]) if i < len(called) and called[i] else "file"
        try:
            sent.append((name, decoded(file)))
        except UploadError as error:
            raise UploadError(f"{name}: {error}") from None
    sheets = read_uploads(sent)
    as_tables = tuple(s for s in sheets if tables.table_of(s))
    if as_tables:
        return Brought(as_tables, None)
    flat = [s for s in sheets if columns.guess(s.grid.header).count("") < len(s.grid.header)]
    if len(flat) > 1:
        found = ", ".join(s.name for s in flat)
        raise UploadError(f"found {len(flat)} flat sheets ({found}); allowed: one at a time")
    return Brought((), flat[0] if flat else sheets[0])


def candidate(found: Brought, roles: Sequence[str], settings: Settings) -> Candidate:
    """The rows that the file would bring, read as the controls say."""
    if found.flat is None:
        return tables.read_tables(found.tables)
    width = len(found.flat.grid.header)
    wanted = [r if r in columns.ROLES else "" for r in roles][:width]
    wanted += [""] * (width - len(wanted))
    seen: set[str] = set()
    once = []
    for role in wanted:  # of two columns for one thing the first counts
        once.append("" if role in seen else role)
        seen.add(role)
    return read_flat(found.flat.grid, once, settings, found.flat.file)


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
def _remarks(remarks: Iterable[str]) -> list[Component]:
    """What was skipped, joined or judged when the file was opened, each said once."""
    said = dict.fromkeys(remarks)
    return [html.Ul([html.Li(f"{one_line(r)}.") for r in said], className="quiet")] if said else []


def mapping(found: Brought) -> list[Component]:
    """How a flat sheet is read: what holds for the whole file, and what each column holds."""
    if found.flat is None:
        names = ", ".join(f"{s.file} ({len(s.grid.rows)} rows)" for s in found.tables)
        said = html.P(f"Read as tables in the format of this project: {names}.")
        return [said, *_remarks(r for s in found.tables for r in s.remarks)]
    header = found.flat.grid.header
    guessed = found.roles
    entries = [{"value": r or "-", "label": label} for r, label in columns.ROLES.items()]
    first = found.flat.grid.rows[0][1] if found.flat.grid.rows else ()
    return [
        *_remarks(found.flat.remarks),
        html.H3("What holds for every row"),
        html.P("A column for the same thing goes before these, row by row.", className="quiet"),
        html.Div(_settings(), className="own-settings"),
        html.H3("What each column holds"),
        html.P(
            "Guessed from the names; change what is wrong. The short names are those of the R package metafor.",
            className="quiet",
        ),
        html.Div(
            [
                dmc.Select(
                    id=role_id(i),
                    label=one_line(name) or f"Column {i + 1}",
                    description=f"first row: {one_line(first[i]) if i < len(first) else ''}"[:60],
                    data=entries,
                    value=guessed[i] or "-",
                    allowDeselect=False,
                )
                for i, name in enumerate(header)
            ],
            className="own-settings",
        ),
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
    """What would enter, and what stays out and why."""
    n = len(checked.sound.studies)
    parts: list[Component] = [html.H3("What would enter", id="own-preview-heading")]
    out = f" {_rows(checked.left_out)} of the file would stay out." if checked.left_out else ""
    parts.append(
        html.P(f"{_studies(n)} would enter.{out} Nothing has been pooled yet.", role="status")
    )
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
        parts += [html.H3("What is wrong, cell by cell"), faults_table(checked.faults)]
    return parts  # fmt: skip


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
    return html.Div([found, html.P("There is more than this table shows; all of it would enter.")])


def faults_table(faults: Sequence[Fault]) -> Component:
    """Every fault by row and column, with what was found and what is allowed."""
    rows = [
        [
            f"{one_line(f.file)}, row {f.row}" if f.row else one_line(f.file),
            one_line(f.column) or "the row",
            (f"“{one_line(f.found)}”" if f.found else "an empty cell") if f.quoted else f.found,
            f.allowed + (f"; {f.consequence}" if f.left_out else ""),
        ]
        for f in faults[:_MOST_SHOWN]
    ]
    more = len(faults) - _MOST_SHOWN
    shown = table(("Where", "Column", "Found", "Allowed"), rows, "What is wrong in the file")
    return shown if more <= 0 else html.Div([shown, html.P(f"And {more} more faults.")])


def reviewed(found: Candidate, evidence: Evidence) -> Review:
    """The review against shipped evidence (a reader's own rows may be replaced)."""
    return review(found, evidence)


def _studies(n: int) -> str:
    return f"{n} {'study' if n == 1 else 'studies'}"


def _rows(n: int) -> str:
    return f"{n} {'row' if n == 1 else 'rows'}"
