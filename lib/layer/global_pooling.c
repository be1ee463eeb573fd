// SPDX-License-Identifier: GPL-3.0-or-later
/* The largest value, or the mean, of each channel over all places of H×W×C or L×C. Of sequences
   that end with their lengths only the first steps count, as many as the length says. `keep` holds
   where the largest values were. */
#include "window.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  size_t rank = node->input_count > 1 ? 2 : 0;
  gradus_status status = gradus_i_window_check_rank(node, inputs, rank, err);
  node->out = gradus_i_shape_of(inputs->extent[inputs->rank - 1]);
  if (status <= 0 && node->input_count > 1 && inputs[1].size != 1)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the layer \"%s\" takes one length a row as its second input, not %zu",
                         node->name, inputs[1].size);
  return status;
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return rows * node->out.size;
}

static bool whole(const gradus_i_node *node, size_t input, size_t *least, size_t *most) {
  *least = 1;
  *most = node->in.extent[0];
  return input == 1;
}

#define TEMPLATE "global_pooling_template.h"
#include "each_precision.h"

#define TYPE(which, passed)                                                                        \
  const gradus_i_layer_type gradus_i_layer_global_##which##_pool = {                               \
      .name = "global_" #which "_pool",                                                            \
      .most_inputs = 2,                                                                            \
      .infer = infer,                                                                              \
      .keep_size = keep_size,                                                                      \
      .forward_d = which##_forward_d,                                                              \
      .forward_f = which##_forward_f,                                                              \
      .backward_d = which##_backward_d,                                                            \
      .backward_f = which##_backward_f,                                                            \
      .parts = gradus_i_window_parts,                                                              \
      .by_rows = true,                                                                             \
      .sets_inputs = true,                                                                         \
      .whole = whole,                                                                              \
      .takes_lengths = true,                                                                       \
      .passes = passed}
TYPE(max, true);
TYPE(average, true);
