// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions (cross-correlations, as PyTorch's): conv2d over H×W×C, conv1d over L×C, which is an
   image of one row. Blocks NAME.weight [filters, channels/groups, height, width] (conv1d: without
   the height) and NAME.bias [filters].

   A part is a range of images. Weights are put, once a call, into the order in which the kernels
   read them; their derivatives are summed by every part for itself, and put together in order. */
#include "../linalg/convolution.h"
#include "window.h"

#include <stddef.h>
#include <string.h>

static const gradus_i_layer_option options[] = {
    {"filters", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, units)},
    {"kernel", GRADUS_I_OPTION_EXTENT, offsetof(gradus_i_node, window.kernel)},
    {"stride", GRADUS_I_OPTION_EXTENT, offsetof(gradus_i_node, window.stride)},
    {"dilation", GRADUS_I_OPTION_EXTENT, offsetof(gradus_i_node, window.dilation)},
    {"padding", GRADUS_I_OPTION_PADDING, offsetof(gradus_i_node, window)},
    {"groups", GRADUS_I_OPTION_COUNT, offsetof(gradus_i_node, groups)},
    {"bias", GRADUS_I_OPTION_NOT, offsetof(gradus_i_node, no_bias)},
    {NULL, GRADUS_I_OPTION_FLAG, 0},
};

static gradus_status check_groups(const gradus_i_node *node, size_t channels, gradus_error *err) {
  if (node->units == 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the %s layer \"%s\" has no filters: give it 1 or more", node->type->name,
                         node->name);
  if (channels % node->groups == 0 && node->units % node->groups == 0)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" has %zu groups, which its %zu channels and %zu filters "
                       "must be multiples of",
                       node->name, node->groups, channels, node->units);
}

static gradus_status infer(gradus_i_node *node, const gradus_i_shape *inputs, size_t rank,
                           gradus_error *err) {
  gradus_i_window_rules rules = {.rank = rank, .channels = node->units};
  gradus_status status = gradus_i_window_check_rank(node, inputs, rank, err);
  node->groups = node->groups ? node->groups : 1;
  if (status <= 0)
    status = check_groups(node, inputs->extent[rank - 1], err);
  return status > 0 ? status : gradus_i_window_infer(node, inputs, &rules, err);
}

static gradus_status infer1(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  return infer(node, inputs, 2, err);
}

static gradus_status infer2(gradus_i_node *node, const gradus_i_shape *inputs, gradus_error *err) {
  return infer(node, inputs, 3, err);
}

static gradus_status declare(const gradus_i_node *node, gradus_params *params, gradus_error *err) {
  gradus_i_places p = gradus_i_places_of(node);
  size_t channels = p.channels / node->groups, area = p.kernel[0] * p.kernel[1];
  gradus_i_node_block weight = {.name = "weight",
                                .role = GRADUS_ROLE_WEIGHT,
                                .rank = 4,
                                .shape = {node->units, channels, p.kernel[0], p.kernel[1]},
                                .fan_in = channels * area,
                                .fan_out = node->units * area};
  gradus_i_node_block bias = {.name = "bias",
                              .role = GRADUS_ROLE_BIAS,
                              .rank = 1,
                              .shape = {node->units},
                              .fan_in = weight.fan_in,
                              .fan_out = weight.fan_out};
  if (node->in.rank == 2) {
    weight.rank = 3;
    weight.shape[2] = p.kernel[1];
    weight.shape[3] = 1;
  }
  gradus_status status = gradus_i_node_declare(node, &weight, params, err);
  return status > 0 || node->no_bias ? status : gradus_i_node_declare(node, &bias, params, err);
}

/* ---- what a part works on ---- */

enum { LINE = 64 }; /* bytes; what vectors are read from begins with one */

/* Lengths, in values of the type that the layer is compiled for, of what a part has in `keep`. */
typedef struct lengths {
  size_t taps;    /* two numbers of size_t each */
  size_t weights; /* in the order of the kernels, forward or by the inputs */
  size_t bias, sums;
  size_t image;      /* padded; 0: the input is taken as it lies */
  size_t derivative; /* by a padded image */
  size_t output;     /* of an image, with room after its end */
  size_t all;
} lengths;

static size_t taps_of(const gradus_i_node *node, const gradus_i_places *p) {
  return p->kernel[0] * p->kernel[1] * (p->channels / node->groups);
}

/* Whether a row of the kernel lies side by side in the image. */
static size_t run_of(const gradus_i_node *node, const gradus_i_places *p) {
  bool whole = node->groups == 1 && p->dilation[1] == 1;
  return (whole ? p->kernel[1] : 1) * (p->channels / node->groups);
}

static lengths lengths_of(const gradus_i_node *node, const gradus_i_places *p) {
  size_t taps = taps_of(node, p), run = run_of(node, p), filters = node->units / node->groups;
  size_t padded = gradus_i_convolution_padded(filters);
  size_t forward = node->groups * taps * padded;
  size_t backward = node->units * (taps / run) * gradus_i_convolution_padded(run);
  size_t image = gradus_i_places_padded(p);
  lengths l = {.taps = 2 * taps * sizeof(size_t) / sizeof(float),
               .weights = forward > backward ? forward : backward,
               .bias = node->groups * padded,
               .sums = node->groups * (taps + 1) * padded,
               .image = image > gradus_i_places_image(p) ? image : 0,
               .derivative = image + GRADUS_I_CONVOLUTION_UNIT,
               .output = node->out.size + GRADUS_I_CONVOLUTION_UNIT};
  l.all = l.taps + l.weights + l.bias + l.sums + l.image + l.derivative + l.output;
  l.all = gradus_i_convolution_padded(l.all);
  return l;
}

/* As many as the threads may be, unless the sums of all would be more than the images are. */
static size_t parts(const gradus_i_node *node, size_t rows) {
  enum { LEAST = 4, SMALL = 1 << 17 };
  size_t most = gradus_i_window_parts(node, rows);
  size_t values = rows * (node->in.size + node->out.size);
  size_t room = values > SMALL ? values : SMALL, by_room = room / node->parameters;
  size_t least = most < LEAST ? most : LEAST;
  return by_room < least ? least : by_room < most ? by_room : most;
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  gradus_i_places p = gradus_i_places_of(node);
  return parts(node, rows) * lengths_of(node, &p).all + LINE;
}

/* Whether kernels may touch what comes after the output of image i. */
static bool is_followed(const gradus_i_layer_call *call, size_t i) {
  return (call->rows - i - 1) * call->node->out.size + call->out_room >= GRADUS_I_CONVOLUTION_UNIT;
}

#define TEMPLATE "convolution_template.h"
#include "each_precision.h"

/* ---- derivatives of rows ---- */

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  work_d w = open_d(call);
  const double *dy = call->out_gradient;
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    memset(w.sums, 0, w.length.sums * sizeof *w.sums);
    memcpy(w.output, dy + i * call->node->out.size, call->node->out.size * sizeof *dy);
    add_weights_d(&w, image_d(&w, i), w.output);
    memset(row, 0, call->node->parameters * sizeof *row);
    put_sums_d(&w, w.sums, row);
  }
}

#define TYPE(dimensions)                                                                           \
  const gradus_i_layer_type gradus_i_layer_conv##dimensions##d = {.name = "conv" #dimensions "d",  \
                                                                  .stem = "conv",                  \
                                                                  .options = options,              \
                                                                  .infer = infer##dimensions,      \
                                                                  .declare = declare,              \
                                                                  .keep_size = keep_size,          \
                                                                  .forward_d = forward_d,          \
                                                                  .forward_f = forward_f,          \
                                                                  .backward_d = backward_d,        \
                                                                  .backward_f = backward_f,        \
                                                                  .rows_gradient = rows_gradient,  \
                                                                  .parts = parts,                  \
                                                                  .by_rows = true,                 \
                                                                  .sets_inputs = true,             \
                                                                  .forgets_output = true,          \
                                                                  .reduce_d = reduce_d,            \
                                                                  .reduce_f = reduce_f}
TYPE(1);
TYPE(2);
