// SPDX-License-Identifier: GPL-3.0-or-later
/* Log-loss and Brier's score: what probabilities are worth, for two classes and for more. */
#include "metrics_internal.h"

#include <math.h>

/* Rows sum to 1 but for the rounding of the single-precision or printed numbers they may come
 * from. */
static const double sum_tolerance = 1e-5;

/* The loss of row i. */
typedef double loss_function(const void *rows, size_t i);

static double mean_loss(loss_function *loss, const void *rows, const double *weight, size_t n,
                        size_t *first_infinite) {
  gradus_i_extended sum = {0, 0}, total = {0, 0};
  for (size_t i = 0; i < n; i++) {
    double w = gradus_i_weight_of(weight, i), value = w > 0 ? loss(rows, i) : 0;
    if (isinf(value)) {
      *first_infinite = i;
      return value;
    }
    gradus_i_sum(&sum, w * value);
    gradus_i_sum(&total, w);
  }
  return gradus_i_extended_round(sum) / gradus_i_extended_round(total);
}

static gradus_status mean_log_loss(double *log_loss, loss_function *loss, const void *rows,
                                   const double *weight, size_t n, gradus_error *err) {
  size_t infinite = 0;
  *log_loss = mean_loss(loss, rows, weight, n, &infinite);
  if (!isinf(*log_loss))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_WARNING_OVERFLOW,
                       "row %zu: its label was given probability 0, so the log-loss is infinite",
                       infinite + 1);
}

/* ---- two classes ---- */

typedef struct binary_rows {
  const double *y, *p;
} binary_rows;

static double binary_log_loss(const void *rows, size_t i) {
  const binary_rows *r = rows;
  return r->y[i] == 1 ? -log(r->p[i]) : -log1p(-r->p[i]);
}

static double binary_square(const void *rows, size_t i) {
  const binary_rows *r = rows;
  return (r->p[i] - r->y[i]) * (r->p[i] - r->y[i]);
}

static gradus_status check_binary(const double *y, const double *p, const double *weight, size_t n,
                                  gradus_error *err) {
  gradus_status status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_binary(y, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_probabilities(p, n, err);
  return status;
}

gradus_status gradus_binary_log_loss(double *log_loss, const double *y, const double *p,
                                     const double *weight, size_t n, gradus_error *err) {
  gradus_status status = check_binary(y, p, weight, n, err);
  if (status > 0)
    return status;
  return mean_log_loss(log_loss, binary_log_loss, &(binary_rows){y, p}, weight, n, err);
}

gradus_status gradus_binary_brier(double *brier, const double *y, const double *p,
                                  const double *weight, size_t n, gradus_error *err) {
  gradus_status status = check_binary(y, p, weight, n, err);
  if (status == GRADUS_OK)
    *brier = mean_loss(binary_square, &(binary_rows){y, p}, weight, n, NULL);
  return status;
}

/* ---- more classes ---- */

typedef struct multiclass_rows {
  const int *y;
  const double *p;
  size_t classes;
} multiclass_rows;

static double multiclass_log_loss(const void *rows, size_t i) {
  const multiclass_rows *r = rows;
  return -log(r->p[i * r->classes + (size_t)r->y[i]]);
}

static double multiclass_square(const void *rows, size_t i) {
  const multiclass_rows *r = rows;
  double sum = 0;
  for (size_t j = 0; j < r->classes; j++) {
    double error = r->p[i * r->classes + j] - (j == (size_t)r->y[i] ? 1 : 0);
    sum += error * error;
  }
  return sum;
}

static gradus_status check_row(const double *p, size_t i, size_t classes, gradus_error *err) {
  double sum = 0;
  for (size_t j = 0; j < classes; j++) {
    if (!(p[j] >= 0 && p[j] <= 1))
      return gradus_i_fail(
          err, GRADUS_ERROR_INVALID_ARGUMENT,
          "row %zu: the probability of class %zu is %.17g; it must lie between 0 and 1", i + 1, j,
          p[j]);
    sum += p[j];
  }
  if (fabs(sum - 1) <= sum_tolerance)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "row %zu: the probabilities sum to %.17g, not to 1", i + 1, sum);
}

static gradus_status check_multiclass(const int *y, const double *p, const double *weight, size_t n,
                                      size_t classes, gradus_error *err) {
  gradus_status status = gradus_i_check_case_weights(weight, n, err);
  if (status == GRADUS_OK)
    status = gradus_i_check_labels("label", y, n, classes, err);
  for (size_t i = 0; status == GRADUS_OK && i < n; i++)
    status = check_row(p + i * classes, i, classes, err);
  return status;
}

gradus_status gradus_multiclass_log_loss(double *log_loss, const int *y, const double *p,
                                         const double *weight, size_t n, size_t classes,
                                         gradus_error *err) {
  gradus_status status = check_multiclass(y, p, weight, n, classes, err);
  if (status > 0)
    return status;
  return mean_log_loss(log_loss, multiclass_log_loss, &(multiclass_rows){y, p, classes}, weight, n,
                       err);
}

gradus_status gradus_multiclass_brier(double *brier, const int *y, const double *p,
                                      const double *weight, size_t n, size_t classes,
                                      gradus_error *err) {
  gradus_status status = check_multiclass(y, p, weight, n, classes, err);
  if (status == GRADUS_OK)
    *brier = mean_loss(multiclass_square, &(multiclass_rows){y, p, classes}, weight, n, NULL);
  return status;
}
