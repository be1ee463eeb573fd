// SPDX-License-Identifier: GPL-3.0-or-later
/* The fit: allocation, warnings, accessors. */
#include "network.h"

#include <math.h>
#include <string.h>

static gradus_status add_blocks(gradus_params *params, size_t p, size_t k, bool has_intercept,
                                gradus_error *err) {
  gradus_block weight = {.name = "output.weight",
                         .role = GRADUS_ROLE_WEIGHT,
                         .rank = 2,
                         .shape = {k, p},
                         .fan_in = p,
                         .fan_out = k,
                         .penalty = -1};
  gradus_block bias = {.name = "output.bias",
                       .role = GRADUS_ROLE_BIAS,
                       .rank = 1,
                       .shape = {k},
                       .fan_in = p,
                       .fan_out = k,
                       .penalty = -1};
  gradus_status status = gradus_params_add(params, &weight, err);
  if (status == GRADUS_OK && has_intercept)
    status = gradus_params_add(params, &bias, err);
  return status;
}

gradus_status gradus_i_fit_new(gradus_fit **fit, const char *model, size_t p, size_t k,
                               bool has_intercept, bool with_covariance, gradus_error *err) {
  gradus_fit *f = *fit = gradus_i_allocate(1, sizeof *f);
  if (!f)
    return gradus_i_out_of_memory(err);
  f->model = model;
  f->p = p;
  f->k = k;
  f->q = p + (has_intercept ? 1 : 0);
  f->has_intercept = has_intercept;
  f->joint = 1;
  f->theta = f->theta_std_error = NAN;
  gradus_status status = gradus_params_new(&f->params, err);
  if (status == GRADUS_OK)
    status = add_blocks(f->params, p, k, has_intercept, err);
  size_t cells = 0;
  if (status == GRADUS_OK && with_covariance && !gradus_i_multiply(f->q, f->q, &cells))
    status = gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                           "%zu coefficients are too many for their covariance", f->q);
  if (status == GRADUS_OK) {
    f->alias = gradus_i_allocate(f->q, sizeof *f->alias);
    f->dropped = gradus_i_allocate(f->q, sizeof *f->dropped);
    f->column_scale = gradus_i_allocate(f->q, sizeof *f->column_scale);
    f->root = with_covariance ? gradus_i_allocate_raw(cells, sizeof *f->root) : NULL;
    f->responses = gradus_i_allocate(k, sizeof *f->responses);
    if (!f->alias || !f->dropped || !f->column_scale || !f->responses ||
        (with_covariance && !f->root))
      status = gradus_i_out_of_memory(err);
  }
  if (status > 0) {
    gradus_fit_free(f);
    *fit = NULL;
  }
  return status;
}

void gradus_fit_free(gradus_fit *fit) {
  if (!fit)
    return;
  for (size_t j = 0; j < fit->q; j++) {
    if (fit->alias)
      gradus_i_release(fit->alias[j]);
    if (fit->names)
      gradus_i_release(fit->names[j]);
  }
  for (size_t r = 0; fit->responses && r < fit->k; r++)
    gradus_i_release(fit->responses[r].name);
  gradus_i_release(fit->alias);
  gradus_i_release(fit->names);
  gradus_i_release(fit->dropped);
  gradus_i_release(fit->root);
  gradus_i_release(fit->column_scale);
  gradus_i_release(fit->robust_root);
  gradus_i_release(fit->column_means);
  gradus_i_release(fit->responses);
  gradus_i_release(fit->modelled_level);
  for (size_t c = 0; fit->levels && c <= fit->k; c++)
    gradus_i_release(fit->levels[c]);
  gradus_i_release(fit->levels);
  gradus_i_limit_free(fit->limit);
  gradus_i_release(fit->profile);
  if (fit->network)
    gradus_i_network_fit_free(fit->network);
  else
    gradus_params_free(fit->params);
  if (fit->design)
    gradus_design_free(fit->design);
  gradus_i_release(fit);
}

gradus_status gradus_i_fit_warn(gradus_fit *fit, gradus_error *err, gradus_status code,
                                const char *format, ...) {
  gradus_error warning = {.code = code};
  va_list arguments;
  va_start(arguments, format);
  gradus_i_vsnprintf(warning.message, sizeof warning.message, format, arguments);
  va_end(arguments);
  if (fit->warning_count < GRADUS_I_WARNINGS_MAX)
    fit->warnings[fit->warning_count++] = warning;
  return gradus_i_fail(err, code, "%s", warning.message);
}

void gradus_i_fit_forget(gradus_fit *fit, gradus_status code) {
  size_t kept = 0;
  for (size_t i = 0; i < fit->warning_count; i++)
    if (fit->warnings[i].code != code)
      fit->warnings[kept++] = fit->warnings[i];
  fit->warning_count = kept;
}

const char *gradus_fit_model(const gradus_fit *fit) {
  return fit->model;
}

const char *gradus_fit_family(const gradus_fit *fit) {
  return fit->family;
}

const char *gradus_fit_link(const gradus_fit *fit) {
  return fit->link;
}

double gradus_fit_theta(const gradus_fit *fit) {
  return fit->theta;
}

double gradus_fit_theta_std_error(const gradus_fit *fit) {
  return fit->theta_std_error;
}

bool gradus_fit_is_firth(const gradus_fit *fit) {
  return fit->firth;
}

double gradus_fit_penalised_log_lik(const gradus_fit *fit) {
  return fit->firth ? fit->log_lik + fit->half_log_determinant : NAN;
}

const char *gradus_fit_modelled_level(const gradus_fit *fit) {
  return fit->modelled_level;
}

const gradus_params *gradus_fit_params(const gradus_fit *fit) {
  return fit->params;
}

const gradus_design *gradus_fit_design(const gradus_fit *fit) {
  return fit->design;
}

size_t gradus_fit_warnings(const gradus_fit *fit) {
  return fit->warning_count;
}

const gradus_error *gradus_fit_warning(const gradus_fit *fit, size_t index) {
  return index < fit->warning_count ? &fit->warnings[index] : NULL;
}

const gradus_solver_report *gradus_fit_solver(const gradus_fit *fit) {
  return &fit->solver;
}

size_t gradus_fit_coefficients(const gradus_fit *fit) {
  return fit->q;
}

size_t gradus_fit_responses(const gradus_fit *fit) {
  return fit->k;
}

const char *gradus_fit_coefficient_name(const gradus_fit *fit, size_t coefficient) {
  if (coefficient >= fit->q)
    return NULL;
  if (fit->has_intercept && coefficient == 0)
    return "(Intercept)";
  if (fit->design)
    return gradus_design_column_name(fit->design, coefficient - (fit->has_intercept ? 1 : 0));
  return fit->names ? fit->names[coefficient] : "";
}

const char *gradus_fit_response_name(const gradus_fit *fit, size_t response) {
  if (response >= fit->k)
    return NULL;
  return fit->responses[response].name ? fit->responses[response].name : "y";
}

double gradus_fit_coefficient(const gradus_fit *fit, size_t response, size_t coefficient) {
  if (response >= fit->k || coefficient >= fit->q)
    return NAN;
  const double *theta = gradus_params_const_values(fit->params);
  if (!fit->has_intercept)
    return theta[response * fit->p + coefficient];
  return coefficient == 0 ? theta[fit->k * fit->p + response]
                          : theta[response * fit->p + coefficient - 1];
}

gradus_status gradus_i_limit_new(gradus_i_limit **limit, size_t width, size_t dimensions,
                                 gradus_error *err) {
  gradus_i_limit *l = *limit = gradus_i_allocate(1, sizeof *l);
  size_t cells;
  if (l && gradus_i_multiply(3 + dimensions, width, &cells))
    l->rows = gradus_i_allocate(cells, sizeof *l->rows);
  if (!l || !l->rows) {
    gradus_i_limit_free(l);
    *limit = NULL;
    return gradus_i_out_of_memory(err);
  }
  l->width = width;
  l->dimensions = dimensions;
  l->centre = l->rows;
  l->estimate = l->rows + width;
  l->direction = l->rows + 2 * width;
  l->space = l->rows + 3 * width;
  return GRADUS_OK;
}

void gradus_i_limit_free(gradus_i_limit *limit) {
  if (limit)
    gradus_i_release(limit->rows);
  gradus_i_release(limit);
}

bool gradus_fit_infinite(const gradus_fit *fit, size_t response, size_t coefficient) {
  return fit->limit && response < fit->k && coefficient < fit->q && !fit->dropped[coefficient] &&
         !isfinite(gradus_fit_coefficient(fit, response, coefficient));
}

const char *gradus_fit_alias(const gradus_fit *fit, size_t coefficient) {
  return coefficient < fit->q ? fit->alias[coefficient] : NULL;
}
