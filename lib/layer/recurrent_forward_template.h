// SPDX-License-Identifier: GPL-3.0-or-later
/* Recurrent layers over REAL, compiled for each type by recurrent.c: forward, and what both ways
   need. */

/* Steps of a row that count; without lengths all. */
static size_t NAME(length)(const run *r, size_t row) {
  const REAL *lengths = r->call->node->input_count > 1 ? r->call->in[1] : NULL;
  if (!lengths)
    return r->all_steps;
  REAL length = lengths[r->first + row];
  return length >= 1 && length <= (REAL)r->all_steps ? (size_t)length : r->all_steps;
}

static run NAME(run_of)(const gradus_i_layer_call *call, size_t part) {
  const gradus_i_node *node = call->node;
  size_t parts = gradus_i_recurrent_parts(node, call->rows);
  run r = {.call = call,
           .form = gradus_i_cell_form_of(node),
           .cell = gradus_i_cell_of(node),
           .blocks = gradus_i_recurrent_blocks_of(node),
           .first = part * call->rows / parts,
           .piece = gradus_i_recurrent_piece(node, gradus_i_recurrent_part_rows(node, call->rows)),
           .all_steps = node->in.extent[0],
           .features = gradus_i_node_features(node),
           .units = node->units,
           .width = node->units * gradus_i_recurrent_directions(node)};
  r.at = gradus_i_recurrent_layout_of(node, gradus_i_recurrent_part_rows(node, call->rows));
  r.rows = (part + 1) * call->rows / parts - r.first;
  r.sums = r.form->sums * r.units;
  for (size_t i = 0; i < r.rows; i++) {
    size_t length = NAME(length)(&r, i);
    r.steps = length > r.steps ? length : r.steps;
  }
  return r;
}

/* What a part keeps, at the start of a line of the cache. */
static REAL *NAME(kept)(const run *r, size_t part) {
  size_t line = GRADUS_I_RECURRENT_LINE * sizeof(REAL);
  size_t beyond = (size_t)((uintptr_t)r->call->keep % line);
  REAL *keep = r->call->keep;
  return keep + (beyond ? (line - beyond) / sizeof(REAL) : 0) + part * r->at.part;
}

/* Step `time` of a run whose values begin at `own`, those that runs share at `shared`. */
static NAME(gradus_i_step) NAME(step_of)(const run *r, REAL *own, REAL *shared, size_t time) {
  NAME(gradus_i_step)
  step = {.rows = r->rows,
          .units = r->units,
          .gates = own + r->at.gates + time * r->rows * r->sums,
          .before = own + r->at.states + before(r, time),
          .state = own + r->at.states + after(r, time),
          .carry = shared + r->at.carry};
  if (r->form->gates == 1)
    step.gates = step.state;
  if (r->form->memory) {
    step.memory_before = own + r->at.memories + before(r, time);
    step.memory = own + r->at.memories + after(r, time);
    step.squashed = own + r->at.squashed + time * r->rows * r->units;
    step.memory_carry = shared + r->at.memory_carry;
  }
  return step;
}

/* out (columns×rows) = the transpose of a. */
static void NAME(turn)(size_t rows, size_t columns, const REAL *a, REAL *out) {
  enum { TILE = 16 };
  for (size_t i = 0; i < rows; i += TILE)
    for (size_t j = 0; j < columns; j++)
      for (size_t k = i; k < i + TILE && k < rows; k++)
        out[j * rows + k] = a[k * columns + j];
}

/* The biases of a step, to which its products are added. */
static void NAME(put_biases)(const run *r, const REAL *theta, REAL *sums) {
  const REAL *bias = theta + r->blocks.bias, *bias_hn = theta + r->blocks.bias_hn;
  size_t n = r->units, whole_gates = r->form->apart ? r->sums - 2 * n : r->sums;
  for (size_t i = 0; i < r->rows; i++) {
    REAL *row = sums + i * r->sums;
    memcpy(row, bias, whole_gates * sizeof *row);
    if (!r->form->apart)
      continue;
    memcpy(row + whole_gates, bias_hn, n * sizeof *row);
    memcpy(row + whole_gates + n, bias + whole_gates, n * sizeof *row);
  }
}

/* What the inputs of a step add; weights: features × gates·units. */
static void NAME(add_inputs)(const run *r, size_t time, const REAL *weights, REAL *sums) {
  size_t n = r->units, gates = r->form->gates * n, row = r->all_steps * r->features;
  const REAL *x = r->call->in[0];
  x += r->first * row + time * r->features;
  size_t together = r->form->apart ? gates - n : gates;
  KERNELS->multiply(r->rows, r->features, together, x, row, weights, gates, sums, r->sums);
  if (r->form->apart)
    KERNELS->multiply(r->rows, r->features, n, x, row, weights + together, gates, sums + gates,
                      r->sums);
}

/* Rows that are over by then have no state. */
static void NAME(end_rows)(const run *r, size_t time, const NAME(gradus_i_step) * step) {
  for (size_t i = 0; i < r->rows; i++)
    if (time >= NAME(length)(r, i)) {
      memset(step->state + i * r->units, 0, r->units * sizeof *step->state);
      if (step->memory)
        memset(step->memory + i * r->units, 0, r->units * sizeof *step->memory);
    }
}

/* Where the output takes a row's state after step `time` from; NULL: nowhere. */
static REAL *NAME(place_of)(const run *r, void *out, size_t row, size_t time) {
  REAL *values = out;
  size_t i = r->first + row;
  if (r->call->node->all_states)
    return values + (i * r->all_steps + time) * r->width + r->place;
  size_t last = r->direction ? 0 : NAME(length)(r, row) - 1;
  return time == last ? values + i * r->width + r->place : NULL;
}

static void NAME(put_states)(const run *r, const REAL *own) {
  for (size_t time = 0; time < r->all_steps; time++)
    for (size_t i = 0; i < r->rows; i++) {
      const REAL *state = own + r->at.states + after(r, time) + i * r->units;
      REAL *out = NAME(place_of)(r, r->call->out, i, time);
      if (out && time < r->steps)
        memcpy(out, state, r->units * sizeof *out);
      else if (out)
        memset(out, 0, r->units * sizeof *out);
    }
}

static void NAME(run_forward)(const run *r, REAL *own, REAL *shared) {
  const REAL *theta = r->call->theta;
  theta += r->direction * r->blocks.size;
  size_t n = r->units, gates = r->form->gates * n, start_state = r->direction ? r->steps : 0;
  REAL *of_inputs = shared + r->at.weights, *of_state = of_inputs + gates * r->features;
  NAME(turn)(gates, r->features, theta + r->blocks.weight_ih, of_inputs);
  NAME(turn)(gates, n, theta + r->blocks.weight_hh, of_state);
  memset(own + r->at.states + start_state * r->rows * n, 0, r->rows * n * sizeof *own);
  if (r->form->memory)
    memset(own + r->at.memories + start_state * r->rows * n, 0, r->rows * n * sizeof *own);
  for (size_t i = 0; i < r->steps; i++) {
    size_t time = r->direction ? r->steps - 1 - i : i;
    NAME(gradus_i_step) step = NAME(step_of)(r, own, shared, time);
    NAME(put_biases)(r, theta, step.gates);
    NAME(add_inputs)(r, time, of_inputs, step.gates);
    if (i > 0)
      KERNELS->multiply(r->rows, n, gates, step.before, n, of_state, gates, step.gates, r->sums);
    KERNELS->forward[r->cell](&step);
    if (r->call->node->input_count > 1)
      NAME(end_rows)(r, time, &step);
  }
  NAME(put_states)(r, own);
}

static void NAME(forward)(const gradus_i_layer_call *call) {
  size_t first, end, directions = gradus_i_recurrent_directions(call->node);
  gradus_i_layer_part(call, gradus_i_recurrent_parts(call->node, call->rows), &first, &end);
  for (size_t part = first; part < end; part++) {
    run r = NAME(run_of)(call, part);
    REAL *kept = NAME(kept)(&r, part);
    for (r.direction = 0; r.direction < directions; r.direction++) {
      r.place = r.direction * r.units;
      NAME(run_forward)(&r, kept + r.direction * r.at.run, kept);
    }
  }
}
