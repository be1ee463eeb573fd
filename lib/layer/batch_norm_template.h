// SPDX-License-Identifier: GPL-3.0-or-later
/* Batch norm over REAL, compiled for each type by batch_norm.c; sums are in double, for PIECE
   features at a time. `keep`, n each: mean, variance and 1/√(variance + ε), the batch's own in
   training, else the running ones. */

/* Mean and biased variance of `count` rows, in two passes. */
static void NAME(moments)(size_t count, size_t n, const REAL *x, REAL *mean, REAL *variance) {
  for (size_t from = 0; from < n; from += PIECE) {
    size_t width = n - from < PIECE ? n - from : PIECE;
    double sum[PIECE] = {0}, square[PIECE] = {0};
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < width; j++)
        sum[j] += (double)x[i * n + from + j];
    for (size_t j = 0; j < width; j++)
      sum[j] /= (double)count;
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < width; j++) {
        double apart = (double)x[i * n + from + j] - sum[j];
        square[j] += apart * apart;
      }
    for (size_t j = 0; j < width; j++) {
      mean[from + j] = (REAL)sum[j];
      variance[from + j] = (REAL)(square[j] / (double)count);
    }
  }
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t n = gradus_i_node_features(call->node), count = count_of(call);
  const REAL *weight = call->theta, *bias = weight + n, *x = call->in[0];
  REAL *out = call->out, *mean = call->keep, *variance = mean + n, *scale = variance + n;
  if (call->training)
    NAME(moments)(count, n, x, mean, variance);
  else
    memcpy(mean, weight + 2 * n, 2 * n * sizeof *mean);
  for (size_t j = 0; j < n; j++)
    scale[j] = (REAL)(1 / sqrt((double)variance[j] + call->node->epsilon));
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < n; j++)
      out[i * n + j] = (x[i * n + j] - mean[j]) * scale[j] * weight[j] + bias[j];
}

/* One piece of the features, whose Σ dy and Σ dy·x̂ are known. In training the moments depend on x
   too: what comes through them is taken off. */
static void NAME(through)(const gradus_i_layer_call *call, size_t from, size_t width,
                          const double *sum, const double *product) {
  size_t n = gradus_i_node_features(call->node), count = count_of(call);
  const REAL *weight = call->theta, *x = call->in[0], *dy = call->out_gradient;
  const REAL *mean = call->keep, *scale = mean + 2 * n;
  REAL *dx = call->in_gradient[0], level[PIECE] = {0}, tilt[PIECE] = {0};
  for (size_t j = 0; call->training && j < width; j++) {
    level[j] = (REAL)(sum[j] / (double)count);
    tilt[j] = (REAL)(product[j] / (double)count);
  }
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < width; j++) {
      size_t at = i * n + from + j, feature = from + j;
      REAL standard = (x[at] - mean[feature]) * scale[feature];
      dx[at] += weight[feature] * scale[feature] * (dy[at] - level[j] - standard * tilt[j]);
    }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  size_t n = gradus_i_node_features(call->node), count = count_of(call);
  const REAL *x = call->in[0], *dy = call->out_gradient, *mean = call->keep, *scale = mean + 2 * n;
  REAL *gradient = call->gradient;
  for (size_t from = 0; from < n; from += PIECE) {
    size_t width = n - from < PIECE ? n - from : PIECE;
    double sum[PIECE] = {0}, product[PIECE] = {0};
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j < width; j++) {
        size_t at = i * n + from + j;
        sum[j] += (double)dy[at];
        product[j] += (double)(dy[at] * (x[at] - mean[from + j]) * scale[from + j]);
      }
    for (size_t j = 0; gradient && j < width; j++) {
      gradient[from + j] += (REAL)product[j];
      gradient[n + from + j] += (REAL)sum[j];
    }
    if (call->in_gradient[0])
      NAME(through)(call, from, width, sum, product);
  }
}

static void NAME(collect)(const gradus_i_layer_call *call, double *theta) {
  size_t n = gradus_i_node_features(call->node);
  double count = (double)count_of(call), momentum = call->node->momentum;
  const REAL *mean = call->keep, *variance = mean + n;
  double *running_mean = theta + 2 * n, *running_var = theta + 3 * n;
  for (size_t j = 0; count > 1 && j < n; j++) {
    running_mean[j] += momentum * ((double)mean[j] - running_mean[j]);
    running_var[j] += momentum * ((double)variance[j] * count / (count - 1) - running_var[j]);
  }
}
