// SPDX-License-Identifier: GPL-3.0-or-later
/* The affine map over REAL, compiled for each type by dense.c. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows, p = call->node->in.size, k = call->node->units;
  const REAL *weight = call->theta, *bias = weight + k * p;
  REAL *out = call->out;
  if (call->node->no_bias)
    memset(out, 0, rows * k * sizeof *out);
  for (size_t i = 0; !call->node->no_bias && i < rows; i++)
    memcpy(out + i * k, bias, k * sizeof *out);
  LINALG(gradus_i_rows_forward)(rows, p, k, call->in[0], p, weight, out);
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t rows = call->rows, p = call->node->in.size, k = call->node->units;
  const REAL *dy = call->out_gradient;
  REAL *gradient = call->gradient;
  if (gradient) {
    LINALG(gradus_i_rows_backward)(rows, p, k, call->in[0], p, dy, gradient);
    REAL *bias = gradient + k * p;
    for (size_t i = 0; !call->node->no_bias && i < rows; i++)
      for (size_t r = 0; r < k; r++)
        bias[r] += dy[i * k + r];
  }
  if (call->in_gradient[0])
    LINALG(gradus_i_rows_through)(rows, p, k, dy, call->theta, call->in_gradient[0]);
}
