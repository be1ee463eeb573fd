// SPDX-License-Identifier: GPL-3.0-or-later
/* Minimum, quartiles and maximum, as R's quantile (type 7). */
#include "internal.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* The value at a position between two order statistics of v[0..n), which is partitioned around it;
   `below` more values are smaller than all of these. */
static double at_position(double *v, size_t n, size_t below, double position) {
  size_t k = (size_t)position - below;
  double share = position - floor(position);
  double low = gsl_stats_select(v, 1, n, k);
  if (share == 0)
    return low;
  double high = HUGE_VAL;
  for (size_t i = k + 1; i < n; i++)
    high = v[i] < high ? v[i] : high;
  return low + share * (high - low);
}

/* Many values: quartiles of a sorted sample bracket those of all, and only what lies in a bracket
   is partitioned. False if a bracket missed (values in a pattern that the sample did not see) or
   overflowed. */
enum { SAMPLE = 2048, REACH = 120, QUARTILES = 3 };

typedef struct bracket {
  double low, high, position;
  size_t below, count, capacity;
  double *inside;
} bracket;

static void fill(bracket *b, const double *v, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double value = v[i];
    b->below += value < b->low;
    if (value >= b->low && value <= b->high && b->count < b->capacity)
      b->inside[b->count++] = value;
  }
}

static bool by_brackets(const double *v, size_t n, double *quartile) {
  double sample[SAMPLE];
  size_t capacity = n / 4;
  double *inside = gradus_i_allocate_raw(capacity, sizeof *inside);
  bool found = inside != NULL;
  for (size_t i = 0; i < SAMPLE; i++)
    sample[i] = v[i * (n / SAMPLE)];
  gsl_sort(sample, 1, SAMPLE);
  for (size_t q = 0; found && q < QUARTILES; q++) {
    size_t middle = (q + 1) * SAMPLE / 4;
    bracket b = {.low = sample[middle - REACH],
                 .high = sample[middle + REACH],
                 .position = (double)(q + 1) * 0.25 * (double)(n - 1),
                 .capacity = capacity,
                 .inside = inside};
    fill(&b, v, n);
    size_t k = (size_t)b.position;
    found = b.count < capacity && k >= b.below && k + 1 < b.below + b.count;
    if (found)
      quartile[q] = at_position(inside, b.count, b.below, b.position);
  }
  gradus_i_release(inside);
  return found;
}

static size_t gather(double *values, size_t rows, double *least, double *most) {
  size_t n = 0;
  *least = HUGE_VAL;
  *most = -HUGE_VAL;
  for (size_t i = 0; i < rows; i++) {
    double value = values[i];
    if (isnan(value))
      continue;
    *least = value < *least ? value : *least; /* fmin is a call */
    *most = value > *most ? value : *most;
    values[n++] = value;
  }
  return n;
}

void gradus_i_quantiles(double *values, size_t rows, double quantile[5]) {
  double least, most;
  size_t n = gather(values, rows, &least, &most);
  if (n == 0) {
    for (size_t i = 0; i < 5; i++)
      quantile[i] = NAN;
    return;
  }
  quantile[0] = least;
  quantile[4] = most;
  if (n < 8 * SAMPLE || !by_brackets(values, n, quantile + 1))
    for (size_t q = 1; q <= QUARTILES; q++)
      quantile[q] = at_position(values, n, 0, (double)q * 0.25 * (double)(n - 1));
}
