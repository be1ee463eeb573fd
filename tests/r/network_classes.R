# Standard errors by the delta method of networks of classes, with two hidden tanh units at given
# parameters; all derivatives by extrapolated differences, the Fisher matrix from those of the
# probabilities. Written to tests/data/network_classes.csv as model, quantity, index, value.
# Rscript tests/r/network_classes.R > tests/data/network_classes.csv
x <- cbind(mtcars$wt, mtcars$hp / 100)
# hidden1.weight and output.weight by rows, biases after them.
binomial <- c(0.9, -0.5, -0.4, 0.8, -1.5, 0.3, -2.1, 1.2, 0.4)
multinomial <- c(0.6, -0.7, 0.5, 0.9, -1, -2.2, 1.3, -0.8, 0.9, 2.1, 0.2, 0.5)
# Probabilities, rows by classes; k linear predictors.
probabilities <- function(theta, x) {
  k <- (length(theta) - 6) / 3
  hidden <- tanh(x %*% matrix(theta[1:4], 2) + rep(theta[5:6], each = nrow(x)))
  eta <- hidden %*% matrix(theta[7:(6 + 2 * k)], 2) + rep(tail(theta, k), each = nrow(x))
  e <- exp(cbind(0, eta))
  e / rowSums(e)
}
# The derivative of f at t along one coordinate, error of order h^8.
along <- function(f, t, j, h = 0.02) {
  central <- function(h) {
    up <- down <- t
    up[j] <- up[j] + h
    down[j] <- down[j] - h
    (f(up) - f(down)) / (2 * h)
  }
  d <- lapply(h / c(1, 2, 4, 8), central)
  for (order in 1:3)
    d <- lapply(seq_len(length(d) - 1), function(i) d[[i + 1]] + (d[[i + 1]] - d[[i]]) / (4^order - 1))
  d[[1]]
}
effects <- function(theta) {
  by <- lapply(1:2, function(j) colMeans(along(function(shift) {
    probabilities(theta, x + rep(shift, each = nrow(x)))
  }, c(0, 0), j)))
  c(rbind(by[[1]], by[[2]])) # by class, then by column
}
out <- function(model, quantity, values)
  cat(sprintf("%s,%s,%d,%.15g\n", model, quantity, seq_along(values) - 1L, values), sep = "")
report <- function(model, theta) {
  n <- length(theta)
  p <- probabilities(theta, x)
  by <- lapply(1:n, function(j) along(function(t) probabilities(t, x), theta, j))
  fisher <- matrix(0, n, n)
  for (i in 1:n)
    for (j in 1:n) fisher[i, j] <- sum(by[[i]] * by[[j]] / p)
  v <- solve(fisher)
  error <- sqrt(Reduce(`+`, lapply(1:n, function(i) {
    Reduce(`+`, lapply(1:n, function(j) by[[i]] * by[[j]] * v[i, j]))
  })))
  slopes <- sapply(1:n, function(j) along(effects, theta, j))
  out(model, "theta", theta)
  out(model, "std_error", sqrt(diag(v)))
  out(model, "fitted", t(p))
  out(model, "fitted_error", t(error))
  out(model, "effect", effects(theta))
  out(model, "effect_error", sqrt(rowSums((slopes %*% v) * slopes)))
  # The interval of the last class of the first row: logit, carried back.
  last <- ncol(p)
  half <- qnorm(0.975) * error[1, last] / (p[1, last] * (1 - p[1, last]))
  out(model, "interval", plogis(qlogis(p[1, last]) + c(-half, half)))
}
cat("model,quantity,index,value\n")
report("binomial", binomial)
report("multinomial", multinomial)
