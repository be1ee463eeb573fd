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

/* ---- a loss that has a kernel: one fused pass ---- */

static gradus_i_fused_rows fused_rows(const gradus_i_affine *a, gradus_i_order order) {
  gradus_i_row_loss *loss = a->k == 1 && a->loss->fused ? a->loss->fused(a->loss_data) : NULL;
  bool softmax = a->loss == &gradus_i_loss_softmax;
  return (gradus_i_fused_rows){.columns = a->p,
                               .centre = a->centre,
                               .factor = a->factor,
                               .loss = loss,
                               .family = a->loss_data,
                               .classes = softmax ? a->k : 0,
                               .reference = softmax,
                               .matrix = order >= GRADUS_I_MATRIX};
}

static void run_fused(const gradus_i_fused_rows *in, double *sums, double *scratch) {
  if (in->classes)
    gradus_i_fused_softmax(in, sums, scratch);
  else
    gradus_i_fused_pass(in, sums, scratch);
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
  size_t places = a->k * (a->p + 1), dim = a->k * width_of(a);
  const double *gradient = fused + GRADUS_I_FUSED_GRADIENT, *matrix = gradient + places;
  double *to_gradient = sums + GRADUS_I_SUM_GRADIENT, *to_matrix = to_gradient + dim;
  sums[GRADUS_I_SUM_LOSS] += fused[GRADUS_I_FUSED_LOSS];
  sums[GRADUS_I_SUM_WEIGHT] += fused[GRADUS_I_FUSED_WEIGHT];
  for (size_t j = 0; order >= GRADUS_I_GRADIENT && j < dim; j++)
    to_gradient[j] += gradient[j];
  for (size_t j = 0; order >= GRADUS_I_MATRIX && j < dim; j++)
    for (size_t i = 0; i <= j; i++)
      to_matrix[i + j * dim] += matrix[i + j * places];
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
  in->bias = a->bias ? theta + a->k * a->p : NULL;
  if (a->bias && order >= GRADUS_I_GRADIENT) { /* the same places in the same order */
    run_fused(in, sums, scratch);
    return;
  }
  double *fused = scratch + gradus_i_fused_scratch_length(in);
  memset(fused, 0, gradus_i_fused_sums_length(in) * sizeof *fused);
  run_fused(in, fused, scratch);
  take_sums(a, order, fused, sums);
}

/* ---- any other ---- */

static size_t general_scratch_size(const gradus_i_affine *a, size_t rows, gradus_i_order order) {
  size_t size = rows * a->k + (a->centre ? rows * a->p : 0), q = width_of(a);
  if (order >= GRADUS_I_MATRIX)
    size += rows * (a->k * a->k + q) + q * q;
  return size;
}

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  const gradus_i_affine *a = model;
  size_t general = general_scratch_size(a, rows, order), fused = 0;
  gradus_i_fused_rows in = fused_rows(a, order);
  if (in.loss || in.classes)
    fused = gradus_i_fused_scratch_length(&in) + gradus_i_fused_sums_length(&in);
  return fused > general ? fused : general;
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

static void add_general(const gradus_i_affine *a, const double *theta, gradus_i_order order,
                        const gradus_batch *batch, double *sums, double *scratch) {
  bool matrix = order >= GRADUS_I_MATRIX;
  size_t k = a->k, dim = k * width_of(a);
  double *eta = scratch, *curvature = matrix ? eta + batch->rows * k : NULL;
  gradus_i_affine_predict(a, theta, batch, eta);
  a->loss->rows(a->loss_data, order, batch, k, eta, curvature, &sums[GRADUS_I_SUM_LOSS]);
  for (size_t i = 0; i < batch->rows; i++)
    sums[GRADUS_I_SUM_WEIGHT] += batch->weight ? batch->weight[i] : 1;
  if (order >= GRADUS_I_GRADIENT)
    add_gradient(a, batch, eta, sums + GRADUS_I_SUM_GRADIENT);
  for (size_t s = 0; matrix && s < k; s++)
    for (size_t r = 0; r <= s; r++)
      add_block(a, batch, r, s, curvature, sums + GRADUS_I_SUM_GRADIENT + dim,
                curvature + batch->rows * k * k);
}

/* The same batch with the inputs that θ is of. */
static gradus_batch standardise(const gradus_i_affine *a, const gradus_batch *batch, double *x) {
  gradus_batch own = *batch;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t j = 0; j < a->p; j++)
      x[i * a->p + j] = (batch->x[i * batch->x_stride + j] - a->centre[j]) * a->factor[j];
  own.x = x;
  own.x_stride = a->p;
  own.x_low = NULL;
  return own;
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  (void)err;
  const gradus_i_affine *a = model;
  gradus_i_fused_rows in = fused_rows(a, order);
  bool has_pass = in.loss || (in.classes && !batch->offset);
  if (has_pass && batch->y_stride == 1 && weighs_all(batch)) {
    add_fused(a, &in, theta, order, batch, sums, scratch);
    return GRADUS_OK;
  }
  gradus_batch own = *batch;
  if (a->centre) {
    own = standardise(a, batch, scratch);
    scratch += batch->rows * a->p;
  }
  add_general(a, theta, order, &own, sums, scratch);
  return GRADUS_OK;
}

const gradus_i_objective_type gradus_i_affine_type = {
    .name = "the affine model", .order = GRADUS_I_MATRIX, .scratch_size = scratch_size, .add = add};
