// SPDX-License-Identifier: GPL-3.0-or-later
/* Tokens, whole numbers 0 .. levels-1, as rows of a table: the block NAME.weight [levels, units]. S
   tokens become S × units, a single one units; S steps of F tokens S × F·units, the rows of a step
   side by side. It is the dense layer, without a bias, of the tokens' dummy variables: a unit has
   one input that is not 0. A column embedding does so with one feature of many, the same at all
   places, and leaves the others on either side of its units. */
#include "layer.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"levels", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, levels)},
    {"units", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, units)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status check_table(const gradus_i_node *node, gradus_error *err) {
  gradus_status status = gradus_i_node_check_count(node, node->levels, "levels", err);
  return status > 0 ? status : gradus_i_node_check_count(node, node->units, "units", err);
}

/* The values of a token stand where it stood: in memory all shapes are tokens × units. */
static gradus_i_shape shape_of(const gradus_i_shape *tokens, size_t units) {
  gradus_i_shape out = *tokens;
  if (out.rank == 1 && out.size > 1)
    out = (gradus_i_shape){.rank = 2, .extent = {tokens->size, 1, 1}};
  out.extent[out.rank - 1] *= units;
  out.size = tokens->size * units;
  return out;
}

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  size_t all;
  gradus_status status = check_table(node, err);
  if (status > 0)
    return status;
  if (!gradus_i_multiply(inputs[0].size, node->units, &all))
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "the embedding layer \"%s\" would have %zu times %zu values a row",
                         node->name, inputs[0].size, node->units);
  node->out = shape_of(&inputs[0], node->units);
  return GRADUS_OK;
}

static gradus_status infer_column(gradus_i_node *node, const gradus_i_shape *inputs,
                                  gradus_error *err) {
  const size_t most = (size_t)1 << 40; /* values */
  size_t last = inputs[0].rank - 1, features = inputs[0].extent[last];
  gradus_status status = check_table(node, err);
  if (status > 0)
    return status;
  if (node->first >= features)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the embedding \"%s\" is of column %zu (the first is 0): there are %zu",
                         node->name, node->first, features);
  node->out = inputs[0];
  node->out.extent[last] = features - 1 + node->units;
  if (gradus_i_multiply(inputs[0].size / features, node->out.extent[last], &node->out.size) &&
      node->out.size <= most)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "the embedding \"%s\" of %zu units makes too many values a row", node->name,
                       node->units);
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  gradus_i_node_block weight = {.name = "weight",
                                .role = GRADUS_ROLE_WEIGHT,
                                .rank = 2,
                                .shape = {node->levels, node->units},
                                .fan_in = 1,
                                .fan_out = node->units};
  return gradus_i_node_declare(node, &weight, params, err);
}

/* By units, so that each of the derivatives is summed by one thread. */
static size_t parts(const gradus_i_node *node, size_t rows) {
  enum { UNITS = 16, MOST = 8, FEW = 16384 };
  size_t count = node->units / UNITS;
  if (rows * node->out.size < FEW || count < 1)
    return 1;
  return count > MOST ? MOST : count;
}

static bool whole(const gradus_i_node *node, size_t input, size_t *least, size_t *most) {
  (void)input;
  *least = 0;
  *most = node->levels - 1;
  return true;
}

#define TEMPLATE "embedding_template.h"
#include "each_precision.h"

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  for (size_t i = 0; i < call->rows; i++) {
    memset(rows + i * stride, 0, call->node->parameters * sizeof *rows);
    add_row_d(call, i, 0, call->node->units, rows + i * stride);
  }
}

const gradus_i_layer_type gradus_i_layer_embedding = {.name = "embedding",
                                                      .options = options,
                                                      .infer = infer,
                                                      .declare = declare,
                                                      .forward_d = forward_d,
                                                      .forward_f = forward_f,
                                                      .backward_d = backward_d,
                                                      .backward_f = backward_f,
                                                      .rows_gradient = rows_gradient,
                                                      .parts = parts,
                                                      .whole = whole};

static void rows_gradient_column(const gradus_i_layer_call *call, double *rows, size_t stride) {
  for (size_t i = 0; i < call->rows; i++) {
    memset(rows + i * stride, 0, call->node->parameters * sizeof *rows);
    add_column_row_d(call, i, rows + i * stride);
  }
}

const gradus_i_layer_type gradus_i_layer_column_embedding = {.name = "embedding",
                                                             .infer = infer_column,
                                                             .declare = declare,
                                                             .forward_d = forward_column_d,
                                                             .forward_f = forward_column_f,
                                                             .backward_d = backward_column_d,
                                                             .backward_f = backward_column_f,
                                                             .rows_gradient = rows_gradient_column,
                                                             .whole = whole,
                                                             .passes = true};
