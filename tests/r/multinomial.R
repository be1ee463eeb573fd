# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/multinomial/*.csv: multinomial models of R's nnet (7.3-18), whose optimiser stops at 4 to 7 digits and is
# therefore continued here by Newton's method with the Hessian written out; nnet's Hessian must agree.
# Run in the top folder: LC_ALL=C Rscript tests/r/multinomial.R
suppressMessages(library(nnet))
folder <- "tests/data/multinomial/"
number <- function(x) sprintf("%.17g", as.numeric(x))

probabilities <- function(b, x) {
  e <- exp(cbind(0, x %*% t(b)))
  e / rowSums(e)
}

# b: (K-1) x q. Minimises sum(w l) / sum(w) + l2/2 |b|^2 without the intercept, the first column.
polish <- function(b, x, y, w, l2) {
  k <- nrow(b); q <- ncol(b); n <- sum(w)
  indicator <- outer(y, 2:(k + 1), "==") * 1
  ridge <- rep(c(0, rep(l2, q - 1)), k) * n
  for (i in 1:40) {
    p <- probabilities(b, x)[, -1, drop = FALSE]
    gradient <- as.vector(t(x) %*% (w * (p - indicator))) + ridge * as.vector(t(b))
    h <- diag(ridge, k * q)
    for (r in 1:k) for (s in 1:k) {
      c <- w * p[, r] * ((r == s) - p[, s])
      h[(r - 1) * q + 1:q, (s - 1) * q + 1:q] <- h[(r - 1) * q + 1:q, (s - 1) * q + 1:q] + t(x) %*% (c * x)
    }
    b <- b - matrix(solve(h, gradient), k, q, byrow = TRUE)
  }
  list(b = b, vcov = solve(h))
}

# Of each row's probabilities, by the delta method.
errors <- function(b, vcov, x) {
  k <- nrow(b); q <- ncol(b)
  p <- probabilities(b, x)
  t(sapply(seq_len(nrow(x)), function(i) {
    eta <- matrix(0, k, k * q)
    for (r in 1:k) eta[r, (r - 1) * q + 1:q] <- x[i, ]
    slope <- -outer(p[i, ], p[i, -1]); slope[-1, ] <- slope[-1, , drop = FALSE] + diag(p[i, -1], k)
    sqrt(diag(slope %*% eta %*% vcov %*% t(eta) %*% t(slope)))
  }))
}

write_model <- function(name, formula, data, w, l2 = 0) {
  data$w <- w
  fit <- eval(bquote(multinom(.(formula), data = data, weights = w, Hess = TRUE, trace = FALSE, maxit = 2000, reltol = 1e-14)))
  x <- model.matrix(formula, data); y <- as.integer(model.response(model.frame(formula, data)))
  b <- matrix(coef(fit), ncol = ncol(x))
  if (l2 > 0) b[] <- 0
  exact <- polish(b, x, y, w, l2)
  if (l2 == 0) stopifnot(max(abs(exact$b - b)) < 1e-3, max(abs(exact$vcov / solve(fit$Hessian) - 1)) < 1e-2)
  p <- probabilities(exact$b, x)
  deviance <- -2 * sum(w * log(p[cbind(seq_along(y), y)]))
  k <- nrow(exact$b); q <- ncol(x)
  levels <- levels(factor(model.response(model.frame(formula, data))))
  se <- matrix(sqrt(diag(exact$vcov)), k, q, byrow = TRUE)
  lines <- c("quantity,response,term,value")
  for (r in 1:k) for (j in 1:q) {
    lines <- c(lines, paste("coef", levels[r + 1], colnames(x)[j], number(exact$b[r, j]), sep = ","))
    if (l2 == 0) lines <- c(lines, paste("se", levels[r + 1], colnames(x)[j], number(se[r, j]), sep = ","))
  }
  if (l2 == 0) for (i in seq_len(k * q)) for (j in seq_len(i))
    lines <- c(lines, paste("vcov", i - 1, j - 1, number(exact$vcov[i, j]), sep = ","))
  share <- tapply(w, y, sum) / sum(w)
  lines <- c(lines, paste("deviance,,,", number(deviance), sep = ""),
             paste("null_deviance,,,", number(-2 * sum(w * log(share[y]))), sep = ""))
  lines <- c(lines, paste("brier,,,", number(sum(w * rowSums((p - outer(y, 1:(k + 1), "=="))^2)) / sum(w)), sep = ""))
  some <- c(1, 50, 100)
  if (l2 == 0) e <- errors(exact$b, exact$vcov, x[some, ])
  for (i in seq_along(some)) for (class in seq_along(levels)) {
    lines <- c(lines, paste("probability", some[i], levels[class], number(p[some[i], class]), sep = ","))
    if (l2 == 0) lines <- c(lines, paste("probability_se", some[i], levels[class], number(e[i, class]), sep = ","))
  }
  writeLines(lines, paste0(folder, name, ".csv"))
}

births <- read.csv("data/birthwt.csv")
ones <- rep(1, nrow(births))
write_model("births", factor(race) ~ age + lwt + smoke, births, ones)
write_model("births_weighted", factor(race) ~ age + lwt + smoke, births, births$ftv + 0.5)
iris <- read.csv("data/iris.csv", stringsAsFactors = TRUE)
write_model("iris_penalised", Species ~ ., iris, rep(1, nrow(iris)), l2 = 0.1)
