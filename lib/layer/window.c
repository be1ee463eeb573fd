// SPDX-License-Identifier: GPL-3.0-or-later
#include "window.h"

#include <limits.h>
#include <string.h>

size_t gradus_i_places_image(const gradus_i_places *p) {
  return p->in[0] * p->in[1] * p->channels;
}

size_t gradus_i_places_padded(const gradus_i_places *p) {
  return p->padded[0] * p->padded[1] * p->channels;
}

/* The window's numbers by dimension d of an input of some rank: [0] of sequences is nothing. */
static size_t pick(const size_t pair[2], size_t rank, size_t d, size_t nothing) {
  if (rank == 3)
    return pair[d];
  return d == 1 ? pair[0] : nothing;
}

static gradus_i_places lay_out(const gradus_i_window *w, const gradus_i_shape *in) {
  gradus_i_places p = {.channels = in->extent[in->rank - 1]};
  for (size_t d = 0; d < 2; d++) {
    p.in[d] = pick(in->extent, in->rank, d, 1);
    p.kernel[d] = pick(w->kernel, in->rank, d, 1);
    p.stride[d] = pick(w->stride, in->rank, d, 1);
    p.dilation[d] = pick(w->dilation, in->rank, d, 1);
    size_t span = p.dilation[d] * (p.kernel[d] - 1) + 1;
    size_t padding = pick(w->padding, in->rank, d, 0);
    size_t all = w->same ? span - 1 : 2 * padding;
    p.before[d] = all / 2;
    p.padded[d] = p.in[d] + all;
    p.out[d] = p.padded[d] < span ? 0 : (p.padded[d] - span) / p.stride[d] + 1;
  }
  return p;
}

gradus_i_places gradus_i_places_of(const gradus_i_node *node) {
  return lay_out(&node->window, &node->in);
}

gradus_status gradus_i_window_check_rank(const gradus_i_node *node, const gradus_i_shape *input,
                                         size_t rank, gradus_error *err) {
  char shape[64];
  if (rank ? input->rank == rank : input->rank == 2 || input->rank == 3)
    return GRADUS_OK;
  gradus_i_shape_text(shape, sizeof shape, input);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the layer \"%s\" of type %s takes %s: its input has the shape %s",
                       node->name, node->type->name,
                       rank == 2   ? "a sequence, steps x channels"
                       : rank == 3 ? "an image, height x width x channels"
                                   : "steps x channels or height x width x channels",
                       shape);
}

static gradus_status refuse(const gradus_i_node *node, const char *key, const char *why,
                            gradus_error *err) {
  return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "layer \"%s\": \"%s\" %s", node->name,
                       key, why);
}

/* Numbers that products do not overflow, and one of each for sequences. */
static gradus_status check_pair(const gradus_i_node *node, const char *key, size_t pair[2],
                                size_t otherwise, size_t rank, gradus_error *err) {
  for (size_t d = 0; d < 2; d++)
    pair[d] = pair[d] ? pair[d] : otherwise;
  if (rank == 2 && pair[0] != pair[1])
    return refuse(node, key, "must be one number: a sequence has one dimension", err);
  if (pair[0] > SHRT_MAX || pair[1] > SHRT_MAX)
    return refuse(node, key, "must be 32767 at most", err);
  return GRADUS_OK;
}

static gradus_status check_numbers(gradus_i_node *node, size_t rank,
                                   const gradus_i_window_rules *rules, gradus_error *err) {
  gradus_i_window *w = &node->window;
  if (w->kernel[0] == 0 || w->kernel[1] == 0)
    return refuse(node, "kernel", "is missing: say how many places it covers", err);
  gradus_status status = check_pair(node, "kernel", w->kernel, 1, rank, err);
  for (size_t d = 0; d < 2 && rules->stride_is_kernel; d++)
    w->stride[d] = w->stride[d] ? w->stride[d] : w->kernel[d];
  if (status <= 0)
    status = check_pair(node, "stride", w->stride, 1, rank, err);
  if (status <= 0)
    status = check_pair(node, "dilation", w->dilation, 1, rank, err);
  if (status <= 0)
    status = check_pair(node, "padding", w->padding, 0, rank, err);
  if (status <= 0 && w->same && (w->stride[0] != 1 || w->stride[1] != 1))
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "layer \"%s\": the padding \"same\" goes with a stride of 1, not of %zu "
                           "by %zu: give the padding as a number",
                           node->name, w->stride[0], w->stride[1]);
  for (size_t d = 0; status <= 0 && d < 2 && rules->narrow_padding; d++)
    if (w->padding[d] > w->kernel[d] / 2)
      status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                             "layer \"%s\": a padding of %zu is more than half of the kernel of "
                             "%zu: windows would have nothing in them",
                             node->name, w->padding[d], w->kernel[d]);
  return status;
}

static gradus_status fail_extent(const gradus_i_node *node, const gradus_i_places *p, size_t d,
                                 gradus_error *err) {
  size_t span = p->dilation[d] * (p->kernel[d] - 1) + 1;
  const char *what = node->in.rank == 2 ? "steps" : d == 0 ? "rows" : "columns";
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the kernel of layer \"%s\" covers %zu %s: its input has %zu (%zu with "
                       "its padding); take a smaller one, or more padding",
                       node->name, span, what, p->in[d], p->padded[d]);
}

gradus_status gradus_i_window_infer(gradus_i_node *node, const gradus_i_shape *input,
                                    const gradus_i_window_rules *rules, gradus_error *err) {
  gradus_status status = gradus_i_window_check_rank(node, input, rules->rank, err);
  if (status <= 0)
    status = check_numbers(node, input->rank, rules, err);
  if (status > 0)
    return status;
  gradus_i_places p = lay_out(&node->window, input);
  for (size_t d = 0; d < 2; d++)
    if (p.out[d] == 0)
      return fail_extent(node, &p, d, err);
  node->out = *input;
  node->out.size = 1;
  node->out.extent[input->rank - 1] = rules->channels;
  node->out.extent[input->rank - 2] = p.out[1];
  if (input->rank == 3)
    node->out.extent[0] = p.out[0];
  for (size_t i = 0; i < input->rank; i++)
    if (!gradus_i_multiply(node->out.size, node->out.extent[i], &node->out.size) ||
        node->out.size > INT_MAX)
      return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                           "the layer \"%s\" would have more than %d values a row", node->name,
                           INT_MAX);
  return GRADUS_OK;
}

size_t gradus_i_window_parts(const gradus_i_node *node, size_t rows) {
  enum { VALUES = 4096, MOST = GRADUS_I_PARTS_MAX };
  size_t most = rows < MOST ? rows : MOST, parts = rows * node->in.size / VALUES;
  return parts < 1 ? 1 : parts > most ? most : parts;
}

bool gradus_i_window_forgets_input(const gradus_i_node *node) {
  (void)node;
  return true;
}
