# SPDX-License-Identifier: GPL-3.0-or-later
# Writes tests/data/metrics/delong.csv and hosmer_lemeshow.csv: areas under ROC curves with DeLong's variance and interval by
# pROC (Debian's r-cran-proc), and the test of Hosmer and Lemeshow by the formula of ResourceSelection 0.3-6, which
# Debian has not. Weights count as repeated rows. Run in the top folder, after tests/reference/make_metrics.py:
#   LC_ALL=C Rscript tests/r/metrics.R
suppressMessages(library(pROC))
folder <- "tests/data/metrics/"
number <- function(x) ifelse(is.na(x), "nan", sprintf("%.17g", as.numeric(x)))
rows <- read.csv(paste0(folder, "binary.csv"))

delong <- function(y, p, level) {
  r <- roc(y, p, levels = c(0, 1), direction = "<", quiet = TRUE)
  ends <- suppressWarnings(ci.auc(r, conf.level = level, method = "delong"))
  v <- if (sum(y) > 1 && sum(1 - y) > 1) suppressWarnings(var(r, method = "delong")) else NA
  number(c(auc(r), v, ends[1], ends[3]))
}

# Minimal-standard generator: exact in doubles, so that the test makes the same 100000 rows.
generated <- function(n) {
  state <- 42
  uniform <- numeric(2 * n)
  for (i in seq_along(uniform)) {
    state <- (16807 * state) %% 2147483647
    uniform[i] <- state / 2147483648
  }
  y <- as.numeric(uniform[seq(1, 2 * n, 2)] < 0.125)
  list(y = y, p = floor((uniform[seq(2, 2 * n, 2)] + y * 0.25) * 65536) / 65536)
}

# The groups and the statistic as ResourceSelection 0.3-6 has them.
hosmer_lemeshow <- function(y, p, groups) {
  edges <- unique(quantile(p, probs = (0:groups) / groups))
  group <- droplevels(cut(p, breaks = edges, include.lowest = TRUE))
  o1 <- tapply(y, group, sum); o0 <- tapply(1 - y, group, sum)
  e1 <- tapply(p, group, sum); e0 <- tapply(1 - p, group, sum)
  x <- sum((o1 - e1)^2 / e1) + sum((o0 - e0)^2 / e0)
  number(c(nlevels(group), x, nlevels(group) - 2, pchisq(x, nlevels(group) - 2, lower.tail = FALSE)))
}

areas <- "set,weighted,level,auc,variance,conf_low,conf_high"
tests <- "set,weighted,asked,groups,statistic,df,p_value"
for (set in unique(rows$set)) for (weighted in 0:1) {
  d <- rows[rows$set == set, ]
  if (weighted && any(d$w != round(d$w))) next
  if (weighted && sum(d$w) > 1e5) next
  if (weighted) d <- d[rep(seq_len(nrow(d)), d$w), ]
  if (length(unique(d$y)) == 2) for (level in c(0.95, 0.5))
    areas <- c(areas, paste(c(set, weighted, level, delong(d$y, d$p, level)), collapse = ","))
  if (set %in% c("smooth", "ties", "rare", "separated")) for (groups in c(10, 4, 7))
    tests <- c(tests, paste(c(set, weighted, groups, hosmer_lemeshow(d$y, d$p, groups)), collapse = ","))
}
large <- generated(1e5)
areas <- c(areas, paste(c("generated", 0, 0.95, delong(large$y, large$p, 0.95)), collapse = ","))
writeLines(areas, paste0(folder, "delong.csv"))
writeLines(tests, paste0(folder, "hosmer_lemeshow.csv"))
