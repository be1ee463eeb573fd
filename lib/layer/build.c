// SPDX-License-Identifier: GPL-3.0-or-later
#include "build.h"
#include "../params/internal.h"
#include "custom.h"
#include "embeddings.h"
#include "short_form.h"

#include <math.h>
#include <string.h>

/* ---- types by name ---- */

static void list(gradus_i_text *text, const char *name) {
  gradus_i_text_format(text, "%s%s", text->length ? ", " : "", name);
}

static gradus_status fail_listed(const gradus_i_node *node, const char *what, const char *name,
                                 gradus_i_text *known, gradus_error *err) {
  gradus_status status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                                       "layer \"%s\": there is no %s \"%.64s\"; there are: %s",
                                       node->name, what, name, known->data ? known->data : "");
  gradus_i_text_clear(known);
  return status;
}

gradus_status gradus_i_node_set_type(gradus_i_node *node, const char *type,
                                     const gradus_custom *custom, gradus_error *err) {
  const gradus_layer_type *own = gradus_i_custom_layer(custom, type);
  node->custom = own;
  node->type = own ? &gradus_i_layer_custom : gradus_i_layer_type_find(type);
  if (node->type)
    return GRADUS_OK;
  gradus_i_text known = {0};
  for (size_t i = 0; gradus_i_layer_type_name(i); i++)
    list(&known, gradus_i_layer_type_name(i));
  for (size_t i = 0; custom && i < custom->layer_count; i++)
    list(&known, custom->layers[i].name);
  return fail_listed(node, "layer type", type, &known, err);
}

gradus_status gradus_i_node_set_activation(gradus_i_node *node, const char *activation,
                                           const gradus_custom *custom, gradus_error *err) {
  const gradus_activation *own = gradus_i_custom_activation(custom, activation);
  node->custom = own;
  node->activation = own ? NULL : gradus_i_activation_find(activation);
  node->type = own ? &gradus_i_layer_custom_activation : &gradus_i_layer_activation;
  if (own || node->activation)
    return GRADUS_OK;
  gradus_i_text known = {0};
  for (size_t i = 0; gradus_i_activation_name(i); i++)
    list(&known, gradus_i_activation_name(i));
  for (size_t i = 0; custom && i < custom->activation_count; i++)
    list(&known, custom->activations[i].name);
  return fail_listed(node, "activation", activation, &known, err);
}

/* ---- from widths ---- */

/* A network that grows; the first problem is kept and what follows it does nothing. */
typedef struct builder {
  gradus_i_network *network;
  const gradus_i_build_options *options;
  gradus_status status;
  gradus_error *err;
} builder;

/* Adds `node` as NAME or NAMEnumber (number 0: without one). Returns its index. */
static size_t put(builder *b, gradus_i_node node, const char *name, size_t number) {
  char text[64];
  size_t index = 0;
  if (number > 0)
    gradus_i_snprintf(text, sizeof text, "%s%zu", name, number);
  else
    gradus_i_snprintf(text, sizeof text, "%s", name);
  node.name = text;
  if (b->status <= 0 && !node.type) /* an activation's is found here, as its error needs the name */
    b->status = gradus_i_node_set_activation(
        &node, b->options->activation ? b->options->activation : "relu", b->options->custom,
        b->err);
  if (b->status <= 0)
    b->status = gradus_i_network_add(b->network, &node, &index, b->err);
  return index;
}

static void put_hidden(builder *b, size_t number) {
  const gradus_i_build_options *o = b->options;
  size_t from = b->network->count - 1, width = o->hidden[number - 1], last;
  gradus_i_node dense = {.type = &gradus_i_layer_dense, .units = width, .each = o->steps > 0};
  last = put(b, dense, "hidden", number);
  if (o->normalisation) {
    bool batch = strcmp(o->normalisation, "batch") == 0;
    put(b, (gradus_i_node){.type = batch ? &gradus_i_layer_batch_norm : &gradus_i_layer_layer_norm},
        "normalisation", number);
  }
  last = put(b, (gradus_i_node){0}, "activation", number);
  if (o->dropout > 0)
    last = put(b, (gradus_i_node){.type = &gradus_i_layer_dropout, .rate = o->dropout}, "dropout",
               number);
  if (o->residual && number > 1 && width == o->hidden[number - 2])
    put(b, (gradus_i_node){.type = &gradus_i_layer_add, .inputs = {last, from}, .input_count = 2},
        "residual", number);
}

static void put_output(builder *b, size_t outputs) {
  gradus_i_node dense = {.type = &gradus_i_layer_dense,
                         .units = outputs,
                         .units_by_model = true,
                         .each = b->options->steps > 0};
  dense.no_bias = b->options->no_bias;
  size_t output = put(b, dense, "output", 0);
  if (!b->options->skip || b->options->hidden_count == 0)
    return;
  dense.no_bias = true;
  dense.inputs[0] = b->network->entry;
  dense.input_count = 1;
  size_t skip = put(b, dense, "skip", 0);
  put(b, (gradus_i_node){.type = &gradus_i_layer_add, .inputs = {output, skip}, .input_count = 2},
      "sum", 0);
}

static gradus_status check(const gradus_i_build_options *o, gradus_error *err) {
  if (o->normalisation && strcmp(o->normalisation, "batch") != 0 &&
      strcmp(o->normalisation, "layer") != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "there is no normalisation \"%.64s\"; there are: batch, layer",
                         o->normalisation);
  gradus_i_node unnamed = {.name = (char[]){"activation"}};
  if (o->activation && gradus_i_node_set_activation(&unnamed, o->activation, o->custom, err) > 0)
    return GRADUS_ERROR_INVALID_ARGUMENT; /* known even where no hidden layer would ask */
  if (!(o->dropout >= 0 && o->dropout < 1))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the dropout must be at least 0 and below 1, not %g", o->dropout);
  bool others = o->hidden_count > 0 || o->activation || o->dropout > 0 || o->normalisation ||
                o->skip || o->residual;
  if (o->architecture && others)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "an architecture stands in the place of hidden widths, activation, "
                         "dropout, normalisation, skip and residual: give one or the other");
  if (o->layers && (others || o->architecture))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "layers in short form stand in the place of an architecture, hidden "
                         "widths, activation, dropout, normalisation, skip and residual: give one "
                         "or the other");
  if (o->channels_first && !o->layers)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "channels first goes with layers in short form; an architecture begins "
                         "with a layer channels_last");
  if (o->channels_first && o->lengths)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "sequences with lengths come step by step, not with their channels first");
  if (o->channels_first && o->embedding_count > 0)
    return gradus_i_fail(
        err, GRADUS_ERROR_INVALID_ARGUMENT,
        "an embedding is of a feature of every place, which must not come with its "
        "channels first");
  return gradus_i_custom_check(o->custom, err);
}

gradus_status gradus_i_network_begin_input(gradus_i_network **network, size_t inputs,
                                           const gradus_i_build_options *options,
                                           gradus_error *err) {
  gradus_i_shape shape = options->input;
  char text[64];
  if (shape.rank == 0)
    shape = gradus_i_shape_of(inputs - (options->lengths && inputs > 0 ? 1 : 0));
  if (shape.size + (options->lengths ? 1 : 0) == inputs) {
    gradus_status status = options->lengths ? gradus_i_network_new_sequences(network, &shape, err)
                                            : gradus_i_network_new(network, &shape, err);
    if (status > 0)
      return status;
    gradus_i_params_limit((*network)->params, options->most_parameters);
    status = gradus_i_network_embed(*network, options->embeddings, options->embedding_count, err);
    if (status <= 0)
      return status;
    gradus_i_network_free(*network);
    *network = NULL;
    return status;
  }
  gradus_i_shape_text(text, sizeof text, &shape);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the input's shape %s has %zu values%s: the model has %zu columns", text,
                       shape.size, options->lengths ? ", and a length" : "", inputs);
}

static gradus_status build_short(gradus_i_network **network, size_t inputs, size_t outputs,
                                 const gradus_i_build_options *options, gradus_error *err) {
  gradus_i_text json = {0};
  gradus_i_build_options long_form = *options;
  gradus_status status = gradus_i_short_form_to_json(&json, inputs, options, err);
  long_form.layers = NULL;
  long_form.architecture = json.data;
  if (status <= 0)
    status = gradus_i_network_from_json(network, inputs, outputs, &long_form, err);
  gradus_i_text_clear(&json);
  return status;
}

gradus_status gradus_i_network_build(gradus_i_network **network, size_t inputs, size_t outputs,
                                     const gradus_i_build_options *options, gradus_error *err) {
  *network = NULL;
  gradus_status status = check(options, err);
  if (status > 0)
    return status;
  if (options->layers)
    return build_short(network, inputs, outputs, options, err);
  if (options->architecture)
    return gradus_i_network_from_json(network, inputs, outputs, options, err);
  builder b = {.options = options, .err = err};
  b.status = gradus_i_network_begin_input(&b.network, inputs, options, err);
  for (size_t i = 1; b.status <= 0 && i <= options->hidden_count; i++)
    put_hidden(&b, i);
  if (b.status <= 0)
    put_output(&b, outputs);
  if (b.status > 0) {
    gradus_i_network_free(b.network);
    return b.status;
  }
  *network = b.network;
  return GRADUS_OK;
}
