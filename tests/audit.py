"""Known faults of what is installed: ``python -m tests.audit``. A report; it never fails a build.

Asks pip-audit (``pip install pip-audit``), which asks the public lists. Where it is not installed or
cannot reach them, that is said: silence would look like a clean result.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"
_SECONDS = 120


def main() -> int:
    """Print what was found; the status is always 0."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(REQUIREMENTS), "--no-deps",
        "--disable-pip", "--format", "json", "--progress-spinner", "off",
    ]  # fmt: skip
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
        print(told(ended.stdout, ended.stderr))
    except subprocess.TimeoutExpired:
        print(f"Dependencies were not audited: no answer in {_SECONDS} seconds.")
    return 0


def told(output: str, errors: str = "") -> str:
    """What pip-audit found, in lines.

    >>> print(told('{"dependencies": [{"name": "dash", "version": "4.4.1", "vulns": []}]}'))
    1 dependencies audited, 0 known faults.
    >>> print(told('{"dependencies": [{"name": "dash", "skip_reason": "not found"}]}'))
    Dependencies were not audited: 1 of 1 could not be looked up (not found).
    >>> print(told("", "No module named pip_audit"))
    Dependencies were not audited: No module named pip_audit
    """
    try:
        found = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = errors.strip().splitlines() or ["pip-audit said nothing"]
        return f"Dependencies were not audited: {lines[-1]}"
    skipped = [one for one in found if "skip_reason" in one]
    audited = [one for one in found if "skip_reason" not in one]
    lines = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in "
        f"{', '.join(fault.get('fix_versions') or ['no version yet'])}"
        for one in audited
        for fault in one["vulns"]
    ]
    if audited:
        lines.append(f"{len(audited)} dependencies audited, {len(lines)} known faults.")
    if skipped:
        reason = str(skipped[0]["skip_reason"]).split(":")[0]
        lines.append(
            f"Dependencies were not audited: {len(skipped)} of {len(found)} could not be looked up ({reason})."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
