// SPDX-License-Identifier: GPL-3.0-or-later
/* Checks of what metrics are computed from, the sentence about what is undefined, and the interval
 * of a share. */
#include "metrics_internal.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

gradus_status gradus_i_check_case_weights(const double *weight, size_t n, gradus_error *err) {
  bool any = !weight;
  if (n == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there are no rows to compute metrics from");
  for (size_t i = 0; weight && i < n; i++) {
    if (!(weight[i] >= 0) || isinf(weight[i]))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                           "row %zu: the weight is %g; weights must be finite and at least 0",
                           i + 1, weight[i]);
    any = any || weight[i] > 0;
  }
  if (any)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                       "all weights are 0: there are no rows to compute metrics from");
}

gradus_status gradus_i_check_binary(const double *y, size_t n, gradus_error *err) {
  for (size_t i = 0; i < n; i++)
    if (y[i] != 0 && y[i] != 1)
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the label is %g; labels must be 0 or 1", i + 1, y[i]);
  return GRADUS_OK;
}

gradus_status gradus_i_check_labels(const char *what, const int *y, size_t n, size_t classes,
                                    gradus_error *err) {
  if (classes < 2)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there must be at least 2 classes, not %zu", classes);
  for (size_t i = 0; i < n; i++)
    if (y[i] < 0 || (size_t)y[i] >= classes)
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the %s is %d; with %zu classes labels are 0 to %zu", i + 1,
                           what, y[i], classes, classes - 1);
  return GRADUS_OK;
}

gradus_status gradus_i_check_scores(const double *score, size_t n, gradus_error *err) {
  for (size_t i = 0; i < n; i++)
    if (isnan(score[i]))
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "row %zu: the score is nan; leave rows without a prediction out", i + 1);
  return GRADUS_OK;
}

gradus_status gradus_i_check_probabilities(const double *p, size_t n, gradus_error *err) {
  for (size_t i = 0; i < n; i++)
    if (!(p[i] >= 0 && p[i] <= 1))
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "row %zu: the probability is %.17g; it must lie between 0 and 1", i + 1,
                           p[i]);
  return GRADUS_OK;
}

bool gradus_i_is_constant(const double *values, const double *weight, size_t n) {
  double first = NAN;
  for (size_t i = 0; i < n; i++) {
    if (gradus_i_weight_of(weight, i) == 0)
      continue;
    if (isnan(first))
      first = values[i];
    if (values[i] != first)
      return false;
  }
  return true;
}

gradus_status gradus_i_check_bins(size_t *bins, gradus_error *err) {
  if (*bins == 0)
    *bins = 10;
  if (*bins <= 1000000)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "there can be 1 to 1000000 groups of rows, not %zu", *bins);
}

/* ---- what is undefined ---- */

void gradus_i_undefined_add(gradus_i_undefined *undefined, const char *why, const char *format,
                            ...) {
  static const char more[] = ", …";
  char metric[64], item[200];
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(metric, sizeof metric, format, arguments);
  va_end(arguments);
  gradus_i_snprintf(item, sizeof item, "%s%s (%s)", undefined->length ? ", " : "", metric, why);
  size_t length = strlen(item), room = sizeof undefined->text - undefined->length;
  if (length + sizeof more <= room) {
    memcpy(undefined->text + undefined->length, item, length + 1);
    undefined->length += length;
  } else if (room >= sizeof more) {
    memcpy(undefined->text + undefined->length, more, sizeof more);
    undefined->length = sizeof undefined->text; /* full: all later ones are within the "…" */
  }
}

double gradus_i_undefined_ratio(gradus_i_undefined *undefined, double numerator, double denominator,
                                const char *metric, const char *why) {
  if (denominator != 0)
    return numerator / denominator;
  gradus_i_undefined_add(undefined, why, "%s", metric);
  return NAN;
}

gradus_status gradus_i_undefined_status(const gradus_i_undefined *undefined, gradus_error *err) {
  if (undefined->length == 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_WARNING_UNDEFINED, "undefined and so NaN: %s", undefined->text);
}

/* ---- numbers ---- */

double gradus_i_cross_difference(double a, double b, double c, double d) {
  return gradus_i_extended_round(
      gradus_i_extended_subtract(gradus_i_two_product(a, b), gradus_i_two_product(c, d)));
}

void gradus_i_normalise(double *values, size_t count) {
  double largest = 0;
  int exponent;
  for (size_t i = 0; i < count; i++)
    largest = fmax(largest, values[i]);
  frexp(largest, &exponent);
  for (size_t i = 0; i < count; i++)
    values[i] = ldexp(values[i], -exponent);
}

/* The interval's ends are the roots of (share - x)² = z² x(1 - x)/n. The upper one is a sum of
   positive terms; the lower one follows from the product of both, without a difference. */
void gradus_i_wilson(double right, double wrong, double level, double *low, double *high) {
  double n = right + wrong, share = right / n, z = gradus_i_normal_quantile(level), square = z * z;
  double root = z * sqrt(square + 4 * right * (wrong / n));
  *high = fmin(1, (2 * right + square + root) / (2 * (n + square)));
  *low = right > 0 ? right / (n + square) * (share / *high) : 0;
}
