// SPDX-License-Identifier: GPL-3.0-or-later
/* Least squares in closed form: which way is taken, and the order of its steps. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* Work (n·q²) up to which all rows are held as columns of one panel, and up to which the last
   digits are computed in double-double: some 10 ms; for hard problems, whose digits are worth more,
   some seconds. */
static const double small_work = 1e6, extended_work = 4e6, hard_extended_work = 2e8;
/* Condition numbers above which QR in double alone misses the last digits, and above which a
 * problem is hard. */
static const double easy_condition = 32, hard_condition = 1e5;

const char *const gradus_i_solver_words[GRADUS_I_WORD_COUNT] = {
#define GRADUS_X(name, text) text,
    GRADUS_I_SOLVER_WORDS(GRADUS_X)
#undef GRADUS_X
};

void gradus_i_least_squares_free(gradus_i_least_squares *s) {
  if (!s)
    return;
  gradus_i_release(s->relation);
  gradus_i_release(s->residuals);
  gradus_i_release(s);
}

static double *take(double **memory, size_t count) {
  double *start = *memory;
  *memory += count;
  return start;
}

/* One block for the solution and all its arrays but the two that may not be needed. */
gradus_i_least_squares *gradus_i_least_squares_new(const gradus_source *source,
                                                   const gradus_i_least_squares_options *options) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t p = shape->columns, k = shape->responses, q = p + (options->no_intercept ? 0 : 1);
  size_t square, doubles;
  if (q < p || !gradus_i_multiply(q, q, &square) || square > SIZE_MAX / 64)
    return NULL;
  doubles = square + 2 * k * q + 2 * (q + k) + q + 3 * k;
  size_t head = (sizeof(gradus_i_least_squares) + 63) / 64 * 64;
  size_t size = head + doubles * sizeof(double) + (q + k) * sizeof(bool);
  gradus_i_least_squares *s = gradus_i_allocate_raw(size, 1);
  if (!s)
    return NULL;
  memset(s, 0, head);
  double *memory = (double *)(void *)((char *)s + head);
  s->source = source;
  s->options = *options;
  s->layout = (gradus_i_layout){.p = p, .k = k, .q = q, .intercept = !options->no_intercept};
  s->root = take(&memory, square); /* written whole by every way */
  memset(memory, 0, size - head - square * sizeof(double));
  s->coefficients = (gradus_i_extended *)(void *)take(&memory, 2 * k * q);
  s->layout.scale = take(&memory, q + k);
  s->norm = take(&memory, q + k);
  s->ridge = take(&memory, q);
  s->rss = take(&memory, k);
  s->tss = take(&memory, k);
  s->mss = take(&memory, k);
  s->dropped = (bool *)(void *)memory;
  s->constant = s->dropped + q;
  return s;
}

static gradus_status allocate_residuals(gradus_i_least_squares *s, gradus_error *err) {
  size_t count;
  s->residual_rows = gradus_source_get_shape(s->source)->rows;
  if (s->residual_rows == 0 || s->options.rough)
    return GRADUS_OK;
  if (!gradus_i_multiply(s->residual_rows, s->layout.k, &count))
    return gradus_i_out_of_memory(err);
  s->residuals = gradus_i_allocate_raw(count, sizeof *s->residuals);
  if (!s->residuals)
    return gradus_i_out_of_memory(err);
  if (gradus_source_get_shape(s->source)->weight_kind)
    for (size_t i = 0; i < count; i++)
      s->residuals[i] = NAN; /* places of rows of weight 0 */
  return GRADUS_OK;
}

void gradus_i_set_ridge(gradus_i_least_squares *s) {
  double weight = s->options.ridge_weight > 0 ? s->options.ridge_weight : s->sum_weight;
  for (size_t j = 0; s->options.l2 > 0 && j < s->layout.q; j++)
    s->ridge[j] = s->layout.intercept && j == 0 && !s->options.ridge_intercept
                      ? 0
                      : s->options.l2 * weight * s->layout.scale[j] * s->layout.scale[j];
}

static gradus_status check_rows(const gradus_i_least_squares *s, gradus_error *err) {
  if (s->rows > 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                       "there is no row with a weight above 0: nothing can be fitted");
}

/* Fewer rows than parameters will do where so many columns are determined by others that some rows
   are left over (R's lm); otherwise the fit would only repeat the data. */
static gradus_status check_rank(const gradus_i_least_squares *s, gradus_error *err) {
  size_t q = s->layout.q;
  bool determined = s->rows >= q || s->rank < s->rows;
  if (determined || s->options.any_rank || s->options.l2 > 0 ||
      s->options.method == GRADUS_I_METHOD_SVD)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNDERDETERMINED,
                       "%zu row%s for %zu parameters: the model is underdetermined; use fewer "
                       "columns, more rows, a penalty (l2), or the solver svd (minimum norm)",
                       s->rows, s->rows == 1 ? "" : "s", q);
}

/* ---- a small problem: all rows in one panel ---- */

static double largest(const double *values, size_t count) {
  double most = 0;
  for (size_t i = 0; i < count; i++)
    most = fabs(values[i]) > most ? fabs(values[i]) : most; /* fmax is a call */
  return most;
}

static void scale_column(double *values, double *low, size_t count, double *scale) {
  double most = largest(values, count);
  *scale = most > 0 ? ldexp(1, -ilogb(most)) : 1;
  for (size_t i = 0; i < count; i++)
    values[i] *= *scale;
  for (size_t i = 0; low && i < count; i++)
    low[i] *= *scale;
}

/* Powers of two that bring every column near 1, and the sums that a scan of the source would give.
 */
static void scale_panel(gradus_i_least_squares *s, gradus_i_panel *panel) {
  const gradus_i_layout *l = &s->layout;
  size_t n = panel->rows, ld = panel->capacity;
  for (size_t j = 0; j < l->q; j++)
    scale_column(panel->z + j * ld, panel->z_low ? panel->z_low + j * ld : NULL, n, &l->scale[j]);
  for (size_t r = 0; r < l->k; r++) {
    double *y = panel->y + r * ld;
    double *low = panel->y_low ? panel->y_low + r * ld : NULL;
    scale_column(y, low, n, &l->scale[l->q + r]);
    s->constant[r] = l->intercept;
    for (size_t i = 1; s->constant[r] && i < n; i++)
      s->constant[r] = y[i] == y[0] && (!low || low[i] == low[0]);
  }
  s->rows = n;
  s->sum_weight = panel->weight ? 0 : (double)n;
  s->sum_log_weight = 0;
  for (size_t i = 0; panel->weight && i < n; i++) {
    s->sum_weight += panel->weight[i];
    s->sum_log_weight += panel->weight[i] == 1 ? 0 : log(panel->weight[i]);
  }
}

static gradus_status read_panel(gradus_i_least_squares *s, gradus_i_panel *panel,
                                gradus_error *err) {
  gradus_cursor *cursor;
  gradus_batch batch;
  gradus_status status = gradus_cursor_open(&cursor, s->source, panel->capacity, err);
  if (status > 0)
    return status;
  for (size_t j = 0; j < s->layout.q + s->layout.k; j++)
    s->layout.scale[j] = 1;
  size_t position = 0;
  do {
    status = gradus_cursor_read(cursor, position, panel->capacity - position, &batch, err);
    if (status <= 0 && batch.rows > 0)
      status = gradus_i_panel_append(panel, &s->layout, &batch, err);
    position += batch.rows;
  } while (status <= 0 && batch.rows > 0 && position < panel->capacity);
  gradus_cursor_free(cursor);
  if (status <= 0)
    scale_panel(s, panel);
  return status;
}

/* Triangle of the panel's columns (times √w), with a row √ridge_j·e_j for each penalised column. a:
 * (rows + q)×(q + k). */
static gradus_status panel_triangle(const gradus_i_least_squares *s, const gradus_i_panel *panel,
                                    double *a, double *r, gradus_error *err) {
  size_t n = panel->rows, q = s->layout.q, m = q + s->layout.k;
  size_t ld = panel->capacity + (s->options.l2 > 0 ? q : 0);
  for (size_t j = 0; j < m; j++) {
    const double *column =
        j < q ? panel->z + j * panel->capacity : panel->y + (j - q) * panel->capacity;
    for (size_t i = 0; i < n; i++)
      a[i + j * ld] = panel->weight ? column[i] * sqrt(panel->weight[i]) : column[i];
    for (size_t i = 0; s->options.l2 > 0 && i < q; i++)
      a[n + i + j * ld] = i == j ? sqrt(s->ridge[j]) : 0;
  }
  return gradus_i_qr_triangle(n + (s->options.l2 > 0 ? q : 0), m, a, ld, r, err);
}

/* ---- QR ways ---- */

static gradus_status solve_from_triangle(gradus_i_least_squares *s, double *r, gradus_error *err) {
  return s->options.method == GRADUS_I_METHOD_SVD ? gradus_i_solve_svd(s, r, err)
                                                  : gradus_i_solve_triangle(s, r, err);
}

static bool wants_extended(const gradus_i_least_squares *s) {
  if (s->options.method == GRADUS_I_METHOD_SVD || s->rank == 0)
    return false;
  double q = (double)s->layout.q, work = (double)s->rows * q * q + 2 * q * q * q;
  bool has_low = gradus_source_get_shape(s->source)->has_low;
  if (s->numerical_condition <= easy_condition && !has_low)
    return false;
  return work <= (s->numerical_condition > hard_condition ? hard_extended_work : extended_work);
}

static void take_given(gradus_i_least_squares *s) {
  const double *scale = s->layout.scale;
  size_t q = s->layout.q;
  for (size_t r = 0; r < s->layout.k; r++)
    for (size_t j = 0; j < q; j++)
      s->coefficients[r * q + j] =
          gradus_i_extended_of(s->options.given[r * q + j] * (scale[q + r] / scale[j]));
}

/* From the triangle to the last digit. panel: all rows, or NULL. */
static gradus_status finish(gradus_i_least_squares *s, double *r, const gradus_i_panel *panel,
                            gradus_error *err) {
  gradus_i_set_norms(s, r);
  gradus_status status = solve_from_triangle(s, r, err);
  if (status <= 0)
    status = check_rank(s, err);
  if (status > 0)
    return status;
  bool svd = s->options.method == GRADUS_I_METHOD_SVD, extended = wants_extended(s);
  s->name = gradus_i_solver_words[svd ? GRADUS_I_WORD_SVD : GRADUS_I_WORD_QR];
  s->how = gradus_i_solver_words[svd        ? GRADUS_I_WORD_HOW_SVD
                                 : extended ? GRADUS_I_WORD_HOW_EXTENDED
                                            : GRADUS_I_WORD_HOW_QR];
  if (s->options.rough)
    return status;
  if (extended)
    status = gradus_i_solve_extended(s, panel, err);
  if (s->options.given)
    take_given(s);
  if (status <= 0)
    status = gradus_i_refine_extended(s, panel, err);
  return status;
}

static gradus_status solve_small(gradus_i_least_squares *s, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(s->source);
  size_t n = shape->rows, m = s->layout.q + s->layout.k;
  size_t rows = n + (s->options.l2 > 0 ? s->layout.q : 0);
  size_t panel_size = gradus_i_panel_size(&s->layout, shape, n);
  double *memory = gradus_i_allocate_raw(panel_size + rows * m + m * m, sizeof *memory);
  if (!memory)
    return gradus_i_out_of_memory(err);
  gradus_i_panel panel = gradus_i_panel_in(memory, &s->layout, shape, n);
  double *a = memory + panel_size, *r = a + rows * m;
  gradus_status status = read_panel(s, &panel, err);
  if (status <= 0)
    status = check_rows(s, err);
  if (status <= 0) {
    gradus_i_set_ridge(s);
    status = panel_triangle(s, &panel, a, r, err);
  }
  if (status <= 0)
    status = finish(s, r, &panel, err);
  gradus_i_release(memory);
  return status;
}

static gradus_status solve_tall(gradus_i_least_squares *s, gradus_error *err) {
  size_t m = s->layout.q + s->layout.k;
  gradus_status status = gradus_i_scan_source(s, err);
  if (status <= 0)
    status = check_rows(s, err);
  if (status > 0)
    return status;
  gradus_i_set_ridge(s);
  double *r = gradus_i_allocate(m * m, sizeof *r);
  if (!r)
    return gradus_i_out_of_memory(err);
  status = gradus_i_rows_triangle(s, r, err);
  if (status <= 0)
    status = finish(s, r, NULL, err);
  gradus_i_release(r);
  return status;
}

static bool is_small(const gradus_i_least_squares *s) {
  double rows = (double)gradus_source_get_shape(s->source)->rows, q = (double)s->layout.q;
  return rows > 0 && rows * q * q <= small_work && rows * (q + (double)s->layout.k) <= small_work;
}

static gradus_status solve(gradus_i_least_squares *s, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(s->source);
  gradus_i_method method = s->options.method;
  bool small = is_small(s), done = false;
  gradus_status status = allocate_residuals(s, err);
  /* The Gram matrix knows nothing of what R² with an offset or a column's low part need. */
  if (status <= 0 && !shape->has_offset && s->layout.q > 0 && !s->options.given &&
      !s->options.ridge_intercept &&
      (method == GRADUS_I_METHOD_CHOLESKY ||
       (method == GRADUS_I_METHOD_AUTO && !small && !shape->has_low)))
    status = gradus_i_solve_gram(s, &done, err);
  if (status <= 0 && !done)
    status = small ? solve_small(s, err) : solve_tall(s, err);
  return status;
}

gradus_status gradus_i_least_squares_solve(gradus_i_least_squares **solution,
                                           const gradus_source *source,
                                           const gradus_i_least_squares_options *options,
                                           gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  *solution = NULL;
  gradus_status status =
      gradus_i_check_dimensions(shape->columns + shape->responses + 1, shape->responses, err);
  if (status > 0)
    return status;
  gradus_i_least_squares *s = gradus_i_least_squares_new(source, options);
  if (!s)
    return gradus_i_out_of_memory(err);
  gradus_i_thread_scope scope = gradus_i_threads_begin(options->threads);
  s->options.threads = scope.threads;
  status = solve(s, err);
  gradus_i_threads_end(scope);
  if (status > 0) {
    gradus_i_least_squares_free(s);
    return status;
  }
  *solution = s;
  return GRADUS_OK;
}
