// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear predictors and probabilities of classes at the limit of a likelihood without a maximum. */
#include "internal.h"

#include <math.h>

/* Beside the parts that cancel: as precise as the linear programs and the rank that the vectors
   come from. */
static const double tolerance_direction = 1e-8, tolerance_space = 1e-7;

/* The product of a row with the part of a vector that is class c's (from 1; 0, the reference: 0),
   for centred rows; *size grows by those of its terms. */
static double part_along(const gradus_fit *fit, const double *vector, size_t c,
                         const gradus_batch *batch, size_t i, double *size) {
  if (c == 0)
    return 0;
  const double *x = batch->x + i * batch->x_stride, *centre = fit->limit->centre + (c - 1) * fit->q;
  size_t first = fit->has_intercept ? 1 : 0;
  vector += (c - 1) * fit->q;
  double sum = first ? vector[0] : 0;
  *size += fabs(sum);
  for (size_t j = first; j < fit->q; j++) {
    double term = (x[j - first] - centre[j]) * vector[j];
    sum += term;
    *size += fabs(term);
  }
  return sum;
}

/* What class a gains on class b along a vector; 0 if it is rounding error. */
static double along(const gradus_fit *fit, const double *vector, size_t a, size_t b,
                    const gradus_batch *batch, size_t i, double tolerance) {
  double size = 0, sum = part_along(fit, vector, a, batch, i, &size);
  sum -= part_along(fit, vector, b, batch, i, &size);
  return fabs(sum) > tolerance * size ? sum : 0;
}

static bool is_determined(const gradus_fit *fit, size_t a, size_t b, const gradus_batch *batch,
                          size_t i) {
  const gradus_i_limit *limit = fit->limit;
  for (size_t v = 0; v < limit->dimensions; v++)
    if (along(fit, limit->space + v * limit->width, a, b, batch, i, tolerance_space) != 0)
      return false;
  return true;
}

/* By the estimates that the rows which are not separated determine. */
static double estimated_predictor(const gradus_fit *fit, size_t c, const gradus_batch *batch,
                                  size_t i) {
  if (c == 0)
    return 0;
  const double *estimate = fit->limit->estimate + (c - 1) * fit->q;
  size_t first = fit->has_intercept ? 1 : 0, at = i * batch->x_stride;
  gradus_i_extended sum = {first ? estimate[0] : 0, 0};
  for (size_t j = first; j < fit->q; j++) {
    sum = gradus_i_extended_add(sum, gradus_i_two_product(estimate[j], batch->x[at + j - first]));
    if (batch->x_low)
      sum.lo += estimate[j] * batch->x_low[at + j - first];
  }
  if (batch->offset)
    sum = gradus_i_extended_add(sum, gradus_i_extended_of(batch->offset[i]));
  return gradus_i_extended_round(sum);
}

double gradus_i_limit_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                size_t i) {
  size_t c = response + 1;
  double moved = along(fit, fit->limit->direction, c, 0, batch, i, tolerance_direction);
  if (moved != 0)
    return moved > 0 ? HUGE_VAL : -HUGE_VAL;
  return is_determined(fit, c, 0, batch, i) ? estimated_predictor(fit, c, batch, i) : NAN;
}

static bool set_unknown(double *p, size_t classes) {
  for (size_t c = 0; c < classes; c++)
    p[c] = NAN;
  return false;
}

bool gradus_i_limit_probabilities(const gradus_fit *fit, const gradus_batch *batch, size_t i,
                                  double *p) {
  const double *direction = fit->limit->direction;
  size_t classes = fit->k + 1, best = 0;
  double largest = -HUGE_VAL, sum = 0;
  for (size_t c = 1; c < classes; c++)
    if (along(fit, direction, c, best, batch, i, tolerance_direction) > 0)
      best = c;
  for (size_t c = 0; c < classes; c++) {
    p[c] = -HUGE_VAL;
    if (along(fit, direction, c, best, batch, i, tolerance_direction) != 0)
      continue;
    if (!is_determined(fit, c, best, batch, i))
      return set_unknown(p, classes);
    p[c] = estimated_predictor(fit, c, batch, i);
    largest = fmax(largest, p[c]);
  }
  for (size_t c = 0; c < classes; c++)
    sum += p[c] = exp(p[c] - largest);
  for (size_t c = 0; c < classes; c++)
    p[c] /= sum;
  return true;
}
