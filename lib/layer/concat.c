// SPDX-License-Identifier: GPL-3.0-or-later
/* Two to four inputs side by side along the last dimension: features of one place. */
#include "layer.h"

#include <string.h>

static bool fits(const gradus_i_shape *a, const gradus_i_shape *b) {
  bool same = a->rank == b->rank;
  for (size_t i = 0; same && i + 1 < a->rank; i++)
    same = a->extent[i] == b->extent[i];
  return same;
}

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  char first[64], other[64];
  if (node->input_count < 2)
    return gradus_i_fail(
        err, GRADUS_ERROR_INVALID_ARGUMENT,
        "the concat layer \"%s\" puts two to four inputs side by side: name them in "
        "\"inputs\"",
        node->name);
  size_t last = inputs[0].rank - 1, width = 0;
  const size_t most = (size_t)1 << 40; /* values: such layers, one after the other, double them */
  for (size_t k = 0; k < node->input_count; k++) {
    node->widths[k] = inputs[k].extent[inputs[k].rank - 1];
    width += node->widths[k];
    if (fits(&inputs[0], &inputs[k]))
      continue;
    gradus_i_shape_text(first, sizeof first, &inputs[0]);
    gradus_i_shape_text(other, sizeof other, &inputs[k]);
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the concat layer \"%s\" cannot put shapes %s and %s side by side: they "
                         "may differ in the last dimension alone",
                         node->name, first, other);
  }
  node->out = inputs[0];
  node->out.extent[last] = width;
  node->out.size = inputs[0].size / inputs[0].extent[last] * width;
  if (node->out.size <= most)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                       "the concat layer \"%s\" has %zu values a row: that is too many", node->name,
                       node->out.size);
}

#define TEMPLATE "concat_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_concat = {.name = "concat",
                                                   .least_inputs = 2,
                                                   .most_inputs = GRADUS_I_INPUTS_MAX,
                                                   .infer = infer,
                                                   .forward_d = forward_d,
                                                   .forward_f = forward_f,
                                                   .backward_d = backward_d,
                                                   .backward_f = backward_f,
                                                   .passes = true};
