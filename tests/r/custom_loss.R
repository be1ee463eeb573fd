# SPDX-License-Identifier: GPL-3.0-or-later
# Reference numbers for losses of a user's own: minima of two losses of linear predictors, found by
# Newton's method with derivatives by hand, to the last digits.
# Rscript tests/r/custom_loss.R > tests/data/custom_loss.csv
data <- mtcars
x <- cbind(1, data$wt, data$hp)
y <- data$mpg

newton <- function(theta, derivatives) {
  for (i in 1:200) {
    d <- derivatives(theta)
    step <- solve(d$hessian, d$gradient)
    theta <- theta - step * min(1, 1 / max(abs(step)))
    if (max(abs(step) / (1e-300 + abs(theta))) < 1e-15) break
  }
  theta
}

# log cosh of the residual
logcosh <- newton(unname(coef(lm(mpg ~ wt + hp, data))), function(b) {
  r <- as.vector(x %*% b) - y
  list(gradient = crossprod(x, tanh(r)), hessian = crossprod(x, x / cosh(r)^2))
})

# A normal distribution whose mean a and log standard deviation s are both linear:
# s + (y - a)^2 exp(-2 s) / 2
start <- c(coef(lm(mpg ~ wt + hp, data)), log(sigma(lm(mpg ~ wt + hp, data))), 0, 0)
spread <- newton(unname(start), function(b) {
  r <- as.vector(x %*% b[1:3]) - y
  v <- exp(-2 * as.vector(x %*% b[4:6]))
  list(
    gradient = c(crossprod(x, r * v), crossprod(x, 1 - r^2 * v)),
    hessian = rbind(
      cbind(crossprod(x, x * v), -2 * crossprod(x, x * r * v)),
      cbind(-2 * crossprod(x, x * r * v), 2 * crossprod(x, x * r^2 * v))
    )
  )
})

show <- function(quantity, values)
  cat(sprintf("%s,%d,%.17g\n", quantity, seq_along(values), values), sep = "")
cat("quantity,index,value\n")
show("logcosh", logcosh)
show("logcosh_loss", mean(log(cosh(as.vector(x %*% logcosh) - y))))
show("spread", spread)
