// SPDX-License-Identifier: GPL-3.0-or-later
/* How well a trained network does on its rows. */
#include "network.h"

#include <math.h>
#include <string.h>

typedef struct measure_context {
  const gradus_i_network_job *job;
  const double *theta;
  size_t k;
} measure_context;

enum { WEIGHT, ROWS, LOSS, CORRECT, PER_RESPONSE }; /* then Σw(y - ŷ)², Σwy, Σwy² of each */

static bool classifies(const gradus_i_network_job *job, const double *eta, double y) {
  if (job->family)
    return (job->link->mean(eta[0]) >= 0.5) == (y >= 0.5);
  size_t best = 0;
  double largest = 0;
  for (size_t r = 0; r < job->k; r++)
    if (eta[r] > largest) {
      largest = eta[r];
      best = r + 1;
    }
  return best == (size_t)y;
}

/* In the units of the data. */
static void add_numbers(const gradus_i_network_job *job, const double *eta, const double *y,
                        double w, double *cells) {
  const gradus_i_units *units = &job->made->units;
  for (size_t r = 0; r < job->k; r++) {
    double spread = units->spread ? units->spread[r] : 1;
    double error = spread * (job->link->mean(eta[r]) - y[r]), value = spread * y[r];
    cells[3 * r] += w * error * error;
    cells[3 * r + 1] += w * value;
    cells[3 * r + 2] += w * value * value;
  }
}

/* Of one row, or of one step of a sequence. */
static void add_row(const measure_context *c, const double *eta, const double *y, double w,
                    double *cells) {
  if (!(w > 0))
    return;
  cells[WEIGHT] += w;
  cells[ROWS] += 1;
  if (c->job->classes > 0)
    cells[CORRECT] += classifies(c->job, eta, y[0]) ? w : 0;
  else
    add_numbers(c->job, eta, y, w, cells + PER_RESPONSE);
}

static gradus_status measure_batch(void *context, const gradus_batch *batch, double *cells,
                                   double *scratch, gradus_error *err) {
  (void)err;
  const measure_context *c = context;
  const gradus_i_network_fit *made = c->job->made;
  size_t steps = made->steps, k = c->k;
  double *eta = scratch, *lengths = eta + batch->rows * k * (steps ? steps : 1);
  double *more = lengths + batch->rows, *rest = more + batch->rows * steps * (k + 1);
  gradus_batch rows = *batch;
  gradus_i_network_outputs(made->network, c->theta, batch, eta, rest);
  if (steps > 0)
    rows = gradus_i_steps_batch(batch, steps, c->job->family ? k : 1,
                                gradus_i_network_lengths(made->network, batch, lengths), more);
  for (size_t i = 0; i < rows.rows; i++) {
    for (size_t r = 0; rows.offset && r < k; r++)
      eta[i * k + r] += rows.offset[i];
    add_row(c, eta + i * k, rows.y + i * rows.y_stride, rows.weight ? rows.weight[i] : 1, cells);
  }
  made->loss->rows(gradus_i_network_loss_data(made), GRADUS_I_LOSS, &rows, k, eta, NULL,
                   &cells[LOSS]);
  return GRADUS_OK;
}

/* With several responses: the root of the mean of the mean squares, the mean of the shares. */
static void take_numbers(gradus_network_metrics *metrics, const double *cells, size_t k) {
  double weight = cells[WEIGHT], square = 0, explained = 0;
  for (size_t r = 0; r < k; r++) {
    const double *own = cells + PER_RESPONSE + 3 * r;
    double total = own[2] - own[1] * (own[1] / weight);
    square += own[0] / weight / (double)k;
    explained += (1 - own[0] / total) / (double)k;
  }
  metrics->rmse = sqrt(square);
  metrics->r_squared = explained;
}

gradus_status gradus_i_network_measure(gradus_network_metrics *metrics,
                                       const gradus_i_network_job *job, const gradus_source *source,
                                       gradus_error *err) {
  const gradus_i_network *network = job->made->network;
  size_t steps = job->made->steps, outputs = job->k * (steps ? steps : 1);
  size_t size = PER_RESPONSE + 3 * job->k, chunk = gradus_i_chunk_rows(job->p + outputs);
  measure_context context = {
      .job = job, .theta = gradus_params_values(network->params), .k = job->k};
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .accumulator_size = size,
                        .scratch_size = chunk * (outputs + 1 + steps * (job->k + 1)) +
                                        gradus_i_network_outputs_scratch(network),
                        .process = measure_batch};
  double *cells = gradus_i_allocate(size, sizeof *cells);
  if (!cells)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_pass_run(&pass, &context, source, job->fit.threads, cells, err);
  if (status <= 0) {
    *metrics = (gradus_network_metrics){.rows = (size_t)cells[ROWS],
                                        .loss = cells[LOSS] / cells[WEIGHT],
                                        .accuracy = NAN,
                                        .rmse = NAN,
                                        .r_squared = NAN};
    if (job->classes > 0)
      metrics->accuracy = cells[CORRECT] / cells[WEIGHT];
    else
      take_numbers(metrics, cells, job->k);
  }
  gradus_i_release(cells);
  return status;
}
