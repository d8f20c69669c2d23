"""What a reader's file says by itself, on any topic: questions, the pooled result, every model, every doubt."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis import vocabulary as words
from analysis.effects.convert import quantile
from analysis.effects.measures import MEASURES
from analysis.figures.own_forest import own_forest
from analysis.reading import Table
from analysis.reading.asking import Question
from analysis.reading.mapping import Choices
from analysis.review.fitted import Fit, Fitted, Grouped, Options, plain
from analysis.review.models import MODELS, fit
from analysis.review.opening import Brought, total_beside
from analysis.review.scale import printed, reads_back, size_of
from analysis.review.show import omnibus_in_words, p_text
from analysis.review.studies import Studies
from dashboard.components.graph import graph, table
from dashboard.components.own_beside import ANSWER
from dashboard.components.page_parts import empty

LEVEL = 0.95
USUAL = Options()
_LEVELS = ("90", "95", "99")
_MOST_SHOWN = 200
_MODELS = {
    "iv": "inverse variance",
    "mh": "Mantel-Haenszel",
    "peto": "Peto",
    "glmm": "mixed model for counts",
    "selection": "selection model (publication bias)",
    "bayes": "Bayes",
    "permutation": "permutation test",
}


def control_id(name: str) -> dict[str, str]:
    """The id of a control of how the file is pooled: measure, model, mods, cluster."""
    return {"own-review": name}


def answer_id(key: str) -> dict[str, str]:
    """The id of the radio buttons of a question."""
    return {"own-answer": key}


def pooling_panel(sheet: Table) -> list[Component]:
    """How the file is pooled by itself."""
    named = [{"value": c, "label": c} for c in sheet.columns]
    as_groups = [{"value": f"factor({c})", "label": f"{c}, its numbers as groups"} for c in sheet.columns]
    usual = {"value": "-", "label": "by the number of studies"}
    measures = [
        {"value": "-", "label": "as the file says"},
        *({"value": m.name, "label": f"{m.name}: {m.label}"} for m in MEASURES.values()),
    ]
    models = [{"value": m, "label": _MODELS[m][:1].upper() + _MODELS[m][1:]} for m in MODELS]

    def select(name: str, label: str, data: list[dict[str, str]], value: str) -> Component:
        return dmc.Select(
            id=control_id(name),
            label=label,
            data=data,
            value=value,
            allowDeselect=False,
            searchable=True,
        )

    levels = [{"value": "-", "label": "as the file says, else 95%"}]
    levels += [{"value": level, "label": f"{level}%"} for level in _LEVELS]
    return [
        select("measure", "Effect measure", measures, "-"),
        select("level", "Limits in the file are", levels, "-"),
        select("model", "Model", models, "iv"),
        select("tau2", "Variance between studies", [usual, *_named(words.TAU2_METHODS)], "-"),
        select("ci", "Interval", [usual, *_named(words.CI_METHODS)], "-"),
        dmc.MultiSelect(
            id=control_id("mods"),
            label="Explained by",
            placeholder="none",
            data=[*named, *as_groups],
            value=[],
            searchable=True,
            clearable=True,
        ),
        select("cluster", "Rows that belong together", [{"value": "-", "label": "as the file says"}, *named], "-"),
    ]


def _named(choices: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"value": key, "label": label} for key, label in choices.items()]


def choices_from(
    kept: object, mark: str, controls: Mapping[str, object]
) -> tuple[Choices, Options]:
    """The reader's answers to questions and the controls: how the file is read, and how it is pooled."""

    def chosen(name: str) -> str:
        value = controls.get(name)
        return "" if value in (None, "-") or not isinstance(value, str) else value

    found: dict[str, str] = {}
    roles: list[tuple[str, str]] = []
    for name, value in answers(kept, mark):
        if name == ANSWER:
            continue  # of a study, not of how the file is read
        if name == "map":
            role, _, column = value.partition("=")
            roles.append((role, column))
        else:
            found[name] = value
    if chosen("level") in _LEVELS:
        roles.append(("level", chosen("level")))
    mods = controls.get("mods")
    model, tau2, ci = chosen("model"), chosen("tau2"), chosen("ci")
    choices = Choices(
        measure=chosen("measure") or found.get("measure", ""),
        roles=tuple(roles),
        sheet=found.get("sheet", ""),
        analysis=found.get("analysis", ""),
        cluster=chosen("cluster") or found.get("cluster", ""),
        mods=tuple(m for m in mods if isinstance(m, str)) if isinstance(mods, list) else (),
    )
    return choices, Options(
        tau2=tau2 if tau2 in words.TAU2_METHODS else None,
        ci=ci if ci in words.CI_METHODS else None,
        model=model if model in MODELS else "iv",
    )


def of_table(choices: Choices, sheet: Table) -> Choices:
    """Without columns that the table does not have: the controls may still be those of the file before."""
    there = {*sheet.columns, *(f"factor({c})" for c in sheet.columns)}
    return replace(
        choices,
        mods=tuple(c for c in choices.mods if c in there),
        cluster=choices.cluster if choices.cluster in there else "",
    )


def answers(kept: object, mark: str) -> list[tuple[str, str]]:
    """The answers given so far to questions about the file of this mark, in order."""
    if not isinstance(kept, dict) or kept.get("mark") != mark:
        return []
    return _pairs(kept.get("options"))


def chosen(value: object) -> list[tuple[str, str]]:
    """The answer that a radio button stands for; none for what no button of ours holds."""
    try:
        return _pairs(json.loads(value)) if isinstance(value, str) else []
    except (ValueError, RecursionError):  # no JSON, or nested without end
        return []


def _pairs(found: object) -> list[tuple[str, str]]:
    return [
        (str(pair[0]), str(pair[1]))
        for pair in (found if isinstance(found, list) else [])
        if isinstance(pair, list) and len(pair) == 2
    ]


def questions_panel(
    questions: Sequence[Question], given: Sequence[tuple[str, str]]
) -> list[Component]:
    """Questions as radio buttons, and a way back from the answers given."""
    parts: list[Component] = []
    for question in questions:
        buttons = [
            dmc.Radio(label=c.words, value=json.dumps(list(map(list, c.options))))
            for c in question.choices
        ]
        parts.append(
            dmc.RadioGroup(
                dmc.Stack(buttons, gap="xs"),
                id=answer_id(question.key),
                label=question.text,
                className="own-question",
            )
        )
    chosen_ = [(i, name, value) for i, (name, value) in enumerate(given) if name != ANSWER]
    for i, name, value in chosen_:
        parts.append(html.P([f"You chose: {name} {value}. ", _again("Undo", i, f"{name} {value}")]))
    if len(chosen_) > 1:
        parts.append(html.P(_again("Ask all of this again", "all")))
    return parts


def _again(words: str, what: object, of: str = "") -> Component:
    """A button that takes one answer back, by its place, or all."""
    named = {"aria-label": f"{words}: {of}"} if of else {}
    return html.Button(
        words, type="button", className="link-button", id={"own-again": str(what)}, **named
    )


def result_panel(found: Brought, options: Options = USUAL) -> list[Component]:
    """The file's own result, or what keeps it from having one."""
    studies = found.studies
    said = [f"{w}." for w in studies.warnings] + [f"{row}." for row in studies.left_out]
    if studies.questions:
        return _remarks(said)
    if studies.faults:
        rows = [
            [f"row {f.row}", f.column, f.found, _SHELL.sub(_control, f.allowed)]
            for f in studies.faults[:_MOST_SHOWN]
        ]
        return [
            empty("Nothing is pooled yet.", "These cells are to be put right first."),
            table(("Where", "Column", "Found", "Allowed"), rows, "Cells to put right"),
            *_remarks(said),
        ]
    if not studies.labels:
        return [empty("No study is complete.", "See below what is missing."), *_remarks(said)]
    try:
        fitted = fit(studies, options)
    except ValueError as error:
        return [empty("This model cannot be fitted.", f"{error}."), *_remarks(said)]
    said += [f"{w}" for w in fitted.warnings] + [str(n) for n in fitted.first.notes]
    total = total_beside(found.analysis) if found.analysis else ""
    parts = [html.P(sentence(studies, fitted), className="own-told", role="status")]
    if fitted.first.name == "regression":
        parts += _coefficients(studies, fitted)
    parts += [_groups(studies, group) for group in fitted.groups]
    total = re.sub(r"(?<=[ (])-(?=\d)", "\N{MINUS SIGN}", total)
    parts += [html.P(f"{total[:1].upper()}{total[1:]}.")] if total else []
    parts += [
        *_forest(studies, fitted),
        *_remarks(said),
        _studies(studies, fitted),
        *([] if fitted.first.name == "regression" else [_models(studies, fitted)]),
    ]
    parts.append(
        html.Details(
            [
                html.Summary("The same in R, with metafor"),
                html.Pre("\n".join([fitted.data, *fitted.r_lines])),
            ]
        )
    )
    return parts


def sentence(studies: Studies, fitted: Fit) -> str:
    """The result that is told, in one sentence with its model."""
    measure = studies.measure
    assert measure is not None
    first = fitted.first
    k = first.fields.get("k", len(studies.yi))
    if first.name == "regression":
        names = ", ".join(studies.moderators)
        test = omnibus_in_words(first.fields["omnibus"])
        return f"Whether {names} explains what differs between {_of(studies, k)}: {test} ({first.words})."
    label = measure.printed_label
    shown = _shown(studies, first)
    what = (
        "The study by itself"
        if k == 1
        else f"Pooled from {_of(studies, k)}"
    )
    return f"{what}: {label} {shown}; {first.words}."


def _of(studies: Studies, k: int) -> str:
    return f"{k} {'effects' if studies.clusters else 'studies'}"


def _shown(studies: Studies, f: Fitted) -> str:
    """Estimate and interval on the scale that a reader knows."""
    measure = studies.measure
    assert measure is not None
    values = (f.estimate, f.ci_low, f.ci_high)
    if reads_back(studies):
        values = printed(measure, values, size_of(studies))
    return interval(*values)


def _values(studies: Studies) -> list[tuple[float, float, float]]:
    """Each study's estimate and 95% limits on the scale that a reader knows."""
    measure = studies.measure
    assert measure is not None
    half = float(quantile(LEVEL)) * studies.vi**0.5
    columns = [studies.yi, studies.yi - half, studies.yi + half]
    if reads_back(studies):
        columns = [measure.back_transform(column, studies.sizes) for column in columns]
    return [tuple(row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _forest(studies: Studies, fitted: Fit) -> list[Component]:
    """The figure, where all of it can be drawn."""
    measure = studies.measure
    assert measure is not None
    first, values = fitted.first, _values(studies)
    told = (first.estimate, first.ci_low, first.ci_high)
    whole = printed(measure, told, size_of(studies)) if reads_back(studies) else list(told)
    pooled = None if first.name in ("single", "regression") or None in whole else tuple(whole)
    ratio = measure.scale == "log" and reads_back(studies)
    numbers = [n for row in (*values, *([pooled] if pooled else [])) for n in row]
    if not all(math.isfinite(n) and abs(n) < 1e12 and (n > 0 or not ratio) for n in numbers):
        return []
    null = measure.null
    if ratio and null is not None:
        null = float(measure.back_transform(null))
    figure = own_forest(
        studies.labels,
        values,
        pooled,
        axis=f"{measure.printed_label} with 95% interval",
        ratio=ratio,
        null=null,
    )
    return [
        html.Div(
            graph("own-forest", figure),
            role="img",
            **{
                "aria-label": f"Forest plot: {sentence(studies, fitted)} The table below has its numbers."
            },
        )
    ]


def _studies(studies: Studies, fitted: Fit) -> Component:
    measure = studies.measure
    assert measure is not None
    weights = fitted.first.weights
    source = {"given": "as stated", "computed": "from numbers", "medians": "from medians"}
    rows = [
        [
            studies.labels[i],
            interval(*value),
            "" if weights is None else f"{weights[i]:.1f}%",
            source.get(studies.sources[i], ""),
        ]
        for i, value in enumerate(_values(studies)[:_MOST_SHOWN])
    ]
    caption = f"The studies of the file: {measure.printed_label} with 95% interval"
    heads = ("Study", measure.printed_label.capitalize(), "Weight", "Effect")
    if weights is None:
        heads, rows = (*heads[:2], heads[3]), [[*row[:2], row[3]] for row in rows]
    return table(heads, rows, caption)


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """An estimate with its limits as pages print them.

    >>> interval(-0.6684, -1.6511, 0.3268)
    '−0.67 (−1.65 to 0.33)'
    """
    fine = value is None or not math.isfinite(value) or abs(value) < 0.1
    return f"{number(value)} ({number(low, fine)} to {number(high, fine)})"


def number(value: float | None, fine: bool = True) -> str:
    """Two decimals, or two figures where that would sprawl or, if `fine`, say less; never 0.00 for what is not 0."""
    if value is None or not math.isfinite(value):
        return "none"
    if not fine and 0.005 <= abs(value) < 0.1:
        return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
    plain = f"{value:.2f}" if value == 0 or 0.1 <= abs(value) < 1e4 else f"{value:.{3 if abs(value) >= 1 else 2}g}"
    return plain.replace("-", "\N{MINUS SIGN}")


def _models(studies: Studies, fitted: Fit) -> Component:
    rows = [
        [f.words, _shown(studies, f), "" if f.p_value is None else p_text(f.p_value)]
        for f in (fitted.first, *fitted.others)
    ]
    return table(
        ("Model", "Result", "P"), rows, "The main result, and other models beside it"
    )


def _coefficients(studies: Studies, fitted: Fit) -> list[Component]:
    """What explains the differences, by each model, on the scale on which effects are pooled."""
    scale = studies.measure.label if studies.measure else ""
    return [
        table(
            ("Coefficient", f"Estimate ({scale})", "P"),
            [
                [
                    str(c["name"]),
                    interval(c["estimate"], c["ci_low"], c["ci_high"]),
                    "" if c["p_value"] is None else p_text(c["p_value"]),
                ]
                for c in one.fields["coefficients"]
            ],
            f"What explains the differences between studies: {one.words}",
        )
        for one in (fitted.first, *fitted.others)
    ]


def _groups(studies: Studies, group: Grouped) -> Component:
    """The groups of one column, each pooled apart, on the scale that a reader knows."""
    measure = studies.measure
    assert measure is not None
    rows = []
    for g in group.found.groups:
        values = (g.estimate, g.ci_low, g.ci_high)
        if reads_back(studies):
            values = printed(measure, values, size_of(studies))
        rows.append([g.name, str(g.k), interval(*values)])
    test = group.found.difference
    told = "" if test is None else f"; test of difference: {omnibus_in_words(plain(test))}"
    heads = (group.column, "Studies", measure.printed_label.capitalize())
    return table(heads, rows, f"Groups by {group.column}, each pooled apart{told}")


def _remarks(said: Sequence[str]) -> list[Component]:
    """What was decided, with the controls of this page in place of the options of a shell."""
    lines = [_SHELL.sub(_control, line) for line in dict.fromkeys(said) if line]
    lines = [line if line.endswith((".", "?")) else f"{line}." for line in lines]
    if not lines:
        return []
    shown = [html.Li(line[:1].upper() + line[1:].replace("..", ".")) for line in lines]
    return [html.Ul(shown, className="own-remarks")]


_SHELL = re.compile(r"--(measure|map|model|mods|cluster|tau2|ci)( \S+=(?:\"[^\"]*\"|[^\s:;,)]+)|( [A-Z]+)?)")


def _control(found: re.Match[str]) -> str:
    if found[2].strip().startswith("level="):
        return "“Limits in the file are” below"
    if found[1] == "map":
        return "“What each column holds” below"
    value = found[2].strip()
    named = {
        "measure": "“Effect measure” below",
        "model": "“Model” below",
        "mods": "“Explained by” below",
        "tau2": "“Variance between studies” below",
        "ci": "“Interval” below",
        "cluster": "“Rows that belong together” below",
    }[found[1]]
    return named + (f" ({value})" if value else "")
