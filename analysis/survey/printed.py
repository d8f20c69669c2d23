"""A printed row in words: what it measures, and its numbers as they stand in the source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from analysis.effects.study_effect import interval_name, plain

Row = Mapping[str, Any]


def printed_what(row: Row) -> str:
    """Whom and what a row (of `results_by_id` or `outcome_rows`) is about."""
    who = f"{row['group_t']} against {row['group_c']}" if "estimate" in row else row["group"]
    return f"{who}: {row['instrument'] or row['outcome'].replace('_', ' ')}"


def printed_figure(row: Row) -> str:
    """The numbers of a row as they stand in its source."""
    return _contrast(row) if "estimate" in row else _arm(row)


def _contrast(row: Row) -> str:
    if math.isnan(row["estimate"]):
        return f"no figure; P {row['p_value']}" if row["p_value"] else "no figure"
    text = f"{row['measure']} {plain(row['estimate'])}{_interval(row)}"
    text += f", P {row['p_value']}" if row["p_value"] else ""
    text += f", adjusted ({row['adjusted']})" if row["adjusted"] else ""
    if row["positive_favours"]:
        text += (
            f"; positive favours the {row['positive_favours']} ({row['sign_basis'] or 'printed'})"
        )
    return text


def _arm(row: Row) -> str:
    parts = []
    if not math.isnan(row["mean"]):
        parts.append(f"{row['statistic']} {plain(row['mean'])}{_interval(row)}")
        parts += [f"{k.upper()} {plain(row[k])}" for k in ("sd", "se") if not math.isnan(row[k])]
        if row["change_printed_as"]:
            parts.append(f"change reported as {row['change_printed_as']}")
    if not math.isnan(row["events"]):
        of = "" if math.isnan(row["total"]) else f" of {plain(row['total'])}"
        parts.append(f"{plain(row['events'])}{of}")
    if not math.isnan(row["percent"]):
        parts.append(f"{plain(row['percent'])}%")
    if not math.isnan(row["n"]):
        parts.append(f"n = {plain(row['n'])}")
    return ", ".join(parts) or "no figure"


def _interval(row: Row) -> str:
    low, high = row["ci_low"], row["ci_high"]
    if math.isnan(low) or math.isnan(high):
        return ""
    name = interval_name(row["ci_level"], row.get("interval_kind", "confidence"))
    return f" ({name} {plain(low)} to {plain(high)})"
