"""How a job can end without a result, each with what happened and what to do, in plain words."""

from __future__ import annotations

TROUBLES: dict[str, tuple[str, str]] = {
    "lost": (
        "The calculation stopped before it was done.",
        "The process that worked on it is gone. Nothing else on this page is affected.",
    ),
    "failed": (
        "This could not be worked out.",
        "The fault is ours, and it was written to the log. The other views are not affected.",
    ),
    "late": (
        "The calculation took too long and was stopped.",
        "Leave studies out or choose a narrower question; the other views are not affected.",
    ),
    "busy": (
        "The server is working on other readers' calculations.",
        "Try again in a moment. What needs no long calculation works as always.",
    ),
    "queue": (
        "The queue of calculations does not answer.",
        "It may be back in a moment. What needs no long calculation works as always.",
    ),
    "nobody": (
        "No worker takes up calculations now.",
        "Whoever runs this server can start one; what needs no long calculation works as always.",
    ),
    "versions": (
        "The worker has other data or another version of the program than this page.",
        "Reload the page. If it happens again, whoever runs this server must restart its workers.",
    ),
    "unkept": (
        "The result could not be kept.",
        "The server's disk may be full. Try again in a moment.",
    ),
    "cancelled": (
        "Stopped, as you asked.",
        "Nothing was changed. Start again whenever you like.",
    ),
}


class JobTrouble(Exception):
    """A job ended, or could not start, in one of the ways of `TROUBLES`.

    Parameters
    ----------
    code : a key of `TROUBLES`.
    attempt : the page's name for what the reader waits for.
    """

    def __init__(self, code: str, attempt: str) -> None:
        super().__init__(code)
        self.code = code
        self.attempt = attempt
