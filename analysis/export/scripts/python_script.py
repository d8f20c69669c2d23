"""A Python script with its data inline: this project's functions find the numbers of a view again."""

from __future__ import annotations

import math
from collections.abc import Iterator

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.export.scripts import content
from analysis.question import Question
from analysis.synthesis.events import COUNTED

TOLERANCE = 1e-9
"""Relative: the same code on the same numbers; another machine may round the last digits otherwise."""

_FUNCTIONS = {
    "MD": ("continuous", "md"),
    "MC": ("single_group", "mn"),
    "OR": ("binary", "odds_ratio"),
    "RR": ("binary", "risk_ratio"),
    "RD": ("binary", "risk_difference"),
    "PLO": ("single_group", "plo"),
    "PAS": ("single_group", "pas"),
    "PR": ("single_group", "pr"),
}
"""Module of `analysis.effects` and function that turn counts or means into an effect, by measure."""


def python_script(question: Question, evidence: Evidence, link: str) -> bytes:
    """The script, in UTF-8; everything outside ASCII stands in comments or is escaped.

    Raises
    ------
    NothingToTake
        When no study answers the question.
    """
    found = content.answered(question, evidence)
    # the first two lines are fixed: there, a comment could declare an encoding (PEP 263)
    lines = [
        "# Reproduces one view from the data below, and compares the numbers.",
        "# Run it in the folder of the project: python THIS-FILE",
        "#",
        *content.comments(content.head(found, evidence, link)),
        "",
        *_code(found, evidence),
    ]
    return ("\n".join(lines) + "\n").encode()


def _code(found: Answer, evidence: Evidence) -> Iterator[str]:
    q, pooled = found.question, found.pooled
    assert pooled is not None
    has_inputs = bool(content.input_names(found))
    module, function = _FUNCTIONS.get(q.effect_measure, ("", ""))
    yield "import math"
    yield "import os"
    yield "import sys"
    yield ""
    yield "sys.path.insert(0, os.getcwd())"
    yield ""
    if has_inputs:
        yield f"from analysis.effects import {module}"
    yield "from analysis.effects.scale import shown"
    engine = "pool, predictive" if found.told.prediction is not None else "pool"
    yield f"from analysis.synthesis import {engine}"
    if found.told.model == "prior":
        yield "from analysis.synthesis.told import told"
    if found.told.model in COUNTED:
        yield "from analysis.synthesis.events import told_events"
    yield ""
    yield "# --- the studies: where each number comes from ---"
    yield from content.comments(content.trail(found, evidence))
    yield ""
    yield "STUDIES = ["
    for study in found.studies:
        row: dict[str, object] = {"study": study.label, "year": study.year}
        row |= dict(study.inputs) if study.inputs else {"yi": study.yi, "vi": study.vi}
        cells = [f"{py_text(name)}: {_value(value)}" for name, value in row.items()]
        yield f"    {{{content.listed(cells, '     ')}}},"
    yield "]"
    yield ""
    yield ""
    yield "def effect(row):"
    if has_inputs:
        yield '    if "yi" in row:  # the report printed the effect itself; derived as told above'
        yield '        return row["yi"], row["vi"]'
        yield '    given = {name: value for name, value in row.items() if name not in ("study", "year")}'
        yield f"    found = {module}.{function}(*given.values())"
        yield "    return float(found.yi), float(found.vi)"
    else:
        yield '    return row["yi"], row["vi"]'
    yield ""
    yield ""
    yield "effects = [effect(row) for row in STUDIES]"
    yield "yi, vi = [y for y, _ in effects], [v for _, v in effects]"
    if found.told.model == "prior":
        yield f"result = told(yi, vi, level={q.level!r}).result"
    elif found.told.model in COUNTED:
        options = {
            "measure": q.effect_measure,
            "model": q.model,
            "tau2": q.tau2,
            "ci": q.ci,
            "level": q.level,
        }
        listed = ", ".join(f"{name}={_value(value)}" for name, value in options.items())
        yield f"result = told_events(yi, vi, STUDIES, {listed}).result"
    else:
        yield (
            f"result = pool(yi, vi, tau2={py_text(pooled.tau2_method)}, ci={py_text(pooled.ci_method)}, "
            f"level={q.level!r})"
        )
    if content.printed_limits(found):
        low, high = pooled.ci_low, pooled.ci_high
        yield "from dataclasses import replace"
        yield ""
        yield f"result = replace(result, ci_low={low!r}, ci_high={high!r})  # the limits that were printed"
    if (other := found.told.other) is not None:
        yield (
            f"other = pool(yi, vi, tau2={py_text(other.tau2_method)}, ci={py_text(other.ci_method)}, level={q.level!r})"
        )
    yield ""
    yield from _checks(found)
    yield from _statsmodels(found)
    yield 'print("The numbers agree with the view.")'


def _checks(found: Answer) -> Iterator[str]:
    q, pooled, other = found.question, found.pooled, found.told.other
    assert pooled is not None
    yield "# --- the numbers of the view, and the comparison ---"
    yield "EXPECTED = {"
    for name, value in content.expected(pooled).items():
        yield f'    "{name}": {value!r},'
    yield "}"
    yield "EXPECTED_SHOWN = {  # back-transformed, as printed"
    for name, value in content.expected_shown(q.effect_measure, pooled).items():
        yield f'    "{name}": {value!r},'
    yield "}"
    for name, values in (("YI", [s.yi for s in found.studies]), ("VI", [s.vi for s in found.studies])):  # fmt: skip
        yield f"EXPECTED_{name} = [{content.listed([repr(v) for v in values], '    ')}]"
    if other is not None:
        yield f"EXPECTED_OTHER = [{', '.join(repr(v) for v in (other.estimate, other.ci_low, other.ci_high))}]"
    yield f"""

def same(what, found, expected):
    if not math.isclose(found, expected, rel_tol={TOLERANCE!r}, abs_tol=1e-12):
        raise SystemExit(f"{{what}} differs: found {{found!r}}, expected {{expected!r}}")


for row, found, expected in zip(STUDIES, effects, zip(EXPECTED_YI, EXPECTED_VI)):
    same(row["study"] + ", yi", found[0], expected[0])
    same(row["study"] + ", vi", found[1], expected[1])
for name, expected in EXPECTED.items():
    same(name, getattr(result, name), expected)
for name, expected in EXPECTED_SHOWN.items():
    same(name + ", as printed", float(shown({py_text(q.effect_measure)}, getattr(result, name))), expected)
{_OTHER if other is not None else ""}
print({py_text(q.title())})
print(f"k = {{result.k}}: estimate {{EXPECTED_SHOWN['estimate']:.4f}}, interval "
      f"{{EXPECTED_SHOWN['ci_low']:.4f}} to {{EXPECTED_SHOWN['ci_high']:.4f}}")
if result.tau2 is not None:
    print(f"tau^2 {{result.tau2:.4f}}, I^2 {{result.i2:.1f}}%, Q {{result.q:.2f}}")
{_prediction(found)}"""


def _prediction(found: Answer) -> str:
    """Lines that find the prediction interval, where one is told."""
    predicted = found.told.prediction
    if predicted is None:
        return ""
    q = found.question
    return f"""predicted = predictive(yi, vi, level={q.level!r})
same("prediction, lower limit", predicted.low, {predicted.low!r})
same("prediction, upper limit", predicted.high, {predicted.high!r})
low, high = (float(shown({py_text(q.effect_measure)}, limit)) for limit in (predicted.low, predicted.high))
print(f"prediction interval {{low:.4f}} to {{high:.4f}}")
"""


def _statsmodels(found: Answer) -> Iterator[str]:
    """The same result by statsmodels alone; tau2 is ours but for DL, as it has no REML."""
    q, result = found.question, found.told.result
    if found.told.model in COUNTED:
        if found.told.model == "exact":
            yield from _EXACT.format(q.level).splitlines()
        return
    yield "# --- the same by statsmodels alone: weighted least squares with weights 1 / (vi + tau2) ---"
    yield "import numpy as np"
    yield "from statsmodels.regression.linear_model import WLS"
    yield ""
    yield "y, v = np.array(yi), np.array(vi)"
    yield ""
    yield ""
    yield "def wls(tau2):"
    yield "    return WLS(y, np.ones(len(y)), weights=1 / (v + tau2))"
    yield ""
    yield ""
    if found.told.model == "prior":
        tail = (1 - q.level) / 2
        yield f"""# Averaged over tau: the mean of its exponential prior is the standard error, averaged by 1 / v.
from scipy.optimize import brentq
from scipy.stats import norm

typical = (v**-0.5).sum() / (1 / v).sum()
x, mass = np.polynomial.legendre.leggauss(400)
x = 0.5 * math.asinh(60) * (x + 1)
tau = typical * np.sinh(x)
fits = [wls(t * t).fit(cov_type="fixed scale", use_t=False) for t in tau]
mean = np.array([fit.params[0] for fit in fits])
se = np.array([fit.bse[0] for fit in fits])
fit_to_data = [-0.5 * (np.log(v + t * t) + (y - m) ** 2 / (v + t * t)).sum() for t, m in zip(tau, mean)]
log_mass = np.array(fit_to_data) + np.log(se) - tau / typical
mass = mass * np.cosh(x) * np.exp(log_mass - log_mass.max())
mass = mass / mass.sum()
ends = float((mean - 40 * se).min()), float((mean + 40 * se).max())
low, high = (brentq(lambda q: mass @ norm.cdf((q - mean) / se) - p, *ends) for p in ({tail!r}, {1 - tail!r}))
# Stretched about the mean where Wald's interval with random effects (REML) is longer.
wald = wls(other.tau2).fit(cov_type="fixed scale", use_t=False).conf_int(alpha={1 - q.level!r})[0]
times = max((wald[1] - wald[0]) / (high - low), 1.0)
estimate = float(mass @ mean)


def close(what, found, expected):
    if abs(found - expected) > 1e-6 * max(1.0, abs(expected)):
        raise SystemExit(f"statsmodels, {{what}}: found {{found!r}}, expected {{expected!r}}")


close("estimate", estimate, EXPECTED["estimate"])
close("ci_low", estimate + times * (low - estimate), EXPECTED["ci_low"])
close("ci_high", estimate + times * (high - estimate), EXPECTED["ci_high"])"""
        return
    tau2 = "EXPECTED.get('tau2', 0.0)"
    if result.tau2_method == "DL" and result.tau2:
        # statsmodels' DL is not cut off at 0, so it is right where it is above.
        yield "from statsmodels.stats.meta_analysis import combine_effects"
        yield ""
        yield 'same("statsmodels, tau2", float(combine_effects(y, v, method_re="dl").tau2), EXPECTED["tau2"])'
    yield f"model = wls({tau2})"
    if result.ci_method == "hksj":
        yield "fit = model.fit()"
    else:
        scale = "max(1.0, model.fit().scale)" if result.ci_method == "hksj-adhoc" else "1.0"
        use_t = result.ci_method != "wald"
        yield f'fit = model.fit(cov_type="fixed scale", cov_kwds={{"scale": {scale}}}, use_t={use_t})'
    yield f"low, high = fit.conf_int(alpha={1 - q.level!r})[0]"
    names = (
        '("estimate",)' if content.printed_limits(found) else '("estimate", "ci_low", "ci_high")'
    )
    yield f"for name, value in zip({names}, (fit.params[0], low, high)):"
    yield '    same("statsmodels, " + name, float(value), EXPECTED[name])'


_EXACT = """# --- the same by statsmodels alone ---
from statsmodels.stats.proportion import proportion_confint

events, total = sum(row["xi"] for row in STUDIES), sum(row["ni"] for row in STUDIES)
limits = proportion_confint(events, total, alpha=1 - {!r}, method="beta")
for name, value in zip(("estimate", "ci_low", "ci_high"), (events / total, *limits)):
    same("statsmodels, " + name, float(value), EXPECTED_SHOWN[name])"""

_OTHER = """for name, expected in zip(("estimate", "ci_low", "ci_high"), EXPECTED_OTHER):
    same("another model, " + name, getattr(other, name), expected)
"""


def py_text(text: str) -> str:
    """A string literal in ASCII."""
    return ascii(text)


def _value(value: object) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return "None"
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return py_text(str(value))
