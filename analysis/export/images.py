"""Figures as SVG, PNG and PDF files, drawn by Kaleido with the Chrome or Chromium of the machine.

One browser draws all figures of a run: starting it costs seconds, a further image a quarter of one. It is
closed and started again now and then, because it grows with every image, and when it dies.

Kaleido's own server is not used: a browser that cannot be started, or dies, leaves it waiting for ever. The same
object is run here in a loop of our own, and every step has a limit of time.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from analysis.errors import MissingProgram
from analysis.export.fonts import advice, without_font
from analysis.figures.standalone import PAGE, Size

KINDS = ("svg", "png", "pdf")
_RENEW_AFTER = 60
"""Images after which the browser is started anew: by then it has doubled its memory."""
_MM = 25.4 / 96
"""Millimetres of a pixel."""
_SECONDS = 60.0
"""For one step; a slow machine needs ten for the first image."""


class NoChrome(MissingProgram):
    """No Chrome or Chromium was found, or it does not work; the message says what to do."""


@contextmanager
def image_writer() -> Iterator[ImageWriter]:
    """A writer that lives as long as the block.

    Raises
    ------
    NoChrome
        When there is no Chrome to draw with.
    """
    writer = ImageWriter()
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


def browser() -> str | None:
    """The path of the Chrome or Chromium that draws: ``BROWSER_PATH``, else what is installed."""
    from choreographer.browsers.chromium import Chromium

    named = os.environ.get("BROWSER_PATH")
    if named:
        return named if Path(named).is_file() else None
    return Chromium.find_browser(skip_local=False)


def _advice(why: str) -> str:
    return (
        "No figures were drawn: Chrome or Chromium was not found or does not start. Install one (Debian: apt-get "
        "install chromium; others: the command plotly_get_chrome) or set BROWSER_PATH to it. The other files do "
        f"not need it. ({why})"
    )


class ImageWriter:
    """Draws figures; made by `image_writer`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._kaleido: Any = None
        self._drawn = 0
        self._told: set[str] = set()

    def write(self, figure: go.Figure, path: Path, size: Size = PAGE) -> None:
        """Write one figure as the ending of `path` says: .svg, .png or .pdf."""
        self._tell_boxes(figure)
        path.write_bytes(self.draw(figure, path.suffix.lstrip("."), size))

    def _tell_boxes(self, figure: go.Figure) -> None:
        """Warn of letters without a font, once of each."""
        text = json.dumps(figure.to_plotly_json(), ensure_ascii=False, default=str)
        new = "".join(c for c in without_font(text) if c not in self._told)
        if new:
            self._told.update(new)
            logging.getLogger(__name__).warning(advice(new))

    def draw(self, figure: go.Figure, kind: str, size: Size = PAGE) -> bytes:
        """One figure as an image; the same figure gives the same bytes.

        Raises
        ------
        NoChrome
            When the browser died and did not come back.
        """
        if self._drawn >= _RENEW_AFTER:
            self.stop()
            self.start()
        try:
            image = self._draw(figure, kind, size)
        except Exception:  # whatever happened to the browser, a new one is tried once
            self.stop()
            self.start()
            try:
                image = self._draw(figure, kind, size)
            except Exception as error:
                raise NoChrome(_advice(_first_line(error))) from None
        self._drawn += 1
        if kind == "svg" and size.millimetres:
            image = _on_paper(image, figure, size.millimetres)
        return _settled(image, kind)

    def _draw(self, figure: go.Figure, kind: str, size: Size) -> bytes:
        layout = figure.layout
        scale = 1.0
        if kind == "png":  # a hair more than the ratio: rounding down would cost a row of pixels
            scale = (size.pixels + 0.01) / layout.width
        elif kind == "pdf" and size.millimetres:
            scale = size.millimetres / _MM / layout.width
        options = {"format": kind, "scale": scale, "width": layout.width, "height": layout.height}
        return self._do(self._kaleido.calc_fig(figure.to_dict(), opts=options))

    def start(self) -> None:
        """Start the browser.

        Raises
        ------
        NoChrome
            When there is none, or it does not start.
        """
        from kaleido import Kaleido

        if browser() is None:
            raise NoChrome(
                _advice(f"looked at {os.environ.get('BROWSER_PATH') or 'the usual places'}")
            )
        for noisy in ("kaleido", "choreographer"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # what a dying browser leaves behind
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._kaleido = self._do(self._opened(Kaleido))
        except Exception as error:
            self.stop()
            raise NoChrome(_advice(_first_line(error))) from None
        self._drawn = 0

    @staticmethod
    async def _opened(kaleido: Any) -> Any:
        # mathjax would be asked of a server outside; no figure has formulas
        opened = kaleido(n=1, mathjax=False, timeout=_SECONDS)
        return await opened.__aenter__()

    def _do(self, step: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(_SECONDS)

    def stop(self) -> None:
        """Close the browser; one that is gone already is no fault."""
        if self._loop is None or self._thread is None:
            return
        with suppress(Exception):
            if self._kaleido is not None:
                self._do(self._kaleido.__aexit__(None, None, None))
        with suppress(Exception):
            self._do(_give_up())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        if not self._loop.is_running():
            self._loop.close()
        self._kaleido = self._loop = self._thread = None


async def _give_up() -> None:
    """End what a browser that died has left waiting."""
    waiting = asyncio.all_tasks() - {asyncio.current_task()}
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _on_paper(svg: bytes, figure: go.Figure, millimetres: float) -> bytes:
    """The root's size in millimetres; what is inside keeps its own units, by the view box."""
    width, height = figure.layout.width, figure.layout.height
    mine = f'width="{width}" height="{height}"'.encode()
    high = round(millimetres * height / width, 2)
    return svg.replace(mine, f'width="{millimetres:g}mm" height="{high:g}mm"'.encode(), 1)


def _settled(image: bytes, kind: str) -> bytes:
    """The image without what chance and clock put into it: plotly's element ids, a PDF's dates."""
    if kind == "svg":
        found = re.search(rb'id="defs-([0-9a-f]{6})"', image)
        return image.replace(found.group(1), b"figure") if found else image
    if kind == "pdf":  # as many bytes as before: a PDF counts them
        return re.sub(
            rb"/(CreationDate|ModDate) \(D:\d{14}",
            lambda m: b"/" + m.group(1) + b" (D:19800101000000",
            image,
        )
    return image
