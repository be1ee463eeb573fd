// SPDX-License-Identifier: GPL-3.0-or-later
/* Architectures as JSON text, both ways. */
#include "architecture_embeddings.h"
#include "architecture_options.h"
#include "build.h"
#include "custom.h"

#include <string.h>

enum { NAME_MAX_LENGTH = 64 };

/* ---- reading ---- */

typedef struct reading {
  gradus_i_network *network;
  const gradus_custom *custom;
  gradus_i_build_options options;
  size_t inputs, outputs;
  gradus_error *err;
} reading;

static gradus_status refuse(const reading *r, const gradus_i_node *node, const char *key,
                            const char *must, const json_t *layer) {
  return gradus_i_refuse_option(node, key, must, json_object_get(layer, key), r->err);
}

/* Without units a dense layer has those that the model needs. */
static gradus_status read_options(const reading *r, gradus_i_node *node, const json_t *layer) {
  const char *activation = json_string_value(json_object_get(layer, "activation"));
  if (node->type == &gradus_i_layer_activation && !activation)
    return refuse(r, node, "activation", "the name of one", layer);
  if (node->type == &gradus_i_layer_activation)
    return gradus_i_node_set_activation(node, activation, r->custom, r->err);
  gradus_status status = gradus_i_read_options(node, layer, r->err);
  if (node->type == &gradus_i_layer_dense && node->units == 0) {
    node->units_by_model = true;
    node->units = r->outputs;
  }
  return status;
}

/* Part of the input, which layers see whole. */
static bool is_embedding(const gradus_i_network *network, size_t index) {
  return network->nodes[index].type == &gradus_i_layer_column_embedding;
}

/* The node of that name; "input" is the network's input. */
static bool find_node(const gradus_i_network *network, const char *name, size_t *index) {
  *index = network->entry;
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
    if (!is_embedding(r->network, i))
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
  size_t least = node->type->least_inputs ? node->type->least_inputs : 1;
  size_t most = node->type->most_inputs ? node->type->most_inputs : 1;
  char must[80] = "a list with the name of one layer, such as [\"input\"]";
  if (most > 1)
    gradus_i_snprintf(must, sizeof must, "a list of the names of %zu%s%.0zu layers", least,
                      least == most ? "" : " to ", least == most ? 0 : most);
  if (!json_is_array(inputs) || count < least || count > most)
    return refuse(r, node, "inputs", must, layer);
  node->input_count = count;
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(inputs, i));
    if (!name)
      return refuse(r, node, "inputs", "a list of names", layer);
    bool found = find_node(r->network, name, &node->inputs[i]);
    if (!found || (is_embedding(r->network, node->inputs[i]) && strcmp(name, "input") != 0))
      return fail_unknown_input(r, node, name);
  }
  return GRADUS_OK;
}

/* It stands in reports, and in the names of blocks and of columns. */
static bool is_name(const char *name) {
  if (!name || !*name || strlen(name) > NAME_MAX_LENGTH || strcmp(name, "input") == 0)
    return false;
  for (; *name; name++)
    if ((unsigned char)*name < ' ' || *name == 0x7F)
      return false;
  return true;
}

/* The name that is given, or hiddenN, TYPEN with the first number that is free. */
static gradus_status read_name(const reading *r, const json_t *layer, size_t number,
                               const char *type, char *name, size_t size) {
  const json_t *json = json_object_get(layer, "name");
  const char *given = json_string_value(json);
  size_t taken;
  if (!json) {
    const gradus_i_layer_type *ours = type ? gradus_i_layer_type_find(type) : NULL;
    const char *stem = ours && ours->stem ? ours->stem : type ? type : "layer";
    size_t n = 0;
    do
      gradus_i_snprintf(name, size, "%.40s%zu", stem, ++n);
    while (find_node(r->network, name, &taken));
    return GRADUS_OK;
  }
  if (!is_name(given))
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "layer %zu: \"name\" must be a text of 1 to %d bytes in one line, other "
                         "than \"input\"",
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
    status = refuse(r, &node, "type", "the name of a layer type", layer);
  if (status <= 0)
    status = gradus_i_node_set_type(&node, type, r->custom, r->err);
  if (status <= 0)
    status = gradus_i_check_options(&node, layer, r->err);
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
  size_t steps = r->options.steps, output;
  char is[64], must[64];
  if (!find_node(network, "output", &output) ||
      network->nodes[output].type != &gradus_i_layer_dense)
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the architecture has no dense layer \"output\": its last affine map "
                         "must have that name");
  for (size_t i = 0; i + 1 < network->count; i++)
    if (network->nodes[i].consumers == 0 && i != network->lengths)
      return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "layer \"%s\" leads nowhere: name it among the inputs of a layer",
                           i == network->entry ? "input" : network->nodes[i].name);
  gradus_i_shape wanted = gradus_i_shape_of(r->outputs);
  if (steps > 0)
    wanted =
        (gradus_i_shape){.rank = 2, .extent = {steps, r->outputs, 1}, .size = steps * r->outputs};
  if (last->out.size == wanted.size && (steps == 0 || last->out.rank == 2))
    return GRADUS_OK;
  gradus_i_shape_text(is, sizeof is, &last->out);
  gradus_i_shape_text(must, sizeof must, &wanted);
  return gradus_i_fail(r->err, GRADUS_ERROR_SHAPE,
                       "layer \"%s\", the last, has the shape %s: the model's response needs %s%s",
                       last->name, is, must,
                       steps == 0 ? ""
                                  : ", which dense layers with \"each\": true and recurrent ones "
                                    "with \"sequences\": true have");
}

static gradus_status check_members(const reading *r, const json_t *root) {
  static const char *const members[] = {"layers", "input", "lengths", "embeddings"};
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)root, key, value) {
    bool known = false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
      known = known || strcmp(key, members[i]) == 0;
    if (!known)
      return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "an architecture has no \"%.64s\": it has \"layers\", and may have "
                           "\"input\", \"lengths\" and \"embeddings\"",
                           key);
  }
  return GRADUS_OK;
}

/* Refuses a shape of the input other than that of the columns, if embeddings make it wider. */
static gradus_status refuse_input(const reading *r, const gradus_i_shape *shape,
                                  gradus_i_shape must) {
  char is[64], text[64];
  gradus_i_shape_text(is, sizeof is, shape);
  (void)gradus_i_shape_widen(&must, &r->options);
  gradus_i_shape_text(text, sizeof text, &must);
  if (r->options.embedding_count == 0)
    return gradus_i_fail(r->err, GRADUS_ERROR_SHAPE,
                         "the architecture's input has the shape %s, the option says %s", is, text);
  return gradus_i_fail(r->err, GRADUS_ERROR_SHAPE,
                       "the architecture's input has the shape %s: the columns, with the units of "
                       "those that are embedded, have %s",
                       is, text);
}

/* The input's shape, that which the layers see: what the architecture says must be what the options
   say, if both do. */
static gradus_status read_input(reading *r, const json_t *root) {
  const json_t *input = json_object_get(root, "input"), *lengths = json_object_get(root, "lengths");
  gradus_i_shape shape, seen, given = r->options.input;
  if (lengths && !json_is_boolean(lengths))
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "\"lengths\" of an architecture must be true or false");
  r->options.lengths = r->options.lengths || json_is_true(lengths);
  if (!input)
    return GRADUS_OK;
  if (!gradus_i_read_shape(input, &shape))
    return gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "\"input\" of an architecture must be a list of one to three whole "
                         "numbers of 1 or more");
  seen = shape;
  if (given.rank == 0 && r->options.embedding_count > 0 && shape.rank == 1)
    given = gradus_i_shape_of(r->inputs - (r->options.lengths && r->inputs > 0 ? 1 : 0));
  bool narrows = gradus_i_shape_narrow(&shape, &r->options);
  r->options.input = shape;
  if (narrows &&
      (given.rank == 0 ||
       (given.rank == shape.rank && memcmp(given.extent, shape.extent, sizeof shape.extent) == 0)))
    return GRADUS_OK;
  if (given.rank == 0)
    given = gradus_i_shape_of(r->inputs);
  return refuse_input(r, &seen, given);
}

static gradus_status read_layers(reading *r, const json_t *root) {
  const json_t *layers = json_object_get(root, "layers");
  gradus_status status = check_members(r, root);
  if (status <= 0 && json_array_size(layers) == 0)
    status = gradus_i_fail(r->err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "the architecture has no list \"layers\" of layers");
  gradus_embedding *embeddings = NULL;
  if (status <= 0)
    status = gradus_i_read_embeddings(&r->options, &embeddings, root, r->err);
  if (status <= 0)
    status = read_input(r, root);
  if (status <= 0)
    status = gradus_i_network_begin_input(&r->network, r->inputs, &r->options, r->err);
  gradus_i_release(embeddings);
  r->options.embeddings = NULL;
  r->options.embedding_count = 0;
  for (size_t i = 0; status <= 0 && i < json_array_size(layers); i++)
    status = read_layer(r, json_array_get(layers, i), i + 1);
  return status > 0 ? status : check_output(r);
}

gradus_status gradus_i_network_from_json(gradus_i_network **network, size_t inputs, size_t outputs,
                                         const gradus_i_build_options *options, gradus_error *err) {
  json_error_t fault;
  reading r = {.custom = options->custom,
               .options = *options,
               .inputs = inputs,
               .outputs = outputs,
               .err = err};
  *network = NULL;
  gradus_status status = gradus_i_custom_check(options->custom, err);
  if (status > 0)
    return status;
  json_t *root = json_loads(options->architecture, JSON_REJECT_DUPLICATES, &fault);
  if (!root)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the architecture is no JSON: line %d, column %d: %s", fault.line,
                         fault.column, fault.text);
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
  size_t count = node->input_count;
  if (network->lengths && node->type->takes_lengths && node->inputs[count - 1] == network->lengths)
    count--; /* they come by themselves */
  size_t before = index - 1 > network->lengths ? index - 1 : network->entry;
  if (count == 1 && node->inputs[0] == before)
    return;
  json_t *inputs = json_array();
  for (size_t k = 0; k < count; k++) {
    size_t from = node->inputs[k];
    json_t *name = json_string(from == network->entry ? "input" : network->nodes[from].name);
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
  if (node->type == &gradus_i_layer_custom_activation)
    put(layer, "activation", json_string(gradus_i_node_activation_name(node)), failed);
  gradus_i_write_options(node, layer, failed);
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
    if (!is_short(node->rate) || !is_short(node->epsilon) || !is_short(node->momentum) ||
        !is_short(node->penalty))
      return 17;
  }
  return 15;
}

gradus_status gradus_i_network_to_json(const gradus_i_network *network, gradus_i_text *text,
                                       gradus_error *err) {
  bool failed = false;
  const gradus_i_shape *input = &network->nodes[network->entry].out;
  json_t *root = json_object(), *layers = json_array();
  if (input->rank > 1)
    put(root, "input", gradus_i_write_shape(input, &failed), &failed);
  if (network->lengths)
    put(root, "lengths", json_true(), &failed);
  json_t *embeddings = gradus_i_write_embeddings(network, &failed);
  if (embeddings)
    put(root, "embeddings", embeddings, &failed);
  size_t before = network->entry > network->lengths ? network->entry : network->lengths;
  for (size_t i = before + 1; i < network->count; i++)
    failed = json_array_append_new(layers, layer_of(network, i, &failed)) != 0 || failed;
  put(root, "layers", layers, &failed);
  if (!failed)
    failed =
        json_dump_callback(root, append_chunk, text, JSON_REAL_PRECISION(digits_of(network))) != 0;
  json_decref(root);
  return failed ? gradus_i_out_of_memory(err) : GRADUS_OK;
}
