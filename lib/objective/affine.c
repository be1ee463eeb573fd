// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine objective: linear predictors of a batch by one product, a loss, and the gradient and
 * the Fisher matrix by products with the same rows. */
#include "../linalg/internal.h"
#include "loss.h"

#include <math.h>
#include <string.h>

/* ---- one linear predictor and a loss that has a kernel: one fused pass ---- */

static gradus_i_fused_rows fused_rows(const gradus_i_affine *a, gradus_i_order order) {
  gradus_i_row_loss *loss = a->k == 1 && a->loss->fused ? a->loss->fused(a->loss_data) : NULL;
  return (gradus_i_fused_rows){
      .columns = a->p, .loss = loss, .family = a->loss_data, .matrix = order >= GRADUS_I_MATRIX};
}

/* Rows of weight 0 may hold anything, so that 0 times it is not 0. */
static bool weighs_all(const gradus_batch *batch) {
  for (size_t i = 0; batch->weight && i < batch->rows; i++)
    if (!(batch->weight[i] > 0))
      return false;
  return true;
}

/* The fused sums have the places of a bias and of a gradient in any case. */
static void take_sums(const gradus_i_affine *a, gradus_i_order order, const double *fused,
                      double *sums) {
  size_t p = a->p, dim = p + (a->bias ? 1 : 0);
  const double *gradient = fused + GRADUS_I_FUSED_GRADIENT, *matrix = gradient + p + 1;
  double *to_gradient = sums + GRADUS_I_SUM_GRADIENT, *to_matrix = to_gradient + dim;
  sums[GRADUS_I_SUM_LOSS] += fused[GRADUS_I_FUSED_LOSS];
  sums[GRADUS_I_SUM_WEIGHT] += fused[GRADUS_I_FUSED_WEIGHT];
  for (size_t j = 0; order >= GRADUS_I_GRADIENT && j < dim; j++)
    to_gradient[j] += gradient[j];
  for (size_t j = 0; order >= GRADUS_I_MATRIX && j < dim; j++)
    for (size_t i = 0; i <= j; i++)
      to_matrix[i + j * dim] += matrix[i + j * (p + 1)];
}

static void add_fused(const gradus_i_affine *a, gradus_i_fused_rows *in, const double *theta,
                      gradus_i_order order, const gradus_batch *batch, double *sums,
                      double *scratch) {
  in->rows = batch->rows;
  in->x = batch->x;
  in->stride = batch->x_stride;
  in->y = batch->y;
  in->weight = batch->weight;
  in->offset = batch->offset;
  in->weights = theta;
  in->bias = a->bias ? theta + a->p : NULL;
  if (a->bias && order >= GRADUS_I_GRADIENT) { /* the same places in the same order */
    gradus_i_fused_pass(in, sums, scratch);
    return;
  }
  double *fused = scratch + gradus_i_fused_scratch_length(in);
  memset(fused, 0, gradus_i_fused_sums_length(in) * sizeof *fused);
  gradus_i_fused_pass(in, fused, scratch);
  take_sums(a, order, fused, sums);
}

/* ---- any other ---- */

static size_t general_scratch_size(const gradus_i_affine *a, size_t rows, gradus_i_order order) {
  size_t size = rows * a->k;
  if (order >= GRADUS_I_MATRIX)
    size += rows * (a->k * a->k + a->p);
  return size;
}

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  const gradus_i_affine *a = model;
  size_t general = general_scratch_size(a, rows, order), fused = 0;
  gradus_i_fused_rows in = fused_rows(a, order);
  if (in.loss)
    fused = gradus_i_fused_scratch_length(&in) + gradus_i_fused_sums_length(&in);
  return fused > general ? fused : general;
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
  gradus_i_fused_rows in = fused_rows(a, order);
  if (in.loss && batch->y_stride == 1 && weighs_all(batch)) {
    add_fused(a, &in, theta, order, batch, sums, scratch);
    return GRADUS_OK;
  }
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
