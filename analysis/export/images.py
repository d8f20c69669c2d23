"""Figures as SVG and PNG files, drawn by Kaleido with the Chrome or Chromium of the machine.

One server draws all figures of a run: starting Chrome costs seconds, a further image a quarter of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import plotly.graph_objects as go

SCALE = 2
"""Pixels of a PNG per pixel of the figure."""


class NoChrome(RuntimeError):
    """No Chrome or Chromium was found; the message says what to do."""


@contextmanager
def image_writer() -> Iterator[ImageWriter]:
    """A writer that lives as long as the block.

    Raises
    ------
    NoChrome
        When there is no Chrome to draw with.
    """
    import kaleido
    from choreographer.browsers.chromium import ChromeNotFoundError

    try:
        kaleido.start_sync_server(n=1, silence_warnings=True)
    except (ChromeNotFoundError, RuntimeError) as error:
        raise NoChrome(_advice(error)) from None
    try:
        yield ImageWriter()
    finally:
        kaleido.stop_sync_server(silence_warnings=True)


def _advice(error: Exception) -> str:
    return (
        "No figures were drawn: Chrome or Chromium was not found. Install one (Debian: apt-get install "
        "chromium; others: the command plotly_get_chrome) or set BROWSER_PATH to it. The tables do not need it. "
        f"({str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__})"
    )


class ImageWriter:
    """Writes figures; made by `image_writer`."""

    def write(self, figure: go.Figure, path: Path) -> None:
        """Write one figure as the ending of `path` says: .svg or .png.

        The same figure gives the same bytes: plotly's random element ids are replaced in SVG.

        Raises
        ------
        NoChrome
            When Chrome cannot be started or died.
        """
        import kaleido
        from choreographer.browsers.chromium import ChromeNotFoundError

        kind = path.suffix.lstrip(".")
        size = {"width": figure.layout.width, "height": figure.layout.height}
        options = {"format": kind, "scale": SCALE if kind == "png" else 1} | size
        try:
            image = kaleido.calc_fig_sync(figure, opts=options)
        except (ChromeNotFoundError, RuntimeError) as error:
            raise NoChrome(_advice(error)) from None
        path.write_bytes(_without_random_ids(image) if kind == "svg" else image)


def _without_random_ids(svg: bytes) -> bytes:
    found = re.search(rb'id="defs-([0-9a-f]{6})"', svg)
    return svg.replace(found.group(1), b"figure") if found else svg
