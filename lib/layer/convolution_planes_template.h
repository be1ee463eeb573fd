// SPDX-License-Identifier: GPL-3.0-or-later
/* Convolutions by planes over REAL, compiled for each type by convolution_planes.c. */

/* A part's own place in `keep`. */
typedef struct NAME(work) {
  const gradus_i_layer_call *call;
  const NAME(gradus_i_planes_kernels) * kernels;
  geometry g;
  lengths length;
  size_t *taps, *back, *counts; /* counts: of the kernel's entries in each phase */
  REAL *weights, *sums, *bias, *image, *output, *derivative;
} NAME(work);

static NAME(work) NAME(lay_out)(const gradus_i_layer_call *call, size_t part) {
  NAME(work) w = {.kernels = NAME(gradus_i_planes_best)()};
  w.g = geometry_of(call->node);
  w.length = lengths_of(call->node, &w.g);
  REAL *next = gradus_i_part_memory(call, part, w.length.all * sizeof *next);
  w.taps = (size_t *)(void *)next;
  w.back = w.taps + w.g.channels * w.g.area;
  w.counts = w.back + w.g.filters * w.g.area;
  w.weights = next += w.length.taps;
  w.sums = next += w.length.weights;
  w.bias = next += w.length.sums;
  w.image = next += w.length.bias;
  w.output = next += w.length.image;
  w.derivative = next + w.length.output;
  return w;
}

static NAME(work) * NAME(open)(const gradus_i_layer_call *call) {
  _Static_assert(sizeof(NAME(work)) <= GRADUS_I_HEAD, "a head holds it");
  NAME(work) *w = gradus_i_part_head(call, call->part);
  if (call->begins)
    *w = NAME(lay_out)(call, call->part);
  w->call = call;
  return w;
}

/* ---- images and planes ---- */

static void NAME(split_image)(const NAME(work) * w, const REAL *x) {
  const geometry *g = &w->g;
  if (g->plain) {
    w->kernels->split(g->p.in[0] * g->p.in[1], g->all, x, g->all,
                      w->image + g->p.before[0] * g->width, g->input);
    return;
  }
  size_t row = g->p.in[1] * g->all, stride = g->p.stride[1];
  for (size_t h = 0; h < g->p.in[0]; h++)
    for (size_t phase = 0; phase < stride; phase++) {
      line at = line_of(g, h, phase);
      w->kernels->split(at.count, g->all, x + h * row + at.first * g->all, stride * g->all,
                        w->image + at.at, g->input);
    }
}

static void NAME(join_derivative)(const NAME(work) * w, REAL *dx) {
  const geometry *g = &w->g;
  if (g->plain) {
    w->kernels->join(g->p.in[0] * g->p.in[1], g->all, w->derivative + g->p.before[0] * g->width,
                     g->input, !w->call->in_fresh, dx, g->all);
    return;
  }
  size_t row = g->p.in[1] * g->all, stride = g->p.stride[1];
  for (size_t h = 0; h < g->p.in[0]; h++)
    for (size_t phase = 0; phase < stride; phase++) {
      line at = line_of(g, h, phase);
      w->kernels->join(at.count, g->all, w->derivative + at.at, g->input, !w->call->in_fresh,
                       dx + h * row + at.first * g->all, stride * g->all);
    }
}

static void NAME(join_output)(const NAME(work) * w, REAL *out) {
  size_t units = w->call->node->units, columns = w->g.p.out[1];
  for (size_t row = 0; row < w->g.p.out[0]; row++)
    w->kernels->join(columns, units, w->output + row * w->g.width, w->g.output, false,
                     out + row * columns * units, units);
}

static void NAME(split_slopes)(const NAME(work) * w, const REAL *dy) {
  size_t units = w->call->node->units, columns = w->g.p.out[1];
  for (size_t row = 0; row < w->g.p.out[0]; row++)
    w->kernels->split(columns, units, dy + row * columns * units, units,
                      w->output + w->g.margin + row * w->g.width, w->g.slope);
}

/* ---- forward ---- */

/* Taps by kernel's entry and channel, from a group's first plane on. */
static void NAME(put_taps)(const NAME(work) * w) {
  const geometry *g = &w->g;
  size_t *tap = w->taps;
  for (size_t i = 0; i < g->p.kernel[0]; i++)
    for (size_t j = 0; j < g->p.kernel[1]; j++)
      for (size_t c = 0; c < g->channels; c++)
        *tap++ = (phase_of(g, i, j) * g->all + c) * g->input + distance(g, i, j);
}

static gradus_i_planes NAME(forward_planes)(const NAME(work) * w, size_t pitch) {
  const geometry *g = &w->g;
  return (gradus_i_planes){.places = g->places,
                           .pitch = pitch,
                           .taps = g->area * g->channels,
                           .tap = w->taps,
                           .filters = g->filters};
}

static void NAME(begin_forward)(const NAME(work) * w) {
  const geometry *g = &w->g;
  const REAL *theta = w->call->theta;
  REAL *to = w->weights;
  memset(w->image, 0, w->length.image * sizeof *w->image);
  NAME(put_taps)(w);
  for (size_t group = 0; group < g->groups; group++)
    for (size_t a = 0; a < g->area; a++)
      for (size_t c = 0; c < g->channels; c++)
        for (size_t f = 0; f < g->filters; f++)
          *to++ = theta[entry(g, group * g->filters + f, c, a)];
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  NAME(work) *w = NAME(open)(call);
  const geometry *g = &w->g;
  const gradus_i_planes planes = NAME(forward_planes)(w, g->output);
  size_t weights = planes.taps * g->filters;
  const REAL *bias =
      call->node->no_bias ? NULL : (const REAL *)call->theta + call->node->units * planes.taps;
  if (call->begins)
    NAME(begin_forward)(w);
  for (size_t i = 0; i < call->rows; i++) {
    NAME(split_image)(w, (const REAL *)call->in[0] + i * call->node->in.size);
    for (size_t group = 0; group < g->groups; group++)
      w->kernels->forward(&planes, w->image + group * g->channels * g->input,
                          w->weights + group * weights, bias ? bias + group * g->filters : NULL,
                          w->output + group * g->filters * g->output);
    NAME(join_output)(w, (REAL *)call->out + i * call->node->out.size);
  }
}

/* ---- backward ---- */

/* Which slopes the inputs of each phase take, one phase after the other, and the weights that these
   come with, group by group. */
static void NAME(put_back)(const NAME(work) * w) {
  const geometry *g = &w->g;
  const REAL *theta = w->call->theta;
  size_t *tap = w->back;
  REAL *to = w->weights;
  memset(w->counts, 0, phases_of(g) * sizeof *w->counts);
  for (size_t group = 0; group < g->groups; group++)
    for (size_t phase = 0; phase < phases_of(g); phase++)
      for (size_t a = 0; a < g->area; a++) {
        size_t i = a / g->p.kernel[1], j = a % g->p.kernel[1];
        w->counts[phase] += group == 0 && phase_of(g, i, j) == phase;
        for (size_t f = 0; phase_of(g, i, j) == phase && f < g->filters; f++) {
          if (group == 0)
            *tap++ = f * g->slope + g->margin - distance(g, i, j);
          for (size_t c = 0; c < g->channels; c++)
            *to++ = theta[entry(g, group * g->filters + f, c, a)];
        }
      }
}

static void NAME(begin_backward)(const NAME(work) * w) {
  memset(w->image, 0, w->length.image * sizeof *w->image);
  memset(w->output, 0, w->length.output * sizeof *w->output);
  memset(w->sums, 0, (w->length.sums + w->length.bias) * sizeof *w->sums);
  NAME(put_taps)(w);
  if (w->call->in_gradient[0])
    NAME(put_back)(w);
}

static void NAME(add_weights)(const NAME(work) * w) {
  const geometry *g = &w->g;
  const gradus_i_planes planes = NAME(forward_planes)(w, g->slope);
  for (size_t group = 0; group < g->groups; group++) {
    size_t first = group * g->filters;
    w->kernels->weights(&planes, w->image + group * g->channels * g->input,
                        w->output + g->margin + first * g->slope,
                        w->sums + first * planes.taps * GRADUS_I_CONVOLUTION_UNIT,
                        w->call->node->no_bias ? NULL
                                               : w->bias + first * GRADUS_I_CONVOLUTION_UNIT);
  }
}

static void NAME(take_inputs)(const NAME(work) * w) {
  const geometry *g = &w->g;
  gradus_i_planes planes = {
      .places = g->height * g->width, .pitch = g->input, .filters = g->channels};
  const REAL *weight = w->weights;
  for (size_t group = 0; group < g->groups; group++) {
    planes.tap = w->back;
    for (size_t phase = 0; phase < phases_of(g); phase++) {
      planes.taps = g->filters * w->counts[phase];
      w->kernels->forward(&planes, w->output + group * g->filters * g->slope, weight, NULL,
                          w->derivative + (phase * g->all + group * g->channels) * g->input);
      planes.tap += planes.taps;
      weight += planes.taps * g->channels;
    }
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  NAME(work) *w = NAME(open)(call);
  REAL *dx = call->in_gradient[0];
  if (call->begins)
    NAME(begin_backward)(w);
  for (size_t i = 0; i < call->rows; i++) {
    NAME(split_slopes)(w, (const REAL *)call->out_gradient + i * call->node->out.size);
    if (call->gradient) {
      NAME(split_image)(w, (const REAL *)call->in[0] + i * call->node->in.size);
      NAME(add_weights)(w);
    }
    if (!dx)
      continue;
    NAME(take_inputs)(w);
    NAME(join_derivative)(w, dx + i * call->node->in.size);
  }
}

static REAL NAME(total)(const REAL *sums) {
  REAL total = 0;
  for (size_t i = 0; i < GRADUS_I_CONVOLUTION_UNIT; i++)
    total += sums[i];
  return total;
}

/* Adds a part's sums to the derivatives by θ. */
static void NAME(put_sums)(const NAME(work) * w, REAL *gradient) {
  const geometry *g = &w->g;
  const REAL *from = w->sums;
  size_t units = w->call->node->units;
  for (size_t group = 0; group < g->groups; group++)
    for (size_t a = 0; a < g->area; a++)
      for (size_t c = 0; c < g->channels; c++)
        for (size_t f = 0; f < g->filters; f++, from += GRADUS_I_CONVOLUTION_UNIT)
          gradient[entry(g, group * g->filters + f, c, a)] += NAME(total)(from);
  for (size_t f = 0; !w->call->node->no_bias && f < units; f++)
    gradient[units * g->channels * g->area + f] +=
        NAME(total)(w->bias + f * GRADUS_I_CONVOLUTION_UNIT);
}

static void NAME(reduce)(const gradus_i_layer_call *call) {
  NAME(work) all = NAME(lay_out)(call, 0);
  size_t count = all.length.sums + all.length.bias;
  for (size_t part = 1; part < call->parts; part++) {
    NAME(work) w = NAME(lay_out)(call, part);
    for (size_t j = 0; j < count; j++)
      all.sums[j] += w.sums[j];
  }
  if (call->fresh)
    memset(call->gradient, 0, call->node->parameters * sizeof(REAL));
  all.call = call;
  NAME(put_sums)(&all, call->gradient);
}
