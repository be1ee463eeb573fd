// SPDX-License-Identifier: GPL-3.0-or-later
/* The distinct rows of a binary regression, by hashing: factor data become tiny. */
#include "separation_internal.h"

#include <math.h>
#include <string.h>

static uint64_t hash_values(const double *x, size_t width) {
  uint64_t hash = 0x9e3779b97f4a7c15u;
  for (size_t j = 0; j < width; j++) {
    uint64_t bits;
    memcpy(&bits, x + j, sizeof bits);
    hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

/* The slot of the point with these values, or the empty one where it belongs. */
static size_t find_slot(const gradus_i_points *points, const double *x) {
  size_t mask = points->slot_count - 1;
  size_t slot = (size_t)hash_values(x, points->width) & mask;
  for (; points->slots[slot]; slot = (slot + 1) & mask)
    if (memcmp(points->x + (points->slots[slot] - 1) * points->width, x,
               points->width * sizeof *x) == 0)
      break;
  return slot;
}

size_t gradus_i_points_find(const gradus_i_points *points, const double *x) {
  size_t number = points->slot_count > 0 ? points->slots[find_slot(points, x)] : 0;
  return number > 0 ? number - 1 : points->count;
}

static gradus_status fail_limit(const gradus_i_points *points, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "looking for separation: more than %zu distinct rows of %zu columns are "
                       "beyond the limit of %zu cells; look at a part of the rows or columns",
                       points->count, points->width, points->limit);
}

static gradus_status grow(gradus_i_points *points, gradus_error *err) {
  size_t capacity = points->capacity ? 2 * points->capacity : 64, cells;
  if (!gradus_i_multiply(capacity, points->width, &cells))
    return fail_limit(points, err);
  double *x = gradus_i_reallocate(points->x, cells, sizeof *x);
  points->x = x ? x : points->x;
  unsigned char *seen = gradus_i_reallocate(points->seen, capacity, 1);
  points->seen = seen ? seen : points->seen;
  size_t *row = gradus_i_reallocate(points->row, capacity, sizeof *row);
  points->row = row ? row : points->row;
  size_t *slots = gradus_i_allocate(2 * capacity, sizeof *slots);
  if (!x || !seen || !row || !slots) {
    gradus_i_release(slots);
    return gradus_i_out_of_memory(err);
  }
  gradus_i_release(points->slots);
  points->slots = slots;
  points->slot_count = 2 * capacity; /* a power of two, at most half full */
  points->capacity = capacity;
  for (size_t i = 0; i < points->count; i++)
    slots[find_slot(points, points->x + i * points->width)] = i + 1;
  return GRADUS_OK;
}

static gradus_status add_point(gradus_i_points *points, const double *x, unsigned char seen,
                               size_t row, gradus_error *err) {
  if (points->count == points->capacity) {
    gradus_status status = grow(points, err);
    if (status > 0)
      return status;
  }
  size_t slot = find_slot(points, x);
  if (points->slots[slot]) {
    points->seen[points->slots[slot] - 1] |= seen;
    return GRADUS_OK;
  }
  if (points->width > 0 && points->count >= points->limit / points->width)
    return fail_limit(points, err);
  memcpy(points->x + points->count * points->width, x, points->width * sizeof *x);
  points->seen[points->count] = seen;
  points->row[points->count] = row;
  points->slots[slot] = ++points->count;
  return GRADUS_OK;
}

/* The kept inputs of a row. */
gradus_status gradus_i_points_gather(const gradus_batch *batch, size_t i, const bool *keep,
                                     size_t p, double *x, gradus_error *err) {
  size_t at = 0;
  for (size_t j = 0; j < p; j++) {
    double value = batch->x[i * batch->x_stride + j];
    if (!keep[j])
      continue;
    if (!isfinite(value))
      return gradus_i_fail(
          err, GRADUS_ERROR_NON_FINITE,
          "row %zu, input column %zu: the value is not finite; remove or mend the row",
          gradus_i_batch_row(batch, i), j + 1);
    x[at++] = value + 0.0; /* -0 becomes 0 */
  }
  return GRADUS_OK;
}

static gradus_status add_batch(gradus_i_points *points, const gradus_batch *batch, const bool *keep,
                               size_t p, double *x, gradus_error *err) {
  gradus_status status = gradus_i_check_weights(batch, err);
  for (size_t i = 0; status <= 0 && i < batch->rows; i++) {
    if (batch->weight && batch->weight[i] == 0)
      continue;
    double y = batch->y[i * batch->y_stride];
    size_t row = gradus_i_batch_row(batch, i);
    if (!(y >= 0 && y <= 1))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; it must be 0, 1 or a proportion", row, y);
    unsigned char seen = y == 0 ? GRADUS_I_FAILURE : y == 1 ? GRADUS_I_SUCCESS : GRADUS_I_BOTH;
    status = gradus_i_points_gather(batch, i, keep, p, x, err);
    if (status <= 0)
      status = add_point(points, x, seen, row, err);
  }
  return status;
}

gradus_status gradus_i_points_read(gradus_i_points *points, const gradus_source *source,
                                   const bool *keep, size_t limit, gradus_error *err) {
  size_t p = gradus_source_get_shape(source)->columns, block = gradus_i_chunk_rows(p + 1);
  *points = (gradus_i_points){.limit = limit};
  for (size_t j = 0; j < p; j++)
    points->width += keep[j];
  double *x = gradus_i_allocate(p, sizeof *x);
  if (!x)
    return gradus_i_out_of_memory(err);
  gradus_cursor *cursor;
  gradus_status status = gradus_cursor_open(&cursor, source, block, err);
  gradus_batch batch = {.rows = 1};
  for (size_t first = 0; status <= 0 && batch.rows > 0; first += batch.rows) {
    status = gradus_cursor_read(cursor, first, block, &batch, err);
    if (status <= 0)
      status = add_batch(points, &batch, keep, p, x, err);
  }
  gradus_cursor_free(cursor);
  gradus_i_release(x);
  if (status > 0)
    gradus_i_points_clear(points);
  return status;
}

void gradus_i_points_clear(gradus_i_points *points) {
  gradus_i_release(points->x);
  gradus_i_release(points->seen);
  gradus_i_release(points->row);
  gradus_i_release(points->slots);
  *points = (gradus_i_points){0};
}
