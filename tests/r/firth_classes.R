# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/firth_classes.csv: Firth's estimates of multinomial models, their standard errors
# and log-likelihoods by the package brglm2 (mean bias reduction, which for this link is Jeffreys'
# prior: Kosmidis and Firth 2011), and the penalised log-likelihood, log L + log|I| / 2.
# Run as: Rscript firth_classes.R tests/data data
suppressMessages({library(brglm2); library(nnet)})
options(digits = 17, warn = -1)
folder <- commandArgs(TRUE)[1]
bundled <- commandArgs(TRUE)[2]

rows <- NULL
add <- function(data, formula, frame, weights = rep(1, nrow(frame))) {
  frame$w_ <- weights
  fit <- brmultinom(as.formula(formula), frame, weights = w_, ref = 1, type = "AS_mean",
                    epsilon = 1e-11, maxit = 5000)
  b <- coef(fit)
  error <- matrix(sqrt(diag(vcov(fit))), nrow(b), byrow = TRUE)
  log_lik <- as.numeric(logLik(fit))
  for (r in seq_len(nrow(b))) for (j in seq_len(ncol(b)))
    rows <<- rbind(rows, data.frame(
      data = data, formula = formula, response = rownames(b)[r], term = colnames(b)[j],
      estimate = b[r, j], std_error = error[r, j], log_lik = log_lik,
      penalised = log_lik - as.numeric(determinant(vcov(fit))$modulus) / 2))
}
separated <- function(name) {
  frame <- read.csv(file.path(folder, "separated_classes", paste0(name, ".csv")))
  frame$y <- factor(frame$y)
  frame
}
add("separated_classes/level.csv", "y ~ f + x", separated("level"))
add("separated_classes/chain.csv", "y ~ f + x", separated("chain"))
add("separated_classes/tie.csv", "y ~ x + z", separated("tie"))
add("@iris", "Species ~ Petal.Length", iris)
births <- read.csv(file.path(bundled, "birthwt.csv"))
births$race <- factor(births$race)
add("@birthwt", "race ~ age + lwt + smoke", births)
housing <- MASS::housing
housing$Sat <- factor(housing$Sat, ordered = FALSE)
add("@housing", "Sat ~ Infl + Type + Cont", housing, housing$Freq)
write.csv(format(rows, digits = 17, trim = TRUE), file.path(folder, "firth_classes.csv"),
          row.names = FALSE, quote = 2)
