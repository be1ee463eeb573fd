// SPDX-License-Identifier: GPL-3.0-or-later
/* Multinomial models: the affine map with softmax and cross-entropy, brought to its solution by a
   solver of objectives; which columns are dropped, least squares says. */
#include "multinomial.h"
#include "iterate.h"

#include <math.h>
#include <string.h>

/* Parameters up to which Newton's method, whose matrix has their square, is the default. */
enum { NEWTON_MOST = 300 };

static void clear(gradus_i_multinomial *s) {
  gradus_i_least_squares_free(s->columns);
  gradus_i_release(s->theta);
}

/* ---- checks ---- */

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
  if (options->firth && !gradus_i_solver_is_automatic(options))
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "Firth's method is a solver of its own: it cannot be \"%s\" too",
                         options->solver);
  if (options->firth && options->l2 != 0)
    return gradus_i_fail(err, GRADUS_ERROR_UNSUPPORTED,
                         "Firth's method is a penalty already: it takes no other (l2) beside it");
  return gradus_i_check_iteration(options, err);
}

static gradus_status choose_solver(gradus_i_multinomial *s, gradus_error *err) {
  const char *name = s->options->solver;
  if (gradus_i_solver_is_automatic(s->options))
    s->solver = s->dim > NEWTON_MOST ? &gradus_i_lbfgs : &gradus_i_newton;
  else
    s->solver = gradus_i_solver_find(name);
  return s->solver ? GRADUS_OK
                   : gradus_i_fail(err, GRADUS_ERROR_INVALID_ARGUMENT,
                                   "a multinomial model has no solver \"%s\"; there are: auto, "
                                   "newton, levenberg-marquardt, lbfgs, gradient-descent",
                                   name);
}

static gradus_status check_classes(const gradus_i_multinomial *s, gradus_error *err) {
  char number[32];
  for (size_t c = 0; c < s->classes; c++)
    if (!(s->sums.weight[c] > 0))
      return gradus_i_fail(err, GRADUS_ERROR_BAD_RESPONSE,
                           "no row of positive weight is of the class \"%s\": its probability "
                           "would be 0 everywhere; leave the level out",
                           gradus_i_level_name(s, c, number, sizeof number));
  return GRADUS_OK;
}

/* ---- the solution ---- */

static gradus_status prepare(gradus_i_multinomial *s, gradus_error *err) {
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

static gradus_status read_columns(gradus_i_multinomial *s, gradus_error *err) {
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

static gradus_status iterate(gradus_i_multinomial *s, gradus_error *err) {
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
  if (s->options->firth)
    return gradus_i_multinomial_firth(s, err);
  gradus_status status = gradus_i_iterate(&iteration, s->theta, &s->report, err);
  s->report.condition = s->columns->condition;
  return status;
}

gradus_status gradus_i_multinomial_fit_source(gradus_fit **fit, const gradus_source *source,
                                              size_t classes, const char *const *levels,
                                              gradus_design **design,
                                              const gradus_fit_options *options,
                                              gradus_error *err) {
  gradus_i_thread_scope scope = gradus_i_threads_begin(options->threads);
  gradus_fit_options own = *options;
  own.threads = scope.threads;
  size_t p = gradus_source_get_shape(source)->columns;
  gradus_i_multinomial s = {.source = source,
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
    status = gradus_i_multinomial_fill(fit, &s, design, err);
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
    status = gradus_i_multinomial_fit_source(fit, source, classes, levels, &design, &own, err);
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
    status = gradus_i_multinomial_fit_source(fit, source, classes, NULL, NULL, &own, err);
  gradus_source_free(source);
  return status;
}
