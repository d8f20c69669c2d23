"""Long work in a queue: a real Redis, a real Celery worker, both killed in the middle of a job."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from dashboard.app import build
from dashboard.jobs.service import open_jobs
from tests.browser.services import RedisServer, Worker
from tests.browser.test_jobs import (
    expect_progress,
    expect_result,
    expect_the_rest_to_work,
    expect_trouble,
    path,
    slow,
)
from tests.unit.evidence_builder import shipped

PATIENCE = 2.5  # seconds without a pulse after which a job is given up here

__all__ = ["slow"]


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
        jobs = open_jobs(shipped(), redis.url)
    with serve(build(shipped(), jobs)) as where:
        yield where


def test_a_worker_does_the_job_and_its_result_is_kept_for_everybody(new_tab):
    tab = new_tab()
    page = tab.open(path(1.5))
    expect_progress(page)
    expect_result(page, 1.5)
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


def test_a_worker_killed_in_the_middle_is_noticed_and_another_try_succeeds_when_one_is_back(
    tab, worker
):
    page = tab.open(path(4))
    expect_progress(page)
    worker.kill()
    expect_trouble(page, "stopped before it was done")
    page.get_by_role("button", name="Try again").click()
    expect_trouble(page, "No worker takes up")
    worker.start()
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 4)
    assert tab.complaints == []


def test_a_worker_survives_the_death_of_the_process_that_does_the_job(tab, worker):
    page = tab.open(path(4.2))
    expect_progress(page)
    for child in worker.children():
        os.kill(child, signal.SIGKILL)
    expect_trouble(page, "stopped before it was done")
    page.get_by_role("button", name="Try again").click()
    expect_result(page, 4.2)


def test_a_redis_that_stops_is_said_the_rest_works_and_another_try_succeeds_when_it_is_back(
    tab, redis, worker
):
    page = tab.open(path(4.4))
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
    expect_result(page, 4.4)
    assert tab.complaints == []
