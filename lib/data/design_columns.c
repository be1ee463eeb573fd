// SPDX-License-Identifier: GPL-3.0-or-later
/* The columns of a design and their names, as R's model.matrix has them. */
#include "design_internal.h"

#include <string.h>

/* More columns than any solver here can take: most likely a number was meant, not a factor. */
enum { most_columns = 1000000, most_name_bytes = 1 << 28 };

static const gradus_i_variable *variable_of(const gradus_design *design,
                                            const gradus_i_design_term *term, size_t which) {
  return &design->variables[term->term->variables[which]];
}

static size_t width_of(const gradus_i_variable *variable, bool contrasts) {
  return gradus_i_variable_has_dummies(variable) ? variable->level_count - contrasts
                                                 : variable->width;
}

static gradus_status fail_single_level(const gradus_i_variable *variable, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_FORMULA,
                       "formula: %.100s has only one level, \"%.60s\", among the complete rows: "
                       "leave it out",
                       variable->text, variable->level_count ? variable->levels[0] : "");
}

/* Without an intercept the first factor of all has a column for every level. */
static void code_first_factor(gradus_design *made) {
  for (size_t t = 0; !made->expansion.intercept && t < made->expansion.term_count; t++)
    for (size_t i = 0; i < made->terms[t].term->count; i++)
      if (gradus_i_variable_has_dummies(variable_of(made, &made->terms[t], i))) {
        made->terms[t].contrasts[i] = false;
        return;
      }
}

static gradus_status code_terms(gradus_design *made, gradus_error *err) {
  for (size_t t = 0; t < made->expansion.term_count; t++) {
    gradus_i_design_term *term = &made->terms[t];
    term->term = &made->expansion.terms[t];
    term->contrasts =
        gradus_i_arena_allocate(&made->arena, term->term->count, sizeof *term->contrasts);
    if (!term->contrasts)
      return gradus_i_out_of_memory(err);
    for (size_t i = 0; i < term->term->count; i++)
      if (gradus_i_variable_has_dummies(variable_of(made, term, i)))
        term->contrasts[i] = gradus_i_term_contrasts(&made->expansion, t, i);
  }
  code_first_factor(made);
  return GRADUS_OK;
}

static gradus_status measure_term(gradus_design *made, gradus_i_design_term *term,
                                  gradus_error *err) {
  size_t numbers = 0;
  term->first = made->columns;
  term->width = 1;
  for (size_t i = 0; i < term->term->count; i++) {
    const gradus_i_variable *variable = variable_of(made, term, i);
    size_t width = width_of(variable, term->contrasts[i]);
    numbers += variable->kind != GRADUS_I_VARIABLE_FACTOR;
    term->has_low |= variable->has_low;
    if (width == 0 || (variable->coded && variable->level_count < 2))
      return fail_single_level(variable, err);
    if (!gradus_i_multiply(term->width, width, &term->width) || term->width > most_columns)
      term->width = most_columns + 1;
  }
  made->columns += term->width;
  if (made->columns > most_columns)
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "formula: more than %d columns (%.100s makes many); was a number meant "
                         "where a factor stands?",
                         (int)most_columns, term->label);
  made->has_products |= numbers > 1;
  term->has_low |= numbers > 1;
  made->has_low |= term->has_low;
  return GRADUS_OK;
}

static char *keep_text(gradus_design *made, gradus_i_text *text) {
  char *copy = text->failed ? NULL
                            : gradus_i_arena_string(&made->arena, text->data ? text->data : "",
                                                    text->length);
  gradus_i_text_clear(text);
  return copy;
}

static void name_part(gradus_i_text *text, const gradus_i_variable *variable, size_t part) {
  gradus_i_text_string(text, variable->text);
  if (gradus_i_variable_has_dummies(variable))
    gradus_i_text_string(text, variable->levels[part]);
  else if (variable->width > 1)
    gradus_i_text_format(text, "%zu", part + 1);
}

static char *column_name(gradus_design *made, const gradus_i_design_term *term, size_t column) {
  gradus_i_text text = {0};
  for (size_t i = 0; i < term->term->count; i++) {
    const gradus_i_variable *variable = variable_of(made, term, i);
    size_t width = width_of(variable, term->contrasts[i]);
    gradus_i_text_string(&text, i > 0 ? ":" : "");
    name_part(&text, variable, column % width + term->contrasts[i]);
    column /= width;
  }
  return keep_text(made, &text);
}

static char *term_label(gradus_design *made, const gradus_i_design_term *term) {
  gradus_i_text text = {0};
  for (size_t i = 0; i < term->term->count; i++) {
    gradus_i_text_string(&text, i > 0 ? ":" : "");
    gradus_i_text_string(&text, variable_of(made, term, i)->text);
  }
  return keep_text(made, &text);
}

static bool name_columns(gradus_design *made) {
  size_t bytes = 0;
  made->column_names =
      gradus_i_arena_allocate(&made->arena, made->columns, sizeof *made->column_names);
  made->column_terms =
      gradus_i_arena_allocate(&made->arena, made->columns, sizeof *made->column_terms);
  if (!made->column_names || !made->column_terms)
    return false;
  for (size_t t = 0; t < made->expansion.term_count; t++) {
    const gradus_i_design_term *term = &made->terms[t];
    for (size_t i = 0; i < term->width; i++) {
      made->column_terms[term->first + i] = t;
      made->column_names[term->first + i] = column_name(made, term, i);
      if (!made->column_names[term->first + i])
        return false;
      bytes += strlen(made->column_names[term->first + i]);
      if (bytes > most_name_bytes) /* only a hostile model file has such names */
        return false;
    }
  }
  return true;
}

/* A column as it stands has its own name, without the backquotes of a formula. */
static char *response_name(gradus_design *made, const gradus_i_variable *variable, size_t part) {
  gradus_i_text text = {0};
  gradus_i_text_string(&text, variable->node->kind == GRADUS_I_NODE_NAME ? variable->node->name
                                                                         : variable->text);
  if (variable->width > 1)
    gradus_i_text_format(&text, "%zu", part + 1);
  return keep_text(made, &text);
}

static gradus_status name_responses(gradus_design *made, gradus_error *err) {
  const gradus_i_terms *expansion = &made->expansion;
  for (size_t i = 0; i < expansion->response_count; i++) {
    const gradus_i_variable *variable = &made->variables[expansion->responses[i]];
    if (variable->kind == GRADUS_I_VARIABLE_FACTOR && expansion->response_count > 1)
      return gradus_i_fail(err, GRADUS_ERROR_NOT_NUMERIC,
                           "formula: \"%.100s\" holds text, where cbind() needs a number",
                           variable->text);
    made->responses += variable->width;
  }
  made->response_names =
      gradus_i_arena_allocate(&made->arena, made->responses, sizeof *made->response_names);
  if (!made->response_names)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0, to = 0; i < expansion->response_count; i++) {
    const gradus_i_variable *variable = &made->variables[expansion->responses[i]];
    for (size_t part = 0; part < variable->width; part++) {
      made->response_names[to] = response_name(made, variable, part);
      if (!made->response_names[to++])
        return gradus_i_out_of_memory(err);
    }
  }
  return GRADUS_OK;
}

gradus_status gradus_i_design_columns(gradus_design *made, gradus_error *err) {
  made->terms =
      gradus_i_arena_allocate(&made->arena, made->expansion.term_count, sizeof *made->terms);
  if (!made->terms)
    return gradus_i_out_of_memory(err);
  gradus_status status = code_terms(made, err);
  for (size_t t = 0; !status && t < made->expansion.term_count; t++) {
    made->terms[t].label = term_label(made, &made->terms[t]);
    status = made->terms[t].label ? measure_term(made, &made->terms[t], err)
                                  : gradus_i_out_of_memory(err);
  }
  if (!status && !name_columns(made))
    status = gradus_i_out_of_memory(err);
  return status ? status : name_responses(made, err);
}
