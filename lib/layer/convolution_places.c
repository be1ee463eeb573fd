// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions place by place: a vector holds filters, and what a place takes of the input is read
   where it lies. */
#include "../linalg/convolution.h"
#include "convolution_ways.h"

#include <string.h>

_Static_assert((int)GRADUS_I_ROOM >= (int)GRADUS_I_CONVOLUTION_UNIT,
               "kernels keep to the room there is");

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

/* Whether kernels may touch what comes after the output of image i. */
static bool is_followed(const gradus_i_layer_call *call, size_t i) {
  return (call->rows - i - 1) * call->node->out.size + call->out_room >= GRADUS_I_CONVOLUTION_UNIT;
}

#define TEMPLATE "convolution_places_template.h"
#include "each_precision.h"

/* ---- derivatives of rows ---- */

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  work_d *w = open_d(call);
  const double *dy = call->out_gradient;
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    memset(w->sums, 0, w->length.sums * sizeof *w->sums);
    memcpy(w->output, dy + i * call->node->out.size, call->node->out.size * sizeof *dy);
    add_weights_d(w, image_d(w, i), w->output);
    memset(row, 0, call->node->parameters * sizeof *row);
    put_sums_d(w, w->sums, row);
  }
}

static size_t part_size(const gradus_i_node *node) {
  gradus_i_places p = gradus_i_places_of(node);
  return lengths_of(node, &p).all;
}

static size_t sums_size(const gradus_i_node *node) {
  return node->parameters;
}

const gradus_i_convolution_way gradus_i_convolution_by_places = {.part_size = part_size,
                                                                 .sums_size = sums_size,
                                                                 .forward_d = forward_d,
                                                                 .forward_f = forward_f,
                                                                 .backward_d = backward_d,
                                                                 .backward_f = backward_f,
                                                                 .reduce_d = reduce_d,
                                                                 .reduce_f = reduce_f,
                                                                 .rows_gradient = rows_gradient};
