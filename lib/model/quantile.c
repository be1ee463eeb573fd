// SPDX-License-Identifier: GPL-3.0-or-later
/* Minimum, quartiles and maximum, as R's quantile (type 7). */
#include "internal.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* Order statistic k of v[from..to), which is partitioned around it; its right neighbour's value
 * comes for the asking. */
static double select_between(double *v, size_t from, size_t to, double position) {
  size_t k = (size_t)position;
  double share = position - (double)k;
  double low = gsl_stats_select(v + from, 1, to - from, k - from);
  if (share == 0)
    return low;
  double high = HUGE_VAL;
  for (size_t i = k + 1; i < to; i++)
    high = v[i] < high ? v[i] : high;
  return low + share * (high - low);
}

void gradus_i_quantiles(double *values, size_t rows, double quantile[5]) {
  size_t n = 0;
  double least = HUGE_VAL, most = -HUGE_VAL;
  for (size_t i = 0; i < rows; i++) {
    double value = values[i];
    if (isnan(value))
      continue;
    least = value < least ? value : least; /* fmin is a call */
    most = value > most ? value : most;
    values[n++] = value;
  }
  double end = n > 0 ? (double)(n - 1) : 0;
  quantile[0] = n > 0 ? least : NAN;
  quantile[4] = n > 0 ? most : NAN;
  size_t middle = (size_t)(0.5 * end), cut = n > 0 ? middle + 1 : 0;
  quantile[2] = n > 0 ? select_between(values, 0, n, 0.5 * end) : NAN;
  quantile[1] = n > 0 ? select_between(values, 0, cut < n ? cut + 1 : n, 0.25 * end) : NAN;
  quantile[3] = n > 0 ? select_between(values, middle, n, 0.75 * end) : NAN;
}
