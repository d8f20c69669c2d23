"""A review's result as text and as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.effects.convert import quantile
from analysis.review.fitted import Fit, Fitted, Grouped, plain
from analysis.review.own_limits import own_limits
from analysis.review.scale import printed, reads_back, size_of
from analysis.review.studies import Studies

LABEL_WIDTH = 40


def as_dict(studies: Studies, fit: Fit) -> dict[str, Any]:
    """The fields of the first model by their names, then what the table adds; no NaN or infinity."""
    measure = studies.measure
    assert measure is not None
    first = fit.first
    return dict(first.fields) | {
        "model": first.name,
        "model_in_words": fit.first.words,
        "measure": measure.name,
        "measure_label": measure.label,
        "measure_guessed": studies.guessed,
        "studies": list(studies.labels),
        "yi": studies.yi.tolist(),
        "vi": studies.vi.tolist(),
        "sources": list(studies.sources),
        "columns": {column: role for column, role in studies.roles.items() if role},
        "k_excluded": len(studies.left_out),
        "excluded": [
            {"row": row.row, "study": row.label, "reason": row.reason} for row in studies.left_out
        ],
        "back_transformed": _back(studies, fit.first),
        "others": [
            {
                "model": o.name,
                "model_in_words": o.words,
                "estimate": o.estimate,
                "ci_low": o.ci_low,
                "ci_high": o.ci_high,
                "p_value": o.p_value,
                "back_transformed": _back(studies, o),
                "r": o.r,
            }
            | ({"coefficients": o.fields["coefficients"]} if first.name == "regression" else {})
            for o in fit.others
        ],
        "groups": [_groups(group) for group in fit.groups],
        "r_data": fit.data,
        "r": fit.first.r,
        "warnings": list(
            dict.fromkeys(
                (*studies.warnings, *map(str, studies.left_out), *fit.warnings, *fit.first.notes)
            )
        ),
    }


def _groups(group: Grouped) -> dict[str, Any]:
    test = group.found.difference
    names = ("name", "k", "estimate", "se", "ci_low", "ci_high", "p_value", "tau2", "i2")
    return {
        "column": group.column,
        "groups": [
            {name: getattr(g, name) for name in names} | {"r": line}
            for g, line in zip(group.found.groups, group.r, strict=True)
        ],
        "difference": None if test is None else plain(test),
    }


def omnibus_in_words(test: Mapping[str, Any]) -> str:
    """A test of several coefficients, from the fields of an `OmnibusTest`.

    >>> omnibus_in_words({"statistic": 3.2, "df": 2, "df_residual": 10.0, "p_value": 0.0837})
    'F 3.20 on 2 and 10 df, P 0.0837'
    """
    if test["statistic"] is None or test["p_value"] is None:
        return "not estimable"
    rest = "" if test["df_residual"] is None else f" and {test['df_residual']:.4g}"
    kind = "Q" if test["df_residual"] is None else "F"
    return f"{kind} {test['statistic']:.2f} on {test['df']:g}{rest} df, P {p_text(test['p_value'])}"


def _reread(studies: Studies) -> bool:
    """Whether the printed scale is another than that of the effects, and can be reached."""
    return bool(studies.measure and studies.measure.transforms and reads_back(studies))


def _back(studies: Studies, fitted: Fitted) -> dict[str, Any] | None:
    """The result on its printed scale; None where there is none, or it needs sizes not given."""
    measure = studies.measure
    if measure is None or not _reread(studies) or fitted.name == "regression":
        return None
    names = ("estimate", "ci_low", "ci_high", "pi_low", "pi_high")
    values = [
        fitted.estimate,
        fitted.ci_low,
        fitted.ci_high,
        fitted.fields.get("pi_low"),
        fitted.fields.get("pi_high"),
    ]
    return {"label": measure.printed_label} | dict(
        zip(names, printed(measure, values, size_of(studies)), strict=True)
    )


def as_text(studies: Studies, fit: Fit, level: float, total: str = "") -> str:
    """Studies, what is told, and the models beside it."""
    measure = studies.measure
    assert measure is not None
    percent = f"{100 * level:g}%"
    half = float(quantile(level)) * np.sqrt(studies.vi)
    limits = (studies.yi, studies.yi - half, studies.yi + half)
    if (stated := own_limits(studies, level)) is not None:
        limits = (studies.yi, *(np.array([end]) for end in stated))
    columns = [
        ("Study", [_short(label) for label in studies.labels]),
        (f"Effect [{percent} CI]", [interval(*row) for row in zip(*limits, strict=True)]),
    ]
    first = fit.first
    reread = _reread(studies)
    if reread:
        back = [measure.back_transform(values, studies.sizes) for values in limits]
        columns.append(
            (
                f"{measure.printed_label.capitalize()} [{percent} CI]",
                [interval(*row) for row in zip(*back, strict=True)],
            )
        )
    if first.weights is not None:
        columns.append(("Weight", [f"{w:.1f}%" for w in first.weights]))
    k = first.fields.get("k", len(studies.yi))
    lines = [f"{measure.name}: {measure.label}, k = {k}", first.words, ""]
    if first.name == "regression":
        lines += [*_grid(columns, None), "", *_coefficients(first, percent)]
        for other in fit.others:
            lines += ["", other.words, *_coefficients(other, percent)]
    else:
        pooled = "Not pooled" if first.name == "single" else "Pooled"
        last = [pooled, interval(first.estimate, first.ci_low, first.ci_high)]
        if reread:
            last.append(
                interval(
                    *printed(
                        measure, [first.estimate, first.ci_low, first.ci_high], size_of(studies)
                    )
                )
            )
        if first.weights is not None:
            last.append("")
        lines += _grid(columns, last)
    lines += ["", *_below(studies, first, measure.null is not None, percent, reread)]
    if fit.others and first.name != "regression":
        lines += ["", "Beside it:"]
        for other in fit.others:
            shown = (other.estimate, other.ci_low, other.ci_high)
            if reread:
                shown = printed(measure, shown, size_of(studies))
            lines.append(f"  {interval(*shown)}  {other.words}")
    for group in fit.groups:
        lines += ["", f"Groups by {group.column}, each pooled apart:"]
        for g in group.found.groups:
            shown = (
                printed(measure, (g.estimate, g.ci_low, g.ci_high), size_of(studies))
                if reread
                else (g.estimate, g.ci_low, g.ci_high)
            )
            lines.append(f"  {g.name}: {interval(*shown)}, k = {g.k}")
        if group.found.difference is not None:
            lines.append(f"  Test of difference: {omnibus_in_words(plain(group.found.difference))}")
    if total:
        lines += ["", total]
    return "\n".join(
        [*lines, "", "In R:", f"  {fit.data}", *(f"  {line}" for line in fit.r_lines)]
    )


def _coefficients(first: Fitted, percent: str) -> list[str]:
    table = first.fields.get("coefficients", [])
    columns = [
        ("Coefficient", [str(c["name"]) for c in table]),
        (
            f"Estimate [{percent} CI]",
            [interval(c["estimate"], c["ci_low"], c["ci_high"]) for c in table],
        ),
        ("P", ["" if c["p_value"] is None else p_text(c["p_value"]) for c in table]),
    ]
    return _grid(columns, None)


def _below(
    studies: Studies, first: Fitted, tests: bool, percent: str, reread: bool
) -> list[str]:
    """Test, prediction and heterogeneity; only what there is."""
    f, lines = first.fields, []
    if tests and first.p_value is not None and first.name != "regression":
        lines.append(f"P (no effect)         {p_text(first.p_value)}")
    low, high = f.get("pi_low"), f.get("pi_high")
    if first.predicts and low is not None and high is not None:
        df = "normal" if f.get("pi_df") is None else f"t, {f['pi_df']} df"
        text = f"{number(low)} to {number(high)}"
        if reread and studies.measure:
            a, b = printed(studies.measure, (low, high), size_of(studies))
            if a is not None and b is not None:
                text += f"; {studies.measure.printed_label} {number(a)} to {number(b)}"
        lines.append(f"Prediction interval   {text} ({percent}, {df})")
    if f.get("tau2") is not None:
        text = number(f["tau2"])
        if f.get("tau2_ci_low") is not None and f.get("tau2_ci_high") is not None:
            text += f" [{number(f['tau2_ci_low'])}, {number(f['tau2_ci_high'])}], tau {number(f['tau2'] ** 0.5)}"
        if f.get("tau2_between") is not None:
            text += (
                f" (between studies {number(f['tau2_between'])}, within {number(f['tau2_within'])})"
            )
        lines.append(f"tau2                  {text}")
    if first.name == "regression":
        lines.append(f"Test of moderators    {omnibus_in_words(f['omnibus'])}")
    if f.get("i2") is not None and f.get("h2") is not None:
        lines.append(f"I2, H2                {f['i2']:.1f}%, {f['h2']:.2f}")
    if f.get("q") is not None and f.get("q_p_value") is not None:
        lines.append(
            f"Q                     {f['q']:.2f} on {f['q_df']} df, P {p_text(f['q_p_value'])}"
        )
    return lines + [f"note: {note}" for note in first.notes]


def _grid(columns: list[tuple[str, list[str]]], total: list[str] | None) -> list[str]:
    """Aligned columns: the first to the left, the others to the right."""
    last = total or [""] * len(columns)
    widths = [
        max(len(head), len(end), *(len(c) for c in cells), 1)
        for (head, cells), end in zip(columns, last, strict=True)
    ]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join(padded).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [line(row) for row in zip(*(cells for _, cells in columns), strict=True)]
    end = [rule, line(last)] if total else []
    return [line([head for head, _ in columns]), rule, *body, *end]


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """An estimate with its limits."""
    return f"{number(value)} [{number(low)}, {number(high)}]"


def number(value: float | None) -> str:
    """Four decimals, or four figures where that would hide the number or sprawl."""
    if value is None:
        return "none"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4f}"
    return f"{value:.3e}"


def p_text(value: float) -> str:
    """P to four decimals."""
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def _short(label: str) -> str:
    return label if len(label) <= LABEL_WIDTH else label[: LABEL_WIDTH - 3].rstrip() + "..."
