"""How a result prints, tabulates and plots: one page for every model.

A result says what stands on its page (`_page`); this module sets it as text, as HTML, as a DataFrame and as
a figure. pandas and Plotly are imported when a table or a figure is asked for, so that pooling needs neither.

>>> from analysis.synthesis import pool
>>> print(pool([0.10, 0.30, 0.35, 0.65], [0.01, 0.02, 0.04, 0.03], ci="hksj"))
Random effects, 4 studies (tau² by REML; hksj interval)
<BLANKLINE>
            estimate      se      t  df       P           95% CI
mean          0.3227  0.1156  2.792   3  0.0683  -0.0451, 0.6905
prediction    0.3227                             -0.3697, 1.0151
<BLANKLINE>
tau²  0.0340 (SE 0.0464; 95% CI 0 to 0.6966)
I²    61.3% (95% CI 0% to 97.0%)
H²    2.59 (95% CI 1.00 to 33.51)
Q     7.91 on 3 df, P = 0.0480
<BLANKLINE>
Note: the HKSJ interval's standard error is smaller than Wald's (variance factor 0.941)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

# A longer table is printed up to here; `summary()` has all of it.
MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a result's table; what is None stays empty.

    `kind` says how it is drawn: ``study`` and ``coefficient`` as a square, ``mean`` as a diamond,
    ``prediction`` as a thin line.
    """

    name: str
    estimate: float | None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    statistic: float | None = None
    df: float | None = None
    p_value: float | None = None
    kind: str = "coefficient"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose columns are the result's own: ranks, shares, a row for each of many fits.

    `names` are those of the rows; every column has as many values: numbers, words, or None (NaN) for nothing.
    """

    names: Sequence[Any]
    columns: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Printout:
    """What a result shows of itself.

    Attributes
    ----------
    title : the model, the number of studies, the method.
    lines : the table.
    facts : (name, value in words), below the table.
    level : of the intervals in the table; None where they have none.
    notes : what the reader must know about these numbers.
    studies : lines drawn above the table's in the figure; not printed.
    interval : the kind of interval: "CI", "CrI", ...
    grid : the table in place of `lines`, where its columns are other ones.
    test : what the statistics are; z or t where nothing is said.
    """

    title: str
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...]
    level: float | None
    notes: tuple[str, ...] = ()
    studies: tuple[Line, ...] = ()
    interval: str = "CI"
    grid: Grid | None = None
    test: str = ""

    @property
    def intervals(self) -> str:
        """
        >>> Printout("", (), (), 0.9, interval="CrI").intervals
        '90% CrI'
        """
        return self.interval if self.level is None else f"{100 * self.level:.6g}% {self.interval}"


class Printed:
    """A result that prints, tabulates and plots; a subclass has `_page`."""

    __slots__ = ()

    def _page(self) -> Printout:
        raise NotImplementedError

    def __repr__(self) -> str:
        page = self._page()
        first = page.lines[0] if page.lines else None
        shown = ""
        if first is not None and first.estimate is not None:
            shown = f" | {first.name} {_effect(first.estimate)}"
            if first.ci_low is not None:
                shown += f" [{_effect(first.ci_low)}, {_effect(first.ci_high)}]"
        elif first is not None:
            shown = p_phrase(first.p_value)
        return f"<{type(self).__name__}: {page.title}{shown}>"

    def __str__(self) -> str:
        return as_text(self._page())

    def _repr_html_(self) -> str:
        return as_html(self._page())

    def summary(self) -> Any:
        """The table of the result as a pandas DataFrame, unrounded, a row per coefficient or effect."""
        import pandas as pd

        page = self._page()
        if page.grid is not None:
            return pd.DataFrame(dict(page.grid.columns), index=list(page.grid.names))
        columns = ["estimate", "se", "ci_low", "ci_high", "statistic", "df", "p_value"]
        lines = page.lines
        rows = [[getattr(line, column) for column in columns] for line in lines]
        return pd.DataFrame(
            rows, index=[line.name for line in lines], columns=columns, dtype="float64"
        )

    def plot(self) -> Any:
        """The table, with the studies where the result knows them, as a Plotly figure."""
        from .plotting import forest

        return forest(self._page())


class Series(Printed, tuple):
    """Results of one kind: a tuple of them, which prints, tabulates and plots as one page.

    >>> page = Printout("One", (Line("mean", 0.5),), (), 0.95)
    >>> Series([0.5], page), Series([0.5], page) == (0.5,)
    (<Series: One | mean 0.5000>, True)
    """

    page: Printout

    def __new__(cls, items: Iterable[Any], page: Printout) -> Series:
        made = super().__new__(cls, items)
        made.page = page
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self), self.page

    def _page(self) -> Printout:
        return self.page


def table(page: Printout) -> list[list[str]]:
    """Heading and rows as text; a column that is empty throughout is left out, and so is the end of a long table.

    >>> table(Printout("", (Line("mean", 0.5, 0.25, 0.01, 0.99, 2.0, None, 0.0455),), (), 0.95))
    [['', 'estimate', 'se', 'z', 'P', '95% CI'], ['mean', '0.5000', '0.2500', '2.000', '0.0455', '0.0100, 0.9900']]
    >>> table(Printout("", (), (), None, grid=Grid(["a", "b"], {"share": [0.25, 0.75], "best": ["yes", None]})))
    [['', 'share', 'best'], ['a', '0.2500', 'yes'], ['b', '0.7500', '']]
    """
    heading, rows, count = _cells(page)
    if count > len(rows):
        rows.append([f"... {count - len(rows)} more", *[""] * (len(heading) - 1)])
    kept = [j for j in range(len(heading)) if j == 0 or any(row[j] for row in rows)]
    return [[row[j] for j in kept] for row in [heading, *rows]]


def _cells(page: Printout) -> tuple[list[str], list[list[str]], int]:
    """Heading, rows up to `MOST_ROWS`, and how many rows there are."""
    if page.grid is not None:
        names, columns = page.grid.names, page.grid.columns
        shown = range(min(len(names), MOST_ROWS))
        rows = [[str(names[i]), *(_cell(values[i]) for values in columns.values())] for i in shown]
        return ["", *columns], rows, len(names)
    test = page.test or ("t" if any(line.df is not None for line in page.lines) else "z")
    rows = [
        [
            line.name,
            _effect(line.estimate)
            or ("not estimable" if line.statistic is None and line.p_value is None else ""),
            _effect(line.se), _fixed(line.statistic, 3),
            "" if line.df is None else f"{line.df:.4g}", p_text(line.p_value),
            "" if line.ci_low is None and line.ci_high is None
            else f"{_limit(line.ci_low)}, {_limit(line.ci_high)}",
        ]
        for line in page.lines[:MOST_ROWS]
    ]  # fmt: skip
    return ["", "estimate", "se", test, "df", "P", page.intervals], rows, len(page.lines)


def _cell(value: Any) -> str:
    """
    >>> [_cell(value) for value in (None, float("nan"), float("-inf"), True, 3, 0.25, "x")]
    ['', '', 'none', 'yes', '3', '0.2500', 'x']
    """
    if value is None or isinstance(value, str):
        return value or ""
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool):
        return "yes" if number else "no"
    if isinstance(number, int):
        return str(number)
    if math.isinf(number):
        return "none"
    return "" if math.isnan(number) else _effect(number)


def as_text(page: Printout) -> str:
    """The page for a terminal."""
    cells = table(page)
    widths = [max(len(row[j]) for row in cells) for j in range(len(cells[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if j == 0 else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    wide = max((len(name) for name, _ in page.facts), default=0)
    facts = [f"{name.ljust(wide)}  {value}" for name, value in page.facts]
    notes = [f"Note: {note}" for note in page.notes]
    blocks = [[page.title], lines if len(lines) > 1 else [], facts, notes]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def as_html(page: Printout) -> str:
    """The page for a notebook."""
    heading, *rows = table(page)
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heading)
    body = "".join(
        f"<tr><th>{escape(row[0])}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    facts = "<br>".join(f"{escape(name)}: {escape(value)}" for name, value in page.facts)
    notes = "".join(f"<p><em>{escape(note)}</em></p>" for note in page.notes)
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    return f"<div><p><strong>{escape(page.title)}</strong></p>{shown}<p>{facts}</p>{notes}</div>"


def p_text(p: float | None) -> str:
    """
    >>> p_text(0.03456), p_text(1e-9), p_text(None)
    ('0.0346', '<0.0001', '')
    """
    if p is None:
        return ""
    return "<0.0001" if p < 1e-4 else f"{p:.4f}"


def p_phrase(p: float | None) -> str:
    """
    >>> p_phrase(0.03456), p_phrase(1e-9), p_phrase(None)
    (', P = 0.0346', ', P < 0.0001', '')
    """
    text = p_text(p)
    return (
        f", P {text.replace('<', '< ')}"
        if text.startswith("<")
        else f", P = {text}"
        if text
        else ""
    )


def with_interval(
    value: float | None, low: float | None, high: float | None, level: float, *, unit: str = "",
    digits: int = 4, se: float | None = None,
) -> str:  # fmt: skip
    """
    >>> with_interval(0.03, 0.0, 0.82, 0.95), with_interval(56.92, None, None, 0.95, unit="%", digits=1)
    ('0.0300 (95% CI 0 to 0.8200)', '56.9%')
    """
    if value is None:
        return "not estimable"
    behind = [] if se is None else [f"SE {_fixed(se, digits)}"]
    if low is not None and high is not None:
        limits = f"{_fixed(low, digits)}{unit} to {_fixed(high, digits)}{unit}"
        behind.append(f"{100 * level:g}% CI {limits}")
    return f"{_fixed(value, digits)}{unit}" + (f" ({'; '.join(behind)})" if behind else "")


def statistic_text(statistic: float | None, df: float | None, p: float | None) -> str:
    """
    >>> statistic_text(7.05, 3, 0.0703)
    '7.05 on 3 df, P = 0.0703'
    """
    if statistic is None:
        return "not estimable"
    return f"{statistic:.2f} on {df:g} df{p_phrase(p)}"


def omnibus_text(test: Any) -> str:
    """An `OmnibusTest`: chi-square, or F where it has residual degrees of freedom."""
    if test.statistic is None:
        return "not estimable"
    if test.df_residual is None:
        return statistic_text(test.statistic, test.df, test.p_value)
    return f"F = {test.statistic:.2f} on {test.df} and {test.df_residual:.4g} df{p_phrase(test.p_value)}"


def counted(k: int, one: str, many: str) -> str:
    """
    >>> counted(1, "study", "studies"), counted(3, "study", "studies")
    ('1 study', '3 studies')
    """
    return f"{k} {one if k == 1 else many}"


def coefficient_lines(coefficients: Sequence[Any]) -> tuple[Line, ...]:
    """Lines of `Coefficient`s."""
    return tuple(
        Line(c.name, c.estimate, c.se, c.ci_low, c.ci_high, c.statistic, c.df, c.p_value)
        for c in coefficients
    )


def heterogeneity(result: Any, level: float) -> tuple[tuple[str, str], ...]:
    """tau2, I2 and H2 of a result that has them, with their intervals where it has those, too."""

    def limit(name: str) -> Any:
        return getattr(result, name, None)

    facts = []
    for name, sign, unit, digits in (
        ("tau2", "tau²", "", 4), ("i2", "I²", "%", 1), ("h2", "H²", "", 2),
    ):  # fmt: skip
        value = limit(name)
        if value is not None:
            ends = limit(f"{name}_ci_low"), limit(f"{name}_ci_high")
            se = limit(f"{name}_se")
            facts.append(
                (sign, with_interval(value, *ends, level, unit=unit, digits=digits, se=se))
            )
    return tuple(facts)


def _effect(value: float | None) -> str:
    return _fixed(value, 4)


def _limit(value: float | None) -> str:
    return "none" if value is None or math.isinf(value) else _effect(value)


def _fixed(value: float | None, digits: int) -> str:
    """Fixed digits; four that count where those would say nothing, or too much; zero as 0."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    if not 10.0**-digits <= abs(value) < 1e6:
        return f"{value:.4g}"
    return f"{value:.{digits}f}"
