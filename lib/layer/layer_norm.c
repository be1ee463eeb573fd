// SPDX-License-Identifier: GPL-3.0-or-later
/* Layer norm (Ba, Kiros, Hinton 2016): y = w (x - mean)/√(variance + ε) + b over the features of a
   row (the last dimension), with the biased variance. Blocks NAME.weight, which starts at 1, and
   NAME.bias; neither is penalised, as the next layer's weights would undo it. */
#include "layer.h"

#include <math.h>
#include <stddef.h>

static const gradus_i_layer_option options[] = {
    {"epsilon", GRADUS_I_OPTION_REAL, offsetof(gradus_i_node, epsilon)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  if (node->epsilon == 0)
    node->epsilon = 1e-5;
  if (!(node->epsilon > 0))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the layer_norm layer \"%s\" has the epsilon %g: it must be above 0",
                         node->name, node->epsilon);
  node->out = inputs[0];
  return GRADUS_OK;
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  size_t n = gradus_i_node_features(node);
  gradus_status status =
      gradus_i_node_vector(node, "weight", GRADUS_ROLE_WEIGHT, n, false, params, err);
  if (status <= 0)
    status = gradus_i_node_vector(node, "bias", GRADUS_ROLE_BIAS, n, false, params, err);
  return status;
}

static void start(const gradus_i_node *node, double *theta) {
  size_t n = gradus_i_node_features(node);
  for (size_t j = 0; j < n; j++) {
    theta[j] = 1;
    theta[n + j] = 0;
  }
}

static size_t runs_of(const gradus_i_node *node, size_t rows) {
  return rows * (node->in.size / gradus_i_node_features(node));
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return 2 * runs_of(node, rows);
}

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  size_t n = gradus_i_node_features(call->node), runs = runs_of(call->node, 1);
  const double *x = call->in[0], *dy = call->out_gradient, *keep = call->keep;
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    for (size_t j = 0; j < 2 * n; j++)
      row[j] = 0;
    for (size_t run = i * runs; run < (i + 1) * runs; run++)
      for (size_t j = 0; j < n; j++) {
        row[j] += dy[run * n + j] * (x[run * n + j] - keep[2 * run]) * keep[2 * run + 1];
        row[n + j] += dy[run * n + j];
      }
  }
}

#define TEMPLATE "layer_norm_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_layer_norm = {.name = "layer_norm",
                                                       .options = options,
                                                       .infer = infer,
                                                       .declare = declare,
                                                       .start = start,
                                                       .keep_size = keep_size,
                                                       .forward_d = forward_d,
                                                       .forward_f = forward_f,
                                                       .backward_d = backward_d,
                                                       .passes = true,
                                                       .backward_f = backward_f,
                                                       .rows_gradient = rows_gradient};
