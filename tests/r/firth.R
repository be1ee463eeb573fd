# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/firth.csv: estimates and standard errors of Firth's logistic regression by the
# package brglm2, and from the definition (as the package logistf has it) the penalised
# log-likelihood, penalised-likelihood-ratio statistics, and limits by its profile. The data of the
# endometrial cancer study are those of Heinze and Schemper (2002), as brglm2 has them.
library(brglm2)
library(MASS)
options(warn = -1)
folder <- commandArgs(TRUE)[1]
data(endometrial)
write.csv(endometrial, file.path(folder, "firth", "endometrial.csv"), row.names = FALSE, quote = FALSE)

# -2 times the penalised log-likelihood, without binomial coefficients.
penalised <- function(b, x, y, w) {
  eta <- drop(x %*% b)
  mean <- plogis(eta)
  information <- crossprod(x * sqrt(w * mean * plogis(-eta)))
  -2 * sum(w * (y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))) -
    as.numeric(determinant(information)$modulus)
}

# Least value with b_j held at a value: BFGS in columns of one size, restarted until it stands still.
held <- function(value, j, b, x, y, w) {
  scale <- apply(abs(x), 2, max)[-j]
  f <- function(others) {
    all <- b
    all[j] <- value
    all[-j] <- others / scale
    penalised(all, x, y, w)
  }
  at <- list(par = b[-j] * scale, value = Inf)
  repeat {
    new <- optim(at$par, f, method = "BFGS", control = list(reltol = 1e-16, maxit = 1000, ndeps = rep(1e-5, length(scale))))
    if (new$value > at$value - 1e-13) break
    at <- new
  }
  min(at$value, new$value)
}

rows <- NULL
add <- function(data, formula, frame, level = 0.95) {
  fit <- glm(formula, binomial(), frame, method = "brglmFit", type = "AS_mean", epsilon = 1e-13, maxit = 2000)
  x <- model.matrix(fit)
  y <- fit$y
  w <- fit$prior.weights
  b <- coef(fit)
  best <- penalised(b, x, y, w)
  for (j in seq_along(b)) {
    rise <- function(value) held(value, j, b, x, y, w) - best
    f <- function(value) rise(value) - qchisq(level, 1)
    error <- coef(summary(fit))[j, 2]
    root <- function(end) uniroot(f, sort(c(b[j], end)), tol = 1e-13, maxiter = 1000, extendInt = "no")$root
    rows <<- rbind(rows, data.frame(
      data = data, formula = deparse(formula, width.cutoff = 200), level = level, term = names(b)[j],
      estimate = b[j], std_error = error, statistic = rise(0),
      low = root(b[j] - 8 * error), high = root(b[j] + 8 * error),
      log_lik = as.numeric(logLik(fit)), half_log_determinant = as.numeric(determinant(crossprod(x * sqrt(fit$weights)))$modulus) / 2))
  }
}

add("firth/endometrial.csv", HG ~ NV + PI + EH, endometrial)
add("@birthwt", low ~ age + lwt + smoke, birthwt, 0.9)
level <- read.csv(file.path(folder, "separated", "level.csv"), stringsAsFactors = TRUE)
add("separated/level.csv", y ~ f + x, level)
grouped <- read.csv(file.path(folder, "separated", "grouped.csv"), stringsAsFactors = TRUE)
add("separated/grouped.csv", cbind(s, m) ~ x, grouped)
tie <- read.csv(file.path(folder, "separated", "tie.csv"))
add("separated/tie.csv", y ~ x - 1, tie)

number <- sapply(rows, is.numeric)
rows[number] <- lapply(rows[number], function(v) format(v, digits = 17, trim = TRUE))
write.csv(rows, file.path(folder, "firth.csv"), row.names = FALSE, quote = which(names(rows) == "formula"))
