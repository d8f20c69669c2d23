"""The HTML file around a page of the published site, and the style sheet that stands in for Mantine's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

from analysis.topic import topic
from dashboard import terms, theme
from dashboard.document import SCHEME_SCRIPT

ASSETS = (Path(__file__).parents[1] / "assets", Path(__file__).with_name("assets"))
"""What the pages bring, and what stands in for Dash and Mantine."""

_DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-up="{up}" data-live="{live}" data-path="{path}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<script>{scheme}</script>
<link rel="icon" type="image/svg+xml" href="{up}assets/icon.svg">
{css}
</head>
<body>
{body}
{terms}
<script type="application/json" id="figure-schemes">{schemes}</script>
{scripts}
</body>
</html>
"""


def document(
    body: str,
    file: str,
    *,
    title: str,
    description: str,
    path: str,
    live: str,
    assets: Iterable[str],
) -> str:
    """A whole file.

    Parameters
    ----------
    body : HTML of the frame with the page in it.
    file : where it is written, from the top of the site.
    title, description : of the window and for search engines.
    path : of the page on a server; "" for a page of the site's own.
    live : address of a live dashboard, or "".
    assets : names of the files in ``assets/``.
    """
    up = "../" * file.count("/")
    names = list(assets)
    return _DOCUMENT.format(
        title=escape(f"{title} | {topic().site}"), description=escape(description), scheme=SCHEME_SCRIPT, up=up,
        path=escape(path), live=escape(live), body=body,
        css="\n".join(f'<link rel="stylesheet" href="{up}assets/{n}">' for n in _ordered(names, ".css")),
        terms=terms.definitions(re.findall(r'aria-describedby="(term-[^"]+)"', body)),
        schemes=json.dumps(theme.FIGURE_SCHEMES, separators=(",", ":")),
        scripts="\n".join(f'<script src="{up}assets/{n}"></script>' for n in _ordered(names, ".js")),
    )  # fmt: skip


def _ordered(files: Iterable[str], ending: str) -> list[str]:
    """Plotly before what wraps it; what stands in for Mantine and Dash after what the pages bring."""
    first = ["plotly-basic.min.js", "without-dash.js", "house.css"]
    last = ["site.js", "site.css", "theme.css"]

    def place(name: str) -> tuple[int, str]:
        if name in first:
            return first.index(name) - len(first), name
        return (1 + last.index(name) if name in last else 0), name

    return sorted((n for n in files if n.endswith(ending) and n != "addresses.js"), key=place)


def theme_css() -> str:
    """The variables that Mantine would set, from the same theme; and the icons without a file, because a page from
    ``file://`` may not use one as a mask."""
    accent, dark = theme.ACCENT, theme.DARK
    shade = theme.MANTINE["primaryShade"]
    shown = accent[shade["light"]]
    light = {"text": theme.INK["light"], "anchor": shown, "primary": shown, "orange": "#fd7e14"}
    dim = {
        "text": theme.INK["dark"],
        "anchor": accent[3],
        "primary": accent[shade["dark"]],
        "orange": "#fd7e14",
    }
    rules = []
    for where, c in ((":root", light), (':root[data-mantine-color-scheme="dark"]', dim)):
        rules.append(
            f"{where} {{ --mantine-color-text: {c['text']}; --mantine-color-anchor: {c['anchor']}; "
            f"--mantine-primary-color-filled: {c['primary']}; --mantine-color-orange-6: {c['orange']}; "
            f"--mantine-color-accent-8: {accent[8]}; }}"
        )
    font = f"body, button, input, select {{ font-family: {theme.FONT}; }}"
    return "\n".join(
        [*rules, font, f':root[data-mantine-color-scheme="dark"] {{ background: {dark[7]}; }}', ""]
    )
