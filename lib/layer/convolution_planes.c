// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions channel by channel: a vector holds neighbouring places of one plane.

   The padded input is split into a plane for each channel and each phase of the stride, so that
   what neighbouring places take lies side by side whatever the stride. Planes are `width` wide, and
   so are those of the output, whose rows end earlier. Derivatives by the inputs are a convolution
   of the slopes' planes, with zeros around them, with the kernel turned around. */
#include "../linalg/planes.h"
#include "convolution_ways.h"

#include <string.h>

typedef struct geometry {
  gradus_i_places p;
  size_t groups, channels, filters; /* of a group */
  size_t area;                      /* of the kernel */
  size_t width, height;             /* of a plane */
  size_t all;                       /* channels of all groups */
  bool plain;                       /* the rows of a channel follow each other in its one plane */
  size_t input, output, slope;      /* from plane to plane */
  size_t places;                    /* of an output's plane */
  size_t margin;                    /* zeros before a plane of slopes */
} geometry;

/* From a place of a plane to the one that entry (i, j) of the kernel takes, in its phase's plane.
 */
static size_t distance(const geometry *g, size_t i, size_t j) {
  const gradus_i_places *p = &g->p;
  return i * p->dilation[0] / p->stride[0] * g->width + j * p->dilation[1] / p->stride[1];
}

static size_t phase_of(const geometry *g, size_t i, size_t j) {
  const gradus_i_places *p = &g->p;
  return i * p->dilation[0] % p->stride[0] * p->stride[1] + j * p->dilation[1] % p->stride[1];
}

static geometry geometry_of(const gradus_i_node *node) {
  geometry g = {.p = gradus_i_places_of(node), .groups = node->groups};
  const gradus_i_places *p = &g.p;
  g.all = p->channels;
  g.channels = p->channels / node->groups;
  g.filters = node->units / node->groups;
  g.area = p->kernel[0] * p->kernel[1];
  g.height = (p->padded[0] + p->stride[0] - 1) / p->stride[0];
  g.width = (p->padded[1] + p->stride[1] - 1) / p->stride[1];
  g.plain = p->stride[0] == 1 && p->stride[1] == 1 && p->padded[1] == p->in[1];
  g.places = (p->out[0] - 1) * g.width + p->out[1];
  g.input = gradus_i_convolution_padded(g.height * g.width);
  g.output = gradus_i_convolution_padded(g.places);
  g.margin = gradus_i_convolution_padded(distance(&g, p->kernel[0] - 1, p->kernel[1] - 1));
  g.slope = g.margin + g.input;
  return g;
}

static size_t phases_of(const geometry *g) {
  return g->p.stride[0] * g->p.stride[1];
}

/* Strides far beyond the kernel leave many phases with next to nothing in them. */
static bool is_sparse(const geometry *g) {
  enum { FEW = 512 };
  double planes = (double)phases_of(g) * (double)g->input;
  return planes > 4 * (double)(g->p.padded[0] * g->p.padded[1]) + FEW;
}

/* In halves of a cycle, roughly: one for a product of vectors of 16, two to read and write a sum of
   derivatives by a weight once an image, 0.6 to split or join a value. */
bool gradus_i_convolution_has_planes(const gradus_i_node *node) {
  geometry g = geometry_of(node);
  double values = (double)(node->in.size + node->out.size);
  double products = (double)(g.groups * g.channels * g.area);
  double filters = (double)(gradus_i_convolution_padded(g.filters) / GRADUS_I_CONVOLUTION_UNIT);
  double by_places = products * filters * (double)(g.p.out[0] * g.p.out[1]);
  double vectors = (double)(g.output / GRADUS_I_CONVOLUTION_UNIT) + 2;
  double by_planes = products * (double)g.filters * vectors;
  return !is_sparse(&g) && by_planes + 0.6 * values < by_places;
}

/* In values of the type that the layer is compiled for. */
typedef struct lengths {
  size_t taps, weights, sums, bias, image, output, derivative;
  size_t all;
} lengths;

static lengths lengths_of(const gradus_i_node *node, const geometry *g) {
  size_t phases = phases_of(g), taps = g->channels * g->area;
  size_t back = g->filters * g->area;
  size_t larger = g->output > g->slope ? g->output : g->slope;
  lengths l = {.taps = (taps + back + phases) * sizeof(size_t) / sizeof(float),
               .weights = gradus_i_convolution_padded(node->units * taps),
               .sums = node->units * taps * GRADUS_I_CONVOLUTION_UNIT,
               .bias = node->units * GRADUS_I_CONVOLUTION_UNIT,
               .image = phases * g->all * g->input + GRADUS_I_CONVOLUTION_UNIT,
               .output = node->units * larger + GRADUS_I_CONVOLUTION_UNIT};
  l.taps = gradus_i_convolution_padded(l.taps);
  l.derivative = l.image;
  l.all = l.taps + l.weights + l.sums + l.bias + l.image + l.output + l.derivative;
  return l;
}

/* The input's row h and its places of one phase: where its planes begin, and how many they are. */
typedef struct line {
  size_t first, count; /* of the input's row */
  size_t at;           /* in the planes */
} line;

static line line_of(const geometry *g, size_t h, size_t phase) {
  const gradus_i_places *p = &g->p;
  size_t row = h + p->before[0], stride = p->stride[1];
  if (stride == 1 && p->stride[0] == 1) /* spared the divisions */
    return (line){.count = p->in[1], .at = row * g->width + p->before[1]};
  size_t first = (phase + stride - p->before[1] % stride) % stride;
  size_t plane = (row % p->stride[0] * stride + phase) * g->all * g->input;
  line l = {.first = first};
  l.count = first < p->in[1] ? (p->in[1] - first + stride - 1) / stride : 0;
  l.at = plane + row / p->stride[0] * g->width + (first + p->before[1]) / stride;
  return l;
}

/* θ's entry of filter f of all, channel c of its group, kernel's entry a. */
static size_t entry(const geometry *g, size_t f, size_t c, size_t a) {
  return (f * g->channels + c) * g->area + a;
}

#define TEMPLATE "convolution_planes_template.h"
#include "each_precision.h"

static void rows_gradient(const gradus_i_layer_call *call, double *rows, size_t stride) {
  work_d *w = open_d(call);
  begin_backward_d(w);
  for (size_t i = 0; i < call->rows; i++) {
    double *row = rows + i * stride;
    memset(w->sums, 0, (w->length.sums + w->length.bias) * sizeof *w->sums);
    memset(row, 0, call->node->parameters * sizeof *row);
    split_slopes_d(w, (const double *)call->out_gradient + i * call->node->out.size);
    split_image_d(w, (const double *)call->in[0] + i * call->node->in.size);
    add_weights_d(w);
    put_sums_d(w, row);
  }
}

static size_t part_size(const gradus_i_node *node) {
  geometry g = geometry_of(node);
  return lengths_of(node, &g).all;
}

static size_t sums_size(const gradus_i_node *node) {
  return node->parameters * GRADUS_I_CONVOLUTION_UNIT;
}

const gradus_i_convolution_way gradus_i_convolution_by_planes = {.part_size = part_size,
                                                                 .sums_size = sums_size,
                                                                 .forward_d = forward_d,
                                                                 .forward_f = forward_f,
                                                                 .backward_d = backward_d,
                                                                 .backward_f = backward_f,
                                                                 .reduce_d = reduce_d,
                                                                 .reduce_f = reduce_f,
                                                                 .rows_gradient = rows_gradient};
