// SPDX-License-Identifier: GPL-3.0-or-later
#include "sequences.h"
#include "design_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

/* ---- the source ---- */

typedef struct sequence_data {
  gsl_matrix x, y;   /* of memory below */
  gsl_vector weight; /* of memory below */
  gradus_source *inner;
  double *memory;
  size_t *last; /* row of the frame in which each sequence ends */
  gradus_i_sequence_index index;
} sequence_data;

typedef struct sequence_cursor {
  gradus_cursor *inner;
  size_t *row;
} sequence_cursor;

static void sequence_close(void *cursor) {
  sequence_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->row);
  gradus_i_release(c);
}

static gradus_status sequence_open(const void *data, size_t max_rows, void **cursor,
                                   gradus_error *err) {
  const sequence_data *d = data;
  sequence_cursor *c = gradus_i_allocate(1, sizeof *c);
  if (c)
    c->row = gradus_i_allocate_raw(max_rows, sizeof *c->row);
  gradus_status status = c && c->row ? gradus_cursor_open(&c->inner, d->inner, max_rows, err)
                                     : gradus_i_out_of_memory(err);
  if (status > 0) {
    sequence_close(c);
    c = NULL;
  }
  *cursor = c;
  return status;
}

static gradus_status sequence_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                   gradus_batch *batch, gradus_error *err) {
  const sequence_data *d = data;
  gradus_status status =
      gradus_cursor_read(((sequence_cursor *)cursor)->inner, first, max_rows, batch, err);
  batch->row = d->last + batch->first;
  return status;
}

static gradus_status sequence_gather(const void *data, void *cursor, const size_t *positions,
                                     size_t count, size_t ahead, gradus_batch *batch,
                                     gradus_error *err) {
  const sequence_data *d = data;
  sequence_cursor *c = cursor;
  gradus_status status = gradus_cursor_gather(c->inner, positions, count, ahead, batch, err);
  for (size_t i = 0; status <= 0 && i < count; i++)
    c->row[i] = d->last[positions[i]];
  batch->row = c->row;
  return status;
}

static void sequence_release(void *data) {
  sequence_data *d = data;
  if (!d)
    return;
  gradus_source_free(d->inner);
  gradus_i_release(d->memory);
  gradus_i_release(d->last);
  gradus_i_sequence_index_clear(&d->index);
  gradus_i_release(d);
}

static const gradus_source_type sequence_type = {.name = "sequences",
                                                 .random_access = true,
                                                 .open = sequence_open,
                                                 .read = sequence_read,
                                                 .gather = sequence_gather,
                                                 .close = sequence_close,
                                                 .release = sequence_release};

/* ---- the order of the rows ---- */

void gradus_i_sequence_index_clear(gradus_i_sequence_index *index) {
  gradus_i_release(index->begin);
  gradus_i_release(index->row);
  *index = (gradus_i_sequence_index){0};
}

typedef struct step {
  double id, time;
  size_t row; /* of the frame */
} step;

typedef struct gathering {
  const gradus_source *rows;
  const gradus_frame *frame;
  const gradus_i_sequence_options *options;
  size_t features, responses;
  size_t id, time; /* columns */
  bool weighted;
  step *steps;
  size_t count; /* of steps */
  size_t *of;   /* per row of the frame: 1 + its place among the steps; 0: it is left out */
  gradus_i_sequence_index index;
  sequence_data *made;
} gathering;

static int compare(const void *first, const void *second) {
  const step *a = first, *b = second;
  if (a->id != b->id)
    return a->id < b->id ? -1 : 1;
  if (a->time != b->time)
    return a->time < b->time ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

/* A number for each value of a column: its code, or itself. NaN: missing. */
static double value_of(const gradus_frame *frame, size_t column, size_t row) {
  const double *numbers = gradus_frame_numeric(frame, column);
  if (numbers)
    return numbers[row];
  int code = gradus_frame_codes(frame, column)[row];
  return code < 0 ? NAN : (double)code;
}

static void name_id(char *text, size_t size, const gathering *g, size_t row) {
  const double *numbers = gradus_frame_numeric(g->frame, g->id);
  if (numbers)
    gradus_i_snprintf(text, size, "%.15g", numbers[row]);
  else
    gradus_i_snprintf(
        text, size, "%.60s",
        gradus_frame_level(g->frame, g->id, (size_t)gradus_frame_codes(g->frame, g->id)[row]));
}

static size_t line_of(const gathering *g, size_t row) {
  return gradus_i_frame_line(g->frame, row);
}

static gradus_status find_column(const gathering *g, const char *name, size_t *column,
                                 gradus_error *err) {
  return gradus_frame_find(g->frame, name, column) ? GRADUS_OK
                                                   : gradus_i_fail_column(g->frame, name, err);
}

static gradus_status find_columns(gathering *g, gradus_error *err) {
  const gradus_i_sequence_options *o = g->options;
  gradus_status status = find_column(g, o->id, &g->id, err);
  if (status <= 0 && o->time)
    status = find_column(g, o->time, &g->time, err);
  if (status <= 0 && o->time && !gradus_frame_numeric(g->frame, g->time))
    status = gradus_i_fail(err, GRADUS_ERROR_NOT_NUMERIC,
                           "%s: the times in column \"%.100s\" must be numbers, such as days since "
                           "the first",
                           gradus_i_frame_name(g->frame), o->time);
  return status;
}

static gradus_status add_step(gathering *g, size_t row, gradus_error *err) {
  step s = {.id = value_of(g->frame, g->id, row),
            .time = g->options->time ? value_of(g->frame, g->time, row) : (double)row,
            .row = row};
  if (isnan(s.id) || isnan(s.time))
    return gradus_i_fail(err, GRADUS_ERROR_BAD_INPUT,
                         "%s:%zu: the %s in column \"%.100s\" is missing: nobody knows where in "
                         "which sequence the row stands",
                         gradus_i_frame_name(g->frame), line_of(g, row),
                         isnan(s.id) ? "id" : "time",
                         isnan(s.id) ? g->options->id : g->options->time);
  g->steps[g->count++] = s;
  return GRADUS_OK;
}

/* Calls `each` with every batch of the rows. */
static gradus_status read_rows(gathering *g,
                               gradus_status (*each)(gathering *g, const gradus_batch *batch,
                                                     gradus_error *err),
                               gradus_error *err) {
  gradus_cursor *cursor = NULL;
  gradus_status status = gradus_cursor_open(&cursor, g->rows, BLOCK, err);
  for (size_t first = 0; status <= 0;) {
    gradus_batch batch = {0};
    status = gradus_cursor_read(cursor, first, BLOCK, &batch, err);
    if (status > 0 || batch.rows == 0)
      break;
    status = each(g, &batch, err);
    first += batch.rows;
  }
  gradus_cursor_free(cursor);
  return status;
}

static gradus_status list_steps(gathering *g, const gradus_batch *batch, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < batch->rows; i++)
    status = add_step(g, batch->row ? batch->row[i] : batch->first + i, err);
  return status;
}

static gradus_status fail_time(const gathering *g, size_t at, gradus_error *err) {
  char id[64];
  name_id(id, sizeof id, g, g->steps[at].row);
  return gradus_i_fail(err, GRADUS_ERROR_BAD_INPUT,
                       "%s: lines %zu and %zu are both at the time %.15g of the sequence %s",
                       gradus_i_frame_name(g->frame), line_of(g, g->steps[at - 1].row),
                       line_of(g, g->steps[at].row), g->steps[at].time, id);
}

static gradus_status fail_length(const gathering *g, size_t sequence, size_t length,
                                 gradus_error *err) {
  char id[64];
  name_id(id, sizeof id, g, g->index.row[g->index.begin[sequence]]);
  return gradus_i_fail(err, GRADUS_ERROR_BAD_INPUT,
                       "%s: the sequence %s has %zu steps: %zu are the most that the network takes",
                       gradus_i_frame_name(g->frame), id, length, g->options->steps);
}

/* From the steps in their order to the index. */
static gradus_status build_index(gathering *g, gradus_error *err) {
  gradus_i_sequence_index *index = &g->index;
  index->begin = gradus_i_allocate(g->count + 1, sizeof *index->begin);
  index->row = gradus_i_allocate(g->count, sizeof *index->row);
  g->of = gradus_i_allocate(gradus_frame_rows(g->frame), sizeof *g->of);
  if (!index->begin || !index->row || !g->of)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < g->count; i++) {
    bool starts = i == 0 || g->steps[i].id != g->steps[i - 1].id;
    if (!starts && g->options->time && g->steps[i].time == g->steps[i - 1].time)
      return fail_time(g, i, err);
    if (starts)
      index->begin[index->count++] = i;
    index->row[i] = g->steps[i].row;
    g->of[g->steps[i].row] = i + 1;
  }
  index->begin[index->count] = g->count;
  index->steps = g->options->steps;
  for (size_t s = 0; s < index->count; s++) {
    size_t length = index->begin[s + 1] - index->begin[s];
    if (g->options->steps > 0 && length > g->options->steps)
      return fail_length(g, s, length, err);
    index->steps = length > index->steps ? length : index->steps;
  }
  return GRADUS_OK;
}

/* ---- the values ---- */

static size_t sequence_of(const gathering *g, size_t place) {
  size_t low = 0, high = g->index.count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (g->index.begin[middle] <= place)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static gradus_status fail_change(const gathering *g, size_t row, bool weight, gradus_error *err) {
  char id[64];
  name_id(id, sizeof id, g, row);
  return gradus_i_fail(err, weight ? GRADUS_ERROR_BAD_WEIGHT : GRADUS_ERROR_BAD_RESPONSE,
                       "%s:%zu: the %s of the sequence %s changes: %s",
                       gradus_i_frame_name(g->frame), line_of(g, row),
                       weight ? "weight" : "response", id,
                       weight ? "a sequence has one weight"
                              : "ask for a response at each step, or give a sequence one");
}

static bool differs(double a, double b) {
  return a != b && !(isnan(a) && isnan(b));
}

/* One row of the frame into its sequence; others of the same sequence may have come before. */
static gradus_status place_row(gathering *g, const gradus_batch *batch, size_t i, bool *seen,
                               gradus_error *err) {
  sequence_data *d = g->made;
  size_t row = batch->row ? batch->row[i] : batch->first + i, place = g->of[row] - 1;
  size_t s = sequence_of(g, place), t = place - g->index.begin[s];
  memcpy(gsl_matrix_ptr(&d->x, s, t * g->features), batch->x + i * batch->x_stride,
         g->features * sizeof(double));
  for (size_t r = 0; batch->y && r < g->responses; r++) {
    double value = batch->y[i * batch->y_stride + r];
    double *to = gsl_matrix_ptr(&d->y, s, (g->options->each_step ? t * g->responses : 0) + r);
    if (!g->options->each_step && seen[s] && differs(*to, value))
      return fail_change(g, row, false, err);
    *to = value;
  }
  double weight = batch->weight ? batch->weight[i] : 1, *to = gsl_vector_ptr(&d->weight, s);
  if (seen[s] && differs(*to, weight))
    return fail_change(g, row, true, err);
  *to = weight;
  seen[s] = true;
  return GRADUS_OK;
}

static gradus_status place_rows(gathering *g, const gradus_batch *batch, gradus_error *err) {
  bool *seen = (bool *)(void *)g->steps; /* the steps are in the index by now */
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < batch->rows; i++)
    status = place_row(g, batch, i, seen, err);
  return status;
}

/* The caller may have the other one. */
static bool copy_index(gradus_i_sequence_index *to, const gradus_i_sequence_index *from) {
  size_t rows = from->begin[from->count];
  to->begin = gradus_i_allocate(from->count + 1, sizeof *to->begin);
  to->row = gradus_i_allocate(rows, sizeof *to->row);
  if (!to->begin || !to->row)
    return false;
  memcpy(to->begin, from->begin, (from->count + 1) * sizeof *to->begin);
  memcpy(to->row, from->row, rows * sizeof *to->row);
  to->count = from->count;
  to->steps = from->steps;
  return true;
}

static gradus_status allocate_values(gathering *g, gradus_error *err) {
  sequence_data *d = g->made = gradus_i_allocate(1, sizeof *d);
  size_t inputs, cells, n = g->index.count;
  size_t responses = g->responses * (g->options->each_step ? g->index.steps : 1);
  if (!d)
    return gradus_i_out_of_memory(err);
  if (!gradus_i_multiply(g->index.steps, g->features, &inputs) ||
      !gradus_i_multiply(n, inputs + 2 + responses, &cells))
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE, "%zu sequences of %zu steps are too many", n,
                         g->index.steps);
  d->memory = gradus_i_allocate(cells, sizeof *d->memory);
  d->last = gradus_i_allocate(n, sizeof *d->last);
  if (!d->memory || !d->last)
    return gradus_i_out_of_memory(err);
  d->x = gsl_matrix_view_array(d->memory, n, inputs + 1).matrix;
  d->weight = gsl_vector_view_array(d->memory + n * (inputs + 1), n).vector;
  if (responses > 0)
    d->y = gsl_matrix_view_array(d->memory + n * (inputs + 2), n, responses).matrix;
  for (size_t s = 0; s < n; s++) {
    size_t end = g->index.begin[s + 1];
    gsl_matrix_set(&d->x, s, inputs, (double)(end - g->index.begin[s]));
    d->last[s] = g->index.row[end - 1];
  }
  memset(g->steps, 0, g->count * sizeof *g->steps);
  return copy_index(&d->index, &g->index) ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* The matrix source of the values, and the source on top of it that knows the rows' numbers. */
static gradus_status wrap(gathering *g, gradus_source **sequences, gradus_error *err) {
  sequence_data *d = g->made;
  gradus_weight_kind kind = gradus_source_get_shape(g->rows)->weight_kind;
  gradus_status status =
      gradus_source_from_matrix(&d->inner, &d->x, g->responses > 0 ? &d->y : NULL,
                                kind == GRADUS_WEIGHT_NONE ? NULL : &d->weight, kind, NULL, err);
  if (status > 0)
    return status;
  gradus_source_shape shape = *gradus_source_get_shape(d->inner);
  gradus_i_origin origin = *gradus_i_source_origin(g->rows);
  origin.sequences = &d->index;
  g->made = NULL;
  status = gradus_source_new(sequences, &sequence_type, d, &shape, err);
  if (status > 0)
    return status;
  gradus_i_source_set_dropped_rows(*sequences, gradus_source_dropped_rows(g->rows));
  gradus_i_source_set_origin(*sequences, &origin);
  return GRADUS_OK;
}

static gradus_status gather(gathering *g, gradus_source **sequences, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(g->rows);
  gradus_status status = find_columns(g, err);
  if (status <= 0 && shape->has_offset)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED, "sequences have no offsets");
  if (status <= 0 && shape->columns == 0)
    status = gradus_i_fail(err, GRADUS_ERROR_SHAPE, "sequences need a column of inputs or more");
  if (status > 0)
    return status;
  g->features = shape->columns;
  g->responses = shape->responses;
  g->steps = gradus_i_allocate(gradus_frame_rows(g->frame), sizeof *g->steps);
  if (!g->steps)
    return gradus_i_out_of_memory(err);
  status = read_rows(g, list_steps, err);
  if (status > 0)
    return status;
  qsort(g->steps, g->count, sizeof *g->steps, compare);
  status = build_index(g, err);
  if (status <= 0)
    status = allocate_values(g, err);
  if (status <= 0)
    status = read_rows(g, place_rows, err);
  return status > 0 ? status : wrap(g, sequences, err);
}

gradus_status gradus_i_sequences_new(gradus_source **sequences, gradus_i_sequence_index *index,
                                     const gradus_source *rows, const gradus_frame *frame,
                                     const gradus_i_sequence_options *options, gradus_error *err) {
  gathering g = {.rows = rows, .frame = frame, .options = options};
  *sequences = NULL;
  gradus_status status = gather(&g, sequences, err);
  gradus_i_release(g.steps);
  gradus_i_release(g.of);
  sequence_release(g.made);
  if (status <= 0 && index)
    *index = g.index;
  else
    gradus_i_sequence_index_clear(&g.index);
  return status;
}
