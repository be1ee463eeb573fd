// SPDX-License-Identifier: GPL-3.0-or-later
/* Dropout over REAL, compiled for each type by dropout.c. `keep` holds the mask's factors. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t n = call->node->out.size;
  const REAL *x = call->in[0];
  REAL *out = call->out, *mask = call->keep;
  if (!call->training) {
    memcpy(out, x, call->rows * n * sizeof *out);
    return;
  }
  uint32_t threshold = threshold_of(call->node->rate);
  REAL factor = (REAL)(1 / (1 - call->node->rate));
  for (size_t i = 0; i < call->rows; i++) {
    uint64_t key = key_of(call->seed, call->first + i);
    for (size_t j = 0; j < n; j++)
      mask[i * n + j] = draw(key, (uint32_t)j) < threshold ? 0 : factor;
    for (size_t j = 0; j < n; j++) /* not a product: what is dropped may be infinite */
      out[i * n + j] = mask[i * n + j] > 0 ? mask[i * n + j] * x[i * n + j] : 0;
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  const REAL *dy = call->out_gradient, *mask = call->keep;
  REAL *dx = call->in_gradient[0];
  size_t count = call->rows * call->node->out.size;
  for (size_t i = 0; dx && i < count; i++)
    dx[i] += call->training ? mask[i] * dy[i] : dy[i];
}
