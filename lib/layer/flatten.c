// SPDX-License-Identifier: GPL-3.0-or-later
/* All values of a row as one dimension, in the order in which they lie: row-major, channels last
   (by height, then width, then channel). A dense layer takes them so without it. */
#include "window.h"

#include <string.h>

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  (void)err;
  node->out = gradus_i_shape_of(inputs[0].size);
  return GRADUS_OK;
}

#define DEFINE(real, suffix)                                                                       \
  static void forward_##suffix(const gradus_i_layer_call *call) {                                  \
    memcpy(call->out, call->in[0], call->rows * call->node->in.size * sizeof(real));               \
  }                                                                                                \
  static void backward_##suffix(const gradus_i_layer_call *call) {                                 \
    const real *dy = call->out_gradient;                                                           \
    real *dx = call->in_gradient[0];                                                               \
    size_t count = call->rows * call->node->in.size;                                               \
    if (dx && call->in_fresh)                                                                      \
      memcpy(dx, dy, count * sizeof *dx);                                                          \
    for (size_t j = 0; dx && !call->in_fresh && j < count; j++)                                    \
      dx[j] += dy[j];                                                                              \
  }
DEFINE(double, d)
DEFINE(float, f)

const gradus_i_layer_type gradus_i_layer_flatten = {.name = "flatten",
                                                    .infer = infer,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .backward_f = backward_f,
                                                    .parts = gradus_i_window_parts,
                                                    .by_rows = true,
                                                    .sets_inputs = true,
                                                    .forgets_output = true,
                                                    .forgets_input = gradus_i_window_forgets_input,
                                                    .passes = true};
