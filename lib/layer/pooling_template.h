// SPDX-License-Identifier: GPL-3.0-or-later
/* Poolings over REAL, compiled for each type by pooling.c. */

/* ---- the largest value ---- */

/* Of the places under one, which has the largest: also one that is no number. */
static void NAME(max_place)(const gradus_i_places *p, const REAL *x, const size_t *first,
                            const size_t *end, REAL *out, uint32_t *where) {
  size_t channels = p->channels;
  uint32_t start = (uint32_t)(first[0] * p->in[1] + first[1]);
  for (size_t c = 0; c < channels; c++) {
    out[c] = x[start * channels + c];
    where[c] = start;
  }
  for (size_t h = first[0]; h < end[0]; h++)
    for (size_t w = first[1]; w < end[1]; w++) {
      uint32_t at = (uint32_t)(h * p->in[1] + w);
      const REAL *value = x + at * channels;
#pragma omp simd
      for (size_t c = 0; c < channels; c++) {
        bool larger = (value[c] > out[c]) | (value[c] != value[c]);
        out[c] = larger ? value[c] : out[c];
        where[c] = larger ? at : where[c];
      }
    }
}

static void NAME(max_forward)(const gradus_i_layer_call *call) {
  size_t from, to, size = call->node->out.size;
  gradus_i_places p = gradus_i_places_of(call->node);
  gradus_i_layer_part(call, call->rows, &from, &to);
  for (size_t i = from; i < to; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * size;
    uint32_t *where = (uint32_t *)call->keep + i * size;
    EACH_PLACE(&p, NAME(max_place)(&p, x, first, end, y + out, where + out));
  }
}

static void NAME(max_backward)(const gradus_i_layer_call *call) {
  size_t from, to, size = call->node->out.size, channels = gradus_i_node_features(call->node);
  gradus_i_layer_part(call, call->rows, &from, &to);
  for (size_t i = from; call->in_gradient[0] && i < to; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * size;
    const uint32_t *where = (const uint32_t *)call->keep + i * size;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    if (call->in_fresh)
      memset(dx, 0, call->node->in.size * sizeof *dx);
    for (size_t j = 0; j < size; j += channels)
      for (size_t c = 0; c < channels; c++)
        dx[where[j + c] * channels + c] += dy[j + c];
  }
}

/* ---- the mean ---- */

static void NAME(average_place)(const gradus_i_places *p, const REAL *x, const size_t *first,
                                const size_t *end, REAL *out) {
  size_t channels = p->channels;
  REAL share = 1 / (REAL)(p->kernel[0] * p->kernel[1]);
  memset(out, 0, channels * sizeof *out);
  for (size_t h = first[0]; h < end[0]; h++)
    for (size_t w = first[1]; w < end[1]; w++)
      for (size_t c = 0; c < channels; c++)
        out[c] += x[(h * p->in[1] + w) * channels + c];
  for (size_t c = 0; c < channels; c++)
    out[c] *= share;
}

static void NAME(average_forward)(const gradus_i_layer_call *call) {
  size_t from, to;
  gradus_i_places p = gradus_i_places_of(call->node);
  gradus_i_layer_part(call, call->rows, &from, &to);
  for (size_t i = from; i < to; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * call->node->out.size;
    EACH_PLACE(&p, NAME(average_place)(&p, x, first, end, y + out));
  }
}

static void NAME(spread_place)(const gradus_i_places *p, const REAL *dy, const size_t *first,
                               const size_t *end, REAL *dx) {
  size_t channels = p->channels;
  REAL share = 1 / (REAL)(p->kernel[0] * p->kernel[1]);
  for (size_t h = first[0]; h < end[0]; h++)
    for (size_t w = first[1]; w < end[1]; w++)
      for (size_t c = 0; c < channels; c++)
        dx[(h * p->in[1] + w) * channels + c] += share * dy[c];
}

static void NAME(average_backward)(const gradus_i_layer_call *call) {
  size_t from, to;
  gradus_i_places p = gradus_i_places_of(call->node);
  gradus_i_layer_part(call, call->rows, &from, &to);
  for (size_t i = from; call->in_gradient[0] && i < to; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * call->node->out.size;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    if (call->in_fresh)
      memset(dx, 0, call->node->in.size * sizeof *dx);
    EACH_PLACE(&p, NAME(spread_place)(&p, dy + out, first, end, dx));
  }
}
