// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial models: the affine map with softmax and cross-entropy, brought to its solution by a
   solver of objectives; which columns are dropped, least squares says. */
#include "multinomial.h"
#include "iterate.h"

#include <math.h>
#include <string.h>

/* Parameters up to which Newton's method, whose matrix has their square, is the default. */
enum { NEWTON_MOST = 300 };

typedef struct problem {
  const gradus_source *source;
  const gradus_fit_options *options; /* threads: how many to use */
  size_t classes, k, p, q, dim;
  const char *const *levels;       /* classes, or NULL: their numbers */
  gradus_i_least_squares *columns; /* rank, relations, scales, condition */
  gradus_i_class_sums sums;
  gradus_i_affine model;
  const gradus_i_solver *solver;
  double *theta;  /* dim, in the units of the data */
  double *bias;   /* k: of the model without inputs */
  double *shares; /* classes: of Σw */
  gradus_solver_report report;
} problem;

static void clear(problem *s) {
  gradus_i_least_squares_free(s->columns);
  gradus_i_release(s->theta);
}

/* ---- checks ---- */

static const char *level_name(const problem *s, size_t class, char *number, size_t size) {
  if (s->levels)
    return s->levels[class];
  gradus_i_snprintf(number, size, "%zu", class);
  return number;
}

static gradus_status check_source(const gradus_source *source, const gradus_fit_options *options,
                                  gradus_error *err) {
  const gradus_source_shape *shape = gradus_source_get_shape(source);
  if (shape->responses != 1)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "a multinomial model has one response, a factor, not %zu",
                         shape->responses);
  if (shape->has_offset)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "a multinomial model takes no offset: one number a row cannot say which "
                         "of the classes it is added to");
  if (shape->weight_kind == GRADUS_WEIGHT_ANALYTIC)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_WEIGHT,
                         "analytic weights divide a variance, and a class has none: declare "
                         "frequency weights, or prior ones (of cases)");
  return gradus_i_check_iteration(options, err);
}

static gradus_status choose_solver(problem *s, gradus_error *err) {
  const char *name = s->options->solver;
  bool automatic = !name || strcmp(name, "auto") == 0;
  if (automatic) {
    s->solver = s->dim > NEWTON_MOST ? gradus_i_solver_find("lbfgs") : NULL;
    s->solver = s->solver ? s->solver : &gradus_i_newton;
  } else {
    s->solver = gradus_i_solver_find(name);
  }
  return s->solver ? GRADUS_OK
                   : gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                                   "a multinomial model has no solver \"%s\"; there are: auto, "
                                   "newton, lbfgs, gradient-descent",
                                   name);
}

static gradus_status check_classes(const problem *s, gradus_error *err) {
  char number[32];
  for (size_t c = 0; c < s->classes; c++)
    if (!(s->sums.weight[c] > 0))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "no row of positive weight is of the class \"%s\": its probability "
                           "would be 0 everywhere; leave the level out",
                           level_name(s, c, number, sizeof number));
  return GRADUS_OK;
}

/* ---- the solution ---- */

static gradus_status prepare(problem *s, gradus_error *err) {
  size_t weights, doubles;
  if (!gradus_i_multiply(s->k, s->p, &weights) || weights > SIZE_MAX / 64 ||
      !gradus_i_multiply(s->k, s->q, &s->dim) || s->dim > SIZE_MAX / 64)
    return gradus_i_fail(err, GRADUS_ERROR_TOO_LARGE,
                         "%zu classes and %zu columns are too many parameters", s->classes, s->p);
  doubles = s->dim + s->k + 2 * s->classes;
  s->theta = gradus_i_allocate(doubles, sizeof *s->theta);
  if (!s->theta)
    return gradus_i_out_of_memory(err);
  s->bias = s->theta + s->dim;
  s->sums.weight = s->bias + s->k;
  s->shares = s->sums.weight + s->classes;
  s->model =
      (gradus_i_affine){.p = s->p, .k = s->k, .bias = s->q > s->p, .loss = &gradus_i_loss_softmax};
  return choose_solver(s, err);
}

static gradus_status read_columns(problem *s, gradus_error *err) {
  gradus_i_least_squares_options columns = {.no_intercept = s->q == s->p,
                                            .l2 = s->options->l2,
                                            .threads = s->options->threads,
                                            .rough = true};
  gradus_status status = gradus_i_least_squares_solve(&s->columns, s->source, &columns, err);
  if (status <= 0)
    status = gradus_i_class_sums_of(&s->sums, s->source, s->classes, s->options->threads, err);
  if (status <= 0)
    status = check_classes(s, err);
  for (size_t r = 0; status <= 0 && r < s->k; r++)
    s->bias[r] = log(s->sums.weight[r + 1] / s->sums.weight[0]);
  for (size_t c = 0; status <= 0 && c < s->classes; c++)
    s->shares[c] = s->sums.weight[c] / s->sums.total;
  return status;
}

static gradus_status iterate(problem *s, gradus_error *err) {
  gradus_i_iteration iteration = {.solver = s->solver,
                                  .source = s->source,
                                  .k = s->k,
                                  .intercept = s->q > s->p,
                                  .loss = &gradus_i_loss_softmax,
                                  .bias = s->bias,
                                  .dropped = s->columns->dropped,
                                  .shares = s->shares,
                                  .to_standstill = s->solver == &gradus_i_newton,
                                  .options = s->options};
  gradus_status status = gradus_i_iterate(&iteration, s->theta, &s->report, err);
  s->report.condition = s->columns->condition;
  return status;
}

/* ---- from the solution to the fit ---- */

static gradus_status name_levels(gradus_fit *fit, const problem *s, gradus_error *err) {
  char number[32];
  fit->levels = gradus_i_allocate(s->classes, sizeof *fit->levels);
  for (size_t c = 0; fit->levels && c < s->classes; c++) {
    const char *name = level_name(s, c, number, sizeof number);
    fit->levels[c] = gradus_i_string_copy(name);
    if (c > 0)
      fit->responses[c - 1].name = gradus_i_string_copy(name);
    if (!fit->levels[c] || (c > 0 && !fit->responses[c - 1].name))
      return gradus_i_out_of_memory(err);
  }
  return fit->levels ? GRADUS_OK : gradus_i_out_of_memory(err);
}

static void take_estimates(gradus_fit *fit, const problem *s) {
  double *theta = gradus_params_values(fit->params);
  size_t first = s->q - s->p;
  for (size_t r = 0; r < s->k; r++) {
    for (size_t j = 0; j < s->p; j++)
      theta[r * s->p + j] = fit->dropped[first + j] ? NAN : s->theta[r * s->p + j];
    if (first)
      theta[s->k * s->p + r] = fit->dropped[0] ? NAN : s->theta[s->k * s->p + r];
    gradus_i_response *response = &fit->responses[r];
    response->scale = 1;
    response->rss = response->tss = response->mss = NAN;
    for (size_t i = 0; i < 5; i++)
      response->residual_quantile[i] = NAN;
  }
  memcpy(fit->column_scale, s->columns->layout.scale, s->q * sizeof(double));
  fit->rank = s->columns->rank;
  fit->solver = s->report;
}

/* -2 log-likelihood of the classes' shares: what an intercept alone can do. */
static double null_deviance(const problem *s) {
  double sum = 0;
  if (s->q == s->p)
    return 2 * s->sums.total * log((double)s->classes);
  for (size_t c = 0; c < s->classes; c++)
    sum -= 2 * s->sums.weight[c] * log(s->sums.weight[c] / s->sums.total);
  return sum;
}

static void take_sums(gradus_fit *fit, const problem *s, double mean_loss) {
  double k = (double)s->k, parameters = k * (double)fit->rank;
  fit->family = "multinomial";
  fit->link = "logit";
  fit->dispersion_known = fit->has_likelihood = true;
  fit->dispersion = 1;
  fit->weight_kind = gradus_source_get_shape(s->source)->weight_kind;
  fit->dropped_rows = gradus_source_dropped_rows(s->source);
  fit->l2 = s->options->l2;
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

/* What is computed at the estimates, for standardised columns. */
typedef struct at_estimates {
  gradus_i_standard standard;
  gradus_source *source;
  double *theta, *penalty; /* dim */
  gradus_i_value value;
} at_estimates;

static gradus_status allocate(at_estimates *at, const problem *s, gradus_error *err) {
  size_t square;
  double *memory = NULL;
  if (gradus_i_multiply(s->dim, s->dim, &square) && square < SIZE_MAX / 64)
    memory = gradus_i_allocate(3 * s->dim + 2 * s->p + square, sizeof *memory);
  at->theta = memory;
  if (!memory)
    return gradus_i_out_of_memory(err);
  at->penalty = at->theta + s->dim;
  at->value.gradient = at->penalty + s->dim;
  at->standard.centre = at->value.gradient + s->dim;
  at->standard.factor = at->standard.centre + s->p;
  at->value.matrix = at->standard.factor + s->p;
  return GRADUS_OK;
}

static void set_standardised(at_estimates *at, const problem *s) {
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

/* Where the columns separate classes the iteration's large numbers mean nothing. It is looked for
   where the fit shows signs of it. */
static gradus_status check_separation(gradus_fit *fit, const problem *s, const at_estimates *at,
                                      gradus_error *err) {
  double extreme = 0;
  gradus_status status =
      gradus_i_class_extremes(&extreme, at->source, &s->model, at->theta, s->options->threads, err);
  if (status > 0 || (s->report.converged && extreme == 0))
    return status;
  return gradus_i_check_classes_separated(fit, at->source, &at->standard, err);
}

/* Loss and Fisher matrix of all rows, without the penalty, and what follows of them: sums,
   covariance. */
static gradus_status take_information(gradus_fit *fit, const problem *s, gradus_error *err) {
  at_estimates at = {0};
  bool definite, penalised = s->options->l2 > 0;
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
  if (status <= 0 && !penalised)
    status = check_separation(fit, s, &at, err);
  if (status <= 0) {
    take_sums(fit, s, at.value.loss);
    for (size_t i = 0; i < s->dim * s->dim; i++)
      at.value.matrix[i] *= s->sums.total;
  }
  if (status <= 0 && s->report.converged)
    status = gradus_i_fit_take_information(fit, at.value.matrix, penalised ? at.penalty : NULL,
                                           &at.standard, &definite, err);
  if (status <= 0 && penalised) { /* what the penalty leaves of the parameters counts */
    fit->likelihood_df = fit->effective_df;
    fit->df_residual = (double)s->k * fit->nobs - fit->effective_df;
  }
  gradus_source_free(at.source);
  gradus_i_release(at.theta);
  return status;
}

static gradus_status fill(gradus_fit *fit, const problem *s, gradus_error *err) {
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

static gradus_status make_fit(gradus_fit **out, const problem *s, gradus_design **design,
                              gradus_error *err) {
  gradus_status status = gradus_i_fit_new(out, "multinomial", s->p, s->k, s->q > s->p, false, err);
  if (status > 0)
    return status;
  status = name_levels(*out, s, err);
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

static gradus_status fit_source(gradus_fit **fit, const gradus_source *source, size_t classes,
                                const char *const *levels, gradus_design **design,
                                const gradus_fit_options *options, gradus_error *err) {
  gradus_i_thread_scope scope = gradus_i_threads_begin(options->threads);
  gradus_fit_options own = *options;
  own.threads = scope.threads;
  size_t p = gradus_source_get_shape(source)->columns;
  problem s = {.source = source,
               .options = &own,
               .classes = classes,
               .k = classes - 1,
               .p = p,
               .q = p + (options->no_intercept ? 0 : 1),
               .levels = levels};
  gradus_status status = check_source(source, &own, err);
  if (status <= 0)
    status = prepare(&s, err);
  if (status <= 0)
    status = read_columns(&s, err);
  if (status <= 0)
    status = iterate(&s, err);
  if (status <= 0)
    status = make_fit(fit, &s, design, err);
  clear(&s);
  gradus_i_threads_end(scope);
  return status;
}

/* ---- entries ---- */

static gradus_status check_levels(const gradus_design *design, gradus_error *err) {
  size_t levels = gradus_design_response_levels(design);
  if (levels >= 2)
    return GRADUS_OK;
  if (gradus_design_responses(design) != 1)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "a multinomial model has one response, a factor, not %zu",
                         gradus_design_responses(design));
  const char *name = gradus_design_response_name(design, 0);
  if (levels == 1)
    return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                         "the response %s has only the level \"%s\" in the rows used: there is "
                         "nothing to tell apart",
                         name, gradus_design_response_level(design, 0));
  return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                       "the response %s is a number, a multinomial model tells classes apart: "
                       "write factor(%s)",
                       name, name);
}

gradus_status gradus_multinomial_fit(gradus_fit **fit, const char *formula,
                                     const gradus_frame *frame, const gradus_fit_options *options,
                                     gradus_error *err) {
  gradus_design *design = NULL;
  gradus_source *source = NULL;
  const char **levels = NULL;
  size_t classes = 0;
  *fit = NULL;
  gradus_fit_options own = options ? *options : (gradus_fit_options){0};
  gradus_status status = gradus_i_fit_design(&design, formula, frame, &own, err);
  if (status <= 0)
    status = check_levels(design, err);
  if (status <= 0)
    status = gradus_source_from_frame(&source, design, frame, NULL, err);
  if (status <= 0) {
    classes = gradus_design_response_levels(design);
    levels = gradus_i_allocate(classes, sizeof *levels);
    status = levels ? GRADUS_OK : gradus_i_out_of_memory(err);
  }
  for (size_t c = 0; status <= 0 && c < classes; c++)
    levels[c] = gradus_design_response_level(design, c);
  if (status <= 0) {
    own.no_intercept = !gradus_design_has_intercept(design);
    status = fit_source(fit, source, classes, levels, &design, &own, err);
  }
  gradus_i_release(levels);
  gradus_source_free(source);
  gradus_design_free(design);
  return status;
}

/* K from the classes' numbers; there cannot be more than rows, or one would have none. */
static gradus_status count_classes(size_t *classes, const gsl_vector *y, gradus_error *err) {
  *classes = 0;
  for (size_t i = 0; i < y->size; i++) {
    double class = gsl_vector_get(y, i);
    if (!(class >= 0 && class < (double)y->size && class == floor(class)))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "row %zu: the response is %g; classes are whole numbers from 0, each "
                           "with a row",
                           i + 1, class);
    *classes = class >= (double)*classes ? (size_t) class + 1 : *classes;
  }
  if (*classes >= 2)
    return GRADUS_OK;
  return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                       "the response has %zu class%s: there is nothing to tell apart", *classes,
                       *classes == 1 ? "" : "es");
}

gradus_status gradus_multinomial_fit_matrix(gradus_fit **fit, const gsl_matrix *x,
                                            const gsl_vector *y, const gsl_vector *weights,
                                            const gradus_fit_options *options, gradus_error *err) {
  gsl_matrix column = {
      .size1 = y->size, .size2 = 1, .tda = y->stride, .data = y->data, .block = NULL, .owner = 0};
  gradus_fit_options own = options ? *options : (gradus_fit_options){0};
  gradus_source *source = NULL;
  size_t classes = 0;
  *fit = NULL;
  gradus_status status = count_classes(&classes, y, err);
  if (status <= 0)
    status = gradus_source_from_matrix(&source, x, &column, weights, own.weight_kind, NULL, err);
  if (status <= 0)
    status = fit_source(fit, source, classes, NULL, NULL, &own, err);
  gradus_source_free(source);
  return status;
}
