// SPDX-License-Identifier: GPL-3.0-or-later
/* Generalised linear models: a family and a link, fitted by iteratively reweighted least squares.
 */
#include "glm.h"

#include <math.h>
#include <string.h>

/* ---- options ---- */

/* Of a family, which of its links; of no family, which family. */
static gradus_status fail_unknown(const gradus_i_family *family, const char *what, const char *name,
                                  gradus_error *err) {
  gradus_i_text list = {0};
  const char *known;
  for (size_t i = 0; (known = family ? family->links[i] : gradus_i_family_name(i)); i++)
    gradus_i_text_format(&list, "%s%s", i ? ", " : "", known);
  gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT, "there is no %s \"%s\"; there are: %s", what,
                name, list.data ? list.data : "");
  gradus_i_text_clear(&list);
  return GRADUS_ERROR_INVALID_ARGUMENT;
}

static gradus_status read_options(const gradus_fit_options *options, gradus_i_irls_options *irls,
                                  gradus_error *err) {
  const char *name = options->family ? options->family : "gaussian";
  irls->family = gradus_i_family_find(name);
  if (!irls->family)
    return fail_unknown(NULL, "family", name, err);
  const char *const *links = irls->family->links, *link = options->link ? options->link : links[0];
  for (size_t i = 0; links[i]; i++)
    if (strcmp(links[i], link) == 0)
      irls->link = gradus_i_link_find(link);
  if (!irls->link) {
    char what[64];
    snprintf(what, sizeof what, "link of the family %s called", irls->family->name);
    return fail_unknown(irls->family, what, link, err);
  }
  if (options->theta != 0 && !(irls->family->shape_information && options->theta > 0))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         irls->family->shape_information
                             ? "theta must be above 0, not %g; 0 has it estimated"
                             : "theta is %g, but the family %s has no theta",
                         options->theta, irls->family->name);
  irls->shape = options->theta;
  irls->no_intercept = options->no_intercept;
  irls->threads = options->threads;
  irls->max_iterations = options->max_iterations;
  irls->tolerance = options->tolerance;
  irls->l2 = options->l2;
  irls->l2_bias = options->l2_bias;
  return gradus_i_check_iteration(options, err);
}

/* ---- from the solution to the fit ---- */

/* Null deviance: of the model with the intercept (and the offset) alone, or with nothing. */
static gradus_status null_deviance(double *deviance, const gradus_source *source,
                                   const gradus_i_irls_options *options,
                                   const gradus_i_glm_sums *sums, gradus_error *err) {
  gradus_i_glm_sums at;
  gradus_status status;
  gradus_i_irls_options null = *options;
  null.intercept_only = true;
  double nothing = 0;
  bool no_spread = false; /* the intercept is infinite */
  if (sums->total == 0 || sums->total == sums->weight)
    no_spread = options->family->is_binomial;
  if (no_spread && !options->no_intercept) {
    *deviance = 0;
    return GRADUS_OK;
  }
  if (options->no_intercept) {
    status = gradus_i_glm_sums_at(&at, source, &null, &nothing, 0, err);
  } else if (!gradus_source_get_shape(source)->has_offset) {
    status = gradus_i_glm_sums_at(&at, source, options, NULL, sums->total / sums->weight, err);
  } else {
    gradus_i_irls *fit = NULL;
    status = gradus_i_irls_solve(&fit, source, &null, err);
    if (status <= 0)
      at = fit->sums;
    gradus_i_irls_free(fit);
  }
  if (status <= 0)
    *deviance = at.deviance;
  return status;
}

/* perfect: number of rows that the source gives weight 0 because they are fitted without error. */
static gradus_status residual_quantiles(gradus_fit *fit, const gradus_source *source,
                                        const gradus_i_irls_options *options,
                                        const double *estimate, size_t perfect, gradus_error *err) {
  size_t rows = gradus_source_get_shape(source)->rows;
  double *quantile = fit->responses[0].residual_quantile;
  for (size_t i = 0; i < 5; i++)
    quantile[i] = NAN;
  if (rows == 0)
    return GRADUS_OK;
  double *residuals = gradus_i_allocate_raw(rows, sizeof *residuals);
  if (!residuals)
    return gradus_i_out_of_memory(err);
  gradus_status status = gradus_i_glm_residuals(residuals, source, options, estimate, err);
  for (size_t i = 0; status <= 0 && perfect > 0 && i < rows; i++)
    if (isnan(residuals[i])) {
      residuals[i] = 0;
      perfect--;
    }
  if (status <= 0)
    gradus_i_quantiles(residuals, rows, quantile);
  gradus_i_release(residuals);
  return status;
}

static void take_estimates(gradus_fit *fit, const gradus_i_irls *irls) {
  const gradus_i_least_squares *s = irls->step;
  double *theta = gradus_params_values(fit->params);
  size_t first = fit->has_intercept ? 1 : 0;
  for (size_t j = 0; j < fit->q; j++)
    theta[j < first ? fit->p : j - first] = s->dropped[j] ? NAN : irls->estimate[j];
  memcpy(fit->column_scale, s->layout.scale, fit->q * sizeof(double));
  if (fit->root)
    gradus_i_transpose(fit->q, s->rank, s->root, fit->root);
  fit->rank = s->rank;
  fit->effective_df = gradus_i_effective_df(s);
  fit->responses[0].scale = 1;
  fit->solver = (gradus_solver_report){.name = irls->name,
                                       .method = irls->how,
                                       .stop = irls->stop,
                                       .converged = irls->converged,
                                       .iterations = irls->iterations,
                                       .certificate = irls->certificate,
                                       .condition = s->condition};
}

/* irls: the solution for the rows of `at`; sums: those of all rows of the source. */
static gradus_status take_sums(gradus_fit *fit, const gradus_i_irls *irls, const gradus_source *at,
                               const gradus_i_glm_sums *sums, const gradus_source *source,
                               const gradus_i_irls_options *options, gradus_error *err) {
  fit->family = options->family->name;
  fit->link = options->link->name;
  fit->dispersion_known = options->family->dispersion_known;
  fit->has_likelihood = options->family->has_likelihood;
  fit->rows = (size_t)sums->rows;
  fit->sum_log_weight = sums->total_weight_log;
  fit->nobs = options->frequency ? sums->weight : sums->rows;
  fit->df_residual = fit->nobs - fit->effective_df;
  fit->df_null = fit->nobs - (fit->has_intercept ? 1 : 0);
  fit->deviance = irls->sums.deviance;
  fit->dispersion = fit->dispersion_known ? 1 : irls->sums.pearson / fit->df_residual;
  if (!(fit->df_residual > 0) && !fit->dispersion_known)
    fit->dispersion = NAN;
  fit->likelihood_df = fit->effective_df + (fit->dispersion_known ? 0 : 1);
  bool by_rows = strcmp(fit->family, "gaussian") == 0 && !options->frequency;
  double scale = fit->dispersion_known ? 1 : sums->deviance / (by_rows ? sums->rows : sums->weight);
  fit->log_lik = NAN;
  gradus_status status = GRADUS_OK;
  if (fit->has_likelihood && scale == 0)
    fit->log_lik = HUGE_VAL; /* nothing is left to spread */
  else if (fit->has_likelihood)
    status = gradus_i_glm_log_likelihood(&fit->log_lik, at, options, irls->estimate, scale, err);
  if (status <= 0)
    status = null_deviance(&fit->null_deviance, source, options, sums, err);
  fit->null_log_lik = gradus_i_null_log_likelihood(fit, sums->weight);
  if (status <= 0)
    status = residual_quantiles(fit, at, options, irls->estimate,
                                (size_t)(sums->rows - irls->sums.rows), err);
  return status;
}

/* From the solution, or from the likelihood's limit where there is none. */
static gradus_status take_solution(gradus_fit *fit, const gradus_i_irls *irls,
                                   const gradus_source *source,
                                   const gradus_i_irls_options *irls_options,
                                   const gradus_fit_options *options, gradus_error *err) {
  gradus_i_at_infinity limit = {0};
  gradus_status status =
      gradus_i_look_for_separation(&limit, fit, irls, source, irls_options, options, err);
  const gradus_i_irls *at = limit.irls ? limit.irls : irls;
  const gradus_i_least_squares *columns = limit.start ? limit.start->step : irls->step;
  if (status <= 0)
    status = gradus_i_fit_take_relations(fit, columns, err);
  if (status <= 0 && at->step)
    take_estimates(fit, at);
  if (status <= 0 && options->firth)
    gradus_i_take_firth(fit, at);
  if (status <= 0 && limit.irls)
    status = gradus_i_take_limit(fit, &limit, &irls->sums, err);
  if (status <= 0)
    status = take_sums(fit, at, limit.rest ? limit.rest : source, &irls->sums, source, irls_options,
                       err);
  if (status <= 0)
    status = gradus_i_fit_warn_rank(fit, options->collinear, err);
  if (status <= 0 && at->step)
    gradus_i_fit_warn_condition(fit, at->step->condition, err);
  if (status <= 0 && (!at->converged || options->l2 > 0)) {
    gradus_i_release(fit->root);
    fit->root = NULL;
  }
  gradus_i_at_infinity_clear(&limit);
  return status;
}

static gradus_status make_fit(gradus_fit **out, const gradus_i_irls *irls,
                              const gradus_source *source, gradus_design **design,
                              const gradus_i_irls_options *irls_options,
                              const gradus_fit_options *options, gradus_error *err) {
  const gradus_i_layout *l = &irls->step->layout;
  gradus_status status = gradus_i_fit_new(out, "glm", l->p, 1, l->intercept, true, err);
  if (status > 0)
    return status;
  gradus_fit *fit = *out;
  if (design) {
    fit->design = *design;
    *design = NULL;
  }
  fit->weight_kind = gradus_source_get_shape(source)->weight_kind;
  fit->dropped_rows = gradus_source_dropped_rows(source);
  fit->l2 = options->l2;
  status = gradus_i_fit_name(fit, err);
  if (status <= 0)
    status = take_solution(fit, irls, source, irls_options, options, err);
  if (status <= 0 && fit->design && gradus_design_response_levels(fit->design) == 2 &&
      !(fit->modelled_level = gradus_i_string_copy(gradus_design_response_level(fit->design, 1))))
    status = gradus_i_out_of_memory(err);
  if (status <= 0)
    return fit->warning_count ? fit->warnings[0].code : GRADUS_OK;
  gradus_fit_free(fit);
  *out = NULL;
  return status;
}

static bool estimates_shape(const gradus_i_irls_options *irls, const gradus_fit_options *options) {
  return irls->family->shape_information && options->theta == 0;
}

/* An estimated shape counts as a parameter, as MASS's glm.nb has it. */
static gradus_status take_shape(gradus_fit *fit, const gradus_i_irls_options *irls,
                                double std_error, const gradus_fit_options *options,
                                gradus_error *err) {
  fit->theta = fit->solver.converged || options->theta > 0 ? irls->shape : NAN;
  fit->theta_std_error = std_error;
  if (!estimates_shape(irls, options))
    return fit->warning_count ? fit->warnings[0].code : GRADUS_OK;
  fit->likelihood_df += 1;
  if (isinf(fit->theta))
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_NOT_OVERDISPERSED,
                      "the counts are not more spread than Poisson ones: the likelihood grows as "
                      "theta does, and its limit is the poisson family, whose estimates these are");
  return fit->warning_count ? fit->warnings[0].code : GRADUS_OK;
}

/* With the shape of the family too where it is not given. */
static gradus_status solve(gradus_i_irls **irls, double *std_error, const gradus_source *rows,
                           gradus_i_irls_options *irls_options, const gradus_fit_options *options,
                           gradus_error *err) {
  if (!estimates_shape(irls_options, options))
    return gradus_i_glm_solve(irls, rows, irls_options, options, err);
  bool by_irls = gradus_i_solver_is_automatic(options) || strcmp(options->solver, "irls") == 0;
  if (!by_irls || options->l2 > 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "theta is estimated by irls alone and without a penalty; give theta for "
                         "other solvers");
  gradus_i_glm_watch watch;
  gradus_status status = gradus_i_glm_watch_begin(&watch, irls_options, rows, options, err);
  if (status <= 0)
    status = gradus_i_irls_solve_shape(irls, std_error, rows, irls_options, err);
  gradus_i_glm_watch_end(&watch);
  return status;
}

gradus_status gradus_i_glm_fit_source(gradus_fit **fit, const gradus_source *source,
                                      gradus_design **design, const gradus_fit_options *options,
                                      gradus_error *err) {
  gradus_i_irls_options irls_options = {0};
  gradus_i_irls *irls = NULL;
  gradus_source *grouped = NULL;
  double std_error = NAN;
  size_t responses = gradus_source_get_shape(source)->responses;
  gradus_status status = read_options(options, &irls_options, err);
  if (status <= 0 && responses == 2 && irls_options.family->is_binomial)
    status = gradus_i_group_trials(&grouped, source, err);
  else if (status <= 0 && responses != 1)
    status = gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "a generalised linear model has one response, not %zu; binomial ones "
                           "may be cbind(successes, failures)",
                           responses);
  const gradus_source *rows = grouped ? grouped : source;
  irls_options.frequency = gradus_source_get_shape(rows)->weight_kind == GRADUS_WEIGHT_FREQUENCY;
  if (status <= 0)
    status = solve(&irls, &std_error, rows, &irls_options, options, err);
  if (status <= 0)
    status = make_fit(fit, irls, rows, design, &irls_options, options, err);
  if (status <= 0 && irls_options.family->shape_information)
    status = take_shape(*fit, &irls_options, std_error, options, err);
  gradus_i_irls_free(irls);
  gradus_source_free(grouped);
  return status;
}

static gradus_status check_levels(const gradus_design *design, const gradus_fit_options *options,
                                  gradus_error *err) {
  size_t levels = gradus_design_response_levels(design);
  const gradus_i_family *family = gradus_i_family_find(options->family);
  if (levels == 0 || (family && family->is_binomial && levels == 2))
    return GRADUS_OK;
  if (family && family->is_binomial)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the response %s has %zu level%s; logistic regression needs two",
                         gradus_design_response_name(design, 0), levels, levels == 1 ? "" : "s");
  return gradus_i_fail(
      err, GRADUS_ERROR_BAD_RESPONSE, "the response %s is a factor: the family %s needs a number",
      gradus_design_response_name(design, 0), options->family ? options->family : "gaussian");
}

gradus_status gradus_glm_fit(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                             const gradus_fit_options *options, gradus_error *err) {
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  *fit = NULL;
  gradus_fit_options own = options ? *options : (gradus_fit_options){0};
  gradus_status status = gradus_i_fit_design(&design, formula, frame, &own, err);
  if (status <= 0)
    status = check_levels(design, &own, err);
  if (status <= 0)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (status <= 0) {
    own.no_intercept = !gradus_design_has_intercept(design);
    status = gradus_i_glm_fit_source(fit, source, &design, &own, err);
  }
  gradus_source_free(source);
  gradus_design_free(design);
  return status;
}

gradus_status gradus_glm_fit_matrix(gradus_fit **fit, const gsl_matrix *x, const gsl_vector *y,
                                    const gsl_vector *weights, const gsl_vector *offset,
                                    const gradus_fit_options *options, gradus_error *err) {
  gsl_matrix column = {
      .size1 = y->size, .size2 = 1, .tda = y->stride, .data = y->data, .block = NULL, .owner = 0};
  gradus_fit_options own = options ? *options : (gradus_fit_options){0};
  gradus_source *source = NULL;
  *fit = NULL;
  gradus_status status =
      gradus_source_from_matrix(&source, x, &column, weights, own.weight_kind, offset, err);
  if (status <= 0)
    status = gradus_i_glm_fit_source(fit, source, NULL, &own, err);
  gradus_source_free(source);
  return status;
}

gradus_status gradus_logistic_fit(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                  const gradus_fit_options *options, gradus_error *err) {
  gradus_fit_options own = options ? *options : (gradus_fit_options){0};
  if (!own.family)
    own.family = "binomial";
  return gradus_glm_fit(fit, formula, frame, &own, err);
}
