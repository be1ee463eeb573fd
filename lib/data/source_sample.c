// SPDX-License-Identifier: GPL-3.0-or-later
/* Copies of some rows, spread over all. */
#include "internal.h"

#include <math.h>

static gradus_status sample_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  (void)cursor, (void)err;
  gradus_i_row_buffer_batch(data, first, max_rows, batch);
  batch->first = first;
  return GRADUS_OK;
}

static void sample_release(void *data) {
  if (data)
    gradus_i_row_buffer_clear(data);
  gradus_i_release(data);
}

/* The i-th of `count` rows of n: one from each of as many equal parts, at places within them that
   do not keep step with any period of the data (multiples of the golden ratio). */
static size_t position_of(size_t i, size_t count, size_t n) {
  double turn = (double)i * 0.6180339887498949, width = (double)n / (double)count;
  size_t position = (size_t)(((double)i + (turn - floor(turn))) * width);
  return position < n ? position : n - 1;
}

static gradus_status copy_rows(gradus_i_row_buffer *buffer, const gradus_source *inner,
                               size_t count, gradus_error *err) {
  enum { BLOCK = 512 };
  size_t n = gradus_source_get_shape(inner)->rows, positions[BLOCK];
  gradus_cursor *cursor;
  gradus_status status = gradus_cursor_open(&cursor, inner, count < BLOCK ? count : BLOCK, err);
  for (size_t first = 0; status <= 0 && first < count; first += BLOCK) {
    size_t rows = count - first < BLOCK ? count - first : BLOCK;
    gradus_batch batch;
    for (size_t i = 0; i < rows; i++)
      positions[i] = position_of(first + i, count, n);
    status = gradus_cursor_gather(cursor, positions, rows, 0, &batch, err);
    for (size_t i = 0; status <= 0 && i < rows; i++)
      gradus_i_row_buffer_copy(buffer, first + i, &batch, i);
  }
  gradus_cursor_free(cursor);
  return status;
}

gradus_status gradus_i_sample_source(gradus_source **sample, const gradus_source *inner,
                                     size_t count, gradus_error *err) {
  static const gradus_source_type type = {.name = "a sample of rows",
                                          .random_access = true,
                                          .read = sample_read,
                                          .release = sample_release};
  gradus_source_shape shape = *gradus_source_get_shape(inner);
  *sample = NULL;
  shape.rows = count < shape.rows ? count : shape.rows;
  gradus_i_row_buffer *buffer = gradus_i_allocate(1, sizeof *buffer);
  if (!buffer)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_row_buffer_make(buffer, &shape, shape.rows, err);
  if (status <= 0)
    status = copy_rows(buffer, inner, shape.rows, err);
  if (status > 0) {
    sample_release(buffer);
    return status;
  }
  return gradus_source_new(sample, &type, buffer, &shape, err);
}
