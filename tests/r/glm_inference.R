# SPDX-License-Identifier: GPL-3.0-or-later
# Reference numbers for terms of predictions, pseudo-R², dffits, robust covariances and deviances of
# generalised linear models, by R 4.2.2, MASS and sandwich. Run in tests/data/inference.
library(MASS)
library(sandwich)

# glm() restarted at its own estimates until they stand still: its errors are those of the last but
# one iteration otherwise.
exact <- function(...) {
  arguments <- c(list(...), list(control = glm.control(epsilon = 1e-15, maxit = 100)))
  fit <- suppressWarnings(do.call(glm, arguments))
  for (i in 1:3)
    fit <- suppressWarnings(do.call(glm, c(arguments, list(start = coef(fit)))))
  fit
}
digits <- function(x) formatC(x, digits = 17, format = "g", width = 1)

# ---- terms of the first 12 rows: model, row (from 1; 0 is the constant), term, fit, se ----
terms_of <- function(name, fit, data) {
  p <- suppressWarnings(predict(fit, newdata = head(data, 12), type = "terms", se.fit = TRUE))
  rows <- expand.grid(row = seq_len(nrow(p$fit)), term = colnames(p$fit), stringsAsFactors = FALSE)
  rbind(data.frame(model = name, row = 0, term = "constant",
                   fit = digits(attr(p$fit, "constant")), se = "0"),
        data.frame(model = name, row = rows$row, term = rows$term,
                   fit = digits(as.vector(p$fit)), se = digits(as.vector(p$se.fit))))
}
cars <- mtcars
birth <- birthwt
all_terms <- rbind(
  terms_of("linear", lm(mpg ~ wt + factor(cyl) + poly(hp, 2), cars), cars),
  terms_of("weighted", lm(mpg ~ wt * factor(am), cars, weights = qsec), cars),
  terms_of("no_intercept", lm(mpg ~ factor(cyl) + wt - 1, cars), cars),
  terms_of("missing", lm(Ozone ~ Wind + Temp, airquality), airquality),
  terms_of("dropped", lm(mpg ~ wt + I(2 * wt) + hp, cars), cars),
  terms_of("logit", exact(low ~ age + lwt + factor(race) + smoke:ht, binomial, birth), birth),
  terms_of("poisson", exact(breaks ~ wool * tension + offset(log(breaks + 1)), poisson,
                            transform(warpbreaks, tension = factor(as.character(tension)))),
           transform(warpbreaks, tension = factor(as.character(tension)))),
  terms_of("gamma", exact(Volume ~ log(Girth) + Height, Gamma("log"), trees), trees))
write.csv(all_terms, "terms.csv", row.names = FALSE, quote = 3)

# ---- pseudo-R²: model, mcfadden, cox_snell, nagelkerke ----
pseudo <- function(name, fit, null) {
  n <- nobs(fit)
  l <- as.numeric(logLik(fit))
  l0 <- as.numeric(logLik(null))
  cox_snell <- 1 - exp(2 * (l0 - l) / n)
  data.frame(model = name, mcfadden = digits(1 - l / l0), cox_snell = digits(cox_snell),
             nagelkerke = digits(cox_snell / (1 - exp(2 * l0 / n))))
}
both <- function(name, formula, family, data, null = . ~ 1, ...)
  pseudo(name, exact(formula, family, data, ...), exact(update(formula, null), family, data, ...))
cars$w <- cars$carb
trees$w <- rep(1:3, length.out = nrow(trees))
warp <- transform(warpbreaks, w = rep(1:3, length.out = 54))
pseudos <- rbind(
  both("logit", low ~ age + lwt + smoke, binomial, birth),
  both("logit_offset", low ~ lwt + offset(age / 50), binomial, birth, . ~ 1 + offset(age / 50)),
  both("probit", low ~ age + lwt + smoke, binomial("probit"), birth),
  both("grouped", cbind(ncases, ncontrols) ~ alcgp, binomial,
       transform(esoph, alcgp = factor(as.character(alcgp)))),
  both("poisson", breaks ~ wool * tension, poisson, warp),
  both("poisson_weights", breaks ~ wool * tension, poisson, warp, weights = warp$w),
  both("poisson_offset", breaks ~ wool + offset(log(w)), poisson, warp, . ~ 1 + offset(log(w))),
  both("poisson_no_intercept", breaks ~ wool - 1, poisson, warp, . ~ 0),
  both("gamma", Volume ~ log(Girth), Gamma("log"), trees),
  both("gamma_weights", Volume ~ log(Girth), Gamma("log"), trees, weights = trees$w),
  both("inverse_gaussian", Volume ~ log(Girth), inverse.gaussian("log"), trees),
  both("inverse_gaussian_weights", Volume ~ log(Girth), inverse.gaussian("log"), trees,
       weights = trees$w),
  both("gaussian", mpg ~ wt, gaussian, cars),
  both("gaussian_weights", mpg ~ wt, gaussian, cars, weights = cars$w))
write.csv(pseudos, "pseudo.csv", row.names = FALSE, quote = FALSE)

# ---- diagnostics and robust errors beyond the oracles ----
dffits_of <- function(name, fit)
  data.frame(model = name, row = seq_along(fitted(fit)), dffits = digits(dffits(fit)))
write.csv(rbind(
  dffits_of("logit", exact(low ~ age + lwt + smoke, binomial, birth)),
  dffits_of("gamma", exact(Volume ~ Girth + Height, Gamma, trees)),
  dffits_of("quasipoisson", exact(breaks ~ wool * tension, quasipoisson, warp))),
  "dffits.csv", row.names = FALSE, quote = FALSE)
weighted <- exact(Volume ~ log(Girth), Gamma("log"), trees, weights = trees$w)
write.csv(do.call(rbind, lapply(c("HC0", "HC1", "HC2", "HC3"), function(type)
  data.frame(type = type, term = names(coef(weighted)),
             se = digits(sqrt(diag(vcovHC(weighted, type)))),
             p_value = digits(2 * pt(-abs(coef(weighted) / sqrt(diag(vcovHC(weighted, type)))),
                                     weighted$df.residual))))),
  "robust.csv", row.names = FALSE, quote = FALSE)

# ---- deviances: means that no fit made, family, y, mean, weight; and their sums ----
set.seed(11)
made <- function(family, object, y, mean) {
  w <- rep(c(1, 2, 0.5), length.out = length(y))
  total <- sum(object$dev.resids(y, mean, w))
  null <- sum(object$dev.resids(y, rep(sum(w * y) / sum(w), length(y)), w))
  list(rows = data.frame(family = family, y = digits(y), mean = digits(mean), weight = w),
       sums = data.frame(family = family, nobs = sum(w), deviance = digits(total),
                         mean_deviance = digits(total / sum(w)), null_deviance = digits(null),
                         d_squared = digits(1 - total / null)))
}
n <- 12
m <- exp(rnorm(n))
sets <- list(
  made("gaussian", gaussian(), round(rnorm(n), 3), round(rnorm(n), 3)),
  made("poisson", poisson(), c(0, rpois(n - 1, m[-1])), round(m, 3)),
  made("quasipoisson", quasipoisson(), c(0, round(m[-1], 1)), round(m * 1.3, 3)),
  made("binomial", binomial(), c(0, 1, round(runif(n - 2), 2)), round(runif(n), 3)),
  made("gamma", Gamma(), round(rgamma(n, 2, 1 / m) + 0.01, 3), round(m, 3)),
  made("inverse_gaussian", inverse.gaussian(), round(rgamma(n, 2, 1 / m) + 0.01, 3), round(m, 3)))
write.csv(do.call(rbind, lapply(sets, `[[`, "rows")), "deviance_rows.csv", row.names = FALSE,
          quote = FALSE)
write.csv(do.call(rbind, lapply(sets, `[[`, "sums")), "deviance.csv", row.names = FALSE,
          quote = FALSE)
