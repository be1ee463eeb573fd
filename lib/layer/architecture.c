// SPDX-License-Identifier: GPL-3.0-or-later
/* Architectures as JSON text, both ways. */
#include "build.h"
#include "custom.h"

#include <jansson.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 64 };

/* ---- reading ---- */

typedef struct reading {
  gradus_i_network *network;
  const gradus_custom *custom;
  size_t outputs;
  gradus_error *err;
} reading;

/* Keys that every layer may have, and those of each type. */
static const char *const common_keys[] = {"type", "name", "inputs", NULL};
typedef struct type_keys {
  const char *type, *keys[3];
} type_keys;
static const type_keys own_keys[] = {
    {"dense", {"units", "bias"}}, {"activation", {"activation"}},          {"dropout", {"rate"}},
    {"layer_norm", {"epsilon"}},  {"batch_norm", {"epsilon", "momentum"}},
};

static bool is_among(const char *key, const char *const *keys) {
  for (; *keys; keys++)
    if (strcmp(*keys, key) == 0)
      return true;
  return false;
}

static gradus_status check_keys(const reading *r, const gradus_i_node *node, const json_t *layer) {
  static const char *const none[] = {NULL};
  const char *type = gradus_i_node_type_name(node), *const *keys = none;
  for (size_t i = 0; i < sizeof own_keys / sizeof *own_keys; i++)
    if (strcmp(own_keys[i].type, type) == 0)
      keys = own_keys[i].keys;
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)layer, key, value) {
    if (is_among(key, common_keys) || is_among(key, keys))
      continue;
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "layer \"%s\": a layer of type %s has no option \"%.64s\"; it may have "
                         "name, inputs%s%s%s%s",
                         node->name, type, key, *keys ? ", " : "", *keys ? keys[0] : "",
                         *keys && keys[1] ? ", " : "", *keys && keys[1] ? keys[1] : "");
  }
  return GRADUS_OK;
}

static gradus_status refuse(const reading *r, const gradus_i_node *node, const char *key,
                            const char *must) {
  return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT, "layer \"%s\": \"%s\" must be %s",
                       node->name, key, must);
}

static gradus_status read_number(const reading *r, const gradus_i_node *node, const json_t *layer,
                                 const char *key, double *value) {
  const json_t *json = json_object_get(layer, key);
  if (json && !json_is_number(json))
    return refuse(r, node, key, "a number");
  *value = json ? json_number_value(json) : 0;
  return GRADUS_OK;
}

static gradus_status read_units(const reading *r, gradus_i_node *node, const json_t *layer) {
  const json_t *units = json_object_get(layer, "units"), *bias = json_object_get(layer, "bias");
  if (units && !(json_is_integer(units) && json_integer_value(units) > 0))
    return refuse(r, node, "units", "a whole number of 1 or more");
  if (bias && !json_is_boolean(bias))
    return refuse(r, node, "bias", "true or false");
  node->units_by_model = !units;
  node->units = units ? (size_t)json_integer_value(units) : r->outputs;
  node->no_bias = json_is_false(bias);
  return GRADUS_OK;
}

static gradus_status read_options(const reading *r, gradus_i_node *node, const json_t *layer) {
  const char *activation = json_string_value(json_object_get(layer, "activation"));
  if (node->type == &gradus_i_layer_dense)
    return read_units(r, node, layer);
  if (node->type == &gradus_i_layer_activation && !activation)
    return refuse(r, node, "activation", "the name of one");
  if (node->type == &gradus_i_layer_activation)
    return gradus_i_node_set_activation(node, activation, r->custom, r->err);
  if (node->type == &gradus_i_layer_dropout && !json_object_get(layer, "rate"))
    return refuse(r, node, "rate", "given: a number of at least 0 and below 1");
  gradus_status status = read_number(r, node, layer, "rate", &node->rate);
  if (status <= 0)
    status = read_number(r, node, layer, "epsilon", &node->epsilon);
  if (status <= 0)
    status = read_number(r, node, layer, "momentum", &node->momentum);
  return status;
}

/* The node of that name; "input" is the network's input. */
static bool find_node(const gradus_i_network *network, const char *name, size_t *index) {
  *index = 0;
  if (strcmp(name, "input") == 0)
    return true;
  for (size_t i = 1; i < network->count; i++)
    if (strcmp(network->nodes[i].name, name) == 0) {
      *index = i;
      return true;
    }
  return false;
}

static gradus_status fail_unknown_input(const reading *r, const gradus_i_node *node,
                                        const char *name) {
  gradus_i_text known = {0};
  for (size_t i = 1; i < r->network->count; i++)
    gradus_i_text_format(&known, ", %s", r->network->nodes[i].name);
  gradus_status status =
      gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                    "layer \"%s\": there is no layer \"%.64s\" before it; there are: input%s",
                    node->name, name, known.data ? known.data : "");
  gradus_i_text_clear(&known);
  return status;
}

static gradus_status read_inputs(const reading *r, gradus_i_node *node, const json_t *layer) {
  const json_t *inputs = json_object_get(layer, "inputs");
  size_t count = json_array_size(inputs);
  if (!inputs)
    return GRADUS_OK;
  size_t wanted = node->type == &gradus_i_layer_add ? 2 : 1;
  if (!json_is_array(inputs) || count != wanted)
    return refuse(r, node, "inputs",
                  wanted == 2 ? "a list of the names of two layers"
                              : "a list of the name of one layer");
  node->input_count = count;
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(inputs, i));
    if (!name)
      return refuse(r, node, "inputs", "a list of names");
    if (!find_node(r->network, name, &node->inputs[i]))
      return fail_unknown_input(r, node, name);
  }
  return GRADUS_OK;
}

/* The name that is given, or hiddenN, TYPEN with the first number that is free. */
static gradus_status read_name(const reading *r, const json_t *layer, size_t number,
                               const char *type, char *name, size_t size) {
  const json_t *json = json_object_get(layer, "name");
  const char *given = json_string_value(json);
  size_t taken;
  if (!json) {
    const char *stem = type && strcmp(type, "dense") == 0 ? "hidden" : type ? type : "layer";
    size_t n = 0;
    do
      gradus_i_snprintf(name, size, "%.40s%zu", stem, ++n);
    while (find_node(r->network, name, &taken));
    return GRADUS_OK;
  }
  if (!given || !*given || strlen(given) > NAME_MAX_LENGTH || strcmp(given, "input") == 0)
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "layer %zu: \"name\" must be a text of 1 to %d bytes other than "
                         "\"input\"",
                         number, NAME_MAX_LENGTH);
  gradus_i_snprintf(name, size, "%s", given);
  return GRADUS_OK;
}

static gradus_status read_layer(const reading *r, const json_t *layer, size_t number) {
  char name[NAME_MAX_LENGTH + 1];
  const char *type = json_string_value(json_object_get(layer, "type"));
  gradus_i_node node = {.name = name};
  if (!json_is_object(layer))
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "layer %zu of the architecture is no object {\"type\": …}", number);
  gradus_status status = read_name(r, layer, number, type, name, sizeof name);
  if (status <= 0 && !type)
    status = refuse(r, &node, "type", "the name of a layer type");
  if (status <= 0)
    status = gradus_i_node_set_type(&node, type, r->custom, r->err);
  if (status <= 0)
    status = check_keys(r, &node, layer);
  if (status <= 0)
    status = read_options(r, &node, layer);
  if (status <= 0)
    status = read_inputs(r, &node, layer);
  return status > 0 ? status : gradus_i_network_add(r->network, &node, NULL, r->err);
}

/* What the model needs of a network. */
static gradus_status check_output(const reading *r) {
  const gradus_i_network *network = r->network;
  const gradus_i_node *last = &network->nodes[network->count - 1];
  gradus_i_shape wanted = gradus_i_shape_of(r->outputs);
  char is[64], must[64];
  size_t output;
  if (!find_node(network, "output", &output) ||
      network->nodes[output].type != &gradus_i_layer_dense)
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the architecture has no dense layer \"output\": its last affine map "
                         "must have that name");
  for (size_t i = 0; i + 1 < network->count; i++)
    if (network->nodes[i].consumers == 0)
      return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "layer \"%s\" leads nowhere: name it among the inputs of a layer",
                           i ? network->nodes[i].name : "input");
  if (last->out.size == r->outputs)
    return GRADUS_OK;
  gradus_i_shape_text(is, sizeof is, &last->out);
  gradus_i_shape_text(must, sizeof must, &wanted);
  return gradus_i_fail(r->err, GRADUS_ERROR_SHAPE,
                       "layer \"%s\", the last, has the shape %s: the model's response needs %s",
                       last->name, is, must);
}

static gradus_status read_layers(reading *r, const json_t *root) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)root, key, value) {
    if (strcmp(key, "layers") != 0)
      return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "an architecture has no \"%.64s\": it has \"layers\" alone", key);
  }
  const json_t *layers = json_object_get(root, "layers");
  if (json_array_size(layers) == 0)
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the architecture has no list \"layers\" of layers");
  gradus_status status = GRADUS_OK;
  for (size_t i = 0; status <= 0 && i < json_array_size(layers); i++)
    status = read_layer(r, json_array_get(layers, i), i + 1);
  return status > 0 ? status : check_output(r);
}

gradus_status gradus_i_network_from_json(gradus_i_network **network, size_t inputs, size_t outputs,
                                         const char *json, const gradus_custom *custom,
                                         gradus_error *err) {
  json_error_t fault;
  gradus_i_shape shape = gradus_i_shape_of(inputs);
  reading r = {.custom = custom, .outputs = outputs, .err = err};
  *network = NULL;
  gradus_status status = gradus_i_custom_check(custom, err);
  if (status > 0)
    return status;
  json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &fault);
  if (!root)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the architecture is no JSON: line %d, column %d: %s", fault.line,
                         fault.column, fault.text);
  status = gradus_i_network_new(&r.network, &shape, err);
  if (status <= 0)
    status = read_layers(&r, root);
  json_decref(root);
  if (status > 0) {
    gradus_i_network_free(r.network);
    return status;
  }
  *network = r.network;
  return GRADUS_OK;
}

/* ---- writing ---- */

static void put(json_t *object, const char *key, json_t *value, bool *failed) {
  *failed = json_object_set_new(object, key, value) != 0 || *failed;
}

static void put_inputs(json_t *layer, const gradus_i_network *network, size_t index, bool *failed) {
  const gradus_i_node *node = &network->nodes[index];
  if (node->input_count == 1 && node->inputs[0] + 1 == index)
    return;
  json_t *inputs = json_array();
  for (size_t k = 0; k < node->input_count; k++) {
    size_t from = node->inputs[k];
    json_t *name = json_string(from ? network->nodes[from].name : "input");
    *failed = json_array_append_new(inputs, name) != 0 || *failed;
  }
  put(layer, "inputs", inputs, failed);
}

static json_t *layer_of(const gradus_i_network *network, size_t index, bool *failed) {
  const gradus_i_node *node = &network->nodes[index];
  json_t *layer = json_object();
  put(layer, "type", json_string(gradus_i_node_type_name(node)), failed);
  put(layer, "name", json_string(node->name), failed);
  put_inputs(layer, network, index, failed);
  if (node->type == &gradus_i_layer_dense && !node->units_by_model)
    put(layer, "units", json_integer((json_int_t)node->units), failed);
  if (node->type == &gradus_i_layer_dense && node->no_bias)
    put(layer, "bias", json_false(), failed);
  if (gradus_i_node_activation_name(node))
    put(layer, "activation", json_string(gradus_i_node_activation_name(node)), failed);
  if (node->type == &gradus_i_layer_dropout)
    put(layer, "rate", json_real(node->rate), failed);
  if (node->epsilon > 0)
    put(layer, "epsilon", json_real(node->epsilon), failed);
  if (node->momentum > 0)
    put(layer, "momentum", json_real(node->momentum), failed);
  return layer;
}

static int append_chunk(const char *buffer, size_t size, void *text) {
  gradus_i_text_append(text, buffer, size);
  return ((gradus_i_text *)text)->failed ? -1 : 0;
}

static bool is_short(double value) {
  char text[32];
  gradus_i_snprintf(text, sizeof text, "%.15g", value);
  return gradus_i_strtod(text, NULL) == value;
}

/* 15 where they are enough: 0.1 is to be read as 0.1. */
static size_t digits_of(const gradus_i_network *network) {
  for (size_t i = 1; i < network->count; i++) {
    const gradus_i_node *node = &network->nodes[i];
    if (!is_short(node->rate) || !is_short(node->epsilon) || !is_short(node->momentum))
      return 17;
  }
  return 15;
}

gradus_status gradus_i_network_to_json(const gradus_i_network *network, gradus_i_text *text,
                                       gradus_error *err) {
  bool failed = false;
  json_t *root = json_object(), *layers = json_array();
  for (size_t i = 1; i < network->count; i++)
    failed = json_array_append_new(layers, layer_of(network, i, &failed)) != 0 || failed;
  put(root, "layers", layers, &failed);
  if (!failed)
    failed =
        json_dump_callback(root, append_chunk, text, JSON_REAL_PRECISION(digits_of(network))) != 0;
  json_decref(root);
  return failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}
