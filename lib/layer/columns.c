// SPDX-License-Identifier: GPL-3.0-or-later
/* Some of a row's values, side by side, in a shape of their own. */
#include "layer.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"first", GRADUS_I_OPTION_WHOLE, offsetof(gradus_i_node, first)},
    {"shape", GRADUS_I_OPTION_SHAPE, offsetof(gradus_i_node, reshaped)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
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

#define TEMPLATE "columns_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_columns = {.name = "columns",
                                                    .options = options,
                                                    .infer = infer,
                                                    .forward_d = forward_d,
                                                    .forward_f = forward_f,
                                                    .backward_d = backward_d,
                                                    .backward_f = backward_f,
                                                    .passes = true};
