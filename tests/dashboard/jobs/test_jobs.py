"""Long work without a browser: in the request, and beside it in a queue; its names, life, ends and what is kept."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from dash.exceptions import PreventUpdate

from analysis.question import Question
from analysis.robustness_views import multiverse, subsets
from analysis.robustness_views.registry import VIEWS, ViewSpec
from analysis.robustness_views.view import View
from dashboard.jobs.ask import Ask, Stamp, code_version
from dashboard.jobs.board import BoardLost, as_text
from dashboard.jobs.queue import Queue
from dashboard.jobs.settings import Limits, limits
from dashboard.jobs.trouble import TROUBLES, JobTrouble
from dashboard.jobs.work import perform
from dashboard.pages import robustness
from tests.evidence_builder import shipped

HERE = Stamp("data", "code")
ASK = Ask(Question(), multiverse.KEY)


class Memory:
    """A board in memory; `now` is what its clock says, in seconds."""

    def __init__(self):
        self.kept, self.waiting, self.now, self.queue = {}, {}, 0.0, 0

    def get(self, name):
        text, until = self.kept.get(name, (None, 0.0))
        return json.loads(text) if text is not None and until > self.now else None

    def set(self, name, value, seconds):
        self.kept[name] = (as_text(value), self.now + seconds)

    def add(self, name, value, seconds):
        if self.get(name) is None:
            self.set(name, value, seconds)
        return self.get(name)

    def join(self, name, who):
        self.waiting.setdefault(name, set()).add(who)

    def leave(self, name, who):
        self.waiting.get(name, set()).discard(who)
        return len(self.waiting.get(name, ()))

    def length(self, queue):
        return self.queue


class Lost:
    """A board out of reach."""

    def get(self, *ignored):
        raise BoardLost("gone")

    set = add = join = leave = length = get


class Workers:
    """What Celery is told; the test plays the worker."""

    def __init__(self):
        self.sent, self.revoked, self.control = [], [], self

    def send_task(self, task, args, *, task_id, expires):
        self.sent.append(args)

    @contextlib.contextmanager
    def connection_for_write(self):
        yield None

    def revoke(self, job, *, terminate, connection):
        self.revoked.append(job)

    def ping(self, **ignored):
        return []


@pytest.fixture
def board():
    return Memory()


@pytest.fixture
def workers():
    return Workers()


@pytest.fixture
def queue(board, workers):
    return Queue(board, workers, HERE, Limits(patience=5))


# --- names and values ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "other",
    [
        Ask(Question(time="12m"), multiverse.KEY),
        Ask(Question(), subsets.KEY),
        Ask(Question(), multiverse.KEY, narrow=True),
        Ask(Question(), multiverse.KEY, study="a"),
    ],
)
def test_each_question_view_screen_and_study_has_a_result_of_its_own(other):
    assert ASK.key(HERE) == Ask(Question(), multiverse.KEY).key(HERE)
    assert other.key(HERE) != ASK.key(HERE)


def test_other_data_or_other_code_have_results_of_their_own():
    names = {ASK.key(stamp) for stamp in (HERE, Stamp("other", "code"), Stamp("data", "other"))}
    assert len(names) == 3


def test_the_version_of_the_code_is_that_of_the_source_files():
    assert code_version() == code_version()
    assert len(code_version()) == 16


@pytest.mark.parametrize(
    "stored", [None, 7, [], "x", {"query": 3, "view": None}, {"query": "time=noon"}]
)
def test_whatever_a_browser_sends_becomes_a_question_that_exists(stored):
    assert Ask.from_store(stored).question == Question()


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        as_text(float("nan"))


# --- in the request ------------------------------------------------------------------------------
def test_two_readers_who_ask_the_same_at_the_same_time_are_answered_from_one_calculation(
    monkeypatch,
):
    begun, go_on, counted = threading.Event(), threading.Event(), []

    def slow(question, evidence, *, narrow, progress):
        counted.append(question)
        begun.set()
        assert go_on.wait(30)
        return View("slow", "Counted.")

    monkeypatch.setitem(VIEWS, "slow", ViewSpec("Slow", "?", slow))
    shown = []

    def ask():
        shown.append(robustness._here(Ask(Question(), "slow"), shipped()))

    second_waits = threading.Event()
    wait_for = Future.result
    monkeypatch.setattr(Future, "result", lambda *args: (second_waits.set(), wait_for(*args))[1])
    readers = [threading.Thread(target=ask) for _ in range(2)]
    readers[0].start()
    assert begun.wait(30)
    readers[1].start()
    assert second_waits.wait(30)
    go_on.set()
    for reader in readers:
        reader.join()
    ask()
    assert len(counted) == 1
    assert shown[0] is shown[1] is shown[2]


def test_a_fault_is_a_fault_for_all_who_wait_and_the_next_one_asks_anew(monkeypatch):
    answers = iter([ZeroDivisionError, View("slow", "Counted.")])

    def fails_once(question, evidence, *, narrow, progress):
        found = next(answers)
        if found is ZeroDivisionError:
            raise ZeroDivisionError
        return found

    monkeypatch.setitem(VIEWS, "slow", ViewSpec("Slow", "?", fails_once))
    ask = Ask(Question(time="12m"), "slow")
    with pytest.raises(ZeroDivisionError):
        robustness._here(ask, shipped())
    assert robustness._here(ask, shipped()).finding == "Counted."


def test_without_a_queue_the_longest_view_is_answered_in_the_request():
    shown, waiting_hidden, trouble_hidden, _, job = robustness._shown(ASK, shipped(), None)
    assert shown
    assert (waiting_hidden, trouble_hidden) == (True, True)
    assert not isinstance(job, dict)


# --- a reader's own studies ----------------------------------------------------------------------
def test_work_on_a_readers_own_studies_is_done_in_the_request_and_not_kept(monkeypatch, queue):
    theirs = dataclasses.replace(shipped(), own=frozenset({"own-1"}))
    monkeypatch.setitem(robustness.LONG_FROM, "influence", 0)
    ask = Ask(Question(), "influence")
    assert robustness._shown(ask, shipped(), queue)[-1]["view"] == "influence"  # a wish for a job
    shown, *_, job = robustness._shown(ask, theirs, queue)
    assert shown
    assert not isinstance(job, dict)
    assert queue.board.kept == {}


# --- the life of a job ---------------------------------------------------------------------------
def asked(queue, attempt="first", ask=ASK):
    """Dash asks for a job; gives what it follows, and the job."""
    wish = {**ask.to_store(), "attempt": attempt}
    key = queue.build_cache_key(None, [wish])
    assert queue.call_job_fn(key, None, [wish], {"cookies": "x"}) == key
    return key, queue.board.get(f"{key}-asked")["job"]


def trouble(queue, key):
    with pytest.raises(JobTrouble) as error:
        queue.get_result(key, key)
    return error.value.code, error.value.attempt


def test_a_job_gets_the_question_and_nothing_of_the_request(queue, workers):
    _, job = asked(queue)
    assert workers.sent == [(job, ASK.to_store(), {"data": "data", "code": "code"})]


def test_a_job_that_waits_works_and_ends_is_told_step_by_step(queue, board):
    key, job = asked(queue)
    assert queue.get_progress(key)[:2] == [0, "Waiting for a free process"]
    assert queue.get_result(key, key) is queue.UNDEFINED
    board.set(f"{job}-pulse", {"done": 1, "total": 4, "doing": "drawing"}, 60)
    board.set(f"{job}-begun", 1, 60)
    assert queue.get_progress(key)[:2] == [25.0, "drawing"]
    assert queue.get_result(key, key) is queue.UNDEFINED
    assert queue.job_running(key)
    board.set(f"{job}-end", {"trouble": ""}, 60)
    assert queue.get_result(key, key) == {"attempt": "first", "trouble": ""}
    assert not queue.job_running(key)


def test_equal_jobs_join_and_the_first_to_cancel_takes_nothing_from_the_other(queue, workers):
    (one, job), (two, same), (_, other) = (
        asked(queue), asked(queue, "second"), asked(queue, "third", Ask(Question(), subsets.KEY)),
    )  # fmt: skip
    assert job == same != other
    assert [args[0] for args in workers.sent] == [job, other]
    queue.terminate_job(one)
    assert queue.get_result(one, one) == {"_dash_no_update": "_dash_no_update"}
    assert queue.get_result(two, two) is queue.UNDEFINED
    assert workers.revoked == []
    queue.terminate_job(two)
    assert workers.revoked == [job]


@pytest.mark.parametrize("end", ["lost", "failed", "cancelled", "done"])
def test_nobody_joins_a_job_that_came_to_an_end(queue, board, workers, end):
    key, job = asked(queue)
    if end == "lost":
        board.set(f"{job}-begun", 1, 60)
    elif end == "cancelled":
        queue.terminate_job(key)
    else:
        board.set(f"{job}-end", {"trouble": end if end == "failed" else ""}, 60)
    _, again = asked(queue, "second")
    assert again != job
    assert [args[0] for args in workers.sent] == [job, again]


def test_nobody_joins_a_job_that_could_not_be_sent(queue, board, workers):
    board.queue = 1000
    wish = {**ASK.to_store(), "attempt": "first"}
    with pytest.raises(JobTrouble) as error:
        queue.call_job_fn("attempt-first", None, [wish], {})
    assert error.value.code == "busy"
    board.now, board.queue = 1.0, 0
    asked(queue, "second")
    assert len(workers.sent) == 1


def test_a_job_without_a_pulse_is_lost(queue, board):
    key, job = asked(queue)
    board.set(f"{job}-pulse", {"done": 0, "total": 0, "doing": ""}, 5)
    board.set(f"{job}-begun", 1, 60)
    assert queue.get_result(key, key) is queue.UNDEFINED
    board.now = 6.0
    assert trouble(queue, key) == ("lost", "first")


def test_a_job_that_nobody_takes_up_is_said(queue, board, monkeypatch):
    key, _ = asked(queue)
    later = time.time() + 7
    monkeypatch.setattr("dashboard.jobs.queue.time.time", lambda: later)
    assert trouble(queue, key) == ("nobody", "first")


def test_a_cancelled_job_is_stopped_and_changes_nothing(queue, workers):
    key, job = asked(queue)
    queue.terminate_job(key)
    assert workers.revoked == [job]
    assert queue.get_result(key, key) == {"_dash_no_update": "_dash_no_update"}
    assert not queue.job_running(key)


def test_a_job_cancelled_before_it_was_known_does_not_begin(queue, workers):
    queue.cancel_attempt("first")
    with pytest.raises(PreventUpdate):
        asked(queue)
    assert workers.sent == []


def test_a_board_out_of_reach_is_a_trouble_of_the_queue(queue, monkeypatch):
    key, _ = asked(queue)
    monkeypatch.setattr(queue, "board", Lost())
    for ask_for in (lambda: queue.get_result(key, key), lambda: asked(queue)):
        with pytest.raises(JobTrouble) as error:
            ask_for()
        assert (error.value.code, error.value.attempt) == ("queue", "first")
    assert queue.get_progress(key) is None
    assert queue.kept(ASK) is None
    queue.terminate_job(key)  # the page goes on


def run(board, view, *, stamp=None, limit=60.0, patience=60.0, job="j"):
    """Do a job here, with a view of the test; gives the note of its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(VIEWS, ASK.view, ViewSpec("Test", "?", view))
        mine = Stamp.of(shipped())
        perform(board, job, ASK.to_store(), stamp or mine, shipped(), Limits(patience, limit))
    return board.get(f"{job}-end")


def told(question, evidence, *, narrow, progress):
    progress(1, 2, "half")
    return View(multiverse.KEY, f"At {question.time}.")


def test_what_a_job_made_is_kept_under_the_name_of_its_ask(queue, board):
    assert run(board, told) == {"trouble": ""}
    queue.stamp = Stamp.of(shipped())
    assert queue.kept(ASK) == View(multiverse.KEY, "At 1m.")
    assert board.get("j-pulse") is not None


def test_at_no_moment_does_a_job_that_works_look_lost(queue, board, monkeypatch):
    """A load run lost jobs so: they said that they had begun, and showed their pulse a moment later."""
    key, job = asked(queue)
    real, looks = board.set, []

    def watched(name, value, seconds):
        real(name, value, seconds)
        looks.append(queue.get_result(key, key))

    monkeypatch.setattr(board, "set", watched)
    run(board, told, job=job)
    *before, last = looks
    assert set(map(id, before)) == {id(queue.UNDEFINED)}
    assert last == {"attempt": "first", "trouble": ""}


def test_a_look_during_which_a_job_begins_or_ends_does_not_take_it_for_lost(
    queue, board, monkeypatch
):
    read = board.get
    moves = [
        lambda job: board.set(f"{job}-pulse", {"done": 0, "total": 0, "doing": ""}, 60),
        lambda job: board.set(f"{job}-begun", 1, 60),
        lambda job: board.set(f"{job}-end", {"trouble": ""}, 60),
    ]
    for at in range(6):  # the job goes all its way just before the look's read number `at`
        key, job = asked(queue, f"attempt {at}", Ask(Question(mid=10 + at), multiverse.KEY))
        steps = iter(range(100))

        def moving(name, at=at, steps=steps, job=job):
            if next(steps) == at:
                for move in moves:
                    move(job)
                board.kept.pop(f"{job}-pulse")
            return read(name)

        with monkeypatch.context() as patch:
            patch.setattr(board, "get", moving)
            found = queue.get_result(key, key)
        assert found is queue.UNDEFINED or found == {"attempt": f"attempt {at}", "trouble": ""}


def test_a_job_of_other_data_or_code_is_refused(board):
    assert run(board, told, stamp=HERE) == {"trouble": "versions"}


def test_a_job_that_fails_says_so(board):
    assert run(board, lambda *_, **__: 1 / 0) == {"trouble": "failed"}


def test_a_job_that_takes_too_long_or_is_cancelled_stops_at_its_next_step(board):
    def endless(question, evidence, *, narrow, progress):
        board.set("j-cancelled", cancelled, 60)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            progress(0, 0, "on and on")
            time.sleep(0.005)
        raise AssertionError("nobody stopped it")

    cancelled = None
    assert run(board, endless, limit=0.01, patience=0.1) == {"trouble": "late"}
    board.set("j-end", None, 60)
    cancelled = 1
    assert run(board, endless, patience=0.1) is None


def test_a_job_cancelled_while_it_waited_is_not_begun(board):
    board.set("j-cancelled", 1, 60)
    assert run(board, told) is None
    assert board.get("j-begun") is None


def test_a_redis_that_is_full_while_a_job_works_is_said(board, monkeypatch):
    real = board.set

    def refuse(name, value, seconds):
        if name.startswith("view-") and not name.endswith("-job"):
            raise BoardLost("full")
        real(name, value, seconds)

    monkeypatch.setattr(board, "set", refuse)
    assert run(board, told) == {"trouble": "unkept"}


# --- settings and start --------------------------------------------------------------------------
def test_settings_come_from_the_environment_and_bad_ones_are_named():
    assert limits({}) == Limits()
    assert limits({"JOB_PATIENCE": "2.5", "JOB_LIMIT": "30"}) == Limits(2.5, 30)
    with pytest.raises(SystemExit, match="JOB_LIMIT: found 'soon', allowed: a number above 0"):
        limits({"JOB_LIMIT": "soon"})


def test_every_trouble_says_what_happened_and_what_to_do():
    for happened, to_do in TROUBLES.values():
        assert happened.endswith(".")
        assert to_do.endswith(".")


@pytest.mark.slow
def test_without_redis_nothing_of_the_queue_is_imported_at_the_start():
    code = "import sys, dashboard.app; print([m for m in ('celery', 'redis', 'kombu') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[3],
        env={k: v for k, v in os.environ.items() if k != "REDIS_URL"},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
