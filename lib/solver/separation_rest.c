// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows that no separating direction moves: those of the limiting conditional model, whose
   estimates the likelihood has at infinity (Geyer 2009, Electronic Journal of Statistics
   3:259-289). */
#include "separation_internal.h"

void gradus_i_separated_rows_free(gradus_i_separated_rows *rows) {
  if (!rows)
    return;
  gradus_i_points_clear(&rows->points);
  gradus_i_release(rows->removed);
  gradus_i_release(rows->keep);
  gradus_i_release(rows);
}

typedef struct rest {
  const gradus_source *source;
  const gradus_i_separated_rows *rows;
  size_t p;
} rest;

typedef struct rest_cursor {
  gradus_cursor *inner;
  double *weight, *x;
} rest_cursor;

static void rest_close(void *cursor) {
  rest_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->weight);
  gradus_i_release(c->x);
  gradus_i_release(c);
}

static gradus_status rest_open(const void *data, size_t max_rows, void **cursor,
                               gradus_error *err) {
  const rest *r = data;
  rest_cursor *c = gradus_i_allocate(1, sizeof *c);
  gradus_status status = GRADUS_OK;
  if (c) {
    c->weight = gradus_i_allocate_raw(max_rows, sizeof *c->weight);
    c->x = gradus_i_allocate_raw(r->p, sizeof *c->x);
  }
  if (!c || !c->weight || !c->x)
    status = gradus_i_out_of_memory(err);
  else
    status = gradus_cursor_open(&c->inner, r->source, max_rows, err);
  if (status > 0) {
    rest_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static gradus_status rest_read(const void *data, void *state, size_t first, size_t max_rows,
                               gradus_batch *batch, gradus_error *err) {
  const rest *r = data;
  rest_cursor *c = state;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    c->weight[i] = batch->weight ? batch->weight[i] : 1;
    if (c->weight[i] == 0)
      continue;
    status = gradus_i_points_gather(batch, i, r->rows->keep, r->p, c->x, err);
    size_t point = status <= 0 ? gradus_i_points_find(&r->rows->points, c->x) : 0;
    if (status <= 0 && point < r->rows->points.count && r->rows->removed[point])
      c->weight[i] = 0;
  }
  batch->weight = c->weight;
  return status;
}

static void rest_release(void *data) {
  gradus_i_release(data);
}

gradus_status gradus_i_separation_rest(gradus_source **source_of_rest, const gradus_source *source,
                                       const gradus_i_separation *result, gradus_error *err) {
  static const gradus_source_type type = {.name = "rows that are not separated",
                                          .random_access = true,
                                          .open = rest_open,
                                          .read = rest_read,
                                          .close = rest_close,
                                          .release = rest_release};
  gradus_source_shape shape = *gradus_source_get_shape(source);
  *source_of_rest = NULL;
  rest *r = gradus_i_allocate(1, sizeof *r);
  if (!r)
    return gradus_i_out_of_memory(err);
  *r = (rest){.source = source, .rows = result->rows, .p = shape.columns};
  if (shape.weight_kind == GRADUS_WEIGHT_NONE)
    shape.weight_kind = GRADUS_WEIGHT_PRIOR;
  return gradus_i_source_derive(source_of_rest, source, &type, r, &shape, err);
}

bool gradus_i_separation_separates(const gradus_i_separation *result, const double *x) {
  size_t point = gradus_i_points_find(&result->rows->points, x);
  return point < result->rows->points.count && result->rows->removed[point];
}
