// SPDX-License-Identifier: GPL-3.0-or-later
/* The columns of a design over some rows of a frame: variables first, then their products. */
#include "source_rows.h"

#include <math.h>
#include <string.h>

typedef gradus_i_values values;
typedef gradus_i_reader reader;

static const size_t skipped = SIZE_MAX;

/* ---- variables ---- */

static bool is_factor(const gradus_i_variable *variable) {
  return variable->kind == GRADUS_I_VARIABLE_FACTOR;
}

static bool has_dummies(const gradus_i_variable *variable) {
  return gradus_i_variable_has_dummies(variable);
}

static bool is_column(const gradus_i_variable *variable) {
  return variable->kind == GRADUS_I_VARIABLE_NUMBER && variable->plain;
}

static bool make_buffers(reader *r, const gradus_i_variable *variable, values *v) {
  v->stride = r->block;
  if (is_factor(variable)) {
    v->codes = gradus_i_arena_allocate(&r->arena, r->block, sizeof *v->codes);
    if (variable->coded)
      v->high_buffer = gradus_i_arena_allocate(&r->arena, r->block, sizeof(double));
    return v->codes && (v->high_buffer || !variable->coded);
  }
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
    for (size_t i = 0; variable->coded && i < rows.count; i++)
      v->high_buffer[i] = v->codes[i];
    v->high = v->high_buffer;
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

void gradus_i_reader_load(reader *r, gradus_i_rows rows) {
  const gradus_design *design = r->bound->design;
  for (size_t i = 0; i < design->variable_count; i++)
    if (gradus_i_bound_needs(r->bound, &design->variables[i]))
      load(r, &design->variables[i], rows, &r->variables[i]);
}

/* ---- terms ---- */

static size_t width_in(const gradus_i_variable *variable, bool contrasts) {
  return has_dummies(variable) ? variable->level_count - contrasts : variable->width;
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
    if (!has_dummies(variable))
      combinations *= width;
    for (size_t i = 0; has_dummies(variable) && i < rows; i++)
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
    if (!has_dummies(variable)) {
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
    for (size_t i = 0; r->x_low && term->has_low && i < rows; i++)
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
  return set->count == 1 && !has_dummies(variable) ? variable : NULL;
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
      r->has_factors |= has_dummies(&design->variables[design->terms[t].term->variables[k]]);
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

/* ---- all columns ---- */

void gradus_i_reader_fill(reader *r, size_t rows, gradus_batch *batch) {
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

/* ---- buffers ---- */

static bool make_array(reader *r, bool needed, double **array, size_t width) {
  size_t count;
  if (!needed)
    return true;
  if (!gradus_i_multiply(width, r->block, &count))
    return false;
  return (*array = gradus_i_arena_allocate(&r->arena, count, sizeof **array)) != NULL;
}

bool gradus_i_reader_make(reader *r) {
  const gradus_i_bound *bound = r->bound;
  const gradus_design *design = bound->design;
  r->variables = gradus_i_arena_allocate(&r->arena, design->variable_count, sizeof *r->variables);
  r->place = gradus_i_arena_allocate(&r->arena, r->block, sizeof *r->place);
  bool done = r->variables && r->place && list_direct(r) &&
              gradus_i_scratch_make(&r->scratch, &r->arena, design, r->block) &&
              make_array(r, true, &r->x, design->columns) &&
              make_array(r, r->wants_low, &r->x_low, design->columns) &&
              make_array(r, !bound->without_response, &r->y, design->responses) &&
              make_array(r, bound->weights && bound->rows, &r->weight, 1) &&
              make_array(r, design->expansion.offset_count > 0, &r->offset, 1) &&
              make_array(r, true, &r->product, 1) && make_array(r, true, &r->product_low, 1);
  for (size_t i = 0; done && i < design->variable_count; i++)
    if (gradus_i_bound_needs(bound, &design->variables[i]))
      done = make_buffers(r, &design->variables[i], &r->variables[i]);
  return done;
}

bool gradus_i_reader_make_gather(reader *r) {
  const gradus_i_bound *bound = r->bound;
  const gradus_design *design = bound->design;
  bool done = r->weight || make_array(r, bound->weights != NULL, &r->weight, 1);
  for (size_t i = 0; done && i < design->variable_count; i++)
    if (gradus_i_bound_needs(bound, &design->variables[i]) && is_column(&design->variables[i]) &&
        !r->variables[i].high_buffer)
      done = make_array(r, true, &r->variables[i].high_buffer, design->variables[i].width);
  return done && (r->index = gradus_i_arena_allocate(&r->arena, r->block, sizeof *r->index));
}
