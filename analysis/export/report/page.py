"""A report as one HTML file: template, style and scripts inside, and a policy that lets nothing else run.

Every text passes through Jinja's escaping. The scripts are the bundle of plotly.js and `report.js`, each named
in the policy by its hash; figures are data. The policy allows no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.errors import InputError
from analysis.export.report.plotly_bundle import plotly_js

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names it. A cell is text, or text with an address (`Link`)."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere; an address that is not of the web is printed, not linked."""

    text: str
    href: str

    @property
    def safe(self) -> bool:
        """Whether the address may be followed: nothing but http, https, and places in this file."""
        return self.href.startswith(("http://", "https://", "#"))


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for wide and for narrow screens, its caption and the same numbers as a table.

    The caption always reaches a screen reader; it is hidden from the eye where it only repeats the table.
    """

    id: str
    wide: Mapping[str, Any]
    narrow: Mapping[str, Any]
    caption: str
    table: Table
    title: str = ""
    caption_shown: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: heading, and what stands under it, in this order."""

    id: str
    title: str
    lead: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    folded: tuple[tuple[str, Table], ...] = ()
    parts: tuple[Section, ...] = ()
    flow: Flow | None = None
    downloads: tuple[Download, ...] = ()
    numbered: tuple[str, ...] = ()
    in_contents: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """What was considered, what stayed out by reason, what entered; each as a sentence."""

    considered: str
    out: str
    reasons: tuple[str, ...]
    entered: str


@dataclass(frozen=True, slots=True)
class Download:
    """A file inside the file."""

    name: str
    label: str
    media_type: str
    content: str

    @property
    def address(self) -> str:
        """As a data address: the browser saves it without asking any server."""
        encoded = base64.b64encode(self.content.encode()).decode()
        return f"data:{self.media_type};charset=utf-8;base64,{encoded}"


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    title: str
    finding: str
    said: tuple[str, ...]
    facts: tuple[tuple[str, Cell], ...]
    sections: tuple[Section, ...] = field(default=())

    def figures(self) -> list[Figure]:
        """All figures, those of parts included."""
        found: list[Figure] = []
        waiting = list(self.sections)
        while waiting:
            section = waiting.pop(0)
            found += section.figures
            waiting = [*section.parts, *waiting]
        return found


def figure(
    id: str,
    wide: go.Figure,
    narrow: go.Figure,
    caption: str,
    table: Table,
    title: str = "",
    caption_shown: bool = True,
) -> Figure:
    """A `Figure` from Plotly figures."""
    return Figure(id, _plain(wide), _plain(narrow), caption, table, title, caption_shown)


def _plain(drawn: go.Figure) -> Mapping[str, Any]:
    """A figure as JSON values."""
    return _finite(drawn.to_dict())


def _finite(value: Any) -> Any:
    """NaN is no JSON: a browser would refuse the whole figure."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if hasattr(value, "tolist"):
        return _finite(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def html(report: Report) -> bytes:
    """The file."""
    figures = report.figures()
    own = _file("report.js")
    scripts = [plotly_js(), own] if figures else []
    template = _environment().get_template("report.html.jinja")
    text = template.render(
        report=report,
        style=_file("report.css"),
        scripts=[_safe_script(script) for script in scripts],
        policy=_policy(scripts),
        figures=[(f.id, _json({"wide": f.wide, "narrow": f.narrow})) for f in figures],
    )
    return text.lstrip().encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _safe_script(script: str) -> str:
    """A script that can stand in HTML.

    Raises
    ------
    ValueError
        When it holds what would end its element.
    """
    if "</script" in script.lower() or "<!--" in script:
        raise InputError("the script would end its own element")
    return script


def _json(value: object) -> str:
    """JSON that can stand in a script element: no character of it can end the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _policy(scripts: Sequence[str]) -> str:
    """Nothing may be loaded or sent; the styles of this file, its own scripts and no others."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {hashes}",
            "style-src 'unsafe-inline'",  # Plotly writes style attributes
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


@cache
def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
