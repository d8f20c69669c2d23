"""How the pages look: one typeface, one accent, light and dark. Colours of treatments are not here.

Treatments and designs have fixed colours of their own, which belong to the figures. The dark
background is darker than Mantine's so that the blue of the Okabe-Ito palette keeps a contrast of
more than 3:1 on it (on Mantine's own #242424 it has 2.99:1).
"""

from __future__ import annotations

FONT = 'Arial, Helvetica, "Liberation Sans", sans-serif'
"""Present on every system, so that a page and an exported figure look alike without a download."""

ACCENT = (
    "#e7f4f6",
    "#d0e8ec",
    "#a3d2da",
    "#73bcc9",
    "#4facbc",
    "#36a1b3",
    "#2293a6",
    "#10808f",
    "#046b7a",
    "#005764",
)
DARK = (
    "#dfe3e7",
    "#bcc3ca",
    "#98a1ab",
    "#717c87",
    "#46505a",
    "#353e47",
    "#262d34",
    "#15191e",
    "#101418",
    "#0b0e11",
)
INK = {"light": "#1b2026", "dark": "#dfe3e7"}
FAINT = {"light": "#d9dde1", "dark": "#353e47"}

MANTINE = {
    "fontFamily": FONT,
    "headings": {"fontFamily": FONT, "fontWeight": "700"},
    "colors": {"accent": ACCENT, "dark": DARK},
    "primaryColor": "accent",
    "primaryShade": {"light": 8, "dark": 5},
    "autoContrast": True,
    "luminanceThreshold": 0.3,
    "black": INK["light"],
    "defaultRadius": "sm",
    "respectReducedMotion": True,
    "cursorType": "pointer",
}


def _figure_template(scheme: str) -> dict[str, object]:
    ink, faint = INK[scheme], FAINT[scheme]
    axis = {
        "color": ink,
        "gridcolor": faint,
        "linecolor": ink,
        "tickcolor": ink,
        "zerolinecolor": ink,
    }
    return {
        "layout": {
            "font": {"family": FONT, "color": ink},
            "title": {"font": {"color": ink}},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": "#ffffff" if scheme == "light" else DARK[6],
                "bordercolor": ink,
                "font": {"family": FONT, "color": ink},
            },
        }
    }


FIGURE_SCHEMES: dict[str, dict[str, object]] = {s: _figure_template(s) for s in ("light", "dark")}
"""What a colour scheme changes in a figure on the page; laid over the figure's own template there."""
