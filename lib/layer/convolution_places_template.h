// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions over REAL, compiled for each type by convolution_places.c. */

/* A part's own place in `keep`. */
typedef struct NAME(work) {
  const gradus_i_layer_call *call;
  gradus_i_places places;
  lengths length;
  gradus_i_convolution one; /* a group */
  size_t channels, padded;  /* of a group: channels of the input; filters as they are stored */
  size_t *taps;
  REAL *weights, *bias, *sums, *image, *derivative, *output;
} NAME(work);

static NAME(work) NAME(lay_out)(const gradus_i_layer_call *call, size_t part) {
  const gradus_i_node *node = call->node;
  NAME(work) w = {.call = call, .places = gradus_i_places_of(node)};
  gradus_i_places *p = &w.places;
  lengths *l = &w.length;
  *l = lengths_of(node, p);
  REAL *next = gradus_i_part_memory(call, part, l->all * sizeof *next);
  w.channels = p->channels / node->groups;
  w.weights = next;
  w.bias = next += l->weights;
  w.sums = next += l->bias;
  w.taps = (size_t *)(void *)(next += l->sums);
  w.image = next += l->taps;
  w.derivative = next += l->image;
  w.output = next + l->derivative;
  size_t row = p->padded[1] * p->channels;
  w.one = (gradus_i_convolution){.rows = p->out[0],
                                 .columns = p->out[1],
                                 .row_step = p->stride[0] * row,
                                 .column_step = p->stride[1] * p->channels,
                                 .taps = taps_of(node, p),
                                 .tap = w.taps,
                                 .run = run_of(node, p),
                                 .filters = node->units / node->groups,
                                 .step = node->units};
  w.padded = gradus_i_convolution_padded(w.one.filters);
  return w;
}

static NAME(work) * NAME(open)(const gradus_i_layer_call *call) {
  _Static_assert(sizeof(NAME(work)) <= GRADUS_I_HEAD, "a head holds it");
  NAME(work) *w = gradus_i_part_head(call, call->part);
  if (!call->begins) {
    w->call = call;
    return w;
  }
  *w = NAME(lay_out)(call, call->part);
  const gradus_i_places *p = &w->places;
  size_t *tap = w->taps;
  for (size_t i = 0; i < p->kernel[0]; i++)
    for (size_t j = 0; j < p->kernel[1]; j++)
      for (size_t c = 0; c < w->channels; c++)
        *tap++ = (i * p->dilation[0] * p->padded[1] + j * p->dilation[1]) * p->channels + c;
  if (w->length.image)
    memset(w->image, 0, w->length.image * sizeof *w->image);
  return w;
}

/* The call's image i, padded. */
static const REAL *NAME(image)(const NAME(work) * w, size_t i) {
  const gradus_i_places *p = &w->places;
  size_t row = p->in[1] * p->channels;
  const REAL *x = (const REAL *)w->call->in[0] + i * w->call->node->in.size;
  for (size_t h = 0; w->length.image && h < p->in[0]; h++)
    memcpy(w->image + ((h + p->before[0]) * p->padded[1] + p->before[1]) * p->channels, x + h * row,
           row * sizeof *x);
  return w->length.image ? w->image : x;
}

/* Calls DO(g, k, f, from) for every weight: group, tap, filter of the group, place in θ. */
#define EACH_WEIGHT(w, DO)                                                                         \
  do {                                                                                             \
    const gradus_i_places *p_ = &(w)->places;                                                      \
    size_t area_ = p_->kernel[0] * p_->kernel[1], channels_ = (w)->channels, from_ = 0;            \
    for (size_t g_ = 0; g_ < (w)->call->node->groups; g_++)                                        \
      for (size_t f_ = 0; f_ < (w)->one.filters; f_++)                                             \
        for (size_t c_ = 0; c_ < channels_; c_++)                                                  \
          for (size_t a_ = 0; a_ < area_; a_++, from_++)                                           \
            DO(g_, a_ *channels_ + c_, f_, from_);                                                 \
  } while (0)

/* ---- forward ---- */

static void NAME(pack_forward)(const NAME(work) * w) {
  const REAL *theta = w->call->theta, *bias = theta + w->call->node->units * w->one.taps;
  size_t taps = w->one.taps, padded = w->padded;
  memset(w->weights, 0, w->call->node->groups * taps * padded * sizeof *w->weights);
  memset(w->bias, 0, w->length.bias * sizeof *w->bias);
#define PUT(g, k, f, from) w->weights[((g)*taps + (k)) * padded + (f)] = theta[from]
  EACH_WEIGHT(w, PUT);
#undef PUT
  for (size_t f = 0; !w->call->node->no_bias && f < w->call->node->units; f++)
    w->bias[f / w->one.filters * padded + f % w->one.filters] = bias[f];
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  NAME(work) *w = NAME(open)(call);
  size_t groups = call->node->groups, size = call->node->out.size;
  if (call->begins)
    NAME(pack_forward)(w);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *image = NAME(image)(w, i);
    REAL *out = (REAL *)call->out + i * size, *to = is_followed(call, i) ? out : w->output;
    for (size_t g = 0; g < groups; g++)
      NAME(gradus_i_convolution_best)
    ()->forward(&w->one, image + g * w->channels, w->weights + g * w->one.taps * w->padded,
                w->bias + g * w->padded, to + g * w->one.filters);
    if (to != out)
      memcpy(out, to, size * sizeof *out);
  }
}

/* ---- backward ---- */

static void NAME(pack_backward)(const NAME(work) * w) {
  const REAL *theta = w->call->theta;
  size_t run = w->one.run, padded = gradus_i_convolution_padded(run);
  size_t width = w->one.taps / run * padded;
  size_t *slot = w->taps + w->one.taps; /* of a tap in the padded runs */
  for (size_t k = 0; k < w->one.taps; k++)
    slot[k] = k / run * padded + k % run;
  memset(w->weights, 0, w->call->node->units * width * sizeof *w->weights);
#define PUT(g, k, f, from) w->weights[((g)*w->one.filters + (f)) * width + slot[k]] = theta[from]
  EACH_WEIGHT(w, PUT);
#undef PUT
}

static void NAME(add_weights)(const NAME(work) * w, const REAL *image, const REAL *dy) {
  for (size_t g = 0; g < w->call->node->groups; g++)
    NAME(gradus_i_convolution_best)
  ()->weights(&w->one, image + g * w->channels, dy + g * w->one.filters,
              w->sums + g * (w->one.taps + 1) * w->padded);
}

/* Image i's, into where they belong if that is as wide as the padded image and has room after it.
 */
static void NAME(take_inputs)(const NAME(work) * w, size_t i, const REAL *dy) {
  const gradus_i_layer_call *call = w->call;
  const gradus_i_places *p = &w->places;
  size_t row = p->in[1] * p->channels, run = w->one.run, size = call->node->in.size;
  size_t width = w->one.taps / run * gradus_i_convolution_padded(run);
  size_t room = (call->rows - i - 1) * size + call->in_room;
  bool there = w->length.image == 0 && call->in_fresh && room >= GRADUS_I_CONVOLUTION_UNIT;
  REAL *dx = (REAL *)call->in_gradient[0] + i * size, *to = there ? dx : w->derivative;
  memset(to, 0, (there ? size : w->length.derivative) * sizeof *to);
  for (size_t g = 0; g < call->node->groups; g++)
    NAME(gradus_i_convolution_best)
  ()->inputs(&w->one, dy + g * w->one.filters, w->weights + g * w->one.filters * width,
             to + g * w->channels);
  for (size_t h = 0; !there && h < p->in[0]; h++) {
    const REAL *from = to + ((h + p->before[0]) * p->padded[1] + p->before[1]) * p->channels;
    if (call->in_fresh)
      memcpy(dx + h * row, from, row * sizeof *dx);
    for (size_t j = 0; !call->in_fresh && j < row; j++)
      dx[h * row + j] += from[j];
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  NAME(work) *w = NAME(open)(call);
  size_t size = call->node->out.size;
  REAL *dx = call->in_gradient[0];
  if (call->begins)
    memset(w->sums, 0, w->length.sums * sizeof *w->sums);
  if (call->begins && dx)
    NAME(pack_backward)(w);
  for (size_t i = 0; i < call->rows; i++) {
    const REAL *dy = (const REAL *)call->out_gradient + i * size;
    if (call->gradient)
      NAME(add_weights)(w, NAME(image)(w, i), dy);
    if (dx)
      NAME(take_inputs)(w, i, dy);
  }
}

/* Adds a part's sums to the derivatives by θ. */
static void NAME(put_sums)(const NAME(work) * w, const REAL *sums, REAL *gradient) {
  size_t taps = w->one.taps, padded = w->padded, filters = w->one.filters;
  REAL *bias = gradient + w->call->node->units * taps;
#define PUT(g, k, f, from) gradient[from] += sums[((g) * (taps + 1) + (k)) * padded + (f)]
  EACH_WEIGHT(w, PUT);
#undef PUT
  for (size_t f = 0; !w->call->node->no_bias && f < w->call->node->units; f++)
    bias[f] += sums[(f / filters * (taps + 1) + taps) * padded + f % filters];
}

static void NAME(reduce)(const gradus_i_layer_call *call) {
  REAL *gradient = call->gradient;
  NAME(work) all = NAME(lay_out)(call, 0);
  for (size_t part = 1; part < call->parts; part++) {
    NAME(work) w = NAME(lay_out)(call, part);
    for (size_t j = 0; j < w.length.sums; j++)
      all.sums[j] += w.sums[j];
  }
  if (call->fresh)
    memset(gradient, 0, call->node->parameters * sizeof *gradient);
  NAME(put_sums)(&all, all.sums, gradient);
}
#undef EACH_WEIGHT
