// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows that are sequences side by side, of which a last column says how many steps count: cells of
   the steps beyond may be missing, and are 0. Only columns as they stand are known to belong to a
   step. */
#include "design_internal.h"

#include <math.h>
#include <stdint.h>

static const size_t of_no_step = SIZE_MAX;

/* The input that a variable is, as it stands. */
static bool find_input(const gradus_design *design, size_t which, size_t *input) {
  const gradus_i_variable *variable = &design->variables[which];
  if (variable->kind != GRADUS_I_VARIABLE_NUMBER || !variable->plain)
    return false;
  *input = variable->argument->input;
  return true;
}

/* `count` variables of all steps, those of a step side by side. */
static bool mark(gradus_i_bound *bound, size_t count,
                 size_t (*variable)(const gradus_i_terms *, size_t)) {
  const gradus_design *design = bound->design;
  size_t width = count / design->steps, input;
  if (width == 0 || count % design->steps != 0)
    return false;
  for (size_t i = 0; i < count; i++) {
    if (!find_input(design, variable(&design->expansion, i), &input))
      return false;
    bound->padding.step[input] = i / width;
  }
  return true;
}

static size_t term_variable(const gradus_i_terms *terms, size_t i) {
  return terms->terms[i].variables[0];
}

static size_t response_variable(const gradus_i_terms *terms, size_t i) {
  return terms->responses[i];
}

static bool are_columns(const gradus_i_terms *terms) {
  bool single = terms->term_count > 1;
  for (size_t t = 0; t < terms->term_count; t++)
    single = single && terms->terms[t].count == 1;
  return single;
}

gradus_status gradus_i_padding_open(gradus_i_bound *bound, gradus_error *err) {
  const gradus_design *design = bound->design;
  const gradus_i_terms *terms = &design->expansion;
  size_t count = design->input_count, lengths;
  if (design->steps == 0 || !are_columns(terms) ||
      !find_input(design, term_variable(terms, terms->term_count - 1), &lengths))
    return GRADUS_OK;
  bound->padding.step = gradus_i_arena_allocate(&bound->arena, count, sizeof *bound->padding.step);
  if (!bound->padding.step)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < count; i++)
    bound->padding.step[i] = of_no_step;
  if (!mark(bound, terms->term_count - 1, term_variable))
    return GRADUS_OK;
  if (design->step_responses && !bound->without_response)
    mark(bound, terms->response_count, response_variable);
  bound->padding.lengths = bound->inputs[lengths].numbers;
  return GRADUS_OK;
}

bool gradus_i_padding_covers(gradus_i_bound *bound, size_t input, size_t row) {
  const double *lengths = bound->padding.lengths;
  bool covers = lengths && bound->padding.step[input] != of_no_step &&
                lengths[row] <= (double)bound->padding.step[input];
  bound->padding.found |= covers;
  return covers;
}

void gradus_i_padding_fill(const gradus_i_bound *bound, double *values, size_t count) {
  for (size_t i = 0; bound->padding.found && i < count; i++)
    if (isnan(values[i]))
      values[i] = 0;
}

void gradus_i_design_set_steps(gradus_design *design, size_t steps, bool responses) {
  design->steps = steps;
  design->step_responses = responses;
}
