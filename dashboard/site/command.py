"""``python -m dashboard site OUT``: the published site from the command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

MOST_PROCESSES = 4
"""By default: each holds some hundred megabytes."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "site",
        help="write the pages as files that need no server",
        description="Write a copy of the dashboard as plain files: any web server or a USB stick serves it. It holds "
        "the finding, the claims, every standard question with a study, harms, studies, what changed and methods.",
    )
    command.add_argument(
        "out", metavar="OUT", type=Path, help="a new or empty folder, or an earlier site"
    )
    command.add_argument(
        "--live", default="", type=_address, metavar="URL",
        help="where a live dashboard is, such as https://host, for links to what needs one",
    )  # fmt: skip
    command.add_argument(
        "--only",
        default="",
        metavar="PATHS",
        help="some pages only, such as /,/harms, to look at a change soon",
    )
    command.add_argument(
        "--processes",
        default=None,
        type=_positive,
        metavar="N",
        help="how many processes share the work (Linux); by default as many as there are processors, at most 4",
    )
    # SUPPRESS: a --data before the command holds, too
    command.add_argument(
        "--data", default=argparse.SUPPRESS, type=Path, metavar="DIR", help="another data folder"
    )
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """0 written, 1 no data, or files that could not be made; 2 wrong use."""
    print("Loading the evidence ...", flush=True)
    from analysis.evidence import load_evidence
    from dashboard.pages import pages
    from dashboard.site.build import NotOurs, build

    evidence = load_evidence(chosen.data)
    if evidence.studies.empty:
        print(f"No study could be read from {evidence.folder}.", file=sys.stderr)
        return 1
    only = [part.strip() for part in chosen.only.split(",") if part.strip()]
    known = [page.path for page in pages()]
    if wrong := [path for path in only if path not in known]:
        print(f"--only: found {', '.join(wrong)}, allowed: {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        built = build(
            chosen.out,
            evidence,
            live=chosen.live,
            only=only or None,
            processes=chosen.processes or min(MOST_PROCESSES, os.cpu_count() or 1),
            tell=_tell,
        )
    except NotOurs as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"The site could not be written to {chosen.out}: {error.strerror or error}",
            file=sys.stderr,
        )
        return 2
    minutes, seconds = divmod(round(built.seconds), 60)
    print(
        f"{built.pages} pages, {built.files} files, {built.size / 1e6:.0f} MB in {minutes} min {seconds} s. "
        f"Open {chosen.out / 'index.html'}"
    )
    for href in built.failed:
        print(f"Not made, and left out: {href}", file=sys.stderr)
    return 1 if built.failed else 0


def _tell(line: str) -> None:
    print(line, flush=True)


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed: a whole number from 1")
    return int(text)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.netloc):
        raise argparse.ArgumentTypeError(
            f"found {text!r}, allowed: an address such as https://host"
        )
    return text.rstrip("/")
