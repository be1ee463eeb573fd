// SPDX-License-Identifier: GPL-3.0-or-later
/* The same values in another shape. */
#include "layer.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"shape", GRADUS_I_OPTION_SHAPE, offsetof(gradus_i_node, reshaped)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  char in[64], out[64];
  if (node->reshaped.rank == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the reshape layer \"%s\" has no shape: say which it makes", node->name);
  node->out = node->reshaped;
  if (node->out.size == inputs[0].size)
    return GRADUS_OK;
  gradus_i_shape_text(in, sizeof in, &inputs[0]);
  gradus_i_shape_text(out, sizeof out, &node->out);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the reshape layer \"%s\" cannot make the shape %s, %zu values, of the "
                       "shape %s, %zu values",
                       node->name, out, node->out.size, in, inputs[0].size);
}

#define RESHAPE(name, real)                                                                        \
  static void forward_##name(const gradus_i_layer_call *call) {                                    \
    memcpy(call->out, call->in[0], call->rows * call->node->out.size * sizeof(real));              \
  }                                                                                                \
  static void backward_##name(const gradus_i_layer_call *call) {                                   \
    const real *dy = call->out_gradient;                                                           \
    real *dx = call->in_gradient[0];                                                               \
    for (size_t i = 0; dx && i < call->rows * call->node->out.size; i++)                           \
      dx[i] += dy[i];                                                                              \
  }
RESHAPE(d, double)
RESHAPE(f, float)

const gradus_i_layer_type gradus_i_layer_reshape = {.name = "reshape",
                                                    .options = options,
                                                    .infer = infer,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .backward_f = backward_f,
                                                    .passes = true};
