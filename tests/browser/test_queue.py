"""Long work in a queue: a real Redis, a real Celery worker, both killed in the middle of a job."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from dashboard.app import build
from dashboard.pages import robustness
from tests import slow_view
from tests.browser.services import RedisServer, Worker
from tests.evidence_builder import shipped

PATIENCE = 2.5  # seconds without a pulse after which a job is given up here

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
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def worker(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    made = Worker(
        {"REDIS_URL": redis.url, "JOB_PATIENCE": str(PATIENCE)},
        tmp_path_factory.mktemp("worker") / "log",
    )
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="module")
def address(slow: None, redis: RedisServer, worker: Worker, serve: Callable) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOB_PATIENCE", str(PATIENCE))
        patch.setenv("REDIS_URL", redis.url)
        app = build(shipped())
    with serve(app) as where:
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


def test_a_worker_does_the_job_and_its_result_is_kept_for_everybody(new_tab):
    tab = new_tab()
    page = tab.open(path(1.5))
    expect_progress(page)
    expect(page.locator("#job-seconds")).to_contain_text(" s")
    expect_result(page, 1.5)
    expect(page.locator("#robustness-view .cautions")).to_contain_text("Only a test.")
    expect(page.locator("#robustness-view tbody")).to_contain_text("30")
    other = new_tab()
    expect_result(other.open(path(1.5)), 1.5)
    assert not any("job=" in url for url in other.requests)
    assert tab.complaints == other.complaints == []


def test_cancel_frees_the_worker_for_the_next_job(tab):
    page = tab.open(path(60))
    expect_progress(page)
    page.get_by_role("button", name="Cancel").click()
    expect_trouble(page, "Stopped, as you asked.")
    expect_result(tab.open(path(0.2)), 0.2)


def test_a_job_that_fails_says_so_and_leaves_the_rest_of_the_page(tab):
    page = tab.open(path(1, level=0.5))
    expect_trouble(page, "could not be worked out")
    assert "as the test wanted" not in page.locator("body").text_content()
    expect_the_rest_to_work(page)


def test_another_view_can_be_read_while_a_job_works_and_its_end_does_not_disturb(tab):
    page = tab.open(path(1.2, time="12m"))
    expect_progress(page)
    expect_the_rest_to_work(page)
    tab.still()
    expect(page.locator("#robustness-view .statement")).not_to_contain_text("Counted")
    page.go_back()
    expect_result(page, 1.2)


def test_a_server_that_cannot_be_reached_is_said_and_another_try_succeeds(tab):
    page = tab.open(path(2, time="24m"))
    expect_progress(page)
    page.context.set_offline(True)
    expect_trouble(page, "does not say how the calculation is doing")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 2)


def test_progress_and_trouble_have_no_barriers(new_tab):
    tab = new_tab(width=390, scheme="dark", calm=True)
    page = tab.open(path(30, time="6m"))
    expect_progress(page)
    assert tab.violations() == {}
    page.get_by_role("button", name="Cancel").click()
    expect_trouble(page, "Stopped")
    assert tab.violations() == {}


def test_two_readers_who_ask_the_same_wait_for_one_job_and_one_may_cancel(new_tab):
    first, second = new_tab(), new_tab()
    expect_progress(first.open(path(6, time="3m")))
    expect_progress(second.open(path(6, time="3m")))
    first.page.get_by_role("button", name="Cancel").click()
    expect_trouble(first.page, "Stopped, as you asked.")
    expect_result(second.page, 6)


def test_a_worker_killed_in_the_middle_is_noticed_and_another_try_succeeds_when_one_is_back(
    tab, worker
):
    page = tab.open(path(3))
    expect_progress(page)
    worker.kill()
    expect_trouble(page, "stopped before it was done")
    page.get_by_role("button", name="Try again").click()
    expect_trouble(page, "No worker takes up")
    worker.start()
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 3)
    assert tab.complaints == []


def test_a_worker_survives_the_death_of_the_process_that_does_the_job(tab, worker):
    page = tab.open(path(3.2))
    expect_progress(page)
    for child in worker.children():
        os.kill(child, signal.SIGKILL)
    expect_trouble(page, "stopped before it was done")
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 3.2)


def test_a_redis_that_stops_is_said_the_rest_works_and_another_try_succeeds_when_it_is_back(
    tab, redis, worker
):
    page = tab.open(path(3.4))
    expect_progress(page)
    redis.stop()
    expect_trouble(page, "queue of calculations does not answer")
    expect_the_rest_to_work(page)
    page.go_back()
    expect_trouble(page, "queue of calculations does not answer")
    before = worker.said()
    redis.start()
    worker.wait_to_say("Connected to", before)
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 3.4)
    assert tab.complaints == []
