# SPDX-License-Identifier: GPL-3.0-or-later
# file_to_report.R FILE: what `gradus linear 'x0 ~ .' FILE` does, by data.table and lm.
suppressMessages(library(data.table))
data <- fread(commandArgs(trailingOnly = TRUE)[1], showProgress = FALSE)
print(summary(lm(x0 ~ ., data)))
