# SPDX-License-Identifier: GPL-3.0-or-later
# csv_fread.R FILE [REPEATS]: median seconds of data.table's fread with one and two threads.
suppressMessages(library(data.table))
arguments <- commandArgs(trailingOnly = TRUE)
file <- arguments[1]
repeats <- if (length(arguments) > 1) as.integer(arguments[2]) else 5L
for (threads in 1:2) {
  setDTthreads(threads)
  seconds <- replicate(repeats, system.time(fread(file, nThread = threads, showProgress = FALSE))[["elapsed"]])
  cat(sprintf("fread   %d thread%s  %.3f s (%.3f to %.3f)\n", threads, if (threads > 1) "s" else " ",
              median(seconds), min(seconds), max(seconds)))
}
