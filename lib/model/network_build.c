// SPDX-License-Identifier: GPL-3.0-or-later
/* From the options of a network to its layers, and where its parameters start. */
#include "network.h"

#include <math.h>
#include <string.h>

/* ---- layers ---- */

static gradus_status add_hidden(gradus_i_network *network, size_t number, size_t units,
                                const gradus_i_activation *activation, gradus_error *err) {
  char name[64];
  gradus_i_snprintf(name, sizeof name, "hidden%zu", number);
  gradus_i_node dense = {.type = &gradus_i_layer_dense, .name = name, .units = units};
  gradus_status status = gradus_i_network_add(network, &dense, NULL, err);
  if (status > 0)
    return status;
  gradus_i_snprintf(name, sizeof name, "activation%zu", number);
  gradus_i_node node = {.type = &gradus_i_layer_activation, .name = name, .activation = activation};
  return gradus_i_network_add(network, &node, NULL, err);
}

static gradus_status add_output(gradus_i_network_job *job, gradus_i_network *network,
                                gradus_error *err) {
  bool skip = (job->options->skip || job->options->start) && job->options->hidden_count > 0;
  size_t last, across;
  char output[] = "output", linear[] = "skip", sum[] = "sum";
  gradus_i_node dense = {
      .type = &gradus_i_layer_dense, .name = output, .units = job->k, .no_bias = !job->bias};
  gradus_status status = gradus_i_network_add(network, &dense, &last, err);
  if (status > 0 || !skip)
    return status;
  gradus_i_node straight = {.type = &gradus_i_layer_dense,
                            .name = linear,
                            .units = job->k,
                            .no_bias = true,
                            .inputs = {0},
                            .input_count = 1};
  status = gradus_i_network_add(network, &straight, &across, err);
  gradus_i_node add = {
      .type = &gradus_i_layer_add, .name = sum, .inputs = {last, across}, .input_count = 2};
  return status > 0 ? status : gradus_i_network_add(network, &add, NULL, err);
}

static gradus_status fail_activation(const char *name, gradus_error *err) {
  gradus_i_text list = {0};
  const char *known;
  for (size_t i = 0; (known = gradus_i_activation_name(i)); i++)
    gradus_i_text_format(&list, "%s%s", i ? ", " : "", known);
  gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no activation \"%s\"; there are: %s",
                name, list.data ? list.data : "");
  gradus_i_text_clear(&list);
  return GRADUS_ERROR_INVALID_ARGUMENT;
}

static gradus_status add_layers(gradus_i_network_job *job, gradus_error *err) {
  const gradus_network_options *options = job->options;
  gradus_i_network *network = job->made->network;
  const char *name = options->activation ? options->activation : "relu";
  const gradus_i_activation *activation = gradus_i_activation_find(name);
  gradus_status status = activation ? GRADUS_OK : fail_activation(name, err);
  for (size_t i = 0; status <= 0 && i < options->hidden_count; i++)
    status = add_hidden(network, i + 1, options->hidden[i], activation, err);
  return status > 0 ? status : add_output(job, network, err);
}

/* ---- the start ---- */

/* The generator of Steele, Lea and Flood 2014 (splitmix64): uniform in (-1, 1). */
static double uniform(uint64_t *state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return ((double)((z ^ z >> 31) >> 11) + 0.5) * 0x1p-52 - 1;
}

static void initialise(gradus_i_network_job *job) {
  gradus_params *params = job->made->network->params;
  double *theta = gradus_params_values(params);
  uint64_t state = job->fit.seed;
  bool deep = gradus_i_network_is_deep(job->made->network);
  for (size_t b = 0; deep && b < gradus_params_blocks(params); b++) {
    const gradus_block *block = gradus_params_block(params, b);
    if (block->role != GRADUS_ROLE_WEIGHT)
      continue;
    double bound = sqrt(6.0 / (double)(block->fan_in + block->fan_out));
    for (size_t i = 0; i < block->size; i++)
      theta[block->offset + i] = bound * uniform(&state);
  }
}

gradus_status gradus_i_network_build(gradus_i_network_job *job, gradus_error *err) {
  gradus_i_shape input = gradus_i_shape_of(job->p);
  gradus_status status = gradus_i_network_new(&job->made->network, &input, err);
  if (status <= 0)
    status = add_layers(job, err);
  if (status <= 0)
    initialise(job);
  return status;
}

/* ---- from a fitted regression ---- */

static const gradus_block *block_of(const gradus_params *params, const char *name) {
  return gradus_params_find(params, name);
}

static gradus_status check_start(const gradus_i_network_job *job, gradus_error *err) {
  const gradus_fit *start = job->options->start;
  const char *family = job->family ? job->family->name : "multinomial";
  const char *given = start->family ? start->family : "gaussian";
  const char *link = start->link ? start->link : "identity";
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
  const gradus_block *output = block_of(params, "output.weight");
  const gradus_block *bias = block_of(params, "output.bias");
  const gradus_block *skip = block_of(params, "skip.weight");
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
