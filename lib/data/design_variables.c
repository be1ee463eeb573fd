// SPDX-License-Identifier: GPL-3.0-or-later
/* The values of a design's variables over some rows: numbers, polynomials, codes of factors. */
#include "design_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef gradus_i_extended extended;

bool gradus_i_scratch_make(gradus_i_scratch *scratch, gradus_i_arena *arena,
                           const gradus_design *design, size_t block) {
  size_t count;
  if (!gradus_i_multiply(design->slots, block, &count))
    return false;
  scratch->block = block;
  scratch->high = gradus_i_arena_allocate(arena, count, sizeof(double));
  scratch->low = gradus_i_arena_allocate(arena, count, sizeof(double));
  return scratch->high && scratch->low;
}

/* The three-term recurrence of the monic orthogonal polynomials (Gautschi, Orthogonal Polynomials,
   2004, 1.3). */
extended gradus_i_poly_value(const double *alpha, const double *norm2, size_t degree, extended x,
                             double *columns, size_t stride) {
  extended before = gradus_i_extended_of(0), now = gradus_i_extended_of(1);
  for (size_t k = 0; k < degree; k++) {
    extended next = gradus_i_extended_multiply(
        gradus_i_extended_subtract(x, gradus_i_extended_of(alpha[k])), now);
    if (k > 0) {
      extended part = gradus_i_extended_scale(before, norm2[k] / norm2[k - 1]);
      next = gradus_i_extended_subtract(next, part);
    }
    before = now;
    now = next;
    if (columns)
      columns[k * stride] = now.hi / sqrt(norm2[k + 1]);
  }
  return now;
}

static void raw_powers(size_t degree, extended x, double *high, double *low, size_t stride) {
  extended power = x;
  for (size_t k = 0; k < degree; k++) {
    high[k * stride] = power.hi;
    if (low)
      low[k * stride] = isfinite(power.hi) ? power.lo : 0;
    power = gradus_i_extended_multiply(power, x);
    if (!isfinite(power.hi) || !isfinite(power.lo))
      power = gradus_i_extended_of(power.hi);
  }
}

static double scaled(const double *constants, extended x) {
  extended centred = gradus_i_extended_subtract(x, gradus_i_extended_of(constants[0]));
  return centred.hi / constants[1];
}

void gradus_i_variable_evaluate(const gradus_i_bound *bound, const gradus_i_variable *variable,
                                gradus_i_rows rows, gradus_i_scratch *scratch, double *high,
                                double *low, size_t stride) {
  gradus_i_expression_evaluate(variable->argument, bound->inputs, rows, scratch);
  const double *alpha = variable->constants, *x = scratch->high, *x_low = scratch->low;
  switch (variable->kind) {
  case GRADUS_I_VARIABLE_POLY:
    for (size_t i = 0; i < rows.count; i++)
      gradus_i_poly_value(alpha, alpha + variable->width, variable->width,
                          (extended){x[i], x_low[i]}, high + i, stride);
    break;
  case GRADUS_I_VARIABLE_POWERS:
    for (size_t i = 0; i < rows.count; i++)
      raw_powers(variable->width, (extended){x[i], x_low[i]}, high + i, low ? low + i : NULL,
                 stride);
    return;
  case GRADUS_I_VARIABLE_SCALE:
    for (size_t i = 0; i < rows.count; i++)
      high[i] = scaled(variable->constants, (extended){x[i], x_low[i]});
    break;
  default:
    memcpy(high, x, rows.count * sizeof *high);
    if (low)
      memcpy(low, x_low, rows.count * sizeof *low);
    return;
  }
  for (size_t k = 0; low && k < variable->width; k++)
    memset(low + k * stride, 0, rows.count * sizeof *low);
}

/* ---- factors ---- */

/* Whether a level is a number as a whole, as a CSV cell would be. */
static bool level_number(const char *level, double *value) {
  const char *start = level + (*level == '-' || *level == '+');
  if (!((*start >= '0' && *start <= '9') || *start == '.') || strpbrk(level, "xX"))
    return false;
  char *end;
  *value = gradus_i_strtod(level, &end);
  return end != level && *end == '\0' && isfinite(*value);
}

static int compare_values(const void *a, const void *b) {
  double left = ((const gradus_i_level_value *)a)->value;
  double right = ((const gradus_i_level_value *)b)->value;
  return (left > right) - (left < right);
}

bool gradus_i_variable_set_levels(gradus_i_arena *arena, gradus_i_variable *variable,
                                  const char *const *levels, size_t count) {
  variable->levels = gradus_i_arena_allocate(arena, count, sizeof *variable->levels);
  variable->level_values = gradus_i_arena_allocate(arena, count, sizeof *variable->level_values);
  if (!variable->levels || !variable->level_values)
    return false;
  for (size_t i = 0; i < count; i++) {
    size_t length = strlen(levels[i]), place;
    char *level = gradus_i_arena_string(arena, levels[i], length);
    if (!level)
      return false;
    variable->levels[i] = level;
    if (!gradus_i_index_find(&variable->level_codes, level, length, &place) &&
        !gradus_i_index_add(arena, &variable->level_codes, level, length, i))
      return false;
    gradus_i_level_value *value = &variable->level_values[variable->level_value_count];
    value->code = (int)i;
    variable->level_value_count += level_number(level, &value->value);
  }
  variable->level_count = count;
  qsort(variable->level_values, variable->level_value_count, sizeof *variable->level_values,
        compare_values);
  return true;
}

static int find_value(const gradus_i_variable *variable, double value) {
  size_t first = 0, last = variable->level_value_count;
  while (first < last) {
    size_t middle = first + (last - first) / 2;
    if (variable->level_values[middle].value < value)
      first = middle + 1;
    else
      last = middle;
  }
  if (first < variable->level_value_count && variable->level_values[first].value == value)
    return variable->level_values[first].code;
  return -1;
}

/* A level is the text of its number to 15 digits, as in R: numbers that agree so far are one
   level. */
int gradus_i_variable_find_number(const gradus_i_variable *variable, double value) {
  int code = find_value(variable, value);
  if (code >= 0)
    return code;
  char text[40];
  gradus_i_snprintf(text, sizeof text, "%.15g", value);
  return find_value(variable, gradus_i_strtod(text, NULL));
}

int gradus_i_variable_find_level(const gradus_i_variable *variable, const char *level) {
  size_t code;
  double value;
  if (gradus_i_index_find(&variable->level_codes, level, strlen(level), &code))
    return (int)code;
  return level_number(level, &value) ? gradus_i_variable_find_number(variable, value) : -1;
}

void gradus_i_variable_codes(const gradus_i_bound *bound, const gradus_i_variable *variable,
                             gradus_i_rows rows, gradus_i_scratch *scratch, int *codes) {
  const int *map = bound->maps[variable - bound->design->variables];
  if (map) {
    const int *column = bound->inputs[variable->argument->input].codes;
    for (size_t i = 0; i < rows.count; i++)
      codes[i] = map[column[rows.index ? rows.index[i] : rows.first + i]];
    return;
  }
  gradus_i_expression_evaluate(variable->argument, bound->inputs, rows, scratch);
  for (size_t i = 0; i < rows.count; i++)
    codes[i] = gradus_i_variable_find_number(variable, scratch->high[i]);
}
