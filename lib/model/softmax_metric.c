// SPDX-License-Identifier: GPL-3.0-or-later
/* L-BFGS on softmax, told beforehand how parameters go together: by the classes' shares alone, or
   by the Fisher matrix of a sample of the rows (subsampled Newton methods; Byrd, Chin, Neveitt and
   Nocedal, SIAM J. Optim. 21, 2011, pp. 977-995). */
#include "softmax_metric.h"
#include "../linalg/internal.h"

#include <math.h>

void gradus_i_softmax_metric_clear(gradus_i_softmax_metric *metric) {
  gradus_i_release(metric->factor);
  metric->factor = NULL;
}

static size_t dim_of(const gradus_i_affine *a) {
  return a->k * (a->p + (a->bias ? 1 : 0));
}

/* v (k, `next` from one to the other) = (diag(π) - ππᵀ + λ)⁻¹·v, by Sherman and Morrison. */
static void solve_shares(const double *shares, size_t k, double lambda, double *v, size_t next) {
  double along = 0, rest = shares[0];
  for (size_t r = 0; r < k; r++) {
    double part = shares[r + 1] / (shares[r + 1] + lambda);
    along += part * v[r * next];
    rest += (1 - part) * shares[r + 1];
  }
  for (size_t r = 0; r < k; r++)
    v[r * next] = (v[r * next] + shares[r + 1] * along / rest) / (shares[r + 1] + lambda);
}

void gradus_i_softmax_metric_apply(const void *metric, double *vector) {
  const gradus_i_softmax_metric *m = metric;
  size_t p = m->model->p, k = m->model->k, dim = dim_of(m->model);
  if (m->factor) {
    gradus_i_triangle_solve(dim, m->factor, dim, true, vector);
    gradus_i_triangle_solve(dim, m->factor, dim, false, vector);
    return;
  }
  for (size_t j = 0; j < p; j++)
    solve_shares(m->shares, k, m->penalty ? m->penalty[j] : 0, vector + j, p);
  if (m->model->bias)
    solve_shares(m->shares, k, m->penalty ? m->penalty[k * p] : 0, vector + k * p, 1);
}

/* gram (q×q, upper triangle, column-major; the bias last) = means of the products of the sample's
   columns. A column that hardly is in the sample gets back the variance of 1 that it has in all
   rows. */
static gradus_status take_gram(const gradus_i_objective *objective, double *gram,
                               gradus_error *err) {
  gradus_i_affine columns = *(const gradus_i_affine *)objective->model;
  columns.k = 1;
  columns.loss = &gradus_i_loss_gaussian;
  size_t q = dim_of(&columns);
  double *work = gradus_i_allocate(2 * q, sizeof *work);
  if (!work)
    return gradus_i_out_of_memory(err);
  gradus_i_objective own = *objective;
  own.model = &columns;
  own.dim = q;
  own.penalty = NULL;
  own.frozen = NULL;
  gradus_i_value value = {.gradient = work, .matrix = gram};
  gradus_status status = gradus_i_objective_evaluate(&own, work + q, GRADUS_I_MATRIX, &value, err);
  for (size_t j = 0; j < columns.p; j++)
    if (gram[j * (q + 1)] < 0.5)
      gram[j * (q + 1)] = 1;
  gradus_i_release(work);
  return status;
}

/* matrix (upper) = (1 - part)·matrix + part·(diag(π) - ππᵀ of the predictors ⊗ gram), which bounds
   what the sample says little of. Frozen parameters stand alone. */
static void blend(const gradus_i_softmax_metric *m, const bool *frozen, const double *gram,
                  double *matrix) {
  static const double part = 0.05;
  const gradus_i_affine *a = m->model;
  const double *share = m->shares + 1;
  size_t dim = dim_of(a), q = dim / a->k;
  for (size_t l = 0; l < dim; l++) {
    size_t s = l < a->k * a->p ? l / a->p : l - a->k * a->p;
    size_t column = l < a->k * a->p ? l % a->p : a->p;
    for (size_t i = 0; i <= l; i++) {
      size_t r = i < a->k * a->p ? i / a->p : i - a->k * a->p;
      size_t row = i < a->k * a->p ? i % a->p : a->p;
      double product = row < column ? gram[row + column * q] : gram[column + row * q];
      double *entry = &matrix[i + l * dim];
      *entry += part * (share[r] * ((r == s ? 1 : 0) - share[s]) * product - *entry);
      if (frozen && (frozen[i] || frozen[l]))
        *entry = i == l ? 1 : 0;
    }
  }
}

/* How many rows: as many as make the Fisher matrix cost about two gradients of all n, but no more
   than tell enough, nor more than a part of all. 0: so few would tell too little. */
static size_t sample_rows(const gradus_source *source, size_t dim) {
  enum { LARGEST = 2000 };
  static const double gradients = 32, fewest = 4, most = 64, part = 0.25;
  double n = (double)gradus_source_get_shape(source)->rows, d = (double)dim;
  double rows = fmin(gradients * n / d, fmin(most * d, part * n));
  if (dim > LARGEST || rows < fewest * d || !gradus_source_random_access(source))
    return 0;
  return (size_t)rows;
}

static gradus_status take_matrix(gradus_i_softmax_metric *metric,
                                 const gradus_i_objective *objective, const double *theta,
                                 gradus_error *err) {
  size_t dim = objective->dim, q = dim / metric->model->k;
  double *gradient = gradus_i_allocate(dim, sizeof *gradient);
  double *gram = gradus_i_allocate(q * q, sizeof *gram);
  double *matrix = gradus_i_allocate(dim * dim, sizeof *matrix);
  gradus_i_value value = {.gradient = gradient, .matrix = matrix};
  gradus_status status = gradient && gram && matrix ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_objective_evaluate(objective, theta, GRADUS_I_MATRIX, &value, err);
  if (status <= 0)
    status = take_gram(objective, gram, err);
  if (status <= 0)
    blend(metric, objective->frozen, gram, matrix);
  gradus_i_release(gradient);
  gradus_i_release(gram);
  if (status <= 0) {
    if (gradus_i_all_finite(matrix, dim * dim) && gradus_i_cholesky(dim, matrix)) {
      metric->factor = matrix;
      return status;
    }
  }
  gradus_i_release(matrix);
  return status;
}

/* To where the sample's own solution is, as nearly as it is worth. */
static gradus_status move_on(const gradus_i_softmax_metric *metric,
                             const gradus_i_objective *objective, double *theta,
                             gradus_error *err) {
  gradus_i_solver_options options = {.max_iterations = 30,
                                     .tolerance = 0.01,
                                     .precondition = gradus_i_softmax_metric_apply,
                                     .precondition_context = metric};
  gradus_i_outcome outcome;
  gradus_error own = {0};
  gradus_status status =
      gradus_i_minimise(&gradus_i_lbfgs, objective, &options, theta, &outcome, &own);
  if (status == GRADUS_ERROR_NUMERICAL) /* rows of weight 0, say: then from where it was */
    return GRADUS_OK;
  return status > 0 ? gradus_i_fail(err, status, "%s", own.message) : status;
}

gradus_status gradus_i_softmax_sample(gradus_i_softmax_metric *metric,
                                      const gradus_i_objective *objective, bool move, double *theta,
                                      gradus_error *err) {
  size_t rows = sample_rows(objective->source, objective->dim);
  if (rows == 0)
    return GRADUS_OK;
  gradus_source *sample = NULL;
  gradus_status status = gradus_i_sample_source(&sample, objective->source, rows, err);
  gradus_i_objective own = *objective;
  own.source = sample;
  if (status <= 0 && move)
    status = move_on(metric, &own, theta, err);
  if (status <= 0)
    status = take_matrix(metric, &own, theta, err);
  gradus_source_free(sample);
  return status;
}
