// SPDX-License-Identifier: GPL-3.0-or-later
/* A row's values in another shape: some of them, side by side, or all. */
#include "layer.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option columns_options[] = {
    {"first", GRADUS_I_OPTION_WHOLE, offsetof(gradus_i_node, first)},
    {"shape", GRADUS_I_OPTION_SHAPE, offsetof(gradus_i_node, reshaped)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};
static const gradus_i_layer_option reshape_options[] = {
    {"shape", GRADUS_I_OPTION_SHAPE, offsetof(gradus_i_node, reshaped)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status columns_infer(gradus_i_node *node, const gradus_i_shape *inputs,
                                   gradus_error *err) {
  char in[64], out[64];
  if (node->reshaped.rank == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the columns layer \"%s\" has no shape: say how many it takes",
                         node->name);
  node->out = node->reshaped;
  if (node->first <= inputs[0].size && node->out.size <= inputs[0].size - node->first)
    return GRADUS_OK;
  gradus_i_shape_text(in, sizeof in, &inputs[0]);
  gradus_i_shape_text(out, sizeof out, &node->out);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the columns layer \"%s\" takes the shape %s from column %zu on (the first "
                       "is 0): its input has the shape %s, %zu columns",
                       node->name, out, node->first, in, inputs[0].size);
}

static gradus_status reshape_infer(gradus_i_node *node, const gradus_i_shape *inputs,
                                   gradus_error *err) {
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

/* All values are those from column 0 on. */
#define TEMPLATE "columns_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_columns = {.name = "columns",
                                                    .options = columns_options,
                                                    .infer = columns_infer,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .backward_f = backward_f,
                                                    .passes = true};
const gradus_i_layer_type gradus_i_layer_reshape = {.name = "reshape",
                                                    .options = reshape_options,
                                                    .infer = reshape_infer,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .backward_f = backward_f,
                                                    .passes = true};
