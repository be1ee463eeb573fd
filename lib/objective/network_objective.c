// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows through a network and its loss, forward and backward, block by block. */
#include "network_objective.h"

#include <math.h>
#include <string.h>

/* Rows that go through the network together; fewer where their Jacobian is held. */
enum { BLOCK = 128, JACOBIAN_BLOCK = 16 };

typedef struct workspace {
  const gradus_i_network_model *model;
  gradus_i_order order;
  size_t rows, inputs, outputs, dim; /* rows of a block at most */
  double *x, *eta, *curvature, *jacobian, *factored, *loss;
  float *theta_f, *gradient_f, *x_f;
  double *tape;
} workspace;

static size_t block_rows(const gradus_i_network_model *model, gradus_i_order order, size_t rows) {
  if (model->state && gradus_i_network_mixes_rows(model->network))
    return rows;
  size_t most = order >= GRADUS_I_MATRIX ? JACOBIAN_BLOCK : BLOCK;
  return rows < most ? rows : most;
}

double *gradus_i_take(double *block, size_t *used, size_t count) {
  double *start = block ? block + *used : NULL;
  *used += count;
  return start;
}

/* Lays the workspace out in memory; returns how many doubles that is (memory NULL: only that). */
static size_t lay_out(workspace *w, const gradus_i_network_model *model, size_t rows,
                      gradus_i_order order, double *memory) {
  size_t used = 0;
  const gradus_i_network *network = model->network;
  bool single = model->precision == GRADUS_I_FLOAT;
  *w = (workspace){.model = model,
                   .order = order,
                   .rows = block_rows(model, order, rows),
                   .inputs = network->inputs,
                   .outputs = gradus_i_network_output(network)->size,
                   .dim = gradus_params_size(network->params)};
  w->x = gradus_i_take(memory, &used, w->rows * w->inputs);
  w->eta = gradus_i_take(memory, &used, w->rows * w->outputs);
  if (order >= GRADUS_I_MATRIX) {
    w->curvature = gradus_i_take(memory, &used, w->rows * w->outputs * w->outputs);
    w->jacobian = gradus_i_take(memory, &used, w->rows * w->outputs * w->dim);
    w->factored = gradus_i_take(memory, &used, w->rows * w->outputs * w->dim);
  }
  if (single) {
    w->theta_f = (float *)(void *)gradus_i_take(memory, &used, w->dim / 2 + 1);
    w->gradient_f = (float *)(void *)gradus_i_take(memory, &used, w->dim / 2 + 1);
    w->x_f = (float *)(void *)w->x;
  }
  w->loss = gradus_i_take(memory, &used, gradus_i_network_loss_scratch(model, w->rows));
  w->tape = gradus_i_take(memory, &used, gradus_i_tape_size(network, model->precision, w->rows));
  return used;
}

static size_t scratch_size(const void *model, size_t rows, gradus_i_order order) {
  workspace w;
  return lay_out(&w, model, rows, order, NULL);
}

/* ---- a block of rows ---- */

/* The batch's rows first .. first + rows - 1. */
static gradus_batch part_of(const gradus_batch *batch, size_t first, size_t rows) {
  gradus_batch part = *batch;
  part.rows = rows;
  part.first = batch->first + first;
  part.x = batch->x + first * batch->x_stride;
  part.y = batch->y ? batch->y + first * batch->y_stride : NULL;
  part.weight = batch->weight ? batch->weight + first : NULL;
  part.offset = batch->offset ? batch->offset + first : NULL;
  part.row = batch->row ? batch->row + first : NULL;
  return part;
}

/* The inputs contiguous and in the network's precision. */
static const void *inputs_of(workspace *w, const gradus_batch *part) {
  size_t p = w->inputs;
  if (w->model->precision == GRADUS_I_FLOAT) {
    for (size_t i = 0; i < part->rows; i++)
      for (size_t j = 0; j < p; j++)
        w->x_f[i * p + j] = (float)part->x[i * part->x_stride + j];
    return w->x_f;
  }
  if (part->x_stride == p)
    return part->x;
  for (size_t i = 0; i < part->rows; i++)
    memcpy(w->x + i * p, part->x + i * part->x_stride, p * sizeof *w->x);
  return w->x;
}

static void take_outputs(workspace *w, const gradus_batch *part, const void *out) {
  size_t k = w->outputs;
  const double *wide = out;
  const float *narrow = out;
  bool single = w->model->precision == GRADUS_I_FLOAT;
  for (size_t i = 0; i < part->rows; i++)
    for (size_t r = 0; r < k; r++)
      w->eta[i * k + r] = (single ? (double)narrow[i * k + r] : wide[i * k + r]) +
                          (part->offset ? part->offset[i] : 0);
}

static void put_gradient(const workspace *w, size_t rows, void *gradient) {
  double *wide = gradient;
  float *narrow = gradient;
  if (w->model->precision == GRADUS_I_FLOAT)
    for (size_t i = 0; i < rows * w->outputs; i++)
      narrow[i] = (float)w->eta[i];
  else
    memcpy(wide, w->eta, rows * w->outputs * sizeof *wide);
}

void gradus_i_curvature_root(size_t k, double *c) {
  for (size_t j = 0; j < k; j++) {
    double pivot = c[j * k + j];
    for (size_t l = 0; l < j; l++)
      pivot -= c[l * k + j] * c[l * k + j];
    c[j * k + j] = pivot > 0 ? sqrt(pivot) : 0;
    for (size_t i = j + 1; i < k; i++) {
      double sum = c[j * k + i];
      for (size_t l = 0; l < j; l++)
        sum -= c[l * k + j] * c[l * k + i];
      c[j * k + i] = c[j * k + j] > 0 ? sum / c[j * k + j] : 0;
    }
  }
}

/* matrix += JᵀCJ over the rows. The tape has run forward. */
static void add_matrix(workspace *w, gradus_i_tape *tape, size_t rows, double *matrix) {
  size_t k = w->outputs, dim = w->dim, last = w->model->network->count - 1;
  for (size_t r = 0; r < k; r++) {
    double *unit = tape->nodes[last].gradient;
    for (size_t i = 0; i < rows * k; i++)
      unit[i] = i % k == r ? 1 : 0;
    gradus_i_tape_rows_gradient(tape, w->jacobian + r * dim, k * dim);
  }
  for (size_t i = 0; i < rows; i++) {
    double *c = w->curvature + i * k * k, *out = w->factored + i * k * dim;
    const double *jacobian = w->jacobian + i * k * dim;
    gradus_i_curvature_root(k, c);
    memset(out, 0, k * dim * sizeof *out);
    for (size_t a = 0; a < k; a++)
      for (size_t b = a; b < k; b++)
        for (size_t j = 0; j < dim; j++)
          out[a * dim + j] += c[a * k + b] * jacobian[b * dim + j];
  }
  gradus_i_rows_gram(rows * k, dim, w->factored, dim, matrix, dim);
}

static void add_block(workspace *w, gradus_i_tape *tape, const gradus_batch *part, double *sums) {
  const gradus_i_network_model *m = w->model;
  size_t last = m->network->count - 1;
  double *gradient = sums + GRADUS_I_SUM_GRADIENT;
  tape->rows = part->rows;
  tape->first = part->first;
  tape->x = inputs_of(w, part);
  take_outputs(w, part, gradus_i_tape_forward(tape));
  gradus_i_network_loss(m, w->order, part, tape, w->eta, w->curvature, sums, w->loss);
  if (w->order < GRADUS_I_GRADIENT)
    return;
  put_gradient(w, part->rows, tape->nodes[last].gradient);
  gradus_i_tape_backward(tape, w->gradient_f ? (void *)w->gradient_f : gradient);
  if (tape->training && m->state->running)
    gradus_i_tape_collect(tape, m->state->running);
  if (w->order >= GRADUS_I_MATRIX)
    add_matrix(w, tape, part->rows, gradient + w->dim);
}

static gradus_status add(const void *model, const double *theta, gradus_i_order order,
                         const gradus_batch *batch, double *sums, double *scratch,
                         gradus_error *err) {
  (void)err;
  const gradus_i_network_model *m = model;
  workspace w;
  gradus_i_tape tape;
  lay_out(&w, m, batch->rows, order, scratch);
  gradus_i_tape_open(&tape, m->network, m->precision, w.rows, w.order < GRADUS_I_MATRIX, w.tape);
  tape.theta = theta;
  gradus_i_network_set_tape(m, &tape);
  if (w.theta_f) {
    for (size_t j = 0; j < w.dim; j++)
      w.theta_f[j] = (float)theta[j];
    memset(w.gradient_f, 0, w.dim * sizeof *w.gradient_f);
    tape.theta = w.theta_f;
  }
  for (size_t first = 0; first < batch->rows; first += w.rows) {
    size_t rows = batch->rows - first < w.rows ? batch->rows - first : w.rows;
    gradus_batch part = part_of(batch, first, rows);
    add_block(&w, &tape, &part, sums);
  }
  for (size_t j = 0; w.gradient_f && order >= GRADUS_I_GRADIENT && j < w.dim; j++)
    sums[GRADUS_I_SUM_GRADIENT + j] += (double)w.gradient_f[j];
  return GRADUS_OK;
}

void gradus_i_network_set_tape(const gradus_i_network_model *m, gradus_i_tape *tape) {
  tape->training = m->state && m->state->training;
  tape->seed = m->state ? m->state->seed + m->state->evaluation * 0x9e3779b97f4a7c15u : 0;
}

void gradus_i_network_begin(const void *model, bool mini_batch) {
  gradus_i_network_state *state = ((const gradus_i_network_model *)model)->state;
  if (!state)
    return;
  state->training = mini_batch;
  state->evaluation += mini_batch;
}

const gradus_i_objective_type gradus_i_network_type = {.name = "the network",
                                                       .order = GRADUS_I_MATRIX,
                                                       .scratch_size = scratch_size,
                                                       .begin = gradus_i_network_begin,
                                                       .add = add,
                                                       .training = &gradus_i_network_training};
const gradus_i_objective_type gradus_i_network_plain_type = {.name = "the network",
                                                             .order = GRADUS_I_GRADIENT,
                                                             .scratch_size = scratch_size,
                                                             .begin = gradus_i_network_begin,
                                                             .add = add,
                                                             .training =
                                                                 &gradus_i_network_training};
