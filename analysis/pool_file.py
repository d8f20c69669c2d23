"""Pool a file that somebody brings: what ``python -m analysis pool FILE`` does.

Results go to standard output; remarks, questions and errors to standard error, one line each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from analysis import vocabulary as words
from analysis.effects.measures import measure_named
from analysis.errors import InputError
from analysis.reading import Unreadable, open_file
from analysis.reading.mapping import NO_CHOICES, Choices, WrongChoice
from analysis.review import show
from analysis.review.fitted import Options
from analysis.review.models import MODELS, fit
from analysis.review.opening import Brought, studies_of, total_beside

TAU2_METHODS = tuple(words.TAU2_METHODS)
CI_METHODS = tuple(words.CI_METHODS)
LEVEL_RULE = "above 0 and below 1, such as 0.95"

DONE, FAULTY_DATA, WRONG_USE = 0, 1, 2


def run(
    path: str | Path,
    measure: str | None = None,
    tau2: str | None = None,
    ci: str | None = None,
    level: float = 0.95,
    as_json: bool = False,
    *,
    model: str = "iv",
    choices: Choices = NO_CHOICES,
) -> int:
    """Read ``path``, pool it, print the result.

    Parameters
    ----------
    path : any file that `analysis.reading.open_file` reads.
    measure : metafor's name in any case, or None to take it from the file (said on standard error).
    tau2, ci : ``TAU2_METHODS``, ``CI_METHODS``; None, both: the rule of `synthesis.told`.
    level : level of all intervals that are printed, above 0 and below 1.
    as_json : one JSON object with the field names of the result instead of the table.
    model : ``MODELS``.
    choices : what else the reader chose: roles, sheet, analysis, clusters, moderators.

    Returns
    -------
    0, or 1 where the file cannot be pooled, or 2 where a choice is missing or not allowed.
    """
    try:
        _check_options(measure, tau2, ci, level, model)
    except ValueError as error:
        return _fail(str(error), WRONG_USE)
    wanted = Choices(
        measure or "", choices.roles, choices.sheet, choices.analysis, choices.cluster, choices.mods
    )
    try:
        brought = studies_of(open_file(Path(path).name, _bytes_of(Path(path))), wanted)
    except (Unreadable, OSError) as error:
        return _fail(f"{path}: {error}")
    except WrongChoice as error:
        return _fail(f"{path}: {error}", WRONG_USE)
    return _answer(path, brought, Options(tau2, ci, level, model), as_json)


def _answer(path: str | Path, brought: Brought, options: Options, as_json: bool) -> int:
    studies = brought.studies
    for warning in studies.warnings:
        _say(f"note: {warning}")
    if studies.questions:
        for question in studies.questions:
            _say(f"question: {question.text}")
            for choice in question.choices:
                _say(f"  {choice.words}: {choice.typed}")
        return _fail(f"{path}: a choice is to be made, nothing pooled", WRONG_USE)
    if studies.faults:
        for fault in studies.faults:
            _say(f"{path}: {fault}")
        count = len(studies.faults)
        return _fail(f"{path}: {count} fault{'s' * (count > 1)}, nothing pooled")
    for row in studies.left_out:
        _say(f"note: {row}")
    if not studies.labels:
        return _fail(f"{path}: found no complete study; allowed: at least one")
    try:
        found = fit(studies, options)
    except ValueError as error:
        return _fail(f"{path}: {error}")
    for warning in found.warnings:
        _say(f"note: {warning}")
    if as_json:
        print(json.dumps(show.as_dict(studies, found), indent=2, allow_nan=False))
    else:
        total = total_beside(brought.analysis) if brought.analysis else ""
        print(show.as_text(studies, found, options.level, total))
    return DONE


def _check_options(
    measure: str | None, tau2: str | None, ci: str | None, level: float, model: str
) -> None:
    """``ValueError`` for an option that no file can make right."""
    if measure:
        measure_named(measure)
    for name, value, allowed in (
        ("tau2", tau2, TAU2_METHODS),
        ("ci", ci, CI_METHODS),
        ("model", model, MODELS),
    ):
        if value is not None and value not in allowed:
            raise InputError(f"{name} {value!r}; allowed: {', '.join(allowed)}")
    if not 0 < level < 1:
        raise InputError(f"level {level:g}; allowed: {LEVEL_RULE}")


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise Unreadable("found a directory; needed: a file")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable("found no such file; needed: a file") from None
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _fail(line: str, code: int = FAULTY_DATA) -> int:
    _say(f"error: {line}")
    return code
