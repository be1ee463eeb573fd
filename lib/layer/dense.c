// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine map y = Wx + b: blocks NAME.weight [units, inputs] and NAME.bias [units]. */
#include "layer.h"

#include <stdio.h>
#include <string.h>

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  (void)inputs;
  if (node->units == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the dense layer \"%s\" has no units: give it 1 or more", node->name);
  node->out = gradus_i_shape_of(node->units);
  return GRADUS_OK;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  char name[128];
  gradus_i_snprintf(name, sizeof name, "%s.weight", node->name);
  gradus_block weight = {.name = name,
                         .role = GRADUS_ROLE_WEIGHT,
                         .rank = 2,
                         .shape = {node->units, node->in.size},
                         .fan_in = node->in.size,
                         .fan_out = node->units,
                         .penalty = -1};
  gradus_status status = gradus_params_add(params, &weight, err);
  if (status > 0 || node->no_bias)
    return status;
  gradus_i_snprintf(name, sizeof name, "%s.bias", node->name);
  gradus_block bias = {.name = name,
                       .role = GRADUS_ROLE_BIAS,
                       .rank = 1,
                       .shape = {node->units},
                       .fan_in = node->in.size,
                       .fan_out = node->units,
                       .penalty = -1};
  return gradus_params_add(params, &bias, err);
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
  size_t p = call->node->in.size, k = call->node->units;
  const double *x = call->in[0], *dy = call->out_gradient;
  for (size_t i = 0; i < call->rows; i++)
    for (size_t r = 0; r < k; r++) {
      double *weight = rows + i * stride + r * p, slope = dy[i * k + r];
      for (size_t j = 0; j < p; j++)
        weight[j] = slope * x[i * p + j];
      if (!call->node->no_bias)
        rows[i * stride + k * p + r] = slope;
    }
}

#define TEMPLATE "dense_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_dense = {.name = "dense",
                                                  .infer = infer,
                                                  .declare = declare,
                                                  .forward_d = forward_d,
                                                  .forward_f = forward_f,
                                                  .backward_d = backward_d,
                                                  .backward_f = backward_f,
                                                  .rows_gradient = rows_gradient,
                                                  .parts = parts};
