// SPDX-License-Identifier: GPL-3.0-or-later
/* Cursors of sources that form responses and weights from another source's rows. */
#include "internal.h"

void gradus_i_derived_close(void *cursor) {
  gradus_i_derived_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->y);
  gradus_i_release(c->weight);
  gradus_i_release(c);
}

gradus_status gradus_i_derived_open(const gradus_source *inner, size_t max_rows, void **cursor,
                                    gradus_error *err) {
  gradus_i_derived_cursor *c = gradus_i_allocate(1, sizeof *c);
  gradus_status status = GRADUS_OK;
  if (c) {
    c->y = gradus_i_allocate_raw(max_rows, sizeof *c->y);
    c->weight = gradus_i_allocate_raw(max_rows, sizeof *c->weight);
  }
  if (!c || !c->y || !c->weight)
    status = gradus_i_out_of_memory(err);
  else
    status = gradus_cursor_open(&c->inner, inner, max_rows, err);
  if (status > 0) {
    gradus_i_derived_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

void gradus_i_derived_batch(const gradus_i_derived_cursor *cursor, gradus_batch *batch) {
  batch->y = cursor->y;
  batch->y_stride = 1;
  batch->weight = cursor->weight;
}
