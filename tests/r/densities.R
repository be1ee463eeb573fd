# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/densities.csv: log densities by R's own functions and, for the inverse Gaussian, those of the package statmod.
# Usage: Rscript densities.R > densities.csv
suppressMessages(library(statmod))

rows <- function(family, y, mean, shape, weight, dispersion, value)
  cat(sprintf("%s,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g\n", family, y, mean, shape, weight, dispersion, value), sep = "")

cat("family,y,mean,shape,weight,dispersion,log_density\n")
g <- expand.grid(y = c(-3, 0, 2.5), m = c(-1, 0.5, 4), w = c(1, 0.25, 1e6), d = c(1e-4, 1, 7))
rows("gaussian", g$y, g$m, 0, g$w, g$d, dnorm(g$y, g$m, sqrt(g$d / g$w), log = TRUE))
g <- expand.grid(n = c(1, 2, 10, 1000, 1e6), share = c(0, 0.1, 0.5, 1), m = c(1e-300, 1e-10, 0.1, 0.5, 0.9))
g$k <- round(g$n * g$share)
rows("binomial", g$k / g$n, g$m, 0, g$n, 1, dbinom(g$k, g$n, g$m, log = TRUE))
g <- expand.grid(y = c(0, 1, 3, 14, 15, 100, 1e9), m = c(1e-300, 1e-3, 1, 20, 1e5, 1.00001e9))
rows("poisson", g$y, g$m, 0, 1, 1, dpois(g$y, g$m, log = TRUE))
g <- expand.grid(y = c(1e-10, 0.3, 2, 500), m = c(1e-5, 0.5, 2, 1e6), d = c(1e-3, 0.2, 1, 5))
rows("gamma", g$y, g$m, 0, 1, g$d, dgamma(g$y, shape = 1 / g$d, scale = g$m * g$d, log = TRUE))
rows("inverse_gaussian", g$y, g$m, 0, 1, g$d, dinvgauss(g$y, mean = g$m, dispersion = g$d, log = TRUE))
g <- expand.grid(y = c(0, 1, 3, 100, 1e6), m = c(1e-3, 1, 20, 1e5), t = c(1e-2, 0.7, 14, 1e3))
rows("negative_binomial", g$y, g$m, g$t, 1, 1, dnbinom(g$y, size = g$t, mu = g$m, log = TRUE))
