// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine map over REAL, compiled for each type by dense.c. A part is a range of its units; what
   goes on to the layer below, of its inputs. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows * places_of(call->node), p = inputs_of(call->node);
  size_t k = call->node->units, first, end;
  gradus_i_layer_part(call, k, &first, &end);
  const REAL *weight = call->theta, *bias = weight + k * p;
  REAL *out = call->out;
  for (size_t i = 0; i < rows; i++)
    if (call->node->no_bias)
      memset(out + i * k + first, 0, (end - first) * sizeof *out);
    else
      memcpy(out + i * k + first, bias + first, (end - first) * sizeof *out);
  LINALG(gradus_i_part_forward)
  (rows, p, end - first, call->in[0], p, weight + first * p, out + first, k);
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows * places_of(call->node), p = inputs_of(call->node);
  size_t k = call->node->units, first, end;
  const REAL *dy = call->out_gradient, *weight = call->theta;
  REAL *gradient = call->gradient, *dx = call->in_gradient[0];
  gradus_i_layer_part(call, k, &first, &end);
  if (gradient) {
    REAL *bias = gradient + k * p;
    if (call->fresh)
      memset(gradient + first * p, 0, (end - first) * p * sizeof *gradient);
    if (call->fresh && !call->node->no_bias)
      memset(bias + first, 0, (end - first) * sizeof *bias);
    LINALG(gradus_i_part_backward)
    (rows, p, end - first, call->in[0], p, dy + first, k, gradient + first * p);
    for (size_t i = 0; !call->node->no_bias && i < rows; i++)
      for (size_t r = first; r < end; r++)
        bias[r] += dy[i * k + r];
  }
  gradus_i_layer_part(call, p, &first, &end);
  if (dx && end > first)
    LINALG(gradus_i_part_through)(rows, end - first, k, dy, weight + first, p, dx + first);
}
