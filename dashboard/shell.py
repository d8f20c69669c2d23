"""The frame around every page: skip link, header with navigation, main part, footer."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.evidence import Evidence
from analysis.topic import topic
from dashboard import own, router, theme
from dashboard.places import navigation


def frame(evidence: Evidence) -> Component:
    """The layout of the application; the router fills it.

    Plain landmarks instead of Mantine's AppShell: a fixed header and footer would take a quarter of
    a phone's screen, and cover what the keyboard has just reached.
    """
    return dmc.MantineProvider(
        [
            *router.stores(),
            html.A("Skip to the content", href="#main", className="skip-link"),
            _header(),
            _main(),
            _footer(evidence),
        ],
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )


def _header() -> Component:
    return html.Header(
        html.Div(
            [
                html.A(
                    _brand(topic().site),
                    href="/",
                    className="brand",
                    **{"aria-label": topic().site},
                ),
                html.Nav(
                    navigation(""), id=router.NAVIGATION, **{"aria-label": "Pages"}
                ),
                dmc.ColorSchemeToggle(
                    id="scheme-toggle",
                    lightIcon=html.Span(className="icon icon-sun"),
                    darkIcon=html.Span(className="icon icon-moon"),
                    variant="subtle",
                    color="gray",
                    size="lg",
                    **{"aria-label": "Switch between light and dark"},
                ),
            ],
            className="bar",
        ),
        className="frame-edge",
    )


def _brand(site: str) -> list[Component | str]:
    """The site's name; what stands before its colon gives way where the window is narrow."""
    long, colon, short = site.rpartition(": ")
    return [html.Span(f"{long}{colon}", className="brand-long"), short]


def _main() -> Component:
    return html.Main(
        [
            html.Div(
                html.P(
                    "The server does not answer. What you see may be out of date: check the "
                    "connection, then choose again or reload the page."
                ),
                id="connection",
                className="note note-trouble",
                role="alert",
                hidden=True,
            ),
            html.Div(id="trouble"),
            html.Div(id=own.BANNER),
            html.P(id="print-line"),  # filled when the page is printed
            html.Div(id=router.TOOLS),
            html.Div(id=router.CONTENT),
        ],
        id="main",
        tabIndex="-1",
    )


def _footer(evidence: Evidence) -> Component:
    return html.Footer(
        html.Div(
            [
                html.P(
                    [
                        html.Strong("Not medical advice. "),
                        "Published figures, pooled by a stated method. A decision about one patient "
                        "needs a clinician who knows the patient.",
                    ]
                ),
                html.P(
                    [
                        html.A("Methods", href="/methods"),
                        html.A("Words used here", href="/words"),
                        html.Span(own.footer_line(evidence), id=router.DATA_VERSION),
                    ],
                    className="foot-line",
                ),
            ],
            className="foot",
        ),
        className="frame-edge",
    )
