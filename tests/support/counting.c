// SPDX-License-Identifier: GPL-3.0-or-later
#include "counting.h"

#include <stdlib.h>

static gradus_status count_and_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                    gradus_batch *batch, gradus_error *err) {
  (void)cursor, (void)err;
  const counting *c = data;
  const model_rows *q = c->q;
  size_t left = first < q->n ? q->n - first : 0;
  *batch = (gradus_batch){.rows = left < max_rows ? left : max_rows,
                          .first = first,
                          .x = q->x->data + first * q->x->tda,
                          .x_stride = q->x->tda,
                          .y = q->y->data + first * q->y->tda,
                          .y_stride = q->y->tda};
  for (size_t i = 0; i < batch->rows; i++)
    c->reads[first + i]++;
  return GRADUS_OK;
}

static const gradus_source_type counting_type = {
    .name = "counting", .random_access = true, .read = count_and_read};
static const gradus_source_type stream_type = {.name = "stream", .read = count_and_read};

gradus_source *make_counting(counting *c, const model_rows *q, bool stream) {
  gradus_source *source = NULL;
  gradus_source_shape shape = {
      .rows = stream ? 0 : q->n, .columns = q->p, .responses = q->y->size2};
  *c = (counting){.q = q, .reads = calloc(q->n, sizeof *c->reads)};
  CHECK_STATUS(gradus_source_new(&source, stream ? &stream_type : &counting_type, c, &shape, NULL),
               GRADUS_OK, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  return source;
}
