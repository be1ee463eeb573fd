// SPDX-License-Identifier: GPL-3.0-or-later
/* Activations, as a table and as a layer. */
#include "../linalg/elementwise.h"
#include "window.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { PIECE = 256 }; /* elements whose sigmoids fit on the stack */
enum { COUNT = 10 };  /* activations */
static const double root_half = 0.70710678118654752440, root_two_pi = 0.39894228040143267794;

#define GRADUS_I_TEMPLATE "../layer/activation_target.h"
#include "../linalg/each_instructions.h"

static const gradus_i_activation *best(void) {
  static const gradus_i_activation *const tables[GRADUS_I_INSTRUCTIONS] =
      GRADUS_I_VERSIONS(activations);
  return tables[gradus_i_instructions_best()];
}

const gradus_i_activation *gradus_i_activation_find(const char *name) {
  const gradus_i_activation *activations = best();
  for (size_t i = 0; name && i < COUNT; i++)
    if (strcmp(activations[i].name, name) == 0)
      return &activations[i];
  return NULL;
}

const char *gradus_i_activation_name(size_t index) {
  return index < COUNT ? activations_plain[index].name : NULL;
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

static size_t count_of(const gradus_i_layer_call *call) {
  return call->rows * call->node->in.size;
}

static bool elementwise(const gradus_i_node *node) {
  return !node->activation->over_rows;
}

static bool forgets_input(const gradus_i_node *node) {
  return node->activation->forgets_input;
}

/* The call's values: `rows` of n. */
static size_t rows_of(const gradus_i_layer_call *call, size_t *n) {
  *n = elementwise(call->node) ? count_of(call) : row_length(call->node);
  return elementwise(call->node) ? 1 : count_of(call) / *n;
}

/* Of all, or of some columns line by line. */
#define DEFINE(real, suffix)                                                                       \
  static void forward_##suffix(const gradus_i_layer_call *call) {                                  \
    size_t n, rows = rows_of(call, &n);                                                            \
    const gradus_i_activation *activation = call->node->activation;                                \
    const real *x = call->in[0];                                                                   \
    real *out = call->out;                                                                         \
    for (size_t at = call->first_column; call->width && at < count_of(call); at += call->width)    \
      activation->value_##suffix(1, call->end_column - call->first_column, x + at, out + at);      \
    if (!call->width)                                                                              \
      activation->value_##suffix(rows, n, x, out);                                                 \
  }                                                                                                \
  static void slope_##suffix(const gradus_i_layer_call *call, size_t at, size_t rows, size_t n) {  \
    const real *x = call->in[0], *y = call->out, *dy = call->out_gradient;                         \
    real *dx = call->in_gradient[0];                                                               \
    if (call->in_fresh)                                                                            \
      memset(dx + at, 0, rows * n * sizeof *dx);                                                   \
    call->node->activation->slope_##suffix(rows, n, x + at, y + at, dy + at, dx + at);             \
  }                                                                                                \
  static void backward_##suffix(const gradus_i_layer_call *call) {                                 \
    size_t n, rows = rows_of(call, &n), width = call->width;                                       \
    bool wanted = call->in_gradient[0] != NULL;                                                    \
    size_t columns = call->end_column - call->first_column;                                        \
    for (size_t at = call->first_column; wanted && width && at < count_of(call); at += width)      \
      slope_##suffix(call, at, 1, columns);                                                        \
    if (wanted && !width)                                                                          \
      slope_##suffix(call, 0, rows, n);                                                            \
  }
DEFINE(double, d)
DEFINE(float, f)
#undef DEFINE

const gradus_i_layer_type gradus_i_layer_activation = {.name = "activation",
                                                       .options = options,
                                                       .infer = infer,
                                                       .forward_d = forward_d,
                                                       .forward_f = forward_f,
                                                       .backward_d = backward_d,
                                                       .backward_f = backward_f,
                                                       .parts = gradus_i_window_parts,
                                                       .by_rows = true,
                                                       .elementwise = elementwise,
                                                       .sets_inputs = true,
                                                       .forgets_input = forgets_input};
