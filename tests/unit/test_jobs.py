"""Long work without a browser: names of results, what is kept, what is refused, and what is done without a folder."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import diskcache
import psutil
import pytest
from dash.exceptions import PreventUpdate

from analysis.laboratory import multiverse, subsets
from analysis.laboratory.registry import VIEWS, ViewSpec
from analysis.laboratory.view import View
from analysis.question import Question
from dashboard.jobs.ask import Ask, Stamp, code_version
from dashboard.jobs.board import BoardLost, DiskBoard, as_text, disk_board
from dashboard.jobs.child import Limits
from dashboard.jobs.manager import Manager
from dashboard.jobs.service import NO_FOLDER, Jobs, may_leave, open_jobs
from dashboard.jobs.settings import limits
from dashboard.jobs.trouble import TROUBLES, JobTrouble
from dashboard.jobs.work import perform
from dashboard.pages import robustness
from tests.unit.evidence_builder import shipped

HERE = Stamp("data", "code")
ASK = Ask(Question(), multiverse.KEY)


@pytest.fixture
def board(tmp_path):
    return DiskBoard(tmp_path / "board")


class Still(Manager):
    """A manager whose jobs the test plays itself."""

    def start(self, job, ask):
        self.started = (job, dict(ask))

    def stop(self, job):
        self.stopped = job

    def gone(self, job):
        return False

    def waiting(self, job, seconds):
        return ""


@pytest.fixture
def manager(board):
    return Still(board, HERE, patience=5)


class Lost:
    """A board out of reach."""

    def get(self, name):
        raise BoardLost("full")

    def set(self, name, value, seconds):
        raise BoardLost("full")

    add = set


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


def test_the_board_keeps_json_for_a_while(board):
    board.set("a", {"x": [1, None, "µ"]}, 60)
    board.set("b", 1, 0.01)
    time.sleep(0.05)
    assert board.get("a") == {"x": [1, None, "µ"]}
    assert board.get("b") is None
    assert (board.add("c", 1, 60), board.add("c", 2, 60)) == (1, 1)


class Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (self.mark,))


def test_a_pickle_in_the_cache_folder_is_not_opened(tmp_path):
    mark = tmp_path / "sprung"
    with diskcache.Cache(str(tmp_path / "board")) as foreign:
        foreign.set("trap", Trap(str(mark)))
    assert DiskBoard(tmp_path / "board").get("trap") is None
    assert not mark.exists()


def test_the_board_does_not_grow_without_end(tmp_path):
    board = DiskBoard(tmp_path, megabytes=1)
    for i in range(60):
        board.set(f"big-{i}", "x" * 100_000, 3600)
    assert sum(f.stat().st_size for f in tmp_path.rglob("*") if f.is_file()) < 4e6
    assert board.get("big-59") is not None


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        as_text(float("nan"))


# --- without a folder ----------------------------------------------------------------------------
def test_a_folder_that_cannot_be_written_is_said_and_work_is_done_in_the_request(
    tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("DASHBOARD_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(BoardLost):
        disk_board()
    jobs = open_jobs(shipped())
    assert jobs.manager is None
    assert jobs.usable() == jobs.why_not == NO_FOLDER
    assert jobs.kept(ASK) is None


def test_without_a_home_the_board_is_in_a_temporary_folder_of_this_user_alone(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("DASHBOARD_CACHE")
    monkeypatch.setattr("dashboard.jobs.board.cache_folder", lambda: Path(os.devnull) / "below")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    board = disk_board()
    assert disk_board().folder == board.folder  # every process of a server finds it
    board.folder.chmod(0o777)
    with pytest.raises(BoardLost, match="somebody else's"):
        disk_board()


def test_a_full_disk_is_said_beside_the_result(monkeypatch):
    monkeypatch.setitem(robustness.LONG_FROM, "influence", 0)
    jobs = open_jobs(shipped())
    monkeypatch.setattr(jobs.manager, "board", Lost())
    shown, waiting_hidden, trouble_hidden, _, job = robustness._shown(
        Ask(Question(), "influence"), shipped(), jobs
    )
    assert "disk takes nothing more" in str(shown)
    assert (waiting_hidden, trouble_hidden) == (True, True)
    assert not isinstance(job, dict)


# --- a reader's own studies ----------------------------------------------------------------------
def test_work_on_a_readers_own_studies_is_done_in_the_request_and_not_kept(monkeypatch, manager):
    theirs = dataclasses.replace(shipped(), own=frozenset({"own-1"}))
    assert may_leave(shipped())
    assert not may_leave(theirs)
    monkeypatch.setitem(robustness.LONG_FROM, "influence", 0)
    jobs = Jobs(manager)
    ask = Ask(Question(), "influence")
    assert robustness._shown(ask, shipped(), jobs)[-1]["view"] == "influence"  # a wish for a job
    shown, *_, job = robustness._shown(ask, theirs, jobs)
    assert shown
    assert not isinstance(job, dict)
    assert jobs.kept(ask) is None


# --- the life of a job ---------------------------------------------------------------------------
def asked(manager):
    wish = {**ASK.to_store(), "attempt": "first"}
    return manager.call_job_fn(manager.build_cache_key(None, ()), None, (wish,), {"cookies": "x"})


def test_a_job_gets_the_question_and_nothing_of_the_request(manager):
    job = asked(manager)
    assert manager.started == (job, {**ASK.to_store(), "attempt": "first"})


def test_a_job_that_waits_works_and_ends_is_told_step_by_step(manager, board):
    job = asked(manager)
    assert manager.get_progress(job)[:2] == [0, "Waiting for a free process"]
    assert manager.get_result(job, job) is manager.UNDEFINED
    board.set(f"{job}-begun", 1, 60)
    board.set(f"{job}-pulse", {"done": 1, "total": 4, "doing": "drawing"}, 60)
    assert manager.get_progress(job)[:2] == [25.0, "drawing"]
    assert manager.get_result(job, job) is manager.UNDEFINED
    assert manager.job_running(job)
    board.set(f"{job}-end", {"attempt": "first"}, 60)
    assert manager.get_result(job, job) == {"attempt": "first", "trouble": ""}
    assert not manager.job_running(job)


def test_a_job_without_a_pulse_is_lost(manager, board):
    job = asked(manager)
    board.set(f"{job}-begun", 1, 60)
    with pytest.raises(JobTrouble) as error:
        manager.get_result(job, job)
    assert (error.value.code, manager.attempt(error.value.job)) == ("lost", "first")


def test_a_cancelled_job_is_stopped_and_changes_nothing(manager):
    job = asked(manager)
    manager.terminate_job(job)
    assert manager.stopped == job
    assert manager.get_result(job, job) == {"_dash_no_update": "_dash_no_update"}
    assert not manager.job_running(job)


def test_a_job_cancelled_before_it_was_known_does_not_begin(manager):
    manager.cancel_attempt("first")
    with pytest.raises(PreventUpdate):
        asked(manager)
    assert not hasattr(manager, "started")


def test_a_board_out_of_reach_is_a_trouble_of_the_queue(manager, monkeypatch):
    job = asked(manager)
    monkeypatch.setattr(manager, "board", Lost())
    for ask_for in (lambda: manager.get_result(job, job), lambda: asked(manager)):
        with pytest.raises(JobTrouble) as error:
            ask_for()
        assert error.value.code == "queue"
    assert manager.get_progress(job) is None
    manager.terminate_job(job)  # the page goes on
    assert manager.attempt(job) is None


def run(board, view, *, stamp=None, limit=60.0, patience=60.0, ask=ASK):
    """Do a job here, with a view of the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(VIEWS, ask.view, ViewSpec("Test", "?", view))
        mine = Stamp.of(shipped())
        perform(
            board,
            "j",
            {**ask.to_store(), "attempt": "first"},
            stamp or mine,
            shipped(),
            patience=patience,
            limit=limit,
        )
    return board.get("j-end")


def told(question, evidence, *, narrow, progress):
    progress(1, 2, "half")
    return View(multiverse.KEY, f"At {question.time}.")


def test_what_a_job_made_is_kept_under_the_name_of_its_ask(board):
    assert run(board, told) == {"attempt": "first"}
    kept = Jobs(Still(board, Stamp.of(shipped()), 5)).kept(ASK)
    assert kept == View(multiverse.KEY, "At 1m.")
    assert board.get("j-pulse") is not None


def test_at_no_moment_does_a_job_that_works_look_lost(manager, board, monkeypatch):
    real, looks = board.set, []

    def watched(name, value, seconds):
        real(name, value, seconds)
        looks.append(manager.get_result("j", "j"))

    real("j-asked", {"at": time.time(), "attempt": "first"}, 60)
    monkeypatch.setattr(board, "set", watched)
    run(board, told)
    *before, last = looks
    assert set(map(id, before)) == {id(manager.UNDEFINED)}
    assert last == {"attempt": "first", "trouble": ""}


def test_a_look_during_which_a_job_begins_or_ends_does_not_take_it_for_lost(
    manager, board, monkeypatch
):
    read = board.get

    for at in range(4):  # the job moves on just before the look's read number `at`
        board.set("j-asked", {"at": time.time(), "attempt": "first"}, 60)
        for name in ("pulse", "begun", "end"):
            board.set(f"j-{name}", None, 60)
        steps = iter(range(100))

        def moves(name, at=at, steps=steps):
            if next(steps) == at:
                board.set("j-pulse", {"done": 0, "total": 0, "doing": ""}, 60)
                board.set("j-begun", 1, 60)
            return read(name)

        with monkeypatch.context() as patch:
            patch.setattr(board, "get", moves)
            assert manager.get_result("j", "j") is manager.UNDEFINED


def test_a_job_of_other_data_or_code_is_refused(board):
    assert run(board, told, stamp=HERE) == {"trouble": "versions"}


def test_a_job_that_fails_says_so(board):
    assert run(board, lambda *_, **__: 1 / 0) == {"trouble": "failed"}


def test_a_job_that_takes_too_long_or_is_cancelled_stops_at_its_next_step(board):
    def endless(question, evidence, *, narrow, progress):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            progress(0, 0, "on and on")
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    assert run(board, endless, limit=0.05, patience=0.4) == {"trouble": "late"}
    for name, other in (("j", "first"), ("first", "j")):
        board.set("j-end", None, 60)
        board.set(f"{other}-cancelled", None, 60)
        board.set(f"{name}-cancelled", 1, 60)
        assert run(board, endless, patience=0.4) is None


def test_a_disk_that_fills_while_a_job_works_is_said(board, monkeypatch):
    def fills(question, evidence, *, narrow, progress):
        real = board.set

        def refuse(name, value, seconds):
            if name.startswith("view-"):
                raise BoardLost("full")
            real(name, value, seconds)

        monkeypatch.setattr(board, "set", refuse)
        return View(multiverse.KEY, "Done.")

    assert run(board, fills) == {"trouble": "unkept"}


# --- settings and start --------------------------------------------------------------------------
def test_settings_come_from_the_environment_and_bad_ones_are_named():
    assert limits({}) == Limits()
    given = {"JOB_PATIENCE": "2.5", "JOB_LIMIT": "30", "JOBS_AT_ONCE": "7"}
    assert limits(given) == Limits(2.5, 30, 7)
    with pytest.raises(SystemExit, match="JOB_LIMIT: found 'soon', allowed: a number above 0"):
        limits({"JOB_LIMIT": "soon"})


def test_every_trouble_says_what_happened_and_what_to_do():
    for happened, to_do in TROUBLES.values():
        assert happened.endswith(".")
        assert to_do.endswith(".")


def test_without_redis_nothing_of_the_queue_is_imported_at_the_start():
    code = "import sys, dashboard.app; print([m for m in ('celery', 'redis', 'kombu') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).resolve().parents[2],
        env={k: v for k, v in os.environ.items() if k != "REDIS_URL"},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


_SERVER = """
import sys
from pathlib import Path
from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import DiskBoard
from dashboard.jobs.child import Limits
from dashboard.jobs.processes import Processes
from analysis.evidence import load_evidence
from analysis.question import Question
from tests import slow_view

evidence = load_evidence()
manager = Processes(
    DiskBoard(Path(sys.argv[1])), evidence.folder, Stamp.of(evidence), Limits(), slow_view.work
)
manager.call_job_fn("j", None, ({**Ask(Question(mid=300), "slow").to_store(), "attempt": "a"},), {})
print(manager.board.get("j-process")[0], flush=True)
sys.stdin.read()
"""


def test_a_job_goes_with_a_server_that_was_killed(tmp_path):
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path)],
        cwd=Path(__file__).resolve().parents[2],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with server:
        job = psutil.Process(int(server.stdout.readline()))
        assert job.is_running()
        server.kill()
    end = time.monotonic() + 30
    with contextlib.suppress(psutil.NoSuchProcess):
        while job.is_running() and job.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end
            time.sleep(0.05)
