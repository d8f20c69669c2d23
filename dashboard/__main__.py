"""The command line of the dashboard: ``python -m dashboard [--host H] [--port P] [--data DIR]``, and
``python -m dashboard site OUT``, which writes the pages as files that need no server (`dashboard.site`).

Served by waitress: one process with a pool of threads, the same on Linux, macOS and Windows, that is
meant to face browsers directly. Its event loop holds idle connections (browsers open some ahead of
need), where a gunicorn worker without a proxy in front of it would wait on them. For several
processes behind a proxy see `dashboard.wsgi`. SIGTERM and Ctrl+C let requests in flight finish.
"""

from __future__ import annotations

import argparse
import errno
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.root import not_installed
from dashboard.site import command as site

_FAULTS_SHOWN = 10
_HERE = ("127.0.0.1", "0.0.0.0", "::1", "::")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted, or write the pages as files; returns the exit status, 0 when all went well."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ModuleNotFoundError as error:
        if not (message := not_installed(error)):
            raise
        print(message, file=sys.stderr)
        return 2


def _listen(options: argparse.Namespace) -> int:
    """0, 1 (address taken) or 2 (no data)."""
    try:
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        listening = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        print(_why(error, options.host, options.port), file=sys.stderr)
        return 1
    with listening:
        return _serve(listening, options)


def _serve(listening: socket.socket, options: argparse.Namespace) -> int:
    print("Loading the evidence ...", flush=True)
    # Imported here: they take most of a second, and a busy port or --help need not wait for them.
    from analysis.evidence import load_evidence
    from dashboard import logs
    from dashboard.app import build
    from dashboard.serve import Server

    logs.start()
    evidence = load_evidence(options.data)
    for fault in evidence.faults[:_FAULTS_SHOWN]:
        print(f"  {fault}", file=sys.stderr)
    if len(evidence.faults) > _FAULTS_SHOWN:
        print(f"  ... and {len(evidence.faults) - _FAULTS_SHOWN} more faults", file=sys.stderr)
    if evidence.studies.empty:
        print(f"No study could be read from {evidence.folder}.", file=sys.stderr)
        return 2
    server = Server(build(evidence).server, listening)
    shown = "localhost" if options.host in _HERE else options.host
    print(f"Open http://{shown}:{options.port}/ (stop with Ctrl+C)", flush=True)
    server.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="Serve the dashboard.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the whole network"
    )
    parser.add_argument("--port", default=8050, type=_port, help="port to listen on (default 8050)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="another data folder")
    parser.set_defaults(run=_listen)
    site.add(parser.add_subparsers(metavar="COMMAND"))
    return parser


def _port(text: str) -> int:
    if not (text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"found {text!r}, allowed: a number from 1 to 65535")
    return int(text)


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Choose another one: python -m dashboard --port {port + 1}"
    return f"Cannot listen on {host}, port {port}: {error}"


if __name__ == "__main__":
    sys.exit(main())
