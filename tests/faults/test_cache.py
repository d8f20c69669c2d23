"""The folder in which results of long work are kept: full, closed, shared by two versions, or damaged."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from analysis.evidence import load_evidence
from analysis.question import Question
from dashboard.app import build
from dashboard.jobs.ask import Ask, Stamp
from dashboard.jobs.board import DiskBoard
from tests.callback_requests import ADDRESS, LIST, Callbacks

ROOT = Path(__file__).resolve().parents[2]
ASKED = Ask(Question(intervention="AUG", comparator="NSM", time="any"), "influence").to_store()

FULL = """
    import resource, signal, sys
    from dashboard.app import create_app
    from dashboard.jobs.board import BoardLost
    from tests.faults.test_cache import view

    app = create_app()
    board = app.jobs.manager.board
    board.set("before", "kept", 60)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))  # no file grows any more
    try:
        board.set("a", "x" * 500_000, 60)
    except BoardLost:
        print("said")
    print(view(app), board.get("before"))
"""


def view(app) -> str:
    """What the page that uses the folder answers."""
    client = app.server.test_client()
    body = Callbacks(client.get(LIST).json).body(
        "robustness-view.children", {"robustness-asked.data": ASKED}
    )
    answer = client.post(ADDRESS, json=body)
    shown = answer.status_code == 200 and '"type":"Graph"' in answer.text
    return "shown" if shown else f"{answer.status_code}: {answer.text[:300]}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot forbid that files grow")
def test_a_full_disk_loses_what_would_be_kept_and_no_page(tmp_path):
    """The system itself refuses to write, as a full disk does; nothing is imitated."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL)],
        env={**os.environ, "DASHBOARD_CACHE": str(tmp_path), "REDIS_URL": ""},
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.stdout.split() == ["said", "shown", "kept"], ended.stderr


@pytest.mark.parametrize("spoil", ["a file in its place", "a damaged database"])
def test_a_cache_folder_that_cannot_be_used_costs_no_page(spoil, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    if spoil == "a file in its place":
        folder.write_text("")
    else:
        folder.mkdir()
        (folder / "cache.db").write_bytes(b"SQLite format 3\x00" + os.urandom(5000))
    monkeypatch.setenv("DASHBOARD_CACHE", str(folder))
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert view(build(load_evidence())) == "shown"


def test_two_versions_of_the_program_share_a_folder_without_sharing_results(tmp_path):
    """What one version kept is not what the other asks for, be it other data or other code."""
    board = DiskBoard(tmp_path)
    ask = Ask(Question(), "multiverse")
    versions = [Stamp("data-1", "code-1"), Stamp("data-1", "code-2"), Stamp("data-2", "code-1")]
    for number, stamp in enumerate(versions):
        assert board.get(ask.key(stamp)) is None
        board.set(ask.key(stamp), number, 60)
    again = DiskBoard(tmp_path)
    assert [again.get(ask.key(stamp)) for stamp in versions] == [0, 1, 2]
