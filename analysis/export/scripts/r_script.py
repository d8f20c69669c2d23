"""An R script with its data inline: metafor finds the numbers of a view, and the script checks that it does."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analysis.answer import Answer
from analysis.evidence import Evidence
from analysis.export.scripts import content
from analysis.question import Question
from analysis.synthesis import Pooled
from analysis.synthesis.estimators import ESTIMATORS, IN_METAFOR
from analysis.synthesis.events import COUNTED
from analysis.synthesis.intervals import INTERVALS

TOLERANCE = 1e-6
"""Relative; far below the last digit that is printed. metafor stops its iterations at 1e-10 below."""

FLOOR = 1e-9
"""Absolute, for numbers at 0; wider for I2 and tau2, which an iteration leaves just above 0."""

_BACK = {
    "RR": "exp", "OR": "exp", "HR": "exp", "PLO": "transf.ilogit", "PAS": "transf.iarcsin",
    "PR": "function(x) pmin(pmax(x, 0), 1)",
}  # fmt: skip
"""From the scale of pooling to the printed one; identity for differences."""


def r_script(question: Question, evidence: Evidence, link: str) -> bytes:
    """The script, in UTF-8; everything outside ASCII stands in comments or is escaped.

    Raises
    ------
    NothingToTake
        When no study answers the question.
    """
    found = content.answered(question, evidence)
    lines = [
        "# Reproduces one view in R with metafor, from the data below, and compares the numbers.",
        "# Run: Rscript THIS-FILE        Needs: install.packages(\"metafor\")",
        *content.comments(_given(found)),
        "#",
        *content.comments(content.head(found, evidence, link)),
        "",
        "suppressPackageStartupMessages(library(metafor))",
        "",
        "# --- the studies: where each number comes from ---",
        *content.comments(content.trail(found, evidence)),
        "",
        *_data(found),
        "",
        *_models(found),
        "",
        *_checks(found),
        "",
        *_output(found),
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


# --- data ----------------------------------------------------------------------------------------
def _data(found: Answer) -> Iterator[str]:
    names, rows = content.input_names(found), content.inputs(found)
    measure = found.question.effect_measure
    columns = {
        "study": [r_string(s.label) for s in found.studies],
        "year": [r_number(s.year) for s in found.studies],
    }
    for name in names:
        columns[name] = [r_number(row.get(name, math.nan)) for row in rows]
    printed = [not row for row in rows]
    given = ("yi_printed", "vi_printed") if names else ("yi", "vi")
    if any(printed):
        if names:
            yield "# yi_printed, vi_printed: where a report printed the effect itself, derived as told above"
        columns[given[0]] = _where(printed, [s.yi for s in found.studies])
        columns[given[1]] = _where(printed, [s.vi for s in found.studies])
    yield "dat <- data.frame("
    stated = [f"  {n} = c({content.listed(v, '    ')})" for n, v in columns.items()]
    yield ",\n".join(stated)
    yield ")"
    if names:
        arguments = ", ".join(f"{name} = {name}" for name in names)
        code = content.MEASURES.get(measure, measure)
        yield f'dat <- escalc(measure = "{code}", {arguments}, data = dat)'
        if any(printed):
            yield "printed <- is.na(dat$yi)"
            yield "dat$yi[printed] <- dat$yi_printed[printed]"
            yield "dat$vi[printed] <- dat$vi_printed[printed]"


def _where(printed: Sequence[bool], values: Sequence[float]) -> list[str]:
    return [r_number(value) if here else "NA" for here, value in zip(printed, values, strict=True)]


# --- models --------------------------------------------------------------------------------------
_SOLVED = {
    "DLIT": """# tau^2 by DerSimonian and Laird, iterated: metafor (method = "DLIT") repeats the step, which need not
# settle; here the equation on which it would settle is solved, Q - df = tau^2 tr(P)
iterated <- function(yi, vi) {
  rising <- function(tau2) {
    w <- 1 / (vi + tau2)
    left <- yi - sum(w * yi) / sum(w)
    tau2 * (sum(w) - sum(w^2) / sum(w)) - (sum(w * left^2) - (length(yi) - 1))
  }
  if (rising(0) >= 0) return(0)
  uniroot(rising, c(0, diff(range(yi))^2), tol = 1e-12 * min(vi), maxiter = 10000)$root
}
tau2 <- iterated(dat$yi, dat$vi)""",
}
"""Those that metafor has but does not find for every set: code that finds `tau2`."""


def _tau2_given(found: Answer) -> bool:
    """Whether tau^2 is a constant of the script, since metafor does not have the estimator."""
    if found.told is None or found.told.model != "random":
        return False
    return found.told.result.tau2_method not in IN_METAFOR | _SOLVED.keys()


def _given(found: Answer) -> Iterator[str]:
    """What the script does not find by itself, for its top."""
    if _tau2_given(found):
        method = _pooled(found).tau2_method
        yield (
            f"Given, not found here: tau^2, by the estimator {method} ({ESTIMATORS[method].label}), which metafor does "
            "not have. All else is found from it."
        )


_POSTERIOR = """# two to four studies: the mean averaged over tau, by quadrature; tau has an exponential prior whose
# mean is the studies' standard error, averaged by inverse variance, the mean a flat one
posterior <- function(yi, vi, level) {
  scale <- sum(1 / sqrt(vi)) / sum(1 / vi)
  at <- function(tau) {
    w <- 1 / (vi + tau^2)
    mean <- sum(w * yi) / sum(w)
    log.density <- 0.5 * (sum(log(w)) - log(sum(w)) - sum(w * (yi - mean)^2)) - tau / scale
    c(mean, sqrt(1 / sum(w)), log.density)
  }
  u <- (seq_len(20000) - 0.5) / 20000      # tau = scale u / (1 - u): the whole half line
  nodes <- vapply(scale * u / (1 - u), at, numeric(3))
  weight <- exp(nodes[3, ] - max(nodes[3, ])) / (1 - u)^2
  weight <- weight / sum(weight)
  tail <- function(q) sum(weight * pnorm(q, nodes[1, ], nodes[2, ]))
  ends <- range(nodes[1, ]) + c(-1, 1) * 40 * max(nodes[2, 1:15000])
  limit <- function(p) uniroot(function(q) tail(q) - p, ends, tol = 1e-12)$root
  list(k = length(yi), estimate = sum(weight * nodes[1, ]), ci.lb = limit((1 - level) / 2),
       ci.ub = limit((1 + level) / 2))
}"""

_AT_LEAST = """# stretched about the mean where Wald's interval with random effects (REML) is longer
wald <- rma(yi, vi, data = dat, method = "REML", {level},
            control = list(threshold = 1e-10, tol = 1e-10, maxiter = 10000))
times <- max((wald$ci.ub - wald$ci.lb) / (res$ci.ub - res$ci.lb), 1)
res$ci.lb <- res$estimate + times * (res$ci.lb - res$estimate)
res$ci.ub <- res$estimate + times * (res$ci.ub - res$estimate)"""


_COUNTS = {
    "exact": """# the counts of all studies together, exact (Clopper and Pearson)
test <- binom.test(sum(dat$xi), sum(dat$ni), conf.level = {level!r})
inside <- function(x) pmin(pmax(qlogis(as.numeric(x)), -40), 40)
res <- list(k = nrow(dat), estimate = inside(test$estimate), ci.lb = inside(test$conf.int[1]),
            ci.ub = inside(test$conf.int[2]))""",
    "mh": """fit <- rma.mh(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat, measure = "{measure}",
              level = 100 * {level!r})
res <- list(k = nrow(dat), estimate = coef(fit), ci.lb = fit$ci.lb, ci.ub = fit$ci.ub)""",
    "peto": """fit <- rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat, level = 100 * {level!r})
res <- list(k = nrow(dat), estimate = coef(fit), ci.lb = fit$ci.lb, ci.ub = fit$ci.ub)""",
}
_NOT_IN_R = (
    "# The view pools the counts themselves by a binomial-normal model, which metafor alone does not fit: see the\n"
    "# Python script. What R compares is the model beside it."
)


def _models(found: Answer) -> Iterator[str]:
    pooled = _pooled(found)
    level = f"level = 100 * {pooled.level!r}"
    if found.told.model in COUNTED:
        code = _COUNTS.get(found.told.model, _NOT_IN_R)
        yield code.format(level=pooled.level, measure=found.question.effect_measure)
        yield from _other(found, level)
        return
    if _by_prior(found):
        yield _POSTERIOR
        yield f"res <- posterior(dat$yi, dat$vi, {pooled.level!r})"
        yield _AT_LEAST.format(level=level)
        yield from _other(found, level)
        return
    if pooled.k == 1:
        yield "# one study: shown as it is, not pooled"
        yield f'res <- rma(yi, vi, data = dat, method = "EE", test = "z", {level})'
        if content.printed_limits(found):
            yield "# the limits that were printed"
            yield f"res$ci.lb <- {r_number(pooled.ci_low)}"
            yield f"res$ci.ub <- {r_number(pooled.ci_high)}"
        return
    method, test = pooled.tau2_method, INTERVALS[pooled.ci_method].metafor
    profiled = "res"
    if method in IN_METAFOR:
        yield f'res <- rma(yi, vi, data = dat, method = "{method}", test = "{test}", {level},'
        # metafor looks for roots up to 100, or ten squares of the effects' spread: not always enough.
        most = f", tau2.max = {r_number(10 * pooled.tau2)}" if (pooled.tau2 or 0.0) > 10 else ""
        yield f"           control = list(threshold = 1e-10, tol = 1e-10, maxiter = 10000{most}))"
    else:
        if _tau2_given(found):
            yield f"tau2 <- {r_number(pooled.tau2)}   # given: see the top"
        else:
            yield _SOLVED[method]
        yield f'res <- rma(yi, vi, data = dat, tau2 = tau2, test = "{test}", {level})'
        profiled = f'rma(yi, vi, data = dat, method = "DL", {level})'
    if pooled.tau2_ci_high is not None:
        most = max(100.0, 10 * pooled.tau2_ci_high)
        yield "# Q-profile interval of tau^2, the same by every estimator"
        yield (
            f"limits <- confint({profiled}, control = list(tol = 1e-12, tau2.max = {r_number(most)}))"
        )
    yield from _other(found, level)
    if pooled.pi_low is not None:
        yield "# The view's prediction interval allows for the doubt about tau^2; predict(res) does not:"
        yield "pred <- predict(res)"


def _by_prior(found: Answer) -> bool:
    return found.told is not None and found.told.model == "prior"


def _other(found: Answer, level: str) -> Iterator[str]:
    other = found.told.other if found.told is not None else None
    if other is None:
        return
    yield "# beside it, another model, on the same studies"
    chosen = f'method = "{other.tau2_method}", test = "{INTERVALS[other.ci_method].metafor}"'
    yield f"other <- rma(yi, vi, data = dat, {chosen}, {level},"
    yield "             control = list(threshold = 1e-10, tol = 1e-10, maxiter = 10000))"


def _found(found: Answer) -> dict[str, str]:
    """Where R holds each number that is compared."""
    pooled = _pooled(found)
    if found.told.model in COUNTED:
        names = {"estimate": "res$estimate", "ci_low": "res$ci.lb", "ci_high": "res$ci.ub"}
        return names if found.told.model in _COUNTS else {}
    if _by_prior(found):
        return {
            "estimate": "res$estimate", "ci_low": "res$ci.lb", "ci_high": "res$ci.ub", "q": "other$QE",
            "q_p_value": "other$QEp",
        }  # fmt: skip
    places = {
        "estimate": "coef(res)",
        "ci_low": "res$ci.lb",
        "ci_high": "res$ci.ub",
        "tau2": "res$tau2",
        "tau2_ci_low": 'limits$random["tau^2", "ci.lb"]',
        "tau2_ci_high": 'limits$random["tau^2", "ci.ub"]',
        "i2": "res$I2",
        "q": "res$QE",
        "q_p_value": "res$QEp",
    }
    return {name: places[name] for name in content.expected(pooled)}


def _checks(found: Answer) -> Iterator[str]:
    pooled, other = _pooled(found), found.told.other if found.told is not None else None
    yield "# --- the numbers of the view, and the comparison ---"
    yield f"same <- function(what, found, expected, floor = {FLOOR!r}) {{"
    yield f"  near <- abs(as.numeric(found) - expected) <= {TOLERANCE!r} * abs(expected) + floor"
    yield "  if (!isTRUE(all(near))) {"
    yield '    stop(what, ": found ", found, ", expected ", expected, call. = FALSE)'
    yield "  }"
    yield "}"
    for name, values in (("yi", [s.yi for s in found.studies]), ("vi", [s.vi for s in found.studies])):  # fmt: skip
        listed = content.listed([r_number(v) for v in values], "  ")
        yield f'same("{name}", dat${name}, c({listed}))'
    places = _found(found)
    for name, value in content.expected(pooled).items():
        if name not in places:
            continue
        floor = {"i2": 1e-4, "tau2": TOLERANCE * min(s.vi for s in found.studies)}.get(name)
        more = f", floor = {floor:.1g}" if floor else ""
        yield f'same("{name}", {places[name]}, {r_number(value)}{more})'
    if other is not None:
        yield f'same("another model", coef(other), {r_number(other.estimate)})'
        for side in ("low", "high"):
            place = {"low": "other$ci.lb", "high": "other$ci.ub"}[side]
            value = r_number(getattr(other, f"ci_{side}"))
            yield f'same("another model, ci_{side}", {place}, {value})'


def _output(found: Answer) -> Iterator[str]:
    q, pooled = found.question, _pooled(found)
    yield "# --- as reported ---"
    yield f"back <- {_BACK.get(q.effect_measure, 'identity')}"
    places = _found(found)
    for name, value in content.expected_shown(q.effect_measure, pooled).items():
        if name not in places:
            continue
        yield f'same("{name}, as printed", back({places[name]}), {r_number(value)})'
    yield f"cat({r_string(q.title())}, {r_string(chr(10))})"
    shown_, estimate = ("res", places["estimate"]) if places else ("other", "coef(other)")
    yield (
        f'cat(sprintf("k = %d: estimate %.4f, interval %.4f to %.4f\\n", {shown_}$k, back({estimate}), '
        f"back({shown_}$ci.lb), back({shown_}$ci.ub)))"
    )
    if pooled.k > 1 and not _by_prior(found) and found.told.model not in COUNTED:
        yield (
            'cat(sprintf("tau^2 %.4f, I^2 %.1f%%, Q %.2f (df %d, P %.4f)\\n", res$tau2, res$I2, res$QE, '
            "res$k - 1, res$QEp))"
        )
    if pooled.pi_low is not None:
        yield (
            'cat(sprintf("prediction interval with tau^2 as estimated %.4f to %.4f\\n", '
            "back(pred$pi.lb), back(pred$pi.ub)))"
        )
    yield 'cat("The numbers agree with the view.\\n")'


def _pooled(found: Answer) -> Pooled:
    assert found.pooled is not None
    return found.pooled


# --- R's way of writing values -------------------------------------------------------------------
def r_number(value: float) -> str:
    """A number with all its digits; NA for one that is not known.

    >>> r_number(0.1), r_number(78.0), r_number(float("nan"))
    ('0.1', '78', 'NA')
    """
    if math.isnan(value):
        return "NA"
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def r_string(text: str) -> str:
    r"""A string literal in ASCII that R reads as the same text, and nothing else.

    >>> print(r_string('a "b" \\ ü'))
    "a \"b\" \\ \u00fc"
    """
    return '"' + "".join(_r_letter(letter) for letter in text if letter != "\0") + '"'


def _r_letter(letter: str) -> str:
    code = ord(letter)
    if letter in '"\\':
        return f"\\{letter}"
    if 32 <= code < 127:
        return letter
    if letter == "\n":
        return "\\n"
    if 0xD800 <= code < 0xE000:
        return "?"  # half a character: R has no such string
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
