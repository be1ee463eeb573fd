// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows in which one coefficient has a given value: its part of the linear predictor is offset. */
#include "irls.h"

typedef struct fixed_rows {
  const gradus_source *source;
  const gradus_i_fixed *fixed;
  size_t p, width;
} fixed_rows;

typedef struct fixed_cursor {
  gradus_cursor *inner;
  double *x, *x_low, *offset;
} fixed_cursor;

static void fixed_close(void *cursor) {
  fixed_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->x);
  gradus_i_release(c->x_low);
  gradus_i_release(c->offset);
  gradus_i_release(c);
}

static gradus_status fixed_open(const void *data, size_t max_rows, void **cursor,
                                gradus_error *err) {
  const fixed_rows *f = data;
  bool has_low = gradus_source_get_shape(f->source)->has_low;
  fixed_cursor *c = gradus_i_allocate(1, sizeof *c);
  size_t cells = 0;
  gradus_status status = GRADUS_OK;
  if (c && gradus_i_multiply(max_rows, f->width, &cells)) {
    c->x = gradus_i_allocate_raw(cells, sizeof *c->x);
    c->x_low = has_low ? gradus_i_allocate_raw(cells, sizeof *c->x_low) : NULL;
    c->offset = gradus_i_allocate_raw(max_rows, sizeof *c->offset);
  }
  if (!c || !c->x || (has_low && !c->x_low) || !c->offset)
    status = gradus_i_out_of_memory(err);
  else
    status = gradus_cursor_open(&c->inner, f->source, max_rows, err);
  if (status > 0) {
    fixed_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static void gather(const fixed_rows *f, const double *from, size_t stride, size_t rows,
                   double *to) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < f->p; j++)
      if (f->fixed->keep[j] && (f->fixed->of_intercept || j != f->fixed->column))
        *to++ = from[i * stride + j];
}

static gradus_status fixed_read(const void *data, void *state, size_t first, size_t max_rows,
                                gradus_batch *batch, gradus_error *err) {
  const fixed_rows *f = data;
  const gradus_i_fixed *fixed = f->fixed;
  fixed_cursor *c = state;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  if (status > 0)
    return status;
  for (size_t i = 0; i < batch->rows; i++) {
    size_t at = i * batch->x_stride + fixed->column;
    double part = fixed->value;
    if (!fixed->of_intercept)
      part = fixed->value * batch->x[at] + (batch->x_low ? fixed->value * batch->x_low[at] : 0);
    c->offset[i] = (batch->offset ? batch->offset[i] : 0) + part;
  }
  gather(f, batch->x, batch->x_stride, batch->rows, c->x);
  if (batch->x_low) {
    gather(f, batch->x_low, batch->x_stride, batch->rows, c->x_low);
    batch->x_low = c->x_low;
  }
  batch->x = c->x;
  batch->x_stride = f->width;
  batch->offset = c->offset;
  return GRADUS_OK;
}

static void fixed_release(void *data) {
  gradus_i_release(data);
}

gradus_status gradus_i_fixed_source(gradus_source **rows, const gradus_source *source,
                                    const gradus_i_fixed *fixed, gradus_error *err) {
  static const gradus_source_type type = {.name = "rows with a fixed coefficient",
                                          .random_access = true,
                                          .open = fixed_open,
                                          .read = fixed_read,
                                          .close = fixed_close,
                                          .release = fixed_release};
  gradus_source_shape shape = *gradus_source_get_shape(source);
  *rows = NULL;
  fixed_rows *f = gradus_i_allocate(1, sizeof *f);
  if (!f)
    return gradus_i_out_of_memory(err);
  *f = (fixed_rows){.source = source, .fixed = fixed, .p = shape.columns};
  for (size_t j = 0; j < f->p; j++)
    f->width += fixed->keep[j] && (fixed->of_intercept || j != fixed->column);
  shape.columns = f->width;
  shape.has_offset = true;
  return gradus_i_source_derive(rows, source, &type, f, &shape, err);
}
