// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine map y = Wx + b: blocks NAME.weight [units, inputs] and NAME.bias [units]. Of all
   values of a row, or, with `each`, of the last dimension at every place. */
#include "layer.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"units", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, units)},
    {"bias", GRADUS_I_OPTION_NOT, offsetof(gradus_i_node, no_bias)},
    {"each", GRADUS_I_OPTION_FLAG, offsetof(gradus_i_node, each)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

/* Values that one unit takes, and how often a row has them. */
static size_t inputs_of(const gradus_i_node *node) {
  return node->each ? gradus_i_node_features(node) : node->in.size;
}

static size_t places_of(const gradus_i_node *node) {
  return node->each ? gradus_i_node_places(node) : 1;
}

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  if (node->units == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the dense layer \"%s\" has no units: give it 1 or more", node->name);
  node->out = gradus_i_shape_of(node->units);
  if (node->each) {
    node->out = inputs[0];
    node->out.extent[node->out.rank - 1] = node->units;
    node->out.size = places_of(node) * node->units;
  }
  return GRADUS_OK;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  size_t p = inputs_of(node), k = node->units;
  gradus_i_node_block weight = {.name = "weight",
                                .role = GRADUS_ROLE_WEIGHT,
                                .rank = 2,
                                .shape = {k, p},
                                .fan_in = p,
                                .fan_out = k};
  gradus_i_node_block bias = {
      .name = "bias", .role = GRADUS_ROLE_BIAS, .rank = 1, .shape = {k}, .fan_in = p, .fan_out = k};
  gradus_status status = gradus_i_node_declare(node, &weight, params, err);
  return status > 0 || node->no_bias ? status : gradus_i_node_declare(node, &bias, params, err);
}

static size_t parts(const gradus_i_node *node, size_t rows) {
  enum { UNITS = 128, MOST = 8 };
  (void)rows;
  size_t parts = (node->units + UNITS / 2) / UNITS;
  if (node->units >= UNITS && parts < 2)
    parts = 2;
  return parts < 1 ? 1 : parts > MOST ? MOST : parts;
}

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  size_t p = inputs_of(call->node), k = call->node->units, places = places_of(call->node);
  const double *x = call->in[0], *dy = call->out_gradient;
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    memset(row, 0, call->node->parameters * sizeof *row);
    for (size_t place = i * places; place < (i + 1) * places; place++)
      for (size_t r = 0; r < k; r++) {
        double slope = dy[place * k + r];
        for (size_t j = 0; j < p; j++)
          row[r * p + j] += slope * x[place * p + j];
        if (!call->node->no_bias)
          row[k * p + r] += slope;
      }
  }
}

#define TEMPLATE "dense_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_dense = {.name = "dense",
                                                  .stem = "hidden",
                                                  .options = options,
                                                  .infer = infer,
                                                  .declare = declare,
                                                  .forward_d = forward_d,
                                                  .forward_f = forward_f,
                                                  .backward_d = backward_d,
                                                  .backward_f = backward_f,
                                                  .rows_gradient = rows_gradient,
                                                  .parts = parts};
