// SPDX-License-Identifier: GPL-3.0-or-later
/* From a trained network to its fit. */
#include "network.h"

#include <math.h>
#include <string.h>

/* Outputs of a loss of the caller's that are no responses' names. */
static gradus_status name_outputs(gradus_fit *fit, const gradus_i_network_fit *made,
                                  gradus_error *err) {
  for (size_t r = 0; made->custom.loss && fit->k != made->custom.responses && r < fit->k; r++) {
    char name[32];
    gradus_i_snprintf(name, sizeof name, "output%zu", r + 1);
    if (!(fit->responses[r].name = gradus_i_string_copy(name)))
      return gradus_i_out_of_memory(err);
  }
  return GRADUS_OK;
}

/* Parameters that training moves. */
static double free_parameters(const gradus_params *params) {
  double count = 0;
  for (size_t b = 0; b < gradus_params_blocks(params); b++) {
    const gradus_block *block = gradus_params_block(params, b);
    count += block->frozen ? 0 : (double)block->size;
  }
  return count;
}

/* Before the network goes over to the fit. */
static void take_sums(gradus_fit *fit, const gradus_i_network_job *job) {
  fit->weight_kind = gradus_source_get_shape(job->source)->weight_kind;
  bool frequency = fit->weight_kind == GRADUS_WEIGHT_FREQUENCY;
  const double *spread = job->made->units.spread;
  bool custom = job->made->custom.loss != NULL;
  fit->family = custom ? GRADUS_I_CUSTOM_FAMILY : job->family ? job->family->name : "multinomial";
  fit->link = job->link->name;
  fit->dispersion_known = job->family && !custom ? job->family->dispersion_known : true;
  fit->rows = (size_t)job->rows;
  fit->nobs = frequency ? job->weight : job->rows;
  fit->effective_df = fit->likelihood_df = free_parameters(job->made->network->params);
  fit->df_residual = fit->nobs - fit->effective_df;
  fit->df_null = fit->nobs - (fit->has_intercept ? 1 : 0);
  fit->dispersion = fit->dispersion_known ? 1 : NAN;
  fit->deviance = custom ? NAN : 2 * job->weight * job->made->metrics[GRADUS_SET_TRAIN].loss;
  if (job->family && job->k == 1 && spread)
    fit->deviance *= spread[0] * spread[0];
  fit->null_deviance = fit->log_lik = fit->null_log_lik = NAN;
  if (job->fit.theta > 0)
    fit->theta = job->fit.theta;
}

static gradus_status take_level(gradus_fit *fit, const gradus_i_network_job *job,
                                gradus_error *err) {
  if (!fit->design || !job->family || fit->network->custom.loss ||
      gradus_design_response_levels(fit->design) != 2)
    return GRADUS_OK;
  fit->modelled_level = gradus_i_string_copy(gradus_design_response_level(fit->design, 1));
  return fit->modelled_level ? GRADUS_OK : gradus_i_out_of_memory(err);
}

static gradus_status measure(gradus_i_network_job *job, gradus_error *err) {
  gradus_network_metrics *metrics = job->made->metrics;
  gradus_status status = gradus_i_network_measure(&metrics[GRADUS_SET_TRAIN], job, job->train, err);
  if (status <= 0 && job->held)
    status = gradus_i_network_measure(&metrics[GRADUS_SET_VALIDATION], job, job->held, err);
  if (status <= 0 && job->test)
    status = gradus_i_network_measure(&metrics[GRADUS_SET_TEST], job, job->test, err);
  return status;
}

/* Why what was found is no minimum of the loss over the rows, although the solver converged. */
static const char *find_obstacle(const gradus_i_network_job *job, const gradus_fit *fit) {
  if (job->options->l1 > 0)
    return "the estimates are penalised (l1)";
  if (fit->network->loss->order < GRADUS_I_MATRIX)
    return "the loss is the caller's, and its curvature is not known";
  if (job->class_weight)
    return "the classes are weighted, so that the rows' weights are not their own";
  if (isnan(fit->solver.certificate))
    return "the parameters are those of an earlier epoch, which did best on the validation rows";
  return fit->k > 1 && fit->network->loss == &gradus_i_loss_gaussian
             ? "several responses have several dispersions; fit one network for each"
             : NULL;
}

/* Of a network without hidden layers at its minimum: the regression's. */
static gradus_status take_errors(gradus_fit *fit, const gradus_i_network_job *job,
                                 gradus_error *err) {
  if (fit->q == 0 || !fit->solver.converged || fit->l2 > 0 ||
      fit->k * fit->q > GRADUS_I_NETWORK_ERRORS_MOST)
    return GRADUS_OK;
  const char *obstacle = find_obstacle(job, fit);
  return obstacle ? gradus_i_network_refuse_errors(fit, obstacle, err)
                  : gradus_i_network_take_errors(fit, job->learnt, job->fit.threads, err);
}

static gradus_status fill(gradus_fit *fit, gradus_i_network_job *job, gradus_error *err) {
  bool deep = gradus_i_network_is_deep(job->made->network);
  gradus_params_free(fit->params);
  fit->network = job->made;
  fit->params = job->made->network->params;
  job->made = NULL;
  fit->q = deep ? 0 : fit->q;
  fit->rank = fit->q;
  fit->dropped_rows = gradus_source_dropped_rows(job->source);
  fit->l2 = job->fit.l2;
  fit->solver = job->report;
  gradus_status status = GRADUS_OK;
  if (!job->family)
    status = gradus_i_fit_name_levels(fit, job->levels, job->classes, err);
  if (status <= 0)
    status = name_outputs(fit, fit->network, err);
  if (status <= 0)
    status = gradus_i_fit_name(fit, err);
  if (status > 0)
    return status;
  gradus_i_fit_without_residuals(fit);
  for (size_t j = 0; j < fit->q; j++)
    fit->column_scale[j] = 1;
  fit->network->kept.l1 = job->options->l1;
  fit->network->kept.initialiser = job->options->initialiser;
  fit->network->weighted_classes = job->class_weight != NULL;
  if (!deep)
    gradus_i_network_fold(fit->network, fit->p, fit->k);
  status = take_level(fit, job, err);
  if (status <= 0)
    status = gradus_i_network_take_columns(fit, job, err);
  if (status <= 0)
    status = gradus_i_network_look_for_separation(fit, job, err);
  return status > 0 || fit->limit ? status : take_errors(fit, job, err);
}

gradus_status gradus_i_network_fill(gradus_fit **out, gradus_i_network_job *job,
                                    gradus_design **design, gradus_error *err) {
  gradus_status status = measure(job, err);
  if (status <= 0)
    status = gradus_i_fit_new(out, "network", job->p, job->k, job->bias, false, err);
  if (status > 0)
    return status;
  if (design) {
    (*out)->design = *design;
    *design = NULL;
  }
  take_sums(*out, job);
  status = fill(*out, job, err);
  if (status > 0) {
    gradus_fit_free(*out);
    *out = NULL;
    return status;
  }
  if (job->warning.code == GRADUS_OK)
    return (*out)->warning_count ? (*out)->warnings[0].code : GRADUS_OK;
  return gradus_i_fit_warn(*out, err, job->warning.code, "%s", job->warning.message);
  return GRADUS_OK;
}
