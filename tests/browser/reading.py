"""What stands in a table on a page, asked of the browser at once: cell by cell costs a trip for each."""

from __future__ import annotations

from playwright.sync_api import Locator


def cells(rows: Locator) -> list[list[str]]:
    """The texts of the cells, headings included, of table rows."""
    return rows.evaluate_all("rows => rows.map(row => [...row.cells].map(c => c.textContent))")


def targets(links: Locator) -> list[str]:
    """Where links lead, as they are written."""
    return links.evaluate_all("links => links.map(a => a.getAttribute('href'))")
