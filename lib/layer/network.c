// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: nodes in the order in which they are called, each a layer with its part of θ. */
#include "layer.h"

#include <stdio.h>
#include <string.h>

static const gradus_i_layer_type *const types[] = {
    &gradus_i_layer_dense,   &gradus_i_layer_activation, &gradus_i_layer_add,
    &gradus_i_layer_dropout, &gradus_i_layer_layer_norm, &gradus_i_layer_batch_norm,
};

const char *gradus_i_layer_type_name(size_t index) {
  return index < sizeof types / sizeof *types ? types[index]->name : NULL;
}

const gradus_i_layer_type *gradus_i_layer_type_find(const char *name) {
  for (size_t i = 0; gradus_i_layer_type_name(i); i++)
    if (strcmp(types[i]->name, name) == 0)
      return types[i];
  return NULL;
}

gradus_i_shape gradus_i_shape_of(size_t features) {
  return (gradus_i_shape){.rank = 1, .extent = {features, 1, 1}, .size = features};
}

void gradus_i_shape_text(char *text, size_t size, const gradus_i_shape *shape) {
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < shape->rank && length < size; i++)
    length +=
        (size_t)snprintf(text + length, size - length, "%s%zu", i ? "x" : "", shape->extent[i]);
}

void gradus_i_network_free(gradus_i_network *network) {
  if (!network)
    return;
  for (size_t i = 0; i < network->count; i++)
    gradus_i_release(network->nodes[i].name);
  gradus_i_release(network->nodes);
  gradus_params_free(network->params);
  gradus_i_release(network);
}

/* Room for one more node. */
static gradus_status grow(gradus_i_network *network, gradus_error *err) {
  if (network->count < network->capacity)
    return GRADUS_OK;
  size_t capacity = network->capacity ? 2 * network->capacity : 8;
  gradus_i_node *nodes = gradus_i_reallocate(network->nodes, capacity, sizeof *nodes);
  if (!nodes)
    return gradus_i_out_of_memory(err);
  network->nodes = nodes;
  network->capacity = capacity;
  return GRADUS_OK;
}

gradus_status gradus_i_network_new(gradus_i_network **network, const gradus_i_shape *input,
                                   gradus_error *err) {
  gradus_i_network *n = *network = gradus_i_allocate(1, sizeof *n);
  gradus_status status = n ? gradus_params_new(&n->params, err) : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = grow(n, err);
  if (status > 0) {
    gradus_i_network_free(n);
    *network = NULL;
    return status;
  }
  n->inputs = input->size;
  n->nodes[n->count++] = (gradus_i_node){.in = *input, .out = *input};
  return GRADUS_OK;
}

static gradus_status fail_duplicate(const char *name, gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "there is a layer \"%s\" already: names must differ", name);
}

/* An affine map of nothing is its bias; there is no other layer of nothing. */
static gradus_status check_inputs(const gradus_i_node *node, const gradus_i_shape *input,
                                  gradus_error *err) {
  char shape[64];
  if (input->size > 0 || node->type == &gradus_i_layer_dense)
    return GRADUS_OK;
  gradus_i_shape_text(shape, sizeof shape, input);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s cannot take the shape %s: it needs a value a "
                       "row or more",
                       node->name, node->type->name, shape);
}

gradus_status gradus_i_network_add(gradus_i_network *network, const gradus_i_node *spec,
                                   size_t *index, gradus_error *err) {
  gradus_i_shape shapes[GRADUS_I_INPUTS_MAX];
  gradus_i_node node = *spec;
  for (size_t i = 1; i < network->count; i++)
    if (strcmp(network->nodes[i].name, node.name) == 0)
      return fail_duplicate(node.name, err);
  if (node.input_count == 0) {
    node.inputs[0] = network->count - 1;
    node.input_count = 1;
  }
  for (size_t i = 0; i < node.input_count; i++)
    shapes[i] = network->nodes[node.inputs[i]].out;
  node.in = shapes[0];
  node.theta = gradus_params_size(network->params);
  gradus_status status = grow(network, err);
  if (status <= 0)
    status = check_inputs(&node, &shapes[0], err);
  if (status <= 0)
    status = node.type->infer(&node, shapes, err);
  if (status <= 0 && node.type->declare)
    status = node.type->declare(&node, network->params, err);
  if (status > 0)
    return status;
  node.parameters = gradus_params_size(network->params) - node.theta;
  if (node.type->start)
    node.type->start(&node, gradus_params_values(network->params) + node.theta);
  node.name = gradus_i_string_copy(spec->name);
  if (!node.name)
    return gradus_i_out_of_memory(err);
  for (size_t i = 0; i < node.input_count; i++)
    network->nodes[node.inputs[i]].consumers++;
  if (index)
    *index = network->count;
  network->nodes[network->count++] = node;
  return GRADUS_OK;
}

const gradus_i_shape *gradus_i_network_output(const gradus_i_network *network) {
  return &network->nodes[network->count - 1].out;
}

bool gradus_i_network_mixes_rows(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++)
    if (network->nodes[i].type->mixes_rows)
      return true;
  return false;
}

size_t gradus_i_node_features(const gradus_i_node *node) {
  return node->in.extent[node->in.rank - 1];
}

gradus_status gradus_i_node_vector(const gradus_i_node *node, const char *block, gradus_role role,
                                   size_t size, bool frozen, gradus_params *params,
                                   gradus_error *err) {
  char name[128];
  gradus_i_snprintf(name, sizeof name, "%s.%s", node->name, block);
  gradus_block spec = {
      .name = name, .role = role, .rank = 1, .shape = {size}, .penalty = 0, .frozen = frozen};
  return gradus_params_add(params, &spec, err);
}
