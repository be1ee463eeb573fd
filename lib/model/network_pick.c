// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows to validate on: which they are, and sources of some rows of another source. */
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- some rows of a source ---- */

typedef struct picked_data {
  const gradus_source *inner;
  size_t *positions;
  size_t count;
} picked_data;

typedef struct picked_cursor {
  gradus_cursor *inner;
  size_t *positions; /* of a gather, in the inner source */
} picked_cursor;

static void picked_close(void *cursor) {
  picked_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->positions);
  gradus_i_release(c);
}

static gradus_status picked_open(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const picked_data *d = data;
  picked_cursor *c = gradus_i_allocate(1, sizeof *c);
  size_t ahead;
  if (c && gradus_i_multiply(2, max_rows, &ahead))
    c->positions = gradus_i_allocate_raw(ahead, sizeof *c->positions);
  gradus_status status = c && c->positions ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&c->inner, d->inner, max_rows, err);
  if (status > 0) {
    picked_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static gradus_status picked_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  const picked_data *d = data;
  picked_cursor *c = cursor;
  size_t left = first < d->count ? d->count - first : 0, rows = left < max_rows ? left : max_rows;
  gradus_status status = GRADUS_OK;
  if (rows > 0)
    status = gradus_cursor_gather(c->inner, d->positions + first, rows, 0, batch, err);
  batch->first = first;
  return status;
}

static gradus_status picked_gather(const void *data, void *cursor, const size_t *positions,
                                   size_t count, size_t ahead, gradus_batch *batch,
                                   gradus_error *err) {
  const picked_data *d = data;
  picked_cursor *c = cursor;
  size_t hint = ahead < count ? ahead : count;
  for (size_t i = 0; i < count + hint; i++)
    c->positions[i] = d->positions[positions[i]];
  return gradus_cursor_gather(c->inner, c->positions, count, hint, batch, err);
}

static void picked_release(void *data) {
  picked_data *d = data;
  if (d)
    gradus_i_release(d->positions);
  gradus_i_release(d);
}

static const gradus_source_type picked_type = {.name = "some of the rows",
                                               .random_access = true,
                                               .open = picked_open,
                                               .read = picked_read,
                                               .gather = picked_gather,
                                               .close = picked_close,
                                               .release = picked_release};

gradus_status gradus_i_pick_rows(gradus_source **picked, const gradus_source *inner,
                                 size_t *positions, size_t count, gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(inner);
  picked_data *d = gradus_i_allocate(1, sizeof *d);
  *picked = NULL;
  if (!d) {
    gradus_i_release(positions);
    return gradus_i_out_of_memory(err);
  }
  *d = (picked_data){.inner = inner, .positions = positions, .count = count};
  shape.rows = count;
  gradus_status status = gradus_source_new(picked, &picked_type, d, &shape, err);
  if (status <= 0)
    gradus_i_source_set_origin(*picked, gradus_i_source_origin(inner));
  return status;
}

/* ---- which ones ---- */

/* The generator of Steele, Lea and Flood 2014 (splitmix64). */
static uint64_t random_word(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Below bound, by rejection. */
static size_t random_below(uint64_t *state, size_t bound) {
  uint64_t limit = UINT64_MAX - UINT64_MAX % bound, word;
  do
    word = random_word(state);
  while (word >= limit);
  return (size_t)(word % bound);
}

/* The class of every row (0 without classes), or `classes` for one that has none. */
static gradus_status read_classes(size_t *of, const gradus_source *source, size_t classes,
                                  gradus_error *err) {
  enum { ROWS = 1024 };
  gradus_cursor *cursor;
  gradus_batch batch = {.rows = 1};
  size_t position = 0, rows = gradus_source_get_shape(source)->rows;
  gradus_status status = gradus_cursor_open(&cursor, source, ROWS, err);
  while (status <= 0 && batch.rows > 0 && position < rows) {
    status = gradus_cursor_read(cursor, position, ROWS, &batch, err);
    for (size_t i = 0; status <= 0 && i < batch.rows; i++) {
      double y = batch.y[i * batch.y_stride];
      bool valid = y >= 0 && y < (double)classes;
      of[position + i] = valid ? (size_t)y : classes;
    }
    position += batch.rows;
  }
  gradus_cursor_free(cursor);
  return status;
}

/* Marks `wanted` of the count members as held out: of.. becomes SIZE_MAX. */
static void hold_out(size_t *of, size_t *members, size_t count, size_t wanted, uint64_t *state) {
  for (size_t i = 0; i < wanted; i++) {
    size_t j = i + random_below(state, count - i), chosen = members[j];
    members[j] = members[i];
    members[i] = chosen;
    of[chosen] = SIZE_MAX;
  }
}

static void deal(gradus_i_split *split, size_t *of, size_t rows, size_t classes, double share,
                 unsigned long seed) {
  uint64_t state = seed ^ 0x6c62272e07bb0142u; /* not the numbers that order the batches */
  size_t *members = split->train;              /* as scratch */
  for (size_t c = 0; c <= classes; c++) {
    size_t count = 0;
    for (size_t i = 0; i < rows; i++)
      if (of[i] == c)
        members[count++] = i;
    hold_out(of, members, count, (size_t)(share * (double)count + 0.5), &state);
  }
  for (size_t i = 0; i < rows; i++)
    if (of[i] == SIZE_MAX)
      split->held[split->held_count++] = i;
    else
      split->train[split->train_count++] = i;
}

gradus_status gradus_i_split_rows(gradus_i_split *split, const gradus_source *source,
                                  size_t classes, double share, unsigned long seed,
                                  gradus_error *err) {
  size_t rows = gradus_source_get_shape(source)->rows;
  *split = (gradus_i_split){0};
  if (!gradus_source_random_access(source) || rows == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a share of the rows of a stream cannot be held out: give rows of their "
                         "own to validate on, or to test with");
  size_t *of = gradus_i_allocate(rows, sizeof *of);
  split->train = gradus_i_allocate(rows, sizeof *split->train);
  split->held = gradus_i_allocate(rows, sizeof *split->held);
  gradus_status status =
      of && split->train && split->held ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0 && classes > 0)
    status = read_classes(of, source, classes, err);
  if (status <= 0) {
    deal(split, of, rows, classes, share, seed);
    if (split->train_count == 0 || split->held_count == 0)
      status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                             "a share of %g of %zu rows that is held out leaves %zu and holds %zu: "
                             "both need at least one",
                             share, rows, split->train_count, split->held_count);
  }
  gradus_i_release(of);
  return status;
}
