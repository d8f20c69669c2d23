"""A fitted network as text: the table against one reference, the league, where the evidence comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from analysis.network_file.measures import LOGARITHMIC, WORDS
from analysis.synthesis.network import Network

LEAGUE_UP_TO = 8
"""Treatments up to which the league is printed; larger ones are in the JSON."""
NAME_WIDTH = 32


def report(fit: Network, measure: str, label: str) -> str:
    """The whole text, without an end of line."""
    percent = f"{100 * fit.level:g}%"
    lines = [
        f"{measure}: {label}; {fit.k} {_many(fit.k, 'study', 'studies')}, {fit.pairs} "
        f"{_many(fit.pairs, 'comparison', 'comparisons')}, {len(fit.treatments)} treatments, "
        f"{len(fit.designs)} {_many(len(fit.designs), 'design', 'designs')}",
        _model(fit),
        "",
        *_against_reference(fit, measure, percent),
        "",
    ]
    if 2 < len(fit.treatments) <= LEAGUE_UP_TO:
        lines += [f"Row minus column, random effects [{percent} CI]", "", *_league(fit), ""]
    if fit.evidence.splits:
        lines += [
            f"Direct and indirect evidence, random effects [{percent} CI]",
            "",
            *_splits(fit),
            "",
        ]
    lines += _heterogeneity(fit)
    return "\n".join([*lines, *(f"note: {warning}" for warning in fit.warnings)])


def _many(count: int, one: str, several: str) -> str:
    return one if count == 1 else several


def _model(fit: Network) -> str:
    test = "normal" if fit.ci_method == "wald" else f"t, {fit.df} df"
    better = "small" if fit.small == "good" else "large"
    return f"random-effects model, tau2 by {fit.tau2_method}; intervals {test}; P-scores: {better} values are good"


def _against_reference(fit: Network, measure: str, percent: str) -> list[str]:
    """One row per treatment against the reference, the best first."""
    reference = fit.place(fit.reference)
    order = [int(i) for i in np.argsort(-fit.p_score, kind="stable") if i != reference]
    random, common = fit.random, fit.common
    at = [(i, reference) for i in order]
    columns: list[tuple[str, list[str]]] = [
        (f"v {_short(fit.reference)}", [_short(fit.treatments[i]) for i in order]),
        (
            f"Random [{percent} CI]",
            [_interval(random.estimate[p], random.ci_low[p], random.ci_high[p]) for p in at],
        ),
    ]
    if measure in LOGARITHMIC:
        with np.errstate(over="ignore"):
            values = [
                [
                    math.exp(min(x[p], 700.0))
                    for x in (random.estimate, random.ci_low, random.ci_high)
                ]
                for p in at
            ]
        columns.append((WORDS[measure].capitalize(), [_interval(*v) for v in values]))
    columns.append(
        (
            f"Common [{percent} CI]",
            [_interval(common.estimate[p], common.ci_low[p], common.ci_high[p]) for p in at],
        )
    )
    if np.isfinite(fit.pi_low[0, -1]):
        columns.append(("Prediction", [_limits(fit.pi_low[p], fit.pi_high[p]) for p in at]))
    columns += [
        ("Direct", [_share(fit.direct_share[p]) for p in at]),
        ("P-score", [f"{fit.p_score[i]:.3f}" for i in order]),
    ]
    own = f"P-score of {fit.reference}: {fit.p_score[reference]:.3f}"
    return [*_grid(columns), "", own]


def _league(fit: Network) -> list[str]:
    names = [_short(name) for name in fit.treatments]
    pairs = fit.random
    columns = [("", names)]
    for j, name in enumerate(names):
        cells = [
            "."
            if i == j
            else _interval(pairs.estimate[i, j], pairs.ci_low[i, j], pairs.ci_high[i, j])
            for i in range(len(names))
        ]
        columns.append((name, cells))
    return _grid(columns)


def _splits(fit: Network) -> list[str]:
    """Pairs with both kinds of evidence."""
    direct, indirect = fit.direct, fit.indirect
    rows = []
    for split in fit.evidence.splits:
        at = fit.place(split.pair[0]), fit.place(split.pair[1])
        rows.append(
            (
                f"{_short(split.pair[0])} - {_short(split.pair[1])}",
                str(split.studies),
                _interval(direct.estimate[at], direct.ci_low[at], direct.ci_high[at]),
                _interval(indirect.estimate[at], indirect.ci_low[at], indirect.ci_high[at]),
                _share(fit.direct_share[at]),
                f"{split.difference:.3f}",
                _p(split.p_value),
            )
        )
    heads = ("Pair", "Studies", "Direct", "Indirect", "Direct share", "Difference", "P")
    return _grid([(head, [row[i] for row in rows]) for i, head in enumerate(heads)])


def _heterogeneity(fit: Network) -> list[str]:
    lines = []
    if fit.tau2 is not None:
        text = _number(fit.tau2)
        if fit.tau2_ci_low is not None and fit.tau2_ci_high is not None:
            text += f" [{_number(fit.tau2_ci_low)}, {_number(fit.tau2_ci_high)}]"
        lines.append(f"tau2                    {text}, tau {_number(math.sqrt(fit.tau2))}")
    if fit.i2 is not None:
        lines.append(f"I2                      {fit.i2:.1f}%")
    parts = (
        ("Q", fit.q, fit.df, fit.p_value),
        ("Q within designs", fit.q_within, fit.df_within, fit.p_within),
        ("Q between designs", fit.q_between, fit.df_between, fit.p_between),
        ("Q design-by-treatment", fit.q_interaction, fit.df_between, fit.p_interaction),
    )
    for name, q, df, p in parts:
        if q is not None and df:
            lines.append(f"{name:<23} {q:.2f} on {df} df, P {_p(p)}")
    return lines


def _grid(columns: Sequence[tuple[str, list[str]]]) -> list[str]:
    """Aligned columns, the first to the left, the others to the right."""
    widths = [max(len(head), *(len(cell) for cell in cells)) for head, cells in columns]

    def line(cells: Sequence[str]) -> str:
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
        return "  ".join(padded).rstrip()

    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    body = [line(row) for row in zip(*(cells for _, cells in columns), strict=True)]
    return [line([head for head, _ in columns]), rule, *body]


def _interval(value: float, low: float, high: float) -> str:
    return f"{_number(value)} [{_number(low)}, {_number(high)}]"


def _limits(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}"


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


def _number(value: float) -> str:
    """Three decimals, or three figures where that would hide the number or sprawl."""
    if value == 0 or 1e-2 <= abs(value) < 1e5:
        return f"{value:.3f}"
    return f"{value:.2e}"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 3].rstrip() + "..."
