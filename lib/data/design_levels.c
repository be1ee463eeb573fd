// SPDX-License-Identifier: GPL-3.0-or-later
/* The levels of a design's factors: which the complete rows have, and how another frame's cells
   match them. */
#include "design_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_coded(const gradus_i_bound *bound, const gradus_i_variable *variable) {
  return variable->plain && bound->inputs[variable->argument->input].codes != NULL;
}

static size_t row_of(const gradus_i_bound *bound, size_t position) {
  return bound->rows ? bound->rows[position] : position;
}

static gradus_status fail_variable(const gradus_i_bound *bound, const gradus_i_variable *variable,
                                   size_t row, double value, gradus_error *err) {
  char what[140];
  gradus_i_snprintf(what, sizeof what, "\"%.100s\"", variable->text);
  return gradus_i_fail_value(bound->frame, row, what, value, err);
}

/* ---- levels of a new design ---- */

static bool levels_of_codes(gradus_design *made, const gradus_i_bound *bound,
                            gradus_i_variable *variable) {
  const gradus_i_bound_input *input = &bound->inputs[variable->argument->input];
  size_t all = gradus_frame_level_count(bound->frame, input->column), count = 0;
  bool *present = gradus_i_arena_allocate(&made->arena, all, sizeof *present);
  const char **levels = gradus_i_arena_allocate(&made->arena, all, sizeof *levels);
  if (!present || !levels)
    return false;
  for (size_t i = 0; i < bound->count; i++)
    present[input->codes[row_of(bound, i)]] = true;
  for (size_t code = 0; code < all; code++)
    if (present[code])
      levels[count++] = gradus_frame_level(bound->frame, input->column, code);
  return gradus_i_variable_set_levels(&made->arena, variable, levels, count);
}

typedef struct distinct {
  gradus_i_arena *arena;
  gradus_i_index seen;
  double *values;
  size_t count, capacity;
} distinct;

static bool add_distinct(distinct *set, double value) {
  value += 0.0; /* -0 is 0 */
  size_t place;
  if (set->count > 0 && set->values[set->count - 1] == value)
    return true;
  if (gradus_i_index_find(&set->seen, &value, sizeof value, &place))
    return true;
  double *key = gradus_i_arena_allocate(set->arena, 1, sizeof *key);
  if (!key ||
      !gradus_i_arena_grow(set->arena, &set->values, set->count, &set->capacity, sizeof value))
    return false;
  *key = value;
  set->values[set->count] = value;
  return gradus_i_index_add(set->arena, &set->seen, key, sizeof value, set->count++);
}

static int compare_numbers(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* Numbers that agree to 15 digits have one text and are one level. */
static bool texts_of_numbers(distinct *set, gradus_design *made, gradus_i_variable *variable) {
  const char **levels = gradus_i_arena_allocate(set->arena, set->count, sizeof *levels);
  if (!levels)
    return false;
  qsort(set->values, set->count, sizeof *set->values, compare_numbers);
  size_t count = 0;
  for (size_t i = 0; i < set->count; i++) {
    char text[40];
    gradus_i_snprintf(text, sizeof text, "%.15g", set->values[i]);
    if (count > 0 && strcmp(levels[count - 1], text) == 0)
      continue;
    levels[count] = gradus_i_arena_string(set->arena, text, strlen(text));
    if (!levels[count++])
      return false;
  }
  return gradus_i_variable_set_levels(&made->arena, variable, levels, count);
}

static gradus_status levels_of_numbers(gradus_design *made, const gradus_i_bound *bound,
                                       gradus_i_variable *variable, gradus_error *err) {
  gradus_i_arena arena = {0};
  distinct set = {.arena = &arena};
  gradus_i_scratch scratch;
  bool done = gradus_i_scratch_make(&scratch, &arena, made, gradus_i_scan_block);
  gradus_status status = GRADUS_OK;
  for (size_t first = 0; done && !status && first < bound->count; first += gradus_i_scan_block) {
    gradus_i_rows rows = gradus_i_bound_rows(bound, first, gradus_i_scan_block);
    gradus_i_expression_evaluate(variable->argument, bound->inputs, rows, &scratch);
    for (size_t i = 0; done && !status && i < rows.count; i++)
      if (isfinite(scratch.high[i]))
        done = add_distinct(&set, scratch.high[i]);
      else
        status = fail_variable(bound, variable, row_of(bound, first + i), scratch.high[i], err);
  }
  if (done && !status)
    done = texts_of_numbers(&set, made, variable);
  gradus_i_arena_clear(&arena);
  return status ? status : done ? GRADUS_OK : gradus_i_out_of_memory(err);
}

gradus_status gradus_i_design_levels(gradus_design *made, const gradus_i_bound *bound,
                                     gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; !status && i < made->variable_count; i++) {
    gradus_i_variable *variable = &made->variables[i];
    if (variable->kind != GRADUS_I_VARIABLE_FACTOR || !variable->used)
      continue;
    if (!is_coded(bound, variable))
      status = levels_of_numbers(made, bound, variable, err);
    else if (!levels_of_codes(made, bound, variable))
      status = gradus_i_out_of_memory(err);
  }
  return status;
}

/* ---- a frame against the levels of a design ---- */

static gradus_status fail_level(const gradus_i_bound *bound, const gradus_i_variable *variable,
                                size_t row, const char *level, gradus_error *err) {
  gradus_i_text known = {0};
  for (size_t i = 0; i < variable->level_count; i++) {
    if (known.length + strlen(variable->levels[i]) > 200) {
      gradus_i_text_string(&known, ", ...");
      break;
    }
    gradus_i_text_format(&known, "%s\"%s\"", i > 0 ? ", " : "", variable->levels[i]);
  }
  gradus_status status =
      gradus_i_fail(err, GRADUS_ERROR_UNKNOWN_LEVEL,
                    "%s: row %zu: \"%.60s\" is no level of %.80s that the model knows; it knows %s",
                    gradus_i_frame_name(bound->frame), row + 1, level, variable->text,
                    known.failed || !known.data ? "others" : known.data);
  gradus_i_text_clear(&known);
  return status;
}

static gradus_status check_codes(gradus_i_bound *bound, const gradus_i_variable *variable,
                                 gradus_error *err) {
  const gradus_i_bound_input *input = &bound->inputs[variable->argument->input];
  size_t count = gradus_frame_level_count(bound->frame, input->column);
  int *map = gradus_i_arena_allocate(&bound->arena, count, sizeof *map);
  if (!map)
    return gradus_i_out_of_memory(err);
  bool unknown = false;
  for (size_t code = 0; code < count; code++) {
    const char *level = gradus_frame_level(bound->frame, input->column, code);
    map[code] = gradus_i_variable_find_level(variable, level);
    unknown |= map[code] < 0;
  }
  bound->maps[variable - bound->design->variables] = map;
  for (size_t i = 0; unknown && i < bound->count; i++) {
    int code = input->codes[row_of(bound, i)];
    if (map[code] < 0)
      return fail_level(bound, variable, row_of(bound, i),
                        gradus_frame_level(bound->frame, input->column, (size_t)code), err);
  }
  return GRADUS_OK;
}

typedef struct check_buffers {
  gradus_i_scratch scratch;
  double *high, *low;
  int *codes;
} check_buffers;

static bool any_nonzero(const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (values[i] != 0)
      return true;
  return false;
}

static gradus_status check_block(gradus_i_bound *bound, const gradus_i_variable *variable,
                                 size_t first, check_buffers *buffers, gradus_error *err) {
  gradus_i_rows rows = gradus_i_bound_rows(bound, first, gradus_i_scan_block);
  bool factor = variable->kind == GRADUS_I_VARIABLE_FACTOR;
  if (factor)
    gradus_i_variable_codes(bound, variable, rows, &buffers->scratch, buffers->codes);
  else
    gradus_i_variable_evaluate(bound, variable, rows, &buffers->scratch, buffers->high,
                               buffers->low, gradus_i_scan_block);
  bool low = bound->design->has_low && variable->has_low && !variable->response;
  for (size_t column = 0; low && !bound->has_low && column < variable->width; column++)
    bound->has_low = any_nonzero(buffers->low + column * gradus_i_scan_block, rows.count);
  const double *values = factor ? buffers->scratch.high : buffers->high;
  for (size_t i = 0; i < rows.count; i++) {
    size_t row = row_of(bound, first + i);
    for (size_t column = 0; column < variable->width; column++)
      if (!isfinite(values[column * gradus_i_scan_block + i]))
        return fail_variable(bound, variable, row, values[column * gradus_i_scan_block + i], err);
    if (factor && buffers->codes[i] < 0) {
      char level[40];
      gradus_i_snprintf(level, sizeof level, "%.15g", values[i]);
      return fail_level(bound, variable, row, level, err);
    }
  }
  return GRADUS_OK;
}

static gradus_status check_values(gradus_i_bound *bound, const gradus_i_variable *variable,
                                  gradus_error *err) {
  gradus_i_arena arena = {0};
  check_buffers buffers;
  gradus_status status = GRADUS_OK;
  buffers.high =
      gradus_i_arena_allocate(&arena, variable->width, gradus_i_scan_block * sizeof *buffers.high);
  buffers.low =
      gradus_i_arena_allocate(&arena, variable->width, gradus_i_scan_block * sizeof *buffers.low);
  buffers.codes = gradus_i_arena_allocate(&arena, gradus_i_scan_block, sizeof *buffers.codes);
  if (!buffers.high || !buffers.low || !buffers.codes ||
      !gradus_i_scratch_make(&buffers.scratch, &arena, bound->design, gradus_i_scan_block))
    status = gradus_i_out_of_memory(err);
  for (size_t first = 0; !status && first < bound->count; first += gradus_i_scan_block)
    status = check_block(bound, variable, first, &buffers, err);
  gradus_i_arena_clear(&arena);
  return status;
}

gradus_status gradus_i_bound_check(gradus_i_bound *bound, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; !status && i < bound->design->variable_count; i++) {
    const gradus_i_variable *variable = &bound->design->variables[i];
    if (!gradus_i_bound_needs(bound, variable))
      continue;
    if (variable->kind == GRADUS_I_VARIABLE_FACTOR && is_coded(bound, variable))
      status = check_codes(bound, variable, err);
    else if (variable->kind != GRADUS_I_VARIABLE_NUMBER || !variable->plain)
      status = check_values(bound, variable, err);
  }
  return status;
}
