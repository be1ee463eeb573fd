// SPDX-License-Identifier: GPL-3.0-or-later
/* Poolings over windows of H×W×C or L×C, each channel by itself: the largest value, or the mean.
   The stride is the kernel by default. As PyTorch's defaults have it: padding is never the largest
   value, but counts as zeros in a mean; what does not fill a window at the end is left out; of
   equal values the first one is the largest.

   A part is a range of images. `keep` holds where the largest values were, as numbers of 32 bits:
   one REAL's room each. */
#include "window.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"kernel", GRADUS_I_OPTION_EXTENT, offsetof(gradus_i_node, window.kernel)},
    {"stride", GRADUS_I_OPTION_EXTENT, offsetof(gradus_i_node, window.stride)},
    {"padding", GRADUS_I_OPTION_PADDING, offsetof(gradus_i_node, window)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  gradus_i_window_rules rules = {.channels = inputs->extent[inputs->rank - 1],
                                 .stride_is_kernel = true,
                                 .narrow_padding = true};
  if (inputs->size > INT_MAX)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the layer \"%s\" has %zu values a row to pool: %d at most", node->name,
                         inputs->size, INT_MAX);
  return gradus_i_window_infer(node, inputs, &rules, err);
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  return rows * node->out.size;
}

/* The places of the input under the output's place o, in one dimension: first .. end - 1. */
static void cover(const gradus_i_places *p, size_t d, size_t o, size_t *first, size_t *end) {
  size_t start = o * p->stride[d], stop = start + p->kernel[d], before = p->before[d];
  *first = start > before ? start - before : 0;
  *end = stop - before < p->in[d] ? stop - before : p->in[d];
}

/* Calls DO for every place of the output of an image: first[], end[] are the places of the input
   under it, `out` its first channel. */
#define EACH_PLACE(p, DO)                                                                          \
  do {                                                                                             \
    size_t first[2], end[2], out = 0;                                                              \
    for (size_t h_ = 0; h_ < (p)->out[0]; h_++) {                                                  \
      cover(p, 0, h_, &first[0], &end[0]);                                                         \
      for (size_t w_ = 0; w_ < (p)->out[1]; w_++, out += (p)->channels) {                          \
        cover(p, 1, w_, &first[1], &end[1]);                                                       \
        DO;                                                                                        \
      }                                                                                            \
    }                                                                                              \
  } while (0)

#define TEMPLATE "pooling_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_max_pool = {.name = "max_pool",
                                                     .options = options,
                                                     .infer = infer,
                                                     .keep_size = keep_size,
                                                     .forward_d = max_forward_d,
                                                     .forward_f = max_forward_f,
                                                     .backward_d = max_backward_d,
                                                     .backward_f = max_backward_f,
                                                     .parts = gradus_i_window_parts,
                                                     .sets_inputs = true,
                                                     .passes = true};
const gradus_i_layer_type gradus_i_layer_average_pool = {.name = "average_pool",
                                                         .options = options,
                                                         .infer = infer,
                                                         .forward_d = average_forward_d,
                                                         .forward_f = average_forward_f,
                                                         .backward_d = average_backward_d,
                                                         .backward_f = average_backward_f,
                                                         .parts = gradus_i_window_parts,
                                                         .sets_inputs = true,
                                                         .passes = true};
