# SPDX-License-Identifier: GPL-3.0-or-later
# logistic.R FILE: seconds of R's glm.fit, and of speedglm where it is installed, on the rows that bench_logistic wrote to FILE.
n <- 500000
p <- 30
file <- file(commandArgs(TRUE)[1], "rb")
y <- readBin(file, "double", n)
x <- cbind(1, matrix(readBin(file, "double", n * p), n, p, byrow = TRUE))
close(file)
seconds <- system.time(fit <- glm.fit(x, y, family = binomial(), control = list(epsilon = 1e-12)))[["elapsed"]]
cat(sprintf("R glm.fit: %.3f s (%d iterations)\n", seconds, fit$iter))
if (requireNamespace("speedglm", quietly = TRUE)) {
  seconds <- system.time(fit <- speedglm::speedglm.wfit(y, x, family = binomial(), acc = 1e-10))[["elapsed"]]
  cat(sprintf("speedglm: %.3f s (%d iterations)\n", seconds, fit$iter))
}
