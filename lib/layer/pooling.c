// SPDX-License-Identifier: GPL-3.0-or-later
/* Poolings over windows of H×W×C or L×C, each channel by itself: the largest value, or the mean.
   The stride is the kernel by default. As PyTorch's defaults have it: padding is never the largest
   value, but counts as zeros in a mean; what does not fill a window at the end is left out; of
   equal values the first one is the largest.

   A part is a range of images. `keep` holds where the largest values were: places counted from the
   window's first, as REALs. */
#include "../linalg/convolution.h"
#include "window.h"

#include <math.h>
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
  return gradus_i_window_infer(node, inputs, &rules, err);
}

/* Places within a window must be exact in float. */
static gradus_status infer_max(gradus_i_node *node, const gradus_i_shape *inputs,
                               gradus_error *err) {
  enum { MOST = 1 << 24 };
  gradus_status status = infer(node, inputs, err);
  if (status > 0 || inputs->rank == 2)
    return status;
  size_t width = inputs->extent[1], height = node->window.kernel[0];
  if (height <= MOST / width)
    return status;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the kernel of layer \"%s\" covers %zu rows of %zu columns: it cannot tell "
                       "more than %d places apart",
                       node->name, height, width, MOST);
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

/* Calls DO for every place of the output of an image from a row on: first[], end[] are the places
   of the input under it, `out` its first channel. */
#define EACH_PLACE(p, row, DO)                                                                     \
  do {                                                                                             \
    size_t first[2], end[2], out = (row) * (p)->out[1] * (p)->channels;                            \
    for (size_t h_ = row; h_ < (p)->out[0]; h_++) {                                                \
      cover(p, 0, h_, &first[0], &end[0]);                                                         \
      for (size_t w_ = 0; w_ < (p)->out[1]; w_++, out += (p)->channels) {                          \
        cover(p, 1, w_, &first[1], &end[1]);                                                       \
        DO;                                                                                        \
      }                                                                                            \
    }                                                                                              \
  } while (0)

/* The rows of windows that the kernels can do: none if one is cut off; and the last rows not unless
   what comes after them, in the image or with `room` more values, is as much as kernels touch. */
static gradus_i_windows windows_of(const gradus_i_places *p, size_t room) {
  gradus_i_windows w = {.rows = p->out[0],
                        .columns = p->out[1],
                        .row_step = p->stride[0] * p->in[1],
                        .column_step = p->stride[1],
                        .kernel = {p->kernel[0], p->kernel[1]},
                        .width = p->in[1],
                        .channels = p->channels};
  size_t line = p->out[1] * p->channels, left = room;
  for (; w.rows > 0 && left < GRADUS_I_CONVOLUTION_UNIT; left += line)
    w.rows--;
  if (p->padded[0] > p->in[0] || p->padded[1] > p->in[1])
    w.rows = 0;
  return w;
}

/* Values that forward may touch after the end of image i's output. */
static size_t room_of(const gradus_i_layer_call *call, size_t i) {
  size_t left = call->rows - i - 1, size = call->node->out.size;
  size_t in = left * call->node->in.size + call->in_room, out = left * size + call->out_room;
  size_t keep = (left + call->after) * size;
  size_t least = in < out ? in : out;
  return least < keep ? least : keep;
}

/* Whether windows lie side by side and fill the image. */
static bool is_tiled(const gradus_i_places *p) {
  for (size_t d = 0; d < 2; d++)
    if (p->stride[d] != p->kernel[d] || p->out[d] * p->stride[d] != p->in[d])
      return false;
  return true;
}

#define TEMPLATE "pooling_template.h"
#include "each_precision.h"

const gradus_i_layer_type gradus_i_layer_max_pool = {.name = "max_pool",
                                                     .options = options,
                                                     .infer = infer_max,
                                                     .keep_size = keep_size,
                                                     .forward_d = max_forward_d,
                                                     .forward_f = max_forward_f,
                                                     .backward_d = max_backward_d,
                                                     .backward_f = max_backward_f,
                                                     .parts = gradus_i_window_parts,
                                                     .by_rows = true,
                                                     .sets_inputs = true,
                                                     .forgets_output = true,
                                                     .forgets_input = gradus_i_window_forgets_input,
                                                     .passes = true};
const gradus_i_layer_type gradus_i_layer_average_pool = {.name = "average_pool",
                                                         .options = options,
                                                         .infer = infer,
                                                         .forward_d = average_forward_d,
                                                         .forward_f = average_forward_f,
                                                         .backward_d = average_backward_d,
                                                         .backward_f = average_backward_f,
                                                         .parts = gradus_i_window_parts,
                                                         .by_rows = true,
                                                         .sets_inputs = true,
                                                         .forgets_output = true,
                                                         .forgets_input =
                                                             gradus_i_window_forgets_input,
                                                         .passes = true};
