"""The application: evidence, pages and server put together."""

from __future__ import annotations

import logging
from pathlib import Path

from dash import Dash, set_props
from flask import Flask

from analysis.evidence.load import Evidence, loaded
from analysis.topic import topic
from dashboard import (
    cards,
    docs,
    downloads,
    logs,
    request_validation,
    response_cache,
    router,
    shell,
    web,
)
from dashboard.components.page_parts import trouble
from dashboard.document import Document
from dashboard.jobs.settings import redis_url
from dashboard.pages import pages, robustness

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
    return build(loaded(data_dir))


def build(evidence: Evidence) -> Dash:
    """Build the dashboard on evidence that is already loaded, with a queue where ``REDIS_URL`` names one."""
    queue = None
    if url := redis_url():
        from dashboard.jobs.queue import open_queue  # Celery and Redis only where they are used

        queue = open_queue(evidence, url)
    server = Flask("dashboard", static_folder=None)
    logs.watch(server)  # first, so that the time and the bytes that it tells are those of the whole
    # with a queue, a view's answer depends on what is done elsewhere by now
    response_cache.keep(server, also=() if queue else (f"{robustness.VIEW}.children",))
    app = Document(
        "dashboard",
        server=server,
        assets_folder=str(Path(__file__).with_name("assets")),
        title=topic().site,
        update_title=None,
        compress=True,
        suppress_callback_exceptions=True,  # pages bring their controls when they are visited
        on_error=_say_trouble,
        background_callback_manager=queue,
    )
    app.queue = queue
    app.evidence = evidence
    app.layout = shell.frame(evidence)
    router.connect(app, evidence)
    downloads.connect(app.server, evidence)
    cards.connect(app.server, evidence)
    for page in pages():
        page.serve(app.server, evidence)
    request_validation.guard(app.server, app)
    web.furnish(app.server, evidence)
    docs.serve(app.server)
    app.server.test_client().get("/_dash-layout")
    return app


def _say_trouble(error: Exception) -> None:
    """A callback failed: the log gets the details, the reader a sentence above the page."""
    _LOG.error("a callback failed", exc_info=error)
    response_cache.do_not_keep()
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
