"""The application: evidence, pages and server put together."""

from __future__ import annotations

import logging
from pathlib import Path

from dash import Dash, set_props

from analysis.evidence import Evidence, load_evidence
from dashboard import router, shell, take, web
from dashboard.components.page_parts import trouble
from dashboard.document import Document

_LOG = logging.getLogger("dashboard")


def create_app(data_dir: Path | str | None = None) -> Dash:
    """Build the dashboard on a data folder, ready to serve.

    Parameters
    ----------
    data_dir : folder with the evidence; the project's own by default.

    Returns
    -------
    dash.Dash
        Its ``server`` is the WSGI application. It has answered a first request already: without that,
        threads that ask at the same time during start-up can meet callbacks that are not yet there
        (plotly/dash issue 3971).
    """
    evidence = load_evidence(data_dir)
    return build(evidence)


def build(evidence: Evidence) -> Dash:
    """Build the dashboard on evidence that is already loaded."""
    app = Document(
        "dashboard",
        assets_folder=str(Path(__file__).with_name("assets")),
        title=router.SITE,
        update_title=None,
        compress=True,
        suppress_callback_exceptions=True,  # pages bring their controls when they are visited
        on_error=_say_trouble,
    )
    app.layout = shell.frame(evidence)
    router.connect(app, evidence)
    take.connect(app.server, evidence)
    web.furnish(app.server, evidence)
    app.server.test_client().get("/_dash-layout")
    return app


def _say_trouble(error: Exception) -> None:
    """A callback failed: the log gets the details, the reader a sentence above the page."""
    _LOG.error("a callback failed", exc_info=error)
    set_props(
        "trouble",
        {
            "children": trouble(
                "This could not be worked out.",
                "The fault is ours, and it was written to the log. Go back to the view before, or "
                "choose something else.",
            )
        },
    )
