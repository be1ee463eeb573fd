// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows into the Gram matrix: as they lie in memory where nothing is to be done to them, else
 * shifted and weighted chunk by chunk. */
#include "gram.h"

#include <math.h>
#include <string.h>

size_t gradus_i_gram_cells(const gradus_i_gram *gram) {
  return gram->columns * gram->columns + 3; /* rows, Σw, Σlog w */
}

/* y - shift of row i; offsets do not come here. */
static void copy_responses(const gradus_i_gram *g, const gradus_batch *batch, size_t i,
                           double *target) {
  const gradus_i_layout *l = &g->s->layout;
  for (size_t r = 0; r < l->k; r++)
    target[r] = batch->y[i * batch->y_stride + r] - g->shift[l->q + r];
}

/* Inputs as they are. extra: rows×(ones and responses), which meet the inputs in one product and
 * each other in a small one. */
static void add_plain(const gradus_i_gram *g, const gradus_batch *batch, double *matrix,
                      double *scratch) {
  const gradus_i_layout *l = &g->s->layout;
  size_t n = g->columns, first = l->intercept ? 1 : 0, m = first + l->k, p = l->p;
  double *extra = scratch, *cross = scratch + batch->rows * m;
  for (size_t i = 0; i < batch->rows; i++) {
    extra[i * m] = 1; /* overwritten by a response if there is no intercept */
    copy_responses(g, batch, i, extra + i * m + first);
  }
  if (p > 0) {
    gradus_i_rows_gram(batch->rows, p, batch->x, batch->x_stride, matrix + first * (n + 1), n);
    gradus_i_rows_cross(batch->rows, p, m, batch->x, batch->x_stride, extra, cross);
  }
  for (size_t j = 0; j < p; j++) {
    if (first)
      matrix[(first + j) * n] += cross[j * m];
    for (size_t r = 0; r < l->k; r++)
      matrix[first + j + (l->q + r) * n] += cross[j * m + first + r];
  }
  gradus_i_rows_cross(batch->rows, m, m, extra, m, extra, cross);
  for (size_t b = 0; b < m; b++)
    for (size_t a = 0; a <= b; a++)
      matrix[(a < first ? 0 : l->q + a - first) + (b < first ? 0 : l->q + b - first) * n] +=
          cross[a * m + b];
}

/* [1 (x - shift) (y - shift)]·√w. */
static void add_shifted(const gradus_i_gram *g, const gradus_batch *batch, double *matrix,
                        double *scratch) {
  const gradus_i_layout *l = &g->s->layout;
  size_t n = g->columns, first = l->intercept ? 1 : 0;
  const double *shift = g->shift + first;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double *row = scratch + i * n, *inputs = row + first;
    row[0] = 1;
#pragma omp simd
    for (size_t j = 0; j < l->p; j++)
      inputs[j] = x[j] - shift[j];
    copy_responses(g, batch, i, row + l->q);
    double root = batch->weight ? sqrt(batch->weight[i]) : 1;
    for (size_t j = 0; batch->weight && j < n; j++)
      row[j] *= root;
  }
  gradus_i_rows_gram(batch->rows, n, scratch, n, matrix, n);
}

static gradus_status add_batch(void *context, const gradus_batch *batch, double *accumulator,
                               double *scratch, gradus_error *err) {
  const gradus_i_gram *g = context;
  double *sums = accumulator + g->columns * g->columns;
  gradus_status status = gradus_i_check_weights(batch, err);
  if (status > 0)
    return status;
  if (g->shifted || batch->weight)
    add_shifted(g, batch, accumulator, scratch);
  else
    add_plain(g, batch, accumulator, scratch);
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1;
    sums[0] += w > 0;
    sums[1] += w;
    sums[2] += w > 0 && w != 1 ? log(w) : 0;
  }
  return GRADUS_OK;
}

/* Shift and scale of one column from the first rows: their mean and the power of two next to their
   spread. Inputs may be left where they are if their means add to the condition number no more than
   a small factor. */
static void choose_scale(gradus_i_gram *g, size_t column, const double *values, size_t stride,
                         size_t rows) {
  const gradus_i_layout *l = &g->s->layout;
  double sum = 0, most = 0;
  for (size_t i = 0; i < rows; i++)
    sum += values[i * stride] - values[0]; /* of a constant column the mean is exact */
  double mean = l->intercept && rows ? values[0] + sum / (double)rows : 0;
  for (size_t i = 0; i < rows; i++)
    most = fmax(most, fabs(values[i * stride] - mean));
  g->shift[column] = isfinite(mean) ? mean : 0;
  l->scale[column] = most > 0 && isfinite(most) ? ldexp(1, -ilogb(most)) : 1;
  if (column < l->q && fabs(mean) * sqrt((double)l->p) > 4 * most)
    g->shifted = true;
}

static gradus_status choose_scales(gradus_i_gram *g, gradus_error *err) {
  enum { SAMPLE = 256 };
  const gradus_i_layout *l = &g->s->layout;
  size_t first = l->intercept ? 1 : 0;
  gradus_cursor *cursor;
  gradus_batch batch;
  gradus_status status = gradus_cursor_open(&cursor, g->s->source, SAMPLE, err);
  if (status > 0)
    return status;
  status = gradus_cursor_read(cursor, 0, SAMPLE, &batch, err);
  memset(g->shift, 0, g->columns * sizeof *g->shift);
  l->scale[0] = 1;
  for (size_t j = 0; status <= 0 && j < l->p; j++)
    choose_scale(g, first + j, batch.x + j, batch.x_stride, batch.rows);
  for (size_t r = 0; status <= 0 && r < l->k; r++)
    choose_scale(g, l->q + r, batch.y + r, batch.y_stride, batch.rows);
  for (size_t j = 0; !g->shifted && j < l->q; j++)
    g->shift[j] = 0;
  gradus_cursor_free(cursor);
  return status;
}

/* Scales are powers of two: they come in after the sums without any rounding. */
static void scale_matrix(const gradus_i_gram *g) {
  const double *scale = g->s->layout.scale;
  for (size_t j = 0; j < g->columns; j++)
    for (size_t i = 0; i <= j; i++)
      g->matrix[i + j * g->columns] *= scale[i] * scale[j];
}

gradus_status gradus_i_gram_read(gradus_i_gram *g, gradus_error *err) {
  gradus_i_least_squares *s = g->s;
  size_t chunk = gradus_i_chunk_rows(g->columns), m = s->layout.k + 1;
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = gradus_i_gram_cells(g),
                        .scratch_size = (chunk + m) * g->columns + m * m,
                        .process = add_batch};
  gradus_status status = choose_scales(g, err);
  if (status <= 0)
    status = gradus_i_pass_run(&pass, g, s->source, s->options.threads, g->matrix, err);
  if (status > 0)
    return status;
  scale_matrix(g);
  const double *sums = g->matrix + g->columns * g->columns;
  s->rows = (size_t)sums[0];
  s->sum_weight = sums[1];
  s->sum_log_weight = sums[2];
  return GRADUS_OK;
}
