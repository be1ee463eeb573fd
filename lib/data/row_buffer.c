// SPDX-License-Identifier: GPL-3.0-or-later
/* Copies of rows: what holds them when they come one by one, or must outlive a read. */
#include "internal.h"

#include <string.h>

void gradus_i_row_buffer_clear(gradus_i_row_buffer *buffer) {
  gradus_i_release(buffer->x);
  gradus_i_release(buffer->x_low);
  gradus_i_release(buffer->y);
  gradus_i_release(buffer->weight);
  gradus_i_release(buffer->row);
  *buffer = (gradus_i_row_buffer){0};
}

static double *make_rows(size_t capacity, size_t width) {
  size_t count;
  return gradus_i_multiply(capacity, width, &count) ? gradus_i_allocate_raw(count, sizeof(double))
                                                    : NULL;
}

gradus_status gradus_i_row_buffer_make(gradus_i_row_buffer *buffer,
                                       const gradus_source_shape *shape, size_t capacity,
                                       gradus_error *err) {
  *buffer = (gradus_i_row_buffer){.columns = shape->columns, .responses = shape->responses};
  buffer->x = make_rows(capacity, shape->columns);
  buffer->x_low = shape->has_low ? make_rows(capacity, shape->columns) : NULL;
  buffer->y = make_rows(capacity, shape->responses);
  buffer->weight = make_rows(capacity, 2);
  buffer->row = gradus_i_allocate_raw(capacity, sizeof *buffer->row);
  if (buffer->x && (buffer->x_low || !shape->has_low) && buffer->y && buffer->weight &&
      buffer->row) {
    buffer->offset = buffer->weight + capacity;
    return GRADUS_OK;
  }
  gradus_i_row_buffer_clear(buffer);
  return gradus_i_out_of_memory(err);
}

void gradus_i_row_buffer_copy(gradus_i_row_buffer *buffer, size_t slot, const gradus_batch *batch,
                              size_t i) {
  size_t p = buffer->columns, k = buffer->responses;
  memcpy(buffer->x + slot * p, batch->x + i * batch->x_stride, p * sizeof *buffer->x);
  if (buffer->x_low && batch->x_low)
    memcpy(buffer->x_low + slot * p, batch->x_low + i * batch->x_stride, p * sizeof *buffer->x);
  else if (buffer->x_low)
    memset(buffer->x_low + slot * p, 0, p * sizeof *buffer->x);
  for (size_t r = 0; batch->y && r < k; r++)
    buffer->y[slot * k + r] = batch->y[i * batch->y_stride + r];
  buffer->has_y |= batch->y != NULL;
  buffer->has_weight |= batch->weight != NULL;
  buffer->has_offset |= batch->offset != NULL;
  buffer->weight[slot] = batch->weight ? batch->weight[i] : 1;
  buffer->offset[slot] = batch->offset ? batch->offset[i] : 0;
  buffer->row[slot] = batch->row ? batch->row[i] : batch->first + i;
}

void gradus_i_row_buffer_batch(const gradus_i_row_buffer *buffer, size_t first, size_t rows,
                               gradus_batch *batch) {
  size_t p = buffer->columns, k = buffer->responses;
  *batch = (gradus_batch){.rows = rows,
                          .x = buffer->x + first * p,
                          .x_stride = p,
                          .x_low = buffer->x_low ? buffer->x_low + first * p : NULL,
                          .y = buffer->has_y ? buffer->y + first * k : NULL,
                          .y_stride = k,
                          .weight = buffer->has_weight ? buffer->weight + first : NULL,
                          .offset = buffer->has_offset ? buffer->offset + first : NULL,
                          .row = buffer->row + first};
}
