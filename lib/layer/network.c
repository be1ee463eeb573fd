// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks: nodes in the order in which they are called, each a layer with its part of θ. */
#include "layer.h"

#include <stdio.h>
#include <string.h>

static const gradus_i_layer_type *const types[] = {
    &gradus_i_layer_dense,
    &gradus_i_layer_activation,
    &gradus_i_layer_add,
    &gradus_i_layer_dropout,
    &gradus_i_layer_layer_norm,
    &gradus_i_layer_batch_norm,
    &gradus_i_layer_columns,
    &gradus_i_layer_conv1d,
    &gradus_i_layer_conv2d,
    &gradus_i_layer_max_pool,
    &gradus_i_layer_average_pool,
    &gradus_i_layer_global_max_pool,
    &gradus_i_layer_global_average_pool,
    &gradus_i_layer_flatten,
    &gradus_i_layer_channels_last,
    &gradus_i_layer_rnn,
    &gradus_i_layer_gru,
    &gradus_i_layer_lstm,
    &gradus_i_layer_embedding,
    &gradus_i_layer_concat,
    &gradus_i_layer_reshape,
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

static gradus_status add_columns(gradus_i_network *network, char *name, size_t first,
                                 const gradus_i_shape *shape, gradus_error *err) {
  gradus_i_node node = {.type = &gradus_i_layer_columns,
                        .name = name,
                        .inputs = {0},
                        .input_count = 1,
                        .first = first,
                        .reshaped = *shape};
  return gradus_i_network_add(network, &node, NULL, err);
}

gradus_status gradus_i_network_new_sequences(gradus_i_network **network,
                                             const gradus_i_shape *input, gradus_error *err) {
  char steps[] = "steps", lengths[] = "lengths";
  gradus_i_shape columns = gradus_i_shape_of(input->size + 1), one = gradus_i_shape_of(1);
  gradus_status status = gradus_i_network_new(network, &columns, err);
  if (status > 0)
    return status;
  gradus_i_network *n = *network;
  status = add_columns(n, steps, 0, input, err);
  if (status <= 0)
    status = add_columns(n, lengths, input->size, &one, err);
  if (status > 0) {
    gradus_i_network_free(n);
    *network = NULL;
    return status;
  }
  n->entry = 1;
  n->lengths = 2;
  return GRADUS_OK;
}

static gradus_status fail_duplicate(const gradus_i_node *there, const gradus_i_node *node,
                                    gradus_error *err) {
  bool before = there->type == &gradus_i_layer_column_embedding;
  bool now = node->type == &gradus_i_layer_column_embedding;
  if (before || now)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         before && now
                             ? "\"%s\" is embedded twice: names must differ"
                             : "the embedded factor \"%s\" has the name of a layer: give the "
                               "column or the layer another one",
                         node->name);
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                       "there is a layer \"%s\" already: names must differ", node->name);
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

/* Lengths count the steps of the network's input: a layer that takes them must see as many. */
static gradus_status check_lengths(const gradus_i_network *network, const gradus_i_node *node,
                                   const gradus_i_shape *input, gradus_error *err) {
  size_t steps = network->nodes[network->entry].out.extent[0];
  bool taken = network->lengths && node->type->takes_lengths &&
               node->inputs[node->input_count - 1] == network->lengths;
  if (!taken || input->extent[0] == steps)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s would see %zu steps, the lengths count %zu: "
                       "layers before it must keep the steps (padding \"same\", stride 1)",
                       node->name, node->type->name, input->extent[0], steps);
}

/* Whether a node hands on, as they are, columns of x, or of what the layers see as the input; the
   first of them. */
static bool find_columns(const gradus_i_network *network, size_t index, size_t *first,
                         bool *of_entry) {
  *first = 0;
  for (; index > 0 && index != network->entry; index = network->nodes[index].inputs[0]) {
    const gradus_i_node *node = &network->nodes[index];
    bool chooses = node->type == &gradus_i_layer_columns;
    if (!chooses && node->type != &gradus_i_layer_reshape && node->type != &gradus_i_layer_flatten)
      return false;
    *first += chooses ? node->first : 0;
  }
  *of_entry = index > 0;
  return true;
}

/* `at_entry`: where the column of x stands in what the layers see as the input, SIZE_MAX if it does
   not. */
static bool holds(const gradus_i_network *network, size_t index, size_t column, size_t at_entry) {
  size_t first;
  bool of_entry;
  if (!find_columns(network, index, &first, &of_entry))
    return false;
  size_t at = of_entry ? at_entry : column;
  return at != SIZE_MAX && at >= first && at - first < network->nodes[index].out.size;
}

/* Whether a value that the layers see as the input is a unit of an embedding. */
static bool is_unit(const gradus_i_network *network, size_t at) {
  size_t feature =
      at % network->nodes[network->entry].out.extent[network->nodes[network->entry].out.rank - 1];
  for (size_t k = 0; k < network->embedded; k++) {
    const gradus_i_node *node = &network->nodes[network->entry - k];
    if (feature >= node->first && feature - node->first < node->units)
      return true;
    feature -= feature > node->first ? node->units - 1 : 0;
  }
  return false;
}

/* Whether all that a node hands on is columns of the data as they are. */
static bool is_data(const gradus_i_network *network, size_t index) {
  size_t first;
  bool of_entry;
  if (!find_columns(network, index, &first, &of_entry))
    return false;
  for (size_t i = 0; of_entry && network->embedded > 0 && i < network->nodes[index].out.size; i++)
    if (is_unit(network, first + i))
      return false;
  return true;
}

/* Tokens are columns of the data: nothing computed is whole, nor would it be known that the columns
   behind it must be left in their own units. */
static gradus_status check_tokens(const gradus_i_network *network, const gradus_i_node *node,
                                  gradus_error *err) {
  const gradus_i_node *from = &network->nodes[node->inputs[0]];
  if (node->type != &gradus_i_layer_embedding || is_data(network, node->inputs[0]))
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s takes whole numbers, columns of the data: what "
                       "comes to it is computed by the layer \"%s\" of type %s",
                       node->name, node->type->name, from->name, from->type->name);
}

gradus_status gradus_i_network_add(gradus_i_network *network, const gradus_i_node *spec,
                                   size_t *index, gradus_error *err) {
  gradus_i_shape shapes[GRADUS_I_INPUTS_MAX];
  gradus_i_node node = *spec;
  for (size_t i = 1; i < network->count; i++)
    if (strcmp(network->nodes[i].name, node.name) == 0)
      return fail_duplicate(&network->nodes[i], &node, err);
  if (node.input_count == 0) {
    node.inputs[0] = network->count - 1 > network->lengths ? network->count - 1 : network->entry;
    node.input_count = 1;
  }
  if (node.type->takes_lengths && network->lengths && node.input_count == 1)
    node.inputs[node.input_count++] = network->lengths;
  for (size_t i = 0; i < node.input_count; i++)
    shapes[i] = network->nodes[node.inputs[i]].out;
  node.in = shapes[0];
  node.theta = gradus_params_size(network->params);
  gradus_status status = grow(network, err);
  if (status <= 0)
    status = check_inputs(&node, &shapes[0], err);
  if (status <= 0)
    status = check_lengths(network, &node, &shapes[0], err);
  if (status <= 0)
    status = node.type->infer(&node, shapes, err);
  if (status <= 0)
    status = check_tokens(network, &node, err);
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
  node.learns = node.parameters > 0;
  for (size_t i = 0; i < node.input_count; i++) {
    network->nodes[node.inputs[i]].consumers++;
    node.learns = node.learns || network->nodes[node.inputs[i]].learns;
  }
  if (index)
    *index = network->count;
  network->nodes[network->count++] = node;
  return GRADUS_OK;
}

size_t gradus_i_network_columns(const gradus_i_network *network) {
  return network->lengths ? 1 : 0;
}

const gradus_i_shape *gradus_i_network_output(const gradus_i_network *network) {
  return &network->nodes[network->count - 1].out;
}

/* How often a row meets a node's parameters: at every place, or at every step. */
static size_t uses(const gradus_i_node *node) {
  if (node->type->takes_lengths)
    return node->in.extent[0];
  return node->units > 0 && node->out.size > node->units ? node->out.size / node->units : 1;
}

size_t gradus_i_network_work(const gradus_i_network *network) {
  size_t work = 0;
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    bool looks_up =
        node->type == &gradus_i_layer_embedding || node->type == &gradus_i_layer_column_embedding;
    work += looks_up ? node->out.size : node->parameters * uses(node);
  }
  return work;
}

bool gradus_i_network_mixes_rows(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++)
    if (network->nodes[i].type->mixes_rows)
      return true;
  return false;
}

/* Follows a column of x through the embeddings: where it stands behind them, or that it is the
   levels' numbers of one of them. */
static size_t follow(const gradus_i_network *network, size_t column, gradus_i_input *input) {
  size_t from = gradus_i_network_columns(network), at = column;
  if (at >= network->nodes[from].out.size)
    return SIZE_MAX;
  for (size_t i = network->entry + 1 - network->embedded; i <= network->entry; i++) {
    const gradus_i_node *node = &network->nodes[i];
    size_t features = gradus_i_node_features(node), place = at / features, feature = at % features;
    if (feature == node->first) {
      input->whole = node->type->whole(node, 0, &input->least, &input->most);
      return SIZE_MAX;
    }
    feature += feature > node->first ? node->units - 1 : 0;
    at = place * (features - 1 + node->units) + feature;
  }
  return at;
}

void gradus_i_network_input(const gradus_i_network *network, size_t column, gradus_i_input *input) {
  *input = (gradus_i_input){0};
  if (network->lengths && column + 1 == network->inputs)
    *input = (gradus_i_input){
        .whole = true, .least = 1, .most = network->nodes[network->entry].out.extent[0]};
  size_t at_entry = follow(network, column, input);
  for (size_t i = network->entry + 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    for (size_t k = 0; node->type->whole && k < node->input_count; k++)
      if (holds(network, node->inputs[k], column, at_entry) &&
          node->type->whole(node, k, &input->least, &input->most))
        input->whole = true;
  }
}

size_t gradus_i_node_features(const gradus_i_node *node) {
  return node->in.extent[node->in.rank - 1];
}

size_t gradus_i_node_places(const gradus_i_node *node) {
  return node->in.size / gradus_i_node_features(node);
}

gradus_status gradus_i_node_check_count(const gradus_i_node *node, size_t count, const char *what,
                                        gradus_error *err) {
  if (count >= 1 && count <= GRADUS_I_UNITS_MAX)
    return GRADUS_OK;
  if (count == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the %s layer \"%s\" has no %s: give it 1 or more", node->type->name,
                         node->name, what);
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "the %s layer \"%s\" has %zu %s: %d are the most", node->type->name,
                       node->name, count, what, GRADUS_I_UNITS_MAX);
}

/* Adds NODE.`name`. */
static gradus_status add_block(const gradus_i_node *node, const char *name, gradus_block spec,
                               gradus_params *params, gradus_error *err) {
  char whole[128];
  gradus_i_snprintf(whole, sizeof whole, "%s.%s", node->name, name);
  spec.name = whole;
  return gradus_params_add(params, &spec, err);
}

gradus_status gradus_i_node_declare(const gradus_i_node *node, const gradus_i_node_block *block,
                                    gradus_params *params, gradus_error *err) {
  gradus_block spec = {.role = block->role,
                       .rank = block->rank,
                       .fan_in = block->fan_in,
                       .fan_out = block->fan_out,
                       .penalty = -1};
  if (block->role == GRADUS_ROLE_WEIGHT && node->has_penalty)
    spec.penalty = node->penalty;
  memcpy(spec.shape, block->shape, sizeof spec.shape);
  return add_block(node, block->name, spec, params, err);
}

gradus_status gradus_i_node_vector(const gradus_i_node *node, const char *block, gradus_role role,
                                   size_t size, bool frozen, gradus_params *params,
                                   gradus_error *err) {
  gradus_block spec = {.role = role, .rank = 1, .shape = {size}, .frozen = frozen};
  return add_block(node, block, spec, params, err);
}
