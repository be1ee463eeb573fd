// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine objective: linear predictors of a batch by one product, a loss, and the gradient and
 * the Fisher matrix by products with the same rows. */
#include "../linalg/internal.h"
#include "loss.h"

#include <math.h>
#include <string.h>

/* Parameters of one output. */
static size_t width_of(const gradus_i_affine *a) {
  return a->p + (a->bias ? 1 : 0);
}

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  const gradus_i_affine *a = model;
  size_t size = rows * a->k, q = width_of(a);
  if (order >= GRADUS_I_MATRIX)
    size += rows * (a->k * a->k + q) + q * q;
  return size;
}

void gradus_i_affine_predict(const gradus_i_affine *a, const double *theta,
                             const gradus_batch *batch, double *eta) {
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

/* Rows √|c|·[x 1] of the block of outputs r and s; false if all c are 0. */
static bool scale_rows(const gradus_i_affine *a, const gradus_batch *batch, size_t r, size_t s,
                       const double *curvature, double *rows) {
  size_t p = a->p, q = width_of(a), cells = a->k * a->k;
  bool any = false;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double c = curvature[i * cells + r * a->k + s], factor = sqrt(fabs(c));
    for (size_t j = 0; j < p; j++)
      rows[i * q + j] = factor * x[j];
    if (a->bias)
      rows[i * q + p] = factor;
    any = any || c != 0;
  }
  return any;
}

/* gram (q×q, upper, the bias last) into the block of outputs r <= s of the matrix, which is
   symmetric in itself. */
static void add_gram(const gradus_i_affine *a, size_t r, size_t s, const double *gram, double sign,
                     double *matrix) {
  size_t p = a->p, k = a->k, q = width_of(a), dim = k * q;
  for (size_t l = 0; l < q; l++)
    for (size_t j = 0; j <= l; j++) {
      size_t row = j < p ? r * p + j : k * p + r, column = l < p ? s * p + l : k * p + s;
      matrix[row + column * dim] += sign * gram[j + l * q];
      if (r == s || j == l)
        continue;
      row = l < p ? r * p + l : s * p + j;
      column = l < p ? s * p + j : k * p + r;
      matrix[row + column * dim] += sign * gram[j + l * q];
    }
}

/* The block of outputs r <= s: Σ c_rs [x 1]ᵀ[x 1], by half the work of a general product, for c has
   one sign. */
static void add_block(const gradus_i_affine *a, const gradus_batch *batch, size_t r, size_t s,
                      const double *curvature, double *matrix, double *scratch) {
  size_t q = width_of(a);
  double *gram = scratch, *rows = gram + q * q;
  if (q == 0 || !scale_rows(a, batch, r, s, curvature, rows))
    return;
  memset(gram, 0, q * q * sizeof *gram);
  gradus_i_rows_gram(batch->rows, q, rows, q, gram, q);
  add_gram(a, r, s, gram, r == s ? 1 : -1, matrix);
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  (void)err;
  const gradus_i_affine *a = model;
  size_t k = a->k, dim = k * width_of(a);
  double *eta = scratch, *curvature = eta + batch->rows * k;
  double *rows = curvature + batch->rows * k * k;
  double *gradient = sums + GRADUS_I_SUM_GRADIENT;
  gradus_i_affine_predict(a, theta, batch, eta);
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
