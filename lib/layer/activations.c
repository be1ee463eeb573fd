// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations, as a table and as a layer. */
#include "../linalg/elementwise.h"
#include "layer.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { PIECE = 256 }; /* elements whose sigmoids fit on the stack */
static const double root_half = 0.70710678118654752440, root_two_pi = 0.39894228040143267794;

#define TEMPLATE "activation_template.h"
#include "each_precision.h"

#define ROW(name, function)                                                                        \
  { name, function##_d, function##_f, function##_slope_d, function##_slope_f }
static const gradus_i_activation activations[] = {
    ROW("identity", identity), ROW("sigmoid", sigmoid),       ROW("tanh", tanh),
    ROW("relu", relu),         ROW("leaky_relu", leaky_relu), ROW("elu", elu),
    ROW("gelu", gelu),         ROW("softplus", softplus),     ROW("swish", swish),
    ROW("softmax", softmax),
};
enum { COUNT = sizeof activations / sizeof *activations };

const gradus_i_activation *gradus_i_activation_find(const char *name) {
  for (size_t i = 0; name && i < COUNT; i++)
    if (strcmp(activations[i].name, name) == 0)
      return &activations[i];
  return NULL;
}

const char *gradus_i_activation_name(size_t index) {
  return index < COUNT ? activations[index].name : NULL;
}

/* ---- the layer ---- */

/* Read by gradus_i_node_set_activation, which knows the user's too. */
static const gradus_i_layer_option options[] = {
    {"activation", GRADUS_I_OPTION_ACTIVATION, offsetof(gradus_i_node, activation)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  (void)err;
  node->out = inputs[0];
  return GRADUS_OK;
}

/* Rows of the last dimension: what softmax goes over. */
static size_t row_length(const gradus_i_node *node) {
  return node->in.extent[node->in.rank - 1];
}

static size_t parts(const gradus_i_node *node, size_t rows) {
  enum { VALUES = 4096, MOST = 8 };
  size_t parts = rows * node->in.size / VALUES;
  return parts < 1 ? 1 : parts > MOST ? MOST : parts;
}

#define PART(call)                                                                                 \
  size_t n = row_length((call)->node), rows = (call)->rows * (call)->node->in.size / n, first,     \
         end;                                                                                      \
  gradus_i_layer_part(call, rows, &first, &end);                                                   \
  rows = end - first;                                                                              \
  first *= n
#define DEFINE(real, suffix)                                                                       \
  static void forward_##suffix(const gradus_i_layer_call *call) {                                  \
    PART(call);                                                                                    \
    const real *x = call->in[0];                                                                   \
    real *out = call->out;                                                                         \
    call->node->activation->value_##suffix(rows, n, x + first, out + first);                       \
  }                                                                                                \
  static void backward_##suffix(const gradus_i_layer_call *call) {                                 \
    PART(call);                                                                                    \
    const real *x = call->in[0], *y = call->out, *dy = call->out_gradient;                         \
    real *dx = call->in_gradient[0];                                                               \
    if (dx)                                                                                        \
      call->node->activation->slope_##suffix(rows, n, x + first, y + first, dy + first,            \
                                             dx + first);                                          \
  }
DEFINE(double, d)
DEFINE(float, f)
#undef DEFINE
#undef PART

const gradus_i_layer_type gradus_i_layer_activation = {.name = "activation",
                                                       .options = options,
                                                       .infer = infer,
                                                       .forward_d = forward_d,
                                                       .forward_f = forward_f,
                                                       .backward_d = backward_d,
                                                       .backward_f = backward_f,
                                                       .parts = parts};
