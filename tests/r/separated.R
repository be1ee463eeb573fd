# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/separated: responses that the columns separate, and the limits of their
# likelihoods. These are fits by glm() of the rows that no separating direction moves, without the
# columns that are collinear there; each is restarted at its own estimates until it stands still, so
# that its standard errors are those of the final weights.
options(digits = 17, warn = 1)
folder <- commandArgs(TRUE)[1]
set.seed(20)

still <- function(formula, data, link, weights) {
  data$w_ <- weights
  fit <- glm(formula, binomial(link), data, weights = w_, control = list(epsilon = 1e-16, maxit = 100))
  for (i in 1:20)
    fit <- suppressWarnings(glm(formula, binomial(link), data, weights = w_, start = coef(fit),
                                control = list(epsilon = 1e-16, maxit = 100)))
  fit
}

expected <- NULL
add <- function(case, link, formula, rest, fit, infinite) {
  s <- coef(summary(fit))
  kept <- setdiff(rownames(s), names(infinite))
  rows <- data.frame(case = case, link = link, formula = formula, term = c(kept, names(infinite)),
                     estimate = c(s[kept, 1], unlist(infinite)),
                     std_error = c(s[kept, 2], rep(NA, length(infinite))),
                     deviance = deviance(fit), log_lik = as.numeric(logLik(fit)))
  expected <<- rbind(expected, rows)
}
write <- function(data, case)
  write.csv(format(data, digits = if (case == "expected") 17 else 15, trim = TRUE),
            file.path(folder, paste0(case, ".csv")),
            row.names = FALSE, quote = which(names(data) == "formula"))

# A level of a factor with one outcome only.
d <- data.frame(y = rbinom(40, 1, 0.5), f = rep(c("a", "b", "c", "d"), 10), x = round(rnorm(40), 3))
d$y[d$f == "c"] <- 0
write(d, "level")
for (link in c("logit", "probit", "cloglog", "cauchit")) {
  rest <- subset(d, f != "c")
  add("level", link, "y ~ f + x", rest, still(y ~ f + x, rest, link, 1), list(fc = -Inf))
}

# Separated by x but for rows at x = 3: there x is constant and z is estimated.
d <- data.frame(x = c(1, 2, 2.5, rep(3, 14), 4, 4.5, 6), z = round(rnorm(20), 3))
d$y <- c(0, 0, 0, rbinom(14, 1, 0.5), 1, 1, 1)
write(d, "tie")
rest <- subset(d, x == 3)
for (link in c("logit", "probit"))
  add("tie", link, "y ~ x + z", rest, still(y ~ z, rest, link, 1), list("(Intercept)" = -Inf, x = Inf))

# The same without an intercept, and with a column that others determine.
d <- data.frame(a = c(0, 0, 0, 0, 0, 0, 0, 1, 2, 1), b = c(1, 2, -1, 3, -2, 1, -3, 4, -1, 2))
d$y <- c(1, 1, 0, 0, 1, 1, 0, 1, 1, 1)
d$c <- d$a - 2 * d$b
write(d, "none")
rest <- subset(d, a == 0)
add("none", "logit", "y ~ a + b + c - 1", rest, still(y ~ b - 1, rest, "logit", 1), list(a = Inf))

# Grouped: two rows of mixed outcomes remain for two parameters.
d <- data.frame(s = c(0, 3, 5, 7, 4), n = c(6, 7, 9, 7, 4), g = c("p", "q", "q", "r", "r"),
                x = c(1, 2, 5, 3, 4))
d$m <- d$n - d$s
write(d, "grouped")
rest <- subset(d, g == "q")
fit <- still(cbind(s, m) ~ x, rest, "logit", 1)
s <- coef(summary(fit))
expected <- rbind(expected, data.frame(
  case = "grouped", link = "logit", formula = "cbind(s, m) ~ g + x", term = c("x", "(Intercept)", "gq", "gr"),
  estimate = c(s["x", 1], -Inf, Inf, Inf), std_error = c(s["x", 2], NA, NA, NA),
  deviance = deviance(fit), log_lik = as.numeric(logLik(fit))))

expected$infinite <- ifelse(is.finite(expected$estimate), 0, sign(expected$estimate))
expected$estimate[expected$infinite != 0] <- NA
expected$deviance[abs(expected$deviance) < 1e-12] <- 0
write(expected, "expected")
