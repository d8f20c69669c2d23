# Makes the reference results anew: runs every call that a file of cases names and writes the file with what R returns.
#
#   Rscript tests/reference/regenerate.R IN.json OUT.json [ID ...]
#
# IN says what is called (id, setup, call) and which parts of the result are kept (the names in "expected"); the numbers
# in it are not read. Cases run in the order of the file: some use what the setup of an earlier one made. Needs metafor,
# metadat and jsonlite, for some cases lme4, numDeriv, clubSandwich or robumeta: without these the cases are named, not made.
suppressMessages({library(metafor); library(metadat); library(jsonlite)})
arguments <- commandArgs(trailingOnly = TRUE)
held <- fromJSON(arguments[1], simplifyVector = FALSE)
wanted <- arguments[-(1:2)]

# The names that the calls use for the data sets; those of `tests/reference/cases.py`.
aliases <- c(normand = "normand1999", homog = "homog5", hack = "hackshaw1998", hine = "hine1989", egg = "egger2001",
  bask = "baskerville2012", konst = "konstantopoulos2011", assink = "assink2016", berkey = "berkey1998",
  ish = "ishak2007", prepost = "prepost_demo")
for (file in list.files("analysis/datasets", "[.]csv$", full.names = TRUE))
  assign(sub("[.]csv$", "", basename(file)), read.csv(file))
for (alias in names(aliases)) assign(alias, get(aliases[[alias]]))
# Names of ours in one of the files, and metafor's.
spelt <- list(estimate = "beta", ci_low = "ci.lb", ci_high = "ci.ub")
ctl <- list(tol = 1e-13, threshold = 1e-13, maxiter = 10000)
quantiles <- function(x) unname(quantile(x, c(0, .05, .25, .5, .75, .95, 1)))

# A matrix with row names, as {row: {column: value}}.
by_row <- function(m) {
  m <- as.data.frame(m)
  sapply(rownames(m), function(row) as.list(m[row, , drop = FALSE]), simplify = FALSE)
}

part <- function(x, name) {
  fit <- if (is.list(x)) x$fit
  if (inherits(x, "lm")) {
    table <- summary(x)$coefficients
    return(switch(name, coef_names = rownames(table), coef = table[, 1], se = table[, 2], t = table[, 3],
      p = table[, 4], df = x$df.residual, sigma = summary(x)$sigma))
  }
  if (inherits(x, "regtest") && startsWith(name, "fit_")) {
    if (inherits(fit, "summary.lm")) table <- fit$coefficients
    else if (inherits(fit, "lm")) table <- summary(fit)$coefficients
    else table <- cbind(fit$beta, fit$se)
    return(switch(name, fit_coef = table[, 1], fit_se = table[, 2], fit_names = rownames(table)))
  }
  if (inherits(x, "confint.rma")) return(by_row(x$random)[[name]])
  if (inherits(x, "list.confint.rma")) return(by_row(x[[as.integer(sub("component", "", name))]]$random))
  if (inherits(x, "infl.rma.uni")) {
    if (startsWith(name, "dfbs_")) return(x$dfbs[[sub("dfbs_", "", name)]])
    return(if (name == "is.infl") x$is.infl else x$inf[[name]])
  }
  if (inherits(x, "gosh.rma")) {
    table <- x$res
    if (name == "n_subsets") return(nrow(table))
    column <- table[[sub("_(mean|q)$", "", name)]]
    return(if (endsWith(name, "_q")) quantiles(column) else mean(column))
  }
  if (is.numeric(x) && !is.list(x) && is.null(dim(x))) return(unname(x))
  if (name == "coef_names") return(rownames(x$beta))
  if (name == "fitstats") {
    column <- x$fit.stats[, if (x$method == "REML") "REML" else "ML"]
    return(as.list(setNames(column, c("logLik", "deviance", "AIC", "BIC", "AICc"))))
  }
  if (name == "class") return(x$class)
  value <- x[[name]]
  if (is.null(value) && name %in% names(spelt)) value <- x[[spelt[[name]]]]
  if (is.matrix(value) && name != "vb" && ncol(value) == 1) value <- c(value)
  value
}

plain <- function(value) {
  if (is.null(value)) return(NULL)
  if (is.matrix(value))
    return(lapply(seq_len(nrow(value)), function(i) lapply(setNames(value[i, ], colnames(value)), plain)))
  if (is.data.frame(value)) value <- unname(as.list(value))
  if (is.factor(value)) value <- as.character(value)
  if (is.list(value)) return(lapply(value, plain))
  value <- unname(value)
  if (is.numeric(value)) value <- ifelse(is.finite(value), signif(value, 15), NA)
  if (length(value) == 1) value[[1]] else as.list(value)
}

short <- character()
made <- list()
for (case in held$cases) {
  if (!is.null(case$setup) && nzchar(case$setup)) eval(parse(text = case$setup), globalenv())
  if (length(wanted) && !(case$id %in% wanted)) next
  result <- tryCatch(suppressWarnings(eval(parse(text = case$call), globalenv())), error = function(e) e)
  if (inherits(result, "error")) {
    short <- c(short, paste0(c(case$id, case$call)[1], ": ", gsub("\\s+", " ", conditionMessage(result))))
    next
  }
  case$expected <- sapply(names(case$expected), function(name) plain(part(result, name)), simplify = FALSE)
  made[[length(made) + 1]] <- case
}
held$cases <- made
version <- as.character(packageVersion("metafor"))
if (is.null(held$meta)) held$made_with <- paste("metafor", version) else
  held$meta[c("R", "metafor")] <- list(R.version.string, version)
writeLines(toJSON(held, auto_unbox = TRUE, digits = NA, null = "null", na = "null", pretty = 1), arguments[2])
if (length(short)) message(paste(c("Not made:", short), collapse = "\n  "))
