// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows through a network and back, with sums of what passes each layer. */
#include "diagnose.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK };

/* Sums: those of SUM_COUNT, θ's gradient, then for every layer MOMENTS sums and two counts of rows
   for each of its units: not 0, and near an end. */
enum { SUM_LOSS, SUM_WEIGHT, SUM_ROWS, SUM_COUNT };
enum { OUT, OUT_SQUARE, BACK, BACK_SQUARE, MOMENTS };

void gradus_diagnosis_free(gradus_diagnosis *diagnosis) {
  if (!diagnosis)
    return;
  for (size_t i = 0; diagnosis->finding && i < diagnosis->findings; i++)
    gradus_i_release(diagnosis->finding[i]);
  gradus_i_release(diagnosis->finding);
  gradus_i_release(diagnosis->block);
  gradus_i_release(diagnosis->layer);
  gradus_i_release(diagnosis);
}

static bool is_layer(const gradus_i_node *node) {
  return node->type == &gradus_i_layer_activation;
}

static size_t sums_size(const gradus_i_network *network) {
  size_t size = SUM_COUNT + gradus_params_size(network->params);
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i]))
      size += MOMENTS + 2 * network->nodes[i].out.size;
  return size;
}

/* The end that an activation saturates at is 0.99 of the way from the middle of its range. */
static bool is_saturated(const char *activation, double value) {
  if (strcmp(activation, "sigmoid") == 0)
    return fabs(2 * value - 1) > 0.99;
  return strcmp(activation, "tanh") == 0 && fabs(value) > 0.99;
}

/* One layer's rows of weight above 0. */
static void add_layer(const gradus_i_network_rows *rows, const gradus_batch *part, size_t index,
                      double *sums) {
  const gradus_i_node *node = &rows->view->network->nodes[index];
  const double *out = rows->tape.nodes[index].out, *back = rows->tape.nodes[index].gradient;
  size_t units = node->out.size;
  double *active = sums + MOMENTS, *saturated = active + units;
  for (size_t i = 0; i < part->rows; i++) {
    double weight = part->weight ? part->weight[i] : 1;
    for (size_t u = 0; weight > 0 && u < units; u++) {
      double value = out[i * units + u], slope = back[i * units + u] / weight;
      sums[OUT] += value;
      sums[OUT_SQUARE] += value * value;
      sums[BACK] += slope;
      sums[BACK_SQUARE] += slope * slope;
      active[u] += value != 0;
      saturated[u] += is_saturated(node->activation->name, value);
    }
  }
}

/* The losses' derivatives by the outputs, in the network's own units. */
static void seed(gradus_i_network_rows *rows, const gradus_batch *part, double *sums) {
  const gradus_i_network_view *v = rows->view;
  double *last = rows->tape.nodes[v->network->count - 1].gradient, loss = 0;
  v->loss->rows(v->loss_data, GRADUS_I_GRADIENT, part, v->k, rows->eta, NULL, &loss);
  double spread = v->spread ? v->spread[0] : 1;
  sums[SUM_LOSS] += loss / (spread * spread);
  for (size_t i = 0; i < part->rows; i++)
    for (size_t r = 0; r < v->k; r++)
      last[i * v->k + r] = rows->eta[i * v->k + r] / (v->spread ? v->spread[r] : 1);
}

static void add_block(gradus_i_network_rows *rows, const gradus_batch *part, double *sums) {
  const gradus_i_network *network = rows->view->network;
  size_t dim = gradus_params_size(network->params);
  gradus_i_network_rows_take(rows, part, 0, part->rows);
  gradus_i_network_rows_forward(rows, part, 0);
  seed(rows, part, sums);
  gradus_i_tape_backward(&rows->tape, sums + SUM_COUNT);
  double *own = sums + SUM_COUNT + dim;
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i])) {
      add_layer(rows, part, i, own);
      own += MOMENTS + 2 * network->nodes[i].out.size;
    }
  for (size_t i = 0; i < part->rows; i++) {
    double weight = part->weight ? part->weight[i] : 1;
    sums[SUM_WEIGHT] += weight;
    sums[SUM_ROWS] += weight > 0;
  }
}

static gradus_status add_batch(void *context, const gradus_batch *batch, double *sums,
                               double *scratch, gradus_error *err) {
  (void)err;
  gradus_i_network_rows rows;
  gradus_i_network_rows_open(&rows, context, scratch);
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t count = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    gradus_batch part = gradus_i_network_part(batch, first, count);
    add_block(&rows, &part, sums);
  }
  return GRADUS_OK;
}

/* ---- from the sums ---- */

static double norm(const double *values, size_t count) {
  double square = 0;
  for (size_t j = 0; j < count; j++)
    square += values[j] * values[j];
  return sqrt(square);
}

static void describe_blocks(gradus_diagnosis *d, const gradus_i_network_view *v,
                            const double *sums) {
  for (size_t b = 0; b < d->blocks; b++) {
    const gradus_block *block = gradus_params_block(v->network->params, b);
    double own = norm(v->theta + block->offset, block->size);
    double gradient = norm(sums + SUM_COUNT + block->offset, block->size) / sums[SUM_WEIGHT];
    d->block[b] = (gradus_block_diagnosis){.name = block->name,
                                           .size = block->size,
                                           .norm = own,
                                           .gradient = gradient,
                                           .ratio = own > 0 ? gradient / own : NAN};
  }
}

size_t gradus_i_dense_before(const gradus_i_network *network, size_t node) {
  while (node > 0 && network->nodes[node].type != &gradus_i_layer_dense)
    node = network->nodes[node].inputs[0];
  return node;
}

static void describe_layer(gradus_layer_diagnosis *l, const gradus_i_network *network, size_t index,
                           const double *sums, double rows) {
  const gradus_i_node *node = &network->nodes[index];
  size_t units = node->out.size, dense = gradus_i_dense_before(network, index);
  double cells = rows * (double)units, mean = sums[OUT] / cells, back = sums[BACK] / cells;
  const double *active = sums + MOMENTS, *saturated = active + units;
  *l = (gradus_layer_diagnosis){.name = dense > 0 ? network->nodes[dense].name : node->name,
                                .activation = node->activation->name,
                                .units = units,
                                .mean = mean,
                                .variance = fmax(sums[OUT_SQUARE] / cells - mean * mean, 0),
                                .gradient_mean = back,
                                .gradient_variance =
                                    fmax(sums[BACK_SQUARE] / cells - back * back, 0)};
  for (size_t u = 0; u < units; u++) {
    l->dead += strcmp(l->activation, "relu") == 0 && active[u] == 0;
    l->saturated += saturated[u] > 0.5 * rows;
  }
}

static void describe_layers(gradus_diagnosis *d, const gradus_i_network *network,
                            const double *sums) {
  const double *own = sums + SUM_COUNT + gradus_params_size(network->params);
  size_t next = 0;
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i])) {
      describe_layer(&d->layer[next++], network, i, own, sums[SUM_ROWS]);
      own += MOMENTS + 2 * network->nodes[i].out.size;
    }
}

static gradus_status allocate(gradus_diagnosis **diagnosis, const gradus_i_network *network,
                              gradus_error *err) {
  gradus_diagnosis *d = *diagnosis = gradus_i_allocate(1, sizeof *d);
  if (!d)
    return gradus_i_out_of_memory(err);
  d->blocks = gradus_params_blocks(network->params);
  for (size_t i = 1; i < network->count; i++)
    d->layers += is_layer(&network->nodes[i]);
  d->block = gradus_i_allocate(d->blocks, sizeof *d->block);
  d->layer = gradus_i_allocate(d->layers, sizeof *d->layer);
  return d->block && d->layer ? GRADUS_OK : gradus_i_out_of_memory(err);
}

static gradus_status run(gradus_diagnosis *d, gradus_i_network_view *view,
                         const gradus_source *source, int threads, gradus_error *err) {
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(view->p + view->k),
                        .accumulator_size = sums_size(view->network),
                        .scratch_size = gradus_i_network_rows_size(view),
                        .process = add_batch};
  double *sums = gradus_i_allocate_raw(pass.accumulator_size, sizeof *sums);
  if (!sums)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_pass_run(&pass, view, source, threads, sums, err);
  if (status <= 0 && !(sums[SUM_ROWS] > 0))
    status = gradus_i_fail(err, GRADUS_ERROR_NO_COMPLETE_ROWS,
                           "there is no complete row with a weight above 0 to diagnose with");
  if (status <= 0) {
    d->rows = (size_t)sums[SUM_ROWS];
    d->loss = sums[SUM_LOSS] / sums[SUM_WEIGHT];
    describe_blocks(d, view, sums);
    describe_layers(d, view->network, sums);
    status = gradus_i_find_faults(d, view, err);
  }
  gradus_i_release(sums);
  return status;
}

gradus_status gradus_diagnose(gradus_diagnosis **diagnosis, const gradus_fit *fit,
                              const gradus_source *source, int threads, gradus_error *err) {
  gradus_i_network_view view;
  const gradus_source *rows = source;
  gradus_source *grouped = NULL;
  *diagnosis = NULL;
  gradus_status status = gradus_i_network_view_of(&view, fit, err);
  if (status <= 0)
    status = gradus_i_network_fitted_rows(&rows, &grouped, fit, source, err);
  if (status <= 0)
    status = gradus_i_network_check_rows(&view, rows, true, err);
  if (status <= 0)
    status = allocate(diagnosis, view.network, err);
  if (status <= 0) {
    gradus_i_thread_scope scope = gradus_i_threads_begin(threads);
    status = run(*diagnosis, &view, rows, scope.threads, err);
    gradus_i_threads_end(scope);
  }
  gradus_source_free(grouped);
  if (status > 0) {
    gradus_diagnosis_free(*diagnosis);
    *diagnosis = NULL;
  }
  return status;
}
