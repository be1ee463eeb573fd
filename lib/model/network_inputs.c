// SPDX-License-Identifier: GPL-3.0-or-later
/* Inputs of networks: what they may be, and the units that they are put into. */
#include "iterate.h"
#include "network.h"

#include <math.h>

/* ---- lengths and tokens, levels among them ---- */

typedef struct checking {
  const gradus_i_network *network;
  const gradus_source *source;
} checking;

static gradus_status fail_whole(const checking *c, const gradus_batch *batch, size_t i, size_t j,
                                const gradus_i_input *input, gradus_error *err) {
  const gradus_i_origin *origin = gradus_i_source_origin(c->source);
  bool length = c->network->lengths && j + 1 == c->network->inputs;
  char where[240], what[48] = "the token";
  if (length)
    gradus_i_snprintf(what, sizeof what, "the length of the sequence");
  else if (!origin->frame)
    gradus_i_snprintf(what, sizeof what, "the token in column %zu", j + 1);
  gradus_i_origin_name(origin, gradus_i_batch_row(batch, i) - 1, j, where, sizeof where);
  return gradus_i_fail(err, GRADUS_ERROR_BAD_INPUT,
                       "%s: %s is %.15g: it must be a whole number from %zu to %zu", where, what,
                       batch->x[i * batch->x_stride + j], input->least, input->most);
}

static bool has_whole(const gradus_i_network *network) {
  bool whole = network->lengths > 0;
  for (size_t i = 1; i < network->count; i++)
    whole = whole || network->nodes[i].type->whole;
  return whole;
}

static gradus_status check_batch(void *context, const gradus_batch *batch, double *cells,
                                 double *scratch, gradus_error *err) {
  (void)cells, (void)scratch;
  const checking *c = context;
  for (size_t j = 0; j < c->network->inputs; j++) {
    gradus_i_input input;
    gradus_i_network_input(c->network, j, &input);
    for (size_t i = 0; input.whole && i < batch->rows; i++) {
      double x = batch->x[i * batch->x_stride + j];
      if (!(x >= (double)input.least && x <= (double)input.most && x == floor(x)))
        return fail_whole(c, batch, i, j, &input, err);
    }
  }
  return GRADUS_OK;
}

gradus_status gradus_i_network_check_source(const gradus_i_network *network,
                                            const gradus_source *source, int threads,
                                            gradus_error *err) {
  double nothing;
  checking context = {.network = network, .source = source};
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(network->inputs), .process = check_batch};
  if (!source || !has_whole(network))
    return GRADUS_OK;
  return gradus_i_pass_run(&pass, &context, source, threads, &nothing, err);
}

const double *gradus_i_network_lengths(const gradus_i_network *network, const gradus_batch *batch,
                                       double *lengths) {
  if (!network->lengths)
    return NULL;
  for (size_t i = 0; i < batch->rows; i++)
    lengths[i] = batch->x[i * batch->x_stride + network->inputs - 1];
  return lengths;
}

/* ---- moments that all places share ---- */

typedef struct moments {
  const gradus_i_network *network;
  size_t features, size; /* of the shape: its last dimension, and all of it */
  size_t run;            /* values of a feature side by side; 0: those of a place are */
  const double *mean;    /* features: of the pass before; NULL: it is the first */
} moments;

/* Of the columns as they come. */
static const gradus_i_shape *shape_of(const gradus_i_network *network) {
  return &network->nodes[gradus_i_network_columns(network)].out;
}

static size_t feature_of(const moments *m, size_t j) {
  return m->run > 0 ? j / m->run : j % m->features;
}

/* Whether the input comes with its channels first: a layer that moves them takes it, alone. */
static bool has_channels_first(const gradus_i_network *network) {
  const gradus_i_node *first = &network->nodes[network->lengths ? 3 : 1];
  return network->embedded == 0 && network->nodes[network->entry].consumers == 1 &&
         first->type == &gradus_i_layer_channels_last && first->inputs[0] == network->entry;
}

/* Cells: per feature Σw of the values, and Σwx, or Σw(x - mean)². */
static gradus_status add_moments(void *context, const gradus_batch *batch, double *cells,
                                 double *scratch, gradus_error *err) {
  (void)scratch, (void)err;
  const moments *m = context;
  for (size_t i = 0; i < batch->rows; i++) {
    const double *x = batch->x + i * batch->x_stride;
    double w = batch->weight ? batch->weight[i] : 1;
    const gradus_i_shape *shape = shape_of(m->network);
    size_t end = m->size;
    if (m->network->lengths)
      end = (size_t)x[m->size] * (m->size / shape->extent[0]);
    for (size_t j = 0; w > 0 && j < end; j++) {
      size_t f = feature_of(m, j);
      double value = m->mean ? (x[j] - m->mean[f]) * (x[j] - m->mean[f]) : x[j];
      cells[2 * f] += w;
      cells[2 * f + 1] += w * value;
    }
  }
  return GRADUS_OK;
}

static gradus_status run_moments(const moments *m, const gradus_source *source, int threads,
                                 double *cells, gradus_error *err) {
  gradus_i_pass pass = {.chunk_rows = gradus_i_chunk_rows(m->size + 1),
                        .accumulator_size = 2 * m->features,
                        .process = add_moments};
  moments context = *m;
  return gradus_i_pass_run(&pass, &context, source, threads, cells, err);
}

/* Mean and deviation of each feature over all places that count. */
static gradus_status share_moments(const gradus_i_network_job *job, const gradus_i_shape *shape,
                                   double *centre, double *factor, gradus_error *err) {
  moments m = {.network = job->made->network,
               .features = shape->extent[shape->rank - 1],
               .size = shape->size};
  if (has_channels_first(m.network)) {
    m.features = shape->extent[0];
    m.run = shape->size / m.features;
  }
  double *cells = gradus_i_allocate(3 * m.features, sizeof *cells);
  if (!cells)
    return gradus_i_out_of_memory(err);
  double *mean = cells + 2 * m.features;
  gradus_status status = run_moments(&m, job->train, job->fit.threads, cells, err);
  for (size_t f = 0; status <= 0 && f < m.features; f++) {
    mean[f] = cells[2 * f] > 0 ? cells[2 * f + 1] / cells[2 * f] : 0;
    cells[2 * f] = cells[2 * f + 1] = 0;
  }
  m.mean = mean;
  if (status <= 0)
    status = run_moments(&m, job->train, job->fit.threads, cells, err);
  for (size_t j = 0; status <= 0 && j < m.size; j++) {
    size_t f = feature_of(&m, j);
    double spread = cells[2 * f] > 0 ? sqrt(cells[2 * f + 1] / cells[2 * f]) : 0;
    bool constant = !(spread > 1e-14 * fabs(mean[f])) || !isfinite(1 / spread);
    centre[j] = mean[f];
    factor[j] = constant ? 1 : 1 / spread;
  }
  gradus_i_release(cells);
  return status;
}

/* ---- units ---- */

/* Whether a bias can make up for centring: with hidden layers the first one's always can. */
static bool centres(const gradus_i_network_job *job) {
  bool deep = gradus_i_network_is_deep(job->made->network);
  return deep || (job->bias && !(job->fit.l2_bias && job->fit.l2 > 0));
}

/* Moments are taken of all inputs in any case: that they are finite is checked on the way. */
static gradus_status take_moments(const gradus_i_network_job *job, gradus_i_standard *standard,
                                  gradus_error *err) {
  const gradus_i_network *network = job->made->network;
  const gradus_i_shape *shape = shape_of(network);
  gradus_source *source = NULL;
  gradus_status status =
      gradus_i_standardise(&source, standard, job->train, centres(job), job->fit.threads, err);
  gradus_source_free(source);
  if (status <= 0 && shape->rank > 1)
    status = share_moments(job, shape, standard->centre, standard->factor, err);
  for (size_t j = 0; status <= 0 && j < job->p; j++) {
    gradus_i_input input;
    gradus_i_network_input(network, j, &input);
    if (!input.whole)
      continue;
    standard->centre[j] = 0;
    standard->factor[j] = 1;
  }
  return status;
}

gradus_status gradus_i_network_take_inputs(gradus_i_network_job *job, gradus_error *err) {
  gradus_i_units *units = &job->made->units;
  double *centre = gradus_i_allocate(2 * job->p, sizeof *centre);
  if (!centre)
    return gradus_i_out_of_memory(err);
  gradus_i_standard standard = {centre, centre + job->p};
  gradus_status status = take_moments(job, &standard, err);
  if (status > 0 || job->options->raw_inputs) {
    gradus_i_release(centre);
    return status;
  }
  units->centre = standard.centre;
  units->factor = standard.factor;
  return status;
}
