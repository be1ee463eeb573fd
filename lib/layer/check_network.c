// SPDX-License-Identifier: GPL-3.0-or-later
/* A network's derivatives by its parameters and inputs. */
#include "check_gradient.h"
#include "initialise.h"

#include <math.h>
#include <string.h>

typedef struct setting {
  gradus_i_network *network;
  const gradus_i_network_check *how;
  gradus_i_tape tape;
  size_t dim, ins, outs; /* of θ, of all rows' inputs and outputs */
  /* at: θ, then x; derivative and skip alike; factor: outs, of the sum or the responses. */
  double *at, *derivative, *factor, *memory;
  bool *skip;
} setting;

static double random_uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0;
}

/* The value at the outputs that stand in `out`; slope (may be NULL): its derivatives by them. */
static double of_outputs(const setting *s, const double *out, double *slope) {
  const gradus_loss *loss = s->how->loss;
  size_t k = s->outs / s->how->rows;
  double sum = 0;
  for (size_t i = 0; loss && i < s->how->rows; i++)
    sum +=
        loss->value(k, out + i * k, k, s->factor + i * k, slope ? slope + i * k : NULL, loss->data);
  for (size_t i = 0; !loss && i < s->outs; i++) {
    sum += s->factor[i] * out[i];
    if (slope)
      slope[i] = s->factor[i];
  }
  return sum;
}

static double value(const double *at, void *data) {
  setting *s = data;
  s->tape.theta = at;
  s->tape.x = at + s->dim;
  return of_outputs(s, gradus_i_tape_forward(&s->tape), NULL);
}

static void name(char *text, size_t length, size_t j, void *data) {
  const setting *s = data;
  size_t columns = s->network->inputs;
  if (j >= s->dim)
    gradus_i_snprintf(text, length, "input[%zu,%zu]", (j - s->dim) / columns,
                      (j - s->dim) % columns);
  for (size_t b = 0; b < gradus_params_blocks(s->network->params); b++) {
    const gradus_block *block = gradus_params_block(s->network->params, b);
    if (j >= block->offset && j < block->offset + block->size)
      gradus_i_snprintf(text, length, "%s[%zu]", block->name, j - block->offset);
  }
}

/* Lengths of sequences and tokens are whole numbers, and nothing is derived by them. */
static void draw_inputs(setting *s, uint64_t *state) {
  for (size_t j = 0; j < s->ins; j++) {
    gradus_i_input input;
    double u = random_uniform(state);
    gradus_i_network_input(s->network, j % s->network->inputs, &input);
    s->at[s->dim + j] = 4 * (u - 0.5);
    if (!input.whole)
      continue;
    s->at[s->dim + j] = (double)input.least + floor(u * (double)(input.most - input.least + 1));
    s->skip[s->dim + j] = true;
  }
}

/* Random numbers in all places: a usual start, moved so that no bias is 0 and no scale 1. */
static gradus_status draw(setting *s, gradus_error *err) {
  gradus_i_initialisation start = {.seed = s->how->seed};
  uint64_t state = s->how->seed + 1;
  gradus_status status = gradus_i_network_initialise(s->network, &start, err);
  if (status > 0)
    return status;
  random_uniform(&state);
  if (s->dim > 0)
    memcpy(s->at, gradus_params_const_values(s->network->params), s->dim * sizeof *s->at);
  for (size_t j = 0; j < s->dim; j++)
    s->at[j] += 0.4 * (random_uniform(&state) - 0.5);
  draw_inputs(s, &state);
  for (size_t j = 0; j < s->outs; j++) {
    double u = random_uniform(&state);
    s->factor[j] = !s->how->loss ? 2 * u - 1 : u < 0.5 ? 0 : 1;
  }
  for (size_t b = 0; b < gradus_params_blocks(s->network->params); b++) {
    const gradus_block *block = gradus_params_block(s->network->params, b);
    for (size_t j = 0; j < block->size; j++)
      s->skip[block->offset + j] = block->frozen;
  }
  return GRADUS_OK;
}

static gradus_status allocate(setting *s, gradus_error *err) {
  size_t all = s->dim + s->ins;
  size_t tape = gradus_i_tape_size(s->network, GRADUS_I_DOUBLE, s->how->rows);
  s->at = gradus_i_allocate(all, sizeof *s->at);
  s->derivative = gradus_i_allocate(all, sizeof *s->derivative);
  s->skip = gradus_i_allocate(all, sizeof *s->skip);
  s->factor = gradus_i_allocate(s->outs, sizeof *s->factor);
  s->memory = gradus_i_allocate(tape, sizeof *s->memory);
  return s->at && s->derivative && s->skip && s->factor && s->memory ? GRADUS_OK
                                                                     : gradus_i_out_of_memory(err);
}

static void derive(setting *s) {
  gradus_i_tape *tape = &s->tape;
  gradus_i_tape_open(tape, s->network, GRADUS_I_DOUBLE, s->how->rows, s->how->lean, s->memory);
  tape->rows = s->how->rows;
  tape->training = s->how->training;
  tape->seed = s->how->seed;
  tape->nodes[0].gradient = s->derivative + s->dim;
  value(s->at, s);
  gradus_i_tape_node *last = &tape->nodes[s->network->count - 1];
  of_outputs(s, last->out, last->gradient);
  gradus_i_tape_backward(tape, s->derivative);
}

gradus_status gradus_i_check_network(gradus_gradient_check *check, gradus_i_network *network,
                                     const gradus_i_network_check *how, gradus_error *err) {
  setting s = {.network = network,
               .how = how,
               .dim = gradus_params_size(network->params),
               .ins = how->rows * network->inputs,
               .outs = how->rows * gradus_i_network_output(network)->size};
  gradus_status status = allocate(&s, err);
  if (status <= 0)
    status = draw(&s, err);
  if (status <= 0) {
    derive(&s);
    gradus_i_checked checked = {.size = s.dim + s.ins,
                                .at = s.at,
                                .derivative = s.derivative,
                                .skip = s.skip,
                                .value = value,
                                .name = name,
                                .data = &s};
    *check = gradus_i_check_derivatives(&checked);
  }
  gradus_i_release(s.at);
  gradus_i_release(s.derivative);
  gradus_i_release(s.skip);
  gradus_i_release(s.factor);
  gradus_i_release(s.memory);
  return status;
}
