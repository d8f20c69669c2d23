"""What one view of robustness yields: sentences, figures, tables and facts, ready to show or to store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Progress = Callable[[int, int, str], None]
"""Told now and then: steps done, steps in all, what is being done. May raise to stop the work."""


def quiet(done: int, total: int, doing: str) -> None:
    """A `Progress` that nobody watches."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A figure with everything that belongs to it; plain data, so that it can be stored as JSON.

    Attributes
    ----------
    id : of the panel on a page; lower case and hyphens, one of its kind within the view.
    title : the finding that the figure shows; stands above an exported picture.
    figure : a Plotly figure as a dict (scatter, bar and pie traces only); None where a table says it.
    caption : what the figure shows, with its numbers; also its text alternative.
    columns, rows : the same numbers as a table; the first cell of a row names it.
    """

    id: str
    title: str
    figure: dict[str, Any] | None
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Panel:
        rows = tuple(tuple(row) for row in stored["rows"])
        return cls(**{**stored, "columns": tuple(stored["columns"]), "rows": rows})


@dataclass(frozen=True, slots=True)
class View:
    """One question of firmness, answered for one Question.

    Attributes
    ----------
    key : name of the view, as in the address and on the command line.
    finding : the answer in one sentence, with its numbers; where nothing can be said, that.
    sentences : what else is to be known, one idea each.
    cautions : why not to trust this much (too few studies, for instance); shown beside the finding.
    panels : the figures and tables; none where there is nothing to show.
    facts : the numbers by name (JSON values only), for ``--json`` and for tests.
    """

    key: str
    finding: str
    sentences: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    panels: tuple[Panel, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` is the inverse.

        >>> view = View("subsets", "Nothing to say.", cautions=("One study.",))
        >>> View.from_json(view.to_json()) == view
        True
        """
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> View:
        return cls(
            key=stored["key"],
            finding=stored["finding"],
            sentences=tuple(stored["sentences"]),
            cautions=tuple(stored["cautions"]),
            panels=tuple(Panel.from_json(panel) for panel in stored["panels"]),
            facts=stored["facts"],
        )
