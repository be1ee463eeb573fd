// SPDX-License-Identifier: GPL-3.0-or-later
/* The deviance of predicted means, by the family of the response. */
#include "../objective/internal.h"
#include "metrics_internal.h"

#include <math.h>

typedef struct rows {
  const gradus_i_family *family;
  double shape;
  const double *y, *mean, *weight;
  size_t n;
} rows;

static gradus_status find_family(const gradus_i_family **family, const char *name,
                                 gradus_error *err) {
  *family = gradus_i_family_find(name);
  if (*family)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no family \"%s\"",
                       name ? name : "");
}

/* A mean at the edge of what the family knows (no count is expected at all) is a prediction, too:
   right, or infinitely wrong. */
static bool is_mean(const gradus_i_family *family, double mean) {
  return isfinite(mean) && (family->valid_mean(mean) || (mean == 0 && family->accepts(0)));
}

static gradus_status check(const rows *r, gradus_error *err) {
  for (size_t i = 0; i < r->n; i++) {
    if (gradus_i_weight_of(r->weight, i) == 0)
      continue;
    if (!r->family->accepts(r->y[i]))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; for the family %s it must be %s", i + 1,
                           r->y[i], r->family->name, r->family->requirement);
    if (!is_mean(r->family, r->mean[i]))
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "row %zu: the predicted mean is %g, which the family %s cannot have",
                           i + 1, r->mean[i], r->family->name);
  }
  return GRADUS_OK;
}

/* Binomial families take theirs from a link, which a bare mean has not. */
static double proportion_deviance(double y, double mean) {
  double up = y > 0 ? y * log(y / mean) : 0;
  double down = y < 1 ? (1 - y) * (log1p(-y) - log1p(-mean)) : 0;
  return 2 * (up + down);
}

static double unit_deviance(const rows *r, double y, double mean) {
  return r->family->deviance ? r->family->deviance(y, mean, r->shape)
                             : proportion_deviance(y, mean);
}

/* Σ w d(y, mean), of one mean for all rows if there is no other. *row is the first (from 1) whose
   deviance is infinite. */
static double sum_up(const rows *r, const double *mean, double common, size_t *row) {
  gradus_i_extended sum = {0, 0};
  for (size_t i = 0; i < r->n; i++) {
    double w = gradus_i_weight_of(r->weight, i);
    if (w == 0)
      continue;
    double unit = unit_deviance(r, r->y[i], mean ? mean[i] : common);
    if (isinf(unit) && *row == 0)
      *row = i + 1;
    gradus_i_sum(&sum, w * fmax(unit, 0));
  }
  return *row ? HUGE_VAL : gradus_i_extended_round(sum);
}

static gradus_deviance evaluate(const rows *r, size_t *infinite) {
  gradus_i_extended total = {0, 0}, sum = {0, 0};
  for (size_t i = 0; i < r->n; i++) {
    double w = gradus_i_weight_of(r->weight, i);
    gradus_i_sum(&total, w);
    if (w > 0)
      sum = gradus_i_extended_add(sum, gradus_i_two_product(w, r->y[i]));
  }
  size_t none = 0;
  double n = gradus_i_extended_round(total), mean = gradus_i_extended_round(sum) / n;
  gradus_deviance d = {.nobs = n, .deviance = sum_up(r, r->mean, 0, infinite)};
  d.mean_deviance = d.deviance / n;
  d.null_deviance = sum_up(r, NULL, mean, &none);
  return d;
}

gradus_status gradus_family_deviance(gradus_deviance *metrics, const char *family, double shape,
                                     const double *y, const double *mean, const double *weight,
                                     size_t n, gradus_error *err) {
  rows r = {.shape = shape, .y = y, .mean = mean, .weight = weight, .n = n};
  gradus_i_undefined undefined = {.length = 0};
  size_t infinite = 0;
  gradus_status status = find_family(&r.family, family, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = check(&r, err);
  if (status > 0)
    return status;
  gradus_deviance d = evaluate(&r, &infinite);
  d.d_squared = gradus_i_is_constant(r.y, r.weight, r.n) ? NAN : 1 - d.deviance / d.null_deviance;
  *metrics = d;
  if (infinite)
    return gradus_i_fail(err, GRADUS_WARNING_OVERFLOW,
                         "row %zu: the response is %g where the predicted mean is %g, so the "
                         "deviance is infinite",
                         infinite, y[infinite - 1], mean[infinite - 1]);
  if (isnan(d.d_squared))
    gradus_i_undefined_add(&undefined, "the observed values are all equal", "D²");
  return gradus_i_undefined_status(&undefined, err);
}
