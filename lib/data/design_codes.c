// SPDX-License-Identifier: GPL-3.0-or-later
/* Factors that are one column of their levels' numbers: which of a formula's may be, and what they
   are called. */
#include "design_internal.h"

#include <string.h>

bool gradus_i_variable_has_dummies(const gradus_i_variable *variable) {
  return variable->kind == GRADUS_I_VARIABLE_FACTOR && !variable->coded;
}

/* A column as it stands has its own name, without the backquotes of a formula. */
static const char *name_of(const gradus_i_variable *variable) {
  return variable->node->kind == GRADUS_I_NODE_NAME ? variable->node->name : variable->text;
}

static bool is_named(const gradus_i_variable *variable, const char *name) {
  return strcmp(variable->text, name) == 0 || strcmp(name_of(variable), name) == 0;
}

static bool has_variable(const gradus_i_term *term, size_t which) {
  for (size_t i = 0; i < term->count; i++)
    if (term->variables[i] == which)
      return true;
  return false;
}

/* ---- what is wrong with a name ---- */

/* A variable of the formula's right side that is formed from a column of that name. */
static const gradus_i_variable *formed_from(const gradus_design *made, const char *name) {
  for (size_t i = 0; i < made->variable_count; i++) {
    const gradus_i_variable *variable = &made->variables[i];
    if (variable->used && !variable->response && gradus_i_node_has_name(variable->node, name))
      return variable;
  }
  return NULL;
}

static void list_factors(gradus_i_text *list, const gradus_design *made) {
  for (size_t i = 0; i < made->variable_count; i++) {
    const gradus_i_variable *variable = &made->variables[i];
    if (variable->kind == GRADUS_I_VARIABLE_FACTOR && variable->used && !variable->response)
      gradus_i_text_format(list, "%s%s", list->length ? ", " : "", name_of(variable));
  }
}

static gradus_status fail_unknown(const gradus_design *made, const char *name, gradus_error *err) {
  gradus_i_text list = {0};
  list_factors(&list, made);
  if (list.failed) {
    gradus_i_text_clear(&list);
    return gradus_i_out_of_memory(err);
  }
  gradus_status status = gradus_i_fail(
      err, GRADUS_ERROR_INVALID_ARGUMENT,
      list.length ? "the formula has no factor \"%.100s\" to embed; it has: %.400s"
                  : "the formula has no factor \"%.100s\" to embed, nor any other%s: factor(x) "
                    "makes one of a number",
      name, list.length ? list.data : "");
  gradus_i_text_clear(&list);
  return status;
}

static gradus_status fail_name(const gradus_design *made, const char *name, gradus_error *err) {
  const gradus_i_variable *variable = formed_from(made, name);
  if (!variable)
    return fail_unknown(made, name, err);
  if (variable->kind == GRADUS_I_VARIABLE_FACTOR)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "\"%.100s\" stands in the formula as %.100s: that is the name of the "
                         "factor to embed",
                         name, variable->text);
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "\"%.100s\" stands in the formula only within %.100s: a factor to embed is "
                       "a term of its own, such as factor(%.60s)",
                       name, variable->text, name);
}

static gradus_status fail_number(const gradus_i_variable *variable, gradus_error *err) {
  const char *name = variable->text;
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "\"%.100s\" is a number in the formula, and no factor to embed: write "
                       "factor(%.60s) there, and embed \"factor(%.60s)\"",
                       name, name, name);
}

/* ---- marking ---- */

static gradus_status check_terms(const gradus_design *made, size_t which, gradus_error *err) {
  const gradus_i_terms *expansion = &made->expansion;
  for (size_t t = 0; t < expansion->term_count; t++) {
    const gradus_i_term *term = &expansion->terms[t];
    if (term->count == 1 || !has_variable(term, which))
      continue;
    gradus_i_text label = {0};
    for (size_t i = 0; i < term->count; i++)
      gradus_i_text_format(&label, "%s%s", i ? ":" : "", made->variables[term->variables[i]].text);
    gradus_status status =
        gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                      "the embedded factor %.100s stands in the interaction %.200s: it can only "
                      "be a term of its own, and the hidden layers find interactions themselves",
                      made->variables[which].text, label.data ? label.data : "");
    gradus_i_text_clear(&label);
    return status;
  }
  return GRADUS_OK;
}

gradus_status gradus_i_design_check_codes(const gradus_design *made, gradus_error *err) {
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; !status && i < made->variable_count; i++) {
    const gradus_i_variable *variable = &made->variables[i];
    if (!variable->coded)
      continue;
    if (variable->kind != GRADUS_I_VARIABLE_FACTOR)
      status = fail_number(variable, err);
    else
      status = variable->response ? fail_unknown(made, name_of(variable), err)
                                  : check_terms(made, i, err);
  }
  return status;
}

gradus_status gradus_i_design_code(gradus_design *made, const char *const *names, size_t count,
                                   gradus_error *err) {
  for (size_t n = 0; n < count; n++) {
    gradus_i_variable *found = NULL;
    for (size_t i = 0; !found && names[n] && i < made->variable_count; i++)
      if (made->variables[i].used && !made->variables[i].response &&
          is_named(&made->variables[i], names[n]))
        found = &made->variables[i];
    if (!found)
      return fail_name(made, names[n] ? names[n] : "", err);
    if (found->coded)
      return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the factor %.100s is to be embedded twice", found->text);
    found->coded = true;
  }
  return gradus_i_design_check_codes(made, err);
}

/* ---- questions ---- */

static const gradus_i_variable *coded_variable(const gradus_design *design, size_t column) {
  const gradus_i_design_term *term = &design->terms[design->column_terms[column]];
  const gradus_i_variable *variable = &design->variables[term->term->variables[0]];
  return variable->coded ? variable : NULL;
}

size_t gradus_i_design_find_code(const gradus_design *design, const char *name) {
  size_t j = 0;
  while (j < design->columns &&
         !(coded_variable(design, j) && is_named(coded_variable(design, j), name)))
    j++;
  return j;
}

const char *gradus_i_design_code_name(const gradus_design *design, size_t column) {
  return name_of(coded_variable(design, column));
}

size_t gradus_design_column_levels(const gradus_design *design, size_t column) {
  const gradus_i_variable *variable = coded_variable(design, column);
  return variable ? variable->level_count : 0;
}

const char *gradus_design_column_level(const gradus_design *design, size_t column, size_t level) {
  const gradus_i_variable *variable = coded_variable(design, column);
  return variable && level < variable->level_count ? variable->levels[level] : NULL;
}
