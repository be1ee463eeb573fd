// SPDX-License-Identifier: GPL-3.0-or-later
/* Columns over REAL, compiled for each type by columns.c. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t n = call->node->out.size, p = call->node->in.size;
  const REAL *x = call->in[0];
  REAL *y = call->out;
  for (size_t i = 0; i < call->rows; i++)
    memcpy(y + i * n, x + i * p + call->node->first, n * sizeof *y);
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t n = call->node->out.size, p = call->node->in.size;
  const REAL *dy = call->out_gradient;
  REAL *dx = call->in_gradient[0];
  for (size_t i = 0; dx && i < call->rows; i++)
    for (size_t j = 0; j < n; j++)
      dx[i * p + call->node->first + j] += dy[i * n + j];
}
