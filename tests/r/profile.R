# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/profile.csv: limits of the profile likelihood from their definition, by uniroot()
# on glm() with the coefficient's part of the predictor as offset; the rise of the deviance without
# the coefficient; and what confint() (package MASS, by spline interpolation) says.
library(MASS)
options(warn = -1)
esoph <- datasets::esoph
folder <- commandArgs(TRUE)[1]
control <- list(epsilon = 1e-15, maxit = 60)

rise <- function(b, j, x, y, w, o, family, best, dispersion) {
  fit <- glm.fit(x[, -j, drop = FALSE], y, w, offset = o + b * x[, j], family = family,
                 control = control)
  (fit$deviance - best) / dispersion
}

# best: deviance of a separated response's limit; infinite: signs of its estimates.
rows <- NULL
add <- function(data, formula, family, name, link, frame, level = 0.95, best = NULL, infinite = NULL) {
  fit <- glm(formula, family, frame, control = control)
  x <- model.matrix(fit)
  y <- fit$y
  w <- fit$prior.weights
  o <- if (is.null(fit$offset)) 0 * y else fit$offset
  dispersion <- summary(fit)$dispersion
  separated <- !is.null(best)
  if (!separated) best <- deviance(fit)
  q2 <- qnorm((1 + level) / 2)^2
  loose <- if (separated) NULL else suppressMessages(confint(fit, level = level))
  for (j in seq_len(ncol(x))) {
    f <- function(b) rise(b, j, x, y, w, o, family, best, dispersion) - q2
    sign <- if (separated) infinite[j] else 0
    middle <- if (sign == 0) coef(fit)[j] else 5 * sign
    step <- if (sign == 0) 4 * coef(summary(fit))[j, 2] else 10
    root <- function(end) uniroot(f, sort(c(middle, end)), tol = 1e-14, maxiter = 1000)$root
    rows <<- rbind(rows, data.frame(
      data = data, formula = deparse(formula, width.cutoff = 200), family = name, link = link, level = level,
      term = colnames(x)[j], separated = separated + 0,
      low = if (sign < 0) NA else root(middle - step), high = if (sign > 0) NA else root(middle + step),
      rise = f(0) + q2, mass_low = if (separated) NA else loose[j, 1],
      mass_high = if (separated) NA else loose[j, 2]))
  }
}

add("@birthwt", low ~ age + lwt + smoke, binomial(), "binomial", "logit", birthwt)
add("@birthwt", low ~ age + lwt + smoke, binomial("probit"), "binomial", "probit", birthwt, 0.9)
add("@birthwt", low ~ lwt + ht - 1, binomial("cloglog"), "binomial", "cloglog", birthwt)
add("@warpbreaks", breaks ~ wool, poisson(), "poisson", "log", warpbreaks, 0.99)
add("@warpbreaks", breaks ~ wool, quasipoisson(), "quasipoisson", "log", warpbreaks)
add("@trees", Volume ~ log(Girth) + log(Height), Gamma("log"), "gamma", "log", trees)
add("@trees", Volume ~ Girth, Gamma("inverse"), "gamma", "inverse", trees)
add("@trees", Volume ~ Girth + Height, gaussian(), "gaussian", "identity", trees)

separated <- function(file) read.csv(file.path(folder, "separated", file), stringsAsFactors = TRUE)
of_rest <- function(formula, rest) deviance(glm(formula, binomial(), rest, control = control))
tie <- separated("tie.csv")
add("tie", y ~ x + z, binomial(), "binomial", "logit", tie, 0.95, of_rest(y ~ z, subset(tie, x == 3)),
    c(-1, 1, 0))
level <- separated("level.csv")
add("level", y ~ f + x, binomial(), "binomial", "logit", level, 0.95,
    of_rest(y ~ f + x, subset(level, f != "c")), c(0, 0, -1, 0, 0))

number <- sapply(rows, is.numeric)
rows[number] <- lapply(rows[number], function(v) format(v, digits = 17, trim = TRUE))
write.csv(rows, file.path(folder, "profile.csv"), row.names = FALSE, quote = which(names(rows) == "formula"))
