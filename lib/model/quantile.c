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

/* Many values: quartiles of a sorted sample bracket those of all (by five standard errors of their
   ranks), and only what lies in a bracket is partitioned. */
enum { SAMPLE = 8192, REACH = 230, QUARTILES = 3, BLOCK = 512 };

typedef struct bracket {
  double low, high;
  size_t below, count;
  double *inside;
} bracket;

/* Without branches on the data, which no processor could foresee. */
static void sort_block_in(bracket *b, const double *v, size_t n) {
  size_t below = 0, count = b->count;
  for (size_t i = 0; i < n; i++) {
    double value = v[i];
    below += value < b->low;
    b->inside[count] = value;
    count += (size_t)(value >= b->low) & (size_t)(value <= b->high);
  }
  b->below += below;
  b->count = count;
}

/* False if the brackets are too small for what lies in them (many equal values). */
static bool fill(bracket *brackets, size_t capacity, const double *v, size_t n) {
  for (size_t i = 0; i < n; i += BLOCK)
    for (size_t q = 0; q < QUARTILES; q++) {
      if (brackets[q].count + BLOCK > capacity)
        return false;
      sort_block_in(&brackets[q], v + i, n - i < BLOCK ? n - i : BLOCK);
    }
  return true;
}

static void choose_brackets(bracket *brackets, double *sample, const double *v, size_t n) {
  for (size_t i = 0; i < SAMPLE; i++)
    sample[i] = v[i * (n / SAMPLE)];
  gsl_sort(sample, 1, SAMPLE);
  for (size_t q = 0; q < QUARTILES; q++) {
    brackets[q].low = sample[(q + 1) * SAMPLE / 4 - REACH];
    brackets[q].high = sample[(q + 1) * SAMPLE / 4 + REACH];
  }
}

/* False, and nothing done, if a bracket missed (values in a pattern that the sample did not see).
 */
static bool by_brackets(const double *v, size_t n, double *quartile) {
  size_t capacity = n / 8 + 2 * BLOCK;
  double *memory = gradus_i_allocate_raw(QUARTILES * capacity + SAMPLE, sizeof *memory);
  if (!memory)
    return false;
  bracket brackets[QUARTILES] = {0};
  for (size_t q = 0; q < QUARTILES; q++)
    brackets[q].inside = memory + q * capacity;
  choose_brackets(brackets, memory + QUARTILES * capacity, v, n);
  bool found = fill(brackets, capacity, v, n);
  for (size_t q = 0; found && q < QUARTILES; q++) {
    const bracket *b = &brackets[q];
    double position = (double)(q + 1) * 0.25 * (double)(n - 1);
    size_t k = (size_t)position;
    found = k >= b->below && k + 1 < b->below + b->count;
    if (found)
      quartile[q] = at_position(b->inside, b->count, b->below, position);
  }
  gradus_i_release(memory);
  return found;
}

static size_t gather(double *values, size_t rows, double *least, double *most) {
  size_t n = 0;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t i = 0; i < rows; i++) {
    double value = values[i];
    low = value < low ? value : low; /* fmin is a call, and NaN is neither */
    high = value > high ? value : high;
    values[n] = value;
    n += value == value;
  }
  *least = low;
  *most = high;
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
  if (n < 4 * SAMPLE || !by_brackets(values, n, quantile + 1))
    for (size_t q = 1; q <= QUARTILES; q++)
      quantile[q] = at_position(values, n, 0, (double)q * 0.25 * (double)(n - 1));
}
