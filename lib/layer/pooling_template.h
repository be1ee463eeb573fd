// SPDX-License-Identifier: GPL-3.0-or-later
/* Poolings over REAL, compiled for each type by pooling.c. */

/* ---- the largest value ---- */

/* Of the places under one, the largest value and which has it. */
static void NAME(max_place)(const gradus_i_places *p, const REAL *x, const size_t *first,
                            const size_t *end, REAL *out, REAL *where) {
  size_t channels = p->channels;
  memcpy(out, x + (first[0] * p->in[1] + first[1]) * channels, channels * sizeof *out);
  memset(where, 0, channels * sizeof *where);
  for (size_t h = first[0]; h < end[0]; h++)
    for (size_t w = first[1]; w < end[1]; w++)
      for (size_t c = 0; c < channels; c++) {
        REAL value = x[(h * p->in[1] + w) * channels + c];
        if (value > out[c] || isnan(value)) {
          out[c] = value;
          where[c] = (REAL)((h - first[0]) * p->in[1] + (w - first[1]));
        }
      }
}

static void NAME(max_forward)(const gradus_i_layer_call *call) {
  size_t size = call->node->out.size;
  gradus_i_places p = gradus_i_places_of(call->node);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * size, *where = (REAL *)call->keep + i * size;
    gradus_i_windows w = windows_of(&p, room_of(call, i));
    NAME(gradus_i_convolution_best)()->largest(&w, x, y, where);
    EACH_PLACE(&p, w.rows, NAME(max_place)(&p, x, first, end, y + out, where + out));
  }
}

static void NAME(max_spread)(const gradus_i_places *p, const REAL *dy, const REAL *where,
                             const size_t *first, REAL *dx) {
  size_t channels = p->channels;
  dx += (first[0] * p->in[1] + first[1]) * channels;
  for (size_t c = 0; c < channels; c++)
    dx[(size_t)(int32_t)where[c] * channels + c] += dy[c];
}

static void NAME(max_backward)(const gradus_i_layer_call *call) {
  size_t size = call->node->out.size;
  gradus_i_places p = gradus_i_places_of(call->node);
  for (size_t i = 0; call->in_gradient[0] && i < call->rows; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * size;
    const REAL *where = (const REAL *)call->keep + i * size;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    gradus_i_windows w = windows_of(&p, (call->rows - i - 1) * call->node->in.size + call->in_room);
    w.rows = call->in_fresh && is_tiled(&p) ? w.rows : 0;
    size_t done = w.rows * p.stride[0] * p.in[1] * p.channels;
    NAME(gradus_i_convolution_best)()->spread(&w, dy, where, dx);
    if (call->in_fresh)
      memset(dx + done, 0, (call->node->in.size - done) * sizeof *dx);
    EACH_PLACE(&p, w.rows, NAME(max_spread)(&p, dy + out, where + out, first, dx));
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
  gradus_i_places p = gradus_i_places_of(call->node);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *x = (const REAL *)call->in[0] + i * call->node->in.size;
    REAL *y = (REAL *)call->out + i * call->node->out.size;
    EACH_PLACE(&p, 0, NAME(average_place)(&p, x, first, end, y + out));
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
  gradus_i_places p = gradus_i_places_of(call->node);
  for (size_t i = 0; call->in_gradient[0] && i < call->rows; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * call->node->out.size;
    REAL *dx = (REAL *)call->in_gradient[0] + i * call->node->in.size;
    if (call->in_fresh)
      memset(dx, 0, call->node->in.size * sizeof *dx);
    EACH_PLACE(&p, 0, NAME(spread_place)(&p, dy + out, first, end, dx));
  }
}
