// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows with standardised inputs: what solvers that feel the units of columns work on. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* ---- moments of the columns ---- */

typedef struct moments_context {
  const double *origin; /* p: sums are about it, so that they do not cancel */
  size_t p;
} moments_context;

static gradus_status fail_input(const gradus_batch *batch, size_t i, size_t p, gradus_error *err) {
  for (size_t j = 0; j < p; j++) {
    double value = batch->x[i * batch->x_stride + j];
    if (!isfinite(value))
      return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE, "row %zu: input %zu is %g",
                           (batch->row ? batch->row[i] : batch->first + i) + 1, j + 1, value);
  }
  return GRADUS_OK;
}

/* Accumulates Σw, Σw(x - origin), Σw(x - origin)². */
static gradus_status add_moments(void *context, const gradus_batch *batch, double *accumulator,
                                 double *scratch, gradus_error *err) {
  (void)scratch;
  const moments_context *c = context;
  double *first = accumulator + 1, *second = first + c->p, check = 0;
  for (size_t i = 0; i < batch->rows; i++) {
    double w = batch->weight ? batch->weight[i] : 1;
    if (w == 0)
      continue;
    const double *x = batch->x + i * batch->x_stride;
    accumulator[0] += w;
    for (size_t j = 0; j < c->p; j++) {
      double d = x[j] - c->origin[j];
      check += 0 * d;
      first[j] += w * d;
      second[j] += w * d * d;
    }
    if (check != 0) { /* NaN: a value is not finite, or a difference overflows */
      gradus_status status = fail_input(batch, i, c->p, err);
      if (status > 0)
        return status;
      check = 0;
    }
  }
  return GRADUS_OK;
}

/* The first row that counts; sums about a row far from the others would cancel. */
static gradus_status take_origin(double *origin, const gradus_source *source, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns, rows = gradus_i_chunk_rows(p + 1);
  gradus_cursor *cursor;
  gradus_batch batch = {.rows = 1};
  bool found = false;
  gradus_status status = gradus_cursor_open(&cursor, source, rows, err);
  for (size_t first = 0; status <= 0 && !found && batch.rows > 0; first += batch.rows) {
    status = gradus_cursor_read(cursor, first, rows, &batch, err);
    for (size_t i = 0; status <= 0 && !found && i < batch.rows; i++) {
      found = !batch.weight || batch.weight[i] > 0;
      if (found)
        memcpy(origin, batch.x + i * batch.x_stride, p * sizeof *origin);
    }
  }
  gradus_cursor_free(cursor);
  return status;
}

gradus_status gradus_i_column_moments(const gradus_source *source, int threads, double *mean,
                                      double *deviation, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns;
  double *sums = gradus_i_allocate(3 * p + 1, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  double *origin = sums + 2 * p + 1;
  moments_context context = {.origin = origin, .p = p};
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(p + 1),
                        .accumulator_size = 2 * p + 1,
                        .process = add_moments};
  gradus_status status = take_origin(origin, source, err);
  if (status <= 0)
    status = gradus_i_pass_run(&pass, &context, source, gradus_i_threads(threads), sums, err);
  for (size_t j = 0; status <= 0 && j < p; j++) {
    double shift = sums[1 + j] / sums[0], square = sums[1 + p + j] / sums[0];
    double variance = square - shift * shift;
    mean[j] = origin[j] + shift;
    deviation[j] = variance > 1e-14 * square ? sqrt(variance) : 0;
  }
  gradus_i_release(sums);
  return status;
}

/* ---- the source ---- */

typedef struct scaled_data {
  const gradus_source *inner;
  size_t p;
  double *centre, *factor; /* p; x' = (x - centre)·factor */
} scaled_data;

typedef struct scaled_cursor {
  gradus_cursor *inner;
  double *x; /* max_rows×p */
} scaled_cursor;

static void scaled_close(void *cursor) {
  scaled_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->x);
  gradus_i_release(c);
}

static gradus_status scaled_open(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const scaled_data *d = data;
  size_t cells;
  scaled_cursor *c = gradus_i_allocate(1, sizeof *c);
  if (c && gradus_i_multiply(max_rows, d->p, &cells))
    c->x = gradus_i_allocate_raw(cells, sizeof *c->x);
  gradus_status status = c && c->x ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&c->inner, d->inner, max_rows, err);
  if (status > 0) {
    scaled_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static void scale_batch(const scaled_data *d, scaled_cursor *c, gradus_batch *batch) {
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double *target = c->x + i * d->p;
#pragma omp simd
    for (size_t j = 0; j < d->p; j++)
      target[j] = (x[j] - d->centre[j]) * d->factor[j];
  }
  batch->x = c->x;
  batch->x_stride = d->p;
  batch->x_low = NULL;
}

static gradus_status scaled_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  scaled_cursor *c = cursor;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  if (status <= 0)
    scale_batch(data, c, batch);
  return status;
}

static gradus_status scaled_gather(const void *data, void *cursor, const size_t *positions,
                                   size_t count, size_t ahead, gradus_batch *batch,
                                   gradus_error *err) {
  scaled_cursor *c = cursor;
  gradus_status status = gradus_cursor_gather(c->inner, positions, count, ahead, batch, err);
  if (status <= 0)
    scale_batch(data, c, batch);
  return status;
}

static void scaled_release(void *data) {
  scaled_data *d = data;
  if (!d)
    return;
  gradus_i_release(d->centre);
  gradus_i_release(d->factor);
  gradus_i_release(d);
}

static const gradus_source_type scaled_type = {.name = "standardised inputs",
                                               .random_access = true,
                                               .open = scaled_open,
                                               .read = scaled_read,
                                               .gather = scaled_gather,
                                               .close = scaled_close,
                                               .release = scaled_release};
gradus_status gradus_i_scale_source(gradus_source **scaled, const gradus_source *inner,
                                    const double *centre, const double *factor, gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(inner);
  scaled_data *d = gradus_i_allocate(1, sizeof *d);
  *scaled = NULL;
  if (d) {
    d->inner = inner;
    d->p = shape.columns;
    d->centre = gradus_i_allocate(d->p, sizeof *d->centre);
    d->factor = gradus_i_allocate(d->p, sizeof *d->factor);
  }
  if (!d || !d->centre || !d->factor) {
    scaled_release(d);
    return gradus_i_out_of_memory(err);
  }
  memcpy(d->centre, centre, d->p * sizeof *centre);
  memcpy(d->factor, factor, d->p * sizeof *factor);
  shape.has_low = false;
  return gradus_i_source_derive(scaled, inner, &scaled_type, d, &shape, err);
}
