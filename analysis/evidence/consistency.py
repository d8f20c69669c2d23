"""Rules between the cells of one row: counts within totals, intervals in order, and the like.

A rule is stated once, holds for every row of the shipped files, and says in words what it allows;
the words may quote other cells of the row as `{column}`. Where the files taught that an obvious
rule is wrong, the comment says which printed result taught it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

RATIOS = ("RR", "OR", "HR")
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition on the cells of one row.

    Attributes
    ----------
    columns : tuple of str
        The columns the rule reads; a fault is reported at the first.
    allowed : str
        What the first column may hold, in words, with other cells as `{column}`.
    holds : callable
        Typed frame of n rows -> Boolean series of length n.
    """

    columns: tuple[str, ...]
    allowed: str
    holds: Callable[[pd.DataFrame], pd.Series]


def given(frame: pd.DataFrame, column: str) -> pd.Series:
    """Where a cell was printed."""
    values = frame[column]
    return values.notna() if values.dtype.kind == "f" else values.ne("")


def together(first: str, second: str) -> Rule:
    """`first` is given exactly where `second` is."""
    return Rule(
        (first, second),
        f"given exactly where {second} is",
        lambda f: given(f, first) == given(f, second),
    )


def needs(first: str, second: str) -> Rule:
    """`first` is given only where `second` is."""
    return Rule(
        (first, second),
        f"empty where {second} is empty",
        lambda f: ~given(f, first) | given(f, second),
    )


def not_above(low: str, high: str) -> Rule:
    """`high` is not below `low`, where both are given."""
    return Rule(
        (high, low), f"not below {low} ({{{low}}})", lambda f: ~(f[high] < f[low] - TOLERANCE)
    )


def inside_interval(column: str, unless: Callable[[pd.DataFrame], pd.Series] | None = None) -> Rule:
    """The estimate lies in its interval. The interval need not be symmetric about it."""

    def holds(frame: pd.DataFrame) -> pd.Series:
        outside = (frame[column] < frame["ci_low"] - TOLERANCE) | (
            frame[column] > frame["ci_high"] + TOLERANCE
        )
        return ~outside if unless is None else ~outside | unless(frame)

    extra = "" if unless is None else "; else q_positive says sign_lost"
    return Rule((column, "ci_low", "ci_high"), f"between {{ci_low}} and {{ci_high}}{extra}", holds)


def _scale_order() -> Rule:
    return Rule(
        ("scale_max", "scale_min"),
        "above scale_min ({scale_min})",
        lambda f: ~(f["scale_max"] <= f["scale_min"]),
    )


def _width(frame: pd.DataFrame) -> pd.Series:
    return frame["scale_max"] - frame["scale_min"] + TOLERANCE


def _only_in(kind: str, column: str) -> Rule:
    """`column` is empty in rows of another kind (`kind` is event, change or score)."""
    is_event = kind == "event"
    return Rule(
        (column, "kind"),
        f"empty in a row of kind {{kind}} (only {'events' if is_event else 'scores'} have it)",
        lambda f: ~given(f, column) | (f["kind"].eq("event") == is_event),
    )


def _event_interval(frame: pd.DataFrame) -> pd.Series:
    """Intervals of events are percentages and hold the printed share, rounded or counted."""
    share = frame["percent"].fillna(100 * frame["events"] / frame["total"])
    low, high = frame["ci_low"], frame["ci_high"]
    wrong = (low < 0) | (high > 100) | (share < low - 0.5) | (share > high + 0.5)
    return ~(frame["kind"].eq("event") & wrong)


def _kept_out(frame: pd.DataFrame) -> pd.Series:
    return frame["poolable"].eq("no") | given(frame, "not_poolable_reason")


def _reason_coded(reason: str) -> Rule:
    """A reason against pooling is never without its code (a row that is not coded has none at all)."""
    return Rule(
        ("poolable", reason),
        f"no where {reason} says why",
        lambda f: ~f["poolable"].eq("yes") | ~given(f, reason),
    )


def _coded_base(code: str, column: str) -> Rule:
    return Rule(
        ("percent_of", column),
        f"{code} only where {column} is given",
        lambda f: ~f["percent_of"].eq(code) | given(f, column),
    )


def _unit_known(frame: pd.DataFrame) -> pd.Series:
    return ~given(frame, "unit_basis") | ~frame["counted_unit"].isin(["", "not_stated"])


UNIT_CODED = Rule(
    ("unit_basis", "counted_unit"), "empty where counted_unit is not_stated or empty", _unit_known
)


ARM_RESULTS = (
    _reason_coded("not_poolable_reason"),
    *(
        _only_in("event", c)
        for c in ("counted_unit", "events_counted", "percent_of", "percent_base")
    ),
    UNIT_CODED,
    _coded_base("printed_total", "total"),
    _coded_base("percent_base", "percent_base"),
    _coded_base("row_n", "n"),
    Rule(
        ("is_baseline", "weeks"),
        "yes exactly where weeks is 0",
        lambda f: ~given(f, "is_baseline") | (f["is_baseline"].eq("yes") == f["weeks"].eq(0)),
    ),
    # A count row holds counts only, a score row scores only.
    *(_only_in("score", c) for c in ("mean", "sd", "se", "statistic", "change_printed_as")),
    *(_only_in("event", c) for c in ("events", "total", "percent")),
    Rule(
        ("mean", "kind"),
        "a number in a row of kind mean",
        lambda f: f["kind"].ne("mean") | given(f, "mean"),
    ),
    together("statistic", "mean"),
    needs("sd", "mean"),
    needs("se", "mean"),
    # A change printed only as a range (no single mean) has neither statistic nor direction.
    Rule(
        ("change_printed_as", "kind", "mean"),
        "given exactly where kind is change and a mean is reported",
        lambda f: given(f, "change_printed_as") == (f["kind"].eq("change") & given(f, "mean")),
    ),
    Rule(
        ("weeks", "kind"),
        "above 0 for a change from baseline",
        lambda f: ~(f["kind"].eq("change") & f["weeks"].eq(0)),
    ),
    Rule(
        ("weeks", "timepoint"),
        "0 at baseline",
        lambda f: ~f["timepoint"].eq("baseline") | f["weeks"].eq(0),
    ),
    # The range of an instrument comes whole: both ends, and how it is known.
    together("scale_max", "scale_min"),
    together("scale_basis", "scale_min"),
    _scale_order(),
    Rule(
        ("mean", "scale_min", "scale_max", "kind"),
        "within the scale, {scale_min} to {scale_max}",
        lambda f: (
            ~(
                f["kind"].eq("mean")
                & (
                    (f["mean"] < f["scale_min"] - TOLERANCE)
                    | (f["mean"] > f["scale_max"] + TOLERANCE)
                )
            )
        ),
    ),
    Rule(
        ("mean", "scale_min", "scale_max", "kind"),
        "a change no larger than the scale is wide, {scale_min} to {scale_max}",
        lambda f: ~(f["kind"].eq("change") & (f["mean"].abs() > _width(f))),
    ),
    Rule(
        ("sd", "scale_min", "scale_max"),
        "no larger than the scale is wide, {scale_min} to {scale_max}",
        lambda f: ~(f["sd"] > _width(f)),
    ),
    together("ci_high", "ci_low"),
    not_above("ci_low", "ci_high"),
    inside_interval("mean"),
    Rule(
        ("ci_low", "ci_high", "kind", "events", "total", "percent"),
        "percentages from 0 to 100 around the reported share",
        _event_interval,
    ),
    # Nothing asks the total to stay within the arm: levels and procedures outnumber patients.
    Rule(
        ("events", "total"), "no more than total ({total})", lambda f: ~(f["events"] > f["total"])
    ),
    Rule(
        ("percent", "events", "total"),
        "within one point of {events} of {total}",
        lambda f: ~((f["percent"] - 100 * f["events"] / f["total"]).abs() > 1),
    ),
)


def _arm_named(side: str) -> Rule:
    """Groups without a treatment (subgroups of one treatment, say) never enter a pool."""
    return Rule(
        (f"treatment_{side}", "poolable"),
        "a treatment, or poolable: no",
        lambda f: given(f, f"treatment_{side}") | _kept_out(f),
    )


def _ratio_positive(column: str, measure: str = "measure") -> Rule:
    return Rule(
        (column, measure),
        f"above 0 for a ratio ({{{measure}}})",
        lambda f: ~(f[measure].isin(RATIOS) & (f[column] <= 0)),
    )


def _percent_points(column: str) -> Rule:
    return Rule(
        (column, "measure"),
        "from -100 to 100 for a risk difference in percentage points",
        lambda f: ~(f["measure"].eq("RD") & (f[column].abs() > 100)),
    )


CONTRASTS = (
    UNIT_CODED,
    needs("interval_kind", "ci_low"),
    Rule(
        ("arm_c", "arm_t"), "an arm other than arm_t ({arm_t})", lambda f: f["arm_c"].ne(f["arm_t"])
    ),
    _arm_named("t"),
    _arm_named("c"),
    Rule(
        ("estimate", "poolable"),
        "a number, or poolable: no",
        lambda f: given(f, "estimate") | _kept_out(f),
    ),
    _reason_coded("not_poolable_reason"),
    # EQ-5D is printed with its upper end alone: scale_max may stand without scale_min, not vice
    # versa.
    needs("scale_min", "scale_max"),
    _scale_order(),
    together("ci_high", "ci_low"),
    needs("ci_low", "estimate"),
    not_above("ci_low", "ci_high"),
    inside_interval("estimate"),
    # Nothing asks an interval for its level: KAST prints credible intervals without one.
    *(_ratio_positive(c) for c in ("estimate", "ci_low")),
    *(_percent_points(c) for c in ("estimate", "ci_low", "ci_high")),
    Rule(
        ("estimate", "measure", "scale_min", "scale_max"),
        "a difference no larger than the scale is wide, {scale_min} to {scale_max}",
        lambda f: ~(f["measure"].eq("MD") & (f["estimate"].abs() > _width(f))),
    ),
    Rule(
        ("positive_favours", "measure"),
        "empty for a ratio ({measure}): below 1 means fewer events in arm_t",
        lambda f: ~(f["measure"].isin(RATIOS) & given(f, "positive_favours")),
    ),
    Rule(
        ("positive_favours", "measure", "estimate"),
        "intervention, comparator or unclear for a reported {measure}",
        lambda f: (
            ~f["measure"].isin(["MD", "SMD"]) | ~given(f, "estimate") | given(f, "positive_favours")
        ),
    ),
    Rule(
        ("sign_basis", "positive_favours"),
        "how the direction is known, where positive_favours is {positive_favours}",
        lambda f: (
            ~f["positive_favours"].isin(["intervention", "comparator"])
            | given(f, "sign_basis")
            | given(f, "sign_from")
        ),
    ),
)


def _sign_lost(frame: pd.DataFrame) -> pd.Series:
    return frame["q_positive"].eq("sign_lost")


_DIFFERENCES = ("MD", "SMD", "change", "mean", "unclear")

PUBLISHED_SYNTHESES = (
    # One limit may stand alone (the copy was cut off), and limits may stand without an estimate (a
    # range over studies); one review prints estimates whose minus sign is missing, and its code says so.
    not_above("ci_low", "ci_high"),
    inside_interval("estimate", unless=_sign_lost),
    *(_ratio_positive(c, "q_measure") for c in ("estimate", "ci_low")),
    Rule(
        ("estimate", "q_measure"),
        "from 0 to 100 for a percentage",
        lambda f: ~(f["q_measure"].eq("percent") & ((f["estimate"] < 0) | (f["estimate"] > 100))),
    ),
    Rule(
        ("estimate", "q_measure"),
        "from 0 to 1 for a proportion",
        lambda f: ~(f["q_measure"].eq("proportion") & ((f["estimate"] < 0) | (f["estimate"] > 1))),
    ),
    Rule(
        ("q_comparator", "q_intervention"),
        "as many entries as q_intervention ({q_intervention})",
        lambda f: f["q_comparator"].str.count(";") == f["q_intervention"].str.count(";"),
    ),
    Rule(
        ("q_measure", "figure"),
        "a measure for a pooled figure",
        lambda f: ~(f["figure"].eq("pooled") & ~given(f, "q_measure")),
    ),
    Rule(
        ("q_positive", "q_measure"),
        "better, worse, unclear or sign_lost for a pooled {q_measure}, empty for a ratio or a proportion",
        lambda f: (
            ~f["figure"].eq("pooled")
            | (f["q_measure"].isin(_DIFFERENCES) == given(f, "q_positive"))
        ),
    ),
    Rule(
        ("q_unit", "q_measure"),
        "what is counted (or unstated) for a pooled {q_measure}",
        lambda f: (
            ~(
                f["figure"].eq("pooled")
                & f["q_measure"].isin(("percent", "proportion", "RR", "OR", "log_OR"))
                & ~given(f, "q_unit")
            )
        ),
    ),
    Rule(
        ("interval_kind", "ci_low", "ci_high"),
        "given where a limit is given, and only there",
        lambda f: (given(f, "ci_low") | given(f, "ci_high")) == given(f, "interval_kind"),
    ),
)

MINIMAL_IMPORTANT_DIFFERENCES = (
    together("scale_max", "scale_min"),
    _scale_order(),
    Rule(
        ("mcid", "scale_min", "scale_max"),
        "no larger than the scale is wide, {scale_min} to {scale_max}",
        lambda f: ~(f["mcid"] > _width(f)),
    ),
)

STUDIES = (
    _reason_coded("never_pool_reason"),
    Rule(
        ("parent_study_id", "study_id"),
        "the study_id of another report",
        lambda f: f["parent_study_id"].ne(f["study_id"]),
    ),
)

LINKS = (
    Rule(
        ("report_b", "report_a"),
        "the study_id of another report",
        lambda f: f["report_b"].ne(f["report_a"]),
    ),
)
