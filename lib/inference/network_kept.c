// SPDX-License-Identifier: GPL-3.0-or-later
/* Standard errors and effects that a network keeps, and takes along in its model file. */
#include "../model/network.h"
#include "network.h"

#include <math.h>
#include <string.h>

/* ---- standard errors ---- */

/* The arrays go over to the fit. */
static gradus_status keep(gradus_fit *fit, gradus_network_inference *s, gradus_error *err) {
  const gradus_network_information *info = &s->information;
  gradus_i_network_errors *errors = gradus_i_allocate(1, sizeof *errors);
  if (!errors)
    return gradus_i_out_of_memory(err);
  *errors = (gradus_i_network_errors){.m = s->m,
                                      .first = info->first,
                                      .rank = s->rank,
                                      .held = s->held,
                                      .output_only = info->output_only,
                                      .nobs = info->nobs,
                                      .df_residual = info->df_residual,
                                      .dispersion = info->dispersion,
                                      .distance = info->distance,
                                      .root = s->root,
                                      .length = s->length,
                                      .value = s->value};
  s->root = s->length = s->value = NULL;
  fit->network->errors = errors;
  return GRADUS_OK;
}

bool gradus_i_network_inference_kept(gradus_network_inference *s, const gradus_fit *fit) {
  const gradus_i_network_errors *errors = fit->network ? fit->network->errors : NULL;
  if (!errors)
    return false;
  *s = (gradus_network_inference){.m = errors->m,
                                  .rank = errors->rank,
                                  .held = errors->held,
                                  .root = errors->root,
                                  .length = errors->length,
                                  .value = errors->value};
  s->information = (gradus_network_information){.parameters = errors->m,
                                                .first = errors->first,
                                                .held = errors->held,
                                                .rank = errors->rank,
                                                .output_only = errors->output_only,
                                                .nobs = errors->nobs,
                                                .df_residual = errors->df_residual,
                                                .dispersion = errors->dispersion,
                                                .distance = errors->distance};
  return gradus_i_network_view_of(&s->view, fit, NULL) <= 0;
}

static gradus_status take_deep(gradus_fit *fit, const gradus_source *source, int threads,
                               gradus_error *err) {
  gradus_network_inference *inference = NULL;
  gradus_error own = {0};
  gradus_status status = gradus_network_inference_new(&inference, fit, source, threads, &own);
  if (status > 0 && fit->network && status != GRADUS_ERROR_OUT_OF_MEMORY)
    (void)gradus_i_network_refuse_errors(fit, own.message, NULL);
  if (status > 0)
    return gradus_i_fail(err, status, "%s", own.message);
  gradus_i_network_forget_errors(fit);
  gradus_status kept = keep(fit, inference, err);
  gradus_network_inference_free(inference);
  if (kept > 0 || status == GRADUS_OK)
    return kept;
  return gradus_i_fail(err, status, "%s", own.message);
}

/* Without hidden layers errors are those of the regression: of its one minimum. */
static gradus_status check_minimum(const gradus_fit *fit, gradus_error *err) {
  if (!fit->solver.converged || isnan(fit->solver.certificate))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "there are no standard errors: the parameters are not those of the loss' "
                         "minimum; train without early stopping by newton or lbfgs");
  if (fit->k > 1 && fit->network->loss == &gradus_i_loss_gaussian)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "there are no standard errors: several responses have several "
                         "dispersions; fit one network for each");
  return gradus_i_network_check_errors(fit, err);
}

static gradus_status take_shallow(gradus_fit *fit, const gradus_source *source, int threads,
                                  gradus_error *err) {
  gradus_i_network_view view;
  gradus_source *grouped = NULL;
  const gradus_source *rows = source;
  gradus_status status = gradus_i_network_view_of(&view, fit, err);
  if (status <= 0)
    status = check_minimum(fit, err);
  if (status <= 0)
    status = gradus_i_network_fitted_rows(&rows, &grouped, fit, source, err);
  if (status <= 0)
    status = gradus_i_network_check_rows(&view, rows, true, err);
  if (status <= 0) {
    gradus_i_thread_scope scope = gradus_i_threads_begin(threads);
    gradus_i_network_forget_errors(fit);
    status = gradus_i_network_take_errors(fit, rows, scope.threads, err);
    gradus_i_threads_end(scope);
  }
  gradus_source_free(grouped);
  if (status <= 0 && !fit->root)
    status = gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED, "there are no standard errors: %s",
                           fit->network->no_errors);
  return status;
}

gradus_status gradus_fit_set_errors(gradus_fit *fit, const gradus_source *source, int threads,
                                    gradus_error *err) {
  bool shallow = fit->network && !gradus_i_network_is_deep(fit->network->network);
  return (shallow ? take_shallow : take_deep)(fit, source, threads, err);
}

bool gradus_fit_errors(const gradus_fit *fit, gradus_network_information *information) {
  gradus_network_inference s;
  if (!gradus_i_network_inference_kept(&s, fit))
    return false;
  *information = s.information;
  return true;
}

double gradus_fit_parameter_error(const gradus_fit *fit, size_t parameter) {
  gradus_network_inference s;
  if (!gradus_i_network_inference_kept(&s, fit) || parameter < s.information.first)
    return NAN;
  return gradus_network_std_error(&s, parameter - s.information.first);
}

/* ---- effects ---- */

gradus_status gradus_fit_set_effects(gradus_fit *fit, const gradus_source *source, int threads,
                                     gradus_error *err) {
  gradus_network_inference *inference = NULL, kept;
  gradus_network_effects *effects = NULL;
  gradus_error own = {0};
  bool is_kept = gradus_i_network_inference_kept(&kept, fit);
  gradus_status status = GRADUS_OK;
  kept.threads = threads;
  if (!is_kept)
    status = gradus_network_inference_new(&inference, fit, source, threads, &own);
  if (status <= 0) {
    own = (gradus_error){0};
    status =
        gradus_network_marginal_effects(&effects, is_kept ? &kept : inference, source, 0, &own);
  }
  if (status > 0)
    gradus_i_fail(err, status, "%s", own.message);
  double *values = status > 0 ? NULL : gradus_i_allocate(2 * effects->count, sizeof *values);
  if (status <= 0 && !values)
    status = gradus_i_out_of_memory(err);
  if (status <= 0) {
    for (size_t i = 0; i < effects->count; i++) {
      values[i] = effects->effect[i].estimate;
      values[effects->count + i] = effects->effect[i].std_error;
    }
    gradus_i_release(fit->network->effect);
    fit->network->effect = values;
    fit->network->effects = effects->count;
  }
  gradus_network_effects_free(effects);
  gradus_network_inference_free(inference);
  return status > 0 ? status : GRADUS_OK;
}

size_t gradus_fit_effects(const gradus_fit *fit) {
  return fit->network ? fit->network->effects : 0;
}

gradus_status gradus_fit_effect(const gradus_fit *fit, size_t index, double level,
                                gradus_effect *effect, gradus_error *err) {
  size_t count = gradus_fit_effects(fit);
  gradus_i_network_view view;
  gradus_status status = gradus_i_check_level(&level, err);
  if (status <= 0 && index >= count)
    status = gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                           "there is no effect %zu: the fit keeps %zu", index, count);
  if (status <= 0)
    status = gradus_i_network_view_of(&view, fit, err);
  if (status > 0)
    return status;
  const gradus_i_network_fit *n = fit->network;
  double df = n->errors ? n->errors->df_residual : fit->df_residual;
  *effect = (gradus_effect){.estimate = n->effect[index], .std_error = n->effect[count + index]};
  gradus_i_network_name_effect(effect, &view, index);
  gradus_i_network_test_effect(effect, &view, df, level);
  return GRADUS_OK;
}
