# SPDX-License-Identifier: GPL-3.0-or-later
# ols.R: median seconds (of 5; microseconds for the small problem) of R's least squares on problems shaped like bench_ols's.
median_of <- function(expression, times = 5L) {
  call <- substitute(expression)
  frame <- parent.frame()
  median(replicate(times, system.time(eval(call, frame))[["elapsed"]]))
}
problem <- function(n, p) {
  x <- matrix(runif(n * p, -1, 1), n, p)
  list(x = x, y = 2 + drop(x %*% (1 / seq_len(p))) + runif(n, -1, 1))
}
set.seed(1)
for (shape in list(c(1e6, 50), c(2000, 500))) {
  d <- problem(shape[1], shape[2])
  data <- data.frame(y = d$y, d$x)
  with_ones <- cbind(1, d$x)
  cat(sprintf("n = %d, p = %d: .lm.fit %.4f s, summary(lm()) %.4f s\n", as.integer(shape[1]), as.integer(shape[2]),
              median_of(.lm.fit(with_ones, d$y)), median_of(summary(lm(y ~ ., data)), 3L)))
}
d <- problem(100, 3)
with_ones <- cbind(1, d$x)
loops <- 20000L
cat(sprintf("n = 100, p = 3 and intercept: .lm.fit %.2f µs (no standard errors)\n",
            1e6 / loops * median_of(for (i in seq_len(loops)) .lm.fit(with_ones, d$y))))
