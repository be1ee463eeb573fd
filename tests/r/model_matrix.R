# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/model_matrix/*.txt: what R's model.matrix makes of formulas on the bundled data sets.
# Run in the top folder:  LC_ALL=C Rscript tests/r/model_matrix.R
# A file has: the data set, the formula, "rows kept columns intercept", one line per column (its name), then for each
# column its values in the first rows and in the last, its sum and its sum of squares; then the same for the
# response and for the offset (if any). Numbers have 17 digits.
options(contrasts = c("contr.treatment", "contr.poly"), digits = 17)

cases <- list(
  mtcars = c(
    "mpg ~ wt", "mpg ~ wt + factor(cyl)", "mpg ~ wt * factor(cyl)", "mpg ~ 0 + factor(cyl)",
    "mpg ~ factor(cyl) - 1 + wt", "mpg ~ wt + 0", "mpg ~ poly(wt, 2)", "mpg ~ poly(hp, 4) + wt",
    "mpg ~ poly(wt, 2, raw = TRUE)", "mpg ~ poly(disp, 5, raw = TRUE)", "mpg ~ poly(wt, degree = 3)",
    "mpg ~ poly(wt, 1)", "mpg ~ poly(wt, 2) * factor(cyl)", "mpg ~ factor(cyl):poly(log(hp), 2)",
    "mpg ~ scale(hp) + scale(log(wt))", "mpg ~ scale(hp, scale = FALSE) + scale(wt, center = FALSE)",
    "mpg ~ I(wt^2) + I(wt * hp) + I((wt - 3)^3)", "mpg ~ I(-wt^2) + I(wt/hp - 1e-05)",
    "mpg ~ I(1e5 * wt) + I(hp/123456.75)", "mpg ~ I(wt^-1) + I(hp^0.5) + I(2^wt)",
    "log(mpg) ~ log(wt + 1) + sqrt(hp) + exp(wt)", "log(mpg) ~ log10(hp) + log2(hp) + log1p(hp) + expm1(wt) + log(hp, 3)",
    "mpg ~ sin(hp) + cos(hp) + abs(wt - 3)", "sqrt(mpg) + wt ~ hp", "-mpg ~ hp", "cbind(mpg, wt) ~ hp + factor(gear)",
    "cbind(mpg, disp, hp) ~ wt:disp + disp", "mpg ~ offset(log(disp)) + wt", "mpg ~ wt + offset(hp) + offset(disp/2)",
    "mpg ~ (wt + hp + disp)^2", "mpg ~ (wt + factor(am) + factor(vs))^3", "mpg ~ (wt + factor(am) + hp)^2 - wt:hp",
    "mpg ~ wt/factor(cyl)", "mpg ~ factor(cyl)/wt", "mpg ~ factor(cyl)/factor(am)", "mpg ~ (wt + hp)/factor(am)",
    "mpg ~ wt %in% factor(cyl)", "mpg ~ factor(am) + wt %in% factor(am)", "mpg ~ wt:hp:disp + hp", "mpg ~ hp + wt:hp + wt",
    "mpg ~ wt:factor(cyl)", "mpg ~ factor(am):factor(vs)", "mpg ~ factor(am) + factor(am):factor(vs)",
    "mpg ~ 0 + wt + factor(am):factor(vs)", "mpg ~ factor(am) * factor(vs) * wt - factor(am):factor(vs):wt",
    "mpg ~ 1", "mpg ~ -1 + wt", "mpg ~ . - model", "mpg ~ wt + wt + I(wt) + (wt)", "mpg ~ mpg + wt", "~ wt * hp",
    "mpg ~ factor(cyl):factor(gear) + wt", "mpg ~ wt:wt + factor(am)*factor(am)", "factor(am) ~ wt", "mpg ~ factor(am) + wt %in% (factor(am) + factor(vs))",
    "mpg ~ wt - 1 + 1", "mpg ~ (1 + wt + hp)^2", "mpg ~ poly(wt, 2):poly(hp, 2)", "mpg ~ poly(wt, 3, raw = TRUE):hp"),
  iris = c("Sepal.Length ~ .", "Species ~ .", "Sepal.Length ~ .^2", "log(Sepal.Length) ~ . - Species",
    "Sepal.Width ~ Species * Petal.Length", "Sepal.Width ~ 0 + Species:Petal.Length", "Sepal.Width ~ Species - 1",
    "Sepal.Width ~ Petal.Length:Species + Petal.Length", "Sepal.Width ~ poly(Petal.Length, 3) + Species", "Sepal.Width ~ Petal.Width + .",
    "cbind(Sepal.Width, Sepal.Length) ~ Species/Petal.Width", "Sepal.Width ~ poly(Petal.Length, 10)"),
  warpbreaks = c("breaks ~ wool * tension", "breaks ~ 0 + wool:tension", "breaks ~ wool + tension %in% wool", "breaks ~ tension:wool",
    "breaks ~ .", "log(breaks) ~ . - 1", "breaks ~ 0 + tension:wool + wool", "breaks ~ (wool + tension)^2 - wool", "breaks ~ tension/wool - 1",
    "wool ~ tension + breaks"),
  birthwt = c("bwt ~ age + lwt + factor(race) + smoke", "low ~ age * factor(race) + poly(lwt, 2)", "low ~ . - bwt", "low ~ (age + lwt + factor(race))^2",
    "bwt ~ factor(race):factor(smoke) + factor(ht)", "bwt ~ factor(race)/age/lwt"),
  airquality = c("Ozone ~ Solar.R + Wind + Temp", "Ozone ~ .", "Ozone ~ . - Solar.R", "Ozone ~ factor(Month) * Wind", "Ozone ~ poly(Temp, 3) + Wind",
    "log(Ozone) ~ scale(Temp) + scale(Ozone)", "Temp ~ factor(Month):poly(Wind, 2)", "Wind ~ scale(Solar.R)"),
  esoph = c("ncases ~ agegp + alcgp", "cbind(ncases, ncontrols) ~ agegp * tobgp", "ncases ~ 0 + alcgp + tobgp:alcgp + offset(log(ncontrols + 1))",
    "ncases ~ agegp:alcgp:tobgp", "ncases ~ . - agegp"))

number <- function(x) sprintf("%.17g", as.numeric(x) + 0)
line <- function(...) cat(..., "\n", sep = "", file = out)
columns <- function(m) for (j in seq_len(ncol(m))) {
  v <- as.numeric(m[, j]); n <- length(v)
  line(paste(number(c(v[1:min(n, 4)], v[n], sum(v), sum(v^2))), collapse = " "))
}
unlink("tests/data/model_matrix/*.txt")
k <- 0
for (set in names(cases)) {
  data <- read.csv(file.path("data", paste0(set, ".csv")), stringsAsFactors = TRUE, check.names = FALSE)
  for (text in cases[[set]]) {
    fit <- lm(as.formula(text), data, method = "model.frame")
    m <- model.matrix(attr(fit, "terms"), fit)
    y <- model.response(fit); o <- model.offset(fit)
    k <- k + 1
    out <- file(sprintf("tests/data/model_matrix/%02d.txt", k), "w")
    intercept <- attr(attr(fit, "terms"), "intercept")
    if (intercept) m <- m[, -1, drop = FALSE]
    if (is.null(y)) y <- matrix(0, nrow(m), 0)
    levels <- if (is.factor(y)) levels(y) else character(0)
    if (is.factor(y)) y <- as.integer(y) - 1L
    y <- as.matrix(y)
    line(set); line(text)
    line(paste(nrow(m), nrow(data) - nrow(m), ncol(m), intercept, ncol(y), length(levels), as.integer(!is.null(o))))
    for (name in colnames(m)) line(name)
    for (level in levels) line(level)
    columns(m); columns(y); if (!is.null(o)) columns(as.matrix(o))
    close(out)
  }
}
