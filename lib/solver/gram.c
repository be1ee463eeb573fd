// SPDX-License-Identifier: GPL-3.0-or-later
/* Tall data by the Cholesky factor of the Gram matrix: one pass for the matrix, shifted and scaled
   so that it is as well conditioned as the centred columns are, and one for residuals and a step
   along them (corrected seminormal equations; Björck 1987). Its errors are the condition number
   squared times rounding: it declines where that is more than QR's. */
#include "gram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to this condition number (squared, times rounding: 1e-13) the factor loses nothing that QR
 * keeps. */
static const double easy_condition = 32;

/* The residual pass: estimates in the units of the data, q per response. */
typedef struct residual_context {
  const gradus_i_least_squares *s;
  double *estimate;
} residual_context;

/* That of the columns less their means, wherever the Gram matrix has them: the triangle without the
   intercept's row. length (2q): destroyed. */
static double centred_condition(const gradus_i_least_squares *s, const double *triangle,
                                const double *inverse, double *length) {
  size_t q = s->layout.q, first = s->layout.intercept ? 1 : 0;
  for (size_t j = first; j < q; j++) {
    double square = 0;
    for (size_t i = first; i <= j; i++)
      square += triangle[i + j * q] * triangle[i + j * q];
    length[j] = sqrt(square);
  }
  return gradus_i_triangle_condition(q, first, triangle, inverse, length, length + q);
}

/* Cholesky of the part of the inputs and its inverse (in root), and whether this way is good
 * enough. */
static bool factorise(gradus_i_least_squares *s, const gradus_i_gram *c, double *work) {
  const double *gram = c->matrix;
  size_t q = s->layout.q, n = c->columns;
  double *triangle = work, *inverse = s->root;
  for (size_t j = 0; j < q; j++) {
    memcpy(triangle + j * q, gram + j * n, q * sizeof *work);
    triangle[j + j * q] += s->ridge[j];
  }
  for (size_t j = 0; j < n; j++)
    if (!isfinite(gram[j + j * n]) || gram[j + j * n] > 1e200 ||
        (j < q && gram[j + j * n] < 1e-200) || abs(ilogb(s->layout.scale[j])) > 300)
      return false;
  if (!gradus_i_cholesky(q, triangle))
    return false;
  for (size_t j = 0; j < q; j++)
    memset(triangle + j * q + j + 1, 0, (q - j - 1) * sizeof *work);
  memcpy(inverse, triangle, q * q * sizeof *work);
  if (!gradus_i_triangle_inverse(q, inverse))
    return false;
  double offset = 0, *length = work + q * q;
  for (size_t j = 0; j < q; j++) {
    length[j] = sqrt(gram[j + j * n]);
    /* How far the mean lies from zero, in units of the spread: what the residuals of unshifted rows
     * lose. */
    offset = fmax(offset, fabs(c->shift[j]) * s->layout.scale[j]);
  }
  double whole = gradus_i_triangle_condition(q, 0, triangle, inverse, length, length + q);
  s->numerical_condition = whole * fmax(1, offset);
  s->condition = centred_condition(s, triangle, inverse, length);
  bool forced = s->options.method == GRADUS_I_METHOD_CHOLESKY;
  double limit = forced ? 1e6 : easy_condition, farthest = forced ? 1e10 : 1e3;
  return whole <= limit && offset <= farthest;
}

/* root and coefficients of the unshifted problem, and the sums of squares that the factor knows. */
static void take_factor(gradus_i_least_squares *s, const gradus_i_gram *c, double *work) {
  const double *gram = c->matrix;
  const gradus_i_layout *l = &s->layout;
  size_t q = l->q, n = c->columns;
  const double *triangle = work;
  for (size_t j = 1; l->intercept && j < q; j++)
    for (size_t i = 1; i <= j; i++)
      s->root[j * q] -= c->shift[i] * l->scale[i] * s->root[i + j * q];
  for (size_t r = 0; r < l->k; r++) {
    double *z = work + q * q;
    memcpy(z, gram + (q + r) * n, q * sizeof *z);
    gradus_i_triangle_solve(q, triangle, q, true, z);
    double mss = 0;
    for (size_t j = l->intercept ? 1 : 0; j < q; j++)
      mss += z[j] * z[j];
    s->mss[r] = mss;
    double total = gram[(q + r) * (n + 1)], head = l->intercept ? gram[(q + r) * n] : 0;
    s->tss[r] = l->intercept ? total - head * head / s->sum_weight : total;
    s->constant[r] = l->intercept && total == 0;
    s->norm[q + r] = sqrt(total);
    gradus_i_triangle_solve(q, triangle, q, false, z);
    for (size_t j = 0; j < q; j++)
      s->coefficients[r * q + j] = gradus_i_extended_of(z[j]);
  }
  for (size_t j = 0; j < q; j++)
    s->norm[j] = sqrt(gram[j + j * n]);
  s->rank = q;
}

/* Shifts back the intercept: of the scaled, unshifted problem. */
static void unshift(gradus_i_least_squares *s, const gradus_i_gram *c) {
  const gradus_i_layout *l = &s->layout;
  for (size_t r = 0; l->intercept && r < l->k; r++) {
    gradus_i_extended *b = s->coefficients + r * l->q;
    double of_response = c->shift[l->q + r] * l->scale[l->q + r];
    gradus_i_extended sum = gradus_i_extended_add(b[0], gradus_i_extended_of(of_response));
    for (size_t j = 1; j < l->q; j++)
      sum =
          gradus_i_extended_subtract(sum, gradus_i_extended_scale(b[j], c->shift[j] * l->scale[j]));
    b[0] = sum;
  }
}

/* Accumulates per response the gradient Zᵀ√w·r (in the shifted coordinates) and the residual sum of
 * squares. */
static gradus_status residual_process(void *context, const gradus_batch *batch, double *accumulator,
                                      double *scratch, gradus_error *err) {
  (void)err;
  const residual_context *c = context;
  const gradus_i_layout *l = &c->s->layout;
  double *residuals = c->s->residuals;
  size_t first = l->intercept ? 1 : 0, q = l->q;
  bool weighted = gradus_i_weighs_residuals(c->s->source);
  for (size_t r = 0; r < l->k; r++) {
    const double *b = c->estimate + r * q;
    double *g = accumulator + r * (q + 1), sum = 0, square = 0, scale = l->scale[q + r];
    for (size_t i = 0; i < batch->rows; i++)
      scratch[i] = batch->y[i * batch->y_stride + r] - (first ? b[0] : 0);
    gradus_i_rows_residuals(batch->rows, l->p, batch->x, batch->x_stride, b + first, scratch,
                            batch->weight, g + first);
    for (size_t i = 0; i < batch->rows; i++) {
      double w = batch->weight ? batch->weight[i] : 1, residual = scratch[i] * scale;
      if (residuals)
        residuals[r * c->s->residual_rows + batch->first + i] =
            w > 0 ? residual * (weighted ? sqrt(w) : 1) : NAN;
      square += w * residual * residual;
      sum += w * scratch[i];
    }
    if (first)
      g[0] += sum;
    g[q] += square;
  }
  return GRADUS_OK;
}

/* One step along the residuals: δ = root·rootᵀ·(gradient - ridge·c). Returns whether it is so long
   that the residuals, which are those before it, must be taken once more. */
static bool take_step(gradus_i_least_squares *s, size_t r, double *g, double *work) {
  const gradus_i_layout *l = &s->layout;
  size_t q = l->q;
  double longest = 0;
  s->rss[r] = g[q];
  for (size_t j = 0; j < q; j++) {
    g[j] = g[j] * l->scale[j] * l->scale[q + r] - s->ridge[j] * s->coefficients[r * q + j].hi;
    double size = s->norm[j] * s->norm[q + r];
    if (size > 0)
      s->certificate = fmax(s->certificate, fabs(g[j]) / size);
  }
  for (size_t j = 0; j < q; j++) {
    work[j] = 0;
    for (size_t i = 0; i <= j; i++)
      work[j] += s->root[i + j * q] * g[i];
  }
  memset(g, 0, q * sizeof *g); /* the gradient has served: the step takes its place */
  for (size_t j = 0; j < q; j++)
    for (size_t i = 0; i <= j; i++)
      g[i] += s->root[i + j * q] * work[j];
  for (size_t i = 0; i < q; i++) {
    gradus_i_extended *b = &s->coefficients[r * q + i];
    *b = gradus_i_extended_add(*b, gradus_i_extended_of(g[i]));
    longest = fmax(longest, fabs(g[i]) * s->norm[i]);
  }
  return longest > 1e-9 * sqrt(s->rss[r]);
}

static gradus_status refine(gradus_i_least_squares *s, double *work, gradus_error *err) {
  enum { STEPS_MAX = 4 };
  const gradus_i_layout *l = &s->layout;
  size_t q = l->q, chunk = gradus_i_chunk_rows(l->p + l->k);
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = l->k * (q + 1),
                        .scratch_size = chunk,
                        .process = residual_process};
  double *total = work, *estimate = work + pass.accumulator_size;
  residual_context context = {.s = s, .estimate = estimate};
  gradus_status status = GRADUS_OK;
  bool again = true, forced = s->options.method == GRADUS_I_METHOD_CHOLESKY;
  for (int step = 0; status <= 0 && again && step < STEPS_MAX; step++) {
    for (size_t r = 0; r < l->k; r++)
      for (size_t j = 0; j < q; j++)
        estimate[r * q + j] =
            gradus_i_extended_round(s->coefficients[r * q + j]) * (l->scale[j] / l->scale[q + r]);
    status = gradus_i_pass_run(&pass, &context, s->source, s->options.threads, total, err);
    s->certificate = 0;
    again = forced && s->numerical_condition > easy_condition && step == 0;
    for (size_t r = 0; status <= 0 && r < l->k; r++)
      again |= take_step(s, r, total + r * (q + 1), estimate + l->k * q);
    s->iterations++;
  }
  return status;
}

gradus_status gradus_i_solve_gram(gradus_i_least_squares *s, bool *done, gradus_error *err) {
  size_t q = s->layout.q, k = s->layout.k;
  *done = false;
  gradus_i_gram gram = {.s = s, .columns = q + k};
  /* The residual pass takes less than the factorisation, and comes after it. */
  size_t factor_cells = q * q + 3 * q, refine_cells = k * (2 * q + 1) + 2 * q;
  size_t work_cells = factor_cells > refine_cells ? factor_cells : refine_cells;
  size_t cells = gradus_i_gram_cells(&gram);
  double *memory = gradus_i_allocate_raw(cells + gram.columns + work_cells, sizeof *memory);
  if (!memory)
    return gradus_i_out_of_memory(err);
  gram.matrix = memory;
  gram.shift = memory + cells;
  double *work = gram.shift + gram.columns;
  gradus_status status = gradus_i_gram_read(&gram, err);
  if (status <= 0 && s->rows >= q) {
    gradus_i_set_ridge(s);
    *done = factorise(s, &gram, work);
  }
  if (status <= 0 && *done) {
    take_factor(s, &gram, work);
    unshift(s, &gram);
    if (!s->options.rough)
      status = refine(s, work, err);
    s->name = gradus_i_solver_words[GRADUS_I_WORD_CHOLESKY];
    s->how = gradus_i_solver_words[GRADUS_I_WORD_HOW_CHOLESKY];
  }
  gradus_i_release(memory);
  return status;
}
