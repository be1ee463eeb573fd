// SPDX-License-Identifier: GPL-3.0-or-later
/* Rows through a network and back, with sums of what passes each layer. */
#include "diagnose.h"

#include <math.h>
#include <string.h>

enum { BLOCK = GRADUS_I_NETWORK_BLOCK };

/* Sums: those of SUM_COUNT, θ's gradient, then for every layer MOMENTS sums and two counts of rows
   for each of its units: not 0, and near an end; then those of the recurrences. */
enum { SUM_LOSS, SUM_WEIGHT, SUM_ROWS, SUM_COUNT };
enum { CELLS, OUT, OUT_SQUARE, BACK, BACK_SQUARE, MOMENTS };

void gradus_diagnosis_free(gradus_diagnosis *diagnosis) {
  if (!diagnosis)
    return;
  for (size_t i = 0; diagnosis->finding && i < diagnosis->findings; i++)
    gradus_i_release(diagnosis->finding[i]);
  gradus_i_release(diagnosis->finding);
  for (size_t i = 0; diagnosis->layer && i < diagnosis->layers; i++)
    gradus_i_release(diagnosis->layer[i].same_as);
  gradus_i_lags_free(diagnosis);
  gradus_i_release(diagnosis->block);
  gradus_i_release(diagnosis->layer);
  gradus_i_release(diagnosis);
}

static bool is_layer(const gradus_i_node *node) {
  return node->type == &gradus_i_layer_activation;
}

bool gradus_i_is_convolution(const gradus_i_node *node) {
  return node->type == &gradus_i_layer_conv1d || node->type == &gradus_i_layer_conv2d;
}

static bool is_affine(const gradus_i_node *node) {
  return node->type == &gradus_i_layer_dense || gradus_i_is_convolution(node);
}

/* Whether values stay those of the same units. */
static bool keeps_units(const gradus_i_node *node) {
  static const gradus_i_layer_type *const types[] = {
      &gradus_i_layer_activation,   &gradus_i_layer_add,
      &gradus_i_layer_dropout,      &gradus_i_layer_layer_norm,
      &gradus_i_layer_batch_norm,   &gradus_i_layer_max_pool,
      &gradus_i_layer_average_pool, &gradus_i_layer_global_max_pool,
      &gradus_i_layer_flatten,      &gradus_i_layer_global_average_pool};
  for (size_t t = 0; t < sizeof types / sizeof *types; t++)
    if (node->type == types[t])
      return true;
  return false;
}

size_t gradus_i_affine_before(const gradus_i_network *network, size_t node) {
  while (node > 0 && !is_affine(&network->nodes[node]))
    node = keeps_units(&network->nodes[node]) ? network->nodes[node].inputs[0] : 0;
  return node;
}

size_t gradus_i_unit_width(const gradus_i_node *node) {
  return (node->parameters - (node->no_bias ? 0 : node->units)) / node->units;
}

/* Of an activation's values, of which a row may have several of each unit, side by side. */
static size_t units_of(const gradus_i_network *network, size_t index) {
  size_t affine = gradus_i_affine_before(network, index), size = network->nodes[index].out.size;
  size_t units = affine > 0 ? network->nodes[affine].units : size;
  return size % units == 0 ? units : size;
}

static size_t layer_sums(const gradus_i_network *network, size_t index) {
  return MOMENTS + 2 * units_of(network, index);
}

/* Of all layers, behind θ's gradient. */
static size_t layers_sums(const gradus_i_network *network) {
  size_t size = 0;
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i]))
      size += layer_sums(network, i);
  return size;
}

static size_t sums_size(const gradus_i_network *network) {
  return SUM_COUNT + gradus_params_size(network->params) + layers_sums(network) +
         gradus_i_lags_sums(network);
}

/* The end that an activation saturates at is 0.99 of the way from the middle of its range. */
static bool is_saturated(const char *activation, double value) {
  if (strcmp(activation, "sigmoid") == 0)
    return fabs(2 * value - 1) > 0.99;
  return strcmp(activation, "tanh") == 0 && fabs(value) > 0.99;
}

/* Values of a row that count: where there are steps, those of the row's length. */
static size_t values_of(const gradus_i_network_rows *rows, size_t index, size_t row) {
  const gradus_i_network *network = rows->view->network;
  const gradus_i_shape *out = &network->nodes[index].out;
  size_t steps = network->nodes[network->entry].out.extent[0];
  if (network->lengths == 0 || out->rank != 2 || out->extent[0] != steps)
    return out->size;
  const double *lengths = rows->tape.nodes[network->lengths].out;
  return (size_t)fmin(lengths[row], (double)steps) * out->extent[1];
}

/* One layer's rows of weight above 0. */
static void add_layer(const gradus_i_network_rows *rows, const gradus_batch *part, size_t index,
                      double *sums) {
  const gradus_i_node *node = &rows->view->network->nodes[index];
  const double *out = rows->tape.nodes[index].out, *back = rows->tape.nodes[index].gradient;
  size_t size = node->out.size, units = units_of(rows->view->network, index);
  double *active = sums + MOMENTS, *saturated = active + units;
  for (size_t i = 0; i < part->rows; i++) {
    double weight = part->weight ? part->weight[i] : 1;
    size_t values = weight > 0 ? values_of(rows, index, i) : 0;
    sums[CELLS] += (double)values;
    for (size_t j = 0, u = 0; j < values; j++, u = u + 1 < units ? u + 1 : 0) {
      double value = out[i * size + j], slope = back[i * size + j] / weight;
      sums[OUT] += value;
      sums[OUT_SQUARE] += value * value;
      sums[BACK] += slope;
      sums[BACK_SQUARE] += slope * slope;
      active[u] += value != 0;
      saturated[u] += is_saturated(node->activation->name, value);
    }
  }
}

static gradus_i_network_model model_of(const gradus_i_network_view *v) {
  return (gradus_i_network_model){
      .network = v->network, .loss = v->loss, .loss_data = v->loss_data, .steps = v->steps};
}

/* Beside the rows, room for the loss, and then for the lags. */
static size_t loss_scratch(const gradus_i_network_view *view) {
  const gradus_i_network_model model = model_of(view);
  return gradus_i_network_loss_scratch(&model, BLOCK);
}

/* The losses' derivatives by the outputs, in the network's own units. */
static void seed(gradus_i_network_rows *rows, const gradus_batch *part, double *sums,
                 double *scratch) {
  const gradus_i_network_view *v = rows->view;
  const gradus_i_network_model model = model_of(v);
  double *last = rows->tape.nodes[v->network->count - 1].gradient;
  double spread = v->spread ? v->spread[0] : 1, loss[GRADUS_I_SUM_WEIGHT + 1] = {0};
  gradus_i_network_loss(&model, GRADUS_I_GRADIENT, part, &rows->tape, rows->eta, NULL, loss,
                        scratch);
  sums[SUM_LOSS] += loss[GRADUS_I_SUM_LOSS] / (spread * spread);
  sums[SUM_WEIGHT] += loss[GRADUS_I_SUM_WEIGHT];
  for (size_t j = 0; j < part->rows * gradus_i_network_row_outputs(v); j++)
    last[j] = rows->eta[j] / (v->spread ? v->spread[j % v->k] : 1);
}

static void add_block(gradus_i_network_rows *rows, const gradus_batch *part, double *sums,
                      double *scratch) {
  const gradus_i_network *network = rows->view->network;
  size_t dim = gradus_params_size(network->params);
  gradus_i_network_rows_take(rows, part, 0, part->rows);
  gradus_i_network_rows_forward(rows, part, 0);
  seed(rows, part, sums, scratch);
  gradus_i_tape_backward(&rows->tape, sums + SUM_COUNT);
  double *own = sums + SUM_COUNT + dim;
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i])) {
      add_layer(rows, part, i, own);
      own += layer_sums(network, i);
    }
  gradus_i_lags_add(rows, part, own, scratch + loss_scratch(rows->view));
  for (size_t i = 0; i < part->rows; i++)
    sums[SUM_ROWS] += part->weight ? part->weight[i] > 0 : 1;
}

static gradus_status add_batch(void *context, const gradus_batch *batch, double *sums,
                               double *scratch, gradus_error *err) {
  (void)err;
  gradus_i_network_rows rows;
  gradus_i_network_rows_open(&rows, context, scratch);
  for (size_t first = 0; first < batch->rows; first += BLOCK) {
    size_t count = batch->rows - first < BLOCK ? batch->rows - first : BLOCK;
    gradus_batch part = gradus_i_network_part(batch, first, count);
    add_block(&rows, &part, sums, scratch + gradus_i_network_rows_size(context));
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

static void describe_layer(gradus_layer_diagnosis *l, const gradus_i_network *network, size_t index,
                           const double *sums) {
  const gradus_i_node *node = &network->nodes[index];
  size_t units = l->units;
  double cells = sums[CELLS], mean = sums[OUT] / cells, back = sums[BACK] / cells;
  const double *active = sums + MOMENTS, *saturated = active + units;
  l->activation = node->activation->name;
  l->mean = mean;
  l->variance = fmax(sums[OUT_SQUARE] / cells - mean * mean, 0);
  l->gradient_mean = back;
  l->gradient_variance = fmax(sums[BACK_SQUARE] / cells - back * back, 0);
  for (size_t u = 0; u < units; u++) {
    bool dead = strcmp(l->activation, "relu") == 0 && active[u] == 0;
    l->dead += dead;
    l->saturated += saturated[u] > 0.5 * cells / (double)units;
    if (l->filters)
      l->same_as[u] = dead;
  }
}

static void describe_layers(gradus_diagnosis *d, const gradus_i_network_view *view,
                            const double *sums) {
  const gradus_i_network *network = view->network;
  const double *own = sums + SUM_COUNT + gradus_params_size(network->params);
  size_t next = 0;
  for (size_t i = 1; i < network->count; i++)
    if (is_layer(&network->nodes[i])) {
      gradus_layer_diagnosis *l = &d->layer[next++];
      describe_layer(l, network, i, own);
      if (l->filters)
        gradus_i_compare_filters(l, view, i);
      own += layer_sums(network, i);
    }
}

/* The names of the layers, and room for what is said of their units. */
static gradus_status prepare_layers(gradus_diagnosis *d, const gradus_i_network *network,
                                    gradus_error *err) {
  size_t next = 0;
  for (size_t i = 1; i < network->count; i++) {
    if (!is_layer(&network->nodes[i]))
      continue;
    gradus_layer_diagnosis *l = &d->layer[next++];
    size_t affine = gradus_i_affine_before(network, i);
    l->name = network->nodes[affine > 0 ? affine : i].name;
    l->units = units_of(network, i);
    l->places = network->nodes[i].out.size / l->units;
    bool again = next > 1 && d->layer[next - 2].name == l->name;
    l->filters = affine > 0 && !again && gradus_i_is_convolution(&network->nodes[affine]) &&
                 l->units == network->nodes[affine].units;
    l->same_as = l->filters ? gradus_i_allocate(l->units, sizeof *l->same_as) : NULL;
    if (l->filters && !l->same_as)
      return gradus_i_out_of_memory(err);
  }
  return GRADUS_OK;
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
  if (!d->block || !d->layer)
    return gradus_i_out_of_memory(err);
  gradus_status status = prepare_layers(d, network, err);
  return status > 0 ? status : gradus_i_lags_allocate(d, network, err);
}

static gradus_status run(gradus_diagnosis *d, gradus_i_network_view *view,
                         const gradus_source *source, int threads, gradus_error *err) {
  gradus_i_pass pass = {.chunk_rows =
                            gradus_i_chunk_rows(view->p + gradus_i_network_row_outputs(view)),
                        .accumulator_size = sums_size(view->network),
                        .scratch_size = gradus_i_network_rows_size(view) + loss_scratch(view) +
                                        gradus_i_lags_scratch(view->network),
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
    describe_layers(d, view, sums);
    gradus_i_lags_describe(d, sums + sums_size(view->network) - gradus_i_lags_sums(view->network));
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
