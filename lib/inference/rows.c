// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of data times the root of a covariance: what predictions, leverages and robust covariances
 * are made of. */
#include "internal.h"

#include <math.h>
#include <string.h>

void gradus_i_scaled_rows(const gradus_fit *fit, const gradus_batch *batch, double *z) {
  size_t first = fit->has_intercept ? 1 : 0, q = fit->q;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double *row = z + i * q;
    if (first)
      row[0] = fit->column_scale[0];
    for (size_t j = first; j < q; j++)
      row[j] = x[j - first] * fit->column_scale[j];
  }
}

/* Whether sums of z·root cancel so far that doubles keep fewer than 11 digits of them: what they
   are sums of, against √(1/n), the least that a leverage's root can be. */
static bool cancels(const gradus_fit *fit, const double *root, size_t rows, const double *z) {
  size_t q = fit->q;
  double bound = 0;
  for (size_t j = 0; j < q; j++) {
    double input = 0, weight = 0;
    for (size_t i = 0; i < rows; i++)
      input = fabs(z[i * q + j]) > input ? fabs(z[i * q + j]) : input;
    for (size_t l = 0; l < fit->rank; l++)
      weight = fabs(root[j * q + l]) > weight ? fabs(root[j * q + l]) : weight;
    bound += input * weight;
  }
  return bound * sqrt(fit->nobs) > 1e5;
}

static void multiply_extended(const gradus_fit *fit, const double *root, size_t rows,
                              const double *z, double *a) {
  size_t q = fit->q;
  for (size_t i = 0; i < rows; i++)
    for (size_t l = 0; l < fit->rank; l++) {
      gradus_i_extended sum = {0, 0};
      for (size_t j = 0; j < q; j++)
        if (root[j * q + l] != 0)
          sum = gradus_i_extended_add(sum, gradus_i_two_product(root[j * q + l], z[i * q + j]));
      a[i * q + l] = gradus_i_extended_round(sum);
    }
}

void gradus_i_rows_in_root(const gradus_fit *fit, const double *root, size_t rows, const double *z,
                           double *a) {
  if (fit->rank == 0)
    return;
  if (cancels(fit, root, rows, z))
    multiply_extended(fit, root, rows, z, a);
  else
    gradus_i_rows_multiply(rows, fit->q, fit->rank, z, root, a);
}

double gradus_i_linear_predictor(const gradus_fit *fit, size_t response, const gradus_batch *batch,
                                 size_t i) {
  if (fit->limit)
    return gradus_i_limit_predictor(fit, response, batch, i);
  const double *theta = gradus_params_const_values(fit->params), *b = theta + response * fit->p;
  size_t first = fit->has_intercept ? 1 : 0, at = i * batch->x_stride;
  gradus_i_extended sum = {0, 0};
  if (first && !fit->dropped[0])
    sum.hi = theta[fit->k * fit->p + response];
  for (size_t j = 0; j < fit->p; j++) {
    if (fit->dropped[first + j])
      continue;
    sum = gradus_i_extended_add(sum, gradus_i_two_product(b[j], batch->x[at + j]));
    if (batch->x_low)
      sum.lo += b[j] * batch->x_low[at + j];
  }
  if (batch->offset)
    sum = gradus_i_extended_add(sum, gradus_i_extended_of(batch->offset[i]));
  return gradus_i_extended_round(sum);
}

double gradus_i_variance_weight(const gradus_fit *fit, const gradus_batch *batch, size_t i) {
  return batch->weight && fit->weight_kind != GRADUS_WEIGHT_FREQUENCY ? batch->weight[i] : 1;
}

double gradus_i_row_count(const gradus_fit *fit, const gradus_batch *batch, size_t i) {
  return batch->weight && fit->weight_kind == GRADUS_WEIGHT_FREQUENCY ? batch->weight[i] : 1;
}

gradus_status gradus_i_check_fitted_rows(const gradus_fit *fit, const gradus_source *source,
                                         gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  if (fit->levels)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a multinomial model has no diagnostics and no robust covariance here");
  if (fit->limit)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the response is separated: its infinite estimates have no diagnostics "
                         "and no robust covariance");
  if (!fit->root)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED, "%s has no leverages and no covariance",
                         fit->solver.converged ? "a penalised or minimum-norm fit"
                                               : "a fit that has not converged");
  const gradus_i_family *family = gradus_i_family_find(fit->family);
  bool grouped = family && family->is_binomial && shape->responses == 2;
  if (shape->columns == fit->p && (shape->responses == fit->k || grouped))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the fit has %zu inputs and %zu responses, the rows have %zu and %zu: these "
                       "are not the rows that were fitted",
                       fit->p, fit->k, shape->columns, shape->responses);
}

gradus_status gradus_i_run_rows(gradus_i_pass *pass, void *context, const gradus_fit *fit,
                                const gradus_source *source, double *total, gradus_error *err) {
  pass->chunk_rows = gradus_i_chunk_rows(2 * fit->q);
  pass->scratch_size = 3 * pass->chunk_rows * fit->q;
  return gradus_i_pass_run(pass, context, source, gradus_i_threads(0), total, err);
}

double *gradus_i_fill_rows(const gradus_fit *fit, const gradus_batch *batch, double *scratch) {
  double *a = scratch + batch->rows * fit->q;
  gradus_i_scaled_rows(fit, batch, scratch);
  gradus_i_rows_in_root(fit, fit->root, batch->rows, scratch, a);
  return a;
}

double gradus_i_leverage(const gradus_fit *fit, size_t i, const double *a, double weight) {
  double norm = 0;
  for (size_t l = 0; l < fit->rank; l++)
    norm += a[i * fit->q + l] * a[i * fit->q + l];
  return norm * weight;
}

void gradus_i_note_row(double *cell, double number) {
  if (number > 0 && (*cell == 0 || number < *cell))
    *cell = number;
}
