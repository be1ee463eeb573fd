// SPDX-License-Identifier: GPL-3.0-or-later
/* The last digits. Two passes in double-double arithmetic, over one panel that holds all rows or
   over chunks of a source:

   - Normal equations of Y = Z·root. root comes from a factorisation in double and makes Y nearly
   orthonormal, so that the normal equations, which square a condition number, have nothing to
   square: with M = YᵀWY (and the ridge), (ZᵀWZ)⁻¹ = root·M⁻¹·rootᵀ and c = root·M⁻¹·YᵀWy, to about
   106 bits less the condition of Z.
   - Residuals y - Zc and the steps root·rootᵀ·ZᵀW(y - Zc) (Björck 1967), until the estimates stand
   still. */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef gradus_i_extended extended;

/* A pass: how rows are reduced to `cells` sums. */
typedef struct extended_pass {
  const gradus_i_least_squares *s;
  const gradus_i_extended_kernels *kernels;
  size_t chunk_rows, panel_size;
  size_t cells;
  size_t scratch_per_row; /* doubles that reduce needs beside the panel */
  void (*reduce)(const struct extended_pass *pass, const gradus_i_panel *panel, size_t first,
                 extended *sums, double *scratch);
} extended_pass;

static gradus_status process_chunk(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  const extended_pass *pass = context;
  const gradus_i_least_squares *s = pass->s;
  gradus_i_panel panel =
      gradus_i_panel_in(scratch, &s->layout, gradus_source_get_shape(s->source), pass->chunk_rows);
  gradus_status status = gradus_i_panel_append(&panel, &s->layout, batch, err);
  if (status <= 0)
    pass->reduce(pass, &panel, batch->first, (extended *)(void *)accumulator,
                 scratch + pass->panel_size);
  return status;
}

static void add(extended *sum, extended more) {
  *sum = gradus_i_extended_add(*sum, more);
}

static gradus_status add_sums(void *context, double *total, const double *accumulator,
                              gradus_error *err) {
  (void)err;
  const extended_pass *pass = context;
  extended *sums = (extended *)(void *)total;
  const extended *more = (const extended *)(const void *)accumulator;
  for (size_t i = 0; i < pass->cells; i++)
    add(&sums[i], more[i]);
  return GRADUS_OK;
}

static gradus_status run_on_panel(const extended_pass *pass, const gradus_i_panel *panel,
                                  extended *sums, gradus_error *err) {
  double *scratch = gradus_i_allocate_raw(pass->scratch_per_row * panel->capacity, sizeof *scratch);
  if (!scratch)
    return gradus_i_out_of_memory(err);
  memset(sums, 0, pass->cells * sizeof *sums);
  pass->reduce(pass, panel, 0, sums, scratch);
  gradus_i_release(scratch);
  return GRADUS_OK;
}

static gradus_status run(extended_pass *pass, const gradus_i_panel *panel, extended *sums,
                         gradus_error *err) {
  const gradus_i_least_squares *s = pass->s;
  pass->kernels = gradus_i_extended_kernel_table();
  if (panel)
    return run_on_panel(pass, panel, sums, err);
  pass->chunk_rows = 512;
  pass->panel_size =
      gradus_i_panel_size(&s->layout, gradus_source_get_shape(s->source), pass->chunk_rows);
  gradus_i_pass chunks = {.chunk_rows = pass->chunk_rows,
                          .accumulator_size = 2 * pass->cells,
                          .scratch_size =
                              pass->panel_size + pass->scratch_per_row * pass->chunk_rows,
                          .process = process_chunk,
                          .merge = add_sums};
  return gradus_i_pass_run(&chunks, pass, s->source, s->options.threads, (double *)(void *)sums,
                           err);
}

static const double *low_column(const double *low, size_t capacity, size_t column) {
  return low ? low + column * capacity : NULL;
}

/* ---- normal equations of Z·root ---- */

/* sums: M (rank², upper triangle, column-major), then rank per response. scratch: Y and its low
 * part, and one column with weights. */
static void reduce_normal(const extended_pass *pass, const gradus_i_panel *panel, size_t first,
                          extended *sums, double *scratch) {
  (void)first;
  const gradus_i_least_squares *s = pass->s;
  const gradus_i_extended_kernels *kernels = pass->kernels;
  size_t q = s->layout.q, rank = s->rank, n = panel->rows, ld = panel->capacity;
  double *y = scratch, *y_low = y + rank * ld, *weighted = y_low + rank * ld;
  for (size_t j = 0; j < rank; j++) {
    memset(y + j * ld, 0, n * sizeof *y);
    memset(y_low + j * ld, 0, n * sizeof *y);
    for (size_t i = 0; i < q; i++)
      if (s->root[i + j * q] != 0)
        kernels->axpy(n, gradus_i_extended_of(s->root[i + j * q]), panel->z + i * ld,
                      low_column(panel->z_low, ld, i), y + j * ld, y_low + j * ld);
  }
  for (size_t j = 0; j < rank; j++) {
    const double *v = y + j * ld, *v_low = y_low + j * ld;
    if (panel->weight) {
      kernels->multiply(n, panel->weight, v, v_low, weighted, weighted + ld);
      v = weighted;
      v_low = weighted + ld;
    }
    for (size_t i = 0; i <= j; i++)
      add(&sums[i + j * rank], kernels->dot(n, y + i * ld, y_low + i * ld, v, v_low));
    for (size_t r = 0; r < s->layout.k; r++)
      add(&sums[rank * rank + r * rank + j],
          kernels->dot(n, v, v_low, panel->y + r * ld, low_column(panel->y_low, ld, r)));
  }
}

/* M += rootᵀ·ridge·root. */
static void add_ridge(const gradus_i_least_squares *s, extended *m) {
  size_t q = s->layout.q, rank = s->rank;
  for (size_t j = 0; s->options.l2 > 0 && j < rank; j++)
    for (size_t i = 0; i <= j; i++)
      for (size_t l = 0; l < q; l++)
        if (s->ridge[l] > 0)
          m[i + j * rank] = gradus_i_extended_add(
              m[i + j * rank],
              gradus_i_extended_scale(gradus_i_two_product(s->root[l + i * q], s->root[l + j * q]),
                                      s->ridge[l]));
}

/* v (q×rank) = root·R⁻¹ for the factor R of M: (ZᵀWZ)⁻¹ = v·vᵀ. work: rank². */
static void multiply_root(const gradus_i_least_squares *s, const extended *r, extended *v,
                          extended *work) {
  size_t q = s->layout.q, rank = s->rank;
  gradus_i_extended_triangle_inverse(rank, r, work);
  for (size_t i = 0; i < q; i++)
    for (size_t j = 0; j < rank; j++) {
      extended sum = {0, 0};
      for (size_t l = 0; l <= j; l++)
        if (s->root[i + l * q] != 0)
          sum = gradus_i_extended_add(
              sum, gradus_i_extended_scale(work[l + j * rank], s->root[i + l * q]));
      v[i + j * q] = sum;
    }
}

/* c = v·R⁻ᵀ·(YᵀWy); `inverse` holds R⁻¹. */
static void solve_response(gradus_i_least_squares *s, const extended *v, const extended *inverse,
                           const extended *right, extended *c) {
  size_t q = s->layout.q, rank = s->rank;
  memset(c, 0, q * sizeof *c);
  for (size_t j = 0; j < rank; j++) {
    extended sum = {0, 0};
    for (size_t i = 0; i <= j; i++)
      sum = gradus_i_extended_add(sum, gradus_i_extended_multiply(inverse[i + j * rank], right[i]));
    for (size_t i = 0; i < q; i++)
      c[i] = gradus_i_extended_add(c[i], gradus_i_extended_multiply(v[i + j * q], sum));
  }
}

gradus_status gradus_i_solve_extended(gradus_i_least_squares *s, const gradus_i_panel *panel,
                                      gradus_error *err) {
  size_t q = s->layout.q, k = s->layout.k, rank = s->rank;
  extended_pass pass = {
      .s = s, .cells = rank * (rank + k), .scratch_per_row = 2 * rank + 2, .reduce = reduce_normal};
  extended *sums = gradus_i_allocate(pass.cells + rank * rank + q * rank, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  extended *inverse = sums + pass.cells, *v = inverse + rank * rank;
  gradus_status status = run(&pass, panel, sums, err);
  if (status <= 0) {
    add_ridge(s, sums);
    if (!gradus_i_extended_cholesky(rank, sums))
      status = gradus_i_fail(err, GRADUS_ERROR_NUMERICAL,
                             "the design is collinear beyond double-double arithmetic");
  }
  if (status <= 0) {
    multiply_root(s, sums, v, inverse);
    for (size_t r = 0; r < k; r++)
      solve_response(s, v, inverse, sums + rank * (rank + r), s->coefficients + r * q);
    for (size_t i = 0; i < q * rank; i++)
      s->root[i] = gradus_i_extended_round(v[i]);
  }
  gradus_i_release(sums);
  return status;
}

/* ---- residuals ---- */

/* sums per response: gradient (q), then these. */
enum { RSS, WEIGHT, SUM, SQUARE, FITTED, FITTED_SQUARE, TOTALS };

static void store_residuals(const gradus_i_least_squares *s, const gradus_i_panel *panel,
                            size_t first, size_t r, const double *residual) {
  double *out = s->residuals + r * s->residual_rows + first;
  bool weighted = gradus_i_weighs_residuals(s->source);
  for (size_t i = 0; i < panel->rows; i++)
    out[i] = weighted ? residual[i] * sqrt(panel->weight[i]) : residual[i];
}

/* w·(one or two vectors): their weighted dot product. weighted: two columns of scratch. */
static extended weighted_dot(const extended_pass *pass, const gradus_i_panel *panel,
                             const double *a, const double *a_low, const double *b,
                             const double *b_low, double *weighted) {
  if (!panel->weight)
    return pass->kernels->dot(panel->rows, a, a_low, b, b_low);
  pass->kernels->multiply(panel->rows, panel->weight, a, a_low, weighted,
                          weighted + panel->capacity);
  return pass->kernels->dot(panel->rows, weighted, weighted + panel->capacity, b, b_low);
}

static extended weighted_sum(const extended_pass *pass, const gradus_i_panel *panel,
                             const double *a, const double *a_low) {
  if (!panel->weight)
    return pass->kernels->sum(panel->rows, a, a_low);
  return pass->kernels->dot(panel->rows, a, a_low, panel->weight, NULL);
}

/* Fitted values with the offset, as R's R² takes them. */
static void reduce_fitted(const extended_pass *pass, const gradus_i_panel *panel, size_t r,
                          const double *residual, extended *totals, double *scratch) {
  size_t n = panel->rows, ld = panel->capacity;
  double *fitted = scratch, *weighted = scratch + ld,
         scale = pass->s->layout.scale[pass->s->layout.q + r];
  for (size_t i = 0; i < n; i++)
    fitted[i] = panel->y[r * ld + i] - residual[i] + panel->offset[i] * scale;
  add(&totals[FITTED], weighted_sum(pass, panel, fitted, NULL));
  add(&totals[FITTED_SQUARE], weighted_dot(pass, panel, fitted, NULL, fitted, NULL, weighted));
}

static void reduce_residuals(const extended_pass *pass, const gradus_i_panel *panel, size_t first,
                             extended *sums, double *scratch) {
  const gradus_i_least_squares *s = pass->s;
  const gradus_i_extended_kernels *kernels = pass->kernels;
  size_t q = s->layout.q, n = panel->rows, ld = panel->capacity;
  double *residual = scratch, *residual_low = scratch + ld, *weighted = scratch + 2 * ld;
  for (size_t r = 0; r < s->layout.k; r++) {
    extended *gradient = sums + r * (q + TOTALS), *totals = gradient + q;
    const double *y = panel->y + r * ld, *y_low = low_column(panel->y_low, ld, r);
    memcpy(residual, y, n * sizeof *y);
    if (y_low)
      memcpy(residual_low, y_low, n * sizeof *y);
    else
      memset(residual_low, 0, n * sizeof *y);
    for (size_t j = 0; j < q; j++)
      if (!s->dropped[j])
        kernels->axpy(n, gradus_i_extended_negate(s->coefficients[r * q + j]), panel->z + j * ld,
                      low_column(panel->z_low, ld, j), residual, residual_low);
    if (s->residuals)
      store_residuals(s, panel, first, r, residual);
    add(&totals[SUM], weighted_sum(pass, panel, y, y_low));
    add(&totals[SQUARE], weighted_dot(pass, panel, y, y_low, y, y_low, weighted));
    add(&totals[WEIGHT],
        panel->weight ? kernels->sum(n, panel->weight, NULL) : gradus_i_extended_of((double)n));
    if (panel->offset)
      reduce_fitted(pass, panel, r, residual, totals, weighted);
    add(&totals[RSS],
        weighted_dot(pass, panel, residual, residual_low, residual, residual_low, weighted));
    const double *v = residual, *v_low = residual_low;
    if (panel->weight) { /* weighted still holds w·residual */
      v = weighted;
      v_low = weighted + ld;
    }
    for (size_t j = 0; j < q; j++)
      add(&gradient[j],
          kernels->dot(n, panel->z + j * ld, low_column(panel->z_low, ld, j), v, v_low));
  }
}

static extended centred_square(extended square, extended sum, extended weight) {
  return gradus_i_extended_subtract(
      square, gradus_i_extended_divide(gradus_i_extended_multiply(sum, sum), weight));
}

static void take_totals(gradus_i_least_squares *s, size_t r, const extended *totals,
                        double decrease) {
  extended rss = gradus_i_extended_subtract(totals[RSS], gradus_i_extended_of(decrease));
  extended tss = totals[SQUARE], mss;
  if (s->layout.intercept && s->rows > 0)
    tss = centred_square(tss, totals[SUM], totals[WEIGHT]);
  if (gradus_source_get_shape(s->source)->has_offset)
    mss = s->layout.intercept
              ? centred_square(totals[FITTED_SQUARE], totals[FITTED], totals[WEIGHT])
              : totals[FITTED_SQUARE];
  else
    mss = gradus_i_extended_subtract(tss, rss);
  s->rss[r] = fmax(0, gradus_i_extended_round(rss));
  s->tss[r] = fmax(0, gradus_i_extended_round(tss));
  s->mss[r] = fmax(0, gradus_i_extended_round(mss));
}

/* One step of one response; returns whether another one could still change a digit. */
static bool take_step(gradus_i_least_squares *s, size_t r, const extended *sums, double *work) {
  size_t q = s->layout.q;
  extended *c = s->coefficients + r * q;
  double *gradient = work, *part = work + q, longest = 0, decrease = 0;
  for (size_t j = 0; j < q; j++) {
    gradient[j] = s->dropped[j] ? 0
                                : gradus_i_extended_round(gradus_i_extended_subtract(
                                      sums[j], gradus_i_extended_scale(c[j], s->ridge[j])));
    double size = s->norm[j] * s->norm[q + r];
    if (size > 0)
      s->certificate = fmax(s->certificate, fabs(gradient[j]) / size);
  }
  if (s->options.given) {
    take_totals(s, r, sums + q, 0);
    return false;
  }
  memset(part, 0, q * sizeof *part);
  for (size_t j = 0; j < s->rank; j++)
    for (size_t i = 0; i < q; i++)
      part[j] += s->root[i + j * q] * gradient[i];
  bool moved = false;
  double contraction = 10 * DBL_EPSILON * s->numerical_condition * s->numerical_condition;
  for (size_t i = 0; i < q; i++) {
    double step = 0;
    for (size_t j = 0; j < s->rank; j++)
      step += s->root[i + j * q] * part[j];
    c[i] = gradus_i_extended_add(c[i], gradus_i_extended_of(step));
    longest = fmax(longest, fabs(step) * s->norm[i]);
    decrease += step * gradient[i];
  }
  for (size_t i = 0; i < q; i++)
    moved =
        moved || longest * fmin(0.5, contraction) > DBL_EPSILON / 8 * fabs(c[i].hi) * s->norm[i];
  take_totals(s, r, sums + q, decrease);
  /* The residuals are those before the step. */
  bool stale = longest > 1e-9 * sqrt(s->rss[r]);
  return (moved || stale) && longest > 1e-24 * s->norm[q + r];
}

gradus_status gradus_i_refine_extended(gradus_i_least_squares *s, const gradus_i_panel *panel,
                                       gradus_error *err) {
  enum { STEPS_MAX = 8 };
  size_t q = s->layout.q, k = s->layout.k, cells = k * (q + TOTALS);
  extended_pass pass = {.s = s, .cells = cells, .scratch_per_row = 5, .reduce = reduce_residuals};
  extended *sums = gradus_i_allocate(cells + q, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  gradus_status status = GRADUS_OK;
  bool again = true;
  for (int step = 0; status <= 0 && again && step < STEPS_MAX; step++) {
    status = run(&pass, panel, sums, err);
    again = false;
    s->certificate = 0;
    for (size_t r = 0; status <= 0 && r < k; r++)
      again |= take_step(s, r, sums + r * (q + TOTALS), (double *)(void *)(sums + cells));
    s->iterations++;
  }
  gradus_i_release(sums);
  return status;
}
