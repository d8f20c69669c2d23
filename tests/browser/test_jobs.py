"""Long work in processes of this machine: shown, cancelled, killed for real, and tried again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from dashboard.app import build
from dashboard.jobs.ask import Stamp
from dashboard.jobs.board import DiskBoard
from dashboard.jobs.child import Limits
from dashboard.jobs.processes import Processes
from dashboard.jobs.service import Jobs
from dashboard.pages import robustness
from tests import slow_view
from tests.unit.evidence_builder import shipped

OTHER = "Influence"


@pytest.fixture(scope="module")
def slow() -> Iterator[None]:
    """The slow view, in this process, as one that becomes a job."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(robustness.VIEWS, slow_view.KEY, None)
        slow_view.add()
        patch.setitem(robustness.LONG_FROM, slow_view.KEY, 0)
        yield


@pytest.fixture(scope="module")
def manager(slow: None, tmp_path_factory: pytest.TempPathFactory) -> Processes:
    made = Processes(
        DiskBoard(tmp_path_factory.mktemp("board")),
        Path(shipped().folder),
        Stamp.of(shipped()),
        Limits(patience=4, at_once=2),
        work=slow_view.work,
    )
    made.warm()
    return made


@pytest.fixture(scope="module")
def address(manager: Processes, serve: Callable) -> Iterator[str]:
    with serve(build(shipped(), Jobs(manager))) as where:
        yield where


def path(seconds: float, **options: object) -> str:
    more = "".join(f"&{name}={value}" for name, value in options.items())
    return f"/robustness?v=1&mid={seconds:g}{more}&view={slow_view.KEY}"


def expect_result(page: Page, seconds: float) -> None:
    expect(page.locator("#robustness-view .statement")).to_contain_text(
        f"Counted {round(seconds / 0.05)} steps"
    )
    expect(page.locator("#job-waiting")).to_be_hidden()
    expect(page.locator("#job-trouble")).to_be_hidden()


def expect_progress(page: Page) -> None:
    expect(page.locator("#job-doing")).to_contain_text("Step")
    expect(page.get_by_role("progressbar")).to_be_visible()


def expect_trouble(page: Page, words: str) -> None:
    expect(page.locator("#job-trouble")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(page.locator("#job-waiting")).to_be_hidden()


def expect_the_rest_to_work(page: Page) -> None:
    """Another view opens as always; Back returns to this one."""
    page.locator(".view-links a", has_text=OTHER).click()
    expect(page.locator("#robustness-view .statement")).not_to_contain_text("Counted")
    expect(page.locator("#job-trouble")).to_be_hidden()


def process(manager: Processes) -> int:
    """The number of the one process at work."""
    (one,) = [p for p in manager._running.values() if p.is_alive()]
    return one.pid


def test_a_job_shows_how_far_it_is_and_its_result_is_there_at_once_the_next_time(tab):
    page = tab.open(path(1.5))
    expect_progress(page)
    expect(page.locator("#job-seconds")).to_contain_text(" s")
    expect_result(page, 1.5)
    expect(page.locator("#robustness-view .cautions")).to_contain_text("Only a test.")
    expect(page.locator("#robustness-view tbody")).to_contain_text("30")
    tab.requests.clear()
    page.reload()
    expect_result(page, 1.5)
    assert not any("job=" in url for url in tab.requests)
    assert tab.complaints == []


def test_cancel_ends_the_process_and_says_so_and_it_can_be_started_again(tab, manager):
    page = tab.open(path(30))
    expect_progress(page)
    working = process(manager)
    page.get_by_role("button", name="Cancel").click()
    expect_trouble(page, "Stopped, as you asked.")
    psutil.wait_procs([psutil.Process(working)] if psutil.pid_exists(working) else [], timeout=5)
    assert not psutil.pid_exists(working)
    page.get_by_role("button", name="Try again").click()
    expect_progress(page)
    page.get_by_role("button", name="Cancel").click()
    expect_trouble(page, "Stopped, as you asked.")
    assert tab.complaints == []


def test_a_killed_process_is_noticed_and_said_and_another_try_succeeds(tab, manager):
    page = tab.open(path(4))
    expect_progress(page)
    os.kill(process(manager), signal.SIGKILL)
    expect_trouble(page, "stopped before it was done")
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 4)
    assert tab.complaints == []


def test_a_job_that_fails_says_so_and_leaves_the_rest_of_the_page(tab):
    page = tab.open(path(1, level=0.5))
    expect_trouble(page, "could not be worked out")
    assert "as the test wanted" not in page.locator("body").text_content()
    expect_the_rest_to_work(page)


def test_another_view_can_be_read_while_a_job_works_and_its_end_does_not_disturb(tab):
    page = tab.open(path(1.2, time="12m"))
    expect_progress(page)
    expect_the_rest_to_work(page)
    tab.settle()
    expect(page.locator("#robustness-view .statement")).not_to_contain_text("Counted")
    page.go_back()
    expect_result(page, 1.2)


def test_a_second_reader_is_served_and_a_third_job_is_asked_to_come_back(new_tab):
    first, second, third = (new_tab() for _ in range(3))
    expect_progress(first.open(path(20, time="1w")))
    expect_progress(second.open(path(20, time="3m")))
    expect_trouble(third.open(path(20, time="6m")), "other readers' calculations")
    expect_the_rest_to_work(third.page)
    for one in (first, second):
        one.page.get_by_role("button", name="Cancel").click()
        expect_trouble(one.page, "Stopped")


def test_a_server_that_cannot_be_reached_is_said_and_another_try_succeeds(tab):
    page = tab.open(path(2, time="24m"))
    expect_progress(page)
    page.context.set_offline(True)
    expect_trouble(page, "does not say how the calculation is doing")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 2)


def test_progress_and_trouble_have_no_barriers(new_tab):
    tab = new_tab(width=390, scheme="dark", reduced_motion="reduce", bypass_csp=True)
    page = tab.open(path(30, time="6m"))
    expect_progress(page)
    assert tab.violations() == {}
    page.get_by_role("button", name="Cancel").click()
    expect_trouble(page, "Stopped")
    assert tab.violations() == {}
