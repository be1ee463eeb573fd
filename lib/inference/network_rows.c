// SPDX-License-Identifier: GPL-3.0-or-later
/* Blocks of rows through a fitted network: predictors, means, derivatives by θ and by the inputs.
 */
#include "../model/network.h"
#include "../model/network_output.h"
#include "network.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK };

size_t gradus_i_network_row_outputs(const gradus_i_network_view *view) {
  return view->k * (view->steps > 0 ? view->steps : 1);
}

size_t gradus_i_network_means(const gradus_i_network_view *view) {
  return view->classes > 0 ? view->classes : view->k;
}

size_t gradus_i_network_rows_size(const gradus_i_network_view *view) {
  return BLOCK * (2 * view->p + gradus_i_network_row_outputs(view)) +
         gradus_params_size(view->network->params) +
         gradus_i_tape_size(view->network, GRADUS_I_DOUBLE, BLOCK);
}

void gradus_i_network_rows_open(gradus_i_network_rows *rows, const gradus_i_network_view *view,
                                double *memory) {
  *rows = (gradus_i_network_rows){.view = view, .x = memory};
  rows->inputs = rows->x + BLOCK * view->p;
  rows->eta = rows->inputs + BLOCK * view->p;
  rows->gradient = rows->eta + BLOCK * gradus_i_network_row_outputs(view);
  rows->memory = rows->gradient + gradus_params_size(view->network->params);
}

gradus_batch gradus_i_network_part(const gradus_batch *batch, size_t first, size_t rows) {
  gradus_batch part = *batch;
  part.rows = rows;
  part.first = batch->first + first;
  part.x = batch->x + first * batch->x_stride;
  part.y = batch->y + first * batch->y_stride;
  part.weight = batch->weight ? batch->weight + first : NULL;
  part.offset = batch->offset ? batch->offset + first : NULL;
  part.row = batch->row ? batch->row + first : NULL;
  return part;
}

void gradus_i_network_rows_take(gradus_i_network_rows *rows, const gradus_batch *batch,
                                size_t first, size_t count) {
  const gradus_i_network_view *v = rows->view;
  rows->rows = count;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < v->p; j++) {
      double x = batch->x[(first + i) * batch->x_stride + j];
      rows->x[i * v->p + j] = v->centre ? (x - v->centre[j]) * v->factor[j] : x;
    }
}

void gradus_i_network_rows_forward(gradus_i_network_rows *rows, const gradus_batch *batch,
                                   size_t first) {
  const gradus_i_network_view *v = rows->view;
  gradus_i_tape *tape = &rows->tape;
  size_t outputs = gradus_i_network_row_outputs(v);
  gradus_i_tape_open(tape, v->network, GRADUS_I_DOUBLE, BLOCK, false, rows->memory);
  tape->rows = rows->rows;
  tape->theta = v->theta;
  tape->x = rows->x;
  tape->nodes[0].gradient = rows->inputs;
  const double *out = gradus_i_tape_forward(tape);
  for (size_t i = 0; i < rows->rows; i++)
    for (size_t j = 0; j < outputs; j++) {
      double eta = out[i * outputs + j];
      size_t r = j % v->k;
      rows->eta[i * outputs + j] = (v->spread ? v->middle[r] + v->spread[r] * eta : eta) +
                                   (batch && batch->offset ? batch->offset[first + i] : 0);
    }
}

/* The probability of class c among those of softmax whose first has the predictor 0. */
static double probability(const double *eta, size_t k, size_t c) {
  double largest = 0, total = 0, own = c > 0 ? eta[c - 1] : 0;
  for (size_t r = 0; r < k; r++)
    largest = fmax(largest, eta[r]);
  total = exp(-largest);
  for (size_t r = 0; r < k; r++)
    total += exp(eta[r] - largest);
  return exp(own - largest) / total;
}

double gradus_i_network_mean(const gradus_i_network_view *view, const double *eta, size_t c,
                             double *slopes) {
  for (size_t r = 0; view->classes == 0 && r < view->k; r++)
    slopes[r] = r != c ? 0 : view->link ? view->link->slope(eta[r]) : 1;
  if (view->classes == 0)
    return view->link ? view->link->mean(eta[c]) : eta[c];
  double own = probability(eta, view->k, c);
  for (size_t r = 0; r < view->k; r++)
    slopes[r] = own * ((r + 1 == c ? 1 : 0) - probability(eta, view->k, r + 1));
  return own;
}

void gradus_i_network_rows_seed(gradus_i_network_rows *rows, size_t c, const double *weights,
                                double factor) {
  const gradus_i_network_view *v = rows->view;
  double *seed = rows->tape.nodes[v->network->count - 1].gradient;
  memset(rows->inputs, 0, rows->rows * v->p * sizeof *rows->inputs);
  for (size_t i = 0; i < rows->rows; i++) {
    double *own = seed + i * v->k;
    gradus_i_network_mean(v, rows->eta + i * v->k, c, own);
    for (size_t r = 0; r < v->k; r++)
      own[r] *= (weights ? weights[i] : 1) * factor * (v->spread ? v->spread[r] : 1);
  }
}

/* Of the output layer's parameters alone: hidden activations. */
static void output_jacobian(const gradus_i_network_rows *rows, double *jacobian) {
  const gradus_i_network_view *v = rows->view;
  size_t output = gradus_i_network_output_node(v->network);
  const gradus_i_node *node = &v->network->nodes[output];
  size_t width = node->in.size, m = node->parameters, from = node->inputs[0];
  const double *hidden = from == 0 ? rows->x : rows->tape.nodes[from].out;
  memset(jacobian, 0, rows->rows * v->k * m * sizeof *jacobian);
  for (size_t i = 0; i < rows->rows; i++)
    for (size_t r = 0; r < v->k; r++) {
      double *own = jacobian + (i * v->k + r) * m, spread = v->spread ? v->spread[r] : 1;
      for (size_t j = 0; j < width; j++)
        own[r * width + j] = spread * hidden[i * width + j];
      if (!node->no_bias)
        own[v->k * width + r] = spread;
    }
}

/* Without hidden layers: those of columns that were dropped. */
static size_t hold_dropped(const gradus_i_network_view *view, size_t rows, double *derivative) {
  const gradus_fit *fit = view->fit;
  size_t held = 0;
  for (size_t j = 0; fit && fit->rank < fit->q && j < fit->q; j++)
    for (size_t r = 0; fit->dropped[j] && r < fit->k; r++) {
      size_t at = !fit->has_intercept ? r * fit->p + j
                  : j == 0            ? fit->k * fit->p + r
                                      : r * fit->p + j - 1;
      for (size_t i = 0; i < rows; i++)
        derivative[i * (fit->k * fit->q) + at] = 0;
      held++;
    }
  return held;
}

size_t gradus_i_network_hold(const gradus_i_network_view *view, bool output_only, size_t rows,
                             double *derivative) {
  const gradus_params *params = view->network->params;
  size_t m = gradus_params_size(params), held = 0;
  for (size_t b = 0; !output_only && b < gradus_params_blocks(params); b++) {
    const gradus_block *block = gradus_params_block(params, b);
    for (size_t i = 0; block->frozen && i < rows; i++)
      memset(derivative + i * m + block->offset, 0, block->size * sizeof *derivative);
    held += block->frozen ? block->size : 0;
  }
  return held + hold_dropped(view, rows, derivative);
}

void gradus_i_network_jacobian(gradus_i_network_rows *rows, bool output_only, double *jacobian) {
  const gradus_i_network_view *v = rows->view;
  size_t dim = gradus_params_size(v->network->params);
  double *seed = rows->tape.nodes[v->network->count - 1].gradient;
  if (output_only) {
    output_jacobian(rows, jacobian);
    return;
  }
  for (size_t r = 0; r < v->k; r++) {
    for (size_t i = 0; i < rows->rows * v->k; i++)
      seed[i] = i % v->k == r ? (v->spread ? v->spread[r] : 1) : 0;
    gradus_i_tape_rows_gradient(&rows->tape, jacobian + r * dim, v->k * dim);
  }
  gradus_i_network_hold(v, false, rows->rows * v->k, jacobian);
}

gradus_status gradus_i_network_check_rows(const gradus_i_network_view *view,
                                          const gradus_source *source, bool fitted,
                                          gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t responses = view->responses > 0 ? view->responses : view->classes > 0 ? 1 : view->k;
  responses *= view->steps > 0 ? view->steps : 1;
  if (shape->columns == view->p && (!fitted || shape->responses == responses))
    return gradus_i_network_check_source(view->network, source, 1, err);
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the network has %zu inputs and %zu responses, the rows have %zu and %zu",
                       view->p, responses, shape->columns, shape->responses);
}
