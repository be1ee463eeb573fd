// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent layers backward over REAL, compiled for each type by recurrent.c. Steps come in pieces:
   their derivatives by the sums first, then the products of those with inputs and states. */

/* The loss' derivative by the state after step `time` as an output of the layer. */
static void NAME(take_outputs)(const run *r, size_t time, REAL *carry) {
  void *slopes = (void *)(uintptr_t)r->call->out_gradient;
  for (size_t i = 0; i < r->rows; i++) {
    const REAL *slope = NAME(place_of)(r, slopes, i, time);
    for (size_t j = 0; slope && j < r->units; j++)
      carry[i * r->units + j] += slope[j];
  }
}

/* Nothing comes from rows that are over by then. */
static void NAME(quiet_rows)(const run *r, size_t time, const NAME(gradus_i_step) * step) {
  size_t n = r->units;
  for (size_t i = 0; i < r->rows; i++)
    if (time >= NAME(length)(r, i)) {
      memset(step->slope + i * r->sums, 0, r->sums * sizeof *step->slope);
      memset(step->carry + i * n, 0, n * sizeof *step->carry);
      if (step->memory_carry)
        memset(step->memory_carry + i * n, 0, n * sizeof *step->memory_carry);
    }
}

/* Truncation: nothing goes back from a row's first step, nor from every so manieth one. */
static void NAME(cut_rows)(const run *r, size_t time, const NAME(gradus_i_step) * step) {
  size_t n = r->units, every = r->call->node->truncate;
  for (size_t i = 0; i < r->rows; i++) {
    size_t length = NAME(length)(r, i);
    size_t number = r->direction ? length - 1 - time : time;
    if (time >= length || number % every != 0)
      continue;
    memset(step->carry + i * n, 0, n * sizeof *step->carry);
    if (step->memory_carry)
      memset(step->memory_carry + i * n, 0, n * sizeof *step->memory_carry);
  }
}

/* Derivatives by the inputs of a step. */
static void NAME(through_inputs)(const run *r, size_t time, const REAL *theta, const REAL *slope) {
  size_t n = r->units, p = r->features, row = r->all_steps * p;
  REAL *dx = r->call->in_gradient[0];
  const REAL *weight = theta + r->blocks.weight_ih;
  if (!dx)
    return;
  dx += r->first * row + time * p;
  size_t together = r->form->apart ? r->sums - 2 * n : r->sums;
  KERNELS->multiply(r->rows, together, p, slope, r->sums, weight, p, dx, row);
  if (r->form->apart)
    KERNELS->multiply(r->rows, n, p, slope + r->sums - n, r->sums, weight + together * p, p, dx,
                      row);
}

static void NAME(step_back)(const run *r, size_t time, const REAL *theta, REAL *own, REAL *shared,
                            REAL *slope) {
  size_t n = r->units, start_time = r->direction ? r->steps - 1 : 0;
  const gradus_i_node *node = r->call->node;
  NAME(gradus_i_step) step = NAME(step_of)(r, own, shared, time);
  step.slope = slope;
  NAME(take_outputs)(r, time, step.carry);
  KERNELS->backward[r->cell](&step);
  if (node->input_count > 1)
    NAME(quiet_rows)(r, time, &step);
  NAME(through_inputs)(r, time, theta, slope);
  if (time == start_time)
    return;
  KERNELS->multiply(r->rows, r->form->gates * n, n, slope, r->sums, theta + r->blocks.weight_hh, n,
                    step.carry, n);
  if (node->truncate > 0)
    NAME(cut_rows)(r, time, &step);
}

/* Inputs of steps `from` and on, time by time; 0 where a row is over, whatever stands there. */
static void NAME(take_inputs)(const run *r, size_t from, size_t steps, REAL *inputs) {
  size_t p = r->features;
  const REAL *x = r->call->in[0];
  for (size_t i = 0; i < r->rows; i++)
    for (size_t time = from; time < from + steps; time++) {
      REAL *to = inputs + ((time - from) * r->rows + i) * p;
      if (time < NAME(length)(r, i))
        memcpy(to, x + ((r->first + i) * r->all_steps + time) * p, p * sizeof *to);
      else
        memset(to, 0, p * sizeof *to);
    }
}

/* Derivatives by the parameters over `count` values of a step and a row, which lie `apart` rows
   apart. */
static void NAME(add_products)(const run *r, size_t count, size_t apart, const REAL *slopes,
                               const REAL *inputs, const REAL *states, REAL *gradient) {
  size_t n = r->units, p = r->features, gates = r->form->gates * n, stride = apart * r->sums;
  size_t together = r->form->apart ? gates - n : gates;
  REAL *weight_ih = gradient + r->blocks.weight_ih, *bias = gradient + r->blocks.bias;
  LINALG(gradus_i_part_backward)
  (count, p, together, inputs, apart * p, slopes, stride, weight_ih);
  LINALG(gradus_i_part_backward)
  (count, n, gates, states, apart * n, slopes, stride, gradient + r->blocks.weight_hh);
  KERNELS->sum(count, together, slopes, stride, bias);
  if (!r->form->apart)
    return;
  LINALG(gradus_i_part_backward)
  (count, p, n, inputs, apart * p, slopes + gates, stride, weight_ih + together * p);
  KERNELS->sum(count, n, slopes + gates, stride, bias + together);
  KERNELS->sum(count, n, slopes + together, stride, gradient + r->blocks.bias_hn);
}

/* The products of a piece, of all rows into `gradient`, or of each row into its own, `stride`
   apart. */
static void NAME(add_piece)(const run *r, size_t from, size_t steps, const REAL *own, REAL *shared,
                            REAL *gradient, size_t stride) {
  const REAL *slopes = shared + r->at.slopes, *states = own + r->at.states + before(r, from);
  REAL *inputs = shared + r->at.inputs;
  NAME(take_inputs)(r, from, steps, inputs);
  if (stride == 0)
    NAME(add_products)(r, steps * r->rows, 1, slopes, inputs, states, gradient);
  for (size_t i = 0; stride > 0 && i < r->rows; i++)
    NAME(add_products)
  (r, steps, r->rows, slopes + i * r->sums, inputs + i * r->features, states + i * r->units,
   gradient + (r->first + i) * stride);
}

/* gradient: of the run, or NULL. */
static void NAME(run_back)(const run *r, REAL *own, REAL *shared, REAL *gradient, size_t stride) {
  const REAL *theta = r->call->theta;
  size_t piece = r->piece;
  theta += r->direction * r->blocks.size;
  memset(shared + r->at.carry, 0, r->rows * r->units * sizeof *shared);
  if (r->form->memory)
    memset(shared + r->at.memory_carry, 0, r->rows * r->units * sizeof *shared);
  for (size_t done = 0; done < r->steps; done += piece) {
    size_t count = r->steps - done < piece ? r->steps - done : piece;
    size_t from = r->direction ? done : r->steps - done - count;
    for (size_t i = 0; i < count; i++) {
      size_t time = r->direction ? from + i : from + count - 1 - i;
      REAL *slope = shared + r->at.slopes + (time - from) * r->rows * r->sums;
      NAME(step_back)(r, time, theta, own, shared, slope);
    }
    if (gradient)
      NAME(add_piece)(r, from, count, own, shared, gradient, stride);
  }
}

/* Of the call's parts: derivatives by the inputs, and by the parameters, each row's into its place
   of rows, `stride` apart, or, where that is 0, their sums into what the part keeps. */
static void NAME(derive)(const gradus_i_layer_call *call, REAL *rows, size_t stride) {
  size_t first, end, directions = gradus_i_recurrent_directions(call->node);
  gradus_i_layer_part(call, gradus_i_recurrent_parts(call->node, call->rows), &first, &end);
  for (size_t part = first; part < end; part++) {
    run r = NAME(run_of)(call, part);
    REAL *kept = NAME(kept)(&r, part), *to = rows;
    if (call->gradient && stride == 0) {
      to = kept + r.at.sums;
      memset(to, 0, call->node->parameters * sizeof *to);
    }
    for (r.direction = 0; r.direction < directions; r.direction++) {
      r.place = r.direction * r.units;
      NAME(run_back)
      (&r, kept + r.direction * r.at.run, kept, to ? to + r.direction * r.blocks.size : NULL,
       stride);
    }
  }
}

static void NAME(backward)(const gradus_i_layer_call *call) {
  NAME(derive)(call, NULL, 0);
}

static void NAME(reduce)(const gradus_i_layer_call *call) {
  size_t parts = gradus_i_recurrent_parts(call->node, call->rows);
  REAL *gradient = call->gradient;
  for (size_t part = 0; part < parts; part++) {
    run r = NAME(run_of)(call, part);
    const REAL *sums = NAME(kept)(&r, part) + r.at.sums;
    if (part == 0 && call->fresh)
      memcpy(gradient, sums, call->node->parameters * sizeof *sums);
    else
      KERNELS->sum(1, call->node->parameters, sums, 0, gradient);
  }
}
