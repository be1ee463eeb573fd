# Nonlinear least squares of a network with one hidden unit: its standard errors, those of its
# predictions, and average marginal effects by the delta method. Written to
# tests/data/network_nls.csv as quantity, index, value.
# Rscript tests/r/network_nls.R > tests/data/network_nls.csv
data <- transform(mtcars, hp = hp / 100)
fit <- nls(mpg ~ a + b * tanh(c + d * wt + e * hp), data,
           start = list(a = 30, b = -20, c = -0.5, d = 0.2, e = 0.3),
           control = nls.control(maxiter = 500, tol = 1e-6))
unit <- function(t) tanh(t["c"] + t["d"] * data$wt + t["e"] * data$hp)
gradient <- function(t) {
  h <- unit(t)
  s <- 1 - h^2
  cbind(1, h, t["b"] * s, t["b"] * s * data$wt, t["b"] * s * data$hp)
}
residual <- function(t) data$mpg - t["a"] - t["b"] * unit(t)
# nls ends some digits early: Gauss-Newton steps to the last ones.
theta <- coef(fit)
for (step in 1:200) theta <- theta + qr.coef(qr(gradient(theta)), residual(theta))
jacobian <- gradient(theta)
v <- solve(crossprod(jacobian)) * sum(residual(theta)^2) / (nrow(data) - length(theta))
stopifnot(all.equal(sqrt(diag(v)), sqrt(diag(vcov(fit))), tolerance = 1e-3, check.attributes = FALSE))
h <- unit(theta)
s <- 1 - h^2
# Of the mean over rows of b * d * (1 - h^2), and the same with e.
effect <- function(name) theta["b"] * theta[name] * mean(s)
slope <- function(name) {
  z <- cbind(1, data$wt, data$hp)
  inner <- colMeans(-2 * h * s * z) * theta["b"] * theta[name]
  direct <- c(d = 4, e = 5)[name]
  g <- c(0, theta[name] * mean(s), inner)
  g[direct] <- g[direct] + theta["b"] * mean(s)
  g
}
out <- function(quantity, values)
  cat(sprintf("%s,%d,%.15g\n", quantity, seq_along(values) - 1L, values), sep = "")
cat("quantity,index,value\n")
out("deviance", sum(residual(theta)^2))
out("estimate", abs(theta))
out("std_error", sqrt(diag(v)))
out("fitted", data$mpg - residual(theta))
out("fitted_error", sqrt(rowSums((jacobian %*% v) * jacobian)))
out("effect", c(effect("d"), effect("e")))
out("effect_error", sapply(c("d", "e"), function(n) sqrt(drop(slope(n) %*% v %*% slope(n)))))
