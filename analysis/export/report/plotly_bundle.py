"""plotly.js for a report, to stand inside the file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from plotly.offline import get_plotlyjs, get_plotlyjs_version

_BASIC = Path(__file__).resolve().parents[3] / "dashboard" / "assets" / "plotly-basic.min.js"


@cache
def plotly_js() -> str:
    """The small bundle that the pages serve, where it lies in the project and fits the library; else the
    whole plotly.js that comes with the library (four times the size, the same drawing).

    The file is read as data: the analysis still works, and imports, without the dashboard.
    """
    try:
        text = _BASIC.read_text(encoding="utf-8")
    except OSError:
        return get_plotlyjs()
    return text if f"v{get_plotlyjs_version()}" in text[:400] else get_plotlyjs()
