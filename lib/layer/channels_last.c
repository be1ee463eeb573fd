// SPDX-License-Identifier: GPL-3.0-or-later
/* Values that come with their channels first, C×H×W or C×L, in the order that the other layers
   take: H×W×C or L×C. */
#include "window.h"

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  char shape[64];
  size_t rank = inputs->rank;
  node->out = inputs[0];
  for (size_t i = 0; i < rank; i++)
    node->out.extent[i] = inputs->extent[(i + 1) % rank];
  if (rank > 1)
    return GRADUS_OK;
  gradus_i_shape_text(shape, sizeof shape, inputs);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s takes channels x steps or channels x height x "
                       "width: its input has the shape %s",
                       node->name, node->type->name, shape);
}

#define DEFINE(real, suffix)                                                                       \
  static void forward_##suffix(const gradus_i_layer_call *call) {                                  \
    size_t channels = call->node->in.extent[0], places = call->node->in.size / channels;           \
    const real *x = call->in[0];                                                                   \
    real *y = call->out;                                                                           \
    for (size_t i = 0; i < call->rows * channels * places; i += channels * places)                 \
      for (size_t c = 0; c < channels; c++)                                                        \
        for (size_t place = 0; place < places; place++)                                            \
          y[i + place * channels + c] = x[i + c * places + place];                                 \
  }                                                                                                \
  static void backward_##suffix(const gradus_i_layer_call *call) {                                 \
    size_t channels = call->node->in.extent[0], places = call->node->in.size / channels;           \
    const real *dy = call->out_gradient;                                                           \
    real *dx = call->in_gradient[0];                                                               \
    for (size_t i = 0; dx && i < call->rows * channels * places; i += channels * places)           \
      for (size_t c = 0; c < channels; c++)                                                        \
        for (size_t place = 0; place < places; place++)                                            \
          dx[i + c * places + place] += dy[i + place * channels + c];                              \
  }
DEFINE(double, d)
DEFINE(float, f)

const gradus_i_layer_type gradus_i_layer_channels_last = {.name = "channels_last",
                                                          .infer = infer,
                                                          .forward_d = forward_d,
                                                          .forward_f = forward_f,
                                                          .backward_d = backward_d,
                                                          .backward_f = backward_f,
                                                          .passes = true};
