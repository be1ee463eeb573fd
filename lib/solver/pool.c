// SPDX-License-Identifier: GPL-3.0-or-later
/* All rows of a source in memory, so that the rows of a mini-batch are found where they lie, by
   whichever thread needs them, in the precision that it needs. */
#include "descent_rules.h"

#include <string.h>

void gradus_i_pool_close(gradus_i_pool *pool) {
  gradus_i_row_buffer_clear(&pool->copy);
  gradus_i_release(pool->narrow);
  gradus_i_release(pool->y);
  gradus_i_release(pool->weight);
  *pool = (gradus_i_pool){0};
}

/* Whether a source is worth a copy: rows in any order, their number known, and not too much of it;
   other rows are read and gathered batch by batch. */
static bool fits(const gradus_source *source, bool single) {
  const size_t most = (size_t)1 << 31;
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t cells, bytes;
  return gradus_source_random_access(source) && shape->rows > 0 &&
         gradus_i_multiply(shape->rows, shape->columns + shape->responses + 3, &cells) &&
         gradus_i_multiply(cells, single ? sizeof(float) : sizeof(double), &bytes) && bytes <= most;
}

static void narrow_rows(float *to, const gradus_batch *batch, size_t p) {
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t j = 0; j < p; j++)
      to[i * p + j] = (float)batch->x[i * batch->x_stride + j];
}

/* Rows first .. of a batch into the copy, whose x is as wide as the pool's precision. */
static void copy_rows(gradus_i_pool *pool, const gradus_batch *batch, size_t first, size_t p) {
  gradus_batch without = *batch;
  if (pool->narrow) {
    narrow_rows(pool->narrow + first * p, batch, p);
    without.x_stride = 0;
  }
  for (size_t i = 0; i < batch->rows; i++)
    gradus_i_row_buffer_copy(&pool->copy, first + i, &without, i);
}

static gradus_status read_all(gradus_i_pool *pool, const gradus_source *source, size_t p,
                              gradus_error *err) {
  enum { ROWS = 1024 };
  gradus_cursor *cursor = NULL;
  size_t rows = gradus_source_get_shape(source)->rows, first = 0;
  gradus_batch batch = {.rows = 1};
  gradus_status status = gradus_cursor_open(&cursor, source, ROWS, err);
  while (status <= 0 && batch.rows > 0 && first < rows) {
    status =
        gradus_cursor_read(cursor, first, ROWS < rows - first ? ROWS : rows - first, &batch, err);
    if (status <= 0)
      copy_rows(pool, &batch, first, p);
    first += status <= 0 ? batch.rows : 0;
  }
  gradus_cursor_free(cursor);
  return status;
}

static gradus_status make_copy(gradus_i_pool *pool, const gradus_source *source, bool single,
                               gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(source);
  size_t p = shape.columns, rows = shape.rows;
  shape.has_low = false;
  if (single) {
    pool->narrow = gradus_i_allocate_raw(rows * p, sizeof *pool->narrow);
    shape.columns = 0; /* the rest alone */
    if (!pool->narrow)
      return gradus_i_out_of_memory(err);
  }
  gradus_status status = gradus_i_row_buffer_make(&pool->copy, &shape, rows, err);
  if (status <= 0)
    status = read_all(pool, source, p, err);
  if (status > 0)
    return status;
  gradus_i_row_buffer_batch(&pool->copy, 0, rows, &pool->all);
  pool->all.row = NULL; /* a row's number is its position */
  pool->inputs = (gradus_i_inputs){
      .x = single ? (const void *)pool->narrow : pool->copy.x, .stride = p, .single = single};
  return status;
}

gradus_status gradus_i_pool_open(gradus_i_pool *pool, const gradus_source *source, bool single,
                                 size_t batch_rows, gradus_error *err) {
  *pool = (gradus_i_pool){.responses = gradus_source_get_shape(source)->responses};
  if (!fits(source, single))
    return GRADUS_OK;
  gradus_status status = GRADUS_OK;
  pool->y = gradus_i_allocate_raw(batch_rows * pool->responses, sizeof *pool->y);
  pool->weight = gradus_i_allocate_raw(batch_rows * 2, sizeof *pool->weight);
  pool->offset = pool->weight ? pool->weight + batch_rows : NULL;
  if (!pool->y || !pool->weight)
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    status = make_copy(pool, source, single, err);
  if (status > 0)
    gradus_i_pool_close(pool);
  return status;
}

/* ---- batches ---- */

static void take_in_order(const gradus_i_pool *pool, size_t first, size_t rows, gradus_batch *batch,
                          gradus_i_inputs *inputs) {
  const gradus_batch *all = &pool->all;
  size_t width = inputs->single ? sizeof(float) : sizeof(double);
  *batch = (gradus_batch){.rows = rows,
                          .first = first,
                          .y = all->y ? all->y + first * all->y_stride : NULL,
                          .y_stride = all->y_stride,
                          .weight = all->weight ? all->weight + first : NULL,
                          .offset = all->offset ? all->offset + first : NULL};
  inputs->x = (const char *)inputs->x + first * inputs->stride * width;
}

static void take_at(const gradus_i_pool *pool, const size_t *positions, size_t rows,
                    gradus_batch *batch, gradus_i_inputs *inputs) {
  const gradus_batch *all = &pool->all;
  size_t k = pool->responses;
  for (size_t i = 0; i < rows; i++) {
    for (size_t r = 0; all->y && r < k; r++)
      pool->y[i * k + r] = all->y[positions[i] * all->y_stride + r];
    if (all->weight)
      pool->weight[i] = all->weight[positions[i]];
    if (all->offset)
      pool->offset[i] = all->offset[positions[i]];
  }
  *batch = (gradus_batch){.rows = rows,
                          .y = all->y ? pool->y : NULL,
                          .y_stride = k,
                          .weight = all->weight ? pool->weight : NULL,
                          .offset = all->offset ? pool->offset : NULL,
                          .row = positions};
  inputs->positions = positions;
}

gradus_status gradus_i_minibatches_next_of(gradus_i_minibatches *m, const gradus_i_pool *pool,
                                           gradus_batch *batch, gradus_i_inputs *inputs,
                                           gradus_error *err) {
  if (pool->all.rows == 0) {
    gradus_status status = gradus_i_minibatches_next(m, batch, err);
    *inputs = (gradus_i_inputs){.x = batch->x, .stride = batch->x_stride};
    return status;
  }
  *batch = (gradus_batch){0};
  if (gradus_i_minibatches_are_over(m))
    return GRADUS_OK;
  size_t left = m->rows - m->next, rows = left < m->size ? left : m->size;
  *inputs = pool->inputs;
  if (m->keep_order)
    take_in_order(pool, m->next, rows, batch, inputs);
  else
    take_at(pool, m->order + m->next, rows, batch, inputs);
  m->next += rows;
  return GRADUS_OK;
}
