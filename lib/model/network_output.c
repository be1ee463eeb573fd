// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows of the last hidden activations as the inputs of a least-squares problem. */
#include "network_output.h"
#include "../solver/internal.h"

#include <string.h>

enum { BLOCK = 128 }; /* rows that go through the network together */

/* A network seen as the regression of what the output layer has yet to explain. */
typedef struct hidden_rows {
  const gradus_source *inner;
  const gradus_i_network *network;
  const double *theta;
  size_t output;          /* the node */
  size_t inputs, from, k; /* of the network; of the output layer, and the node they come from */
} hidden_rows;

typedef struct hidden_cursor {
  gradus_cursor *inner;
  double *x, *y, *block, *tape;
} hidden_cursor;

static void hidden_close(void *cursor) {
  hidden_cursor *c = cursor;
  if (!c)
    return;
  gradus_cursor_free(c->inner);
  gradus_i_release(c->x);
  gradus_i_release(c->y);
  gradus_i_release(c->block);
  gradus_i_release(c->tape);
  gradus_i_release(c);
}

static double *cells_of(size_t rows, size_t columns) {
  size_t cells;
  return gradus_i_multiply(rows, columns, &cells) ? gradus_i_allocate_raw(cells, sizeof(double))
                                                  : NULL;
}

static gradus_status hidden_open(const void *data, size_t max_rows, void **cursor,
                                 gradus_error *err) {
  const hidden_rows *h = data;
  hidden_cursor *c = *cursor = gradus_i_allocate(1, sizeof *c);
  if (!c)
    return gradus_i_out_of_memory(err);
  c->x = cells_of(max_rows, h->network->nodes[h->output].in.size);
  c->y = cells_of(max_rows, h->k);
  c->block = cells_of(BLOCK, h->inputs);
  c->tape = cells_of(gradus_i_tape_size(h->network, GRADUS_I_DOUBLE, BLOCK), 1);
  gradus_status status =
      c->x && c->y && c->block && c->tape ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_cursor_open(&c->inner, h->inner, max_rows, err);
  if (status > 0) {
    hidden_close(c);
    *cursor = NULL;
  }
  return status;
}

/* Rows first .. first + rows - 1 of a batch: hidden activations, and the responses less what the
   network's other terms give. */
static void put_block(const hidden_rows *h, hidden_cursor *c, const gradus_batch *batch,
                      size_t first, size_t rows) {
  size_t width = h->network->nodes[h->output].in.size;
  gradus_i_tape tape;
  gradus_i_tape_open(&tape, h->network, GRADUS_I_DOUBLE, BLOCK, false, c->tape);
  for (size_t i = 0; i < rows; i++)
    memcpy(c->block + i * h->inputs, batch->x + (first + i) * batch->x_stride,
           h->inputs * sizeof *c->block);
  tape.rows = rows;
  tape.theta = h->theta;
  tape.x = c->block;
  const double *all = gradus_i_tape_forward(&tape), *own = tape.nodes[h->output].out;
  const double *hidden = h->from == 0 ? c->block : tape.nodes[h->from].out;
  memcpy(c->x + first * width, hidden, rows * width * sizeof *c->x);
  for (size_t i = 0; i < rows; i++)
    for (size_t r = 0; r < h->k; r++)
      c->y[(first + i) * h->k + r] = batch->y[(first + i) * batch->y_stride + r] -
                                     (all == own ? 0 : all[i * h->k + r] - own[i * h->k + r]);
}

static gradus_status hidden_read(const void *data, void *cursor, size_t first, size_t max_rows,
                                 gradus_batch *batch, gradus_error *err) {
  const hidden_rows *h = data;
  hidden_cursor *c = cursor;
  gradus_status status = gradus_cursor_read(c->inner, first, max_rows, batch, err);
  if (status > 0)
    return status;
  for (size_t at = 0; at < batch->rows; at += BLOCK)
    put_block(h, c, batch, at, batch->rows - at < BLOCK ? batch->rows - at : BLOCK);
  batch->x = c->x;
  batch->x_stride = h->network->nodes[h->output].in.size;
  batch->x_low = NULL;
  batch->y = c->y;
  batch->y_stride = h->k;
  return status;
}

static const gradus_source_type hidden_type = {.name = "hidden activations",
                                               .random_access = true,
                                               .open = hidden_open,
                                               .read = hidden_read,
                                               .close = hidden_close,
                                               .release = gradus_i_release};
static const gradus_source_type hidden_stream_type = {.name = "hidden activations, in order",
                                                      .open = hidden_open,
                                                      .read = hidden_read,
                                                      .close = hidden_close,
                                                      .release = gradus_i_release};

static gradus_status open_rows(gradus_source **source, const hidden_rows *rows, gradus_error *err) {
  gradus_source_shape shape = *gradus_source_get_shape(rows->inner);
  hidden_rows *h = gradus_i_allocate(1, sizeof *h);
  *source = NULL;
  if (!h)
    return gradus_i_out_of_memory(err);
  *h = *rows;
  shape.columns = h->network->nodes[h->output].in.size;
  shape.has_low = false;
  return gradus_source_new(
      source, gradus_source_random_access(h->inner) ? &hidden_type : &hidden_stream_type, h, &shape,
      err);
}

/* ---- which problem it is ---- */

size_t gradus_i_network_output_node(const gradus_i_network *network) {
  size_t last = network->count - 1;
  for (size_t i = 1; i <= last; i++) {
    const gradus_i_node *node = &network->nodes[i], *end = &network->nodes[last];
    if (strcmp(node->name, "output") != 0 || node->type != &gradus_i_layer_dense)
      continue;
    if (i == last)
      return i;
    for (size_t k = 0; end->type == &gradus_i_layer_add && k < end->input_count; k++)
      if (end->inputs[k] == i && node->consumers == 1)
        return i;
  }
  return 0;
}

/* Whether entries are the same from `first` on. */
static bool is_even(const double *values, size_t first, size_t count) {
  for (size_t j = first + 1; values && j < first + count; j++)
    if (values[j] != values[first])
      return false;
  return true;
}

static bool any_frozen(const gradus_i_objective *o, const gradus_i_node *node) {
  for (size_t j = 0; o->frozen && j < node->parameters; j++)
    if (o->frozen[node->theta + j])
      return true;
  return false;
}

static gradus_status describe(const gradus_i_objective *o, gradus_i_least_squares_options *options,
                              size_t *output, gradus_error *err) {
  const gradus_i_network_model *model = o->model;
  *output =
      model->loss == &gradus_i_loss_gaussian ? gradus_i_network_output_node(model->network) : 0;
  if (*output == 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the output layer has a closed form only where the response is gaussian "
                         "and the network ends in the dense layer \"output\"");
  const gradus_i_node *node = &model->network->nodes[*output];
  size_t weights = node->units * node->in.size;
  size_t biases = node->parameters - weights, bias = node->theta + weights;
  double of_weights = o->penalty && weights > 0 ? o->penalty[node->theta] : 0;
  double of_bias = o->penalty && biases > 0 ? o->penalty[bias] : 0;
  if (any_frozen(o, node) || !is_even(o->penalty, node->theta, weights) ||
      !is_even(o->penalty, bias, biases) || (of_bias != 0 && of_bias != of_weights))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the output layer has a closed form only where none of its parameters is "
                         "frozen and one penalty holds for all");
  *options = (gradus_i_least_squares_options){.no_intercept = node->no_bias,
                                              .l2 = of_weights,
                                              .ridge_intercept = of_bias > 0,
                                              .threads = o->threads,
                                              .any_rank = true};
  return GRADUS_OK;
}

/* θ's part of the output layer from the coefficients, intercept first, response by response. */
static void take(const gradus_i_least_squares *s, const gradus_i_node *node, double *theta) {
  size_t q = s->layout.q, p = node->in.size, first = node->no_bias ? 0 : 1;
  double *own = theta + node->theta;
  for (size_t r = 0; r < node->units; r++)
    for (size_t j = 0; j < q; j++) {
      double value = s->dropped[j] ? 0
                                   : gradus_i_extended_round(s->coefficients[r * q + j]) *
                                         (s->layout.scale[j] / s->layout.scale[q + r]);
      if (j < first)
        own[node->units * p + r] = value;
      else
        own[r * p + j - first] = value;
    }
}

static gradus_status loss_at(const gradus_i_objective *o, const double *theta, double *loss,
                             gradus_error *err) {
  gradus_i_value value = {0};
  gradus_status status = gradus_i_objective_evaluate(o, theta, GRADUS_I_LOSS, &value, err);
  *loss = value.loss;
  return status;
}

/* Takes the solution where F is not larger there. */
static gradus_status improve(const gradus_i_objective *o, const gradus_i_least_squares *s,
                             const gradus_i_node *node, double *theta, gradus_error *err) {
  double before, after = 0;
  double *old = gradus_i_allocate_raw(node->parameters, sizeof *old);
  if (!old)
    return gradus_i_out_of_memory(err);
  memcpy(old, theta + node->theta, node->parameters * sizeof *old);
  gradus_status status = loss_at(o, theta, &before, err);
  if (status <= 0) {
    take(s, node, theta);
    status = loss_at(o, theta, &after, err);
  }
  if (status > 0 || !(after <= before))
    memcpy(theta + node->theta, old, node->parameters * sizeof *old);
  gradus_i_release(old);
  return status;
}

gradus_status gradus_i_network_solve_output(const gradus_i_objective *objective, double *theta,
                                            gradus_error *err) {
  const gradus_i_network *network = ((const gradus_i_network_model *)objective->model)->network;
  gradus_i_least_squares_options options;
  gradus_i_least_squares *solution = NULL;
  gradus_source *source = NULL;
  size_t output;
  gradus_status status = describe(objective, &options, &output, err);
  if (status > 0)
    return status;
  hidden_rows rows = {.inner = objective->source,
                      .network = network,
                      .theta = theta,
                      .output = output,
                      .inputs = network->inputs,
                      .from = network->nodes[output].inputs[0],
                      .k = network->nodes[output].units};
  status = open_rows(&source, &rows, err);
  if (status <= 0)
    status = gradus_i_least_squares_solve(&solution, source, &options, err);
  if (status <= 0)
    status = improve(objective, solution, &network->nodes[output], theta, err);
  gradus_i_least_squares_free(solution);
  gradus_source_free(source);
  return status;
}
