// SPDX-License-Identifier: GPL-3.0-or-later
/* Poolings over all places over REAL, compiled for each type by global_pooling.c. */

/* How many places of a row count. */
static size_t NAME(count)(const gradus_i_layer_call *call, size_t row) {
  size_t places = gradus_i_node_places(call->node);
  if (call->node->input_count == 1)
    return places;
  REAL length = ((const REAL *)call->in[1])[row];
  return !(length >= 1) ? 1 : length < (REAL)places ? (size_t)length : places;
}

static void NAME(max_forward)(const gradus_i_layer_call *call) {
  size_t channels = gradus_i_node_features(call->node);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * channels;
    uint32_t *where = (uint32_t *)call->keep + i * channels;
    size_t places = NAME(count)(call, i);
    memcpy(y, x, channels * sizeof *y);
    memset(where, 0, channels * sizeof *where);
    for (size_t place = 1; place < places; place++)
      for (size_t c = 0; c < channels; c++)
        if (x[place * channels + c] > y[c] || isnan(x[place * channels + c])) {
          y[c] = x[place * channels + c];
          where[c] = (uint32_t)place;
        }
  }
}

static void NAME(max_backward)(const gradus_i_layer_call *call) {
  size_t channels = gradus_i_node_features(call->node);
  for (size_t i = 0; call->in_gradient[0] && i < call->rows; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * channels;
    const uint32_t *where = (const uint32_t *)call->keep + i * channels;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    if (call->in_fresh)
      memset(dx, 0, call->node->in.size * sizeof *dx);
    for (size_t c = 0; c < channels; c++)
      dx[where[c] * channels + c] += dy[c];
  }
}

static void NAME(average_forward)(const gradus_i_layer_call *call) {
  size_t channels = gradus_i_node_features(call->node);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * channels;
    size_t places = NAME(count)(call, i);
    memcpy(y, x, channels * sizeof *y);
    for (size_t place = 1; place < places; place++)
      for (size_t c = 0; c < channels; c++)
        y[c] += x[place * channels + c];
    for (size_t c = 0; c < channels; c++)
      y[c] /= (REAL)places;
  }
}

static void NAME(average_backward)(const gradus_i_layer_call *call) {
  size_t channels = gradus_i_node_features(call->node);
  for (size_t i = 0; call->in_gradient[0] && i < call->rows; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * channels;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    if (call->in_fresh)
      memset(dx, 0, call->node->in.size * sizeof *dx);
    size_t places = NAME(count)(call, i);
    for (size_t place = 0; place < places; place++)
      for (size_t c = 0; c < channels; c++)
        dx[place * channels + c] += dy[c] / (REAL)places;
  }
}
