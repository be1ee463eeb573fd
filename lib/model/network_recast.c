// SPDX-License-Identifier: GPL-3.0-or-later
/* Responses in a network's units, and the weights of their classes. */
#include "network.h"

#include <math.h>
#include <string.h>

typedef struct recast_data {
  const gradus_source *inner;
  gradus_i_recast how;
  size_t k;
} recast_data;

typedef struct recast_cursor {
  gradus_cursor *inner;
  double *y, *offset, *weight;
} recast_cursor;

static void recast_close(void *cursor) {
  recast_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->y);
  gradus_i_release(c->weight);
  gradus_i_release(c);
}

static gradus_status recast_open(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const recast_data *d = data;
  size_t cells;
  recast_cursor *c = gradus_i_allocate(1, sizeof *c);
  if (c && gradus_i_multiply(max_rows, d->k, &cells)) {
    c->y = gradus_i_allocate_raw(cells, sizeof *c->y);
    c->weight = gradus_i_allocate_raw(max_rows, 2 * sizeof *c->weight);
    c->offset = c->weight ? c->weight + max_rows : NULL;
  }
  gradus_status status = c && c->y && c->weight ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&c->inner, d->inner, max_rows, err);
  if (status > 0) {
    recast_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static void recast_responses(const recast_data *d, recast_cursor *c, gradus_batch *batch) {
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t r = 0; r < d->k; r++)
      c->y[i * d->k + r] = (batch->y[i * batch->y_stride + r] - d->how.middle[r % d->how.count]) /
                           d->how.spread[r % d->how.count];
  for (size_t i = 0; batch->offset && i < batch->rows; i++)
    c->offset[i] = batch->offset[i] / d->how.spread[0];
  batch->y = c->y;
  batch->y_stride = d->k;
  batch->offset = batch->offset ? c->offset : NULL;
}

static void recast_weights(const recast_data *d, recast_cursor *c, gradus_batch *batch) {
  for (size_t i = 0; i < batch->rows; i++)
    c->weight[i] = (batch->weight ? batch->weight[i] : 1) *
                   d->how.class_weight[(size_t)batch->y[i * batch->y_stride]];
  batch->weight = c->weight;
}

static void recast(const recast_data *d, recast_cursor *c, gradus_batch *batch) {
  if (d->how.spread && batch->y)
    recast_responses(d, c, batch);
  if (d->how.class_weight && batch->y)
    recast_weights(d, c, batch);
}

static gradus_status recast_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  recast_cursor *c = cursor;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  if (status <= 0)
    recast(data, c, batch);
  return status;
}

static gradus_status recast_gather(const void *data, void *cursor, const size_t *positions,
                                   size_t count, size_t ahead, gradus_batch *batch,
                                   gradus_error *err) {
  recast_cursor *c = cursor;
  gradus_status status = gradus_cursor_gather(c->inner, positions, count, ahead, batch, err);
  if (status <= 0)
    recast(data, c, batch);
  return status;
}

static const gradus_source_type recast_type = {.name = "standardised responses",
                                               .random_access = true,
                                               .open = recast_open,
                                               .read = recast_read,
                                               .gather = recast_gather,
                                               .close = recast_close,
                                               .release = gradus_i_release};
static const gradus_source_type recast_stream_type = {.name = "standardised responses, in order",
                                                      .open = recast_open,
                                                      .read = recast_read,
                                                      .close = recast_close,
                                                      .release = gradus_i_release};

gradus_status gradus_i_recast_rows(gradus_source **out, const gradus_source *inner,
                                   const gradus_i_recast *how, gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(inner);
  recast_data *d = gradus_i_allocate(1, sizeof *d);
  *out = NULL;
  if (!d)
    return gradus_i_out_of_memory(err);
  *d = (recast_data){.inner = inner, .how = *how, .k = shape.responses};
  if (how->count == 0)
    d->how.count = d->k;
  if (how->class_weight && shape.weight_kind == GRADUS_WEIGHT_NONE)
    shape.weight_kind = GRADUS_WEIGHT_PRIOR;
  return gradus_source_new(
      out, gradus_source_random_access(inner) ? &recast_type : &recast_stream_type, d, &shape, err);
}
