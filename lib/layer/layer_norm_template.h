// SPDX-License-Identifier: GPL-3.0-or-later
/* Layer norm over REAL, compiled for each type by layer_norm.c; sums are in double. `keep` holds
   mean and 1/√(variance + ε) of each run of features. */

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t n = gradus_i_node_features(call->node), runs = runs_of(call->node, call->rows);
  const REAL *weight = call->theta, *bias = weight + n;
  REAL *keep = call->keep;
  for (size_t i = 0; i < runs; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * n;
    REAL *out = (REAL *)call->out + i * n;
    double mean = 0, square = 0;
    for (size_t j = 0; j < n; j++)
      mean += (double)x[j];
    mean /= (double)n;
    for (size_t j = 0; j < n; j++)
      square += ((double)x[j] - mean) * ((double)x[j] - mean);
    REAL centre = keep[2 * i] = (REAL)mean;
    REAL scale = keep[2 * i + 1] = (REAL)(1 / sqrt(square / (double)n + call->node->epsilon));
    for (size_t j = 0; j < n; j++)
      out[j] = (x[j] - centre) * scale * weight[j] + bias[j];
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t n = gradus_i_node_features(call->node), runs = runs_of(call->node, call->rows);
  const REAL *weight = call->theta, *keep = call->keep;
  REAL *by_weight = call->gradient, *by_bias = by_weight ? by_weight + n : NULL;
  for (size_t i = 0; i < runs; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * n;
    const REAL *dy = (const REAL *)call->out_gradient + i * n;
    REAL *dx = call->in_gradient[0] ? (REAL *)call->in_gradient[0] + i * n : NULL;
    REAL centre = keep[2 * i], scale = keep[2 * i + 1];
    for (size_t j = 0; by_weight && j < n; j++) {
      by_weight[j] += dy[j] * (x[j] - centre) * scale;
      by_bias[j] += dy[j];
    }
    double sum = 0, product = 0;
    for (size_t j = 0; dx && j < n; j++) {
      sum += (double)(dy[j] * weight[j]);
      product += (double)(dy[j] * weight[j] * (x[j] - centre) * scale);
    }
    REAL level = (REAL)(sum / (double)n), tilt = (REAL)(product / (double)n);
    for (size_t j = 0; dx && j < n; j++)
      dx[j] += scale * (dy[j] * weight[j] - level - (x[j] - centre) * scale * tilt);
  }
}
