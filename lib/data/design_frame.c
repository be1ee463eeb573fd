// SPDX-License-Identifier: GPL-3.0-or-later
/* A design bound to a frame: which columns it reads and which rows are complete. */
#include "design_internal.h"

#include <math.h>
#include <string.h>

typedef struct contents {
  bool missing, infinite;
} contents;

/* Integer arithmetic on the bits, so that the loop is one of vectors on any machine: an exponent of
   all ones carries into the sign. */
static bool all_finite(const double *values, size_t count) {
  const uint64_t exponent = UINT64_C(0x7ff) << 52, one = UINT64_C(1) << 52;
  uint64_t carried = 0;
#pragma omp simd reduction(| : carried)
  for (size_t i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    carried |= (bits & exponent) + one;
  }
  return carried >> 63 == 0;
}

static contents examine_numbers(const double *values, size_t count) {
  contents found = {false, false};
  if (all_finite(values, count))
    return found;
  for (size_t i = 0; i < count; i++) {
    found.missing |= isnan(values[i]);
    found.infinite |= isinf(values[i]);
  }
  return found;
}

static contents examine_codes(const int *codes, size_t count) {
  int all = 0;
#pragma omp simd reduction(| : all)
  for (size_t i = 0; i < count; i++)
    all |= codes[i];
  return (contents){all < 0, false};
}

static bool cell_missing(const gradus_i_bound_input *input, size_t row) {
  return input->numbers ? isnan(input->numbers[row]) : input->codes[row] < 0;
}

gradus_status gradus_i_fail_value(const gradus_frame *frame, size_t row, const char *what,
                                  double value, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_NON_FINITE,
                       "%s: row %zu: %s is %s; leave the row out, or make the cell NA",
                       gradus_i_frame_name(frame), row + 1, what,
                       isnan(value) ? "not a number"
                       : value > 0  ? "infinite"
                                    : "-infinite");
}

/* Levenshtein's distance of the first bytes, letters of both cases being equal. */
static size_t distance(const char *a, const char *b) {
  enum { most = 64 };
  size_t row[most + 1], n = strlen(b) < most ? strlen(b) : most;
  for (size_t j = 0; j <= n; j++)
    row[j] = j;
  for (size_t i = 0; a[i] && i < most; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < n; j++) {
      char x = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] + 32) : a[i];
      char y = b[j] >= 'A' && b[j] <= 'Z' ? (char)(b[j] + 32) : b[j];
      size_t best = diagonal + (x != y);
      diagonal = row[j + 1];
      best = diagonal + 1 < best ? diagonal + 1 : best;
      row[j + 1] = row[j] + 1 < best ? row[j] + 1 : best;
    }
  }
  return row[n];
}

gradus_status gradus_i_fail_column(const gradus_frame *frame, const char *name, gradus_error *err) {
  size_t best = SIZE_MAX;
  const char *nearest = NULL;
  for (size_t i = 0; i < gradus_frame_columns(frame); i++) {
    size_t next = distance(name, gradus_frame_column_name(frame, i));
    if (next < best) {
      best = next;
      nearest = gradus_frame_column_name(frame, i);
    }
  }
  return gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_COLUMN, "%s has no column \"%.100s\"%s%.100s%s",
                       gradus_i_frame_name(frame), name, nearest ? "; did you mean \"" : "",
                       nearest ? nearest : "", nearest ? "\"?" : "");
}

static gradus_status fail_factor(const gradus_frame *frame, const char *name, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_NOT_NUMERIC,
                       "%s: column \"%.100s\" holds text, where the formula needs a number",
                       gradus_i_frame_name(frame), name);
}

static gradus_status check_numeric(const gradus_frame *frame, size_t column, gradus_error *err) {
  switch (gradus_frame_column_type(frame, column)) {
  case GRADUS_COLUMN_NUMERIC:
    return GRADUS_OK;
  case GRADUS_COLUMN_MIXED:
    return gradus_i_frame_fail_mixed(frame, column, err);
  default:
    return fail_factor(frame, gradus_frame_column_name(frame, column), err);
  }
}

static gradus_status bind_input(gradus_i_bound *bound, size_t which, gradus_error *err) {
  const gradus_i_input *input = &bound->design->inputs[which];
  gradus_i_bound_input *to = &bound->inputs[which];
  if (bound->without_response && !input->predictor)
    return GRADUS_OK;
  if (!gradus_frame_find(bound->frame, input->name, &to->column))
    return input->predictor || input->response
               ? gradus_i_fail_column(bound->frame, input->name, err)
               : GRADUS_OK;
  if (input->number) {
    gradus_status status = check_numeric(bound->frame, to->column, err);
    if (status)
      return status;
  }
  to->bound = true;
  to->numbers = gradus_frame_numeric(bound->frame, to->column);
  to->codes = gradus_frame_codes(bound->frame, to->column);
  return GRADUS_OK;
}

/* Keeps the numbers of the rows that no used column lacks. */
static bool keep_complete(gradus_i_bound *bound, const unsigned char *incomplete) {
  size_t rows = gradus_frame_rows(bound->frame);
  for (size_t i = 0; i < rows; i++)
    bound->dropped += incomplete[i];
  bound->count = rows - bound->dropped;
  bound->rows = gradus_i_allocate_raw(bound->count, sizeof *bound->rows);
  for (size_t i = 0, to = 0; bound->rows && i < rows; i++)
    if (!incomplete[i])
      bound->rows[to++] = i;
  return bound->rows != NULL;
}

static gradus_status check_infinite(const gradus_i_bound *bound, size_t which, gradus_error *err) {
  const double *values = bound->inputs[which].numbers;
  for (size_t i = 0; i < bound->count; i++) {
    size_t row = bound->rows ? bound->rows[i] : i;
    if (isinf(values[row])) {
      char what[140];
      gradus_i_snprintf(what, sizeof what, "column \"%.100s\"", bound->design->inputs[which].name);
      return gradus_i_fail_value(bound->frame, row, what, values[row], err);
    }
  }
  return GRADUS_OK;
}

static gradus_status fail_no_rows(const gradus_i_bound *bound, gradus_error *err) {
  size_t rows = gradus_frame_rows(bound->frame);
  for (size_t i = 0; rows > 0 && i < bound->design->input_count; i++) {
    const gradus_i_bound_input *input = &bound->inputs[i];
    size_t row = 0;
    while (input->bound && row < rows && cell_missing(input, row))
      row++;
    if (row == rows)
      return gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                           "%s: column \"%.100s\" has no value in any row; leave it out",
                           gradus_i_frame_name(bound->frame), bound->design->inputs[i].name);
  }
  return gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                       "%s: none of the %zu rows has a value in every column of the formula",
                       gradus_i_frame_name(bound->frame), rows);
}

/* One pass to know what there is, a second only over columns that lack something. */
static gradus_status find_rows(gradus_i_bound *bound, gradus_error *err) {
  size_t rows = gradus_frame_rows(bound->frame), inputs = bound->design->input_count;
  unsigned char *incomplete = NULL;
  bool *infinite = gradus_i_arena_allocate(&bound->arena, inputs, sizeof *infinite);
  bool done = infinite != NULL;
  for (size_t i = 0; done && i < inputs; i++) {
    const gradus_i_bound_input *input = &bound->inputs[i];
    if (!input->bound)
      continue;
    contents found =
        input->numbers ? examine_numbers(input->numbers, rows) : examine_codes(input->codes, rows);
    infinite[i] = found.infinite;
    if (found.missing && !incomplete)
      done = (incomplete = gradus_i_allocate(rows, 1)) != NULL;
    for (size_t row = 0; found.missing && done && row < rows; row++)
      incomplete[row] |= cell_missing(input, row) && !gradus_i_padding_covers(bound, i, row);
  }
  bound->count = rows;
  if (done && incomplete)
    done = keep_complete(bound, incomplete);
  gradus_i_release(incomplete);
  if (!done)
    return gradus_i_out_of_memory(err);
  gradus_status status = bound->count == 0 ? fail_no_rows(bound, err) : GRADUS_OK;
  for (size_t i = 0; !status && i < inputs; i++)
    if (infinite[i] && (bound->design->inputs[i].predictor || bound->design->inputs[i].response))
      status = check_infinite(bound, i, err);
  return status;
}

static gradus_status bind_weights(gradus_i_bound *bound, gradus_error *err) {
  const char *name = bound->design->weights;
  size_t column;
  if (!name || bound->without_response)
    return GRADUS_OK;
  if (!gradus_frame_find(bound->frame, name, &column))
    return gradus_i_fail_column(bound->frame, name, err);
  gradus_status status = check_numeric(bound->frame, column, err);
  if (status)
    return status;
  bound->weights = gradus_frame_numeric(bound->frame, column);
  for (size_t i = 0; i < bound->count; i++) {
    size_t row = bound->rows ? bound->rows[i] : i;
    double weight = bound->weights[row];
    if (!(weight >= 0) || isinf(weight))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                           "%s: row %zu: the weight in column \"%.100s\" is %s; weights are finite "
                           "numbers from 0 on",
                           gradus_i_frame_name(bound->frame), row + 1, name,
                           isnan(weight)   ? "missing"
                           : isinf(weight) ? "infinite"
                                           : "negative");
  }
  return GRADUS_OK;
}

gradus_status gradus_i_bound_open(gradus_i_bound *bound, const gradus_design *design,
                                  const gradus_frame *frame, bool without_response,
                                  gradus_error *err) {
  *bound = (gradus_i_bound){.design = design, .frame = frame, .without_response = without_response};
  bound->inputs =
      gradus_i_arena_allocate(&bound->arena, design->input_count, sizeof *bound->inputs);
  bound->maps = gradus_i_arena_allocate(&bound->arena, design->variable_count, sizeof *bound->maps);
  if (!bound->inputs || !bound->maps)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < design->input_count; i++) {
    gradus_status status = bind_input(bound, i, err);
    if (status)
      return status;
  }
  gradus_status status = gradus_i_padding_open(bound, err);
  if (!status)
    status = find_rows(bound, err);
  return status ? status : bind_weights(bound, err);
}

void gradus_i_bound_clear(gradus_i_bound *bound) {
  gradus_i_arena_clear(&bound->arena);
  gradus_i_release(bound->rows);
  *bound = (gradus_i_bound){0};
}

gradus_i_rows gradus_i_bound_rows(const gradus_i_bound *bound, size_t first, size_t count) {
  size_t left = first < bound->count ? bound->count - first : 0;
  return (gradus_i_rows){.index = bound->rows ? bound->rows + first : NULL,
                         .first = first,
                         .count = count < left ? count : left};
}

bool gradus_i_bound_needs(const gradus_i_bound *bound, const gradus_i_variable *variable) {
  return variable->used && !(bound->without_response && variable->response);
}
