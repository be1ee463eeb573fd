// SPDX-License-Identifier: GPL-3.0-or-later
/* A user's activation over REAL, compiled for each type by custom.c: piece by piece in double. */

static void NAME(activation_forward)(const gradus_i_layer_call *call) {
  const gradus_activation *own = call->node->custom;
  size_t count = call->rows * call->node->out.size;
  const REAL *x = call->in[0];
  REAL *out = call->out;
  for (size_t from = 0; from < count; from += PIECE) {
    double in[PIECE], value[PIECE];
    size_t n = count - from < PIECE ? count - from : PIECE;
    for (size_t i = 0; i < n; i++)
      in[i] = (double)x[from + i];
    own->value(n, in, value, own->data);
    for (size_t i = 0; i < n; i++)
      out[from + i] = (REAL)value[i];
  }
}

static void NAME(activation_backward)(const gradus_i_layer_call *call) {
  const gradus_activation *own = call->node->custom;
  size_t count = call->in_gradient[0] ? call->rows * call->node->out.size : 0;
  const REAL *x = call->in[0], *y = call->out, *dy = call->out_gradient;
  REAL *dx = call->in_gradient[0];
  for (size_t from = 0; from < count; from += PIECE) {
    double in[PIECE], value[PIECE], slope[PIECE];
    size_t n = count - from < PIECE ? count - from : PIECE;
    for (size_t i = 0; i < n; i++) {
      in[i] = (double)x[from + i];
      value[i] = (double)y[from + i];
    }
    own->slope(n, in, value, slope, own->data);
    for (size_t i = 0; i < n; i++)
      dx[from + i] += (REAL)((double)dy[from + i] * slope[i]);
  }
}
