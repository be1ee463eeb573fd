// SPDX-License-Identifier: GPL-3.0-or-later
/* What the benchmarks share: a clock, medians, and reproducible data. */
#ifndef GRADUS_BENCH_SUPPORT_H
#define GRADUS_BENCH_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline int bench_compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static inline double bench_median(double *times, size_t count) {
  qsort(times, count, sizeof *times, bench_compare);
  return count % 2 ? times[count / 2] : 0.5 * (times[count / 2 - 1] + times[count / 2]);
}

/* Uniform in (-1, 1): a 64-bit linear congruential generator (Knuth's MMIX constants), upper bits.
 */
static inline double bench_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)*state * 0x1p-63;
}

#endif
