// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine map over REAL, compiled for each type by dense.c. A part is a range of its units; what
   goes on to the layer below, of its inputs. */

static void NAME(forward_small)(size_t rows, size_t p, size_t k, const REAL *x, const REAL *weight,
                                const REAL *bias, REAL *out) {
  for (size_t i = 0; i < rows; i++)
    for (size_t r = 0; r < k; r++) {
      REAL sum = bias ? bias[r] : 0;
      for (size_t j = 0; j < p; j++)
        sum += x[i * p + j] * weight[r * p + j];
      out[i * k + r] = sum;
    }
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows * places_of(call->node), p = inputs_of(call->node);
  size_t k = call->node->units, first, end;
  const REAL *weight = call->theta, *bias = call->node->no_bias ? NULL : weight + k * p;
  REAL *out = call->out;
  gradus_i_layer_part(call, k, &first, &end);
  if (call->parts <= 1 && is_small(rows, p, k)) {
    NAME(forward_small)(rows, p, k, call->in[0], weight, bias, out);
    return;
  }
  for (size_t i = 0; i < rows; i++)
    if (bias)
      memcpy(out + i * k + first, bias + first, (end - first) * sizeof *out);
    else
      memset(out + i * k + first, 0, (end - first) * sizeof *out);
  LINALG(gradus_i_part_forward)
  (rows, p, end - first, call->in[0], p, weight + first * p, out + first, k);
}

/* out[j] = or += factor·in[j]. */
static inline void NAME(take)(bool set, size_t n, REAL factor, const REAL *in, REAL *out) {
  if (set)
    for (size_t j = 0; j < n; j++)
      out[j] = factor * in[j];
  else
    for (size_t j = 0; j < n; j++)
      out[j] += factor * in[j];
}

static void NAME(backward_small)(const gradus_i_layer_call *call, size_t rows, size_t p, size_t k) {
  const REAL *x = call->in[0], *dy = call->out_gradient, *weight = call->theta;
  REAL *gradient = call->gradient, *dx = call->in_gradient[0];
  bool has_bias = !call->node->no_bias;
  for (size_t i = 0; i < rows; i++)
    for (size_t r = 0; r < k; r++) {
      REAL slope = dy[i * k + r];
      bool set = call->fresh && i == 0;
      if (gradient)
        NAME(take)(set, p, slope, x + i * p, gradient + r * p);
      if (gradient && has_bias)
        gradient[k * p + r] = set ? slope : gradient[k * p + r] + slope;
      if (dx)
        NAME(take)(call->in_fresh && r == 0, p, slope, weight + r * p, dx + i * p);
    }
}

/* Of units first .. end - 1. */
static void NAME(backward_weights)(const gradus_i_layer_call *call, size_t rows, size_t p, size_t k,
                                   size_t first, size_t end) {
  const REAL *dy = call->out_gradient;
  REAL *gradient = call->gradient, *bias = gradient + k * p;
  if (call->fresh)
    memset(gradient + first * p, 0, (end - first) * p * sizeof *gradient);
  if (call->fresh && !call->node->no_bias)
    memset(bias + first, 0, (end - first) * sizeof *bias);
  LINALG(gradus_i_part_backward)
  (rows, p, end - first, call->in[0], p, dy + first, k, gradient + first * p);
  for (size_t i = 0; !call->node->no_bias && i < rows; i++)
#pragma omp simd
    for (size_t r = first; r < end; r++)
      bias[r] += dy[i * k + r];
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows * places_of(call->node), p = inputs_of(call->node);
  size_t k = call->node->units, first, end;
  const REAL *weight = call->theta;
  REAL *dx = call->in_gradient[0];
  if (call->parts <= 1 && is_small(rows, p, k)) {
    NAME(backward_small)(call, rows, p, k);
    return;
  }
  gradus_i_layer_part(call, k, &first, &end);
  if (call->gradient)
    NAME(backward_weights)(call, rows, p, k, first, end);
  gradus_i_layer_part(call, p, &first, &end);
  for (size_t i = 0; dx && call->in_fresh && i < rows; i++)
    memset(dx + i * p + first, 0, (end - first) * sizeof *dx);
  if (dx && end > first)
    LINALG(gradus_i_part_through)
  (rows, end - first, k, call->out_gradient, weight + first, p, dx + first);
}
