// SPDX-License-Identifier: GPL-3.0-or-later
/* A design as a model file keeps it. Whatever a file says is checked before it is used. */
#include "design_internal.h"

#include <math.h>
#include <string.h>

static bool save_levels(gradus_i_variable_state *to, const gradus_i_variable *from) {
  to->levels = gradus_i_allocate(from->level_count, sizeof *to->levels);
  if (!to->levels)
    return false;
  to->level_count = from->level_count;
  for (size_t i = 0; i < from->level_count; i++)
    if (!(to->levels[i] = gradus_i_string_copy(from->levels[i])))
      return false;
  return true;
}

static bool save_variable(gradus_i_variable_state *to, const gradus_i_variable *from) {
  to->text = gradus_i_string_copy(from->text);
  if (!to->text)
    return false;
  to->coded = from->coded;
  if (from->kind == GRADUS_I_VARIABLE_FACTOR)
    return save_levels(to, from);
  if (from->constant_count == 0)
    return true;
  to->constants = gradus_i_allocate(from->constant_count, sizeof *to->constants);
  if (!to->constants)
    return false;
  to->constant_count = from->constant_count;
  memcpy(to->constants, from->constants, from->constant_count * sizeof *to->constants);
  return true;
}

/* Variables of removed terms have nothing to keep. */
gradus_status gradus_i_design_save(const gradus_design *design, gradus_i_design_state *state,
                                   gradus_error *err) {
  *state = (gradus_i_design_state){0};
  state->formula = gradus_i_string_copy(gradus_design_formula(design));
  state->variables = gradus_i_allocate(design->variable_count, sizeof *state->variables);
  bool done = state->formula && state->variables;
  for (size_t i = 0; done && i < design->variable_count; i++)
    if (design->variables[i].used)
      done = save_variable(&state->variables[state->variable_count++], &design->variables[i]);
  if (done)
    return GRADUS_OK;
  gradus_i_design_state_clear(state);
  return gradus_i_out_of_memory(err);
}

void gradus_i_design_state_clear(gradus_i_design_state *state) {
  for (size_t i = 0; state->variables && i < state->variable_count; i++) {
    gradus_i_variable_state *variable = &state->variables[i];
    for (size_t level = 0; variable->levels && level < variable->level_count; level++)
      gradus_i_release(variable->levels[level]);
    gradus_i_release(variable->levels);
    gradus_i_release(variable->constants);
    gradus_i_release(variable->text);
  }
  gradus_i_release(state->variables);
  gradus_i_release(state->formula);
  *state = (gradus_i_design_state){0};
}

static gradus_status fail(const gradus_i_variable *variable, const char *what, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE, "model file: variable \"%.100s\" %s",
                       variable->text, what);
}

static gradus_status restore_levels(gradus_design *made, gradus_i_variable *variable,
                                    const gradus_i_variable_state *state, gradus_error *err) {
  if (!state->levels || state->level_count == 0)
    return fail(variable, "is a factor without levels", err);
  if (state->level_count > INT32_MAX)
    return fail(variable, "has too many levels", err);
  for (size_t i = 0; i < state->level_count; i++)
    if (!state->levels[i])
      return fail(variable, "has a level without text", err);
  variable->kind = GRADUS_I_VARIABLE_FACTOR;
  if (!gradus_i_variable_set_levels(&made->arena, variable, (const char *const *)state->levels,
                                    state->level_count))
    return gradus_i_out_of_memory(err);
  if (variable->level_codes.count != state->level_count)
    return fail(variable, "has a level twice", err);
  return GRADUS_OK;
}

static gradus_status restore_constants(gradus_design *made, gradus_i_variable *variable,
                                       const gradus_i_variable_state *state, gradus_error *err) {
  bool poly = variable->kind == GRADUS_I_VARIABLE_POLY;
  size_t count = poly ? 2 * variable->width + 1 : 2;
  if (!state->constants || state->constant_count != count)
    return fail(variable, "has a wrong number of constants", err);
  for (size_t i = 0; i < count; i++)
    if (!isfinite(state->constants[i]) ||
        ((poly ? i >= variable->width : i == 1) && !(state->constants[i] > 0)))
      return fail(variable, "has a constant that cannot be", err);
  variable->constants = gradus_i_arena_allocate(&made->arena, count, sizeof(double));
  if (!variable->constants)
    return gradus_i_out_of_memory(err);
  memcpy(variable->constants, state->constants, count * sizeof(double));
  variable->constant_count = count;
  return GRADUS_OK;
}

static gradus_status restore_variable(gradus_design *made, gradus_i_variable *variable,
                                      const gradus_i_variable_state *state, gradus_error *err) {
  bool column = variable->node->kind == GRADUS_I_NODE_NAME;
  bool constants =
      variable->kind == GRADUS_I_VARIABLE_POLY || variable->kind == GRADUS_I_VARIABLE_SCALE;
  if (variable->kind == GRADUS_I_VARIABLE_FACTOR || (column && state->level_count > 0)) {
    if (state->constant_count > 0)
      return fail(variable, "is a factor with constants", err);
    return restore_levels(made, variable, state, err);
  }
  if (state->level_count > 0)
    return fail(variable, "has levels and is no factor", err);
  if (constants)
    return restore_constants(made, variable, state, err);
  return state->constant_count > 0 ? fail(variable, "has constants and needs none", err)
                                   : GRADUS_OK;
}

static const gradus_i_variable_state *find_state(const gradus_i_design_state *state,
                                                 const char *text) {
  for (size_t i = 0; i < state->variable_count; i++)
    if (state->variables[i].text && strcmp(state->variables[i].text, text) == 0)
      return &state->variables[i];
  return NULL;
}

static gradus_status restore_variables(gradus_design *made, const gradus_i_design_state *state,
                                       gradus_error *err) {
  size_t used = 0;
  for (size_t i = 0; i < made->variable_count; i++) {
    gradus_i_variable *variable = &made->variables[i];
    if (!variable->used)
      continue;
    used++;
    /* In order as a rule; a search else. */
    const gradus_i_variable_state *from =
        used <= state->variable_count ? &state->variables[used - 1] : NULL;
    if (!from || !from->text || strcmp(from->text, variable->text) != 0)
      from = find_state(state, variable->text);
    if (!from)
      return fail(variable, "is missing", err);
    gradus_status status = restore_variable(made, variable, from, err);
    if (status)
      return status;
    variable->coded = from->coded;
  }
  if (used != state->variable_count)
    return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE,
                         "model file: %zu variables, where the formula has %zu",
                         state->variable_count, used);
  return GRADUS_OK;
}

/* Every fault but a lack of memory is the file's. */
static gradus_status blame_file(gradus_status status, const gradus_error *inner,
                                gradus_error *err) {
  if (status == GRADUS_OK)
    return status;
  if (status == GRADUS_ERROR_OUT_OF_MEMORY)
    return gradus_i_out_of_memory(err);
  if (status == GRADUS_ERROR_MODEL_FILE)
    return gradus_i_fail(err, status, "%s", inner->message);
  return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE, "model file: %.450s", inner->message);
}

gradus_status gradus_i_design_restore(gradus_design **design, const gradus_i_design_state *state,
                                      gradus_error *err) {
  *design = NULL;
  if (!state->formula || (state->variable_count > 0 && !state->variables))
    return gradus_i_fail(err, GRADUS_ERROR_MODEL_FILE, "model file: no formula or no variables");
  gradus_design *made = gradus_i_allocate(1, sizeof *made);
  if (!made)
    return gradus_i_out_of_memory(err);
  gradus_error inner = {0};
  gradus_status status = gradus_formula_parse(&made->formula, state->formula, &inner);
  if (!status)
    status = gradus_i_design_resolve(made, &inner);
  if (!status)
    status = restore_variables(made, state, &inner);
  if (!status) {
    gradus_i_design_mark_numbers(made);
    status = gradus_i_design_check_codes(made, &inner);
  }
  if (!status)
    status = gradus_i_design_columns(made, &inner);
  if (status)
    gradus_design_free(made);
  else
    *design = made;
  return blame_file(status, &inner, err);
}
