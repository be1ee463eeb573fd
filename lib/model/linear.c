// SPDX-License-Identifier: GPL-3.0-or-later
/* Linear regression: least squares in closed form, and what a fit keeps of it. */
#include "iterate.h"

#include <float.h>
#include <math.h>
#include <string.h>

static gradus_status read_options(const gradus_fit_options *options,
                                  gradus_i_least_squares_options *solver, gradus_error *err) {
  static const struct {
    const char *name;
    gradus_i_method method;
  } methods[] = {{"auto", GRADUS_I_METHOD_AUTO},
                 {"cholesky", GRADUS_I_METHOD_CHOLESKY},
                 {"qr", GRADUS_I_METHOD_QR},
                 {"svd", GRADUS_I_METHOD_SVD}};
  const char *name = options->solver ? options->solver : "auto";
  if (gradus_i_iterative_solver(options))
    name = "auto"; /* for what inference needs beside the estimates */
  *solver = (gradus_i_least_squares_options){.no_intercept = options->no_intercept,
                                             .l2 = options->l2,
                                             .ridge_intercept = options->l2_bias,
                                             .threads = options->threads};
  if (!(options->l2 >= 0) || isinf(options->l2))
    return gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                         "the penalty l2 must be finite and at least 0, not %g", options->l2);
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(name, methods[i].name) == 0) {
      solver->method = methods[i].method;
      return GRADUS_OK;
    }
  return gradus_i_fail(
      err, GRADUS_ERROR_INVALID_ARGUMENT,
      "there is no solver \"%s\" for a linear model; there are auto, cholesky, qr, "
      "svd, newton, levenberg-marquardt, lbfgs and gradient-descent",
      name);
}

/* ---- from the solution to the fit ---- */

static void take_coefficients(gradus_fit *fit, const gradus_i_least_squares *s) {
  double *theta = gradus_params_values(fit->params);
  size_t q = fit->q, first = fit->has_intercept ? 1 : 0;
  for (size_t r = 0; r < fit->k; r++)
    for (size_t j = 0; j < q; j++) {
      double value = gradus_i_extended_round(s->coefficients[r * q + j]) *
                     (s->layout.scale[j] / s->layout.scale[q + r]);
      if (s->dropped[j])
        value = NAN;
      else if (s->constant[r])
        value = j == 0 ? value : 0; /* exactly: what is left is rounding */
      theta[j < first ? fit->k * fit->p + r : r * fit->p + j - first] = value;
    }
}

static void take_sums(gradus_fit *fit, const gradus_i_least_squares *s) {
  for (size_t r = 0; r < fit->k; r++) {
    gradus_i_response *response = &fit->responses[r];
    response->scale = 1 / s->layout.scale[s->layout.q + r];
    response->rss = s->constant[r] ? 0 : s->rss[r];
    response->tss = s->constant[r] ? 0 : s->tss[r];
    response->mss = s->constant[r] ? 0 : s->mss[r];
    if (!s->residuals)
      for (size_t i = 0; i < 5; i++)
        response->residual_quantile[i] = NAN;
    else
      gradus_i_quantiles(s->residuals + r * s->residual_rows, s->residual_rows,
                         response->residual_quantile);
    for (size_t i = 0; i < 5; i++)
      response->residual_quantile[i] *= response->scale;
  }
}

static void take_inference(gradus_fit *fit, const gradus_i_least_squares *s) {
  size_t q = fit->q;
  fit->rank = s->rank;
  fit->rows = s->rows;
  fit->sum_log_weight = s->sum_log_weight;
  fit->nobs = fit->weight_kind == GRADUS_WEIGHT_FREQUENCY ? s->sum_weight : (double)s->rows;
  fit->effective_df = gradus_i_effective_df(s);
  memcpy(fit->column_scale, s->layout.scale, q * sizeof(double));
  if (fit->root)
    gradus_i_transpose(q, s->rank, s->root, fit->root);
  fit->df_residual = fit->nobs - fit->effective_df;
  fit->solver = (gradus_solver_report){.name = s->name,
                                       .method = s->how,
                                       .stop = gradus_i_solver_words[GRADUS_I_WORD_CLOSED_FORM],
                                       .converged = true,
                                       .iterations = s->iterations,
                                       .certificate = s->certificate,
                                       .condition = s->condition};
}

/* ---- warnings ---- */

static void warn_response(gradus_fit *fit, const gradus_i_least_squares *s, size_t r,
                          gradus_error *err) {
  const gradus_i_response *response = &fit->responses[r];
  const char *name = gradus_fit_response_name(fit, r);
  if (s->constant[r])
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_CONSTANT_RESPONSE,
                      "the response %s is constant: R² and F are 0/0, not a number", name);
  else if (fit->df_residual > 0 && fit->l2 == 0 &&
           response->rss / fit->df_residual <
               1e-30 * s->norm[fit->q + r] * s->norm[fit->q + r] / fit->nobs)
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_PERFECT_FIT,
                      "the fit of %s is essentially perfect: standard errors and tests rest on "
                      "rounding errors of the data",
                      name);
  double rss = response->rss * response->scale * response->scale;
  double tss = response->tss * response->scale * response->scale;
  if (isinf(rss) || isinf(tss) || (rss < DBL_MIN && response->rss > 0))
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_OVERFLOW,
                      "the residual sum of squares of %s is not representable in double "
                      "precision; R², F, sigma and standard errors are right",
                      name);
}

static gradus_status warn(gradus_fit *fit, const gradus_i_least_squares *s,
                          const gradus_fit_options *options, gradus_error *err) {
  gradus_status status = gradus_i_fit_warn_rank(fit, options->collinear, err);
  if (status > 0)
    return status;
  gradus_i_fit_warn_condition(fit, s->condition, err);
  for (size_t r = 0; r < fit->k; r++)
    warn_response(fit, s, r, err);
  if (fit->df_residual <= 0 && fit->l2 == 0 && fit->root)
    gradus_i_fit_warn(fit, err, GRADUS_WARNING_NO_RESIDUAL_DF,
                      "%zu parameters for %g observations: no residual degrees of freedom, so no "
                      "standard errors",
                      fit->rank, fit->nobs);
  return fit->warning_count ? fit->warnings[0].code : GRADUS_OK;
}

/* report: of the solver that found the estimates; NULL: closed form. */
static gradus_status make_fit(gradus_fit **out, const gradus_i_least_squares *s,
                              const gradus_solver_report *report, gradus_design **design,
                              const gradus_fit_options *options, gradus_error *err) {
  bool singular = s->options.method == GRADUS_I_METHOD_SVD && s->rank < s->layout.q;
  gradus_status status =
      gradus_i_fit_new(out, "linear", s->layout.p, s->layout.k, s->layout.intercept,
                       options->l2 == 0 && !singular && (!report || report->converged), err);
  if (status > 0)
    return status;
  gradus_fit *fit = *out;
  if (design) {
    fit->design = *design;
    *design = NULL;
  }
  fit->weight_kind = gradus_source_get_shape(s->source)->weight_kind;
  fit->dropped_rows = gradus_source_dropped_rows(s->source);
  fit->l2 = options->l2;
  status = gradus_i_fit_name(fit, err);
  if (status <= 0)
    status = gradus_i_fit_take_relations(fit, s, err);
  if (status <= 0) {
    take_coefficients(fit, s);
    take_inference(fit, s);
    if (report) {
      double condition = fit->solver.condition;
      fit->solver = *report;
      fit->solver.condition = condition;
    }
    take_sums(fit, s);
    status = warn(fit, s, options, err);
  }
  if (status > 0) {
    gradus_fit_free(fit);
    *out = NULL;
  }
  return status;
}

/* Estimates by a solver of objectives; what inference needs is formed at these estimates by the
   closed form's own passes. */
static gradus_status iterate(gradus_i_least_squares **solution, const gradus_source *source,
                             const gradus_fit_options *options,
                             const gradus_i_least_squares_options *closed,
                             gradus_solver_report *report, gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  size_t p = shape->columns, k = shape->responses, first = options->no_intercept ? 0 : 1;
  gradus_i_least_squares *rank = NULL;
  gradus_i_least_squares_options rough = *closed, given = *closed;
  rough.rough = true;
  double *theta = gradus_i_allocate(k * (p + 1), sizeof *theta);
  double *estimates = gradus_i_allocate(k * (p + first), sizeof *estimates);
  gradus_status status = theta && estimates ? GRADUS_OK : gradus_i_out_of_memory(err);
  if (status <= 0)
    status = gradus_i_least_squares_solve(&rank, source, &rough, err);
  if (status <= 0) {
    gradus_i_iteration problem = {.solver = gradus_i_iterative_solver(options),
                                  .source = source,
                                  .k = k,
                                  .intercept = first > 0,
                                  .loss = &gradus_i_loss_gaussian,
                                  .dropped = rank->dropped,
                                  .options = options};
    status = gradus_i_iterate(&problem, theta, report, err);
  }
  for (size_t r = 0; status <= 0 && r < k; r++) {
    if (first)
      estimates[r * (p + 1)] = theta[k * p + r];
    memcpy(estimates + r * (p + first) + first, theta + r * p, p * sizeof *theta);
  }
  given.given = estimates;
  if (status <= 0)
    status = gradus_i_least_squares_solve(solution, source, &given, err);
  gradus_i_least_squares_free(rank);
  gradus_i_release(theta);
  gradus_i_release(estimates);
  return status;
}

/* A closed form takes one step, and the caller may see it. Dropped columns have the weight 0. */
static gradus_status tell_progress(const gradus_fit *fit, const gradus_i_least_squares *s,
                                   const gradus_fit_options *options, gradus_error *err) {
  size_t size = gradus_params_size(fit->params);
  double loss = 0, *theta = gradus_i_allocate(size, sizeof *theta);
  if (!theta)
    return gradus_i_out_of_memory(err);
  const double *values = gradus_params_const_values(fit->params);
  size_t weights = fit->k * fit->p, penalised = options->l2_bias ? size : weights;
  for (size_t j = 0; j < size; j++) {
    theta[j] = isnan(values[j]) ? 0 : values[j];
    loss += j < penalised ? 0.5 * options->l2 * theta[j] * theta[j] : 0;
  }
  for (size_t r = 0; r < fit->k; r++) {
    const gradus_i_response *response = &fit->responses[r];
    loss += 0.5 * response->rss / s->sum_weight * response->scale * response->scale;
  }
  gradus_progress progress = {.solver = s->name,
                              .iteration = 1,
                              .loss = loss,
                              .gradient_norm = NAN,
                              .step = 1,
                              .certificate = s->certificate,
                              .theta = theta,
                              .size = size};
  options->progress(options->progress_context, &progress);
  gradus_i_release(theta);
  return GRADUS_OK;
}

/* Fits a source; the design, if any, goes over to the fit. */
static gradus_status fit_source(gradus_fit **fit, const gradus_source *source,
                                gradus_design **design, const gradus_fit_options *options,
                                gradus_error *err) {
  gradus_i_least_squares_options solver;
  gradus_i_least_squares *solution = NULL;
  gradus_solver_report report = {0};
  if (gradus_source_get_shape(source)->responses == 0)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the model has no response: write it before the ~ of the formula");
  gradus_status status = read_options(options, &solver, err);
  if (status <= 0 && gradus_i_iterative_solver(options))
    status = iterate(&solution, source, options, &solver, &report, err);
  else if (status <= 0)
    status = gradus_i_least_squares_solve(&solution, source, &solver, err);
  if (status <= 0)
    status = make_fit(fit, solution, report.name ? &report : NULL, design, options, err);
  if (status <= 0 && options->progress && !report.name &&
      tell_progress(*fit, solution, options, err) > 0) {
    gradus_fit_free(*fit);
    *fit = NULL;
    status = GRADUS_ERROR_OUT_OF_MEMORY;
  }
  gradus_i_least_squares_free(solution);
  return status;
}

gradus_status gradus_linear_fit_source(gradus_fit **fit, const gradus_source *source,
                                       const gradus_fit_options *options, gradus_error *err) {
  static const gradus_fit_options defaults;
  *fit = NULL;
  return fit_source(fit, source, NULL, options ? options : &defaults, err);
}

gradus_status gradus_linear_fit_matrix(gradus_fit **fit, const gsl_matrix *x, const gsl_matrix *y,
                                       const gsl_vector *weights, const gradus_fit_options *options,
                                       gradus_error *err) {
  static const gradus_fit_options defaults;
  gradus_source *source;
  *fit = NULL;
  if (!options)
    options = &defaults;
  gradus_status status =
      gradus_source_from_matrix(&source, x, y, weights, options->weight_kind, NULL, err);
  if (status <= 0)
    status = fit_source(fit, source, NULL, options, err);
  gradus_source_free(source);
  return status;
}

gradus_status gradus_linear_fit_vector(gradus_fit **fit, const gsl_matrix *x, const gsl_vector *y,
                                       const gsl_vector *weights, const gradus_fit_options *options,
                                       gradus_error *err) {
  /* A strided vector is a matrix of one column. */
  gsl_matrix column = {
      .size1 = y->size, .size2 = 1, .tda = y->stride, .data = y->data, .block = NULL, .owner = 0};
  return gradus_linear_fit_matrix(fit, x, &column, weights, options, err);
}

gradus_status gradus_linear_fit(gradus_fit **fit, const char *formula, const gradus_frame *frame,
                                const gradus_fit_options *options, gradus_error *err) {
  static const gradus_fit_options defaults;
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  *fit = NULL;
  gradus_fit_options own = options ? *options : defaults;
  gradus_status status = gradus_i_fit_design(&design, formula, frame, &own, err);
  if (status <= 0 && gradus_design_response_levels(design) > 0)
    status = gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "the response %s is a factor: linear regression needs a number; for "
                           "classes use logistic regression",
                           gradus_design_response_name(design, 0));
  if (status <= 0)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (status <= 0) {
    own.no_intercept = !gradus_design_has_intercept(design);
    status = fit_source(fit, source, &design, &own, err);
  }
  gradus_source_free(source);
  gradus_design_free(design);
  return status;
}
