// SPDX-License-Identifier: GPL-3.0-or-later
/* A formula resolved against a frame. */
#include "design_internal.h"

#include <string.h>

static bool is_left_out(const gradus_design_options *options, const char *name) {
  for (size_t i = 0; options && i < options->leave_out_count; i++)
    if (strcmp(options->leave_out[i], name) == 0)
      return true;
  return false;
}

/* The frame's columns that the response does not use: what `.` stands for. */
static gradus_status write_out(gradus_i_text *text, const gradus_formula *formula,
                               const gradus_frame *frame, const gradus_design_options *options,
                               gradus_error *err) {
  if (!gradus_i_node_has_kind(formula->right, GRADUS_I_NODE_DOT)) {
    gradus_i_text_string(text, formula->text);
    return text->failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
  }
  size_t all = gradus_frame_columns(frame), count = 0;
  const char **names = gradus_i_allocate(all, sizeof *names);
  if (!names)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < all; i++) {
    const char *name = gradus_frame_column_name(frame, i);
    if ((!formula->left || !gradus_i_node_has_name(formula->left, name)) &&
        !is_left_out(options, name))
      names[count++] = name;
  }
  gradus_status status = GRADUS_OK;
  if (count == 0)
    status = gradus_i_fail(err, GRADUS_ERROR_FORMULA,
                           "formula: \"%.200s\": \".\" stands for no column: %.100s has none but "
                           "the response",
                           formula->text, gradus_i_frame_name(frame));
  else
    gradus_i_deparse_formula(text, formula, names, count);
  gradus_i_release(names);
  return !status && text->failed ? gradus_i_out_of_memory(err) : status;
}

static const char *const weight_kinds = "frequency (a row stands for w equal rows), analytic (its "
                                        "variance is s2/w) or prior (number of trials)";

static gradus_status take_options(gradus_design *made, const gradus_design_options *options,
                                  gradus_error *err) {
  if (!options || (!options->weights && options->weight_kind == GRADUS_WEIGHT_NONE))
    return GRADUS_OK;
  if (!options->weights)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "design: a kind of weights without a column of weights");
  if (options->weight_kind < GRADUS_WEIGHT_FREQUENCY || options->weight_kind > GRADUS_WEIGHT_PRIOR)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                         "weights in column \"%.100s\": say of which kind they are: %s",
                         options->weights, weight_kinds);
  made->weight_kind = options->weight_kind;
  made->weights = gradus_i_arena_string(&made->arena, options->weights, strlen(options->weights));
  return made->weights ? GRADUS_OK : gradus_i_out_of_memory(err);
}

/* Columns of text are factors. */
static gradus_status take_types(gradus_design *made, const gradus_frame *frame, gradus_error *err) {
  size_t column;
  for (size_t i = 0; i < made->input_count; i++)
    if (!gradus_frame_find(frame, made->inputs[i].name, &column))
      return gradus_i_fail_column(frame, made->inputs[i].name, err);
  for (size_t i = 0; i < made->variable_count; i++) {
    gradus_i_variable *variable = &made->variables[i];
    if (variable->node->kind == GRADUS_I_NODE_NAME &&
        gradus_frame_find(frame, variable->node->name, &column) &&
        gradus_frame_column_type(frame, column) == GRADUS_COLUMN_FACTOR)
      variable->kind = GRADUS_I_VARIABLE_FACTOR;
  }
  gradus_i_design_mark_numbers(made);
  return GRADUS_OK;
}

static gradus_status make(gradus_design *made, const gradus_frame *frame,
                          const gradus_design_options *options, gradus_error *err) {
  gradus_i_bound bound = {0};
  gradus_status status = gradus_i_design_resolve(made, err);
  if (!status)
    status = take_types(made, frame, err);
  if (!status && options)
    status = gradus_i_design_code(made, options->codes, options->code_count, err);
  if (!status)
    status = gradus_i_bound_open(&bound, made, frame, false, err);
  if (!status)
    status = gradus_i_design_constants(made, &bound, err);
  if (!status)
    status = gradus_i_design_levels(made, &bound, err);
  if (!status)
    status = gradus_i_design_columns(made, err);
  if (!status)
    status = gradus_i_bound_check(&bound, err);
  gradus_i_bound_clear(&bound);
  return status;
}

gradus_status gradus_design_new(gradus_design **design, const gradus_formula *formula,
                                const gradus_frame *frame, const gradus_design_options *options,
                                gradus_error *err) {
  *design = NULL;
  gradus_design *made = gradus_i_allocate(1, sizeof *made);
  if (!made)
    return gradus_i_out_of_memory(err);
  gradus_i_text text = {0};
  gradus_status status = take_options(made, options, err);
  if (!status)
    status = write_out(&text, formula, frame, options, err);
  if (!status && options && options->last) {
    gradus_i_design_set_steps(made, options->steps, options->step_responses);
    gradus_i_text_string(&text, " + ");
    gradus_i_deparse_name(&text, options->last);
    status = text.failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
  }
  if (!status)
    status = gradus_formula_parse(&made->formula, text.data, err);
  gradus_i_text_clear(&text);
  if (!status)
    status = make(made, frame, options, err);
  if (status)
    gradus_design_free(made);
  else
    *design = made;
  return status;
}

void gradus_design_free(gradus_design *design) {
  if (!design)
    return;
  gradus_formula_free(design->formula);
  gradus_i_arena_clear(&design->arena);
  gradus_i_release(design);
}

const char *gradus_design_formula(const gradus_design *design) {
  return design->formula->text;
}

bool gradus_design_has_intercept(const gradus_design *design) {
  return design->expansion.intercept;
}

size_t gradus_design_columns(const gradus_design *design) {
  return design->columns;
}

const char *gradus_design_column_name(const gradus_design *design, size_t column) {
  return design->column_names[column];
}

size_t gradus_design_terms(const gradus_design *design) {
  return design->expansion.term_count;
}

const char *gradus_design_term_label(const gradus_design *design, size_t term) {
  return design->terms[term].label;
}

size_t gradus_design_column_term(const gradus_design *design, size_t column) {
  return design->column_terms[column];
}

size_t gradus_design_responses(const gradus_design *design) {
  return design->responses;
}

const char *gradus_design_response_name(const gradus_design *design, size_t response) {
  return design->response_names[response];
}

static const gradus_i_variable *factor_response(const gradus_design *design) {
  if (design->expansion.response_count != 1)
    return NULL;
  const gradus_i_variable *variable = &design->variables[design->expansion.responses[0]];
  return variable->kind == GRADUS_I_VARIABLE_FACTOR ? variable : NULL;
}

size_t gradus_design_response_levels(const gradus_design *design) {
  const gradus_i_variable *response = factor_response(design);
  return response ? response->level_count : 0;
}

const char *gradus_design_response_level(const gradus_design *design, size_t level) {
  const gradus_i_variable *response = factor_response(design);
  return response && level < response->level_count ? response->levels[level] : NULL;
}
