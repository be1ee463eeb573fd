// SPDX-License-Identifier: GPL-3.0-or-later
/* From a design's formula to its inputs and variables. */
#include "design_internal.h"

#include <string.h>

typedef struct resolver {
  gradus_design *made;
  gradus_i_index names;
  size_t capacity;
} resolver;

/* Gives every name below a node the number of its input. */
static bool find_inputs(resolver *r, gradus_i_node *node) {
  for (size_t i = 0; i < node->count; i++)
    if (!find_inputs(r, node->children[i]))
      return false;
  if (node->kind != GRADUS_I_NODE_NAME)
    return true;
  gradus_design *made = r->made;
  size_t length = strlen(node->name);
  if (gradus_i_index_find(&r->names, node->name, length, &node->input))
    return true;
  if (!gradus_i_arena_grow(&made->arena, &made->inputs, made->input_count, &r->capacity,
                           sizeof *made->inputs) ||
      !gradus_i_index_add(&made->arena, &r->names, node->name, length, made->input_count))
    return false;
  node->input = made->input_count;
  made->inputs[made->input_count++] = (gradus_i_input){.name = node->name};
  return true;
}

static void mark_inputs(gradus_design *made, const gradus_i_node *node, bool response) {
  for (size_t i = 0; i < node->count; i++)
    mark_inputs(made, node->children[i], response);
  if (node->kind == GRADUS_I_NODE_NAME && response)
    made->inputs[node->input].response = true;
  else if (node->kind == GRADUS_I_NODE_NAME)
    made->inputs[node->input].predictor = true;
}

static void describe(gradus_i_variable *variable, const gradus_i_node *node) {
  variable->node = variable->argument = node;
  variable->width = 1;
  gradus_i_function_kind kind =
      node->kind == GRADUS_I_NODE_CALL ? node->function->kind : GRADUS_I_FUNCTION_IDENTITY;
  if (kind > GRADUS_I_FUNCTION_IDENTITY)
    variable->argument = node->children[0];
  if (kind == GRADUS_I_FUNCTION_FACTOR)
    variable->kind = GRADUS_I_VARIABLE_FACTOR;
  else if (kind == GRADUS_I_FUNCTION_SCALE)
    variable->kind = GRADUS_I_VARIABLE_SCALE;
  else if (kind == GRADUS_I_FUNCTION_POLY) {
    variable->width = gradus_i_poly_degree(node);
    variable->kind = gradus_i_poly_raw(node) ? GRADUS_I_VARIABLE_POWERS : GRADUS_I_VARIABLE_POLY;
  }
  variable->plain = variable->argument->kind == GRADUS_I_NODE_NAME;
  if (variable->kind == GRADUS_I_VARIABLE_NUMBER)
    variable->has_low = gradus_i_expression_has_low(variable->argument);
  else if (variable->kind == GRADUS_I_VARIABLE_POWERS)
    variable->has_low = variable->width > 1 || gradus_i_expression_has_low(variable->argument);
}

/* Which variables terms, offsets and the response use: others belong to terms that were removed. */
static void mark_used(gradus_design *made) {
  const gradus_i_terms *expansion = &made->expansion;
  for (size_t i = 0; i < expansion->response_count; i++) {
    gradus_i_variable *variable = &made->variables[expansion->responses[i]];
    variable->used = variable->response = true;
    mark_inputs(made, variable->node, true);
  }
  for (size_t t = 0; t < expansion->term_count; t++)
    for (size_t i = 0; i < expansion->terms[t].count; i++) {
      gradus_i_variable *variable = &made->variables[expansion->terms[t].variables[i]];
      if (!variable->used || variable->response)
        mark_inputs(made, variable->node, false);
      variable->used = true;
      variable->response = false;
    }
  for (size_t i = 0; i < expansion->offset_count; i++) {
    gradus_i_variable *variable = &made->variables[expansion->offsets[i]];
    variable->used = true;
    mark_inputs(made, variable->node, false);
  }
}

gradus_status gradus_i_design_resolve(gradus_design *made, gradus_error *err) {
  resolver r = {.made = made};
  if ((made->formula->left && !find_inputs(&r, made->formula->left)) ||
      !find_inputs(&r, made->formula->right))
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_terms_expand(&made->expansion, &made->arena, made->formula, err);
  if (status)
    return status;
  made->variable_count = made->expansion.variable_count;
  made->variables =
      gradus_i_arena_allocate(&made->arena, made->variable_count, sizeof *made->variables);
  if (!made->variables)
    return gradus_i_out_of_memory(err);
  made->slots = 1;
  for (size_t i = 0; i < made->variable_count; i++) {
    gradus_i_variable *variable = &made->variables[i];
    variable->text = made->expansion.texts[i];
    describe(variable, made->expansion.variables[i]);
    size_t slots = gradus_i_expression_slots(variable->argument);
    made->slots = slots > made->slots ? slots : made->slots;
  }
  mark_used(made);
  return GRADUS_OK;
}

static void mark_numbers(gradus_design *made, const gradus_i_node *node) {
  for (size_t i = 0; i < node->count; i++)
    mark_numbers(made, node->children[i]);
  if (node->kind == GRADUS_I_NODE_NAME)
    made->inputs[node->input].number = true;
}

void gradus_i_design_mark_numbers(gradus_design *made) {
  for (size_t i = 0; i < made->variable_count; i++) {
    const gradus_i_variable *variable = &made->variables[i];
    if (variable->used && !(variable->kind == GRADUS_I_VARIABLE_FACTOR && variable->plain))
      mark_numbers(made, variable->argument);
  }
}
