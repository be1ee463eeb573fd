// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine objective with its outputs in another basis: for solvers that feel how the outputs of
   softmax go together. */
#include "loss.h"

#include <string.h>

void gradus_i_mix(const gradus_i_mixed *m, const double *theta, double *outputs) {
  size_t p = m->affine.p, k = m->affine.k;
  memset(outputs, 0, k * (p + (m->affine.bias ? 1 : 0)) * sizeof *outputs);
  for (size_t r = 0; r < k; r++)
    for (size_t s = 0; s <= r; s++) {
      double factor = m->mix[s + r * k];
      for (size_t j = 0; j < p; j++)
        outputs[r * p + j] += factor * theta[s * p + j];
      if (m->affine.bias)
        outputs[k * p + r] += factor * theta[k * p + s];
    }
}

/* row_r = (row_r - Σ_{s<r} mix·row_s) / diagonal, of one array of k rows. */
static void solve_rows(const double *mix, size_t k, size_t length, double *rows) {
  for (size_t r = 0; r < k; r++) {
    for (size_t s = 0; s < r; s++)
      for (size_t j = 0; j < length; j++)
        rows[r * length + j] -= mix[s + r * k] * rows[s * length + j];
    for (size_t j = 0; j < length; j++)
      rows[r * length + j] /= mix[r + r * k];
  }
}

void gradus_i_unmix(const gradus_i_mixed *m, double *outputs) {
  size_t p = m->affine.p, k = m->affine.k;
  solve_rows(m->mix, k, p, outputs);
  if (m->affine.bias)
    solve_rows(m->mix, k, 1, outputs + k * p);
}

/* gradient += the derivatives by θ of one by the outputs. */
static void add_gradient(const gradus_i_mixed *m, const double *by_outputs, double *gradient) {
  size_t p = m->affine.p, k = m->affine.k;
  for (size_t r = 0; r < k; r++)
    for (size_t s = 0; s <= r; s++) {
      double factor = m->mix[s + r * k];
      for (size_t j = 0; j < p; j++)
        gradient[s * p + j] += factor * by_outputs[r * p + j];
      if (m->affine.bias)
        gradient[k * p + s] += factor * by_outputs[k * p + r];
    }
}

/* The other way round, in place: back substitution. */
void gradus_i_unmix_gradient(const gradus_i_mixed *m, double *gradient) {
  size_t p = m->affine.p, k = m->affine.k;
  for (size_t r = k; r-- > 0;) {
    double *row = gradient + r * p, *bias = gradient + k * p + r;
    for (size_t s = r + 1; s < k; s++) {
      double factor = m->mix[r + s * k];
      for (size_t j = 0; j < p; j++)
        row[j] -= factor * gradient[s * p + j];
      if (m->affine.bias)
        *bias -= factor * gradient[k * p + s];
    }
    for (size_t j = 0; j < p; j++)
      row[j] /= m->mix[r + r * k];
    if (m->affine.bias)
      *bias /= m->mix[r + r * k];
  }
}

static size_t dim_of(const gradus_i_mixed *m) {
  return m->affine.k * (m->affine.p + (m->affine.bias ? 1 : 0));
}

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  const gradus_i_mixed *m = model;
  return 2 * dim_of(m) + GRADUS_I_SUM_GRADIENT +
         gradus_i_affine_type.scratch_size(&m->affine, rows, order);
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  const gradus_i_mixed *m = model;
  size_t dim = dim_of(m);
  double *outputs = scratch, *own = outputs + dim, *rest = own + GRADUS_I_SUM_GRADIENT + dim;
  gradus_i_mix(m, theta, outputs);
  memset(own, 0, (GRADUS_I_SUM_GRADIENT + dim) * sizeof *own);
  gradus_status status =
      gradus_i_affine_type.add(&m->affine, outputs, order, batch, own, rest, err);
  sums[GRADUS_I_SUM_LOSS] += own[GRADUS_I_SUM_LOSS];
  sums[GRADUS_I_SUM_WEIGHT] += own[GRADUS_I_SUM_WEIGHT];
  if (order >= GRADUS_I_GRADIENT)
    add_gradient(m, own + GRADUS_I_SUM_GRADIENT, sums + GRADUS_I_SUM_GRADIENT);
  return status;
}

const gradus_i_objective_type gradus_i_mixed_type = {.name = "the affine model in another basis",
                                                     .order = GRADUS_I_GRADIENT,
                                                     .scratch_size = scratch_size,
                                                     .add = add};
