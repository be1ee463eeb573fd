// SPDX-License-Identifier: GPL-3.0-or-later
/* From the options of a network to its layers, and where its parameters start. */
#include "../layer/build.h"
#include "../layer/initialise.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* ---- the network ---- */

static gradus_status initialise(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *options = job->options;
  gradus_i_network *network = job->made->network;
  gradus_i_initialisation how = {.initialiser = options->initialiser,
                                 .scale = options->initial_scale,
                                 .bias = options->initial_bias,
                                 .seed = job->fit.seed};
  if (!gradus_i_network_is_deep(network) && options->initialiser == GRADUS_INITIALISE_AUTO)
    return GRADUS_OK; /* as a regression does, at 0 */
  return gradus_i_network_initialise(network, &how, err);
}

static gradus_status read_shape(gradus_i_shape *shape, const gradus_network_options *options,
                                gradus_error *err) {
  *shape = (gradus_i_shape){0};
  if (options->input_rank == 0)
    return GRADUS_OK;
  *shape = (gradus_i_shape){.rank = options->input_rank, .extent = {1, 1, 1}, .size = 1};
  bool good = options->input_shape && options->input_rank <= GRADUS_I_SHAPE_MAX;
  for (size_t i = 0; good && i < options->input_rank; i++) {
    shape->extent[i] = options->input_shape[i];
    good = shape->extent[i] > 0 && gradus_i_multiply(shape->size, shape->extent[i], &shape->size);
  }
  return good ? GRADUS_OK
              : gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                              "the shape of the input must be one to three numbers of 1 or more");
}

gradus_status gradus_i_network_lay_out(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *options = job->options;
  gradus_i_shape input;
  gradus_status status = read_shape(&input, options, err);
  if (status > 0)
    return status;
  gradus_i_build_options build = {.input = input,
                                  .lengths = options->lengths,
                                  .embeddings = options->embeddings,
                                  .embedding_count = options->embedding_count,
                                  .steps = job->made->steps,
                                  .hidden = options->hidden,
                                  .hidden_count = options->hidden_count,
                                  .activation = options->activation,
                                  .dropout = options->dropout,
                                  .normalisation = options->normalisation,
                                  .skip =
                                      options->skip || (options->start && options->hidden_count),
                                  .residual = options->residual,
                                  .no_bias = !job->bias,
                                  .architecture = options->architecture,
                                  .layers = options->layers,
                                  .channels_first = options->channels_first,
                                  .most_parameters = gradus_i_network_memory_most(job),
                                  .custom = options->custom};
  gradus_error own = {0};
  status = gradus_i_network_build(&job->made->network, job->p, job->k, &build, &own);
  if (status == GRADUS_ERROR_TOO_LARGE)
    return gradus_i_network_fail_memory(job, &own, err);
  if (status > 0)
    return gradus_i_fail(err, status, "%s", own.message);
  status = gradus_i_network_check_memory(job, err);
  if (status > 0)
    return status;
  job->bias = gradus_params_find(job->made->network->params, "output.bias") != NULL;
  status = gradus_i_network_check_solver(job, err);
  return status > 0 ? status : initialise(job, err);
}

/* ---- from a fitted regression ---- */

static gradus_status check_start(const gradus_i_network_job *job, gradus_error *err) {
  const gradus_fit *start = job->options->start;
  const char *family = job->family ? job->family->name : "multinomial";
  const char *given = start->family ? start->family : "gaussian";
  const char *link = start->link ? start->link : "identity";
  if (job->made->network->embedded > 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a network with embedded factors cannot start from a regression, whose "
                         "weights are those of dummy variables");
  if (start->network && gradus_i_network_is_deep(start->network->network))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "a network with hidden layers is no regression to start from");
  if (start->p != job->p || start->k != job->k || start->has_intercept != job->bias)
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the regression to start from has %zu×%zu weights%s, this model %zu×%zu%s",
                         start->k, start->p, start->has_intercept ? " and a bias" : "", job->k,
                         job->p, job->bias ? " and a bias" : "");
  if (strcmp(family, given) != 0 || strcmp(job->link->name, link) != 0)
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the regression to start from is of the family %s with the link %s, this "
                         "model %s with %s",
                         given, link, family, job->link->name);
  return GRADUS_OK;
}

static double finite_or_zero(double value) {
  return isfinite(value) ? value : 0;
}

gradus_status gradus_i_network_take_start(gradus_i_network_job *job, gradus_error *err) {
  const gradus_fit *start = job->options->start;
  gradus_params *params = job->made->network->params;
  const gradus_i_units *units = &job->made->units;
  double *theta = gradus_params_values(params);
  const gradus_block *output = gradus_params_find(params, "output.weight");
  const gradus_block *bias = gradus_params_find(params, "output.bias");
  const gradus_block *skip = gradus_params_find(params, "skip.weight");
  for (size_t r = 0; bias && r < job->k; r++)
    theta[bias->offset + r] = (job->start_bias[r] - (units->spread ? units->middle[r] : 0)) /
                              (units->spread ? units->spread[r] : 1);
  if (!start)
    return GRADUS_OK;
  gradus_status status = check_start(job, err);
  if (status > 0)
    return status;
  const double *from = gradus_params_const_values(start->params);
  const gradus_block *target = skip ? skip : output;
  if (target->size != job->k * job->p || (!skip && gradus_i_network_is_deep(job->made->network)))
    return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                         "the network has no dense layer \"skip\" from its %zu inputs to its %zu "
                         "outputs, which the regression could go to",
                         job->p, job->k);
  memset(theta + output->offset, 0, output->size * sizeof *theta);
  for (size_t r = 0; r < job->k; r++) {
    double spread = units->spread ? units->spread[r] : 1;
    double shift = bias ? finite_or_zero(from[job->k * job->p + r]) : 0;
    for (size_t j = 0; j < job->p; j++) {
      double weight = finite_or_zero(from[r * job->p + j]);
      theta[target->offset + r * job->p + j] =
          weight / (units->factor ? units->factor[j] : 1) / spread;
      shift += units->factor ? weight * units->centre[j] : 0;
    }
    if (bias)
      theta[bias->offset + r] = (shift - (units->spread ? units->middle[r] : 0)) / spread;
  }
  return GRADUS_OK;
}
