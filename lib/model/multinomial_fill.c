// SPDX-License-Identifier: GPL-3.0-or-later
/* From the solution of a multinomial model to its fit: names, estimates, sums, covariance. */
#include "iterate.h"
#include "multinomial.h"

#include <math.h>
#include <string.h>

static void take_estimates(gradus_fit *fit, const gradus_i_multinomial *s) {
  double *theta = gradus_params_values(fit->params);
  size_t first = s->q - s->p;
  for (size_t r = 0; r < s->k; r++) {
    for (size_t j = 0; j < s->p; j++)
      theta[r * s->p + j] = fit->dropped[first + j] ? NAN : s->theta[r * s->p + j];
    if (first)
      theta[s->k * s->p + r] = fit->dropped[0] ? NAN : s->theta[s->k * s->p + r];
  }
  gradus_i_fit_without_residuals(fit);
  memcpy(fit->column_scale, s->columns->layout.scale, s->q * sizeof(double));
  fit->rank = s->columns->rank;
  fit->solver = s->report;
}

/* -2 log-likelihood of the classes' shares: what an intercept alone can do. */
static double null_deviance(const gradus_i_multinomial *s) {
  double sum = 0;
  if (s->q == s->p)
    return 2 * s->sums.total * log((double)s->classes);
  for (size_t c = 0; c < s->classes; c++)
    sum -= 2 * s->sums.weight[c] * log(s->sums.weight[c] / s->sums.total);
  return sum;
}

static void take_sums(gradus_fit *fit, const gradus_i_multinomial *s, double mean_loss) {
  double k = (double)s->k, parameters = k * (double)fit->rank;
  fit->family = "multinomial";
  fit->link = "logit";
  fit->dispersion_known = fit->has_likelihood = true;
  fit->dispersion = 1;
  fit->weight_kind = gradus_source_get_shape(s->source)->weight_kind;
  fit->dropped_rows = gradus_source_dropped_rows(s->source);
  fit->l2 = s->options->l2;
  fit->firth = s->options->firth;
  fit->half_log_determinant = s->half_log_determinant;
  fit->rows = (size_t)s->sums.rows;
  fit->nobs = fit->weight_kind == GRADUS_WEIGHT_FREQUENCY ? s->sums.total : s->sums.rows;
  fit->deviance = 2 * s->sums.total * mean_loss;
  fit->null_deviance = null_deviance(s);
  fit->log_lik = -0.5 * fit->deviance;
  fit->null_log_lik = -0.5 * fit->null_deviance;
  fit->df_residual = k * fit->nobs - parameters;
  fit->df_null = k * (fit->nobs - (fit->has_intercept ? 1 : 0));
  fit->effective_df = fit->likelihood_df = parameters;
}

static gradus_status allocate(gradus_i_class_estimates *at, const gradus_i_multinomial *s,
                              gradus_error *err) {
  size_t square;
  double *memory = NULL;
  if (gradus_i_multiply(s->dim, s->dim, &square) && square < SIZE_MAX / 64)
    memory = gradus_i_allocate(3 * s->dim + 2 * s->p + square, sizeof *memory);
  at->theta = memory;
  at->left_out = gradus_i_allocate(s->dim, sizeof *at->left_out);
  if (!memory || !at->left_out)
    return gradus_i_out_of_memory(err);
  size_t first = s->q - s->p;
  for (size_t i = 0; i < s->dim; i++)
    at->left_out[i] =
        i < s->k * s->p ? s->columns->dropped[first + i % s->p] : s->columns->dropped[0];
  at->penalty = at->theta + s->dim;
  at->value.gradient = at->penalty + s->dim;
  at->standard.centre = at->value.gradient + s->dim;
  at->standard.factor = at->standard.centre + s->p;
  at->value.matrix = at->standard.factor + s->p;
  return GRADUS_OK;
}

static void set_standardised(gradus_i_class_estimates *at, const gradus_i_multinomial *s) {
  bool bias = s->q > s->p;
  double penalty = s->options->l2 * s->sums.total;
  for (size_t r = 0; r < s->k; r++) {
    double shift = 0;
    for (size_t j = 0; j < s->p; j++) {
      size_t i = r * s->p + j;
      double factor = at->standard.factor[j];
      at->theta[i] = s->theta[i] / factor;
      at->penalty[i] = penalty * factor * factor;
      shift += s->theta[i] * at->standard.centre[j];
    }
    if (!bias)
      continue;
    at->theta[s->k * s->p + r] = s->theta[s->k * s->p + r] + shift;
    at->penalty[s->k * s->p + r] = s->options->l2_bias ? penalty : 0;
  }
}

/* Where the columns separate classes the iteration's large numbers mean nothing: those of the limit
   take their place. It is looked for where the fit shows signs of it. */
static gradus_status look_for_limit(gradus_i_class_limit *limit, gradus_fit *fit,
                                    const gradus_i_multinomial *s, gradus_i_class_estimates *at,
                                    gradus_error *err) {
  double extreme = 0;
  gradus_status status =
      gradus_i_class_extremes(&extreme, at->source, &s->model, at->theta, s->options->threads, err);
  if (status > 0 || (s->report.converged && extreme == 0))
    return status;
  double largest = HUGE_VAL;
  if (s->report.converged && s->options->tolerance <= gradus_i_separated_tolerance)
    status = gradus_i_largest_inverse(&largest, s->dim, at->value.matrix, at->left_out, err);
  if (status > 0 || largest < gradus_i_separated_variance)
    return status;
  status =
      gradus_i_class_limit_find(limit, fit, at->source, &at->standard, s->options->separation, err);
  if (status > 0 || !limit->found.separated)
    return status;
  return gradus_i_class_limit_solve(limit, s, at, &fit->solver, err);
}

/* The covariance, or all 0 where nothing but infinite estimates is left. */
static gradus_status take_covariance(gradus_fit *fit, const gradus_i_multinomial *s,
                                     const gradus_i_class_estimates *at, gradus_error *err) {
  bool definite, free = false;
  for (size_t j = 0; j < s->dim; j++)
    free = free || !at->left_out[j];
  if (fit->limit && !free)
    return gradus_i_fit_add_joint_root(fit, err);
  for (size_t i = 0; i < s->dim * s->dim; i++)
    at->value.matrix[i] *= s->sums.total;
  return gradus_i_fit_take_information(fit, at->value.matrix,
                                       s->options->l2 > 0 ? at->penalty : NULL, at->left_out,
                                       &at->standard, &definite, err);
}

/* Loss and Fisher matrix of all rows, without the penalty, and what follows of them: sums,
   covariance. */
static gradus_status take_information(gradus_fit *fit, const gradus_i_multinomial *s,
                                      gradus_error *err) {
  gradus_i_class_estimates at = {0};
  gradus_i_class_limit limit = {0};
  bool penalised = s->options->l2 > 0;
  bool centred = s->q > s->p && !s->columns->dropped[0] && !(penalised && s->options->l2_bias);
  gradus_status status = allocate(&at, s, err);
  if (status <= 0)
    status = gradus_i_standardise(&at.source, &at.standard, s->source, centred, s->options->threads,
                                  err);
  if (status <= 0) {
    set_standardised(&at, s);
    gradus_i_objective objective = {.type = &gradus_i_affine_type,
                                    .model = &s->model,
                                    .source = at.source,
                                    .dim = s->dim,
                                    .row_size = s->p + s->k,
                                    .threads = s->options->threads};
    status = gradus_i_objective_evaluate(&objective, at.theta, GRADUS_I_MATRIX, &at.value, err);
  }
  if (status <= 0 && !penalised && !s->options->firth)
    status = look_for_limit(&limit, fit, s, &at, err);
  if (status <= 0)
    take_sums(fit, s, at.value.loss);
  if (status <= 0 && limit.found.separated)
    status = gradus_i_class_limit_take(fit, &limit, &at, err);
  if (status <= 0 && fit->solver.converged)
    status = take_covariance(fit, s, &at, err);
  if (status <= 0 && penalised) { /* what the penalty leaves of the parameters counts */
    fit->likelihood_df = fit->effective_df;
    fit->df_residual = (double)s->k * fit->nobs - fit->effective_df;
  }
  gradus_i_class_limit_clear(&limit);
  gradus_source_free(at.source);
  gradus_i_release(at.theta);
  gradus_i_release(at.left_out);
  return status;
}

static gradus_status fill(gradus_fit *fit, const gradus_i_multinomial *s, gradus_error *err) {
  gradus_status status = gradus_i_fit_name(fit, err);
  if (status <= 0)
    status = gradus_i_fit_take_relations(fit, s->columns, err);
  if (status > 0)
    return status;
  take_estimates(fit, s);
  status = take_information(fit, s, err);
  if (status <= 0)
    status = gradus_i_fit_warn_rank(fit, s->options->collinear, err);
  if (status > 0)
    return status;
  gradus_i_fit_warn_condition(fit, s->columns->condition, err);
  return fit->warning_count ? fit->warnings[0].code : GRADUS_OK;
}

gradus_status gradus_i_multinomial_fill(gradus_fit **out, const gradus_i_multinomial *s,
                                        gradus_design **design, gradus_error *err) {
  gradus_status status = gradus_i_fit_new(out, "multinomial", s->p, s->k, s->q > s->p, false, err);
  if (status > 0)
    return status;
  status = gradus_i_fit_name_levels(*out, s->levels, s->classes, err);
  if (status <= 0 && design) {
    (*out)->design = *design;
    *design = NULL;
  }
  if (status <= 0)
    status = fill(*out, s, err);
  if (status > 0) {
    gradus_fit_free(*out);
    *out = NULL;
  }
  return status;
}
