// SPDX-License-Identifier: GPL-3.0-or-later
/* The sum of two outputs of one shape: residual and skip connections. */
#include "layer.h"

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  char first[64], second[64];
  if (node->input_count == 2 && inputs[0].rank == inputs[1].rank &&
      inputs[0].extent[0] == inputs[1].extent[0] && inputs[0].extent[1] == inputs[1].extent[1] &&
      inputs[0].extent[2] == inputs[1].extent[2]) {
    node->out = inputs[0];
    return GRADUS_OK;
  }
  if (node->input_count != 2)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the layer \"%s\" adds two inputs: name them in \"inputs\"", node->name);
  gradus_i_shape_text(first, sizeof first, &inputs[0]);
  gradus_i_shape_text(second, sizeof second, &inputs[1]);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" cannot add shapes %s and %s: they must be equal",
                       node->name, first, second);
}

#define ADD(name, real)                                                                            \
  static void forward_##name(const gradus_i_layer_call *call) {                                    \
    const real *a = call->in[0], *b = call->in[1];                                                 \
    real *out = call->out;                                                                         \
    for (size_t i = 0; i < call->rows * call->node->out.size; i++)                                 \
      out[i] = a[i] + b[i];                                                                        \
  }                                                                                                \
  static void backward_##name(const gradus_i_layer_call *call) {                                   \
    const real *dy = call->out_gradient;                                                           \
    for (size_t k = 0; k < 2; k++) {                                                               \
      real *dx = call->in_gradient[k];                                                             \
      for (size_t i = 0; dx && i < call->rows * call->node->out.size; i++)                         \
        dx[i] += dy[i];                                                                            \
    }                                                                                              \
  }
ADD(d, double)
ADD(f, float)

const gradus_i_layer_type gradus_i_layer_add = {.name = "add",
                                                .least_inputs = 2,
                                                .most_inputs = 2,
                                                .passes = true,
                                                .infer = infer,
                                                .forward_d = forward_d,
                                                .forward_f = forward_f,
                                                .backward_d = backward_d,
                                                .backward_f = backward_f};
