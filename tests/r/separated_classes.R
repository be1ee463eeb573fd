# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/separated_classes: responses of several classes that the columns separate, and
# the limits of their likelihoods. Which classes a row keeps, and which coefficients are finite, is
# written here by hand for each case; the likelihood of a row's class among those that it keeps is
# then brought to its maximum by Newton's method, some infinite coefficients being held at 0. Where
# such a limit is a logistic regression of some of the rows, glm() must agree.
options(digits = 17, warn = 1)
folder <- commandArgs(TRUE)[1]
set.seed(31)

# y: class numbers from 1; keep: n x K, which classes are possible; held: (K - 1) x q, which
# coefficients stay 0.
limit_of <- function(X, y, keep, held) {
  k <- ncol(keep) - 1
  q <- ncol(X)
  free <- which(!as.vector(t(held)))
  theta <- numeric(k * q)
  look <- function(theta) {
    eta <- cbind(0, X %*% t(matrix(theta, k, q, byrow = TRUE)))
    eta[!keep] <- -Inf
    p <- exp(eta - apply(eta, 1, max))
    p <- p / rowSums(p)
    score <- as.vector(t(X) %*% (outer(y, seq_len(k + 1), "==") - p)[, -1, drop = FALSE])
    info <- matrix(0, k * q, k * q)
    for (r in 1:k) for (s in 1:k) {
      w <- p[, r + 1] * ((r == s) - p[, s + 1])
      info[(r - 1) * q + 1:q, (s - 1) * q + 1:q] <- t(X) %*% (w * X)
    }
    list(log_lik = sum(log(p[cbind(seq_along(y), y)])), score = score, info = info)
  }
  at <- look(theta)
  for (i in 1:200) {
    step <- solve(at$info[free, free], at$score[free])
    scale <- 1
    repeat {
      trial <- theta
      trial[free] <- theta[free] + scale * step
      new <- look(trial)
      if (new$log_lik >= at$log_lik - 1e-10 || scale < 1e-6) break
      scale <- scale / 2
    }
    theta <- trial
    at <- new
    if (max(abs(step)) < 1e-14 * max(abs(theta))) break
  }
  stopifnot(max(abs(at$score[free])) < 1e-10)
  error <- rep(NA, k * q)
  error[free] <- sqrt(diag(solve(at$info[free, free])))
  list(theta = matrix(theta, k, q, byrow = TRUE), error = matrix(error, k, q, byrow = TRUE),
       log_lik = at$log_lik)
}

expected <- NULL
# infinite: (K - 1) x q, NA where finite, else the direction; `any` where there are several.
any <- 9
add <- function(case, formula, X, y, levels, keep, infinite, held = !is.na(infinite)) {
  fit <- limit_of(X, y, keep, held)
  finite <- is.na(infinite)
  rows <- NULL
  for (r in seq_len(nrow(infinite))) for (j in seq_len(ncol(infinite)))
    rows <- rbind(rows, data.frame(
      case = case, formula = formula, response = levels[r + 1], term = colnames(X)[j],
      infinite = if (finite[r, j]) 0 else infinite[r, j],
      estimate = if (finite[r, j]) fit$theta[r, j] else NA,
      std_error = if (finite[r, j]) fit$error[r, j] else NA, log_lik = fit$log_lik))
  expected <<- rbind(expected, rows)
  invisible(fit)
}
same <- function(fit, log_lik, tolerance = 1e-10)
  stopifnot(abs(fit$log_lik - log_lik) < tolerance)
write <- function(data, case)
  write.csv(format(data, digits = if (case == "expected") 17 else 15, trim = TRUE),
            file.path(folder, paste0(case, ".csv")), row.names = FALSE,
            quote = which(names(data) %in% c("formula", "y")))
binary <- function(formula, data)
  as.numeric(logLik(glm(formula, binomial, data, control = list(epsilon = 1e-15, maxit = 100))))

# A level of a factor that one class never has: there the other two remain.
d <- data.frame(y = sample(c("a", "b", "c"), 60, TRUE), f = rep(c("p", "q", "r", "s"), 15),
                x = round(rnorm(60), 3))
d$y[d$f == "q" & d$y == "c"] <- "a"
write(d, "level")
X <- model.matrix(~ f + x, d)
keep <- matrix(TRUE, 60, 3)
keep[d$f == "q", 3] <- FALSE
infinite <- matrix(NA, 2, 5)
infinite[2, 2] <- -1
add("level", "y ~ f + x", X, as.integer(factor(d$y)), c("a", "b", "c"), keep, infinite)

# x parts the classes but for rows at x = 3, where z is estimated.
d <- data.frame(x = c(1, 2, 2.5, rep(3, 24), 4, 4.5, 6), z = round(rnorm(30), 3))
d$y <- c("a", "a", "a", sample(c("a", "b", "c"), 24, TRUE), "c", "c", "c")
write(d, "tie")
y <- as.integer(factor(d$y))
keep <- outer(y, 1:3, "==") | d$x == 3
infinite <- rbind(c(-1, 1, NA), c(-1, 1, NA))
held <- rbind(c(FALSE, TRUE, FALSE), c(FALSE, TRUE, FALSE))
add("tie", "y ~ x + z", model.matrix(~ x + z, d), y, c("a", "b", "c"), keep, infinite, held)

# The middle one of three irises is the reference: setosa is apart, virginica against versicolor is
# a logistic regression.
d <- data.frame(y = c(versicolor = "a", setosa = "b", virginica = "c")[as.character(iris$Species)],
                length = iris$Petal.Length, width = iris$Sepal.Width)
write(d, "iris")
y <- as.integer(factor(d$y))
keep <- cbind(y != 2, y == 2, y != 2)
infinite <- rbind(c(any, -1, any), NA)
fit <- add("iris", "y ~ length + width", model.matrix(~ length + width, d), y, c("a", "b", "c"),
           keep, infinite)
same(fit, binary(I(y == "c") ~ length + width, subset(d, y != "b")))

# b is apart by x; of the others c never has the level s: what is left is a logistic regression of
# the rows of a and c without that level.
d <- data.frame(f = rep(c("p", "q", "s"), 20), x = c(round(rnorm(40), 3), round(rnorm(20, 20), 3)))
d$y <- c(sample(c("a", "c"), 40, TRUE), rep("b", 20))
d$y[d$f == "s" & d$y == "c"] <- "a"
write(d, "chain")
y <- as.integer(factor(d$y))
keep <- cbind(y != 2, y == 2, y != 2 & d$f != "s")
infinite <- rbind(c(any, any, any, 1), c(NA, NA, -1, NA))
fit <- add("chain", "y ~ f + x", model.matrix(~ f + x, d), y, c("a", "b", "c"), keep, infinite)
same(fit, binary(I(y == "c") ~ f + x, subset(d, y != "b" & f != "s")))

# Four classes without an intercept; a column that others determine is dropped. b is impossible
# where u > 0.
d <- data.frame(u = round(pmax(rnorm(80), 0), 3), v = round(rnorm(80), 3))
d$y <- sample(c("a", "b", "c", "d"), 80, TRUE)
d$y[d$u > 0 & d$y == "b"] <- "d"
d$w <- d$u - 2 * d$v
write(d, "four")
y <- as.integer(factor(d$y))
keep <- matrix(TRUE, 80, 4)
keep[d$u > 0, 2] <- FALSE
infinite <- matrix(NA, 3, 2)
infinite[1, 1] <- -1
add("four", "y ~ u + v + w - 1", model.matrix(~ u + v - 1, d), y, c("a", "b", "c", "d"), keep,
    infinite)

write(expected, "expected")
