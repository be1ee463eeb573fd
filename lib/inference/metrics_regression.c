// SPDX-License-Identifier: GPL-3.0-or-later
/* Errors of predicted numbers. */
#include "metrics_internal.h"

#include <math.h>

static gradus_status check_finite(const char *what, const double *values, size_t n,
                                  gradus_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(values[i]))
      return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE,
                           "row %zu: the %s is %g; leave the row out or mend it", i + 1, what,
                           values[i]);
  return GRADUS_OK;
}

typedef struct rows {
  const double *y, *predicted, *weight;
  size_t n;
  int exponent; /* every number is below 2^exponent */
} rows;

/* A number in units that neither overflow nor underflow when squared. */
static double scaled(const rows *r, double value) {
  return ldexp(value, -r->exponent);
}

static void find_exponent(rows *r) {
  double largest = 0;
  for (size_t i = 0; i < r->n; i++)
    largest = fmax(largest, fmax(fabs(r->y[i]), fabs(r->predicted[i])));
  frexp(largest, &r->exponent);
}

static double weighted_mean(const rows *r) {
  gradus_i_extended sum = {0, 0}, total = {0, 0};
  for (size_t i = 0; i < r->n; i++) {
    double w = gradus_i_weight_of(r->weight, i);
    sum = gradus_i_extended_add(sum, gradus_i_two_product(w, scaled(r, r->y[i])));
    gradus_i_sum(&total, w);
  }
  return gradus_i_extended_round(sum) / gradus_i_extended_round(total);
}

static gradus_regression evaluate(const rows *r) {
  gradus_i_extended total = {0, 0}, signs = {0, 0}, sizes = {0, 0}, squares = {0, 0},
                    spread = {0, 0};
  double mean = weighted_mean(r);
  for (size_t i = 0; i < r->n; i++) {
    double w = gradus_i_weight_of(r->weight, i), y = scaled(r, r->y[i]);
    double error = y - scaled(r, r->predicted[i]);
    gradus_i_sum(&total, w);
    gradus_i_sum(&signs, w * error);
    gradus_i_sum(&sizes, w * fabs(error));
    gradus_i_sum(&squares, w * error * error);
    gradus_i_sum(&spread, w * (y - mean) * (y - mean));
  }
  double n = gradus_i_extended_round(total), sse = gradus_i_extended_round(squares);
  return (gradus_regression){.nobs = n,
                             .mean_error = ldexp(gradus_i_extended_round(signs) / n, r->exponent),
                             .mae = ldexp(gradus_i_extended_round(sizes) / n, r->exponent),
                             .rmse = ldexp(sqrt(sse / n), r->exponent),
                             .r_squared = gradus_i_is_constant(r->y, r->weight, r->n)
                                              ? NAN
                                              : 1 - sse / gradus_i_extended_round(spread)};
}

gradus_status gradus_regression_evaluate(gradus_regression *metrics, const double *y,
                                         const double *predicted, const double *weight, size_t n,
                                         gradus_error *err) {
  rows r = {y, predicted, weight, n, 0};
  gradus_i_undefined undefined = {.length = 0};
  gradus_status status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = check_finite("value", y, n, err);
  if (status == GRADUS_OK)
    status = check_finite("prediction", predicted, n, err);
  if (status > 0)
    return status;
  find_exponent(&r);
  *metrics = evaluate(&r);
  if (isnan(metrics->r_squared))
    gradus_i_undefined_add(&undefined, "the observed values are all equal", "R²");
  return gradus_i_undefined_status(&undefined, err);
}
