"""The application in a thread, and the Chromium or Chrome that is installed, for tests that open pages.

Without a browser these tests are skipped with a reason; with CI=true that is a failure, so that a
green run always means that the pages were opened.

A worker has one server and one browser. Its tabs come from profiles that it keeps, so that the pages' scripts
are fetched and compiled once; what a test leaves in a profile is cleared before the next one has it.

The pages' Content-Security-Policy forbids `eval`, and with it Playwright's `wait_for_function`: wait
with `expect(locator)` instead.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dash import Dash
from playwright.sync_api import (
    Browser,
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
_AXE = Path(__file__).parent / "vendor" / "axe.min.js"


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
def browser(chrome: str) -> Iterator[Browser]:
    """Opens pages, without the windows around them where that can be had: the same engine, a third less work."""
    expect.set_options(timeout=_SECONDS * 1000)
    program = shutil.which("chromium-headless-shell") or chrome
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield opened
        opened.close()


class Tab:
    """A page in the browser, and everything that went wrong in it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _heard(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

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

    def open_details(self) -> None:
        """Open everything on the page that is folded."""
        folded = self.page.locator("#content details")
        folded.evaluate_all("all => all.forEach(e => { e.open = true; })")

    def violations(self, *, preload: bool = True) -> dict[str, list[str]]:
        """What axe-core finds on the page once it stands still: rule and elements; the tab needs `axe`."""
        self._rest()
        options = {"resultTypes": ["violations"], "selectors": False, "preload": preload}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        assert len(found["passes"]) > 10  # axe really looked
        return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in found["violations"]}

    def height(self) -> int:
        """Pixels from the top of the page to its end."""
        return self.page.evaluate("document.documentElement.scrollHeight")

    def sideways(self) -> bool:
        """Whether the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


class Profiles:
    """Browser profiles that are used again, each by one tab at a time."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[BrowserContext] = []

    def take(self) -> BrowserContext:
        """A profile in which nothing is kept."""
        if self._free:
            return self._free.pop()
        made = self._browser.new_context()
        made.set_default_timeout(_SECONDS * 1000)
        made.add_init_script(_COUNT_REQUESTS)
        return made

    def give_back(self, profile: BrowserContext, address: str) -> None:
        """Clear what a test left of the pages at an address and of files, and keep the profile for another."""
        page = profile.pages[0]
        session, at = profile.new_cdp_session(page), urlsplit(page.url)
        for origin in {address, f"{at.scheme}://{at.netloc}" if at.netloc else address}:
            kept = {"origin": origin, "storageTypes": "local_storage"}
            session.send("Storage.clearDataForOrigin", kept)
        if at.scheme == "file":
            page.evaluate("window.localStorage.clear()")
        for page in profile.pages:
            page.close()
        profile.clear_cookies()
        profile.clear_permissions()
        profile.set_offline(False)
        self._free.append(profile)


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    return Profiles(browser)


@pytest.fixture
def new_tab(profiles: Profiles, address: str) -> Iterator[Callable[..., Tab]]:
    """Open a tab: ``new_tab(width=390, scheme="dark")``; each has its own storage and history.

    A calm tab asks for reduced motion; `axe` brings the program that looks for barriers to such a tab.
    """
    taken = []

    def opened(
        width: int = 1440,
        scheme: str = "light",
        *,
        height: int = 900,
        calm: bool = False,
        axe: bool = False,
    ) -> Tab:
        profile = profiles.take()
        taken.append(profile)
        page = profile.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(
            color_scheme=scheme, reduced_motion="reduce" if calm or axe else "no-preference"
        )
        if axe:
            page.add_init_script(path=_AXE)
        return Tab(page, address)

    yield opened
    for profile in taken:
        profiles.give_back(profile, address)


VIEWS = ((1440, "light"), (390, "dark"))
"""A wide screen by day and a phone by night: each width and each scheme once."""


@pytest.fixture(params=VIEWS, ids=["wide, light", "phone, dark"])
def bare_tab(request: pytest.FixtureRequest, new_tab: Callable[..., Tab]) -> Tab:
    """A tab for `Tab.violations`, wide and light or narrow and dark."""
    width, scheme = request.param
    return new_tab(width, scheme, axe=True)


@pytest.fixture
def tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on a wide screen in the light scheme."""
    return new_tab()
