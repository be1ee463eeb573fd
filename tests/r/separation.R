# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/separation.csv: random problems with a binary response, and what linear programs
# of the definition say of them, by package lpSolve (Debian r-cran-lpsolve; not GLPK).
# Run in the top folder:  LC_ALL=C Rscript tests/r/separation.R
# A line per row of data: problem, p inputs (x1..x4, the others 0), intercept (0 or 1), y, trials; then, the same in all rows
# of a problem: separated, complete, and the signs of the least and the largest d_j (0 is the intercept's) over all
# directions of recession within -1 <= d <= 1: 0 and 0 is a finite estimate.
library(lpSolve)

# max or min of f'd over |d| <= 1 with rows(a) d >= 0, rows(e) d = 0; d = u - v with 0 <= u, v <= 1. extra: one more variable t >= 0 in
# a d - t >= 0.
program <- function(direction, f, a, e, extra = FALSE) {
  q <- length(f)
  box <- diag(2 * q)
  wide <- function(m) if (nrow(m)) cbind(m, -m) else matrix(0, 0, 2 * q)
  left <- rbind(wide(a), wide(e), box)
  goal <- c(f, -f)
  if (extra) {
    left <- cbind(left, c(rep(-1, nrow(a)), rep(0, nrow(left) - nrow(a))))
    goal <- c(0 * goal, 1)
  }
  result <- lp(direction, goal, left, c(rep(">=", nrow(a)), rep("=", nrow(e)), rep("<=", 2 * q)),
               c(rep(0, nrow(a) + nrow(e)), rep(1, 2 * q)))
  stopifnot(result$status == 0)
  result$objval
}

answer <- function(x, y) {
  one <- y == 0 | y == 1
  a <- x[one, , drop = FALSE] * ifelse(y[one] == 1, 1, -1)
  e <- x[!one, , drop = FALSE]
  q <- ncol(x)
  tolerance <- 1e-6
  separated <- program("max", colSums(a), a, e) > tolerance
  complete <- nrow(e) == 0 && program("max", rep(0, q), a, e, TRUE) > tolerance
  range <- sapply(seq_len(q), function(j) {
    f <- as.numeric(seq_len(q) == j)
    round(c(program("min", f, a, e), program("max", f, a, e)), 6)
  })
  list(separated = separated, complete = complete, low = sign(range[1, ]), high = sign(range[2, ]))
}

make <- function(number) {
  p <- 1 + number %% 4
  intercept <- number %% 5 != 0
  repeat {
    n <- sample(6:24, 1)
    x <- matrix(sample(-3:3, n * p, TRUE), n)
    if (number %% 3 == 0) x[, p] <- round(rnorm(n), 3)
    if (number %% 7 == 0) x[, 1] <- as.numeric(x[, 1] > 1)
    truth <- rnorm(p)
    y <- as.numeric(x %*% truth + rnorm(1) / 2 + rnorm(n) * (number %% 2) / 2 > 0)
    if (number %% 4 == 0) y[x[, 1] == 0] <- rep_len(0:1, sum(x[, 1] == 0))
    trials <- rep(1, n)
    if (number %% 6 == 0) { y[1] <- 0.5; trials[1] <- 2 }
    full <- if (intercept) cbind(1, x) else x
    if (qr(full)$rank == ncol(full)) break
  }
  result <- answer(full, y)
  pad <- function(v) { v <- if (intercept) v else c(0, v); c(v, rep(0, 5 - length(v))) }
  x <- cbind(x, matrix(0, n, 4 - p))
  colnames(x) <- paste0("x", 1:4)
  signs <- as.data.frame(t(c(setNames(pad(result$low), paste0("low", 0:4)), setNames(pad(result$high), paste0("high", 0:4)))))
  data.frame(problem = number, p = p, intercept = as.numeric(intercept), y = y, trials = trials, x,
             separated = as.numeric(result$separated), complete = as.numeric(result$complete), signs)
}

set.seed(2026)
table <- do.call(rbind, lapply(1:120, make))
write.csv(table, "tests/data/separation.csv", row.names = FALSE, quote = FALSE)
print(with(table[!duplicated(table$problem), ], table(separated, complete)))
