// SPDX-License-Identifier: GPL-3.0-or-later
/* A frame through a design as a source: every read forms the columns of its rows anew. */
#include "design.h"

#include <math.h>
#include <string.h>

/* A variable over the rows of the current read. */
typedef struct values {
  double *high_buffer, *low_buffer; /* width × block, or NULL */
  const double *high, *low;         /* column c at [c * stride]; low NULL: all 0 */
  size_t stride;
  int *codes; /* of a factor */
} values;

typedef struct reader {
  gradus_i_arena arena;
  const gradus_i_bound *bound;
  size_t block;
  gradus_i_scratch scratch;
  values *variables;
  double *x, *x_low, *y, *weight, *offset;
  double *product, *product_low;
  size_t *place;         /* of each row's cell within a term; skipped: none */
  bool has_factors;      /* some cells stay 0 */
  size_t *direct;        /* the columns that are a variable's own, */
  const double **source; /* and where they lie for this read */
  size_t direct_count;
} reader;

static const size_t skipped = SIZE_MAX;

/* ---- variables ---- */

static bool is_factor(const gradus_i_variable *variable) {
  return variable->kind == GRADUS_I_VARIABLE_FACTOR;
}

static bool is_column(const gradus_i_variable *variable) {
  return variable->kind == GRADUS_I_VARIABLE_NUMBER && variable->plain;
}

static bool make_buffers(reader *r, const gradus_i_variable *variable, values *v) {
  v->stride = r->block;
  if (is_factor(variable))
    return (v->codes = gradus_i_arena_allocate(&r->arena, r->block, sizeof *v->codes)) != NULL;
  size_t count;
  if (is_column(variable) && !r->bound->rows)
    return true;
  if (!gradus_i_multiply(variable->width, r->block, &count))
    return false;
  v->high_buffer = gradus_i_arena_allocate(&r->arena, count, sizeof(double));
  if (variable->has_low)
    v->low_buffer = gradus_i_arena_allocate(&r->arena, count, sizeof(double));
  return v->high_buffer && (v->low_buffer || !variable->has_low);
}

static void load(reader *r, const gradus_i_variable *variable, gradus_i_rows rows, values *v) {
  if (is_factor(variable)) {
    gradus_i_variable_codes(r->bound, variable, rows, &r->scratch, v->codes);
    return;
  }
  v->high = v->high_buffer;
  v->low = v->low_buffer;
  if (!is_column(variable)) {
    gradus_i_variable_evaluate(r->bound, variable, rows, &r->scratch, v->high_buffer, v->low_buffer,
                               v->stride);
    return;
  }
  const double *numbers = r->bound->inputs[variable->argument->input].numbers;
  if (!rows.index)
    v->high = numbers + rows.first;
  for (size_t i = 0; rows.index && i < rows.count; i++)
    v->high_buffer[i] = numbers[rows.index[i]];
}

/* ---- terms ---- */

static size_t width_in(const gradus_i_variable *variable, bool contrasts) {
  return is_factor(variable) ? variable->level_count - contrasts : variable->width;
}

/* Where the factors of a term put each row; the number of combinations of its other columns. */
static size_t find_places(reader *r, const gradus_i_design_term *term, size_t rows) {
  size_t stride = 1, combinations = 1;
  memset(r->place, 0, rows * sizeof *r->place);
  for (size_t k = 0; k < term->term->count; k++) {
    size_t which = term->term->variables[k];
    const gradus_i_variable *variable = &r->bound->design->variables[which];
    size_t width = width_in(variable, term->contrasts[k]);
    const int *codes = r->variables[which].codes;
    if (!is_factor(variable))
      combinations *= width;
    for (size_t i = 0; is_factor(variable) && i < rows; i++)
      if (codes[i] < (int)term->contrasts[k])
        r->place[i] = skipped;
      else if (r->place[i] != skipped)
        r->place[i] += ((size_t)codes[i] - term->contrasts[k]) * stride;
    stride *= width;
  }
  return combinations;
}

static void multiply(reader *r, const values *v, size_t column, size_t rows) {
  const double *high = v->high + column * v->stride;
  const double *low = v->low ? v->low + column * v->stride : NULL;
  for (size_t i = 0; i < rows; i++) {
    gradus_i_extended a = {r->product[i], r->product_low[i]}, b = {high[i], low ? low[i] : 0};
    gradus_i_extended product = gradus_i_extended_multiply(a, b);
    bool fits = isfinite(product.hi) && isfinite(product.lo);
    r->product[i] = fits ? product.hi : a.hi * b.hi;
    r->product_low[i] = fits ? product.lo : 0;
  }
}

static void start_product(reader *r, const values *v, size_t column, size_t rows) {
  memcpy(r->product, v->high + column * v->stride, rows * sizeof *r->product);
  if (v->low)
    memcpy(r->product_low, v->low + column * v->stride, rows * sizeof *r->product_low);
  else
    memset(r->product_low, 0, rows * sizeof *r->product_low);
}

/* The product of one combination of the term's columns of numbers; returns its offset in the term.
   Without any the product is 1. */
static size_t form_product(reader *r, const gradus_i_design_term *term, size_t combination,
                           size_t rows) {
  size_t stride = 1, offset = 0;
  bool started = false;
  for (size_t k = 0; k < term->term->count; k++) {
    size_t which = term->term->variables[k];
    const gradus_i_variable *variable = &r->bound->design->variables[which];
    size_t width = width_in(variable, term->contrasts[k]);
    if (!is_factor(variable)) {
      (started ? multiply : start_product)(r, &r->variables[which], combination % width, rows);
      started = true;
      offset += combination % width * stride;
      combination /= width;
    }
    stride *= width;
  }
  for (size_t i = 0; !started && i < rows; i++) {
    r->product[i] = 1;
    r->product_low[i] = 0;
  }
  return offset;
}

static void fill_term(reader *r, const gradus_i_design_term *term, size_t rows) {
  size_t p = r->bound->design->columns, combinations = find_places(r, term, rows);
  for (size_t c = 0; c < combinations; c++) {
    size_t first = term->first + form_product(r, term, c, rows);
    for (size_t i = 0; i < rows; i++)
      if (r->place[i] != skipped)
        r->x[i * p + first + r->place[i]] = r->product[i];
    for (size_t i = 0; term->has_low && i < rows; i++)
      if (r->place[i] != skipped)
        r->x_low[i * p + first + r->place[i]] = r->product_low[i];
  }
}

/* ---- columns that are a variable's own ---- */

static const gradus_i_variable *direct_variable(const gradus_design *design, size_t term,
                                                size_t *which) {
  const gradus_i_term *set = design->terms[term].term;
  *which = set->variables[0];
  const gradus_i_variable *variable = &design->variables[*which];
  return set->count == 1 && !is_factor(variable) ? variable : NULL;
}

static bool list_direct(reader *r) {
  const gradus_design *design = r->bound->design;
  size_t which;
  r->direct = gradus_i_arena_allocate(&r->arena, design->columns, sizeof *r->direct);
  r->source = gradus_i_arena_allocate(&r->arena, design->columns, sizeof *r->source);
  if (!r->direct || !r->source)
    return false;
  for (size_t j = 0; j < design->columns; j++)
    if (direct_variable(design, design->column_terms[j], &which))
      r->direct[r->direct_count++] = j;
  for (size_t t = 0; t < design->expansion.term_count; t++)
    for (size_t k = 0; k < design->terms[t].term->count; k++)
      r->has_factors |= is_factor(&design->variables[design->terms[t].term->variables[k]]);
  return true;
}

static void find_sources(reader *r) {
  const gradus_design *design = r->bound->design;
  for (size_t j = 0; j < r->direct_count; j++) {
    size_t column = r->direct[j], term = design->column_terms[column], which;
    direct_variable(design, term, &which);
    const values *v = &r->variables[which];
    r->source[j] = v->high + (column - design->terms[term].first) * v->stride;
  }
}

/* Columns become rows: four columns at a time where they are neighbours, and few rows at a time, so
   that reads and writes stay in the nearest cache. */
static void copy_direct(reader *r, size_t rows) {
  enum { tile = 32 };
  size_t p = r->bound->design->columns;
  for (size_t first = 0; first < rows; first += tile) {
    size_t last = first + tile < rows ? first + tile : rows;
    for (size_t j = 0; j < r->direct_count;) {
      const double *const *from = r->source + j;
      double *to = r->x + r->direct[j];
      if (j + 4 <= r->direct_count && r->direct[j + 3] == r->direct[j] + 3) {
        for (size_t i = first; i < last; i++) {
          to[i * p] = from[0][i];
          to[i * p + 1] = from[1][i];
          to[i * p + 2] = from[2][i];
          to[i * p + 3] = from[3][i];
        }
        j += 4;
      } else {
        for (size_t i = first; i < last; i++)
          to[i * p] = from[0][i];
        j++;
      }
    }
  }
}

static void copy_low(reader *r, size_t rows) {
  const gradus_design *design = r->bound->design;
  for (size_t j = 0; j < r->direct_count; j++) {
    size_t column = r->direct[j], term = design->column_terms[column], which;
    direct_variable(design, term, &which);
    const values *v = &r->variables[which];
    for (size_t i = 0; v->low && i < rows; i++)
      r->x_low[i * design->columns + column] =
          v->low[(column - design->terms[term].first) * v->stride + i];
  }
}

/* ---- one read ---- */

static void fill_x(reader *r, size_t rows, gradus_batch *batch) {
  const gradus_design *design = r->bound->design;
  size_t bytes = rows * design->columns * sizeof(double), which;
  if (r->has_factors)
    memset(r->x, 0, bytes);
  if (r->x_low)
    memset(r->x_low, 0, bytes);
  find_sources(r);
  copy_direct(r, rows);
  if (r->x_low)
    copy_low(r, rows);
  for (size_t t = 0; t < design->expansion.term_count; t++)
    if (!direct_variable(design, t, &which))
      fill_term(r, &design->terms[t], rows);
  batch->x = r->x;
  batch->x_low = r->x_low;
  batch->x_stride = design->columns;
}

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

static gradus_status read_rows(const void *data, void *cursor, size_t first, size_t max_rows,
                               gradus_batch *batch, gradus_error *err) {
  (void)err;
  const gradus_i_bound *bound = data;
  const gradus_design *design = bound->design;
  reader *r = cursor;
  gradus_i_rows rows = gradus_i_bound_rows(bound, first, max_rows < r->block ? max_rows : r->block);
  batch->rows = rows.count;
  batch->first = first;
  if (rows.count == 0)
    return GRADUS_OK;
  batch->row = rows.index;
  for (size_t i = 0; i < design->variable_count; i++)
    if (gradus_i_bound_needs(bound, &design->variables[i]))
      load(r, &design->variables[i], rows, &r->variables[i]);
  fill_x(r, rows.count, batch);
  if (design->responses > 0 && !bound->without_response)
    fill_y(r, rows.count, batch);
  if (design->expansion.offset_count > 0)
    fill_offset(r, rows.count, batch);
  if (bound->weights)
    fill_weight(r, rows, batch);
  return GRADUS_OK;
}

/* ---- cursors ---- */

static bool make_array(reader *r, bool needed, double **array, size_t width) {
  size_t count;
  if (!needed)
    return true;
  if (!gradus_i_multiply(width, r->block, &count))
    return false;
  return (*array = gradus_i_arena_allocate(&r->arena, count, sizeof **array)) != NULL;
}

static bool make_reader(reader *r) {
  const gradus_i_bound *bound = r->bound;
  const gradus_design *design = bound->design;
  r->variables = gradus_i_arena_allocate(&r->arena, design->variable_count, sizeof *r->variables);
  r->place = gradus_i_arena_allocate(&r->arena, r->block, sizeof *r->place);
  bool done = r->variables && r->place && list_direct(r) &&
              gradus_i_scratch_make(&r->scratch, &r->arena, design, r->block) &&
              make_array(r, true, &r->x, design->columns) &&
              make_array(r, design->has_low, &r->x_low, design->columns) &&
              make_array(r, !bound->without_response, &r->y, design->responses) &&
              make_array(r, bound->weights && bound->rows, &r->weight, 1) &&
              make_array(r, design->expansion.offset_count > 0, &r->offset, 1) &&
              make_array(r, true, &r->product, 1) && make_array(r, true, &r->product_low, 1);
  for (size_t i = 0; done && i < design->variable_count; i++)
    if (gradus_i_bound_needs(bound, &design->variables[i]))
      done = make_buffers(r, &design->variables[i], &r->variables[i]);
  return done;
}

static void close_reader(void *cursor) {
  reader *r = cursor;
  if (!r)
    return;
  gradus_i_arena_clear(&r->arena);
  gradus_i_release(r);
}

static gradus_status open_reader(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const gradus_i_bound *bound = data;
  reader *r = gradus_i_allocate(1, sizeof *r);
  *cursor = NULL;
  if (!r)
    return gradus_i_out_of_memory(err);
  r->bound = bound;
  r->block = max_rows < bound->count ? max_rows : bound->count;
  if (!make_reader(r)) {
    close_reader(r);
    return gradus_i_out_of_memory(err);
  }
  *cursor = r;
  return GRADUS_OK;
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

/* Products of finite numbers may still overflow. */
static gradus_status check_products(const gradus_i_bound *bound, gradus_error *err) {
  void *cursor;
  if (!bound->design->has_products)
    return GRADUS_OK;
  gradus_status status = open_reader(bound, gradus_i_scan_block, &cursor, err);
  for (size_t first = 0; !status && first < bound->count; first += gradus_i_scan_block) {
    gradus_batch batch = {0};
    status = read_rows(bound, cursor, first, gradus_i_scan_block, &batch, err);
    if (!status)
      status = check_batch(bound, &batch, err);
  }
  close_reader(cursor);
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
                                          .release = release_bound};
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
                               .has_low = design->has_low};
  status = gradus_source_new(source, &type, bound, &shape, err);
  if (!status)
    gradus_i_source_set_dropped_rows(*source, dropped);
  return status;
}
