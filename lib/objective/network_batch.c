// SPDX-License-Identifier: GPL-3.0-or-later
/* Mini-batches through a network by a team of threads, in its own precision. What a batch needs is
   laid out once. Layers are cut into parts of their outputs, not the batch into parts of its rows:
   then weights are read and gradients written by one thread only, and nothing is left to reduce. */
#include "network_objective.h"

#include <string.h>

/* Rows that go through together, where no layer mixes them. */
enum { BLOCK = 512 };

typedef struct training {
  const gradus_i_network_model *model;
  gradus_i_tape tape;
  size_t rows, inputs, outputs; /* rows of a block at most */
  void *x;
  double *eta, *loss;
} training;

static bool is_single(const void *model) {
  return ((const gradus_i_network_model *)model)->precision == GRADUS_I_FLOAT;
}

static size_t lay_out(training *t, const gradus_i_network_model *m, size_t rows, double *memory) {
  size_t used = (sizeof *t + sizeof *memory - 1) / sizeof *memory;
  bool whole = rows <= BLOCK || gradus_i_network_mixes_rows(m->network);
  *t = (training){.model = m,
                  .rows = whole ? rows : BLOCK,
                  .inputs = m->network->inputs,
                  .outputs = gradus_i_network_output(m->network)->size};
  t->x = gradus_i_take(memory, &used, t->rows * t->inputs);
  t->eta = gradus_i_take(memory, &used, t->rows * t->outputs);
  t->loss = gradus_i_take(memory, &used, gradus_i_network_loss_scratch(m, t->rows));
  double *tape =
      gradus_i_take(memory, &used, gradus_i_tape_size(m->network, m->precision, t->rows));
  if (memory)
    gradus_i_tape_open(&t->tape, m->network, m->precision, t->rows, true, tape);
  return used;
}

static size_t size(const void *model, size_t rows) {
  training t;
  return lay_out(&t, model, rows, NULL);
}

static void open(const void *model, size_t rows, double *memory) {
  training t;
  lay_out(&t, model, rows, memory);
  memcpy(memory, &t, sizeof t);
}

/* ---- inputs ---- */

static void copy_row(const training *t, const gradus_i_inputs *in, size_t from, size_t to) {
  size_t p = t->inputs;
  const double *wide = in->x;
  const float *narrow = in->x;
  double *to_wide = (double *)t->x + to * p;
  float *to_narrow = (float *)t->x + to * p;
  bool single = t->model->precision == GRADUS_I_FLOAT;
  if (single && in->single)
    memcpy(to_narrow, narrow + from * in->stride, p * sizeof *narrow);
  else if (single)
    for (size_t j = 0; j < p; j++)
      to_narrow[j] = (float)wide[from * in->stride + j];
  else
    memcpy(to_wide, wide + from * in->stride, p * sizeof *wide);
}

/* This thread's share of the rows first .. first + rows - 1, gathered, where they do not lie as
   they are needed. */
static const void *take_inputs(const training *t, const gradus_i_inputs *in, size_t first,
                               size_t rows, gradus_i_team team) {
  bool single = t->model->precision == GRADUS_I_FLOAT;
  size_t from, end;
  if (!in->positions && in->stride == t->inputs && single == in->single)
    return (const char *)in->x + first * in->stride * (single ? sizeof(float) : sizeof(double));
  gradus_i_team_share(team, rows, &from, &end);
  for (size_t i = from; i < end; i++)
    copy_row(t, in, in->positions ? in->positions[first + i] : first + i, i);
  return t->x;
}

/* ---- the loss ---- */

/* The batch itself where it goes through whole, else its rows first .. in `part`. */
static const gradus_batch *part_of(const gradus_batch *batch, size_t first, size_t rows,
                                   gradus_batch *part) {
  if (rows == batch->rows)
    return batch;
  *part = *batch;
  part->rows = rows;
  part->first = batch->first + first;
  part->y = batch->y ? batch->y + first * batch->y_stride : NULL;
  part->weight = batch->weight ? batch->weight + first : NULL;
  part->offset = batch->offset ? batch->offset + first : NULL;
  part->row = batch->row ? batch->row + first : NULL;
  return part;
}

static void add_offsets(const training *t, const gradus_batch *part) {
  for (size_t i = 0; part->offset && i < part->rows; i++)
    for (size_t r = 0; r < t->outputs; r++)
      t->eta[i * t->outputs + r] += part->offset[i];
}

/* From the outputs to the derivatives of the loss by them. */
static void score(const training *t, const gradus_batch *part, const void *out, void *gradient,
                  double *sums) {
  const gradus_i_network_model *m = t->model;
  size_t count = part->rows * t->outputs;
  const float *narrow = out;
  float *to_narrow = gradient;
  bool single = m->precision == GRADUS_I_FLOAT;
  if (!single)
    memcpy(t->eta, out, count * sizeof *t->eta);
#pragma omp simd
  for (size_t i = 0; i < (single ? count : 0); i++)
    t->eta[i] = (double)narrow[i];
  add_offsets(t, part);
  gradus_i_network_loss(m, GRADUS_I_GRADIENT, part, &t->tape, t->eta, NULL, sums, t->loss);
  if (!single)
    memcpy(gradient, t->eta, count * sizeof *t->eta);
#pragma omp simd
  for (size_t i = 0; i < (single ? count : 0); i++)
    to_narrow[i] = (float)t->eta[i];
}

/* ---- a batch ---- */

static void add_block(training *t, const gradus_batch *part, void *gradient, double *sums,
                      gradus_i_team team) {
  size_t last = t->model->network->count - 1;
  gradus_i_team_wait(team);
  const void *out = gradus_i_tape_forward_in(&t->tape, team);
  if (team.thread == 0) {
    gradus_i_tape_clear(&t->tape);
    score(t, part, out, t->tape.nodes[last].gradient, sums);
  }
  gradus_i_tape_backward_in(&t->tape, team, gradient);
}

static void batch(const void *model, double *memory, const void *theta, const gradus_batch *batch,
                  const gradus_i_inputs *inputs, void *gradient, double *sums, gradus_i_team team) {
  training *t = (training *)(void *)memory;
  const gradus_i_network_state *state = t->model->state;
  if (team.thread == 0) {
    gradus_i_network_begin(model, true);
    gradus_i_network_set_tape(t->model, &t->tape);
    t->tape.theta = theta;
    sums[GRADUS_I_SUM_LOSS] = sums[GRADUS_I_SUM_WEIGHT] = 0;
  }
  for (size_t first = 0; first < batch->rows; first += t->rows) {
    size_t rows = batch->rows - first < t->rows ? batch->rows - first : t->rows;
    gradus_batch own;
    const gradus_batch *part = part_of(batch, first, rows, &own);
    const void *x = take_inputs(t, inputs, first, rows, team);
    if (team.thread == 0) {
      t->tape.rows = rows;
      t->tape.first = part->first;
      t->tape.x = x;
      t->tape.fresh = first == 0;
    }
    add_block(t, part, gradient, sums, team);
    if (team.thread == 0 && t->tape.training && state->running)
      gradus_i_tape_collect(&t->tape, state->running);
  }
}

static size_t work(const void *model) {
  return gradus_i_network_work(((const gradus_i_network_model *)model)->network);
}

const gradus_i_training_type gradus_i_network_training = {
    .single = is_single, .work = work, .size = size, .open = open, .batch = batch};
