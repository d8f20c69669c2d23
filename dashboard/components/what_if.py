"""What if a new trial had found ...: the form on Compare, and the answer without and with what is not published."""

from __future__ import annotations

import math

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.answer import Answer
from analysis.answer import answer as ask
from analysis.appraisal.wording import ends
from analysis.effects.scale import printed
from analysis.evidence import Evidence
from analysis.evidence.columns import parse_number
from analysis.evidence.own import HYPOTHETICAL, OwnRows, TooMuch, is_hypothetical, is_own, with_own
from analysis.question import Question
from analysis.upload.what_if import Found, NoTrial, hypothetical, precision_per_patient
from dashboard import own, state
from dashboard.components.graph import table
from dashboard.components.page_parts import section

_FIELDS = {
    "estimate": "Result",
    "patients": "Patients",
    "se": "Standard error",
    "low": "Lower limit",
    "high": "Upper limit",
}
_ADD = "what-if-add"
_SAID = "what-if-said"
_SIDE, _SIDES = "what-if-side", "what-if-sides"
_MADE = (
    "what-if-made"  # comes and goes with the form, so that showing the form asks the server nothing
)


def _id(field: str) -> str:
    return f"what-if-{field}"


def parts(answer: Answer) -> list[Component]:
    """The form, for the question on screen; one group has no trial to compare."""
    q = answer.question
    if q.one_group:
        return []
    return [
        section(
            "What if a new trial had found ...",
            html.P(
                "Add a hypothetical trial to this comparison and see how the answer changes. It is marked as "
                "hypothetical in every figure, table and file, stays in this tab, and goes with one click. "
                f"{_how(answer)}"
            ),
            html.Div(
                [
                    dmc.TextInput(id=_id(f), label=_label(f, q), value="", inputProps={"inputMode": "text"})
                    for f in _FIELDS
                ],
                className="own-settings",
            ),
            html.Div(
                [dmc.Button("Add the hypothetical trial", id=_ADD, n_clicks=0, variant="default")],
                className="what-if-act",
            ),
            html.P(id=_SIDE, className="quiet", role="status"),
            html.Div(id=_SAID, role="status"),
            dcc.Store(id=_SIDES, data=_sides(q)),
            dcc.Store(id=_MADE),
            id="what-if",
            live="What if a new trial had found something else",
        )
    ]  # fmt: skip


def _sides(q: Question) -> dict[str, object]:
    """What the browser needs to say, while one types, whom a result favours."""
    null = 1.0 if q.effect_measure in words.RATIOS else 0.0
    low, high = (words.SPOKEN[q.intervention], words.SPOKEN[q.comparator])
    below, above = (low, high) if q.spec.lower_is_better else (high, low)
    return {"null": null, "below": below, "above": above}


def _label(field: str, q: Question) -> str:
    percent = 100 * q.level
    if field == "estimate":
        unit = "percentage points" if q.effect_measure == "RD" else q.spec.unit
        of = f", {unit}" if q.effect_measure in ("MD", "RD") else ""
        return f"Result: {words.MEASURES[q.effect_measure]}{of}"
    if field == "se":
        return (
            "Standard error (of its logarithm)"
            if q.effect_measure in words.RATIOS
            else "Standard error"
        )
    return (
        f"{_FIELDS[field]}, {percent:g}% interval"
        if field in ("low", "high")
        else "Patients, both groups"
    )


def _how(answer: Answer) -> str:
    q = answer.question
    who, whom = words.SPOKEN[q.intervention], words.SPOKEN[q.comparator]
    better = "below 1" if q.effect_measure in words.RATIOS else "below 0"
    worse = "above 1" if q.effect_measure in words.RATIOS else "above 0"
    for_t, for_c = (better, worse) if q.spec.lower_is_better else (worse, better)
    text = f"A result {for_t} favours {who}, one {for_c} {whom}. Give the result and one of: the number of patients, "
    text += "a standard error, or both limits of its interval."
    if precision_per_patient(answer) is not None:
        text += " With a number of patients alone, the trial is taken to be as precise as the studies here."
    return text


def before_and_after(answer: Answer, evidence: Evidence) -> list[Component]:
    """The answer without and with the reader's trials, where any is in it; hypothetical ones come first."""
    names = [s.trial for s in answer.studies if is_own(s.study_id)]
    published = len(answer.studies) - len(names)
    if not names:
        return []
    made_up = [n for n in names if is_hypothetical(n)]
    rows = []
    steps = [((*made_up, *names), "Published studies alone")] if published else []
    if made_up and len(made_up) < len(names):
        steps.append((tuple(made_up), "With your own studies"))
    for without, label in steps:
        q = answer.question.replace(without=(*answer.question.without, *without))
        rows.append(_row(label, ask(q, evidence)))
    rows.append(_row(f"With {' and '.join(answer.marks)}", answer))
    parts: list[Component] = [
        table(("Answer", "Studies", "Effect", "Interval", "Prediction interval"), rows,
              "How the answer moves")
    ]  # fmt: skip
    if made_up:
        parts.append(
            html.P(
                html.Button(
                    "Remove what is hypothetical", type="button", className="link-button",
                    **{"data-own": "drop-hypothetical"},
                )
            )
        )  # fmt: skip
    return [html.Div(parts, id="before-and-after", className="own-moves")]


def _row(label: str, answer: Answer) -> list[str]:
    q, told = answer.question, answer.told
    if told is None:
        return [label, "0", "none", "none", "none"]
    wide = "too few studies"
    if told.prediction is not None:
        wide = ends(q, told.prediction.low, told.prediction.high)
    return [
        label, str(told.result.k), printed(q, told.result.estimate),
        ends(q, told.result.ci_low, told.result.ci_high), wide,
    ]  # fmt: skip


def connect(app: Dash, evidence: Evidence) -> None:
    @app.callback(
        Output(_MADE, "data"),
        Output(_SAID, "children"),
        Input(_ADD, "n_clicks"),
        *(State(_id(field), "value") for field in _FIELDS),
        State(state.QUESTION, "data"),
        State(own.STORE, "data"),
        prevent_initial_call=True,
    )
    def added(clicks: int, *values: object) -> tuple:
        *entered, asked, kept = values
        if not clicks:
            return no_update, no_update
        question, _ = Question.from_query(asked["query"])
        try:
            together = _with_trial(question, entered, own.kept_rows(kept), evidence)
        except (NoTrial, TooMuch) as error:
            return no_update, html.P(f"No trial was added: {error}.")
        return together.to_store(), []

    app.clientside_callback(
        ClientsideFunction("own", "side"),
        Output(_SIDE, "children"),
        Input(_id("estimate"), "value"),
        State(_SIDES, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("own", "made"),
        Output(own.STORE, "data", allow_duplicate=True),
        Input(_MADE, "data"),
        prevent_initial_call=True,
    )


def _with_trial(
    question: Question, entered: list[object], kept: OwnRows, evidence: Evidence
) -> OwnRows:
    """What the tab keeps, with the trial; it is switched on, whatever was off.

    Raises
    ------
    NoTrial, TooMuch
    """
    given = dict(zip(_FIELDS, (_number(value) for value in entered), strict=True))
    if given["estimate"] is None:
        raise NoTrial("found no result; allowed: a number")
    if (given["low"] is None) != (given["high"] is None):
        raise NoTrial("found one limit of the interval; allowed: both, or neither")
    ways = [given["patients"], given["se"], given["low"]]
    if sum(value is not None for value in ways[1:]) > 1:
        raise NoTrial("found a standard error and an interval; allowed: one of them")
    taken = {row["study_id"] for row in kept.studies}
    number = next(n for n in range(1, len(taken) + 2) if f"{HYPOTHETICAL}{n}" not in taken)
    answer = ask(question, evidence)
    trial = hypothetical(question, Found(**given), answer, number)
    together = kept + trial.tidy()
    together = OwnRows.from_store({**together.to_store(), "active": True})
    faults = with_own(evidence, trial).faults[len(evidence.faults) :]
    if faults:
        raise NoTrial(f"{faults[0].column}: found {faults[0].found}; allowed: {faults[0].allowed}")
    return together


def _number(value: object) -> float | None:
    """A number however it was typed: "1.0", "-1,0", "−2.5", "200"; None for an empty field."""
    if isinstance(value, str):
        read = parse_number(value.strip().replace("−", "-").replace(",", "."))
        if read is None:
            raise NoTrial(f"found {value[:20]!r}; allowed: a number, such as −1.5")
        return None if math.isnan(read) else read
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
