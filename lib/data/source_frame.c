// SPDX-License-Identifier: GPL-3.0-or-later
/* A frame through a design as a source: every read forms the columns of its rows anew. */
#include "source_rows.h"

#include <math.h>
#include <string.h>

typedef gradus_i_values values;
typedef gradus_i_reader reader;

/* ---- one read ---- */

static void fill_y(reader *r, size_t rows, gradus_batch *batch) {
  const gradus_design *design = r->bound->design;
  const gradus_i_terms *expansion = &design->expansion;
  const values *only = &r->variables[expansion->responses[0]];
  batch->y_stride = design->responses;
  if (design->responses == 1 && !only->codes) {
    batch->y = only->high;
    return;
  }
  size_t column = 0;
  for (size_t k = 0; k < expansion->response_count; k++) {
    const values *v = &r->variables[expansion->responses[k]];
    size_t width = design->variables[expansion->responses[k]].width;
    for (size_t c = 0; c < width; c++, column++)
      for (size_t i = 0; i < rows; i++)
        r->y[i * design->responses + column] = v->codes ? v->codes[i] : v->high[c * v->stride + i];
  }
  batch->y = r->y;
}

static void fill_offset(reader *r, size_t rows, gradus_batch *batch) {
  const gradus_i_terms *expansion = &r->bound->design->expansion;
  memset(r->offset, 0, rows * sizeof *r->offset);
  for (size_t k = 0; k < expansion->offset_count; k++) {
    const values *v = &r->variables[expansion->offsets[k]];
    for (size_t i = 0; i < rows; i++)
      r->offset[i] += v->high[i];
  }
  batch->offset = r->offset;
}

static void fill_weight(reader *r, gradus_i_rows rows, gradus_batch *batch) {
  const double *weights = r->bound->weights;
  batch->weight = rows.index ? r->weight : weights + rows.first;
  for (size_t i = 0; rows.index && i < rows.count; i++)
    r->weight[i] = weights[rows.index[i]];
}

static void form_rows(reader *r, gradus_i_rows rows, gradus_batch *batch) {
  const gradus_i_bound *bound = r->bound;
  const gradus_design *design = bound->design;
  batch->rows = rows.count;
  batch->row = rows.index;
  gradus_i_reader_load(r, rows);
  gradus_i_reader_fill(r, rows.count, batch);
  gradus_i_padding_fill(bound, r->x, rows.count * design->columns);
  if (design->responses > 0 && !bound->without_response) {
    fill_y(r, rows.count, batch);
    if (batch->y == r->y)
      gradus_i_padding_fill(bound, r->y, rows.count * design->responses);
  }
  if (design->expansion.offset_count > 0)
    fill_offset(r, rows.count, batch);
  if (bound->weights)
    fill_weight(r, rows, batch);
}

static gradus_status read_rows(const void *data, void *cursor, size_t first, size_t max_rows,
                               gradus_batch *batch, gradus_error *err) {
  (void)err;
  reader *r = cursor;
  gradus_i_rows rows = gradus_i_bound_rows(data, first, max_rows < r->block ? max_rows : r->block);
  batch->first = first;
  if (rows.count > 0)
    form_rows(r, rows, batch);
  return GRADUS_OK;
}

static gradus_status gather_rows(const void *data, void *cursor, const size_t *positions,
                                 size_t count, size_t ahead, gradus_batch *batch,
                                 gradus_error *err) {
  (void)ahead;
  const gradus_i_bound *bound = data;
  reader *r = cursor;
  if (!r->index && !gradus_i_reader_make_gather(r))
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < count; i++)
    r->index[i] = bound->rows ? bound->rows[positions[i]] : positions[i];
  form_rows(r, (gradus_i_rows){.index = r->index, .count = count}, batch);
  return GRADUS_OK;
}

/* ---- cursors ---- */

static void close_reader(void *cursor) {
  reader *r = cursor;
  if (!r)
    return;
  gradus_i_arena_clear(&r->arena);
  gradus_i_release(r);
}

static gradus_status make_reader(reader **made, const gradus_i_bound *bound, size_t max_rows,
                                 bool wants_low, gradus_error *err) {
  *made = gradus_i_allocate(1, sizeof **made);
  if (!*made)
    return gradus_i_out_of_memory(err);
  **made = (reader){.bound = bound, .wants_low = wants_low};
  (*made)->block = max_rows < bound->count ? max_rows : bound->count;
  if (gradus_i_reader_make(*made))
    return GRADUS_OK;
  close_reader(*made);
  *made = NULL;
  return gradus_i_out_of_memory(err);
}

static gradus_status open_reader(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const gradus_i_bound *bound = data;
  reader *made;
  gradus_status status = make_reader(&made, bound, max_rows, bound->has_low, err);
  *cursor = made;
  return status;
}

static void release_bound(void *data) {
  gradus_i_bound_clear(data);
  gradus_i_release(data);
}

/* ---- the source ---- */

static gradus_status check_batch(const gradus_i_bound *bound, const gradus_batch *batch,
                                 gradus_error *err) {
  const gradus_design *design = bound->design;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t j = 0; j < design->columns; j++)
      if (!isfinite(batch->x[i * batch->x_stride + j])) {
        char what[140];
        gradus_i_snprintf(what, sizeof what, "\"%.100s\"", design->column_names[j]);
        return gradus_i_fail_value(bound->frame, batch->row ? batch->row[i] : batch->first + i,
                                   what, batch->x[i * batch->x_stride + j], err);
      }
  return GRADUS_OK;
}

static bool any_low(const gradus_i_bound *bound, const gradus_batch *batch) {
  for (size_t i = 0; batch->x_low && i < batch->rows * bound->design->columns; i++)
    if (batch->x_low[i] != 0)
      return true;
  return false;
}

/* Products of finite numbers may still overflow; and they may have low parts. */
static gradus_status check_products(gradus_i_bound *bound, gradus_error *err) {
  reader *r = NULL;
  if (!bound->design->has_products)
    return GRADUS_OK;
  gradus_status status = make_reader(&r, bound, gradus_i_scan_block, !bound->has_low, err);
  for (size_t first = 0; !status && first < bound->count; first += gradus_i_scan_block) {
    gradus_batch batch = {0};
    status = read_rows(bound, r, first, gradus_i_scan_block, &batch, err);
    if (!status)
      status = check_batch(bound, &batch, err);
    bound->has_low |= !status && any_low(bound, &batch);
  }
  close_reader(r);
  return status;
}

gradus_status gradus_source_from_frame(gradus_source **source, const gradus_design *design,
                                       const gradus_frame *frame,
                                       const gradus_frame_source_options *options,
                                       gradus_error *err) {
  static const gradus_source_type type = {.name = "frame",
                                          .random_access = true,
                                          .open = open_reader,
                                          .read = read_rows,
                                          .close = close_reader,
                                          .release = release_bound,
                                          .gather = gather_rows};
  *source = NULL;
  bool without_response = options && options->without_response;
  gradus_i_bound *bound = gradus_i_allocate(1, sizeof *bound);
  if (!bound)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_bound_open(bound, design, frame, without_response, err);
  if (!status)
    status = gradus_i_bound_check(bound, err);
  if (!status)
    status = check_products(bound, err);
  if (status) {
    release_bound(bound);
    return status;
  }
  size_t dropped = bound->dropped;
  gradus_source_shape shape = {.rows = bound->count,
                               .columns = design->columns,
                               .responses = without_response ? 0 : design->responses,
                               .weight_kind =
                                   bound->weights ? design->weight_kind : GRADUS_WEIGHT_NONE,
                               .has_offset = design->expansion.offset_count > 0,
                               .has_low = bound->has_low};
  status = gradus_source_new(source, &type, bound, &shape, err);
  if (status)
    return status;
  gradus_i_source_set_dropped_rows(*source, dropped);
  gradus_i_source_set_origin(*source, &(gradus_i_origin){.frame = frame, .design = design});
  return status;
}
