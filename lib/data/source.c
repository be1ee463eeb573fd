// SPDX-License-Identifier: GPL-3.0-or-later
/* Sources and cursors, and matrices in memory as a source. */
#include "internal.h"

#include <string.h>

struct gradus_source {
  const gradus_source_type *type;
  void *data;
  gradus_source_shape shape;
  size_t dropped_rows;
  bool in_order; /* whatever the type can: it is made from a stream */
  gradus_i_origin origin;
};

struct gradus_cursor {
  const gradus_source *source;
  void *state;
  size_t max_rows;
  gradus_i_row_buffer gathered; /* made when first needed */
};

gradus_status gradus_source_new(gradus_source **source, const gradus_source_type *type, void *data,
                                const gradus_source_shape *shape, gradus_error *err) {
  *source = gradus_i_allocate(1, sizeof **source);
  if (!*source) {
    if (type->release)
      type->release(data);
    return gradus_i_out_of_memory(err);
  }
  **source = (gradus_source){.type = type, .data = data, .shape = *shape};
  return GRADUS_OK;
}

gradus_status gradus_i_source_derive(gradus_source **source, const gradus_source *inner,
                                     const gradus_source_type *type, void *data,
                                     const gradus_source_shape *shape, gradus_error *err) {
  gradus_status status = gradus_source_new(source, type, data, shape, err);
  if (status > 0)
    return status;
  (*source)->dropped_rows = inner->dropped_rows;
  (*source)->in_order = !gradus_source_random_access(inner);
  (*source)->origin = inner->origin;
  return GRADUS_OK;
}

void gradus_source_free(gradus_source *source) {
  if (!source)
    return;
  if (source->type->release)
    source->type->release(source->data);
  gradus_i_release(source);
}

const gradus_source_shape *gradus_source_get_shape(const gradus_source *source) {
  return &source->shape;
}

size_t gradus_source_dropped_rows(const gradus_source *source) {
  return source->dropped_rows;
}

void gradus_i_source_set_dropped_rows(gradus_source *source, size_t dropped) {
  source->dropped_rows = dropped;
}

void gradus_i_source_set_origin(gradus_source *source, const gradus_i_origin *origin) {
  source->origin = *origin;
}

const gradus_i_origin *gradus_i_source_origin(const gradus_source *source) {
  return &source->origin;
}

bool gradus_source_random_access(const gradus_source *source) {
  return source->type->random_access && !source->in_order;
}

gradus_status gradus_cursor_open(gradus_cursor **cursor, const gradus_source *source,
                                 size_t max_rows, gradus_error *err) {
  *cursor = gradus_i_allocate(1, sizeof **cursor);
  if (!*cursor)
    return gradus_i_out_of_memory(err);
  (*cursor)->source = source;
  (*cursor)->max_rows = max_rows;
  if (!source->type->open)
    return GRADUS_OK;
  gradus_status status = source->type->open(source->data, max_rows, &(*cursor)->state, err);
  if (status > 0) {
    gradus_i_release(*cursor);
    *cursor = NULL;
  }
  return status;
}

gradus_status gradus_cursor_read(gradus_cursor *cursor, size_t first, size_t rows,
                                 gradus_batch *batch, gradus_error *err) {
  *batch = (gradus_batch){.first = first};
  if (rows > cursor->max_rows)
    rows = cursor->max_rows;
  const gradus_source *source = cursor->source;
  size_t known = source->shape.rows;
  if (known && first >= known)
    return GRADUS_OK;
  if (known && rows > known - first)
    rows = known - first;
  gradus_status status = source->type->read(source->data, cursor->state, first, rows, batch, err);
  if (status > 0 || batch->rows <= rows)
    return status;
  size_t given = batch->rows; /* what reads has room for what it asked for */
  *batch = (gradus_batch){.first = first};
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "the source \"%s\" handed out %zu rows where %zu were asked of it",
                       source->type->name, given, rows);
}

void gradus_cursor_free(gradus_cursor *cursor) {
  if (!cursor)
    return;
  gradus_i_row_buffer_clear(&cursor->gathered);
  if (cursor->source->type->close)
    cursor->source->type->close(cursor->state);
  gradus_i_release(cursor);
}

/* ---- matrices in memory: views, no copies ---- */

typedef struct matrix_data {
  gsl_matrix x, y;
  gsl_vector weights, offset;
  bool has_y, has_weights, has_offset;
  /* Batches need contiguous weights and offsets: of a strided vector a copy is kept. */
  double *weights_copy, *offset_copy;
} matrix_data;

static gradus_status matrix_read(const void *data, void *state, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  (void)state;
  (void)err;
  const matrix_data *m = data;
  size_t left = m->x.size1 - first;
  batch->rows = left < max_rows ? left : max_rows;
  batch->x = m->x.data + first * m->x.tda;
  batch->x_stride = m->x.tda;
  if (m->has_y) {
    batch->y = m->y.data + first * m->y.tda;
    batch->y_stride = m->y.tda;
  }
  if (m->has_weights)
    batch->weight = (m->weights_copy ? m->weights_copy : m->weights.data) + first;
  if (m->has_offset)
    batch->offset = (m->offset_copy ? m->offset_copy : m->offset.data) + first;
  return GRADUS_OK;
}

/* Asks for the memory of a row that is copied soon: rows in random order are bound by the time that
   memory takes to answer. Inlined by force: gcc takes calls of a function that only prefetches for
   calls without effect, and leaves them out. */
#if defined(__GNUC__) || defined(__clang__)
__attribute__((always_inline)) static inline void look_ahead(const matrix_data *m,
                                                             size_t position) {
  enum { LINE = 64 / sizeof(double) };
  const double *x = m->x.data + position * m->x.tda;
  for (size_t j = 0; j < m->x.size2; j += LINE)
    __builtin_prefetch(x + j, 0, 1);
  if (m->x.size2 > 0)
    __builtin_prefetch(x + m->x.size2 - 1, 0, 1);
  if (m->has_y)
    __builtin_prefetch(m->y.data + position * m->y.tda, 0, 1);
}
#else
static void look_ahead(const matrix_data *m, size_t position) {
  (void)m, (void)position;
}
#endif

static void copy_row(const matrix_data *m, size_t position, gradus_i_row_buffer *buffer,
                     size_t slot) {
  size_t p = m->x.size2, k = buffer->responses;
  const double *x = m->x.data + position * m->x.tda;
  const double *y = m->has_y ? m->y.data + position * m->y.tda : NULL;
  double *to = buffer->x + slot * p;
  for (size_t j = 0; j < p; j++)
    to[j] = x[j];
  for (size_t r = 0; r < k; r++)
    buffer->y[slot * k + r] = y[r];
  if (m->has_weights)
    buffer->weight[slot] = (m->weights_copy ? m->weights_copy : m->weights.data)[position];
  if (m->has_offset)
    buffer->offset[slot] = (m->offset_copy ? m->offset_copy : m->offset.data)[position];
  buffer->row[slot] = position;
}

static void matrix_gather(const matrix_data *m, gradus_i_row_buffer *buffer,
                          const size_t *positions, size_t count, size_t ahead,
                          gradus_batch *batch) {
  enum { DISTANCE = 32 };
  buffer->has_y = m->has_y;
  buffer->has_weight = m->has_weights;
  buffer->has_offset = m->has_offset;
  for (size_t i = 0; i < count; i++) {
    if (i + DISTANCE < count + ahead)
      look_ahead(m, positions[i + DISTANCE]);
    copy_row(m, positions[i], buffer, i);
  }
  gradus_i_row_buffer_batch(buffer, 0, count, batch);
}

static void matrix_release(void *data) {
  matrix_data *m = data;
  if (!m)
    return;
  gradus_i_release(m->weights_copy);
  gradus_i_release(m->offset_copy);
  gradus_i_release(m);
}

static const gradus_source_type matrix_source = {
    .name = "matrix", .random_access = true, .read = matrix_read, .release = matrix_release};

static bool make_contiguous(const gsl_vector *vector, double **copy) {
  if (vector->stride == 1)
    return true;
  *copy = gradus_i_allocate_raw(vector->size, sizeof(double));
  for (size_t i = 0; *copy && i < vector->size; i++)
    (*copy)[i] = vector->data[i * vector->stride];
  return *copy != NULL;
}

static gradus_status check_shapes(const gsl_matrix *x, const gsl_matrix *y,
                                  const gsl_vector *weights, gradus_weight_kind kind,
                                  const gsl_vector *offset, gradus_error *err) {
  size_t n = x->size1;
  if (n == 0)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE, "x has no rows: there is nothing to fit");
  if (y && (y->size1 != n || y->size2 == 0))
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "x is %zu×%zu and y is %zu×%zu: both need one row per observation", n,
                         x->size2, y->size1, y->size2);
  if (weights && weights->size != n)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "x is %zu×%zu and there are %zu weights: one per row is needed", n,
                         x->size2, weights->size);
  if (offset && offset->size != n)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "x is %zu×%zu and the offset has %zu values: one per row is needed", n,
                         x->size2, offset->size);
  if (weights && kind == GRADUS_WEIGHT_NONE)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                         "weights without a kind: declare them as frequency (a row stands for w "
                         "rows), analytic (variance σ²/w) or prior (trials)");
  return GRADUS_OK;
}

gradus_status gradus_source_from_matrix(gradus_source **source, const gsl_matrix *x,
                                        const gsl_matrix *y, const gsl_vector *weights,
                                        gradus_weight_kind weight_kind, const gsl_vector *offset,
                                        gradus_error *err) {
  *source = NULL;
  gradus_status status = check_shapes(x, y, weights, weight_kind, offset, err);
  if (status > 0)
    return status;
  matrix_data *m = gradus_i_allocate(1, sizeof *m);
  if (!m)
    return gradus_i_out_of_memory(err);
  m->x = *x;
  if ((m->has_y = y != NULL))
    m->y = *y;
  if ((m->has_weights = weights != NULL))
    m->weights = *weights;
  if ((m->has_offset = offset != NULL))
    m->offset = *offset;
  if ((weights && !make_contiguous(weights, &m->weights_copy)) ||
      (offset && !make_contiguous(offset, &m->offset_copy))) {
    matrix_release(m);
    return gradus_i_out_of_memory(err);
  }
  gradus_source_shape shape = {.rows = x->size1,
                               .columns = x->size2,
                               .responses = y ? y->size2 : 0,
                               .weight_kind = weights ? weight_kind : GRADUS_WEIGHT_NONE,
                               .has_offset = offset != NULL};
  return gradus_source_new(source, &matrix_source, m, &shape, err);
}

/* ---- rows in any order ---- */

/* Whether these rows can be gathered. */
static gradus_status check_positions(const gradus_cursor *cursor, const size_t *positions,
                                     size_t count, size_t ahead, gradus_error *err) {
  size_t rows = cursor->source->shape.rows;
  const char *name = cursor->source->type->name;
  if (!gradus_source_random_access(cursor->source) || rows == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "rows of the source \"%s\" can be read in order only", name);
  if (count > cursor->max_rows || count > rows)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "%zu rows are asked of a cursor for up to %zu over %zu rows", count,
                         cursor->max_rows, rows);
  for (size_t i = 0; i < count + ahead; i++)
    if (positions[i] >= rows)
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "position %zu is asked of the source \"%s\", which has %zu rows",
                           positions[i], name, rows);
  return GRADUS_OK;
}

static gradus_status gather_by_reading(gradus_cursor *cursor, const size_t *positions, size_t count,
                                       gradus_batch *batch, gradus_error *err) {
  const gradus_source *source = cursor->source;
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < count; i++) {
    gradus_batch one = {.first = positions[i]};
    status = source->type->read(source->data, cursor->state, positions[i], 1, &one, err);
    if (status <= 0 && one.rows == 0)
      status = gradus_i_fail(err, GRADUS_ERROR_IO, "row %zu of the source \"%s\" is missing",
                             positions[i] + 1, source->type->name);
    if (status <= 0)
      gradus_i_row_buffer_copy(&cursor->gathered, i, &one, 0);
  }
  if (status <= 0)
    gradus_i_row_buffer_batch(&cursor->gathered, 0, count, batch);
  return status;
}

gradus_status gradus_cursor_gather(gradus_cursor *cursor, const size_t *positions, size_t count,
                                   size_t ahead, gradus_batch *batch, gradus_error *err) {
  const gradus_source *source = cursor->source;
  *batch = (gradus_batch){0};
  gradus_status status = check_positions(cursor, positions, count, ahead, err);
  if (status > 0 || count == 0)
    return status;
  if (source->type->gather)
    return source->type->gather(source->data, cursor->state, positions, count, ahead, batch, err);
  if (!cursor->gathered.x)
    status = gradus_i_row_buffer_make(&cursor->gathered, &source->shape, cursor->max_rows, err);
  if (status > 0)
    return status;
  if (source->type != &matrix_source)
    return gather_by_reading(cursor, positions, count, batch, err);
  matrix_gather(source->data, &cursor->gathered, positions, count, ahead, batch);
  return GRADUS_OK;
}
