// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine objective: linear predictors of a batch by one product, a loss, and the gradient and
 * the Fisher matrix by products with the same rows. */
#include "../linalg/internal.h"
#include "loss.h"

#include <math.h>
#include <string.h>

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  const gradus_i_affine *a = model;
  size_t size = rows * a->k;
  if (order >= GRADUS_I_MATRIX)
    size += rows * (a->k * a->k + a->p);
  return size;
}

static void predict(const gradus_i_affine *a, const double *theta, const gradus_batch *batch,
                    double *eta) {
  const double *bias = theta + a->k * a->p;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t r = 0; r < a->k; r++)
      eta[i * a->k + r] = (a->bias ? bias[r] : 0) + (batch->offset ? batch->offset[i] : 0);
  gradus_i_rows_forward(batch->rows, a->p, a->k, batch->x, batch->x_stride, theta, eta);
}

static void add_gradient(const gradus_i_affine *a, const gradus_batch *batch, const double *score,
                         double *gradient) {
  double *bias = gradient + a->k * a->p;
  gradus_i_rows_backward(batch->rows, a->p, a->k, batch->x, batch->x_stride, score, gradient);
  for (size_t i = 0; a->bias && i < batch->rows; i++)
    for (size_t r = 0; r < a->k; r++)
      bias[r] += score[i * a->k + r];
}

/* The block of outputs r <= s: Σ c_rs [x 1][x 1]ᵀ. */
static void add_block(const gradus_i_affine *a, const gradus_batch *batch, size_t r, size_t s,
                      const double *curvature, double *matrix, double *scratch) {
  size_t p = a->p, k = a->k, dim = k * (p + (a->bias ? 1 : 0));
  double *column_r = matrix + (k * p + r) * dim, *column_s = matrix + (k * p + s) * dim;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double c = curvature[i * k * k + r * k + s];
    double factor = r == s ? sqrt(c > 0 ? c : 0) : c;
    for (size_t j = 0; j < p; j++)
      scratch[i * p + j] = factor * x[j];
    if (!a->bias)
      continue;
    column_s[k * p + r] += c;
    for (size_t j = 0; j < p; j++)
      column_s[r * p + j] += c * x[j];
    for (size_t j = 0; r != s && j < p; j++)
      column_r[s * p + j] += c * x[j];
  }
  double *block = matrix + r * p + s * p * dim;
  if (r == s)
    gradus_i_rows_gram(batch->rows, p, scratch, p, block, dim);
  else
    gradus_i_rows_product(batch->rows, p, scratch, p, batch->x, batch->x_stride, block, dim);
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  (void)err;
  const gradus_i_affine *a = model;
  size_t k = a->k, dim = k * (a->p + (a->bias ? 1 : 0));
  double *eta = scratch, *curvature = eta + batch->rows * k;
  double *rows = curvature + batch->rows * k * k;
  double *gradient = sums + GRADUS_I_SUM_GRADIENT;
  predict(a, theta, batch, eta);
  a->loss->rows(a->loss_data, order, batch, k, eta, order >= GRADUS_I_MATRIX ? curvature : NULL,
                &sums[GRADUS_I_SUM_LOSS]);
  for (size_t i = 0; i < batch->rows; i++)
    sums[GRADUS_I_SUM_WEIGHT] += batch->weight ? batch->weight[i] : 1;
  if (order >= GRADUS_I_GRADIENT)
    add_gradient(a, batch, eta, gradient);
  for (size_t s = 0; order >= GRADUS_I_MATRIX && s < k; s++)
    for (size_t r = 0; r <= s; r++)
      add_block(a, batch, r, s, curvature, gradient + dim, rows);
  return GRADUS_OK;
}

const gradus_i_objective_type gradus_i_affine_type = {
    .name = "the affine model", .order = GRADUS_I_MATRIX, .scratch_size = scratch_size, .add = add};
