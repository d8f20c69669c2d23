"""The directive ``{drawn}`` of these pages: code, and below it the figure that the code makes (named `figure`).

Plotly's script stands once in the built pages, so the figures work without a network.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

SCRIPT = "plotly-basic.min.js"


def figure_of(code: str) -> Any:
    """Run the code of a block; the figure that it makes."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names["figure"]


class Drawn(Directive):
    """``{drawn}`` with the code as its content."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        code = "\n".join(self.content)
        shown = nodes.literal_block(code, code, language="python")
        figure = figure_of(code)
        figure.update_layout(
            paper_bgcolor="#ffffff"
        )  # the pages may be dark; the figures' ink is not
        html = figure.to_html(
            full_html=False, include_plotlyjs=False, config={"displayModeBar": False}
        )
        document = self.state.document
        if not getattr(document, "has_figures", False):  # before the first figure of a page
            up = "../" * document.settings.env.docname.count("/")
            html = f'<script src="{up}_static/{SCRIPT}"></script>{html}'
            document.has_figures = True
        return [shown, nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
