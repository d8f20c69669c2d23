"""The application in a thread, and the Chromium or Chrome that is installed, for tests that open pages.

Without a browser these tests are skipped with a reason; with CI=true that is a failure, so that a
green run always means that the pages were opened.

A worker has one server. Its tabs come from profiles that it keeps, on disk and with their page open, so that the
pages' scripts are fetched and compiled once: half of the work that a new page in a profile in memory takes. What a
test leaves in a tab is cleared before the next one has it.

The pages' Content-Security-Policy forbids `eval`, and with it Playwright's `wait_for_function`: wait
with `expect(locator)` instead.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash import Dash
from playwright.sync_api import (
    BrowserContext,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from dashboard.app import create_app

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # less collecting of garbage (megabytes), and no helping threads: a sixth less work, where all processors have some
    "--js-flags=--min-semi-space-size=32,--single-threaded",
]
_SECONDS = 40
_FIRST_VISIT = 120  # some pages ask every question there is when they are opened first
_COUNT_REQUESTS = """{
    window.underWay = 0;
    const ask = window.fetch;
    window.fetch = function (...all) {
        window.underWay += 1;
        return ask.apply(this, all).finally(() => { window.underWay -= 1; });
    };
}"""
# What still goes on in the page after so many milliseconds; empty once nothing did for three frames in a row.
_GOES_ON = """async patience => {
    const moves = a => a.playState === "running" && a.effect.getComputedTiming().endTime !== Infinity;
    const goesOn = () => [
        window.underWay > 0 && "a request",
        document.querySelector("[data-dash-is-loading=true]") && "a callback",
        document.getAnimations().some(moves) && "a movement",
    ].filter(Boolean);
    const end = performance.now() + patience;
    await document.fonts.ready;
    for (let quiet = 0; quiet < 3; ) {
        await new Promise(requestAnimationFrame);
        quiet = goesOn().length ? 0 : quiet + 1;
        if (performance.now() > end) return goesOn();
    }
    return [];
}"""
VIEWS = ((1440, "light"), (390, "dark"))
"""A wide screen by day and a phone by night: each width and each scheme once."""
NARROW, LONG = 896, 2500
"""Pixels, and parts of a page: `place.js` loads a page of more parts anew where a window becomes narrow or wide."""
_AXE = Path(__file__).parent / "vendor" / "axe.min.js"
_FORGET = "localStorage.clear(); sessionStorage.clear()"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@contextmanager
def serving(app: Dash) -> Iterator[str]:
    """Serve an application in a thread; gives its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    app.server.test_client().get("/_dash-layout")  # warm: see `dashboard.app.create_app`
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the dashboard answers."""
    with serving(create_app()) as where:
        yield where


@pytest.fixture(scope="session")
def serve() -> Callable[[Dash], AbstractContextManager[str]]:
    """For tests with an application of their own: ``with serve(app) as address``."""
    return serving


@pytest.fixture(scope="session")
def chrome() -> str:
    """The path of the installed Chromium or Chrome."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        why = f"no browser found; looked for {', '.join(_NAMES)}"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return program


@pytest.fixture(scope="session")
def launch(chrome: str) -> Iterator[Callable[..., BrowserContext]]:
    """Start a browser with a profile in a folder: ``launch(folder)``.

    It has no windows around its pages where that can be had: the same engine, a third less work.
    """
    expect.set_options(timeout=_SECONDS * 1000)
    program = shutil.which("chromium-headless-shell") or chrome
    with sync_playwright() as playwright:

        def launched(folder: Path, **options: object) -> BrowserContext:
            return playwright.chromium.launch_persistent_context(
                folder, executable_path=program, args=_FLAGS, **options
            )

        yield launched


class Tab:
    """A page in the browser, and everything that went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._hears = {
            "console": self._heard,
            "pageerror": self._failed,
            "request": self._asked,
            "response": self._answered,
        }
        for event, told in self._hears.items():
            page.on(event, told)

    def leave(self) -> None:
        """Hear no more of the page."""
        for event, told in self._hears.items():
            self.page.remove_listener(event, told)

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _failed(self, error: object) -> None:
        self.complaints.append(f"script: {error}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def open(self, path: str) -> Page:
        """Open a page and wait until it stands still."""
        self.page.goto(self.address + path)
        return self.still()

    def reload(self) -> Page:
        """Load the page again and wait until it stands still."""
        self.page.reload()
        return self.still()

    def still(self) -> Page:
        """Wait until the heading and the fonts are there, all is answered, and nothing moves or fades."""
        self.page.locator("#content h1").wait_for(timeout=_FIRST_VISIT * 1000)
        self._rest()
        return self.page

    def _rest(self) -> None:
        assert self.page.evaluate(_GOES_ON, _SECONDS * 1000) == []

    def looks(self, width: int, scheme: str, *, height: int = 900) -> None:
        """Give the window another size and the system another scheme, and wait until the page has followed."""
        across = (self.page.viewport_size["width"] < NARROW) != (width < NARROW)
        loads = across and self.page.locator("#content *").count() > LONG
        with self.page.expect_navigation() if loads else nullcontext():
            self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme)
        html = self.page.locator("html")
        expect(html).to_have_attribute("data-mantine-color-scheme", scheme)
        self.still()

    def open_details(self) -> None:
        """Open everything on the page that is folded."""
        folded = self.page.locator("#content details")
        folded.evaluate_all("all => all.forEach(e => { e.open = true; })")

    def violations(self, *, preload: bool = True) -> dict[str, list[str]]:
        """What axe-core finds on the page once it stands still: rule and elements; the tab should be `calm`."""
        self._rest()
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        options = {"resultTypes": ["violations"], "selectors": False, "preload": preload}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        assert len(found["passes"]) > 10  # axe really looked
        return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in found["violations"]}

    def assert_no_barrier(self) -> None:
        """In no view, with all that is folded open; only for pages that keep their state when a window gets narrow."""
        for width, scheme in VIEWS:
            self.looks(width, scheme)
            self.open_details()
            assert self.violations() == {}
            assert not self.sideways()

    def height(self) -> int:
        """Pixels from the top of the page to its end."""
        return self.page.evaluate("document.documentElement.scrollHeight")

    def sideways(self) -> bool:
        """Whether the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


class Profiles:
    """Browsers with a profile and a page each that are used again, by one tab at a time."""

    def __init__(self, start: Callable[[], BrowserContext]) -> None:
        self._start = start
        self._all: list[BrowserContext] = []
        self._free: list[BrowserContext] = []

    def take(self) -> BrowserContext:
        """A profile in which nothing is kept, with an empty page."""
        if self._free:
            return self._free.pop()
        made = self._start()
        made.set_default_timeout(_SECONDS * 1000)
        made.add_init_script(_COUNT_REQUESTS)
        self._all.append(made)
        return made

    def give_back(self, profile: BrowserContext, address: str) -> None:
        """Clear what a test left of the pages at an address and of files, and keep the profile for another."""
        page, *others = profile.pages
        for other in others:
            other.close()
        profile.set_offline(False)
        profile.clear_cookies()
        profile.clear_permissions()
        page.unroute_all()
        at = urlsplit(page.url)
        if at.scheme == "file":
            page.evaluate(_FORGET)
        page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=""))
        for origin in {address, f"{at.scheme}://{at.netloc}" if at.netloc else address}:
            page.goto(origin)  # no script of ours runs there that could keep something again
            page.evaluate(_FORGET)
        page.unroute_all()
        page.mouse.move(0, 0)
        self._free.append(profile)

    def close(self) -> None:
        """End all browsers."""
        for profile in self._all:
            profile.close()


@pytest.fixture(scope="session")
def profiles(
    launch: Callable[..., BrowserContext], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Profiles]:
    kept = Profiles(lambda: launch(tmp_path_factory.mktemp("profile")))
    yield kept
    kept.close()


@pytest.fixture
def new_tab(profiles: Profiles, address: str) -> Iterator[Callable[..., Tab]]:
    """Open a tab: ``new_tab(width=390, scheme="dark")``; each has its own storage.

    A calm tab asks for reduced motion.
    """
    taken = []

    def opened(
        width: int = 1440,
        scheme: str = "light",
        *,
        height: int = 900,
        calm: bool = False,
    ) -> Tab:
        profile = profiles.take()
        page = profile.pages[0]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            media="null",
            color_scheme=scheme,
            reduced_motion="reduce" if calm else "no-preference",
        )
        tab = Tab(page, address)
        taken.append((profile, tab))
        return tab

    yield opened
    for profile, tab in taken:
        tab.leave()
        profiles.give_back(profile, address)


@pytest.fixture(params=VIEWS, ids=["wide, light", "phone, dark"])
def bare_tab(request: pytest.FixtureRequest, new_tab: Callable[..., Tab]) -> Tab:
    """A tab for `Tab.violations`, wide and light or narrow and dark."""
    width, scheme = request.param
    return new_tab(width, scheme, calm=True)


@pytest.fixture
def calm_tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab for `Tab.assert_no_barrier`."""
    return new_tab(calm=True)


@pytest.fixture
def tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on a wide screen in the light scheme."""
    return new_tab()
