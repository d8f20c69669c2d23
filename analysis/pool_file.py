"""Pool any CSV of effect sizes, counts or means: what ``python -m analysis pool FILE.csv`` does.

Results go to standard output, remarks and errors to standard error, one line each.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis import vocabulary as words
from analysis.effects.arrays import FloatArray
from analysis.effects.convert import quantile
from analysis.effects.measures import measure_named
from analysis.effects.sheet import Sheet, SheetError, read_sheet
from analysis.effects.single_group import harmonic_mean
from analysis.synthesis import Pooled, pool

TAU2_METHODS = tuple(words.TAU2_METHODS)
CI_METHODS = ("wald", "hksj", "hksj-adhoc")
LEVEL_RULE = "above 0 and below 1, such as 0.95"

DONE, FAULTY_DATA, WRONG_USE = 0, 1, 2
LABEL_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Printed:
    """Estimate and limits on the scale a reader knows; ``low`` and ``high`` of the prediction may
    be None.
    """

    label: str
    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float | None
    pi_high: float | None


def run(
    path: str | Path,
    measure: str | None = None,
    tau2: str = "REML",
    ci: str = "wald",
    level: float = 0.95,
    as_json: bool = False,
) -> int:
    """Read ``path``, pool it, print the result.

    Parameters
    ----------
    path : CSV with metafor's column names; see ``analysis.effects.sheet.read_sheet``.
    measure : metafor's name in any case, or None to choose by the columns (said on standard error).
    tau2 : ``TAU2_METHODS``; ``EE`` is the common-effect model.
    ci : ``CI_METHODS``.
    level : level of all intervals, above 0 and below 1.
    as_json : one JSON object with the field names of ``Pooled`` instead of the table.

    Returns
    -------
    0, or 1 where the file cannot be pooled, or 2 where an option is not allowed.
    """
    try:
        _check_options(measure, tau2, ci, level)
    except ValueError as error:
        return _fail(str(error), WRONG_USE)
    try:
        sheet = read_sheet(path, measure)
    except SheetError as error:
        return _fail(f"{path}: {error}")
    _remark(sheet)
    if sheet.faults:
        for fault in sheet.faults:
            _say(f"{path}: {fault}")
        count = len(sheet.faults)
        return _fail(f"{path}: {count} fault{'s' * (count > 1)}, nothing pooled")
    if not sheet.labels:
        return _fail(f"{path}: found no complete study; allowed: at least one")
    try:
        result = pool(sheet.yi, sheet.vi, tau2=tau2, ci=ci, level=level)
    except ValueError as error:
        return _fail(f"{path}: {error}")
    printed = _printed(sheet, result)
    if as_json:
        print(json.dumps(_as_dict(sheet, result, printed), indent=2, allow_nan=False))
    else:
        print(_table(sheet, result, printed))
    return DONE


def _check_options(measure: str | None, tau2: str, ci: str, level: float) -> None:
    """``ValueError`` for an option that no file can make right."""
    if measure is not None:
        measure_named(measure)
    if tau2 not in TAU2_METHODS:
        raise ValueError(f"tau2 {tau2!r}; allowed: {', '.join(TAU2_METHODS)}")
    if ci not in CI_METHODS:
        raise ValueError(f"ci {ci!r}; allowed: {', '.join(CI_METHODS)}")
    if not 0 < level < 1:
        raise ValueError(f"level {level:g}; allowed: {LEVEL_RULE}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _fail(line: str, code: int = FAULTY_DATA) -> int:
    _say(f"error: {line}")
    return code


def _remark(sheet: Sheet) -> None:
    """What was decided without being asked."""
    named = f"{sheet.measure.name} ({sheet.measure.label})"
    if sheet.guessed:
        _say(f"note: no measure was named; the columns suggest {named}; --measure changes it")
    elif sheet.ready_made and sheet.measure.function is not None:
        _say(f"note: yi and vi are taken as they stand, as {named}")
    if sheet.corrected:
        added = f"{sheet.measure.default_add:g}"
        _say(f"note: {added} was added to each cell, for zero cells: {', '.join(sheet.corrected)}")
    for row in sheet.left_out:
        _say(f"note: {row}")


def _printed(sheet: Sheet, result: Pooled) -> Printed | None:
    """The pooled result on its printed scale; None where there is none, or it needs sizes not
    given.
    """
    measure = sheet.measure
    if not measure.transforms or (measure.size_column is not None and sheet.sizes is None):
        return None
    size = None if sheet.sizes is None else harmonic_mean(sheet.sizes)
    low, high = result.pi_low, result.pi_high
    return Printed(
        measure.printed_label,
        *measure.back_transform([result.estimate, result.ci_low, result.ci_high], size).tolist(),
        pi_low=None if low is None else float(measure.back_transform(low, size)),
        pi_high=None if high is None else float(measure.back_transform(high, size)),
    )


def _as_dict(sheet: Sheet, result: Pooled, printed: Printed | None) -> dict[str, Any]:
    """Fields of ``Pooled`` by their names, then what the sheet adds; no NaN or infinity (JSON has
    none).
    """
    back = None
    if printed is not None:
        # exp() of a far limit can exceed the largest float; JSON has no infinity.
        back = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(printed).items()
        }
    return result.to_dict() | {
        "measure": sheet.measure.name,
        "measure_label": sheet.measure.label,
        "measure_guessed": sheet.guessed,
        "studies": list(sheet.labels),
        "yi": sheet.yi.tolist(),
        "vi": sheet.vi.tolist(),
        "k_excluded": len(sheet.left_out),
        "excluded": [
            {"row": row.row, "study": row.label, "reason": row.reason} for row in sheet.left_out
        ],
        "back_transformed": back,
    }


def _table(sheet: Sheet, result: Pooled, printed: Printed | None) -> str:
    """The studies and the pooled result as text."""
    measure = sheet.measure
    percent = f"{100 * result.level:g}%"
    half = quantile(result.level) * np.sqrt(sheet.vi)
    limits = (sheet.yi, sheet.yi - half, sheet.yi + half)
    columns = [
        ("Study", [_short(label) for label in sheet.labels]),
        (f"Effect [{percent} CI]", _intervals(*limits)),
    ]
    if printed is not None:
        back = (measure.back_transform(values, sheet.sizes) for values in limits)
        columns.append((f"{printed.label.capitalize()} [{percent} CI]", _intervals(*back)))
    columns.append(("Weight", [f"{w:.1f}%" for w in result.weights]))
    total = ["Pooled" if result.k > 1 else "Not pooled"]
    total.append(_interval(result.estimate, result.ci_low, result.ci_high))
    if printed is not None:
        total.append(_interval(printed.estimate, printed.ci_low, printed.ci_high))
    total.append("")
    lines = [f"{measure.name}: {measure.label}, k = {result.k}", _model(result), ""]
    lines += _grid(columns, total)
    lines += ["", *_below(result, printed, measure.null is not None, percent)]
    return "\n".join(lines)


def _model(result: Pooled) -> str:
    """The model in words."""
    if result.k == 1:
        return "one study, with its own Wald interval"
    if result.tau2_method == "EE":
        kind = "common-effect model"
    else:
        kind = f"random-effects model, tau2 by {result.tau2_method}"
    test = "normal" if result.test_df is None else f"t, {result.test_df} df"
    return f"{kind}; interval {result.ci_method} ({test})"


def _below(result: Pooled, printed: Printed | None, tests: bool, percent: str) -> list[str]:
    """Test, prediction and heterogeneity; only what can be estimated."""
    lines = []
    if tests and result.p_value is not None:
        lines.append(f"P (no effect)         {_p(result.p_value)}")
    if result.pi_low is not None and result.pi_high is not None:
        df = "normal" if result.pi_df is None else f"t, {result.pi_df} df"
        text = f"{_number(result.pi_low)} to {_number(result.pi_high)}"
        if printed is not None and printed.pi_low is not None and printed.pi_high is not None:
            text += f"; {printed.label} {_number(printed.pi_low)} to {_number(printed.pi_high)}"
        lines.append(f"Prediction interval   {text} ({percent}, {df})")
    if result.tau2 is not None:
        text = _number(result.tau2)
        if result.tau2_ci_low is not None and result.tau2_ci_high is not None:
            low, high = _number(result.tau2_ci_low), _number(result.tau2_ci_high)
            text += f" [{low}, {high}], tau {_number(result.tau2**0.5)}"
        lines.append(f"tau2                  {text}")
    if result.i2 is not None and result.h2 is not None:
        lines.append(f"I2, H2                {result.i2:.1f}%, {result.h2:.2f}")
    if result.q is not None and result.q_p_value is not None:
        lines.append(
            f"Q                     {result.q:.2f} on {result.q_df} df, P {_p(result.q_p_value)}"
        )
    return lines + [f"note: {note}" for note in result.notes]


def _grid(columns: list[tuple[str, list[str]]], total: list[str]) -> list[str]:
    """Aligned columns: the first to the left, the others to the right."""
    widths = [
        max(len(head), len(last), *(len(cell) for cell in cells))
        for (head, cells), last in zip(columns, total, strict=True)
    ]

    def line(cells: list[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join(padded).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [line(list(row)) for row in zip(*(cells for _, cells in columns), strict=True)]
    return [line([head for head, _ in columns]), rule, *body, rule, line(total)]


def _intervals(values: FloatArray, low: FloatArray, high: FloatArray) -> list[str]:
    return [_interval(v, a, b) for v, a, b in zip(values, low, high, strict=True)]


def _interval(value: float, low: float, high: float) -> str:
    return f"{_number(value)} [{_number(low)}, {_number(high)}]"


def _number(value: float) -> str:
    """Four decimals, or four figures where that would hide the number or sprawl."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}"
    return f"{value:.3e}"


def _p(value: float) -> str:
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def _short(label: str) -> str:
    return label if len(label) <= LABEL_WIDTH else label[: LABEL_WIDTH - 3].rstrip() + "..."
