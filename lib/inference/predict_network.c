// SPDX-License-Identifier: GPL-3.0-or-later
/* Predictions of networks: from raw columns to linear predictors, means or probabilities. */
#include "../model/network.h"
#include "predict_internal.h"

#include <math.h>

gradus_status gradus_i_check_network_type(const gradus_fit *fit,
                                          const gradus_predict_options *options,
                                          gradus_error *err) {
  if (!gradus_i_network_is_deep(fit->network->network) || options->type != GRADUS_PREDICT_TERMS)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "a network with hidden layers has no terms that add up to its predictions");
}

gradus_status gradus_i_check_network_errors(const gradus_fit *fit, gradus_error *err) {
  const gradus_i_network_fit *n = fit->network;
  if (fit->root || n->errors)
    return GRADUS_OK;
  if (fit->l2 > 0 || n->kept.l1 > 0 || n->no_errors)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the network has no standard errors of predictions: %s",
                         n->no_errors ? n->no_errors : "its estimates are penalised");
  return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                       "the network keeps no standard errors: fit it with --errors "
                       "(gradus_fit_set_errors)%s",
                       fit->solver.converged ? "" : "; its training did not converge");
}

size_t gradus_i_network_steps(const gradus_fit *fit) {
  return fit->network && fit->network->steps ? fit->network->steps : 1;
}

/* The inputs of a batch in the network's units. */
static gradus_batch scale_inputs(const gradus_fit *fit, const gradus_batch *batch, double *x) {
  const gradus_i_units *units = &fit->network->units;
  gradus_batch scaled = *batch;
  if (!units->factor)
    return scaled;
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t j = 0; j < fit->p; j++)
      x[i * fit->p + j] = (batch->x[i * batch->x_stride + j] - units->centre[j]) * units->factor[j];
  scaled.x = x;
  scaled.x_stride = fit->p;
  return scaled;
}

/* Linear predictors of all responses, of `count` rows or steps, in the units of the data, in place.
 */
static void to_data(const gradus_fit *fit, const gradus_batch *batch, size_t count, double *eta) {
  const gradus_i_units *units = &fit->network->units;
  for (size_t i = 0; i < count; i++)
    for (size_t r = 0; r < fit->k; r++) {
      double *value = eta + i * fit->k + r;
      if (units->spread)
        *value = units->middle[r] + units->spread[r] * *value;
      *value += batch->offset ? batch->offset[i] : 0;
    }
}

static void put(const gradus_i_predict *c, const double *eta, size_t row) {
  size_t k = c->fit->k, columns = c->prediction->columns;
  double *fitted = c->prediction->fitted + row * columns;
  if (c->fit->levels && columns == k + 1)
    gradus_i_probabilities(eta, k, fitted);
  else
    for (size_t r = 0; r < k; r++)
      fitted[r] = c->link ? c->link->mean(eta[r]) : eta[r];
}

/* The row of the prediction for step t of row i: the step's own in the frame of the long format,
   where a sequence that has one response has it in its last row. */
static size_t row_of(const gradus_i_predict *c, const gradus_batch *batch, size_t i, size_t t) {
  size_t steps = gradus_i_network_steps(c->fit);
  if (c->sequences && steps > 1)
    return c->sequences->row[c->sequences->begin[batch->first + i] + t];
  return gradus_i_predicted_row(batch, i) * steps + t;
}

static gradus_status predict_batch(void *context, const gradus_batch *batch, double *accumulator,
                                   double *scratch, gradus_error *err) {
  (void)accumulator, (void)err;
  const gradus_i_predict *c = context;
  const gradus_fit *fit = c->fit;
  const gradus_i_network *network = fit->network->network;
  size_t steps = fit->network->steps ? fit->network->steps : 1, k = fit->k;
  double *eta = scratch, *x = eta + batch->rows * steps * k;
  double *lengths = x + batch->rows * fit->p, *rest = lengths + batch->rows;
  gradus_batch inputs = scale_inputs(fit, batch, x);
  gradus_i_network_outputs(network, gradus_i_network_theta(fit), &inputs, eta, rest);
  to_data(fit, batch, batch->rows * steps, eta);
  const double *length = gradus_i_network_lengths(network, batch, lengths);
  for (size_t i = 0; i < batch->rows; i++)
    for (size_t t = 0; t < steps; t++)
      if (steps == 1 || !length || (double)t < length[i])
        put(c, eta + (i * steps + t) * k, row_of(c, batch, i, t));
  return GRADUS_OK;
}

gradus_status gradus_i_predict_network(gradus_i_predict *context, const gradus_source *source,
                                       const gradus_predict_options *options, gradus_error *err) {
  const gradus_fit *fit = context->fit;
  double nothing;
  size_t outputs = gradus_i_network_output(fit->network->network)->size;
  size_t chunk = gradus_i_chunk_rows(fit->p + outputs);
  if (fit->levels)
    context->link = NULL; /* probabilities, or predictors as they are */
  gradus_i_pass pass = {.chunk_rows = chunk,
                        .scratch_size = chunk * (outputs + fit->p + 1) +
                                        gradus_i_network_outputs_scratch(fit->network->network),
                        .process = predict_batch};
  int threads = gradus_i_threads(options->threads);
  gradus_status status = gradus_i_network_check_source(fit->network->network, source, threads, err);
  return status > 0 ? status : gradus_i_pass_run(&pass, context, source, threads, &nothing, err);
}
