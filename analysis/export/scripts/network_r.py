"""An R script that fits a network again with metafor (and, as text, netmeta), and checks that it finds the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from analysis.evidence import Evidence
from analysis.export.networks import shown
from analysis.export.scripts import content
from analysis.export.scripts.network_script import network_script
from analysis.export.scripts.r_script import r_number, r_string
from analysis.network import NetworkAnswer
from analysis.question import Question
from analysis.synthesis.network.few import prior_error

_SAME = """same <- function(what, found, expected, near) {
  if (!isTRUE(all(abs(as.numeric(found) - expected) <= near))) {
    stop(what, ": found ", found, ", expected ", expected, call. = FALSE)
  }
}"""
_POSTERIOR = """# too few degrees of freedom: results averaged over tau, by quadrature; tau has an exponential prior
# whose mean is the contrasts' standard error, averaged by inverse variance, the effects flat ones
omega <- outer(dat$study, dat$study, "==") * (1 + diag(nrow(dat))) / 2
W <- solve(V)
weights <- Re(eigen(W %*% omega, only.values = TRUE)$values)
scale <- sum(sqrt(weights)) / sum(weights)
u <- (seq_len(4000) - 0.5) / 4000       # tau = scale u / (1 - u): the whole half line
taus <- scale * u / (1 - u)
at <- function(tau) {
  W <- solve(V + tau^2 * omega)
  information <- t(X) %*% W %*% X
  C <- solve(information)
  b <- C %*% t(X) %*% W %*% dat$yi
  left <- dat$yi - X %*% b
  logs <- determinant(W)$modulus - determinant(information)$modulus
  density <- 0.5 * (logs - t(left) %*% W %*% left) - tau / scale
  list(b = as.numeric(b), C = C, density = as.numeric(density))
}
nodes <- lapply(taus, at)
density <- vapply(nodes, function(n) n$density, 0)
weight <- exp(density - max(density)) / (1 - u)^2
weight <- weight / sum(weight)
result <- function(x) {
  means <- vapply(nodes, function(n) sum(x * n$b), 0)
  sds <- vapply(nodes, function(n) sqrt(as.numeric(t(x) %*% n$C %*% x)), 0)
  tail <- function(q) sum(weight * pnorm(q, means, sds))
  ends <- range(means) + c(-1, 1) * 40 * max(sds[1:3000])
  limit <- function(p) uniroot(function(q) tail(q) - p, ends, tol = 1e-12)$root
  c(sum(weight * means), limit((1 - level) / 2), limit((1 + level) / 2))
}"""
_FITTED = """# metafor moves a column of ones to the front: the place of each treatment in its result
joined <- function(m) apply(m, 2, paste, collapse = " ")
at <- match(joined(X), joined(res$X))
result <- function(x) {
  b <- sum(x * coef(res)[at])
  half <- critical * sqrt(as.numeric(t(x) %*% vcov(res)[at, at] %*% x))
  c(b, b - half, b + half)
}"""
NEAR = {"random": 1e-3, "single": 1e-6, "prior": 1e-4}
"""Absolute, as a share of the standard error: `rma.mv` stops its search for tau2 earlier than this program, and the
quadrature in R has fewer nodes; without tau2 nothing is iterated."""


OPENING = (
    "Reproduces one network in R with metafor, from the data below, and compares the numbers.",
    'Run: Rscript THIS-FILE        Needs: install.packages("metafor")',
)


def network_r(question: Question, evidence: Evidence, link: str) -> bytes:
    """The script; see `network_script`."""
    return network_script(question, evidence, link, OPENING, _code)


def _code(net: NetworkAnswer) -> Iterator[str]:
    yield "suppressPackageStartupMessages(library(metafor))"
    yield ""
    for part in (_data, _netmeta, _model):
        yield from part(net)
        yield ""
    yield from _checks(net)


def _data(net: NetworkAnswer) -> Iterator[str]:
    """Every arm of a trial minus its first one, with the covariance of trials of several arms."""
    assert net.network is not None
    studies = net.network.studies
    names = {t.trial: t.label for t in net.trials}
    columns: dict[str, list[str]] = {n: [] for n in ("study", "treat1", "treat2", "yi")}
    blocks: list[str] = []
    for block in studies.blocks:
        for s, arms, effects, covariance in zip(
            block.study, block.arms, block.effects, block.covariance, strict=True
        ):
            for arm, effect in zip(arms[1:], effects, strict=True):
                columns["study"].append(r_string(names[studies.labels[s]]))
                columns["treat1"].append(r_string(studies.treatments[arm]))
                columns["treat2"].append(r_string(studies.treatments[arms[0]]))
                columns["yi"].append(r_number(float(effect)))
            values = ", ".join(r_number(float(v)) for v in np.ravel(covariance))
            blocks.append(f"matrix(c({values}), {len(effects)})")
    yield "# each arm of a trial minus its first one; ratios as logarithms"
    yield "dat <- data.frame("
    yield ",\n".join(f"  {n} = c({content.listed(v, '    ')})" for n, v in columns.items())
    yield ")"
    yield f"V <- bldiag(list({content.listed(blocks, '  ')}))"
    others = [t for t in studies.treatments if t != net.reference]
    yield f"treatments <- c({', '.join(map(r_string, others))})   # against {net.reference}"
    yield "X <- outer(dat$treat1, treatments, `==`) - outer(dat$treat2, treatments, `==`)"
    yield "colnames(X) <- treatments"
    yield f"level <- {net.question.level!r}"


def _netmeta(net: NetworkAnswer) -> Iterator[str]:
    measure = net.question.effect_measure
    columns = [f"{n} = c({content.listed(v, '#     ')})" for n, v in _every_pair(net).items()]
    yield "# The same in netmeta, which takes every pair of a trial (not run here):"
    yield "#   library(netmeta)"
    yield "#   pairs <- data.frame("
    yield ",\n".join(f"#     {column}" for column in columns) + ")"
    yield f'#   net <- netmeta(TE, seTE, treat1, treat2, study, data = pairs, sm = "{measure}", common = FALSE,'
    yield f'#                  random = TRUE, method.tau = "REML", reference.group = "{net.reference}")'
    yield "#   summary(net); netsplit(net); decomp.design(net)"


def _every_pair(net: NetworkAnswer) -> dict[str, list[str]]:
    """All pairs of arms of each trial, as columns in R: the first minus the second, and its standard error."""
    assert net.network is not None
    studies = net.network.studies
    names = {t.trial: t.label for t in net.trials}
    columns: dict[str, list[str]] = {n: [] for n in ("study", "treat1", "treat2", "TE", "seTE")}
    for block in studies.blocks:
        for s, arms, effects, covariance in zip(
            block.study, block.arms, block.effects, block.covariance, strict=True
        ):
            values, whole = np.append(0.0, effects), np.pad(covariance, ((1, 0), (1, 0)))
            for j, i in combinations(range(len(arms)), 2):
                variance = whole[i, i] + whole[j, j] - 2 * whole[i, j]
                columns["study"].append(r_string(names[studies.labels[s]]))
                columns["treat1"].append(r_string(studies.treatments[arms[i]]))
                columns["treat2"].append(r_string(studies.treatments[arms[j]]))
                columns["TE"].append(r_number(float(values[i] - values[j])))
                columns["seTE"].append(r_number(math.sqrt(variance)))
    return columns


def _model(net: NetworkAnswer) -> Iterator[str]:
    network = net.network
    assert network is not None
    if net.model == "prior":
        yield _POSTERIOR
        return
    if net.model == "single":
        yield "# each comparison was made once: no heterogeneity can be estimated"
        yield "res <- rma.mv(yi, V, mods = X, intercept = FALSE, data = dat)"
        yield "critical <- qnorm((1 + level) / 2)"
    else:
        yield "# random effects; the arms of a trial have correlation 1/2"
        yield "res <- rma.mv(yi, V, mods = X, intercept = FALSE, random = ~ treat1 | study, rho = 1/2, data = dat,"
        yield '              method = "REML", control = list(optimizer = "nlminb", rel.tol = 1e-8))'
        yield "critical <- qt((1 + level) / 2, nrow(X) - ncol(X))"
    yield _FITTED


def _checks(net: NetworkAnswer) -> Iterator[str]:
    network = net.network
    assert network is not None
    yield "# --- the numbers of the view, and the comparison ---"
    yield _SAME
    yield "common <- rma.mv(yi, V, mods = X, intercept = FALSE, data = dat)"
    yield f'same("Q", common$QE, {r_number(network.q)}, {1e-6 * max(1.0, network.q):.3g})'
    if net.model == "random":
        assert network.tau2 is not None
        near = 1e-3 * min(float(np.min(network.rows.variances)), 1.0)
        yield f'same("tau2", res$tau2, {r_number(network.tau2)}, {near + 1e-3 * network.tau2:.3g})'
    elif net.model == "prior":
        yield f'same("mean of the prior of tau", scale, {r_number(prior_error(network))}, 1e-8)'
    for one in shown(net):
        t, c = one.pair
        x = f'as.numeric(treatments == "{t}") - as.numeric(treatments == "{c}")'
        values = [one.combined.estimate, one.combined.low, one.combined.high]
        width = (one.combined.high - one.combined.low) / 4
        near = NEAR[net.model] * max(width, math.ulp(1.0))
        yield f"found <- result({x})"
        yield f'same("{t} - {c}", found, c({", ".join(map(r_number, values))}), {near:.3g})'
        yield f'cat(sprintf("{t} - {c}: %.4f (%.4f to %.4f)\\n", found[1], found[2], found[3]))'
    yield 'cat("The numbers agree with the view.\\n")'
