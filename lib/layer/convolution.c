// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions (cross-correlations, as PyTorch's): conv2d over H×W×C, conv1d over L×C, which is an
   image of one row. Blocks NAME.weight [filters, channels/groups, height, width] (conv1d: without
   the height) and NAME.bias [filters].

   A part is a range of images. Weights are put, once a part, into the order in which the kernels
   read them; their derivatives are summed by every part for itself, and put together in order. */
#include "convolution_ways.h"

#include <stddef.h>

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
  if (status <= 0)
    status = gradus_i_window_infer(node, inputs, &rules, err);
  node->has_planes = status <= 0 && gradus_i_convolution_has_planes(node);
  return status;
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

/* ---- what is done in the one or the other way ---- */

static const gradus_i_convolution_way *way_of(const gradus_i_node *node) {
  return node->has_planes ? &gradus_i_convolution_by_planes : &gradus_i_convolution_by_places;
}

/* As many as the threads may be, unless the sums of all would be more than the images are. */
static size_t parts(const gradus_i_node *node, size_t rows) {
  enum { LEAST = 4, SMALL = 1 << 17 };
  size_t most = gradus_i_window_parts(node, rows);
  size_t values = rows * (node->in.size + node->out.size);
  size_t room = values > SMALL ? values : SMALL, by_room = room / way_of(node)->sums_size(node);
  size_t least = most < LEAST ? most : LEAST;
  return by_room < least ? least : by_room < most ? by_room : most;
}

static size_t keep_size(const gradus_i_node *node, size_t rows) {
  size_t heads = GRADUS_I_PARTS_MAX * GRADUS_I_HEAD + GRADUS_I_LINE;
  return parts(node, rows) * way_of(node)->part_size(node) + heads / sizeof(float);
}

#define DEFINE(function)                                                                           \
  static void function(const gradus_i_layer_call *call) {                                          \
    way_of(call->node)->function(call);                                                            \
  }
DEFINE(forward_d)
DEFINE(forward_f)
DEFINE(backward_d)
DEFINE(backward_f)
DEFINE(reduce_d)
DEFINE(reduce_f)
#undef DEFINE

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  way_of(call->node)->rows_gradient(call, rows, stride);
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
