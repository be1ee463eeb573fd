// SPDX-License-Identifier: GPL-3.0-or-later
/* Networks that go on learning from new rows, as a stream brings them. */
#include "network.h"

#include <math.h>
#include <string.h>

static gradus_status check_fit(const gradus_fit *fit, const gradus_source *source,
                               gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  const gradus_i_network_fit *made = fit->network;
  size_t steps = made->steps ? made->steps : 1;
  size_t responses = fit->levels ? 1 : made->custom.loss ? made->custom.responses : fit->k;
  responses *= steps;
  if (shape->columns == fit->p && shape->responses == responses)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_SHAPE,
                       "the network has %zu inputs and %zu response%s, the new rows have %zu and "
                       "%zu",
                       fit->p, responses, responses == 1 ? "" : "s", shape->columns,
                       shape->responses);
}

static void describe_job(gradus_i_network_job *job, gradus_network_options *options,
                         const gradus_fit *fit, const gradus_partial_options *partial) {
  const gradus_i_network_kept *kept = &fit->network->kept;
  *options = (gradus_network_options){.l1 = kept->l1,
                                      .precision = kept->precision,
                                      .stop = partial->stop,
                                      .stop_context = partial->stop_context};
  job->options = options;
  job->fit = (gradus_fit_options){.solver = "gradient-descent",
                                  .descent = kept->descent,
                                  .l2 = fit->l2,
                                  .l2_bias = kept->l2_bias,
                                  .seed = kept->seed,
                                  .threads = partial->threads,
                                  .progress = partial->progress,
                                  .progress_context = partial->progress_context};
  if (job->fit.descent.rule == GRADUS_RULE_AUTO) /* it was trained without one */
    job->fit.descent =
        (gradus_descent_options){.rule = GRADUS_RULE_ADAM, .batch_size = GRADUS_I_NETWORK_BATCH};
  job->fit.max_iterations = kept->memory.iteration + (partial->epochs ? partial->epochs : 1);
  job->p = fit->p;
  job->k = fit->k;
  job->bias = fit->has_intercept;
  job->family = gradus_i_family_find(fit->network->custom.loss ? "gaussian" : fit->family);
  job->link = gradus_i_link_find(fit->link);
  job->classes = fit->levels ? fit->k + 1 : job->family && job->family->is_binomial ? 2 : 0;
  job->made = fit->network;
}

/* Responses and inputs are checked as those of a fit are; the units stay. */
static gradus_status prepare(gradus_i_network_job *job, gradus_error *err) {
  size_t responses = gradus_source_get_shape(job->source)->responses;
  size_t size = responses > job->p ? responses : job->p;
  double *scratch = gradus_i_allocate(2 * size, sizeof *scratch);
  if (!scratch)
    return gradus_i_out_of_memory(err);
  gradus_i_response_sums sums = {.mean = scratch, .deviation = scratch + size};
  gradus_status status =
      gradus_i_network_check_source(job->made->network, job->source, job->fit.threads, err);
  if (status <= 0)
    status = gradus_i_scan_responses(&sums, job->source, job, err);
  if (status <= 0)
    status = gradus_i_column_moments(job->source, job->fit.threads, scratch, scratch + size, err);
  gradus_i_release(scratch);
  job->weight = sums.weight;
  job->rows = sums.rows;
  job->train = job->source;
  return status > 0 ? status : gradus_i_network_apply_units(job, err);
}

static gradus_status train(gradus_i_network_job *job, gradus_error *err) {
  gradus_params *params = job->made->network->params;
  size_t bytes = gradus_params_size(params) * sizeof(double);
  double *before = gradus_i_allocate_raw(gradus_params_size(params), sizeof *before);
  if (!before)
    return gradus_i_out_of_memory(err);
  memcpy(before, gradus_params_values(params), bytes);
  size_t epochs = job->made->epochs;
  gradus_status status = gradus_i_network_train(job, err);
  if (status <= 0)
    status = gradus_i_network_measure(&job->made->metrics[GRADUS_SET_TRAIN], job, job->train, err);
  if (status > 0) {
    memcpy(gradus_params_values(params), before, bytes);
    job->made->epochs = epochs;
  }
  gradus_i_release(before);
  return status;
}

/* What was said of the rows before does not hold any more. */
static void take(gradus_fit *fit, const gradus_i_network_job *job) {
  gradus_i_network_fit *made = fit->network;
  made->metrics[GRADUS_SET_VALIDATION] = made->metrics[GRADUS_SET_TEST] =
      (gradus_network_metrics){.loss = NAN, .accuracy = NAN, .rmse = NAN, .r_squared = NAN};
  made->shares = (gradus_i_shares){0};
  made->weighted_classes = false;
  made->best_epoch = 0;
  fit->rows += (size_t)job->rows;
  fit->nobs += fit->weight_kind == GRADUS_WEIGHT_FREQUENCY ? job->weight : job->rows;
  fit->df_residual = fit->nobs - fit->effective_df;
  fit->deviance = fit->null_deviance = NAN;
  fit->solver = job->report;
  gradus_i_network_forget_errors(fit);
}

static gradus_status go_on(gradus_fit *fit, const gradus_source *source,
                           const gradus_partial_options *partial, gradus_error *err) {
  static const gradus_partial_options defaults;
  gradus_network_options options;
  gradus_source *grouped = NULL;
  gradus_i_network_job job = {.source = source};
  gradus_fit_options family = {.family = fit->family};
  gradus_status status =
      gradus_i_network_group(&job.source, &grouped, &family, fit->network->steps > 0, err);
  if (status <= 0)
    status = check_fit(fit, job.source, err);
  if (status > 0) {
    gradus_source_free(grouped);
    return status;
  }
  describe_job(&job, &options, fit, partial ? partial : &defaults);
  gradus_i_thread_scope scope = gradus_i_threads_begin(job.fit.threads);
  job.fit.threads = scope.threads;
  if (!gradus_i_network_is_deep(fit->network->network) && fit->rank < fit->q) {
    job.dropped = fit->dropped;
    gradus_i_network_mark_dropped(fit, 0);
  }
  bool folded = gradus_i_network_unfold(fit->network, fit->p, fit->k);
  status = prepare(&job, err);
  if (status <= 0)
    status = train(&job, err);
  if (folded)
    gradus_i_network_fold(fit->network, fit->p, fit->k);
  if (job.dropped) {
    gradus_i_network_mark_dropped(fit, NAN);
    gradus_i_network_know(fit, NULL); /* which is there already */
  }
  if (status <= 0)
    take(fit, &job);
  gradus_i_threads_end(scope);
  gradus_i_network_clear_sources(&job);
  gradus_source_free(grouped);
  if (status <= 0 && job.warning.code != GRADUS_OK)
    status = gradus_i_fit_warn(fit, err, job.warning.code, "%s", job.warning.message);
  return status;
}

static gradus_status check_network(const gradus_fit *fit, gradus_error *err) {
  if (fit->limit)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "the response of the fit was separated: there is no going on from "
                         "infinite estimates; fit anew, with a penalty (l2)");
  return fit->network ? GRADUS_OK
                      : gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                                      "a %s model does not go on learning from new rows: fit a "
                                      "network",
                                      fit->model);
}

gradus_status gradus_fit_partial(gradus_fit *fit, const gradus_frame *frame,
                                 const gradus_partial_options *options, gradus_error *err) {
  gradus_source *source = NULL;
  gradus_status status = check_network(fit, err);
  if (status <= 0 && !fit->design)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                           "this fit came from matrices and knows no column names: go on with "
                           "matrices");
  if (status <= 0)
    status = gradus_fit_source(&source, fit, frame, err);
  if (status <= 0)
    status = go_on(fit, source, options, err);
  gradus_source_free(source);
  return status;
}

gradus_status gradus_fit_partial_matrix(gradus_fit *fit, const gsl_matrix *x, const gsl_matrix *y,
                                        const gsl_vector *weights,
                                        const gradus_partial_options *options, gradus_error *err) {
  gradus_source *source = NULL;
  gradus_weight_kind kind = fit->weight_kind ? fit->weight_kind : GRADUS_WEIGHT_PRIOR;
  gradus_status status = check_network(fit, err);
  if (status <= 0)
    status = gradus_source_from_matrix(&source, x, y, weights, weights ? kind : GRADUS_WEIGHT_NONE,
                                       NULL, err);
  if (status <= 0)
    status = go_on(fit, source, options, err);
  gradus_source_free(source);
  return status;
}
