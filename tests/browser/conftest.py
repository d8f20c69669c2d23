"""The application in a thread, and the Chromium or Chrome that is installed, for tests that open pages.

Without a browser these tests are skipped with a reason; with CI=true that is a failure, so that a
green run always means that the pages were opened.

The pages' Content-Security-Policy forbids `eval`, and with it Playwright's `wait_for_function`: wait
with `expect(locator)` instead. `new_tab(bypass_csp=True)` switches the policy off where a test brings
a script of its own.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from dash import Dash
from playwright.sync_api import Browser, Page, Request, Response, expect, sync_playwright
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
_SECONDS = 20
_MOTION_ENDED = """() => Promise.allSettled(
    document.getAnimations()
        .filter(a => a.effect.getComputedTiming().endTime !== Infinity)
        .map(a => a.finished)
)"""
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
    expect.set_options(timeout=_SECONDS * 1000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chrome, args=_FLAGS)
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
        """Wait until the heading is there, no callback changes the content, and nothing moves or fades."""
        self.page.locator("#content h1").wait_for()
        expect(self.page.locator("#content[data-dash-is-loading=true]")).to_have_count(0)
        expect(self.page.locator("#content [data-dash-is-loading=true]")).to_have_count(0)
        self.page.evaluate(_MOTION_ENDED)
        return self.page

    def open_details(self) -> None:
        """Open everything on the page that is folded."""
        folded = self.page.locator("#content details")
        folded.evaluate_all("all => all.forEach(e => { e.open = true; })")

    def violations(self, *, colours_only: bool = False, preload: bool = True) -> dict[str, list[str]]:
        """What axe-core finds on the page: rule and elements; the tab needs `bypass_csp`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.add_script_tag(path=_AXE)
        options = {"resultTypes": ["violations"], "preload": preload}
        if colours_only:
            options["runOnly"] = ["color-contrast", "link-in-text-block"]
        found = self.page.evaluate("options => axe.run(document, options)", options)
        assert len(found["passes"]) > (0 if colours_only else 10)  # axe really looked
        return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in found["violations"]}

    def violations_in_both_schemes(self) -> dict[str, list[str]]:
        """`violations`, and those of the colours once the system turns dark (the rest stays as it is)."""
        short = self.violations()
        self.page.emulate_media(color_scheme="dark")
        expect(self.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        self.still()
        return short | {
            f"{rule}, dark": found for rule, found in self.violations(colours_only=True).items()
        }

    def sideways(self) -> bool:
        """Whether the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

    def settle(self) -> None:
        """Wait until nothing is under way on the network, and the page stands still."""
        self.page.wait_for_load_state("networkidle")
        self.still()


@pytest.fixture
def new_tab(browser: Browser, address: str) -> Iterator[Callable[..., Tab]]:
    """Open a tab: ``new_tab(width=390, scheme="dark")``; each has its own storage and history."""
    contexts = []

    def opened(
        width: int = 1440, height: int = 900, scheme: str = "light", **options: object
    ) -> Tab:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        context.set_default_timeout(_SECONDS * 1000)
        contexts.append(context)
        return Tab(context.new_page(), address)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(params=[390, 1440])
def bare_tab(request: pytest.FixtureRequest, new_tab: Callable[..., Tab]) -> Tab:
    """A tab of a phone's and of a screen's width for `Tab.violations_in_both_schemes`."""
    return new_tab(width=request.param, reduced_motion="reduce", bypass_csp=True)


@pytest.fixture
def tab(new_tab: Callable[..., Tab]) -> Tab:
    """A tab on a wide screen in the light scheme."""
    return new_tab()
