// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear predictors at the limit of a likelihood without a maximum. */
#include "internal.h"

#include <math.h>

/* Beside the parts that cancel: as precise as the linear programs and the rank that the vectors
   come from. */
static const double tolerance_direction = 1e-8, tolerance_space = 1e-7;

/* The product of a row with a vector for centred rows; 0 if it is rounding error. */
static double along(const gradus_fit *fit, const double *vector, const gradus_batch *batch,
                    size_t i, double tolerance) {
  const double *x = batch->x + i * batch->x_stride;
  size_t first = fit->has_intercept ? 1 : 0;
  double sum = first ? vector[0] : 0, size = fabs(sum);
  for (size_t j = first; j < fit->q; j++) {
    double term = (x[j - first] - fit->limit->centre[j]) * vector[j];
    sum += term;
    size += fabs(term);
  }
  return fabs(sum) > tolerance * size ? sum : 0;
}

double gradus_i_limit_predictor(const gradus_fit *fit, const gradus_batch *batch, size_t i) {
  const gradus_i_limit *limit = fit->limit;
  double moved = along(fit, limit->direction, batch, i, tolerance_direction);
  if (moved != 0)
    return moved > 0 ? HUGE_VAL : -HUGE_VAL;
  for (size_t k = 0; k < limit->dimensions; k++)
    if (along(fit, limit->space + k * fit->q, batch, i, tolerance_space) != 0)
      return NAN;
  size_t first = fit->has_intercept ? 1 : 0, at = i * batch->x_stride;
  gradus_i_extended sum = {first ? limit->estimate[0] : 0, 0};
  for (size_t j = first; j < fit->q; j++) {
    sum = gradus_i_extended_add(sum,
                                gradus_i_two_product(limit->estimate[j], batch->x[at + j - first]));
    if (batch->x_low)
      sum.lo += limit->estimate[j] * batch->x_low[at + j - first];
  }
  if (batch->offset)
    sum = gradus_i_extended_add(sum, gradus_i_extended_of(batch->offset[i]));
  return gradus_i_extended_round(sum);
}
